import type { RawBuilder } from "kysely";
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";

/** A piece of SQL with its parameters. */
export type Sql = RawBuilder<unknown>;

/** What differs between databases. Everything else is the same SQL. */
export interface SqlDialect {
  readonly name: "sqlite";
  /** Kysely without a connection: it writes the text, quotes identifiers, numbers placeholders. */
  readonly builder: Kysely<unknown>;
  /** JSON text of a text value; `null` for NULL. */
  quoteJson(value: Sql): Sql;
  /** JSON text of a floating-point value, with all digits that it takes to read the same value back; `null` for NULL. */
  numberJson(value: Sql): Sql;
  /** JSON text of a member of a document; NULL where the document has none of that name. */
  member(document: Sql, path: readonly string[]): Sql;
  /** The value of a member as SQL sees it: a text, a number, a truth value; NULL for JSON null. */
  memberValue(document: Sql, path: readonly string[]): Sql;
}

const builder = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** Property names come from the model; quoted all the same, for those that are no plain identifiers. */
function jsonPath(path: readonly string[]): Sql {
  return sql.lit(`$${path.map((name) => `.${JSON.stringify(name)}`).join("")}`);
}

export const sqlite: SqlDialect = {
  name: "sqlite",
  builder,
  quoteJson: (value) => sql`json_quote(${value})`,
  // A text is NaN. Fifteen digits are enough for most numbers, seventeen for all; which ones `json_quote` writes depends
  // on the version of SQLite.
  numberJson: (value) =>
    sql`case when typeof(${value}) <> 'real' then json_quote(${value}) when ${value} = 9e999 then '"INF"' when ${value} = -9e999 then '"-INF"' when cast(printf('%!.15g', ${value}) as real) = ${value} then printf('%!.15g', ${value}) else printf('%!.17g', ${value}) end`,
  member: (document, path) => sql`(${document} -> ${jsonPath(path)})`,
  memberValue: (document, path) => sql`(${document} ->> ${jsonPath(path)})`,
};
