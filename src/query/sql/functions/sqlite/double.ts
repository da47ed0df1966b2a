import { canonicalDecimal, readJson } from "../../../../edm/primitives/index.js";
import { primitiveTypes } from "../../../../edm/primitive-types.js";
import type { SqliteFunction, SqliteValue } from "./function.js";
import { strict } from "./function.js";
import { parseExact, truncated, within } from "./decimal.js";

/** A floating-point value as SQLite keeps it: NaN is a text. */
export function asDouble(value: SqliteValue): number {
  return typeof value === "string" ? NaN : Number(value);
}

/** The other way. SQLite would take NaN for NULL. */
export function ofDouble(value: number): SqliteValue {
  return Number.isNaN(value) ? "NaN" : value;
}

function operation(name: string, work: (a: number, b: number) => number): SqliteFunction {
  return strict(`odatum_double_${name}`, 2, (left, right) => ofDouble(work(asDouble(left), asDouble(right))));
}

function ofOne(name: string, work: (value: number) => number): SqliteFunction {
  return strict(`odatum_double_${name}`, 1, (value) => ofDouble(work(asDouble(value))));
}

/** Halves go away from zero. */
function round(value: number): number {
  const cut = Math.trunc(value);
  return Math.abs(value - cut) >= 0.5 ? cut + Math.sign(value) : cut;
}

/** As JSON writes it, without quotes. */
export function doubleText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "INF" : "-INF";
}

const single = primitiveTypes.get("Edm.Single")!;

/** Floating-point numbers as IEEE 754 computes them; SQLite makes NULL of NaN and of division by zero. */
export const doubleFunctions: readonly SqliteFunction[] = [
  operation("add", (a, b) => a + b),
  operation("sub", (a, b) => a - b),
  operation("mul", (a, b) => a * b),
  operation("div", (a, b) => a / b),
  operation("mod", (a, b) => a % b),
  ofOne("negate", (value) => -value),
  ofOne("floor", Math.floor),
  ofOne("ceiling", Math.ceil),
  ofOne("round", round),
  // `eq`: null equals null, and NaN nothing.
  {
    name: "odatum_double_equal",
    parameters: 2,
    deterministic: true,
    call(left, right) {
      if (left === null || right === null) return left === right ? 1n : 0n;
      return asDouble(left) === asDouble(right) ? 1n : 0n;
    },
  },
  strict("odatum_double_text", 1, (value) => doubleText(asDouble(value))),
  // The decimal that the double is written as; null for what has no digits.
  strict("odatum_double_decimal", 1, (value) => {
    const double = asDouble(value);
    return Number.isFinite(double) ? (canonicalDecimal(String(double)) ?? null) : null;
  }),
  strict("odatum_double_integer", 3, (value, min, max) => {
    const double = asDouble(value);
    const exact = Number.isFinite(double) ? parseExact(canonicalDecimal(String(double)) ?? null) : undefined;
    return exact === undefined ? null : within(truncated(exact), min, max);
  }),
  // The nearest number of 32 bits; null for one that is too large.
  strict("odatum_single", 1, (value) => {
    const double = asDouble(value);
    if (!Number.isFinite(double)) return ofDouble(double);
    try {
      return readJson(single, {}, { text: String(double) }) as number;
    } catch {
      return null;
    }
  }),
];
