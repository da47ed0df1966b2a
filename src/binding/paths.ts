import type { BoundExpression, BoundVariable } from "./bound.js";
import { children } from "./measure.js";

/**
 * Calls back for each path from a variable in an expression, once for its longest form.
 *
 * @param visit gets the names, type casts among them, and how many navigation properties the path goes over
 */
export function forEachPath(
  expression: BoundExpression,
  variable: BoundVariable,
  visit: (path: readonly string[], levels: number) => void,
): void {
  const stack: BoundExpression[] = [expression];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const path = pathFrom(node, variable);
    if (path === undefined) stack.push(...children(node));
    else if (path.names.length > 0) visit(path.names, path.levels);
  }
}

/** The path that an expression is, where it is one from the variable. */
export function pathFrom(
  expression: BoundExpression,
  variable: BoundVariable,
): { readonly names: readonly string[]; readonly levels: number } | undefined {
  const names: string[] = [];
  let levels = 0;
  let node = expression;
  for (;;) {
    switch (node.kind) {
      case "variable":
        return node.variable === variable ? { names: names.reverse(), levels } : undefined;
      case "property":
        names.push(node.property.name);
        break;
      case "navigation":
        names.push(node.navigation.name);
        levels++;
        break;
      case "dynamic":
      case "member":
        names.push(node.name);
        break;
      case "typeCast":
        names.push(node.type.qualifiedName);
        break;
      default:
        return undefined;
    }
    node = node.source;
  }
}

/** The declared path that a path is or begins with; a declaration may leave type casts out. */
export function prefixIn(path: readonly string[], declared: ReadonlySet<string>): string | undefined {
  if (declared.size === 0) return undefined;
  for (const names of [path, path.filter((name) => !name.includes("."))]) {
    for (let length = 1; length <= names.length; length++) {
      const prefix = names.slice(0, length).join("/");
      if (declared.has(prefix)) return prefix;
    }
  }
  return undefined;
}
