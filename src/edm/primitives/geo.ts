import type { PrimitiveTypeName } from "../model.js";
import type { Facets } from "../source.js";
import { mismatch, type Codec } from "./codec.js";
import { PrimitiveValueError } from "./error.js";
import { parseWellKnownText, writeWellKnownText } from "./geo-text.js";
import { DEPTH, MOST_NESTED, type Coordinates, type Geometry, type GeometryKind, type Position } from "./geometry.js";

const RIGHT = 'a geo value is GeoJSON, for example {"type":"Point","coordinates":[12.5,41.9]}';

/** The GeoJSON type that a primitive type stands for; `undefined` for Edm.Geography and Edm.Geometry, which take all. */
function geometryName(name: PrimitiveTypeName): string | undefined {
  const rest = name.replace(/^Edm\.(Geography|Geometry)/, "");
  return rest === "" ? undefined : rest === "Collection" ? "GeometryCollection" : rest;
}

function defaultSrid(name: PrimitiveTypeName): number {
  return name.startsWith("Edm.Geography") ? 4326 : 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkPosition(value: unknown): value is Position {
  return (
    Array.isArray(value) &&
    value.length >= 2 &&
    value.length <= 4 &&
    value.every((ordinate) => typeof ordinate === "number" && Number.isFinite(ordinate))
  );
}

function checkCoordinates(value: unknown, depth: number): value is Coordinates {
  if (depth === 0) return checkPosition(value);
  return Array.isArray(value) && value.every((inner) => checkCoordinates(inner, depth - 1));
}

/** Lines have two positions at least, rings four and end where they began: RFC 7946, sections 3.1.4 and 3.1.6. */
function checkLines(kind: GeometryKind, coordinates: Coordinates): void {
  if (kind === "LineString" && coordinates.length < 2) {
    throw new PrimitiveValueError("a LineString has at least two positions");
  }
  if (kind === "MultiLineString") {
    for (const line of coordinates) checkLines("LineString", line as Coordinates);
  }
  if (kind === "MultiPolygon") {
    for (const polygon of coordinates) checkLines("Polygon", polygon as Coordinates);
  }
  if (kind !== "Polygon") return;
  if (coordinates.length === 0) throw new PrimitiveValueError("a Polygon has at least one ring");
  for (const ring of coordinates as readonly (readonly Position[])[]) {
    const first = ring[0];
    const last = ring[ring.length - 1];
    if (ring.length < 4 || first === undefined || String(first) !== String(last)) {
      throw new PrimitiveValueError("a ring of a Polygon has at least four positions and ends where it began");
    }
  }
}

/** A checked copy that holds the members of the standard only, in their order. */
function checkGeometry(value: unknown, name: PrimitiveTypeName, expected: string | undefined, depth: number): Geometry {
  if (!isRecord(value) || typeof value["type"] !== "string")
    throw new PrimitiveValueError(`it is no ${name}; ${RIGHT}`);
  if (depth > MOST_NESTED) throw new PrimitiveValueError(`it nests more than ${MOST_NESTED} geometries`);
  const type = value["type"];
  if (expected !== undefined && type !== expected) {
    throw new PrimitiveValueError(`'${type.slice(0, 40)}' is not the type of a ${name}; its type is '${expected}'`);
  }
  if (type === "GeometryCollection") {
    const { geometries } = value;
    if (!Array.isArray(geometries)) throw new PrimitiveValueError("a GeometryCollection has an array of 'geometries'");
    return { type, geometries: geometries.map((inner) => checkGeometry(inner, name, undefined, depth + 1)) };
  }
  if (!Object.hasOwn(DEPTH, type)) throw new PrimitiveValueError(`'${type.slice(0, 40)}' is no geometry; ${RIGHT}`);
  const kind = type as GeometryKind;
  const { coordinates } = value;
  if (!checkCoordinates(coordinates, DEPTH[kind])) {
    throw new PrimitiveValueError(
      `its 'coordinates' are not those of a ${kind}; positions are arrays of two to four numbers, nested ${DEPTH[kind]} deep`,
    );
  }
  checkLines(kind, coordinates);
  return { type: kind, coordinates };
}

/** The number in `{"crs":{"type":"name","properties":{"name":"EPSG:4326"}}}`: JSON Format 4.01, section 7.1. */
function readCrs(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const properties = isRecord(value) ? value["properties"] : undefined;
  const name = isRecord(properties) ? properties["name"] : undefined;
  const match = typeof name === "string" ? /^(?:EPSG:|urn:ogc:def:crs:EPSG::)(\d{1,5})$/.exec(name) : null;
  if (match === null) {
    throw new PrimitiveValueError(`its 'crs' is not known; write {"type":"name","properties":{"name":"EPSG:4326"}}`);
  }
  return Number(match[1]);
}

/** Canonical GeoJSON text; the reference system is named only where it is not the default of the type. */
function canonical(name: PrimitiveTypeName, geometry: Geometry, srid: number): string {
  const text = JSON.stringify(geometry);
  if (srid === defaultSrid(name)) return text;
  return `${text.slice(0, -1)},"crs":{"type":"name","properties":{"name":"EPSG:${srid}"}}}`;
}

/**
 * A geo value from the JSON object of a payload.
 *
 * @param json the object as JSON text, already known to be well-formed
 * @returns canonical GeoJSON text
 * @throws PrimitiveValueError where it is no GeoJSON geometry of that type and reference system
 * @example readGeoJson("Edm.GeographyPoint", {}, '{"coordinates":[1,2],"type":"Point"}')
 */
export function readGeoJson(name: PrimitiveTypeName, facets: Facets, json: string): string {
  const value = JSON.parse(json) as unknown;
  const geometry = checkGeometry(value, name, geometryName(name), 0);
  const given = readCrs((value as Readonly<Record<string, unknown>>)["crs"]);
  // CSDL 4.01, section 7.2.6: the SRID facet, `variable` for any, and its default by the kind of type.
  const declared = facets.srid ?? defaultSrid(name);
  if (declared !== "variable" && given !== undefined && given !== declared) {
    throw new PrimitiveValueError(`its reference system is EPSG:${given}, and EPSG:${declared} is the one allowed`);
  }
  return canonical(name, geometry, given ?? (declared === "variable" ? defaultSrid(name) : declared));
}

function readText(name: PrimitiveTypeName, text: string): string {
  const { srid, geometry } = parseWellKnownText(text, name);
  return canonical(name, checkGeometry(geometry, name, geometryName(name), 0), srid);
}

/** The codec of one geo type. Its JSON is no scalar: payload readers hand objects to {@link readGeoJson}. */
export function geoCodec(name: PrimitiveTypeName): Codec {
  const form = name.startsWith("Edm.Geography") ? "geography" : "geometry";
  const expected = geometryName(name);
  return {
    readJson(_, value) {
      throw mismatch(value, name, "a GeoJSON object");
    },
    readLiteral(written, text) {
      if (written !== form) return undefined;
      // A point is no wrong polygon, it is a literal of another type.
      const type = /^SRID=\d+;([A-Za-z]+)/i.exec(text)?.[1];
      if (type !== undefined && expected !== undefined && type.toLowerCase() !== expected.toLowerCase())
        return undefined;
      return readText(name, text);
    },
    readText: (text) => readText(name, text),
    writeJson: (value) => value as string,
    writeLiteral(value) {
      const geometry = JSON.parse(value as string) as Geometry & { readonly crs?: unknown };
      return `${form}'${writeWellKnownText(geometry, readCrs(geometry.crs) ?? defaultSrid(name))}'`;
    },
    zero: "null",
  };
}
