import { badRequest } from "../errors/index.js";
import { clip } from "./characters.js";

const LONE_SURROGATE = /[\ud800-\udfff]/u;

/**
 * Percent-decoding of one part of a URL (RFC 3986, section 2.1) as UTF-8. What is no such text is the client's error:
 * a `%` without two hexadecimal digits, bytes that are no UTF-8, and the character NUL, which no value can hold.
 *
 * @param raw the part as it stands in the URL
 * @param what how an error message calls the part
 * @param target of an error: the query option that is wrong
 * @example percentDecode("a%2Fb", "the path segment") // "a/b"
 */
export function percentDecode(raw: string, what: string, target?: string): string {
  const at = target === undefined ? {} : { target };
  let text = raw;
  if (raw.includes("%")) {
    try {
      text = decodeURIComponent(raw);
    } catch (cause) {
      throw badRequest(
        `Malformed percent-encoding in ${what} '${clip(raw)}': '%' needs two hexadecimal digits, ` +
          `and the bytes together must be UTF-8. A percent sign itself is written %25.`,
        { cause, ...at },
      );
    }
  }
  if (text.includes("\0")) throw badRequest(`The character NUL (%00) is not allowed in ${what} '${clip(raw)}'.`, at);
  if (LONE_SURROGATE.test(text))
    throw badRequest(`${sentence(what)} '${clip(raw)}' is no well-formed Unicode text.`, at);
  return text;
}

/** A client keeps the fragment of a URL to itself, so a `#` that arrives was meant to be data (RFC 3986, section 3.5). */
export function rejectFragment(raw: string, part: "path" | "query"): void {
  const hash = raw.indexOf("#");
  if (hash < 0) return;
  throw badRequest(
    `A request URL has no fragment: the '#' at character ${hash + 1} of its ${part} has to be written %23.`,
  );
}

function sentence(what: string): string {
  return what.charAt(0).toUpperCase() + what.slice(1);
}

/** Characters that `encodeURIComponent` encodes although a query value may hold them as they are. */
const PLAIN_IN_QUERY = /%(?:24|2C|2F|3A|3B|3D|3F|40)/g;

/** The inverse of {@link percentDecode} for a value in the query part; what need not be encoded stays readable. */
export function encodeQuery(text: string): string {
  return encodeURIComponent(text).replace(PLAIN_IN_QUERY, decodeURIComponent);
}

/** Characters that `encodeURIComponent` encodes although a path segment may hold them as they are. */
const PLAIN_IN_PATH = /%(?:24|2C|3A|3B|3D|40)/g;

/** The inverse of {@link percentDecode} for one path segment. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(PLAIN_IN_PATH, decodeURIComponent);
}
