import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { Answer, Client } from "../support/client.js";
import { drivers } from "../support/graph-server.js";
import { Random } from "../support/random.js";
import { isCutOff, ServerProcess } from "./support/process.js";
import { checkLinks, withStore } from "./support/stored.js";

const program = fileURLToPath(new URL("./server.ts", import.meta.url));

const configurations = "/deviceManagement/deviceConfigurations";
const seed = Number(process.env.KILL_SEED ?? Date.now() % 2 ** 31);
const ROUNDS = 3;
const CLIENTS = 6;

/** A configuration as it should be; `undefined` where it should not be there. */
interface State {
  readonly name: string;
  readonly version: number;
  readonly root: string | undefined;
  readonly assignments: readonly string[];
}

/** What is known of one configuration. */
interface Entry {
  id: string | undefined;
  /** Unique, given at creation and never changed: finds one whose creation was not acknowledged. */
  readonly mark: string;
  /** One where all is acknowledged; two where the last request was cut off. */
  states: readonly (State | undefined)[];
}

/** One client that writes, one request after the other, and notes what was acknowledged. */
class Writer {
  readonly #name: string;
  readonly #random: Random;
  readonly entries: Entry[] = [];
  acknowledged = 0;
  #root: string | undefined;
  #count = 0;

  constructor(name: string, random: Random) {
    this.#name = name;
    this.#random = random;
  }

  /** Writes until the server is gone. */
  async run(client: Client): Promise<void> {
    try {
      this.#root ??= await this.#makeRoot(client);
      for (;;) await this.#step(client);
    } catch (error) {
      if (!isCutOff(error)) throw error;
    }
  }

  async #makeRoot(client: Client): Promise<string> {
    const answer = await client.post(configurations, {
      "@odata.type": "#microsoft.graph.iosTrustedRootCertificate",
      displayName: `${this.#name} root`,
      trustedRootCertificate: "AQID",
    });
    expect(answer.status, answer.text).to.equal(201);
    return answer.json.id as string;
  }

  async #step(client: Client): Promise<void> {
    const mine = this.entries.filter(({ states }) => states[0] !== undefined);
    const choice = this.#random.next();
    const entry = mine.length === 0 ? undefined : this.#random.pick(mine);
    if (entry === undefined || choice < 0.3) return this.#create(client);
    const state = entry.states[0]!;
    const path = `${configurations}/${entry.id!}`;
    const next = `${this.#name}-${++this.#count}`;
    if (choice < 0.55) {
      const after = { ...state, assignments: [...state.assignments, next].sort() };
      return this.#attempt(entry, after, 201, () =>
        client.post(`${path}/assignments`, {
          sourceId: next,
          target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" },
        }),
      );
    }
    if (choice < 0.75) {
      return this.#attempt(entry, { ...state, name: next, version: state.version + 1 }, 200, () =>
        client.patch(path, { displayName: next }),
      );
    }
    if (choice < 0.9) {
      const after = { ...state, version: state.version + 1, root: state.root === undefined ? this.#root : undefined };
      return this.#attempt(entry, after, 204, () =>
        state.root === undefined
          ? client.put(`${path}/rootCertificate/$ref`, {
              "@odata.id": `deviceManagement/deviceConfigurations('${this.#root!}')`,
            })
          : client.delete(`${path}/rootCertificate/$ref`),
      );
    }
    return this.#attempt(entry, undefined, 204, () => client.delete(path));
  }

  async #create(client: Client): Promise<void> {
    const mark = `${this.#name}+${++this.#count}`;
    const entry: Entry = { id: undefined, mark, states: [undefined] };
    this.entries.push(entry);
    await this.#attempt(entry, { name: mark, version: 1, root: this.#root, assignments: [] }, 201, async () => {
      const answer = await client.post(configurations, {
        "@odata.type": "#microsoft.graph.iosScepCertificateProfile",
        displayName: mark,
        description: mark,
        extendedKeyUsages: [{ name: mark, objectIdentifier: "1.2.3" }],
        "rootCertificate@odata.bind": `deviceManagement/deviceConfigurations('${this.#root!}')`,
      });
      entry.id = answer.json.id as string;
      return answer;
    });
  }

  /** Until the answer is there, either may be: what was, and what is to be. */
  async #attempt(entry: Entry, after: State | undefined, status: number, call: () => Promise<Answer>): Promise<void> {
    const [before] = entry.states;
    entry.states = [before, after];
    const answer = await call();
    expect(answer.status, answer.text).to.equal(status);
    entry.states = [after];
    this.acknowledged++;
  }

  /** Compares everything with what is stored. */
  async check(client: Client): Promise<void> {
    for (const entry of this.entries) {
      const actual = await this.#read(entry, client);
      const wanted = entry.states.map((state) => JSON.stringify(state));
      expect(JSON.stringify(actual), `${entry.mark}: one of ${wanted.join(" or ")}`).to.be.oneOf(wanted);
      entry.states = [actual];
    }
  }

  async #read(entry: Entry, client: Client): Promise<State | undefined> {
    if (entry.id === undefined) {
      const found = (
        await client.get(`${configurations}?$select=id&$filter=${encodeURIComponent(`description eq '${entry.mark}'`)}`)
      ).json.value;
      expect(found.length, entry.mark).to.be.at.most(1);
      entry.id = found[0]?.id;
      if (entry.id === undefined) return undefined;
    }
    const answer = await client.get(`${configurations}/${entry.id}?$expand=assignments`);
    if (answer.status === 404) return undefined;
    expect(answer.status, answer.text).to.equal(200);
    const { displayName, description, version, extendedKeyUsages, assignments } = answer.json;
    expect(description).to.equal(entry.mark);
    expect(extendedKeyUsages).to.deep.equal([{ name: entry.mark, objectIdentifier: "1.2.3" }]);
    const root = await client.get(`${configurations}/${entry.id}/rootCertificate`);
    expect(root.status, root.text).to.be.oneOf([200, 204]);
    return {
      name: displayName,
      version,
      root: root.status === 200 ? root.json.id : undefined,
      assignments: assignments.map(({ sourceId }: { sourceId: string }) => sourceId).sort(),
    };
  }
}

/** What no crash may leave behind. */
function checkFile(url: string): Promise<void> {
  return withStore(url, async (run) => {
    const orphans = "select id from device_configuration_assignment where device_configuration_id is null";
    expect(await run(orphans)).to.deep.equal([]);
    await checkLinks(run, "id");
  });
}

/** Loads, kills and checks, again and again; gives a line that says how much it was. */
async function ordeal(url: string): Promise<string> {
  const random = new Random(seed);
  const writers = Array.from(
    { length: CLIENTS },
    (_, index) => new Writer(`w${index}`, new Random(random.below(2 ** 31))),
  );
  const acknowledged = () => writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  const cutOff: number[] = [];
  for (let round = 0; ; round++) {
    const running = await ServerProcess.start(program, url, "/beta");
    try {
      const { client } = running;
      for (const writer of writers) await writer.check(client);
      await checkFile(url);
      const total = Number((await client.get(`${configurations}/$count`)).text);
      const all = await client.get(`${configurations}?$expand=assignments`, {
        headers: { accept: "application/json;odata.metadata=full" },
      });
      expect(all.json.value, "every row can be read").to.have.length(total);
      if (round === ROUNDS) break;
      const load = Promise.all(writers.map((writer) => writer.run(client)));
      // Not a time: a busy machine would come to nothing in it.
      const enough = acknowledged() + 8 + random.below(60);
      const busy = setInterval(() => void (acknowledged() >= enough && running.kill()), 5);
      await load.finally(() => clearInterval(busy));
      await running.kill();
      cutOff.push(writers.flatMap(({ entries }) => entries.filter(({ states }) => states.length > 1)).length);
    } finally {
      await running.kill();
    }
  }
  return `seed ${seed}: ${acknowledged()} writes acknowledged, ${cutOff.join(" + ")} cut off`;
}

describe("a service that is killed under load", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "odatum-kill-"));
  const ordeals = new Map<string, Promise<string>>();
  before(() => {
    // Side by side: most of the time goes into starting.
    for (const driver of drivers) {
      const file = join(folder, `${driver}.db`);
      const work = ordeal(`${driver}:${file}`);
      work.catch(() => undefined);
      ordeals.set(driver, work);
    }
  });
  after(async () => {
    await Promise.allSettled(ordeals.values());
    rmSync(folder, { recursive: true, force: true });
  });

  for (const driver of drivers) {
    it(`keeps all that it acknowledged, and nothing by halves (${driver}, seed ${seed})`, async () => {
      console.log(`      ${await ordeals.get(driver)!}`);
    });
  }
});
