import { sql } from "kysely";
import type { PrimitiveType } from "../../edm/index.js";
import type { Literal } from "../../syntax/index.js";
import type { Sql, SqlDialect } from "./dialect.js";

/** A place for a key that a request's path brings: the same plan serves every key. */
export interface KeySlot {
  readonly slot: "key";
  /** Index of the path's key segment. */
  readonly segment: number;
  /** Index of the key property. */
  readonly part: number;
}

/** A place for a literal of the query: the same plan serves every value. */
export interface LiteralSlot {
  readonly slot: "literal";
  readonly literal: Literal;
  /** What the literal is read as. */
  readonly type: PrimitiveType;
  /** Its value in the request for which the plan was made. */
  readonly value: SqlValue;
}

/**
 * A place for what the service works out for each request: how many rows at most, how many to pass over; a value of the row
 * after which a page starts; the instant of the request (`2024-01-01T10:00:00.5`, as columns hold it); the keys of the
 * entities that an operation has given back ({@link resultKeys}).
 */
export type RequestSlot =
  { readonly slot: "limit" | "offset" | "now" | "results" } | { readonly slot: "after"; readonly index: number };

export type Slot = KeySlot | LiteralSlot | RequestSlot;

/** A value that goes to the database as a parameter. */
export type SqlValue = string | number | bigint | boolean | null;

/** A compiled statement: text, and what each placeholder takes. */
export interface SqlStatement {
  readonly text: string;
  readonly parameters: readonly (Slot | SqlValue)[];
  /** It calls functions of ours, which not every connection has. */
  readonly functions: boolean;
}

/** The parameter for a part of a path's key. */
export function keySlot(segment: number, part: number): Sql {
  return slot({ slot: "key", segment, part });
}

/** A parameter whose value each request brings. */
export function slot(of: Slot): Sql {
  return sql`${of}`;
}

/** All functions that odatum adds to a database have names that begin so; tables may, too, but no bracket follows these. */
export const FUNCTION_PREFIX = "odatum_";

const CALL = new RegExp(`\\b${FUNCTION_PREFIX}\\w+\\(`);

export function compile(statement: Sql, dialect: SqlDialect): SqlStatement {
  const { sql: text, parameters } = statement.compile(dialect.builder);
  return { text, parameters: parameters as (Slot | SqlValue)[], functions: CALL.test(text) };
}

/** A path's keys by segment index, as SQL takes them. */
export type PathKeys = ReadonlyMap<number, readonly SqlValue[]>;

/** What one request puts into a plan's slots. */
export interface SlotValues {
  readonly keys: PathKeys;
  /** Literals that differ from those that the plan was made for. */
  readonly literals?: ReadonlyMap<Literal, SqlValue> | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly after?: readonly SqlValue[] | undefined;
  readonly now?: string | undefined;
  /** For a path that begins with an operation: see {@link resultKeys}. */
  readonly results?: string | undefined;
}

/** The values of a statement's placeholders for one request. */
export function parameterValues(statement: SqlStatement, values: SlotValues): SqlValue[] {
  return statement.parameters.map((parameter) =>
    typeof parameter === "object" && parameter !== null ? slotValue(parameter, values) : parameter,
  );
}

function slotValue(parameter: Slot, values: SlotValues): SqlValue {
  switch (parameter.slot) {
    case "key":
      return values.keys.get(parameter.segment)![parameter.part]!;
    case "literal": {
      const value = values.literals?.get(parameter.literal);
      return value === undefined ? parameter.value : value;
    }
    case "after":
      return values.after![parameter.index]!;
    default:
      return values[parameter.slot]!;
  }
}
