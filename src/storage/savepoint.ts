import type { Transaction } from "./connection.js";

/**
 * Runs work as a part of a transaction: where it throws, what it has written is taken back, and the transaction goes on.
 *
 * @example
 * await withSavepoint(transaction, () => rows.insert(transaction, mapping, type, values, foreignKeys));
 */
export async function withSavepoint<T>(transaction: Transaction, work: () => Promise<T>): Promise<T> {
  await transaction.run("savepoint odatum_part", []);
  try {
    const result = await work();
    await transaction.run("release savepoint odatum_part", []);
    return result;
  } catch (error) {
    await transaction.run("rollback to savepoint odatum_part", []);
    await transaction.run("release savepoint odatum_part", []);
    throw error;
  }
}
