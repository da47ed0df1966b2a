import type { ComplexType, EntityType, NavigationProperty, StructuredType } from "./model.js";
import type { NavigationPropertyBindingSource } from "./source.js";

/** An entity set or a singleton, as far as its bindings are concerned. */
export interface BindingSource {
  readonly name: string;
  readonly entityType: EntityType;
}

/** A place where entities of a type live: the target of a navigation property binding. */
interface BindingTarget {
  readonly path: string;
  readonly entityType: EntityType;
}

/**
 * Infers the navigation property bindings of entity sets and singletons (CSDL 4.01, section 13.4).
 *
 * There is one for each navigation property without containment that a path from the set's type leads to, through
 * inherited properties, those of derived types (behind a type-cast segment), complex properties and containment
 * navigation properties. These two go to each type at most once a path, so that recursion ends; a path that so leads
 * back to the type that it started from stands for any number of rounds (section 13.4.1).
 *
 * Its target is where entities of its type live: the entity sets of that very type and the containment collections that
 * a singleton leads to (`deviceManagement/deviceConfigurations`), or else those of its nearest base type. An entity set
 * goes before a containment collection; where two of a kind compete there is no binding, for one of them would be wrong.
 *
 * @param entitySets all entity sets of the container
 * @param singletons all singletons of the container
 * @returns the bindings by the name of the entity set or singleton
 * @example inferBindings(sets, singletons).get("Products") // [{ path: "Category", target: "Categories" }]
 */
export function inferBindings(
  entitySets: readonly BindingSource[],
  singletons: readonly BindingSource[],
): ReadonlyMap<string, readonly NavigationPropertyBindingSource[]> {
  const sets = entitySets.map(({ name, entityType }): BindingTarget => ({ path: name, entityType }));
  const collections = singletons.flatMap(({ name, entityType }) =>
    containmentCollections(entityType, name, [entityType]),
  );
  const targets = new Map<EntityType, string | undefined>();
  const leading = new Map<StructuredType, boolean>();

  const targetOf = (type: EntityType): string | undefined => {
    if (!targets.has(type)) targets.set(type, findTarget(type, sets, collections));
    return targets.get(type);
  };
  return new Map(
    [...entitySets, ...singletons].map(({ name, entityType }) => {
      const bindings: NavigationPropertyBindingSource[] = [];
      for (const { path, property } of navigationPaths(entityType, "", [], leading)) {
        const target = targetOf(property.type);
        if (target !== undefined) bindings.push(Object.freeze({ path, target }));
      }
      return [name, Object.freeze(bindings)];
    }),
  );
}

function findTarget(
  type: EntityType,
  sets: readonly BindingTarget[],
  collections: readonly BindingTarget[],
): string | undefined {
  for (let base: EntityType | undefined = type; base !== undefined; base = base.baseType) {
    for (const candidates of [sets, collections]) {
      const found = candidates.filter(({ entityType }) => entityType === base);
      if (found.length > 0) return found.length === 1 ? found[0]!.path : undefined;
    }
  }
  return undefined;
}

/**
 * The containment collections that single values lead to from a singleton: a target path goes through no collection
 * (section 13.4.2).
 */
function containmentCollections(type: StructuredType, path: string, above: readonly StructuredType[]): BindingTarget[] {
  const found: BindingTarget[] = [];
  for (const property of type.properties.values()) {
    if (property.type.kind !== "complex" || property.collection || above.includes(property.type)) continue;
    found.push(...containmentCollections(property.type, `${path}/${property.name}`, [...above, property.type]));
  }
  for (const property of type.navigationProperties.values()) {
    if (!property.containsTarget) continue;
    const target: BindingTarget = { path: `${path}/${property.name}`, entityType: property.type };
    if (property.collection) found.push(target);
    else if (!above.includes(property.type)) {
      found.push(...containmentCollections(property.type, target.path, [...above, property.type]));
    }
  }
  return found;
}

interface NavigationPath {
  readonly path: string;
  readonly property: NavigationProperty;
}

/**
 * The paths from a type to navigation properties without containment (section 13.4.1).
 *
 * @param prefix what the path begins with: empty, or ending in a slash
 * @param followed the types that the path goes through already
 * @param leading what {@link leadsToNavigation} found so far
 */
function* navigationPaths(
  type: StructuredType,
  prefix: string,
  followed: readonly StructuredType[],
  leading: Map<StructuredType, boolean>,
): Iterable<NavigationPath> {
  const members = [
    { prefix, properties: type.properties.values(), navigationProperties: type.navigationProperties.values() },
    ...type.derivedTypes.map((derived: EntityType | ComplexType) => ({
      prefix: `${prefix}${derived.qualifiedName}/`,
      properties: derived.ownProperties.values(),
      navigationProperties: derived.ownNavigationProperties.values(),
    })),
  ];
  for (const { prefix, properties, navigationProperties } of members) {
    for (const property of properties) {
      const { type: next, name } = property;
      if (next.kind !== "complex" || followed.includes(next) || !leadsToNavigation(next, leading)) continue;
      yield* navigationPaths(next, `${prefix}${name}/`, [...followed, next], leading);
    }
    for (const property of navigationProperties) {
      const path = `${prefix}${property.name}`;
      if (!property.containsTarget) yield { path, property };
      else if (!followed.includes(property.type)) {
        yield* navigationPaths(property.type, `${path}/`, [...followed, property.type], leading);
      }
    }
  }
}

/** True where a complex type, or one that it is made of, declares a navigation property. Most do not, and are passed over. */
function leadsToNavigation(type: ComplexType, leading: Map<StructuredType, boolean>): boolean {
  const known = leading.get(type);
  if (known !== undefined) return known;
  const reached = new Set<ComplexType>([type]);
  let found = false;
  for (const one of reached) {
    for (const { ownNavigationProperties, properties } of [one, ...one.derivedTypes]) {
      found ||= ownNavigationProperties.length > 0;
      for (const property of properties.values()) if (property.type.kind === "complex") reached.add(property.type);
    }
    found ||= one.navigationProperties.size > 0;
  }
  leading.set(type, found);
  return found;
}
