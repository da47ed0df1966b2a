import type { SqlValue } from "../query/index.js";

/** A value or a promise of it: the synchronous driver answers at once. */
export type Awaitable<T> = T | Promise<T>;

/** One connection to a database, speaking plain SQL with positional parameters. */
export interface Connection {
  /** Rows as arrays, in the order of the statement's columns. */
  rows(sql: string, parameters: readonly SqlValue[]): Awaitable<unknown[][]>;
  /** @returns how many rows were changed */
  run(sql: string, parameters: readonly SqlValue[]): Awaitable<number>;
  close(): Awaitable<void>;
}

/** A row with this key, or with this value of a unique column, is there already. */
export class UniqueViolation extends Error {
  override readonly name = "UniqueViolation";
  /** Names of the columns, where the driver tells them. */
  readonly columns: readonly string[];

  constructor(columns: readonly string[], cause: unknown) {
    super("A row with these values is there already.", { cause });
    this.columns = columns;
  }
}

/** The store cannot take the request now: it is locked, full, or read-only. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** Says the same of both SQLite drivers' errors. */
export function translateSqliteError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") return error;
  const unique = /UNIQUE constraint failed: (.*)$/.exec(error.message);
  if (unique !== null) {
    return new UniqueViolation(unique[1]!.split(", ").map((name) => name.slice(name.lastIndexOf(".") + 1)), error);
  }
  if (/^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR)/.test(code)) {
    return new StoreUnavailable(`The store does not take the request now (${code}).`, { cause: error });
  }
  return error;
}
