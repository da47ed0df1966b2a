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
  readonly columns: readonly TableColumn[];

  constructor(columns: readonly TableColumn[], cause: unknown) {
    super("A row with these values is there already.", { cause });
    this.columns = columns;
  }
}

/** A column that must have a value would have none. */
export class MissingValue extends Error {
  override readonly name = "MissingValue";
  readonly column: TableColumn;

  constructor(column: TableColumn, cause: unknown) {
    super("A column that must have a value would have none.", { cause });
    this.column = column;
  }
}

/** Rows that must not lose what they refer to would lose it. */
export class StillReferred extends Error {
  override readonly name = "StillReferred";
}

/** The statement passes a limit of the database. */
export class StatementTooComplex extends Error {
  override readonly name = "StatementTooComplex";
}

/** A column as the drivers' messages name it. */
export interface TableColumn {
  readonly table: string;
  readonly column: string;
}

/** The store cannot take the request now: it is locked, full, or read-only. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** See sqlite.org/limits.html. */
const TOO_COMPLEX =
  /Expression tree is too large|parser stack overflow|too many (?:SQL variables|terms|columns|FROM clause terms)|at most \d+ tables in a join|[Ss]tring or blob too big/;

/** Says the same of both SQLite drivers' errors. */
export function translateSqliteError(error: Error): Error {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") return error;
  const unique = /UNIQUE constraint failed: (.*)$/.exec(error.message);
  if (unique !== null) return new UniqueViolation(unique[1]!.split(", ").map(tableColumn), error);
  const missing = /NOT NULL constraint failed: (.*)$/.exec(error.message);
  if (missing !== null) return new MissingValue(tableColumn(missing[1]!), error);
  if (error.message.endsWith("FOREIGN KEY constraint failed"))
    return new StillReferred("Other rows refer to this one.", { cause: error });
  if (TOO_COMPLEX.test(error.message))
    return new StatementTooComplex("The statement passes a limit of the database.", { cause: error });
  if (/^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR)/.test(code)) {
    return new StoreUnavailable(`The store does not take the request now (${code}).`, { cause: error });
  }
  return error;
}

function tableColumn(name: string): TableColumn {
  const point = name.lastIndexOf(".");
  return { table: name.slice(0, Math.max(point, 0)), column: name.slice(point + 1) };
}
