import type { Property, StructuredType } from "../edm/index.js";
import { badRequest } from "../errors/index.js";

/** Where a name stands in the text of a path, whose names are parted by a slash and nothing else. */
export function placeInPath(path: readonly string[], index: number): number {
  return path.slice(0, index).reduce((place, name) => place + name.length + 1, 0);
}

/** The names that may stand behind a value of a type; those that only derived types declare too, where they lead on. */
export function memberNames(type: StructuredType): string[] {
  const derived = type.kind === "entity" ? type.derivedNavigationProperties.keys() : [];
  return [...type.navigationProperties.keys(), ...derived, ...type.properties.keys()];
}

/** The qualified names of a type and of the types that derive from it: what a type-cast segment can say. */
export function castNames(type: StructuredType): string[] {
  return [type, ...type.derivedTypes].map(({ qualifiedName }) => qualifiedName);
}

/** True for the name of a property of any kind, those of derived types too: a value may be of one of these. */
export function declaresName(type: StructuredType, name: string): boolean {
  return [type, ...type.derivedTypes].some(
    ({ properties, navigationProperties }) => properties.has(name) || navigationProperties.has(name),
  );
}

/** The properties of a name that only types derived from a type declare. */
export function derivedProperties(type: StructuredType, name: string): readonly Property[] {
  const found = new Set<Property>();
  for (const derived of type.derivedTypes) {
    const property = derived.properties.get(name);
    if (property !== undefined) found.add(property);
  }
  return [...found];
}

/**
 * Refuses a name that types derived from a type declare with different types, where the type matters.
 *
 * @throws {ODataError} 400 that asks for a type cast
 */
export function refuseAmbiguous(type: StructuredType, name: string): void {
  const [first, ...others] = derivedProperties(type, name);
  const isSame = (other: Property) => other.type === first!.type && other.collection === first!.collection;
  if (others.every(isSame)) return;
  throw badRequest(
    `Types derived from '${type.qualifiedName}' declare '${name}' in different ways; name the type with a type-cast segment.`,
    { target: name },
  );
}
