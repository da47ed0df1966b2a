import type { RE2JS } from "re2js";
import { compilePattern } from "../../../../binding/pattern.js";
import type { SqliteFunction, SqliteValue } from "./function.js";
import { strict } from "./function.js";

/** Compiled patterns that are kept; each statement with a pattern uses one. */
const PATTERNS = 100;

const patterns = new Map<string, RE2JS>();

function compiled(pattern: string): RE2JS {
  let known = patterns.get(pattern);
  if (known === undefined) {
    known = compilePattern(pattern);
    if (patterns.size >= PATTERNS) patterns.delete(patterns.keys().next().value!);
    patterns.set(pattern, known);
  }
  return known;
}

/** Where the code point begins that is `count` code points behind the one at `from`. */
function advanced(text: string, from: number, count: SqliteValue): number {
  let at = from;
  for (let left = clamped(count, text.length); left > 0 && at < text.length; left--) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  }
  return at;
}

/** Where something starts among so many: a negative place counts from the end. */
export function placeAmong(place: SqliteValue, length: number): number {
  const start = Number(place);
  return clamped(start < 0 ? length + Math.trunc(start) : start, length);
}

/** A count that is not negative, and not more than needed. */
export function clamped(count: SqliteValue, most: number): number {
  return Math.max(0, Math.min(most, Math.trunc(Number(count))));
}

/** What SQLite's own text functions do not do, or not with U+0000 and letters outside ASCII. */
export const textFunctions: readonly SqliteFunction[] = [
  strict("odatum_tolower", 1, (text) => String(text).toLowerCase()),
  strict("odatum_toupper", 1, (text) => String(text).toUpperCase()),
  strict("odatum_substring", "any", (value, start, length) => {
    const text = String(value);
    const from = advanced(text, 0, Number(start) < 0 ? placeAmong(start, [...text].length) : start);
    return text.slice(from, length === undefined ? undefined : advanced(text, from, length));
  }),
  strict("odatum_matches", 2, (text, pattern) => {
    try {
      return compiled(String(pattern)).matcher(String(text)).find() ? 1n : 0n;
    } catch {
      return null;
    }
  }),
];
