import type { Kysely, RawBuilder } from "kysely";
import type { PrimitiveTypeName } from "../../edm/index.js";
import type { ColumnKind } from "./mapping.js";

/** A piece of SQL with its parameters. */
export type Sql = RawBuilder<unknown>;

/**
 * What differs between databases. Everything else is the same SQL.
 *
 * Values are at hand in the form of their kind ({@link ColumnKind}): a text; a truth value; an integer; a floating-point
 * number, on SQLite the text `NaN` in its place; a decimal, on SQLite as canonical text, on PostgreSQL as `numeric`; an
 * instant as text without its `Z`; JSON text. NULL is null in all of them.
 */
export interface SqlDialect {
  readonly name: "sqlite" | "postgres";
  /** Kysely without a connection: it writes the text, quotes identifiers, numbers placeholders. */
  readonly builder: Kysely<unknown>;
  /** Reading what a document holds as a value of another kind is an error; otherwise something harmless comes out. */
  readonly strict: boolean;

  /** A placeholder, or the slot that stands for one, as a value of a kind. */
  parameter(place: Sql, kind: ColumnKind): Sql;
  /** A truth value that is known. */
  truth(value: boolean): Sql;
  /** What a column holds as a value of its kind. */
  column(reference: Sql, kind: ColumnKind): Sql;

  /** JSON text of a value; `null` for NULL. The value's text may be written several times. */
  json(value: Sql, kind: ColumnKind): Sql;
  /** JSON text of a text value; `null` for NULL. */
  quoteJson(value: Sql): Sql;
  /** JSON text of a floating-point value, with all digits that it takes to read the same value back; `null` for NULL. */
  numberJson(value: Sql): Sql;
  /** JSON text of a member of a JSON object; `null` for JSON null, NULL where there is no member of that name. */
  member(document: Sql, path: readonly string[]): Sql;
  /** The same of a member of any name, which is a text value. */
  memberNamed(object: Sql, name: Sql): Sql;
  /** The value of a member, which is of the kind or null, as a value of that kind; NULL for null. */
  memberValue(document: Sql, path: readonly string[], kind: ColumnKind): Sql;
  /** JSON text of which nothing is known as a value of a primitive type, which is of the kind; NULL where it is none. */
  read(json: Sql, type: PrimitiveTypeName, kind: ColumnKind): Sql;
  /** The same of bare text, as it stands between the quotes of a literal. */
  parse(text: Sql, type: PrimitiveTypeName, kind: ColumnKind): Sql;
  /** The same of a member whose name is a parameter: an OData identifier. */
  namedMember(document: Sql, name: Sql): Sql;
  /** The members of a JSON object (JSON text) as rows under an alias; no rows for NULL. */
  members(object: Sql, alias: string): JsonMembers;
  /** The items of a JSON array (JSON text) as rows under an alias; no rows for NULL. */
  items(array: Sql, alias: string): JsonItems;

  /** A number as a double. */
  double(value: Sql, kind: "integer" | "decimal" | "number"): Sql;
  /** An integer as a decimal. */
  decimal(value: Sql): Sql;
  /** A decimal in a form that compares as the numbers do. */
  decimalKey(value: Sql): Sql;
  /** A text in a form that compares by code points. */
  textKey(value: Sql): Sql;
  /** Positive infinity, which stands before NaN. */
  readonly infinity: Sql;
  /** NaN, as floating-point values are kept. */
  readonly notANumber: Sql;

  /** A term of `order by`; null sorts before every value, and behind them all in descending order. */
  orderTerm(value: Sql, descending: boolean, mayBeNull: boolean): Sql;
  /** What a row is sorted by, as a value that JSON text can hold. */
  orderText(value: Sql, form: "text" | "integer" | "any"): Sql;
  /** The other way, from a parameter. */
  orderValue(place: Sql, form: "text" | "integer" | "any"): Sql;
  /** ` limit ... offset ...`, or nothing. */
  limit(limit: Sql | undefined, offset: Sql | undefined): Sql;
  /** The hexadecimal digits of a text's UTF-8 bytes, in lower case. */
  hex(text: Sql): Sql;
  /**
   * The sum of a group's or a window's values; null for none. Sums of integers stay within 64 bits, as those of Edm.Int32
   * do; others are added up as decimals.
   *
   * @param over `over (...)`, for a window
   */
  sum(value: Sql, kind: "integer" | "decimal" | "number", over?: Sql): Sql;
  /**
   * Conditions that are true, and end the statement with an error where it has taken too long: for the rows of collections
   * that are gone through for each row of another. None where the database looks at the time by itself.
   *
   * @param values one of each table that is gone through for each row of the one before it, where there are several
   */
  inTime(...values: readonly Sql[]): Sql[];
  /** The texts of a group in an order, with commas between them; NULL for no rows. */
  join(texts: Sql, order: Sql | undefined): Sql;

  /** The canonical functions that differ. */
  readonly functions: DialectFunctions;
}

/** The members of a JSON object as rows. */
export interface JsonMembers {
  readonly from: Sql;
  readonly name: Sql;
  /** JSON text of the value. */
  readonly json: Sql;
}

/** The items of a JSON array as rows. */
export interface JsonItems {
  readonly from: Sql;
  /** Counts up. */
  readonly position: Sql;
  /** The item as a value of a kind. */
  value(kind: ColumnKind): Sql;
}

/**
 * Functions on values, NULL where an argument is. Positions and lengths count code points, from 0. Only the arguments of
 * `startsWith` and `endsWith` may be written several times.
 */
export interface DialectFunctions {
  contains(text: Sql, part: Sql): Sql;
  startsWith(text: Sql, part: Sql): Sql;
  endsWith(text: Sql, part: Sql): Sql;
  indexOf(text: Sql, part: Sql): Sql;
  length(text: Sql): Sql;
  substring(text: Sql, start: Sql, length: Sql | undefined): Sql;
  lower(text: Sql): Sql;
  upper(text: Sql): Sql;
  trim(text: Sql): Sql;
  /**
   * @throws ODataError 501 where the database has no expression of the same meaning
   */
  matches(text: Sql, pattern: string): Sql;
}
