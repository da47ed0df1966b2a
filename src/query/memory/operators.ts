import type {
  BoundArithmetic,
  BoundComparison,
  BoundExpression,
  BoundHas,
  BoundIn,
  BoundLogical,
} from "../../binding/bound.js";
import { arithmetic, type NumberKind } from "./arithmetic.js";
import { equals, isOrdered } from "./order.js";
import type { Evaluator, Scope } from "./scope.js";
import { EnumValue, isCollection, type Value } from "./value.js";

/** The operators whose left operand may be a chain of further operators, thousands long. */
export type Operation = BoundLogical | BoundComparison | BoundArithmetic | BoundIn | BoundHas;

/** Goes on from the value of what stands to the left. */
type Step = (left: Value, scope: Scope | undefined) => Value;

/**
 * Compiles a chain of operators without recursion on its left side.
 *
 * @param compile for everything that is no left operand of the chain
 */
export function compileOperation(operation: Operation, compile: (expression: BoundExpression) => Evaluator): Evaluator {
  const steps: Step[] = [];
  let left: BoundExpression = operation;
  while (isOperation(left)) {
    steps.push(compileStep(left, compile));
    left = "operand" in left ? left.operand : left.left;
  }
  steps.reverse();
  const first = compile(left);
  return (scope) => {
    let value = first(scope);
    for (const step of steps) value = step(value, scope);
    return value;
  };
}

export function isOperation(expression: BoundExpression): expression is Operation {
  switch (expression.kind) {
    case "logical":
    case "comparison":
    case "arithmetic":
    case "in":
    case "has":
      return true;
    default:
      return false;
  }
}

function compileStep(operation: Operation, compile: (expression: BoundExpression) => Evaluator): Step {
  switch (operation.kind) {
    case "logical":
      return operation.operator === "and"
        ? conjunction(compile(operation.right))
        : disjunction(compile(operation.right));
    case "comparison":
      return comparison(operation, compile(operation.right));
    case "arithmetic": {
      const right = compile(operation.right);
      const kind = numberKind(operation);
      return (left, scope) => arithmetic(operation.operator, left, right(scope), kind);
    }
    case "in":
      return membership(compile(operation.list));
    case "has":
      return flags(compile(operation.flags));
  }
}

/** Three-valued: null is unknown (URL Conventions 4.01, section 5.1.1.1.8). */
function conjunction(right: Evaluator): Step {
  return (left, scope) => {
    if (left === false) return false;
    const other = right(scope);
    if (other === false) return false;
    return left === null || other === null ? null : true;
  };
}

function disjunction(right: Evaluator): Step {
  return (left, scope) => {
    if (left === true) return true;
    const other = right(scope);
    if (other === true) return true;
    return left === null || other === null ? null : false;
  };
}

export function negation(operand: Evaluator): Evaluator {
  return (scope) => {
    const value = operand(scope);
    return value === null ? null : value !== true;
  };
}

function comparison({ operator }: BoundComparison, right: Evaluator): Step {
  switch (operator) {
    case "eq":
      return (left, scope) => equals(left, right(scope));
    case "ne":
      return (left, scope) => !equals(left, right(scope));
    default:
      return (left, scope) => isOrdered(operator, left, right(scope));
  }
}

/** `in`: null is in a list that has a null. */
function membership(list: Evaluator): Step {
  return (left, scope) => {
    const items = list(scope);
    return isCollection(items) && items.some((item) => equals(left, item));
  };
}

function flags(right: Evaluator): Step {
  return (left, scope) => {
    const wanted = right(scope);
    if (!(left instanceof EnumValue) || !(wanted instanceof EnumValue)) return null;
    return (left.number & wanted.number) === wanted.number;
  };
}

const FLOATING = new Set(["Edm.Double", "Edm.Single"]);

/** As what the numbers of an operation are computed: its type and those of its operands tell. */
function numberKind({ type, left, right }: BoundArithmetic): NumberKind {
  const names = [left, right].map((operand) =>
    operand.type?.kind === "typeDefinition"
      ? operand.type.underlyingType.qualifiedName
      : operand.type?.kind === "primitive"
        ? operand.type.qualifiedName
        : "",
  );
  if (FLOATING.has(type.qualifiedName) || names.some((name) => FLOATING.has(name))) return "double";
  return names.includes("Edm.Decimal") ? "decimal" : "integer";
}
