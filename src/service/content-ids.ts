import type { EntityType, Model } from "../edm/index.js";
import type { JsonObject, JsonValue } from "../format/json-text.js";
import { escapeJson, parseJson, writeJsonValue } from "../format/json-text.js";
import type { ContentId } from "../format/content-id.js";
import { namedType, typeAnnotation } from "../format/payload-type.js";
import { toJson } from "../storage/index.js";
import type { Located } from "./locate.js";

/**
 * The ids that a client has given to the entities of its payload, by what has become of them: the answer says them again
 * (Protocol 4.01, sections 11.4.2.2, 11.4.3.1 and 11.4.12).
 *
 * @example
 * ids.add(created, payload.contentId);
 * const body = ids.annotate(text, type, model);
 */
export class ContentIds {
  #ids: Map<string, ContentId> | undefined;

  /** Remembers which entity an id stands for. */
  add({ type, mapping, key }: Located, id: ContentId | undefined): void {
    if (id === undefined) return;
    const values = type.key.map(({ name }, part) => {
      const json = toJson(key[part], mapping.columns.get(name)!.kind);
      return json.startsWith('"') ? (JSON.parse(json) as string) : json;
    });
    this.#ids ??= new Map();
    this.#ids.set(identity(type, values), id);
  }

  /**
   * Writes the ids into an entity of an answer, and into those that are expanded in it.
   *
   * @param text the entity's JSON
   * @param type its declared type
   * @returns the same text where no entity in it has an id
   */
  annotate(text: string, type: EntityType, model: Model): string {
    if (this.#ids === undefined) return text;
    const entity = parseJson(text);
    return entity.kind === "object" ? this.#written(entity, type, model) : text;
  }

  #written({ members }: JsonObject, declared: EntityType, model: Model): string {
    const annotation = typeAnnotation(members);
    const named = annotation === undefined ? declared : namedType(model, annotation, declared);
    const type = typeof named === "string" ? declared : named;
    const parts = Array.from(members, ([name, value]) => {
      const target = type.navigationProperties.get(name)?.type;
      return `${escapeJson(name)}:${target === undefined ? writeJsonValue(value) : this.#related(value, target, model)}`;
    });
    const id = this.#ids?.get(identity(type, keyOf(members, type)));
    if (id !== undefined) parts.push(`${escapeJson(id.name)}:${writeJsonValue(id.value)}`);
    return `{${parts.join(",")}}`;
  }

  #related(value: JsonValue, type: EntityType, model: Model): string {
    if (value.kind === "object") return this.#written(value, type, model);
    if (value.kind !== "array") return writeJsonValue(value);
    return `[${value.items.map((item) => this.#related(item, type, model)).join(",")}]`;
  }
}

function keyOf(members: JsonObject["members"], { key }: EntityType): (string | undefined)[] {
  return key.map(({ name }) => {
    const value = members.get(name);
    return value?.kind === "number" ? value.text : value?.kind === "string" ? value.value : undefined;
  });
}

/** Entities of one hierarchy share their keys. */
function identity(type: EntityType, key: readonly (string | undefined)[]): string {
  let root = type;
  while (root.baseType !== undefined) root = root.baseType;
  return JSON.stringify([root.qualifiedName, ...key]);
}
