import type sqlite3 from "sqlite3";
import type { SqlValue } from "../query/index.js";
import type { Connection } from "./connection.js";
import { translateSqliteError } from "./connection.js";

/** A connection through `sqlite3`: statements run on a thread of its own, so a slow one does not hold up the process. */
export class Sqlite3Connection implements Connection {
  readonly #database: sqlite3.Database;

  constructor(database: sqlite3.Database) {
    this.#database = database;
  }

  rows(sql: string, parameters: readonly SqlValue[]): Promise<unknown[][]> {
    return new Promise((resolve, reject) => {
      this.#database.all(sql, parameters, (error, rows) => {
        if (error) reject(translateSqliteError(error));
        // The driver gives objects; their members stand in the order of the columns, so no two may have the same name.
        else resolve((rows as object[]).map((row) => Object.values(row) as unknown[]));
      });
    });
  }

  run(sql: string, parameters: readonly SqlValue[]): Promise<number> {
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
