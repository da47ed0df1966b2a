import { ODataError, badRequest } from "../errors/index.js";
import type { Expression, PathSegment, ResourcePath, SegmentArguments } from "./ast.js";
import { clip, hasControlCharacter } from "./characters.js";
import type { Budget } from "./limits.js";
import { OptionsParser } from "./options-parser.js";
import { percentDecode, rejectFragment } from "./percent.js";

/** Segments that end a path: `count`, `ref`, `value`, `$batch`, `$metadata`. */
const LAST = new Set(["$count", "$ref", "$value", "$query", "$batch", "$metadata"]);
/** Behind these, `/$query` may stand nevertheless: what would be read is asked for with a POST. */
const QUERIED = new Set(["$count", "$ref", "$value"]);

/** `resourcePath`: split at slashes, decoded, and each segment read as far as it can be without a model. */
export function readPath(raw: string, budget: Budget): ResourcePath {
  rejectFragment(raw, "path");
  const segments: PathSegment[] = [];
  for (const { start, part } of splitPath(raw)) {
    const text = percentDecode(part, "the path segment");
    if (hasControlCharacter(text)) {
      throw badRequest(`The path segment '${clip(text)}' has a control character, which no name or key can hold.`);
    }
    const previous = segments.at(-1)?.text;
    if (previous !== undefined && LAST.has(previous) && !(text === "$query" && QUERIED.has(previous))) {
      throw badRequest(
        `Syntax error in the path at character ${start}: nothing can follow ${previous}, but '${clip(text)}' does.`,
      );
    }
    segments.push(new SegmentParser(text, budget).segment(segments.length));
  }
  return { kind: "ResourcePath", segments };
}

/**
 * The non-empty segments of a path, still encoded (URL Conventions 4.01, section 2: split first, then decode). A slash in a
 * key has to be written `%2F`; only the condition of `$filter(...)` may hold paths and strings with slashes as they are.
 */
function* splitPath(raw: string): Generator<{ readonly start: number; readonly part: string }> {
  for (let start = 0; start < raw.length;) {
    const slash = raw.startsWith("$filter(", start) ? conditionEnd(raw, start) : raw.indexOf("/", start);
    const end = slash < 0 ? raw.length : slash;
    if (end > start) yield { start, part: raw.slice(start, end) };
    start = end + 1;
  }
}

/** The slash after a condition that begins at a place, or -1 where the condition goes to the end. */
function conditionEnd(raw: string, start: number): number {
  let depth = 0;
  let quotesClose = true;
  for (let at = start; at < raw.length; at++) {
    const unit = raw.charCodeAt(at);
    if (unit === 0x28) depth++;
    else if (unit === 0x29) depth--;
    else if (unit === 0x2f && depth <= 0) return at;
    else if (unit === 0x27 && depth > 0 && quotesClose) {
      const end = closingQuote(raw, at);
      // Without another quote, the one at hand is a character like others, and so are all after it.
      if (end < 0) quotesClose = false;
      else at = end;
    }
  }
  return -1;
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
  protected override readonly unclosedHint = "; a slash in a key is written %2F";
  #inCondition = false;

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
    if (!this.at("(")) return segment;
    try {
      const found = this.#arguments(name);
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

  #arguments(name: string): SegmentArguments {
    if (name === "$crossjoin") return this.#crossjoin();
    this.#inCondition = name === "$filter";
    return this.#inCondition ? this.conditionArguments() : this.segmentArguments();
  }

  /** `functionParameter = parameterName EQ ( parameterAlias / primitiveLiteral )`, and so for keys: no expression. */
  protected override namedArgumentValue(): Expression {
    if (this.#inCondition) return super.namedArgumentValue();
    const value = this.literalOrAlias();
    if (value === undefined) throw this.fail("a literal or a parameter alias");
    return value;
  }

  protected override noKey(name: string, start: number, several: boolean): Error {
    if (this.#inCondition) return super.noKey(name, start, several);
    return this.fail(
      several
        ? "')', as several parts are given by name"
        : "a key, which is a literal or a parameter alias, or parameters by name",
    );
  }

  /** `crossjoin = "$crossjoin" OPEN entitySetName *( COMMA entitySetName ) CLOSE`; the names become a list of paths. */
  #crossjoin(): SegmentArguments {
    const start = this.position;
    const items = this.parenthesised(() => this.items(() => this.#entitySetName()), "',' or ')'");
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
