import type { ODataRequest } from "./request.js";

const TYPE_START = '{"@odata.type":"';
const ETAG_START = ',"@odata.etag":';

/** The ETag of an entity, which stands in its stored text behind its type; `undefined` where its type has none. */
export function etagOf(text: string): string | undefined {
  if (!text.startsWith(TYPE_START)) return undefined;
  const type = text.indexOf('"', TYPE_START.length) + 1;
  if (!text.startsWith(ETAG_START, type)) return undefined;
  const start = type + ETAG_START.length;
  // `"W/\\"...\\""`: what is inside has no quotes and no backslashes.
  const end = text.indexOf('\\""', text.indexOf('\\"', start) + 2) + 3;
  return JSON.parse(text.slice(start, end)) as string;
}

/** Headers with that of the ETag of an entity whose stored text is given, where its type has one. */
export function withEtag(headers: Readonly<Record<string, string>>, text: string): Readonly<Record<string, string>> {
  const etag = etagOf(text);
  return etag === undefined ? headers : { ...headers, etag };
}

/** Whether the client has the entity as it is: Protocol 4.01, section 8.2.5, and RFC 9110, section 13.1.2. */
export function isNotModified({ method, headers }: ODataRequest, etag: string): boolean {
  const known = headers["if-none-match"];
  if (known === undefined || (method !== "GET" && method !== "HEAD")) return false;
  return known.trim() === "*" || isAmong(etag, known);
}

/** Whether an ETag is in a list of them. */
export function isAmong(etag: string, list: string): boolean {
  return list.split(",").some((candidate) => opaque(candidate) === opaque(etag));
}

/** The comparison is the weak one: whether a tag is weak does not matter. */
function opaque(etag: string): string {
  return etag.trim().replace(/^W\//, "");
}
