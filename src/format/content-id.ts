import type { JsonValue } from "./json-text.js";

/** `Core.ContentID`: what a client calls an entity of its payload. It comes back under the name that the client has used. */
export interface ContentId {
  readonly name: string;
  readonly value: JsonValue;
}

/** The term by its namespace, and by the alias that the metadata has for it. */
const NAMES = ["@Org.OData.Core.V1.ContentID", "@Core.ContentID"] as const;

/**
 * The id of an entity in a payload; `undefined` where it has none.
 *
 * @example contentIdOf(parseJson('{"@Core.ContentID":"1"}').members)?.value // the text "1"
 */
export function contentIdOf(members: ReadonlyMap<string, JsonValue>): ContentId | undefined {
  for (const name of NAMES) {
    const value = members.get(name);
    if (value?.kind === "string") return { name, value };
  }
  return undefined;
}
