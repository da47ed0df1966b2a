import { expect } from "chai";
import fc from "fast-check";
import {
  PrimitiveValueError,
  readGeoJson,
  readJson,
  readKeySegment,
  readLiteral,
  writeJson,
  writeLiteral,
} from "../../../src/edm/primitives/index.js";
import type { PrimitiveTypeName } from "../../../src/edm/model.js";
import { edm } from "./types.js";

function geo(type: string, value: unknown, facets = {}): string {
  return readGeoJson(`Edm.${type}` as PrimitiveTypeName, facets, JSON.stringify(value));
}

function crs(name: string): object {
  return { crs: { type: "name", properties: { name } } };
}

const ring = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 0],
];

describe("edm/primitives geo", () => {
  const values: readonly [type: string, literal: string, json: object][] = [
    ["Point", "Point(1.5 -2)", { type: "Point", coordinates: [1.5, -2] }],
    [
      "LineString",
      "LineString(1 2,3 4 5)",
      {
        type: "LineString",
        coordinates: [
          [1, 2],
          [3, 4, 5],
        ],
      },
    ],
    ["Polygon", "Polygon((0 0,1 0,1 1,0 0))", { type: "Polygon", coordinates: [ring] }],
    [
      "MultiPoint",
      "MultiPoint((1 2),(3 4))",
      {
        type: "MultiPoint",
        coordinates: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    [
      "MultiLineString",
      "MultiLineString((1 2,3 4))",
      {
        type: "MultiLineString",
        coordinates: [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      },
    ],
    ["MultiPolygon", "MultiPolygon(((0 0,1 0,1 1,0 0)))", { type: "MultiPolygon", coordinates: [[ring]] }],
    ["MultiPoint", "MultiPoint()", { type: "MultiPoint", coordinates: [] }],
    [
      "Collection",
      "GeometryCollection(Point(1 2),GeometryCollection(Point(3 4)))",
      {
        type: "GeometryCollection",
        geometries: [
          { type: "Point", coordinates: [1, 2] },
          { type: "GeometryCollection", geometries: [{ type: "Point", coordinates: [3, 4] }] },
        ],
      },
    ],
  ];
  for (const [kind, literal, json] of values) {
    it(`reads and writes ${literal}`, () => {
      for (const type of [`Geography${kind}`, "Geography"]) {
        const text = JSON.stringify(json);
        expect(geo(type, json)).to.equal(text);
        expect(writeJson(edm(type), text)).to.equal(text);
        expect(writeLiteral(edm(type), text)).to.equal(`geography'SRID=4326;${literal}'`);
        expect(readLiteral(edm(type), "geography", `SRID=4326;${literal}`)).to.equal(text);
        expect(readLiteral(edm(type), "geometry", `SRID=0;${literal}`)).to.equal(undefined);
        expect(readKeySegment(edm(type), `SRID=4326;${literal}`)).to.equal(text);
      }
    });
  }

  it("names the reference system where it is not the default", () => {
    const point = { type: "Point", coordinates: [1, 2] };
    expect(geo("GeographyPoint", { ...crs("EPSG:4326"), ...point })).to.equal(JSON.stringify(point));
    expect(geo("GeographyPoint", { ...crs("EPSG:25832"), ...point }, { srid: "variable" })).to.equal(
      JSON.stringify({ ...point, ...crs("EPSG:25832") }),
    );
    expect(geo("GeographyPoint", point, { srid: 4258 })).to.equal(JSON.stringify({ ...point, ...crs("EPSG:4258") }));
    expect(() => geo("GeographyPoint", { ...crs("EPSG:1"), ...point })).to.throw("EPSG:4326 is the one allowed");
    expect(() => geo("GeographyPoint", { ...crs("mine"), ...point })).to.throw("'crs' is not known");
    const text = readLiteral(edm("GeometryPoint"), "geometry", "SRID=5;Point(1 2)") as string;
    expect(writeLiteral(edm("GeometryPoint"), text)).to.equal("geometry'SRID=5;Point(1 2)'");
  });

  const wrong: readonly [string, string, unknown][] = [
    [
      "another geometry",
      "GeographyPoint",
      {
        type: "LineString",
        coordinates: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    ["no object", "GeographyPoint", [1, 2]],
    ["no type", "GeographyPoint", { coordinates: [1, 2] }],
    ["one ordinate", "GeographyPoint", { type: "Point", coordinates: [1] }],
    ["text for numbers", "GeographyPoint", { type: "Point", coordinates: ["1", "2"] }],
    ["wrong nesting", "GeographyLineString", { type: "LineString", coordinates: [1, 2] }],
    ["one position", "GeographyLineString", { type: "LineString", coordinates: [[1, 2]] }],
    [
      "an open ring",
      "GeographyPolygon",
      {
        type: "Polygon",
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [2, 2],
          ],
        ],
      },
    ],
    ["no ring", "GeographyPolygon", { type: "Polygon", coordinates: [] }],
    ["an unknown type", "Geography", { type: "constructor", coordinates: [] }],
  ];
  for (const [what, type, value] of wrong) {
    it(`refuses ${what}`, () => expect(() => geo(type, value)).to.throw(PrimitiveValueError));
  }

  it("refuses what is no geo literal, and nests only so deep", () => {
    for (const text of ["Point(1 2)", "SRID=4326;Point(1)", "SRID=4326;Point(1 2) ", "SRID=4326;Circle(1 2)"]) {
      expect(readKeySegment(edm("Geography"), text), text).to.equal(undefined);
    }
    const deep = `SRID=0;${"GeometryCollection(".repeat(5000)}`;
    expect(() => readLiteral(edm("Geometry"), "geometry", deep)).to.throw(PrimitiveValueError);
    expect(readLiteral(edm("GeographyPolygon"), "geography", "SRID=4326;Point(1 2)")).to.equal(undefined);
    expect(() => readJson(edm("GeographyPoint"), {}, "POINT(1 2)")).to.throw("write it as a GeoJSON object");
  });

  it("keeps every point", () => {
    const ordinate = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0);
    fc.assert(
      fc.property(fc.array(ordinate, { minLength: 2, maxLength: 4 }), (coordinates) => {
        const text = geo("GeographyPoint", { type: "Point", coordinates });
        const literal = writeLiteral(edm("GeographyPoint"), text);
        expect(readLiteral(edm("GeographyPoint"), "geography", literal.slice("geography'".length, -1))).to.equal(text);
      }),
    );
  });
});
