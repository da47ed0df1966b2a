import { createHash, randomBytes } from "node:crypto";
import type { SqlDialect } from "../query/index.js";
import { changeTable, deleteText, linkTable } from "../query/index.js";
import { postgresTriggers } from "./change-log-postgres.js";
import { sqliteTriggers } from "./change-log-sqlite.js";
import type { TrackedTables } from "./change-log-tables.js";
import type { Reader, Transaction } from "./connection.js";
import { settingTable } from "./setting-entity.js";
import type { Settings } from "./settings.js";

/** The setting that says which tables are tracked, each with a hash of how, and a name for the time since when. */
const SETTING = "changes";

/** The setting that says up to where the log is not kept any more. */
const TRIMMED = "changes:trimmed";

/** How many changes are looked at, and taken out, in one transaction. */
const TRIMMED_AT_ONCE = 1_000;

/** How the changes of a table are written down in one database. */
export interface ChangeTriggers {
  /** Makes the log. */
  readonly create: readonly string[];
  readonly drop: readonly string[];
  /** For each table that is tracked, what has to be there. */
  readonly tables: ReadonlyMap<string, TableTriggers>;
  /** Statements that leave nothing of the triggers of a table. */
  dropTriggers(table: string): readonly string[];
  /** Whether the log and the triggers of a table are there. */
  isComplete(reader: Reader, table: string): Promise<boolean>;
  /** What the positions in the log depend on, where that is more than the store itself. */
  identity(reader: Reader): Promise<string>;
  /** `select` of the log's position now, as text. */
  readonly position: string;
}

export interface TableTriggers {
  readonly create: readonly string[];
}

/** Where the log stands. */
export interface ChangeLogState {
  /** Behind everything that is committed. */
  readonly position: string;
  /** The name of the time since when a table is tracked without a gap. */
  generation(table: string): string | undefined;
  /** True where everything that was committed behind a position is still there. */
  isKept(position: string): boolean;
}

/**
 * The log of changes, which triggers write, so that nothing is missed: neither what the database deletes by itself nor what
 * others write past us. It is made where some table is tracked, and gone where none is any more.
 */
export class ChangeLog {
  readonly #tracked: TrackedTables;
  readonly #triggers: ChangeTriggers;
  readonly dialect: SqlDialect;
  readonly #state: string;
  readonly #forget: string;

  constructor(tracked: TrackedTables, dialect: SqlDialect) {
    this.#tracked = tracked;
    this.dialect = dialect;
    this.#triggers = dialect.name === "postgres" ? postgresTriggers(tracked) : sqliteTriggers(tracked);
    const setting = (name: string) =>
      `(select ${settingTable.value} from ${settingTable.name} where ${settingTable.key} = '${name}')`;
    this.#forget = deleteText(changeTable.name, [changeTable.table], dialect);
    this.#state = `select ${this.#triggers.position} as p, ${setting(SETTING)} as s, ${setting(TRIMMED)} as t`;
  }

  /** Whether nothing is tracked. */
  get empty(): boolean {
    return this.#tracked.tables.length === 0;
  }

  /** Whether the changes of a table are written down. */
  tracks(table: string): boolean {
    if (table === linkTable.name) return this.#tracked.links;
    return this.#tracked.tables.some(({ mapping }) => mapping.table === table);
  }

  /** Whether there is anything to be prepared. */
  async isNeeded(reader: Reader, settings: Settings): Promise<boolean> {
    return !this.empty || readTables(await settings.read(reader, SETTING)).size > 0;
  }

  /**
   * Makes the log and the triggers that are missing, and takes those away that nobody wants any more. A table whose triggers
   * have to be made may have changed unseen, so what is known of it before is of no use.
   */
  async prepare(transaction: Transaction, settings: Settings): Promise<void> {
    const known = readTables(await settings.read(transaction, SETTING));
    const run = async (statements: readonly string[]): Promise<void> => {
      for (const statement of statements) await transaction.run(statement, []);
    };
    const { tables } = this.#triggers;
    for (const table of known.keys()) if (!tables.has(table)) await run(this.#triggers.dropTriggers(table));
    if (this.empty) {
      await run(this.#triggers.drop);
      await settings.write(transaction, SETTING, "[]");
      return;
    }
    await run(this.#triggers.create);
    const identity = await this.#triggers.identity(transaction);
    const wanted = new Map<string, TableState>();
    let kept = 0;
    for (const [table, { create }] of tables) {
      const hash = createHash("sha256")
        .update([identity, ...create].join("\n"))
        .digest("hex");
      const found = known.get(table);
      if (found?.hash === hash && (await this.#triggers.isComplete(transaction, table))) {
        wanted.set(table, found);
        kept++;
        continue;
      }
      await run([...this.#triggers.dropTriggers(table), ...create]);
      await transaction.run(this.#forget, [table]);
      wanted.set(table, { hash, generation: randomBytes(6).toString("base64url") });
    }
    await settings.write(transaction, SETTING, JSON.stringify([...wanted]));
    // Nobody asks for what was before; and where the positions are counted anew, it would be ahead of them.
    if (kept === 0) await settings.write(transaction, TRIMMED, "0");
  }

  /** Where the log stands now. */
  async state(reader: Reader): Promise<ChangeLogState> {
    const [row] = await reader.rows(this.#state, []);
    const [position, tables, trimmed] = row as [string, string | null, string | null];
    const known = readTables(tables ?? undefined);
    const kept = this.dialect.name === "postgres" ? isSnapshotKept : isSequenceKept;
    return {
      position: String(position),
      generation: (table) => known.get(table)?.generation,
      isKept: (since) => kept(since, String(position), trimmed ?? undefined),
    };
  }

  /**
   * Takes old changes out of the log, the oldest first.
   *
   * @param before changes from before are not kept
   * @returns false where there may be more of them
   */
  async trim(transaction: Transaction, settings: Settings, before: Date): Promise<boolean> {
    const { name, sequence, instant, transaction: transactionId } = changeTable;
    const isPostgres = this.dialect.name === "postgres";
    const id = isPostgres ? `cast(${transactionId} as text)` : `cast(${sequence} as text)`;
    const time = isPostgres ? `to_char(${instant} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` : instant;
    const rows = (await transaction.rows(
      `select cast(${sequence} as text) as s, ${id} as t, ${time} as i from ${name} order by ${sequence} limit ${TRIMMED_AT_ONCE}`,
      [],
    )) as [string, string, string][];
    const limit = before.toISOString();
    const young = rows.findIndex(([, , written]) => written >= limit);
    const old = young < 0 ? rows : rows.slice(0, young);
    if (old.length === 0) return true;
    const place = isPostgres ? "cast($1 as bigint)" : "cast(? as integer)";
    await transaction.run(`delete from ${name} where ${sequence} <= ${place}`, [old.at(-1)![0]]);
    let greatest = BigInt((await settings.read(transaction, TRIMMED)) ?? 0);
    for (const [, one] of old) if (BigInt(one) > greatest) greatest = BigInt(one);
    await settings.write(transaction, TRIMMED, String(greatest));
    return young >= 0 || rows.length < TRIMMED_AT_ONCE;
  }
}

interface TableState {
  readonly hash: string;
  readonly generation: string;
}

function readTables(text: string | undefined): Map<string, TableState> {
  return new Map(text === undefined ? [] : (JSON.parse(text) as [string, TableState][]));
}

/** A position is the sequence number of the last change; one that is not yet there is of another store, or of its future. */
function isSequenceKept(since: string, now: string, trimmed: string | undefined): boolean {
  return BigInt(since) <= BigInt(now) && BigInt(since) >= BigInt(trimmed ?? 0);
}

/** A position is a snapshot, `xmin:xmax:...`: everything before `xmin` was known. */
function isSnapshotKept(since: string, now: string, trimmed: string | undefined): boolean {
  const [least, next] = since.split(":");
  const [, nextNow] = now.split(":");
  return BigInt(next!) <= BigInt(nextNow!) && (trimmed === undefined || BigInt(least!) > BigInt(trimmed));
}
