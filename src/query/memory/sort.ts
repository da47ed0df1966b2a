import type { BoundOrder } from "../../binding/bound.js";
import { compare } from "./order.js";
import type { Evaluator } from "./scope.js";
import type { Value } from "./value.js";

/** How to sort by one value. */
export interface SortTerm<T> {
  readonly value: (item: T) => Value;
  readonly descending: boolean;
}

/** The terms of `$orderby`, for items that come as scopes. */
export function sortTerms<T extends Parameters<Evaluator>[0]>(
  items: readonly BoundOrder[],
  compile: (expression: BoundOrder["expression"]) => Evaluator,
): SortTerm<T>[] {
  return items.map(({ expression, descending }) => ({ value: compile(expression), descending }));
}

/**
 * Sorts by several values; items that are alike in all of them stay in the order in which they came. Null comes first, and
 * in descending order last: URL Conventions 4.01, section 5.1.5.
 */
export function sorted<T>(items: readonly T[], terms: readonly SortTerm<T>[]): T[] {
  const keyed = items.map((item) => ({ item, keys: terms.map(({ value }) => value(item)) }));
  keyed.sort((left, right) => {
    for (const [index, { descending }] of terms.entries()) {
      const order = compare(left.keys[index]!, right.keys[index]!);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
}
