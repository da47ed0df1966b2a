import { expect } from "chai";
import fc from "fast-check";
import {
  instantText,
  PrimitiveValueError,
  readJson,
  readKeySegment,
  readLiteral,
  writeJson,
  writeLiteral,
} from "../../../src/edm/primitives/index.js";
import { edm } from "./types.js";

function table(type: string, good: readonly (readonly [string, string])[], bad: readonly string[]): void {
  describe(`Edm.${type}`, () => {
    for (const [written, canonical] of good) {
      it(`makes ${canonical} of ${written}`, () => {
        expect(readJson(edm(type), {}, written)).to.equal(canonical);
        expect(readKeySegment(edm(type), written)).to.equal(canonical);
        expect(readJson(edm(type), {}, canonical)).to.equal(canonical);
        expect(writeJson(edm(type), canonical)).to.equal(JSON.stringify(canonical));
      });
    }
    for (const text of bad) {
      it(`refuses '${text}'`, () => {
        expect(() => readJson(edm(type), {}, text)).to.throw(PrimitiveValueError, `Edm.${type}; `);
        expect(readKeySegment(edm(type), text)).to.equal(undefined);
      });
    }
    it("refuses what is no string", () => {
      expect(() => readJson(edm(type), {}, { text: "1" })).to.throw(`a JSON number is not a valid Edm.${type}`);
    });
  });
}

describe("edm/primitives temporal", () => {
  table(
    "Date",
    [
      ["2024-02-29", "2024-02-29"],
      ["0000-01-01", "0000-01-01"],
      ["2000-02-29", "2000-02-29"],
      ["9999-12-31", "9999-12-31"],
    ],
    [
      "2023-02-29",
      "1900-02-29",
      "2024-00-01",
      "2024-13-01",
      "2024-04-31",
      "2024-01-00",
      "-0001-01-01",
      "12024-01-01",
      "24-1-1",
      "",
    ],
  );

  table(
    "DateTimeOffset",
    [
      ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"],
      ["2024-02-29t12:00:00z", "2024-02-29T12:00:00Z"],
      ["2024-02-29T12:00Z", "2024-02-29T12:00:00Z"],
      ["2024-02-29T12:00:00.1200Z", "2024-02-29T12:00:00.12Z"],
      ["2024-02-29T12:00:00.000Z", "2024-02-29T12:00:00Z"],
      ["2024-02-29T12:00:30.0+01:00", "2024-02-29T11:00:30Z"],
      ["2024-02-29T12:00:00.123456789012Z", "2024-02-29T12:00:00.123456789012Z"],
      ["2024-03-01T00:30:00.5+01:00", "2024-02-29T23:30:00.5Z"],
      ["2023-12-31T23:30:00-00:30", "2024-01-01T00:00:00Z"],
      ["0050-01-01T00:00:00+00:00", "0050-01-01T00:00:00Z"],
      ["0000-01-01T01:00:00+01:00", "0000-01-01T00:00:00Z"],
      ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"],
    ],
    [
      "2024-02-30T12:00:00Z",
      "2024-02-29T24:00:00Z",
      "2024-02-29T12:60:00Z",
      "2024-02-29T12:00:61Z",
      "2024-02-29T12:00:00",
      "2024-02-29",
      "2024-02-29T12:00:00.Z",
      "2024-02-29T12:00:00.1234567890123Z",
      "2024-02-29T12:00:00+24:00",
      "2024-02-29T12:00:00+01:60",
      "0000-01-01T00:00:00+01:00",
      "9999-12-31T23:59:59-01:00",
      "-0001-01-01T00:00:00Z",
    ],
  );

  it("says what is missing where there is no offset", () => {
    expect(() => readJson(edm("DateTimeOffset"), {}, "2024-02-29T12:00:00")).to.throw("must end with 'Z' or an offset");
  });

  table(
    "TimeOfDay",
    [
      ["12:00", "12:00:00"],
      ["23:59:59.999", "23:59:59.999"],
      ["23:59:50.500", "23:59:50.5"],
      ["23:59:00.000", "23:59:00"],
      ["00:00:00", "00:00:00"],
    ],
    ["24:00:00", "12:60:00", "12:00:60", "1:00:00", "12", "12:00:00Z"],
  );

  table(
    "Duration",
    [
      ["PT0S", "PT0S"],
      ["-P0D", "PT0S"],
      ["P1D", "P1D"],
      ["PT24H", "P1D"],
      ["PT36H", "P1DT12H"],
      ["PT90M", "PT1H30M"],
      ["PT3600S", "PT1H"],
      ["PT1.500S", "PT1.5S"],
      ["PT60.0S", "PT1M"],
      ["-P1DT2H3M4.5S", "-P1DT2H3M4.5S"],
      ["PT0.001S", "PT0.001S"],
    ],
    ["P", "PT", "P1DT", "P1Y", "P1M", "P1W", "1D", "PT1.S", "+P1D", "p1d", "PT1S1M"],
  );

  it("takes duration literals with and without prefix", () => {
    expect(readLiteral(edm("Duration"), "duration", "PT60M")).to.equal("PT1H");
    expect(readLiteral(edm("Duration"), "string", "PT60M")).to.equal("PT1H");
    expect(readLiteral(edm("Duration"), "string", "an hour")).to.equal(undefined);
    expect(writeLiteral(edm("Duration"), "PT1H")).to.equal("duration'PT1H'");
  });

  it("throws where a literal has the form of its type and is no value of it", () => {
    expect(() => readLiteral(edm("Date"), "date", "2023-02-29")).to.throw("that month has the days 01 to 28");
    expect(readLiteral(edm("Date"), "string", "2023-02-28")).to.equal(undefined);
    expect(writeLiteral(edm("Date"), "2023-02-28")).to.equal("2023-02-28");
  });

  it("checks the precision of fractional seconds where there is one", () => {
    expect(readJson(edm("TimeOfDay"), { precision: 3 }, "12:00:00.1230")).to.equal("12:00:00.123");
    expect(() => readJson(edm("TimeOfDay"), { precision: 3 }, "12:00:00.1234")).to.throw("than the 3");
    expect(() => readJson(edm("DateTimeOffset"), { precision: 0 }, "2024-01-01T00:00:00.5Z")).to.throw("than the 0");
  });

  it("writes a point in time as it reads it", () => {
    expect(instantText(new Date("2024-02-29T12:00:00.120Z"))).to.equal("2024-02-29T12:00:00.12Z");
    expect(instantText(new Date("2024-02-29T12:00:00.000Z"))).to.equal("2024-02-29T12:00:00Z");
  });

  const years = { min: new Date("0001-01-01T00:00:00Z"), max: new Date("9998-12-31T23:59:59Z"), noInvalidDate: true };

  it("gives the instant that Date gives, whatever the offset", () => {
    fc.assert(
      fc.property(fc.date(years), fc.integer({ min: -839, max: 839 }), (instant, minutes) => {
        const local = new Date(instant.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const two = (n: number): string => String(n).padStart(2, "0");
        const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
        expect(readJson(edm("DateTimeOffset"), {}, local + offset)).to.equal(
          instant.toISOString().replace(/\.?0*Z$/, "Z"),
        );
      }),
    );
  });

  it("makes texts of times that sort as the times do, however many digits they were written with", () => {
    const fraction = fc.stringMatching(/^(\.[0-9]{1,3})?$/);
    const time = fc.tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59 }), fraction);
    const parts = ([m, s, f]: [number, number, string]): [string, string, number] => {
      const clock = `10:${String(m).padStart(2, "0")}:${String(s).padStart(2, "0")}${f}`;
      const instant = readJson(edm("DateTimeOffset"), {}, `2024-01-01T${clock}Z`) as string;
      const timeOfDay = readJson(edm("TimeOfDay"), {}, clock) as string;
      return [instant.slice(0, -1), timeOfDay, Math.round((m * 60 + s + Number(`0${f}`)) * 1000)];
    };
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [instantA, clockA, timeA] = parts(a);
        const [instantB, clockB, timeB] = parts(b);
        expect(instantA < instantB).to.equal(timeA < timeB);
        expect(instantA === instantB).to.equal(timeA === timeB);
        expect(clockA < clockB).to.equal(timeA < timeB);
        expect(clockA === clockB).to.equal(timeA === timeB);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps the length of every duration", () => {
    const part = fc.nat({ max: 100_000 });
    fc.assert(
      fc.property(part, part, part, part, (d, h, m, s) => {
        const text = readJson(edm("Duration"), {}, `P${d}DT${h}H${m}M${s}S`) as string;
        const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
          /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) ?? expect.fail(text);
        const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
        expect(total).to.equal(((d * 24 + h) * 60 + m) * 60 + s);
        expect(Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60).to.equal(true);
      }),
    );
  });
});
