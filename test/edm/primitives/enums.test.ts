import { expect } from "chai";
import fc from "fast-check";
import {
  PrimitiveValueError,
  enumNumber,
  readEnumJson,
  readEnumLiteral,
  writeEnumLiteral,
} from "../../../src/edm/primitives/index.js";
import { enumType } from "./types.js";

const size = enumType("size", { small: 0, large: 1, huge: 2 });
const rights = enumType("rights", { none: 0, read: 1, write: 2, readWrite: 3, run: 4, top: 2 ** 40 }, true);

describe("edm/primitives enums", () => {
  const good: readonly [written: string | number, canonical: string][] = [
    ["none", "none"],
    ["read", "read"],
    ["run,read", "read,run"],
    ["write, read", "readWrite"],
    ["run,write,read", "readWrite,run"],
    ["none,run", "run"],
    [5, "read,run"],
    ["5", "read,run"],
    ["4,read", "read,run"],
    ["top,read", "read,top"],
  ];
  for (const [written, canonical] of good) {
    it(`makes ${canonical} of ${written}`, () => {
      const value = typeof written === "number" ? { text: String(written) } : written;
      expect(readEnumJson(rights, value)).to.equal(canonical);
      expect(readEnumJson(rights, canonical)).to.equal(canonical);
    });
  }

  it("takes single members only where the type is no flags type", () => {
    expect(readEnumJson(size, { text: "1" })).to.equal("large");
    expect(() => readEnumJson(size, "small,large")).to.throw("it takes a single member");
    expect(() => readEnumJson(size, "3")).to.throw(PrimitiveValueError, "'3' is not a member of t.size");
  });

  it("lists the members", () => {
    expect(() => readEnumJson(size, "Large")).to.throw(
      "'Large' is not a member of t.size; its members are small, large, huge",
    );
    expect(() => readEnumJson(rights, "read,walk")).to.throw("'walk' is not a member");
    expect(() => readEnumJson(rights, "8")).to.throw("'8' is not a member");
    expect(() => readEnumJson(rights, "-1")).to.throw("'-1' is not a member");
    expect(() => readEnumJson(rights, "")).to.throw("'' is not a member");
    expect(() => readEnumJson(size, true)).to.throw("a JSON boolean");
    const many = enumType("many", Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`m${i}`, i])));
    expect(() => readEnumJson(many, "x")).to.throw(/m9 and 5 more$/);
  });

  it("reads and writes literals", () => {
    expect(readEnumLiteral(size, "enum", "large")).to.equal("large");
    expect(readEnumLiteral(size, "string", "large")).to.equal("large");
    expect(readEnumLiteral(size, "integer", "1")).to.equal(undefined);
    expect(writeEnumLiteral(rights, "read,run")).to.equal("t.rights'read,run'");
  });

  it("says the number of each combination of flags", () => {
    fc.assert(
      fc.property(fc.nat({ max: 7 }), fc.boolean(), (bits, top) => {
        const number = BigInt(bits) + (top ? 2n ** 40n : 0n);
        expect(enumNumber(rights, readEnumJson(rights, String(number)))).to.equal(number);
      }),
    );
  });
});
