import type { ArithmeticOperator } from "../../binding/bound.js";
import { Decimal } from "./decimal.js";
import { asDouble } from "./order.js";
import { DAY, Temporal } from "./temporal.js";
import type { Value } from "./value.js";

/** What the operands' types say about how numbers are computed. */
export type NumberKind = "integer" | "decimal" | "double";

const MIN_INT64 = Decimal.of(-(2n ** 63n));
const MAX_INT64 = Decimal.of(2n ** 63n - 1n);

/** How many digits the seconds of a duration have behind the point, and what makes whole numbers of them. */
const SECOND_DIGITS = 12;
const PICOSECONDS = Decimal.of(10n ** 12n);

/**
 * One arithmetic operation (URL Conventions 4.01, section 5.1.1.2): null where a side is null, where the result is out of
 * the range of its type, or where an integer, a Decimal or a duration is divided by zero.
 */
export function arithmetic(operator: ArithmeticOperator, left: Value, right: Value, kind: NumberKind): Value {
  if (left === null || right === null) return null;
  if (left instanceof Temporal || right instanceof Temporal) return temporalArithmetic(operator, left, right);
  if (!isNumber(left) || !isNumber(right)) return null;
  if (kind === "double" || typeof left === "number" || typeof right === "number") {
    return doubleArithmetic(operator, asDouble(left), asDouble(right));
  }
  // An integer that has outgrown 64 bits goes on as a Decimal.
  const result = exactArithmetic(operator, left, right, kind === "integer" && isInt64(left) && isInt64(right));
  return result === null ? null : result.bounded();
}

function isNumber(value: Value): value is number | Decimal {
  return typeof value === "number" || value instanceof Decimal;
}

function isInt64(value: Decimal): boolean {
  return value.isWhole && value.compare(MIN_INT64) >= 0 && value.compare(MAX_INT64) <= 0;
}

function exactArithmetic(
  operator: ArithmeticOperator,
  left: Decimal,
  right: Decimal,
  integers: boolean,
): Decimal | null {
  switch (operator) {
    case "add":
      return left.plus(right);
    case "sub":
      return left.minus(right);
    case "mul":
      return left.times(right);
    case "div":
      return right.isZero ? null : integers ? left.wholeTimes(right) : left.dividedBy(right);
    case "divby":
      return right.isZero ? null : left.dividedBy(right);
    case "mod":
      return right.isZero ? null : left.remainder(right);
  }
}

function doubleArithmetic(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case "add":
      return left + right;
    case "sub":
      return left - right;
    case "mul":
      return left * right;
    case "div":
    case "divby":
      return left / right;
    case "mod":
      return left % right;
  }
}

function temporalArithmetic(operator: ArithmeticOperator, left: Value, right: Value): Value {
  if (left instanceof Temporal && right instanceof Temporal) return temporalSum(operator, left, right);
  if (left instanceof Temporal && left.kind === "duration" && isNumber(right)) return scaled(operator, left, right);
  if (right instanceof Temporal && right.kind === "duration" && isNumber(left) && operator === "mul") {
    return scaled(operator, right, left);
  }
  return null;
}

function temporalSum(operator: ArithmeticOperator, left: Temporal, right: Temporal): Value {
  if (operator !== "add" && operator !== "sub") return null;
  if (right.kind === "duration") {
    const length = operator === "add" ? right.picoseconds : -right.picoseconds;
    switch (left.kind) {
      case "duration":
        return durationOf(left.picoseconds + length);
      case "instant":
        return Temporal.within("instant", left.picoseconds + length) ?? null;
      case "date":
        // Only whole days of the duration count.
        return Temporal.within("date", left.picoseconds + (length / DAY) * DAY) ?? null;
      case "timeOfDay":
        return null;
    }
  }
  if (left.kind === "duration" && operator === "add") return temporalSum("add", right, left);
  if (operator === "sub" && left.kind === right.kind) {
    return new Temporal("duration", left.picoseconds - right.picoseconds);
  }
  return null;
}

/** A duration times or divided by a number: exact, and cut toward zero behind the last digit that a duration has. */
function scaled(operator: ArithmeticOperator, duration: Temporal, by: number | Decimal): Value {
  if (typeof by === "number" && !Number.isFinite(by)) return null;
  const factor = typeof by === "number" ? Decimal.parse(String(by)) : by;
  const seconds = Decimal.of(duration.picoseconds, SECOND_DIGITS);
  switch (operator) {
    case "mul": {
      const product = seconds.times(factor).bounded();
      return product === null ? null : new Temporal("duration", product.times(PICOSECONDS).truncated().units);
    }
    case "div":
    case "divby":
      return factor.isZero ? null : durationOf(seconds.times(PICOSECONDS).wholeTimes(factor).units);
    default:
      return null;
  }
}

/** A duration of some length; null where its seconds are more than a Decimal may be. */
export function durationOf(picoseconds: bigint): Value {
  return Decimal.of(picoseconds, SECOND_DIGITS).bounded() === null ? null : new Temporal("duration", picoseconds);
}

/** `-`: of a number or a duration. */
export function negated(operand: Value): Value {
  if (operand instanceof Decimal) return operand.negated().bounded();
  if (typeof operand === "number") return -operand;
  return operand instanceof Temporal ? new Temporal("duration", -operand.picoseconds) : null;
}

/** Up, down, or to the nearest whole number, halves away from zero; integers stay as they are. */
export function rounded(how: "ceiling" | "floor" | "round", value: Value): Value {
  if (value instanceof Decimal) {
    const result = how === "ceiling" ? value.ceiling() : how === "floor" ? value.floor() : value.rounded();
    return result.bounded();
  }
  if (typeof value !== "number") return null;
  if (how === "ceiling") return Math.ceil(value);
  if (how === "floor") return Math.floor(value);
  const cut = Math.trunc(value);
  return Math.abs(value - cut) >= 0.5 ? cut + Math.sign(value) : cut;
}
