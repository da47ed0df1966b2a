import type { EntityType, NavigationProperty } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { badRequest } from "../errors/index.js";
import type { NavigationSegment } from "./bound.js";
import type { PathOptions } from "./context.js";

/**
 * The navigation property that a name means behind an entity of a type.
 *
 * @returns `undefined` where the name means none
 * @throws {ODataError} 400 where derived types declare it in ways that have nothing in common
 */
export function navigationSegment(type: EntityType, name: string, options: PathOptions): NavigationSegment | undefined {
  const own = type.navigationProperties.get(name);
  if (own !== undefined) return ownSegment(own);
  const alternatives = options.derivedNavigation === true ? type.derivedNavigationProperties.get(name) : undefined;
  if (alternatives === undefined) return undefined;
  const segment = commonSegment(alternatives);
  if (segment !== undefined) return segment;
  throw badRequest(
    alternatives.some(({ collection }) => collection !== alternatives[0]!.collection)
      ? `'${name}' is a collection in some types and a single entity in others; name the type with a type-cast segment.`
      : `The types of '${name}' have nothing in common; name the type with a type-cast segment.`,
    { target: name },
  );
}

/** The segment of a navigation property that the path's type declares. */
export function ownSegment(property: NavigationProperty): NavigationSegment {
  const { name, type, collection } = property;
  return { kind: "navigation", name, type, collection, alternatives: [property], ofDerivedType: false };
}

/**
 * One segment for the navigation properties of one name that several derived types declare.
 *
 * @returns `undefined` where they are not all collections or all single, or where their types have no base in common
 */
export function commonSegment(alternatives: readonly NavigationProperty[]): NavigationSegment | undefined {
  const { name, collection } = alternatives[0]!;
  const type = commonBase(alternatives);
  if (type === undefined || alternatives.some((alternative) => alternative.collection !== collection)) return undefined;
  return { kind: "navigation", name, type, collection, alternatives, ofDerivedType: true };
}

/** The nearest type that all targets are or derive from. */
function commonBase(alternatives: readonly NavigationProperty[]): EntityType | undefined {
  let common: EntityType | undefined = alternatives[0]!.type;
  while (common !== undefined && alternatives.some((alternative) => !isOrDerivesFrom(alternative.type, common!))) {
    common = common.baseType;
  }
  return common;
}
