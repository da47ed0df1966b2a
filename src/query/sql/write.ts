import { sql } from "kysely";
import type { Sql, SqlDialect } from "./dialect.js";
import type { EntityMapping } from "./mapping.js";
import { linkTable } from "./mapping.js";

/** Statements that write: their texts, with a placeholder for each value, in the order in which the doc comments list them. */

const place = () => sql`${null}`;

function text(statement: Sql, dialect: SqlDialect): string {
  return statement.compile(dialect.builder).sql;
}

function equals(column: string): Sql {
  return sql`${sql.ref(column)} = ${place()}`;
}

function allOf(columns: readonly string[]): Sql {
  return sql.join(columns.map(equals), sql` and `);
}

/** One of `count` rows, each told by the values of the same columns. */
function anyOf(columns: readonly string[], count: number): Sql {
  if (count === 1) return allOf(columns);
  return sql.join(
    Array.from({ length: count }, () => sql`(${allOf(columns)})`),
    sql` or `,
  );
}

/** Takes the columns' values. */
export function insertText(table: string, columns: readonly string[], dialect: SqlDialect): string {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  return text(sql`insert into ${sql.table(table)} (${names}) values (${sql.join(columns.map(place))})`, dialect);
}

/** Takes the columns' values, then those of `where`, `count` times where that many rows are meant. */
export function updateText(
  table: string,
  columns: readonly string[],
  where: readonly string[],
  dialect: SqlDialect,
  count = 1,
): string {
  return text(
    sql`update ${sql.table(table)} set ${sql.join(columns.map(equals))} where ${anyOf(where, count)}`,
    dialect,
  );
}

/** The columns of a table whose integers a JavaScript number might not hold: they are read as texts. */
export function integerColumns(mapping: EntityMapping): Set<string> {
  return new Set([...mapping.columns.values()].filter(({ kind }) => kind === "integer").map(({ column }) => column));
}

/** Reads the row with a key, its integers as texts. Takes the key's values. */
export function selectRowText(mapping: EntityMapping, columns: readonly string[], dialect: SqlDialect): string {
  return selectRowsText(mapping, columns, mapping.key, dialect);
}

/** Reads rows by columns that may be other ones than the key's. Takes the values of `where`, `count` times. */
export function selectRowsText(
  mapping: EntityMapping,
  columns: readonly string[],
  where: readonly string[],
  dialect: SqlDialect,
  count = 1,
): string {
  const texts = integerColumns(mapping);
  const values = columns.map((column) => {
    const value = sql`${sql.ref(column)}`;
    return texts.has(column) ? sql`cast(${value} as text) as ${value}` : value;
  });
  return text(sql`select ${sql.join(values)} from ${sql.table(mapping.table)} where ${anyOf(where, count)}`, dialect);
}

/** Sets a column to NULL. Takes the values of `where`. */
export function clearText(table: string, column: string, where: readonly string[], dialect: SqlDialect): string {
  return text(sql`update ${sql.table(table)} set ${sql.ref(column)} = null where ${allOf(where)}`, dialect);
}

/** Takes the values of `where`; without any, all rows are meant. */
export function selectText(
  table: string,
  columns: readonly string[],
  where: readonly string[],
  dialect: SqlDialect,
): string {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  return text(
    sql`select ${names} from ${sql.table(table)}${where.length === 0 ? sql`` : sql` where ${allOf(where)}`}`,
    dialect,
  );
}

/** Takes the values of `where`, `count` times where that many rows are meant. */
export function deleteText(table: string, where: readonly string[], dialect: SqlDialect, count = 1): string {
  return text(sql`delete from ${sql.table(table)} where ${anyOf(where, count)}`, dialect);
}

/**
 * Ties two entities in the link table, behind the ties that are there; one that is there already stays.
 * Takes source table, source key, property, target table, target key, and the first three again.
 */
export function insertLinkText(dialect: SqlDialect): string {
  const { name, sourceTable, sourceKey, property, targetTable, targetKey, position } = linkTable;
  const columns = sql.join(
    [sourceTable, sourceKey, property, targetTable, targetKey, position].map((column) => sql.ref(column)),
  );
  const places = sql.join([1, 2, 3, 4, 5].map(place));
  const next = sql`select coalesce(max(${sql.ref(position)}) + 1, 0) from ${sql.table(name)} where ${allOf([sourceTable, sourceKey, property])}`;
  return text(
    sql`insert into ${sql.table(name)} (${columns}) values (${places}, (${next})) on conflict do nothing`,
    dialect,
  );
}

/** Which end of a link is looked for. */
export type LinkEnd = "source" | "target";

function endColumns(end: LinkEnd): readonly [table: string, key: string] {
  return end === "source" ? [linkTable.sourceTable, linkTable.sourceKey] : [linkTable.targetTable, linkTable.targetKey];
}

/** Table and key of what navigation properties lead to. Takes the source table and the property, then the source keys. */
export function selectLinkTargetsText(count: number, dialect: SqlDialect): string {
  const { name, sourceTable, sourceKey, property, targetTable, targetKey } = linkTable;
  return text(
    sql`select ${sql.ref(targetTable)}, ${sql.ref(targetKey)} from ${sql.table(name)} where ${allOf([sourceTable, property])} and (${anyOf([sourceKey], count)})`,
    dialect,
  );
}

/** Reads the other ends of links that lead to some rows of a table. Takes the table, then the keys. */
export function selectLinkSourcesText(count: number, dialect: SqlDialect): string {
  const { name, sourceTable, sourceKey, targetTable, targetKey } = linkTable;
  return text(
    sql`select distinct ${sql.ref(sourceTable)}, ${sql.ref(sourceKey)} from ${sql.table(name)} where ${equals(targetTable)} and (${anyOf([targetKey], count)})`,
    dialect,
  );
}

/** Deletes the links at one end of which stands one of some rows of a table. Takes the table, then the keys. */
export function unlinkText(end: LinkEnd, count: number, dialect: SqlDialect): string {
  const [table, key] = endColumns(end);
  return text(
    sql`delete from ${sql.table(linkTable.name)} where ${equals(table)} and (${anyOf([key], count)})`,
    dialect,
  );
}
