import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import { changeTable, linkTable, postgres } from "../query/index.js";
import type { ChangeTriggers, TableTriggers } from "./change-log.js";
import type { TrackedTables } from "./change-log-tables.js";
import type { Reader } from "./connection.js";
import { indexName } from "./index-name.js";

const FUNCTION = "odatum_log_change";

/** A position that names more transactions under way than fit into this is made shorter; then some changes are told twice. */
const LONGEST_POSITION = 400;

/**
 * Writes down what happened to a row. Takes the key's columns, the columns whose values are kept, and, for links, the tables
 * of which one has to be at one of the ends, each as JSON text.
 */
const LOG_CHANGE = `create or replace function ${FUNCTION}() returns trigger language plpgsql as $$
declare
  keys constant text[] := array(select jsonb_array_elements_text(tg_argv[0]::jsonb));
  kept constant text[] := array(select jsonb_array_elements_text(tg_argv[1]::jsonb));
  before jsonb;
  after jsonb;
  old_key jsonb;
  new_key jsonb;
begin
  if tg_op <> 'INSERT' then
    select jsonb_object_agg(key, value) into before from jsonb_each(to_jsonb(old)) where key = any (kept);
    select jsonb_object_agg(name, before -> name) into old_key from unnest(keys) as name;
  end if;
  if tg_op <> 'DELETE' then
    select jsonb_object_agg(key, value) into after from jsonb_each(to_jsonb(new)) where key = any (kept);
    select jsonb_object_agg(name, after -> name) into new_key from unnest(keys) as name;
  end if;
  if tg_nargs > 2 and not (
    coalesce(tg_argv[2]::jsonb ? (before ->> '${linkTable.sourceTable}'), false) or
    coalesce(tg_argv[2]::jsonb ? (before ->> '${linkTable.targetTable}'), false) or
    coalesce(tg_argv[2]::jsonb ? (after ->> '${linkTable.sourceTable}'), false) or
    coalesce(tg_argv[2]::jsonb ? (after ->> '${linkTable.targetTable}'), false)
  ) then
    return null;
  end if;
  if before = after then
    return null;
  end if;
  if before is not null then
    insert into ${changeTable.name} (${changeTable.table}, ${changeTable.kind}, ${changeTable.key}, ${changeTable.image})
      values (tg_table_name, lower(tg_op), old_key, before);
  end if;
  if after is not null and old_key is distinct from new_key then
    insert into ${changeTable.name} (${changeTable.table}, ${changeTable.kind}, ${changeTable.key})
      values (tg_table_name, 'insert', new_key);
  end if;
  return null;
end
$$`;

function text(statement: RawBuilder<unknown>): string {
  return statement.compile(postgres.builder).sql;
}

function triggerName(table: string): string {
  return indexName("odata_change_", table);
}

/** The log of changes on PostgreSQL. Transactions are committed in any order, so each change knows its transaction. */
export function postgresTriggers({ tables, links }: TrackedTables): ChangeTriggers {
  const { name, sequence, table, kind, key, image, instant, transaction } = changeTable;
  const index = `${name}_table`;
  const triggers = new Map<string, TableTriggers>(
    tables.map(({ mapping, columns }): [string, TableTriggers] => [
      mapping.table,
      { create: [LOG_CHANGE, trigger(mapping.table, mapping.key, columns)] },
    ]),
  );
  if (links) {
    const { sourceTable, sourceKey, property, targetTable, targetKey } = linkTable;
    const columns = [sourceTable, sourceKey, property, targetTable, targetKey];
    const ends = tables.map(({ mapping }) => mapping.table);
    triggers.set(linkTable.name, { create: [LOG_CHANGE, trigger(linkTable.name, columns, columns, ends)] });
  }
  return {
    create: [
      `create table if not exists ${name} (${sequence} bigint generated always as identity primary key, ${table} text not null, ${kind} text not null, ${key} jsonb not null, ${image} jsonb, ${instant} timestamptz not null default clock_timestamp(), ${transaction} xid8 not null default pg_current_xact_id())`,
      `create index if not exists ${index} on ${name} (${table}, ${transaction})`,
    ],
    drop: [`drop table if exists ${name}`, `drop function if exists ${FUNCTION}()`],
    tables: triggers,
    dropTriggers: (of) => [dropTrigger(of)],
    async isComplete(reader: Reader, of: string): Promise<boolean> {
      const rows = await reader.rows(
        "select 1 from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid where t.tgname = $1 and c.relname = $2 and c.relnamespace = current_schema()::regnamespace",
        [triggerName(of), of],
      );
      return rows.length > 0;
    },
    async identity(reader: Reader): Promise<string> {
      // Numbers of transactions belong to the cluster: another one that has a copy of the tables counts anew.
      const [allowed] = await reader.rows("select has_function_privilege('pg_control_system()', 'execute')", []);
      if (allowed![0] !== true) return "";
      const [row] = await reader.rows("select system_identifier::text from pg_control_system()", []);
      return row![0] as string;
    },
    position: `(select case when length(s) <= ${LONGEST_POSITION} then s else split_part(s, ':', 1) || ':' || split_part(s, ':', 1) || ':' end from (select cast(pg_current_snapshot() as text) as s) as n)`,
  };
}

/** A table may be gone, and its trigger with it. */
function dropTrigger(table: string): string {
  const statement = text(sql`drop trigger if exists ${sql.ref(triggerName(table))} on ${sql.table(table)}`);
  return `do $drop$ begin if to_regclass(${literal(quoted(table))}) is not null then ${statement}; end if; end $drop$`;
}

function trigger(table: string, ...lists: readonly (readonly string[])[]): string {
  const parameters = sql.join(lists.map((list) => sql.lit(JSON.stringify(list))));
  return text(
    sql`create trigger ${sql.ref(triggerName(table))} after insert or update or delete on ${sql.table(table)} for each row execute function ${sql.raw(FUNCTION)}(${parameters})`,
  );
}

function quoted(table: string): string {
  return text(sql`${sql.table(table)}`);
}

function literal(value: string): string {
  return text(sql`${sql.lit(value)}`);
}
