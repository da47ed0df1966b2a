import type { Literal, LiteralForm } from "./ast.js";
import { clip, identifierCharacter, isBlank, isDigit } from "./characters.js";
import { isGeo } from "./geo-literal.js";
import { isBinary, isDuration, isEnumeration, matchDate, matchDateTimeOffset, matchGuid } from "./literal.js";
import { matchNumber, matchTimeOfDay } from "./literal.js";
import { Scanner } from "./scanner.js";

/** The prefixes of quoted literals, and what has to stand between the quotes. */
const QUOTED = new Map<string, { form: LiteralForm; valid: (value: string) => boolean; like: string }>([
  ["duration", { form: "duration", valid: isDuration, like: "duration'P1DT2H30M'" }],
  ["binary", { form: "binary", valid: isBinary, like: "binary'T0RhdGE' (base64url)" }],
  ["geography", { form: "geography", valid: isGeo, like: "geography'SRID=4326;Point(8.6 49.3)'" }],
  ["geometry", { form: "geometry", valid: isGeo, like: "geometry'SRID=0;Point(1 2)'" }],
]);

const WORD_END = /[\s,;()[\]{}&]/;

/** Reads `primitiveLiteral` (grammar, section 7). */
export abstract class LiteralParser extends Scanner {
  /** True in the condition of a `case`, where a colon may end the condition. */
  protected beforeColon = false;
  /** What may help where a quote is not closed, for the message. */
  protected readonly unclosedHint: string = "";

  /** `primitiveLiteral`, or undefined where none begins at the position; fails where one begins and goes wrong. */
  protected primitiveLiteral(): Literal | undefined {
    const unit = this.unit();
    if (unit === 0x27) {
      const start = this.position;
      const value = this.stringLiteral();
      return this.#literal("string", value, start);
    }
    if (isDigit(unit) || unit === 0x2b || unit === 0x2d) return this.#numeric();
    return this.#worded();
  }

  /** True where the minus sign at the position belongs to a literal, as in `-5` and `-INF`, and is no operator. */
  protected negativeLiteralFollows(): boolean {
    return isDigit(this.unit(1)) || (this.at("-INF") && this.#ends(this.position + 4));
  }

  /** `stringLiteral = SQUOTE *( SQUOTE-in-string / pchar-no-SQUOTE ) SQUOTE`; the value without quotes. */
  protected stringLiteral(): string {
    const start = this.position;
    let from = start + 1;
    let value = "";
    for (;;) {
      const quote = this.text.indexOf("'", from);
      if (quote < 0)
        throw this.failWith(`the single quote that begins here is never closed${this.unclosedHint}.`, start);
      value += this.text.slice(from, quote);
      if (this.text[quote + 1] !== "'") {
        this.position = quote + 1;
        return value;
      }
      // SQUOTE-in-string = SQUOTE SQUOTE
      value += "'";
      from = quote + 2;
    }
  }

  /** What begins with a digit or a sign: `guid`, `dateTimeOffsetLiteral`, `date`, `timeOfDayLiteral`, and the numbers. */
  #numeric(): Literal | undefined {
    const { text, position: start } = this;
    const guid = matchGuid(text, start);
    if (guid > 0 && this.#ends(guid)) return this.#take("guid", guid);
    const moment = matchDateTimeOffset(text, start);
    if (moment > 0 && this.#ends(moment)) {
      this.position = moment;
      const written = text.slice(start, moment);
      return this.#literal("dateTimeOffset", written.replace(" ", "+"), start);
    }
    const date = matchDate(text, start);
    if (date > 0 && this.#ends(date)) return this.#take("date", date);
    const time = this.#timeOfDay(start);
    if (time > 0 && this.#ends(time)) return this.#take("timeOfDay", time);
    const number = matchNumber(text, start);
    if (number === undefined) return undefined;
    if (!this.#ends(number.end) || this.#goesOnLikeADate(number.end)) {
      throw this.failWith(`'${clip(this.#word(start))}' is no number, date, time or guid.`, start);
    }
    return this.#take(number.form, number.end);
  }

  /**
   * `timeOfDayLiteral`. In `case(X gt 10:20,...)` the colon parts condition and value; it is a time's only where after
   * the time the condition goes on or a colon follows.
   */
  #timeOfDay(start: number): number {
    const longest = matchTimeOfDay(this.text, start);
    if (longest < 0 || !this.beforeColon || !this.#endsBranch(longest)) return longest;
    const shorter = matchTimeOfDay(this.text, start, false);
    return shorter === longest || this.#endsBranch(shorter) ? -1 : shorter;
  }

  #endsBranch(at: number): boolean {
    let end = at;
    while (isBlank(this.text.charCodeAt(end))) end++;
    return this.text[end] === "," || this.text[end] === ")";
  }

  /** What begins with a letter: `null`, `boolean`, `nanInfinity`, a guid, and the literals with a prefix before the quote. */
  #worded(): Literal | undefined {
    const start = this.position;
    const guid = matchGuid(this.text, start);
    if (guid > 0 && this.#ends(guid)) return this.#take("guid", guid);
    const word = this.qualifiedName();
    if (this.at("'")) return this.#prefixed(word, start);
    const end = this.position;
    this.position = start;
    // A property or a function may bear such a name, and shows it where a path goes on.
    if (this.text[end] === "(" || this.text[end] === "/") return undefined;
    if (word === "null") return this.#take("null", end);
    if (word === "INF" || word === "NaN") return this.#take("double", end);
    const lower = word.toLowerCase();
    if (lower !== "true" && lower !== "false") return undefined;
    this.position = end;
    return this.#literal("boolean", lower, start);
  }

  /** `durationLiteral`, `binaryLiteral`, `geographyPoint` and its kin, `enumLiteral`. */
  #prefixed(prefix: string, start: number): Literal {
    const quoted = QUOTED.get(prefix.toLowerCase());
    const value = this.stringLiteral();
    if (quoted !== undefined) {
      if (!quoted.valid(value)) {
        throw this.failWith(`'${clip(value)}' is no value of a ${quoted.form}; one looks like ${quoted.like}.`, start);
      }
      return this.#literal(quoted.form, value, start);
    }
    if (!prefix.includes(".")) {
      throw this.failWith(
        `the prefix '${clip(prefix)}' is unknown; numbers, dates and guids are written without prefix and quotes, ` +
          `and an enumeration with the qualified name of its type.`,
        start,
      );
    }
    if (!isEnumeration(value)) {
      throw this.failWith(`'${clip(value)}' is no list of members of an enumeration.`, start);
    }
    const place = this.place(start);
    return { kind: "Literal", form: "enum", value, typeName: prefix, place };
  }

  /** True where a literal may end: no name goes on there. */
  #ends(at: number): boolean {
    return identifierCharacter(this.text, at) === 0;
  }

  /** A date or time that is none, as in `2024-13-01`, begins with a number; between an operator and a number is a space. */
  #goesOnLikeADate(at: number): boolean {
    const unit = this.text[at];
    return (unit === "-" || (unit === ":" && !this.beforeColon)) && isDigit(this.text.charCodeAt(at + 1));
  }

  /** What stands together without a space, a comma or a bracket. */
  #word(start: number): string {
    let end = start;
    while (end < this.text.length && end - start < 100 && !WORD_END.test(this.text.charAt(end))) end++;
    return this.text.slice(start, end);
  }

  #take(form: LiteralForm, end: number): Literal {
    const start = this.position;
    this.position = end;
    return this.#literal(form, this.text.slice(start, end), start);
  }

  #literal(form: LiteralForm, value: string, start: number): Literal {
    return { kind: "Literal", form, value, place: this.place(start) };
  }
}
