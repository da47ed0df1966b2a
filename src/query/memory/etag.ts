import { isExact } from "./data.js";
import { Temporal } from "./temporal.js";
import type { Instance, Value } from "./value.js";
import { writeMember, writeValue, type JsonText } from "./write.js";

/**
 * `"@odata.etag":"W/\"...\""` of an entity whose type says which properties tell one state of it from another: their values
 * with commas between them, integers, instants and GUIDs as they are, everything else as hexadecimal digits of its UTF-8 text,
 * null as `-` (JSON Format 4.01, section 4.5.9).
 */
export function etagMember({ type, members }: Instance): JsonText | undefined {
  if (type.kind !== "entity" || type.concurrency.length === 0) return undefined;
  const values = type.concurrency.map((property) => {
    const { qualifiedName } = property.type;
    const isPlain = isExact(property.type) && qualifiedName !== "Edm.Decimal";
    return etagValue(members.property(property.name), isPlain || qualifiedName === "Edm.Guid");
  });
  return writeMember("@odata.etag", JSON.stringify(`W/"${values.join(",")}"`));
}

function etagValue(value: Value, isPlain: boolean): string {
  if (value === null) return "-";
  const text = typeof value === "string" ? value : plainText(writeValue(value));
  if (isPlain || (value instanceof Temporal && value.kind === "instant")) return text;
  return Buffer.from(text, "utf8").toString("hex");
}

/** JSON text of a date, a time or an enumeration member without its quotes; other text as it is. */
function plainText(json: JsonText): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}
