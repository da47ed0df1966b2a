import { sql } from "kysely";
import type { SearchExpression } from "../../syntax/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { EntityMapping, SearchedProperty, SearchMapping } from "./mapping.js";

/**
 * The words of a text: runs of letters and digits, in lower case (docs/query-semantics.md).
 *
 * @example searchWords("Nail-gun, 2nd edition") // ["nail", "gun", "2nd", "edition"]
 */
export function searchWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{Nd}]+/gu) ?? [];
}

/** Stands between the words of two properties, so that no phrase goes from one to the other. It is no letter. */
const BREAK = "\u2016";

/** The words of an entity's searchable properties as the index on SQLite holds them. */
export function searchText(texts: readonly (string | null)[]): string {
  return texts.flatMap((text) => (text === null ? [] : [searchWords(text).join(" ")])).join(` ${BREAK} `);
}

/** The name of the table with the words, on SQLite: its rows are numbered as those of the table of the keys. */
export function searchWordsTable({ name }: SearchMapping): string {
  return `${name}_words`;
}

/**
 * The condition that a row is found by a search expression: URL Conventions 4.01, section 5.1.7. What it looks for goes
 * to the database as parameters, cut into words.
 *
 * @param alias of the entity's table
 */
export function searchCondition(
  alias: string,
  mapping: EntityMapping,
  search: SearchExpression,
  dialect: SqlDialect,
): Sql {
  if (mapping.search === undefined) return dialect.truth(false);
  return dialect.name === "sqlite"
    ? sqliteCondition(alias, mapping, mapping.search, search, dialect)
    : postgresCondition(alias, mapping, search, dialect);
}

/** Operands of AND or OR and what is under NOT, walked: chains of one operator are long and lean to the left. */
type Searched =
  | { readonly kind: "term"; readonly words: readonly string[] }
  | { readonly kind: "not"; readonly operand: Searched }
  | { readonly kind: "AND" | "OR"; readonly operands: readonly Searched[] };

function searched(search: SearchExpression): Searched {
  if (search.kind === "SearchTerm") return { kind: "term", words: searchWords(search.text) };
  if (search.kind === "SearchNot") return { kind: "not", operand: searched(search.operand) };
  const { operator } = search;
  const operands: Searched[] = [];
  let left: SearchExpression = search;
  while (left.kind === "SearchBinary" && left.operator === operator) {
    operands.push(searched(left.right));
    left = left.left;
  }
  operands.push(searched(left));
  return { kind: operator, operands: operands.reverse() };
}

/* ---------------------------------------------------------------- SQLite */

/** What to ask FTS5 for, or for what not; `true` and `false` need not be asked for. */
type Match = { readonly text: string; readonly negated: boolean } | boolean;

function sqliteCondition(
  alias: string,
  { key }: EntityMapping,
  mapping: SearchMapping,
  search: SearchExpression,
  dialect: SqlDialect,
): Sql {
  const match = matchOf(searched(search));
  if (typeof match === "boolean") return dialect.truth(match);
  const words = searchWordsTable(mapping);
  const keys = (table: string): Sql => sql.join(key.map((column) => sql.ref(`${table}.${column}`)));
  const found = sql`select ${keys(mapping.name)} from ${sql.table(words)} join ${sql.table(mapping.name)} on ${sql.ref(`${mapping.name}.docid`)} = ${sql.ref(`${words}.rowid`)} where ${sql.ref(words)} match ${match.text}`;
  const row = key.length === 1 ? keys(alias) : sql`(${keys(alias)})`;
  return match.negated ? sql`${row} not in (${found})` : sql`${row} in (${found})`;
}

/**
 * FTS5's NOT has two operands. So what is found and what must not be found are kept apart, and become one text: `a AND NOT
 * b` is `a NOT b`, `a OR NOT b` is everything but `b NOT a`.
 */
function matchOf(search: Searched): Match {
  switch (search.kind) {
    case "term":
      // Words hold nothing that FTS5 would read as more than a word.
      return search.words.length > 0 && { text: `"${search.words.join(" ")}"`, negated: false };
    case "not": {
      const match = matchOf(search.operand);
      return typeof match === "boolean" ? !match : { text: match.text, negated: !match.negated };
    }
    default:
      return combined(search.kind, search.operands.map(matchOf));
  }
}

function combined(operator: "AND" | "OR", operands: readonly Match[]): Match {
  const decisive = operator === "OR";
  if (operands.includes(decisive)) return decisive;
  const texts = (negated: boolean): string[] =>
    operands.flatMap((match) => (typeof match !== "boolean" && match.negated === negated ? [match.text] : []));
  const found = all(texts(false), operator);
  // None of several, or not all of them.
  const excluded = all(texts(true), operator === "AND" ? "OR" : "AND");
  if (excluded === undefined) return found === undefined ? !decisive : { text: found, negated: false };
  if (found === undefined) return { text: excluded, negated: true };
  return operator === "AND"
    ? { text: `(${found} NOT ${excluded})`, negated: false }
    : { text: `(${excluded} NOT ${found})`, negated: true };
}

function all(texts: readonly string[], operator: "AND" | "OR"): string | undefined {
  return texts.length < 2 ? texts[0] : `(${texts.join(` ${operator} `)})`;
}

/* ------------------------------------------------------------ PostgreSQL */

/** An index holds the beginnings of words only: an entry must not be long. Whole words are looked at afterwards. */
const WORD_LENGTH = 100;

/**
 * Functions on PostgreSQL for the words of an entity's searchable properties. They call none of ours, since an index may be
 * made where only the system's own are found by their names.
 */
export const postgresSearchFunctions: readonly string[] = [
  // The words with a space around each, so that a phrase is there if its text is.
  `create or replace function odatum_search_text(texts text[]) returns text
    language sql immutable parallel safe cost 500 as $$
      select coalesce(string_agg(${wordsOf("t")}, '${BREAK}'), '') from unnest(texts) as t where t is not null
    $$`,
  `create or replace function odatum_search_words(texts text[]) returns text[]
    language sql immutable parallel safe cost 500 as $$
      select coalesce(array_agg(distinct left(w, ${WORD_LENGTH}) collate "C"), '{}')
      from unnest(texts) as t, unnest(string_to_array(${wordsOf("t")}, ' ')) as w where w <> ''
    $$`,
];

function wordsOf(text: string): string {
  return `' ' || btrim(regexp_replace(lower(${text} collate "und-x-icu") collate "und-x-icu", '[^[:alnum:]]+', ' ', 'g')) || ' '`;
}

/**
 * The texts of an entity's searchable properties on PostgreSQL, as an array; conditions and the index have to write them in
 * the same way.
 *
 * @param alias of the entity's table; none within the definition of an index
 */
export function postgresSearchTexts(
  { discriminator, document }: EntityMapping,
  { properties }: SearchMapping,
  alias?: string,
): Sql {
  const column = (name: string): Sql => sql`${sql.ref(alias === undefined ? name : `${alias}.${name}`)}`;
  const text = ({ property, path = [], column: own, types }: SearchedProperty): Sql => {
    const members = own === undefined ? [property, ...path] : path;
    const value = members.length === 0 ? column(own!) : textIn(column(own ?? document!), members);
    if (types === undefined) return value;
    const values = sql.join(types.map((type) => sql.lit(type)));
    return sql`case when ${column(discriminator!.column)} in (${values}) then ${value} end`;
  };
  return sql`array[${sql.join(properties.map((property) => sql`(${text(property)})::text`))}]`;
}

/** A text in a column with JSON. */
function textIn(column: Sql, path: readonly string[]): Sql {
  const [member] = path;
  if (path.length === 1) return sql`${column}::json ->> ${sql.lit(member!)}`;
  return sql`${column}::json #>> ${sql.lit(`{${path.map((name) => `"${name}"`).join(",")}}`)}`;
}

function postgresCondition(alias: string, mapping: EntityMapping, search: SearchExpression, dialect: SqlDialect): Sql {
  const texts = postgresSearchTexts(mapping, mapping.search!, alias);
  const condition = (of: Searched): Sql => {
    switch (of.kind) {
      case "term":
        return term(of.words, texts, dialect);
      case "not":
        return sql`not ${condition(of.operand)}`;
      default: {
        const [single, others] = singleWords(of.operands);
        const conditions = others.map(condition);
        if (single.length > 0) {
          const operator = of.kind === "AND" ? sql`@>` : sql`&&`;
          conditions.unshift(sql`odatum_search_words(${texts}) ${operator} ${wordArray(single)}`);
        }
        return sql`(${sql.join(conditions, sql.raw(` ${of.kind} `))})`;
      }
    }
  };
  return condition(searched(search));
}

/** The operands that are one word each, which are looked for together, and the others. */
function singleWords(operands: readonly Searched[]): [string[], Searched[]] {
  const single: string[] = [];
  const others: Searched[] = [];
  for (const operand of operands) {
    if (operand.kind === "term" && operand.words.length === 1 && isIndexed(operand.words[0]!))
      single.push(operand.words[0]!);
    else others.push(operand);
  }
  return [single, others];
}

function term(words: readonly string[], texts: Sql, dialect: SqlDialect): Sql {
  if (words.length === 0) return dialect.truth(false);
  const found = sql`odatum_search_words(${texts}) @> ${wordArray(words)}`;
  if (words.length === 1 && isIndexed(words[0]!)) return found;
  return sql`(${found} and strpos(odatum_search_text(${texts}), ${` ${words.join(" ")} `}) > 0)`;
}

function isIndexed(word: string): boolean {
  return word.length <= WORD_LENGTH;
}

/** Words in quotes are words, also `null`. */
function wordArray(words: readonly string[]): Sql {
  const cut = words.map((word) => `"${[...word].slice(0, WORD_LENGTH).join("")}"`);
  return sql`cast(${`{${cut.join(",")}}`} as text[])`;
}
