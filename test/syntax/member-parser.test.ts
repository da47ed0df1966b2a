import { expect } from "chai";
import { parseExpression } from "../../src/syntax/index.js";
import { refusal, tree } from "./helpers.js";

describe("paths and calls", () => {
  const table: readonly (readonly [written: string, expected: string])[] = [
    ["a/b/c", "a/b/c"],
    ["größe", "größe"],
    ["a/n.T/b", "a/n.T/b"],
    ["n.T/b", "n.T/b"],
    ["a/n.T", "a/n.T"],
    ["$it", "$it"],
    ["$it/a", "$it/a"],
    ["$this/a", "$this/a"],
    ["$root/People/12/name", '$root/People/"12"/name'],
    ["$root/People/01234567-89ab-cdef-0123-456789abcdef", '$root/People/"01234567-89ab-cdef-0123-456789abcdef"'],
    ["$root/People('x')/name eq 1", "(eq $root/People('x')/name integer:1)"],
    ["a/$count gt 0", "(gt a/$count integer:0)"],
    ["a/$count($filter=b;$search=c d)", "a/$count<aliases custom filter search>"],
    ["a/$filter(b gt 1)/$count", "a/$filter((gt b integer:1))/$count"],
    ["a/$filter(b)(id=1)/c", "a/$filter(b)(id=integer:1)/c"],
    ["a/any()", "a/any<:>"],
    ["a/any( d : d/x )", "a/any<d:d/x>"],
    ["a/ALL(d:d/x/any(e:e eq d))", "a/all<d:d/x/any<e:(eq e d)>>"],
    ["a/any", "a/any"],
    ["@p", "alias:@p"],
    ["@p/a", "@p/a"],
    ["@n.T", "@n.T"],
    ["a/@n.T#q eq 1", "(eq a/@n.T#q integer:1)"],
    ["n.f()", "n.f()"],
    ["f(a=1,b=@p,c=[1])", "f(a=integer:1 b=alias:@p c=json[integer:1])"],
    ["a/n.f(x=1)(2)/b", "a/n.f(x=integer:1)(integer:2)/b"],
    ["items(1)", "items(integer:1)"],
    ["contains(name, 'x')", "(contains() name 'x')"],
    ["MatchesPattern(name,'^A')", "(matchespattern() name '^A')"],
    ["now( )", "(now())"],
    ["geo.distance(a,b)", "(geo.distance() a b)"],
    ["date(a) eq date", "(eq (date() a) date)"],
    ["date(a=1)", "date(a=integer:1)"],
    ["substring(a,1,2)", "(substring() a integer:1 integer:2)"],
    ["cast(Edm.String)", "(cast() Edm.String)"],
    ["cast(a/b, Collection(Edm.String))", "(cast() a/b Collection(Edm.String))"],
    ["isof(a,Customer)", "(isof() a Customer)"],
    ["isof('microsoft.graph.user')", "(isof() microsoft.graph.user)"],
    ["cast('a',Edm.Int32)", "(cast() 'a' Edm.Int32)"],
  ];
  for (const [written, expected] of table) {
    it(written, () => expect(tree(written)).to.equal(expected));
  }

  const wrong: readonly (readonly [written: string, message: RegExp])[] = [
    ["any(d:d)", /'any' needs the path of a collection before it/],
    ["a/all()", /character 7: expected a variable for 'all' or 'any', as in all\(d:d\/name eq 'x'\), but found '\)'/],
    ["a/any(d)", /expected ':'/],
    ["a/$count/b", /nothing can follow '\$count', 'any' or 'all'/],
    ["a/any()/b", /nothing can follow/],
    ["a/$filter", /'\(' and a condition after \$filter/],
    ["a/$value", /expected a name, \$count or \$filter, but found '\$'/],
    ["a/", /expected a name, but found the end/],
    ["$foo", /\$it, \$this or \$root/],
    ["$root", /'\/' after \$root/],
    ["n.T", /a qualified name alone is no value/],
    ["length(a,b)", /'length' takes 1 argument, not 2/],
    ["concat(a)", /'concat' takes 2 arguments, not 1/],
    ["substring(a)", /'substring' takes 2 or 3 arguments, not 1/],
    ["now(a)", /'now' takes 0 arguments, not 1/],
    ["contain(a,'b')", /'contain' is no canonical function.*Did you mean 'contains'/],
    ["cast(a)b", /but found 'b'/],
    ["cast(a,)", /the name of a type/],
    ["f(a=1,2)", /the name of a parameter or key property/],
    ["@", /the name of a parameter alias or an annotation/],
    [`${"x".repeat(129)} eq 1`, /a name of at most 128 characters/],
  ];
  for (const [written, message] of wrong) {
    it(`refuses ${written.slice(0, 40)}`, () =>
      expect(refusal(() => parseExpression(written)).message).to.match(message));
  }
});
