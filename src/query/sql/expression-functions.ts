import { sql } from "kysely";
import type { BoundCall, BoundFunction } from "../../binding/index.js";
import { notImplemented } from "../../errors/index.js";
import type { Sql } from "./dialect.js";
import { temporalFunction } from "./expression-temporal.js";
import { textFunction } from "./expression-text.js";
import { doublesIn, jsonOrNull } from "./expression-structures.js";
import type { Compiler, Operand } from "./operand.js";
import { isNull, nullOperand, valueOf } from "./operand.js";
import { integerBounds, kindOf, underlying } from "./values.js";

/** A call of a canonical function: URL Conventions 4.01, section 5.1.1.5 and following. Null where an argument is null. */
export function call(expression: BoundCall, compiler: Compiler): Operand {
  const { type } = expression;
  const operands = expression.arguments.map((argument) => compiler.operand(argument));
  const kind = expression.collection ? "json" : kindOf(type);
  const result = { type, collection: expression.collection, simple: false };
  if (operands.some(isNull)) return { ...nullOperand(compiler.dialect, kind), type };
  if (operands.some(({ collection }) => collection)) {
    return { ...result, kind, sql: collectionFunction(expression, operands, compiler) };
  }
  const rounded = roundingFunction(expression.function, operands[0]);
  if (rounded !== undefined) return { ...rounded, type };
  const value =
    textFunction(expression, operands, compiler) ??
    temporalFunction(expression, operands, compiler) ??
    geoFunction(expression.function, operands, compiler);
  if (value === undefined) throw notImplemented(`The function '${expression.function}' is not offered here.`);
  return { ...result, kind, sql: value, bounds: kind === "integer" ? integerBounds(type) : undefined };
}

/** Section 5.1.1.9: integers are what they are. */
function roundingFunction(name: BoundFunction, operand: Operand | undefined): Operand | undefined {
  if ((name !== "round" && name !== "floor" && name !== "ceiling") || operand === undefined) return undefined;
  if (operand.kind !== "decimal" && operand.kind !== "number") return operand;
  const called = sql.raw(`odatum_${operand.kind === "decimal" ? "decimal" : "double"}_${name}`);
  const value = sql`${called}(${valueOf(operand)})`;
  return { sql: value, kind: operand.kind, type: operand.type, collection: false, simple: false };
}

/** Section 5.1.1.6: on JSON text. */
function collectionFunction(expression: BoundCall, operands: readonly Operand[], compiler: Compiler): Sql {
  const name = COLLECTION_FUNCTIONS.get(expression.function);
  if (name === undefined || operands.some(({ type, collection }) => collection && type?.kind === "entity")) {
    throw notImplemented(`The function '${expression.function}' is not offered on such a collection.`);
  }
  // The numbers of substring are no items.
  const values = operands.map((operand, index) =>
    expression.function === "substring" && index > 0 ? valueOf(operand) : jsonOrNull(operand, compiler),
  );
  if (COMPARING.has(expression.function)) values.push(doublesIn(operands.map(({ type }) => type)));
  return sql`${sql.raw(name)}(${sql.join(values)})`;
}

const COLLECTION_FUNCTIONS: ReadonlyMap<BoundFunction, string> = new Map([
  ["concat", "odatum_list_concat"],
  ["contains", "odatum_list_contains"],
  ["startswith", "odatum_list_startswith"],
  ["endswith", "odatum_list_endswith"],
  ["indexof", "odatum_list_indexof"],
  ["length", "odatum_list_length"],
  ["substring", "odatum_list_slice"],
  ["hassubset", "odatum_list_hassubset"],
  ["hassubsequence", "odatum_list_hassubsequence"],
]);

/** These look for equal items. */
const COMPARING: ReadonlySet<BoundFunction> = new Set([
  "contains",
  "startswith",
  "endswith",
  "indexof",
  "hassubset",
  "hassubsequence",
]);

/** Section 5.1.1.12. */
function geoFunction(name: BoundFunction, operands: readonly Operand[], { dialect }: Compiler): Sql | undefined {
  const [a, b] = operands.map(valueOf) as [Sql, Sql];
  const type = operands[0]?.type;
  const round = dialect.truth(type !== undefined && underlying(type).name.startsWith("Geography"));
  switch (name) {
    case "geo.distance":
      return sql`odatum_geo_distance(${a}, ${b}, ${round})`;
    case "geo.length":
      return sql`odatum_geo_length(${a}, ${round})`;
    case "geo.intersects":
      return sql`odatum_geo_intersects(${a}, ${b})`;
    default:
      return undefined;
  }
}
