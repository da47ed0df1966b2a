import { expect } from "chai";
import fc from "fast-check";
import { startPostgres } from "../support/postgres.js";
import type { PostgresStore } from "../support/postgres.js";
import { fromMemory, isSame, normalised } from "./support/lab-compare.js";
import type { Sets } from "./support/lab-compare.js";
import { QueryGenerator } from "./support/lab-queries.js";
import { LabStore } from "./support/lab-service.js";
import { asObjects, world } from "./support/lab-world.js";
import type { World } from "./support/lab-world.js";

/**
 * The databases and the evaluation of plain objects are written apart from each other; here they answer the same generated
 * requests on the same generated data. More of them: ODATUM_AGREEMENT_RUNS=5000. The same again: ODATUM_AGREEMENT_SEED.
 */
const RUNS = Number(process.env.ODATUM_AGREEMENT_RUNS ?? 250);
const ITEMS = 20;
const FIXED_SEED = 20_240_229;
const RANDOM_SEED = Number(process.env.ODATUM_AGREEMENT_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A lab in a database, and the same data as objects. */
interface Laboratory {
  readonly world: World;
  readonly store: LabStore;
  readonly data: Sets;
}

async function furnish(url: string, seed: number): Promise<Laboratory> {
  const [content] = fc.sample(world(ITEMS), { seed, numRuns: 1 });
  const store = await LabStore.open(url);
  await store.fill(content!);
  return { world: content!, store, data: { ...asObjects(content!) } };
}

function agree(title: string, open: (context: Mocha.Context) => Promise<PostgresStore>): void {
  for (const [name, seed] of [
    ["a fixed seed", FIXED_SEED],
    [`the seed ${RANDOM_SEED}`, RANDOM_SEED],
  ] as const) {
    describe(`${title}, ${name}`, function () {
      this.timeout(60_000 + RUNS * 200);
      let database: PostgresStore | undefined;
      let laboratory: Laboratory | undefined;

      before(async function () {
        database = await open(this);
        laboratory = await furnish(database.url, seed);
      });

      after(async () => {
        await laboratory?.store.close();
        await database?.stop();
      });

      it("answers as memory does", async () => {
        const { world: content, store, data } = laboratory!;
        let answered = 0;
        const property = fc.asyncProperty(fc.gen(), async (draw) => {
          const url = new QueryGenerator(draw, content).request();
          const memory = fromMemory(url, data);
          const sql = await store.get(url);
          if (memory.status === 200) answered++;
          if (isSame(url, memory, sql)) return;
          throw new Error(
            `${url}\n  memory: ${memory.status} ${shown(memory.body)}\n  database: ${sql.status} ${shown(sql.body)}`,
          );
        });
        await fc.assert(property, { seed, numRuns: RUNS, endOnFailure: false, verbose: 0 });
        // What the binder refuses says nothing.
        expect(answered).to.be.greaterThan(RUNS * 0.8);
      });
    });
  }
}

function shown(body: string): string {
  return body.length > 2_000 ? `${body.slice(0, 2_000)}...` : body;
}

describe("agreement of the evaluators", () => {
  agree("SQLite", () => Promise.resolve({ url: "sqlite::memory:", stop: () => Promise.resolve() }));
  agree("PostgreSQL", async (context) => (await startPostgres()) ?? context.skip());

  describe("texts with NUL characters, which end a text in C", () => {
    const texts = ["a\0b", "a", "a\0", "\0", "", "a\0B", "b", "\0a", "ab", "a\0😀c"];
    const content: World = {
      owners: [{ name: "A", nick: "a\0b", motto: "\0" }],
      items: texts.map((text, index) => ({
        payload: {
          ...{ id: index + 1, "@odata.type": "#Lab.Item", title: text, notes: text, cString: text, dString: text },
          ...{
            cStrings: [text, "x"],
            dStrings: [text],
            cPlace: { city: text, spot: { name: text } },
            dPlace: { city: text },
          },
        },
        ...{ owner: null, friend: null, related: [], makers: undefined, parts: [] },
      })),
    };
    let store: LabStore;

    before(async () => {
      store = await LabStore.open("sqlite::memory:");
      await store.fill(content);
    });
    after(() => store.close());

    for (const path of ["cString", "dString", "cPlace/city", "dPlace/city", "cPlace/spot/name"]) {
      it(`are read from ${path} as memory reads them`, async () => {
        for (const options of [
          `$orderby=${path}&$select=id`,
          `$filter=${path} eq 'a'`,
          `$filter=${path} gt 'a' and ${path} le 'ab'`,
          `$filter=${path} in ('a','ab')`,
          `$filter=contains(${path},'b') or endswith(${path},'c')`,
          `$filter=startswith(${path},'a') and not endswith(${path},'a')`,
          `$filter=length(${path}) eq 3`,
          `$filter=matchesPattern(${path},'b')`,
          `$filter=tolower(${path}) eq tolower(dString)`,
          `$filter=contains(${path},dString) and indexof(${path},dString) eq 0`,
          `$compute=length(${path}) as n,substring(${path},1) as s,substring(${path},1,1) as t,indexof(${path},'b') as i`,
          `$compute=toupper(${path}) as u,concat(${path},'z') as c,trim(${path}) as r,cast(${path},'Edm.Int32') as x`,
          `$apply=groupby((${path}),aggregate($count as n))`,
          `$apply=aggregate(${path} with min as a,${path} with max as b,${path} with countdistinct as c)`,
          `$filter=cStrings/any(x:x eq ${path}) and dStrings eq [${path}]`,
          `$filter=hassubset(cStrings,dStrings)&$select=id,cStrings($filter=$this gt 'a'),${path}`,
          `$filter=cPlace eq dPlace or ${path} eq title`,
        ]) {
          const url = `Items?${options}`;
          const memory = fromMemory(url, { ...asObjects(content) });
          const sql = await store.get(url);
          expect(sql.status, url).to.equal(200);
          expect(normalised(url, sql.body), url).to.equal(normalised(url, memory.body));
        }
      });
    }
  });
});
