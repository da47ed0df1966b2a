import { randomBytes } from "node:crypto";
import type BetterSqlite3 from "better-sqlite3";
import type sqlite3 from "sqlite3";
import type { DataSource, MigrationInterface } from "typeorm";
import type { DecoratedClass, EntitySet, Model } from "../edm/index.js";
import { ModelError } from "../edm/index.js";
import type { EntityMapping, SqlDialect, SqlValue, StorageMapping } from "../query/index.js";
import {
  postgres,
  postgresFunctions,
  postgresSearchFunctions,
  sqlite,
  sqliteWithoutFunctions,
} from "../query/index.js";
import type { RowStream } from "./batches.js";
import { ChangeLog } from "./change-log.js";
import { ChangeLogKeeper, retentionOf } from "./change-log-keeper.js";
import { trackedTables } from "./change-log-tables.js";
import type { Awaitable, Reader, Store, Transaction, TransactionOptions } from "./connection.js";
import { createDataSource } from "./data-source.js";
import type { DatabaseUrl } from "./database-url.js";
import { parseDatabaseUrl } from "./database-url.js";
import type { IndexStatement } from "./document-index.js";
import { knownIndexes, prepareIndexes, provideIndexes } from "./document-index.js";
import { LinkEntity } from "./link-entity.js";
import { adaptColumns } from "./postgres/columns.js";
import { alone, uniqueIndexes } from "./postgres/open.js";
import { installFunctions, prepareSearch, withinTransaction } from "./postgres/prepare.js";
import { PostgresStore } from "./postgres/store.js";
import { MediaTables } from "./media-tables.js";
import { SettingEntity } from "./setting-entity.js";
import { Settings } from "./settings.js";
import { BetterSqlite3Store } from "./sqlite/better-sqlite3-store.js";
import { BetterSqlite3Connection } from "./sqlite/better-sqlite3.js";
import { Sqlite3Store } from "./sqlite/sqlite3-store.js";
import { Sqlite3Connection } from "./sqlite/sqlite3.js";
import { SqliteSearch } from "./sqlite/search.js";
import { MemoryStore } from "./sqlite/store.js";
import { streamOwners, typeOrmMapping } from "./typeorm-mapping.js";

/** Statements on PostgreSQL hold up nobody else; on SQLite they do. */
const STATEMENT_TIMEOUTS_MS = { postgres: 30_000, sqlite: 5_000 };

const DEFAULTS = {
  busyTimeoutMs: 5_000,
  statementTimeoutMs: STATEMENT_TIMEOUTS_MS.postgres,
  maxCursors: 8,
  readConnections: 10,
  writeConnections: 5,
};

/** How a store is opened. */
export interface DatabaseOptions {
  /** See {@link parseDatabaseUrl}. */
  readonly url: string;
  /** TypeORM entity classes. */
  readonly entities: readonly (abstract new (...args: never[]) => object)[];
  /**
   * What the classes say as a model: columns take the types that their properties need, and searchable texts are indexed.
   * Without it the tables are those that TypeORM's decorators say, and {@link Database.mapping} is not there.
   */
  readonly model?:
    | {
        readonly model: Model;
        readonly classes: ReadonlyMap<string, DecoratedClass>;
        /** Entity sets whose entities are not stored here. */
        readonly elsewhere?: ReadonlySet<EntitySet>;
      }
    | undefined;
  /** Migrations that are run before the store is used; without any, the tables are made from the classes. */
  readonly migrations?: readonly (new () => MigrationInterface)[] | undefined;
  /**
   * SQLite's `synchronous`. `FULL`, the default: what was acknowledged survives a loss of power. `NORMAL`: it survives
   * the process being killed. PostgreSQL has settings of its own for it.
   */
  readonly synchronous?: "FULL" | "NORMAL" | undefined;
  /**
   * How long a statement waits for a lock that another process holds, in milliseconds; 5000 where absent. On PostgreSQL
   * also how long for a connection, but at least a second. Past that the request fails with 503.
   */
  readonly busyTimeoutMs?: number | undefined;
  /**
   * How long a statement may take, in milliseconds; 0 for any time. On PostgreSQL 30000 where absent. On SQLite 5000, and
   * it is for statements that go through collections within collections, `$root` and cross joins; of a result that is
   * streamed, each part has the time. Past that the request fails with 504.
   */
  readonly statementTimeoutMs?: number | undefined;
  /** How many results may be streamed at the same time; 8 where absent. Past that a request fails with 503. */
  readonly maxCursors?: number | undefined;
  /** How many connections read on PostgreSQL; 10 where absent. */
  readonly readConnections?: number | undefined;
  /** How many connections write on PostgreSQL; 5 where absent. */
  readonly writeConnections?: number | undefined;
  /**
   * For how many days changes are remembered, where entity sets track them; 30 where absent. Clients that come back later
   * have to begin anew.
   */
  readonly changeRetentionDays?: number | undefined;
}

type Limits = Readonly<typeof DEFAULTS>;

/**
 * A store. Reads see what is committed, transactions are serialisable: on SQLite one runs at a time, on PostgreSQL they run
 * side by side. TypeORM owns the tables; statements go to the connections directly.
 */
export class Database {
  readonly dialect: SqlDialect;
  readonly dataSource: DataSource;
  /** Statements that read, on what is committed. Within a transaction its own statements are to be used. */
  readonly reader: Reader;
  /** The log of changes, where something is tracked. */
  readonly changes: ChangeLog | undefined;
  readonly #keeper: ChangeLogKeeper | undefined;
  readonly #store: Store;
  readonly #settings: Settings;
  readonly #mapping: StorageMapping | undefined;

  private constructor(
    dataSource: DataSource,
    dialect: SqlDialect,
    store: Store,
    mapping: StorageMapping | undefined,
    keeper: ChangeLogKeeper | undefined,
  ) {
    this.dataSource = dataSource;
    this.dialect = dialect;
    this.reader = store;
    this.#store = store;
    this.#settings = new Settings(dialect);
    this.#mapping = mapping;
    this.#keeper = keeper;
    this.changes = keeper?.log;
  }

  /**
   * Opens a store and brings its tables up to date.
   *
   * @throws {DatabaseUrlError} for a URL that is none, {ModelError} where a class or a property has no place, and the
   *   driver's error where the store cannot be opened
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const url = parseDatabaseUrl(options.url);
    const dialect = dialectOf(url);
    const limits = readLimits(options, STATEMENT_TIMEOUTS_MS[dialect.name]);
    const { busyTimeoutMs } = limits;
    const retention = retentionOf(options);
    const { entities, migrations = [] } = options;
    const dataSource = createDataSource({ url, entities, migrations, busyTimeoutMs });
    await dataSource.initialize();
    try {
      const mapping =
        options.model === undefined
          ? undefined
          : typeOrmMapping(options.model.model, options.model.classes, dataSource, options.model.elsewhere);
      const indexes = mapping === undefined ? [] : provideIndexes(dataSource, { ...options.model!, mapping, dialect });
      const tracked =
        mapping === undefined ? { tables: [], links: false } : trackedTables(options.model!.model, mapping);
      const changes = new ChangeLog(tracked, dialect);
      const media = new MediaTables(mapping === undefined ? [] : streamOwners(options.model!.model, mapping), dialect);
      const opening: Opening = {
        dataSource,
        options,
        limits,
        mappings: mapping?.tables() ?? [],
        indexes,
        media,
        changes,
      };
      const store = url.driver === "postgres" ? await openPostgres(url, opening) : await openSqlite(url, opening);
      const keeper = changes.empty ? undefined : new ChangeLogKeeper(changes, store, retention);
      await keeper?.start();
      return new Database(dataSource, dialect, store, mapping, keeper);
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
  }

  /**
   * Where everything is kept.
   *
   * @throws {Error} where the store was opened without a model
   */
  get mapping(): StorageMapping {
    if (this.#mapping === undefined) throw new Error("The store was opened without a model.");
    return this.#mapping;
  }

  /**
   * Runs work in a transaction: all of it is kept, or, where it throws, none. On SQLite transactions follow each other in
   * the order in which they were asked for. On PostgreSQL the work is done again where another transaction was in its
   * way, so it should change nothing but the store.
   */
  transaction<T>(work: (transaction: Transaction) => Awaitable<T>, options?: TransactionOptions): Promise<T> {
    return this.#store.transaction(work, options);
  }

  /**
   * The rows of a statement that reads, in batches as they are found: all see the same state of the store. A stream that
   * is not read to its end has to be closed with `return()`, as `for await` does, and holds resources until then.
   *
   * @param functions see {@link Reader.rows}
   * @throws {StoreUnavailable} at the first batch, where too many streams are open
   * @example for await (const rows of database.cursor(text, [])) write(rows);
   */
  cursor(sql: string, parameters: readonly SqlValue[], functions = false): RowStream {
    return this.#store.cursor(sql, parameters, functions);
  }

  /**
   * Random bytes that stay the same as long as the store is there, for all processes that use it. They are made when they
   * are first asked for.
   *
   * @param name what they are for
   */
  async secret(name: string, bytes: number): Promise<Buffer> {
    const key = `secret:${name}`;
    const known =
      (await this.#settings.read(this.#store, key)) ??
      (await this.transaction((transaction) =>
        this.#settings.plant(transaction, key, randomBytes(bytes).toString("hex")),
      ));
    const secret = Buffer.from(known, "hex");
    if (secret.length !== bytes) throw new RangeError(`The secret '${name}' has ${secret.length} bytes, not ${bytes}.`);
    return secret;
  }

  /** Waits for the transactions under way and closes all connections. */
  async close(): Promise<void> {
    await this.#keeper?.stop();
    await this.#store.close();
    await this.dataSource.destroy();
  }
}

function dialectOf(url: DatabaseUrl): SqlDialect {
  if (url.driver === "postgres") return postgres;
  // A store in memory has a single connection; that of `sqlite3` works on a thread of its own.
  return url.driver === "sqlite3" && url.file === ":memory:" ? sqliteWithoutFunctions : sqlite;
}

function readLimits(options: DatabaseOptions, statementTimeoutMs: number): Limits {
  const least = { busyTimeoutMs: 0, statementTimeoutMs: 0, maxCursors: 1, readConnections: 1, writeConnections: 1 };
  const defaults = { ...DEFAULTS, statementTimeoutMs };
  const limits = { ...defaults };
  for (const name of Object.keys(DEFAULTS) as (keyof Limits)[]) {
    const value = options[name] ?? defaults[name];
    if (!Number.isInteger(value) || value < least[name])
      throw new RangeError(`${name} must be an integer from ${least[name]}, not ${value}.`);
    limits[name] = value;
  }
  return limits;
}

/** What is at hand while a store is opened. */
interface Opening {
  readonly dataSource: DataSource;
  readonly options: DatabaseOptions;
  readonly limits: Limits;
  readonly mappings: readonly EntityMapping[];
  /** What the classes ask for. */
  readonly indexes: readonly IndexStatement[];
  /** Where contents of streams are kept. */
  readonly media: MediaTables;
  readonly changes: ChangeLog;
}

async function openSqlite(url: Extract<DatabaseUrl, { readonly file: string }>, opening: Opening): Promise<Store> {
  const { dataSource, options, limits } = opening;
  await dataSource.query(`PRAGMA synchronous = ${options.synchronous ?? "FULL"}`);
  await dataSource.query(`PRAGMA busy_timeout = ${limits.busyTimeoutMs}`);
  await makeTables(opening);
  const handle = (dataSource.driver as unknown as { readonly databaseConnection: unknown }).databaseConnection;
  const { file } = url;
  const search = new SqliteSearch(opening.mappings);
  const storeOptions = { file, ...limits, search: search.empty ? undefined : search };
  const settings = new Settings(sqlite);
  const prepared = async (store: Store): Promise<Store> => {
    try {
      const searches = await search.isNeeded(store, settings);
      const indexes = options.migrations === undefined && (await hasIndexes(store, settings, opening));
      const media = await opening.media.isNeeded(store, settings);
      const changes = await opening.changes.isNeeded(store, settings);
      if (searches || indexes || media || changes)
        await store.transaction(async (transaction) => {
          if (indexes) await prepareIndexes(transaction, settings, opening.indexes, sqlite);
          if (media) await opening.media.prepare(transaction, settings);
          if (changes) await opening.changes.prepare(transaction, settings);
          if (searches) await search.prepare(transaction, settings);
        });
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  };
  if (url.driver === "better-sqlite3") {
    const writer = new BetterSqlite3Connection(handle as BetterSqlite3.Database, limits.statementTimeoutMs);
    return prepared(
      file === ":memory:" ? new MemoryStore(writer, storeOptions) : new BetterSqlite3Store(writer, storeOptions),
    );
  }
  const writer = new Sqlite3Connection(handle as sqlite3.Database);
  if (file === ":memory:") return prepared(new MemoryStore(writer, storeOptions));
  return prepared(
    new Sqlite3Store(writer, await Sqlite3Connection.openReader(file, limits.busyTimeoutMs), storeOptions),
  );
}

async function openPostgres(
  { address }: Extract<DatabaseUrl, { readonly driver: "postgres" }>,
  opening: Opening,
): Promise<Store> {
  const { dataSource, options, limits, mappings } = opening;
  const names = new Map(
    [...(options.model?.classes ?? [])].map(([name, entityClass]) => [entityClass as unknown, name]),
  );
  adaptColumns(dataSource, (entityClass, member) => {
    const type = options.model?.model.types.get(names.get(entityClass) ?? "");
    return type?.kind === "entity" ? type.properties.get(member) : undefined;
  });
  const indexes = await alone(address, async (client) => {
    await makeTables(opening);
    const settings = new Settings(postgres);
    await withinTransaction(client, async (transaction) => {
      await installFunctions(transaction, settings, [...postgresFunctions, ...postgresSearchFunctions]);
      if (options.migrations === undefined && (await hasIndexes(transaction, settings, opening)))
        await prepareIndexes(transaction, settings, opening.indexes, postgres);
      await prepareSearch(transaction, settings, mappings);
      if (await opening.media.isNeeded(transaction, settings)) await opening.media.prepare(transaction, settings);
      if (await opening.changes.isNeeded(transaction, settings)) await opening.changes.prepare(transaction, settings);
    });
    return uniqueIndexes(client);
  });
  return new PostgresStore({ address, indexes, ...limits });
}

/** Whether classes ask for indexes, or did so before. */
async function hasIndexes(reader: Reader, settings: Settings, { indexes }: Opening): Promise<boolean> {
  return indexes.length > 0 || (await knownIndexes(reader, settings)).size > 0;
}

async function makeTables({ dataSource, options, indexes }: Opening): Promise<void> {
  if (options.migrations === undefined) return synchronize(dataSource, indexes);
  await dataSource.runMigrations({ transaction: "all" });
  const runner = dataSource.createQueryRunner();
  try {
    for (const { tableName } of [LinkEntity, SettingEntity].map((entity) => dataSource.getMetadata(entity))) {
      if (!(await runner.hasTable(tableName)))
        throw new ModelError(`The migrations make no table '${tableName}', which every store needs.`);
    }
  } finally {
    await runner.release();
  }
}

/** Makes the tables from the classes, or changes them. */
async function synchronize(dataSource: DataSource, indexes: readonly IndexStatement[]): Promise<void> {
  if (indexes.length > 0 && dataSource.options.type !== "postgres") {
    // TypeORM changes a table by making another in its place, and cannot make our indexes there.
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    if (upQueries.length > 0) for (const { name } of indexes) await dataSource.query(`drop index if exists "${name}"`);
  }
  await dataSource.synchronize();
}
