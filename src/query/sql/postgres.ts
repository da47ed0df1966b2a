import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import type { Sql, SqlDialect } from "./dialect.js";
import type { ColumnKind } from "./mapping.js";
import { translatePattern } from "./postgres-pattern.js";
import { WHITE_SPACE } from "./white-space.js";

const builder = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** What a value of a kind is in SQL. Decimals, instants and JSON are kept in columns as text. */
const TYPES: Readonly<Record<ColumnKind, string>> = {
  text: "text",
  boolean: "boolean",
  integer: "bigint",
  number: "double precision",
  decimal: "numeric",
  instant: "text",
  json: "text",
};

function cast(value: Sql, kind: ColumnKind): Sql {
  return sql`cast(${value} as ${sql.raw(TYPES[kind])})`;
}

/** Code points in the order of their numbers: no language has this order, and UTF-8 bytes do. */
function inOrder(text: Sql): Sql {
  return sql`(${text} collate "C")`;
}

/** The text of a JSON scalar as a value of a kind. */
function scalarValue(text: Sql, kind: ColumnKind): Sql {
  switch (kind) {
    case "text":
    case "json":
      return inOrder(text);
    case "instant":
      return inOrder(sql`rtrim(${text}, 'Z')`);
    default:
      return cast(text, kind);
  }
}

/** A canonical text as a value of a kind. */
function ofText(text: Sql, kind: ColumnKind): Sql {
  return kind === "text" || kind === "instant" || kind === "json" ? text : cast(text, kind);
}

/** `{a,b}` as SQL's path operators take it; names are the model's, or quoted all the same. */
function jsonPath(path: readonly string[]): Sql {
  return sql`array[${sql.join(path.map((name) => sql.lit(name)))}]`;
}

function reach(document: Sql, path: readonly string[], as: "json" | "text"): Sql {
  const json = asJson(document);
  if (path.length === 1) return sql`(${json} ${sql.raw(as === "json" ? "->" : "->>")} ${sql.lit(path[0]!)})`;
  return sql`(${json} ${sql.raw(as === "json" ? "#>" : "#>>")} ${jsonPath(path)})`;
}

function asJson(text: Sql): Sql {
  return sql`cast(${text} as json)`;
}

/** PostgreSQL from 13 on; a Decimal that is infinite takes 14. */
export const postgres: SqlDialect = {
  name: "postgres",
  builder,
  strict: true,

  parameter: cast,
  // `order by` does not take a bare constant.
  truth: (value) => sql.raw(value ? "(1 = 1)" : "(1 = 0)"),
  column: (reference, kind) => (kind === "decimal" ? cast(reference, kind) : reference),

  json(value, kind) {
    switch (kind) {
      case "text":
        return postgres.quoteJson(value);
      case "boolean":
      case "integer":
        return sql`coalesce(cast(${value} as text), 'null')`;
      case "instant":
        return sql`coalesce('"' || ${value} || 'Z"', 'null')`;
      case "number":
        return postgres.numberJson(value);
      case "decimal":
        return sql`coalesce(odatum_decimal_json(${value}), 'null')`;
      case "json":
        return sql`coalesce(${value}, 'null')`;
    }
  },
  quoteJson: (value) => sql`coalesce(cast(to_json(cast(${value} as text)) as text), 'null')`,
  numberJson: (value) =>
    sql`case cast(${value} as text) when 'Infinity' then '"INF"' when '-Infinity' then '"-INF"' when 'NaN' then '"NaN"' else coalesce(cast(${value} as text), 'null') end`,
  member: (document, path) => sql`cast(${reach(document, path, "json")} as text)`,
  memberNamed: (object, name) => sql`cast((${asJson(object)} -> ${name}) as text)`,
  memberValue: (document, path, kind) =>
    kind === "json"
      ? sql`nullif(${postgres.member(document, path)}, 'null')`
      : scalarValue(reach(document, path, "text"), kind),
  read: (json, type, kind) => ofText(sql`odatum_read(${json}, ${sql.lit(type)})`, kind),
  parse: (text, type, kind) => ofText(sql`odatum_parse(${text}, ${sql.lit(type)})`, kind),
  namedMember: (document, name) => sql`cast((${asJson(document)} -> cast(${name} as text)) as text)`,
  members(object, alias) {
    return {
      from: sql`json_each(${asJson(object)}) as ${sql.ref(alias)}(name, value)`,
      name: inOrder(sql`${sql.ref(`${alias}.name`)}`),
      json: sql`cast(${sql.ref(`${alias}.value`)} as text)`,
    };
  },
  items(array, alias) {
    const value = sql.ref(`${alias}.value`);
    return {
      from: sql`json_array_elements(${asJson(array)}) with ordinality as ${sql.ref(alias)}(value, position)`,
      position: sql`${sql.ref(`${alias}.position`)}`,
      value: (kind) =>
        kind === "json" ? sql`nullif(cast(${value} as text), 'null')` : scalarValue(sql`(${value} #>> '{}')`, kind),
    };
  },

  double: (value, kind) =>
    kind === "number" ? value : kind === "integer" ? cast(value, "number") : sql`odatum_decimal_double(${value})`,
  decimal: (value) => cast(value, "decimal"),
  decimalKey: (value) => value,
  textKey: inOrder,
  infinity: sql`cast('Infinity' as double precision)`,
  notANumber: sql`cast('NaN' as double precision)`,

  orderTerm(value, descending, mayBeNull) {
    if (descending) return mayBeNull ? sql`${value} desc nulls last` : sql`${value} desc`;
    return mayBeNull ? sql`${value} asc nulls first` : value;
  },
  orderText: (value, form) => (form === "text" ? value : sql`cast(${value} as text)`),
  // The other side of the comparison tells the type.
  orderValue: (place, form) => (form === "any" ? place : cast(place, form)),
  limit(limit, offset) {
    const part = (word: string, place: Sql | undefined) =>
      place === undefined ? sql`` : sql` ${sql.raw(word)} ${cast(place, "integer")}`;
    return sql`${part("limit", limit)}${part("offset", offset)}`;
  },
  hex: (text) => sql`encode(convert_to(${text}, 'UTF8'), 'hex')`,
  // The database's own sum of doubles is an error where it passes their range.
  sum(value, kind, over = sql``) {
    if (kind === "number") return sql`odatum_double_sum(${value})${over}`;
    return kind === "decimal" ? sql`odatum_decimal_bounded(sum(${value})${over})` : sql`sum(${value})${over}`;
  },
  inTime: () => [],

  join: (texts, order) => sql`string_agg(${texts}, ','${order === undefined ? sql`` : sql` order by ${order}`})`,

  functions: {
    contains: (text, part) => sql`(strpos(${inOrder(text)}, ${part}) > 0)`,
    startsWith: (text, part) => sql`starts_with(${inOrder(text)}, ${part})`,
    endsWith: (text, part) => sql`(right(${text}, char_length(${part})) = ${part})`,
    indexOf: (text, part) => sql`(strpos(${inOrder(text)}, ${part}) - 1)`,
    length: (text) => sql`char_length(${text})`,
    substring: (text, start, length) =>
      length === undefined
        ? sql`odatum_substring(${text}, ${start})`
        : sql`odatum_substring(${text}, ${start}, ${length})`,
    // The root locale of ICU: full case mapping, without a language.
    lower: (text) => inOrder(sql`lower(${text} collate "und-x-icu")`),
    upper: (text) => inOrder(sql`upper(${text} collate "und-x-icu")`),
    trim: (text) => sql`btrim(${text}, ${sql.lit(WHITE_SPACE)})`,
    matches: (text, pattern) => sql`(${inOrder(text)} ~ ${cast(sql`${translatePattern(pattern)}`, "text")})`,
  },
};
