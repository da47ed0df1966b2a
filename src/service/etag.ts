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
  return withEtagHeader(headers, etagOf(text));
}

/** Headers with that of an ETag, where there is one. */
export function withEtagHeader(
  headers: Readonly<Record<string, string>>,
  etag: string | undefined,
): Readonly<Record<string, string>> {
  return etag === undefined ? headers : { ...headers, etag };
}

/**
 * Whether `If-Match` lets a request through: `*`, or a list that names the ETag. A weak tag is compared weakly, as OData
 * wants it of tags that tell the states of an entity and not its representations (Protocol 4.01, section 8.2.4); a strong
 * one strongly, by RFC 9110, section 13.1.1.
 *
 * @param etag of a resource that is there; `undefined` where it has none
 */
export function matches(etag: string | undefined, header: string): boolean {
  if (header.trim() === "*") return true;
  if (etag === undefined) return false;
  return isWeak(etag) ? isAmong(etag, header) : entityTags(header).includes(etag);
}

/** Whether `If-None-Match` names a resource that is there: `*`, or a list with its ETag (RFC 9110, section 13.1.2). */
export function isKnown(etag: string | undefined, header: string): boolean {
  return header.trim() === "*" || (etag !== undefined && isAmong(etag, header));
}

/** Whether the client has the resource as it is: Protocol 4.01, section 8.2.5, and RFC 9110, section 13.1.2. */
export function isNotModified({ method, headers }: ODataRequest, etag: string): boolean {
  const known = headers["if-none-match"];
  return known !== undefined && (method === "GET" || method === "HEAD") && isKnown(etag, known);
}

/** Whether an ETag is in a list of them, weak or not. */
export function isAmong(etag: string, list: string): boolean {
  const opaque = opaqueTag(etag);
  return entityTags(list).some((candidate) => opaqueTag(candidate) === opaque);
}

/** RFC 9110, section 8.8.3: what stands between the quotes may be a comma, but no quote. */
const ENTITY_TAG = /[ \t]*(?:,[ \t]*)*((?:W\/)?"[^"]*")[ \t]*(?=,|$)/y;

/** The entity tags of a header, up to where it is no list of such any more. */
function entityTags(list: string): string[] {
  const tags: string[] = [];
  ENTITY_TAG.lastIndex = 0;
  for (let found = ENTITY_TAG.exec(list); found !== null; found = ENTITY_TAG.exec(list)) tags.push(found[1]!);
  return tags;
}

function isWeak(etag: string): boolean {
  return etag.startsWith("W/");
}

function opaqueTag(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag;
}
