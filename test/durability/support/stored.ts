import { createRequire } from "node:module";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import pg from "pg";
import { linkTable, mediaUseTable } from "../../../src/query/index.js";
import { chunkTable } from "../../../src/storage/media-tables.js";

const Sqlite = createRequire(import.meta.url)("better-sqlite3") as typeof BetterSqlite3;

/** Runs a statement past the service and gives its rows. */
export type RunSql = (statement: string) => Promise<Record<string, unknown>[]>;

/** Opens a store for reading beside the service that uses it. */
export async function withStore<T>(url: string, work: (run: RunSql) => Promise<T>): Promise<T> {
  if (!url.startsWith("postgres:")) {
    const database = new Sqlite(url.slice(url.indexOf(":") + 1), { readonly: true });
    try {
      expect(database.pragma("integrity_check")).to.deep.equal([{ integrity_check: "ok" }]);
      expect(database.pragma("foreign_key_check")).to.deep.equal([]);
      return await work((statement) => Promise.resolve(database.prepare(statement).all() as Record<string, unknown>[]));
    } finally {
      database.close();
    }
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(async (statement) => (await client.query<Record<string, unknown>>(statement)).rows);
  } finally {
    await client.end();
  }
}

/**
 * Waits until nobody but us is connected: what a process asked a database server for is carried out though the process is
 * dead. A store in a file is let go of with the process.
 */
export async function quiet(url: string): Promise<void> {
  if (!url.startsWith("postgres:")) return;
  await withStore(url, async (run) => {
    const others =
      "select 1 from pg_catalog.pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'";
    while ((await run(others)).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });
}

/** Links tie only what is there. */
export async function checkLinks(run: RunSql, key: string): Promise<void> {
  for (const [table, end] of [
    [linkTable.sourceTable, linkTable.sourceKey],
    [linkTable.targetTable, linkTable.targetKey],
  ] as const) {
    for (const { name } of await run(`select distinct ${table} as name from ${linkTable.name}`)) {
      const dangling = await run(
        `select * from ${linkTable.name} where ${table} = '${String(name)}' and ${end} not in (select "${key}" from "${String(name)}")`,
      );
      expect(dangling, `links without their ${table}`).to.deep.equal([]);
    }
  }
}

/** Contents that entities have are there with all their bytes. */
export async function checkContents(run: RunSql): Promise<void> {
  const { name, media, size } = mediaUseTable;
  const { name: chunks, media: of, bytes } = chunkTable;
  const incomplete = await run(
    `select u.${media} from ${name} u where u.${size} <> (select coalesce(sum(length(c.${bytes})), 0) from ${chunks} c where c.${of} = u.${media})`,
  );
  expect(incomplete, "contents that are not whole").to.deep.equal([]);
}
