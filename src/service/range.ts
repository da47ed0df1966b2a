/** Bytes of a content: from `start` up to `end`, without that. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** `first-last`, `first-` or `-suffix`; more digits than a content can have bytes are cut off by the comparison with its size. */
const RANGE = /^bytes=[ \t]*(?:(\d{1,15})[ \t]*-[ \t]*(\d{0,15})|-[ \t]*(\d{1,15}))[ \t]*$/i;

/**
 * What of a content the header `Range` asks for: RFC 9110, section 14.2.
 *
 * @returns `undefined` where all of it is to be answered: the header asks for several ranges, for another unit, or is
 *   malformed, any of which may be passed over; `unsatisfiable` where there are no such bytes (416)
 * @example readRange("bytes=-3", 10) // { start: 7, end: 10 }
 */
export function readRange(header: string, size: number): ByteRange | "unsatisfiable" | undefined {
  const found = RANGE.exec(header);
  if (found === null) return undefined;
  const [, first, last, suffix] = found;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Number(last) + 1;
  // A range that ends before it begins is none.
  if (end <= start && last !== "") return undefined;
  return start >= size ? "unsatisfiable" : { start, end: Math.min(end, size) };
}
