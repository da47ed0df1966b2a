import fc from "fast-check";
import { printOptions } from "../../src/syntax/index.js";
import { storeKinds } from "../support/stores.js";
import { anyOptions } from "../syntax/trees.js";
import { sendable } from "./fuzz/mutation.js";
import { FACTOR, Random, seedsOfRun } from "./fuzz/random.js";
import { RequestMaker } from "./fuzz/requests.js";
import type { FuzzServer } from "./fuzz/servers.js";
import { startDevices, startFoundLab, startLab } from "./fuzz/servers.js";
import { Thrower } from "./fuzz/thrower.js";

/** How many requests each seed makes; `FUZZ_FACTOR` multiplies it. */
const REQUESTS = 400;
const files = storeKinds.filter(({ inMemory }) => !inMemory);
const services = [
  ...files.map((kind) => ["device configurations", startDevices, kind] as const),
  ...files.map((kind) => ["a model with everything", startLab, kind] as const),
  ["a model with everything, found by controllers", startFoundLab, storeKinds.find(({ inMemory }) => inMemory)!],
] as const;

describe("requests that a grammar, a model and chance make", () => {
  for (const [name, start, kind] of services) {
    describe(`${name} (${kind.name})`, () => {
      let server: FuzzServer;
      let remove: () => Promise<void>;
      before(async function () {
        this.timeout(60_000);
        const store = await kind.create();
        if (store === undefined) return this.skip();
        remove = () => store.remove();
        server = await start(store.url);
      });
      after(async () => {
        await server?.close();
        await remove?.();
      });

      for (const seed of seedsOfRun()) {
        it(`never end in a failure of the service (seed ${seed})`, async function () {
          this.timeout(120_000 * FACTOR);
          const random = new Random(seed);
          const maker = new RequestMaker(server.service.model, random, server.keys, 0.02);
          await new Thrower(server, random, maker).throwAll(REQUESTS * FACTOR, 0.15);
        });

        it(`nor do those that know the grammar and no model (seed ${seed})`, async function () {
          this.timeout(60_000 * FACTOR);
          const random = new Random(seed);
          const maker = new RequestMaker(server.service.model, random, server.keys, 0.02);
          const thrower = new Thrower(server, random, maker);
          const sets = [...server.service.model.container.entitySets.keys()];
          for (const options of fc.sample(anyOptions, { seed, numRuns: (REQUESTS / 8) * FACTOR })) {
            const path = sendable(`/${random.pick(sets)}?${printOptions(options)}`);
            if (path.length < 8_000) await thrower.send({ method: "GET", path, headers: {} });
          }
        });
      }
    });
  }
});
