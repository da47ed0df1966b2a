import { createHash } from "node:crypto";

/** PostgreSQL cuts names that are longer, in bytes; what we make of a name needs some of them. */
const LENGTH = 48;

/**
 * A name for what belongs to something that has a name of its own: the same for the same, and short enough for every
 * database.
 *
 * @example indexName("odata_search_", "device_configuration") // "odata_search_device_configuration"
 */
export function indexName(prefix: string, of: string): string {
  const name = `${prefix}${of}`;
  if (Buffer.byteLength(name) <= LENGTH) return name;
  const hash = createHash("sha256").update(of).digest("hex").slice(0, 12);
  const room = LENGTH - hash.length - 1;
  // Cut between characters, not within one.
  let cut = name;
  while (Buffer.byteLength(cut) > room) cut = [...cut].slice(0, -1).join("");
  return `${cut}_${hash}`;
}
