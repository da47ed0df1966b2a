import type { EdmType, EntityType, EnumType, Model, PrimitiveType, Property, StructuredType } from "../../edm/index.js";
import { isOrDerivesFrom } from "../../edm/model.js";
import {
  PrimitiveValueError,
  enumNumber,
  readEnumJson,
  readGeoJson,
  readJson,
  type JsonScalar,
  type Scalar,
} from "../../edm/primitives/index.js";
import { Decimal } from "./decimal.js";
import { Temporal, type TemporalKind } from "./temporal.js";
import { EnumValue, Geo, Instance, JsonObject, type Members, type Value } from "./value.js";

/**
 * Plain objects as entities and complex values. What is wrong in them is the fault of whoever made them, not of a client:
 * a `TypeError` names the property and the value.
 */
export function readInstance(raw: unknown, declared: StructuredType, model: Model, where: string): Instance {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw wrong(where, raw, declared.qualifiedName);
  const data = raw as Readonly<Record<string, unknown>>;
  const type = actualType(data, declared, model, where);
  return new Instance(type, new DataMembers(data, type, model));
}

/** The type that `@odata.type` names, else the declared one. */
function actualType(
  data: Readonly<Record<string, unknown>>,
  declared: StructuredType,
  model: Model,
  where: string,
): StructuredType {
  const name = data["@odata.type"];
  if (name === undefined) return declared;
  const type = typeof name === "string" ? model.types.get(name.slice(name.indexOf("#") + 1)) : undefined;
  if (type === undefined || !isOrDerivesFrom(type, declared)) {
    throw wrong(`${where}/@odata.type`, name, `type that is or derives from ${declared.qualifiedName}`);
  }
  return type as StructuredType;
}

/** The members of a plain object, each read when it is first asked for and then kept. */
class DataMembers implements Members {
  readonly #data: Readonly<Record<string, unknown>>;
  readonly #type: StructuredType;
  readonly #model: Model;
  readonly #read = new Map<string, Value>();
  #dynamic: readonly string[] | undefined;

  constructor(data: Readonly<Record<string, unknown>>, type: StructuredType, model: Model) {
    this.#data = data;
    this.#type = type;
    this.#model = model;
  }

  property(name: string): Value {
    return this.#once(name, () => {
      const property = this.#type.properties.get(name)!;
      return readProperty(property, this.#data[name], this.#model, this.#where(name));
    });
  }

  navigation(name: string): Value {
    return this.#once(name, () => {
      const { type, collection } = this.#type.navigationProperties.get(name)!;
      const raw = this.#data[name];
      return collection ? readEntities(raw, type, this.#model, this.#where(name)) : this.#entity(raw, type, name);
    });
  }

  get dynamic(): readonly string[] {
    if (!this.#type.open) return [];
    return (this.#dynamic ??= Object.keys(this.#data).filter(
      (name) => !name.includes("@") && this.raw(name) !== undefined && typeof this.raw(name) !== "function",
    ));
  }

  raw(name: string): unknown {
    const { open, properties, navigationProperties } = this.#type;
    if (!open || properties.has(name) || navigationProperties.has(name)) return undefined;
    return Object.hasOwn(this.#data, name) ? this.#data[name] : undefined;
  }

  #entity(raw: unknown, type: EntityType, name: string): Value {
    return raw === null || raw === undefined ? null : readInstance(raw, type, this.#model, this.#where(name));
  }

  #once(name: string, read: () => Value): Value {
    let value = this.#read.get(name);
    if (value === undefined) {
      value = read();
      this.#read.set(name, value);
    }
    return value;
  }

  #where(name: string): string {
    return `${this.#type.qualifiedName}/${name}`;
  }
}

/** A collection of entities: an array or anything else that can be iterated; nothing is an empty one. */
export function readEntities(raw: unknown, type: EntityType, model: Model, where: string): Instance[] {
  if (raw === null || raw === undefined) return [];
  if (typeof raw !== "object" || !(Symbol.iterator in raw)) throw wrong(where, raw, "collection");
  return Array.from(raw as Iterable<unknown>, (item) => readInstance(item, type, model, where));
}

/** The value of a structural property; a missing one is null, or the empty collection. */
export function readProperty(property: Property, raw: unknown, model: Model, where: string): Value {
  if (!property.collection) return readItem(property.type, raw, model, where);
  if (raw === null || raw === undefined) return [];
  if (!Array.isArray(raw)) throw wrong(where, raw, "collection");
  return raw.map((item) => readItem(property.type, item, model, where));
}

/** A dynamic value read as one of a type; null where it is of another kind. */
export function readDynamic(raw: unknown, type: EdmType | undefined, collection: boolean, model: Model): Value {
  const nothing = collection ? [] : null;
  if (raw === null || raw === undefined || type === undefined || type.kind === "entity") return natural(raw) ?? nothing;
  if (Array.isArray(raw) !== collection) return nothing;
  try {
    if (Array.isArray(raw)) return raw.map((item) => readItem(type, item, model, ""));
    return readItem(type, raw, model, "");
  } catch (error) {
    if (error instanceof TypeError) return nothing;
    throw error;
  }
}

function readItem(type: Exclude<EdmType, EntityType>, raw: unknown, model: Model, where: string): Value {
  if (raw === null || raw === undefined) return null;
  switch (type.kind) {
    case "complex":
      return readInstance(raw, type, model, where);
    case "enum":
      return attempt(where, raw, type.qualifiedName, () => fromScalar(type, readEnumJson(type, jsonScalar(raw))));
    case "typeDefinition":
      return readPrimitive(type.underlyingType, raw, where);
    case "primitive":
      return readPrimitive(type, raw, where);
  }
}

function readPrimitive(type: PrimitiveType, raw: unknown, where: string): Value {
  const name = type.qualifiedName;
  switch (name) {
    case "Edm.Untyped":
    case "Edm.PrimitiveType":
    case "Edm.ComplexType":
      return natural(raw);
    // Content of its own URL, never a value.
    case "Edm.Stream":
      return null;
    default:
      return attempt(where, raw, name, () => {
        if (name.startsWith("Edm.Geo") && typeof raw === "object") {
          return new Geo(readGeoJson(name, { srid: "variable" }, JSON.stringify(raw)));
        }
        return fromScalar(type, readJson(type, {}, jsonScalar(javaScriptText(type, raw))));
      });
  }
}

/** What only JavaScript has, as the text that JSON would have for it. */
function javaScriptText(type: PrimitiveType, raw: unknown): unknown {
  if (raw instanceof Date) {
    const text = raw.toISOString();
    if (type.qualifiedName === "Edm.Date") return text.slice(0, 10);
    return type.qualifiedName === "Edm.TimeOfDay" ? text.slice(11, -1) : text;
  }
  if (raw instanceof Uint8Array) return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("base64url");
  return raw;
}

function jsonScalar(raw: unknown): JsonScalar {
  switch (typeof raw) {
    case "string":
    case "boolean":
      return raw;
    case "bigint":
      return { text: raw.toString() };
    case "number":
      if (Number.isFinite(raw)) return { text: String(raw) };
      return Number.isNaN(raw) ? "NaN" : raw > 0 ? "INF" : "-INF";
    default:
      throw new PrimitiveValueError("it is no primitive value");
  }
}

function attempt<T>(where: string, raw: unknown, type: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    // A date that is none makes toISOString throw a RangeError; JSON text can fail on a circle.
    if (error instanceof PrimitiveValueError || error instanceof RangeError) throw wrong(where, raw, type);
    throw error;
  }
}

function wrong(where: string, raw: unknown, type: string): TypeError {
  return new TypeError(`The value of '${where}' is no ${type}: ${shown(raw)}.`);
}

function shown(raw: unknown): string {
  const text = typeof raw === "string" ? `'${raw}'` : Array.isArray(raw) ? "an array" : String(raw);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const TEMPORAL: ReadonlyMap<string, TemporalKind> = new Map([
  ["Edm.Date", "date"],
  ["Edm.TimeOfDay", "timeOfDay"],
  ["Edm.DateTimeOffset", "instant"],
  ["Edm.Duration", "duration"],
]);

const EXACT: ReadonlySet<string> = new Set([
  "Edm.Byte",
  "Edm.SByte",
  "Edm.Int16",
  "Edm.Int32",
  "Edm.Int64",
  "Edm.Decimal",
]);

const SPECIAL: ReadonlyMap<Scalar, number> = new Map([
  ["INF", Infinity],
  ["-INF", -Infinity],
  ["NaN", NaN],
]);

/** The value that the engine's scalar stands for, which is how literals and keys come. */
export function fromScalar(type: PrimitiveType | EnumType | undefined, scalar: Scalar): Value {
  if (type === undefined) return natural(scalar);
  if (type.kind === "enum") return new EnumValue(type, enumNumber(type, String(scalar)));
  const name = type.qualifiedName;
  // A Decimal whose scale is `floating` can be one of the three that are no numbers.
  if (EXACT.has(name)) return SPECIAL.get(scalar) ?? Decimal.parse(String(scalar));
  const kind = TEMPORAL.get(name);
  if (kind !== undefined) return Temporal.parse(kind, String(scalar));
  if (name.startsWith("Edm.Geo")) return new Geo(String(scalar));
  return name === "Edm.Untyped" || name === "Edm.PrimitiveType" ? natural(scalar) : scalar;
}

/** Whether values of a type are kept as {@link Decimal}. */
export function isExact(type: EdmType | undefined): boolean {
  return type?.kind === "primitive" && EXACT.has(type.qualifiedName);
}

/** A value of which nobody knows the type: of an open type, or Edm.Untyped. */
export function natural(raw: unknown): Value {
  switch (typeof raw) {
    case "string":
    case "boolean":
      return raw;
    case "bigint":
      return Decimal.of(raw);
    case "number":
      return Number.isFinite(raw) ? Decimal.parse(String(raw)) : raw;
    case "object": {
      if (raw === null) return null;
      if (raw instanceof Date) return raw.toISOString();
      if (raw instanceof Uint8Array) {
        return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("base64url");
      }
      if (Array.isArray(raw)) return raw.map(natural);
      const data = raw as Readonly<Record<string, unknown>>;
      const members = Object.entries(data).filter(([, value]) => value !== undefined && typeof value !== "function");
      return new JsonObject(new Map(members.map(([name, value]) => [name, natural(value)])), { raw: data });
    }
    default:
      return null;
  }
}
