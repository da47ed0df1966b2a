import { mediaRangeCovers, mediaType } from "./media.js";

/** A longer one is none that anybody registered; columns and headers hold these. */
const LONGEST = 255;

const TOKEN = "[!#$%&'+.^_`|~0-9A-Za-z-]+";
const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t \\x21-\\x7e])*"';
/** RFC 9110, section 8.3.1. */
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|${QUOTED}))*$`);

/**
 * Whether a text is a media type with its parameters, as `Content-Type` has it. It is ASCII without control characters, so it
 * can stand in a header of an answer.
 *
 * @example isMediaType("text/plain; charset=utf-8") // true
 * @example isMediaType("image/*") // false: a range
 */
export function isMediaType(text: string): boolean {
  return text.length <= LONGEST && MEDIA_TYPE.test(text);
}

/** A media type without its parameters, in lower case. */
export function essenceOf(contentType: string): string {
  return mediaType(contentType).type;
}

/** Whether a range such as `image/*` covers a media type. */
export function isCovered(contentType: string, range: string): boolean {
  return mediaRangeCovers(essenceOf(range), essenceOf(contentType));
}
