import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure } from "./measure.js";
import type { Measurement } from "./measure.js";
import { readOptions } from "./options.js";
import { document, startupText, table } from "./report.js";
import type { Result } from "./report.js";
import { checkSame, checkSameValues } from "./same.js";
import { seed } from "./seed.js";
import { ServerProcess } from "./server-process.js";
import { measureStartup } from "./startup.js";
import type { ServerName, Work, WorkRequest } from "./work.js";
import { works } from "./work.js";

/** Seconds of requests before the first measurement of a server: V8 compiles what is hot, SQLite fills its caches. */
const WARM_UP = 3;

const options = readOptions();
const build = fileURLToPath(new URL("..", import.meta.url));
mkdirSync(build, { recursive: true });
// Beside the build and not in the system's temporary folder, which may be memory: there nothing would be durable.
const folder = mkdtempSync(join(build, "bench-data-"));
const servers = new Map<ServerName, ServerProcess>();
try {
  const file = join(folder, "store.db");
  process.stderr.write("Filling a database ...\n");
  const seeded = await seed(file);
  const wanted = (name: string): boolean => options.only.length === 0 || options.only.includes(name);
  const all = works(seeded);
  const names = [...all.map(({ name }) => name), "startup"];
  for (const name of options.only)
    if (!names.includes(name)) throw new RangeError(`There is no '${name}'; there are ${names.join(", ")}.`);

  const startup = wanted("startup") ? await measureStartup(file, seeded) : undefined;
  servers.set("floor", await ServerProcess.start("floor", [file]));
  servers.set("odatum", await ServerProcess.start("odatum", [file, "none"]));
  servers.set("odatum with token", await ServerProcess.start("odatum", [file, "token"]));
  servers.set("odata-v4-server", await ServerProcess.start("odata-v4-server", [file]));
  const results: Result[] = [];
  for (const work of all.filter(({ name }) => wanted(name))) results.push(await run(work));

  if (results.length > 0) process.stdout.write(`\n${table(results)}\n`);
  if (startup !== undefined) process.stdout.write(`\n${startupText(startup)}\n`);
  if (options.write) writeFileSync(join(build, "../docs/performance.md"), document(results, startup, options));
} finally {
  await Promise.all([...servers.values()].map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
}

/** Lets the servers take turns, so that whatever else the machine does meets them all. */
async function run(work: Work): Promise<Result> {
  const { requests } = work;
  const reference = servers.get("odatum")!;
  await checkSame(reference, servers.get("floor")!, requests);
  await checkSame(reference, servers.get("odatum with token")!, requests);
  await checkSameValues(reference, servers.get("odata-v4-server")!, requests);
  const rounds = new Map<ServerName, Measurement[]>();
  for (const [name, server] of servers) {
    rounds.set(name, []);
    await measure(server, requests, pathFor(name), { ...options, seconds: WARM_UP });
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, server] of servers) {
      const measurement = await measure(server, requests, pathFor(name), options);
      rounds.get(name)!.push(measurement);
      process.stderr.write(
        `${work.name} ${String(round + 1)}/${String(options.rounds)} ${name}: ${measurement.perSecond.toFixed(0)}/s\n`,
      );
    }
  }
  return { work, rounds };
}

function pathFor(name: ServerName): (request: WorkRequest) => string {
  return name === "odata-v4-server" ? (request) => request.peerPath! : (request) => request.path;
}
