import type { SqlValue } from "../query/index.js";
import type { RowStream } from "./batches.js";

/** A value or a promise of it: the synchronous driver answers at once. */
export type Awaitable<T> = T | Promise<T>;

/** What a statement that writes may be given: values, and bytes. */
export type SqlParameter = SqlValue | Uint8Array;

/** What reads from a store. */
export interface Reader {
  /**
   * Rows as arrays, in the order of the statement's columns.
   *
   * @param functions the statement calls functions of ours, which some connections do not have
   * @throws {StatementNotPossible} where it does and none of the store's connections has them
   */
  rows(sql: string, parameters: readonly SqlValue[], functions?: boolean): Awaitable<unknown[][]>;
}

/** How the work of a transaction may be carried out. */
export interface TransactionOptions {
  /**
   * The work waits for nothing but the store, so it may be committed together with that of others, and changes nothing else, so
   * it may be done again. SQLite writes to the disk once for all that wait at the same time. False where absent.
   */
  readonly shared?: boolean | undefined;
}

/** Statements within a transaction. */
export interface Transaction extends Reader {
  /** @returns how many rows were changed */
  run(sql: string, parameters: readonly SqlParameter[]): Awaitable<number>;
}

/** One connection to a database, speaking plain SQL with positional parameters. */
export interface Connection extends Transaction {
  close(): Awaitable<void>;
}

/** The connections to one database, and the order in which they are used. */
export interface Store extends Reader {
  /** See {@link Database.transaction}. */
  transaction<T>(work: (transaction: Transaction) => Awaitable<T>, options?: TransactionOptions): Promise<T>;
  /** See {@link Database.cursor}. */
  cursor(sql: string, parameters: readonly SqlValue[], functions: boolean): RowStream;
  /** Waits for the transactions under way and closes all connections but those that are TypeORM's. */
  close(): Promise<void>;
}
