import type { EdmType, EntityType, Model, StructuredType } from "../edm/index.js";
import { canonicalDecimal } from "../edm/primitives/index.js";
import { badRequest } from "../errors/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import type { JsonObject, JsonValue } from "../format/json-text.js";
import { parseJson } from "../format/json-text.js";
import type { PlainObject } from "./invoke-values.js";
import { isLong } from "./invoke-values.js";

/**
 * How methods get values of `Edm.Int64` and `Edm.Decimal`: as texts always, or as numbers wherever a number holds them
 * exactly, which is what code written for `odata-v4-server` expects.
 */
export type LongValues = "text" | "number";

/**
 * JSON as plain JavaScript values.
 *
 * @param type the declared type of the value, or of the items of an array; `undefined` where nobody knows
 */
export function plainValue(value: JsonValue, type: EdmType | undefined, long: LongValues, model: Model): unknown {
  switch (value.kind) {
    case "null":
      return null;
    case "string":
      // With IEEE754Compatible=true it may be a number all the same.
      return type !== undefined && isLong(type) && long === "number" ? numberOf(value.value) : value.value;
    case "boolean":
      return value.value;
    case "number":
      return type !== undefined && isLong(type) && long === "text" ? value.text : numberOf(value.text);
    case "array":
      return value.items.map((item) => plainValue(item, type, long, model));
    case "object":
      return plainMembers(value, structured(type), long, model);
  }
}

function numberOf(text: string): number | string {
  const number = Number(text);
  const canonical = canonicalDecimal(text);
  return canonical !== undefined && Number.isFinite(number) && canonicalDecimal(String(number)) === canonical
    ? number
    : text;
}

function structured(type: EdmType | undefined): StructuredType | undefined {
  return type?.kind === "entity" || type?.kind === "complex" ? type : undefined;
}

function plainMembers(
  { members }: JsonObject,
  declared: StructuredType | undefined,
  long: LongValues,
  model: Model,
): PlainObject {
  const named = members.get("@odata.type") ?? members.get("@type");
  const name = named?.kind === "string" ? named.value.slice(named.value.lastIndexOf("#") + 1) : undefined;
  const type = name === undefined ? declared : (structured(model.types.get(name)) ?? declared);
  const plain: PlainObject = {};
  for (const [member, value] of members) {
    const memberType = type?.properties.get(member)?.type ?? type?.navigationProperties.get(member)?.type;
    set(plain, member, plainValue(value, memberType, long, model));
  }
  return plain;
}

/** A member of any name, `__proto__` too. */
function set(plain: PlainObject, name: string, value: unknown): void {
  Object.defineProperty(plain, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * The body of a request as a method takes it: what of it was understood, in canonical form, and what it says of
 * relationships as it was written. Values that clients may not write are not in it.
 *
 * @param body the text that `payload` was read from
 */
export function plainBody(
  body: string | Buffer | undefined,
  payload: EntityPayload,
  expected: EntityType,
  long: LongValues,
  model: Model,
): PlainObject {
  const plain: PlainObject = {};
  if (payload.type !== expected) plain["@odata.type"] = `#${payload.type.qualifiedName}`;
  for (const [{ name, type }, text] of payload.properties)
    set(plain, name, plainValue(parseJson(text), type, long, model));
  for (const [name, text] of payload.dynamicProperties)
    set(plain, name, plainValue(parseJson(text), undefined, long, model));
  for (const [name, value] of objectIn(body).members) {
    const navigation = payload.type.navigationProperties.get(name.split("@", 1)[0]!);
    if (navigation !== undefined) set(plain, name, plainValue(value, navigation.type, long, model));
  }
  return plain;
}

/** @throws {ODataError} 400 where a body is no JSON object */
export function objectIn(body: string | Buffer | undefined): JsonObject {
  const text = body === undefined ? "" : body.toString();
  const value = parseJson(text);
  if (value.kind !== "object") throw badRequest("The request body must be a JSON object.");
  return value;
}
