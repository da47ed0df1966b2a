import { sql } from "kysely";
import type { BoundExpression, BoundVariable } from "../../binding/index.js";
import type { EntityType, Property } from "../../edm/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import { ExpressionCompiler } from "./expression.js";
import type { StorageMapping } from "./mapping.js";
import { FUNCTION_PREFIX } from "./plan.js";
import { statementContext } from "./scope.js";
import { typeCondition } from "./source.js";

/** What is indexed, as it stands in `create index`. */
export interface PropertyIndex {
  /** The columns and expressions between the parentheses. */
  readonly columns: string;
  /** Which rows are in the index; all where absent. */
  readonly where: string | undefined;
}

/** No table has this name; it is taken out of the text, since an index names columns of one table only. */
const ALIAS = "odata_indexed_row";

/**
 * The indexes that find the values of a property: one for equal values, and, where these are sorted by something else than
 * they are compared by, one for ranges and order. They hold the very expressions that queries use. The key stands behind
 * the value, as it does in the order of a page.
 *
 * On SQLite an index cannot be made of what needs a function of ours, since other programs could not write to the table
 * any more: Decimals and Durations are found by equality only.
 *
 * @param path from a property of the type inwards, through complex values
 * @param unique no two rows of the type have the same value
 */
export function propertyIndexes(
  type: EntityType,
  path: readonly Property[],
  unique: boolean,
  mapping: StorageMapping,
  dialect: SqlDialect,
): PropertyIndex[] {
  const entity = mapping.entity(type);
  const variable: BoundVariable = { name: "it", type };
  const compiler = new ExpressionCompiler(
    new Map([[variable, { kind: "row", alias: ALIAS, type, mapping: entity }]]),
    statementContext(mapping, dialect),
  );
  let expression: BoundExpression = { kind: "variable", variable, type, collection: false };
  for (const property of path)
    expression = {
      kind: "property",
      source: expression,
      property,
      type: property.type,
      collection: property.collection,
    };
  const text = (of: Sql): string => {
    const { sql: written, parameters } = of.compile(dialect.builder);
    if (parameters.length > 0)
      throw new Error(`The index of '${path.map(({ name }) => name).join("/")}' has parameters.`);
    return written.replaceAll(`"${ALIAS}".`, "");
  };
  const condition = typeCondition(ALIAS, entity, type);
  const where = condition === undefined ? undefined : text(condition);
  const value = text(compiler.value(expression));
  const order = text(compiler.orderKey(expression));
  const key = entity.key.map((column) => text(sql`${sql.ref(column)}`));
  // PostgreSQL has null behind all values, where a query does not ask for it apart from them; see the pages of a read.
  const nulls = dialect.name === "postgres" && !entity.columns.has(path[0]!.name) ? " nulls first" : "";
  const indexes = [{ columns: unique ? `(${value})` : [`(${value})${nulls}`, ...key].join(", "), where }];
  const byOrder = [`(${order})${nulls}`, ...key].join(", ");
  if (order !== value && !isSame(order, value) && !(dialect.name === "sqlite" && order.includes(FUNCTION_PREFIX)))
    indexes.push({ columns: byOrder, where });
  return indexes.filter(({ columns }) => dialect.name !== "sqlite" || !columns.includes(FUNCTION_PREFIX));
}

/** A collation that a value has anyway makes no difference to PostgreSQL. */
function isSame(order: string, value: string): boolean {
  return order === `(${value} collate "C")`;
}
