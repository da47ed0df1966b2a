import { sql } from "kysely";
import type { BoundExpression, BoundTransformation, RowShape } from "../../binding/index.js";
import { primitiveTypes } from "../../edm/primitive-types.js";
import type { PrimitiveType, PrimitiveTypeName } from "../../edm/index.js";
import { notImplemented } from "../../errors/index.js";
import type { ApplyCompiler } from "./apply.js";
import { sumOf } from "./apply-aggregate.js";
import type { Rows } from "./apply-rows.js";
import { byKey, ColumnValues, columnOf, orderOf, rowsBinding } from "./apply-rows.js";
import type { Sql } from "./dialect.js";
import { isNumeric } from "./operand.js";
import type { Operand } from "./operand.js";
import { orderBy } from "./order.js";

type Rank = Extract<BoundTransformation, { readonly kind: "rank" }>;

/** What a sum of numbers is compared as. */
const SUMS = { integer: "Edm.Int64", decimal: "Edm.Decimal", number: "Edm.Double" } as const;

/**
 * `topcount` and its family: OData Extension for Data Aggregation 4.0, section 3.3. The rows stay in the
 * order of the value; those for which it is null are never among them.
 */
export function rankRows(rows: Rows, rank: Rank, shape: RowShape, apply: ApplyCompiler): Rows {
  const compiler = apply.compiler.with(rank.variable, rowsBinding(rows, shape));
  const [key, value] = [apply.name(), apply.name()];
  const valued = apply.extended(rows, [
    { name: key, value: compiler.orderKey(rank.value) },
    { name: value, value: compiler.value(rank.value) },
  ]);
  const descending = rank.from === "top";
  const ranked: Rows = {
    ...valued,
    where: [sql`${columnOf(valued.alias, key)} is not null`],
    order: [
      ({ alias }) => [{ value: columnOf(alias, key), descending, mayBeNull: false, form: "any" }],
      ...(rows.entity === undefined ? rows.order : [byKey, ...rows.order.filter((order) => order !== byKey)]),
    ],
  };
  if (rank.by === "count") return byCount(ranked, rank, apply);
  const operand = compiler.operand(rank.value);
  if (!isNumeric(operand.kind)) throw notImplemented(`Only numbers can be added up, as '${rank.from}${rank.by}' does.`);
  return bySum(ranked, rank, value, operand, apply);
}

/** Some of the rows from the front. */
function byCount(rows: Rows, { amount }: Rank, apply: ApplyCompiler): Rows {
  const number = apply.name();
  const numbered = apply.extended(rows, [{ name: number, value: sql`row_number() over (${windowOf(rows, apply)})` }]);
  const values = new ColumnValues();
  const place = values.expression(columnOf(numbered.alias, number), primitive("Edm.Int32"));
  return { ...numbered, where: [values.compiler(apply.compiler).condition(comparison("le", place, amount))] };
}

/** Rows from the front until their sum is as great as it should be, the row that makes it so with them. */
function bySum(rows: Rows, { amount, by }: Rank, value: string, operand: Operand, apply: ApplyCompiler): Rows {
  const { dialect } = apply.context;
  const [sum, whole, reached] = [apply.name(), apply.name(), apply.name()];
  const addend = columnOf(rows.alias, value);
  const window = windowOf(rows, apply);
  const running = sql` over (${window} rows between unbounded preceding and current row)`;
  const summed = apply.extended(rows, [
    { name: sum, value: sumOf(addend, operand, running, dialect) },
    { name: whole, value: sumOf(addend, operand, sql` over (${apply.partitionOf(rows)})`, dialect) },
  ]);
  const values = new ColumnValues();
  const type = primitive(SUMS[operand.kind as keyof typeof SUMS]);
  const soFar = values.expression(columnOf(summed.alias, sum), type);
  const all = values.expression(columnOf(summed.alias, whole), type);
  const { compared, goal } = by === "sum" ? { compared: soFar, goal: amount } : shares(soFar, all, amount);
  const compiler = values.compiler(apply.compiler);
  const isReached = sql`max(case when ${compiler.condition(comparison("ge", compared, goal))} then 1 else 0 end) over (${windowOf(summed, apply)} rows between unbounded preceding and 1 preceding)`;
  const isWanted = compiler.condition(comparison("gt", goal, constant(0)));
  const wanted = apply.name();
  const told = apply.extended(summed, [
    { name: reached, value: isReached },
    { name: wanted, value: sql`case when ${isWanted} then 1 else 0 end` },
  ]);
  return {
    ...told,
    where: [sql`coalesce(${columnOf(told.alias, reached)}, 0) = 0`, sql`${columnOf(told.alias, wanted)} = 1`],
  };
}

/** A share of the whole, in percent: exact numbers are compared a hundred times as large, so that nothing is divided. */
function shares(sum: BoundExpression, whole: BoundExpression, percent: BoundExpression) {
  const isExact = ![sum, percent].some(({ type }) => type?.kind === "primitive" && isFloating(type.qualifiedName));
  const type = primitive(isExact ? "Edm.Decimal" : "Edm.Double");
  const hundred = constant(100);
  const scaled: BoundExpression = arithmetic("mul", whole, percent, type);
  return isExact
    ? { compared: arithmetic("mul", sum, hundred, type), goal: scaled }
    : { compared: sum, goal: arithmetic("div", scaled, hundred, type) };
}

function isFloating(name: PrimitiveTypeName): boolean {
  return name === "Edm.Double" || name === "Edm.Single";
}

/** The window of a row's group in the order of the rows. */
function windowOf(rows: Rows, apply: ApplyCompiler): Sql {
  return sql`${apply.partitionOf(rows)}order by ${orderBy(orderOf(rows, apply.compiler), apply.context.dialect)}`;
}

function primitive(name: PrimitiveTypeName): PrimitiveType {
  return primitiveTypes.get(name)!;
}

function constant(value: number): BoundExpression {
  return { kind: "constant", type: primitive("Edm.Int32"), collection: false, value };
}

function comparison(operator: "le" | "ge" | "gt", left: BoundExpression, right: BoundExpression): BoundExpression {
  return { kind: "comparison", operator, left, right, type: primitive("Edm.Boolean"), collection: false };
}

function arithmetic(
  operator: "mul" | "div",
  left: BoundExpression,
  right: BoundExpression,
  type: PrimitiveType,
): BoundExpression {
  return { kind: "arithmetic", operator, left, right, type, collection: false };
}
