import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { EntityMapping, SearchedProperty, SearchMapping } from "../../query/index.js";
import { searchText, searchWordsTable, sqlite } from "../../query/index.js";
import type { Awaitable, Reader, Transaction } from "../connection.js";
import type { Settings } from "../settings.js";

/** Goes up when the same properties are kept in another way. */
const VERSION = 1;

/** The setting that says what is kept, by name. */
const SETTING = "search";

/** How many rows are brought up to date at a time. */
const ROWS = 200;

/** A table that can be searched. */
interface SearchedTable {
  readonly mapping: EntityMapping;
  readonly search: SearchMapping;
  /** Reads what is stale: the row's number, then the texts. */
  readonly stale: string;
  readonly write: string;
  readonly markFresh: string;
}

/**
 * The words of searchable properties on SQLite: for each table one that numbers its rows by their keys, since a row's own
 * number may change, and an FTS5 table that holds their words under these numbers.
 *
 * Triggers mark a row as stale whoever writes it. Its words are cut here, not by FTS5, which knows the letters of an old
 * version of Unicode; so they come in with the transaction that wrote the row, or before the next search.
 */
export class SqliteSearch {
  readonly #tables: readonly SearchedTable[];
  readonly #isStale: string;

  /** @param mappings of all tables */
  constructor(mappings: Iterable<EntityMapping>) {
    this.#tables = [...mappings].flatMap((mapping) =>
      mapping.search === undefined ? [] : [searchedTable(mapping, mapping.search)],
    );
    const one = this.#tables.map(({ search }) => sql`exists (select 1 from ${sql.table(search.name)} where stale = 1)`);
    this.#isStale = one.length === 0 ? "" : text(sql`select ${sql.join(one, sql` or `)}`);
  }

  /** Whether there is anything to be searched. */
  get empty(): boolean {
    return this.#tables.length === 0;
  }

  /** Whether a statement searches. */
  concerns(statement: string): boolean {
    return this.#tables.some(({ search }) => statement.includes(search.name));
  }

  /** Whether there is anything to be prepared. */
  async isNeeded(reader: Reader, settings: Settings): Promise<boolean> {
    return !this.empty || (await knownTables(reader, settings)).size > 0;
  }

  /** Makes the tables that are missing, and makes those anew of which something else is wanted than is there. */
  async prepare(transaction: Transaction, settings: Settings): Promise<void> {
    const known = await knownTables(transaction, settings);
    const wanted = new Map(this.#tables.map(({ mapping, search }) => [search.name, definition(mapping, search)]));
    for (const name of known.keys()) if (!wanted.has(name)) await drop(transaction, name);
    for (const { mapping, search } of this.#tables) {
      const { name } = search;
      if (known.get(name) === wanted.get(name) && (await isComplete(transaction, search))) continue;
      await drop(transaction, name);
      for (const statement of await creation(transaction, mapping, search)) await transaction.run(statement, []);
    }
    await settings.write(transaction, SETTING, JSON.stringify([...wanted]));
    await this.refresh(transaction);
  }

  /** Brings the words of stale rows up to date. */
  async refresh(transaction: Transaction): Promise<void> {
    for (const { stale, write, markFresh } of this.#tables) {
      let rows: unknown[][];
      do {
        rows = await transaction.rows(stale, []);
        for (const [number, ...texts] of rows) {
          await transaction.run(write, [number as number, searchText(texts as (string | null)[])]);
          await transaction.run(markFresh, [number as number]);
        }
      } while (rows.length === ROWS);
    }
  }

  /** Whether somebody has written past our transactions. */
  isStale(reader: Reader): Awaitable<boolean> {
    const rows = reader.rows(this.#isStale, []);
    return rows instanceof Promise ? rows.then(([row]) => row![0] === 1) : rows[0]![0] === 1;
  }
}

/** What is kept, by name. */
async function knownTables(reader: Reader, settings: Settings): Promise<Map<string, string>> {
  return new Map(JSON.parse((await settings.read(reader, SETTING)) ?? "[]") as [string, string][]);
}

function text(statement: RawBuilder<unknown>): string {
  return statement.compile(sqlite.builder).sql;
}

function searchedTable(mapping: EntityMapping, search: SearchMapping): SearchedTable {
  const table = sql.table(search.name);
  const texts = search.properties.map((property) => propertyText(mapping, property));
  // Names of their own: one driver makes objects of rows.
  const columns = sql.join(texts.map((value, index) => sql`${value} as ${sql.ref(`t${index}`)}`));
  return {
    mapping,
    search,
    stale: text(
      sql`select s.docid, ${columns} from ${table} as s join ${sql.table(mapping.table)} as t on ${sameKey(mapping, "s", "t")} where s.stale = 1 limit ${sql.lit(ROWS)}`,
    ),
    write: text(
      sql`insert or replace into ${sql.table(searchWordsTable(search))} (rowid, words) values (${null}, ${null})`,
    ),
    markFresh: text(sql`update ${table} set stale = 0 where docid = ${null}`),
  };
}

function propertyText({ document, discriminator }: EntityMapping, searched: SearchedProperty) {
  const { property, path = [], column, types } = searched;
  const members = column === undefined ? [property, ...path] : path;
  const held = sql`${sql.ref(`t.${column ?? document!}`)}`;
  const value = members.length === 0 ? held : sqlite.memberValue(held, members, "text");
  if (types === undefined) return value;
  const values = sql.join(types.map((type) => sql.lit(type)));
  return sql`case when ${sql.ref(`t.${discriminator!.column}`)} in (${values}) then ${value} end`;
}

function sameKey({ key }: EntityMapping, one: string, other: string) {
  return sql.join(
    key.map((column) => sql`${sql.ref(`${one}.${column}`)} = ${sql.ref(`${other}.${column}`)}`),
    sql` and `,
  );
}

/** What is kept, for comparison with what was. */
function definition({ table, key, document, discriminator }: EntityMapping, { properties }: SearchMapping): string {
  return JSON.stringify([VERSION, table, key, document ?? null, discriminator?.column ?? null, properties]);
}

const TRIGGERS = ["insert", "update", "delete"] as const;

async function isComplete(reader: Reader, search: SearchMapping): Promise<boolean> {
  const names = [search.name, searchWordsTable(search), ...TRIGGERS.map((event) => `${search.name}_${event}`)];
  const rows = await reader.rows(
    `select count(*) from sqlite_master where name in (${names.map(() => "?").join()})`,
    names,
  );
  return rows[0]![0] === names.length;
}

async function drop(transaction: Transaction, name: string): Promise<void> {
  const run = (statement: RawBuilder<unknown>) => transaction.run(text(statement), []);
  for (const event of TRIGGERS) await run(sql`drop trigger if exists ${sql.ref(`${name}_${event}`)}`);
  await run(sql`drop table if exists ${sql.table(searchWordsTable({ name, properties: [] }))}`);
  await run(sql`drop table if exists ${sql.table(name)}`);
}

async function creation(reader: Reader, mapping: EntityMapping, search: SearchMapping): Promise<string[]> {
  const { key } = mapping;
  const { name } = search;
  const types = new Map(
    (await reader.rows("select name, type from pragma_table_info(?)", [mapping.table])) as [string, string][],
  );
  const table = sql.table(name);
  const source = sql.table(mapping.table);
  const words = sql.table(searchWordsTable(search));
  const keys = sql.join(key.map((column) => sql.ref(column)));
  // Of the types that the keys have, so that they compare as they do.
  const keyColumns = key.map((column) => sql`${sql.ref(column)} ${sql.raw(types.get(column)!)} not null`);
  const of = (row: "new" | "old") => sql.join(key.map((column) => sql.ref(`${row}.${column}`)));
  const whereOld = sql.join(
    key.map((column) => sql`${sql.ref(column)} = ${sql.ref(`old.${column}`)}`),
    sql` and `,
  );
  const moved = sql.join(key.map((column) => sql`${sql.ref(column)} = ${sql.ref(`new.${column}`)}`));
  const watched = [
    ...new Set([
      ...key,
      ...search.properties.map(({ column }) => column ?? mapping.document!),
      ...(mapping.discriminator === undefined ? [] : [mapping.discriminator.column]),
    ]),
  ];
  const changed = sql.join(
    watched.map((column) => sql`${sql.ref(`old.${column}`)} is not ${sql.ref(`new.${column}`)}`),
    sql` or `,
  );
  const trigger = (event: (typeof TRIGGERS)[number]) => sql.ref(`${name}_${event}`);
  return [
    sql`create table ${table} (docid integer primary key, ${sql.join(keyColumns)}, stale integer not null default 1, unique (${keys}))`,
    sql`create index ${sql.ref(`${name}_stale`)} on ${table} (docid) where stale = 1`,
    // The words alone: what was indexed can be asked of the table that it came from. They come cut, with spaces between.
    sql`create virtual table ${words} using fts5(words, content = '', contentless_delete = 1, tokenize = 'ascii')`,
    // A statement that replaces a row fires no trigger for the one that goes.
    sql`create trigger ${trigger("insert")} after insert on ${source} begin insert into ${table} (${keys}) values (${of("new")}) on conflict (${keys}) do update set stale = 1; end`,
    sql`create trigger ${trigger("update")} after update on ${source} when ${changed} begin update ${table} set stale = 1, ${moved} where ${whereOld}; end`,
    sql`create trigger ${trigger("delete")} after delete on ${source} begin delete from ${words} where rowid = (select docid from ${table} where ${whereOld}); delete from ${table} where ${whereOld}; end`,
    sql`insert into ${table} (${keys}) select ${keys} from ${source}`,
  ].map(text);
}
