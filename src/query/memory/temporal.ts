/** The smallest part of a second that values have: 12 digits behind the point. */
export const SECOND = 1_000_000_000_000n;
export const MINUTE = 60n * SECOND;
export const HOUR = 60n * MINUTE;
export const DAY = 24n * HOUR;

export type TemporalKind = "date" | "timeOfDay" | "instant" | "duration";

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?Z?$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?$/;
const DURATION = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,12}))?S)?)?$/;

/** The day number of 0000-01-01 is 0; that of 10000-01-01, the first day that is no value any more, is this. */
const END_OF_DAYS = 3652425n;

/**
 * A value of Edm.Date, Edm.TimeOfDay, Edm.DateTimeOffset or Edm.Duration as a number of picoseconds: since the beginning
 * of the year 0 in UTC, since midnight, or as a length. Exact, as the type's 12 fractional digits are.
 */
export class Temporal {
  readonly kind: TemporalKind;
  readonly picoseconds: bigint;
  /** As it was written, where it was: a time of day keeps the zeros at its end. */
  readonly #text: string | undefined;

  constructor(kind: TemporalKind, picoseconds: bigint, text?: string) {
    this.kind = kind;
    this.picoseconds = picoseconds;
    this.#text = text;
  }

  /**
   * @param text canonical, as the primitive types' readers make it
   * @throws TypeError where it is none of the kind
   */
  static parse(kind: TemporalKind, text: string): Temporal {
    return new Temporal(kind, PARSERS[kind](text), kind === "timeOfDay" ? text : undefined);
  }

  /** An instant or a day; `undefined` where it is out of the years 0000 to 9999. */
  static within(kind: "date" | "instant", picoseconds: bigint): Temporal | undefined {
    return picoseconds < 0n || picoseconds >= END_OF_DAYS * DAY ? undefined : new Temporal(kind, picoseconds);
  }

  /** Year, month and day of a date or an instant. */
  get day(): { readonly year: number; readonly month: number; readonly day: number } {
    return civil(this.picoseconds / DAY);
  }

  /** Since midnight: of an instant or a time of day. */
  get sinceMidnight(): bigint {
    return this.picoseconds % DAY;
  }

  /** Canonical text. The fraction of an instant, and of a time that was computed, has no zeros at its end. */
  toString(): string {
    if (this.#text !== undefined) return this.#text;
    switch (this.kind) {
      case "date":
        return dateText(this.day);
      case "timeOfDay":
        return timeText(this.picoseconds);
      case "instant":
        return `${dateText(this.day)}T${timeText(this.sinceMidnight)}Z`;
      case "duration":
        return durationText(this.picoseconds);
    }
  }
}

const PARSERS: Readonly<Record<TemporalKind, (text: string) => bigint>> = {
  date(text) {
    const match = matchOf(DATE, text);
    return dayNumber(match, 1) * DAY;
  },
  timeOfDay(text) {
    return clock(matchOf(TIME, text), 1);
  },
  instant(text) {
    const match = matchOf(INSTANT, text);
    return dayNumber(match, 1) * DAY + clock(match, 4);
  },
  duration(text) {
    const [, sign, days, hours, minutes, seconds, fraction] = matchOf(DURATION, text);
    const length =
      BigInt(days ?? 0) * DAY +
      BigInt(hours ?? 0) * HOUR +
      BigInt(minutes ?? 0) * MINUTE +
      BigInt(seconds ?? 0) * SECOND +
      picoseconds(fraction);
    return sign === "-" ? -length : length;
  },
};

function matchOf(pattern: RegExp, text: string): RegExpExecArray {
  const match = pattern.exec(text);
  if (match === null) throw new TypeError(`'${text}' is no canonical date, time or duration.`);
  return match;
}

function picoseconds(fraction: string | undefined): bigint {
  return BigInt((fraction ?? "").padEnd(12, "0"));
}

function clock(match: RegExpExecArray, at: number): bigint {
  return (
    BigInt(match[at]!) * HOUR +
    BigInt(match[at + 1]!) * MINUTE +
    BigInt(match[at + 2]!) * SECOND +
    picoseconds(match[at + 3])
  );
}

/** Days before each month, from March; the leap day is then the last of its year. */
const BEFORE_MONTH = [0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337] as const;
/** Days of the years before 0000-03-01, when years begin in March: 60 days into the leap year 0. */
const MARCH_FIRST = 60;

/** How many days lie between 0000-01-01 and a day of the Gregorian calendar. */
function dayNumber(match: RegExpExecArray, at: number): bigint {
  const month = Number(match[at + 1]);
  const year = Number(match[at]) - (month < 3 ? 1 : 0);
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  return BigInt(year * 365 + leapDays + BEFORE_MONTH[(month + 9) % 12]! + Number(match[at + 2]) - 1 + MARCH_FIRST);
}

const YEARS_400 = 146_097;

/** The inverse of {@link dayNumber}. */
function civil(dayOfAll: bigint): { readonly year: number; readonly month: number; readonly day: number } {
  const days = Number(dayOfAll) - MARCH_FIRST;
  const era = Math.floor(days / YEARS_400);
  const ofEra = days - era * YEARS_400;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / (YEARS_400 - 1))) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  let fromMarch = 11;
  while (BEFORE_MONTH[fromMarch]! > ofYear) fromMarch--;
  const month = ((fromMarch + 2) % 12) + 1;
  const year = era * 400 + yearOfEra + (month < 3 ? 1 : 0);
  return { year, month, day: ofYear - BEFORE_MONTH[fromMarch]! + 1 };
}

function pad(number: number | bigint, digits: number): string {
  return String(number).padStart(digits, "0");
}

function dateText({ year, month, day }: { year: number; month: number; day: number }): string {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function timeText(sinceMidnight: bigint): string {
  const time = `${pad(sinceMidnight / HOUR, 2)}:${pad((sinceMidnight / MINUTE) % 60n, 2)}:${pad((sinceMidnight / SECOND) % 60n, 2)}`;
  return time + fractionText(sinceMidnight % SECOND);
}

function fractionText(part: bigint): string {
  return part === 0n ? "" : `.${pad(part, 12).replace(/0+$/, "")}`;
}

/** xs:dayTimeDuration in its canonical form (XML Schema 1.1 part 2, section 3.4.27). */
function durationText(length: bigint): string {
  if (length === 0n) return "PT0S";
  const rest = length < 0n ? -length : length;
  const part = (count: bigint, unit: string) => (count === 0n ? "" : `${count}${unit}`);
  const seconds = `${(rest / SECOND) % 60n}${fractionText(rest % SECOND)}`;
  const time =
    part((rest / HOUR) % 24n, "H") + part((rest / MINUTE) % 60n, "M") + (seconds === "0" ? "" : `${seconds}S`);
  return `${length < 0n ? "-" : ""}P${part(rest / DAY, "D")}${time === "" ? "" : `T${time}`}`;
}
