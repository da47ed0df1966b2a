/** Longitude, latitude and up to two more: `positionLiteral` of the ABNF. */
export type Position = readonly number[];

/** A geometry of GeoJSON (RFC 7946, section 3.1) without its reference system. */
export type Geometry =
  | { readonly type: "GeometryCollection"; readonly geometries: readonly Geometry[] }
  | { readonly type: GeometryKind; readonly coordinates: Coordinates };

export type GeometryKind = "Point" | "LineString" | "Polygon" | "MultiPoint" | "MultiLineString" | "MultiPolygon";

export type Coordinates = Position | readonly Coordinates[];

/** How deep the positions lie in `coordinates`. */
export const DEPTH: Readonly<Record<GeometryKind, number>> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
};

/** Geometries in collections in collections: more than any map has. */
export const MOST_NESTED = 20;
