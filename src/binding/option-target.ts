import type { EdmType, Place } from "../edm/index.js";
import { badRequest, notImplemented } from "../errors/index.js";
import type { QueryOptions } from "../syntax/index.js";
import type { BoundOptions, BoundVariable } from "./bound.js";
import type { BindContext } from "./context.js";
import type { QueryBudget } from "./limits.js";

/** A system query option, by its name without `$`. */
export type OptionName = Exclude<keyof QueryOptions, "aliases" | "custom">;

/** What the options of a whole request are bound with. */
export interface QueryContext extends BindContext {
  readonly counts: QueryBudget;
}

/** What options are for: the resource of a request, or what they are nested in. */
export interface OptionsTarget {
  /** One item of the collection, or the single value. */
  readonly variable: BoundVariable;
  /** Where entities live, and what may be asked of them; absent for values. */
  readonly place: Place | undefined;
  readonly allowed: AllowedOptions;
  /** How many `$expand` stand around. */
  readonly depth: number;
  /** How many levels of `$expand` the model allows from here on; absent: any number. */
  readonly expandLevels?: number | undefined;
}

/** Binds options that are nested in others; it is handed on, since the parts of a query nest in each other. */
export type BindNested = (options: QueryOptions, target: OptionsTarget, context: QueryContext) => BoundOptions;

/** Which options a resource takes: URL Conventions 4.01, section 5.1. */
export interface AllowedOptions {
  /** For messages: `a single entity`. */
  readonly what: string;
  readonly names: ReadonlySet<OptionName>;
}

const ofValue: readonly OptionName[] = ["compute", "select", "expand"];
const ofCollection: readonly OptionName[] = ["filter", "search", "count", "orderby", "skip", "top"];

function allowed(what: string, ...names: readonly OptionName[]): AllowedOptions {
  return { what, names: new Set(names) };
}

/** By what a request addresses. `$format` and `$schemaversion` concern the request as a whole. */
export const allowedOptions = {
  entities: allowed("a collection of entities", "apply", ...ofCollection, ...ofValue),
  entity: allowed("a single entity", ...ofValue),
  references: allowed("references to entities", ...ofCollection),
  reference: allowed("a reference to an entity"),
  count: allowed("'$count'", "filter", "search"),
  // These have to be right, but a count is not affected by them (Protocol 4.01, section 11.2.10).
  wholeCount: allowed("'$count'", "filter", "search", "orderby", "skip", "top", "expand"),
  // Text order is what is stored, so a collection of values is an ordered one, and has places to insert at.
  complexValues: allowed("a collection of complex values", ...ofCollection, ...ofValue, "index"),
  complexValue: allowed("a complex value", ...ofValue),
  primitiveValues: allowed("a collection of primitive values", ...ofCollection, "index"),
  primitiveValue: allowed("a primitive value"),
  rawValue: allowed("'$value'"),
  // They are about the members that are answered, not about those that are changed (Protocol 4.01, section 11.4.1.5).
  each: allowed("'$each'", "filter", ...ofValue),
  stream: allowed("a media stream"),
  crossJoin: allowed("a cross join", "filter", "count", "orderby", "skip", "top", "expand"),
} as const;

/** The same where changes are tracked: `$deltatoken` asks for those since (Protocol 4.01, section 11.3). */
export function withChanges({ what, names }: AllowedOptions): AllowedOptions {
  return { what, names: new Set([...names, "deltatoken"]) };
}

/** The options for a structural property's value, or for its items. */
export function allowedForValues(type: EdmType, collection: boolean): AllowedOptions {
  if (type.kind === "complex") return collection ? allowedOptions.complexValues : allowedOptions.complexValue;
  return collection ? allowedOptions.primitiveValues : allowedOptions.primitiveValue;
}

/**
 * Refuses options that a resource does not take.
 *
 * @param anywhere names that are taken care of elsewhere
 * @throws {ODataError} 400, or 501 for what the standard knows and this engine does not
 */
export function checkAllowed(
  options: QueryOptions,
  { what, names }: AllowedOptions,
  anywhere: ReadonlySet<OptionName> = new Set(),
): void {
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || key === "aliases" || key === "custom") continue;
    const name = key as OptionName;
    if (names.has(name) || anywhere.has(name)) continue;
    const target = { target: `$${name}` };
    switch (name) {
      case "levels":
        throw badRequest("$levels stands in the parentheses of $expand only.", target);
      case "id":
        throw badRequest("$id belongs to '$entity' and to '$ref' only.", target);
      case "skiptoken":
        throw badRequest("$skiptoken comes with the next link of an answer, which is to be used as it is.", target);
      case "index":
        throw notImplemented(
          `$index is for collections of values, which have an order of their own, but this is for ${what}.`,
          target,
        );
      case "deltatoken":
        throw notImplemented("Changes are not tracked here, so there is no $deltatoken.", target);
      default:
        throw badRequest(
          ofCollection.includes(name) || name === "apply"
            ? `$${name} is for collections, but this is for ${what}.`
            : `$${name} does not apply to ${what}.`,
          target,
        );
    }
  }
}
