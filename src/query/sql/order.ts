import { sql } from "kysely";
import type { BoundExpression, BoundOrder } from "../../binding/index.js";
import type { EdmType, EntityType, Property } from "../../edm/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { ExpressionCompiler } from "./expression.js";
import type { EntityMapping } from "./mapping.js";

/** One of the values by which rows are sorted. */
export interface OrderTerm {
  readonly value: Sql;
  readonly descending: boolean;
  /** Null sorts before every value, and behind them all in descending order (URL Conventions 4.01, section 5.1.5). */
  readonly mayBeNull: boolean;
  readonly form: OrderForm;
  /** The property that it is, where each row has a column for it, which may have an index. */
  readonly property?: Property | undefined;
}

/** What the values of a term are in SQL, as far as that is known before there are any. */
export type OrderForm = "text" | "integer" | "any";

/**
 * The terms of `$orderby`. What is the same for all rows gives no order.
 *
 * @param row the rows that are sorted, where they are entities
 */
export function askedOrder(
  items: readonly BoundOrder[] | undefined,
  compiler: ExpressionCompiler,
  row: OrderedRow | undefined,
): OrderTerm[] {
  return (items ?? [])
    .filter(({ expression }) => expression.kind !== "constant")
    .map(({ expression, descending }) => ({
      value: compiler.orderKey(expression),
      descending,
      mayBeNull: !isRequired(expression, row),
      form: formOf(expression),
      property: columnOf(expression, row),
    }));
}

interface OrderedRow {
  readonly type: EntityType;
  readonly mapping: EntityMapping;
}

/** A column that every row of the type has, and that is never null. */
function isRequired(expression: BoundExpression, row: OrderedRow | undefined): boolean {
  return columnOf(expression, row)?.nullable === false;
}

/** The property of every row, that has a column. */
function columnOf(expression: BoundExpression, row: OrderedRow | undefined): Property | undefined {
  if (row === undefined || expression.kind !== "property" || expression.source.kind !== "variable") return undefined;
  const { property, source } = expression;
  const isOwn = source.type === row.type && row.type.properties.get(property.name) === property;
  return isOwn && row.mapping.columns.has(property.name) ? property : undefined;
}

const TEXTS: ReadonlySet<string> = new Set([
  "Edm.String",
  "Edm.Guid",
  "Edm.Binary",
  "Edm.Date",
  "Edm.DateTimeOffset",
  "Edm.TimeOfDay",
]);
const INTEGERS: ReadonlySet<string> = new Set(["Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64"]);

function formOf(expression: BoundExpression): OrderForm {
  // The type of a row of $apply is no type of the model.
  if (expression.kind === "member") return "any";
  const name = typeName(expression.type);
  if (name === undefined) return "any";
  if (TEXTS.has(name)) return "text";
  // What is computed may be an integer past 64 bits.
  return expression.kind === "property" && INTEGERS.has(name) ? "integer" : "any";
}

function typeName(type: EdmType | undefined): string | undefined {
  return type?.kind === "typeDefinition" ? type.underlyingType.qualifiedName : type?.qualifiedName;
}

/** What is asked for, and then what makes the order one in which no two rows are the same. */
export function wholeOrder(asked: readonly OrderTerm[], natural: readonly OrderTerm[]): OrderTerm[] {
  const isAsked = ({ property }: OrderTerm) =>
    property !== undefined && asked.some((term) => term.property === property);
  return [...asked, ...natural.filter((term) => !isAsked(term))];
}

/** The terms of an `order by`. */
export function orderBy(terms: readonly OrderTerm[], dialect: SqlDialect): Sql {
  return sql.join(terms.map(({ value, descending, mayBeNull }) => dialect.orderTerm(value, descending, mayBeNull)));
}
