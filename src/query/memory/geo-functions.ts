/** `geo.distance`, `geo.length`, `geo.intersects`: URL Conventions 4.01, section 5.1.1.12. */

/** The mean radius of the Earth in meters. */
const EARTH = 6_371_008.8;

type Position = readonly number[];

interface GeoJson {
  readonly type: string;
  readonly coordinates: unknown;
}

function parse(text: string): GeoJson {
  return JSON.parse(text) as GeoJson;
}

/**
 * From point to point: in meters along a great circle on Geography, on the plane for Geometry.
 *
 * @param geography whether the values are of a Geography type
 */
export function geoDistance(from: string, to: string, geography: boolean): number {
  return distance(parse(from).coordinates as Position, parse(to).coordinates as Position, geography);
}

/** The distances along a line string, added up. */
export function geoLength(line: string, geography: boolean): number {
  const positions = parse(line).coordinates as readonly Position[];
  let sum = 0;
  for (let at = 1; at < positions.length; at++) sum += distance(positions[at - 1]!, positions[at]!, geography);
  return sum;
}

function distance(from: Position, to: Position, geography: boolean): number {
  const [x1 = 0, y1 = 0] = from;
  const [x2 = 0, y2 = 0] = to;
  if (!geography) return Math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2);
  const radians = Math.PI / 180;
  const half = (angle: number) => Math.sin((angle * radians) / 2) ** 2;
  const haversine = half(y2 - y1) + Math.cos(y1 * radians) * Math.cos(y2 * radians) * half(x2 - x1);
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(haversine)));
}

/** Whether a point is in a polygon: on its border or within, but not within one of its holes. On the plane. */
export function geoIntersects(point: string, polygon: string): boolean {
  const position = parse(point).coordinates as Position;
  const [outer, ...holes] = parse(polygon).coordinates as readonly (readonly Position[])[];
  const place = placeInRing(position, outer ?? []);
  if (place !== "inside") return place === "border";
  return holes.every((hole) => placeInRing(position, hole) !== "inside");
}

function placeInRing([x = 0, y = 0]: Position, ring: readonly Position[]): "inside" | "border" | "outside" {
  let inside = false;
  for (let at = 1; at < ring.length; at++) {
    const [x1 = 0, y1 = 0] = ring[at - 1]!;
    const [x2 = 0, y2 = 0] = ring[at]!;
    const side = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
    const between = Math.min(x1, x2) <= x && x <= Math.max(x1, x2) && Math.min(y1, y2) <= y && y <= Math.max(y1, y2);
    if (side === 0 && between) return "border";
    // A ray to the right crosses the edge: upward edges count their lower end, downward ones their upper.
    if (y1 > y !== y2 > y && side > 0 === y2 > y1) inside = !inside;
  }
  return inside ? "inside" : "outside";
}
