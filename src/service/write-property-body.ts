import { isUtf8 } from "node:buffer";
import type { ComplexType, Model, Property } from "../edm/index.js";
import { annotationValue, isOrDerivesFrom } from "../edm/index.js";
import { readKeySegment, writeJson } from "../edm/primitives/index.js";
import { badRequest, ODataError } from "../errors/index.js";
import { parseJson } from "../format/json-text.js";
import type { JsonObject, JsonValue } from "../format/json-text.js";
import { requireJsonBody } from "../format/media.js";
import { actualType, typeAnnotation } from "../format/payload-type.js";
import type { ODataRequest } from "./request.js";

/** A value that a body holds, and how messages call the place where it stands. */
export interface BodyValue {
  readonly value: JsonValue;
  readonly path: string;
}

/**
 * The value in a JSON body that stands for a single property (JSON Format 4.01, section 11): `{"value": ...}`, or a complex
 * value as it is. A null is written in the first way for both.
 *
 * @param property a complex value is one of its type; items of a collection that is no part of the body are no collection
 * @throws {ODataError} 415 where the body is no JSON, 400 where it is of another form
 * @example readPropertyBody(request, city) // { value: { kind: "string", value: "Bonn" }, path: "value" }
 */
export function readPropertyBody(
  { body = "", headers }: ODataRequest,
  { name, type, collection }: Property,
): BodyValue {
  requireJsonBody(headers["content-type"]);
  const object = readJsonObject(body);
  const isComplex = type.kind === "complex" && !collection;
  const value = object.members.get("value");
  const others = [...object.members.keys()].filter((member) => member !== "value" && !isAnnotation(member));
  if (isComplex && !(value?.kind === "null" && others.length === 0 && !type.properties.has("value")))
    return { value: object, path: name };
  if (value === undefined) {
    throw badRequest(`The body must hold the value of '${name}' under the name 'value': {"value": ...}.`, {
      target: "value",
    });
  }
  if (others.length > 0) {
    const other = others[0]!.slice(0, 128);
    throw badRequest(`The body holds one value under the name 'value'; '${other}' has no meaning there.`, {
      target: other,
    });
  }
  return { value, path: "value" };
}

/** Control information and annotations: `@odata.context`, `value@odata.type`. */
function isAnnotation(member: string): boolean {
  return member.includes("@");
}

function readJsonObject(body: string | Buffer): JsonObject {
  const text = readText(body);
  if (!/\S/.test(text)) throw badRequest('The request body is empty; send a JSON object such as {"value": ...}.');
  const value = parseJson(text);
  if (value.kind === "object") return value;
  throw badRequest(`The request body must be a JSON object such as {"value": ...}, and no JSON ${value.kind}.`);
}

function readText(body: string | Buffer): string {
  if (typeof body === "string") return body;
  if (!isUtf8(body)) throw badRequest("The request body is not valid UTF-8.");
  return body.toString("utf8");
}

/**
 * A complex value of a body that is addressed with a type cast: it is of this type where it does not say one.
 *
 * @throws {ODataError} 400 where it says another one
 */
export function withCast({ value, path }: BodyValue, cast: ComplexType | undefined, model: Model): BodyValue {
  if (cast === undefined || value.kind !== "object") return { value, path };
  const type = actualType(model, value.members, cast, cast, `The value of '${path}'`);
  if (typeof type === "string") throw badRequest(type, { target: path });
  if (!isOrDerivesFrom(type, cast)) throw new Error("The type was checked against the cast.");
  if (typeAnnotation(value.members) !== undefined) return { value, path };
  const annotation: JsonValue = { kind: "string", at: value.at, value: `#${type.qualifiedName}` };
  return { value: { ...value, members: new Map([["@odata.type", annotation], ...value.members]) }, path };
}

/**
 * The value that a body holds as it is: Protocol 4.01, section 11.4.9.1. Bytes have the media type that `Core.MediaType` says,
 * or any where it says none; everything else is plain text, written as in a URL but without quotes.
 *
 * @throws {ODataError} 415 for another media type, 400 where the text is no value of the type
 * @example readRawBody(request, price) // the text 12.50 is { kind: "number", text: "12.5" }
 */
export function readRawBody({ body = "", headers }: ODataRequest, property: Property): BodyValue {
  const { name, type } = property;
  const primitive = type.kind === "typeDefinition" ? type.underlyingType : type;
  if (primitive.qualifiedName === "Edm.Binary") {
    requireType(headers["content-type"], mediaTypesOf(property));
    const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
    return { value: { kind: "string", at: 0, value: bytes.toString("base64url") }, path: name };
  }
  requireType(headers["content-type"], ["text/plain"]);
  const text = readText(body);
  if (primitive.kind === "enum" || primitive.qualifiedName === "Edm.String")
    return { value: { kind: "string", at: 0, value: text }, path: name };
  if (primitive.kind === "complex") throw new Error("A complex value has no raw value.");
  const written = text.trim();
  const scalar = readKeySegment(primitive, written);
  if (scalar === undefined) {
    throw badRequest(
      `'${written.slice(0, 100)}' is no raw value of '${name}', which is of type '${type.qualifiedName}'.`,
      {
        target: name,
      },
    );
  }
  return { value: parseJson(writeJson(primitive, scalar)), path: name };
}

/** `Core.MediaType` of a property with bytes. */
function mediaTypesOf({ annotations }: Property): readonly string[] | undefined {
  const declared = annotationValue(annotations, "Org.OData.Core.V1.MediaType");
  return typeof declared === "string" ? [declared.toLowerCase(), "application/octet-stream"] : undefined;
}

/** @param allowed any where absent */
function requireType(contentType: string | undefined, allowed: readonly string[] | undefined): void {
  const type = contentType?.split(";", 1)[0]!.trim().toLowerCase();
  if (type !== undefined && type !== "" && (allowed === undefined || allowed.includes(type))) return;
  const expected = allowed === undefined ? "the media type of the value" : allowed.join(" or ");
  throw new ODataError(
    415,
    "UnsupportedMediaType",
    type === undefined || type === ""
      ? `The request has no Content-Type header; it has to say ${expected}.`
      : `The body's type '${type.slice(0, 60).replace(/[^\x20-\x7e]/g, "?")}' is not understood; send ${expected}.`,
    { target: "Content-Type" },
  );
}
