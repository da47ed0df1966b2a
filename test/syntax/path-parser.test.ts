import { expect } from "chai";
import { parsePath } from "../../src/syntax/index.js";
import { args, refusal } from "./helpers.js";

/** Each segment as `name(arguments)`, or its text in double quotes where it is no name. */
const short = (path: string): string[] =>
  parsePath(path).segments.map((segment) =>
    segment.name === undefined ? `"${segment.text}"` : segment.name + args(segment.arguments) + args(segment.key),
  );

describe("resource paths", () => {
  const table: readonly (readonly [written: string, expected: readonly string[]])[] = [
    ["", []],
    ["/", []],
    ["//a///b/", ["a", "b"]],
    ["a/b", ["a", "b"]],
    ["a(1)", ["a(integer:1)"]],
    ["a('b%2Fc')/d", ["a('b/c')", "d"]],
    ["a(x='b%2Fc',y='d''%2Fe')/f", ["a(x='b/c' y='d'/e')", "f"]],
    ["a%28%27b%27%29", ["a('b')"]],
    ["a('O%27%27Neil')", ["a('O'Neil')"]],
    ["a(x=1,y=@p)", ["a(x=integer:1 y=alias:@p)"]],
    ["a()", ["a()"]],
    ["n.f(a=1)('k')", ["n.f(a=integer:1)('k')"]],
    ["microsoft.graph.x", ["microsoft.graph.x"]],
    ["$filter(a/b eq 'c/d')/$count", ["$filter((eq a/b 'c/d'))", "$count"]],
    ["$filter(@p)/$each", ["$filter(alias:@p)", "$each"]],
    ["$filter(a eq ')' or b/any(c:c/d eq 'e/(f'))/g", ["$filter((or (eq a ')') b/any<c:(eq c/d 'e/(f')>))", "g"]],
    ["a/$filter(n.f(x=b/c))", ["a", "$filter(n.f(x=b/c))"]],
    ["$crossjoin(A,B)", ["$crossjoin([A B])"]],
    ["$crossjoin( A , B )/$query", ["$crossjoin([A B])", "$query"]],
    ["$all/n.T", ["$all", "n.T"]],
    ["$entity/n.T", ["$entity", "n.T"]],
    ["a(SKU='x')/n.T/b/$ref", ["a(SKU='x')", "n.T", "b", "$ref"]],
    ["a/1/b/-1", ["a", '"1"', "b", '"-1"']],
    ["a(-1)/b(null)", ["a(integer:-1)", "b(null:null)"]],
    ["f(x=1,y=@p)/n.g()/$count", ["f(x=integer:1 y=alias:@p)", "n.g()", "$count"]],
    ["a/$ref/$query", ["a", "$ref", "$query"]],
    ["a/$each/n.f", ["a", "$each", "n.f"]],
    ["a/b/$value", ["a", "b", "$value"]],
    ["größe/%C3%A4", ["größe", "ä"]],
    ["a(01234567-89ab-cdef-0123-456789abcdef)", ["a(guid:01234567-89ab-cdef-0123-456789abcdef)"]],
    // Keys as segments
    ["a/01234567-89ab-cdef-0123-456789abcdef", ["a", '"01234567-89ab-cdef-0123-456789abcdef"']],
    ["a/12/O'Neil/b%20c/x(y/z", ["a", '"12"', `"O'Neil"`, '"b c"', '"x(y"', "z"]],
    ["a/x(y'z/w", ["a", `"x(y'z"`, "w"]],
    ["a/a+b", ["a", '"a+b"']],
    ["a/n.m.", ["a", '"n.m."']],
    [`a/${"x".repeat(129)}`, ["a", `"${"x".repeat(129)}"`]],
    ["a/$", ["a", '"$"']],
  ];
  for (const [written, expected] of table) {
    it(written === "" ? "(nothing)" : written.slice(0, 60), () => expect(short(written)).to.deep.equal(expected));
  }

  it("always keeps the whole text and the position of a segment", () => {
    const [first, second] = parsePath("//a('b%2Fc')//d").segments;
    expect(first).to.include({ text: "a('b/c')", index: 0 });
    expect(first?.arguments?.place).to.deep.equal({ start: 1, end: 8 });
    expect(second).to.include({ text: "d", index: 1, arguments: undefined });
    expect(second?.place).to.deep.equal({ start: 0, end: 1 });
  });

  it("keeps the error of arguments that do not parse for whoever knows whether it is a key", () => {
    const [, segment] = parsePath("a/b(1 2)").segments;
    expect(segment).to.include({ text: "b(1 2)", name: undefined, arguments: undefined });
    expect(segment?.argumentsError?.message).to.equal(
      "Syntax error in the path segment 'b(1 2)' at character 5: expected ')', but found '2'.",
    );
    expect(parsePath("a/b(1)(2)(3)").segments[1]?.argumentsError).to.not.equal(undefined);
    expect(parsePath("a/b(1").segments[1]?.argumentsError?.message).to.match(/character 4: expected '\)'/);
    expect(parsePath("a/b(x=c)").segments[1]?.argumentsError?.message).to.match(/a literal or a parameter alias/);
    expect(parsePath("a/b(c)").segments[1]?.argumentsError?.message).to.match(/a key, which is a literal or/);
    expect(parsePath("a/b(1,2)").segments[1]?.argumentsError?.message).to.match(
      /character 5: .*by name, but found '2'/,
    );
    expect(parsePath("a/$filter(contain(b,'c'))").segments[1]?.argumentsError?.message).to.match(/mean 'contains'/);
  });

  it("splits at every slash that is not written %2F, and says so where a quote is cut", () => {
    const [first, second] = parsePath("a('b/c')").segments;
    expect([first?.text, second?.text]).to.deep.equal(["a('b", "c')"]);
    expect(first?.argumentsError?.message).to.equal(
      "Syntax error in the path segment 'a('b' at character 3: " +
        "the single quote that begins here is never closed; a slash in a key is written %2F.",
    );
  });

  const wrong: readonly (readonly [written: string, message: RegExp])[] = [
    ["a%", /Malformed percent-encoding in the path segment 'a%'/],
    ["a%zz", /Malformed percent-encoding/],
    ["%C3%28", /Malformed percent-encoding/],
    ["%ED%A0%80", /Malformed percent-encoding/],
    ["%C0%AF", /Malformed percent-encoding/],
    ["a%00", /NUL/],
    ["a%0A", /control character/],
    ["a\ud800", /well-formed Unicode/],
    ["a#b", /'#' at character 2 of its path has to be written %23/],
    ["a/$count/b", /^Syntax error in the path at character 9: nothing can follow \$count, but 'b' does/],
    ["a/$value/b", /nothing can follow \$value/],
    ["a/$ref/$count", /nothing can follow \$ref/],
    ["$metadata/$query", /nothing can follow \$metadata/],
    ["a/$query/$query", /nothing can follow \$query/],
  ];
  for (const [written, message] of wrong) {
    it(`refuses ${JSON.stringify(written)}`, () => expect(refusal(() => parsePath(written)).message).to.match(message));
  }
});
