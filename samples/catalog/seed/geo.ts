type Position = readonly [longitude: number, latitude: number];

/** Places on the earth as GeoJSON, which is how OData has them in JSON. */

export function point(...coordinates: Position): object {
  return { type: "Point", coordinates };
}

export function line(...coordinates: readonly Position[]): object {
  return { type: "LineString", coordinates };
}

/** @param ring the positions of the border, the first one again as the last */
export function polygon(...ring: readonly Position[]): object {
  return { type: "Polygon", coordinates: [ring] };
}
