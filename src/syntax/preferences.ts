import { PreferenceReader } from "./preference-reader.js";
import type { PlacedPreference, Preference, PreferenceProblem } from "./preference-reader.js";

/**
 * What a request asks for in its `Prefer` header: Protocol 4.01, section 8.2.8, and RFC 7240. A preference that is not
 * there, or not written rightly, is undefined: services pass over what they do not understand.
 */
export interface Preferences {
  readonly return?: "minimal" | "representation";
  /** 1 or more; numbers that JavaScript does not hold exactly become the greatest that it does. */
  readonly maxpagesize?: number;
  readonly omitValues?: "nulls" | "defaults";
  /** `annotationsList`, as written: `*`, `-Namespace.*`, `Namespace.Term#qualifier`, parted by commas. */
  readonly includeAnnotations?: string;
  readonly allowEntityReferences?: boolean;
  /** False where the client says `continue-on-error=false`. */
  readonly continueOnError?: boolean;
  readonly respondAsync?: boolean;
  /** Seconds. */
  readonly wait?: number;
  readonly trackChanges?: boolean;
  /** The URL to call. */
  readonly callback?: string;
  /** Preferences of others, in the order in which they stand. */
  readonly other: readonly Preference[];
  /** What was passed over because it is not written rightly, and why. */
  readonly problems: readonly PreferenceProblem[];
}

/**
 * `prefer`: the value of the header `Prefer`, several such headers joined with commas.
 *
 * Of a preference that is there twice the first counts (RFC 7240, section 2), and the one without the prefix `odata.`
 * before one with it. Both of `return=minimal` and `return=representation` are as none (RFC 7240, section 4.2).
 *
 * @returns never throws: what cannot be read is in `problems`
 * @example parsePreferences("return=minimal, odata.maxpagesize=20").maxpagesize // 20
 */
export function parsePreferences(header: string): Preferences {
  const reader = new PreferenceReader(header);
  const written = new Map<string, PlacedPreference>();
  const returns = new Set<string>();
  for (const one of reader.read()) {
    if (!written.has(one.name)) written.set(one.name, one);
    if (one.name === "return" && RETURN.some((word) => word === one.value)) returns.add(one.value!);
  }
  const { problems } = reader;
  const result: { -readonly [Name in keyof Preferences]?: Preferences[Name] } = {};
  for (const [name, { prefixed, take }] of KNOWN) {
    const found = written.get(name) ?? (prefixed ? written.get(`odata.${name}`) : undefined);
    if (found === undefined) continue;
    const problem = take(found, result);
    if (problem !== undefined) problems.push(problem);
  }
  if (returns.size > 1) {
    delete result.return;
    problems.push({ at: 0, message: "return=minimal and return=representation exclude each other." });
  }
  const other = [...written.values()].filter(({ name }) => !isKnown(name));
  return {
    ...result,
    other: other.map(({ name, value, parameters }) => ({ name, value, parameters })),
    problems: problems.sort((a, b) => a.at - b.at),
  };
}

type Taker = (
  written: PlacedPreference,
  into: { -readonly [Name in keyof Preferences]?: Preferences[Name] },
) => PreferenceProblem | undefined;

const RETURN = ["minimal", "representation"] as const;

/** The preferences of OData, and whether 4.0 has them with the prefix `odata.`. */
const KNOWN: ReadonlyMap<string, { readonly prefixed: boolean; readonly take: Taker }> = new Map([
  ["return", { prefixed: false, take: oneOf("return", RETURN, true) }],
  ["maxpagesize", { prefixed: true, take: takePageSize }],
  ["omit-values", { prefixed: false, take: oneOf("omitValues", ["nulls", "defaults"], false) }],
  ["include-annotations", { prefixed: true, take: takeAnnotations }],
  ["allow-entityreferences", { prefixed: true, take: flag("allowEntityReferences") }],
  ["continue-on-error", { prefixed: true, take: takeContinueOnError }],
  ["respond-async", { prefixed: false, take: flag("respondAsync") }],
  ["wait", { prefixed: false, take: takeWait }],
  ["track-changes", { prefixed: true, take: flag("trackChanges") }],
  ["callback", { prefixed: true, take: takeCallback }],
]);

function isKnown(name: string): boolean {
  return KNOWN.has(name) || (name.startsWith("odata.") && KNOWN.get(name.slice("odata.".length))?.prefixed === true);
}

function unfit({ name, valueAt }: PlacedPreference, right: string, offset = 0): PreferenceProblem {
  return { at: valueAt + offset, message: `The preference ${name} takes ${right}.` };
}

/** A preference without a value. */
function flag(member: "allowEntityReferences" | "respondAsync" | "trackChanges"): Taker {
  return (written, into) => {
    if (written.value !== undefined) return unfit(written, "no value");
    into[member] = true;
    return undefined;
  };
}

/** A preference with one of some words as its value. */
function oneOf<Name extends "return" | "omitValues">(
  member: Name,
  words: readonly NonNullable<Preferences[Name]>[],
  caseSensitive: boolean,
): Taker {
  return (written, into) => {
    const value = caseSensitive ? written.value : written.value?.toLowerCase();
    const word = words.find((one) => one === value);
    if (word === undefined) return unfit(written, `one of the values ${words.join(", ")}`);
    into[member] = word;
    return undefined;
  };
}

/** `maxpagesizePreference = [ "odata." ] "maxpagesize" EQ-h oneToNine *DIGIT` */
function takePageSize(...[written, into]: Parameters<Taker>): ReturnType<Taker> {
  if (!/^[1-9][0-9]*$/.test(written.value ?? "")) return unfit(written, "a whole number, 1 or more");
  into.maxpagesize = Math.min(Number(written.value), Number.MAX_SAFE_INTEGER);
  return undefined;
}

/** `waitPreference = "wait" EQ-h 1*DIGIT` */
function takeWait(...[written, into]: Parameters<Taker>): ReturnType<Taker> {
  if (!/^[0-9]+$/.test(written.value ?? "")) return unfit(written, "a whole number of seconds");
  into.wait = Math.min(Number(written.value), Number.MAX_SAFE_INTEGER);
  return undefined;
}

/** `continueOnErrorPreference = [ "odata." ] "continue-on-error" [ EQ-h boolean ]` */
function takeContinueOnError(...[written, into]: Parameters<Taker>): ReturnType<Taker> {
  const value = written.value?.toLowerCase() ?? "true";
  if (value !== "true" && value !== "false") return unfit(written, "true or false");
  into.continueOnError = value === "true";
  return undefined;
}

/** `callbackPreference = [ "odata." ] "callback" OWS ";" OWS "url" EQ-h DQUOTE URI DQUOTE` */
function takeCallback(...[written, into]: Parameters<Taker>): ReturnType<Taker> {
  const url = written.parameters.get("url") ?? "";
  if (!/^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(url)) return unfit(written, 'the parameter url="..." with a whole URL');
  into.callback = url;
  return undefined;
}

/**
 * `annotationsList = annotationIdentifier *( "," annotationIdentifier )`, where
 * `annotationIdentifier = [ "-" ] ( STAR / namespace "." ( termName / STAR ) ) [ "#" odataIdentifier ]`.
 */
function takeAnnotations(...[written, into]: Parameters<Taker>): ReturnType<Taker> {
  const value = written.value ?? "";
  const wrong = wrongAnnotation(value);
  if (wrong !== undefined) {
    return unfit(written, 'a list such as "*", "-Namespace.*" or "Namespace.Term#qualifier"', wrong);
  }
  into.includeAnnotations = value;
  return undefined;
}

const ANNOTATION_IDENTIFIER = /-?(?:\*|[\p{L}\p{Nl}_][\w\p{L}\p{Nl}]*(\.[\p{L}\p{Nl}_][\w\p{L}\p{Nl}]*)*(\.\*)?)/uy;
const QUALIFIER = /#[\p{L}\p{Nl}_][\w\p{L}\p{Nl}]*/uy;

/** Where a list of annotations goes wrong; undefined where all of it is right. */
function wrongAnnotation(list: string): number | undefined {
  for (let at = 0; ; at++) {
    ANNOTATION_IDENTIFIER.lastIndex = at;
    const match = ANNOTATION_IDENTIFIER.exec(list);
    if (match === null) return at;
    at += match[0].length;
    // A name without a dot is a namespace, or the beginning of one.
    if (!match[0].endsWith("*") && match[1] === undefined) return list[at] === "." ? at + 1 : at;
    if (list[at] === "#") {
      QUALIFIER.lastIndex = at;
      at += QUALIFIER.exec(list)?.[0].length ?? 0;
    }
    if (at === list.length) return undefined;
    if (list[at] !== ",") return at;
  }
}
