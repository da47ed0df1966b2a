import { expect } from "chai";
import {
  bindText,
  decimalTypes,
  floatTypes,
  integerTypes,
  numberTypes,
  refusal,
  samples,
  show,
} from "./expression-support.js";

/** What comes out where two numbers meet. */
function meeting(one: string, other: string, operator: string): string {
  if (floatTypes.includes(one) || floatTypes.includes(other)) return "Double";
  if (decimalTypes.includes(one) || decimalTypes.includes(other)) return "Decimal";
  return operator === "divby" ? "Decimal" : "Int64";
}

/** `[left, right, result]` beside numbers; `#` is any number. */
const temporal: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  add: [
    ["Edm.DateTimeOffset", "Edm.Duration", "DateTimeOffset"],
    ["Edm.Date", "Edm.Duration", "Date"],
    ["Edm.Duration", "Edm.Duration", "Duration"],
  ],
  sub: [
    ["Edm.DateTimeOffset", "Edm.Duration", "DateTimeOffset"],
    ["Edm.Date", "Edm.Duration", "Date"],
    ["Edm.Duration", "Edm.Duration", "Duration"],
    ["Edm.DateTimeOffset", "Edm.DateTimeOffset", "Duration"],
    ["Edm.Date", "Edm.Date", "Duration"],
  ],
  mul: [["Edm.Duration", "#", "Duration"]],
  div: [["Edm.Duration", "#", "Duration"]],
  divby: [],
  mod: [],
};

function resultOf(operator: string, one: string, other: string): string | undefined {
  if (numberTypes.includes(one) && numberTypes.includes(other)) return meeting(one, other, operator);
  const rule = temporal[operator]!.find(
    ([left, right]) => left === one && (right === other || (right === "#" && numberTypes.includes(other))),
  );
  return rule?.[2];
}

describe("arithmetic operators", () => {
  for (const operator of Object.keys(temporal)) {
    it(`${operator} takes and gives what it should, for each pair of types`, () => {
      for (const [one, left] of Object.entries(samples)) {
        for (const [other, right] of Object.entries(samples)) {
          const text = `${left} ${operator} ${right}`;
          const result = resultOf(operator, one, other);
          if (result !== undefined) {
            expect(show(bindText(text)), text).to.equal(`${operator}($it/${left}, $it/${right}):${result}`);
          } else expect(refusal(text).status, text).to.equal(400);
        }
      }
    });
  }

  it("say what they take", () => {
    expect(refusal("flag and name mod 2 eq 1").message).to.equal(
      "Error in $filter at character 10: 'mod' takes two numbers, not Edm.String and Edm.Int32.",
    );
    expect(refusal("name mul 2 eq 1").message).to.equal(
      "Error in $filter at character 1: 'mul' takes two numbers, or Edm.Duration and a number, not Edm.String and Edm.Int32.",
    );
    expect(refusal("tags add 1").message).to.match(
      /^Error in \$filter at character 1: 'add' computes with single values/,
    );
  });
});

describe("literals in arithmetic", () => {
  const table: readonly (readonly [string, string])[] = [
    ["int32 add 1", "add($it/int32, 1:Int32):Int64"],
    ["int32 add 5000000000", 'add($it/int32, "5000000000":Int64):Int64'],
    ["int32 add 99999999999999999999", 'add($it/int32, "99999999999999999999":Decimal):Decimal'],
    ["int32 add 1.5", 'add($it/int32, "1.5":Decimal):Decimal'],
    ["decimal mul 2", 'mul($it/decimal, "2":Decimal):Decimal'],
    ["2 mul weight", 'mul("2":Decimal, $it/weight):Decimal'],
    ["double add 0.1", "add($it/double, 0.1:Double):Double"],
    ["single add 1", "add($it/single, 1:Double):Double"],
    ["int32 add 1e2", "add($it/int32, 100:Double):Double"],
    ["int32 divby 2", 'divby($it/int32, "2":Decimal):Decimal'],
    ["1 add 2 mul 3", "add(1:Int32, mul(2:Int32, 3:Int32):Int64):Int64"],
    ["instant add duration'PT1H'", 'add($it/instant, "PT1H":Duration):DateTimeOffset'],
    ["instant sub 'PT1H'", 'sub($it/instant, "PT1H":Duration):DateTimeOffset'],
    ["date add 'P1D'", 'add($it/date, "P1D":Duration):Date'],
    ["date sub 2024-02-29", 'sub($it/date, "2024-02-29":Date):Duration'],
    ["instant sub 2024-02-29", 'sub($it/instant, "2024-02-29T00:00:00Z":DateTimeOffset):Duration'],
    ["2024-02-29 add 'P1D'", 'add("2024-02-29":Date, "P1D":Duration):Date'],
    ["2024-02-29T00:00:00Z sub instant", 'sub("2024-02-29T00:00:00Z":DateTimeOffset, $it/instant):Duration'],
    ["'PT1H' add duration", 'add("PT1H":Duration, $it/duration):Duration'],
    ["duration mul 2", 'mul($it/duration, "2":Decimal):Duration'],
    ["duration div 1.5", 'div($it/duration, "1.5":Decimal):Duration'],
    ["now() sub 'P7D'", 'sub(now():DateTimeOffset, "P7D":Duration):DateTimeOffset'],
    ["int32 add null", "add($it/int32, null):Int64"],
    ["null mul null", "mul(null, null):Int64"],
    ["decimal div null", "div($it/decimal, null):Decimal"],
    ["instant add null", "add($it/instant, null):DateTimeOffset"],
    ["null add duration", "add(null, $it/duration):DateTimeOffset"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("that are no duration are refused", () => {
    for (const text of ["instant add 'x'", "instant add 5", "'x' mul 2", "time add 'PT1H'", "duration mul 'PT1H'"]) {
      expect(refusal(text).status, text).to.equal(400);
    }
  });

  it("are never lifted", () => {
    for (const text of ["int32 add 1", "date add 'P1D'", "2.5 mul decimal", "decimal div 2"]) {
      expect(show(bindText(text)), text).not.to.include("^");
    }
  });
});

describe("a divisor of zero", () => {
  it("is refused where it is a literal and the division exact", () => {
    for (const text of [
      "int32 div 0",
      "int32 mod 0",
      "int32 divby 0",
      "decimal div 0",
      "decimal div 0.00",
      "int32 div -0",
      "int32 div -(0)",
      "duration div 0",
      "5 div 0",
    ]) {
      expect(refusal(text).message, text).to.include("division by zero");
    }
    expect(refusal("flag and int32 div 0 eq 1").message).to.match(/^Error in \$filter at character 20: /);
    expect(refusal("int32 div @zero", { aliases: { "@zero": "0" } }).message).to.include("division by zero");
  });

  it("is told by the digits: what is too small for a double is not zero", () => {
    const tiny = `0.${"0".repeat(399)}1`;
    expect(() => bindText(`decimal div ${tiny}`)).not.to.throw();
    expect(() => bindText(`decimal div -${tiny}`)).not.to.throw();
    expect(refusal(`decimal div 0.${"0".repeat(400)}`).message).to.include("division by zero");
  });

  it("is no error among doubles, nor where only the row knows it", () => {
    expect(show(bindText("double div 0"))).to.equal("div($it/double, 0:Double):Double");
    expect(show(bindText("int32 div 0e0"))).to.equal("div($it/int32, 0:Double):Double");
    expect(show(bindText("int32 div int16"))).to.equal("div($it/int32, $it/int16):Int64");
  });
});

describe("a minus sign", () => {
  it("takes numbers and durations, and nothing else", () => {
    for (const [type, property] of Object.entries(samples)) {
      const text = `-${property}`;
      const result = integerTypes.includes(type)
        ? "Int64"
        : decimalTypes.includes(type)
          ? "Decimal"
          : floatTypes.includes(type)
            ? "Double"
            : type === "Edm.Duration"
              ? "Duration"
              : undefined;
      if (result !== undefined) expect(show(bindText(text))).to.equal(`-($it/${property}):${result}`);
      else expect(refusal(text).status, text).to.equal(400);
    }
  });

  it("before a number is part of it", () => {
    expect(show(bindText("int32 eq -5"))).to.equal("eq($it/int32, ^-5:Int32)");
    expect(show(bindText("int32 eq -(5)"))).to.equal("eq($it/int32, -5:Int32)");
    expect(show(bindText("int32 eq - 5"))).to.equal("eq($it/int32, -5:Int32)");
    expect(show(bindText("int32 eq -(-5)"))).to.equal("eq($it/int32, 5:Int32)");
    expect(show(bindText("decimal eq -(1.5)"))).to.equal('eq($it/decimal, "-1.5":Decimal)');
    expect(show(bindText("int64 eq -(9223372036854775808)"))).to.equal('eq($it/int64, "-9223372036854775808":Int64)');
  });

  it("before anything else is computed", () => {
    expect(show(bindText("-(int32 add 1)"))).to.equal("-(add($it/int32, 1:Int32):Int64):Int64");
    expect(show(bindText("-duration'PT1H'"))).to.equal('-("PT1H":Duration):Duration');
    expect(show(bindText("-null"))).to.equal("-(null):Int64");
    expect(show(bindText("-(bag/x)"))).to.equal("-($it/bag/?x:Decimal):Decimal");
  });
});

describe("dynamic properties in arithmetic", () => {
  const table: readonly (readonly [string, string])[] = [
    ["bag/x add 1", 'add($it/bag/?x:Decimal, "1":Decimal):Decimal'],
    ["int32 mul bag/x", "mul($it/int32, $it/bag/?x:Decimal):Decimal"],
    ["double mul bag/x", "mul($it/double, $it/bag/?x:Double):Double"],
    ["bag/x sub bag/y", "sub($it/bag/?x:Decimal, $it/bag/?y:Decimal):Decimal"],
    ["instant add bag/x", "add($it/instant, $it/bag/?x:Duration):DateTimeOffset"],
    ["duration mul bag/x", "mul($it/duration, $it/bag/?x:Decimal):Duration"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("must be cast where they could be a date as well as a duration", () => {
    expect(refusal("bag/x add duration").status).to.equal(400);
    expect(show(bindText("cast(bag/x,Edm.Date) add duration"))).to.equal("add($it/bag/?x:Date, $it/duration):Date");
  });
});
