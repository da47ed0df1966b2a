import { expect } from "chai";
import { parseQuery } from "../../src/syntax/index.js";
import { refusal, shortSearch } from "./helpers.js";

const search = (raw: string): string => shortSearch(parseQuery(`$search=${raw}`).search);

describe("$search", () => {
  const table: readonly (readonly [written: string, expected: string])[] = [
    ["blue", "blue"],
    ["blue green", "(AND blue green)"],
    ["blue AND green OR red", "(OR (AND blue green) red)"],
    ["blue OR green red", "(OR blue (AND green red))"],
    ["NOT blue green", "(AND (NOT blue) green)"],
    ["NOT (blue OR green)", "(NOT (OR blue green))"],
    ["not and or", "(AND (AND not and) or)"],
    ["AND", "AND"],
    ["AND OR", "(AND AND OR)"],
    ["AND OR NOT", "(OR AND NOT)"],
    ["NOT NOT", "(NOT NOT)"],
    ['"blue (green"', '"blue (green"'],
    ["Daniel's", "Daniel's"],
    ["'bl\"ue'", '"bl"ue"'],
    ["a%3Bb", "a;b"],
    [" blue", "blue"],
  ];
  for (const [written, expected] of table) {
    it(written, () => expect(search(written)).to.equal(expected));
  }
  for (const written of ["", '"blue', '""', "(blue", "blue)", 'a"b"', "a;b", '"a""b"', "(a)(b)"]) {
    it(`refuses ${written}`, () => expect(refusal(() => search(written)).target).to.equal("$search"));
  }
  it("ends at the semicolon and the parenthesis of nested options", () => {
    const expand = parseQuery("$expand=a($search=b OR c;$top=1)").expand;
    expect(shortSearch(expand?.[0]?.options?.search)).to.equal("(OR b c)");
    expect(expand?.[0]?.options?.top).to.equal(1);
  });
});
