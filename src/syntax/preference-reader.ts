import { clip } from "./characters.js";

/** One preference as it is written. */
export interface Preference {
  /** In lower case. */
  readonly name: string;
  /** Undefined where there is none, or an empty one, which means the same. */
  readonly value: string | undefined;
  /** By name, in lower case; a parameter without a value has the empty text. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** What is not written rightly. */
export interface PreferenceProblem {
  /** Where in the header's text, from 0. */
  readonly at: number;
  readonly message: string;
}

/** A preference with the place that messages need. */
export interface PlacedPreference extends Preference {
  /** Where the value begins, behind its quote; where it would stand if there is none. */
  readonly valueAt: number;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]*/y;
const BLANKS = /[ \t]*/y;
/** `quoted-string`: RFC 9110, section 5.6.4. */
const QUOTED = /"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\uffff]|\\[\t \x21-\x7e\x80-\uffff])*)"/y;

/** Reads `1#preference` with `preference = token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] )` (RFC 7240). */
export class PreferenceReader {
  readonly problems: PreferenceProblem[] = [];
  readonly #text: string;
  #at = 0;
  #quotesClose = true;

  constructor(text: string) {
    this.#text = text;
  }

  /** The preferences in the order in which they stand; what is malformed is left out and told in `problems`. */
  read(): PlacedPreference[] {
    const found: PlacedPreference[] = [];
    for (;;) {
      this.#match(BLANKS);
      if (this.#at >= this.#text.length) return found;
      // Lists may have empty elements (RFC 9110, section 5.6.1).
      if (this.#skip(",")) continue;
      const preference = this.#preference();
      if (preference === undefined) this.#toComma();
      else found.push(preference);
    }
  }

  #preference(): PlacedPreference | undefined {
    const name = this.#match(TOKEN).toLowerCase();
    if (name === "") return this.#problem("the name of a preference");
    const head = this.#value();
    if (head === undefined) return undefined;
    const parameters = new Map<string, string>();
    for (;;) {
      this.#match(BLANKS);
      if (this.#at >= this.#text.length || this.#text[this.#at] === ",") break;
      if (!this.#skip(";")) return this.#problem("',', ';' or the end");
      this.#match(BLANKS);
      const parameter = this.#match(TOKEN).toLowerCase();
      // RFC 7240 lets a semicolon stand without a parameter behind it.
      if (parameter === "") continue;
      const value = this.#value();
      if (value === undefined) return undefined;
      if (!parameters.has(parameter)) parameters.set(parameter, value.text);
    }
    return { name, value: head.text === "" ? undefined : head.text, parameters, valueAt: head.at };
  }

  /** `[ BWS "=" BWS word ]`; the empty text where it is not there, undefined where it is wrong. */
  #value(): { text: string; at: number } | undefined {
    const start = this.#at;
    this.#match(BLANKS);
    if (!this.#skip("=")) {
      this.#at = start;
      return { text: "", at: start };
    }
    this.#match(BLANKS);
    const at = this.#at;
    if (this.#text[at] !== '"') {
      const text = this.#match(TOKEN);
      return text === "" ? this.#problem("a value") : { text, at };
    }
    QUOTED.lastIndex = at;
    const match = QUOTED.exec(this.#text);
    if (match === null) return this.#problem("a text in double quotes that is closed");
    this.#at += match[0].length;
    return { text: (match[1] ?? "").replace(/\\(.)/g, "$1"), at: at + 1 };
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += text.length;
    return text;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #problem(expected: string): undefined {
    const found = this.#at < this.#text.length ? `'${clip(this.#text.charAt(this.#at))}'` : "the end";
    this.problems.push({ at: this.#at, message: `Expected ${expected}, but found ${found}.` });
  }

  /** To the next comma that is not in quotes, or the end. Behind a quote that is never closed, all commas count. */
  #toComma(): void {
    while (this.#at < this.#text.length && this.#text[this.#at] !== ",") {
      QUOTED.lastIndex = this.#at;
      const quoted = this.#quotesClose && this.#text[this.#at] === '"' ? QUOTED.exec(this.#text) : undefined;
      if (quoted === null) this.#quotesClose = false;
      this.#at += quoted?.[0].length ?? 1;
    }
  }
}
