import { buildModel } from "../../../src/edm/index.js";
import type {
  EntityContainerSource,
  Model,
  NavigationPropertySource,
  PropertySource,
  SchemaSource,
  StructuredTypeSource,
} from "../../../src/edm/index.js";

/** A type without members, to be given those that matter. */
export function type(name: string, members: Partial<StructuredTypeSource> = {}): StructuredTypeSource {
  return { name, properties: [], navigationProperties: [], ...members };
}

/** An entity type with the key `id`. */
export function entity(name: string, members: Partial<StructuredTypeSource> = {}): StructuredTypeSource {
  const id: PropertySource = { name: "id", type: "Edm.Int32" };
  return type(name, { key: ["id"], ...members, properties: [id, ...(members.properties ?? [])] });
}

export function one(
  name: string,
  target: string,
  more: Partial<NavigationPropertySource> = {},
): NavigationPropertySource {
  return { name, type: target, ...more };
}

export function many(
  name: string,
  target: string,
  more: Partial<NavigationPropertySource> = {},
): NavigationPropertySource {
  return one(name, target, { collection: true, ...more });
}

/** A schema `Shop` whose container has the entity sets and singletons given as `{ name: type }`. */
export function schema(
  parts: Partial<Omit<SchemaSource, "container">>,
  entitySets: Readonly<Record<string, string>> = {},
  singletons: Readonly<Record<string, string>> = {},
): SchemaSource {
  const container: EntityContainerSource = {
    name: "Container",
    entitySets: Object.entries(entitySets).map(([name, entityType]) => ({ name, entityType })),
    singletons: Object.entries(singletons).map(([name, singletonType]) => ({ name, type: singletonType })),
  };
  return {
    namespace: "Shop",
    enumTypes: [],
    typeDefinitions: [],
    complexTypes: [],
    entityTypes: [],
    container,
    ...parts,
  };
}

export function build(...parts: Parameters<typeof schema>): Model {
  return buildModel({ schemas: [schema(...parts)] });
}
