import { sql } from "kysely";
import type { ArithmeticOperator, BoundCall } from "../../binding/index.js";
import type { PrimitiveType } from "../../edm/index.js";
import type { Sql } from "./dialect.js";
import { asNumber } from "./expression-keys.js";
import type { Compiler, Operand } from "./operand.js";
import { isNumeric, nullOperand, valueOf } from "./operand.js";
import { slot } from "./plan.js";
import { kindOf, underlying } from "./values.js";

/** Dates, instants and durations: URL Conventions 4.01, section 5.1.1.2. A result that is no value is null. */
export function temporalArithmetic(
  operator: ArithmeticOperator,
  left: Operand,
  right: Operand,
  type: PrimitiveType,
  compiler: Compiler,
): Operand {
  const value = temporalSql(operator, left, right, compiler);
  if (value === undefined) return { ...nullOperand(compiler.dialect, kindOf(type)), type };
  return { sql: value, kind: kindOf(type), type, collection: false, simple: false };
}

function temporalSql(operator: ArithmeticOperator, left: Operand, right: Operand, compiler: Compiler): Sql | undefined {
  const a = temporalName(left);
  const b = temporalName(right);
  if (b === "Edm.Duration" && (operator === "add" || operator === "sub")) {
    const seconds = secondsOf(right);
    const length = operator === "add" ? seconds : sql`odatum_decimal_negate(${seconds})`;
    switch (a) {
      case "Edm.DateTimeOffset":
        return sql`odatum_instant_add(${valueOf(left)}, ${length})`;
      case "Edm.Date":
        return sql`odatum_date_add(${valueOf(left)}, ${length})`;
      case "Edm.Duration":
        return sql`odatum_duration(odatum_decimal_add(${secondsOf(left)}, ${length}))`;
      default:
        return undefined;
    }
  }
  if (a === "Edm.Duration" && operator === "add") return temporalSql("add", right, left, compiler);
  if (operator === "sub" && a === b && (a === "Edm.DateTimeOffset" || a === "Edm.Date")) {
    const [from, to] = [right, left].map((side) => sql`odatum_instant_seconds(${valueOf(side)})`) as [Sql, Sql];
    return sql`odatum_duration(odatum_decimal_sub(${to}, ${from}))`;
  }
  if (a === "Edm.Duration" && isNumeric(right.kind)) return scaled(operator, left, right, compiler);
  if (b === "Edm.Duration" && isNumeric(left.kind) && operator === "mul") {
    return scaled(operator, right, left, compiler);
  }
  return undefined;
}

function scaled(operator: ArithmeticOperator, duration: Operand, by: Operand, compiler: Compiler): Sql | undefined {
  const name = operator === "mul" ? "odatum_decimal_mul" : "odatum_decimal_div";
  if (operator !== "mul" && operator !== "div" && operator !== "divby") return undefined;
  const factor =
    by.kind === "number" ? sql`odatum_double_decimal(${valueOf(by)})` : valueOf(asNumber(by, "decimal", compiler));
  return sql`odatum_duration(${sql.raw(name)}(${secondsOf(duration)}, ${factor}))`;
}

function secondsOf(duration: Operand): Sql {
  return sql`odatum_duration_seconds(${valueOf(duration)})`;
}

function temporalName({ type, collection }: Operand): string | undefined {
  return type === undefined || collection ? undefined : underlying(type).qualifiedName;
}

/** The canonical functions on dates and times: URL Conventions 4.01, section 5.1.1.8. All instants are in UTC. */
export function temporalFunction(call: BoundCall, operands: readonly Operand[], compiler: Compiler): Sql | undefined {
  const { dialect } = compiler;
  switch (call.function) {
    case "now":
      return dialect.parameter(slot({ slot: "now" }), "instant");
    case "mindatetime":
      return dialect.parameter(sql`${"0000-01-01T00:00:00"}`, "instant");
    case "maxdatetime":
      return dialect.parameter(sql`${"9999-12-31T23:59:59.999999999999"}`, "instant");
    default:
      break;
  }
  const operand = operands[0];
  if (operand === undefined) return undefined;
  const value = valueOf(operand);
  // An instant is `2024-02-29T13:05:00.25`; a time of day is what stands behind its `T`.
  const time = temporalName(operand) === "Edm.TimeOfDay" ? 1 : 12;
  const part = (from: number, length: number) =>
    dialect.parameter(sql`substr(${value}, ${sql.lit(from)}, ${sql.lit(length)})`, "integer");
  switch (call.function) {
    case "year":
      return part(1, 4);
    case "month":
      return part(6, 2);
    case "day":
      return part(9, 2);
    case "hour":
      return part(time, 2);
    case "minute":
      return part(time + 3, 2);
    case "second":
      return part(time + 6, 2);
    case "fractionalseconds":
      // Nothing, or `.25`.
      return dialect.parameter(sql`('0' || substr(${value}, ${sql.lit(time + 8)}))`, "decimal");
    case "date":
      return sql`substr(${value}, 1, 10)`;
    case "time":
      return sql`substr(${value}, 12)`;
    case "totaloffsetminutes":
      return sql`case when ${value} is not null then 0 end`;
    case "totalseconds":
      return secondsOf(operand);
    default:
      return undefined;
  }
}
