import type { BoundExpression, BoundOptions, BoundTransformation } from "../../binding/index.js";
import { measure } from "../../binding/index.js";

/** Expressions with more parts take longer, for each row, than it takes to look at the time. */
const COSTLY = 300;

/**
 * Whether what is worked out for each row is so much that a statement has to look at the time while it goes through them:
 * long expressions, and patterns that match slowly.
 */
export function isCostly(options: BoundOptions): boolean {
  let parts = 0;
  for (const expression of expressionsOf(options)) {
    parts += measure(expression).nodes;
    if (parts > COSTLY) return true;
  }
  return false;
}

function* expressionsOf({ apply, filter, compute, orderby }: BoundOptions): Generator<BoundExpression> {
  if (apply !== undefined) yield* inSequence(apply.transformations);
  if (filter !== undefined) yield filter;
  for (const { expression } of compute ?? []) yield expression;
  for (const { expression } of orderby ?? []) yield expression;
}

function* inSequence(transformations: readonly BoundTransformation[]): Generator<BoundExpression> {
  for (const transformation of transformations) yield* inTransformation(transformation);
}

function* inTransformation(transformation: BoundTransformation): Generator<BoundExpression> {
  switch (transformation.kind) {
    case "filter":
      yield transformation.condition;
      return;
    case "compute":
    case "orderby":
      for (const { expression } of transformation.items) yield expression;
      return;
    case "rank":
      yield transformation.value;
      return;
    case "aggregate":
      for (const { expression } of transformation.items) if (expression !== undefined) yield expression;
      return;
    case "groupby":
      for (const { groups, apply } of transformation.sets) {
        for (const { expression } of groups) yield expression;
        yield* inSequence(apply);
      }
      return;
    case "concat":
      for (const sequence of transformation.sequences) yield* inSequence(sequence);
      return;
    default:
  }
}
