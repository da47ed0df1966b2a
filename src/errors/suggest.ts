/** Names further from what was written than this share of its length are no help. */
const TOLERANCE = 0.4;

/**
 * The known names nearest to a misspelt one, best first, at most three; for "Did you mean ...?" in messages.
 *
 * @param written what the client wrote
 * @param known the names that would have been right
 * @example nearest("displyName", ["displayName", "description"]) // ["displayName"]
 */
export function nearest(written: string, known: Iterable<string>): string[] {
  // A hostile name would make the distance costly, and nothing is near to it anyway.
  if (written.length > 200) return [];
  const lower = written.toLowerCase();
  const limit = Math.max(1, Math.floor(written.length * TOLERANCE));
  const scored: { name: string; score: number }[] = [];
  for (const name of new Set(known)) {
    if (Math.abs(name.length - written.length) > limit) continue;
    const score = name.toLowerCase() === lower ? 0 : distance(lower, name.toLowerCase());
    if (score <= limit) scored.push({ name, score });
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, 3).map((entry) => entry.name);
}

/** ` Did you mean 'a' or 'b'?`, with a leading space, or the empty text where nothing is near. */
export function didYouMean(written: string, known: Iterable<string>): string {
  const names = nearest(written, known).map((name) => `'${name}'`);
  if (names.length === 0) return "";
  const last = names.pop() as string;
  return ` Did you mean ${names.length === 0 ? last : `${names.join(", ")} or ${last}`}?`;
}

/** Levenshtein distance with transpositions of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}
