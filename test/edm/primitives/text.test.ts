import { expect } from "chai";
import fc from "fast-check";
import {
  PrimitiveValueError,
  readJson,
  readKeySegment,
  readLiteral,
  writeJson,
  writeLiteral,
  zeroValue,
} from "../../../src/edm/primitives/index.js";
import { edm, enumType } from "./types.js";

const GUID = "F89DEE73-AF9F-4CD4-B330-DB93C25FF3C7";

describe("edm/primitives text", () => {
  it("reads Booleans", () => {
    expect(readJson(edm("Boolean"), {}, true)).to.equal(true);
    expect(() => readJson(edm("Boolean"), {}, "true")).to.throw("a JSON string is not a valid Edm.Boolean");
    expect(readLiteral(edm("Boolean"), "boolean", "TRUE")).to.equal(true);
    expect(readLiteral(edm("Boolean"), "integer", "1")).to.equal(undefined);
    expect(readKeySegment(edm("Boolean"), "false")).to.equal(false);
    expect(readKeySegment(edm("Boolean"), "yes")).to.equal(undefined);
    expect(writeJson(edm("Boolean"), false) + writeLiteral(edm("Boolean"), true)).to.equal("falsetrue");
  });

  it("keeps strings as they are, and quotes them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(readJson(edm("String"), {}, text)).to.equal(text);
        expect(readKeySegment(edm("String"), text)).to.equal(text);
        expect(JSON.parse(writeJson(edm("String"), text))).to.equal(text);
        const literal = writeLiteral(edm("String"), text);
        expect(literal.slice(1, -1).replaceAll("''", "'")).to.equal(text);
      }),
    );
    expect(writeLiteral(edm("String"), "O'Neil")).to.equal("'O''Neil'");
  });

  it("counts characters, not units", () => {
    expect(readJson(edm("String"), { maxLength: 2 }, "😀😀")).to.equal("😀😀");
    expect(() => readJson(edm("String"), { maxLength: 1 }, "😀😀")).to.throw("2 characters, and at most 1");
    expect(readJson(edm("String"), { maxLength: "max" }, "long")).to.equal("long");
    expect(() => readJson(edm("String"), { unicode: false }, "é")).to.throw("ASCII");
    expect(() => readJson(edm("String"), {}, { text: "4" })).to.throw("a JSON number is not a valid Edm.String");
  });

  it("fits string literals to strings only", () => {
    for (const type of ["Guid", "Date", "DateTimeOffset", "Binary", "Int32", "Boolean", "GeographyPoint"]) {
      expect(readLiteral(edm(type), "string", "1"), type).to.equal(undefined);
    }
    expect(readLiteral(edm("String"), "guid", GUID)).to.equal(undefined);
  });

  it("writes GUIDs in lower case", () => {
    expect(readJson(edm("Guid"), {}, GUID)).to.equal(GUID.toLowerCase());
    expect(readLiteral(edm("Guid"), "guid", GUID)).to.equal(GUID.toLowerCase());
    expect(writeLiteral(edm("Guid"), GUID.toLowerCase())).to.equal(GUID.toLowerCase());
    expect(readKeySegment(edm("Guid"), "x")).to.equal(undefined);
    expect(() => readJson(edm("Guid"), {}, "x")).to.throw(
      PrimitiveValueError,
      "'x' is not a valid Edm.Guid; a GUID looks like 8-4-4-4-12 hexadecimal digits",
    );
  });

  it("takes all forms of base64 and gives one", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const buffer = Buffer.from(bytes);
        const canonical = buffer.toString("base64url");
        for (const written of [canonical, buffer.toString("base64"), buffer.toString("base64").replaceAll("=", "")]) {
          expect(readJson(edm("Binary"), { maxLength: bytes.length }, written)).to.equal(canonical);
        }
        expect(readLiteral(edm("Binary"), "binary", canonical)).to.equal(canonical);
        expect(writeLiteral(edm("Binary"), canonical)).to.equal(`binary'${canonical}'`);
      }),
    );
    for (const bad of ["A", "AAAAA", "AA=", "A===", "AA AA", "AAé"]) {
      expect(() => readJson(edm("Binary"), {}, bad), bad).to.throw(PrimitiveValueError);
    }
    expect(() => readJson(edm("Binary"), { maxLength: 2 }, "T0RhdGE")).to.throw("5 bytes, and at most 2");
  });

  it("does not read a stream from a payload", () => {
    expect(() => readJson(edm("Stream"), {}, "x")).to.throw(
      PrimitiveValueError,
      "its content is written at its own URL",
    );
    expect(readLiteral(edm("Stream"), "string", "x")).to.equal(undefined);
  });

  it("cuts what was written short in messages", () => {
    expect(() => readJson(edm("Guid"), {}, "x".repeat(10_000))).to.throw(/^.{0,200}$/);
  });

  it("has a zero for each type", () => {
    const zeros: readonly [string, string][] = [
      ["Boolean", "false"],
      ["Int32", "0"],
      ["Decimal", "0"],
      ["String", '""'],
      ["Guid", '"00000000-0000-0000-0000-000000000000"'],
      ["Date", '"0001-01-01"'],
      ["DateTimeOffset", '"0001-01-01T00:00:00Z"'],
      ["TimeOfDay", '"00:00:00"'],
      ["Duration", '"PT0S"'],
    ];
    for (const [type, zero] of zeros) expect(zeroValue(edm(type)), type).to.equal(zero);
    expect(zeroValue(enumType("a", { one: 1, none: 0 }))).to.equal('"none"');
    expect(zeroValue(enumType("a", { two: 2, one: 1 }))).to.equal('"two"');
  });
});
