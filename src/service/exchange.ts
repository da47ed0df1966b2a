import type { Readable } from "node:stream";
import type { JsonFormat } from "../format/media.js";
import { jsonContentType, negotiateJson } from "../format/media.js";
import type { Preferences } from "../syntax/index.js";
import { parsePreferences } from "../syntax/index.js";
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

export function agree(request: ODataRequest): Terms {
  const { response, request: body } = negotiateVersion(request.headers);
  return { version: response, bodyVersion: body, preferences: preferencesOf(request.headers.prefer) };
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

function preferencesOf(header: string | undefined): Preferences {
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
}

const nothingApplied: AppliedPreferences = {};
const noHeaders: Readonly<Record<string, string>> = {};

const APPLIED_NAMES: readonly (readonly [keyof AppliedPreferences, name: string])[] = [
  ["return", "return"],
  ["maxpagesize", "maxpagesize"],
  ["omitValues", "omit-values"],
  ["includeAnnotations", "include-annotations"],
];

/** `Preference-Applied`, where there is something to say, and `Vary`, where the body would be another without it. */
export function appliedPreferences(applied: AppliedPreferences): Readonly<Record<string, string>> {
  if (applied === nothingApplied) return noHeaders;
  const written = APPLIED_NAMES.flatMap(([member, name]) => {
    const value = applied[member];
    if (value === undefined) return [];
    return member === "includeAnnotations" ? `${name}="${String(value)}"` : `${name}=${String(value)}`;
  });
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
