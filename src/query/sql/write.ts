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

/** Takes the columns' values. */
export function insertText(table: string, columns: readonly string[], dialect: SqlDialect): string {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  return text(sql`insert into ${sql.table(table)} (${names}) values (${sql.join(columns.map(place))})`, dialect);
}

/** Takes the columns' values, then those of `where`. */
export function updateText(
  table: string,
  columns: readonly string[],
  where: readonly string[],
  dialect: SqlDialect,
): string {
  return text(sql`update ${sql.table(table)} set ${sql.join(columns.map(equals))} where ${allOf(where)}`, dialect);
}

/** The columns of a table whose integers a JavaScript number might not hold: they are read as texts. */
export function integerColumns(mapping: EntityMapping): Set<string> {
  return new Set([...mapping.columns.values()].filter(({ kind }) => kind === "integer").map(({ column }) => column));
}

/** Reads the row with a key, its integers as texts. Takes the key's values. */
export function selectRowText(mapping: EntityMapping, columns: readonly string[], dialect: SqlDialect): string {
  const texts = integerColumns(mapping);
  const values = columns.map((column) => {
    const value = sql`${sql.ref(column)}`;
    return texts.has(column) ? sql`cast(${value} as text) as ${value}` : value;
  });
  return text(sql`select ${sql.join(values)} from ${sql.table(mapping.table)} where ${allOf(mapping.key)}`, dialect);
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

/** Takes the values of `where`. */
export function deleteText(table: string, where: readonly string[], dialect: SqlDialect): string {
  return text(sql`delete from ${sql.table(table)} where ${allOf(where)}`, dialect);
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

/** The rows of a table: those with a key, or those that hold the key of other such rows. */
export interface RowSet {
  readonly table: string;
  readonly key: string;
  readonly within?: { readonly column: string; readonly owners: RowSet } | undefined;
}

/** Deletes the links at one end of which stands one of the rows. Takes the key of the outermost set. */
export function unlinkText(rows: RowSet, end: "source" | "target", dialect: SqlDialect): string {
  const [tableColumn, keyColumn] =
    end === "source" ? [linkTable.sourceTable, linkTable.sourceKey] : [linkTable.targetTable, linkTable.targetKey];
  const keys = selectKeys(rows, (key) => sql`cast(${key} as text)`);
  return text(
    sql`delete from ${sql.table(linkTable.name)} where ${sql.ref(tableColumn)} = ${sql.lit(rows.table)} and ${sql.ref(keyColumn)} in (${keys})`,
    dialect,
  );
}

function selectKeys(rows: RowSet, column: (key: Sql) => Sql): Sql {
  const condition =
    rows.within === undefined
      ? equals(rows.key)
      : sql`${sql.ref(rows.within.column)} in (${selectKeys(rows.within.owners, (key) => key)})`;
  return sql`select ${column(sql`${sql.ref(rows.key)}`)} from ${sql.table(rows.table)} where ${condition}`;
}
