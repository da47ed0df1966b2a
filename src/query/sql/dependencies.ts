import type {
  BoundExpand,
  BoundExpression,
  BoundOptions,
  BoundPath,
  BoundSelect,
  BoundVariable,
  NavigationSegment,
} from "../../binding/index.js";
import { children } from "../../binding/index.js";
import type { EntityType, NavigationProperty } from "../../edm/index.js";

/** Entities that the answer to a query depends on, and the navigation properties by which it goes on from them. */
export class Dependencies {
  readonly type: EntityType;
  readonly #behind = new Map<NavigationProperty, Dependencies>();

  constructor(type: EntityType) {
    this.type = type;
  }

  /** True where it goes on nowhere. */
  get alone(): boolean {
    return this.#behind.size === 0;
  }

  /** What stands behind the navigation properties, one by one. */
  behind(): Iterable<[NavigationProperty, Dependencies]> {
    return this.#behind;
  }

  /** All entity types that are reached, this one first. */
  *types(): Generator<EntityType> {
    yield this.type;
    for (const next of this.#behind.values()) yield* next.types();
  }

  /** All navigation properties that are gone over. */
  *navigations(): Generator<NavigationProperty> {
    for (const [property, next] of this.#behind) {
      yield property;
      yield* next.navigations();
    }
  }

  follow({ alternatives, type }: Pick<NavigationSegment, "alternatives" | "type">): Dependencies {
    // Those of one name are kept in the same way.
    const [property] = alternatives;
    let next = this.#behind.get(property!);
    if (next === undefined) this.#behind.set(property!, (next = new Dependencies(type)));
    return next;
  }
}

/** What the answer to a query for a collection of entities depends on. */
export interface QueryDependencies {
  /** Anything in the answer. */
  readonly content: Dependencies;
  /** Which entities are in it. */
  readonly membership: Dependencies;
}

/**
 * Finds out which entities the answer to a query depends on: those that it expands, and those that its expressions lead to.
 *
 * @returns `undefined` where it depends on more than that: on the time, on `$root`, on what an operation gives, on rows that
 *   `$apply` makes
 */
export function dependenciesOf(
  { segments, type }: Pick<BoundPath, "segments" | "type">,
  options: BoundOptions,
): QueryDependencies | undefined {
  const membership = new Collector();
  const members = new Dependencies(type);
  const content = new Collector();
  const contents = new Dependencies(type);
  for (const collector of [membership, content]) {
    const root = collector === membership ? members : contents;
    for (const segment of segments) if (segment.kind === "filter") collector.condition(segment, root);
    if (options.filter !== undefined) collector.condition({ ...options, condition: options.filter }, root);
  }
  content.options(options, contents);
  return membership.isKnown && content.isKnown ? { content: contents, membership: members } : undefined;
}

class Collector {
  /** False once something was found that is no stored entity. */
  isKnown = true;
  readonly #variables = new Map<BoundVariable, Dependencies>();

  condition(
    { variable, condition }: { readonly variable: BoundVariable; readonly condition: BoundExpression },
    at: Dependencies,
  ): void {
    this.#variables.set(variable, at);
    this.#visit(condition);
  }

  options({ variable, apply, filter, compute, orderby, select, expand }: BoundOptions, at: Dependencies): void {
    if (apply !== undefined) this.isKnown = false;
    this.#variables.set(variable, at);
    if (filter !== undefined) this.#visit(filter);
    for (const { expression } of [...(compute ?? []), ...(orderby ?? [])]) this.#visit(expression);
    if (select !== undefined) this.#select(select);
    for (const item of expand) this.#expand(item, at);
  }

  #expand({ navigation, options }: BoundExpand, at: Dependencies): void {
    this.options(options, at.follow(navigation));
  }

  /** Options of values may speak of the entity that has them. */
  #select({ items }: BoundSelect): void {
    for (const item of items) {
      if (item.kind !== "property") continue;
      if (item.select !== undefined) this.#select(item.select);
      if (item.options === undefined) continue;
      const { filter, compute, orderby } = item.options;
      if (filter !== undefined) this.#visit(filter);
      for (const { expression } of [...(compute ?? []), ...(orderby ?? [])]) this.#visit(expression);
      if (item.options.select !== undefined && item.options.select !== item.select) this.#select(item.options.select);
    }
  }

  #visit(expression: BoundExpression): void {
    // A stack of our own: the tree may be deeper than the machine's.
    const stack = [expression];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      switch (node.kind) {
        case "root":
          this.isKnown = false;
          break;
        case "call":
          if (node.function === "now") this.isKnown = false;
          break;
        case "navigation":
          if (this.#entity(node) === undefined) this.isKnown = false;
          break;
        case "quantifier":
        case "filtered":
        case "count": {
          const source = this.#entity(node.source);
          if (source !== undefined) this.#variables.set(node.variable, source);
          break;
        }
        default:
      }
      stack.push(...children(node));
    }
  }

  /** The entities that an expression leads to; `undefined` where it leads to values. */
  #entity(expression: BoundExpression): Dependencies | undefined {
    switch (expression.kind) {
      case "variable":
        return this.#variables.get(expression.variable);
      case "navigation":
        return this.#entity(expression.source)?.follow(expression.navigation);
      case "keyed":
      case "filtered":
      case "typeCast":
        return this.#entity(expression.source);
      default:
        return undefined;
    }
  }
}
