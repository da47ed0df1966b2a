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
  member: (document, path) => sql`(${document} -> ${jsonPath(path)})`,
  memberValue: (document, path) => sql`(${document} ->> ${jsonPath(path)})`,
};
