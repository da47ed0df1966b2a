import type { TableColumn } from "../errors.js";
import {
  MissingValue,
  StatementTimeout,
  StatementTooComplex,
  StillReferred,
  StoreUnavailable,
  UniqueViolation,
} from "../errors.js";
import { OUT_OF_TIME } from "./deadline.js";

/** See sqlite.org/limits.html; FTS5 has limits of its own for what it is asked to find. */
const TOO_COMPLEX =
  /Expression tree is too large|parser stack overflow|too many (?:SQL variables|terms|columns|FROM clause terms)|at most \d+ tables in a join|[Ss]tring or blob too big|fts5 expression tree is too large/;

/** Says the same of both SQLite drivers' errors. */
export function translateSqliteError(error: Error): Error {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") return error;
  const unique = /UNIQUE constraint failed: (.*)$/.exec(error.message);
  if (unique !== null) return new UniqueViolation(uniqueColumns(unique[1]!), error);
  const missing = /NOT NULL constraint failed: (.*)$/.exec(error.message);
  if (missing !== null) return new MissingValue(tableColumn(missing[1]!), error);
  if (error.message.endsWith("FOREIGN KEY constraint failed"))
    return new StillReferred("Other rows refer to this one.", { cause: error });
  if (TOO_COMPLEX.test(error.message))
    return new StatementTooComplex("The statement passes a limit of the database.", { cause: error });
  if (code === OUT_OF_TIME)
    return new StatementTimeout("The statement took longer than statements may.", { cause: error });
  if (/^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR)/.test(code)) {
    return new StoreUnavailable(`The store does not take the request now (${code}).`, { cause: error });
  }
  return error;
}

/** `table.a, table.b`, or `index 'name'` for an index of an expression. */
function uniqueColumns(text: string): TableColumn[] {
  return text.startsWith("index '") ? [] : text.split(", ").map(tableColumn);
}

function tableColumn(name: string): TableColumn {
  const point = name.lastIndexOf(".");
  return { table: name.slice(0, Math.max(point, 0)), column: name.slice(point + 1) };
}
