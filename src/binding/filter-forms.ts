import type { FilterExpressionForm } from "../edm/index.js";
import { badRequest } from "../errors/index.js";
import type { BoundExpression, BoundVariable } from "./bound.js";
import { forEachPath, pathFrom } from "./paths.js";

/**
 * Checks `FilterExpressionRestrictions`: a condition on a restricted property has the allowed form, and is combined with
 * conditions on other properties by `and` (Org.OData.Capabilities.V1).
 *
 * @param forms by the path of the property
 * @throws {ODataError} 400 with the form that is allowed
 */
export function checkFilterForms(
  condition: BoundExpression,
  variable: BoundVariable,
  forms: ReadonlyMap<string, FilterExpressionForm>,
): void {
  if (forms.size === 0) return;
  const terms = operands(condition, "and");
  for (const [path, form] of forms) {
    const about = terms.filter((term) => mentions(term, variable, path));
    if (about.length === 0 || checks[form](about.map((term) => shapeOf(term, variable, path)))) continue;
    throw badRequest(`In $filter '${path}' can only be used as ${descriptions[form]}.`, { target: "$filter" });
  }
}

/** What one condition says of one property; a condition of two bounds may stand in parentheses. */
type Shape = readonly Clause[] | undefined;

/** `undefined` in the place of anything else. */
type Clause = "eq" | "ne" | "in" | "lower" | "upper" | "range" | "search" | undefined;

/** Whether the conditions on a property have a form; they are combined by `and`, the clauses in each by `or`. */
const checks: Readonly<Record<FilterExpressionForm, (shapes: readonly Shape[]) => boolean>> = {
  SingleValue: (shapes) => single(shapes, ["eq"], 1),
  MultiValue: (shapes) => single(shapes, ["eq", "in"]),
  SingleRange: isRange,
  MultiRange: (shapes) => isRange(shapes) || single(shapes, intervals) || shapes.every(isDifference),
  SearchExpression: (shapes) => single(shapes, ["search"]),
  MultiValueOrSearchExpression: (shapes) => single(shapes, ["eq", "in", "search"]),
  MultiRangeOrSearchExpression: (shapes) => isRange(shapes) || single(shapes, [...intervals, "search"]),
};

const intervals: readonly Clause[] = ["eq", "lower", "upper", "range"];

const descriptions: Readonly<Record<FilterExpressionForm, string>> = {
  SingleValue: "one comparison with 'eq'",
  MultiValue: "comparisons with 'eq' and 'in', combined with 'or'",
  SingleRange: "one comparison, or a lower and an upper bound combined with 'and'",
  MultiRange: "one or more ranges combined with 'or', or comparisons with 'ne' combined with 'and'",
  SearchExpression: "the first argument of startswith, endswith and contains, combined with 'or'",
  MultiValueOrSearchExpression:
    "comparisons with 'eq' and 'in' and the first argument of startswith, endswith and contains, combined with 'or'",
  MultiRangeOrSearchExpression:
    "one or more ranges and the first argument of startswith, endswith and contains, combined with 'or'",
};

/** One condition, made of nothing but some clauses. */
function single(shapes: readonly Shape[], clauses: readonly Clause[], most = Infinity): boolean {
  const [shape, ...others] = shapes;
  return (
    others.length === 0 &&
    shape !== undefined &&
    shape.length <= most &&
    shape.every((clause) => clause !== undefined && clauses.includes(clause))
  );
}

function isRange(shapes: readonly Shape[]): boolean {
  const clauses = shapes.map((shape) => (shape?.length === 1 ? shape[0] : undefined));
  if (clauses.length === 1) return clauses[0] !== undefined && intervals.includes(clauses[0]);
  return clauses.length === 2 && clauses.includes("lower") && clauses.includes("upper");
}

function isDifference(shape: Shape): boolean {
  return shape?.length === 1 && shape[0] === "ne";
}

/** The clauses of a condition that are combined with `or`. */
function shapeOf(term: BoundExpression, variable: BoundVariable, path: string): Shape {
  return operands(term, "or").map((clause) => clauseOf(clause, variable, path));
}

function clauseOf(clause: BoundExpression, variable: BoundVariable, path: string): Clause {
  const isProperty = (expression: BoundExpression) => pathFrom(expression, variable)?.names.join("/") === path;
  switch (clause.kind) {
    case "comparison": {
      const { left, right, operator } = clause;
      if (isProperty(left) && right.kind === "constant") return comparisons[operator];
      return isProperty(right) && left.kind === "constant" ? comparisons[mirrored[operator]] : undefined;
    }
    case "in": {
      const { operand, list } = clause;
      const constants = list.kind === "collection" && list.items.every((item) => item.kind === "constant");
      return isProperty(operand) && constants ? "in" : undefined;
    }
    case "logical": {
      if (clause.operator !== "and") return undefined;
      const bounds = [clause.left, clause.right].map((bound) =>
        bound.kind === "logical" ? undefined : clauseOf(bound, variable, path),
      );
      return bounds.includes("lower") && bounds.includes("upper") ? "range" : undefined;
    }
    case "call": {
      const [text, ...others] = clause.arguments;
      const isSearch = ["startswith", "endswith", "contains"].includes(clause.function);
      return isSearch && isProperty(text!) && others.every(({ kind }) => kind === "constant") ? "search" : undefined;
    }
    default:
      return undefined;
  }
}

const comparisons = { eq: "eq", ne: "ne", gt: "lower", ge: "lower", lt: "upper", le: "upper" } as const;
const mirrored = { eq: "eq", ne: "ne", gt: "lt", ge: "le", lt: "gt", le: "ge" } as const;

/** The links of a chain of one operator; the chain leans to the left and may be long. */
function operands(expression: BoundExpression, operator: "and" | "or"): BoundExpression[] {
  const found: BoundExpression[] = [];
  const stack: BoundExpression[] = [expression];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === "logical" && node.operator === operator) stack.push(node.left, node.right);
    else found.push(node);
  }
  return found;
}

function mentions(expression: BoundExpression, variable: BoundVariable, path: string): boolean {
  let found = false;
  forEachPath(expression, variable, (names) => {
    found ||= names.join("/") === path || names.join("/").startsWith(`${path}/`);
  });
  return found;
}
