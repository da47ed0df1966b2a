import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import { changeTable, linkTable, sqlite } from "../query/index.js";
import type { ChangeTriggers, TableTriggers } from "./change-log.js";
import type { TrackedTable, TrackedTables } from "./change-log-tables.js";
import type { Reader } from "./connection.js";
import { indexName } from "./index-name.js";

const EVENTS = ["insert", "update", "delete"] as const;

/** A call takes 127 arguments at most, two for each member. */
const MEMBERS = 60;

function text(statement: RawBuilder<unknown>): string {
  return statement.compile(sqlite.builder).sql;
}

function triggerName(table: string, event: (typeof EVENTS)[number]): string {
  return `${indexName("odata_change_", table)}_${event}`;
}

/** The log of changes on SQLite. The numbers of its rows are never used again, so they follow the order of transactions. */
export function sqliteTriggers({ tables, links }: TrackedTables): ChangeTriggers {
  const { name, sequence, table, kind, key, image, instant } = changeTable;
  const ref = (column: string) => sql.ref(column);
  const index = `${name}_table`;
  const triggers = new Map<string, TableTriggers>(
    tables.map((tracked): [string, TableTriggers] => [tracked.mapping.table, { create: rowTriggers(tracked) }]),
  );
  if (links) triggers.set(linkTable.name, { create: linkTriggers(tables) });
  return {
    create: [
      sql`create table if not exists ${sql.table(name)} (${ref(sequence)} integer primary key autoincrement, ${ref(table)} text not null, ${ref(kind)} text not null, ${ref(key)} text not null, ${ref(image)} text, ${ref(instant)} text not null)`,
      sql`create index if not exists ${ref(index)} on ${sql.table(name)} (${ref(table)}, ${ref(sequence)})`,
    ].map(text),
    drop: [text(sql`drop table if exists ${sql.table(name)}`)],
    tables: triggers,
    dropTriggers: (of) => EVENTS.map((event) => text(sql`drop trigger if exists ${ref(triggerName(of, event))}`)),
    async isComplete(reader: Reader, of: string): Promise<boolean> {
      const names = [name, index, ...EVENTS.map((event) => triggerName(of, event))];
      const rows = await reader.rows(
        `select count(*) as n from sqlite_master where name in (${names.map(() => "?").join()})`,
        names,
      );
      return rows[0]![0] === names.length;
    },
    identity: () => Promise.resolve(""),
    position: `cast(coalesce((select seq from sqlite_sequence where name = '${name}'), 0) as text)`,
  };
}

function rowTriggers({ mapping, columns }: TrackedTable): string[] {
  const { table, key } = mapping;
  const different = (of: readonly string[]) =>
    sql.join(
      of.map((column) => sql`${sql.ref(`old.${column}`)} is not ${sql.ref(`new.${column}`)}`),
      sql` or `,
    );
  const old = object("old", columns);
  return [
    trigger(table, "insert", undefined, [entry(table, "insert", object("new", key), undefined)]),
    trigger(table, "update", different(columns), [
      entry(table, "update", object("old", key), old),
      // Under another key it is another entity.
      entry(table, "insert", object("new", key), undefined, different(key)),
    ]),
    trigger(table, "delete", undefined, [entry(table, "delete", object("old", key), old)]),
  ];
}

/** Links that have an entity of a tracked table at one end; everything of a link is its key. */
function linkTriggers(tables: readonly TrackedTable[]): string[] {
  const { name, sourceTable, sourceKey, property, targetTable, targetKey } = linkTable;
  const columns = [sourceTable, sourceKey, property, targetTable, targetKey];
  const tracked = sql.join(tables.map(({ mapping }) => sql.lit(mapping.table)));
  const isTracked = (row: "old" | "new") =>
    sql`${sql.ref(`${row}.${sourceTable}`)} in (${tracked}) or ${sql.ref(`${row}.${targetTable}`)} in (${tracked})`;
  return [
    trigger(name, "insert", isTracked("new"), [entry(name, "insert", object("new", columns), undefined)]),
    trigger(name, "update", sql`(${isTracked("old")} or ${isTracked("new")})`, [
      entry(name, "delete", object("old", columns), undefined),
      entry(name, "insert", object("new", columns), undefined),
    ]),
    trigger(name, "delete", isTracked("old"), [entry(name, "delete", object("old", columns), undefined)]),
  ];
}

function trigger(
  table: string,
  event: (typeof EVENTS)[number],
  when: RawBuilder<unknown> | undefined,
  statements: readonly RawBuilder<unknown>[],
): string {
  const condition = when === undefined ? sql`` : sql` when ${when}`;
  return text(
    sql`create trigger ${sql.ref(triggerName(table, event))} after ${sql.raw(event)} on ${sql.table(table)}${condition} begin ${sql.join(statements, sql`; `)}; end`,
  );
}

function entry(
  of: string,
  what: (typeof EVENTS)[number],
  keys: RawBuilder<unknown>,
  old: RawBuilder<unknown> | undefined,
  where?: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const { name, table, kind, key, image, instant } = changeTable;
  const columns = sql.join([table, kind, key, image, instant].map((column) => sql.ref(column)));
  const condition = where === undefined ? sql`` : sql` where ${where}`;
  return sql`insert into ${sql.table(name)} (${columns}) select ${sql.lit(of)}, ${sql.lit(what)}, ${keys}, ${old ?? sql`null`}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')${condition}`;
}

/** A row as a JSON object. */
function object(row: "old" | "new", columns: readonly string[]): RawBuilder<unknown> {
  const parts: RawBuilder<unknown>[] = [];
  for (let from = 0; from < columns.length; from += MEMBERS) {
    const members = columns
      .slice(from, from + MEMBERS)
      .map((column) => sql`${sql.lit(column)}, ${sql.ref(`${row}.${column}`)}`);
    parts.push(sql`json_object(${sql.join(members)})`);
  }
  // No value is an object, so there is one brace at each end.
  return parts.reduce((joined, part) => sql`rtrim(${joined}, '}') || ',' || ltrim(${part}, '{')`);
}
