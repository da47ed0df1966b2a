import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import type { Sql, SqlDialect } from "./dialect.js";
import { IN_TIME_FUNCTION } from "./functions/sqlite/in-time.js";
import type { ColumnKind } from "./mapping.js";
import { WHITE_SPACE } from "./white-space.js";

const builder = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

const IN_TIME = sql.raw(IN_TIME_FUNCTION);

/** Property names come from the model; quoted all the same, for those that are no plain identifiers. */
function jsonPath(path: readonly string[]): Sql {
  return sql.lit(`$${path.map((name) => `.${JSON.stringify(name)}`).join("")}`);
}

/** No text holds this byte, and every text is less than it. */
const BEHIND_ALL = sql`cast(x'ff' as text)`;

/** A JSON value that SQLite has read, as a value of a kind; `raw` is its JSON text. */
function jsonValue(value: Sql, raw: Sql, kind: ColumnKind): Sql {
  switch (kind) {
    case "text":
    case "boolean":
    case "integer":
      return value;
    case "number":
      return sql`case ${value} when 'INF' then 9e999 when '-INF' then -9e999 else ${value} end`;
    case "instant":
      return sql`rtrim(${value}, 'Z')`;
    case "decimal":
    case "json":
      // SQLite would make a double of a number with a point.
      return sql`nullif(${raw}, 'null')`;
  }
}

/** SQLite from 3.44 on, through either driver. */
export const sqlite: SqlDialect = {
  name: "sqlite",
  builder,
  strict: false,

  // A driver may hand over every number as a double, and Int64 comes as text.
  // The sign takes the cast's affinity away, with which no index on an expression could be used.
  parameter: (place, kind) => (kind === "integer" ? sql`+cast(${place} as integer)` : place),
  // A bare number would be the number of a column to `order by`.
  truth: (value) => sql.raw(value ? "(1 = 1)" : "(1 = 0)"),
  column: (reference) => reference,

  json(value, kind) {
    switch (kind) {
      case "text":
        return sqlite.quoteJson(value);
      case "boolean":
        return sql`case ${value} when 1 then 'true' when 0 then 'false' else 'null' end`;
      case "instant":
        return sql`coalesce('"' || ${value} || 'Z"', 'null')`;
      case "number":
        return sqlite.numberJson(value);
      case "integer":
      case "decimal":
      case "json":
        return sql`coalesce(${value}, 'null')`;
    }
  },
  quoteJson: (value) => sql`json_quote(${value})`,
  // A text is NaN. Fifteen digits are enough for most numbers, seventeen for all; which ones `json_quote` writes depends
  // on the version of SQLite.
  numberJson: (value) =>
    sql`case when typeof(${value}) <> 'real' then json_quote(${value}) when ${value} = 9e999 then '"INF"' when ${value} = -9e999 then '"-INF"' when cast(printf('%!.15g', ${value}) as real) = ${value} then printf('%!.15g', ${value}) else printf('%!.17g', ${value}) end`,
  member: (document, path) => sql`(${document} -> ${jsonPath(path)})`,
  memberNamed(object, name) {
    const member = sqlite.members(object, "m");
    return sql`(select ${member.json} from ${member.from} where ${member.name} = ${name})`;
  },
  memberValue: (document, path, kind) =>
    jsonValue(sql`(${document} ->> ${jsonPath(path)})`, sqlite.member(document, path), kind),
  read: (json, type) => sql`odatum_read(${json}, ${sql.lit(type)})`,
  parse: (text, type) => sql`odatum_parse(${text}, ${sql.lit(type)})`,
  // What is no path and no number is a name.
  namedMember: (document, name) => sql`(${document} -> ${name})`,
  members(object, alias) {
    const column = (name: string) => sql`${sql.ref(`${alias}.${name}`)}`;
    // What is no number comes out as it went in; a number keeps its digits only as JSON text.
    return {
      from: sql`json_each(${object}) as ${sql.ref(alias)}`,
      name: column("key"),
      json: sql`case ${column("type")} when 'text' then json_quote(${column("value")}) when 'object' then ${column("value")} when 'array' then ${column("value")} when 'integer' then (${column("json")} -> ${column("fullkey")}) when 'real' then (${column("json")} -> ${column("fullkey")}) else ${column("type")} end`,
    };
  },
  items(array, alias) {
    const column = (name: string) => sql`${sql.ref(`${alias}.${name}`)}`;
    const raw = sql`(${column("json")} -> ('$[' || ${column("key")} || ']'))`;
    return {
      from: sql`json_each(${array}) as ${sql.ref(alias)}`,
      position: column("key"),
      value: (kind) =>
        kind === "json"
          ? sql`case when ${column("type")} in ('object', 'array') then ${column("value")} when ${column("type")} <> 'null' then ${raw} end`
          : jsonValue(column("value"), raw, kind),
    };
  },

  double: (value, kind) =>
    kind === "number" ? value : kind === "integer" ? sql`cast(${value} as real)` : sql`odatum_decimal_double(${value})`,
  decimal: (value) => sql`cast(${value} as text)`,
  decimalKey: (value) => sql`odatum_decimal_key(${value})`,
  textKey: (value) => value,
  infinity: sql`9e999`,
  notANumber: sql`'NaN'`,

  orderTerm: (value, descending) => (descending ? sql`${value} desc` : value),
  orderText(value, form) {
    if (form === "text") return value;
    if (form === "integer") return sql`cast(${value} as text)`;
    // The first letter tells what the value was; infinities have no digits.
    return sql`case typeof(${value}) when 'integer' then 'i' || ${value} when 'real' then case ${value} when 9e999 then 'r9e999' when -9e999 then 'r-9e999' else printf('r%!.17g', ${value}) end else 't' || ${value} end`;
  },
  orderValue(place, form) {
    if (form === "text") return place;
    if (form === "integer") return sql`+cast(${place} as integer)`;
    return sql`case substr(${place}, 1, 1) when 'i' then cast(substr(${place}, 2) as integer) when 'r' then cast(substr(${place}, 2) as real) else substr(${place}, 2) end`;
  },
  limit(limit, offset) {
    if (limit === undefined && offset === undefined) return sql``;
    const count = sql` limit ${limit ?? sql.raw("-1")}`;
    return offset === undefined ? count : sql`${count} offset ${offset}`;
  },
  hex: (text) => sql`lower(hex(${text}))`,
  sum(value, kind, over = sql``) {
    if (kind === "integer") return sql`sum(${value})${over}`;
    if (kind === "decimal") return sql`odatum_sum(${value})${over}`;
    // To SQLite NaN is a text, and infinities of both signs add up to NULL.
    const count = (counted: Sql) => sql`count(${counted})${over}`;
    return sql`case when ${count(sql`case when typeof(${value}) = 'text' then 1 end`)} > 0 then 'NaN' else coalesce(sum(cast(${value} as real))${over}, case when ${count(value)} > 0 then 'NaN' end) end`;
  },
  inTime: (...values) =>
    // A condition on no table would be looked at for the outermost only.
    values.length === 0 ? [sql`${IN_TIME}()`] : values.map((value) => sql`${IN_TIME}(${value})`),
  join: (texts, order) => sql`group_concat(${texts}, ','${order === undefined ? sql`` : sql` order by ${order}`})`,

  // `length` and `substr` stop at U+0000, which a text may hold; `instr` and comparisons do not.
  functions: {
    contains: (text, part) => sql`(instr(${text}, ${part}) > 0)`,
    // A range, which an index can find.
    startsWith: (text, part) => sql`(${text} >= ${part} and ${text} < ${part} || ${BEHIND_ALL})`,
    endsWith(text, part) {
      // Of an empty blob `substr` makes NULL; with one more byte in front there is none.
      const [bytes, end] = [sql`cast(${BEHIND_ALL} || ${text} as blob)`, sql`cast(${part} as blob)`];
      return sql`(substr(${bytes}, length(${bytes}) - length(${end}) + 1) = ${end})`;
    },
    indexOf: (text, part) => sql`(instr(${text}, ${part}) - 1)`,
    length: (text) => sql`(instr(${text} || ${BEHIND_ALL}, ${BEHIND_ALL}) - 1)`,
    substring: (text, start, length) =>
      length === undefined
        ? sql`odatum_substring(${text}, ${start})`
        : sql`odatum_substring(${text}, ${start}, ${length})`,
    lower: (text) => sql`odatum_tolower(${text})`,
    upper: (text) => sql`odatum_toupper(${text})`,
    trim: (text) => sql`trim(${text}, ${sql.lit(WHITE_SPACE)})`,
    matches: (text, pattern) => sql`odatum_matches(${text}, ${pattern})`,
  },
};

/** The same for a connection that can have no functions of ours and holds up nobody: none that looks at the time. */
export const sqliteWithoutFunctions: SqlDialect = { ...sqlite, inTime: () => [] };
