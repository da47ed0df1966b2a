import type { ChangeTrackingCapabilities, EntityType, Model, NavigationProperty } from "../edm/index.js";
import { annotationValue, ModelError, placeOf, terms } from "../edm/index.js";
import type { EntityMapping, StorageMapping } from "../query/index.js";

/** A table whose changes are written down. */
export interface TrackedTable {
  readonly mapping: EntityMapping;
  /** The columns whose values are kept as they were. */
  readonly columns: readonly string[];
}

/** The tables whose changes are written down, and whether the links of their entities are. */
export interface TrackedTables {
  readonly tables: readonly TrackedTable[];
  readonly links: boolean;
}

/**
 * Finds out whose changes have to be written down: those of the entity sets and navigation properties that say so, and of
 * what they say may be expanded.
 *
 * @throws {ModelError} where an annotation names a property that is not there
 */
export function trackedTables(model: Model, mapping: StorageMapping): TrackedTables {
  const types = new Set<EntityType>();
  const add = (type: EntityType, tracking: ChangeTrackingCapabilities, where: string): void => {
    if (!tracking.supported || !mapping.isStored(type)) return;
    types.add(type);
    for (const path of [...tracking.expandable, ...tracking.filterable])
      for (const reached of typesAlong(path, type, model, where)) if (mapping.isStored(reached)) types.add(reached);
  };
  const { container } = model;
  for (const set of container.entitySets.values())
    add(set.entityType, placeOf(set, container).capabilities.changeTracking, set.name);
  const properties = navigationProperties(model, mapping);
  for (const property of properties) add(property.type, trackingOf(property), property.name);
  const columns = new Map<EntityMapping, Set<string>>();
  for (const type of types) columns.set(mapping.entity(type), new Set());
  for (const [table, found] of columns) for (const column of ownColumns(table)) found.add(column);
  let links = false;
  for (const property of properties) {
    const [source, target] = [property.declaringType as EntityType, property.type].map((type) => mapping.entity(type));
    const how = mapping.navigation(property);
    if (how.kind === "sourceColumn") columns.get(source!)?.add(how.column);
    else if (how.kind === "targetColumn") columns.get(target!)?.add(how.column);
    else if (how.kind === "link" && (columns.has(source!) || columns.has(target!))) links = true;
  }
  return { tables: [...columns].map(([table, found]) => ({ mapping: table, columns: [...found] })), links };
}

/** What a navigation property itself says of what it leads to. */
function trackingOf({ annotations }: NavigationProperty): ChangeTrackingCapabilities {
  const value = annotationValue(annotations, terms.changeTracking);
  const record = typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  const { Supported, FilterableProperties, ExpandableProperties } = (record ?? { Supported: false }) as {
    readonly [name: string]: unknown;
  };
  const paths = (list: unknown) => new Set(Array.isArray(list) ? list.map(String) : []);
  return {
    // The vocabulary's default is true.
    supported: Supported !== false,
    filterable: paths(FilterableProperties),
    expandable: paths(ExpandableProperties),
  };
}

function ownColumns({ key, columns, discriminator, document }: EntityMapping): string[] {
  const own = [...key, ...[...columns.values()].map(({ column }) => column)];
  if (discriminator !== undefined) own.push(discriminator.column);
  if (document !== undefined) own.push(document);
  return own;
}

function navigationProperties(model: Model, mapping: StorageMapping): NavigationProperty[] {
  return model.schemas
    .flatMap(({ entityTypes }) => entityTypes)
    .filter((type) => mapping.isStored(type))
    .flatMap(({ ownNavigationProperties }) => ownNavigationProperties)
    .filter(({ type }) => mapping.isStored(type));
}

/** The entity types that the navigation properties of a path lead to. */
function typesAlong(path: string, start: EntityType, model: Model, where: string): EntityType[] {
  const found: EntityType[] = [];
  let type = start;
  for (const name of path.split("/")) {
    const cast = name.includes(".") ? model.types.get(name) : undefined;
    if (cast?.kind === "entity") {
      type = cast;
      continue;
    }
    const property = type.navigationProperties.get(name) ?? type.derivedNavigationProperties.get(name)?.[0];
    if (property === undefined) {
      // A structural property is a part of its entity.
      if (type.properties.has(name) || type.derivedTypes.some(({ properties }) => properties.has(name))) break;
      throw new ModelError(`The annotation ChangeTracking of '${where}' names '${path}', but there is no '${name}'.`);
    }
    type = property.type;
    found.push(type);
  }
  return found;
}
