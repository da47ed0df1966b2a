import { createRequire } from "node:module";
import type sqlite3 from "sqlite3";
import type { SqlValue } from "../../query/index.js";
import type { Connection, SqlParameter } from "../connection.js";
import { StatementNotPossible } from "../errors.js";
import { translateSqliteError } from "./errors.js";

const require = createRequire(import.meta.url);

/** A connection through `sqlite3`: statements run on a thread of its own, so a slow one does not hold up the process. */
export class Sqlite3Connection implements Connection {
  readonly #database: sqlite3.Database;

  constructor(database: sqlite3.Database) {
    this.#database = database;
  }

  /** Another connection to a file, which cannot write. */
  static openReader(file: string, busyTimeoutMs: number): Promise<Sqlite3Connection> {
    const { Database: Driver, OPEN_READONLY } = require("sqlite3") as typeof sqlite3;
    return new Promise((resolve, reject) => {
      const database = new Driver(file, OPEN_READONLY, (error) => {
        if (error) return reject(error);
        database.configure("busyTimeout", busyTimeoutMs);
        resolve(new Sqlite3Connection(database));
      });
    });
  }

  rows(sql: string, parameters: readonly SqlValue[], functions = false): Promise<unknown[][]> {
    if (functions) return Promise.reject(withoutFunctions());
    return new Promise((resolve, reject) => {
      this.#database.all(sql, parameters, (error, rows) => {
        if (error) reject(translateSqliteError(error));
        // The driver gives objects; their members stand in the order of the columns, so no two may have the same name.
        else resolve((rows as object[]).map((row) => Object.values(row) as unknown[]));
      });
    });
  }

  run(sql: string, parameters: readonly SqlParameter[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#database.run(sql, parameters, function (error) {
        if (error) reject(translateSqliteError(error));
        else resolve(this.changes);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#database.close((error) => (error ? reject(error) : resolve()));
    });
  }
}

function withoutFunctions(): StatementNotPossible {
  return new StatementNotPossible(
    "The driver 'sqlite3' cannot add functions to SQLite, and this statement calls some; use the driver 'better-sqlite3'.",
  );
}
