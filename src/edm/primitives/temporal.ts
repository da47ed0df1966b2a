import type { PrimitiveTypeName } from "../model.js";
import type { Facets } from "../source.js";
import { textCodec, type Codec } from "./codec.js";
import { PrimitiveValueError, invalid, quoted } from "./error.js";

const DATE = /^(-?\d{4,})-(\d\d)-(\d\d)$/;
const DATE_TIME = /^(-?\d{4,})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(\.\d{1,12})?)?([Zz]|[+-]\d\d:\d\d)$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(\.\d{1,12})?)?$/;
const DURATION = /^(-?)P(?:(\d{1,15})D)?(T(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,15})(?:\.(\d{1,12}))?S)?)?$/;

const DATE_FORM = "a date looks like 2024-02-29";
const DATE_TIME_FORM = "a date and time looks like 2024-02-29T13:05:00Z or 2024-02-29T13:05:00.25+01:00";
const TIME_FORM = "a time of day looks like 13:05:00 or 13:05:00.25";
const DURATION_FORM = "a duration looks like P1DT2H3M4.5S, -PT30M or PT0S (years and months have no fixed length)";

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Throws where there is no such day, or where its year has not four digits: then text order would not be time order. */
function checkDay(text: string, name: PrimitiveTypeName, year: string, month: number, day: number): void {
  if (year.length !== 4) {
    throw new PrimitiveValueError(`${quoted(text)} is out of the range of ${name}; years run from 0000 to 9999`);
  }
  if (month < 1 || month > 12) throw invalid(text, name, "months run from 01 to 12");
  const y = Number(year);
  const leap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  const days = month === 2 && leap ? 29 : DAYS[month - 1]!;
  if (day < 1 || day > days) throw invalid(text, name, `that month has the days 01 to ${days}`);
}

/** `hour`, `minute` and `second` of the ABNF: 24:00 is not among them. */
function checkTime(text: string, name: PrimitiveTypeName, hour: number, minute: number, second: number): void {
  if (hour > 23) throw invalid(text, name, "hours run from 00 to 23; midnight is 00:00 of the next day");
  if (minute > 59) throw invalid(text, name, "minutes run from 00 to 59");
  if (second > 59) throw invalid(text, name, "seconds run from 00 to 59");
}

function parseDate(text: string): string {
  const match = DATE.exec(text);
  if (match === null) throw invalid(text, "Edm.Date", DATE_FORM);
  checkDay(text, "Edm.Date", match[1]!, Number(match[2]), Number(match[3]));
  return text;
}

/** The fraction of a second without the zeros at its end, so that equal times are equal texts, and order is text order. */
function canonicalFraction(fraction: string): string {
  let end = fraction.length;
  while (end > 0 && fraction[end - 1] === "0") end--;
  return end <= 1 ? "" : fraction.slice(0, end);
}

/**
 * The instant in UTC, seconds always there. Without their `Z` such texts sort as the instants do.
 * A leap second becomes the start of the next minute, as databases have it.
 */
function parseDateTimeOffset(text: string): string {
  const name = "Edm.DateTimeOffset";
  const match = DATE_TIME.exec(text);
  if (match === null) {
    const bare = DATE_TIME.test(`${text}Z`);
    throw invalid(text, name, bare ? "it must end with 'Z' or an offset like +01:00" : DATE_TIME_FORM);
  }
  const [, year = "", month, day, hour, minute, seconds = "00", digits = "", zone = "Z"] = match;
  const fraction = canonicalFraction(digits);
  checkDay(text, name, year, Number(month), Number(day));
  const leapSecond = seconds === "60";
  checkTime(text, name, Number(hour), Number(minute), leapSecond ? 0 : Number(seconds));
  if ((zone === "Z" || zone === "z") && !leapSecond) {
    return `${year}-${month}-${day}T${hour}:${minute}:${seconds}${fraction}Z`;
  }
  const offset = zone.length === 1 ? 0 : Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  if (offset >= 24 * 60 || (zone.length > 1 && Number(zone.slice(4)) > 59)) {
    throw invalid(text, name, "an offset runs from -23:59 to +23:59");
  }
  const instant = new Date(0);
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  instant.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  instant.setUTCHours(Number(hour), Number(minute) + (zone.startsWith("-") ? offset : -offset), Number(seconds));
  const utcYear = instant.getUTCFullYear();
  if (utcYear < 0 || utcYear > 9999) {
    throw new PrimitiveValueError(`${quoted(text)} is out of the range of ${name}; years run from 0000 to 9999 in UTC`);
  }
  return `${instant.toISOString().slice(0, 19)}${fraction}Z`;
}

/**
 * The canonical Edm.DateTimeOffset of a point in time.
 *
 * @example instantText(new Date(0)) // "1970-01-01T00:00:00Z"
 */
export function instantText(instant: Date): string {
  return parseDateTimeOffset(instant.toISOString());
}

function parseTimeOfDay(text: string): string {
  const match = TIME.exec(text);
  if (match === null) throw invalid(text, "Edm.TimeOfDay", TIME_FORM);
  const [, hour, minute, second = "00", fraction = ""] = match;
  checkTime(text, "Edm.TimeOfDay", Number(hour), Number(minute), Number(second));
  return `${hour}:${minute}:${second}${canonicalFraction(fraction)}`;
}

/** The canonical form of xs:dayTimeDuration (XML Schema 1.1 part 2, section 3.4.27): days, hours under 24, and so on. */
function parseDuration(text: string): string {
  const match = DURATION.exec(text);
  // At least one part must be there, and after a `T` at least one more.
  if (match === null || text.endsWith("P") || text.endsWith("T")) throw invalid(text, "Edm.Duration", DURATION_FORM);
  const [, sign = "", days, , hours, minutes, seconds, fractionDigits = ""] = match;
  const total =
    ((BigInt(days ?? 0) * 24n + BigInt(hours ?? 0)) * 60n + BigInt(minutes ?? 0)) * 60n + BigInt(seconds ?? 0);
  const fraction = fractionDigits.replace(/0+$/, "");
  if (total === 0n && fraction === "") return "PT0S";
  const d = total / 86400n;
  const h = (total / 3600n) % 24n;
  const m = (total / 60n) % 60n;
  const s = total % 60n;
  const time =
    (h === 0n ? "" : `${h}H`) +
    (m === 0n ? "" : `${m}M`) +
    (s === 0n && fraction === "" ? "" : `${s}${fraction === "" ? "" : `.${fraction}`}S`);
  return `${sign}P${d === 0n ? "" : `${d}D`}${time === "" ? "" : `T${time}`}`;
}

/** Whether `text` has the form of a duration: a string literal of 4.01 may be one without the prefix. */
export function isDuration(text: string): boolean {
  return DURATION.test(text) && !text.endsWith("P") && !text.endsWith("T");
}

/** Fractional digits against `Precision` (CSDL 4.01, section 7.2.3), where it is declared. */
function checkPrecision(facets: Facets, value: string): void {
  if (facets.precision === undefined) return;
  const digits = /\.(\d+)/.exec(value)?.[1]?.length ?? 0;
  if (digits > facets.precision) {
    throw new PrimitiveValueError(
      `${quoted(value)} has more fractional digits of a second than the ${facets.precision} that are allowed`,
    );
  }
}

export const date: Codec = textCodec({ name: "Edm.Date", form: "date", parse: parseDate, zero: "0001-01-01" });

export const dateTimeOffset: Codec = textCodec({
  name: "Edm.DateTimeOffset",
  form: "dateTimeOffset",
  parse: parseDateTimeOffset,
  check: checkPrecision,
  zero: "0001-01-01T00:00:00Z",
});

export const timeOfDay: Codec = textCodec({
  name: "Edm.TimeOfDay",
  form: "timeOfDay",
  parse: parseTimeOfDay,
  check: checkPrecision,
  zero: "00:00:00",
});

const prefixedDuration = textCodec({
  name: "Edm.Duration",
  form: "duration",
  prefix: "duration",
  parse: parseDuration,
  check: checkPrecision,
  zero: "PT0S",
});

/** Edm.Duration; in 4.01 its literal may do without the prefix and is then written like a string. */
export const duration: Codec = {
  ...prefixedDuration,
  readLiteral: (form, text) =>
    form === "duration" || (form === "string" && isDuration(text)) ? parseDuration(text) : undefined,
};
