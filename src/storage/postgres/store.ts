import type { SqlValue } from "../../query/index.js";
import { batches, StreamLimit } from "../batches.js";
import type { RowStream } from "../batches.js";
import type { Awaitable, Store, Transaction } from "../connection.js";
import { WriteQueue } from "../write-queue.js";
import { SerializationFailure } from "./errors.js";
import type { UniqueIndexes } from "./errors.js";
import { clientConfig, PostgresPool } from "./pool.js";
import { StatementNames } from "./statement-names.js";
import type { PostgresAddress } from "./url.js";

/** How a store on PostgreSQL is used. */
export interface PostgresStoreOptions {
  readonly address: PostgresAddress;
  readonly indexes: UniqueIndexes;
  readonly busyTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly readConnections: number;
  readonly writeConnections: number;
  readonly maxCursors: number;
}

/** How often a transaction is begun anew because others were in its way. */
const ATTEMPTS = 12;

/** How long it may take in any case until a connection is made, in milliseconds. */
const CONNECTING = 1_000;

/** How many rows of a stream are asked for at once, */
const MOST_ROWS = 500;
/** at first, before it is known how long they are, */
const FIRST_ROWS = 50;
/** and how many characters that should be. */
const CHARACTERS = 64 * 1024;

/**
 * A store on PostgreSQL. Reads, writes and streams have connections of their own, so that none waits for those of another
 * kind. Transactions are serialisable, so they may run side by side; one that cannot be brought in line with the others
 * is begun anew.
 */
export class PostgresStore implements Store {
  readonly #reads: PostgresPool;
  readonly #writes: PostgresPool;
  readonly #streams: PostgresPool;
  readonly #limit: StreamLimit;
  /** Transactions that failed once run one at a time, so that they do not get in each other's way again. */
  readonly #second = new WriteQueue();
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: PostgresStoreOptions) {
    const { address, busyTimeoutMs, statementTimeoutMs } = options;
    const shared = { names: new StatementNames(), indexes: options.indexes };
    // To PostgreSQL no time at all means any time.
    const limits = { statement_timeout: statementTimeoutMs, lock_timeout: Math.max(busyTimeoutMs, 1) };
    const reading = { ...limits, default_transaction_read_only: "on" };
    const pool = (settings: Record<string, string | number>, size: number): PostgresPool =>
      new PostgresPool(clientConfig(address, settings), size, Math.max(busyTimeoutMs, CONNECTING), shared);
    this.#reads = pool(reading, options.readConnections);
    this.#writes = pool(limits, options.writeConnections);
    // All rows will be asked for, so the plan should be the best for all.
    this.#streams = pool({ ...reading, cursor_tuple_fraction: 1 }, options.maxCursors);
    this.#limit = new StreamLimit(options.maxCursors);
  }

  rows(sql: string, parameters: readonly SqlValue[]): Promise<unknown[][]> {
    return this.#finish(this.#rows(sql, parameters));
  }

  async #rows(sql: string, parameters: readonly SqlValue[]): Promise<unknown[][]> {
    const connection = await this.#reads.connect();
    try {
      return await connection.rows(sql, parameters);
    } finally {
      connection.release();
    }
  }

  transaction<T>(work: (transaction: Transaction) => Awaitable<T>): Promise<T> {
    return this.#finish(this.#transaction(work));
  }

  async #transaction<T>(work: (transaction: Transaction) => Awaitable<T>): Promise<T> {
    const first = await this.#attempt(work);
    if ("result" in first) return first.result;
    return this.#second.run(async () => {
      let { failure } = first;
      for (let attempt = 2; attempt <= ATTEMPTS; attempt++) {
        // Other processes are in the way as well: they should not all come back at the same time.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 200)));
        const again = await this.#attempt(work);
        if ("result" in again) return again.result;
        failure = again.failure;
      }
      throw failure;
    });
  }

  /** @returns the failure only where the same again may go well */
  async #attempt<T>(
    work: (transaction: Transaction) => Awaitable<T>,
  ): Promise<{ readonly result: T } | { readonly failure: Error }> {
    const connection = await this.#writes.connect();
    try {
      await connection.once("begin isolation level serializable");
      const result = await work(connection);
      // PostgreSQL takes this for a rollback, and says so without an error, where a statement has failed before.
      const { command } = await connection.once("commit");
      if (command !== "COMMIT") throw connection.failure ?? new Error("The transaction was rolled back.");
      return { result };
    } catch (error) {
      const { failure } = connection;
      await connection.rollBack();
      // Whatever the work made of it.
      if (failure instanceof SerializationFailure) return { failure };
      throw error;
    } finally {
      connection.release();
    }
  }

  cursor(sql: string, parameters: readonly SqlValue[]): RowStream {
    return this.#limit.stream(() => this.#stream(sql, parameters));
  }

  async *#stream(sql: string, parameters: readonly SqlValue[]): RowStream {
    const connection = await this.#streams.connect();
    try {
      await connection.once("begin read only");
      await connection.once(`declare odatum_rows no scroll cursor for ${sql}`, parameters);
      let count = FIRST_ROWS;
      for (;;) {
        const { rows } = await connection.once(`fetch ${count} from odatum_rows`);
        let characters = 0;
        for (const row of rows) for (const value of row) if (typeof value === "string") characters += value.length;
        yield* batches(rows);
        if (rows.length < count) return;
        count = Math.max(1, Math.min(MOST_ROWS, Math.floor((CHARACTERS * rows.length) / (characters + 1))));
      }
    } finally {
      await connection.rollBack();
      connection.release();
    }
  }

  async close(): Promise<void> {
    // The pools would leave those waiting for ever who wait for a connection.
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    await Promise.all([this.#reads.end(), this.#writes.end()]);
    const streams = this.#streams.end();
    // A stream under way keeps its connection until it ends.
    if (this.#limit.open === 0) await streams;
  }

  /** Lets {@link close} wait for work. */
  #finish<T>(work: Promise<T>): Promise<T> {
    const done = (): void => void this.#running.delete(work);
    this.#running.add(work);
    work.then(done, done);
    return work;
  }
}
