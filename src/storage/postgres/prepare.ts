import { createHash } from "node:crypto";
import { sql } from "kysely";
import type pg from "pg";
import type { EntityMapping, SqlValue } from "../../query/index.js";
import { postgres, postgresSearchFunctions, postgresSearchTexts } from "../../query/index.js";
import type { SqlParameter, Transaction } from "../connection.js";
import type { Settings } from "../settings.js";

/** A client outside of the pools, as settings are written through. */
class ClientTransaction implements Transaction {
  readonly #client: pg.ClientBase;

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  async rows(text: string, parameters: readonly SqlValue[]): Promise<unknown[][]> {
    return (await this.#client.query({ text, values: parameters as SqlValue[], rowMode: "array" })).rows as unknown[][];
  }

  async run(text: string, parameters: readonly SqlParameter[]): Promise<number> {
    return (await this.#client.query(text, parameters as SqlParameter[])).rowCount ?? 0;
  }
}

/** Runs work in a transaction on a client of its own. */
export async function withinTransaction(
  client: pg.ClientBase,
  work: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  await client.query("begin");
  try {
    await work(new ClientTransaction(client));
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/**
 * Adds our functions to a database, unless these very ones are there.
 *
 * @param functions `create or replace function` statements
 */
export async function installFunctions(
  transaction: Transaction,
  settings: Settings,
  functions: readonly string[],
): Promise<void> {
  const hash = createHash("sha256").update(functions.join("\n")).digest("hex");
  if ((await settings.read(transaction, "functions")) === hash) return;
  for (const statement of functions) await transaction.run(statement, []);
  await settings.write(transaction, "functions", hash);
}

/** Makes the indexes for `$search` that are missing, and makes those anew of which something else is wanted than is there. */
export async function prepareSearch(
  transaction: Transaction,
  settings: Settings,
  mappings: readonly EntityMapping[],
): Promise<void> {
  const known = new Map(JSON.parse((await settings.read(transaction, "search")) ?? "[]") as [string, string][]);
  const wanted = new Map<string, string>();
  const drop = (name: string) => transaction.run(compile(sql`drop index if exists ${sql.ref(name)}`), []);
  for (const mapping of mappings) {
    if (mapping.search === undefined) continue;
    const { name } = mapping.search;
    const index = compile(
      sql`create index ${sql.ref(name)} on ${sql.table(mapping.table)} using gin (odatum_search_words(${postgresSearchTexts(mapping, mapping.search)}))`,
    );
    // What it holds depends on the functions as well.
    const hash = createHash("sha256")
      .update([index, ...postgresSearchFunctions].join("\n"))
      .digest("hex");
    wanted.set(name, hash);
    if (known.get(name) === hash && (await isThere(transaction, name))) continue;
    await drop(name);
    await transaction.run(index, []);
  }
  for (const name of known.keys()) if (!wanted.has(name)) await drop(name);
  await settings.write(transaction, "search", JSON.stringify([...wanted]));
}

async function isThere(transaction: Transaction, name: string): Promise<boolean> {
  const rows = await transaction.rows(
    "select 1 from pg_catalog.pg_class where relname = $1 and relnamespace = current_schema()::regnamespace",
    [name],
  );
  return rows.length > 0;
}

function compile(statement: ReturnType<typeof sql>): string {
  return statement.compile(postgres.builder).sql;
}
