import { expect } from "chai";
import {
  parseExpression,
  parsePath,
  parsePreferences,
  parseQuery,
  parseUri,
  printExpression,
} from "../../src/syntax/index.js";
import { refusal } from "./helpers.js";
import { steps } from "./steps.js";

const MILLION = 1_000_000;

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
    ["conditions", "a/$filter(", ")"],
    ["lambdas", "a/any(x:", ")"],
    ["aggregates", "a/aggregate(", " with sum)"],
    ["lists", "a in (", ")"],
    ["cases", "case(", ":1)"],
    ["counts", "a/$count($filter=", ")"],
  ];
  for (const [what, open, close] of deep) {
    it(`takes ${what} 99 deep, and refuses them deeper`, () => {
      parseExpression(open.repeat(99) + "a" + close.repeat(99));
      for (const depth of [101, MILLION / open.length]) {
        const text = open.repeat(depth) + "a" + close.repeat(Math.min(depth, 101));
        expect(refusal(() => parseExpression(text)).message).to.match(/nested more than 100 levels deep/);
      }
    });
  }

  it("holds in the other options", () => {
    for (const [start, open] of [
      ["$expand=", "a($expand="],
      ["$expand=a($apply=", "identity/groupby((a),"],
      ["$select=", "a($select="],
      ["$search=", "("],
      ["$search=", "NOT "],
      ["$apply=", "concat("],
      ["$apply=", "groupby((a),"],
      ["$apply=", "nest("],
      ["$apply=", "join(a as b,"],
      ["$apply=", "ancestors($root/A,Q,a,"],
      ["$apply=filter(", "a/aggregate(a/any(b:"],
    ] as const) {
      const message = refusal(() => parseQuery(start + open.repeat(1000) + "b")).message;
      expect(message, open).to.match(/nested more than 100/);
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
    expect(refusal(() => parseQuery("$apply=top(1)/top(2)/top(3)", { maxNodes: 2 })).message).to.match(/too complex/);
  });

  it("bounds what is wide", () => {
    for (const text of [
      ...["a and ", "1 add ", "not a or "].map((part) => `${part.repeat(MILLION / 10)}a`),
      `[${"1,".repeat(MILLION)}1]`,
      `a in (${"1,".repeat(MILLION)}1)`,
      "a/".repeat(MILLION) + "a",
    ]) {
      expect(refusal(() => parseExpression(text)).message).to.match(/too complex/);
    }
    for (const text of [
      `$select=${"a,".repeat(MILLION)}a`,
      `$expand=${"a,".repeat(MILLION)}a`,
      `$search=${"a ".repeat(MILLION)}a`,
      `$apply=${"identity/".repeat(MILLION)}identity`,
      `$apply=aggregate(${"$count as a,".repeat(MILLION / 10)}$count as a)`,
      `$apply=groupby((${"a,".repeat(MILLION)}a))`,
      `$apply=concat(${"identity,".repeat(MILLION)}identity)`,
      `$apply=aggregate(a${" from b with sum".repeat(MILLION / 10)} as c)`,
    ]) {
      expect(refusal(() => parseQuery(text)).message).to.match(/too complex/);
    }
    expect(refusal(() => parsePath("a/".repeat(MILLION))).message).to.match(/too complex/);
    expect(refusal(() => parseQuery("a&".repeat(MILLION))).message).to.match(/too many query options/);
  });

  it("takes long texts", () => {
    const long = "x'".repeat(50_000);
    const quoted = long.replaceAll("'", "''");
    expect(parseExpression(`'${quoted}'`)).to.include({ value: long });
    expect(parseQuery(`$search="${"y".repeat(MILLION)}"`).search).to.include({ phrase: true });
    expect(parsePath(`a('${quoted}')`).segments[0]?.arguments?.value).to.include({ value: long });
  });

  const parts =
    "' ( ) '' x( x(' . @ $ %41 %3B - 1 1: a \" \\ / $filter( ; = , * + a( a=1, a. a/ a;b= (a:1 '%3B' 2020-01-01T 'a' a'\\ #".split(
      " ",
    );
  const readers: Readonly<Record<string, (text: string) => unknown>> = {
    expressions: (text) => parseExpression(`a eq ${text}`),
    arguments: (text) => parseExpression(`f(${text}`),
    cases: (text) => parseExpression(`case(a eq ${text}`),
    paths: (text) => parsePath(`a/x(${text}`),
    "paths with quotes": (text) => parsePath(`a/x('${text}'`),
    conditions: (text) => parsePath(`a/$filter(${text}/`),
    $search: (text) => parseQuery(`$search=${text}`),
    $expand: (text) => parseQuery(`$expand=a(${text}`),
    "$search in $expand": (text) => parseQuery(`$expand=a($search=${text}`),
    $apply: (text) => parseQuery(`$apply=${text}`),
    "aggregates in $apply": (text) => parseQuery(`$apply=aggregate(${text}`),
    "groups in $apply": (text) => parseQuery(`$apply=groupby((${text}`),
    $orderby: (text) => parseQuery(`$orderby=a${text}`),
    preferences: (text) => parsePreferences(`@${text}`),
    "annotations in preferences": (text) => parsePreferences(`include-annotations="${text}`),
  };
  for (const [what, read] of Object.entries(readers)) {
    it(`looks at each character a few times only, whatever stands in ${what}`, () => {
      for (const part of [...parts, " ", "a ", "', '"]) {
        const text = part.repeat(Math.ceil(20_000 / part.length));
        const taken = steps(() => {
          try {
            read(text);
          } catch (error) {
            expect((error as Error).name).to.equal("ODataError");
          }
        });
        expect(taken / text.length, part).to.be.lessThan(60);
      }
    });
  }

  it("leaves trees that can be walked", () => {
    const text = `${"1 add ".repeat(2499)}1`;
    expect(printExpression(parseExpression(text))).to.equal(text);
  });
});

describe("counting steps", () => {
  it("tells work that grows with the square of the text from work that does not", () => {
    const text = "a".repeat(1000);
    const linear = steps(() => [...text.split("")].map((_, at) => text.charCodeAt(at)));
    const quadratic = steps(() => [...text.split("")].map(() => text.indexOf("b")));
    expect(linear).to.be.lessThan(3 * text.length);
    expect(quadratic).to.be.greaterThan(text.length ** 2);
  });
});
