import type BetterSqlite3 from "better-sqlite3";
import type { SqliteValue } from "../../query/index.js";
// Not through the folder's index: a reading process needs no more of it than this.
import { sqliteAggregates, sqliteFunctions } from "../../query/sql/functions/sqlite/index.js";

/** Adds the functions that statements call to a connection. */
export function installFunctions(database: BetterSqlite3.Database): void {
  for (const added of sqliteFunctions) {
    const { name, parameters, deterministic } = added;
    const options = { deterministic, varargs: parameters === "any", safeIntegers: true };
    const call = (...values: SqliteValue[]) => added.call(...values);
    database.function(name, options, withLength(call, parameters === "any" ? 0 : parameters));
  }
  for (const added of sqliteAggregates) {
    const { name, parameters, deterministic } = added;
    const step = (state: unknown, ...values: unknown[]) => added.step(state, ...(values as SqliteValue[]));
    const inverse = (state: unknown, ...values: unknown[]) => added.inverse(state, ...(values as SqliteValue[]));
    database.aggregate(name, {
      deterministic,
      safeIntegers: true,
      start: () => added.start(),
      // The state comes first.
      step: withLength(step, parameters + 1),
      inverse: withLength(inverse, parameters + 1),
      result: (state) => added.result(state),
    });
  }
}

/** The driver tells SQLite as many parameters as a function declares. */
function withLength<Call extends (...values: never[]) => unknown>(call: Call, length: number): Call {
  return Object.defineProperty(call, "length", { value: length });
}
