import { RE2JS } from "re2js";
import { notImplemented } from "../../errors/index.js";

/** The most that PostgreSQL repeats by a number. */
const MOST_REPEATED = 255;

/** Characters and classes of a pattern whose repetitions are spelt out. A larger one would take the database long to read. */
const MOST_STEPS = 1_000;

/**
 * The pattern of `matchesPattern` in the language of PostgreSQL's operator `~`: texts in which the one is found are those in
 * which the other is found.
 *
 * Literals, classes, `\d \w \s`, anchors, groups, alternatives and repetitions are in both languages; the rest is refused.
 *
 * @param pattern one that `compilePattern` takes
 * @throws ODataError 501 where PostgreSQL has nothing of the same meaning, or counts no further
 * @example translatePattern("^a.*\\d$") // "^a[^\\u000a]*[0-9]$"
 */
export function translatePattern(pattern: string): string {
  return new Translator(RE2JS.translateRegExp(pattern)).translate();
}

/** What an escape means as members of a class. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ["d", "0-9"],
  ["w", "0-9A-Za-z_"],
  ["s", "\\u0009\\u000a\\u000c\\u000d\\u0020"],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
]);

/** A piece of a pattern and how many steps it takes to match it. */
interface Piece {
  readonly text: string;
  readonly steps: number;
}

class Translator {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  translate(): string {
    const { text } = this.#alternatives();
    if (this.#at < this.#pattern.length) throw this.#refused("parentheses without a partner");
    return text;
  }

  #alternatives(): Piece {
    const branches = [this.#branch()];
    while (this.#take("|")) branches.push(this.#branch());
    return {
      text: branches.map(({ text }) => text).join("|"),
      steps: branches.reduce((sum, { steps }) => sum + steps, 0),
    };
  }

  #branch(): Piece {
    let text = "";
    let steps = 0;
    while (this.#at < this.#pattern.length && !/^[|)]/.test(this.#rest)) {
      const piece = this.#repeated();
      text += piece.text;
      steps += piece.steps;
      if (steps > MOST_STEPS) throw this.#refused("so many repetitions");
    }
    return { text, steps };
  }

  #repeated(): Piece {
    const anchor = /^(?:[\^$]|\\[Az])/.exec(this.#rest)?.[0];
    if (anchor !== undefined) {
      this.#at += anchor.length;
      if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(this.#rest)) throw this.#refused("a repeated anchor");
      return { text: anchor === "^" || anchor === "\\A" ? "^" : "$", steps: 0 };
    }
    const { text, steps } = this.#atom();
    // Whether as much as possible is taken, or as little, makes no difference to whether something is found.
    const repetition = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(this.#rest);
    if (repetition === null) return { text, steps };
    this.#at += repetition[0].length;
    const [, sign, least, comma, most] = repetition;
    if (sign !== undefined) return { text: text + sign, steps: steps + 1 };
    const times = Math.max(Number(least), Number(most ?? 0));
    if (times > MOST_REPEATED) throw this.#refused(`more than ${MOST_REPEATED} repetitions`);
    return { text: `${text}{${least!}${comma ?? ""}${most ?? ""}}`, steps: Math.max(1, times) * steps + 1 };
  }

  #atom(): Piece {
    if (this.#take("(")) return this.#group();
    if (this.#take("[")) return { text: this.#class(), steps: 1 };
    if (this.#take(".")) return { text: "[^\\u000a]", steps: 1 };
    if (this.#take("\\")) return { text: this.#escape(), steps: 1 };
    return { text: literal(this.#character()), steps: 1 };
  }

  #group(): Piece {
    if (this.#take("?")) {
      const name = /^(?::|P?<\w+>)/.exec(this.#rest)?.[0];
      if (name === undefined) throw this.#refused("flags");
      this.#at += name.length;
    }
    const { text, steps } = this.#alternatives();
    if (!this.#take(")")) throw this.#refused("parentheses without a partner");
    return { text: `(?:${text})`, steps };
  }

  /** Behind a backslash, outside a class. */
  #escape(): string {
    const next = this.#pattern[this.#at] ?? "";
    const members = CLASSES.get(next.toLowerCase());
    if (members === undefined) return literal(this.#escapedCharacter());
    this.#at++;
    return next === next.toLowerCase() ? `[${members}]` : `[^${members}]`;
  }

  /** Behind a backslash: a character that cannot be written otherwise, or need not be. */
  #escapedCharacter(): number {
    const hex = /^x(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/.exec(this.#rest);
    if (hex !== null) {
      this.#at += hex[0].length;
      return parseInt(hex[1] ?? hex[2]!, 16);
    }
    const next = this.#pattern[this.#at];
    if (next === undefined || /^[\dA-Za-z]/.test(next)) {
      const control = CONTROLS.get(next ?? "");
      if (control === undefined) throw this.#refused(`'\\${next ?? ""}'`);
      this.#at++;
      return control;
    }
    return this.#character();
  }

  /** Behind an opening bracket. */
  #class(): string {
    const negated = this.#take("^");
    let members = "";
    for (let first = true; first || !this.#rest.startsWith("]"); first = false) {
      if (this.#at >= this.#pattern.length) throw this.#refused("brackets without a partner");
      if (this.#rest.startsWith("[:")) throw this.#refused("classes with names");
      const shorthand = /^\\([dws])/.exec(this.#rest);
      if (shorthand !== null) {
        this.#at += 2;
        members += CLASSES.get(shorthand[1]!)!;
        continue;
      }
      members += this.#range();
    }
    this.#at++;
    if (members === "") throw this.#refused("U+0000");
    return `[${negated ? "^" : ""}${members}]`;
  }

  #range(): string {
    const from = this.#classCharacter();
    let to = from;
    if (/^-[^\]]/.test(this.#rest)) {
      this.#at++;
      to = this.#classCharacter();
    }
    // No text of PostgreSQL holds U+0000.
    if (to === 0) return "";
    return from === to ? code(from) : `${code(Math.max(from, 1))}-${code(to)}`;
  }

  #classCharacter(): number {
    return this.#take("\\") ? this.#escapedCharacter() : this.#character();
  }

  #character(): number {
    const character = this.#pattern.codePointAt(this.#at)!;
    this.#at += character > 0xffff ? 2 : 1;
    return character;
  }

  get #rest(): string {
    return this.#pattern.slice(this.#at);
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #refused(what: string) {
    return notImplemented(
      `The pattern of 'matchesPattern' cannot be carried out by the database, which does not offer ${what}.`,
    );
  }
}

/** A character that stands for itself, outside a class. */
function literal(character: number): string {
  if (character === 0) throw notImplemented("A pattern with U+0000 cannot be carried out by the database.");
  return code(character);
}

/** A letter or digit as it is, any other character by its number. */
function code(character: number): string {
  const text = String.fromCodePoint(character);
  if (/[0-9A-Za-z]/.test(text)) return text;
  const digits = character.toString(16);
  return character > 0xffff ? `\\U${digits.padStart(8, "0")}` : `\\u${digits.padStart(4, "0")}`;
}
