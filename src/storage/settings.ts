import { sql } from "kysely";
import type { SqlDialect } from "../query/index.js";
import type { Reader, Transaction } from "./connection.js";
import { settingTable } from "./setting-entity.js";

/** Reads and writes what a store keeps for itself: names and texts. */
export class Settings {
  readonly #select: string;
  readonly #insert: string;
  readonly #upsert: string;

  constructor(dialect: SqlDialect) {
    const text = (statement: ReturnType<typeof sql>): string => statement.compile(dialect.builder).sql;
    const table = sql.table(settingTable.name);
    const name = sql.ref(settingTable.key);
    const value = sql.ref(settingTable.value);
    this.#select = text(sql`select ${value} from ${table} where ${name} = ${null}`);
    this.#insert = text(sql`insert into ${table} (${name}, ${value}) values (${null}, ${null}) on conflict do nothing`);
    this.#upsert = text(
      sql`insert into ${table} (${name}, ${value}) values (${null}, ${null}) on conflict (${name}) do update set ${value} = excluded.${value}`,
    );
  }

  async read(reader: Reader, name: string): Promise<string | undefined> {
    const [row] = await reader.rows(this.#select, [name]);
    return row?.[0] as string | undefined;
  }

  /** Keeps a value unless there is one already; @returns the one that is kept */
  async plant(transaction: Transaction, name: string, value: string): Promise<string> {
    await transaction.run(this.#insert, [name, value]);
    return (await this.read(transaction, name))!;
  }

  async write(transaction: Transaction, name: string, value: string): Promise<void> {
    await transaction.run(this.#upsert, [name, value]);
  }
}
