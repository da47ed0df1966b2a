import { percentDecode } from "../syntax/index.js";
import type { LiteralForm } from "../syntax/index.js";

/** A literal of a query, found without parsing it. */
export interface ScannedLiteral {
  /** The option in whose value it stands, as the syntax tree calls it: `filter`, `@p`. */
  readonly option: string;
  /** Where it stands in the option's decoded value, as places in the syntax tree count. */
  readonly start: number;
  readonly end: number;
  readonly form: LiteralForm;
  /** As it is written: a text with its quotes. */
  readonly text: string;
}

/** What queries that differ only in their literals have in common, and the literals. */
export interface Shape {
  /** The query with a mark for the kind of each literal in its place. No query's text has such marks. */
  readonly text: string;
  readonly literals: readonly ScannedLiteral[];
  /** `$top` and `$skip`, whose values have no part in the shape. */
  readonly top: number | undefined;
  readonly skip: number | undefined;
  /** `$skiptoken`, as it is written. */
  readonly skiptoken: string | undefined;
}

/** Longer queries are seldom sent twice. */
const MAX_QUERY = 4_000;

/** What is done with the value of an option; the value of any other is part of the shape as it is written. */
type Treatment = "expression" | "number" | "token";

const TREATMENTS: readonly (readonly [name: string, treatment: Treatment])[] = [
  ["filter", "expression"],
  ["orderby", "expression"],
  ["compute", "expression"],
  ["apply", "expression"],
  ["select", "expression"],
  ["expand", "expression"],
  ["top", "number"],
  ["skip", "number"],
  ["skiptoken", "token"],
];

/** The options by their names as clients write them; a name in other letters is as good, but nothing is lifted out of it. */
const OPTIONS: ReadonlyMap<string, { readonly name: string; readonly treatment: Treatment }> = new Map(
  TREATMENTS.flatMap(([name, treatment]) => [`$${name}`, `%24${name}`, name].map((key) => [key, { name, treatment }])),
);

/**
 * Cuts a query into its shape and its literals. It is no parser: what it takes for a literal may be none, and whoever
 * uses the shape has to ask the syntax tree. But of two queries with the same shape, either is the other with literals
 * put in the place of literals of the same form, so what is true of a place in one is true of it in the other.
 *
 * @param query the text behind the question mark, percent-encoded
 * @returns `undefined` for a query that is too long or malformed: the parser tells what is wrong with it
 * @example
 * scanQuery("$filter=name%20eq%20'a'&$top=5") // text: "...name eq <string>...", one literal, top: 5
 */
export function scanQuery(query: string): Shape | undefined {
  if (query.length > MAX_QUERY || query.includes("\0")) return undefined;
  const scanner = new Scanner();
  for (let start = 0; start <= query.length;) {
    const ampersand = query.indexOf("&", start);
    const end = ampersand < 0 ? query.length : ampersand;
    if (end > start && !scanner.option(query, start, end)) return undefined;
    start = end + 1;
  }
  return scanner;
}

/** In front of each mark, since no query has the character NUL; behind it a letter for what the mark stands for. */
const MARK = "\0";

class Scanner implements Shape {
  text = "";
  readonly literals: ScannedLiteral[] = [];
  top: number | undefined;
  skip: number | undefined;
  skiptoken: string | undefined;

  /** @returns false where the option cannot be read */
  option(query: string, start: number, end: number): boolean {
    const equals = query.indexOf("=", start);
    const written = equals < 0 || equals >= end ? query.slice(start, end) : query.slice(start, equals);
    const option = OPTIONS.get(written);
    const alias = option === undefined && (written.startsWith("@") || written.startsWith("%40"));
    if ((option === undefined && !alias) || equals < 0 || equals >= end) {
      if (option === undefined && isValued(written)) return false;
      this.text += `${MARK}&${query.slice(start, end)}`;
      return true;
    }
    const raw = query.slice(equals + 1, end);
    const name = option === undefined ? `@${written.slice(written.startsWith("@") ? 1 : 3)}` : option.name;
    this.text += `${MARK}&${name}=`;
    switch (option?.treatment) {
      case "number":
        return this.#number(name as "top" | "skip", raw);
      case "token":
        if (raw.includes("%")) return false;
        this.skiptoken = raw;
        this.text += `${MARK}k`;
        return true;
      default:
        return this.#expression(name, raw);
    }
  }

  #number(name: "top" | "skip", raw: string): boolean {
    if (!/^\d{1,9}$/.test(raw)) return false;
    this[name] = Number(raw);
    this.text += `${MARK}i`;
    return true;
  }

  #expression(option: string, raw: string): boolean {
    let value: string;
    try {
      value = percentDecode(raw.includes("+") ? raw.replaceAll("+", " ") : raw, "");
    } catch {
      return false;
    }
    let shape = "";
    let from = 0;
    let before = 0x20;
    for (let at = 0; at < value.length;) {
      const unit = value.charCodeAt(at);
      let end = at + 1;
      if (unit === QUOTE) {
        end = stringEnd(value, at);
        if (end < 0) return false;
        // In front of the quote of any other literal stands a prefix, such as `duration`.
        if (isDelimiter(before)) {
          shape += `${value.slice(from, at)}${MARK}s`;
          from = end;
          this.literals.push({ option, start: at, end, form: "string", text: value.slice(at, end) });
        }
      } else if (unit === DOUBLE_QUOTE) {
        end = jsonStringEnd(value, at);
      } else if (isDelimiter(before) && mayBegin(unit)) {
        end = tokenEnd(value, at);
        const token = value.slice(at, end);
        const kind = kindOf(token);
        if (kind !== undefined) {
          shape += `${value.slice(from, at)}${MARK}${kind.mark}`;
          from = end;
          this.literals.push({ option, start: at, end, form: kind.form, text: token });
        }
      }
      at = end;
      before = value.charCodeAt(at - 1);
    }
    this.text += shape + value.slice(from);
    return true;
  }
}

/** Whether a name, in whatever letters, is that of an option whose value has no part in the shape but where it is read. */
function isValued(written: string): boolean {
  let name: string;
  try {
    name = percentDecode(written, "").toLowerCase();
  } catch {
    return true;
  }
  const treatment = OPTIONS.get(name)?.treatment;
  return treatment === "number" || treatment === "token";
}

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;

/** What may stand in front of a literal: white space and `(,=[:;`. */
function isDelimiter(unit: number): boolean {
  switch (unit) {
    case 0x20:
    case 0x09:
    case 0x28:
    case 0x2c:
    case 0x3d:
    case 0x5b:
    case 0x3a:
    case 0x3b:
      return true;
    default:
      return false;
  }
}

/** A digit, a minus sign, or a letter that a GUID may begin with. */
function mayBegin(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) || unit === 0x2d || (unit >= 0x61 && unit <= 0x66) || (unit >= 0x41 && unit <= 0x46)
  );
}

/** Where a text in quotes ends, behind the quote; negative where it does not. */
function stringEnd(text: string, start: number): number {
  for (let from = start + 1; ;) {
    const quote = text.indexOf("'", from);
    if (quote < 0) return -1;
    if (text.charCodeAt(quote + 1) !== QUOTE) return quote + 1;
    from = quote + 2;
  }
}

/** Where a JSON string ends; a single quote in it is no quote. */
function jsonStringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x5c) at++;
    else if (unit === DOUBLE_QUOTE) return at + 1;
  }
  return text.length;
}

/** Where a run of letters, digits and `+-.:_` ends. */
function tokenEnd(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const inside =
      (unit >= 0x30 && unit <= 0x3a) ||
      (unit >= 0x61 && unit <= 0x7a) ||
      (unit >= 0x41 && unit <= 0x5a) ||
      unit === 0x2d ||
      unit === 0x2e ||
      unit === 0x2b ||
      unit === 0x5f ||
      unit > 0x7f;
    if (!inside) break;
  }
  return at;
}

interface TokenKind {
  readonly mark: string;
  readonly form: LiteralForm;
  readonly pattern: RegExp;
}

/**
 * The kinds of literals without quotes. Texts of one kind are read alike wherever they stand; that is why a negative number
 * is another kind (a minus sign may be an operator), and so are times with and without seconds (in `case`, a colon ends
 * the condition).
 */
const KINDS: readonly TokenKind[] = [
  { mark: "i", form: "integer", pattern: /^\d{1,9}$/ },
  { mark: "n", form: "integer", pattern: /^-\d{1,9}$/ },
  { mark: "d", form: "decimal", pattern: /^\d{1,15}\.\d{1,15}$/ },
  { mark: "m", form: "decimal", pattern: /^-\d{1,15}\.\d{1,15}$/ },
  { mark: "g", form: "guid", pattern: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i },
  {
    mark: "t",
    form: "dateTimeOffset",
    pattern:
      /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,12})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/,
  },
  { mark: "y", form: "date", pattern: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/ },
  { mark: "h", form: "timeOfDay", pattern: /^(?:[01]\d|2[0-3]):[0-5]\d$/ },
  { mark: "H", form: "timeOfDay", pattern: /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/ },
  { mark: "f", form: "timeOfDay", pattern: /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{1,12}$/ },
];

/** The longest is an instant with twelve digits behind its seconds. */
const LONGEST = 40;

function kindOf(token: string): TokenKind | undefined {
  if (token.length > LONGEST) return undefined;
  const first = token.charCodeAt(0);
  // Of all kinds only a GUID begins with a letter; a word is hardly ever as long as one.
  if (first > 0x39 && token.length !== 36) return undefined;
  return KINDS.find(({ pattern }) => pattern.test(token));
}

/** A literal's value as the syntax tree has it: a text without its quotes. */
export function literalValue({ form, text }: ScannedLiteral): string {
  if (form !== "string") return text;
  const inner = text.slice(1, -1);
  return inner.includes("'") ? inner.replaceAll("''", "'") : inner;
}
