import { expect } from "chai";
import fc from "fast-check";
import {
  PrimitiveValueError,
  canonicalDecimal,
  literalTypeName,
  readJson,
  readKeySegment,
  readLiteral,
  writeJson,
  writeLiteral,
} from "../../../src/edm/primitives/index.js";
import { edm } from "./types.js";

function json(type: string, text: string, facets = {}): unknown {
  return readJson(edm(type), facets, { text });
}

describe("edm/primitives numbers", () => {
  describe("canonicalDecimal", () => {
    const table: readonly [string, string][] = [
      ["0", "0"],
      ["-0", "0"],
      ["-0.00", "0"],
      ["+7", "7"],
      ["007", "7"],
      ["1e3", "1000"],
      ["1.50e3", "1500"],
      ["1.5e-3", "0.0015"],
      ["-12.3400", "-12.34"],
      ["123.456E1", "1234.56"],
      ["0.05", "0.05"],
      ["0e999999999", "0"],
      ["9007199254740993", "9007199254740993"],
    ];
    for (const [written, canonical] of table) {
      it(`makes ${canonical} of ${written}`, () => expect(canonicalDecimal(written)).to.equal(canonical));
    }
    for (const text of ["", ".5", "1.", "e3", "0x10", "1 ", "--1"]) {
      it(`takes '${text}' for no number`, () => expect(canonicalDecimal(text)).to.equal(undefined));
    }
    it("does not write out a gigantic exponent", () => {
      expect(() => canonicalDecimal("1e999999999")).to.throw(PrimitiveValueError, /400 digits/);
      expect(() => canonicalDecimal("1e-999999999")).to.throw(PrimitiveValueError, /400 digits/);
    });
    it("says the same number and is a fixed point", () => {
      fc.assert(
        fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => {
          const text = canonicalDecimal(String(n)) as string;
          expect(Number(text)).to.equal(n + 0);
          expect(canonicalDecimal(text)).to.equal(text);
        }),
      );
    });
  });

  const limits: readonly [type: string, min: string, max: string, below: string, above: string][] = [
    ["Byte", "0", "255", "-1", "256"],
    ["SByte", "-128", "127", "-129", "128"],
    ["Int16", "-32768", "32767", "-32769", "32768"],
    ["Int32", "-2147483648", "2147483647", "-2147483649", "2147483648"],
    ["Int64", "-9223372036854775808", "9223372036854775807", "-9223372036854775809", "9223372036854775808"],
  ];
  for (const [type, min, max, below, above] of limits) {
    it(`keeps Edm.${type} from ${min} to ${max}, in payloads, literals and keys`, () => {
      for (const text of [min, max]) {
        expect(String(json(type, text))).to.equal(text);
        expect(String(readLiteral(edm(type), "integer", text))).to.equal(text);
        expect(String(readKeySegment(edm(type), text))).to.equal(text);
      }
      for (const text of [below, above]) {
        expect(() => json(type, text)).to.throw(PrimitiveValueError, `out of the range of Edm.${type}`);
        expect(() => readLiteral(edm(type), "integer", text)).to.throw(PrimitiveValueError, "out of the range");
        expect(readKeySegment(edm(type), text)).to.equal(undefined);
      }
    });
  }

  it("takes whole numbers however they are written, and no fractions", () => {
    expect(json("Int32", "1.0")).to.equal(1);
    expect(json("Int32", "1e2")).to.equal(100);
    expect(() => json("Int32", "1.5")).to.throw("whole numbers from -2147483648 to 2147483647");
    expect(() => readJson(edm("Int32"), {}, "1")).to.throw(
      "a JSON string is not a valid Edm.Int32; write it as a JSON number",
    );
    expect(() => readJson(edm("Int32"), {}, true)).to.throw("a JSON boolean");
  });

  it("reads Int64 and Decimal from numbers and strings, and writes either", () => {
    for (const type of ["Int64", "Decimal"]) {
      expect(json(type, "9007199254740993")).to.equal("9007199254740993");
      expect(readJson(edm(type), {}, "9007199254740993")).to.equal("9007199254740993");
      expect(writeJson(edm(type), "9007199254740993")).to.equal("9007199254740993");
      expect(writeJson(edm(type), "9007199254740993", true)).to.equal('"9007199254740993"');
      expect(writeLiteral(edm(type), "-5")).to.equal("-5");
    }
  });

  it("keeps every Int64", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => {
        expect(json("Int64", String(n))).to.equal(String(n));
      }),
    );
  });

  it("checks precision and scale of decimals", () => {
    expect(json("Decimal", "123.45", { precision: 5, scale: 2 })).to.equal("123.45");
    expect(json("Decimal", "1.500", { precision: 5, scale: 1 })).to.equal("1.5");
    expect(() => json("Decimal", "1.234", { precision: 5, scale: 2 })).to.throw("at most 2 are allowed");
    expect(() => json("Decimal", "1234", { precision: 5, scale: 2 })).to.throw("digits before the point than 3");
    expect(() => json("Decimal", "123456", { precision: 5 })).to.throw("more digits than 5");
    expect(json("Decimal", "0.00012", { precision: 2, scale: "floating" })).to.equal("0.00012");
    expect(json("Decimal", "1200000", { precision: 2, scale: "floating" })).to.equal("1200000");
    expect(readJson(edm("Decimal"), { scale: "floating" }, "INF")).to.equal("INF");
    expect(() => readJson(edm("Decimal"), {}, "INF")).to.throw("floating");
  });

  it("reads and writes the numbers that JSON cannot", () => {
    for (const [text, value] of [
      ["INF", Infinity],
      ["-INF", -Infinity],
      ["NaN", NaN],
    ] as const) {
      for (const type of ["Double", "Single"]) {
        expect(readJson(edm(type), {}, text)).to.deep.equal(value);
        expect(writeJson(edm(type), value)).to.equal(`"${text}"`);
        expect(readLiteral(edm(type), "double", text)).to.deep.equal(value);
        expect(writeLiteral(edm(type), value)).to.equal(text);
      }
    }
    expect(() => readJson(edm("Double"), {}, "1")).to.throw("a JSON string is not a valid Edm.Double");
    expect(() => json("Double", "1e400")).to.throw("out of the range of Edm.Double");
    expect(() => json("Single", "1e39")).to.throw("out of the range of Edm.Single");
  });

  it("keeps every double and names every single by its shortest text", () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (n) => {
        expect(json("Double", writeJson(edm("Double"), n))).to.equal(n + 0);
        expect(readLiteral(edm("Double"), "double", writeLiteral(edm("Double"), n))).to.equal(n + 0);
      }),
    );
    fc.assert(
      fc.property(fc.float({ noDefaultInfinity: true, noNaN: true }), (n) => {
        expect(Math.fround(json("Single", String(n)) as number)).to.equal(n + 0);
      }),
    );
    expect(json("Single", "0.1")).to.equal(0.1);
    expect(json("Single", "0.100000001490116")).to.equal(0.1);
  });

  it("fits literals to types by their form", () => {
    for (const type of ["Byte", "SByte", "Int16", "Int32", "Double", "Single"]) {
      expect(readLiteral(edm(type), "integer", "12"), type).to.equal(12);
      expect(readLiteral(edm(type), "string", "12"), type).to.equal(undefined);
    }
    expect(readLiteral(edm("Decimal"), "integer", "12")).to.equal("12");
    expect(readLiteral(edm("Decimal"), "double", "1.2e1")).to.equal("12");
    expect(readLiteral(edm("Int32"), "decimal", "1.5")).to.equal(undefined);
    expect(readLiteral(edm("Decimal"), "double", "INF")).to.equal(undefined);
    expect(writeLiteral(edm("Double"), 1e21)).to.equal("1e21");
  });

  it("knows the type of a literal by itself", () => {
    expect(literalTypeName("integer", "1")).to.equal("Edm.Int32");
    expect(literalTypeName("integer", "2147483648")).to.equal("Edm.Int64");
    expect(literalTypeName("integer", "9223372036854775808")).to.equal("Edm.Decimal");
    expect(literalTypeName("decimal", "1.5")).to.equal("Edm.Decimal");
    expect(literalTypeName("dateTimeOffset", "")).to.equal("Edm.DateTimeOffset");
    expect(literalTypeName("geography", "SRID=0;Point(1 2)")).to.equal("Edm.GeographyPoint");
    expect(literalTypeName("geometry", "SRID=0;GeometryCollection()")).to.equal("Edm.GeometryCollection");
    expect(literalTypeName("null", "null")).to.equal(undefined);
  });
});
