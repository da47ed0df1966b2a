import type { BoundExpression, BoundMember } from "./bound.js";
import { patternSteps } from "./pattern.js";

export interface Measure {
  /** How many nodes the tree has; long texts, patterns and members of rows count for several. */
  readonly nodes: number;
  /** How many lie on the way to the deepest one; a chain of `and` and `or` counts as one. */
  readonly depth: number;
}

const measured = new WeakMap<BoundExpression, Measure>();

/** The size of a bound tree. The measure of a whole expression is kept, since a computed property may be used often. */
export function measure(expression: BoundExpression): Measure {
  const known = measured.get(expression);
  if (known !== undefined) return known;
  let nodes = 0;
  let depth = 0;
  // A stack of our own: the tree may be deeper than the machine's.
  const stack: [BoundExpression, number][] = [[expression, 1]];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [node, level] = top;
    nodes += weight(node);
    depth = Math.max(depth, level);
    for (const child of children(node)) {
      const chained = node.kind === "logical" && child.kind === "logical" && child === node.left;
      stack.push([child, chained ? level : level + 1]);
    }
  }
  const result = { nodes, depth };
  measured.set(expression, result);
  return result;
}

/** A text as long as this counts for one part more. */
const TEXT = 64;

/** How many parts the text of a literal counts for beside the literal itself: what is done with it takes longer the longer it is. */
export function partsOfText(text: string): number {
  return Math.floor(text.length / TEXT);
}

/** A step of a pattern is gone through for each character, which takes longer than most functions do. */
const STEP = 4;

/** How many parts a pattern counts for. */
export function partsOfPattern(pattern: string): number {
  return patternSteps(pattern) * STEP;
}

function weight(node: BoundExpression): number {
  switch (node.kind) {
    case "constant":
      return typeof node.value === "string" ? 1 + partsOfText(node.value) : 1;
    case "member":
      return partsOfMember(node);
    case "call": {
      const pattern = node.function === "matchespattern" ? node.arguments[1] : undefined;
      return pattern?.kind === "constant" ? 1 + partsOfPattern(String(pattern.value)) : 1;
    }
    default:
      return 1;
  }
}

function partsOfMember({ source, name }: BoundMember): number {
  const type = source.kind === "variable" ? source.variable.type : source.kind === "member" ? source.type : undefined;
  const member = type?.kind === "shape" ? type.members.get(name) : undefined;
  return member?.kind === "value" ? (member.parts ?? 1) : 1;
}

/** The expressions that an expression is made of, in the order in which they are written. */
export function children(expression: BoundExpression): readonly BoundExpression[] {
  switch (expression.kind) {
    case "constant":
    case "variable":
    case "root":
      return [];
    case "property":
    case "navigation":
    case "dynamic":
    case "member":
    case "typeCast":
      return [expression.source];
    case "keyed":
      return [expression.source, ...expression.values];
    case "collection":
      return expression.items;
    case "object":
      return [...expression.members.values()];
    case "filtered":
      return [expression.source, expression.condition];
    case "count":
      return expression.filter === undefined ? [expression.source] : [expression.source, expression.filter];
    case "quantifier":
      return expression.condition === undefined ? [expression.source] : [expression.source, expression.condition];
    case "comparison":
    case "logical":
    case "arithmetic":
      return [expression.left, expression.right];
    case "not":
    case "negation":
    case "conversion":
    case "typeTest":
      return [expression.operand];
    case "in":
      return [expression.operand, expression.list];
    case "has":
      return [expression.operand, expression.flags];
    case "call":
      return expression.arguments;
    case "case":
      return expression.branches.flatMap(({ condition, value }) => [condition, value]);
  }
}
