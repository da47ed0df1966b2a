import { ODataError } from "../errors/index.js";
import { negotiateRaw } from "../format/media.js";
import { essenceOf } from "../format/media-type.js";
import type { StoredMedia } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import { isNotModified } from "./etag.js";
import { emptyResponse } from "./exchange.js";
import type { Terms } from "./exchange.js";
import { MediaBody } from "./media-body.js";
import { locateStream, streamTarget } from "./media-target.js";
import { checkConditions } from "./preconditions.js";
import type { ByteRange } from "./range.js";
import { readRange } from "./range.js";
import type { Reading } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";

/**
 * `GET` of the content of a media entity or of a stream property: Protocol 4.01, sections 11.2.3 and 11.2.4.1. Its media type
 * is the one that it was sent with; there is no other to choose. `Range`, `If-Range`, `If-None-Match` and
 * `If-Modified-Since` are those of RFC 9110.
 */
export async function readMedia({ resource, request, terms, context, reads }: Reading): Promise<ODataResponse> {
  const target = streamTarget(resource.path)!;
  const { key } = await locateStream(resource, target, context, reads);
  const media = await context.media.find(reads, key);
  // A stream that was never written, or was deleted, is null.
  if (media === undefined) return emptyResponse(204, terms.version);
  return mediaResponse(media, request, terms, context);
}

/** A content as an answer. */
export async function mediaResponse(
  media: StoredMedia,
  request: ODataRequest,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  // Whatever `$format` says: it is for what the service writes itself.
  negotiateRaw(essenceOf(media.contentType), request.headers.accept, undefined);
  const etag = mediaEtag(media);
  const validators = { etag, "last-modified": new Date(media.modified).toUTCString() };
  if (isNotModified(request, etag) || isOld(request, media)) return emptyResponse(304, terms.version, validators);
  if (request.headers["if-match"] !== undefined)
    checkConditions({ headers: { "if-match": request.headers["if-match"] } }, etag);

  const range = rangeOf(request, media);
  const whole: ByteRange = { start: 0, end: media.size };
  const { start, end } = range ?? whole;
  const headers = {
    "content-type": media.contentType,
    "content-length": String(end - start),
    "accept-ranges": "bytes",
    // What a client has stored must not be run as a page of this service.
    "content-disposition": "attachment",
    "odata-version": terms.version,
    ...validators,
    ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${media.size}` }),
  };
  const status = range === undefined ? 200 : 206;
  if (request.method === "HEAD") return { status, headers };
  return { status, headers, body: await bodyOf(media, { start, end }, context) };
}

/** The ETag of a content; a strong one: the bytes tell it. */
export function mediaEtag({ digest }: Pick<StoredMedia, "digest">): string {
  return `"${digest}"`;
}

/**
 * A content stays for a while after it was replaced, so it can be read from the store piece by piece at the client's pace.
 * Within a transaction it is read at once, since that ends before the client has taken anything.
 */
async function bodyOf(
  { id }: StoredMedia,
  { start, end }: ByteRange,
  { store, database, media }: ServiceContext,
): Promise<Buffer | MediaBody> {
  const pieces = media.chunks(store.reader, id, start, end);
  if (store.reader === database.reader) return new MediaBody(pieces);
  const read: Buffer[] = [];
  for await (const piece of pieces) read.push(piece);
  return Buffer.concat(read);
}

/** RFC 9110, section 13.1.3: only where there is no `If-None-Match`. */
function isOld({ method, headers }: ODataRequest, { modified }: StoredMedia): boolean {
  const since = headers["if-modified-since"];
  if (since === undefined || headers["if-none-match"] !== undefined || (method !== "GET" && method !== "HEAD"))
    return false;
  // A date has seconds.
  return Math.floor(Date.parse(modified) / 1000) * 1000 <= Date.parse(since);
}

/** @throws {ODataError} 416 where the content has no such bytes */
function rangeOf({ method, headers }: ODataRequest, media: StoredMedia): ByteRange | undefined {
  const { range: asked, "if-range": condition } = headers;
  if (asked === undefined || method !== "GET") return undefined;
  // RFC 9110, section 13.1.5: the comparison is the strong one, of an ETag or of a date.
  if (condition !== undefined) {
    const validator = condition.trim();
    if (validator !== mediaEtag(media) && validator !== new Date(media.modified).toUTCString()) return undefined;
  }
  const range = readRange(asked, media.size);
  if (range !== "unsatisfiable") return range;
  throw new ODataError(416, "RequestedRangeNotSatisfiable", `The content has ${media.size} bytes, and none of those.`, {
    target: "Range",
    headers: { "content-range": `bytes */${media.size}` },
  });
}
