import type BetterSqlite3 from "better-sqlite3";
import type { SqlValue } from "../query/index.js";
import type { Connection } from "./connection.js";
import { translateSqliteError } from "./connection.js";

/** Prepared statements kept a connection; plans are bounded too, so this is seldom reached. */
const STATEMENTS = 500;

/** A connection through `better-sqlite3`: synchronous, with its statements kept prepared. */
export class BetterSqlite3Connection implements Connection {
  readonly #database: BetterSqlite3.Database;
  readonly #statements = new Map<string, BetterSqlite3.Statement>();

  constructor(database: BetterSqlite3.Database) {
    this.#database = database;
  }

  rows(sql: string, parameters: readonly SqlValue[]): unknown[][] {
    try {
      return this.#statement(sql, true).all(parameters) as unknown[][];
    } catch (error) {
      throw translateSqliteError(error as Error);
    }
  }

  run(sql: string, parameters: readonly SqlValue[]): number {
    try {
      return this.#statement(sql, false).run(parameters).changes;
    } catch (error) {
      throw translateSqliteError(error as Error);
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #statement(sql: string, reads: boolean): BetterSqlite3.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      if (reads) statement.raw(true);
      if (this.#statements.size >= STATEMENTS) this.#statements.delete(this.#statements.keys().next().value!);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
