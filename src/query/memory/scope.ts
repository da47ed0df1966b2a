import type { BoundVariable, OperationSegment } from "../../binding/bound.js";
import type { EntitySet, Model, Singleton } from "../../edm/index.js";
import type { Value } from "./value.js";

/** What an evaluation needs to know beside the data. */
export interface MemoryContext {
  readonly model: Model;
  /** The instant of the request as canonical text, for `now()`; the present where absent. */
  readonly now?: string | undefined;
  /**
   * The data behind an entity set (a collection of plain objects) or a singleton (one), for `$root/...`.
   * Absent: there is none.
   */
  readonly root?: ((source: EntitySet | Singleton) => unknown) | undefined;
  /**
   * What an operation has given back, for a path that begins with its call: entities or complex values as plain objects,
   * primitive values as JSON or JavaScript has them, arrays of these; `null` or `undefined` for nothing. The path goes on from
   * there: keys, properties, `/$count`, query options. What is asked for beyond what the objects hold is not there.
   */
  readonly operation?: ((segment: OperationSegment) => unknown) | undefined;
  /** How long the evaluation may take, in milliseconds; 5000 where absent, 0 for any time. Past that it ends with 504. */
  readonly timeoutMs?: number | undefined;
}

/** The values of the variables that an expression can see, the innermost first. */
export interface Scope {
  readonly variable: BoundVariable;
  readonly value: Value;
  readonly outer: Scope | undefined;
}

/** A compiled expression. */
export type Evaluator = (scope: Scope | undefined) => Value;

export function bind(variable: BoundVariable, value: Value, outer?: Scope): Scope {
  return { variable, value, outer };
}

/** The value of a variable; an expression sees no other than those that the binder has put around it. */
export function valueOf(variable: BoundVariable, scope: Scope | undefined): Value {
  for (let at = scope; at !== undefined; at = at.outer) {
    if (at.variable === variable) return at.value;
  }
  throw new Error(`The variable '${variable.name}' has no value here.`);
}
