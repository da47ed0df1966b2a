import type { LiteralForm } from "../../syntax/ast.js";
import type { PrimitiveTypeName } from "../model.js";
import type { Facets } from "../source.js";
import { mismatch, type Codec } from "./codec.js";
import { PrimitiveValueError, invalid, quoted } from "./error.js";

/** Sign, digits, fraction, exponent: `decimalValue` of the ABNF without `nanInfinity`; JSON's numbers have this form too. */
const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** More digits than any real value has: an exponent like `1e999999999` must not become a gigabyte of zeros. */
const MOST_DIGITS = 400;

/** The largest finite binary32 number. */
const MOST_SINGLE = 3.4028234663852886e38;

/**
 * Canonical decimal text, digit for digit: no exponent, no plus, no zeros that say nothing, `0` for minus zero.
 *
 * @param text a number as JSON, a URL or CSDL writes it
 * @returns `undefined` where `text` is no number
 * @throws PrimitiveValueError where the number has more digits than the engine keeps
 * @example canonicalDecimal("-1.50e3") // "-1500"
 */
export function canonicalDecimal(text: string): string | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const integer = match[2]!;
  const fraction = match[3] ?? "";
  const digits = (integer + fraction).replace(/^0+/, "");
  if (digits === "") return "0";
  // The point stands `point` digits after the start of `digits`; the exponent moves it.
  const point = digits.length - fraction.length + Number(match[4] ?? 0);
  if (digits.length > MOST_DIGITS || Math.abs(point) > MOST_DIGITS) {
    throw new PrimitiveValueError(
      `${quoted(text)} has more than the ${MOST_DIGITS} digits that a number may have here`,
    );
  }
  const whole = point <= 0 ? "0" : digits.slice(0, point).padEnd(point, "0");
  const rest = (point < 0 ? "0".repeat(-point) + digits : digits.slice(Math.max(point, 0))).replace(/0+$/, "");
  return `${match[1] === "-" ? "-" : ""}${whole}${rest === "" ? "" : `.${rest}`}`;
}

/** The whole number that `text` writes, exactly; a fraction of zeros and an exponent are no harm (`1.0`, `1e2`). */
function readWhole(name: PrimitiveTypeName, text: string, min: bigint, max: bigint): string {
  const right = `it takes whole numbers from ${min} to ${max}`;
  const canonical = canonicalDecimal(text);
  if (canonical === undefined || canonical.includes(".")) throw invalid(text, name, right);
  // No number of more characters than the bounds have is within them; BigInt then works on short texts only.
  if (canonical.length > 20 || BigInt(canonical) < min || BigInt(canonical) > max) {
    throw new PrimitiveValueError(`${quoted(text)} is out of the range of ${name}; ${right}`);
  }
  return canonical;
}

/** The integer types that a JavaScript number holds. */
export function integerCodec(name: PrimitiveTypeName, min: number, max: number): Codec {
  const read = (text: string): number => {
    // Almost all integers are a few plain digits: no text work for them.
    const quick = PLAIN_DIGITS.test(text) ? Number(text) : Number.NaN;
    return quick >= min && quick <= max ? quick : Number(readWhole(name, text, BigInt(min), BigInt(max)));
  };
  return {
    readJson(_, value) {
      if (typeof value !== "object") throw mismatch(value, name, "a JSON number");
      return read(value.text);
    },
    readLiteral: (form, text) => (form === "integer" ? read(text) : undefined),
    readText: read,
    writeJson: String,
    writeLiteral: String,
    zero: "0",
  };
}

const PLAIN_DIGITS = /^\d{1,9}$/;

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

function readInt64(text: string): string {
  return readWhole("Edm.Int64", text, MIN_INT64, MAX_INT64);
}

/** Edm.Int64: canonical text, so that no digit beyond 2^53 is lost. */
export const int64: Codec = {
  readJson(_, value) {
    // A string is the form of `IEEE754Compatible=true` (JSON Format 4.01, section 3.2); it is clear without that, too.
    if (typeof value === "boolean") throw mismatch(value, "Edm.Int64", "a JSON number or string");
    return readInt64(typeof value === "string" ? value : value.text);
  },
  readLiteral: (form, text) => (form === "integer" ? readInt64(text) : undefined),
  readText: readInt64,
  writeJson: (value, ieee754Compatible) => (ieee754Compatible ? `"${value as string}"` : (value as string)),
  writeLiteral: (value) => value as string,
  zero: "0",
};

/** CSDL 4.01, section 7.2.3 and 7.2.4. An absent scale means `variable`, as in CSDL JSON; the XML reader fills its 0 in. */
function checkDecimal(facets: Facets, value: string): void {
  const { precision, scale } = facets;
  if (!isFiniteText(value)) {
    if (scale === "floating") return;
    throw new PrimitiveValueError(
      `'${value}' is not a valid Edm.Decimal unless its scale is 'floating'; write a number`,
    );
  }
  const [whole = "", fraction = ""] = (value.startsWith("-") ? value.slice(1) : value).split(".");
  if (typeof scale === "number" && fraction.length > scale) {
    throw new PrimitiveValueError(
      `${quoted(value)} has ${count(fraction.length, "fractional digit")}, and at most ${scale} are allowed`,
    );
  }
  if (precision === undefined) return;
  const wholeDigits = whole === "0" ? 0 : whole.length;
  const digits =
    scale === "floating" ? (whole + fraction).replace(/^0+|0+$/g, "").length : wholeDigits + fraction.length;
  // With a fixed scale its digits are set aside, whether the value uses them or not.
  const left = typeof scale === "number" ? precision - scale : precision;
  if (digits > precision || (scale !== "floating" && wholeDigits > left)) {
    const what =
      typeof scale === "number" && digits <= precision
        ? `digits before the point than ${left}`
        : `digits than ${precision}`;
    throw new PrimitiveValueError(`${quoted(value)} has more ${what}, which is what its type allows`);
  }
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function isFiniteText(value: string): boolean {
  return value !== "INF" && value !== "-INF" && value !== "NaN";
}

function readDecimal(text: string): string {
  const canonical = isFiniteText(text) ? canonicalDecimal(text) : text;
  if (canonical === undefined) throw invalid(text, "Edm.Decimal", "a decimal looks like 12, -0.5 or 1.2e3");
  return canonical;
}

/** Edm.Decimal: canonical decimal text. */
export const decimal: Codec = {
  readJson(facets, value) {
    if (typeof value === "boolean") throw mismatch(value, "Edm.Decimal", "a JSON number or string");
    const canonical = readDecimal(typeof value === "string" ? value : value.text);
    checkDecimal(facets, canonical);
    return canonical;
  },
  readLiteral: (form, text) => (isNumeric(form) && isFiniteText(text) ? readDecimal(text) : undefined),
  readText: readDecimal,
  writeJson: (value, ieee754Compatible) =>
    ieee754Compatible || !isFiniteText(value as string) ? `"${value as string}"` : (value as string),
  writeLiteral: (value) => value as string,
  zero: "0",
};

function isNumeric(form: LiteralForm): boolean {
  return form === "integer" || form === "decimal" || form === "double";
}

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["INF", Infinity],
  ["-INF", -Infinity],
  ["NaN", NaN],
]);

/** Edm.Double and Edm.Single. */
function floatCodec(name: PrimitiveTypeName, most: number, round: (value: number) => number): Codec {
  const read = (text: string): number => {
    const special = SPECIAL.get(text);
    if (special !== undefined) return special;
    if (!NUMBER.test(text)) throw invalid(text, name, "a number looks like 12, -0.5, 1.2e3, INF, -INF or NaN");
    const value = Number(text);
    if (Math.abs(value) > most) {
      throw new PrimitiveValueError(`${quoted(text)} is out of the range of ${name}; it ends at ${most}`);
    }
    // Adding 0 makes 0 of -0, which JSON text would lose anyway.
    return round(value) + 0;
  };
  return {
    readJson(_, value) {
      if (typeof value === "object") return read(value.text);
      // JSON has no literal for these three, so they come as strings: JSON Format 4.01, section 7.1.
      const special = typeof value === "string" ? SPECIAL.get(value) : undefined;
      if (special === undefined) throw mismatch(value, name, "a JSON number, or as one of 'INF', '-INF', 'NaN'");
      return special;
    },
    readLiteral: (form, text) => (isNumeric(form) ? read(text) : undefined),
    readText: read,
    writeJson: (value) => (Number.isFinite(value) ? String(value) : `"${specialText(value as number)}"`),
    // No plus sign in an exponent: a URL would have to escape it.
    writeLiteral: (value) => (Number.isFinite(value) ? String(value).replace("+", "") : specialText(value as number)),
    zero: "0",
  };
}

function specialText(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "INF" : "-INF";
}

/** The shortest decimal that names the same binary32 number, so that 0.1 stays 0.1 and equal singles are equal numbers. */
function roundSingle(value: number): number {
  const single = Math.fround(value);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}

export const double: Codec = floatCodec("Edm.Double", Number.MAX_VALUE, (value) => value);
export const single: Codec = floatCodec("Edm.Single", MOST_SINGLE, roundSingle);
