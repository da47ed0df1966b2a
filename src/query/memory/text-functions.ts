/** The canonical functions on text; all of them count code points (URL Conventions 4.01, section 5.1.1.5). */

/** How many code points a text has. */
export function lengthOf(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += unitsAt(text, at)) count++;
  return count;
}

/** The position of the first occurrence, in code points; -1 where there is none. */
export function positionOf(text: string, part: string): number {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    // An occurrence that would begin in the middle of a code point is none.
    if (!inPair(text, at) && !inPair(text, at + part.length)) return lengthOf(text.slice(0, at));
  }
  return -1;
}

export function contains(text: string, part: string): boolean {
  return positionOf(text, part) >= 0;
}

export function startsWith(text: string, part: string): boolean {
  return text.startsWith(part) && !inPair(text, part.length);
}

export function endsWith(text: string, part: string): boolean {
  return text.endsWith(part) && !inPair(text, text.length - part.length);
}

/** Clamped to what is there: a negative start counts from the end, a negative length gives the empty text. */
export function substring(text: string, start: bigint, length: bigint | undefined): string {
  const from = unitOf(text, 0, start < 0n ? BigInt(lengthOf(text)) + start : start);
  return text.slice(from, length === undefined ? undefined : unitOf(text, from, length));
}

/** The same of a collection's items. */
export function slice<T>(items: readonly T[], start: bigint, length: bigint | undefined): readonly T[] {
  const from = clamp(start < 0n ? BigInt(items.length) + start : start, items.length);
  return items.slice(from, length === undefined ? undefined : from + clamp(length, items.length));
}

function clamp(count: bigint, most: number): number {
  return count < 0n ? 0 : count > BigInt(most) ? most : Number(count);
}

/** Where the code point begins that is `count` code points behind the one at `from`. */
function unitOf(text: string, from: number, count: bigint): number {
  let at = from;
  for (let left = clamp(count, text.length); left > 0 && at < text.length; left--) at += unitsAt(text, at);
  return at;
}

function unitsAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Whether a place is between the two halves of a surrogate pair. */
function inPair(text: string, at: number): boolean {
  return at > 0 && at < text.length && unitsAt(text, at - 1) === 2;
}

const WHITE_SPACE = /^\p{White_Space}$/u;

/** Unicode's white space; `String.prototype.trim` leaves U+0085 and takes U+FEFF. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.test(text[start]!)) start++;
  while (end > start && WHITE_SPACE.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}
