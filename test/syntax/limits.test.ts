import { expect } from "chai";
import { parseExpression, parsePath, parseQuery, parseUri, printExpression } from "../../src/syntax/index.js";
import { refusal } from "./helpers.js";

const MILLION = 1_000_000;

/** Runs what must answer at once; the bound is wide, for slow machines, but far below what anything quadratic takes. */
function atOnce<T>(run: () => T): T {
  const start = performance.now();
  const result = run();
  expect(performance.now() - start).to.be.lessThan(2000);
  return result;
}

describe("limits", () => {
  const deep: readonly (readonly [what: string, open: string, close: string])[] = [
    ["parentheses", "(", ")"],
    ["negations", "-", ""],
    ["not", "not ", ""],
    ["arrays", "[", "]"],
    ["objects", '{"a":', "}"],
    ["functions", "trim(", ")"],
    ["casts", "cast(", ",n.T)"],
    ["arguments", "f(a=", ")"],
    ["keys", "f(", ")"],
    ["lambdas", "a/any(x:", ")"],
    ["lists", "a in (", ")"],
    ["cases", "case(", ":1)"],
    ["counts", "a/$count($filter=", ")"],
  ];
  for (const [what, open, close] of deep) {
    it(`takes ${what} 99 deep, and refuses them deeper`, () => {
      parseExpression(open.repeat(99) + "a" + close.repeat(99));
      for (const depth of [101, MILLION / open.length]) {
        const text = open.repeat(depth);
        const { message } = atOnce(() =>
          refusal(() => parseExpression(`${text}a${close.repeat(Math.min(depth, 101))}`)),
        );
        expect(message).to.match(/nested more than 100 levels deep/);
      }
    });
  }

  it("holds in the other options", () => {
    for (const open of ["$expand=a($expand=", "$select=a($select=", "$search=(", "$search=NOT "]) {
      const [name, rest] = open.split(/(?<=\$\w+=)/);
      const inner = rest?.includes("$") === false ? rest : open.slice((name ?? "").length);
      const text = (name ?? "") + inner.repeat(1000) + "b";
      expect(atOnce(() => refusal(() => parseQuery(text))).message, open).to.match(/nested more than 100/);
    }
  });

  it("may be set", () => {
    expect(refusal(() => parseExpression("((a))", { maxDepth: 1 })).message).to.match(/more than 1 levels/);
    expect(refusal(() => parseExpression("a eq b", { maxNodes: 2 })).message).to.match(/more than 2 names/);
    expect(refusal(() => parseQuery("a&b&c", { maxOptions: 2 })).message).to.match(/more than 2 together/);
    expect(refusal(() => parseUri("a?$expand=b($top=1;$skip=1)", { maxOptions: 1 })).message).to.match(
      /more than 1 together/,
    );
    expect(refusal(() => parsePath("a/b/c", { maxNodes: 2 })).message).to.match(/too complex/);
  });

  it("bounds what is wide", () => {
    const wide = ["a and ", "1 add ", "not a or "].map((part) => `${part.repeat(MILLION / 10)}a`);
    for (const text of [
      ...wide,
      `[${"1,".repeat(MILLION)}1]`,
      `a in (${"1,".repeat(MILLION)}1)`,
      "a/".repeat(MILLION) + "a",
    ]) {
      expect(atOnce(() => refusal(() => parseExpression(text))).message).to.match(/too complex/);
    }
    for (const text of [
      `$select=${"a,".repeat(MILLION)}a`,
      `$expand=${"a,".repeat(MILLION)}a`,
      `$search=${"a ".repeat(MILLION)}a`,
    ]) {
      expect(atOnce(() => refusal(() => parseQuery(text))).message).to.match(/too complex/);
    }
    expect(atOnce(() => refusal(() => parsePath("a/".repeat(MILLION)))).message).to.match(/too complex/);
    expect(atOnce(() => refusal(() => parseQuery("a&".repeat(MILLION)))).message).to.match(/too many query options/);
  });

  it("answers at once whatever the text", () => {
    const parts = [
      "'",
      "(",
      ")",
      "''",
      "x(",
      "x('",
      ".",
      "@",
      "$",
      "%41",
      "-",
      " ",
      "1",
      "1:",
      "a",
      '"',
      "\\",
      "/",
      "$filter(",
      ";",
      "=",
      ",",
      "*",
      "+",
    ];
    for (const part of parts) {
      const text = part.repeat(200_000);
      for (const run of [
        () => parseExpression(`a eq ${text}`),
        () => parseExpression(`f(${text}`),
        () => parsePath(`a/x(${text}`),
        () => parsePath(`a/x('${text}'`),
        () => parsePath(`a/x(${text}/)`),
        () => parseQuery(`$search=${text}`),
        () => parseQuery(`$expand=a(${text}`),
        () => parseQuery(`$apply=${text}`),
        () => parseQuery(`$orderby=a${text}`),
      ]) {
        atOnce(() => {
          try {
            run();
          } catch (error) {
            expect((error as Error).name).to.equal("ODataError");
          }
        });
      }
    }
  });

  it("leaves trees that can be walked", () => {
    const text = `${"1 add ".repeat(2499)}1`;
    expect(printExpression(parseExpression(text))).to.equal(text);
  });
});
