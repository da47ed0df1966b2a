import type { EntityType, NavigationProperty, Property } from "../edm/index.js";
import { badRequest } from "../errors/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import type { StorageMapping } from "../query/index.js";
import type { Transaction } from "../storage/index.js";
import { toSql } from "../storage/index.js";
import type { ServiceContext } from "./context.js";

/** A structural property that is the key of what a navigation property leads to: CSDL 4.01, section 8.5. */
interface Dependent {
  readonly property: Property;
  readonly navigation: NavigationProperty;
  /** The database looks after it. */
  readonly enforced: boolean;
}

/** A model and its mapping never change, so neither do these. */
const known = new WeakMap<EntityType, readonly Dependent[]>();

function dependentsOf(type: EntityType, mapping: StorageMapping): readonly Dependent[] {
  let found = known.get(type);
  if (found === undefined) known.set(type, (found = findDependents(type, mapping)));
  return found;
}

function findDependents(type: EntityType, mapping: StorageMapping): Dependent[] {
  const holder = mapping.entity(type);
  return [...type.navigationProperties.values()].flatMap((navigation) => {
    const how = mapping.navigation(navigation);
    if (how.kind !== "sourceColumn") return [];
    const held = [...holder.columns.values()].find(
      ({ column, property }) => column === how.column && type.properties.has(property),
    );
    if (held === undefined) return [];
    const references = mapping.references(mapping.entity(navigation.type));
    const enforced = references.some(
      (reference) => reference.enforced && reference.holder === holder && reference.column === how.column,
    );
    return [{ property: type.properties.get(held.property)!, navigation, enforced }];
  });
}

/**
 * A payload without the properties that a binding beside them sets: the relationship is what the binding says (Protocol 4.01,
 * section 11.4.3).
 */
export function withoutBoundDependents(payload: EntityPayload, { mapping }: ServiceContext): EntityPayload {
  const { bindings, related, properties, type } = payload;
  if (bindings.size === 0 && related === undefined) return payload;
  const bound = dependentsOf(type, mapping).filter(
    ({ navigation, property }) =>
      properties.has(property) && (bindings.has(navigation) || related?.has(navigation) === true),
  );
  if (bound.length === 0) return payload;
  const left = new Map(properties);
  for (const { property } of bound) left.delete(property);
  return { ...payload, properties: left };
}

/**
 * Checks that the entities are there whose keys a payload gives to properties, as far as the database does not.
 *
 * @throws {ODataError} 400 for a key that leads nowhere (Protocol 4.01, section 11.4.3)
 */
export async function checkDependents(
  { type, properties, path }: EntityPayload,
  { mapping, rows }: ServiceContext,
  transaction: Transaction,
): Promise<void> {
  if (properties.size === 0) return;
  for (const { property, navigation, enforced } of dependentsOf(type, mapping)) {
    const text = enforced ? undefined : properties.get(property);
    if (text === undefined || text === "null") continue;
    const target = mapping.entity(navigation.type);
    const { kind } = [...target.columns.values()].find(({ column }) => column === target.key[0])!;
    if ((await rows.select(transaction, target, target.key, [toSql(text, kind)])) !== undefined) continue;
    const name = path === undefined || path === "" ? property.name : `${path}.${property.name}`;
    throw badRequest(`'${property.name}' refers to an entity that is not there, by '${navigation.name}'.`, {
      target: name,
    });
  }
}
