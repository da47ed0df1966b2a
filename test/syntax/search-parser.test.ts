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
  it("tells a semicolon that is a letter from one that parts options", () => {
    const nested = (raw: string) => parseQuery(`$expand=a(${raw})`).expand?.[0]?.options;
    expect(shortSearch(nested("$search=b%3Bc")?.search)).to.equal("b;c");
    expect(shortSearch(nested("$search=b%3bc d;$top=1")?.search)).to.equal("(AND b;c d)");
    expect(nested("$search=b%3B$top=1")).to.include({ top: 1 });
    expect(nested("$search=b%3Btop=1")).to.include({ top: 1 });
    expect(shortSearch(nested("$search=b%3Bnote=1")?.search)).to.equal("b;note=1");
    expect(refusal(() => nested("$search=b;c")).message).to.match(/'c' is no option for 'a'/);
    expect(refusal(() => search("a;b")).message).to.equal(
      "Syntax error in $search at character 2: a semicolon has to be written %3B, or stand in double quotes.",
    );
    expect(shortSearch(parseQuery("$search=%C3%A4%3B%C3%B6%3bü").search)).to.equal("ä;ö;ü");
  });
  it("ends at the semicolon and the parenthesis of nested options", () => {
    const expand = parseQuery("$expand=a($search=b OR c;$top=1)").expand;
    expect(shortSearch(expand?.[0]?.options?.search)).to.equal("(OR b c)");
    expect(expand?.[0]?.options?.top).to.equal(1);
  });
});
