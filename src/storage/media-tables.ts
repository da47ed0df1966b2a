import { createHash } from "node:crypto";
import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { EntityMapping, SqlDialect } from "../query/index.js";
import { mediaUseTable, ownerKey } from "../query/index.js";
import type { Reader, Transaction } from "./connection.js";
import { indexName } from "./index-name.js";
import type { Settings } from "./settings.js";

type Sql = RawBuilder<unknown>;

/**
 * Contents by their ids, and until when each is kept, in seconds of the database's clock: {@link WHILE_USED} for one that an
 * entity has.
 */
export const mediaTable = { name: "odata_media", id: "id", keptUntil: "kept_until" } as const;

/** Their bytes, in pieces: `start` is where in the content a piece begins. */
export const chunkTable = { name: "odata_media_chunk", media: "media", start: "start", bytes: "bytes" } as const;

/**
 * How long a content stays that was replaced or whose entity was deleted, in seconds: whoever reads it reads on. Nobody
 * new finds it.
 */
export const GRACE_SECONDS = 600;

/** Later than any time: a content that is used is let go of, and nothing else ends its days. */
export const WHILE_USED = Number.MAX_SAFE_INTEGER;

/** The setting that says what was made. */
const SETTING = "media";

const EVENTS = ["deleted", "moved", "emptied"] as const;

type Event = (typeof EVENTS)[number];

/** The database's clock, in seconds. */
export function nowSeconds(dialect: SqlDialect): Sql {
  return dialect.name === "sqlite"
    ? sql`cast(strftime('%s', 'now') as integer)`
    : sql`cast(extract(epoch from clock_timestamp()) as bigint)`;
}

/**
 * The tables of contents, and triggers on the tables of entities that have streams: whoever deletes a row, a cascade
 * too, deletes the way to its contents with it.
 */
export class MediaTables {
  readonly #dialect: SqlDialect;
  readonly #owners: readonly EntityMapping[];

  /** @param owners the tables whose entities have streams */
  constructor(owners: readonly EntityMapping[], dialect: SqlDialect) {
    this.#owners = owners;
    this.#dialect = dialect;
  }

  /** Whether there is anything to be prepared. */
  async isNeeded(reader: Reader, settings: Settings): Promise<boolean> {
    const known = await knownTables(reader, settings);
    const wanted = this.#wanted();
    if ([...wanted].some(([table, hash]) => known.get(table) !== hash)) return true;
    // TypeORM changes a table of SQLite by making another in its place, without our triggers.
    return wanted.size > 0 && !(await this.#hasTriggers(reader));
  }

  /**
   * Makes the tables that are missing, and the triggers anew. What rows had that went while there were no triggers is let go.
   * Tables whose entities have no streams any more are left as they are: the next version of the model may want them back.
   */
  async prepare(transaction: Transaction, settings: Settings): Promise<void> {
    const run = (statement: Sql) => transaction.run(this.#text(statement), []);
    for (const statement of this.#tables()) await run(statement);
    for (const owner of this.#owners) {
      for (const statement of [...this.#drops(owner), ...this.#triggers(owner)]) await run(statement);
      const { ownerTable, ownerKey: key } = mediaUseTable;
      const left = sql`${sql.ref(ownerTable)} = ${sql.lit(owner.table)} and ${sql.ref(key)} not in (select ${ownerKey(owner, "t", this.#dialect)} from ${sql.table(owner.table)} as t)`;
      for (const statement of this.#letGo(left)) await run(statement);
    }
    const known = await knownTables(transaction, settings);
    await settings.write(transaction, SETTING, JSON.stringify([...new Map([...known, ...this.#wanted()])]));
  }

  #text(statement: Sql): string {
    return statement.compile(this.#dialect.builder).sql;
  }

  /** What is to be there, by table. */
  #wanted(): Map<string, string> {
    return new Map(
      this.#owners.map((owner) => {
        const texts = [...this.#tables(), ...this.#triggers(owner)].map((statement) => this.#text(statement));
        return [owner.table, createHash("sha256").update(texts.join("\n")).digest("hex")];
      }),
    );
  }

  async #hasTriggers(reader: Reader): Promise<boolean> {
    const isSqlite = this.#dialect.name === "sqlite";
    const names = this.#owners.flatMap(({ table }) =>
      EVENTS.flatMap((event) => (isSqlite && event === "emptied" ? [] : triggerName(table, event))),
    );
    const listed = sql.join(names.map((name) => sql.lit(name)));
    const rows = await reader.rows(
      this.#text(
        isSqlite
          ? sql`select name from sqlite_master where type = 'trigger' and name in (${listed})`
          : sql`select t.tgname from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid where t.tgname in (${listed}) and c.relnamespace = current_schema()::regnamespace`,
      ),
      [],
    );
    return rows.length === names.length;
  }

  /** The uses that meet a condition end, and what was used is kept no longer than others may be reading it. */
  #letGo(which: Sql): readonly [Sql, Sql] {
    const use = sql.table(mediaUseTable.name);
    return [
      sql`update ${sql.table(mediaTable.name)} set ${sql.ref(mediaTable.keptUntil)} = ${nowSeconds(this.#dialect)} + ${sql.lit(GRACE_SECONDS)} where ${sql.ref(mediaTable.id)} in (select ${sql.ref(mediaUseTable.media)} from ${use} where ${which})`,
      sql`delete from ${use} where ${which}`,
    ];
  }

  #tables(): Sql[] {
    const isSqlite = this.#dialect.name === "sqlite";
    const text = isSqlite ? sql`text not null` : sql`text collate "C" not null`;
    const bytes = sql.raw(isSqlite ? "blob not null" : "bytea not null");
    const media = sql.table(mediaTable.name);
    const id = sql.ref(mediaTable.id);
    const use = mediaUseTable;
    const owner = sql.join([use.ownerTable, use.ownerKey, use.property].map((column) => sql.ref(column)));
    return [
      sql`create table if not exists ${media} (${id} ${text} primary key, ${sql.ref(mediaTable.keptUntil)} bigint not null)`,
      sql`create table if not exists ${sql.table(chunkTable.name)} (${sql.ref(chunkTable.media)} ${text} references ${media} (${id}) on delete cascade, ${sql.ref(chunkTable.start)} bigint not null, ${sql.ref(chunkTable.bytes)} ${bytes}, primary key (${sql.ref(chunkTable.media)}, ${sql.ref(chunkTable.start)}))`,
      // Bytes that are compressed already are the usual case; without it a piece is also read faster.
      ...(isSqlite
        ? []
        : [
            sql`alter table ${sql.table(chunkTable.name)} alter column ${sql.ref(chunkTable.bytes)} set storage external`,
          ]),
      sql`create table if not exists ${sql.table(use.name)} (${sql.ref(use.ownerTable)} ${text}, ${sql.ref(use.ownerKey)} ${text}, ${sql.ref(use.property)} ${text}, ${sql.ref(use.media)} ${text} references ${media} (${id}), ${sql.ref(use.contentType)} ${text}, ${sql.ref(use.size)} bigint not null, ${sql.ref(use.digest)} ${text}, ${sql.ref(use.modified)} ${text}, primary key (${owner}))`,
      sql`create index if not exists ${sql.ref("odata_media_kept")} on ${media} (${sql.ref(mediaTable.keptUntil)})`,
      sql`create index if not exists ${sql.ref("odata_media_use_media")} on ${sql.table(use.name)} (${sql.ref(use.media)})`,
    ];
  }

  #drops({ table }: EntityMapping): Sql[] {
    return EVENTS.map((event) =>
      this.#dialect.name === "sqlite"
        ? sql`drop trigger if exists ${sql.ref(triggerName(table, event))}`
        : sql`drop function if exists ${sql.ref(functionName(table, event))}() cascade`,
    );
  }

  #triggers(owner: EntityMapping): Sql[] {
    const { table, key } = owner;
    const { name, ownerTable, ownerKey: keyColumn } = mediaUseTable;
    const use = sql.table(name);
    const ofTable = sql`${sql.ref(ownerTable)} = ${sql.lit(table)}`;
    const ofOld = sql`${ofTable} and ${sql.ref(keyColumn)} = ${ownerKey(owner, "old", this.#dialect)}`;
    const letGo = (which: Sql) => sql`${sql.join(this.#letGo(which), sql`; `)};`;
    const move = sql`update ${use} set ${sql.ref(keyColumn)} = ${ownerKey(owner, "new", this.#dialect)} where ${ofOld};`;
    const moved = sql.join(
      key.map(
        (column) =>
          sql`${sql.ref(`old.${column}`)} ${sql.raw(this.#dialect.name === "sqlite" ? "is not" : "is distinct from")} ${sql.ref(`new.${column}`)}`,
      ),
      sql` or `,
    );
    const columns = sql.join(key.map((column) => sql.ref(column)));
    const on = sql.table(table);
    const trigger = (event: Event) => sql.ref(triggerName(table, event));
    if (this.#dialect.name === "sqlite") {
      return [
        sql`create trigger ${trigger("deleted")} after delete on ${on} begin ${letGo(ofOld)} end`,
        sql`create trigger ${trigger("moved")} after update of ${columns} on ${on} when ${moved} begin ${move} end`,
      ];
    }
    const called = (event: Event) => sql.ref(functionName(table, event));
    const made = (event: Event, body: Sql) =>
      sql`create function ${called(event)}() returns trigger language plpgsql as ${sql.raw("$odatum$")} begin ${body} return null; end ${sql.raw("$odatum$")}`;
    return [
      made("deleted", letGo(ofOld)),
      sql`create trigger ${trigger("deleted")} after delete on ${on} for each row execute function ${called("deleted")}()`,
      made("moved", move),
      sql`create trigger ${trigger("moved")} after update of ${columns} on ${on} for each row when (${moved}) execute function ${called("moved")}()`,
      made("emptied", letGo(ofTable)),
      sql`create trigger ${trigger("emptied")} after truncate on ${on} for each statement execute function ${called("emptied")}()`,
    ];
  }
}

function triggerName(table: string, event: Event): string {
  return indexName(`odata_media_${event}_`, table);
}

function functionName(table: string, event: Event): string {
  return indexName(`odatum_media_${event}_`, table);
}

/** What was made, by table. */
async function knownTables(reader: Reader, settings: Settings): Promise<Map<string, string>> {
  return new Map(JSON.parse((await settings.read(reader, SETTING)) ?? "[]") as [string, string][]);
}
