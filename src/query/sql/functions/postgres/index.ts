import { enumFunctions } from "./enums.js";
import { geoFunctions } from "./geo.js";
import { jsonFunctions } from "./json.js";
import { numberFunctions } from "./numbers.js";
import { temporalFunctions } from "./temporal.js";
import { textFunctions } from "./text.js";

/** What odatum adds to a PostgreSQL database: statements that make functions, each after those that it calls. */
export const postgresFunctions: readonly string[] = [
  ...numberFunctions,
  ...temporalFunctions,
  ...textFunctions,
  ...jsonFunctions,
  ...enumFunctions,
  ...geoFunctions,
];
