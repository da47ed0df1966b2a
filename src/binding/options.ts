import type { EdmType } from "../edm/index.js";
import { badRequest, notImplemented } from "../errors/index.js";
import type { QueryOptions } from "../syntax/index.js";
import type { BoundApply, BoundExpand, BoundExpression, BoundOptions, BoundOrder, BoundVariable } from "./bound.js";
import { bindApply } from "./apply.js";
import { bindCompute } from "./compute.js";
import { bindExpand } from "./expand.js";
import { ExpressionBinder } from "./expression.js";
import type { OptionName, OptionsTarget, QueryContext } from "./option-target.js";
import { checkAllowed } from "./option-target.js";
import { checkFilter, checkOptionsOffered, checkOrder, checkSearch, checkTransformations } from "./restrictions.js";
import type { SelectOwner } from "./select.js";
import { bindSelect } from "./select.js";

/**
 * Resolves query options (URL Conventions 4.01, section 5): those of a request, or those nested in `$expand` or `$select`.
 *
 * @param anywhere names of options that are taken care of elsewhere
 * @throws {ODataError} 400 for a name or type that does not fit, and for an option that the target does not take; 501 for
 *   what the engine, or the model, does not offer
 */
export function bindOptions(
  options: QueryOptions,
  target: OptionsTarget,
  context: QueryContext,
  anywhere?: ReadonlySet<OptionName>,
): BoundOptions {
  checkAllowed(options, target.allowed, anywhere);
  if (target.place !== undefined) checkOptionsOffered(options, target.place);
  // Aliases may be given in parentheses, too, and are known there.
  const aliases = options.aliases.size === 0 ? context.aliases : new Map([...context.aliases, ...options.aliases]);
  const own = { ...context, aliases };
  const apply = options.apply === undefined ? undefined : bindTransformations(options.apply, target, own);
  const variable: BoundVariable = apply === undefined ? target.variable : { name: "$it", type: apply.shape };
  return new OptionsBinder(options, { ...target, variable }, own, apply).bind();
}

/** `$apply`, which only collections of entities take: OData Extension for Data Aggregation 4.0. */
function bindTransformations(
  transformations: NonNullable<QueryOptions["apply"]>,
  { variable, place }: OptionsTarget,
  context: QueryContext,
): BoundApply {
  if (variable.type.kind !== "entity") throw new Error("A collection of entities was expected.");
  const apply = bindApply(transformations, variable.type, context);
  if (place !== undefined) checkTransformations(apply.transformations, place);
  return apply;
}

class OptionsBinder {
  readonly #options: QueryOptions;
  readonly #target: OptionsTarget;
  /** Of this level: with its variable for `$it` where it is the outermost, and with its computed properties. */
  #context: QueryContext;
  readonly #apply: BoundApply | undefined;

  constructor(options: QueryOptions, target: OptionsTarget, context: QueryContext, apply: BoundApply | undefined) {
    this.#options = options;
    this.#target = target;
    this.#apply = apply;
    this.#context = { ...context, it: context.it ?? target.variable, computed: undefined };
  }

  bind(): BoundOptions {
    const { variable } = this.#target;
    const { compute, top, skip, count, search, index, deltatoken } = this.#options;
    const computed = compute === undefined ? undefined : bindCompute(compute, variable, this.#context);
    if (computed !== undefined) {
      const byName = new Map(computed.map(({ name, expression }) => [name, expression]));
      this.#context = { ...this.#context, computed: byName };
    }
    if (search !== undefined) this.#checkSearch(search);
    return {
      variable,
      apply: this.#apply,
      compute: computed,
      filter: this.#filter(),
      search,
      orderby: this.#orderby(),
      top,
      skip,
      count,
      select: this.#select(),
      expand: this.#expand(),
      ...(index === undefined ? {} : { index }),
      ...(deltatoken === undefined ? {} : { deltatoken }),
    };
  }

  #filter(): BoundExpression | undefined {
    const { filter } = this.#options;
    const { variable, place } = this.#target;
    if (filter === undefined) return undefined;
    const bound = new ExpressionBinder(variable, "$filter", this.#context).condition(filter);
    if (place !== undefined) checkFilter(filter, bound, variable, this.#context.aliases, place.capabilities);
    return bound;
  }

  #orderby(): readonly BoundOrder[] | undefined {
    const { orderby } = this.#options;
    const { variable, place } = this.#target;
    if (orderby === undefined) return undefined;
    this.#context.counts.orderTerms(orderby.length);
    const bound = orderby.map(({ expression, descending }) => ({
      expression: new ExpressionBinder(variable, "$orderby", this.#context).sortKey(expression),
      descending,
    }));
    if (place !== undefined) checkOrder(bound, variable, place.capabilities);
    return bound;
  }

  #checkSearch(search: NonNullable<QueryOptions["search"]>): void {
    const { place } = this.#target;
    if (place === undefined) {
      throw notImplemented("This service does not offer $search in values; it finds entities only.", {
        target: "$search",
      });
    }
    const { type } = this.#target.variable;
    if (type.kind === "shape" && type.entity === undefined) {
      throw badRequest("$search finds entities, but the rows that $apply makes here are none; put search(...) first.", {
        target: "$search",
      });
    }
    checkSearch(search, place.capabilities.search);
  }

  #select(): BoundOptions["select"] {
    const { select } = this.#options;
    if (select === undefined) return undefined;
    return bindSelect(select, this.#owner, this.#target, this.#context, bindOptions);
  }

  #expand(): readonly BoundExpand[] {
    const { expand } = this.#options;
    const { type } = this.#owner;
    if (expand === undefined || expand.length === 0) return [];
    if (type?.kind === "entity") return bindExpand(expand, type, this.#target, this.#context, bindOptions);
    if (type?.kind === "complex") {
      throw notImplemented("This service does not offer to expand navigation properties of complex values.", {
        target: "$expand",
      });
    }
    throw badRequest("$expand is for entities, but the rows that $apply makes here are none.", { target: "$expand" });
  }

  get #owner(): SelectOwner {
    const { type } = this.#target.variable;
    if (type.kind === "shape") return { type: type.entity, shape: type };
    return { type: isStructured(type) ? type : undefined, shape: undefined };
  }
}

function isStructured(type: EdmType): type is Extract<EdmType, { readonly kind: "entity" | "complex" }> {
  return type.kind === "entity" || type.kind === "complex";
}
