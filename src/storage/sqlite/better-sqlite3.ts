import { createRequire } from "node:module";
import type BetterSqlite3 from "better-sqlite3";
import type { SqlValue } from "../../query/index.js";
import { batches } from "../batches.js";
import type { Connection, SqlParameter } from "../connection.js";
import { Deadline } from "./deadline.js";
import { translateSqliteError } from "./errors.js";
import { installFunctions } from "./functions.js";
import type { ReaderLimits } from "./reader-messages.js";

const require = createRequire(import.meta.url);

/** Prepared statements kept a connection; plans are bounded too, so this is seldom reached. */
const STATEMENTS = 500;

/**
 * How much of the file a reading connection has in its address space, in bytes. SQLite's own cache is small, and it is
 * emptied by each write of the other connection; the system's, which this maps, is not.
 */
const MAPPED = 64 * 1024 * 1024;

/** A statement that is prepared. */
interface Prepared {
  readonly statement: BetterSqlite3.Statement;
  /** It looks at the time that it has. */
  readonly timed: boolean;
}

/** A connection through `better-sqlite3`: synchronous, with its statements kept prepared, and with our functions. */
export class BetterSqlite3Connection implements Connection {
  readonly #database: BetterSqlite3.Database;
  readonly #statements = new Map<string, Prepared>();
  readonly #deadline: Deadline;

  /** @param statementTimeoutMs how long a statement may take that goes through collections within collections; 0 for any time */
  constructor(database: BetterSqlite3.Database, statementTimeoutMs: number) {
    this.#database = database;
    installFunctions(database);
    this.#deadline = new Deadline(database, statementTimeoutMs);
  }

  /** Another connection to a file, which cannot write. */
  static openReader(file: string, { busyTimeoutMs, statementTimeoutMs }: ReaderLimits): BetterSqlite3Connection {
    const Driver = require("better-sqlite3") as typeof BetterSqlite3;
    const database = new Driver(file, { readonly: true, timeout: busyTimeoutMs });
    database.pragma(`mmap_size = ${MAPPED}`);
    return new BetterSqlite3Connection(database, statementTimeoutMs);
  }

  rows(sql: string, parameters: readonly SqlValue[]): unknown[][] {
    try {
      return this.#start(sql, true).all(parameters) as unknown[][];
    } catch (error) {
      throw translateSqliteError(error as Error);
    }
  }

  run(sql: string, parameters: readonly SqlParameter[]): number {
    try {
      return this.#start(sql, false).run(parameters).changes;
    } catch (error) {
      throw translateSqliteError(error as Error);
    }
  }

  /** Rows as they are found, a batch at a time, each of which has the time of a statement; the connection can do nothing else until the last, or until `return()`. */
  *stream(sql: string, parameters: readonly SqlValue[]): Generator<unknown[][], void, undefined> {
    try {
      const { statement, timed } = this.#statement(sql, true);
      const found = batches(statement.iterate(parameters) as IterableIterator<unknown[]>);
      if (timed) yield* this.#timed(found);
      else yield* found;
    } catch (error) {
      throw translateSqliteError(error as Error);
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  *#timed(found: Generator<unknown[][], void, undefined>): Generator<unknown[][], void, undefined> {
    try {
      for (;;) {
        this.#deadline.start();
        const next = found.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      found.return();
    }
  }

  /** A statement whose time begins now, where it looks at it. */
  #start(sql: string, reads: boolean): BetterSqlite3.Statement {
    const { statement, timed } = this.#statement(sql, reads);
    if (timed) this.#deadline.start();
    return statement;
  }

  #statement(sql: string, reads: boolean): Prepared {
    let prepared = this.#statements.get(sql);
    if (prepared === undefined) {
      prepared = { statement: this.#database.prepare(sql), timed: Deadline.concerns(sql) };
      if (reads) prepared.statement.raw(true);
      if (this.#statements.size >= STATEMENTS) this.#statements.delete(this.#statements.keys().next().value!);
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }
}
