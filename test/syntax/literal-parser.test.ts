import { expect } from "chai";
import { parseExpression } from "../../src/syntax/index.js";
import { refusal, tree } from "./helpers.js";

describe("literals", () => {
  const table: readonly (readonly [written: string, form: string, value?: string])[] = [
    ["null", "null"],
    ["true", "boolean"],
    ["FALSE", "boolean", "false"],
    ["0", "integer"],
    ["-42", "integer"],
    ["+42", "integer"],
    ["9223372036854775807", "integer"],
    ["3.14", "decimal"],
    ["-0.314e1", "double"],
    ["1E-9", "double"],
    ["INF", "double"],
    ["-INF", "double"],
    ["NaN", "double"],
    ["''", "string", ""],
    ["'O''Neil'", "string", "O'Neil"],
    ["''''", "string", "'"],
    ["'a/b(c),d;e'", "string", "a/b(c),d;e"],
    ["01234567-89ab-cdef-0123-456789abcdef", "guid"],
    ["ABCDEF01-89ab-cdef-0123-456789abcdef", "guid"],
    ["2024-02-29", "date"],
    ["-0044-03-15", "date"],
    ["12024-01-01", "date"],
    ["23:59", "timeOfDay"],
    ["23:59:60.123456789012", "timeOfDay"],
    ["2024-02-29T23:59Z", "dateTimeOffset"],
    ["2024-02-29t23:59:01.5z", "dateTimeOffset"],
    ["2024-02-29T23:59:01-08:00", "dateTimeOffset"],
    ["2024-02-29T23:59:01 08:00", "dateTimeOffset", "2024-02-29T23:59:01+08:00"],
    ["duration'P1DT2H30M0.5S'", "duration", "P1DT2H30M0.5S"],
    ["duration'-PT1S'", "duration", "-PT1S"],
    ["binary'T0RhdGE'", "binary", "T0RhdGE"],
    ["Sales.Pattern'Solid,Yellow'", "enum", "Solid,Yellow"],
    ["Sales.Pattern'-1'", "enum", "-1"],
    ["geography'SRID=4326;Point(8.6 49.3)'", "geography", "SRID=4326;Point(8.6 49.3)"],
    ["geometry'SRID=0;Polygon((1 1,2 2,1 1))'", "geometry", "SRID=0;Polygon((1 1,2 2,1 1))"],
  ];
  for (const [written, form, value = written] of table) {
    it(`${written} is a ${form}`, () => {
      const literal = parseExpression(written);
      expect(literal).to.include({ kind: "Literal", form, value });
      expect(literal.place).to.deep.equal({ start: 0, end: written.length });
    });
  }

  it("keeps the type of an enumeration", () => {
    expect(parseExpression("a.b.Color'red'")).to.include({ typeName: "a.b.Color", value: "red" });
  });

  it("leaves names that look like literals to the model where a path goes on", () => {
    expect(tree("null/x")).to.equal("null/x");
    expect(tree("INFO")).to.equal("INFO");
    expect(tree("-INFO")).to.equal("(- INFO)");
    expect(tree("nullable eq truely")).to.equal("(eq nullable truely)");
  });

  const wrong: readonly (readonly [written: string, message: RegExp])[] = [
    ["'abc", /character 1: the single quote that begins here is never closed/],
    ["5L", /'5L' is no number/],
    ["2024-13-01", /character 1: '2024-13-01' is no number, date, time or guid/],
    ["2024-01-01T25:00:00Z", /character 1: '2024-01-01T25:00:00Z' is no number, date, time or guid/],
    ["25:00", /character 1: '25:00' is no number, date, time or guid/],
    ["1-1", /character 1: '1-1' is no number, date, time or guid/],
    [".5", /expected a value/],
    ["5.", /expected an operator or the end, but found '\.'/],
    ["guid'01234567-89ab-cdef-0123-456789abcdef'", /the prefix 'guid' is unknown/],
    ["datetime'2020-01-01T00:00'", /written without prefix and quotes/],
    ["constructor'x'", /prefix 'constructor' is unknown/],
    ["duration'P1Y'", /no value of a duration/],
    ["duration'P'", /no value of a duration/],
    ["duration'P1DT'", /no value of a duration/],
    ["binary'Zh'", /no value of a binary/],
    ["binary'Z'", /no value of a binary/],
    ["binary'Zm9v='", /no value of a binary/],
    ["a.B'x y'", /no list of members/],
    ["a.B''", /no list of members/],
    ["geography'Point(1 2)'", /no value of a geography/],
    ["geography'SRID=1;Point(1)'", /no value of a geography/],
  ];
  for (const [written, message] of wrong) {
    it(`refuses ${written}`, () => expect(refusal(() => parseExpression(written)).message).to.match(message));
  }
});
