import type { LiteralForm } from "../../syntax/ast.js";
import type { EnumType, PrimitiveType, PrimitiveTypeName, TypeDefinition } from "../model.js";
import type { Facets } from "../source.js";
import type { Codec } from "./codec.js";
import { PrimitiveValueError } from "./error.js";
import { geoCodec } from "./geo.js";
import { decimal, double, int64, integerCodec, single } from "./numbers.js";
import { date, dateTimeOffset, duration, timeOfDay } from "./temporal.js";
import { binary, boolean, guid, string } from "./text.js";
import { untypedCodec, unreadableCodec } from "./untyped.js";
import type { JsonScalar, Scalar } from "./value.js";

export { PrimitiveValueError } from "./error.js";
export { enumNumber, readEnumJson, readEnumLiteral, writeEnumLiteral } from "./enums.js";
export { readGeoJson } from "./geo.js";
export { canonicalDecimal } from "./numbers.js";
export { instantText } from "./temporal.js";
export type { JsonNumber, JsonScalar, Scalar } from "./value.js";

/** CSDL 4.01, section 3.3: every primitive type has its reader and writer here, the abstract ones too. */
const CODECS: Readonly<Record<PrimitiveTypeName, Codec>> = {
  "Edm.Binary": binary,
  "Edm.Boolean": boolean,
  "Edm.Byte": integerCodec("Edm.Byte", 0, 255),
  "Edm.Date": date,
  "Edm.DateTimeOffset": dateTimeOffset,
  "Edm.Decimal": decimal,
  "Edm.Double": double,
  "Edm.Duration": duration,
  "Edm.Guid": guid,
  "Edm.Int16": integerCodec("Edm.Int16", -32768, 32767),
  "Edm.Int32": integerCodec("Edm.Int32", -2147483648, 2147483647),
  "Edm.Int64": int64,
  "Edm.SByte": integerCodec("Edm.SByte", -128, 127),
  "Edm.Single": single,
  "Edm.String": string,
  "Edm.TimeOfDay": timeOfDay,
  "Edm.Geography": geoCodec("Edm.Geography"),
  "Edm.GeographyPoint": geoCodec("Edm.GeographyPoint"),
  "Edm.GeographyLineString": geoCodec("Edm.GeographyLineString"),
  "Edm.GeographyPolygon": geoCodec("Edm.GeographyPolygon"),
  "Edm.GeographyMultiPoint": geoCodec("Edm.GeographyMultiPoint"),
  "Edm.GeographyMultiLineString": geoCodec("Edm.GeographyMultiLineString"),
  "Edm.GeographyMultiPolygon": geoCodec("Edm.GeographyMultiPolygon"),
  "Edm.GeographyCollection": geoCodec("Edm.GeographyCollection"),
  "Edm.Geometry": geoCodec("Edm.Geometry"),
  "Edm.GeometryPoint": geoCodec("Edm.GeometryPoint"),
  "Edm.GeometryLineString": geoCodec("Edm.GeometryLineString"),
  "Edm.GeometryPolygon": geoCodec("Edm.GeometryPolygon"),
  "Edm.GeometryMultiPoint": geoCodec("Edm.GeometryMultiPoint"),
  "Edm.GeometryMultiLineString": geoCodec("Edm.GeometryMultiLineString"),
  "Edm.GeometryMultiPolygon": geoCodec("Edm.GeometryMultiPolygon"),
  "Edm.GeometryCollection": geoCodec("Edm.GeometryCollection"),
  "Edm.Untyped": untypedCodec((form, text) => readNaturally(form, text)),
  "Edm.PrimitiveType": untypedCodec((form, text) => readNaturally(form, text)),
  "Edm.Stream": unreadableCodec("Edm.Stream", "its content is written at its own URL"),
  "Edm.ComplexType": unreadableCodec("Edm.ComplexType", "it takes a JSON object"),
  "Edm.EntityType": unreadableCodec("Edm.EntityType", "it takes a JSON object"),
};

/**
 * A value from a payload, checked against its type and the facets of its property.
 *
 * @param value a JSON string, boolean or number; geo values are objects and go through {@link readGeoJson}
 * @throws PrimitiveValueError where the type or a facet does not take the value
 * @example readJson(int32, {}, { text: "42" }) // 42
 * @example readJson(dateTimeOffset, {}, "2024-02-29T12:00:00+01:00") // "2024-02-29T11:00:00Z"
 */
export function readJson(type: PrimitiveType, facets: Facets, value: JsonScalar): Scalar {
  return CODECS[type.qualifiedName].readJson(facets, value);
}

/**
 * A value from a URL literal.
 *
 * @param form how the literal is written
 * @param text its text as the syntax tree holds it: without quotes and prefix
 * @returns `undefined` where such a literal is none of the type: the binder goes on with promotion or an error of its own
 * @throws PrimitiveValueError where the form fits, but the value is out of range
 * @example readLiteral(int16, "integer", "12") // 12
 * @example readLiteral(int16, "string", "12") // undefined
 */
export function readLiteral(type: PrimitiveType, form: LiteralForm, text: string): Scalar | undefined {
  return CODECS[type.qualifiedName].readLiteral(form, text);
}

/**
 * A key value that stands as a path segment of its own, without quotes: URL Conventions 4.01, section 4.3.3.
 *
 * @param text the segment, percent-decoded
 * @returns `undefined` where the text is no value of the type, so that no entity can have it
 * @example readKeySegment(string, "O'Neil") // "O'Neil"
 */
export function readKeySegment(type: PrimitiveType, text: string): Scalar | undefined {
  try {
    return CODECS[type.qualifiedName].readText(text);
  } catch (error) {
    if (error instanceof PrimitiveValueError) return undefined;
    throw error;
  }
}

/**
 * The JSON text of a value, canonical: what is stored and sent.
 *
 * @param ieee754Compatible write Edm.Int64 and Edm.Decimal as strings: JSON Format 4.01, section 3.2
 * @example writeJson(int64, "9007199254740993", true) // "\"9007199254740993\""
 */
export function writeJson(type: PrimitiveType, value: Scalar, ieee754Compatible = false): string {
  return CODECS[type.qualifiedName].writeJson(value, ieee754Compatible);
}

/**
 * The URL literal of a value, not yet percent-encoded.
 *
 * @example writeLiteral(string, "O'Neil") // "'O''Neil'"
 * @example writeLiteral(duration, "PT1H") // "duration'PT1H'"
 */
export function writeLiteral(type: PrimitiveType, value: Scalar): string {
  return CODECS[type.qualifiedName].writeLiteral(value);
}

/**
 * The type that a literal has by itself, where nothing that it meets says another.
 *
 * @returns `undefined` for null and enumeration literals
 * @example literalTypeName("integer", "5000000000") // "Edm.Int64"
 */
export function literalTypeName(form: LiteralForm, text: string): PrimitiveTypeName | undefined {
  switch (form) {
    case "null":
    case "enum":
      return undefined;
    case "integer": {
      const digits = text.replace(/^[+-]?0*/, "").length;
      if (digits <= 10 && fits("Edm.Int32", text)) return "Edm.Int32";
      return digits <= 19 && fits("Edm.Int64", text) ? "Edm.Int64" : "Edm.Decimal";
    }
    case "geography":
    case "geometry": {
      const all = form === "geography" ? "Edm.Geography" : "Edm.Geometry";
      const kind = /^SRID=\d+;([A-Za-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? "";
      const names = Object.keys(CODECS) as PrimitiveTypeName[];
      const suffix = kind === "geometrycollection" ? "collection" : kind;
      return names.find((name) => name.startsWith(all) && name.slice(all.length).toLowerCase() === suffix) ?? all;
    }
    default:
      return `Edm.${form[0]!.toUpperCase()}${form.slice(1)}` as PrimitiveTypeName;
  }
}

function fits(name: PrimitiveTypeName, text: string): boolean {
  try {
    return CODECS[name].readLiteral("integer", text) !== undefined;
  } catch (error) {
    if (error instanceof PrimitiveValueError) return false;
    throw error;
  }
}

/** Where the type says nothing, any number is a JavaScript number; text would become a string when it is written. */
function readNaturally(form: LiteralForm, text: string): Scalar | undefined {
  if (form === "integer" || form === "decimal") return double.readText(text);
  const name = literalTypeName(form, text);
  return name === undefined ? undefined : CODECS[name].readLiteral(form, text);
}

/**
 * What stands in for "no value" in a property that may not be null and has no default, as JSON text: `0`, `false`, the
 * empty text, the first day, the member with the value 0 or else the first.
 *
 * @example zeroValue(guidType) // "\"00000000-0000-0000-0000-000000000000\""
 */
export function zeroValue(type: PrimitiveType | EnumType | TypeDefinition): string {
  switch (type.kind) {
    case "primitive":
      return CODECS[type.qualifiedName].zero;
    case "typeDefinition":
      return CODECS[type.underlyingType.qualifiedName].zero;
    case "enum": {
      const name = type.names.get(0) ?? type.members.keys().next().value;
      return name === undefined ? "null" : JSON.stringify(name);
    }
  }
}
