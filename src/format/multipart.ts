import { badRequest } from "../errors/index.js";
import { mediaType } from "./media.js";
import { readHeaders } from "./http-message.js";
import type { MessageHeaders } from "./http-message.js";

/** A body part of a multipart document: RFC 2046, section 5.1. */
export interface BodyPart {
  readonly headers: MessageHeaders;
  readonly body: Buffer;
}

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;

/** `boundary := 0*69<bchars> bcharsnospace` */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

/**
 * The boundary that a `Content-Type` names.
 *
 * @param where whose content type it is, for messages
 * @throws {ODataError} 400 where it names none, or one that is none
 */
export function boundaryOf(contentType: string, where: string): string {
  const boundary = mediaType(contentType).parameters.get("boundary");
  if (boundary === undefined) {
    throw badRequest(`The Content-Type of ${where} names no boundary: 'multipart/mixed; boundary=...'.`, {
      target: "Content-Type",
    });
  }
  // Of two, nobody knows which one the document is cut by.
  if ((contentType.match(/;[ \t]*boundary[ \t]*=/gi) ?? []).length > 1)
    throw badRequest(`The Content-Type of ${where} names more than one boundary.`, { target: "Content-Type" });
  if (BOUNDARY.test(boundary)) return boundary;
  throw badRequest(
    `The boundary of ${where} is none by RFC 2046: it has 1 to 70 letters, digits and some other characters.`,
    { target: "Content-Type" },
  );
}

/**
 * Takes a multipart document apart, in one pass. Lines may end with CRLF, as RFC 2046 has them, or with LF alone, as they do
 * in documents that were written by hand. What stands in front of the first delimiter and behind the last is passed over.
 *
 * @param where what the document is, for messages
 * @param most how many parts it may have
 * @throws {ODataError} 400 for a document that does not begin or end as its boundary says, or has too many parts
 */
export function splitMultipart(document: Buffer, boundary: string, where: string, most: number): BodyPart[] {
  const delimiter = Buffer.from(`--${boundary}`, "latin1");
  const parts: BodyPart[] = [];
  let start: number | undefined;
  for (let from = 0; ;) {
    const at = document.indexOf(delimiter, from);
    if (at < 0) {
      throw badRequest(
        start === undefined
          ? `No line of ${where} is the delimiter that its boundary makes, '--${boundary}'.`
          : `The part ${parts.length + 1} of ${where} does not end: the delimiter '--${boundary}--' is missing.`,
      );
    }
    const line = delimiterLine(document, at, at + delimiter.length);
    if (line === undefined) {
      const next = document.indexOf(LF, at);
      from = next < 0 ? document.length : next + 1;
      continue;
    }
    if (start !== undefined) {
      if (parts.length === most) throw badRequest(`${capital(where)} has more than ${most} parts.`);
      const content = document.subarray(start, Math.max(start, contentEnd(document, at)));
      const { headers, end } = readHeaders(content, 0, `the part ${parts.length + 1} of ${where}`);
      parts.push({ headers, body: content.subarray(end) });
    }
    if (line.closing) return parts;
    start = from = line.end;
  }
}

/** The line that begins with what looks like a delimiter, where it is one. */
function delimiterLine(
  document: Buffer,
  at: number,
  behind: number,
): { readonly closing: boolean; readonly end: number } | undefined {
  if (at > 0 && document[at - 1] !== LF) return undefined;
  const closing = document[behind] === DASH && document[behind + 1] === DASH;
  let end = closing ? behind + 2 : behind;
  while (document[end] === SPACE || document[end] === TAB) end++;
  if (document[end] === CR) end++;
  if (document[end] === LF) return { closing, end: end + 1 };
  return closing && end >= document.length ? { closing, end } : undefined;
}

/** The line break in front of a delimiter belongs to it. */
function contentEnd(document: Buffer, delimiter: number): number {
  const end = delimiter - 1;
  return document[end - 1] === CR ? end - 1 : end;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
