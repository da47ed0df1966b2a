import type BetterSqlite3 from "better-sqlite3";
// Not through the folder's index: a reading process needs no more of it than this.
import { IN_TIME_FUNCTION } from "../../query/sql/functions/sqlite/in-time.js";

/** The clock is looked at each time that the function has been called as often. */
const CALLS = 256;

/** The code of the error, which is the one that SQLite has for statements that are ended from outside. */
export const OUT_OF_TIME = "SQLITE_INTERRUPT";

/**
 * Ends statements that take too long. A statement of `better-sqlite3` holds up the process, so nothing but a function that
 * the statement itself calls can end it.
 */
export class Deadline {
  readonly #milliseconds: number;
  #end = Infinity;
  #calls = 0;

  /** @param milliseconds how long a statement may take, 0 for any time */
  constructor(database: BetterSqlite3.Database, milliseconds: number) {
    this.#milliseconds = milliseconds;
    database.function(IN_TIME_FUNCTION, { deterministic: false, varargs: true }, () => this.#inTime());
  }

  /** Whether a statement looks at the time. */
  static concerns(sql: string): boolean {
    return sql.includes(`${IN_TIME_FUNCTION}(`);
  }

  /** The time begins; the statement that runs next has it. */
  start(): void {
    this.#end = this.#milliseconds === 0 ? Infinity : performance.now() + this.#milliseconds;
  }

  #inTime(): 1 {
    this.#calls = (this.#calls + 1) % CALLS;
    if (this.#calls === 0 && performance.now() > this.#end)
      throw Object.assign(new Error("The statement has taken too long."), { code: OUT_OF_TIME });
    return 1;
  }
}
