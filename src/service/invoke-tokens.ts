import { notImplemented } from "../errors/index.js";
import { parseUri, printExpression, printOptions } from "../syntax/index.js";
import type { QueryOptions } from "../syntax/index.js";

/** What `odata-v4-parser` makes of a query or an expression; visitors for it turn it into queries of databases. */
export type Token = ReturnType<Parser["query"]>;

type Parser = typeof import("odata-v4-parser");

/** Only services whose methods take tokens need the parser. */
let parser: Promise<Parser> | undefined;

function loadParser(): Promise<Parser> {
  return (parser ??= import("odata-v4-parser"));
}

/** The options that `odata-v4-parser` knows: those of OData 4.0. */
const KNOWN = ["filter", "search", "orderby", "select", "expand", "skip", "top", "count", "format"] as const;

/**
 * The query of a request as tokens, for `@odata.query`.
 *
 * @param url of the request
 * @param leaving options that are left out
 * @returns `null` where there is no query
 * @throws {ODataError} 501 for what OData 4.0 cannot say
 */
export async function queryTokens(url: string, leaving: readonly (typeof KNOWN)[number][] = []): Promise<Token | null> {
  const { options } = parseUri(url);
  for (const name of ["compute", "apply"] as const) if (options[name] !== undefined) throw unknown(`$${name}`);
  const known = Object.fromEntries(
    KNOWN.filter((name) => options[name] !== undefined && !leaving.includes(name)).map((name) => [name, options[name]]),
  );
  const text = printOptions({ ...known, aliases: options.aliases, custom: [] } as unknown as QueryOptions);
  return text === "" ? null : parse("query", (await loadParser()).query, text);
}

/**
 * The filter of a request as tokens, for `@odata.filter`.
 *
 * @returns `undefined` where there is none
 * @throws {ODataError} 501 for what OData 4.0 cannot say
 */
export async function filterTokens(url: string): Promise<Token | undefined> {
  const { filter } = parseUri(url).options;
  if (filter === undefined) return undefined;
  const text = printExpression(filter);
  return parse("$filter", (await loadParser()).filter, encodeReserved(text));
}

/** A filter as text, for the tokens of another collection's. */
export async function textTokens(filter: string): Promise<Token> {
  return parse("$filter", (await loadParser()).filter, encodeReserved(filter));
}

/** The parser takes literals percent-encoded, but spaces between words as they are. */
function encodeReserved(text: string): string {
  return text.replaceAll(/[%&#+?]/g, encodeURIComponent);
}

function parse(what: string, read: (source: string) => Token, text: string): Token {
  try {
    return read(text.replaceAll("%20", " "));
  } catch (cause) {
    throw unknown(what, cause);
  }
}

function unknown(what: string, cause?: unknown): Error {
  return notImplemented(`What ${what} asks for is not offered for these entities.`, { target: what, cause });
}
