import { expect } from "chai";
import {
  bindText,
  decimalTypes,
  floatTypes,
  integerTypes,
  refusal,
  samples,
  show,
  textTypes,
} from "./expression-support.js";

const instants = ["Edm.DateTimeOffset"];
const days = ["Edm.Date", ...instants];
const clocks = ["Edm.TimeOfDay", ...instants];
const collections = Object.keys(samples).filter((type) => type.startsWith("Collection("));

/** Functions with one argument: what they take and give, as the standard lists it. */
const unary: Readonly<Record<string, readonly [takes: readonly string[], gives: string]>> = {
  length: [[...textTypes, ...collections.filter((type) => type !== "Collection(Shop.Thing)")], "Int32"],
  tolower: [textTypes, "String"],
  toupper: [textTypes, "String"],
  trim: [textTypes, "String"],
  date: [instants, "Date"],
  time: [instants, "TimeOfDay"],
  year: [days, "Int32"],
  month: [days, "Int32"],
  day: [days, "Int32"],
  hour: [clocks, "Int32"],
  minute: [clocks, "Int32"],
  second: [clocks, "Int32"],
  fractionalseconds: [clocks, "Decimal"],
  totaloffsetminutes: [instants, "Int32"],
  totalseconds: [["Edm.Duration"], "Decimal"],
  "geo.length": [["Edm.GeographyLineString", "Edm.GeometryLineString"], "Double"],
};

describe("functions with one argument", () => {
  for (const [name, [takes, gives]] of Object.entries(unary)) {
    it(`${name} takes what the standard says, and nothing else`, () => {
      for (const [type, property] of Object.entries(samples)) {
        const text = `${name}(${property})`;
        if (takes.includes(type)) expect(show(bindText(text)), type).to.equal(`${name}($it/${property}):${gives}`);
        else if (name === "length" && type === "Collection(Shop.Thing)") expect(refusal(text).status).to.equal(501);
        else {
          const error = refusal(text);
          expect(error.status, text).to.equal(400);
          expect(error.message).to.match(/^Error in \$filter at character 1: the function '/);
          expect(error.message).to.include(`not (${type})`);
        }
      }
    });

    it(`${name} of null is bound`, () => {
      expect(show(bindText(`${name}(null)`))).to.equal(`${name}(null):${gives}`);
    });
  }

  for (const name of ["round", "floor", "ceiling"]) {
    it(`${name} takes numbers; an integer is its own result`, () => {
      for (const [type, property] of Object.entries(samples)) {
        const text = `${name}(${property})`;
        if (integerTypes.includes(type)) expect(show(bindText(text))).to.equal(`$it/${property}`);
        else if (decimalTypes.includes(type)) expect(show(bindText(text))).to.equal(`${name}($it/${property}):Decimal`);
        else if (floatTypes.includes(type)) expect(show(bindText(text))).to.equal(`${name}($it/${property}):Double`);
        else expect(refusal(text).status, text).to.equal(400);
      }
    });
  }
});

describe("functions with two arguments", () => {
  const gives: Readonly<Record<string, string>> = {
    contains: "Boolean",
    startswith: "Boolean",
    endswith: "Boolean",
    indexof: "Int32",
    concat: "String",
  };

  for (const [name, result] of Object.entries(gives)) {
    it(`${name} takes two texts`, () => {
      for (const [type, property] of Object.entries(samples)) {
        for (const [text, shown] of [
          [`${name}(name,${property})`, `${name}($it/name, $it/${property}):${result}`],
          [`${name}(${property},name)`, `${name}($it/${property}, $it/name):${result}`],
        ] as const) {
          if (textTypes.includes(type)) expect(show(bindText(text))).to.equal(shown);
          else expect(refusal(text).status, text).to.equal(400);
        }
      }
    });
  }

  for (const name of ["contains", "startswith", "endswith", "hassubset", "hassubsequence", "indexof", "concat"]) {
    const result = name === "indexof" ? "Int32" : name === "concat" ? "" : "Boolean";

    it(`${name} takes two collections of items that can be equal`, () => {
      const of = (item: string) => (result === "" ? `${item}*` : result);
      expect(show(bindText(`${name}(tags,tags)`))).to.equal(`${name}($it/tags, $it/tags):${of("String")}`);
      expect(show(bindText(`${name}(days,days)`))).to.equal(`${name}($it/days, $it/days):${of("Date")}`);
      expect(show(bindText(`${name}(addresses,addresses)`))).to.equal(
        `${name}($it/addresses, $it/addresses):${of("Address")}`,
      );
      expect(show(bindText(`${name}(numbers,amounts)`))).to.equal(`${name}($it/numbers, $it/amounts):${of("Decimal")}`);
      expect(refusal(`${name}(tags,numbers)`).status).to.equal(400);
      expect(refusal(`${name}(addresses,tags)`).status).to.equal(400);
      expect(refusal(`${name}(parts,parts)`).status).to.equal(501);
    });

    it(`${name} gives an array the type of the other collection's items`, () => {
      expect(show(bindText(`${name}(tags,['a'])`))).to.equal(
        `${name}($it/tags, ["a":String]:String*):${of_(result, "String")}`,
      );
      expect(show(bindText(`${name}(colours,['Red','Blue'])`))).to.equal(
        `${name}($it/colours, ["Red":Colour, "Blue":Colour]:Colour*):${of_(result, "Colour")}`,
      );
      expect(show(bindText(`${name}(amounts,[1])`))).to.equal(
        `${name}($it/amounts, ["1":Decimal]:Decimal*):${of_(result, "Decimal")}`,
      );
      expect(show(bindText(`${name}([],tags)`))).to.equal(`${name}([]:String*, $it/tags):${of_(result, "String")}`);
      expect(show(bindText(`${name}(tags,[])`))).to.equal(`${name}($it/tags, []:String*):${of_(result, "String")}`);
    });
  }

  it("hassubset and hassubsequence do not take texts", () => {
    for (const name of ["hassubset", "hassubsequence"]) expect(refusal(`${name}(name,name)`).status).to.equal(400);
  });

  it("a text and a collection do not meet", () => {
    for (const name of ["contains", "concat", "indexof"]) {
      expect(refusal(`${name}(tags,name)`).status).to.equal(400);
      expect(refusal(`${name}(tags,'a')`).status).to.equal(400);
    }
  });

  it("null stands for a text", () => {
    expect(show(bindText("contains(name,null)"))).to.equal("contains($it/name, null):Boolean");
    expect(show(bindText("contains(null,name)"))).to.equal("contains(null, $it/name):Boolean");
    expect(show(bindText("concat(null,null)"))).to.equal("concat(null, null):String");
  });
});

function of_(result: string, item: string): string {
  return result === "" ? `${item}*` : result;
}

describe("substring", () => {
  it("takes a text or a collection and one or two integers", () => {
    expect(show(bindText("substring(name,1)"))).to.equal("substring($it/name, 1:Int32):String");
    expect(show(bindText("substring(name,int16,int64)"))).to.equal("substring($it/name, $it/int16, $it/int64):String");
    expect(show(bindText("substring(tags,1)"))).to.equal("substring($it/tags, 1:Int32):String*");
    expect(show(bindText("substring(addresses,1,2)"))).to.equal("substring($it/addresses, 1:Int32, 2:Int32):Address*");
    expect(show(bindText("substring(name,null)"))).to.equal("substring($it/name, null):String");
  });

  it("takes nothing else", () => {
    for (const text of [
      "substring(int32,1)",
      "substring(name,1.5)",
      "substring(name,'1')",
      "substring(name,1,double)",
      "substring(tags,decimal)",
      "substring(address,1)",
      "substring(name,tags)",
    ]) {
      expect(refusal(text).status, text).to.equal(400);
    }
    expect(refusal("substring(int32,1)").message).to.equal(
      "Error in $filter at character 1: the function 'substring' takes (Edm.String, an integer) or (Edm.String, an integer, " +
        "an integer) or (Collection, an integer) or (Collection, an integer, an integer), not (Edm.Int32, Edm.Int32).",
    );
  });
});

describe("functions without arguments", () => {
  it("give instants", () => {
    for (const name of ["now", "mindatetime", "maxdatetime"]) {
      expect(show(bindText(`${name}()`))).to.equal(`${name}():DateTimeOffset`);
    }
  });
});

describe("geo functions", () => {
  const point = "geography'SRID=4326;Point(1 2)'";

  it("take points, and points with polygons, of the same kind", () => {
    expect(show(bindText("geo.distance(point,point)"))).to.equal("geo.distance($it/point, $it/point):Double");
    expect(show(bindText("geo.distance(planePoint,planePoint)"))).to.equal(
      "geo.distance($it/planePoint, $it/planePoint):Double",
    );
    expect(show(bindText("geo.intersects(point,area)"))).to.equal("geo.intersects($it/point, $it/area):Boolean");
    expect(show(bindText("geo.intersects(planePoint,planeArea)"))).to.equal(
      "geo.intersects($it/planePoint, $it/planeArea):Boolean",
    );
    expect(show(bindText(`geo.distance(point,${point})`))).to.include(":GeographyPoint):Double");
  });

  it("take nothing else", () => {
    for (const text of [
      "geo.distance(point,planePoint)",
      "geo.distance(point,area)",
      "geo.distance(place,point)",
      "geo.intersects(area,point)",
      "geo.intersects(point,planeArea)",
      "geo.length(area)",
      "geo.distance(point,'x')",
    ]) {
      expect(refusal(text).status, text).to.equal(400);
    }
  });
});

describe("dynamic properties in functions", () => {
  it("are texts in functions on text", () => {
    expect(show(bindText("tolower(bag/x)"))).to.equal("tolower($it/bag/?x:String):String");
    expect(show(bindText("contains(bag/x,bag/y)"))).to.equal("contains($it/bag/?x:String, $it/bag/?y:String):Boolean");
    expect(show(bindText("length(bag/x)"))).to.equal("length($it/bag/?x:String):Int32");
  });

  it("are instants, numbers, durations and integers in others", () => {
    expect(show(bindText("year(bag/x)"))).to.equal("year($it/bag/?x:DateTimeOffset):Int32");
    expect(show(bindText("round(bag/x)"))).to.equal("round($it/bag/?x:Decimal):Decimal");
    expect(show(bindText("totalseconds(bag/x)"))).to.equal("totalseconds($it/bag/?x:Duration):Decimal");
    expect(show(bindText("substring(bag/x,bag/y)"))).to.equal("substring($it/bag/?x:String, $it/bag/?y:Int64):String");
  });
});

describe("literals in functions", () => {
  it("choose by the type that they have by themselves", () => {
    expect(show(bindText("year(2024-02-29)"))).to.equal('year("2024-02-29":Date):Int32');
    expect(show(bindText("round(2.5)"))).to.equal('round("2.5":Decimal):Decimal');
    expect(show(bindText("round(2.5e0)"))).to.equal("round(2.5:Double):Double");
    expect(show(bindText("round(2)"))).to.equal("2:Int32");
  });

  it("take the type of the parameter where theirs does not fit", () => {
    expect(show(bindText("totalseconds('PT1H')"))).to.equal('totalseconds("PT1H":Duration):Decimal');
    expect(show(bindText("time(2024-02-29)"))).to.equal('time("2024-02-29T00:00:00Z":DateTimeOffset):TimeOfDay');
  });
});

describe("unknown functions", () => {
  it("are refused with the nearest name", () => {
    const error = refusal("flag and lenght(value=name)");
    expect(error.status).to.equal(400);
    expect(error.message).to.match(/^Error in \$filter at character 10: there is no function named 'lenght'/);
    expect(error.message).to.include("Did you mean 'length'?");
  });

  it("with a qualified name are none of the service's", () => {
    expect(refusal("Shop.find(name='x')").message).to.include("no type and no function named 'Shop.find'");
    expect(refusal("owner/Shop.find()").status).to.equal(400);
  });

  it("on rows that $apply makes are not offered", () => {
    expect(refusal("isdefined(name)").status).to.equal(501);
  });
});

describe("matchesPattern", () => {
  it("takes a literal pattern, or an alias of one", () => {
    expect(show(bindText("matchesPattern(name,'^A.*e$')"))).to.equal(
      'matchespattern($it/name, "^A.*e$":String):Boolean',
    );
    expect(show(bindText("matchesPattern(name,@p)", { aliases: { "@p": "'x+'" } }))).to.equal(
      'matchespattern($it/name, "x+":String):Boolean',
    );
  });

  it("is null where the pattern is", () => {
    expect(show(bindText("matchesPattern(name,null)"))).to.equal("null");
    expect(show(bindText("matchesPattern(name,@p)"))).to.equal("null");
  });

  it("takes no pattern that only the row knows", () => {
    for (const text of [
      "matchesPattern(name,code)",
      "matchesPattern('x',name)",
      "matchesPattern(name,concat('a','b'))",
    ]) {
      expect(refusal(text).message, text).to.include("must be a literal");
    }
  });

  it("takes no pattern that cannot be matched in linear time, or is none", () => {
    for (const pattern of [
      "(?=a)",
      "(?!a)",
      "(?<=a)b",
      "(?<!a)b",
      "(a)\\1",
      "[",
      "(",
      "*",
      "a**",
      "a{2,1}",
      "a{1001}",
    ]) {
      const error = refusal(`matchesPattern(name,'${pattern}')`);
      expect(error.status, pattern).to.equal(400);
      expect(error.message).to.match(/^Error in \$filter at character 21: the pattern cannot be used: /);
    }
  });

  it("bounds the length of a pattern and what its repetitions come to", () => {
    const long = "a".repeat(1_000);
    expect(bindText(`matchesPattern(name,'${long}')`)).to.include({ kind: "call" });
    expect(refusal(`matchesPattern(name,'${long}a')`).message).to.include("longer than 1000 characters");
    expect(refusal(`matchesPattern(name,'${".{1000}".repeat(100)}')`).message).to.include("repeats too much");
  });
});
