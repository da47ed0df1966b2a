import type { EdmType } from "../edm/index.js";
import type { BinaryExpression, Expression, InExpression } from "../syntax/index.js";
import { adapt, adaptPair } from "./adapt.js";
import type { Binder, Spot } from "./binder.js";
import type { BoundComparison, BoundExpression, BoundHas, BoundIn, ComparisonOperator } from "./bound.js";
import {
  comparable,
  describe,
  isOrdered,
  isStructured,
  isType,
  primitive,
  typeOf,
  underlying,
} from "./expression-types.js";
import { adaptToFlags, lift } from "./literals.js";

/** `eq`, `ne`, `gt`, `ge`, `lt`, `le`: URL Conventions 4.01, section 5.1.1.1. */
export function bindComparison(
  binder: Binder,
  expression: BinaryExpression,
  operator: ComparisonOperator,
): BoundComparison {
  const [left, right] = adaptPair(binder, binder.bind(expression.left), binder.bind(expression.right));
  checkOperand(binder, expression.left, left, right, operator);
  checkOperand(binder, expression.right, right, left, operator);
  if (left.collection !== right.collection && !isNull(left) && !isNull(right)) {
    throw binder.error(
      expression.right,
      `a collection and a single value cannot be compared, here ${describe(left)} and ${describe(right)}`,
    );
  }
  checkTypes(binder, expression.right, left, right);
  return {
    kind: "comparison",
    operator,
    left: liftBeside(binder, left, right),
    right: liftBeside(binder, right, left),
    type: primitive("Edm.Boolean"),
    collection: false,
  };
}

/** A constant beside something that is none is a parameter. */
function liftBeside(binder: Binder, bound: BoundExpression, other: BoundExpression): BoundExpression {
  return bound.kind === "constant" && other.kind !== "constant" ? lift(binder, bound) : bound;
}

function isNull(bound: BoundExpression): boolean {
  return bound.kind === "constant" && bound.value === null;
}

/** One side by itself: has it an order where one is asked for, can it be compared at all? */
function checkOperand(
  binder: Binder,
  at: Spot,
  bound: BoundExpression,
  other: BoundExpression,
  operator: ComparisonOperator,
): void {
  const equality = operator === "eq" || operator === "ne";
  if (bound.collection && !equality)
    throw binder.error(at, `'${operator}' compares single values, but this is a ${describe(bound)}`);
  if (bound.collection && isNull(other)) {
    throw binder.error(
      at,
      "a collection is never null; for one without items ask for '/$count eq 0' or 'not .../any()'",
    );
  }
  const type = typeOf(bound);
  if (type === undefined) {
    if (bound.kind === "object") throw binder.notOffered(at, `a comparison of a JSON object with ${describe(other)}`);
    return;
  }
  if (isType(type, "Edm.Stream")) throw binder.error(at, "a stream cannot be compared");
  if (isOrdered(type) || (equality && isNull(other))) return;
  if (!equality)
    throw binder.error(at, `values of type ${describe(bound)} have no order, so '${operator}' does not apply`);
  if (type.kind === "primitive" && /^Edm\.(Untyped|PrimitiveType|ComplexType|EntityType)$/.test(type.qualifiedName))
    throw binder.notOffered(at, `a comparison of values of type ${type.qualifiedName}`);
}

/** Both sides together: have they values, or items, that can be equal? */
function checkTypes(binder: Binder, at: Spot, left: BoundExpression, right: BoundExpression): void {
  const a = typeOf(left);
  const b = typeOf(right);
  if (a === undefined || b === undefined) {
    if (isStructured(a ?? b) && (left.kind === "dynamic" || right.kind === "dynamic"))
      throw binder.notOffered(at, `a comparison of a dynamic property with values of type ${(a ?? b)!.qualifiedName}`);
    return;
  }
  if (!comparable(a, b)) {
    const hint = isQuoted(right, a) || isQuoted(left, b) ? "; such a literal is written without quotes" : "";
    throw binder.error(
      at,
      `a value of type ${describe(right)} cannot be compared with one of type ${describe(left)}${hint}`,
    );
  }
}

/** A text in the place of a number, a date or a GUID: most likely the quotes are too much. */
function isQuoted(bound: BoundExpression, other: EdmType): boolean {
  const prefixed = isType(other, "Edm.Duration") || isType(other, "Edm.Binary") || !isOrdered(other);
  return bound.kind === "constant" && isType(bound.type, "Edm.String") && !prefixed;
}

/** `in`: with a list, a JSON array, or anything else that is a collection (section 5.1.1.1.11). */
export function bindIn(binder: Binder, expression: InExpression): BoundIn {
  const written = binder.bind(expression.list);
  const [operand, list] = adaptPair(binder, binder.bind(expression.operand), written);
  if (!list.collection) {
    throw binder.error(
      expression.list,
      `'in' takes a list or another collection, not a value of type ${describe(list)}`,
    );
  }
  if (operand.collection)
    throw binder.error(expression.operand, `'in' looks for a single value, but this is a ${describe(operand)}`);
  checkOperand(binder, expression.operand, operand, list, "eq");
  const bound = { kind: "in", operand, type: primitive("Edm.Boolean"), collection: false } as const;
  if (list.kind !== "collection") {
    checkTypes(binder, expression.list, operand, list);
    return { ...bound, list };
  }
  const places = itemExpressions(expression.list);
  list.items.forEach((item, index) => checkTypes(binder, places[index] ?? expression.list, operand, item));
  const items = list.items.map((item) => liftBeside(binder, item, operand));
  return { ...bound, list: { ...list, items } };
}

/** The items as they are written, for places; none where an alias stands for them. */
function itemExpressions(list: Expression): readonly Expression[] {
  if (list.kind === "List") return list.items;
  return list.kind === "Json" ? (list.array ?? []) : [];
}

/** `has`: section 5.1.1.1.10. */
export function bindHas(binder: Binder, expression: BinaryExpression): BoundHas {
  let operand = binder.bind(expression.left);
  let flags = binder.bind(expression.right);
  const wanted = enumeration(operand) ?? enumeration(flags);
  if (wanted !== undefined) {
    operand = adapt(binder, operand, wanted);
    flags = flags.kind === "constant" ? adaptToFlags(binder, flags, wanted) : adapt(binder, flags, wanted);
  }
  for (const [bound, source] of [
    [operand, expression.left],
    [flags, expression.right],
  ] as const) {
    const fits = bound.type === wanted ? wanted !== undefined : isNull(bound);
    if (!fits || bound.collection) {
      const expected = wanted === undefined ? "values of an enumeration" : `a value of ${wanted.qualifiedName}`;
      throw binder.error(source, `'has' takes ${expected} here, not one of type ${describe(bound)}`);
    }
  }
  return { kind: "has", operand, flags, type: primitive("Edm.Boolean"), collection: false };
}

function enumeration(bound: BoundExpression): EdmType | undefined {
  const type = typeOf(bound);
  return type !== undefined && underlying(type).kind === "enum" ? type : undefined;
}
