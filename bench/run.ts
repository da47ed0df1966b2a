import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureGrowth } from "./growth.js";
import { measure } from "./measure.js";
import type { Measurement } from "./measure.js";
import { readOptions } from "./options.js";
import { document, growthText, shareText, startupText, table } from "./report.js";
import type { Result } from "./report.js";
import { checkSame, checkSameValues } from "./same.js";
import { seed } from "./seed.js";
import { ServerProcess } from "./server-process.js";
import { measureShare } from "./share.js";
import { measureStartup } from "./startup.js";
import type { ServerName, Work, WorkRequest } from "./work.js";
import { sharedReads, works } from "./work.js";

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
  const names = [...all.map(({ name }) => name), "startup", "growth"];
  for (const name of options.only)
    if (!names.includes(name)) throw new RangeError(`There is no '${name}'; there are ${names.join(", ")}.`);

  // As it is now: what the rows write is not to be multiplied.
  const template = join(folder, "template.db");
  if (wanted("growth")) copyFileSync(file, template);
  const startup = wanted("startup") ? await measureStartup(file, seeded) : undefined;
  const chosen = all.filter(({ name }) => wanted(name));
  if (chosen.length > 0) await startServers(file);
  const results: Result[] = [];
  const share = wanted("batch") ? await measureShare(servers.get("odatum")!, sharedReads(seeded), options) : undefined;
  for (const work of chosen) results.push(await run(work));
  await stopServers();
  // Last, for it needs the memory.
  const growth = wanted("growth") ? await measureGrowth(folder, template, options) : undefined;

  if (results.length > 0) process.stdout.write(`\n${table(results)}\n`);
  if (share !== undefined) process.stdout.write(`\n${shareText(share)}\n`);
  if (growth !== undefined) process.stdout.write(`\n${growthText(growth)}\n`);
  if (startup !== undefined) process.stdout.write(`\n${startupText(startup)}\n`);
  if (options.write)
    writeFileSync(join(build, "../docs/performance.md"), document({ results, share, growth, startup }, options));
} finally {
  await stopServers();
  rmSync(folder, { recursive: true, force: true });
}

async function startServers(file: string): Promise<void> {
  servers.set("floor", await ServerProcess.start("floor", [file]));
  servers.set("odatum", await ServerProcess.start("odatum", [file, "none"]));
  servers.set("odatum with token", await ServerProcess.start("odatum", [file, "token"]));
  servers.set("odata-v4-server", await ServerProcess.start("odata-v4-server", [file]));
}

async function stopServers(): Promise<void> {
  const running = [...servers.values()];
  servers.clear();
  await Promise.all(running.map((server) => server.stop()));
}

/** Lets the servers take turns, so that whatever else the machine does meets them all. */
async function run(work: Work): Promise<Result> {
  const { requests } = work;
  const reference = servers.get("odatum")!;
  await checkSame(reference, servers.get("floor")!, requests);
  await checkSame(reference, servers.get("odatum with token")!, requests);
  const peer = servers.get("odata-v4-server")!;
  const hasPeer = requests[0]!.peerPath !== undefined;
  if (hasPeer) await checkSameValues(reference, peer, requests);
  const taking = [...servers].filter(([, server]) => server !== peer || hasPeer);
  const rounds = new Map<ServerName, Measurement[]>();
  for (const [name, server] of taking) {
    rounds.set(name, []);
    await measure(server, requests, pathFor(name), { ...options, seconds: WARM_UP });
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, server] of taking) {
      const measurement = await measure(server, requests, pathFor(name), options);
      rounds.get(name)!.push(measurement);
      process.stderr.write(
        `${work.title} ${String(round + 1)}/${String(options.rounds)} ${name}: ${measurement.perSecond.toFixed(0)}/s\n`,
      );
    }
  }
  return { work, rounds };
}

function pathFor(name: ServerName): (request: WorkRequest) => string {
  return name === "odata-v4-server" ? (request) => request.peerPath! : (request) => request.path;
}
