import type { ODataError } from "../errors/index.js";
import type { Expression, Place } from "../syntax/index.js";
import type { BoundExpression, BoundVariable } from "./bound.js";
import type { BindContext } from "./context.js";

/** Where something stands: a place in the text of an option or alias. */
export interface Spot {
  readonly place: Place;
  /** Absent in a syntax node: the text that is being bound. */
  readonly option?: string | undefined;
}

/** What the parts of the expression binder have in common: the expression under way, its variables, its errors. */
export interface Binder {
  readonly context: BindContext;
  /** `$it` */
  readonly it: BoundVariable;
  /** `$this`: what paths without a variable start from. */
  readonly current: BoundVariable;
  /** The names of the variables of the lambdas around. */
  readonly variableNames: Iterable<string>;
  bind(expression: Expression): BoundExpression;
  condition(expression: Expression): BoundExpression;
  /** A variable of a lambda around, or of the context. */
  variable(name: string): BoundVariable | undefined;
  /** The computed property of the row that the whole expression is about. */
  computed(source: BoundExpression, name: string): BoundExpression | undefined;
  computedNames(source: BoundExpression): Iterable<string>;
  /** Binds inside a lambda, where one more name is known. */
  withVariable<T>(variable: BoundVariable, spot: Spot, inside: () => T): T;
  /** Binds inside `$filter(...)` and the like, where paths start from an item. */
  withCurrent<T>(current: BoundVariable, spot: Spot, inside: () => T): T;
  /** A place that keeps its text's name. */
  spot(at: Spot): Spot;
  /** 400 with the place. A sentence without its full stop; it may go on with a hint in one of its own. */
  error(at: Spot, what: string): ODataError;
  /** 501 with the place: `what` is not offered. */
  notOffered(at: Spot, what: string): ODataError;
}
