import { expect } from "chai";
import { bindText, numberTypes, refusal, samples, show, textTypes } from "./expression-support.js";

/** Types whose values can be equal to each other; all others stand alone. */
const groups: readonly (readonly string[])[] = [
  numberTypes,
  textTypes,
  ["Edm.Date", "Edm.DateTimeOffset"],
  ["Edm.GeographyPoint", "Edm.GeographyPolygon", "Edm.GeographyLineString", "Edm.Geography"],
  ["Edm.GeometryPoint", "Edm.GeometryPolygon", "Edm.GeometryLineString"],
  ["Collection(Edm.Int32)", "Collection(Edm.Decimal)"],
];

/** Types without an order: URL Conventions 4.01, section 5.1.1.1. */
function isOrdered(type: string): boolean {
  return !/Geo|Collection|Shop\.(Address|Size|Bag|Thing)/.test(type);
}

const incomparable = ["Edm.Stream"];
const opaque = ["Edm.Untyped"];

function meet(one: string, other: string): boolean {
  return one === other || groups.some((group) => group.includes(one) && group.includes(other));
}

describe("comparisons", () => {
  const types = Object.keys(samples).filter((type) => !incomparable.includes(type) && !opaque.includes(type));

  it("eq and ne take values of types that meet, and no others", () => {
    for (const one of types) {
      for (const other of types) {
        for (const operator of ["eq", "ne"]) {
          const text = `${samples[one]} ${operator} ${samples[other]}`;
          if (meet(one, other)) expect(bindText(text), text).to.include({ kind: "comparison", operator });
          else expect(refusal(text).status, text).to.equal(400);
        }
      }
    }
  });

  it("gt, ge, lt and le take values of types that have an order", () => {
    for (const one of types) {
      for (const other of types) {
        for (const operator of ["gt", "ge", "lt", "le"]) {
          const text = `${samples[one]} ${operator} ${samples[other]}`;
          if (meet(one, other) && isOrdered(one)) expect(bindText(text), text).to.include({ operator });
          else expect(refusal(text).status, text).to.equal(400);
        }
      }
    }
  });

  it("give a Boolean", () => {
    expect(bindText("name eq code")).to.deep.include({ collection: false });
    expect(bindText("name eq code").type).to.include({ qualifiedName: "Edm.Boolean" });
  });

  it("take null on either side, but for collections and streams", () => {
    for (const type of types) {
      for (const text of [`${samples[type]} eq null`, `null ne ${samples[type]}`]) {
        if (type.startsWith("Collection")) expect(refusal(text).message).to.include("never null");
        else expect(bindText(text), text).to.include({ kind: "comparison" });
      }
    }
    expect(show(bindText("null eq null"))).to.equal("eq(null, null)");
    expect(show(bindText("int32 gt null"))).to.equal("gt($it/int32, null)");
    expect(refusal("photo eq null").status).to.equal(400);
    expect(refusal("photo eq photo").status).to.equal(400);
  });

  it("look at untyped values only for null", () => {
    expect(show(bindText("anything ne null"))).to.equal("ne($it/anything, null)");
    expect(refusal("anything eq 'x'").status).to.equal(501);
    expect(refusal("anything eq anything").status).to.equal(501);
  });

  it("say which side does not fit, and where", () => {
    expect(refusal("name eq 5").message).to.equal(
      "Error in $filter at character 9: a value of type Edm.Int32 cannot be compared with one of type Edm.String.",
    );
    expect(refusal("flag and address gt address").message).to.equal(
      "Error in $filter at character 10: values of type Shop.Address have no order, so 'gt' does not apply.",
    );
    expect(refusal("tags eq name").message).to.match(
      /^Error in \$filter at character 9: a collection and a single value/,
    );
    expect(refusal("tags gt tags").message).to.match(/^Error in \$filter at character 1: 'gt' compares single values/);
  });

  it("tell that a literal was put in quotes for nothing", () => {
    expect(refusal("guid eq '01234567-89ab-cdef-0123-456789abcdef'").message).to.include("without quotes");
    expect(refusal("int32 eq '5'").message).to.include("without quotes");
    expect(refusal("int32 eq name").message).not.to.include("without quotes");
  });
});

describe("literals in comparisons take the type of the other side", () => {
  const table: readonly (readonly [string, string])[] = [
    ["byte eq 5", "eq($it/byte, ^5:Byte)"],
    ["sbyte eq -5", "eq($it/sbyte, ^-5:SByte)"],
    ["int16 eq 5", "eq($it/int16, ^5:Int16)"],
    ["int32 eq 5", "eq($it/int32, ^5:Int32)"],
    ["int64 eq 9007199254740993", 'eq($it/int64, ^"9007199254740993":Int64)'],
    ["decimal eq 5", 'eq($it/decimal, ^"5":Decimal)'],
    ["decimal eq 1.50", 'eq($it/decimal, ^"1.5":Decimal)'],
    ["decimal eq 0.1234567890123456789012345", 'eq($it/decimal, ^"0.1234567890123456789012345":Decimal)'],
    ["weight eq 5", 'eq($it/weight, ^"5":Decimal)'],
    ["single eq 0.1", "eq($it/single, ^0.1:Single)"],
    ["double eq 5", "eq($it/double, ^5:Double)"],
    ["double eq 1.5", "eq($it/double, ^1.5:Double)"],
    ["double eq INF", "eq($it/double, ^null:Double)"],
    ["name eq 'O''Neil'", 'eq($it/name, ^"O\'Neil":String)'],
    ["code eq 'x'", 'eq($it/code, ^"x":String)'],
    ["flag eq true", "eq($it/flag, true:Boolean)"],
    ["guid eq 01234567-89AB-cdef-0123-456789abcdef", 'eq($it/guid, ^"01234567-89ab-cdef-0123-456789abcdef":Guid)'],
    ["date eq 2024-02-29", 'eq($it/date, ^"2024-02-29":Date)'],
    ["time eq 10:20", 'eq($it/time, ^"10:20:00":TimeOfDay)'],
    ["instant eq 2024-02-29T10:20:30+01:00", 'eq($it/instant, ^"2024-02-29T09:20:30Z":DateTimeOffset)'],
    ["duration eq duration'PT1H'", 'eq($it/duration, ^"PT1H":Duration)'],
    ["duration eq 'PT60M'", 'eq($it/duration, ^"PT1H":Duration)'],
    ["binary eq binary'T0RhdGE'", 'eq($it/binary, "T0RhdGE":Binary)'],
    ["colour eq 'Red'", 'eq($it/colour, "Red":Colour)'],
    ["colour eq Shop.Colour'Red'", 'eq($it/colour, "Red":Colour)'],
    ["colour lt 'Blue'", 'lt($it/colour, "Blue":Colour)'],
    ["rights eq 'Write,Read'", 'eq($it/rights, "Read,Write":Rights)'],
    ["rights eq Shop.Rights'3'", 'eq($it/rights, "Read,Write":Rights)'],
    ["'Red' eq colour", 'eq("Red":Colour, $it/colour)'],
    ["5 lt decimal", 'lt(^"5":Decimal, $it/decimal)'],
    [
      "point eq geography'SRID=4326;Point(1 2)'",
      'eq($it/point, "{\\"type\\":\\"Point\\",\\"coordinates\\":[1,2]}":GeographyPoint)',
    ],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("INF and NaN are doubles", () => {
    for (const [text, value] of [
      ["double eq INF", Infinity],
      ["double eq -INF", -Infinity],
      ["double eq NaN", NaN],
    ] as const) {
      const bound = bindText(text);
      expect(bound.kind === "comparison" && bound.right.kind === "constant" && bound.right.value).to.deep.equal(value);
    }
    expect(show(bindText("decimal lt INF"))).to.equal("lt($it/decimal, ^null:Double)");
  });
});

describe("numbers that are none of the other side's type keep their own", () => {
  const table: readonly (readonly [string, string])[] = [
    ["int16 eq 500000", "eq($it/int16, 500000:Int32)"],
    ["byte lt -1", "lt($it/byte, -1:Int32)"],
    ["int32 lt 5000000000", 'lt($it/int32, "5000000000":Int64)'],
    ["int64 lt 99999999999999999999", 'lt($it/int64, "99999999999999999999":Decimal)'],
    ["int32 eq 1.5", 'eq($it/int32, ^"1.5":Decimal)'],
    ["int32 eq 1e3", "eq($it/int32, ^1000:Double)"],
    ["single lt 1e300", "lt($it/single, 1e+300:Double)"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }
});

describe("days and instants", () => {
  it("meet as instants, a day as its midnight in UTC", () => {
    expect(show(bindText("date lt instant"))).to.equal("lt(cast($it/date, DateTimeOffset), $it/instant)");
    expect(show(bindText("instant lt date"))).to.equal("lt($it/instant, cast($it/date, DateTimeOffset))");
    expect(show(bindText("instant ge 2024-02-29"))).to.equal('ge($it/instant, "2024-02-29T00:00:00Z":DateTimeOffset)');
    expect(show(bindText("date ge 2024-02-29T10:00:00Z"))).to.equal(
      'ge(cast($it/date, DateTimeOffset), ^"2024-02-29T10:00:00Z":DateTimeOffset)',
    );
  });
});

describe("enumerations", () => {
  it("refuse a text that is no member, and suggest one", () => {
    const error = refusal("int32 eq 1 and colour eq 'Gren'");
    expect(error.status).to.equal(400);
    expect(error.message).to.match(/^Error in \$filter at character 26: 'Gren' is not a member of Shop.Colour;/);
    expect(error.message).to.include("Did you mean 'Green'?");
  });

  it("refuse numbers, members of other enumerations and several members of one that has no flags", () => {
    for (const text of ["colour eq 1", "colour eq Shop.Rights'Read'", "colour eq 'Red,Blue'", "colour eq rights"]) {
      expect(refusal(text).status, text).to.equal(400);
    }
  });

  it("of unknown types are refused with the nearest name", () => {
    expect(refusal("colour eq Shop.Color'Red'").message).to.include("Did you mean 'Shop.Colour'?");
  });
});

describe("structured values", () => {
  it("are compared with JSON objects, every property of the type with a member", () => {
    expect(show(bindText('address eq {"zip":5,"street":"x"}'))).to.equal(
      'eq($it/address, {street: "x":String, zip: 5:Int32, lines: []:String*}:Address)',
    );
    expect(show(bindText('{"street":null} ne address'))).to.equal(
      "ne({street: null, zip: null, lines: []:String*}:Address, $it/address)",
    );
    expect(show(bindText('address eq {"lines":["a"],"zip":int32}'))).to.equal(
      'eq($it/address, {street: null, zip: $it/int32, lines: ["a":String]:String*}:Address)',
    );
    expect(show(bindText("size eq @s", { aliases: { "@s": '{"width":5}' } }))).to.equal(
      "eq($it/size, {width: 5:Double}:Size)",
    );
  });

  it("have members of types that JSON writes as texts, and so have arrays", () => {
    expect(show(bindText('days eq ["2024-02-29",2024-03-01,null]'))).to.equal(
      'eq($it/days, ["2024-02-29":Date, "2024-03-01":Date, null]:Date*)',
    );
    expect(show(bindText('["2024-02-29"] ne days'))).to.equal('ne(["2024-02-29":Date]:Date*, $it/days)');
    expect(show(bindText('double in [1,"-INF"]'))).to.match(/:Double, null:Double\]/); // an infinity, as JSON
    expect(refusal('days eq ["2024-02-30"]').message).to.match(/^Error in \$filter at character 10: .*2024-02-30/);
    expect(refusal("days eq ['2024-02-29']").status).to.equal(400);
    expect(refusal('numbers eq ["1"]').status).to.equal(400);
    expect(show(bindText('guid in ["01234567-89ab-cdef-0123-456789abcdef"]'))).to.match(/:Guid/);
  });

  it("may be of a derived type that the object names", () => {
    for (const name of ["@type", "@odata.type"]) {
      expect(show(bindText(`address eq {"${name}":"#Shop.HomeAddress","floor":2}`))).to.equal(
        "eq($it/address, {street: null, zip: null, lines: []:String*, floor: 2:Int32}:HomeAddress)",
      );
    }
    expect(refusal('address eq {"@type":"#Shop.Size"}').message).to.include("neither 'Shop.Address' nor derived");
  });

  it("of open types take any members", () => {
    expect(show(bindText('bag eq {"label":"x","more":5}'))).to.equal(
      'eq($it/bag, {label: "x":String, more: 5:Int32}:Bag)',
    );
  });

  it("refuse members that are unknown or of another type, with the member's place", () => {
    expect(refusal('address eq {"stret":"x"}').message).to.equal(
      "Error in $filter at character 21: the type 'Shop.Address' has no property named 'stret'. Did you mean 'street'?",
    );
    expect(refusal('address eq {"zip":"x"}').message).to.match(/^Error in \$filter at character 19: 'zip' is of type/);
    expect(refusal('address eq {"lines":"x"}').message).to.include("Collection(Edm.String)");
    expect(refusal('address eq {"street":["x"]}').status).to.equal(400);
    expect(refusal('address eq {"street":{}}').status).to.equal(400);
  });

  it("of unrelated types are refused, of related ones compared", () => {
    expect(refusal("address eq size").status).to.equal(400);
    expect(show(bindText("owner eq owner/Shop.Special"))).to.equal("eq($it/owner, $it/owner/<Special>)");
    expect(show(bindText("owner eq $it"))).to.equal("eq($it/owner, $it)");
    expect(refusal("owner eq country").status).to.equal(400);
  });

  it("JSON objects without anything that tells their type are not offered", () => {
    expect(refusal("{} eq {}").status).to.equal(501);
    expect(refusal("{} eq null").status).to.equal(501);
    expect(refusal('owner eq {"id":5}').status).to.equal(501);
    expect(refusal("bag/x eq {}").status).to.equal(501);
  });
});

describe("collections", () => {
  it("are compared with arrays, whose items take the type", () => {
    expect(show(bindText("tags eq ['a','b']"))).to.equal('eq($it/tags, ["a":String, "b":String]:String*)');
    expect(show(bindText('["a"] ne tags'))).to.equal('ne(["a":String]:String*, $it/tags)');
    expect(show(bindText("colours eq ['Red']"))).to.equal('eq($it/colours, ["Red":Colour]:Colour*)');
    expect(show(bindText("amounts eq [1,2.5]"))).to.equal('eq($it/amounts, ["1":Decimal, "2.5":Decimal]:Decimal*)');
    expect(show(bindText("tags eq []"))).to.equal("eq($it/tags, []:String*)");
    expect(show(bindText('addresses eq [{"zip":1}]'))).to.equal(
      "eq($it/addresses, [{street: null, zip: 1:Int32, lines: []:String*}:Address]:Address*)",
    );
  });

  it("refuse arrays of other items, and arrays in arrays", () => {
    expect(refusal("tags eq [1]").status).to.equal(400);
    expect(refusal("tags eq ['a',1]").message).to.match(/^Error in \$filter at character 14: /);
    expect(refusal("tags eq [['a']]").message).to.match(/^Error in \$filter at character 10: a collection cannot/);
  });
});

describe("in", () => {
  const table: readonly (readonly [string, string])[] = [
    ["name in ('a','b')", 'in($it/name, [^"a":String, ^"b":String]:String*)'],
    ["name in ('a')", 'in($it/name, [^"a":String]:String*)'],
    ["name in ()", "in($it/name, []:String*)"],
    ["name in ['a',code]", 'in($it/name, [^"a":String, $it/code]:String*)'],
    ["name in tags", "in($it/name, $it/tags)"],
    ["name in owner/tags", "in($it/name, $it/owner/tags)"],
    ["'a' in tags", 'in("a":String, $it/tags)'],
    ["'Red' in colours", 'in("Red":Colour, $it/colours)'],
    ["colour in ('Red',Shop.Colour'Blue')", 'in($it/colour, ["Red":Colour, "Blue":Colour]:Colour*)'],
    ["int16 in (1,500000,2.5,null)", 'in($it/int16, [^1:Int16, 500000:Int32, ^"2.5":Decimal, null]:Int16*)'],
    ["decimal in numbers", "in($it/decimal, $it/numbers)"],
    ["duration in ('PT1H')", 'in($it/duration, [^"PT1H":Duration]:Duration*)'],
    ["instant in (2024-02-29)", 'in($it/instant, ["2024-02-29T00:00:00Z":DateTimeOffset]:DateTimeOffset*)'],
    ["null in ('a')", 'in(null, ["a":String]:String*)'],
    ["owner in parts", "in($it/owner, $it/parts)"],
    ['address in [{"zip":1}]', "in($it/address, [{street: null, zip: 1:Int32, lines: []:String*}:Address]:Address*)"],
    ["address in addresses", "in($it/address, $it/addresses)"],
    ["name in tags/$filter($this ne 'x')", 'in($it/name, $it/tags/filter($this: ne($this, ^"x":String)))'],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("takes an alias that holds an array", () => {
    expect(show(bindText("name in @p", { aliases: { "@p": "['a']" } }))).to.equal(
      'in($it/name, [^"a":String]:String*)',
    );
    expect(refusal("name in @p", { aliases: { "@p": "'a'" } }).status).to.equal(400);
    expect(refusal("name in @p").status).to.equal(400);
  });

  it("refuses what is no collection, or holds what is never equal, with the item's place", () => {
    expect(refusal("name in code").message).to.match(/^Error in \$filter at character 9: 'in' takes a list/);
    expect(refusal("tags in (tags)").message).to.match(/^Error in \$filter at character 1: 'in' looks for/);
    expect(refusal("name in ('a',5)").message).to.match(/^Error in \$filter at character 14: /);
    expect(refusal("name in (5)").message).to.match(/^Error in \$filter at character 10: /);
    expect(refusal("name in numbers").status).to.equal(400);
    expect(refusal("colour in ('Red','Rod')").message).to.match(/^Error in \$filter at character 18: 'Rod' is not/);
    expect(refusal("photo in tags").status).to.equal(400);
  });
});

describe("has", () => {
  const table: readonly (readonly [string, string])[] = [
    ["rights has Shop.Rights'Read'", 'has($it/rights, "Read":Rights)'],
    ["rights has 'Read,Write'", 'has($it/rights, "Read,Write":Rights)'],
    ["rights has 5", 'has($it/rights, "Read,Share":Rights)'],
    ["rights has rights", "has($it/rights, $it/rights)"],
    ["rights has null", "has($it/rights, null)"],
    ["null has Shop.Rights'Read'", 'has(null, "Read":Rights)'],
    ["colour has Shop.Colour'Blue'", 'has($it/colour, "Blue":Colour)'],
    ["bag/x has Shop.Rights'Read'", 'has($it/bag/?x:Rights, "Read":Rights)'],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("refuses everything else", () => {
    for (const text of [
      "rights has Shop.Colour'Red'",
      "rights has colour",
      "rights has name",
      "rights has 8",
      "rights has 'Delete'",
      "rights has 1.5",
      "name has 'Read'",
      "int32 has 1",
      "colours has 'Red'",
      "rights has ['Read']",
      "null has null",
    ]) {
      expect(refusal(text).status, text).to.equal(400);
    }
  });
});

describe("dynamic properties in comparisons", () => {
  const table: readonly (readonly [string, string])[] = [
    ["bag/x eq 'a'", 'eq($it/bag/?x:String, ^"a":String)'],
    ["bag/x gt 5", 'gt($it/bag/?x:Decimal, ^"5":Decimal)'],
    ["5 lt bag/x", 'lt(^"5":Decimal, $it/bag/?x:Decimal)'],
    ["bag/x eq 1.5e0", "eq($it/bag/?x:Double, ^1.5:Double)"],
    ["bag/x eq true", "eq($it/bag/?x:Boolean, true:Boolean)"],
    ["bag/x eq int32", "eq($it/bag/?x:Decimal, $it/int32)"],
    ["bag/x eq single", "eq($it/bag/?x:Double, $it/single)"],
    ["bag/x eq date", "eq($it/bag/?x:Date, $it/date)"],
    ["bag/x eq colour", "eq($it/bag/?x:Colour, $it/colour)"],
    ["bag/x eq bag/y", "eq($it/bag/?x:String, $it/bag/?y:String)"],
    ["bag/x eq null", "eq($it/bag/?x:?, null)"],
    ["bag/x in ('a')", 'in($it/bag/?x:String, [^"a":String]:String*)'],
    ["bag/x in (1,2)", 'in($it/bag/?x:Decimal, [^"1":Decimal, ^"2":Decimal]:Decimal*)'],
    ["bag/x/y eq 'a'", 'eq($it/bag/?x:?/?y:String, ^"a":String)'],
    ["bag/x", "$it/bag/?x:?"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("are not compared with structured values, and have no collections", () => {
    expect(refusal("bag/x eq address").status).to.equal(501);
    expect(refusal("bag/x/any(y:y eq 1)").status).to.equal(501);
    expect(refusal("bag/x/$count eq 1").status).to.equal(501);
    expect(refusal("bag/x/Shop.Address/zip eq 1").status).to.equal(501);
  });
});
