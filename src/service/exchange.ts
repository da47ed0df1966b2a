import type { JsonFormat } from "../format/media.js";
import { jsonContentType, negotiateJson } from "../format/media.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { Route } from "./route.js";
import type { ODataVersion } from "./version.js";
import { negotiateVersion } from "./version.js";

/** What was agreed on for one request: Protocol 4.01, section 8. */
export interface Terms {
  /** Of the answer. */
  readonly version: ODataVersion;
  /** Of the request's body. */
  readonly bodyVersion: ODataVersion;
}

export function agree(request: ODataRequest): Terms {
  const { response, request: body } = negotiateVersion(request.headers);
  return { version: response, bodyVersion: body };
}

/** The JSON format of an answer, by `$format` or `Accept`; the same few headers come again and again. */
export class FormatCache {
  readonly #formats = new Map<string, JsonFormat>();

  of(request: ODataRequest, route: Pick<Route, "format">): JsonFormat {
    if (route.format !== undefined) return negotiateJson(undefined, route.format);
    const accept = request.headers.accept ?? "";
    let format = this.#formats.get(accept);
    if (format === undefined) {
      format = negotiateJson(accept, undefined);
      if (this.#formats.size >= 100) this.#formats.clear();
      this.#formats.set(accept, format);
    }
    return format;
  }
}

const contentTypes = new Map<string, string>();

/** An answer with a JSON body. */
export function jsonResponse(
  status: number,
  body: string,
  format: JsonFormat,
  version: ODataVersion,
  headers?: Readonly<Record<string, string>>,
): ODataResponse {
  const name = `${format.level} ${format.ieee754}`;
  let contentType = contentTypes.get(name);
  if (contentType === undefined) contentTypes.set(name, (contentType = jsonContentType(format)));
  const own = { "content-type": contentType, "odata-version": version };
  return { status, headers: headers === undefined ? own : { ...own, ...headers }, body };
}

/** 204, or another answer without a body. */
export function emptyResponse(
  status: number,
  version: ODataVersion,
  headers: Readonly<Record<string, string>> = {},
): ODataResponse {
  return { status, headers: { "odata-version": version, ...headers } };
}

/** The preferences of a request that the engine honours: Protocol 4.01, section 8.2.8. */
export interface Preferences {
  readonly return: "minimal" | "representation" | undefined;
}

/** Reads `Prefer`: RFC 7240. What is not known, or not written rightly, is passed over, as the RFC asks. */
export function readPreferences(header: string | undefined): Preferences {
  if (header === undefined || header.length > 2_000) return { return: undefined };
  for (const part of header.split(",")) {
    const [name, value] = part.split(";", 1)[0]!.split("=");
    if (name!.trim().toLowerCase() !== "return") continue;
    const wanted = value
      ?.trim()
      .replace(/^"(.*)"$/, "$1")
      .toLowerCase();
    // The first of several stands.
    if (wanted === "minimal" || wanted === "representation") return { return: wanted };
  }
  return { return: undefined };
}

/** `Preference-Applied`, where there is something to say. */
export function appliedPreferences(preferences: Preferences): Record<string, string> {
  return preferences.return === undefined ? {} : { "preference-applied": `return=${preferences.return}` };
}
