import { Readable } from "node:stream";
import * as serverEdm from "odata-v4-server/build/lib/edm.js";
import type { EdmType, EntityType, Property, StructuredType } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { canonicalDecimal, readJson, PrimitiveValueError } from "../edm/primitives/index.js";
import type { ServiceContext } from "./context.js";
import { settle } from "./invoke-result.js";

/** An entity or a complex value as a plain object. */
export type PlainObject = Record<string, unknown>;

/**
 * A value as methods take it: integers and decimals are numbers where a number holds them exactly, and else texts; dates,
 * times, durations, GUIDs, binary values and the members of enumerations are texts.
 *
 * @example javaScriptValue(int64, "42") // 42
 * @example javaScriptValue(int64, "9007199254740993") // "9007199254740993"
 */
export function javaScriptValue(type: EdmType, value: Scalar): Scalar {
  return isLong(type) && typeof value === "string" ? exactNumber(value) : value;
}

/** Whether values of a type may have more digits than a JavaScript number has. */
export function isLong(type: EdmType): boolean {
  const { qualifiedName } = type.kind === "typeDefinition" ? type.underlyingType : type;
  return qualifiedName === "Edm.Int64" || qualifiedName === "Edm.Decimal";
}

function exactNumber(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) && canonicalDecimal(String(number)) === text ? number : text;
}

/**
 * Whether a member of a plain object has the value of a key.
 *
 * @param raw as a method has given it
 */
export function hasValue({ type }: Property, raw: unknown, value: Scalar): boolean {
  const primitive = type.kind === "typeDefinition" ? type.underlyingType : type;
  if (primitive.kind !== "primitive" || raw === null || raw === undefined) return raw === value;
  try {
    return String(readJson(primitive, {}, jsonScalar(raw))) === String(value);
  } catch (error) {
    if (error instanceof PrimitiveValueError) return false;
    throw error;
  }
}

function jsonScalar(raw: unknown): Parameters<typeof readJson>[2] {
  if (typeof raw === "number" || typeof raw === "bigint") return { text: String(raw) };
  if (raw instanceof Date) return raw.toISOString();
  return typeof raw === "boolean" ? raw : String(raw);
}

/** How deep the values of an object may be nested; a circle would have no end. */
const DEEPEST = 50;

/**
 * The object of a method with everything in it as plain data: promises are waited for, functions called, generators run,
 * streams of objects read, as `odata-v4-server` does for each property; and its type is named where its class tells it.
 * Navigation properties are left to those who follow them.
 */
export async function plainObject(
  raw: object,
  declared: StructuredType,
  context: ServiceContext,
  depth = 0,
): Promise<PlainObject> {
  if (depth > DEEPEST) throw new TypeError(`The objects of '${declared.qualifiedName}' are nested too deeply.`);
  const data = raw as PlainObject;
  const type = actualType(data, declared, context);
  const owner = context.controllers.classFor(type);
  const plain: PlainObject = {};
  for (const [name, value] of Object.entries(data)) if (isKept(type, name)) plain[name] = value;
  if (type !== declared) plain["@odata.type"] = `#${type.qualifiedName}`;
  for (const property of type.properties.values()) {
    const { name } = property;
    if (!(name in data) || (property.type.kind === "primitive" && property.type.name === "Stream")) continue;
    plain[name] = await plainProperty(await converted(data[name], property, owner), data, property, context, depth);
  }
  for (const { name } of type.navigationProperties.values()) if (name in data) plain[name] = data[name];
  return plain;
}

/** Dynamic properties of open types and annotations stay as they are. */
function isKept(type: StructuredType, name: string): boolean {
  if (name.includes("@")) return name !== "@odata.type";
  return type.open && !type.properties.has(name) && !type.navigationProperties.has(name);
}

/** The type that an object says it has, by `@odata.type` (a name or a class) or by its own class. */
function actualType(
  data: PlainObject,
  declared: StructuredType,
  { model, controllers }: ServiceContext,
): StructuredType {
  const said = data["@odata.type"];
  const name =
    typeof said === "string"
      ? said.slice(said.lastIndexOf("#") + 1)
      : (controllers.nameOf(said) ?? controllers.classOf(data));
  const type = name === undefined ? undefined : model.types.get(name);
  return type?.kind === declared.kind && isOrDerivesFrom(type, declared) ? type : declared;
}

/** `@Edm.Serialize` and `@Edm.Convert`. */
function converted(value: unknown, { name }: Property, owner: object | undefined): unknown {
  if (owner === undefined) return value;
  const convert: unknown =
    serverEdm.getSerializer(owner as never, name) ?? serverEdm.getConverter(owner as never, name);
  return typeof convert === "function" ? (convert as (value: unknown, name: string) => unknown)(value, name) : value;
}

async function plainProperty(
  raw: unknown,
  owner: object,
  property: Property,
  context: ServiceContext,
  depth: number,
): Promise<unknown> {
  const value = await resolved(raw, owner);
  if (!property.collection || value === undefined || value === null)
    return plainItem(value, property.type, context, depth);
  const items = Array.isArray(value)
    ? value
    : Symbol.iterator in Object(value) && typeof value === "object"
      ? [...(value as Iterable<unknown>)]
      : [value];
  const plain: unknown[] = [];
  for (const item of items) plain.push(await plainItem(await resolved(item, owner), property.type, context, depth));
  return plain;
}

/** What a member of an object is in the end. */
export async function resolved(raw: unknown, owner: object): Promise<unknown> {
  const value = typeof raw === "function" ? (raw as () => unknown).call(owner) : raw;
  if (typeof value !== "object" || value === null) return value;
  const isLater =
    typeof (value as PlainObject).then === "function" ||
    (value instanceof Readable && value.readableObjectMode) ||
    Object.prototype.toString.call(value) === "[object Generator]";
  return isLater ? (await settle(value, undefined, () => false)).value : value;
}

async function plainItem(value: unknown, type: EdmType, context: ServiceContext, depth: number): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (type.kind === "complex") return plainObject(value, type, context, depth + 1);
  if (value instanceof Date || value instanceof Uint8Array) return value;
  // An id of a database is an object that tells its text.
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON === "function" ? (toJSON as () => unknown).call(value) : value;
}

/**
 * The properties by which an entity of a plain object is known.
 *
 * @returns `undefined` where one of them has no value
 */
export function keyOf(data: PlainObject, type: EntityType): Scalar[] | undefined {
  const values: Scalar[] = [];
  for (const property of type.key) {
    const primitive = property.type.kind === "typeDefinition" ? property.type.underlyingType : property.type;
    const raw = data[property.name];
    if (raw === undefined || raw === null) return undefined;
    values.push(primitive.kind === "primitive" ? readJson(primitive, {}, jsonScalar(raw)) : String(raw));
  }
  return values;
}
