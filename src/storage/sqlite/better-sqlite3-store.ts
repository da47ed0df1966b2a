import type { SqlValue } from "../../query/index.js";
import type { RowStream } from "../batches.js";
import type { Awaitable } from "../connection.js";
import { BetterSqlite3Connection } from "./better-sqlite3.js";
import type { SqliteStoreOptions } from "./store.js";
import { SqliteStore } from "./store.js";

/**
 * A store in a file, through `better-sqlite3`: one connection writes, one reads, so that nobody sees what is not committed,
 * and streams have connections of their own.
 */
export class BetterSqlite3Store extends SqliteStore {
  readonly #reader: BetterSqlite3Connection;
  /** For streams: a connection can do nothing else while it gives one. */
  readonly #idle: BetterSqlite3Connection[] = [];
  #closed = false;

  constructor(writer: BetterSqlite3Connection, options: SqliteStoreOptions) {
    super(writer, options);
    this.#reader = this.#open();
  }

  rows(sql: string, parameters: readonly SqlValue[]): Awaitable<unknown[][]> {
    // In front of everything: most stores have nothing to be searched.
    if (this.search === undefined) return this.#reader.rows(sql, parameters);
    return this.read(sql, this.#reader, () => this.#reader.rows(sql, parameters));
  }

  cursor(sql: string, parameters: readonly SqlValue[]): RowStream {
    return this.limit.stream(() => this.read(sql, this.#reader, () => this.#stream(sql, parameters)));
  }

  /** One statement, so one snapshot; between two batches the process does other things. */
  *#stream(sql: string, parameters: readonly SqlValue[]): Generator<unknown[][], void, undefined> {
    const connection = this.#idle.pop() ?? this.#open();
    try {
      yield* connection.stream(sql, parameters);
    } finally {
      if (this.#closed) connection.close();
      else this.#idle.push(connection);
    }
  }

  /** A stream under way keeps its connection until it ends. */
  protected closeReaders(): void {
    this.#closed = true;
    this.#reader.close();
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  #open(): BetterSqlite3Connection {
    return BetterSqlite3Connection.openReader(this.options.file, this.options);
  }
}
