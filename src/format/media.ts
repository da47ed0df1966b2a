import { badRequest, ODataError } from "../errors/index.js";

/** How much control information a JSON payload carries: JSON Format 4.01, section 3.1. */
export type MetadataLevel = "none" | "minimal" | "full";

/** What a JSON answer looks like. */
export interface JsonFormat {
  readonly level: MetadataLevel;
  /** Int64 and Decimal as texts: JSON Format 4.01, section 3.2. */
  readonly ieee754: boolean;
  /** The client reads the payload as a stream, so the order of members has to be right: JSON Format 4.01, section 4.4. */
  readonly streaming: boolean;
}

/** A media range of an `Accept` header, with its parameters. */
interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

const MAX_HEADER = 2_000;

/**
 * The JSON format that a request asks for by `$format` or `Accept`.
 *
 * @param accept the header; absent means anything
 * @param format `$format`, which goes before the header (Protocol 4.01, section 11.2.12)
 * @throws {ODataError} 406 where no JSON is asked for, 400 for a parameter that is none
 */
export function negotiateJson(accept: string | undefined, format: string | undefined): JsonFormat {
  const range = choose(accept, format, ["application/json"]);
  return jsonFormat(range.parameters, format === undefined ? "Accept" : "$format");
}

/** The format of `$metadata`: XML where nothing else is asked for (Protocol 4.01, section 11.1.2). */
export function negotiateMetadata(accept: string | undefined, format: string | undefined): "xml" | "json" {
  return choose(accept, format, ["application/xml", "application/json"]).type === "application/json" ? "json" : "xml";
}

/** Checks that a raw value may be answered as what it is, as `$count` and `$value` do. */
export function negotiateRaw(type: string, accept: string | undefined, format: string | undefined): void {
  choose(accept, format, [type]);
}

/**
 * The media type to answer with.
 *
 * @param offered the one to prefer first
 * @throws {ODataError} 406 where the client takes none of them
 */
export function negotiateType<Type extends string>(
  accept: string | undefined,
  format: string | undefined,
  offered: readonly [Type, ...Type[]],
): Type {
  return choose(accept, format, offered).type as Type;
}

/** A media type as `Content-Type` names it: the type in lower case, its parameters by name in lower case. */
export function mediaType(text: string): { readonly type: string; readonly parameters: ReadonlyMap<string, string> } {
  return parseRange(text.slice(0, MAX_HEADER));
}

const abbreviations: Readonly<Record<string, string>> = {
  json: "application/json",
  xml: "application/xml",
  atom: "application/atom+xml",
};

/**
 * @param offered media types, the one to prefer first
 * @returns the range that won, its type one of those offered
 */
function choose(accept: string | undefined, format: string | undefined, offered: readonly string[]): MediaRange {
  const written = format ?? accept;
  if (written === undefined || written.trim() === "") return { type: offered[0]!, parameters: new Map(), quality: 1 };
  if (written.length > MAX_HEADER) throw badRequest("The Accept header or $format is too long.");
  const ranges =
    format === undefined
      ? splitOutside(accept!, ",").map(parseRange)
      : [
          parseRange(
            Object.hasOwn(abbreviations, format.toLowerCase()) ? abbreviations[format.toLowerCase()]! : format,
          ),
        ];
  let best: MediaRange | undefined;
  for (const type of offered) {
    // The most specific range that covers a type decides on it (RFC 9110, section 12.5.1). Ranges of one type that differ
    // in their parameters ask for different forms of it; the one that is liked best wins.
    const covering = ranges.filter((range) => mediaRangeCovers(range.type, type) && isSupported(range));
    const range = covering.sort((a, b) => specificity(b) - specificity(a) || b.quality - a.quality)[0];
    if (range !== undefined && range.quality > (best?.quality ?? 0)) best = { ...range, type };
  }
  if (best === undefined) {
    throw new ODataError(
      406,
      "NotAcceptable",
      `${format === undefined ? "The Accept header" : "$format"} allows none of the formats that can be answered here: ${offered.join(", ")}.`,
      { target: format === undefined ? "Accept" : "$format" },
    );
  }
  return best;
}

/** Whether a media range, without parameters and in lower case, covers a media type. */
export function mediaRangeCovers(range: string, type: string): boolean {
  return (
    range === "*/*" || range === "*" || range === type || (range.endsWith("/*") && type.startsWith(range.slice(0, -1)))
  );
}

/**
 * Format parameters of JSON, with the values that they take; the metadata level has a message of its own. What has another
 * parameter is a format that is not offered (Protocol 4.01, section 8.2.1).
 */
const JSON_PARAMETERS: ReadonlyMap<string, RegExp> = new Map([
  ["metadata", /^/],
  ["odata.metadata", /^/],
  ["streaming", /^(?:true|false)$/i],
  ["odata.streaming", /^(?:true|false)$/i],
  ["ieee754compatible", /^(?:true|false)$/i],
  ["exponentialdecimals", /^(?:true|false)$/i],
]);

function isSupported({ type, parameters }: MediaRange): boolean {
  for (const [name, value] of parameters) {
    if (name === "charset") {
      if (!/^(?:utf-8|\*)$/i.test(value)) return false;
    } else if (type === "application/json" && JSON_PARAMETERS.get(name)?.test(value) !== true) return false;
  }
  return true;
}

function specificity(range: MediaRange): number {
  return range.type.startsWith("*") ? 0 : range.type.endsWith("/*") ? 1 : 2;
}

function parseRange(text: string): MediaRange {
  const [type, ...rest] = splitOutside(text, ";");
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const part of rest) {
    const equals = part.indexOf("=");
    if (equals < 0) continue;
    const name = part.slice(0, equals).trim().toLowerCase();
    const value = part
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, "$1");
    if (name === "q") {
      quality = Number(value);
      if (!(quality >= 0 && quality <= 1)) quality = 0;
    } else parameters.set(name, value);
  }
  return { type: type!.trim().toLowerCase(), parameters, quality };
}

/** Splits at a separator, but not inside double quotes. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === separator && !quoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function jsonFormat(parameters: ReadonlyMap<string, string>, target: string): JsonFormat {
  // 4.01 lets the prefix be left out; a service that speaks both reads both (JSON Format 4.01, section 3).
  const level = (parameters.get("odata.metadata") ?? parameters.get("metadata") ?? "minimal").toLowerCase();
  if (level !== "none" && level !== "minimal" && level !== "full") {
    throw new ODataError(
      406,
      "NotAcceptable",
      `There is no metadata level '${level.slice(0, 40)}'; it is none, minimal or full.`,
      { target },
    );
  }
  return {
    level,
    ieee754: parameters.get("ieee754compatible")?.toLowerCase() === "true",
    streaming: (parameters.get("odata.streaming") ?? parameters.get("streaming"))?.toLowerCase() === "true",
  };
}

/** The `Content-Type` of a JSON answer. */
export function jsonContentType({ level, ieee754, streaming }: JsonFormat): string {
  const parameters = `${streaming ? ";odata.streaming=true" : ""}${ieee754 ? ";IEEE754Compatible=true" : ""}`;
  return `application/json;odata.metadata=${level}${parameters}`;
}

/**
 * Checks that a request body is JSON.
 *
 * @throws {ODataError} 415 where it is something else
 */
export function requireJsonBody(contentType: string | undefined): void {
  const type = contentType?.split(";", 1)[0]!.trim().toLowerCase();
  if (type === "application/json") return;
  throw new ODataError(
    415,
    "UnsupportedMediaType",
    contentType === undefined
      ? "The request has no Content-Type header; send application/json."
      : `The body's type '${contentType.slice(0, 60).replace(/[^\x20-\x7e]/g, "?")}' is not understood; send application/json.`,
    { target: "Content-Type" },
  );
}
