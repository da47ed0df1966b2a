import { sql } from "kysely";
import type { BoundExpression, BoundLogical } from "../../binding/index.js";
import type { Sql } from "./dialect.js";
import type { Compiler } from "./operand.js";

/**
 * `and` and `or`, three-valued as SQL's are: URL Conventions 4.01, section 5.1.1.1.7 and following.
 *
 * @param exact false where false and null make no difference; then they make none for the operands
 */
export function logical(expression: BoundLogical, compiler: Compiler, exact: boolean): Sql {
  const conditions = operands(expression).map((operand) => compiler.truth(operand, exact));
  return balanced(conditions, expression.operator);
}

/** The operands of a chain of one operator, `a and b and c`, in order. */
function operands(expression: BoundLogical): BoundExpression[] {
  const found: BoundExpression[] = [];
  let current: BoundExpression = expression;
  while (current.kind === "logical" && current.operator === expression.operator) {
    found.push(current.right);
    current = current.left;
  }
  found.push(current);
  return found.reverse();
}

/** Joins conditions as a tree that is no deeper than it must be: SQLite takes expressions to a depth of 1,000. */
export function balanced(conditions: readonly Sql[], operator: "and" | "or"): Sql {
  if (conditions.length === 1) return conditions[0]!;
  const half = Math.ceil(conditions.length / 2);
  return sql`(${balanced(conditions.slice(0, half), operator)} ${sql.raw(operator)} ${balanced(conditions.slice(half), operator)})`;
}
