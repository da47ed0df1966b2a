import type { EntitySegment } from "../binding/index.js";
import type { EntitySet, Singleton } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import { readEntity } from "../format/entity-reader.js";
import { toSql } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import { EntityRows, locateAll } from "./entity-rows.js";
import type { Located } from "./locate.js";
import { keyScalars } from "./locate.js";
import { newValues } from "./values.js";

/**
 * Stores an entity just as it is given, in the transaction of the request at hand: values that only the service writes are
 * taken, too, and neither rules nor restrictions are asked. One that is there already has its values replaced.
 *
 * @param name of an entity set or a singleton
 * @param json the entity; related ones are told by the properties that hold their keys
 * @returns the values of the key, in the order of the type's key
 * @throws {TypeError} where there is no such entity set or singleton
 * @throws {ODataError} 400 where the values do not fit the type
 */
export function plant(name: string, json: string, context: ServiceContext): Promise<Scalar[]> {
  const root = rootOf(name, context);
  const payload = readEntity(json, root.entityType, {
    model: context.model,
    operation: "create",
    version: "4.01",
    everything: true,
  });
  if (payload.bindings.size > 0 || (payload.related?.size ?? 0) > 0)
    throw new TypeError(`An entity of '${name}' is planted by itself, without those that it is related to.`);
  return context.store.transaction(async (transaction) => {
    const rows = new EntityRows(context, transaction);
    const [existing] =
      root.kind === "singleton"
        ? await locateAll([segmentOf(root)], root.entityType, context, transaction)
        : [await find(payload, rows, context)];
    if (existing === undefined) return keyScalars(await rows.insert(payload, new Map()));
    const { type, mapping, key } = existing;
    await context.rows.update(transaction, mapping, type, key, newValues(payload, new Date()));
    return keyScalars(existing);
  });
}

/**
 * Deletes all entities of a set with what belongs to them, in the transaction of the request at hand; neither rules nor
 * restrictions are asked.
 *
 * @throws {TypeError} where there is no such entity set
 */
export function clear(name: string, context: ServiceContext): Promise<void> {
  const root = rootOf(name, context);
  if (root.kind !== "entitySet") throw new TypeError(`'${name}' is a singleton, which is always there.`);
  return context.store.transaction(async (transaction) => {
    const found = await locateAll([segmentOf(root)], root.entityType, context, transaction);
    for (const { mapping, key } of found) await context.links.remove(transaction, mapping, key);
  });
}

function segmentOf(root: EntitySet | Singleton): EntitySegment {
  const type = root.entityType;
  return root.kind === "entitySet"
    ? { kind: "entitySet", set: root, type }
    : { kind: "singleton", singleton: root, type };
}

function rootOf(name: string, { model: { container }, mapping }: ServiceContext): EntitySet | Singleton {
  const root = container.entitySets.get(name) ?? container.singletons.get(name);
  if (root !== undefined && mapping.isStored(root.entityType)) return root;
  throw new TypeError(`There is no entity set or singleton '${name}' in the store.`);
}

/** The entity that has the key of a payload, where that has one. */
async function find(
  payload: EntityPayload,
  rows: EntityRows,
  { mapping }: ServiceContext,
): Promise<Located | undefined> {
  const { type, properties } = payload;
  const { columns } = mapping.entity(type);
  const given = type.key.flatMap((property) => {
    const text = properties.get(property);
    return text === undefined ? [] : [toSql(text, columns.get(property.name)!.kind)];
  });
  return given.length === type.key.length ? rows.find(type, given) : undefined;
}
