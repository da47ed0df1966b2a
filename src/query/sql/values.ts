import type { BoundExpression } from "../../binding/index.js";
import type { EdmType, PrimitiveType, Property } from "../../edm/index.js";
import type { Scalar } from "../../edm/primitives/index.js";
import type { ColumnKind } from "./mapping.js";
import type { SqlValue } from "./plan.js";

/** The type of an expression's values; `undefined` for rows that `$apply` made. */
export function typeOf(expression: BoundExpression): EdmType | undefined {
  const { type } = expression;
  return type?.kind === "shape" ? undefined : type;
}

/** A type definition stands for the type under it: CSDL 4.01, section 11. */
export function underlying(type: EdmType): Exclude<EdmType, { readonly kind: "typeDefinition" }> {
  return type.kind === "typeDefinition" ? type.underlyingType : type;
}

/**
 * A value as the columns and documents of its type hold it, for a parameter; an Int64 and a Decimal as text, which no
 * driver rounds.
 *
 * @example parameter("2024-01-01T10:00:00Z", dateTimeOffset) // "2024-01-01T10:00:00"
 */
export function parameter(value: Scalar | null, type: EdmType | undefined): SqlValue {
  if (value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  // SQLite has no NaN and takes it for NULL: it is kept as a text there, and PostgreSQL reads that, too.
  if (typeof value === "number") return Number.isNaN(value) ? "NaN" : value;
  if (type !== undefined && underlying(type).qualifiedName === "Edm.DateTimeOffset") return value.replace(/Z$/, "");
  return value;
}

/** What kind of column a property goes to. */
export function columnKind(property: Pick<Property, "type" | "collection">): ColumnKind {
  return property.collection ? "json" : kindOf(property.type);
}

/** The form in which single values of a type are compared, and kept in columns. */
export function kindOf(type: EdmType | undefined): ColumnKind {
  if (type === undefined) return "json";
  const actual = underlying(type);
  switch (actual.kind) {
    case "enum":
      return "text";
    case "complex":
    case "entity":
      return "json";
    case "primitive":
      return primitiveKind(actual);
  }
}

function primitiveKind(type: PrimitiveType): ColumnKind {
  switch (type.qualifiedName) {
    case "Edm.Boolean":
      return "boolean";
    case "Edm.Byte":
    case "Edm.SByte":
    case "Edm.Int16":
    case "Edm.Int32":
    case "Edm.Int64":
      return "integer";
    case "Edm.Single":
    case "Edm.Double":
      return "number";
    case "Edm.Decimal":
      return "decimal";
    case "Edm.DateTimeOffset":
      return "instant";
    case "Edm.Binary":
    case "Edm.Date":
    case "Edm.Duration":
    case "Edm.Guid":
    case "Edm.String":
    case "Edm.TimeOfDay":
    case "Edm.Stream":
      return "text";
    default:
      // Geo values and untyped ones.
      return "json";
  }
}

/** The least and the greatest value of an integer type. */
export interface Bounds {
  readonly min: bigint;
  readonly max: bigint;
}

const INT64: Bounds = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

const INTEGER_BOUNDS: ReadonlyMap<string, Bounds> = new Map([
  ["Edm.Byte", { min: 0n, max: 255n }],
  ["Edm.SByte", { min: -128n, max: 127n }],
  ["Edm.Int16", { min: -32768n, max: 32767n }],
  ["Edm.Int32", { min: -(2n ** 31n), max: 2n ** 31n - 1n }],
  ["Edm.Int64", INT64],
]);

/** The bounds of an integer type; those of Edm.Int64 for what is no integer type. */
export function integerBounds(type: EdmType | undefined): Bounds {
  return (type === undefined ? undefined : INTEGER_BOUNDS.get(underlying(type).qualifiedName)) ?? INT64;
}

/** Whether a 64-bit integer holds all numbers between the bounds. */
export function fitsInt64({ min, max }: Bounds): boolean {
  return min >= INT64.min && max <= INT64.max;
}
