import type { Property, StructuredType } from "../../edm/index.js";
import { natural } from "./data.js";
import { Decimal } from "./decimal.js";
import { Temporal } from "./temporal.js";
import { EnumValue, Geo, Instance, JsonObject, Row, isCollection, type Structured, type Value } from "./value.js";

/**
 * `eq`: null equals null and nothing else, NaN nothing at all; numbers by value, structured values and collections by
 * their content (docs/query-semantics.md).
 */
export function equals(left: Value, right: Value): boolean {
  if (left === null || right === null) return left === right;
  if (isNumeric(left) && isNumeric(right)) {
    if (left instanceof Decimal && right instanceof Decimal) return left.equals(right);
    return asDouble(left) === asDouble(right);
  }
  if (left instanceof Temporal) {
    return right instanceof Temporal && left.kind === right.kind && left.picoseconds === right.picoseconds;
  }
  if (left instanceof EnumValue) return right instanceof EnumValue && left.number === right.number;
  if (left instanceof Geo) return right instanceof Geo && left.text === right.text;
  if (isCollection(left)) {
    if (!isCollection(right) || left.length !== right.length) return false;
    return left.every((item, index) => equals(item, right[index]!));
  }
  if (isStructured(left)) return isStructured(right) && sameContent(left, right);
  return left === right;
}

function isNumeric(value: Value): value is number | Decimal {
  return typeof value === "number" || value instanceof Decimal;
}

/** A number as the double that it becomes where it meets one. */
export function asDouble(value: number | Decimal): number {
  return typeof value === "number" ? value : value.toNumber();
}

function isStructured(value: Value): value is Structured {
  return value instanceof Instance || value instanceof JsonObject || value instanceof Row;
}

function sameContent(left: Structured, right: Structured): boolean {
  if (left instanceof Instance && right instanceof Instance) {
    if (left.type.kind === "entity" && right.type.kind === "entity") return sameEntity(left, right);
  }
  if (typeOf(left) !== typeOf(right)) return false;
  const names = new Set([...memberNames(left), ...memberNames(right)]);
  for (const name of names) {
    if (!equals(memberOf(left, name), memberOf(right, name))) return false;
  }
  return true;
}

function typeOf(value: Structured): StructuredType | undefined {
  return value instanceof Row ? value.entity?.type : value.type;
}

/** Two entities are the same if they have the same key: URL Conventions 4.01, section 5.1.1.1.1. */
function sameEntity(left: Instance, right: Instance): boolean {
  const key = keyOf(left);
  const other = keyOf(right);
  return key.length === other.length && key.every(({ name }) => equals(memberOf(left, name), memberOf(right, name)));
}

function keyOf(instance: Instance): readonly Property[] {
  return instance.type.kind === "entity" ? instance.type.key : [];
}

function memberNames(value: Structured): Iterable<string> {
  if (value instanceof Instance) return [...value.type.properties.keys(), ...value.members.dynamic];
  return [...value.members.keys()].filter((name) => !name.includes("@"));
}

/** A member by name, whatever has it; null where there is none. */
export function memberOf(value: Structured, name: string): Value {
  if (value instanceof Instance) {
    return value.type.properties.has(name) ? value.members.property(name) : natural(value.members.raw(name));
  }
  return value.members.get(name) ?? null;
}

/**
 * The order of `$orderby`, of `min` and `max`: values of one type, null before all of them, NaN behind all other numbers.
 *
 * @returns less than, equal to or greater than 0
 */
export function compare(left: Value, right: Value): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return compareAlike(left, right) ?? 0;
}

/** `undefined` where the values have no order, or are of different kinds, as those of dynamic properties may be. */
function compareAlike(left: Value, right: Value): number | undefined {
  if (left instanceof Decimal && right instanceof Decimal) return left.compare(right);
  if (isNumeric(left) && isNumeric(right)) return compareDoubles(asDouble(left), asDouble(right));
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  if (left instanceof Temporal && right instanceof Temporal && left.kind === right.kind) {
    return compareExact(left.picoseconds, right.picoseconds);
  }
  if (left instanceof EnumValue && right instanceof EnumValue) return compareExact(left.number, right.number);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  return undefined;
}

function compareExact(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareDoubles(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * By code points. JavaScript compares UTF-16 units, whose surrogates, which stand for the highest code points, are lower
 * than the units from U+E000.
 */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return Number(isSurrogate(a)) - Number(isSurrogate(b)) || a - b;
  }
  return left.length - right.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** `gt` and its fellows: false with null and with NaN on a side, and for values that are not of one kind. */
export function isOrdered(operator: "gt" | "ge" | "lt" | "le", left: Value, right: Value): boolean {
  if (left === null || right === null || isNaN(left) || isNaN(right)) return false;
  const order = compareAlike(left, right);
  if (order === undefined) return false;
  switch (operator) {
    case "gt":
      return order > 0;
    case "ge":
      return order >= 0;
    case "lt":
      return order < 0;
    case "le":
      return order <= 0;
  }
}

function isNaN(value: Value): boolean {
  return typeof value === "number" && Number.isNaN(value);
}
