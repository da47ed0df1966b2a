import type { EdmType, EnumType, PrimitiveType, PrimitiveTypeName, StructuredType } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { primitiveTypes } from "../edm/primitive-types.js";
import type { BoundExpression } from "./bound.js";

/** The type of a value, or of a collection's items; `undefined` for null and for what nobody knows the type of. */
export function typeOf(expression: BoundExpression): EdmType | undefined {
  const { type } = expression;
  return type?.kind === "shape" ? undefined : type;
}

/** A primitive type by its name. */
export function primitive(name: PrimitiveTypeName): PrimitiveType {
  return primitiveTypes.get(name)!;
}

/** A type definition is the primitive type under it. */
export function underlying(type: EdmType): Exclude<EdmType, { readonly kind: "typeDefinition" }> {
  return type.kind === "typeDefinition" ? type.underlyingType : type;
}

const integers: ReadonlySet<string> = new Set<PrimitiveTypeName>([
  "Edm.Byte",
  "Edm.SByte",
  "Edm.Int16",
  "Edm.Int32",
  "Edm.Int64",
]);

const floats: ReadonlySet<string> = new Set<PrimitiveTypeName>(["Edm.Single", "Edm.Double"]);

export function isInteger(type: EdmType): boolean {
  return integers.has(underlying(type).qualifiedName);
}

export function isFloating(type: EdmType): boolean {
  return floats.has(underlying(type).qualifiedName);
}

export function isNumeric(type: EdmType): boolean {
  return isInteger(type) || isFloating(type) || underlying(type).qualifiedName === "Edm.Decimal";
}

export function isStructured(type: EdmType | undefined): type is StructuredType {
  return type?.kind === "entity" || type?.kind === "complex";
}

/** `Edm.GeographyPoint` and its kin. */
export function isGeo(type: EdmType): boolean {
  return /^Edm\.Geo(graphy|metry)/.test(type.qualifiedName);
}

/** True for one of the built-in primitive types of that name, and for type definitions on it. */
export function isType(type: EdmType | undefined, name: PrimitiveTypeName): boolean {
  return type !== undefined && underlying(type).qualifiedName === name;
}

/** The type of what comes out where two numbers meet: `Edm.Int64`, `Edm.Decimal` or `Edm.Double`. */
export function promoted(left: EdmType, right: EdmType): PrimitiveType {
  if (isFloating(left) || isFloating(right)) return primitive("Edm.Double");
  return primitive(isInteger(left) && isInteger(right) ? "Edm.Int64" : "Edm.Decimal");
}

/**
 * True where values of the two types can be equal: both are numbers, texts, of the same enumeration; one is derived from
 * the other (URL Conventions 4.01, section 5.1.1.1).
 */
export function comparable(left: EdmType, right: EdmType): boolean {
  if (isStructured(left) || isStructured(right)) return isOrDerivesFrom(left, right) || isOrDerivesFrom(right, left);
  return family(left) === family(right);
}

/** A type that holds the values of both; undefined where there is none. */
export function commonType(one: EdmType, other: EdmType): EdmType | undefined {
  if (isStructured(one) || isStructured(other)) {
    if (isOrDerivesFrom(one, other)) return other;
    return isOrDerivesFrom(other, one) ? one : undefined;
  }
  const [a, b] = [underlying(one), underlying(other)];
  if (a === b) return a;
  if (isNumeric(a) && isNumeric(b)) return promoted(a, b);
  if (isDay(a) && isDay(b)) return primitive("Edm.DateTimeOffset");
  // Points and polygons are both geography.
  return comparable(a, b)
    ? primitive(/^Edm\.Geography/.test(a.qualifiedName) ? "Edm.Geography" : "Edm.Geometry")
    : undefined;
}

function isDay(type: EdmType): boolean {
  return isType(type, "Edm.Date") || isType(type, "Edm.DateTimeOffset");
}

function family(type: EdmType): string {
  if (isNumeric(type)) return "number";
  const geo = /^Edm\.(Geography|Geometry)/.exec(type.qualifiedName);
  return geo?.[1] ?? underlying(type).qualifiedName;
}

/** True for types whose values can be sorted and compared with `gt` and its like. */
export function isOrdered(type: EdmType): boolean {
  const base: PrimitiveType | EnumType | StructuredType = underlying(type);
  return base.kind === "enum" || (base.kind === "primitive" && !isGeo(base) && !unordered.has(base.qualifiedName));
}

const unordered: ReadonlySet<string> = new Set<PrimitiveTypeName>([
  "Edm.Stream",
  "Edm.Untyped",
  "Edm.PrimitiveType",
  "Edm.ComplexType",
  "Edm.EntityType",
]);

/** What an expression is, for messages: `Edm.String`, `Collection(Edm.String)`, `null`. */
export function describe(expression: BoundExpression): string {
  const type = typeOf(expression);
  if (type === undefined && expression.kind === "constant") return "null";
  const name = type?.qualifiedName ?? (expression.kind === "object" ? "JSON object" : "unknown type");
  return expression.collection ? `Collection(${name})` : name;
}
