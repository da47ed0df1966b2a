import { expect } from "chai";
import { parseQuery } from "../../src/syntax/index.js";
import type { QueryOptions } from "../../src/syntax/index.js";
import { refusal, short, withoutPlaces } from "./helpers.js";

const one = (raw: string): Record<string, unknown> => {
  const { aliases: _, custom: __, ...rest } = withoutPlaces(parseQuery(raw)) as Record<string, unknown>;
  return rest;
};

describe("$select", () => {
  const paths = (raw: string) => parseQuery(`$select=${raw}`).select?.map((item) => item.path.join("/"));

  it("takes paths, casts, stars, operations and annotations", () => {
    expect(paths("*")).to.deep.equal(["*"]);
    expect(paths("a,b/c, n.T/d/* ,n.m.*,@n.A,a/@n.B%23q")).to.deep.equal([
      "a",
      "b/c",
      "n.T/d/*",
      "n.m.*",
      "@n.A",
      "a/@n.B#q",
    ]);
  });
  it("tells the parameters of a function from nested options", () => {
    const items = parseQuery("$select=n.f(a,b),c(select=d;$top=1),e(@p=1)").select;
    expect(items?.map((item) => item.parameters)).to.deep.equal([["a", "b"], undefined, undefined]);
    expect(items?.[1]?.options?.select?.[0]?.path).to.deep.equal(["d"]);
    expect(items?.[1]?.options?.top).to.equal(1);
    expect([...(items?.[2]?.options?.aliases.keys() ?? [])]).to.deep.equal(["@p"]);
  });
  for (const raw of ["", "a,", ",a", "a b", "a/", "*/a", "a($expand=b)", "a()", "$count", "a($top=1;$top=2)"]) {
    it(`refuses ${raw}`, () => expect(refusal(() => paths(raw)).target).to.equal("$select"));
  }
});

describe("$expand", () => {
  const items = (raw: string) => parseQuery(`$expand=${raw}`).expand ?? [];

  it("takes paths with casts and suffixes", () => {
    const short = items("a,n.T/b/c,*,*/$ref,d/$count,e/$ref,$value,@n.T/f").map(({ path, suffix }) =>
      [...path, suffix ?? ""].join("/"),
    );
    expect(short).to.deep.equal(["a/", "n.T/b/c/", "*/", "*/$ref", "d/$count", "e/$ref", "$value", "@n.T/f/"]);
  });
  it("takes nested options to any depth", () => {
    const [item] = items("a($select=b,c;$expand=d($filter=e eq 'x;)';$levels=max;$count=true);$orderby=f desc,g)");
    expect(item?.options?.select).to.have.length(2);
    const inner = item?.options?.expand?.[0]?.options as QueryOptions;
    expect(short(inner.filter as never)).to.equal("(eq e 'x;)')");
    expect(inner).to.include({ levels: "max", count: true });
    expect(item?.options?.orderby?.map((part) => part.descending)).to.deep.equal([true, false]);
  });
  it("counts places in the value of the whole option", () => {
    expect(items("a,bc($top=1)")[1]?.place).to.deep.equal({ start: 2, end: 12 });
  });

  const wrong: readonly (readonly [raw: string, message: RegExp])[] = [
    [
      "a/$ref($select=b)",
      /'select' is no option for 'a'; there may be \$filter, \$search, \$orderby, \$skip, \$top, \$count\./,
    ],
    ["a/$count($top=1)", /there may be \$filter, \$search\./],
    ["*($select=a)", /there may be \$levels\./],
    ["a($levels=0)", /'max', but found '0'/],
    ["a($selct=b)", /Did you mean '\$select'/],
    ["a($format=json)", /'format' is no option for 'a'/],
    ["a()", /expected an option, which may be \$filter, .*, but found '\)'/],
    ["a($top=1", /expected an operator or '\)', but found the end/],
    ["*/a", /nothing but '\/\$ref' after '\*'/],
    ["n.*", /a navigation property/],
    ["$ref", /a navigation property, '\*' or \$value/],
    ["a($top=1;$top=2)", /\$top is there twice/],
    ["a(@p=1;@p=2)", /'@p' is there twice/],
  ];
  for (const [raw, message] of wrong) {
    it(`refuses ${raw}`, () => expect(refusal(() => items(raw)).message).to.match(message));
  }
});

describe("$orderby and $compute", () => {
  it("takes expressions and directions", () => {
    const items = parseQuery("$orderby=a/b desc, c ge d ASC,asc,length(e)").orderby;
    expect(items?.map((item) => `${short(item.expression)} ${item.descending}`)).to.deep.equal([
      "a/b true",
      "(ge c d) false",
      "asc false",
      "(length() e) false",
    ]);
    expect(items?.[0]?.place).to.deep.equal({ start: 0, end: 8 });
  });
  it("says what a direction is", () => {
    expect(refusal(() => parseQuery("$orderby=a down")).message).to.equal(
      "Syntax error in $orderby at character 3: expected an operator, 'asc', 'desc', ',' or the end, but found 'down'.",
    );
  });
  it("takes computed properties", () => {
    const items = parseQuery("$compute=a mul 2 as b,case(c:1) AS d").compute;
    expect(items?.map((item) => `${short(item.expression)} ${item.alias}`)).to.deep.equal([
      "(mul a integer:2) b",
      "(case c=>integer:1) d",
    ]);
    for (const raw of ["a", "a as", "a as 1", "a mul 2 b"]) refusal(() => parseQuery(`$compute=${raw}`));
  });
});

describe("options with simple values", () => {
  it("reads numbers and booleans", () => {
    expect(one("$top=0&$skip=10&$count=TRUE&$index=-3")).to.deep.equal({ top: 0, skip: 10, count: true, index: -3 });
  });
  it("hands on what is not for it to read", () => {
    expect(one("$format=application/atom+xml;odata.metadata=full")).to.deep.equal({
      format: "application/atom+xml;odata.metadata=full",
    });
    expect(one("$skiptoken=a+b/c%3D&$id=http://h/x('y')&$schemaversion=1.0-b")).to.deep.equal({
      skiptoken: "a+b/c=",
      id: "http://h/x('y')",
      schemaversion: "1.0-b",
    });
  });
  const wrong: readonly (readonly [raw: string, message: string])[] = [
    ["$top=-1", "Syntax error in $top at character 1: expected a whole number, 0 or more, but found '-'."],
    ["$top=abc", "Syntax error in $top at character 1: expected a whole number, 0 or more, but found 'abc'."],
    ["$top=5x", "Syntax error in $top at character 1: expected a whole number, 0 or more, but found '5x'."],
    ["$skip=1.5", "Syntax error in $skip at character 1: expected a whole number, 0 or more, but found '1'."],
    ["$top=", "Syntax error in $top at character 1: expected a value, but found the end."],
    ["$count=1", "Syntax error in $count at character 1: expected true or false, but found '1'."],
    ["$count", "The query option $count has no value."],
  ];
  for (const [raw, message] of wrong) {
    it(`refuses ${raw}`, () => expect(refusal(() => parseQuery(raw)).message).to.equal(message));
  }
  it("refuses numbers too large", () => {
    expect(refusal(() => parseQuery(`$skip=${"9".repeat(400)}`)).message).to.match(/the number is too large/);
  });
  for (const raw of ["$schemaversion=a b", "$index=x", "$apply=)", "$filter= a", "$format="]) {
    it(`refuses ${raw}`, () => void refusal(() => parseQuery(raw)));
  }
});
