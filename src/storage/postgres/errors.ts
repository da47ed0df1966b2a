import {
  MissingValue,
  StatementTimeout,
  StatementTooComplex,
  StillReferred,
  StoreUnavailable,
  UniqueViolation,
  UnsupportedValue,
} from "../errors.js";

/** Another transaction was in the way; the same again may go well. */
export class SerializationFailure extends StoreUnavailable {
  override readonly name = "SerializationFailure";
}

/** What the server says of an error, as far as it is looked at. */
interface ServerError extends Error {
  /** https://www.postgresql.org/docs/current/errcodes-appendix.html, or a code of Node's where the connection is lost. */
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly table?: unknown;
  readonly column?: unknown;
}

/** Node's codes for connections that cannot be made or are lost. */
const LOST = /^(?:ECONN|EPIPE$|ETIMEDOUT$|EHOSTUNREACH$|ENETUNREACH$|ENOTFOUND$|EAI_AGAIN$|ENOENT$|EACCES$)/;

/** What the driver says without a code. */
const LOST_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Client was closed|connection error and is not queryable|Cannot use a pool after calling end/;

/** What the server's parser says, as a syntax error, of a statement that is nested too deeply for it. */
const PARSER_STACK = /^memory exhausted/;

/** The columns of unique indexes by the indexes' names: what an error says of a column may be in any language. */
export type UniqueIndexes = ReadonlyMap<string, readonly string[]>;

/** Says the same as of SQLite's errors. */
export function translatePostgresError(error: Error, indexes: UniqueIndexes): Error {
  const { code, message, constraint, table, column } = error as ServerError;
  const because = { cause: error };
  if (typeof code !== "string")
    return LOST_MESSAGE.test(message) ? new StoreUnavailable("The connection to the store is lost.", because) : error;
  switch (code) {
    case "23505": {
      const names = indexes.get(text(constraint)) ?? [];
      return new UniqueViolation(
        names.map((name) => ({ table: text(table), column: name })),
        error,
      );
    }
    case "23502":
      return new MissingValue({ table: text(table), column: text(column) }, error);
    case "23503":
      return new StillReferred("Other rows refer to this one.", because);
    case "57014":
      return new StatementTimeout("The statement took longer than it may.", because);
    case "40001":
    case "40P01":
      return new SerializationFailure("Other transactions are in the way.", because);
    // A read-only server or transaction; a lock that was not to be had in time.
    case "25006":
    case "55P03":
      return unavailable(code, error);
  }
  // Data exceptions: U+0000 in a text, too long a text for its column, too large a number; too long a text for an index.
  if (code.startsWith("22") || code === "54000")
    return new UnsupportedValue("The database cannot hold or compare a value.", because);
  if (code.startsWith("54") || (code === "42601" && PARSER_STACK.test(message)))
    return new StatementTooComplex("The statement passes a limit of the database.", because);
  // Connection, insufficient resources, operator intervention, system, authorisation, no such database.
  if (/^(?:08|53|57|58|28|3D)/.test(code) || LOST.test(code)) return unavailable(code, error);
  return error;
}

function unavailable(code: string, cause: Error): StoreUnavailable {
  return new StoreUnavailable(`The store does not take the request now (${code}).`, { cause });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
