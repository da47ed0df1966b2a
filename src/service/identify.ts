import type { KeySegment } from "../binding/index.js";
import type { EntityType } from "../edm/index.js";
import { badRequest } from "../errors/index.js";
import type { NestedEntity } from "../format/entity-reader.js";
import { readKey } from "../format/key-reader.js";
import { isDefaultOnly } from "../format/property-rules.js";
import type { Transaction } from "../storage/index.js";
import { toSql } from "../storage/index.js";
import type { ReferenceBase } from "./bindings.js";
import { followReference } from "./bindings.js";
import type { ServiceContext } from "./context.js";
import type { EntityRows } from "./entity-rows.js";
import type { Collection, Identified } from "./members.js";
import { keyOfSegment, keyText } from "./members.js";

/** Where entities are looked for, and what their URLs are resolved with. */
interface Scope {
  readonly request: ReferenceBase;
  readonly context: ServiceContext;
  readonly transaction: Transaction;
}

/**
 * The stored entity that an item of a payload means: by `@odata.id`, or by its key; what is contained alone needs neither.
 * An item that means none is a new entity (Protocol 4.01, section 11.4.3.1).
 *
 * @throws {ODataError} 400 where id and key contradict each other, or a reference leads to nothing
 */
export async function identify(
  item: NestedEntity,
  collection: Collection,
  rows: EntityRows,
  scope: Scope,
): Promise<Identified> {
  const { type, parent, current } = collection;
  const { model, mapping } = scope.context;
  // Of a deleted entity the id is enough; in 4.0 it stands where a property of that name would.
  const isNamed = item.id !== undefined && item.removed !== undefined;
  const given = isNamed ? undefined : readKey(item.object, type, model, item.path);
  const { columns } = mapping.entity(type);
  const key =
    given === undefined
      ? undefined
      : Array.from(given, ([property, text]) => toSql(text, columns.get(property.name)!.kind));
  if (item.id !== undefined) {
    const found = await follow(item, collection, scope);
    if (found.located === undefined || key === undefined || keyText({ key }) === keyText(found.located)) return found;
    throw badRequest(`The key in '${item.path}' is not that of the entity that its '@odata.id' names.`, {
      target: item.path,
    });
  }
  if (key !== undefined) {
    const known = current?.get(keyText({ key }));
    if (known !== undefined) return { located: known };
    // What others contain cannot be moved; the key may be used again, unless the table says no.
    return { located: parent?.property.containsTarget === true ? undefined : await rows.find(type, key) };
  }
  const isOnly = parent !== undefined && parent.property.containsTarget && !parent.property.collection;
  const [only] = isOnly ? (current?.values() ?? []) : [];
  return { located: only };
}

/** By `@odata.id`; a new entity may have its key there. */
async function follow(item: NestedEntity, { type, parent }: Collection, scope: Scope): Promise<Identified> {
  const { request, context, transaction } = scope;
  const where = parent === undefined ? "the collection" : `'${parent.property.name}'`;
  const id = item.id!;
  const { located, segments } = await followReference(id, type, where, request, context, transaction);
  if (located !== undefined) return { located };
  const last = segments.at(-1);
  const isNew = !item.isReference && item.removed === undefined;
  if (isNew && last?.kind === "key" && isChosenKey(last, last.type)) return { located, key: keyOfSegment(last) };
  throw badRequest(`'${id.uri.slice(0, 200)}' in '${id.target}' leads to no entity.`, { target: id.target });
}

/** Whether a key in a URL is one that a client may give to a new entity of a type: its own key, and not made by the service. */
export function isChosenKey({ properties }: KeySegment, { key }: EntityType): boolean {
  return (
    key.every((property) => property.generated === undefined || isDefaultOnly(property)) &&
    properties.every((property) => key.includes(property))
  );
}
