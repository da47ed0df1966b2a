import { sql } from "kysely";
import type { ArithmeticOperator, BoundArithmetic, BoundNegation } from "../../binding/index.js";
import type { Sql } from "./dialect.js";
import { asNumber } from "./expression-keys.js";
import { temporalArithmetic } from "./expression-temporal.js";
import type { Compiler, Operand } from "./operand.js";
import { isNull, isNumeric, nullOperand, valueOf } from "./operand.js";
import type { Bounds } from "./values.js";
import { fitsInt64, integerBounds, kindOf, underlying } from "./values.js";

/** `add`, `sub`, `mul`, `div`, `divby`, `mod`: URL Conventions 4.01, section 5.1.1.2. */
export function arithmetic(expression: BoundArithmetic, compiler: Compiler): Operand {
  const { operator, type } = expression;
  const left = compiler.operand(expression.left);
  const right = compiler.operand(expression.right);
  if (isNull(left) || isNull(right)) return { ...nullOperand(compiler.dialect, kindOf(type)), type };
  if (!isNumeric(left.kind) || !isNumeric(right.kind)) return temporalArithmetic(operator, left, right, type, compiler);
  const result = { type, collection: false, simple: false };
  if (left.kind === "number" || right.kind === "number") {
    const [a, b] = [left, right].map((operand) => valueOf(asNumber(operand, "number", compiler))) as [Sql, Sql];
    return { ...result, kind: "number", sql: sql`${DOUBLE[operator]}(${a}, ${b})` };
  }
  const integers = isInteger(left) && isInteger(right);
  if (integers && operator !== "divby") {
    const bounds = left.kind === "integer" && right.kind === "integer" ? boundsOf(operator, left, right) : undefined;
    if (bounds !== undefined && fitsInt64(bounds)) {
      return { ...result, kind: "integer", sql: integerSql(operator, left, right, compiler), bounds };
    }
  }
  const [a, b] = [left, right].map((operand) => valueOf(asNumber(operand, "decimal", compiler))) as [Sql, Sql];
  const name = operator === "div" && integers ? sql.raw("odatum_integer_div") : DECIMAL[operator];
  return { ...result, kind: "decimal", sql: sql`${name}(${a}, ${b})` };
}

const DOUBLE: Readonly<Record<ArithmeticOperator, Sql>> = {
  add: sql.raw("odatum_double_add"),
  sub: sql.raw("odatum_double_sub"),
  mul: sql.raw("odatum_double_mul"),
  div: sql.raw("odatum_double_div"),
  divby: sql.raw("odatum_double_div"),
  mod: sql.raw("odatum_double_mod"),
};

const DECIMAL: Readonly<Record<ArithmeticOperator, Sql>> = {
  add: sql.raw("odatum_decimal_add"),
  sub: sql.raw("odatum_decimal_sub"),
  mul: sql.raw("odatum_decimal_mul"),
  div: sql.raw("odatum_decimal_div"),
  divby: sql.raw("odatum_decimal_div"),
  mod: sql.raw("odatum_decimal_mod"),
};

/** Whether an operand is an integer, though one that may have outgrown 64 bits. */
export function isInteger({ kind, type }: Operand): boolean {
  return kind === "integer" || (kind === "decimal" && type !== undefined && kindOf(type) === "integer");
}

/** Between which numbers the result is; `undefined` where an operand's own bounds are not known. */
function boundsOf(operator: ArithmeticOperator, left: Operand, right: Operand): Bounds {
  const a = left.bounds ?? integerBounds(left.type);
  const b = right.bounds ?? integerBounds(right.type);
  switch (operator) {
    case "add":
      return { min: a.min + b.min, max: a.max + b.max };
    case "sub":
      return { min: a.min - b.max, max: a.max - b.min };
    case "mul": {
      const products = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max];
      return { min: least(products), max: greatest(products) };
    }
    case "div":
    case "divby": {
      // Nothing grows but the least integer, divided by -1.
      const ends = b.min > 0n ? [a.min, a.max] : [a.min, a.max, -a.min, -a.max];
      return { min: least([...ends, 0n]), max: greatest([...ends, 0n]) };
    }
    case "mod":
      return { min: least([a.min, 0n]), max: greatest([a.max, 0n]) };
  }
}

function least(numbers: readonly bigint[]): bigint {
  return numbers.reduce((a, b) => (b < a ? b : a));
}

function greatest(numbers: readonly bigint[]): bigint {
  return numbers.reduce((a, b) => (b > a ? b : a));
}

function integerSql(operator: ArithmeticOperator, left: Operand, right: Operand, { dialect }: Compiler): Sql {
  // A column may be of a shorter type, in which the database would compute.
  const [a, b] = [left, right].map((operand) => dialect.parameter(valueOf(operand), "integer")) as [Sql, Sql];
  switch (operator) {
    case "add":
      return sql`(${a} + ${b})`;
    case "sub":
      return sql`(${a} - ${b})`;
    case "mul":
      return sql`(${a} * ${b})`;
    case "div":
    case "divby":
      return sql`(${a} / nullif(${b}, 0))`;
    case "mod":
      return sql`(${a} % nullif(${b}, 0))`;
  }
}

/** `-`: of a number or a duration. */
export function negation({ operand: negated, type }: BoundNegation, compiler: Compiler): Operand {
  const operand = compiler.operand(negated);
  const result = { type, collection: false, simple: false };
  if (isNull(operand)) return { ...nullOperand(compiler.dialect, kindOf(type)), type };
  const value = valueOf(operand);
  switch (operand.kind) {
    case "integer": {
      const { min, max } = operand.bounds ?? integerBounds(operand.type);
      const bounds = { min: -max, max: -min };
      if (fitsInt64(bounds)) {
        return { ...result, kind: "integer", sql: sql`(- ${compiler.dialect.parameter(value, "integer")})`, bounds };
      }
      const decimal = valueOf(asNumber(operand, "decimal", compiler));
      return { ...result, kind: "decimal", sql: sql`odatum_decimal_negate(${decimal})` };
    }
    case "decimal":
      return { ...result, kind: "decimal", sql: sql`odatum_decimal_negate(${value})` };
    case "number":
      return { ...result, kind: "number", sql: sql`odatum_double_negate(${value})` };
    default:
      if (underlying(type).qualifiedName !== "Edm.Duration") {
        return { ...nullOperand(compiler.dialect, kindOf(type)), type };
      }
      return {
        ...result,
        kind: "text",
        sql: sql`odatum_duration(odatum_decimal_negate(odatum_duration_seconds(${value})))`,
      };
  }
}
