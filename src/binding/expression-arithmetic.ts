import type { EdmType, PrimitiveType, PrimitiveTypeName } from "../edm/index.js";
import type { BinaryExpression, UnaryExpression } from "../syntax/index.js";
import { adapt } from "./adapt.js";
import type { Binder } from "./binder.js";
import type { ArithmeticOperator, BoundArithmetic, BoundExpression, BoundNegation } from "./bound.js";
import {
  describe,
  isFloating,
  isInteger,
  isNumeric,
  isType,
  primitive,
  promoted,
  typeOf,
  underlying,
} from "./expression-types.js";

/** What an operator takes and gives besides two numbers: URL Conventions 4.01, section 5.1.1.2. */
interface TemporalRule {
  readonly left: PrimitiveTypeName;
  /** `undefined` for any number. */
  readonly right: PrimitiveTypeName | undefined;
  readonly result: PrimitiveTypeName;
}

const durationAdded: readonly TemporalRule[] = (["Edm.DateTimeOffset", "Edm.Date", "Edm.Duration"] as const).map(
  (type) => ({ left: type, right: "Edm.Duration", result: type }),
);

const difference: readonly TemporalRule[] = (["Edm.DateTimeOffset", "Edm.Date"] as const).map((type) => ({
  left: type,
  right: type,
  result: "Edm.Duration",
}));

const scaled: readonly TemporalRule[] = [{ left: "Edm.Duration", right: undefined, result: "Edm.Duration" }];

const temporal: Readonly<Record<ArithmeticOperator, readonly TemporalRule[]>> = {
  add: durationAdded,
  sub: [...durationAdded, ...difference],
  mul: scaled,
  div: scaled,
  divby: [],
  mod: [],
};

const divisions: ReadonlySet<ArithmeticOperator> = new Set<ArithmeticOperator>(["div", "divby", "mod"]);

/** `add`, `sub`, `mul`, `div`, `divby`, `mod`: on numbers, durations, dates and instants. */
export function bindArithmetic(
  binder: Binder,
  expression: BinaryExpression,
  operator: ArithmeticOperator,
): BoundArithmetic {
  const left = binder.bind(expression.left);
  const right = binder.bind(expression.right);
  for (const [bound, source] of [
    [left, expression.left],
    [right, expression.right],
  ] as const) {
    if (bound.collection || bound.kind === "object")
      throw binder.error(source, `'${operator}' computes with single values, but this is a ${describe(bound)}`);
  }
  const bound = temporalOperation(binder, operator, left, right) ?? numericOperation(binder, operator, left, right);
  if (bound === undefined) {
    throw binder.error(
      expression,
      `'${operator}' takes ${signatures(operator)}, not ${describe(left)} and ${describe(right)}`,
    );
  }
  if (divisions.has(operator) && bound.type.qualifiedName !== "Edm.Double" && isZero(bound.right))
    throw binder.error(expression.right, "division by zero");
  return bound;
}

function numericOperation(
  binder: Binder,
  operator: ArithmeticOperator,
  left: BoundExpression,
  right: BoundExpression,
): BoundArithmetic | undefined {
  const int64 = primitive("Edm.Int64");
  const decimal = primitive("Edm.Decimal");
  // Nobody knows the type of null and of a dynamic property: the former does not matter, the latter may be any number.
  const a = numberType(left);
  const b = numberType(right);
  if (a === undefined || b === undefined) return undefined;
  let type = promoted(a, b);
  if (operator === "divby" && type === int64) type = decimal;
  // Among integers a literal keeps its own type; beside others it takes theirs.
  const [first, second] = isInteger(type) ? [left, right] : [adapt(binder, left, type), adapt(binder, right, type)];
  return { kind: "arithmetic", operator, left: first, right: second, type, collection: false };
}

function numberType(side: BoundExpression): EdmType | undefined {
  const type = typeOf(side);
  if (type !== undefined) return isNumeric(type) ? type : undefined;
  if (side.kind === "dynamic") return primitive("Edm.Decimal");
  // A choice among dynamic properties, or one that $apply has computed, would have to be cast.
  return isNull(side) ? primitive("Edm.Int64") : undefined;
}

function temporalOperation(
  binder: Binder,
  operator: ArithmeticOperator,
  left: BoundExpression,
  right: BoundExpression,
): BoundArithmetic | undefined {
  for (const adapting of [false, true]) {
    // A literal on the left takes another type only where its own fits nowhere: a text may be a duration, a day an instant.
    if (adapting && left.kind !== "constant") return undefined;
    for (const rule of temporal[operator]) {
      const first = adapting ? adapt(binder, left, primitive(rule.left)) : left;
      const second = adapt(binder, right, primitive(rule.right ?? "Edm.Decimal"));
      if (!fits(rule, first, second)) continue;
      const type = primitive(rule.result);
      return { kind: "arithmetic", operator, left: first, right: second, type, collection: false };
    }
  }
  return undefined;
}

/** Null fits on one side where the other shows what is meant. */
function fits(rule: TemporalRule, left: BoundExpression, right: BoundExpression): boolean {
  const [a, b] = [typeOf(left), typeOf(right)];
  if (a === undefined) return b !== undefined && isNull(left) && rule.right !== undefined && isType(b, rule.right);
  if (!isType(a, rule.left)) return false;
  if (b === undefined) return isNull(right);
  return rule.right === undefined ? isNumeric(b) : isType(b, rule.right);
}

function signatures(operator: ArithmeticOperator): string {
  const more = temporal[operator].map(({ left, right }) => `${left} and ${right ?? "a number"}`);
  return ["two numbers", ...more].join(", or ");
}

function isNull(bound: BoundExpression): boolean {
  return bound.kind === "constant" && bound.value === null;
}

/** By its digits: as a double, a Decimal may be too small to be told from zero. */
function isZero(bound: BoundExpression): boolean {
  return bound.kind === "constant" && bound.value !== null && /^-?0*\.?0*(?:e[-+]?\d+)?$/i.test(String(bound.value));
}

/** A minus sign before something that is no literal. */
export function bindNegation(binder: Binder, expression: UnaryExpression): BoundNegation {
  const operand = binder.bind(expression.operand);
  const type = typeOf(operand);
  const bound = type === undefined ? adapt(binder, operand, primitive("Edm.Decimal")) : operand;
  const result = negated(type ?? typeOf(bound) ?? (isNull(bound) ? primitive("Edm.Int64") : undefined));
  if (result === undefined || operand.collection || operand.kind === "object") {
    throw binder.error(expression, `'-' takes a number or a duration, not ${describe(operand)}`);
  }
  return { kind: "negation", operand: bound, type: result, collection: false };
}

function negated(type: EdmType | undefined): PrimitiveType | undefined {
  if (type === undefined) return undefined;
  if (isType(type, "Edm.Duration")) return primitive("Edm.Duration");
  if (!isNumeric(type)) return undefined;
  if (isFloating(type)) return primitive("Edm.Double");
  return isInteger(type) ? primitive("Edm.Int64") : (underlying(type) as PrimitiveType);
}
