import { sql } from "kysely";
import type { Sql, SqlDialect } from "./dialect.js";

/** A place for a key that a request's path brings: the same plan serves every key. */
export interface KeySlot {
  readonly slot: "key";
  /** Index of the path's key segment. */
  readonly segment: number;
  /** Index of the key property. */
  readonly part: number;
}

/** A value that goes to the database as a parameter. */
export type SqlValue = string | number | bigint | null;

/** A compiled statement: text, and what each placeholder takes. */
export interface SqlStatement {
  readonly text: string;
  readonly parameters: readonly (KeySlot | SqlValue)[];
}

/** The parameter for a part of a path's key. */
export function keySlot(segment: number, part: number): Sql {
  return sql`${{ slot: "key", segment, part } satisfies KeySlot}`;
}

export function compile(statement: Sql, dialect: SqlDialect): SqlStatement {
  const { sql: text, parameters } = statement.compile(dialect.builder);
  return { text, parameters: parameters as (KeySlot | SqlValue)[] };
}

/** A path's keys by segment index, as SQL takes them. */
export type PathKeys = ReadonlyMap<number, readonly SqlValue[]>;

/** The values of a statement's placeholders for one request. */
export function parameterValues(statement: SqlStatement, keys: PathKeys): SqlValue[] {
  return statement.parameters.map((parameter) =>
    typeof parameter === "object" && parameter !== null ? keys.get(parameter.segment)![parameter.part]! : parameter,
  );
}
