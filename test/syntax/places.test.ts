import { expect } from "chai";
import fc from "fast-check";
import { parseExpression, parsePath, parseQuery, printExpression, printOptions } from "../../src/syntax/index.js";
import type { Literal } from "../../src/syntax/index.js";
import { withoutPlaces } from "./helpers.js";
import { anyExpression, anyOptions } from "./trees.js";

const LIMITS = { maxDepth: 1000, maxNodes: 100_000 };

/** All literals of a tree. */
function literals(node: unknown): Literal[] {
  if (node instanceof Map) return [...node.values()].flatMap(literals);
  if (Array.isArray(node)) return node.flatMap(literals);
  if (typeof node !== "object" || node === null) return [];
  if ((node as Literal).kind === "Literal") return [node as Literal];
  return Object.values(node).flatMap(literals);
}

/** Expects that where a literal says that it is stands that literal, and no more. */
function expectAtPlace(text: string, literal: Literal): void {
  const written = text.slice(literal.place.start, literal.place.end);
  // Inside of JSON, a string stands in double quotes.
  const alone = written.startsWith('"')
    ? literals(parseExpression(`[${written}]`, LIMITS))[0]
    : parseExpression(written, LIMITS);
  expect(withoutPlaces(alone), `${written} in ${text}`).to.deep.equal(withoutPlaces(literal));
}

describe("the places of literals", () => {
  const texts = [
    "a eq 'O''Neil'",
    "a eq -5 and b sub -5 eq - 5",
    "a eq +1.5e-3 or a in (-1,+2,INF,-INF,NaN,null)",
    "a add duration'PT1H' eq n.E'x,y'",
    'f(a=true,b=["x\\n",\'y\',{"z":2020-01-01}])',
    "a eq 2020-01-01T10:20:30 02:00",
    "case(a gt 10:20,b:'c')",
    "a/any(b:b eq geography'SRID=0;Point(1 2)') and binary'T0RhdGE' eq c",
    "cast('1',Edm.Int32) eq 01234567-89ab-cdef-0123-456789abcdef",
    "$root/A('k')/b eq (1)",
  ];
  for (const text of texts) {
    it(text, () => {
      const found = literals(parseExpression(text));
      expect(found).to.have.length.above(0);
      for (const literal of found) expectAtPlace(text, literal);
    });
  }

  it("cover the literal's text in every expression", () => {
    fc.assert(
      fc.property(anyExpression, (tree) => {
        const text = printExpression(tree);
        for (const literal of literals(parseExpression(text, LIMITS))) expectAtPlace(text, literal);
      }),
    );
  });

  it("count in the decoded value of their option or alias", () => {
    fc.assert(
      fc.property(anyOptions, (tree) => {
        const query = printOptions(tree);
        const values = new Map(
          query
            .split("&")
            .map((part) => [part.slice(0, part.indexOf("=")), decodeURIComponent(part.slice(part.indexOf("=") + 1))]),
        );
        const { aliases, custom: _, ...options } = parseQuery(query, LIMITS);
        for (const [name, found] of Object.entries(options)) {
          for (const literal of literals(found)) expectAtPlace(values.get(`$${name}`) as string, literal);
        }
        for (const [name, found] of aliases) {
          for (const literal of literals(found)) expectAtPlace(values.get(name) as string, literal);
        }
      }),
    );
  });

  it("count in the decoded text of their segment", () => {
    const path = parsePath("a('b%27%27%C3%A4')/f(x=-1,y=duration'PT1S')('k')/$filter(c eq 'd/e')");
    const found = path.segments.flatMap((segment) => literals(segment).map((literal) => ({ segment, literal })));
    expect(found).to.have.length(5);
    for (const { segment, literal } of found) expectAtPlace(segment.text, literal);
  });

  it("begin with the value of an alias", () => {
    const [literal] = literals(parseQuery("$filter=abc eq @p&@p=%27x%27").aliases);
    expect(literal?.place).to.deep.equal({ start: 0, end: 3 });
  });
});
