import type { Exact } from "./decimal.js";
import { exact, exactText, parseExact, power } from "./decimal.js";
import type { SqliteFunction } from "./function.js";
import { strict } from "./function.js";

/** Digits behind the point of a second, as many as values have. */
const DIGITS = 12;
const SECOND = power(DIGITS);
const DAY = 86_400n * SECOND;

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?)?Z?$/;
const DURATION = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,12}))?S)?)?$/;

/** How many picoseconds lie between 1970 and an instant, or the midnight at which a day begins. */
function picosecondsOf(value: unknown): bigint | undefined {
  const match = INSTANT.exec(String(value));
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = ""] = match;
  const instant = new Date(0);
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  instant.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  instant.setUTCHours(Number(hour), Number(minute), Number(second));
  return BigInt(instant.getTime() / 1000) * SECOND + BigInt(fraction.padEnd(DIGITS, "0"));
}

/** An instant without its `Z`, as columns hold it; `undefined` out of the years 0000 to 9999. */
function instantText(picoseconds: bigint): string | undefined {
  const seconds = floorDivision(picoseconds, SECOND);
  // No date is that far away; more digits than a number has are not looked at.
  if (seconds < -62_167_219_200n || seconds > 253_402_300_799n) return undefined;
  return new Date(Number(seconds) * 1000).toISOString().slice(0, 19) + fractionText(picoseconds - seconds * SECOND);
}

function floorDivision(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

function fractionText(picoseconds: bigint): string {
  if (picoseconds === 0n) return "";
  return `.${picoseconds.toString().padStart(DIGITS, "0").replace(/0+$/, "")}`;
}

/** Seconds, cut behind the last digit that values have. */
function picoseconds({ units, scale }: Exact): bigint {
  return scale <= DIGITS ? units * power(DIGITS - scale) : units / power(scale - DIGITS);
}

/** The canonical form of xs:dayTimeDuration (XML Schema 1.1 part 2, section 3.4.27). */
function durationText(length: bigint): string {
  if (length === 0n) return "PT0S";
  const rest = length < 0n ? -length : length;
  const part = (count: bigint, unit: string) => (count === 0n ? "" : `${count}${unit}`);
  const seconds = `${(rest / SECOND) % 60n}${fractionText(rest % SECOND)}`;
  const time =
    part((rest / (3600n * SECOND)) % 24n, "H") +
    part((rest / (60n * SECOND)) % 60n, "M") +
    (seconds === "0" ? "" : `${seconds}S`);
  return `${length < 0n ? "-" : ""}P${part(rest / DAY, "D")}${time === "" ? "" : `T${time}`}`;
}

function durationSeconds(text: string): string | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const [, sign, days, hours, minutes, seconds, fraction = ""] = match;
  const whole =
    ((BigInt(days ?? 0) * 24n + BigInt(hours ?? 0)) * 60n + BigInt(minutes ?? 0)) * 60n + BigInt(seconds ?? 0);
  const length = whole * power(fraction.length) + BigInt(fraction === "" ? 0 : fraction);
  return exactText(exact(sign === "-" ? -length : length, fraction.length));
}

/** Dates and times are texts, lengths of time exact numbers of seconds. */
export const temporalFunctions: readonly SqliteFunction[] = [
  strict("odatum_duration_seconds", 1, (duration) => durationSeconds(String(duration))),
  strict("odatum_duration", 1, (seconds) => {
    const length = parseExact(seconds);
    return length === undefined ? null : durationText(picoseconds(length));
  }),
  strict("odatum_instant_seconds", 1, (instant) => {
    const since = picosecondsOf(instant);
    return since === undefined ? null : exactText(exact(since, DIGITS));
  }),
  strict("odatum_instant_add", 2, (instant, seconds) => {
    const since = picosecondsOf(instant);
    const length = parseExact(seconds);
    if (since === undefined || length === undefined) return null;
    return instantText(since + picoseconds(length)) ?? null;
  }),
  // Only the whole days of the length count.
  strict("odatum_date_add", 2, (date, seconds) => {
    const since = picosecondsOf(date);
    const length = parseExact(seconds);
    if (since === undefined || length === undefined) return null;
    return instantText(since + (picoseconds(length) / DAY) * DAY)?.slice(0, 10) ?? null;
  }),
];
