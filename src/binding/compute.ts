import { badRequest } from "../errors/index.js";
import type { ComputeItem } from "../syntax/index.js";
import type { BoundCompute, BoundExpression, BoundVariable } from "./bound.js";
import type { BindContext } from "./context.js";
import { ExpressionBinder } from "./expression.js";
import { describe } from "./expression-types.js";
import { declaresName } from "./names.js";
import { short } from "./short.js";

/**
 * Binds `$compute`: URL Conventions 4.01, section 5.1.10. An item may use those before it.
 *
 * @param variable what the expressions are about
 * @throws {ODataError} 400 for a name that is taken, and for an expression that is no value
 */
export function bindCompute(
  items: readonly ComputeItem[],
  variable: BoundVariable,
  context: BindContext,
): readonly BoundCompute[] {
  const computed = new Map<string, BoundExpression>();
  return items.map((item): BoundCompute => {
    const { alias: name } = item;
    if (computed.has(name) || isTaken(name, variable.type)) {
      throw badRequest(
        `Error in $compute at character ${item.place.start + 1}: the name '${short(name)}' is taken; give the computed property another one.`,
        { target: "$compute" },
      );
    }
    const expression = new ExpressionBinder(variable, "$compute", { ...context, computed }).bind(item.expression);
    const { type, kind } = expression;
    const isRow = type?.kind === "entity" || type?.kind === "shape" || (kind === "variable" && type === undefined);
    if (isRow) {
      throw badRequest(
        `Error in $compute at character ${item.place.start + 1}: '${short(name)}' would be ${describe(expression)}, which is no value.`,
        { target: "$compute" },
      );
    }
    computed.set(name, expression);
    return { name, expression };
  });
}

/** True for the names of properties, those of derived types too: a value of such a type may be among the others. */
function isTaken(name: string, type: BoundVariable["type"]): boolean {
  if (type.kind === "shape")
    return type.members.has(name) || (type.entity !== undefined && declaresName(type.entity, name));
  return (type.kind === "entity" || type.kind === "complex") && declaresName(type, name);
}
