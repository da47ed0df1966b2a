import type { SqliteFunction, SqliteValue } from "./function.js";
import { strict } from "./function.js";

/** `units` divided by 10 to the power of `scale`, without zeros at its end. */
export interface Exact {
  readonly units: bigint;
  readonly scale: number;
}

/** Decimals that are no numbers, as a `floating` scale allows them: `INF`, `-INF`, `NaN`. */
type Special = number;

const ZERO: Exact = { units: 0n, scale: 0 };

const powers: bigint[] = [1n];

export function power(exponent: number): bigint {
  for (let next = powers.length; next <= exponent; next++) powers.push(powers[next - 1]! * 10n);
  return powers[exponent]!;
}

/** A number without zeros that say nothing. */
export function exact(units: bigint, scale: number): Exact {
  if (units === 0n) return ZERO;
  let rest = units;
  let digits = scale;
  if (digits === 0 || rest % 10n !== 0n) return { units, scale };
  // Many zeros at a time: there may be hundreds.
  for (let zeros = 1024; zeros > 0; zeros >>= 1) {
    while (zeros <= digits && rest % power(zeros) === 0n) {
      rest /= power(zeros);
      digits -= zeros;
    }
  }
  return { units: rest, scale: digits };
}

/** More digits before the point, or behind it, than what is computed may have. */
const MOST_DIGITS = 400;

/** The number, or nothing where it has more digits than the engine keeps: numbers must not grow with each operation. */
export function bounded(value: Exact): Exact | undefined {
  const { units, scale } = value;
  if (scale > MOST_DIGITS) return undefined;
  const end = power(MOST_DIGITS + scale);
  return units < end && units > -end ? value : undefined;
}

function boundedText(value: Exact | undefined): string | null {
  const result = value === undefined ? undefined : bounded(value);
  return result === undefined ? null : exactText(result);
}

const CANONICAL = /^(-?\d+)(?:\.(\d+))?$/;

/** A decimal as the database has it: canonical text, or an integer. `undefined` for what is none. */
function parse(value: SqliteValue): Exact | Special | undefined {
  if (typeof value === "bigint") return { units: value, scale: 0 };
  if (typeof value !== "string") return undefined;
  const match = CANONICAL.exec(value);
  if (match !== null) {
    const fraction = match[2] ?? "";
    return exact(BigInt(match[1]! + fraction), fraction.length);
  }
  // Documents and columns hold these as JSON strings.
  switch (value.replace(/^"(.*)"$/, "$1")) {
    case "INF":
      return Infinity;
    case "-INF":
      return -Infinity;
    case "NaN":
      return NaN;
    default:
      return undefined;
  }
}

/** The same of a finite decimal. */
export function parseExact(value: SqliteValue): Exact | undefined {
  const parsed = parse(value);
  return typeof parsed === "number" ? undefined : parsed;
}

/** Canonical text. */
export function exactText({ units, scale }: Exact): string {
  if (scale === 0) return units.toString();
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${units < 0n ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function specialText(value: Special): string {
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"INF"' : '"-INF"';
}

function toNumber(value: Exact | Special): number {
  return typeof value === "number" ? value : Number(exactText(value));
}

/** Cut toward zero. */
export function truncated({ units, scale }: Exact): bigint {
  return scale === 0 ? units : units / power(scale);
}

/** How far behind the point division goes before it is cut. */
const DIVISION_DIGITS = 20;

function aligned(a: Exact, b: Exact): readonly [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.units * power(scale - a.scale), b.units * power(scale - b.scale), scale];
}

const OPERATIONS = {
  add(a: Exact, b: Exact) {
    const [left, right, scale] = aligned(a, b);
    return exact(left + right, scale);
  },
  sub(a: Exact, b: Exact) {
    const [left, right, scale] = aligned(a, b);
    return exact(left - right, scale);
  },
  mul: (a: Exact, b: Exact) => exact(a.units * b.units, a.scale + b.scale),
  div(a: Exact, b: Exact) {
    if (b.units === 0n) return undefined;
    return exact((a.units * power(b.scale + DIVISION_DIGITS)) / (b.units * power(a.scale)), DIVISION_DIGITS);
  },
  mod(a: Exact, b: Exact) {
    if (b.units === 0n) return undefined;
    const [left, right, scale] = aligned(a, b);
    return exact(left % right, scale);
  },
} as const;

/** What is no number is computed as doubles are. */
const SPECIAL_OPERATIONS: Readonly<Record<keyof typeof OPERATIONS, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
};

export function add(a: Exact, b: Exact): Exact {
  return OPERATIONS.add(a, b);
}

export function subtract(a: Exact, b: Exact): Exact {
  return OPERATIONS.sub(a, b);
}

function operation(name: keyof typeof OPERATIONS): SqliteFunction {
  return strict(`odatum_decimal_${name}`, 2, (left, right) => {
    const a = parse(left);
    const b = parse(right);
    if (a === undefined || b === undefined) return null;
    if (typeof a === "number" || typeof b === "number") {
      const result = SPECIAL_OPERATIONS[name](toNumber(a), toNumber(b));
      if (!Number.isFinite(result)) return specialText(result);
      return result === 0 || typeof a === "number" ? "0" : exactText(a);
    }
    return boundedText(OPERATIONS[name](a, b));
  });
}

/** A function of one finite decimal; the others are what they are. */
function ofOne(name: string, work: (value: Exact) => Exact, special: (value: Special) => Special): SqliteFunction {
  return strict(name, 1, (value) => {
    const parsed = parse(value);
    if (parsed === undefined) return null;
    return typeof parsed === "number" ? specialText(special(parsed)) : boundedText(work(parsed));
  });
}

const ONE: Exact = { units: 1n, scale: 0 };
const HALF: Exact = { units: 5n, scale: 1 };

function whole(units: bigint): Exact {
  return { units, scale: 0 };
}

function floor(value: Exact): Exact {
  const cut = whole(truncated(value));
  return value.units < 0n && value.scale > 0 ? subtract(cut, ONE) : cut;
}

function ceiling(value: Exact): Exact {
  const cut = whole(truncated(value));
  return value.units < 0n || value.scale === 0 ? cut : add(cut, ONE);
}

/** Halves go away from zero. */
function round(value: Exact): Exact {
  return whole(truncated(value.units < 0n ? subtract(value, HALF) : add(value, HALF)));
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** The digits of an exponent are written with this added, seven of them: no number has more digits. */
const EXPONENT_BIAS = 5_000_000;

/**
 * Text that sorts, byte by byte, as the numbers do; equal numbers have equal texts. A positive number is the number of
 * its digits in front of the point, and its digits; a negative one the same with nines' complements, and an end that
 * sorts behind every digit.
 *
 * @param value canonical decimal text, or one of `INF`, `-INF`, `NaN`
 * @example decimalKey("-1.5") < decimalKey("0") && decimalKey("0") < decimalKey("10") // true
 */
export function decimalKey(value: string | bigint): string | null {
  const parsed = parse(value);
  if (parsed === undefined) return null;
  if (typeof parsed === "number") return Number.isNaN(parsed) ? "5" : parsed > 0 ? "4" : "0";
  const { units, scale } = parsed;
  if (units === 0n) return "2";
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString();
  const exponent = String(EXPONENT_BIAS + digits.length - scale).padStart(7, "0");
  const text = exponent + digits.replace(/0+$/, "");
  if (!negative) return `3${text}`;
  return `1${text.replace(/\d/g, (digit) => COMPLEMENTS[Number(digit)]!)}~`;
}

const COMPLEMENTS = "9876543210";

/** Exact numbers: canonical texts, for SQLite has none. */
export const decimalFunctions: readonly SqliteFunction[] = [
  operation("add"),
  operation("sub"),
  operation("mul"),
  operation("div"),
  operation("mod"),
  ofOne(
    "odatum_decimal_negate",
    ({ units, scale }) => ({ units: -units, scale }),
    (value) => -value,
  ),
  ofOne("odatum_decimal_floor", floor, (value) => value),
  ofOne("odatum_decimal_ceiling", ceiling, (value) => value),
  ofOne("odatum_decimal_round", round, (value) => value),
  strict<[string | bigint]>("odatum_decimal_key", 1, decimalKey),
  strict("odatum_decimal_double", 1, (value) => {
    const parsed = parse(value);
    if (parsed === undefined) return null;
    return Number.isNaN(parsed) ? "NaN" : toNumber(parsed);
  }),
  strict("odatum_decimal_text", 1, (value) => {
    const parsed = parse(value);
    if (parsed === undefined) return null;
    return typeof parsed === "number" ? specialText(parsed).slice(1, -1) : exactText(parsed);
  }),
  // The whole number toward zero, where it is between two others.
  strict("odatum_decimal_integer", 3, (value, min, max) => {
    const parsed = parseExact(value);
    return parsed === undefined ? null : within(truncated(parsed), min, max);
  }),
  // Integers that have outgrown 64 bits go on as decimals.
  strict("odatum_integer_div", 2, (left, right) => {
    const a = parseExact(left);
    const b = parseExact(right);
    if (a === undefined || b === undefined || b.units === 0n) return null;
    if (isInt64(a) && isInt64(b)) return (a.units / b.units).toString();
    return boundedText(OPERATIONS.div(a, b));
  }),
];

function isInt64({ units, scale }: Exact): boolean {
  return scale === 0 && units >= MIN_INT64 && units <= MAX_INT64;
}

/** An integer for SQLite; null where it is not between two others. */
export function within(value: bigint, min: SqliteValue, max: SqliteValue): bigint | null {
  const [low, high] = [parseExact(min), parseExact(max)];
  return low === undefined || high === undefined || value < low.units || value > high.units ? null : value;
}
