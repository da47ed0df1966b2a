import type { EdmType, EnumType, PrimitiveType } from "../../edm/index.js";
import { isOrDerivesFrom } from "../../edm/model.js";
import {
  PrimitiveValueError,
  readEnumJson,
  readJson,
  readKeySegment,
  writeLiteral,
} from "../../edm/primitives/index.js";
import { fromScalar, isExact } from "./data.js";
import { Decimal } from "./decimal.js";
import { Temporal } from "./temporal.js";
import type { Instance } from "./value.js";
import { EnumValue, Geo, entityOf, isCollection, type Value } from "./value.js";
import { enumText, jsonNumber } from "./write.js";

/**
 * `cast` between primitive and enumeration types: URL Conventions 4.01, section 5.1.1.10.1, with the answers of
 * docs/query-semantics.md. A collection is cast item by item.
 *
 * @param source the type of the value, where it is known
 * @returns null where it cannot be
 */
export function convert(value: Value, source: EdmType | undefined, target: PrimitiveType | EnumType): Value {
  if (value === null) return null;
  if (isCollection(value)) return value.map((item) => convert(item, source, target));
  if (target.kind === "enum") return toEnum(value, source, target);
  const name = target.qualifiedName;
  const from = underlying(source);
  if (isAbstractBase(name, from)) return value;
  // Integers that were computed may not fit their type.
  if (from === target) return value instanceof Decimal && isExact(target) ? toNumber(value, target) : value;
  if (name === "Edm.String") return toText(value, from);
  if (typeof value === "string") return isText(from) ? fromText(value, target) : null;
  if (value instanceof Decimal || typeof value === "number") return toNumber(value, target);
  if (value instanceof EnumValue)
    return isExact(target) && name !== "Edm.Decimal" ? inRange(value.number, target) : null;
  return value instanceof Temporal ? toTemporal(value, name) : null;
}

function underlying(type: EdmType | undefined): EdmType | undefined {
  return type?.kind === "typeDefinition" ? type.underlyingType : type;
}

/** Whether every value of a type is one of the abstract type `name`. */
function isAbstractBase(name: string, type: EdmType | undefined): boolean {
  if (name === "Edm.Untyped") return true;
  if (type?.kind !== "primitive") return false;
  if (name === "Edm.PrimitiveType") return true;
  return (name === "Edm.Geography" || name === "Edm.Geometry") && type.qualifiedName.startsWith(name);
}

/** Text of whose type nothing is known is a string. */
function isText(type: EdmType | undefined): boolean {
  return type === undefined || (type.kind === "primitive" && type.qualifiedName === "Edm.String");
}

/** The canonical literal without prefix and quotes. */
function toText(value: Value, source: EdmType | undefined): Value {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return jsonNumber(value);
  if (value instanceof Decimal || value instanceof Temporal) return value.toString();
  if (value instanceof EnumValue) return enumText(value);
  if (value instanceof Geo && source?.kind === "primitive") {
    return writeLiteral(source, value.text).replace(/^[a-z]+'(.*)'$/, "$1");
  }
  return null;
}

function fromText(text: string, target: PrimitiveType): Value {
  const scalar = readKeySegment(target, text);
  return scalar === undefined ? null : fromScalar(target, scalar);
}

function toNumber(value: Decimal | number, target: PrimitiveType): Value {
  switch (target.qualifiedName) {
    case "Edm.Double":
      return finiteOrNull(typeof value === "number" ? value : value.toNumber(), value);
    case "Edm.Single":
      return toSingle(value, target);
    case "Edm.Decimal":
      if (typeof value !== "number") return value;
      return Number.isFinite(value) ? Decimal.parse(String(value)) : null;
    default: {
      if (!isExact(target) || (typeof value === "number" && !Number.isFinite(value))) return null;
      const exact = typeof value === "number" ? Decimal.parse(String(value)) : value;
      return inRange(exact.truncated().units, target);
    }
  }
}

/** An infinity that only the conversion has made is no value. */
function finiteOrNull(double: number, value: Decimal | number): Value {
  return Number.isFinite(double) || typeof value === "number" ? double : null;
}

function toSingle(value: Decimal | number, target: PrimitiveType): Value {
  if (typeof value === "number" && !Number.isFinite(value)) return value;
  return attempt(() => fromScalar(target, readJson(target, {}, { text: String(value) })));
}

/** An integer as a value of an integer type. */
function inRange(integer: bigint, target: PrimitiveType): Value {
  return attempt(() => fromScalar(target, readJson(target, {}, { text: integer.toString() })));
}

function toEnum(value: Value, source: EdmType | undefined, target: EnumType): Value {
  if (value instanceof EnumValue) return value.type === target ? value : null;
  const from = underlying(source);
  if (typeof value === "string" && isText(from)) return attempt(() => fromScalar(target, readEnumJson(target, value)));
  if (!(value instanceof Decimal) || !value.isWhole) return null;
  if (from !== undefined && (!isExact(from) || from.name === "Decimal")) return null;
  return attempt(() => fromScalar(target, readEnumJson(target, { text: value.toString() })));
}

function attempt(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof PrimitiveValueError) return null;
    throw error;
  }
}

function toTemporal(value: Temporal, name: string): Value {
  switch (`${value.kind} to ${name}`) {
    case "date to Edm.DateTimeOffset":
      return new Temporal("instant", value.picoseconds);
    case "instant to Edm.Date":
      return new Temporal("date", value.picoseconds - value.sinceMidnight);
    case "instant to Edm.TimeOfDay":
      return new Temporal("timeOfDay", value.sinceMidnight);
    default:
      return null;
  }
}

/**
 * `isof`: section 5.1.1.10.2. Structured values have a type of their own; a primitive value is of the type that the
 * expression has.
 *
 * @param declared the type of the expression, where it is known
 */
export function isOf(value: Value, declared: EdmType | undefined, tested: EdmType, collection: boolean): boolean {
  if (value === null || isCollection(value) !== collection) return false;
  if (isCollection(value)) return value.every((item) => item === null || isOf(item, declared, tested, false));
  const entity = entityOf(value);
  if (entity !== null) return isStructuredOf(entity, tested);
  if (declared === undefined) return false;
  if (declared === tested || underlying(declared) === tested) return true;
  return tested.kind === "primitive" && isAbstractBase(tested.qualifiedName, underlying(declared));
}

function isStructuredOf(instance: Instance, tested: EdmType): boolean {
  if (tested.kind === "primitive") {
    const base = instance.type.kind === "entity" ? "Edm.EntityType" : "Edm.ComplexType";
    return tested.qualifiedName === base || tested.qualifiedName === "Edm.Untyped";
  }
  return isOrDerivesFrom(instance.type, tested);
}
