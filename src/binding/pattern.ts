import { RE2JS, RE2JSException } from "re2js";

/** Patterns are written by clients: what a long one costs is bounded, for each text that it is matched with. */
const MAX_LENGTH = 1_000;
/** Steps of the compiled pattern; `.{100}` has a hundred. Matching takes at most this many for each character. */
const MAX_STEPS = 1_100;

/** Why a pattern is refused; the message goes on after "the pattern ". */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/**
 * Compiles the pattern of `matchesPattern` (URL Conventions 4.01, section 5.1.1.7.1). It is matched in time linear in the
 * text, so it can have neither look-around nor back references.
 *
 * @throws {PatternError} where the pattern is too long, too large or of another syntax
 * @example compilePattern("^A.*e$").matcher("Apple").find() // true
 */
export function compilePattern(pattern: string): RE2JS {
  if (pattern.length > MAX_LENGTH) throw new PatternError(`is longer than ${MAX_LENGTH} characters`);
  let compiled: RE2JS;
  try {
    // The pattern is ECMAScript's, which writes some characters in other ways: \\u00e9, \\cJ.
    compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new PatternError(`cannot be used: ${error.message.replace(/^error parsing regexp: /, "")}`);
  }
  if (compiled.programSize() > MAX_STEPS)
    throw new PatternError("repeats too much: it is too large when it is spelt out");
  return compiled;
}

/** How many steps a pattern that {@link compilePattern} takes has when it is spelt out. */
export function patternSteps(pattern: string): number {
  return compilePattern(pattern).programSize();
}
