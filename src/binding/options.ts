import type { EntityType, Model } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { badRequest, didYouMean, notImplemented } from "../errors/index.js";
import type { ExpandItem, Expression, QueryOptions, SelectItem } from "../syntax/index.js";
import type { BoundExpand, BoundOptions, BoundSelect } from "./bound.js";
import { ExpressionBinder } from "./expression.js";
import type { PathOptions } from "./path.js";
import { navigationSegment, short } from "./path.js";

/** What every part of a query is bound with. */
export interface BindContext extends PathOptions {
  readonly model: Model;
  readonly aliases: ReadonlyMap<string, Expression>;
}

/** Levels of $expand: each may multiply what is answered. */
const MAX_EXPAND_DEPTH = 8;

/** Options that the grammar reads and the engine does not carry out. */
const notOffered = [
  "search",
  "compute",
  "apply",
  "index",
  "levels",
  "skiptoken",
  "deltatoken",
  "schemaversion",
  "id",
] as const;

/**
 * Resolves the query options of a request for entities of a type (URL Conventions 4.01, section 5).
 *
 * @param collection false where the request addresses one entity: options for collections are an error then
 * @param depth how many $expand stand around these options
 * @throws {ODataError} 400 for a name or type that does not fit, 501 for what the engine does not offer
 */
export function bindOptions(
  options: QueryOptions,
  type: EntityType,
  collection: boolean,
  context: BindContext,
  depth = 0,
): BoundOptions {
  for (const name of notOffered) {
    if (options[name] !== undefined)
      throw notImplemented(`This service does not offer $${name}.`, { target: `$${name}` });
  }
  if (!collection) {
    for (const name of ["filter", "orderby", "top", "skip", "count"] as const) {
      if (options[name] !== undefined) {
        throw badRequest(`$${name} is for collections, but this request addresses a single entity.`, {
          target: `$${name}`,
        });
      }
    }
  }
  return {
    filter:
      options.filter === undefined
        ? undefined
        : new ExpressionBinder(type, "$filter", context).condition(options.filter),
    orderby: options.orderby?.map((item) => ({
      expression: new ExpressionBinder(type, "$orderby", context).sortKey(item.expression),
      descending: item.descending,
    })),
    top: options.top,
    skip: options.skip,
    count: options.count,
    select: options.select === undefined ? undefined : bindSelect(options.select, type, context),
    expand: bindExpand(options.expand ?? [], type, context, depth + 1),
  };
}

/** `$select`: URL Conventions 4.01, section 5.1.4. */
function bindSelect(items: readonly SelectItem[], type: EntityType, context: BindContext): BoundSelect | undefined {
  const properties = new Set<string>();
  const ofTypes = new Map<string, readonly EntityType[]>();
  const text: string[] = [];
  let all = false;
  for (const item of items) {
    if (item.options !== undefined)
      throw notImplemented("This service does not offer options nested in $select.", { target: "$select" });
    const path = [...item.path];
    const first = path[0]!;
    if (first === "*" && path.length === 1) {
      all = true;
      text.push("*");
      continue;
    }
    let owner = type;
    if (first.includes(".") && path.length > 1) {
      owner = castType(first, type, "$select", context);
      path.shift();
    }
    const name = path[0]!;
    if (path.length > 1)
      throw notImplemented(`This service does not offer the path '${short(item.path.join("/"))}' in $select.`, {
        target: "$select",
      });
    const known = propertyOf(owner, name, context);
    if (known === "structural") {
      const types = properties.has(name) ? ofTypes.get(name) : [];
      // Who asks for it of all types asks for it of some of them, too.
      if (owner === type || types === undefined) ofTypes.delete(name);
      else ofTypes.set(name, [...types, owner]);
      properties.add(name);
    }
    if (known === undefined) {
      throw badRequest(
        `Error in $select at character ${item.place.start + 1}: the type '${owner.qualifiedName}' has no property named '${short(name)}'.${didYouMean(name, [...owner.properties.keys(), ...owner.navigationProperties.keys()])}`,
        { target: "$select" },
      );
    }
    text.push(item.path.join("/"));
  }
  return all ? undefined : { properties, ofTypes, text };
}

function propertyOf(type: EntityType, name: string, context: BindContext): "structural" | "navigation" | undefined {
  if (type.properties.has(name)) return "structural";
  if (type.navigationProperties.has(name)) return "navigation";
  if (context.derivedNavigation !== true) return undefined;
  if (type.derivedTypes.some((derived) => derived.properties.has(name))) return "structural";
  return type.derivedNavigationProperties.has(name) ? "navigation" : undefined;
}

/** `$expand`: URL Conventions 4.01, section 5.1.3. */
function bindExpand(
  items: readonly ExpandItem[],
  type: EntityType,
  context: BindContext,
  depth: number,
): BoundExpand[] {
  if (items.length > 0 && depth > MAX_EXPAND_DEPTH) {
    throw badRequest(`$expand goes deeper than the ${MAX_EXPAND_DEPTH} levels that are allowed.`, {
      target: "$expand",
    });
  }
  const expanded: BoundExpand[] = [];
  // Behind casts to types that have no entity in common a name may stand again.
  const isThere = (name: string, owner: EntityType) =>
    expanded.some(
      (item) =>
        item.navigation.name === name &&
        (isOrDerivesFrom(owner, item.cast ?? type) || isOrDerivesFrom(item.cast ?? type, owner)),
    );
  for (const item of items) {
    if (item.suffix !== undefined)
      throw notImplemented(`This service does not offer '${item.suffix}' in $expand.`, { target: "$expand" });
    const path = [...item.path];
    if (path.length === 1 && path[0] === "*") {
      for (const property of type.navigationProperties.values()) {
        if (isThere(property.name, type)) continue;
        expanded.push({
          navigation: navigationSegment(type, property.name, context)!,
          cast: undefined,
          options: { expand: [] },
        });
      }
      continue;
    }
    const cast =
      path.length > 1 && path[0]!.includes(".") ? castType(path.shift()!, type, "$expand", context) : undefined;
    const name = path.shift()!;
    if (path.length > 0)
      throw notImplemented(`This service does not offer the path '${short(item.path.join("/"))}' in $expand.`, {
        target: "$expand",
      });
    const navigation = navigationSegment(cast ?? type, name, context);
    if (navigation === undefined) {
      const owner = cast ?? type;
      throw badRequest(
        `Error in $expand at character ${item.place.start + 1}: the type '${owner.qualifiedName}' has no navigation property named '${short(name)}'.${didYouMean(name, [...owner.navigationProperties.keys(), ...owner.derivedNavigationProperties.keys()])}`,
        { target: "$expand" },
      );
    }
    if (isThere(name, cast ?? type)) throw badRequest(`'${name}' stands twice in $expand.`, { target: "$expand" });
    expanded.push({
      navigation,
      cast,
      options:
        item.options === undefined
          ? { expand: [] }
          : bindOptions(item.options, navigation.type, navigation.collection, context, depth),
    });
  }
  return expanded;
}

function castType(name: string, type: EntityType, option: string, context: BindContext): EntityType {
  const cast = context.model.types.get(name);
  if (cast?.kind !== "entity" || !isOrDerivesFrom(cast, type)) {
    throw badRequest(
      `'${short(name)}' in ${option} is no type derived from '${type.qualifiedName}'.${didYouMean(
        name,
        type.derivedTypes.map((derived) => derived.qualifiedName),
      )}`,
      { target: option },
    );
  }
  return cast;
}
