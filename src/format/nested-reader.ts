import type { NavigationProperty } from "../edm/model.js";
import type { BindingUri } from "./binding-reader.js";
import { readUri, untie } from "./binding-reader.js";
import type { JsonObject, JsonValue } from "./json-text.js";
import type { Problems } from "./problems.js";

/** An entity that stands in another one's payload, or in a collection's: only looked at, not yet checked against its type. */
export interface NestedEntity {
  readonly object: JsonObject;
  /** JSON path: `orders[2]`. */
  readonly path: string;
  /** `@odata.id`: the entity that is meant, where it is there already. */
  readonly id: BindingUri | undefined;
  /** Nothing but control information stands beside the id: the entity is related, and stays as it is. */
  readonly isReference: boolean;
  /** `@removed`: taken out of the collection, or deleted as well (JSON Format 4.01, section 15.3). */
  readonly removed: "changed" | "deleted" | undefined;
}

/** What a payload says of the entities that a navigation property leads to. */
export interface RelatedPayload {
  /** `entities`: these are all of them. `delta`: these come to them, change, or go. */
  readonly kind: "entities" | "delta";
  /** At most one for a single-valued property. */
  readonly items: readonly NestedEntity[];
}

/**
 * Reads a navigation property that stands in the body itself: entities, references to entities as 4.01 has them, or null.
 *
 * @returns null where the property is to lead to nothing, `undefined` where a problem was noted
 */
export function readInline(
  nav: NavigationProperty,
  value: JsonValue,
  path: string,
  problems: Problems,
): readonly NestedEntity[] | null | undefined {
  if (nav.collection) {
    if (value.kind === "array") return readEntities(value.items, path, problems, false);
    problems.add(`The value of '${path}' must be an array, because '${nav.name}' is a collection.`, path);
    return undefined;
  }
  if (value.kind === "null") return untie(nav, path, problems);
  if (value.kind === "array") {
    problems.add(`The value of '${path}' must be one object, because '${nav.name}' is no collection.`, path);
    return undefined;
  }
  const entity = readNested(value, path, problems, false);
  return entity === undefined ? undefined : [entity];
}

/**
 * Reads `nav@odata.delta`: Protocol 4.01, section 11.4.3.1.
 *
 * @returns `undefined` where a problem was noted
 */
export function readDelta(
  nav: NavigationProperty,
  value: JsonValue,
  path: string,
  problems: Problems,
): readonly NestedEntity[] | undefined {
  if (!nav.collection) {
    problems.add(`'${path}' is for collections; write the entity under the name '${nav.name}' itself.`, path);
    return undefined;
  }
  if (value.kind === "array") return readEntities(value.items, path, problems, true);
  problems.add(`The value of '${path}' must be an array of entities.`, path);
  return undefined;
}

/**
 * The entities of an array.
 *
 * @param isDelta deleted entities may be among them
 * @returns `undefined` where a problem was noted
 */
export function readEntities(
  items: readonly JsonValue[],
  path: string,
  problems: Problems,
  isDelta: boolean,
): readonly NestedEntity[] | undefined {
  const entities: NestedEntity[] = [];
  for (const [index, item] of items.entries()) {
    if (problems.full) return undefined;
    const entity = readNested(item, `${path}[${index}]`, problems, isDelta);
    if (entity !== undefined) entities.push(entity);
  }
  return entities.length === items.length ? entities : undefined;
}

/**
 * One entity.
 *
 * @param isDelta it may be a deleted one
 * @returns `undefined` where a problem was noted
 */
export function readNested(
  value: JsonValue,
  path: string,
  problems: Problems,
  isDelta: boolean,
): NestedEntity | undefined {
  if (value.kind !== "object") {
    problems.add(
      `The value of '${path}' must be a JSON object: an entity, or a reference to one as {"@odata.id": "..."}.`,
      path,
    );
    return undefined;
  }
  const removed = readRemoved(value, path, problems);
  if (removed === "wrong") return undefined;
  if (removed !== undefined && !isDelta) {
    problems.add(`'${path}' is a deleted entity, which stands only in a delta payload.`, path);
    return undefined;
  }
  const name = idName(value, removed !== undefined);
  const member = name === undefined ? undefined : value.members.get(name);
  const id = member === undefined ? undefined : readUri(member, `${path}.${name}`, problems);
  if (member !== undefined && id === undefined) return undefined;
  const isReference = id !== undefined && [...value.members.keys()].every((key) => key.startsWith("@"));
  return { object: value, path, id, isReference, removed };
}

/** The member that names the entity; a deleted entity of 4.0 has a plain `id`. */
function idName({ members }: JsonObject, isRemoved: boolean): string | undefined {
  if (members.has("@odata.id")) return "@odata.id";
  if (members.has("@id")) return "@id";
  return isRemoved && isDeletedEntity(members) && members.has("id") ? "id" : undefined;
}

/** `@removed` of 4.01 with its reason; in 4.0 the context URL says that an entity is deleted (JSON Format 4.01, section 15.3). */
function readRemoved({ members }: JsonObject, path: string, problems: Problems): NestedEntity["removed"] | "wrong" {
  const name = members.has("@odata.removed") ? "@odata.removed" : "@removed";
  const removed = members.get(name);
  if (removed === undefined && !isDeletedEntity(members)) return undefined;
  const record = removed?.kind === "object" ? removed.members : members;
  const reason = removed === undefined || removed.kind === "object" ? record.get("reason") : removed;
  if (reason === undefined) return "changed";
  if (reason.kind === "string" && (reason.value === "changed" || reason.value === "deleted")) return reason.value;
  const target = removed === undefined ? `${path}.reason` : `${path}.${name}`;
  problems.add(`The value of '${target}' must hold the reason 'changed' or 'deleted': {"reason": "deleted"}.`, target);
  return "wrong";
}

function isDeletedEntity(members: JsonObject["members"]): boolean {
  return contextFragment(members)?.endsWith("/$deletedEntity") === true;
}

/** The fragment of an object's context URL: `Customers/$deletedEntity`. */
export function contextFragment(members: JsonObject["members"]): string | undefined {
  const context = members.get("@odata.context") ?? members.get("@context");
  return context?.kind === "string" && context.value.includes("#")
    ? context.value.slice(context.value.indexOf("#") + 1)
    : undefined;
}
