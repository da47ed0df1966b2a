import type { KeySegment } from "../binding/index.js";
import type { EntityType } from "../edm/index.js";
import { writeJson } from "../edm/primitives/index.js";
import type { EntityPayload, NestedEntity } from "../format/entity-reader.js";
import type { JsonObject } from "../format/json-text.js";
import { parseJson } from "../format/json-text.js";
import type { Located } from "./locate.js";
import type { Relationship } from "./relationship.js";
import type { ODataVersion } from "./version.js";

/** The relationship in which a new entity comes into being. */
export type Parent = Pick<Relationship, "source" | "property">;

/** A collection of entities, or the one entity of a single-valued navigation property, that a payload changes. */
export interface Collection {
  readonly type: EntityType;
  /** Absent where it is all that there is of its entities: an entity set. */
  readonly parent: Parent | undefined;
  /** The entities that are in it, by {@link keyText}; absent where those of the type are. */
  readonly current: ReadonlyMap<string, Located> | undefined;
}

/** What an item of a payload means. */
export interface Identified {
  readonly located: Located | undefined;
  /** The key of an entity that is not there, where only a URL says it. */
  readonly key?: EntityPayload["properties"] | undefined;
}

/** The key of an entity as one text, to find it among those of its table. */
export function keyText({ key }: Pick<Located, "key">): string {
  return key.map(String).join("\u0000");
}

export function keyed(entities: readonly Located[]): Map<string, Located> {
  return new Map(entities.map((entity) => [keyText(entity), entity]));
}

/** The values of a key that stands in a URL, as a payload would have them. */
export function keyOfSegment({ properties, values }: KeySegment): EntityPayload["properties"] {
  return new Map(
    properties.map((property, index) => {
      const type = property.type.kind === "typeDefinition" ? property.type.underlyingType : property.type;
      const value = values[index]!;
      return [property, type.kind === "primitive" ? writeJson(type, value) : JSON.stringify(value)];
    }),
  );
}

/** An entity in a payload with a key from elsewhere: it goes before what stands there, and has to fit its properties as that has. */
export function withKey(object: JsonObject, key: EntityPayload["properties"]): JsonObject {
  const members = Array.from(key, ([{ name }, text]) => [name, parseJson(text)] as const);
  return { ...object, members: new Map([...object.members, ...members]) };
}

/** `@odata.etag` of an item; ETags in bodies of 4.0 mean nothing (Protocol 4.01, section 11.4.3). */
export function etagMember({ object: { members } }: NestedEntity, version: ODataVersion): string | undefined {
  const etag = version === "4.0" ? undefined : (members.get("@odata.etag") ?? members.get("@etag"));
  return etag?.kind === "string" ? etag.value : undefined;
}
