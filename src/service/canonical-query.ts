import { percentDecode } from "../syntax/index.js";

/** Options that say nothing of which items a request gives, and in which order. */
const NOT_OF_THE_RESULT: ReadonlySet<string> = new Set(["skiptoken", "format"]);

/** One query option, as it is written. */
interface WrittenOption {
  /** Decoded, and for a system query option in lower case and without `$`. */
  readonly name: string;
  readonly raw: string;
}

/** The options of a query as they are written, with their names. */
function optionsOf(query: string): WrittenOption[] {
  return query
    .split("&")
    .filter((raw) => raw !== "")
    .map((raw) => {
      const written = percentDecode(raw.split("=", 1)[0]!.replaceAll("+", " "), "the name of the query option");
      return { raw, name: written.startsWith("@") ? written : written.replace(/^\$/, "").toLowerCase() };
    });
}

/**
 * The path and query of a request in a form in which it does not matter how they are percent-encoded and in which order
 * the options stand. Not all of what means the same is the same here; what is the same means the same.
 *
 * @param url relative to the service root
 */
export function canonicalRequest(url: string): string {
  const [path, query] = splitUrl(url);
  const segments = path
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => percentDecode(segment, "the path segment"));
  const options = optionsOf(query)
    .filter(({ name }) => !NOT_OF_THE_RESULT.has(name))
    .map(({ name, raw }) => {
      const equals = raw.indexOf("=");
      const value = equals < 0 ? "" : raw.slice(equals + 1);
      return `${name}\0${percentDecode(value.replaceAll("+", " "), name)}`;
    });
  return JSON.stringify([segments, options.sort()]);
}

/** A query without some of its system options, the others as they are written. */
export function withoutOptions(query: string, ...names: readonly string[]): string {
  return optionsOf(query)
    .filter((option) => !names.includes(option.name))
    .map(({ raw }) => raw)
    .join("&");
}

/** The path and the query of a URL, the latter without its question mark. */
export function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf("?");
  return mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
}
