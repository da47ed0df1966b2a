import type { PropertyTail } from "../binding/index.js";
import { valueOfTail } from "../binding/index.js";
import type { EdmType } from "../edm/index.js";
import { annotationValue, terms } from "../edm/index.js";
import { writeLiteral } from "../edm/primitives/index.js";
import { notFound } from "../errors/index.js";
import { negotiateRaw } from "../format/media.js";
import { essenceOf, isMediaType } from "../format/media-type.js";
import { rewriteProperty } from "../format/rewrite.js";
import { compileProperty } from "../query/index.js";
import { isNotModified } from "./etag.js";
import { appliedPreferences, contentPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import { explainMissing } from "./locate.js";
import { isGet } from "./methods.js";
import { checkUnchanged, etagAt } from "./preconditions.js";
import { numberResponse } from "./read-count.js";
import type { Reading } from "./reading.js";
import { contextMember, rewritingOf, rowsOf } from "./reading.js";
import type { ODataResponse } from "./request.js";

/**
 * A structural property, its raw value, or what its path's end leaves of it: Protocol 4.01, sections 11.2.4 and 11.2.4.1. Its
 * ETag is that of its entity.
 */
export async function readProperty(reading: Reading, tail: PropertyTail): Promise<ODataResponse> {
  const { resource, request, terms, context, reads } = reading;
  negotiateProperty(reading, tail);
  // A change between the two reads makes the ETag one of the past, which is the safe way round.
  const etag = isGet(request) ? await etagAt(resource, context, reads) : undefined;
  if (etag === undefined) return readValue(reading, tail);
  checkUnchanged(request, etag);
  if (isNotModified(request, etag)) return emptyResponse(304, terms.version, { etag });
  const answer = await readValue(reading, tail);
  return { ...answer, headers: { ...answer.headers, etag } };
}

async function readValue(reading: Reading, tail: PropertyTail): Promise<ODataResponse> {
  const { resource, terms, context, reads } = reading;
  const { path, route, options } = resource;
  const statement = route.statement("property", () => compileProperty(path, options, context.sql));
  const [row] = await rowsOf(statement, reading);
  if (row === undefined) throw (await explainMissing(resource, context, reads)) ?? notFound("There is no entity here.");
  const value = row.at(-1);
  if (value === null) throw noSuchValue(tail);
  // Whole numbers come as such.
  const text = String(value);
  if (tail.count) return numberResponse(text, reading);
  if (text === "null") return emptyResponse(204, terms.version);
  if (tail.raw) return rawResponse(text, tail, reading);
  const count = statement.counted ? String(row[0]) : undefined;
  return jsonProperty(text, count, tail, reading);
}

/**
 * Says whether the format can be had before anything is read.
 *
 * @throws {ODataError} 406 where it cannot
 */
export function negotiateProperty(reading: Reading, tail: PropertyTail): void {
  const { resource, request } = reading;
  if (tail.raw) negotiateRaw(essenceOf(rawTypeOf(tail)), request.headers.accept, resource.route.format);
  else if (tail.count) negotiateRaw("text/plain", undefined, resource.route.format);
  else void reading.format;
}

function noSuchValue({ path, narrowing }: PropertyTail) {
  const { name } = path[0]!;
  const ordinal = narrowing.find((step) => step.kind === "ordinal");
  if (ordinal !== undefined) {
    return notFound(`'${path.at(-1)!.name}' has no item at ${ordinal.index}.`, { target: String(ordinal.index) });
  }
  return notFound(`The entity has no property '${path.map((step) => step.name).join("/")}' of this type.`, {
    target: name,
  });
}

/** A property's value that is not null as a JSON body, with the number of items where that was asked for. */
export function jsonProperty(
  text: string,
  count: string | undefined,
  tail: PropertyTail,
  reading: Reading,
): ODataResponse {
  const { format, terms } = reading;
  const shown = { ...tail.path.at(-1)!, ...valueOfTail(tail) };
  const isObject = shown.type.kind === "complex" && text.startsWith("{");
  const isPlain = format.level === "minimal" && !format.ieee754 && terms.preferences.omitValues === undefined;
  const content = isPlain
    ? isObject
      ? text.slice(1, -1)
      : `"value":${text}`
    : rewriteProperty(text, shown, rewritingOf(reading));
  const counted = count === undefined ? "" : `"@odata.count":${format.ieee754 ? `"${count}"` : count}`;
  const members = [contextMember(reading), counted, content].filter((part) => part !== "");
  const headers = appliedPreferences(contentPreferences(terms));
  return jsonResponse(200, `{${members.join(",")}}`, format, terms.version, headers);
}

/** The media type of a raw value; bytes may be of one that `Core.MediaType` tells: Protocol 4.01, section 11.2.4.1. */
function rawTypeOf(tail: PropertyTail): string {
  if (!isBinary(tail)) return "text/plain";
  const declared = annotationValue(tail.path.at(-1)!.annotations, terms.mediaType);
  return typeof declared === "string" && isMediaType(declared) ? declared : "application/octet-stream";
}

function isBinary(tail: PropertyTail): boolean {
  const { type } = valueOfTail(tail);
  return (type.kind === "typeDefinition" ? type.underlyingType : type).qualifiedName === "Edm.Binary";
}

/** A value's JSON text as a raw value: a text as it is, bytes as bytes, anything else as in a URL, but without quotes. */
export function rawResponse(
  text: string,
  tail: PropertyTail,
  reading: Pick<Reading, "terms" | "request">,
): ODataResponse {
  const value = rawText(text, valueOfTail(tail).type);
  const version = { "odata-version": reading.terms.version };
  if (!isBinary(tail))
    return {
      status: 200,
      headers: { "content-type": textType(reading.request.headers.accept), ...version },
      body: value,
    };
  // What a client has stored must not be run as a page of this service.
  const headers = { "content-type": rawTypeOf(tail), "content-disposition": "attachment", ...version };
  return { status: 200, headers, body: Buffer.from(value, "base64url") };
}

/** Without a charset where the client asks for a type that has none: Protocol 4.01, section 8.2.1. */
function textType(accept: string | undefined): string {
  return accept === undefined || /charset/i.test(accept) ? "text/plain;charset=utf-8" : "text/plain";
}

function rawText(text: string, type: EdmType): string {
  if (text.startsWith('"')) return JSON.parse(text) as string;
  if (!text.startsWith("{") || type.kind !== "primitive") return text;
  // What stands between the quotes of a geo literal.
  const literal = writeLiteral(type, text);
  return literal.slice(literal.indexOf("'") + 1, -1);
}
