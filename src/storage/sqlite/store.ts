import type { SqlValue } from "../../query/index.js";
import { batches, StreamLimit } from "../batches.js";
import type { RowStream } from "../batches.js";
import type { Awaitable, Connection, Reader, Store, Transaction } from "../connection.js";
import { WriteQueue } from "../write-queue.js";
import type { SqliteSearch } from "./search.js";

/** Where a store's file is and how it is used. */
export interface SqliteStoreOptions {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly busyTimeoutMs: number;
  /** For statements that go through collections within collections; 0 for any time. */
  readonly statementTimeoutMs: number;
  readonly maxCursors: number;
  /** Where something can be searched. */
  readonly search: SqliteSearch | undefined;
}

/** What SQLite stores have in common: one connection writes, with a queue in front of it. */
export abstract class SqliteStore implements Store {
  protected readonly options: SqliteStoreOptions;
  protected readonly limit: StreamLimit;
  protected readonly writer: Connection;
  protected readonly search: SqliteSearch | undefined;
  protected readonly queue = new WriteQueue();

  constructor(writer: Connection, options: SqliteStoreOptions) {
    this.writer = writer;
    this.options = options;
    this.search = options.search;
    this.limit = new StreamLimit(options.maxCursors);
  }

  abstract rows(sql: string, parameters: readonly SqlValue[], functions?: boolean): Awaitable<unknown[][]>;

  abstract cursor(sql: string, parameters: readonly SqlValue[], functions: boolean): RowStream;

  /** Closes what reads. The connection that writes is TypeORM's. */
  protected abstract closeReaders(): Awaitable<void>;

  transaction<T>(work: (transaction: Transaction) => Awaitable<T>): Promise<T> {
    return this.queue.run(async () => {
      // Immediate: the lock is taken now, so that a later statement cannot find that another process was faster.
      await this.writer.run("begin immediate", []);
      try {
        const result = await work(this.writer);
        if (this.search !== undefined) await this.search.refresh(this.writer);
        await this.writer.run("commit", []);
        return result;
      } catch (error) {
        await this.#rollBack();
        throw error;
      }
    });
  }

  /** After some errors (a full disk, for one) SQLite has rolled back already; saying so would hide what went wrong. */
  async #rollBack(): Promise<void> {
    try {
      await this.writer.run("rollback", []);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("no transaction is active"))) throw error;
    }
  }

  /** Reads, and lets a statement that searches find what somebody wrote past our transactions. */
  protected read<T>(sql: string, reader: Reader, read: () => Awaitable<T>): Awaitable<T> {
    if (this.search?.concerns(sql) !== true) return read();
    const stale = this.search.isStale(reader);
    return stale === false ? read() : this.#readRefreshed(stale, read);
  }

  async #readRefreshed<T>(stale: Awaitable<boolean>, read: () => Awaitable<T>): Promise<T> {
    if (await stale) await this.transaction(() => undefined);
    return read();
  }

  close(): Promise<void> {
    return this.queue.run(() => this.closeReaders());
  }

  /** A stream for which all rows are read at once. */
  protected readAtOnce(sql: string, parameters: readonly SqlValue[], functions: boolean): RowStream {
    const read = async (): Promise<unknown[][]> => this.rows(sql, parameters, functions);
    return this.limit.stream(async function* () {
      yield* batches(await read());
    });
  }
}

/** A store in memory: it has a single connection, so a read has to wait until nothing uncommitted is on it. */
export class MemoryStore extends SqliteStore {
  rows(sql: string, parameters: readonly SqlValue[], functions?: boolean): Awaitable<unknown[][]> {
    const committed = () =>
      this.queue.busy
        ? this.queue.run(() => this.writer.rows(sql, parameters, functions))
        : this.writer.rows(sql, parameters, functions);
    return this.search === undefined ? committed() : this.read(sql, this.writer, committed);
  }

  cursor(sql: string, parameters: readonly SqlValue[], functions: boolean): RowStream {
    return this.readAtOnce(sql, parameters, functions);
  }

  protected closeReaders(): void {
    // It has none of its own.
  }
}
