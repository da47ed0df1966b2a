import { sql } from "kysely";
import type { Sql } from "./dialect.js";

/** `,"name":` for a name of the model. */
export function memberName(name: string): Sql {
  return sql.lit(`,${JSON.stringify(name)}:`);
}

/** The same for a name that stands in the request: a parameter. */
export function clientName(name: string): Sql {
  return sql`cast(${`,${JSON.stringify(name)}:`} as text)`;
}

/** SQLite takes expressions to a depth of 1,000, and each `||` lies one deeper than the one before. */
const MOST_IN_A_ROW = 100;

/** Texts one after the other. */
export function concatenated(pieces: readonly Sql[]): Sql {
  if (pieces.length <= MOST_IN_A_ROW) return sql.join(pieces, sql` || `);
  const groups: Sql[] = [];
  for (let index = 0; index < pieces.length; index += MOST_IN_A_ROW) {
    groups.push(sql`(${sql.join(pieces.slice(index, index + MOST_IN_A_ROW), sql` || `)})`);
  }
  return concatenated(groups);
}
