import { escapeJson } from "./json-text.js";
import type { JsonFormat } from "./media.js";

/** An entity that is not in a collection any more. */
export interface DeletedEntity {
  /** Its URL, as it was. */
  readonly id: string;
  /** The members of its key: names, and values as JSON texts. */
  readonly key: readonly (readonly [name: string, json: string])[];
  /** `deleted`: it is nowhere any more; `changed`: it does not belong to the collection any more. */
  readonly reason: "deleted" | "changed";
  /** The context URL of the collection's deleted entities. */
  readonly context: string;
}

/**
 * The JSON text of a deleted entity in the answer to a delta link: JSON Format 4.01, section 15.3. In 4.0 it says by its
 * context URL that it is one.
 *
 * @example deletedEntity({ id, key: [["ID", "5"]], reason: "deleted", context }, "4.01", format)
 */
export function deletedEntity(
  { id, key, reason, context }: DeletedEntity,
  version: "4.0" | "4.01",
  { level }: Pick<JsonFormat, "level">,
): string {
  const ofContext = `"@odata.context":${escapeJson(context)}`;
  if (version === "4.0") return `{${ofContext},"id":${escapeJson(id)},"reason":"${reason}"}`;
  const members = [
    ...(level === "full" ? [ofContext] : []),
    `"@removed":{"reason":"${reason}"}`,
    ...(level === "none" ? [] : [`"@odata.id":${escapeJson(id)}`]),
    ...key.map(([name, json]) => `${escapeJson(name)}:${json}`),
  ];
  return `{${members.join(",")}}`;
}
