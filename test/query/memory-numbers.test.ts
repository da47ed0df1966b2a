import { expect } from "chai";
import fc from "fast-check";
import { canonicalDecimal } from "../../src/edm/primitives/index.js";
import { Decimal } from "../../src/query/memory/decimal.js";
import { compareText } from "../../src/query/memory/order.js";
import { DAY, SECOND, Temporal } from "../../src/query/memory/temporal.js";
import * as functions from "../../src/query/memory/text-functions.js";

/** A number as units of 10 to the power of minus 30, which is finer than any that is generated here. */
const FINE = 30;
const units = fc.oneof(fc.bigInt({ min: -50n, max: 50n }), fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }));
const decimal = fc.tuple(units, fc.nat(12)).map(([whole, scale]) => ({
  decimal: Decimal.of(whole, scale),
  fine: whole * 10n ** BigInt(FINE - scale),
}));

function fineOf(value: Decimal): bigint {
  return value.units * 10n ** BigInt(FINE - value.scale);
}

describe("memory: exact numbers", () => {
  it("adds, subtracts and multiplies exactly", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(fineOf(a.decimal.plus(b.decimal))).to.equal(a.fine + b.fine);
        expect(fineOf(a.decimal.minus(b.decimal))).to.equal(a.fine - b.fine);
        expect(fineOf(a.decimal.times(b.decimal))).to.equal((a.fine * b.fine) / 10n ** BigInt(FINE));
      }),
    );
  });

  it("compares by value", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(a.decimal.compare(b.decimal)).to.equal(a.fine < b.fine ? -1 : a.fine > b.fine ? 1 : 0);
        expect(a.decimal.equals(b.decimal)).to.equal(a.fine === b.fine);
      }),
    );
  });

  it("cuts quotients behind the 20th digit, and leaves a remainder with the sign of the dividend", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        fc.pre(b.fine !== 0n);
        const cut = (a.fine * 10n ** 20n) / b.fine;
        expect(fineOf(a.decimal.dividedBy(b.decimal))).to.equal(cut * 10n ** BigInt(FINE - 20));
        expect(fineOf(a.decimal.wholeTimes(b.decimal))).to.equal((a.fine / b.fine) * 10n ** BigInt(FINE));
        expect(fineOf(a.decimal.remainder(b.decimal))).to.equal(a.fine % b.fine);
      }),
    );
  });

  it("rounds up, down, toward zero and to the nearest", () => {
    const one = 10n ** BigInt(FINE);
    fc.assert(
      fc.property(decimal, ({ decimal: value, fine }) => {
        const down = fine / one - (fine % one < 0n ? 1n : 0n);
        expect(value.floor().toString()).to.equal(String(down));
        expect(value.ceiling().toString()).to.equal(String(fine % one === 0n ? down : down + 1n));
        expect(value.truncated().toString()).to.equal(String(fine / one));
        const half = one / 2n;
        expect(value.rounded().toString()).to.equal(String((fine + (fine < 0n ? -half : half)) / one));
      }),
    );
  });

  it("reads and writes canonical text", () => {
    fc.assert(
      fc.property(units, fc.nat(12), fc.integer({ min: -20, max: 20 }), (whole, scale, exponent) => {
        const text = `${Decimal.of(whole, scale).toString()}e${exponent}`;
        expect(Decimal.parse(text).toString()).to.equal(canonicalDecimal(text));
      }),
    );
  });

  it("takes no text that is no number", () => {
    for (const text of ["", "x", "1.", ".5", "NaN", "0x1"]) expect(() => Decimal.parse(text)).to.throw(TypeError);
  });
});

describe("memory: dates and times", () => {
  it("knows every day of the calendar", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_652_424 }), (day) => {
        const date = new Temporal("date", BigInt(day) * DAY);
        const instant = new Date(0);
        instant.setUTCFullYear(0, 0, 1 + day);
        expect(date.toString()).to.equal(instant.toISOString().slice(0, 10));
        expect(Temporal.parse("date", date.toString()).picoseconds).to.equal(date.picoseconds);
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps twelve digits of a second", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 3_652_425n * DAY - 1n }), (picoseconds) => {
        const instant = new Temporal("instant", picoseconds);
        expect(Temporal.parse("instant", instant.toString()).picoseconds).to.equal(picoseconds);
        const text = new Date(Number(picoseconds / (SECOND / 1_000n)) - 62_167_219_200_000).toISOString();
        expect(instant.toString().slice(0, 19)).to.equal(text.slice(0, 19));
      }),
    );
  });

  it("writes durations as it reads them", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (picoseconds) => {
        const duration = new Temporal("duration", picoseconds);
        expect(Temporal.parse("duration", duration.toString()).picoseconds).to.equal(picoseconds);
      }),
    );
    expect(new Temporal("duration", 0n).toString()).to.equal("PT0S");
    expect(new Temporal("duration", -90_061n * SECOND - 5n).toString()).to.equal("-P1DT1H1M1.000000000005S");
  });
});

describe("memory: texts", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "\u{ff5e}", "😀", "😁", "\0"), maxLength: 8 });

  it("compares as their UTF-8 bytes do", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareText(a, b))).to.equal(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it("counts and finds code points", () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.integer({ min: -2, max: 9 }),
        fc.integer({ min: -2, max: 9 }),
        (a, b, start, length) => {
          const [all, part] = [[...a], [...b]];
          expect(functions.lengthOf(a)).to.equal(all.length);
          const places = all.map((_, at) => at).concat(all.length);
          const found = places.find((at) => part.every((character, index) => all[at + index] === character));
          expect(functions.positionOf(a, b)).to.equal(found ?? -1);
          const from = Math.max(0, start < 0 ? all.length + start : start);
          const to = from + Math.max(0, length);
          expect(functions.substring(a, BigInt(start), BigInt(length))).to.equal(all.slice(from, to).join(""));
          expect(functions.substring(a, BigInt(start), undefined)).to.equal(all.slice(from).join(""));
        },
      ),
    );
  });

  it("does not find half a character", () => {
    expect(functions.contains("😀", "\ude00")).to.equal(false);
    expect(functions.startsWith("😀", "\ud83d")).to.equal(false);
    expect(functions.endsWith("😀", "\ude00")).to.equal(false);
  });
});
