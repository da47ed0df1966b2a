import type { ComplexType, EntityType, Property } from "./model.js";

/** Where a text lies that `$search` looks into: a property of the entity, or one in a complex value of it. */
export type SearchedPath = readonly [first: Property, ...others: Property[]];

const known = new WeakMap<EntityType, readonly SearchedPath[]>();

/**
 * The texts of a type that `$search` finds words of: its own searchable properties, and those of its single complex values,
 * whatever types these may be of. A path goes to each complex type once.
 */
export function searchedPaths(type: EntityType): readonly SearchedPath[] {
  let found = known.get(type);
  if (found === undefined) known.set(type, (found = pathsOf([...type.properties.values()], new Set())));
  return found;
}

function pathsOf(properties: readonly Property[], above: ReadonlySet<ComplexType>): readonly SearchedPath[] {
  return properties.flatMap((property): readonly SearchedPath[] => {
    const { type, collection, searchable } = property;
    if (searchable) return [[property]];
    if (collection || type.kind !== "complex" || above.has(type)) return [];
    const types = [type, ...type.derivedTypes];
    const members = new Map(types.flatMap((one) => [...one.properties]));
    return pathsOf([...members.values()], new Set([...above, ...types])).map((path) => [property, ...path]);
  });
}

/** True where `$search` finds words in entities of a type, or of one that derives from it. */
export function isSearchable(type: EntityType): boolean {
  return [type, ...type.derivedTypes].some((one) => searchedPaths(one).length > 0);
}
