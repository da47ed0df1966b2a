import type { RE2JS } from "re2js";
import type { BoundCall, BoundExpression } from "../../binding/bound.js";
import { compilePattern } from "../../binding/pattern.js";
import { rounded } from "./arithmetic.js";
import { Decimal } from "./decimal.js";
import { geoDistance, geoIntersects, geoLength } from "./geo-functions.js";
import { equals } from "./order.js";
import { HOUR, MINUTE, SECOND, Temporal } from "./temporal.js";
import * as text from "./text-functions.js";
import { Geo, isCollection, type Collection, type Value } from "./value.js";

/** A canonical function whose arguments are not null. */
type Implementation = (...values: Exclude<Value, null>[]) => Value;

const MIN_INSTANT = Temporal.parse("instant", "0000-01-01T00:00:00Z");
const MAX_INSTANT = Temporal.parse("instant", "9999-12-31T23:59:59.999999999999Z");

/**
 * The canonical functions: URL Conventions 4.01, section 5.1.1.5 and following. An argument that is null makes the result
 * null, and so does one that is not what the function takes.
 *
 * @param now the instant of the request
 */
export function implementation(call: BoundCall, now: () => Temporal): Implementation {
  switch (call.function) {
    case "concat":
      return ofBoth(
        (a, b) => a + b,
        (a, b) => [...a, ...b],
      );
    case "contains":
      return ofBoth(text.contains, (all, part) => runAt(all, part) >= 0);
    case "startswith":
      return ofBoth(text.startsWith, (all, part) => isRun(all, part, 0));
    case "endswith":
      return ofBoth(text.endsWith, (all, part) => isRun(all, part, all.length - part.length));
    case "indexof":
      return ofBoth(
        (all, part) => whole(text.positionOf(all, part)),
        (all, part) => whole(runAt(all, part)),
      );
    case "length":
      return (value) =>
        isCollection(value) ? whole(value.length) : typeof value === "string" ? whole(text.lengthOf(value)) : null;
    case "substring":
      return substring;
    case "hassubset":
      return ofCollections(hasSubset);
    case "hassubsequence":
      return ofCollections(hasSubsequence);
    case "matchespattern":
      return matchesPattern(call.arguments[1]!);
    case "tolower":
      return ofText((value) => value.toLowerCase());
    case "toupper":
      return ofText((value) => value.toUpperCase());
    case "trim":
      return ofText(text.trim);
    case "ceiling":
    case "floor":
    case "round": {
      const how = call.function;
      return (value) => rounded(how, value);
    }
    case "geo.distance":
      return (from, to) =>
        from instanceof Geo && to instanceof Geo ? geoDistance(from.text, to.text, isGeography(call.arguments)) : null;
    case "geo.length":
      return (line) => (line instanceof Geo ? geoLength(line.text, isGeography(call.arguments)) : null);
    case "geo.intersects":
      return (point, polygon) =>
        point instanceof Geo && polygon instanceof Geo ? geoIntersects(point.text, polygon.text) : null;
    case "now":
      return now;
    case "mindatetime":
      return () => MIN_INSTANT;
    case "maxdatetime":
      return () => MAX_INSTANT;
    default: {
      const part = TIME_PARTS[call.function];
      return (value) => (value instanceof Temporal ? part(value) : null);
    }
  }
}

function whole(count: number): Decimal {
  return Decimal.of(BigInt(count));
}

/** Parts of dates, times and instants, all in UTC: section 5.1.1.8. */
const TIME_PARTS = {
  year: (value: Temporal) => whole(value.day.year),
  month: (value: Temporal) => whole(value.day.month),
  day: (value: Temporal) => whole(value.day.day),
  hour: (value: Temporal) => Decimal.of(value.sinceMidnight / HOUR),
  minute: (value: Temporal) => Decimal.of((value.sinceMidnight / MINUTE) % 60n),
  second: (value: Temporal) => Decimal.of((value.sinceMidnight / SECOND) % 60n),
  fractionalseconds: (value: Temporal) => Decimal.of(value.sinceMidnight % SECOND, 12),
  date: (value: Temporal) => new Temporal("date", value.picoseconds - value.sinceMidnight),
  time: (value: Temporal) => new Temporal("timeOfDay", value.sinceMidnight),
  totaloffsetminutes: () => Decimal.zero,
  totalseconds: (value: Temporal) => Decimal.of(value.picoseconds, 12),
} as const;

function ofText(work: (value: string) => Value): Implementation {
  return (value) => (typeof value === "string" ? work(value) : null);
}

function ofCollections(work: (left: Collection, right: Collection) => Value): Implementation {
  return (left, right) => (isCollection(left) && isCollection(right) ? work(left, right) : null);
}

/** Functions that are there for texts and for collections. */
function ofBoth(
  ofTexts: (left: string, right: string) => Value,
  ofItems: (left: Collection, right: Collection) => Value,
): Implementation {
  return (left, right) => {
    if (typeof left === "string" && typeof right === "string") return ofTexts(left, right);
    return isCollection(left) && isCollection(right) ? ofItems(left, right) : null;
  };
}

const substring: Implementation = (value, start, length?: Exclude<Value, null>) => {
  if (!(start instanceof Decimal) || (length !== undefined && !(length instanceof Decimal))) return null;
  const from = start.truncated().units;
  const count = length?.truncated().units;
  if (isCollection(value)) return text.slice(value, from, count);
  return typeof value === "string" ? text.substring(value, from, count) : null;
};

/** Whether the items of `part` stand in `all` from a place on. */
function isRun(all: Collection, part: Collection, from: number): boolean {
  if (from < 0 || from + part.length > all.length) return false;
  return part.every((item, index) => equals(item, all[from + index]!));
}

function runAt(all: Collection, part: Collection): number {
  for (let at = 0; at + part.length <= all.length; at++) if (isRun(all, part, at)) return at;
  return -1;
}

/** Whether the first collection becomes the second by reordering and removing items: section 5.1.1.6.1. */
function hasSubset(all: Collection, part: Collection): boolean {
  const left = [...all];
  for (const item of part) {
    const found = left.findIndex((candidate) => equals(candidate, item));
    if (found < 0) return false;
    left.splice(found, 1);
  }
  return true;
}

/** The same by removing items alone: section 5.1.1.6.2. */
function hasSubsequence(all: Collection, part: Collection): boolean {
  let found = 0;
  for (const item of all) if (found < part.length && equals(item, part[found]!)) found++;
  return found === part.length;
}

/** Section 5.1.1.7.1. The pattern is a constant that the binder has checked, so it is compiled once. */
function matchesPattern(pattern: BoundExpression): Implementation {
  let compiled: RE2JS | undefined;
  return (value, text) => {
    if (typeof value !== "string" || typeof text !== "string" || pattern.kind !== "constant") return null;
    compiled ??= compilePattern(text);
    return compiled.matcher(value).find();
  };
}

function isGeography(values: readonly BoundExpression[]): boolean {
  return values.every(({ type }) => type?.kind !== "primitive" || !type.qualifiedName.startsWith("Edm.Geometry"));
}
