import { primitiveTypes } from "../../../../edm/primitive-types.js";
import { writeLiteral } from "../../../../edm/primitives/index.js";
import { ofDouble } from "./double.js";
import type { SqliteFunction, SqliteValue } from "./function.js";
import { lenient } from "./function.js";

/** The mean radius of the Earth in meters. */
const EARTH_RADIUS = 6_371_008.8;
const RADIAN = Math.PI / 180;

type Position = readonly number[];

/** The coordinates of a value that is a geometry of a kind. */
function coordinates(json: SqliteValue, kind: string): unknown {
  const geometry = JSON.parse(String(json)) as { readonly type?: unknown; readonly coordinates?: unknown };
  return geometry.type === kind ? geometry.coordinates : undefined;
}

function distance([x1 = 0, y1 = 0]: Position, [x2 = 0, y2 = 0]: Position, onSphere: boolean): number {
  if (!onSphere) return Math.hypot(x2 - x1, y2 - y1);
  // The haversine formula.
  const a =
    Math.sin(((y2 - y1) * RADIAN) / 2) ** 2 +
    Math.cos(y1 * RADIAN) * Math.cos(y2 * RADIAN) * Math.sin(((x2 - x1) * RADIAN) / 2) ** 2;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(a)));
}

function length(line: readonly Position[], onSphere: boolean): number {
  return line.reduce((sum, to, index) => (index === 0 ? 0 : sum + distance(line[index - 1]!, to, onSphere)), 0);
}

type Side = "in" | "on" | "out";

/** Where a point is as seen from a ring: even-odd rule, borders told apart. */
function sideOf([x = 0, y = 0]: Position, ring: readonly Position[]): Side {
  let inside = false;
  for (let index = 1; index < ring.length; index++) {
    const [x1 = 0, y1 = 0] = ring[index - 1]!;
    const [x2 = 0, y2 = 0] = ring[index]!;
    const turn = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1);
    const isBetween = x >= Math.min(x1, x2) && x <= Math.max(x1, x2) && y >= Math.min(y1, y2) && y <= Math.max(y1, y2);
    if (turn === 0 && isBetween) return "on";
    if (y1 > y !== y2 > y && (y2 > y1 ? turn > 0 : turn < 0)) inside = !inside;
  }
  return inside ? "in" : "out";
}

/** In the outer ring or on its border, and in no hole; the border of a hole belongs to the polygon. */
function isWithin(point: Position, [outer = [], ...holes]: readonly (readonly Position[])[]): boolean {
  const side = sideOf(point, outer);
  return side === "on" || (side === "in" && holes.every((hole) => sideOf(point, hole) !== "in"));
}

/** Functions on GeoJSON text: URL Conventions 4.01, section 5.1.1.12. */
export const geoFunctions: readonly SqliteFunction[] = [
  lenient("odatum_geo_distance", 3, (from, to, onSphere) => {
    const [a, b] = [coordinates(from, "Point"), coordinates(to, "Point")];
    if (a === undefined || b === undefined) return null;
    return ofDouble(distance(a as Position, b as Position, Number(onSphere) === 1));
  }),
  lenient("odatum_geo_length", 2, (line, onSphere) => {
    const positions = coordinates(line, "LineString");
    return positions === undefined ? null : ofDouble(length(positions as readonly Position[], Number(onSphere) === 1));
  }),
  lenient("odatum_geo_intersects", 2, (point, polygon) => {
    const [position, rings] = [coordinates(point, "Point"), coordinates(polygon, "Polygon")];
    if (position === undefined || rings === undefined) return null;
    return isWithin(position as Position, rings as readonly (readonly Position[])[]) ? 1n : 0n;
  }),
  // The literal without prefix and quotes.
  lenient("odatum_geo_text", 2, (json, typeName) => {
    const type = primitiveTypes.get(String(typeName));
    return type === undefined ? null : writeLiteral(type, String(json)).replace(/^[a-z]+'(.*)'$/, "$1");
  }),
];
