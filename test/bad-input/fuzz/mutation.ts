import type { Random } from "./random.js";

/** Pieces of the grammar and what is hostile to it, to be put where they do not belong. */
const splinters: readonly string[] = [
  "'",
  '"',
  "(",
  ")",
  "/",
  "//",
  "$",
  "@",
  ",",
  ";",
  ":",
  "=",
  "==",
  "&",
  "?",
  "#",
  "+",
  "-",
  "--",
  ".",
  "..",
  "*",
  "\\",
  "{",
  "}",
  "[",
  "]",
  "()",
  "('",
  "')",
  "''",
  "%",
  "%00",
  "%27",
  "%2F",
  "%F0%9F%98%80",
  "%ff",
  "%C0%AF",
  "%ED%A0%80",
  "%25",
  "%2527",
  "\ud83d",
  "😀",
  "\u0000",
  "\n",
  "\t",
  "\u202e",
  "a".repeat(300),
  "((((((((((",
  "))))",
  "null",
  "true",
  "NaN",
  "INF",
  "-INF",
  "1e400",
  "9223372036854775808",
  "-0",
  "0x1",
  "2147483648",
  "1.",
  ".5",
  "-",
  "$it",
  "$root",
  "$root/",
  "$this",
  "$these",
  "$count",
  "$ref",
  "$value",
  "$each",
  "$filter=",
  "$levels=max",
  "$all",
  "any(",
  "all(x:x)",
  "any(a:a)",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "microsoft.graph.",
  "Edm.String",
  "Collection(Edm.String)",
  "cast(",
  "isof(",
  "case(true:1)",
  "duration'P1D'",
  "binary''",
  "@a",
  "@a.b",
  "geography'SRID=4326;Point(1 1)'",
  "2024-02-30",
  "2024-01-01T00:00:00Z",
  "12:00",
  "x'41'",
  "' or 1=1 --",
  "/*",
  "\u00a0",
  " eq ",
  " ne ",
  " in ",
  " has ",
  " and ",
  " not ",
  " add ",
  " divby ",
  " desc",
  " as x",
  " with sum as x",
  "concat(",
  "groupby((",
  "aggregate($count as n)",
  "rollup($all,",
  "/filter(",
  "identity/",
  "$skiptoken=x",
  "$apply=",
  "$compute=",
];

/** Changes a text at one place or at a few. */
export function mutate(text: string, random: Random): string {
  let result = text;
  for (let count = random.chance(0.6) ? 1 : 1 + random.below(4); count > 0; count--) {
    const at = random.below(result.length + 1);
    const length = random.below(6);
    switch (random.below(8)) {
      case 0:
        result = result.slice(0, at) + random.pick(splinters) + result.slice(at);
        break;
      case 1:
        result = result.slice(0, at) + result.slice(at + length);
        break;
      case 2:
        result = result.slice(0, at) + random.pick(splinters) + result.slice(at + length);
        break;
      case 3:
        result =
          result.slice(0, at) +
          result.slice(at, at + length * 4).repeat(1 + random.below(3)) +
          result.slice(at + length * 4);
        break;
      case 4:
        result = result.slice(0, at) + String.fromCharCode(32 + random.below(95)) + result.slice(at + 1);
        break;
      case 5:
        result = result.slice(0, at);
        break;
      case 6:
        result = literals(result, random);
        break;
      default: {
        // A word for another one of the same text.
        const words = result.match(/[A-Za-z@$._]+/g) ?? ["x"];
        result = result.replace(random.pick(words), () => random.pick(random.chance(0.5) ? words : splinters));
      }
    }
  }
  return result;
}

/** The same request with other literals of the same forms: what a service may have kept of it does for this one too. */
export function literals(text: string, random: Random): string {
  return text
    .replace(/'[^']*'/g, (literal) =>
      random.chance(0.7) ? `'${random.pick(["", "a", "it''s", "%25", "%C3%A9", "x%20y"])}'` : literal,
    )
    .replace(/([ (,=])\d{1,4}(?=[ ),;&]|$)/g, (literal, before: string) =>
      random.chance(0.7) ? before + String(random.below(3) * random.below(1_000)) : literal,
    );
}

/** A path and query as HTTP can carry them: what no client can send is percent-encoded, the rest goes as it is. */
export function sendable(path: string): string {
  return (path.startsWith("/") ? path : `/${path}`).replace(/[^\x21-\x7e]/gu, (character) =>
    /[\ud800-\udfff]/.test(character) && character.length === 1 ? "%ED%A0%80" : encodeURIComponent(character),
  );
}
