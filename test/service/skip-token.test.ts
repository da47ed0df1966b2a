import { expect } from "chai";
import fc from "fast-check";
import { ODataError } from "../../src/errors/index.js";
import { canonicalRequest } from "../../src/service/canonical-query.js";
import { SkipTokens } from "../../src/service/skip-token.js";
import type { PageStart } from "../../src/service/skip-token.js";

const tokens = new SkipTokens(Buffer.alloc(32, 7));
const start: PageStart = { size: 20, remaining: 5, passed: 40, after: ["a", null, 1.5, true, "9007199254740993"] };

function refusal(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("It was taken.");
}

describe("skip tokens", () => {
  const value = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const starts = fc.record({
    size: fc.integer({ min: 1, max: 5_000 }),
    remaining: fc.option(fc.nat(), { nil: undefined }),
    passed: fc.nat(),
    after: fc.option(fc.array(value, { maxLength: 4 }), { nil: undefined }),
  });

  it("are read as they were written", () => {
    fc.assert(
      fc.property(starts, fc.string(), (page, request) => {
        const read = tokens.read(tokens.write(page, request), request);
        expect(JSON.stringify(read)).to.equal(JSON.stringify(page));
      }),
    );
  });

  it("hold only characters that a URL takes as they are", () => {
    expect(tokens.write(start, "x")).to.match(/^[A-Za-z0-9_-]+$/);
  });

  it("are of no use for another request, under another key, or changed in any bit", () => {
    const token = tokens.write(start, "x");
    const bytes = Buffer.from(token, "base64url");
    const others = [...bytes.keys()].map((index) => {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      return changed.toString("base64url");
    });
    const attempts = [
      () => tokens.read(token, "y"),
      () => new SkipTokens(Buffer.alloc(32, 8)).read(token, "x"),
      ...others.map((other) => () => tokens.read(other, "x")),
    ];
    for (const attempt of attempts) {
      const error = refusal(attempt);
      expect(error).to.be.instanceOf(ODataError).with.property("status", 400);
      expect(error).to.have.property("target", "$skiptoken");
    }
  });

  it("are refused where they are cut off, or none at all", () => {
    const token = tokens.write(start, "x");
    const wrong = [
      "",
      "a",
      "é",
      "a b",
      "%",
      "[]",
      token.slice(0, -1),
      token.slice(0, 20),
      `${token}=`,
      `${token}A`,
      `${token}_`,
      `${token}\n`,
      ` ${token}`,
      `${token.slice(0, 9)}.${token.slice(9)}`,
      "a".repeat(100_000),
    ];
    for (const text of wrong)
      expect(
        refusal(() => tokens.read(text, "x")),
        text,
      ).to.have.property("status", 400);
  });

  it("count the items where the values of the order are too long for a URL", () => {
    const token = tokens.write({ ...start, after: ["x".repeat(10_000)] }, "x");
    expect(token).to.have.length.below(100);
    expect(tokens.read(token, "x")).to.deep.equal({ ...start, after: undefined });
  });
});

describe("the canonical form of a request", () => {
  const same: [string, string][] = [
    ["/Products?$filter=a%20eq%201&$top=5", "/Products?$top=5&%24filter=a+eq+1"],
    ["/Products?$top=5", "//Products/?$TOP=5&$skiptoken=abc&$format=json"],
    ["/Products?$top=5", "/%50roducts?top=5"],
    ["/Products('a%2Fb')?$top=5", "/Products(%27a%2Fb%27)?$top=5"],
  ];
  for (const [one, other] of same) {
    it(`of ${one} is that of ${other}`, () => {
      expect(canonicalRequest(one)).to.equal(canonicalRequest(other));
    });
  }
  const different: [string, string][] = [
    ["/Products?$top=5", "/Products?$top=6"],
    ["/Products?$top=5", "/Products?$top=5&$skip=1"],
    ["/Products?$top=5", "/Parts?$top=5"],
    ["/Products('a/b')", "/Products('a%2Fb')"],
    ["/Products?$filter=a eq @p&@p=1", "/Products?$filter=a eq @p&@P=1"],
    ["/Products?a=1", "/Products?a=2"],
    ["/Products?$search=a%26b", "/Products?$search=a&b"],
  ];
  for (const [one, other] of different) {
    it(`of ${one} is not that of ${other}`, () => {
      expect(canonicalRequest(one)).not.to.equal(canonicalRequest(other));
    });
  }
});
