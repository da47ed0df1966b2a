import type { EdmType, EntityContainer, EntityType, Model, Operation, Place, Property } from "../edm/index.js";
import { placeBehind, placeOf } from "../edm/index.js";
import { capabilitiesOf } from "../edm/capabilities.js";
import { ofContainer } from "../edm/restrictions.js";
import type { OperationSegment } from "./bound.js";

interface ResultTypes {
  readonly single: EntityType;
  readonly each: EntityType;
}

/** Operations are parts of the model, so these are as many as they are. */
const made = new WeakMap<Operation, ResultTypes>();

/**
 * The entity type that stands for what an operation gives back, where that is no entity: it has the one property `value`,
 * or none where the operation gives nothing back.
 *
 * @param each the operation is called for each member of a collection, so `value` is a collection
 */
export function resultType(operation: Operation, each: boolean): EntityType {
  let types = made.get(operation);
  if (types === undefined) {
    types = { single: madeType(operation, false), each: madeType(operation, true) };
    made.set(operation, types);
  }
  return each ? types.each : types.single;
}

/** The property `value` of such a type; `undefined` where the operation gives nothing back. */
export function valueProperty(type: EntityType): Property | undefined {
  return type.properties.get("value");
}

function madeType({ qualifiedName, name, namespace, returnType }: Operation, each: boolean): EntityType {
  const lineage = new Set<EntityType>();
  const properties = new Map<string, Property>();
  const type: EntityType = {
    kind: "entity",
    name,
    namespace,
    qualifiedName,
    annotations: [],
    abstract: false,
    open: false,
    ownProperties: [],
    ownNavigationProperties: [],
    properties,
    navigationProperties: new Map(),
    baseType: undefined,
    derivedTypes: [],
    lineage,
    hasStream: false,
    key: [],
    declaresKey: false,
    alternateKeys: [],
    concurrency: [],
    derivedNavigationProperties: new Map(),
  };
  lineage.add(type);
  if (returnType !== undefined && returnType.type.kind !== "entity") {
    properties.set("value", {
      kind: "property",
      name: "value",
      type: returnType.type,
      collection: returnType.collection || each,
      nullable: returnType.nullable,
      facets: returnType.facets,
      defaultValue: undefined,
      generated: undefined,
      computed: false,
      searchable: false,
      declaringType: type,
      annotations: returnType.annotations,
    });
  }
  return Object.freeze(type);
}

/** Where entities are that live nowhere in particular: only what holds for the whole container restricts them. */
export function placeOfType(type: EntityType, container: EntityContainer): Place {
  const capabilities = capabilitiesOf(ofContainer(container), type, type.qualifiedName);
  return { root: undefined, path: "", type, capabilities, navigable: true };
}

/**
 * Where the entities that an operation gives back are at home; see `homeOf`.
 *
 * @param placeOfBinding where the binding parameter's entities live
 */
export function resultHome(
  { operation, import: called, binding }: OperationSegment,
  { container, types }: Model,
  placeOfBinding: Place | undefined,
): Place | undefined {
  if (operation.returnType?.type.kind !== "entity") return undefined;
  if (called?.entitySet !== undefined) return placeOf(called.entitySet, container);
  const { entitySetPath } = operation;
  if (entitySetPath === undefined || binding === undefined || placeOfBinding === undefined) return undefined;
  let place = placeOfBinding;
  let type: EdmType | undefined = binding.type;
  for (const name of entitySetPath.split("/").slice(1)) {
    if (name.includes(".")) {
      type = types.get(name);
      continue;
    }
    if (type?.kind !== "entity" && type?.kind !== "complex") return undefined;
    const navigation = type.navigationProperties.get(name);
    if (navigation === undefined) {
      // The model has checked the path, so this is a complex property; what it leads to has no binding of its own yet.
      type = type.properties.get(name)?.type;
      continue;
    }
    place = placeBehind(place, navigation, container);
    type = navigation.type;
  }
  return place;
}
