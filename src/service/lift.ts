import type { LiftableLiterals } from "../binding/index.js";
import type { PrimitiveType } from "../edm/index.js";
import { PrimitiveValueError, readLiteral } from "../edm/primitives/index.js";
import type { SqlValue } from "../query/index.js";
import { parameter } from "../query/index.js";
import type { Literal, QueryOptions } from "../syntax/index.js";
import type { ScannedLiteral, Shape } from "./shape.js";
import { literalValue } from "./shape.js";

/** A literal whose value each request of a route brings. */
export interface LiftedLiteral {
  /** Which of the shape's literals it is. */
  readonly ordinal: number;
  /** As the route's statements know it. */
  readonly literal: Literal;
  readonly type: PrimitiveType;
}

/**
 * Which of a shape's literals the plans of a request do not depend on: those that the scanner and the parser see in the
 * same way and that the binder calls liftable.
 *
 * @param options the request's options as parsed
 */
export function liftedLiterals(shape: Shape, options: QueryOptions, liftable: LiftableLiterals): LiftedLiteral[] {
  if (liftable.size === 0 || shape.literals.length === 0) return [];
  const byPlace = new Map<string, Literal>();
  for (const [name, value] of Object.entries(options)) {
    if (name === "aliases" || name === "custom") continue;
    for (const literal of literalsIn(value, liftable)) byPlace.set(`${name} ${literal.place.start}`, literal);
  }
  for (const [name, value] of options.aliases)
    for (const literal of literalsIn(value, liftable)) byPlace.set(`${name} ${literal.place.start}`, literal);
  return shape.literals.flatMap((scanned, ordinal) => {
    const literal = byPlace.get(`${scanned.option} ${scanned.start}`);
    return literal !== undefined && isSame(scanned, literal)
      ? [{ ordinal, literal, type: liftable.get(literal)! }]
      : [];
  });
}

function isSame(scanned: ScannedLiteral, literal: Literal): boolean {
  return literal.place.end === scanned.end && literal.form === scanned.form && literal.value === literalValue(scanned);
}

/** The liftable literals in a part of a syntax tree; chains of operators are deep, so this does not recurse. */
function literalsIn(tree: unknown, liftable: LiftableLiterals): Literal[] {
  const found: Literal[] = [];
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== "object" || node === null) continue;
    if (liftable.has(node as Literal)) found.push(node as Literal);
    else open.push(...(node instanceof Map ? node.values() : Object.values(node)));
  }
  return found;
}

/**
 * The values that a request brings for its route's lifted literals.
 *
 * @returns `undefined` where one is no value of its type: the long way tells what is wrong
 */
export function readLifted(lifted: readonly LiftedLiteral[], shape: Shape): ReadonlyMap<Literal, SqlValue> | undefined {
  const values = new Map<Literal, SqlValue>();
  for (const { ordinal, literal, type } of lifted) {
    const scanned = shape.literals[ordinal]!;
    try {
      const value = readLiteral(type, scanned.form, literalValue(scanned));
      if (value === undefined) return undefined;
      values.set(literal, parameter(value, type));
    } catch (error) {
      if (error instanceof PrimitiveValueError) return undefined;
      throw error;
    }
  }
  return values;
}
