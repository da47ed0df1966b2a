import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { products as seededProducts } from "../../samples/catalog/seed/products.js";
import type { Json } from "../service/support/bookshop.js";
import { Follower } from "../service/support/tracked.js";
import type { Client } from "../support/client.js";
import type { PostgresStore } from "../support/postgres.js";
import { startPostgres } from "../support/postgres.js";
import { Random } from "../support/random.js";
import type { Stored } from "./support/catalog-state.js";
import { get, readAll, readStored } from "./support/catalog-state.js";
import type { Company } from "./support/catalog-writer.js";
import { CatalogWriter } from "./support/catalog-writer.js";
import { isCutOff, ServerProcess } from "./support/process.js";
import { SharedCounter } from "./support/shared-counter.js";
import { checkContents, checkLinks, quiet, withStore } from "./support/stored.js";

const program = fileURLToPath(new URL("./catalog-server.ts", import.meta.url));

const seed = Number(process.env.ODATUM_LOAD_SEED ?? Date.now() % 2 ** 31);
/** For how long rounds of writing and killing are begun. */
const SECONDS = Number(process.env.ODATUM_LOAD_SECONDS ?? 10);
const CLIENTS = 50;
const COUNTERS = 3;
/** There are so many rounds in any case. */
const ROUNDS = 2;

/** What clients follow by delta links. */
const FOLLOWED = [
  "/Products?$select=ID,Name,Price,Quantity,Version",
  "/Products?$filter=Price%20gt%2050&$select=ID,Name,Price",
  "/Products?$expand=RelatedProducts($select=ID)&$select=ID,Version",
];

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const keyOf = (item: Json) => item.ID as string;

/** Clients that follow delta links from one process of the server to the next. */
class Followers {
  #client: Client | undefined;
  readonly #all = FOLLOWED.map((query) => ({
    query,
    follower: new Follower(
      {
        get: async (url, headers) => {
          const answer = await get(this.#client!, url, headers);
          expect(answer.status, answer.text).to.equal(200);
          return {
            ...answer,
            json: answer.json as Json,
            headers: answer.headers as Record<string, string>,
            streamed: false,
          };
        },
      },
      keyOf,
      () => `${this.#client!.origin}/`,
    ),
  }));

  /** Follows while others write, until the server is gone. */
  async run(client: Client): Promise<void> {
    try {
      for (;;) {
        await this.#follow(client);
        await wait(50);
      }
    } catch (error) {
      if (!isCutOff(error)) throw error;
    }
  }

  /** While nobody writes, they have what there is. */
  async check(client: Client): Promise<void> {
    await this.#follow(client);
    for (const { query, follower } of this.#all) {
      const fresh = await readAll(client, query);
      const sorted = (items: readonly Json[]) =>
        [...items].map(comparable).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
      expect(sorted([...follower.items.values()]), query).to.deep.equal(sorted(fresh));
    }
  }

  async #follow(client: Client): Promise<void> {
    this.#client = client;
    for (const { query, follower } of this.#all) {
      const size = { prefer: "maxpagesize=100" };
      if (follower.link === "") await follower.begin(query, size);
      else await follower.follow(size);
    }
  }
}

/** An item without what depends on the moment: the order of what is expanded, and the port in URLs. */
function comparable(item: Json): Json {
  const own = Object.entries(item).filter(([name]) => !name.includes("media") && name !== "@odata.context");
  return Object.fromEntries(
    own.map(([name, value]) => [
      name,
      Array.isArray(value) ? [...(value as Json[])].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)) : value,
    ]),
  );
}

/** Loads, kills and checks, again and again; gives a line that says how much it was. */
async function ordeal(url: string): Promise<string> {
  const random = new Random(seed);
  const company: Company = {
    counters: Array.from({ length: COUNTERS }, (_, index) => new SharedCounter(`Counter${index}`)),
    products: new Map(),
    leaving: new Set(),
  };
  const writers = Array.from(
    { length: CLIENTS },
    (_, index) => new CatalogWriter(`w${index}`, new Random(random.below(2 ** 31)), company),
  );
  const acknowledged = () => writers.reduce((total, writer) => total + writer.acknowledged, 0);
  const followers = new Followers();
  const until = Date.now() + SECONDS * 1_000;
  let kills = 0;
  for (let round = 0; ; round++) {
    // Some do not even come to their start; the first is planting then.
    if (round === 0 || random.chance(0.2)) {
      await ServerProcess.startAndKill(program, url, 500 + random.below(2_500));
      await quiet(url);
      kills++;
    }
    const running = await ServerProcess.start(program, url);
    try {
      const { client } = running;
      if (round === 0) await checkSeed(client);
      const stored = await readStored(client);
      for (const writer of writers) writer.check(stored);
      const known = writers.flatMap(({ ids }) => ids);
      expect(idsOf(stored), "nothing is there that nobody has made").to.have.members(known);
      for (const counter of company.counters) {
        await counter.prepare(client);
        await counter.check(client);
      }
      await followers.check(client);
      await withStore(url, async (run) => {
        await checkLinks(run, "ID");
        await checkContents(run);
      });
      if (round >= ROUNDS && Date.now() > until) break;
      const load = Promise.all([...writers.map((writer) => writer.run(client)), followers.run(client)]);
      const before = acknowledged();
      const enough = (async () => {
        await wait(300 + random.below(Math.min(SECONDS * 200, 5_000)));
        // A busy machine may have come to nothing in that time.
        while (!running.ended && acknowledged() < before + CLIENTS) await wait(10);
      })();
      try {
        await Promise.race([load, enough]);
      } finally {
        await running.kill();
      }
      await load;
      await quiet(url);
      kills++;
    } finally {
      await running.kill();
    }
  }
  const cutOff = writers.reduce((total, writer) => total + writer.cutOff, 0);
  const refused = company.counters.reduce((total, counter) => total + counter.refused, 0);
  return `seed ${seed}: ${acknowledged()} transactions acknowledged, ${cutOff} requests cut off, ${refused} changes too late, ${kills} kills`;
}

function idsOf({ products, categories, media }: Stored): string[] {
  return [...[...products.values()].map(({ id }) => id), ...categories.values(), ...media.values()];
}

/** A start that was killed has planted all or nothing. */
async function checkSeed(client: Client): Promise<void> {
  expect(await readAll(client, "/Products?$select=ID")).to.have.length(seededProducts.length);
  for (const set of ["Categories", "MediaItems", "ReadOnlyItems", "DecimalSamples"])
    expect(await readAll(client, `/${set}?$select=ID`), set).to.not.have.length(0);
}

describe(`fifty clients that write to a service that is killed again and again (seed ${seed})`, function () {
  this.timeout((2 * SECONDS + 120) * 1_000);
  const folder = mkdtempSync(join(tmpdir(), "odatum-load-"));
  let store: PostgresStore | undefined;
  const ordeals = new Map<string, Promise<string>>();
  before(async () => {
    store = await startPostgres();
    // Side by side: most of the time goes into starting.
    for (const url of [`better-sqlite3:${join(folder, "store.db")}`, store?.url ?? []].flat()) {
      const work = ordeal(url);
      work.catch(() => undefined);
      ordeals.set(url.slice(0, url.indexOf(":")), work);
    }
  });
  after(async () => {
    await Promise.allSettled(ordeals.values());
    await store?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const kind of ["better-sqlite3", "postgres"]) {
    it(`find all that was acknowledged, and nothing by halves (${kind})`, async function () {
      const work = ordeals.get(kind) ?? this.skip();
      console.log(`      ${await work}`);
    });
  }
});
