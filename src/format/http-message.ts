import { STATUS_CODES } from "node:http";
import { badRequest } from "../errors/index.js";

/** Header fields by name, in lower case. */
export type MessageHeaders = Readonly<Record<string, string | undefined>>;

/** An HTTP request as it stands in the body of another message, with the media type `application/http`. */
export interface HttpRequest {
  readonly method: string;
  /** As it is written: absolute, a path, or relative. */
  readonly target: string;
  readonly headers: MessageHeaders;
  readonly body: Buffer | undefined;
}

/** An answer with its whole body at hand. */
export interface WholeResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
}

const LF = 0x0a;
const CR = 0x0d;

/** Bytes of all header fields of a message, and of its first line. */
const LONGEST_HEAD = 32 * 1024;
const MOST_FIELDS = 100;

const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Those of which a second one would contradict the first. */
const SINGLE: ReadonlySet<string> = new Set([
  "content-type",
  "content-length",
  "content-id",
  "content-transfer-encoding",
  "host",
  "odata-version",
  "odata-maxversion",
  "isolation",
  "odata-isolation",
]);

/**
 * Reads header fields up to the empty line behind them, or to the end.
 *
 * @param where what they belong to, for messages
 * @returns the fields, and where the body begins
 * @throws {ODataError} 400 for a field that is none, one that contradicts another, and for too many or too long ones
 */
export function readHeaders(
  bytes: Buffer,
  start: number,
  where: string,
): { readonly headers: MessageHeaders; readonly end: number } {
  const fields = new Map<string, string>();
  for (let at = start; ;) {
    const { text, next } = lineAt(bytes, at, start, where);
    if (text !== "") addField(fields, text, where);
    if (text === "" || next >= bytes.length) return { headers: Object.fromEntries(fields), end: next };
    at = next;
  }
}

/** One line, without what ends it. */
function lineAt(bytes: Buffer, at: number, start: number, where: string): { text: string; next: number } {
  const lf = bytes.indexOf(LF, at);
  const end = lf < 0 ? bytes.length : lf;
  if (end - start > LONGEST_HEAD) throw badRequest(`The head of ${where} is longer than ${LONGEST_HEAD} bytes.`);
  const text = bytes.toString("latin1", at, end > at && bytes[end - 1] === CR ? end - 1 : end);
  return { text, next: lf < 0 ? bytes.length : lf + 1 };
}

function addField(fields: Map<string, string>, line: string, where: string): void {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!FIELD_NAME.test(name)) {
    const shown = line.slice(0, 40).replace(/[^\x20-\x7e]/g, "?");
    throw badRequest(`'${shown}' in the head of ${where} is no header field; one looks like 'Name: value'.`);
  }
  const value = line.slice(colon + 1).trim();
  if (!FIELD_VALUE.test(value)) throw badRequest(`The header ${name} of ${where} has a control character.`);
  if (fields.size >= MOST_FIELDS) throw badRequest(`${where} has more than ${MOST_FIELDS} header fields.`);
  const before = fields.get(name);
  if (before !== undefined && SINGLE.has(name) && before !== value)
    throw badRequest(`The header ${name} stands twice in ${where}, with different values.`, { target: name });
  fields.set(name, before === undefined || SINGLE.has(name) ? value : `${before}, ${value}`);
}

/**
 * Reads a request of the media type `application/http`.
 *
 * @param where what it is, for messages
 * @throws {ODataError} 400 where it is not well-formed
 * @example readHttpRequest(Buffer.from("GET Products(1) HTTP/1.1\r\n\r\n"), "the part 1") // { method: "GET", target: "Products(1)", ... }
 */
export function readHttpRequest(bytes: Buffer, where: string): HttpRequest {
  let start = 0;
  // Editors and some clients leave one empty line more.
  while (bytes[start] === CR || bytes[start] === LF) start++;
  const { text, next } = lineAt(bytes, start, start, where);
  const { method, target } = requestLine(text, where);
  const { headers, end } = readHeaders(bytes, next, where);
  return { method, target, headers, body: bodyOf(bytes.subarray(end), method, headers, where) };
}

function requestLine(line: string, where: string): { method: string; target: string } {
  const space = line.indexOf(" ");
  const method = line.slice(0, Math.max(space, 0));
  // The version may be left out, as in examples of the standard.
  const target = line
    .slice(space + 1)
    .replace(/ HTTP\/[0-9](?:\.[0-9])?$/, "")
    .trim();
  if (/^[A-Za-z]{1,20}$/.test(method) && /^[\x21-\x7e]+$/.test(target)) return { method, target };
  throw badRequest(
    `The first line of ${where} is no request line; one looks like 'GET Products(1) HTTP/1.1', with the URL percent-encoded.`,
  );
}

/** Methods whose requests have no body. */
const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE"]);

function bodyOf(bytes: Buffer, method: string, headers: MessageHeaders, where: string): Buffer | undefined {
  if (headers["transfer-encoding"] !== undefined) {
    throw badRequest(`${where} has a Transfer-Encoding; a body within a body is sent as it is.`, {
      target: "Transfer-Encoding",
    });
  }
  const length = headers["content-length"];
  if (length === undefined) {
    // Empty lines that only part the request from the delimiter.
    const isBlank = bytes.length <= 8 && bytes.every((byte) => byte === CR || byte === LF);
    return isBlank || BODILESS.has(method.toUpperCase()) ? undefined : bytes;
  }
  if (!/^[0-9]{1,10}$/.test(length) || Number(length) > bytes.length) {
    throw badRequest(
      `The Content-Length of ${where} is '${length.slice(0, 20)}', but its body has ${bytes.length} bytes.`,
      { target: "Content-Length" },
    );
  }
  const end = Number(length);
  for (let at = end; at < bytes.length; at++) {
    if (bytes[at] === CR || bytes[at] === LF) continue;
    throw badRequest(`The body of ${where} is longer than its Content-Length of ${length} says.`, {
      target: "Content-Length",
    });
  }
  return end === 0 ? undefined : bytes.subarray(0, end);
}

/** An answer as a message of the media type `application/http`: its first line, its header fields, and its body. */
export function writeHttpResponse({ status, headers, body }: WholeResponse): (string | Buffer)[] {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n`;
  for (const name in headers)
    if (name !== "content-length") head += `${fieldName(name)}: ${headers[name]!.replace(LINE_BREAKS, " ")}\r\n`;
  if (body === undefined) return [`${head}\r\n`];
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  return [`${head}Content-Length: ${length}\r\n\r\n`, body];
}

/** Nothing in a value may begin another field. */
const LINE_BREAKS = /[\r\n\0]+/g;

const fieldNames = new Map([["etag", "ETag"]]);

/** `Content-Type` for `content-type`: some readers of messages within messages know names in this form only. */
function fieldName(name: string): string {
  const known = fieldNames.get(name);
  if (known !== undefined) return known;
  const written = name
    .replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
    .replace(/^Odata/, "OData")
    .replace("Entityid", "EntityId");
  // Names of headers come from the service alone, so they are few; a controller could make up any number, though.
  if (fieldNames.size < 100) fieldNames.set(name, written);
  return written;
}

/** Pieces of a message, as one. */
export function joinPieces(pieces: readonly (string | Buffer)[]): string | Buffer {
  if (pieces.every((piece) => typeof piece === "string")) return pieces.join("");
  return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
}
