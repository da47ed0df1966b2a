import { expect } from "chai";
import { evaluate } from "./support/evaluate.js";
import { longDecimals } from "./support/long-decimals.js";

/** Expressions without a row, and their values as JSON text. */
function table(title: string, rows: Readonly<Record<string, string>>, data?: object): void {
  describe(title, () => {
    for (const [expression, value] of Object.entries(rows)) {
      it(`${expression} is ${value}`, () => {
        expect(evaluate(expression, data)).to.equal(value);
      });
    }
  });
}

/** The values of docs/query-semantics.md, one by one. */
const item = {
  id: 1,
  cString: "a😀",
  dString: null,
  cBoolean: true,
  cByte: 200,
  cInt16: -7,
  cInt32: 7,
  cInt64: "9007199254740993",
  dInt64: 9223372036854775807n,
  cDecimal: "1.50",
  dDecimal: "-2.345",
  cSingle: 0.1,
  cDouble: 2.5,
  dDouble: NaN,
  cGuid: "01234567-89AB-CDEF-0123-456789ABCDEF",
  cBinary: Buffer.from("odatum"),
  cDate: "2024-02-29",
  dDate: new Date("2023-12-31T23:59:59Z"),
  cTimeOfDay: "23:59:58.125",
  cDateTimeOffset: "2024-02-29T12:00:00.500+02:00",
  dDateTimeOffset: new Date("2024-02-29T10:00:00.500Z"),
  cDuration: "P1DT2H",
  dDuration: "-PT0.000000000001S",
  cColour: "red",
  dColour: 5,
  cRights: "read,write",
  cPoint: { type: "Point", coordinates: [12.5, 41.9] },
  cLine: {
    type: "LineString",
    coordinates: [
      [0, 0],
      [0, 1],
      [0, 2],
    ],
  },
  cArea: {
    type: "Polygon",
    coordinates: [
      [
        [0, 0],
        [4, 0],
        [4, 4],
        [0, 4],
        [0, 0],
      ],
      [
        [1, 1],
        [3, 1],
        [3, 3],
        [1, 3],
        [1, 1],
      ],
    ],
  },
  cFlat: { type: "Point", coordinates: [3, 4] },
  cPlace: { city: "Rome", zip: 184, people: 5n, area: 1.5, words: ["a", "b"], spot: { name: "x", size: "2.0" } },
  dPlace: { "@odata.type": "#Lab.Harbour", city: "Ostia", depth: 12 },
  cStrings: ["b", "a", "b"],
  cInt32s: [4, 1, 3],
  cDoubles: [1, NaN],
  cPlaces: [{ city: "A", zip: 1 }, { "@odata.type": "#Lab.Harbour", city: "B", depth: 3 }, { city: null }],
  related: [
    { id: 2, cInt32: 1 },
    { "@odata.type": "#Lab.Gadget", id: 3, cInt32: null, wColumn: 9, makers: [{ name: "M" }] },
  ],
  owner: { name: "Ann", rank: 3, motto: "Do it", colour: "green", age: 41, tall: true, address: { city: "Bonn" } },
};

describe("memory: expressions", () => {
  table("values", {
    "'b' gt 'a'": "true",
    "'a' eq 'A'": "false",
    "'\u{ff5e}' lt '😀'": "true",
    "false lt true": "true",
    "1.50 eq 1.5": "true",
    "9007199254740993 eq 9007199254740992": "false",
    "0.1 add 0.2 eq 0.3": "true",
    "NaN eq NaN": "false",
    "NaN ne NaN": "true",
    "NaN gt INF": "false",
    "INF gt 1e308": "true",
    "duration'PT24H' eq duration'P1D'": "true",
    "duration'PT36H' gt duration'P1DT11H59M59.999999999999S'": "true",
    "2024-01-01T00:00:00Z eq 2024-01-01T01:00:00+01:00": "true",
    "2024-01-01T00:00:00.10Z eq 2024-01-01T00:00:00.1Z": "true",
    "2024-01-01T00:00:00.5Z gt 2024-01-01T00:00:00Z": "true",
    "Lab.colour'black' lt Lab.colour'none'": "true",
    "[1,2] eq [1,2]": "true",
    "[1,2] eq [2,1]": "false",
    "[] eq []": "true",
    "[1,null] eq [1,null]": "true",
    '[2024-01-01T00:00:00Z] eq ["2024-01-01T01:00:00+01:00"]': "true",
    "cast(9223372036854775807 add 1,'Edm.Int64')": "null",
    "cast(9223372036854775806 add 1,'Edm.Int64')": "9223372036854775807",
  });

  table(
    "values of a row",
    {
      "cString eq 'a😀'": "true",
      "cInt64 eq 9007199254740993": "true",
      "cInt64 gt 9007199254740992": "true",
      "dInt64 eq 9223372036854775807": "true",
      "cDecimal eq 1.5": "true",
      "cSingle eq 0.1": "true",
      "cDouble eq 2.5": "true",
      "dDouble eq NaN": "false",
      "cGuid eq 01234567-89ab-cdef-0123-456789abcdef": "true",
      "cBinary eq binary'b2RhdHVt'": "true",
      "dDate eq 2023-12-31": "true",
      "cDateTimeOffset eq dDateTimeOffset": "true",
      "dDuration lt duration'PT0S'": "true",
      "cColour eq 'red'": "true",
      "cColour lt dColour": "true",
      "cRights eq 'write,read'": "true",
      "cPoint eq geography'SRID=4326;Point(12.5 41.9)'": "true",
      "cPlace/spot/size eq 2": "true",
      "cPlace eq null": "false",
      "dPlace/Lab.Harbour/depth": "12",
      "cPlace/Lab.Harbour/depth": "null",
      "dPlace/Lab.Harbour/depth eq 12": "true",
      'cPlace/spot eq {"name":"x","size":2}': "true",
      'cPlace/spot ne {"name":"x","size":2.5}': "true",
      "cStrings eq ['b','a','b']": "true",
      "cDoubles eq cDoubles": "false",
      "owner/rank": "3",
      "friend/id": "null",
      "friend eq null": "true",
      "owner/colour": '"green"',
      "owner/age add 1": "42",
      "owner/age gt 40.5": "true",
      "owner/age eq '41'": "false",
      "owner/tall": "true",
      "owner/nothing eq null": "true",
      "owner/address/city eq 'Bonn'": "true",
    },
    item,
  );

  table(
    "null",
    {
      "null eq null": "true",
      "dString eq null": "true",
      "dString ne null": "false",
      "dString ne 'x'": "true",
      "dString eq 'x'": "false",
      "dString gt 'x'": "false",
      "dString le null": "false",
      "dString in ('x',null)": "true",
      "dString in ('x')": "false",
      "length(dString)": "null",
      "concat(dString,'x')": "null",
      "cast(dString,'Edm.Int32')": "null",
      "dBoolean and false": "false",
      "false and dBoolean": "false",
      "dBoolean and true": "null",
      "dBoolean or true": "true",
      "dBoolean or false": "null",
      "not dBoolean": "null",
      "not (dBoolean and false)": "true",
      "isof(dString,'Edm.String')": "false",
      "isof(cString,'Edm.String')": "true",
      "dRights has Lab.rights'read'": "null",
      "friend/related/any()": "false",
      "friend/related/all(r:false)": "true",
      "friend/related/$count": "0",
    },
    item,
  );

  table("arithmetic with as many digits as there may be", longDecimals, item);

  table(
    "arithmetic",
    {
      "7 div 2": "3",
      "-7 div 2": "-3",
      "-7 mod 2": "-1",
      "7 mod -2": "1",
      "7 divby 2": "3.5",
      "1 divby 3": "0.33333333333333333333",
      "-2 divby 3": "-0.66666666666666666666",
      "7 div 2.0": "3.5",
      "1.0 div 3": "0.33333333333333333333",
      "7.5 mod 2": "1.5",
      "-7.5 mod 2": "-1.5",
      "0.1 add 0.2": "0.3",
      "1.50 mul 2": "3",
      "9223372036854775807 add 1": "9223372036854775808",
      "9223372036854775807 mul 9223372036854775807": "85070591730234615847396907784232501249",
      "(9223372036854775807 add 1) div 10": "922337203685477580.8",
      "cInt32 div cInt16": "-1",
      "cInt32 div (cInt32 sub 7)": "null",
      "cInt32 mod (cInt32 sub 7)": "null",
      "cDecimal div (cInt32 sub 7)": "null",
      "cDouble div 0": '"INF"',
      "-cDouble div 0": '"-INF"',
      "(cDouble sub cDouble) div 0": '"NaN"',
      "cDouble divby 2": "1.25",
      "cInt32 divby cDouble": "2.8",
      "cDecimal add cDouble": "4",
      "cInt64 add cDouble": "9007199254740994",
      "-cInt32": "-7",
      "-cDecimal": "-1.5",
      "-cDuration": '"-P1DT2H"',
      "dInt16 add 1": "null",
      "cDateTimeOffset add duration'PT0.5S'": '"2024-02-29T10:00:01Z"',
      "cDateTimeOffset sub duration'P1D'": '"2024-02-28T10:00:00.5Z"',
      "cDateTimeOffset sub 2024-02-28T10:00:00Z": '"P1DT0.5S"',
      "cDate add duration'P1DT23H'": '"2024-03-01"',
      "cDate sub duration'P1DT23H'": '"2024-02-28"',
      "cDate add duration'-P1DT23H'": '"2024-02-28"',
      "cDate sub 2023-02-28": '"P366D"',
      "cast('9999-12-31','Edm.Date') add duration'P1D'": "null",
      "9999-12-31T23:59:59Z add duration'PT1S'": "null",
      "9999-12-31T23:59:59Z add duration'PT0.999999999999S'": '"9999-12-31T23:59:59.999999999999Z"',
      "cast('0000-01-01','Edm.Date') sub duration'P1D'": "null",
      "cast('0000-03-01','Edm.Date') sub duration'P1D'": '"0000-02-29"',
      "cDuration mul 1.5": '"P1DT15H"',
      "cDuration div 4": '"PT6H30M"',
      "cDuration add duration'PT22H'": '"P2D"',
      "duration'PT1S' div 3": '"PT0.333333333333S"',
      "cDuration div (cInt32 sub 7)": "null",
      "cDuration sub duration'P2D'": '"-PT22H"',
    },
    item,
  );

  table(
    "functions on text",
    {
      "length(cString)": "2",
      "concat(cString,'!')": '"a😀!"',
      "contains('a😀b','😀')": "true",
      "contains('abc','')": "true",
      "startswith(cString,'a')": "true",
      "endswith(cString,'😀')": "true",
      "endswith('a','ba')": "false",
      "indexof('a😀b','b')": "2",
      "indexof('abc','x')": "-1",
      "indexof('abc','')": "0",
      "substring('a😀bc',1)": '"😀bc"',
      "substring('a😀bc',1,2)": '"😀b"',
      "substring('abc',-1)": '"c"',
      "substring('abc',-9,2)": '"ab"',
      "substring('abc',1,-1)": '""',
      "substring('abc',9)": '""',
      "substring('abc',1,9)": '"bc"',
      "tolower('ÀÉ')": '"àé"',
      "toupper('straße')": '"STRASSE"',
      "tolower('ΑΣ')": '"ας"',
      "trim('\u00a0\u2003 a b \u0085')": '"a b"',
      "trim('\ufeffa')": JSON.stringify("\ufeffa"),
      "matchesPattern('Alfreds','^A.*s$')": "true",
      "matchesPattern('xAlfreds','^A')": "false",
      "matchesPattern('one two','t.o')": "true",
      "matchesPattern('😀','^.$')": "true",
      "matchesPattern(dString,'a')": "null",
    },
    item,
  );

  table(
    "functions on collections",
    {
      "length(cStrings)": "3",
      "contains(cStrings,['a','b'])": "true",
      "contains(cStrings,['b','b'])": "false",
      "startswith(cStrings,['b','a'])": "true",
      "endswith(cStrings,['b','a'])": "false",
      "indexof(cStrings,['a'])": "1",
      "substring(cStrings,1)": '["a","b"]',
      "substring(cStrings,-5,1)": '["b"]',
      "substring(cStrings,dInt16)": "[]",
      "concat(cInt32s,[9])": "[4,1,3,9]",
      "hassubset([4,1,3],[4,1,3])": "true",
      "hassubset([4,1,3],[1,3,4])": "true",
      "hassubset([4,1,3],[3,1])": "true",
      "hassubset([4,1,3,1],[1,1])": "true",
      "hassubset([1,2],[1,1,2])": "false",
      "hassubsequence([4,1,3],[4,1,3])": "true",
      "hassubsequence([4,1,3],[4,3])": "true",
      "hassubsequence([4,1,3,1],[1,1])": "true",
      "hassubsequence([4,1,3],[1,3,4])": "false",
      "hassubsequence([4,1,3],[3,1])": "false",
      "hassubsequence([1,2],[1,1,2])": "false",
      "cStrings/any(s:s eq 'a')": "true",
      "cStrings/all(s:s eq 'a')": "false",
      "dStrings/any()": "false",
      "dStrings/all(s:s eq 'a')": "true",
      "cStrings/$count": "3",
      "cStrings/$count($filter=$this eq 'b')": "2",
      "cPlaces/any(p:p/city eq 'B')": "true",
      "cPlaces/all(p:p/zip gt 0)": "false",
      "cPlaces/Lab.Harbour/$count": "1",
      "cPlaces/$filter(zip eq null)/$count": "2",
      "cPlaces/all(p:p/city ne null or p/zip eq null)": "true",
      "cPlaces/any(p:p/city in ('X',null))": "true",
      "'b' in cStrings": "true",
      "5 in cInt32s": "false",
    },
    item,
  );

  table(
    "dates and times",
    {
      "year(cDateTimeOffset)": "2024",
      "month(cDate)": "2",
      "day(2024-02-29T23:00:00Z)": "29",
      "hour(cDateTimeOffset)": "10",
      "minute(cTimeOfDay)": "59",
      "second(cTimeOfDay)": "58",
      "fractionalseconds(cTimeOfDay)": "0.125",
      "fractionalseconds(cDateTimeOffset)": "0.5",
      "date(cDateTimeOffset)": '"2024-02-29"',
      "time(cDateTimeOffset)": '"10:00:00.5"',
      "totaloffsetminutes(cDateTimeOffset)": "0",
      "totalseconds(cDuration)": "93600",
      "totalseconds(dDuration)": "-0.000000000001",
      "totalseconds(duration'PT1M0.5S')": "60.5",
      "mindatetime() lt cDateTimeOffset": "true",
      "maxdatetime() gt cDateTimeOffset": "true",
    },
    item,
  );

  table(
    "rounding",
    {
      "round(cDecimal)": "2",
      "round(-0.5)": "-1",
      "round(2.49)": "2",
      "round(cDouble)": "3",
      "round(-cDouble)": "-3",
      "floor(dDecimal)": "-3",
      "ceiling(dDecimal)": "-2",
      "floor(cDouble)": "2",
      "ceiling(cDouble)": "3",
      "round(cInt32)": "7",
      "round(dDouble)": '"NaN"',
    },
    item,
  );

  table(
    "casts",
    {
      "cast(cDecimal,'Edm.Int32')": "1",
      "cast(dDecimal,'Edm.Int32')": "-2",
      "cast(cByte,'Edm.SByte')": "null",
      "cast(cInt64,'Edm.Int32')": "null",
      "cast(cInt64,'Edm.Double')": "9007199254740992",
      "cast(dDouble,'Edm.Int32')": "null",
      "cast(cDouble,'Edm.Decimal')": "2.5",
      "cast(dDouble,'Edm.Decimal')": "null",
      "cast(1e300,'Edm.Single')": "null",
      "cast(cDecimal,'Edm.String')": '"1.5"',
      "cast(cBoolean,'Edm.String')": '"true"',
      "cast(cDouble,'Edm.String')": '"2.5"',
      "cast(dDouble,'Edm.String')": '"NaN"',
      "cast(cDate,'Edm.String')": '"2024-02-29"',
      "cast(cDateTimeOffset,'Edm.String')": '"2024-02-29T10:00:00.5Z"',
      "cast(cDuration,'Edm.String')": '"P1DT2H"',
      "cast(cRights,'Edm.String')": '"read,write"',
      "cast(cGuid,'Edm.String')": '"01234567-89ab-cdef-0123-456789abcdef"',
      "cast(cPoint,'Edm.String')": '"SRID=4326;Point(12.5 41.9)"',
      "cast('12','Edm.Int32')": "12",
      "cast(cString,'Edm.Int32')": "null",
      "cast('true','Edm.Boolean')": "true",
      "cast('2024-02-30','Edm.Date')": "null",
      "cast('2024-02-29T01:00:00+01:00','Edm.DateTimeOffset')": '"2024-02-29T00:00:00Z"',
      "cast('red','Lab.colour')": '"red"',
      "cast('purple','Lab.colour')": "null",
      "cast(5,'Lab.colour')": '"blue"',
      "cast(4,'Lab.colour')": "null",
      "cast(3,'Lab.rights')": '"read,write"',
      "cast(cRights,'Edm.Int32')": "3",
      "cast(cDate,'Edm.DateTimeOffset')": '"2024-02-29T00:00:00Z"',
      "cast(cDateTimeOffset,'Edm.Date')": '"2024-02-29"',
      "cast(cDateTimeOffset,'Edm.TimeOfDay')": '"10:00:00.5"',
      "cast(cBoolean,'Edm.Int32')": "null",
      "cast(cDuration,'Edm.Int32')": "null",
      "isof(dPlace,'Lab.Harbour')": "true",
      "isof(cPlace,'Lab.Harbour')": "false",
      "isof(friend,'Lab.Item')": "false",
    },
    item,
  );

  table(
    "relationships, flags and cases",
    {
      "related/any(r:r/cInt32 eq 1)": "true",
      "related/all(r:r/cInt32 eq 1)": "false",
      "related/any(r:r/id eq $it/id)": "false",
      "related/Lab.Widget/any(r:r/makers/any(m:m/name eq 'M'))": "true",
      "related/Lab.Gadget/$count": "1",
      "related/$count($filter=id gt 2)": "1",
      "related(3)/id": "3",
      "related(4)/id": "null",
      "cRights has Lab.rights'read'": "true",
      "cRights has Lab.rights'run'": "false",
      "cRights has Lab.rights'read,write'": "true",
      "case(cInt32 gt 10:'big',cInt32 gt 5:'middle',true:'small')": '"middle"',
      "case(dBoolean:1,not dBoolean:2)": "null",
      "case(false:1)": "null",
    },
    item,
  );

  table(
    "geography and geometry",
    {
      // On a sphere a degree of a great circle is 2 pi r / 360.
      "geo.length(cLine) gt 222390.0 and geo.length(cLine) lt 222390.2": "true",
      "geo.distance(geography'SRID=4326;Point(0 0)',geography'SRID=4326;Point(180 0)') gt 20015114.0": "true",
      "geo.distance(geography'SRID=4326;Point(0 0)',geography'SRID=4326;Point(180 0)') lt 20015115.0": "true",
      "geo.distance(cFlat,geometry'SRID=0;Point(0 0)')": "5",
      "geo.intersects(geography'SRID=4326;Point(0.5 2)',cArea)": "true",
      "geo.intersects(geography'SRID=4326;Point(0 4)',cArea)": "true",
      "geo.intersects(geography'SRID=4326;Point(2 0)',cArea)": "true",
      "geo.intersects(geography'SRID=4326;Point(5 1)',cArea)": "false",
      "geo.intersects(geography'SRID=4326;Point(2 2)',cArea)": "false",
      "geo.intersects(geography'SRID=4326;Point(1 2)',cArea)": "true",
      "geo.intersects(dPoint,cArea)": "null",
    },
    item,
  );

  it("gives the same instant for now() throughout a request", () => {
    expect(evaluate("now() eq now()", item, { now: "2024-05-06T07:08:09.010Z" })).to.equal("true");
    expect(evaluate("now()", item, { now: "2024-05-06T07:08:09.010Z" })).to.equal('"2024-05-06T07:08:09.01Z"');
  });

  it("walks a chain of thousands of operators", () => {
    const chain = Array.from({ length: 900 }, (_, index) => `id eq ${index}`).join(" or ");
    expect(evaluate(chain, { id: 899 })).to.equal("true");
  });

  it("reads $root through the context", () => {
    const root = (source: { readonly name: string }) =>
      source.name === "Owners" ? [{ name: "Ann", rank: 3 }, { name: "Bob" }] : [{ id: 5, friend: { id: 6 } }];
    expect(evaluate("$root/Owners('Ann')/rank eq 3", item, { root })).to.equal("true");
    expect(evaluate("$root/Items(5)/friend/id", item, { root })).to.equal("6");
    expect(evaluate("$root/Items(7)/friend/id", item, { root })).to.equal("null");
    expect(evaluate("$root/Items(5)/friend/id in (5,6)", item, { root })).to.equal("true");
  });

  describe("wrong data", () => {
    const wrong: Readonly<Record<string, [object, RegExp]>> = {
      "a text for an integer": [{ cInt32: "x" }, /Lab\.Item\/cInt32.*'x'/],
      "a fraction for an integer": [{ cInt32: 1.5 }, /Lab\.Item\/cInt32.*1\.5/],
      "an integer past its type": [{ cByte: 256 }, /Lab\.Item\/cByte.*256/],
      "an invalid Date": [{ cDateTimeOffset: new Date(NaN) }, /Lab\.Item\/cDateTimeOffset/],
      "an unknown member": [{ cColour: "purple" }, /Lab\.Item\/cColour.*'purple'/],
      "an object for a text": [{ cString: {} }, /Lab\.Item\/cString/],
      "a text for a complex value": [{ cPlace: "Rome" }, /Lab\.Item\/cPlace.*'Rome'/],
      "a value for a collection": [{ cStrings: "Rome" }, /Lab\.Item\/cStrings.*'Rome'/],
      "a type that is none of the declared type's": [
        { cPlace: { "@odata.type": "#Lab.Spot" } },
        /Lab\.Item\/cPlace\/@odata\.type.*#Lab\.Spot/,
      ],
    };
    for (const [title, [data, message]] of Object.entries(wrong)) {
      it(`says so for ${title}`, () => {
        const [name] = Object.keys(data);
        const expression = name === "cStrings" ? "cStrings/any()" : `${name} eq null`;
        expect(() => evaluate(expression, { id: 1, ...data })).to.throw(TypeError, message);
      });
    }
  });
});
