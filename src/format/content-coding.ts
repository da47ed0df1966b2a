import { promisify } from "node:util";
import { brotliDecompress, constants, createBrotliCompress, createGzip, gunzip, inflate, inflateRaw } from "node:zlib";
import type { BrotliCompress, Gzip } from "node:zlib";
import { badRequest, ODataError } from "../errors/index.js";

/** The content codings that bodies are sent in, the one to prefer first. */
const OFFERED = ["br", "gzip"] as const;

/** A content coding that answers are sent in. */
export type ContentCoding = (typeof OFFERED)[number];

/** What a body may be encoded in, for `Accept-Encoding` of a 415 (RFC 9110, section 15.5.16). */
export const ACCEPTED_CODINGS = "gzip, deflate, br";

/** A body is encoded once; more than a few layers serve nobody but who wants to tire us. */
const MOST_CODINGS = 2;

type Decoder = (body: Buffer, most: number) => Promise<Buffer>;

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", (body, most) => promisify(gunzip)(body, { maxOutputLength: most })],
  ["x-gzip", (body, most) => promisify(gunzip)(body, { maxOutputLength: most })],
  ["deflate", inflateAny],
  ["br", (body, most) => promisify(brotliDecompress)(body, { maxOutputLength: most })],
]);

/**
 * Whether a body has to be decoded.
 *
 * @param header `Content-Encoding`
 */
export function isEncoded(header: string | undefined): header is string {
  return header !== undefined && header.trim() !== "" && header.trim().toLowerCase() !== "identity";
}

/**
 * The codings that a header names, in the order in which they were applied.
 *
 * @throws {ODataError} 415 for one that is not known, or too many of them
 */
export function codingsOf(header: string): readonly string[] {
  const codings = header
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity");
  if (codings.length <= MOST_CODINGS && codings.every((coding) => decoders.has(coding))) return codings;
  throw new ODataError(
    415,
    "UnsupportedMediaType",
    codings.length > MOST_CODINGS
      ? "The request body is encoded too many times."
      : `The request body is in a content coding that is not understood. Those that are: ${ACCEPTED_CODINGS}.`,
    { target: "Content-Encoding", headers: { "accept-encoding": ACCEPTED_CODINGS } },
  );
}

/**
 * Undoes the content codings of a body (Protocol 4.01, section 8.1.2).
 *
 * @param header `Content-Encoding`
 * @param most how many bytes may become of it
 * @throws {ODataError} 415 for a coding that is not known, 413 for a body that becomes larger, 400 for one that is broken
 */
export async function decodeContent(body: Buffer, header: string, most: number): Promise<Buffer> {
  let decoded = body;
  for (const coding of [...codingsOf(header)].reverse()) {
    try {
      decoded = await decoders.get(coding)!(decoded, most);
    } catch (cause) {
      if ((cause as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") {
        throw new ODataError(
          413,
          "RequestEntityTooLarge",
          `The request body is larger than ${String(most)} bytes when it is decoded.`,
          { target: "Content-Encoding" },
        );
      }
      throw badRequest(`The request body is not well-formed '${coding}', as its Content-Encoding says.`, {
        target: "Content-Encoding",
        cause,
      });
    }
  }
  return decoded;
}

/** `deflate` is the zlib format; some clients leave its two bytes of header out (RFC 9110, section 8.4.1.2). */
async function inflateAny(body: Buffer, most: number): Promise<Buffer> {
  const hasHeader = body.length >= 2 && (body[0]! & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;
  return promisify(hasHeader ? inflate : inflateRaw)(body, { maxOutputLength: most });
}

/** What a client accepts is one of a few texts, which come again and again. */
const known = new Map<string, ContentCoding | undefined>();

/**
 * The coding that a client likes best of those that are offered.
 *
 * @param header `Accept-Encoding`; absent means that the body goes as it is
 * @returns `undefined` where the body goes as it is
 */
export function acceptedCoding(header: string | undefined): ContentCoding | undefined {
  if (header === undefined || header.length > 1_000) return undefined;
  if (known.has(header)) return known.get(header);
  const coding = chooseCoding(header);
  if (known.size >= 100) known.clear();
  known.set(header, coding);
  return coding;
}

function chooseCoding(header: string): ContentCoding | undefined {
  const qualities = new Map<string, number>();
  for (const element of header.split(",")) {
    const [name, ...parameters] = element.split(";").map((text) => text.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    qualities.set(name!, quality === undefined ? 1 : Number(quality.slice(2)) || 0);
  }
  const qualityOf = (name: string) => qualities.get(name) ?? qualities.get("*") ?? 0;
  let best: ContentCoding | undefined;
  for (const coding of OFFERED)
    if (qualityOf(coding) > (best === undefined ? (qualities.get("identity") ?? 0) : qualityOf(best))) best = coding;
  return best !== undefined && qualityOf(best) > 0 ? best : undefined;
}

/** Encodes what is written to it, fast rather than small: the answer is waited for. */
export function createEncoder(coding: ContentCoding): Gzip | BrotliCompress {
  return coding === "br"
    ? createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 3 } })
    : createGzip({ level: 3 });
}
