import type { Readable } from "node:stream";
import { ODataError } from "../errors/index.js";
import type { JsonFormat } from "../format/media.js";
import { jsonContentType, negotiateJson } from "../format/media.js";
import type { Preferences } from "../syntax/index.js";
import { parsePreferences } from "../syntax/index.js";
import { wantsSnapshot, withoutPages } from "./isolation.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { RouteOptions } from "./route.js";
import type { ODataVersion } from "./version.js";
import { negotiateVersion } from "./version.js";

/** What was agreed on for one request: Protocol 4.01, section 8. */
export interface Terms {
  /** Of the answer. */
  readonly version: ODataVersion;
  /** Of the request's body. */
  readonly bodyVersion: ODataVersion;
  readonly preferences: Preferences;
}

/**
 * What a request and its answer mean, by the request's headers.
 *
 * @throws {ODataError} 400 for headers that are malformed, or versions that are not offered; 406 where the client reads no UTF-8
 */
export function agree(request: ODataRequest): Terms {
  const { headers } = request;
  const { response, request: body } = negotiateVersion(headers);
  if (headers["accept-charset"] !== undefined) checkCharset(headers["accept-charset"]);
  const terms = { version: response, bodyVersion: body, preferences: preferencesOf(headers.prefer) };
  return wantsSnapshot(request) ? withoutPages(terms) : terms;
}

/** Answers are in UTF-8 (Protocol 4.01, section 8.2.2). */
function checkCharset(accepted: string): void {
  let quality: number | undefined;
  for (const range of accepted.slice(0, 1_000).toLowerCase().split(",")) {
    const [charset, ...parameters] = range.split(";").map((text) => text.trim());
    const written = parameters.find((parameter) => parameter.startsWith("q="));
    const value = written === undefined ? 1 : Number(written.slice(2)) || 0;
    // What is named goes before the star.
    if (charset === "utf-8" || charset === "utf8") quality = value;
    else if (charset === "*") quality ??= value;
  }
  if (quality !== undefined && quality > 0) return;
  if (accepted.trim() === "") return;
  throw new ODataError(406, "NotAcceptable", "Answers are in UTF-8, which the header Accept-Charset does not allow.", {
    target: "Accept-Charset",
  });
}

/** The same request without charsets in its Accept header where `Accept-Charset` tells them: Protocol 4.01, section 8.2.1. */
export function withOneCharset(request: ODataRequest): ODataRequest {
  const { accept, "accept-charset": charset } = request.headers;
  if (charset === undefined || accept === undefined) return request;
  const without = accept.replace(/;[ \t]*charset[ \t]*=[ \t]*(?:"[^"]*"|[^;,]*)/gi, "");
  return { ...request, headers: { ...request.headers, accept: without } };
}

/** The JSON format of an answer, by `$format` or `Accept`; the same few headers come again and again. */
export class FormatCache {
  readonly #formats = new Map<string, JsonFormat>();

  of(request: ODataRequest, route: Pick<RouteOptions, "format">): JsonFormat {
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

/** Formats are kept by {@link FormatCache}, so the few that clients ask for are the same objects each time. */
const contentTypes = new WeakMap<JsonFormat, string>();

/** An answer with a JSON body. */
export function jsonResponse(
  status: number,
  body: string | Buffer | Readable,
  format: JsonFormat,
  version: ODataVersion,
  headers?: Readonly<Record<string, string>>,
): ODataResponse {
  let contentType = contentTypes.get(format);
  if (contentType === undefined) contentTypes.set(format, (contentType = jsonContentType(format)));
  const own = { "content-type": contentType, "odata-version": version };
  return { status, headers: headers === undefined || headers === noHeaders ? own : { ...own, ...headers }, body };
}

/** 204, or another answer without a body. */
export function emptyResponse(
  status: number,
  version: ODataVersion,
  headers: Readonly<Record<string, string>> = {},
): ODataResponse {
  return { status, headers: { "odata-version": version, ...headers } };
}

/** What a client prefers where it says nothing. */
export const noPreferences: Preferences = { other: [], problems: [] };

/** The preferences of the header `Prefer`; the same few come again and again. */
const knownPreferences = new Map<string, Preferences>();

export function preferencesOf(header: string | undefined): Preferences {
  if (header === undefined || header.length > 2_000) return noPreferences;
  let preferences = knownPreferences.get(header);
  if (preferences === undefined) {
    preferences = parsePreferences(header);
    if (knownPreferences.size >= 100) knownPreferences.clear();
    knownPreferences.set(header, preferences);
  }
  return preferences;
}

/** What was done of what a client prefers, as `Preference-Applied` says it (Protocol 4.01, section 8.3.7). */
export interface AppliedPreferences {
  readonly return?: Preferences["return"];
  readonly maxpagesize?: number | undefined;
  readonly omitValues?: Preferences["omitValues"];
  readonly includeAnnotations?: Preferences["includeAnnotations"];
  readonly continueOnError?: Preferences["continueOnError"];
  readonly respondAsync?: Preferences["respondAsync"];
  readonly wait?: Preferences["wait"];
  readonly trackChanges?: Preferences["trackChanges"];
}

const nothingApplied: AppliedPreferences = {};
const noHeaders: Readonly<Record<string, string>> = {};

const APPLIED_NAMES: readonly (readonly [keyof AppliedPreferences, name: string])[] = [
  ["return", "return"],
  ["maxpagesize", "maxpagesize"],
  ["omitValues", "omit-values"],
  ["includeAnnotations", "include-annotations"],
  ["continueOnError", "continue-on-error"],
  ["respondAsync", "respond-async"],
  ["wait", "wait"],
  ["trackChanges", "track-changes"],
];

/** `Preference-Applied`, where there is something to say, and `Vary`, where the body would be another without it. */
export function appliedPreferences(applied: AppliedPreferences): Readonly<Record<string, string>> {
  if (applied === nothingApplied) return noHeaders;
  const written: string[] = [];
  for (const [member, name] of APPLIED_NAMES) {
    const value = applied[member];
    if (value === undefined) continue;
    // A preference without a value is one that is either there or not.
    if (value === true) written.push(name);
    else written.push(member === "includeAnnotations" ? `${name}="${String(value)}"` : `${name}=${String(value)}`);
  }
  if (written.length === 0) return noHeaders;
  return { "preference-applied": written.join(", "), vary: "Prefer" };
}

/**
 * The preferences that concern the content of what is read. Payloads hold no annotations of vocabularies, so whatever
 * `include-annotations` asks for, what is there of it is sent; control information is no part of it.
 */
export function contentPreferences({ preferences }: Terms): AppliedPreferences {
  if (preferences === noPreferences) return nothingApplied;
  const { omitValues, includeAnnotations } = preferences;
  return { omitValues, includeAnnotations };
}
