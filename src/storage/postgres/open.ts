import pg from "pg";
import type { UniqueIndexes } from "./errors.js";
import { clientConfig } from "./pool.js";
import type { PostgresAddress } from "./url.js";

/** The oldest version that has everything that statements use. */
const OLDEST = 13;

/** The lock that a process holds while it brings a database up to date; any numbers will do that nobody else takes. */
const LOCK = [0x6f646174, 0x756d] as const;

/**
 * Does what only one process at a time may do to a database: makes its tables, migrates them, adds functions. Others that
 * start meanwhile wait.
 *
 * @throws {Error} where the server cannot be used; the message says why
 */
export async function alone<T>(address: PostgresAddress, work: (client: pg.Client) => Promise<T>): Promise<T> {
  // Making an index may take its time, and so may waiting for another process that does.
  const client = new pg.Client(clientConfig(address, { statement_timeout: 0, lock_timeout: 0 }));
  // One that is lost fails the statement that is under way.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await check(client);
    await client.query("select pg_advisory_lock($1, $2)", [...LOCK]);
    return await work(client);
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
}

async function check(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string; icu: boolean }>(
    `select current_setting('server_version_num')::integer / 10000 as version,
      current_setting('server_encoding') as encoding,
      exists (select 1 from pg_catalog.pg_collation where collname = 'und-x-icu') as icu`,
  );
  const { version, encoding, icu } = rows[0]!;
  if (version < OLDEST)
    throw new Error(`The PostgreSQL server is of version ${version}; version ${OLDEST} or newer is needed.`);
  if (encoding !== "UTF8")
    throw new Error(`The PostgreSQL database has the encoding ${encoding}; make it with encoding 'UTF8'.`);
  if (!icu) throw new Error("The PostgreSQL server is built without ICU, which text functions need.");
}

/** The columns of all unique indexes; one of an expression has none. */
export async function uniqueIndexes(client: pg.Client): Promise<UniqueIndexes> {
  const { rows } = await client.query<{ name: string; columns: string }>(
    `select c.relname as name, coalesce(json_agg(a.attname order by k.position) filter (where a.attname is not null), '[]')::text as columns
      from pg_catalog.pg_index i
      join pg_catalog.pg_class c on c.oid = i.indexrelid
      cross join lateral unnest(i.indkey) with ordinality as k (number, position)
      left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number and k.number > 0
      where i.indisunique and c.relnamespace = any (select oid from pg_catalog.pg_namespace where nspname = any (current_schemas(false)))
      group by c.oid, c.relname`,
  );
  return new Map(rows.map(({ name, columns }) => [name, JSON.parse(columns) as string[]]));
}
