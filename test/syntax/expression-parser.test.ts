import { expect } from "chai";
import { parseExpression } from "../../src/syntax/index.js";
import { refusal, tree } from "./helpers.js";

describe("operators", () => {
  const table: readonly (readonly [written: string, expected: string])[] = [
    ["a or b and c", "(or a (and b c))"],
    ["(a or b) and c", "(and (or a b) c)"],
    ["a eq 1 and b ne 2", "(and (eq a integer:1) (ne b integer:2))"],
    ["a eq b gt c", "(eq a (gt b c))"],
    ["a add b mul c sub d", "(sub (add a (mul b c)) d)"],
    ["a sub b sub c", "(sub (sub a b) c)"],
    ["a div b divby c mod d", "(mod (divby (div a b) c) d)"],
    ["a EQ 1 AND B Lt 2", "(and (eq a integer:1) (lt B integer:2))"],
    ["not a and b", "(and (not a) b)"],
    ["not a eq b", "(eq (not a) b)"],
    ["not(a eq b)", "(not (eq a b))"],
    ["not not a", "(not (not a))"],
    ["not a has n.E'x'", "(not (has a enum:n.Ex))"],
    ["-a mul b", "(mul (- a) b)"],
    ["- a", "(- a)"],
    ["--a", "(- (- a))"],
    ["-(5)", "(- integer:5)"],
    ["1 sub -1", "(sub integer:1 integer:-1)"],
    ["(a)and(b)", "(and a b)"],
    ["a in ('x', 'y')", "(in a ['x' 'y'])"],
    ["a in ( )", "(in a [])"],
    ["a in (1)", "(in a [integer:1])"],
    ["a in(-1,+2,null)", "(in a [integer:-1 integer:+2 null:null])"],
    ["a in b/c", "(in a b/c)"],
    ["a in (b)", "(in a b)"],
    ["not a in (1)", "(not (in a [integer:1]))"],
    ["a add 1 in (2)", "(add a (in integer:1 [integer:2]))"],
    ["and eq or", "(eq and or)"],
    ["a\teq\tb", "(eq a b)"],
    ["( ( a ) )", "a"],
    ["a ", "a"],
  ];
  for (const [written, expected] of table) {
    it(written, () => expect(tree(written)).to.equal(expected));
  }

  it("counts places from the start of the text", () => {
    const or = parseExpression("(a) or bc eq 'd'");
    expect(or.place).to.deep.equal({ start: 0, end: 16 });
    expect(or.kind === "Binary" && or.right.place).to.deep.equal({ start: 7, end: 16 });
  });
});

describe("JSON in expressions", () => {
  const table: readonly (readonly [written: string, expected: string])[] = [
    ["[]", "json[]"],
    ["{ }", "json{}"],
    [`["a", 'b',1,true,null]`, "json['a' 'b' integer:1 boolean:true null:null]"],
    [`{"a":b/c,"d": [ {"@e":2 add 3} ]}`, "json{a=b/c d=json[json{@e=(add integer:2 integer:3)}]}"],
    [`["\\u0041\\n\\"\\\\"]`, `json['A\n"\\']`],
    [`{"__proto__":1}`, "json{__proto__=integer:1}"],
    [`name in ["x"]`, "(in name json['x'])"],
    [`$it eq {"@odata.id":"http://host/x(1)"}`, "(eq $it json{@odata.id='http://host/x(1)'})"],
  ];
  for (const [written, expected] of table) {
    it(written, () => expect(tree(written)).to.equal(expected));
  }
  for (const written of [
    `["\\x"]`,
    `["\\ud800"]`,
    `["a`,
    `["a\\`,
    "[1",
    "[1 2]",
    "[,]",
    "{a:1}",
    `{"a":1,"a":2}`,
    `{"a"}`,
  ]) {
    it(`refuses ${written}`, () => void refusal(() => parseExpression(written)));
  }
});

describe("case", () => {
  it("takes pairs", () => {
    expect(tree("case(a gt 0:1,a lt 0:-1,true:0)")).to.equal(
      "(case (gt a integer:0)=>integer:1 (lt a integer:0)=>integer:-1 boolean:true=>integer:0)",
    );
  });
  it("tells the colon from that of a time", () => {
    expect(tree("case(a gt 10:20,true:3)")).to.equal("(case (gt a integer:10)=>integer:20 boolean:true=>integer:3)");
    expect(tree("case(a gt 10:20:30,true:3)")).to.equal(
      "(case (gt a timeOfDay:10:20)=>integer:30 boolean:true=>integer:3)",
    );
    expect(tree("case(a gt 10:20:10:30)")).to.equal("(case (gt a timeOfDay:10:20:10)=>integer:30)");
    expect(tree("case(a eq (10:20):11:30)")).to.equal("(case (eq a timeOfDay:10:20)=>timeOfDay:11:30)");
  });
});

describe("errors in expressions", () => {
  const table: readonly (readonly [written: string, message: string])[] = [
    ["a eq 1 foo 2", "at character 8: expected an operator or the end, but found 'foo'."],
    ["a eq", "at character 5: expected a value after 'eq', but found the end."],
    ["a eq'x'", "at character 5: expected a space, but found '''."],
    ["(a", "at character 3: expected an operator or ')', but found the end."],
    ["()", "at character 2: expected a value: a literal, a property, a function or '(', but found ')'."],
    ["", "at character 1: expected a value: a literal, a property, a function or '(', but found the end."],
    ["a in (1, b)", "at character 10: expected a literal, as a list holds nothing else, but found 'b'."],
    ["a in (b, c)", "at character 8: expected an operator or ')', but found ','."],
    ["a = 1", "at character 3: expected an operator or the end, but found '='."],
    ["\u0007", "at character 1: expected a value: a literal, a property, a function or '(', but found '\ufffd'."],
  ];
  for (const [written, message] of table) {
    it(JSON.stringify(written), () => {
      expect(refusal(() => parseExpression(written)).message).to.equal(`Syntax error in the expression ${message}`);
    });
  }
});
