import { rmSync } from "node:fs";
import { join } from "node:path";
import { request } from "node:http";
import BetterSqlite3 from "better-sqlite3";
import type { Measurement } from "./measure.js";
import { measure } from "./measure.js";
import type { Options } from "./options.js";
import { generator } from "./seed.js";
import { HOST, ServerProcess } from "./server-process.js";
import type { WorkRequest } from "./work.js";

/** The sizes of the store between which the growth is looked at, in device configurations. */
export const SIZES = [1_000, 1_000_000] as const;
const REQUESTS = 500;
const PAGE = 100;
const COLLECTION = "/beta/deviceManagement/deviceConfigurations";

/** A kind of request, on a store of each size. */
export interface Growth {
  readonly title: string;
  /** By size, one a round. */
  readonly rounds: ReadonlyMap<number, readonly Measurement[]>;
}

/** What it took to send a whole store as one answer. */
export interface Streamed {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Resident memory before, and the most that was seen while it lasted, in bytes. */
  readonly before: number;
  readonly peak: number;
}

export interface Grown {
  readonly growths: readonly Growth[];
  readonly streamed: Streamed;
}

/**
 * Measures the same requests on a small store and on a large one.
 *
 * @param template a store that the service wrote, whose rows are copied
 */
export async function measureGrowth(folder: string, template: string, options: Options): Promise<Grown> {
  const stores: { readonly size: number; readonly server: ServerProcess; readonly ids: readonly string[] }[] = [];
  const files: string[] = [];
  try {
    for (const size of SIZES) {
      const file = join(folder, `rows-${String(size)}.db`);
      files.push(file);
      process.stderr.write(`Filling a store with ${size.toLocaleString("en")} rows ...\n`);
      const ids = grow(template, file, size);
      stores.push({ size, ids, server: await ServerProcess.start("odatum", [file, "none", "unpaged"]) });
    }
    const kinds = [
      { title: "read one entity by key", requests: byKey },
      { title: `the next page of ${String(PAGE)}, from the middle on`, requests: nextPages },
      { title: "`/$count` of all", requests: counts },
      { title: "`displayName eq ...`, indexed", requests: names },
    ];
    const growths: Growth[] = [];
    for (const { title, requests } of kinds) {
      const rounds = new Map<number, Measurement[]>();
      const prepared = new Map<number, WorkRequest[]>();
      for (const store of stores) {
        rounds.set(store.size, []);
        prepared.set(store.size, await requests(store.server, store.ids));
        await measure(store.server, prepared.get(store.size)!, pathOf, { ...options, seconds: 2 });
      }
      for (let round = 0; round < options.rounds; round++) {
        for (const { size, server } of stores) {
          const measurement = await measure(server, prepared.get(size)!, pathOf, options);
          rounds.get(size)!.push(measurement);
          process.stderr.write(`${title}, ${String(size)} rows: ${measurement.perSecond.toFixed(0)}/s\n`);
        }
      }
      growths.push({ title, rounds });
    }
    const { size, server } = stores.at(-1)!;
    return { growths, streamed: await stream(server, size) };
  } finally {
    await Promise.all(stores.map(({ server }) => server.stop()));
    for (const file of files) for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
  }
}

const pathOf = ({ path }: WorkRequest): string => path;

/** Copies a store and repeats its device configurations, each time with other keys and names, until there are enough. */
function grow(template: string, file: string, size: number): string[] {
  const source = new BetterSqlite3(template, { readonly: true });
  source.exec(`vacuum into '${file.replaceAll("'", "''")}'`);
  source.close();
  const database = new BetterSqlite3(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = OFF");
  const count = () => database.prepare("select count(*) from device_configuration").pluck(true).get() as number;
  const columns = (
    database.prepare("select name from pragma_table_info('device_configuration')").pluck(true).all() as string[]
  ).map((name) => `"${name}"`);
  // Any unique text does for a key; names follow the key, so that each is there once.
  const values = columns.map((name) =>
    name === '"id"'
      ? "lower(hex(randomblob(16)))"
      : name === '"display_name"'
        ? "'Copy ' || lower(hex(randomblob(8)))"
        : name,
  );
  const copy = database.prepare(
    `insert into device_configuration (${columns.join(", ")}) select ${values.join(", ")} from device_configuration limit ?`,
  );
  database
    .prepare("delete from device_configuration where rowid not in (select rowid from device_configuration limit ?)")
    .run(size);
  for (let there = count(); there < size; there = count()) copy.run(Math.min(there, size - there, 50_000));
  const ids = database.prepare("select id from device_configuration order by random() limit 2000").pluck(true).all();
  database.pragma("wal_checkpoint(TRUNCATE)");
  database.close();
  return ids as string[];
}

function byKey(_server: ServerProcess, ids: readonly string[]): Promise<WorkRequest[]> {
  return Promise.resolve(ids.slice(0, REQUESTS).map((id) => ({ method: "GET", path: `${COLLECTION}/${id}` })));
}

/** Follows the next links from the middle of the store. */
async function nextPages(server: ServerProcess): Promise<WorkRequest[]> {
  const requests: WorkRequest[] = [];
  const rows = Number((await get(server, `${COLLECTION}/$count`)).text);
  let path = `${COLLECTION}?$skip=${String(Math.floor(rows / 2))}`;
  for (let i = 0; i < REQUESTS; i++) {
    const { "@odata.nextLink": next } = JSON.parse((await get(server, path, PAGE)).text) as {
      "@odata.nextLink"?: string;
    };
    if (next === undefined) break;
    path = next.slice(next.indexOf(COLLECTION));
    requests.push({ method: "GET", path, headers: { prefer: `maxpagesize=${String(PAGE)}` } });
  }
  return requests;
}

function counts(): Promise<WorkRequest[]> {
  return Promise.resolve([{ method: "GET", path: `${COLLECTION}/$count` }]);
}

async function names(server: ServerProcess, ids: readonly string[]): Promise<WorkRequest[]> {
  const random = generator(7);
  const requests: WorkRequest[] = [];
  for (let i = 0; i < Math.min(REQUESTS, ids.length); i++) {
    const id = ids[Math.floor(random() * ids.length)]!;
    const { displayName } = JSON.parse((await get(server, `${COLLECTION}/${id}`)).text) as { displayName: string };
    const filter = encodeURIComponent(`displayName eq '${displayName.replaceAll("'", "''")}'`);
    requests.push({ method: "GET", path: `${COLLECTION}?$filter=${filter}&$top=10` });
  }
  return requests;
}

function get(server: ServerProcess, path: string, page?: number): Promise<{ readonly text: string }> {
  const headers = page === undefined ? {} : { prefer: `maxpagesize=${String(page)}` };
  return server.call({ method: "GET", path, headers }, path);
}

/** Reads the whole collection in one answer, throwing it away as it comes, and watches the server's memory. */
async function stream(server: ServerProcess, rows: number): Promise<Streamed> {
  const before = (await server.usage()).memory;
  let peak = before;
  let bytes = 0;
  let tail = "";
  let watching: Promise<void> = Promise.resolve();
  const began = performance.now();
  await new Promise<void>((resolve, reject) => {
    const sent = request(`${server.origin}${COLLECTION}`, { headers: { host: HOST } }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`Answered with ${String(response.statusCode)}.`));
      const watch = setInterval(() => {
        watching = server.usage().then(({ memory }) => void (peak = Math.max(peak, memory)));
      }, 100);
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        tail = chunk.toString("latin1").slice(-2);
      });
      response.on("error", reject);
      response.on("end", () => {
        clearInterval(watch);
        if (tail.endsWith("]}")) resolve();
        else reject(new Error("The answer was cut off."));
      });
    });
    sent.on("error", reject);
    sent.end();
  });
  const seconds = (performance.now() - began) / 1_000;
  // The server must not be stopped while it still has an answer to give.
  await watching;
  return { rows, bytes, seconds, before, peak };
}
