import { ODataError, badRequest } from "../errors/index.js";
import type { Expression, PathSegment, ResourcePath, SegmentArguments } from "./ast.js";
import { clip, hasControlCharacter } from "./characters.js";
import type { Budget } from "./limits.js";
import { OptionsParser } from "./options-parser.js";
import { percentDecode, rejectFragment } from "./percent.js";

/** Segments that end a path: `count`, `ref`, `value`, `$batch`, `$metadata`. Only `/$query` may follow some of them. */
const LAST = new Set(["$count", "$ref", "$value", "$query", "$batch", "$metadata"]);

/** `resourcePath`: split at slashes, decoded, and each segment read as far as it can be without a model. */
export function readPath(raw: string, budget: Budget): ResourcePath {
  rejectFragment(raw, "path");
  const segments: PathSegment[] = [];
  for (const part of splitPath(raw)) {
    const text = percentDecode(part, "the path segment");
    if (hasControlCharacter(text)) {
      throw badRequest(`The path segment '${clip(text)}' has a control character, which no name or key can hold.`);
    }
    const previous = segments.at(-1)?.text;
    if (previous !== undefined && LAST.has(previous) && !(text === "$query" && previous !== "$query")) {
      throw badRequest(`Nothing can follow ${previous} in a resource path, but '${clip(text)}' does.`);
    }
    segments.push(new SegmentParser(text, budget).segment(segments.length));
  }
  return { kind: "ResourcePath", segments };
}

/**
 * The non-empty segments of a path, still encoded (URL Conventions 4.01, section 2: split first, then decode).
 *
 * A slash in a quoted key has to be written `%2F`; one that is not is taken for part of the key where it stands between
 * quotes in parentheses, as is any slash in the parentheses of `$filter(...)`, whose condition may hold paths.
 */
function splitPath(raw: string): string[] {
  const segments: string[] = [];
  let start = 0;
  let depth = 0;
  let quotesClose = true;
  for (let at = 0; at <= raw.length; at++) {
    const character = raw.charAt(at);
    if (character === "(") depth++;
    else if (character === ")") depth = Math.max(0, depth - 1);
    else if (character === "'" && depth > 0 && quotesClose) {
      const end = closingQuote(raw, at);
      // Without another quote, the one at hand is a character like others, and so are all after it.
      if (end < 0) quotesClose = false;
      else at = end;
    } else if (at === raw.length || (character === "/" && !(depth > 0 && raw.startsWith("$filter(", start)))) {
      if (at > start) segments.push(raw.slice(start, at));
      start = at + 1;
      depth = 0;
    }
  }
  return segments;
}

function closingQuote(raw: string, open: number): number {
  let at = open + 1;
  for (;;) {
    const quote = raw.indexOf("'", at);
    if (quote < 0 || raw[quote + 1] !== "'") return quote;
    at = quote + 2;
  }
}

/** Reads one segment; what is no name with arguments is no error, as it may be a key. */
class SegmentParser extends OptionsParser {
  constructor(text: string, budget: Budget) {
    super(text, { label: `the path segment '${clip(text)}'` }, budget);
  }

  segment(index: number): PathSegment {
    const place = this.place(0);
    const segment: PathSegment = {
      kind: "PathSegment",
      text: this.text,
      index,
      name: undefined,
      arguments: undefined,
      place: { ...place, end: this.text.length },
    };
    const name = this.#name();
    if (name === "") return segment;
    if (this.done) return { ...segment, name };
    if (!this.at("(") || !this.text.endsWith(")")) return segment;
    try {
      const found = name === "$crossjoin" ? this.#crossjoin() : this.segmentArguments();
      const key = this.at("(") ? this.segmentArguments() : undefined;
      this.expectEnd("the end of the segment");
      const complete = { ...segment, name, arguments: found };
      return key === undefined ? complete : { ...complete, key };
    } catch (error) {
      if (error instanceof ODataError) return { ...segment, argumentsError: error };
      throw error;
    }
  }

  /** A name, which cannot be longer than an identifier; longer text is a key. */
  #name(): string {
    const dollar = this.skip("$") ? "$" : "";
    try {
      const name = dollar === "" ? this.qualifiedName() : this.identifier();
      return name === "" ? "" : dollar + name;
    } catch (error) {
      if (error instanceof ODataError) return "";
      throw error;
    }
  }

  /** `crossjoin = "$crossjoin" OPEN entitySetName *( COMMA entitySetName ) CLOSE`; the names become a list of paths. */
  #crossjoin(): SegmentArguments {
    const start = this.position;
    const items = this.parenthesised(() => {
      const names: Expression[] = [];
      do names.push(this.#entitySetName());
      while (this.comma());
      return names;
    });
    const value: Expression = { kind: "List", items, place: this.place(start) };
    return { kind: "SegmentArguments", value, named: [], place: this.place(start) };
  }

  #entitySetName(): Expression {
    const start = this.position;
    const name = this.expectIdentifier("the name of an entity set");
    const segment = { kind: "NameSegment", name, arguments: undefined, place: this.place(start) } as const;
    return { kind: "Member", root: undefined, segments: [segment], place: this.place(start) };
  }
}
