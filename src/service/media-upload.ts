import type { EntityType, Property } from "../edm/index.js";
import { annotationValue, terms } from "../edm/index.js";
import { ODataError } from "../errors/index.js";
import { isCovered, isMediaType } from "../format/media-type.js";
import type { MediaFacts } from "../storage/index.js";
import { TooManyBytes } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import type { StreamTarget } from "./media-target.js";
import type { ODataRequest } from "./request.js";

/** How long a content may be where the service does not say: 100 MiB. */
export const DEFAULT_MAX_MEDIA_BYTES = 100 * 1024 * 1024;

/**
 * The media type of a content that a client sends.
 *
 * @param type of the entity whose content it becomes
 * @throws {ODataError} 415 where there is none, it is malformed, or the stream does not take it (`Core.AcceptableMediaTypes`)
 */
export function uploadType(request: ODataRequest, type: EntityType, { property }: StreamTarget): string {
  const contentType = request.headers["content-type"]?.trim();
  const acceptable = acceptableTypes(type, property);
  if (contentType === undefined || contentType === "")
    throw unsupported("The content has no media type; send it in Content-Type.", acceptable);
  if (!isMediaType(contentType))
    throw unsupported("Content-Type is no media type; it should look like 'image/png'.", acceptable);
  if (acceptable === undefined || acceptable.some((range) => isCovered(contentType, range))) return contentType;
  throw unsupported(`Contents of the media type '${contentType}' are not taken here.`, acceptable);
}

function acceptableTypes(type: EntityType, property: Property | undefined): readonly string[] | undefined {
  const declared =
    property === undefined
      ? [...type.lineage].reverse().map(({ annotations }) => annotationValue(annotations, terms.acceptableMediaTypes))
      : [annotationValue(property.annotations, terms.acceptableMediaTypes)];
  const value = declared.find((one) => one !== undefined);
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** RFC 9110, section 15.5.16: the answer says what would be taken. */
function unsupported(message: string, acceptable: readonly string[] | undefined): ODataError {
  const hint = acceptable === undefined ? "" : ` These are: ${acceptable.join(", ")}.`;
  return new ODataError(415, "UnsupportedMediaType", `${message}${hint}`, {
    target: "Content-Type",
    ...(acceptable === undefined ? {} : { headers: { accept: acceptable.join(", ") } }),
  });
}

/**
 * Writes the body of a request as a content that nobody sees yet; it arrives no faster than it is written.
 *
 * @throws {ODataError} 413 where it is too long
 */
export async function upload(
  request: ODataRequest,
  contentType: string,
  { media, store, behaviour }: ServiceContext,
): Promise<MediaFacts> {
  const maxBytes = behaviour.maxMediaBytes ?? DEFAULT_MAX_MEDIA_BYTES;
  // Said before anything is read, where it can be.
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  try {
    return await media.write((work) => store.transaction(work), contentOf(request), { contentType, maxBytes });
  } catch (error) {
    throw error instanceof TooManyBytes ? tooLarge(maxBytes) : error;
  }
}

function contentOf({ content, body }: ODataRequest): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (content !== undefined) return content;
  if (body === undefined) return [];
  return [typeof body === "string" ? Buffer.from(body) : body];
}

function tooLarge(limit: number): ODataError {
  return new ODataError(413, "RequestEntityTooLarge", `The content is larger than ${String(limit)} bytes.`);
}
