import { pipeline, Readable } from "node:stream";
import type { ContentCoding } from "../format/content-coding.js";
import { createEncoder } from "../format/content-coding.js";
import type { ODataResponse } from "../service/request.js";

/** Bytes from which on a body is encoded: below, the time that it takes is not made up for on the way. */
const WORTH = 16 * 1024;

/** Types of which bodies become much shorter. Images and the like are encoded already. */
const TEXTS = /^(?:text\/|multipart\/|application\/(?:json|xml|http|[^;]*\+(?:json|xml))(?:;|$))/;

/** Whether the body of an answer should be encoded for clients that accept it: a long text, or one of unknown length. */
export function isWorthEncoding({ status, headers, body }: ODataResponse): boolean {
  if (body === undefined || status === 204 || status === 206 || status === 304) return false;
  // A strong ETag stands for the very bytes (Protocol 4.01, section 8.3.2).
  if (headers["etag"]?.startsWith('"') === true) return false;
  if ((typeof body === "string" || Buffer.isBuffer(body)) && body.length < WORTH) return false;
  // Parts of what can be asked for in parts are parts of the bytes as they are, and so is its ETag.
  if (headers["accept-ranges"] !== undefined) return false;
  return headers["content-encoding"] === undefined && TEXTS.test(headers["content-type"] ?? "");
}

/** A body, encoded while it is sent; zlib works on threads of its own. What goes wrong with the body goes wrong with this. */
export function encodedStream(body: NonNullable<ODataResponse["body"]>, coding: ContentCoding): Readable {
  const source = body instanceof Readable ? body : Readable.from([typeof body === "string" ? Buffer.from(body) : body]);
  // Whoever reads the encoder is told by its own event.
  return pipeline(source, createEncoder(coding), () => undefined);
}
