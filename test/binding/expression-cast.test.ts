import { expect } from "chai";
import { bindText, refusal, samples, show } from "./expression-support.js";

const valueTypes = Object.keys(samples).filter(
  (type) => !/^Collection|^Shop\.(Address|Size|Bag|Thing)$|Stream|Untyped/.test(type),
);
const short = (type: string) => type.replace(/^(Edm|Shop)\./, "");
const underlying = (type: string) =>
  type === "Shop.Weight" ? "Edm.Decimal" : type === "Shop.Code" ? "Edm.String" : type;

describe("cast", () => {
  it("makes any primitive or enumeration value one of any such type", () => {
    for (const from of valueTypes) {
      for (const to of valueTypes) {
        const same =
          underlying(from) === underlying(to) || (to === "Edm.Geography" && from.startsWith("Edm.Geography"));
        const shown = same ? `$it/${samples[from]}` : `cast($it/${samples[from]}, ${short(underlying(to))})`;
        expect(show(bindText(`cast(${samples[from]},${to})`)), `${from} to ${to}`).to.equal(shown);
      }
    }
  });

  it("to the type that computed integers have already stays, since they may not fit it", () => {
    expect(show(bindText("cast(int64 mul int64,Edm.Int64)"))).to.equal("cast(mul($it/int64, $it/int64):Int64, Int64)");
    expect(show(bindText("cast(int64 add 1,Edm.Int32)"))).to.match(/^cast\(add\(.*, Int32\)$/);
    expect(show(bindText("cast(case(flag:int64 add int64),Edm.Int64)"))).to.match(/^cast\(case.*, Int64\)$/);
    expect(show(bindText("cast(decimal mul 2,Edm.Decimal)"))).to.not.match(/^cast/);
  });

  it("takes literals, null, and type names in quotes", () => {
    expect(show(bindText("cast('5',Edm.Int32)"))).to.equal('cast("5":String, Int32)');
    expect(show(bindText("cast(null,Edm.Int32)"))).to.equal("cast(null, Int32)");
    expect(show(bindText("cast(int32,'Edm.String')"))).to.equal("cast($it/int32, String)");
    expect(show(bindText("cast('Red',Shop.Colour)"))).to.equal('cast("Red":String, Colour)');
  });

  it("reads a dynamic property as the type", () => {
    expect(show(bindText("cast(bag/x,Edm.String)"))).to.equal("$it/bag/?x:String");
    expect(show(bindText("cast(bag/x,Edm.DateTimeOffset)"))).to.equal("$it/bag/?x:DateTimeOffset");
    expect(show(bindText("cast(bag/x,Edm.Int32)"))).to.equal("cast($it/bag/?x:Decimal, Int32)");
    expect(show(bindText("cast(bag/x,Edm.Decimal)"))).to.equal("$it/bag/?x:Decimal");
    expect(refusal("cast(bag/x,Shop.Address)").status).to.equal(501);
  });

  it("of structured values narrows them to a derived type, or leaves them", () => {
    expect(show(bindText("cast(owner,Shop.Special) ne null"))).to.equal("ne($it/owner/<Special>, null)");
    expect(show(bindText("cast(owner/Shop.Special,Shop.Thing) ne null"))).to.equal("ne($it/owner/<Special>, null)");
    expect(show(bindText("cast(address,Shop.HomeAddress) eq null"))).to.equal("eq($it/address/<HomeAddress>, null)");
    expect(show(bindText("cast(address,Edm.ComplexType) eq null"))).to.equal("eq($it/address, null)");
    expect(show(bindText("cast(null,Shop.Special) eq null"))).to.equal("eq(null, null)");
  });

  it("without a value is of the current instance", () => {
    expect(show(bindText("cast(Shop.Special) ne null"))).to.equal("ne($it/<Special>, null)");
    expect(show(bindText("parts/$filter(cast(Shop.Special) ne null)/any()"))).to.equal(
      "$it/parts/filter($this: ne($this/<Special>, null))/any()",
    );
    expect(show(bindText("tags/$filter(cast(Edm.Int32) eq 1)/any()"))).to.equal(
      "$it/tags/filter($this: eq(cast($this, Int32), ^1:Int32))/any()",
    );
  });

  it("gives a JSON object its type", () => {
    expect(show(bindText('cast({"zip":1},Shop.Address) eq address'))).to.equal(
      "eq({street: null, zip: 1:Int32, lines: []:String*}:Address, $it/address)",
    );
    expect(refusal('cast({"zip":1},Edm.String)').status).to.equal(400);
  });

  it("of collections leaves those that are of the type already", () => {
    expect(show(bindText("length(cast(tags,Collection(Edm.String)))"))).to.equal("length($it/tags):Int32");
    expect(show(bindText("cast(parts,Collection(Shop.Thing))"))).to.equal("$it/parts");
    expect(show(bindText("cast(['Red'],Collection(Shop.Colour)) eq colours"))).to.equal(
      'eq(["Red":Colour]:Colour*, $it/colours)',
    );
  });

  it("refuses what can never be", () => {
    for (const text of [
      "cast(owner,Shop.Country)",
      "cast(owner,Shop.Address)",
      "cast(address,Shop.Size)",
      "cast(address,Edm.String)",
      "cast(owner,Edm.Int32)",
      "cast(int32,Shop.Address)",
      "cast(int32,Edm.Stream)",
      "cast(photo,Edm.String)",
      "cast(tags,Edm.String)",
      "cast(name,Collection(Edm.String))",
      "cast(parts,Collection(Shop.Country))",
    ]) {
      const error = refusal(text);
      expect(error.status, text).to.equal(400);
      expect(error.message).to.match(/^Error in \$filter at character 6: a value of type .* cannot be cast to '/);
    }
  });

  it("does not offer to cast the items of a collection, or untyped values", () => {
    for (const text of [
      "cast(tags,Collection(Edm.Int32))",
      "cast(parts,Collection(Shop.Special))",
      "cast(anything,Edm.String)",
    ]) {
      expect(refusal(text).status, text).to.equal(501);
    }
  });

  it("refuses unknown types, and suggests one", () => {
    expect(refusal("cast(int32,Edm.Sting)").message).to.match(
      /^Error in \$filter at character 12: there is no type named 'Edm.Sting'\. Did you mean 'Edm.String'/,
    );
    expect(refusal("cast(owner,Special)").message).to.include("Did you mean 'Shop.Special'?");
    expect(refusal("cast(tags,Collection(Edm.Nothing))").status).to.equal(400);
  });
});

describe("isof", () => {
  it("of a value that is always of the type says whether it is there", () => {
    expect(show(bindText("isof(int32,Edm.Int32)"))).to.equal("ne($it/int32, null)");
    expect(show(bindText("isof(weight,Edm.Decimal)"))).to.equal("ne($it/weight, null)");
    expect(show(bindText("isof(colour,Shop.Colour)"))).to.equal("ne($it/colour, null)");
    expect(show(bindText("isof(colour,Edm.PrimitiveType)"))).to.equal("ne($it/colour, null)");
    expect(show(bindText("isof(point,Edm.Geography)"))).to.equal("ne($it/point, null)");
    expect(show(bindText("isof(owner,Shop.Thing)"))).to.equal("ne($it/owner, null)");
    expect(show(bindText("isof(owner,Edm.EntityType)"))).to.equal("ne($it/owner, null)");
    expect(show(bindText("isof(tags,Collection(Edm.String))"))).to.equal("true:Boolean");
  });

  it("of a value that is never of the type is false", () => {
    for (const text of [
      "isof(int32,Edm.Int64)",
      "isof(int32,Edm.String)",
      "isof(name,Shop.Colour)",
      "isof(null,Edm.String)",
      "isof(tags,Edm.String)",
      "isof(name,Collection(Edm.String))",
      "isof(tags,Collection(Edm.Int32))",
      "isof(owner,Edm.String)",
      "isof(owner,Shop.Country)",
      "isof(address,Shop.Size)",
    ]) {
      expect(show(bindText(text)), text).to.equal("false:Boolean");
    }
  });

  it("asks structured values for their type", () => {
    expect(show(bindText("isof(owner,Shop.Special)"))).to.equal("isof($it/owner, Special)");
    expect(show(bindText("isof(address,'Shop.HomeAddress')"))).to.equal("isof($it/address, HomeAddress)");
    expect(show(bindText("isof(parts,Collection(Shop.Special))"))).to.equal("isof($it/parts, Special*)");
    expect(show(bindText("isof(Shop.Special)"))).to.equal("isof($it, Special)");
    expect(show(bindText("parts/any(p:isof(p,Shop.Special))"))).to.equal("$it/parts/any(p: isof(p, Special))");
  });

  it("asks a dynamic property whether it can be read as the type", () => {
    expect(show(bindText("isof(bag/x,Edm.String)"))).to.equal("ne($it/bag/?x:String, null)");
    expect(refusal("isof(bag/x,Shop.Address)").status).to.equal(501);
  });

  it("is not offered where only the value knows its type", () => {
    expect(refusal("isof(anything,Edm.String)").status).to.equal(501);
    expect(refusal("isof(place,Edm.GeographyPoint)").status).to.equal(501);
  });

  it("refuses unknown types", () => {
    expect(refusal("isof(owner,Shop.Specail)").message).to.include("Did you mean 'Shop.Special'?");
  });
});

describe("case", () => {
  const table: readonly (readonly [string, string])[] = [
    ["case(flag:name)", "case($it/flag: $it/name):String"],
    [
      "case(flag:'a',int32 gt 1:'b',true:null)",
      'case($it/flag: "a":String, gt($it/int32, ^1:Int32): "b":String, true:Boolean: null):String',
    ],
    [
      "case(flag:int16,true:int32)",
      "case($it/flag: cast($it/int16, Int64), true:Boolean: cast($it/int32, Int64)):Int64",
    ],
    ["case(flag:int32,true:decimal)", "case($it/flag: cast($it/int32, Decimal), true:Boolean: $it/decimal):Decimal"],
    ["case(flag:decimal,true:double)", "case($it/flag: cast($it/decimal, Double), true:Boolean: $it/double):Double"],
    ["case(flag:1,true:decimal)", 'case($it/flag: "1":Decimal, true:Boolean: $it/decimal):Decimal'],
    ["case(flag:1,true:2.5)", 'case($it/flag: "1":Decimal, true:Boolean: "2.5":Decimal):Decimal'],
    ["case(flag:'Red',true:colour)", 'case($it/flag: "Red":Colour, true:Boolean: $it/colour):Colour'],
    [
      "case(flag:date,true:instant)",
      "case($it/flag: cast($it/date, DateTimeOffset), true:Boolean: $it/instant):DateTimeOffset",
    ],
    ["case(flag:weight,true:decimal)", "case($it/flag: $it/weight, true:Boolean: $it/decimal):Decimal"],
    ["case(flag:null)", "case($it/flag: null):?"],
    ["case(flag:bag/x,true:'a')", 'case($it/flag: $it/bag/?x:String, true:Boolean: "a":String):String'],
    ["case(bag/y:1)", "case($it/bag/?y:Boolean: 1:Int32):Int32"],
    ["case(null:1)", "case(null: 1:Int32):Int32"],
    [
      "case(flag:1,true:2) eq decimal",
      'eq(case($it/flag: "1":Decimal, true:Boolean: "2":Decimal):Decimal, $it/decimal)',
    ],
    [
      "case(flag:'Red',true:'Blue') eq colour",
      'eq(case($it/flag: "Red":Colour, true:Boolean: "Blue":Colour):Colour, $it/colour)',
    ],
    ["case(flag:point,true:area) eq null", "eq(case($it/flag: $it/point, true:Boolean: $it/area):Geography, null)"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("refuses conditions that are none, and values that have no type in common", () => {
    expect(refusal("case(name:1)").message).to.match(/^Error in \$filter at character 6: expected a condition/);
    expect(refusal("case(flag:1,true:'a')").message).to.match(
      /^Error in \$filter at character 18: a value of type Edm.String/,
    );
    expect(refusal("case(flag:name,true:int32)").status).to.equal(400);
  });

  it("offers no structured values and no collections", () => {
    for (const text of [
      "case(flag:owner)",
      "case(flag:address)",
      "case(flag:tags)",
      "case(flag:['a'])",
      "case(flag:{})",
    ]) {
      expect(refusal(text).status, text).to.equal(501);
    }
  });
});
