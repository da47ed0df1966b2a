import { batches } from "../storage/index.js";
import type { Awaitable, Database, Reader, RowStream, Transaction, TransactionOptions } from "../storage/index.js";
import type { SqlValue } from "../query/index.js";

/**
 * Where a request reads and writes: the store, or, for a request that is part of a change set or that a rule makes, the
 * transaction that it belongs to.
 */
export interface RequestStore {
  readonly reader: Reader;
  /** See {@link Database.transaction}; within a transaction the work is part of that one. */
  transaction<T>(work: (transaction: Transaction) => Awaitable<T>, options?: TransactionOptions): Promise<T>;
  /** See {@link Database.cursor}. */
  cursor(sql: string, parameters: readonly SqlValue[], functions?: boolean): RowStream;
}

/** For work that calls nothing but the store: no code of the service's own, and nothing that a client has still to send. */
export const waitsForStore: TransactionOptions = { shared: true };

/** The store of a request that stands for itself. */
export function committedStore(database: Database): RequestStore {
  return {
    reader: database.reader,
    transaction: (work, options) => database.transaction(work, options),
    cursor: (sql, parameters, functions) => database.cursor(sql, parameters, functions),
  };
}

/** The store of a request within a transaction: it sees what was written there, and what it writes is kept with it or not at all. */
export function transactionStore(transaction: Transaction): RequestStore {
  return {
    reader: transaction,
    transaction: async (work) => work(transaction),
    async *cursor(sql, parameters, functions) {
      // A stream would hold the connection that the transaction goes on with.
      yield* batches(await transaction.rows(sql, parameters, functions));
    },
  };
}
