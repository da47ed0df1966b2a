import type { Capabilities } from "./capabilities.js";
import { capabilitiesOf } from "./capabilities.js";
import type { EntityContainer, EntitySet, EntityType, NavigationProperty, Singleton } from "./model.js";
import type { Restrictions } from "./restrictions.js";
import { combine, navigability, none, ofContainer, restrictedProperty, restrictionsOf } from "./restrictions.js";

/** Where the entities of a step of a path live, and what they let a client ask for. */
export interface Place {
  /** The entity set or singleton that the entities belong to; absent where the model does not say. */
  readonly root: EntitySet | Singleton | undefined;
  /** From there, as navigation property bindings write it; empty for the entity set or singleton itself. */
  readonly path: string;
  /** The type that the place is declared with. */
  readonly type: EntityType;
  readonly capabilities: Capabilities;
  /** Whether a path may go on from here over navigation properties. */
  readonly navigable: boolean;
}

/**
 * Reads the capabilities of a container's sets and singletons in advance.
 *
 * @throws {ModelError} where an annotation is not written as its term asks for
 */
export function readCapabilities(container: EntityContainer): void {
  for (const root of [...container.entitySets.values(), ...container.singletons.values()]) {
    const place = placeOf(root, container);
    for (const property of root.entityType.navigationProperties.values()) placeBehind(place, property, container);
  }
}

/**
 * Where the entities of an entity set or singleton live.
 *
 * @example placeOf(products, model.container).capabilities.filter.filterable
 */
export function placeOf(root: EntitySet | Singleton, container: EntityContainer): Place {
  const restrictions = combine(ofContainer(container), restrictionsOf(root.annotations));
  return {
    root,
    path: "",
    type: root.entityType,
    capabilities: capabilitiesOf(restrictions, root.entityType, root.name),
    navigable: true,
  };
}

/**
 * Where the entities live that a navigation property leads to. What the annotations of the entity set that it is bound to
 * say holds for them, too; those of the navigation property go before these, and before both what
 * `NavigationRestrictions` of the set or singleton that the path comes from say.
 *
 * @param from where the path comes from
 */
export function placeBehind(from: Place, navigation: NavigationProperty, container: EntityContainer): Place {
  const path = pathBehind(from, navigation);
  const target = navigation.containsTarget ? undefined : boundTarget(from.root, path, container);
  const home = navigation.containsTarget ? { root: from.root, path } : (target ?? { root: undefined, path: "" });
  let restrictions = ofContainer(container);
  if (target !== undefined) restrictions = combine(restrictions, homeRestrictions(target));
  restrictions = combine(restrictions, restrictionsOf(navigation.annotations));
  const restricted = restrictedProperty(from.root, path);
  restrictions = combine(restrictions, restricted);
  const capabilities = capabilitiesOf(restrictions, navigation.type, path);
  const countable = !from.capabilities.count.nonCountable.has(navigation.name);
  return {
    ...home,
    type: navigation.type,
    capabilities: countable ? capabilities : { ...capabilities, count: { ...capabilities.count, countable } },
    navigable: navigability(from.root, restricted) !== "Single",
  };
}

/** True where a path may go over a navigation property: `NavigationRestrictions` may forbid it. */
export function isNavigable(from: Place, navigation: NavigationProperty): boolean {
  const restricted = restrictedProperty(from.root, pathBehind(from, navigation));
  return from.navigable && navigability(from.root, restricted) !== "None";
}

function pathBehind(from: Place, { name, declaringType }: NavigationProperty): string {
  const cast = from.type.navigationProperties.has(name) ? "" : `${declaringType.qualifiedName}/`;
  return `${from.path}${from.path === "" ? "" : "/"}${cast}${name}`;
}

/** Where a navigation property binding leads: an entity set, or a collection that a singleton contains. */
function boundTarget(
  root: EntitySet | Singleton | undefined,
  path: string,
  container: EntityContainer,
): (Pick<Place, "path"> & { readonly root: EntitySet | Singleton }) | undefined {
  const target = root?.bindings.find((binding) => binding.path === path)?.target;
  if (target === undefined) return undefined;
  const [first, ...rest] = target.split("/");
  const qualified = first!.includes(".");
  const name = qualified ? rest.shift()! : first!;
  const found = container.entitySets.get(name) ?? container.singletons.get(name);
  return found === undefined ? undefined : { root: found, path: rest.join("/") };
}

function homeRestrictions({
  root,
  path,
}: {
  readonly root: EntitySet | Singleton;
  readonly path: string;
}): Restrictions {
  if (path === "") return restrictionsOf(root.annotations);
  let type = root.entityType;
  let found: Restrictions = none;
  for (const name of path.split("/")) {
    const property = type.navigationProperties.get(name);
    if (property === undefined) return restrictedProperty(root, path);
    found = restrictionsOf(property.annotations);
    type = property.type;
  }
  return combine(found, restrictedProperty(root, path));
}
