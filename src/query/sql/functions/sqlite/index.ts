import { aggregates } from "./aggregates.js";
import { decimalFunctions } from "./decimal.js";
import { doubleFunctions } from "./double.js";
import { enumFunctions } from "./enums.js";
import type { SqliteAggregate, SqliteFunction } from "./function.js";
import { geoFunctions } from "./geo.js";
import { jsonFunctions } from "./json.js";
import { temporalFunctions } from "./temporal.js";
import { textFunctions } from "./text.js";

/**
 * What odatum adds to a connection to SQLite. Integers have to be handed over as `bigint`.
 *
 * @example
 * for (const { name, call, deterministic } of sqliteFunctions)
 *   database.function(name, { deterministic, varargs: true, safeIntegers: true }, call);
 */
export const sqliteFunctions: readonly SqliteFunction[] = [
  ...decimalFunctions,
  ...doubleFunctions,
  ...temporalFunctions,
  ...textFunctions,
  ...jsonFunctions,
  ...enumFunctions,
  ...geoFunctions,
];

/** Its aggregate functions, which are window functions, too. */
export const sqliteAggregates: readonly SqliteAggregate[] = aggregates;
