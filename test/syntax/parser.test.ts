import { expect } from "chai";
import { parseExpression, parseQuery, parseUri, percentDecode } from "../../src/syntax/index.js";
import { refusal, short } from "./helpers.js";

describe("the query part of a URL", () => {
  it("takes system options with and without $, in whatever case", () => {
    for (const raw of ["$top=5", "top=5", "$TOP=5", "Top=5", "%24top=5", "&&$top=5&"]) {
      expect(parseQuery(raw).top, raw).to.equal(5);
    }
  });

  it("takes a plus for a space, and %2B for a plus", () => {
    expect(short(parseQuery("$filter=a+eq+'b%2Bc'").filter as never)).to.equal("(eq a 'b+c')");
    expect(parseQuery("a+b=c+d").custom.get("a b")).to.equal("c d");
  });

  it("splits before it decodes", () => {
    expect(short(parseQuery("$filter=a eq 'b%26c%3Dd'&$top=1").filter as never)).to.equal("(eq a 'b&c=d')");
    expect(short(parseQuery("$filter=a eq 'b=c'").filter as never)).to.equal("(eq a 'b=c')");
  });

  it("keeps parameter aliases and custom options", () => {
    const { aliases, custom } = parseQuery("@p=[1,2]&%40q=a/b&ManagerID=3&!x&constructor=1");
    expect([...aliases].map(([name, value]) => `${name}=${short(value)}`)).to.deep.equal([
      "@p=json[integer:1 integer:2]",
      "@q=a/b",
    ]);
    expect([...custom]).to.deep.equal([
      ["ManagerID", "3"],
      ["!x", ""],
      ["constructor", "1"],
    ]);
  });

  const wrong: readonly (readonly [raw: string, message: string, target?: string])[] = [
    ["$filtr=a", "The query option '$filtr' is unknown. Did you mean '$filter'?", "$filtr"],
    ["$zzzzzzzz=a", "The query option '$zzzzzzzz' is unknown.", "$zzzzzzzz"],
    ["$levels=1", "The query option '$levels' is only allowed inside $expand.", "$levels"],
    ["$top=1&top=1", "The query option $top is there more than once.", "$top"],
    ["@p=1&@p=2", "There is more than one value for the parameter alias @p.", "@p"],
    ["@p", "There is no value for the parameter alias @p.", "@p"],
    [
      "@a.b=1",
      "Syntax error in the name of a parameter alias at character 2: expected the end, but found '.'.",
      "@a.b",
    ],
    [
      "$filter=a eq foo bar",
      "Syntax error in $filter at character 10: expected an operator or the end, but found 'bar'.",
      "$filter",
    ],
    [
      "@p=1 2",
      "Syntax error in the parameter alias @p at character 3: expected an operator or the end, but found '2'.",
      "@p",
    ],
    ["$top=1#2", "A request URL has no fragment: the '#' at character 7 of its query has to be written %23."],
  ];
  for (const [raw, message, target] of wrong) {
    it(`refuses ${raw}`, () => expect(refusal(() => parseQuery(raw))).to.include({ message, target }));
  }
  for (const raw of ["$filter=%", "x=%ff", "$search=%00", "%=1"]) {
    it(`refuses the encoding of ${raw}`, () =>
      expect(refusal(() => parseQuery(raw)).message).to.match(/percent-encoding|NUL/));
  }
});

describe("a whole URL", () => {
  it("is a path and options", () => {
    const { path, options } = parseUri("/deviceManagement/deviceConfigurations('a%2Fb')/x?$top=5");
    expect(path.segments.map((segment) => segment.text)).to.deep.equal([
      "deviceManagement",
      "deviceConfigurations('a/b')",
      "x",
    ]);
    expect(options.top).to.equal(5);
  });
  it("ends its path at the first question mark", () => {
    expect(parseUri("a?b=c?d").options.custom.get("b")).to.equal("c?d");
    expect(parseUri("a?").options.custom.size).to.equal(0);
  });
  it("may be a context URL", () => {
    expect(parseUri("$metadata#Customers/$entity").path.segments).to.have.length(1);
    refusal(() => parseUri("a#b"));
  });
  it("holds $entity to its options", () => {
    expect(parseUri("$entity?$id=x").options.id).to.equal("x");
    expect(parseUri("$entity/n.T?$id=x&$select=a&$expand=b").options.select).to.have.length(1);
    expect(refusal(() => parseUri("$entity")).target).to.equal("$id");
    expect(refusal(() => parseUri("$entity?$id=x&$select=a")).target).to.equal("$select");
    expect(refusal(() => parseUri("$entity/n.T?$id=x&$top=1")).target).to.equal("$top");
  });
});

describe("what has the name of a system query option, but no value for it", () => {
  it("may be an argument, where it has no $ and the path ends in a name", () => {
    const { options, misread } = parseUri("/Top?count=%275%27&top=3&SKIP=x");
    expect(options).to.include({ top: 3, count: undefined });
    expect([...misread!].map(([name, { text, error }]) => [name, text, error.target])).to.deep.equal([
      ["count", "'5'", "$count"],
      ["SKIP", "x", "$skip"],
    ]);
    expect(parseUri("/Top?count=true").misread).to.equal(undefined);
  });

  it("is an error everywhere else", () => {
    expect(refusal(() => parseUri("/Top?$count=5")).target).to.equal("$count");
    expect(refusal(() => parseUri("/Top()?count=5")).target).to.equal("$count");
    expect(refusal(() => parseUri("/Products(1)?top=x")).target).to.equal("$top");
    expect(refusal(() => parseUri("/Products/$count?top=x")).target).to.equal("$top");
    expect(refusal(() => parseUri("?top=x")).target).to.equal("$top");
    expect(refusal(() => parseUri("/Top?count=5&count=6")).target).to.equal("$count");
    expect(refusal(() => parseQuery("count=5")).target).to.equal("$count");
  });
});

describe("percentDecode", () => {
  it("decodes UTF-8", () => expect(percentDecode("%C3%A4%2F+", "x")).to.equal("ä/+"));
  it("names what is wrong", () => {
    expect(refusal(() => percentDecode("%", "the header")).message).to.match(
      /^Malformed percent-encoding in the header '%'/,
    );
  });
});

describe("text of clients in error messages", () => {
  it("is cut, and without control characters", () => {
    const long = "x".repeat(100_000);
    const messages = [
      () => parseExpression(`a eq 1 ${long.slice(0, 120)}`),
      () => parseExpression(`a eq '${long}`),
      () => parseExpression(`g${long}'x'`),
      () => parseExpression(`duration'${long}'`),
      () => parseQuery(`$${long}=1`),
      () => parseQuery(`@${long}=1`),
      () => parseQuery(`$expand=a(${long}=1)`),
      () => parseQuery(`$expand=a/${"b/".repeat(100)}c(x=1)`),
      () => parseUri(`${long}%`),
      () => parseUri(`${long}%01`),
      () => parseUri(`$count/${long}`),
      () => parseExpression("a \u001b[31mred"),
    ].map((run) => refusal(run));
    for (const { message, target } of messages) {
      expect(message).to.not.match(/x{41}|b\/{21}/);
      expect(message.length + (target?.length ?? 0)).to.be.lessThan(400);
      // eslint-disable-next-line no-control-regex -- these are what must not be there
      expect(message).to.not.match(/[\u0000-\u001f]/);
    }
  });
});
