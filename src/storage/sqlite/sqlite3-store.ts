import type { SqlValue } from "../../query/index.js";
import type { RowStream } from "../batches.js";
import type { Awaitable } from "../connection.js";
import { ReaderProcess } from "./reader-process.js";
import type { Sqlite3Connection } from "./sqlite3.js";
import type { SqliteStoreOptions } from "./store.js";
import { SqliteStore } from "./store.js";

/**
 * A store in a file, through `sqlite3`. That driver can neither have functions of ours nor stop in the middle of a result:
 * statements that call functions, and streams, go to a {@link ReaderProcess}.
 */
export class Sqlite3Store extends SqliteStore {
  readonly #reader: Sqlite3Connection;
  readonly #process: ReaderProcess;

  constructor(writer: Sqlite3Connection, reader: Sqlite3Connection, options: SqliteStoreOptions) {
    super(writer, options);
    this.#reader = reader;
    this.#process = new ReaderProcess(options.file, options);
  }

  rows(sql: string, parameters: readonly SqlValue[], functions = false): Awaitable<unknown[][]> {
    return this.read(sql, this.#reader, () =>
      functions ? this.#process.rows(sql, parameters) : this.#reader.rows(sql, parameters),
    );
  }

  cursor(sql: string, parameters: readonly SqlValue[]): RowStream {
    return this.limit.stream(() => this.read(sql, this.#reader, () => this.#process.stream(sql, parameters)));
  }

  protected async closeReaders(): Promise<void> {
    await this.#process.close();
    await this.#reader.close();
  }
}
