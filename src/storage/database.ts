import { createRequire } from "node:module";
import type BetterSqlite3 from "better-sqlite3";
import type sqlite3 from "sqlite3";
import type { DataSourceOptions, MixedList, MigrationInterface } from "typeorm";
import { DataSource } from "typeorm";
import type { SqlDialect, SqlValue } from "../query/index.js";
import { sqlite } from "../query/index.js";
import { BetterSqlite3Connection } from "./better-sqlite3.js";
import type { Awaitable, Connection } from "./connection.js";
import type { DatabaseUrl } from "./database-url.js";
import { parseDatabaseUrl } from "./database-url.js";
import { LinkEntity } from "./link-entity.js";
import { Sqlite3Connection } from "./sqlite3.js";
import { WriteQueue } from "./write-queue.js";

const require = createRequire(import.meta.url);

const DEFAULT_BUSY_TIMEOUT = 5_000;

/** How a store is opened. */
export interface DatabaseOptions {
  /** See {@link parseDatabaseUrl}. */
  readonly url: string;
  /** TypeORM entity classes. */
  readonly entities: readonly (abstract new (...args: never[]) => object)[];
  /** Migrations that are run before the store is used; without any, the tables are made from the classes. */
  readonly migrations?: readonly (new () => MigrationInterface)[] | undefined;
  /**
   * SQLite's `synchronous`. `FULL`, the default: what was acknowledged survives a loss of power. `NORMAL`: it survives
   * the process being killed.
   */
  readonly synchronous?: "FULL" | "NORMAL" | undefined;
  /**
   * How long a statement waits for a lock that another process holds, in milliseconds; 5000 where absent. Past that the
   * request fails with 503.
   */
  readonly busyTimeoutMs?: number | undefined;
}

/** Statements within a transaction. */
export type Transaction = Pick<Connection, "rows" | "run">;

/**
 * A store: one connection that writes, with a queue in front of it, and one that only reads, so that nobody sees what
 * is not committed. TypeORM owns the writing connection and the tables; both are spoken to directly.
 */
export class Database {
  readonly dialect: SqlDialect = sqlite;
  readonly dataSource: DataSource;
  /** Statements that read, on what is committed. */
  readonly reader: Pick<Connection, "rows"> = { rows: (sql, parameters) => this.#committed(sql, parameters) };
  readonly #writer: Connection;
  readonly #reader: Connection;
  readonly #queue = new WriteQueue();

  private constructor(dataSource: DataSource, writer: Connection, reader: Connection) {
    this.dataSource = dataSource;
    this.#writer = writer;
    this.#reader = reader;
  }

  /**
   * Opens a store and brings its tables up to date.
   *
   * @throws {DatabaseUrlError} for a URL that is none, and the driver's error where the file cannot be opened
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const url = parseDatabaseUrl(options.url);
    const timeout = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT;
    if (!Number.isInteger(timeout) || timeout < 0)
      throw new RangeError(`busyTimeoutMs must be an integer from 0, not ${timeout}.`);
    const dataSource = new DataSource(dataSourceOptions(url, options, timeout));
    await dataSource.initialize();
    try {
      await dataSource.query(`PRAGMA synchronous = ${options.synchronous ?? "FULL"}`);
      await dataSource.query(`PRAGMA busy_timeout = ${timeout}`);
      if (options.migrations !== undefined) await dataSource.runMigrations({ transaction: "all" });
      const writer = wrap(url, (dataSource.driver as unknown as { databaseConnection: unknown }).databaseConnection);
      const reader = url.file === ":memory:" ? writer : await openReader(url, timeout);
      return new Database(dataSource, writer, reader);
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
  }

  #committed(sql: string, parameters: readonly SqlValue[]): Awaitable<unknown[][]> {
    // A store in memory has one connection only: a read has to wait until nothing uncommitted is on it.
    if (this.#reader === this.#writer && this.#queue.busy)
      return this.#queue.run(() => this.#reader.rows(sql, parameters));
    return this.#reader.rows(sql, parameters);
  }

  /**
   * Runs work in a transaction: all of it is kept, or, where it throws, none. Transactions follow each other in the
   * order in which they were asked for.
   */
  transaction<T>(work: (transaction: Transaction) => Awaitable<T>): Promise<T> {
    return this.#queue.run(async () => {
      // Immediate: the lock is taken now, so that a later statement cannot find that another process was faster.
      await this.#writer.run("begin immediate", []);
      try {
        const result = await work(this.#writer);
        await this.#writer.run("commit", []);
        return result;
      } catch (error) {
        await this.#rollBack();
        throw error;
      }
    });
  }

  /** After some errors (a full disk, for one) SQLite has rolled back already; saying so would hide what went wrong. */
  async #rollBack(): Promise<void> {
    try {
      await this.#writer.run("rollback", []);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("no transaction is active"))) throw error;
    }
  }

  /** Waits for the transactions under way and closes both connections. */
  async close(): Promise<void> {
    await this.#queue.run(async () => {
      if (this.#reader !== this.#writer) await this.#reader.close();
      await this.dataSource.destroy();
    });
  }
}

function dataSourceOptions(url: DatabaseUrl, options: DatabaseOptions, timeout: number): DataSourceOptions {
  const common = {
    database: url.file,
    entities: [...options.entities, LinkEntity] as unknown as MixedList<() => void>,
    migrations: [...(options.migrations ?? [])] as unknown as MixedList<() => void>,
    migrationsTableName: "odata_migration",
    synchronize: options.migrations === undefined,
    enableWAL: url.file !== ":memory:",
  };
  return url.driver === "better-sqlite3"
    ? { type: "better-sqlite3", ...common, timeout }
    : { type: "sqlite", ...common, busyTimeout: timeout };
}

function wrap(url: DatabaseUrl, handle: unknown): Connection {
  return url.driver === "better-sqlite3"
    ? new BetterSqlite3Connection(handle as BetterSqlite3.Database)
    : new Sqlite3Connection(handle as sqlite3.Database);
}

/**
 * How much of the file the reading connection has in its address space, in bytes. SQLite's own cache is small, and it is
 * emptied by each write of the other connection; the system's, which this maps, is not.
 */
const MAPPED = 64 * 1024 * 1024;

async function openReader(url: DatabaseUrl, timeout: number): Promise<Connection> {
  if (url.driver === "better-sqlite3") {
    const Driver = require("better-sqlite3") as typeof BetterSqlite3;
    const database = new Driver(url.file, { readonly: true, timeout });
    database.pragma(`mmap_size = ${MAPPED}`);
    return new BetterSqlite3Connection(database);
  }
  const { Database: Driver, OPEN_READONLY } = require("sqlite3") as typeof sqlite3;
  return new Promise((resolve, reject) => {
    const database = new Driver(url.file, OPEN_READONLY, (error) => {
      if (error) return reject(error);
      database.configure("busyTimeout", timeout);
      resolve(new Sqlite3Connection(database));
    });
  });
}
