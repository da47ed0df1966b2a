import type { Model } from "../edm/index.js";
import { badRequest } from "../errors/index.js";
import type { Expression } from "../syntax/index.js";
import type { BoundExpression, BoundVariable } from "./bound.js";
import { DEFAULT_QUERY_LIMITS } from "./limits.js";
import type { QueryLimits } from "./limits.js";
import { LiteralCollector } from "./literals.js";

/** What a service allows in its paths. */
export interface PathOptions {
  /**
   * A property that only derived types declare may follow an entity without a type cast; the entity's actual type
   * decides. Off by default: the standard asks for the cast (URL Conventions 4.01, section 4.11).
   */
  readonly derivedNavigation?: boolean;
  /**
   * Bound operations may be called by their simple names. Off by default: the standard allows it where the schema is one of
   * the default namespaces, as `Core.DefaultNamespace` says (URL Conventions 4.01, section 4.5).
   */
  readonly unqualifiedOperations?: boolean;
  /** Bounds of what a query may ask for; the defaults are those of {@link DEFAULT_QUERY_LIMITS}. */
  readonly limits?: Partial<QueryLimits>;
}

/** What every part of a query is bound with. */
export interface BindContext extends PathOptions {
  readonly model: Model;
  /** `@name=expression` of the request, by name with the `@`. */
  readonly aliases: ReadonlyMap<string, Expression>;
  /** `$it`: the row of the request's resource, in options nested in it too. Absent: the row that an expression is about. */
  readonly it?: BoundVariable | undefined;
  /** Other variables that a path may begin with: the sets of a `$crossjoin`. */
  readonly variables?: ReadonlyMap<string, BoundVariable> | undefined;
  /** Computed properties by name, in whose place their expression is put. */
  readonly computed?: ReadonlyMap<string, BoundExpression> | undefined;
  readonly literals: LiteralCollector;
  readonly budget: BindBudget;
}

/**
 * The context of one request.
 *
 * @example bindContext(model, uri.options.aliases, { derivedNavigation: true })
 */
export function bindContext(
  model: Model,
  aliases: ReadonlyMap<string, Expression>,
  options: PathOptions = {},
): BindContext {
  return {
    ...options,
    model,
    aliases,
    literals: new LiteralCollector(),
    budget: new BindBudget(options.limits?.maxNodes),
  };
}

/**
 * The parser bounds what is written; but an alias or a computed property may stand in many places, and what it stands for
 * counts in each of them.
 */
export class BindBudget {
  readonly #maxNodes: number;
  #nodes = 0;

  /** @param maxNodes how many names, literals and operators the expressions of a request may have together */
  constructor(maxNodes = DEFAULT_QUERY_LIMITS.maxNodes) {
    this.#maxNodes = maxNodes;
  }

  /** @throws {ODataError} 400 where the request has become too large */
  spend(nodes: number, option: string): void {
    this.#nodes += nodes;
    if (this.#nodes > this.#maxNodes) {
      throw badRequest(
        `${option} is too complex: with its aliases and computed properties put in it has more than ${this.#maxNodes} parts.`,
        { target: option },
      );
    }
  }
}
