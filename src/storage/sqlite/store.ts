import type { SqlValue } from "../../query/index.js";
import { batches, StreamLimit } from "../batches.js";
import type { RowStream } from "../batches.js";
import type { Awaitable, Connection, Reader, Store, Transaction, TransactionOptions } from "../connection.js";
import { StoreUnavailable } from "../errors.js";
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

/** How many transactions are committed together at most. */
const MOST_SHARED = 32;

/** A transaction that is committed together with others. */
interface Shared {
  readonly work: (transaction: Transaction) => Awaitable<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What SQLite stores have in common: one connection writes, with a queue in front of it. */
export abstract class SqliteStore implements Store {
  protected readonly options: SqliteStoreOptions;
  protected readonly limit: StreamLimit;
  protected readonly writer: Connection;
  protected readonly search: SqliteSearch | undefined;
  protected readonly queue = new WriteQueue();
  /** The last in the queue, where they have not begun: others may still join them. */
  #joinable: Shared[] | undefined;

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

  transaction<T>(
    work: (transaction: Transaction) => Awaitable<T>,
    { shared = false }: TransactionOptions = {},
  ): Promise<T> {
    // In memory there is nothing to be gained.
    if (shared && this.options.file !== ":memory:") return this.#share(work);
    // Who comes later must not come before this one.
    this.#joinable = undefined;
    return this.queue.run(() => this.#transaction(work));
  }

  async #transaction<T>(work: (transaction: Transaction) => Awaitable<T>): Promise<T> {
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
  }

  #share<T>(work: (transaction: Transaction) => Awaitable<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const own: Shared = { work, resolve: resolve as Shared["resolve"], reject };
      if (this.#joinable !== undefined && this.#joinable.length < MOST_SHARED) {
        this.#joinable.push(own);
        return;
      }
      const all = (this.#joinable = [own]);
      void this.queue.run(async () => {
        // Whatever has arrived at the process meanwhile is read first: it may bring more of them.
        await new Promise((next) => setImmediate(next));
        if (this.#joinable === all) this.#joinable = undefined;
        await this.#together(all);
      });
    });
  }

  /** One commit for all. Where one of them fails, nothing is kept, and each is done again by itself, as if there were no others. */
  async #together(all: readonly Shared[]): Promise<void> {
    if (all.length > 1) {
      try {
        const results = await this.#transaction(async (transaction) => {
          const results: unknown[] = [];
          for (const { work } of all) results.push(await work(transaction));
          return results;
        });
        for (const [index, { resolve }] of all.entries()) resolve(results[index]);
        return;
      } catch (error) {
        // Somebody else has the file; to wait for it again, once for each, would be of no use.
        if (error instanceof StoreUnavailable) {
          for (const { reject } of all) reject(error);
          return;
        }
      }
    }
    for (const { work, resolve, reject } of all) await this.#transaction(work).then(resolve, reject);
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
