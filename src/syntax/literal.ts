import { identifierCharacter, isDigit, isHexDigit } from "./characters.js";

/*
 * The literals that are told by their look (grammar, section 7). Each function gets a text and a place in it, and returns
 * where the literal ends, or -1 where there is none. They look at a bounded number of characters, digits aside.
 */

/** `guid = 8HEXDIG "-" 4HEXDIG "-" 4HEXDIG "-" 4HEXDIG "-" 12HEXDIG` */
export function matchGuid(text: string, start: number): number {
  for (let i = 0; i < 36; i++) {
    const unit = text.charCodeAt(start + i);
    const dash = i === 8 || i === 13 || i === 18 || i === 23;
    if (dash ? unit !== 0x2d : !isHexDigit(unit)) return -1;
  }
  return start + 36;
}

/**
 * `date = year "-" month "-" day`, with `year = [ "-" ] ( "0" 3DIGIT / oneToNine 3*DIGIT )`.
 * Months go to 12 and days to 31; how long a month is, the primitive type knows.
 */
export function matchDate(text: string, start: number): number {
  let at = text[start] === "-" ? start + 1 : start;
  const first = at;
  while (isDigit(text.charCodeAt(at))) at++;
  const digits = at - first;
  if (digits < 4 || (digits > 4 && text[first] === "0")) return -1;
  if (text[at] !== "-" || !inRange(text, at + 1, 1, 12)) return -1;
  if (text[at + 3] !== "-" || !inRange(text, at + 4, 1, 31)) return -1;
  return at + 6;
}

/**
 * `timeOfDayLiteral = hour COLON minute [ COLON second [ "." fractionalSeconds ] ]`
 *
 * @param withSeconds false to leave the seconds unread
 */
export function matchTimeOfDay(text: string, start: number, withSeconds = true): number {
  if (!inRange(text, start, 0, 23) || text[start + 2] !== ":" || !inRange(text, start + 3, 0, 59)) return -1;
  let at = start + 5;
  if (!withSeconds || text[at] !== ":" || !inRange(text, at + 1, 0, 60)) return at;
  at += 3;
  if (text[at] !== "." || !isDigit(text.charCodeAt(at + 1))) return at;
  const dot = at++;
  while (isDigit(text.charCodeAt(at))) at++;
  return at - dot - 1 > 12 ? -1 : at;
}

/**
 * `dateTimeOffsetLiteral = date "T" timeOfDayLiteral ( "Z" / SIGN hour COLON minute )`
 *
 * A space counts as the sign `+`: that is what a `+` which the client forgot to encode has become, and nothing else
 * could be meant.
 */
export function matchDateTimeOffset(text: string, start: number): number {
  const date = matchDate(text, start);
  if (date < 0 || (text[date] !== "T" && text[date] !== "t")) return -1;
  const time = matchTimeOfDay(text, date + 1);
  if (time < 0) return -1;
  const zone = text[time];
  if (zone === "Z" || zone === "z") return time + 1;
  if (zone !== "+" && zone !== "-" && zone !== " ") return -1;
  return inRange(text, time + 1, 0, 23) && text[time + 3] === ":" && inRange(text, time + 4, 0, 59) ? time + 6 : -1;
}

/** A number and the form that it has. */
export interface NumberMatch {
  readonly end: number;
  readonly form: "integer" | "decimal" | "double";
}

/** `decimalLiteral = [ SIGN ] 1*DIGIT [ "." 1*DIGIT ] [ "e" [ SIGN ] 1*DIGIT ] / nanInfinity`, the latter with a sign only. */
export function matchNumber(text: string, start: number): NumberMatch | undefined {
  let at = text[start] === "+" || text[start] === "-" ? start + 1 : start;
  if (text[start] === "-" && text.startsWith("INF", at)) return { end: at + 3, form: "double" };
  if (!isDigit(text.charCodeAt(at))) return undefined;
  let form: NumberMatch["form"] = "integer";
  at = digits(text, at);
  if (text[at] === "." && isDigit(text.charCodeAt(at + 1))) {
    form = "decimal";
    at = digits(text, at + 1);
  }
  if (text[at] === "e" || text[at] === "E") {
    // Between "e" and a digit, a space can only be a "+" that was not encoded.
    const sign = text[at + 1] === "+" || text[at + 1] === "-" ? 1 : 0;
    if (isDigit(text.charCodeAt(at + 1 + sign))) {
      form = "double";
      at = digits(text, at + 1 + sign);
    }
  }
  return { end: at, form };
}

function digits(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function inRange(text: string, start: number, low: number, high: number): boolean {
  const tens = text.charCodeAt(start);
  const ones = text.charCodeAt(start + 1);
  if (!isDigit(tens) || !isDigit(ones)) return false;
  const value = (tens - 0x30) * 10 + ones - 0x30;
  return value >= low && value <= high;
}

/**
 * `durationValue = [ "-" ] "P" [ 1*DIGIT "D" ] [ "T" [ 1*DIGIT "H" ] [ 1*DIGIT "M" ] [ 1*DIGIT [ "." 1*DIGIT ] "S" ] ]`,
 * of which at least one part has to be there (XML Schema, dayTimeDuration).
 */
export function isDuration(value: string): boolean {
  let at = value[0] === "-" ? 1 : 0;
  if (upper(value, at++) !== "P") return false;
  const part = (designator: string, fraction = false): boolean => {
    let end = digits(value, at);
    if (end === at) return false;
    if (fraction && value[end] === "." && isDigit(value.charCodeAt(end + 1))) end = digits(value, end + 1);
    if (upper(value, end) !== designator) return false;
    at = end + 1;
    return true;
  };
  let parts = part("D") ? 1 : 0;
  if (upper(value, at) === "T") {
    at++;
    const before = parts;
    if (part("H")) parts++;
    if (part("M")) parts++;
    if (part("S", true)) parts++;
    if (parts === before) return false;
  }
  return parts > 0 && at === value.length;
}

function upper(text: string, at: number): string {
  return text.charAt(at).toUpperCase();
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** `binaryValue = *(4base64char) [ base64b16 / base64b8 ]`: base64url, the padding optional, the unused bits zero. */
export function isBinary(value: string): boolean {
  let length = value.length;
  while (length > 0 && value.length - length < 2 && value[length - 1] === "=") length--;
  const padding = value.length - length;
  const rest = length % 4;
  if (rest === 1 || (padding > 0 && padding !== (4 - rest) % 4)) return false;
  for (let i = 0; i < length; i++) if (!BASE64URL.includes(value.charAt(i))) return false;
  const unused = rest === 2 ? 15 : rest === 3 ? 3 : 0;
  return unused === 0 || (BASE64URL.indexOf(value.charAt(length - 1)) & unused) === 0;
}

/** `singleEnumLiteral *( COMMA singleEnumLiteral )`, with `singleEnumLiteral = enumerationMember / int64Literal`. */
export function isEnumeration(value: string): boolean {
  return value.split(",").every((member) => {
    const number = matchNumber(member, 0);
    if (number !== undefined) return number.form === "integer" && number.end === member.length;
    return member.length > 0 && isIdentifier(member);
  });
}

function isIdentifier(text: string): boolean {
  let at = 0;
  for (let step: number = isDigit(text.charCodeAt(0)) ? 0 : identifierCharacter(text, 0); step > 0;) {
    at += step;
    step = identifierCharacter(text, at);
  }
  return at === text.length;
}
