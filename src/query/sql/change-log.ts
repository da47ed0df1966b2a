import { sql } from "kysely";
import type { Sql, SqlDialect } from "./dialect.js";
import type { EntityMapping } from "./mapping.js";
import { linkTable } from "./mapping.js";
import { keyFromText } from "./source.js";

/**
 * The table of changes: a row for each row of a tracked table that was inserted, changed or deleted, written by triggers.
 * `row_key` and `old_row` are JSON objects by column; `transaction_id` is there on PostgreSQL only.
 */
export const changeTable = {
  name: "odata_change",
  sequence: "sequence",
  table: "table_name",
  kind: "kind",
  key: "row_key",
  image: "old_row",
  instant: "instant",
  transaction: "transaction_id",
} as const;

/**
 * Part of the log: what was committed behind one position, up to another one. A position is a sequence number on SQLite,
 * where transactions follow each other; on PostgreSQL, where they are committed in any order, a snapshot.
 */
export interface ChangeRange {
  readonly since: string;
  readonly until: string;
}

/** Reads a part of the log. */
export class ChangeReader {
  readonly #dialect: SqlDialect;
  readonly #range: ChangeRange;

  constructor(dialect: SqlDialect, range: ChangeRange) {
    this.#dialect = dialect;
    this.#range = range;
  }

  /** A subquery: the keys of the rows of a table that have changed, as its columns. */
  keys({ table, key }: Pick<EntityMapping, "table" | "key">, alias: string): Sql {
    return this.#recorded(table, changeTable.key, key, alias);
  }

  /** A subquery: some columns of the rows of a table as they were before each of their changes. */
  images({ table }: Pick<EntityMapping, "table">, columns: readonly string[], alias: string): Sql {
    const image = sql.ref(`${alias}.${changeTable.image}`);
    return sql`${this.#recorded(table, changeTable.image, columns, alias)} and ${image} is not null`;
  }

  /**
   * A subquery: one end of the links of a navigation property that were made or broken.
   *
   * @param end the end that is wanted, with the mapping of the entities there
   * @param source the table of the entities that have the navigation property
   * @param among where given, only links whose other end, as text, is in this subquery
   */
  links(
    source: string,
    property: string,
    end: { readonly column: "sourceKey" | "targetKey"; readonly mapping: EntityMapping },
    alias: string,
    among?: Sql,
  ): Sql {
    const member = (column: string) => this.#text(sql.ref(`${alias}.${changeTable.key}`), column);
    const other = end.column === "sourceKey" ? linkTable.targetKey : linkTable.sourceKey;
    const conditions = [
      ...this.#conditions(linkTable.name, alias),
      sql`${member(linkTable.sourceTable)} = ${sql.lit(source)}`,
      sql`${member(linkTable.property)} = ${sql.lit(property)}`,
      ...(among === undefined ? [] : [sql`${member(other)} in (${among})`]),
    ];
    const key = keyFromText(member(linkTable[end.column]), end);
    return sql`select ${key} from ${this.#table(alias)} where ${sql.join(conditions, sql` and `)}`;
  }

  #table(alias: string): Sql {
    return sql`${sql.table(changeTable.name)} as ${sql.ref(alias)}`;
  }

  #text(object: Sql, member: string): Sql {
    return this.#dialect.name === "sqlite"
      ? sql`json_extract(${object}, ${sql.lit(memberPath(member))})`
      : sql`(${object} ->> ${sql.lit(member)})`;
  }

  /** Columns out of one of the JSON objects of the changes of a table, as the table's own columns are. */
  #recorded(table: string, from: string, columns: readonly string[], alias: string): Sql {
    const object = sql.ref(`${alias}.${from}`);
    const where = sql.join(this.#conditions(table, alias), sql` and `);
    if (this.#dialect.name === "sqlite") {
      const values = columns.map(
        (column) => sql`json_extract(${object}, ${sql.lit(memberPath(column))}) as ${sql.ref(column)}`,
      );
      return sql`select ${sql.join(values)} from ${this.#table(alias)} where ${where}`;
    }
    const row = `${alias}r`;
    const values = columns.map((column) => sql.ref(`${row}.${column}`));
    return sql`select ${sql.join(values)} from ${this.#table(alias)} cross join lateral jsonb_populate_record(null::${sql.table(table)}, ${object}) as ${sql.ref(row)} where ${where}`;
  }

  #conditions(table: string, alias: string): Sql[] {
    const { since, until } = this.#range;
    const column = (name: string) => sql.ref(`${alias}.${name}`);
    const ofTable = sql`${column(changeTable.table)} = ${sql.lit(table)}`;
    if (this.#dialect.name === "sqlite") {
      const sequence = column(changeTable.sequence);
      const place = (position: string) => this.#dialect.parameter(sql`${position}`, "integer");
      return [ofTable, sql`${sequence} > ${place(since)}`, sql`${sequence} <= ${place(until)}`];
    }
    const transaction = column(changeTable.transaction);
    const snapshot = (position: string) => sql`cast(${position} as pg_snapshot)`;
    return [
      ofTable,
      // Says nothing new, but an index takes a bound.
      sql`${transaction} >= pg_snapshot_xmin(${snapshot(since)})`,
      sql`not pg_visible_in_snapshot(${transaction}, ${snapshot(since)})`,
      sql`pg_visible_in_snapshot(${transaction}, ${snapshot(until)})`,
    ];
  }
}

function memberPath(member: string): string {
  return `$.${JSON.stringify(member)}`;
}
