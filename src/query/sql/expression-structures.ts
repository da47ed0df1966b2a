import { sql } from "kysely";
import type { BoundCollection, BoundExpression, BoundJsonObject, ComparisonOperator } from "../../binding/index.js";
import type { EdmType } from "../../edm/index.js";
import { writeJson } from "../../edm/primitives/index.js";
import type { Sql } from "./dialect.js";
import type { Compiler, Operand } from "./operand.js";
import { bound, valueOf } from "./operand.js";
import { kindOf, underlying } from "./values.js";

/** JSON text of an operand; `null` for null. A collection that is not there has no items. */
export function jsonOf(operand: Operand, compiler: Compiler): Sql {
  if (operand.collection) return jsonOrNull(operand, compiler);
  const { kind } = operand;
  // A floating-point number is looked at several times.
  if (kind !== "number") return compiler.dialect.json(valueOf(operand), kind);
  return bound(operand, compiler, (simple) => compiler.dialect.json(valueOf(simple), kind));
}

/** JSON text of an operand; NULL for null. */
export function jsonOrNull(operand: Operand, compiler: Compiler): Sql {
  const value = valueOf(operand);
  if (operand.collection) return operand.required === true ? value : sql`coalesce(${value}, '[]')`;
  return operand.kind === "json" ? value : sql`nullif(${jsonOf(operand, compiler)}, 'null')`;
}

/** `eq` and `ne` of structured values, of collections, and of values of which nobody knows the type: by their content. */
export function contentEqual(operator: ComparisonOperator, left: Operand, right: Operand, compiler: Compiler): Sql {
  const { dialect } = compiler;
  const [a, b] = [left, right].map((operand) => jsonOrNull(operand, compiler)) as [Sql, Sql];
  if (operator === "eq" || operator === "ne") {
    const [ofA, ofB] = [left, right].map(({ type }) =>
      sql.lit(type?.kind === "complex" ? `#${type.qualifiedName}` : ""),
    ) as [Sql, Sql];
    const same = sql`odatum_json_equal(${a}, ${b}, ${ofA}, ${ofB}, ${doublesIn([left.type, right.type])})`;
    return operator === "eq" ? same : sql`(not ${same})`;
  }
  if (left.collection || right.collection) return dialect.truth(false);
  const sign = sql.raw({ gt: ">", ge: ">=", lt: "<", le: "<=" }[operator]);
  return sql`coalesce(odatum_json_compare(${a}, ${b}) ${sign} 0, false)`;
}

/**
 * Where values of some types have doubles, whose NaN equals nothing: the names of such members, in JSON; the empty name
 * for the values themselves.
 */
export function doublesIn(types: readonly (EdmType | undefined)[]): Sql {
  const names = new Set<string>();
  const seen = new Set<EdmType>();
  const look = (type: EdmType | undefined, name: string): void => {
    if (type === undefined) return;
    const actual = underlying(type);
    if (kindOf(actual) === "number") names.add(name);
    if (actual.kind !== "complex" || seen.has(actual)) return;
    seen.add(actual);
    for (const one of [actual, ...actual.derivedTypes]) {
      for (const property of one.properties.values()) look(property.type, property.name);
    }
  };
  for (const type of types) look(type, "");
  return sql.lit(JSON.stringify([...names]));
}

/** A truth value that stands as JSON; null where it is something else. */
export function jsonTruth(operand: Operand, { dialect }: Compiler): Sql {
  const cases = sql`when 'true' then ${dialect.truth(true)} when 'false' then ${dialect.truth(false)}`;
  return sql`(case ${valueOf(operand)} ${cases} end)`;
}

/** A list or JSON array as JSON text. */
export function listJson(expression: BoundCollection, compiler: Compiler): Operand {
  const pieces: Piece[] = ["["];
  expression.items.forEach((item, index) => {
    pieces.push(...(index === 0 ? [] : [","]), ...piecesOf(item, expression.type, compiler));
  });
  return json([...pieces, "]"], expression.type, true, compiler);
}

/** A JSON object as JSON text. */
export function jsonObject(expression: BoundJsonObject, compiler: Compiler): Operand {
  return json(objectPieces(expression, expression.type, compiler), expression.type, false, compiler);
}

/** Text that is known, or SQL that gives it. */
type Piece = string | Sql;

function objectPieces({ members, type }: BoundJsonObject, declared: EdmType | undefined, compiler: Compiler): Piece[] {
  const properties = type?.kind === "complex" ? type.properties : undefined;
  // As what is stored does, an object names its type where that is not the declared one.
  const named =
    type === undefined || type === declared ? [] : [`"@odata.type":${JSON.stringify(`#${type.qualifiedName}`)}`];
  const pieces: Piece[] = ["{", ...named];
  for (const [name, value] of members) {
    if (pieces.length > 1) pieces.push(",");
    pieces.push(`${JSON.stringify(name)}:`, ...piecesOf(value, properties?.get(name)?.type, compiler));
  }
  return [...pieces, "}"];
}

function piecesOf(expression: BoundExpression, declared: EdmType | undefined, compiler: Compiler): Piece[] {
  if (expression.kind === "object") return objectPieces(expression, declared, compiler);
  if (expression.kind === "collection") {
    const items = expression.items.map((item) => piecesOf(item, declared, compiler));
    return ["[", ...items.flatMap((item, index) => (index === 0 ? item : [",", ...item])), "]"];
  }
  if (expression.kind !== "constant" || expression.literal !== undefined) {
    return [jsonOf(compiler.operand(expression), compiler)];
  }
  const { type, value } = expression;
  if (value === null) return ["null"];
  return [type?.kind === "primitive" ? writeJson(type, value) : JSON.stringify(value)];
}

function json(
  pieces: readonly Piece[],
  type: EdmType | undefined,
  collection: boolean,
  { dialect }: Compiler,
): Operand {
  const joined: Piece[] = [];
  for (const next of pieces) {
    const last = joined.at(-1);
    if (typeof next === "string" && typeof last === "string") joined[joined.length - 1] = last + next;
    else joined.push(next);
  }
  // Names and texts are a client's: they are parameters.
  const parts = joined.map((part) => (typeof part === "string" ? dialect.parameter(sql`${part}`, "text") : part));
  return {
    sql: concatenated(parts),
    kind: "json",
    type,
    collection,
    simple: parts.length === 1,
    required: true,
    given: true,
  };
}

/** Texts one behind the other, as a tree that is no deeper than it must be. */
function concatenated(parts: readonly Sql[]): Sql {
  if (parts.length === 1) return parts[0]!;
  const half = Math.ceil(parts.length / 2);
  return sql`(${concatenated(parts.slice(0, half))} || ${concatenated(parts.slice(half))})`;
}
