import { expect } from "chai";
import fc from "fast-check";
import {
  parseExpression,
  parsePath,
  parseQuery,
  parseUri,
  printExpression,
  printOptions,
  printPath,
  printUri,
} from "../../src/syntax/index.js";
import { refusal, withoutPlaces } from "./helpers.js";
import { anyExpression, anyOptions, anySegment, anyText } from "./trees.js";

/** Generated trees may pass the default depth. */
const LIMITS = { maxDepth: 1000, maxNodes: 100_000 };

describe("printing", () => {
  const table: readonly (readonly [written: string, printed: string])[] = [
    ["((a)) eq (1)", "a eq 1"],
    ["(a or b) and c", "(a or b) and c"],
    ["a sub (b sub c)", "a sub (b sub c)"],
    ["-(5)", "-(5)"],
    ["not (a and b)", "not (a and b)"],
    ["a in ( 'x' , 'y' )", "a in ('x','y')"],
    ["a/any( d : d eq 'O''Neil' )", "a/any(d:d eq 'O''Neil')"],
    ['{"a" : ["b",\'c\', d]}', '{"a":["b",\'c\',d]}'],
    ["case( a : 1 )", "case(a : 1)"],
    ["CAST(a, Edm.Int32)", "cast(a,Edm.Int32)"],
  ];
  for (const [written, printed] of table) {
    it(written, () => expect(printExpression(parseExpression(written))).to.equal(printed));
  }

  it("writes URLs that stay readable", () => {
    expect(printUri(parseUri("/a('b%2Fc d')/e?top=5&$filter=f eq 'g%26%2B'&x=1&@p=[2]&$expand=h($select=i)"))).to.equal(
      "/a('b%2Fc%20d')/e?$filter=f%20eq%20'g%26%2B'&$top=5&$expand=h($select=i)&@p=%5B2%5D&x=1",
    );
    expect(printUri(parseUri("/a"))).to.equal("/a");
  });

  it("is the inverse of parsing, for expressions", () => {
    fc.assert(
      fc.property(anyExpression, (tree) => {
        const printed = printExpression(tree);
        expect(withoutPlaces(parseExpression(printed, LIMITS)), printed).to.deep.equal(withoutPlaces(tree));
      }),
      { numRuns: 1000 },
    );
  });

  it("is the inverse of parsing, for query options", () => {
    fc.assert(
      fc.property(anyOptions, (tree) => {
        const printed = printOptions(tree);
        expect(withoutPlaces(parseQuery(printed, LIMITS)), printed).to.deep.equal(withoutPlaces(tree));
      }),
      { numRuns: 500 },
    );
  });

  it("is the inverse of parsing, for paths", () => {
    fc.assert(
      fc.property(fc.array(anySegment, { minLength: 1, maxLength: 4 }), (texts) => {
        const encoded = texts.map((text) => `/${encodeURIComponent(text)}`).join("");
        const path = parsePath(encoded, LIMITS);
        expect(parsePath(printPath(path), LIMITS)).to.deep.equal(path);
        if (!encoded.includes("(")) expect(path.segments.map((segment) => segment.text)).to.deep.equal(texts);
      }),
      { numRuns: 1000 },
    );
  });

  it("is the inverse of parsing, for whatever text parses; the rest is an ODataError", () => {
    let parsed = 0;
    fc.assert(
      fc.property(anyText, (text) => {
        let tree;
        try {
          tree = parseExpression(text);
        } catch (error) {
          refusal(() => {
            throw error;
          });
          return;
        }
        parsed++;
        const printed = printExpression(tree);
        expect(withoutPlaces(parseExpression(printed)), printed).to.deep.equal(withoutPlaces(tree));
      }),
      { numRuns: 5000 },
    );
    expect(parsed).to.be.greaterThan(50);
  });
});
