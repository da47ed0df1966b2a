import { badRequest } from "../errors/index.js";
import type { BindingUri } from "./binding-reader.js";
import { readUri } from "./binding-reader.js";
import type { JsonObject, JsonValue } from "./json-text.js";
import type { NestedEntity } from "./nested-reader.js";
import { contextFragment, readEntities, readNested } from "./nested-reader.js";
import { Problems } from "./problems.js";

/** What a delta payload says of one entity or relationship: JSON Format 4.01, section 15. */
export type DeltaItem =
  | { readonly kind: "entity"; readonly entity: NestedEntity }
  /** A relationship that is added, or taken away. */
  | {
      readonly kind: "link" | "deletedLink";
      readonly source: BindingUri;
      readonly relationship: string;
      readonly target: BindingUri;
      readonly path: string;
    };

/**
 * Reads a delta payload for a collection of entities: `{"@context":"#$delta","value":[...]}`.
 *
 * @throws ODataError 400 where it is none
 */
export function readDeltaPayload(payload: JsonObject): readonly DeltaItem[] {
  const fragment = contextFragment(payload.members);
  if (fragment !== undefined && !/(?:^|\/)\$delta$/.test(fragment)) {
    throw badRequest('A collection is changed by a delta payload: {"@context":"#$delta","value":[...]}.', {
      target: "@odata.context",
    });
  }
  const problems = new Problems();
  const items = valueOf(payload).flatMap((value, index): DeltaItem[] => {
    const path = `value[${index}]`;
    const kind = linkKind(value);
    if (kind !== undefined) return readLink(kind, value as JsonObject, path, problems);
    const entity = problems.full ? undefined : readNested(value, path, problems, true);
    return entity === undefined ? [] : [{ kind: "entity", entity }];
  });
  problems.throwIfAny();
  return items;
}

/**
 * Reads a collection of entities that is to replace another one: `{"value":[...]}`.
 *
 * @throws ODataError 400 where it is none
 */
export function readCollectionPayload(payload: JsonObject): readonly NestedEntity[] {
  const problems = new Problems();
  const entities = readEntities(valueOf(payload), "value", problems, false);
  problems.throwIfAny();
  return entities ?? [];
}

function valueOf({ members }: JsonObject): readonly JsonValue[] {
  const value = members.get("value");
  if (value?.kind === "array") return value.items;
  throw badRequest(`The body must hold the entities in an array named 'value': {"value":[...]}.`, { target: "value" });
}

/** `#Customers/$link`, `#Customers/$deletedLink` */
function linkKind(value: JsonValue): "link" | "deletedLink" | undefined {
  const fragment = value.kind === "object" ? contextFragment(value.members) : undefined;
  const suffix = fragment?.slice(fragment.lastIndexOf("/") + 1);
  return suffix === "$link" ? "link" : suffix === "$deletedLink" ? "deletedLink" : undefined;
}

function readLink(
  kind: "link" | "deletedLink",
  { members }: JsonObject,
  path: string,
  problems: Problems,
): DeltaItem[] {
  const uri = (name: string): BindingUri | undefined => {
    const value = members.get(name);
    if (value !== undefined) return readUri(value, `${path}.${name}`, problems);
    problems.add(`'${path}' is a link and needs the member '${name}'.`, `${path}.${name}`);
    return undefined;
  };
  const source = uri("source");
  const target = uri("target");
  const relationship = members.get("relationship");
  if (relationship?.kind !== "string") {
    problems.add(`'${path}' is a link and needs the name of its 'relationship'.`, `${path}.relationship`);
    return [];
  }
  if (source === undefined || target === undefined) return [];
  return [{ kind, source, target, relationship: relationship.value, path }];
}
