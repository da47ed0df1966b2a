import type { PrimitiveType, PrimitiveTypeName } from "./model.js";

const names: readonly PrimitiveTypeName[] = [
  "Edm.Binary", "Edm.Boolean", "Edm.Byte", "Edm.Date", "Edm.DateTimeOffset", "Edm.Decimal", "Edm.Double", "Edm.Duration",
  "Edm.Guid", "Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.SByte", "Edm.Single", "Edm.Stream", "Edm.String", "Edm.TimeOfDay",
  "Edm.Geography", "Edm.GeographyPoint", "Edm.GeographyLineString", "Edm.GeographyPolygon", "Edm.GeographyMultiPoint",
  "Edm.GeographyMultiLineString", "Edm.GeographyMultiPolygon", "Edm.GeographyCollection",
  "Edm.Geometry", "Edm.GeometryPoint", "Edm.GeometryLineString", "Edm.GeometryPolygon", "Edm.GeometryMultiPoint",
  "Edm.GeometryMultiLineString", "Edm.GeometryMultiPolygon", "Edm.GeometryCollection",
  "Edm.Untyped", "Edm.PrimitiveType", "Edm.ComplexType", "Edm.EntityType",
]; // prettier-ignore

/** The primitive types of CSDL 4.01, section 3.3, and the abstract built-in types, by qualified name. */
export const primitiveTypes: ReadonlyMap<string, PrimitiveType> = new Map(
  names.map((qualifiedName) => [
    qualifiedName,
    Object.freeze({
      kind: "primitive",
      name: qualifiedName.slice("Edm.".length),
      namespace: "Edm",
      qualifiedName,
      annotations: Object.freeze([]),
    } satisfies PrimitiveType),
  ]),
);
