import { ODataError, badRequest, didYouMean } from "../errors/index.js";
import type { Expression, MisreadOption, ODataUri, QueryOptions, ResourcePath } from "./ast.js";
import { clip } from "./characters.js";
import { Budget } from "./limits.js";
import type { SyntaxLimits } from "./limits.js";
import { URL_OPTIONS, optionName } from "./option-names.js";
import type { OptionName, OptionsBuilder } from "./option-names.js";
import { OptionsParser } from "./options-parser.js";
import { readPath } from "./path-parser.js";
import { percentDecode, rejectFragment } from "./percent.js";

/** Options in whose values a `+` is no space: media types, IRIs and tokens have no spaces, but may well have a plus. */
const PLUS_IS_PLUS: ReadonlySet<string> = new Set(["format", "id", "skiptoken", "deltatoken", "schemaversion"]);

/**
 * `odataRelativeUri`: the path and query of a request, relative to the service root and percent-encoded.
 *
 * @throws ODataError 400 where it is none by the grammar
 * @example
 * const { path, options } = parseUri("/deviceManagement/deviceConfigurations('a%2Fb')?$top=5");
 * path.segments[1]?.name; // "deviceConfigurations"
 * options.top; // 5
 */
export function parseUri(url: string, limits?: Partial<SyntaxLimits>): ODataUri {
  const budget = new Budget(limits);
  const request = withoutContext(url);
  const mark = request.indexOf("?");
  const path = readPath(mark < 0 ? request : request.slice(0, mark), budget);
  const misread = mayEndInCall(path) ? new Map<string, MisreadOption>() : undefined;
  const options = readQuery(mark < 0 ? "" : request.slice(mark + 1), budget, misread);
  checkEntityOptions(path, options);
  return misread === undefined || misread.size === 0 ? { path, options } : { path, options, misread };
}

/** Whether a path ends in a name without parentheses, so that it may call a function whose arguments the query gives. */
function mayEndInCall({ segments }: ResourcePath): boolean {
  const last = segments.at(-1);
  return last?.name !== undefined && last.arguments === undefined && !last.name.startsWith("$");
}

/**
 * `resourcePath`: a percent-encoded path. Empty segments are left out.
 *
 * @throws ODataError 400 for malformed percent-encoding and control characters. Text that is no name is no error, as it
 * may be a key; see {@link PathSegment.argumentsError}.
 * @example parsePath("/Products(1)/Name").segments.map((segment) => segment.name) // ["Products", "Name"]
 */
export function parsePath(path: string, limits?: Partial<SyntaxLimits>): ResourcePath {
  return readPath(path, new Budget(limits));
}

/**
 * `queryOptions`: the percent-encoded query part of a URL, without the question mark.
 *
 * @throws ODataError 400 whose `target` is the option that is wrong
 * @example parseQuery("$top=5&$count=true").top // 5
 */
export function parseQuery(query: string, limits?: Partial<SyntaxLimits>): QueryOptions {
  return readQuery(query, new Budget(limits));
}

/**
 * `commonExpr`: an expression that is no longer percent-encoded, for example the value of `$filter`.
 *
 * @throws ODataError 400 that says what was found, where, and what would be right
 * @example parseExpression("price gt 5 and startswith(name,'A')").kind // "Binary"
 */
export function parseExpression(text: string, limits?: Partial<SyntaxLimits>): Expression {
  return new OptionsParser(text, { label: "the expression" }, new Budget(limits)).wholeExpression();
}

/** `"$metadata" [ "?" metadataOptions ] [ context ]`: the fragment of a context URL is not for the server to read. */
function withoutContext(url: string): string {
  const hash = url.indexOf("#");
  const cut = hash >= 0 && /^\/?\$metadata(?:\?|$)/.test(url.slice(0, hash));
  return cut ? url.slice(0, hash) : url;
}

/**
 * `queryOptions = queryOption *( "&" queryOption )`
 *
 * @param misread takes what may be an argument of a function instead; absent: it is an error
 */
function readQuery(query: string, budget: Budget, misread?: Map<string, MisreadOption>): QueryOptions {
  const into: OptionsBuilder = { aliases: new Map(), custom: new Map() };
  if (query === "") return into;
  rejectFragment(query, "query");
  let count = 0;
  for (let start = 0; start <= query.length;) {
    const ampersand = query.indexOf("&", start);
    const end = ampersand < 0 ? query.length : ampersand;
    if (end > start) {
      budget.options(++count);
      readOption(query.slice(start, end), into, budget, misread);
    }
    start = end + 1;
  }
  return into;
}

/** `queryOption = systemQueryOption / aliasAndValue / nameAndValue / customQueryOption` */
function readOption(
  raw: string,
  into: OptionsBuilder,
  budget: Budget,
  misread: Map<string, MisreadOption> | undefined,
): void {
  const equals = raw.indexOf("=");
  const written = percentDecode(spaces(equals < 0 ? raw : raw.slice(0, equals)), "the name of the query option");
  const rawValue = equals < 0 ? undefined : raw.slice(equals + 1);
  if (written.startsWith("@")) return readAlias(written, rawValue, into, budget);
  const name = systemOption(written);
  if (name === undefined) {
    into.custom.set(written, percentDecode(spaces(rawValue ?? ""), `the query option ${clip(written)}`));
    return;
  }
  const label = `$${name}`;
  const source = { label, target: label };
  if (into[name] !== undefined) throw badRequest(`The query option ${label} is there more than once.`, source);
  if (rawValue === undefined) throw badRequest(`The query option ${label} has no value.`, source);
  const plain = PLUS_IS_PLUS.has(name) ? rawValue : spaces(rawValue);
  const value = percentDecode(plain, label, label);
  try {
    new OptionsParser(value, source, budget, encodedSemicolons(plain)).wholeOption(name, into);
  } catch (error) {
    const mayBeArgument = misread !== undefined && !written.startsWith("$") && !misread.has(written);
    if (!mayBeArgument || !(error instanceof ODataError)) throw error;
    into[name] = undefined;
    misread.set(written, { text: percentDecode(spaces(rawValue), label, label), error });
  }
}

/** Where the semicolons are in the decoded text that were percent-encoded before. */
function encodedSemicolons(raw: string): ReadonlySet<number> {
  const places = new Set<number>();
  let read = 0;
  let length = 0;
  for (let at = raw.indexOf("%3"); at >= 0; at = raw.indexOf("%3", at + 2)) {
    const digit = raw.charAt(at + 2);
    if (digit !== "B" && digit !== "b") continue;
    length += percentDecode(raw.slice(read, at), "the query option").length;
    places.add(length++);
    read = at + 3;
  }
  return places;
}

/** `aliasAndValue = parameterAlias EQ parameterValue` */
function readAlias(written: string, rawValue: string | undefined, into: OptionsBuilder, budget: Budget): void {
  const source = { label: `the parameter alias ${clip(written)}`, target: clip(written) };
  const name = new OptionsParser(written.slice(1), { ...source, label: "the name of a parameter alias" }, budget);
  name.expectIdentifier("a name after '@'");
  name.expectEnd();
  if (into.aliases.has(written)) throw badRequest(`There is more than one value for ${source.label}.`, source);
  if (rawValue === undefined) throw badRequest(`There is no value for ${source.label}.`, source);
  const parser = new OptionsParser(percentDecode(spaces(rawValue), source.label, source.target), source, budget);
  into.aliases.set(written, parser.wholeExpression());
}

/**
 * The system query option of a name, which in 4.01 may be written without `$` and in whatever case (URL Conventions 4.01,
 * section 5.1). Undefined for a custom query option, which has no `$`.
 */
function systemOption(written: string): OptionName | undefined {
  const dollar = written.startsWith("$");
  const name = optionName(dollar ? written.slice(1) : written);
  if (name !== undefined && URL_OPTIONS.has(name)) return name;
  if (!dollar) return undefined;
  const known = [...URL_OPTIONS].map((option) => `$${option}`);
  const reason = name === undefined ? "is unknown." : "is only allowed inside $expand.";
  throw badRequest(
    `The query option '${clip(written)}' ${reason}${name === undefined ? didYouMean(written, known) : ""}`,
    {
      target: clip(written),
    },
  );
}

/** In a query, `+` is how HTML forms write a space, and practically all clients and services take it for one. */
function spaces(raw: string): string {
  return raw.includes("+") ? raw.replaceAll("+", " ") : raw;
}

/** `$entity` needs `$id`, and takes `$select` and `$expand` only after a type-cast (`entityOptions`, `entityCastOptions`). */
function checkEntityOptions(path: ResourcePath, options: QueryOptions): void {
  const [first, cast] = path.segments;
  if (first?.text !== "$entity") return;
  if (options.id === undefined) throw badRequest("$entity needs the query option $id.", { target: "$id" });
  for (const name of URL_OPTIONS) {
    const allowed =
      name === "id" || name === "format" || (cast !== undefined && (name === "select" || name === "expand"));
    if (allowed || options[name] === undefined) continue;
    const reason = name === "select" || name === "expand" ? " without a type-cast segment after it" : "";
    throw badRequest(`$${name} is not allowed with $entity${reason}.`, { target: `$${name}` });
  }
}
