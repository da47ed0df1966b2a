import { badRequest } from "../errors/index.js";
import type { ODataError } from "../errors/index.js";
import type { Place } from "./ast.js";
import { clip, identifierCharacter, isBlank, leadingCharacter } from "./characters.js";
import type { Budget } from "./limits.js";

/** `odataIdentifier = identifierLeadingCharacter *127identifierCharacter` */
const LONGEST_IDENTIFIER = 128;

/** What a scanner reads: how messages call it, and the `target` of its errors where it has one. */
export interface Source {
  /** For example `$filter`, or `the path segment 'devices('`. */
  readonly label: string;
  readonly target?: string;
}

/**
 * Reads the percent-decoded text of one path segment or one option value from left to right.
 * Never goes back further than to the start of a name or a literal, so that the time is linear in the text's length.
 */
export class Scanner {
  readonly text: string;
  readonly budget: Budget;
  protected position = 0;
  readonly #source: Source;
  #depth = 0;

  constructor(text: string, source: Source, budget: Budget) {
    this.text = text;
    this.budget = budget;
    this.#source = source;
  }

  /** True at the end of the text. */
  get done(): boolean {
    return this.position >= this.text.length;
  }

  /** The UTF-16 unit at the position or further on; `NaN` past the end. */
  unit(ahead = 0): number {
    return this.text.charCodeAt(this.position + ahead);
  }

  /** True where the given text stands at the position. */
  at(expected: string): boolean {
    return this.text.startsWith(expected, this.position);
  }

  /** Steps over the given text where it stands at the position. */
  skip(expected: string): boolean {
    if (!this.at(expected)) return false;
    this.position += expected.length;
    return true;
  }

  /** Steps over the given text or fails. */
  expect(expected: string): void {
    if (!this.skip(expected)) throw this.fail(`'${expected}'`);
  }

  /** Fails unless the whole text is read. */
  expectEnd(expectation = "the end"): void {
    if (!this.done) throw this.fail(expectation);
  }

  /** `BWS = *( SP / HTAB )`; tells whether there was any. */
  bws(): boolean {
    const start = this.position;
    while (isBlank(this.unit())) this.position++;
    return this.position > start;
  }

  /** `RWS = 1*( SP / HTAB )` */
  rws(): void {
    if (!this.bws()) throw this.fail("a space");
  }

  /** `COMMA`, with white space around it, which clients like to write although the grammar has it in few places only. */
  comma(): boolean {
    const start = this.position;
    this.bws();
    if (this.skip(",")) {
      this.bws();
      return true;
    }
    this.position = start;
    return false;
  }

  /** `odataIdentifier`, or the empty text where none begins here. */
  identifier(): string {
    const start = this.position;
    let end = start;
    let step: number = leadingCharacter(this.text, end);
    for (let length = 1; step > 0; length++) {
      if (length > LONGEST_IDENTIFIER) throw this.fail(`a name of at most ${LONGEST_IDENTIFIER} characters`);
      end += step;
      step = identifierCharacter(this.text, end);
    }
    this.position = end;
    return this.text.slice(start, end);
  }

  /** `odataIdentifier`, or an error that says what the name would be of. */
  expectIdentifier(what: string): string {
    const name = this.identifier();
    if (name === "") throw this.fail(what);
    return name;
  }

  /** `[ namespace "." ] odataIdentifier`, or the empty text where none begins here. */
  qualifiedName(): string {
    const start = this.position;
    if (this.identifier() === "") return "";
    while (this.at(".") && leadingCharacter(this.text, this.position + 1) > 0) {
      this.position++;
      this.identifier();
    }
    return this.text.slice(start, this.position);
  }

  /** The place from a start to the position; counts one node, as every node has exactly one place of its own. */
  place(start: number): Place {
    this.budget.spend();
    return { start, end: this.position };
  }

  /** Goes one level deeper, reads, and comes back. */
  nested<T>(read: () => T): T {
    if (++this.#depth > this.budget.limits.maxDepth) {
      throw badRequest(
        `${this.#where(this.position)}: nested more than ${this.budget.limits.maxDepth} levels deep.`,
        this.#options(),
      );
    }
    const result = read();
    this.#depth--;
    return result;
  }

  /** An error at the position (or an earlier one) that says what would be right there. */
  fail(expectation: string, at = this.position): ODataError {
    return badRequest(`${this.#where(at)}: expected ${expectation}, but found ${this.#found(at)}.`, this.#options());
  }

  /** An error whose whole statement is given. */
  failWith(statement: string, at = this.position): ODataError {
    return badRequest(`${this.#where(at)}: ${statement}`, this.#options());
  }

  #where(at: number): string {
    return `Syntax error in ${this.#source.label} at character ${at + 1}`;
  }

  #options(): { target: string } | undefined {
    return this.#source.target === undefined ? undefined : { target: this.#source.target };
  }

  /** The word or the character at a place, for a message. */
  #found(at: number): string {
    if (at >= this.text.length) return "the end";
    let end = at;
    let step: number = identifierCharacter(this.text, end);
    while (step > 0 && end - at < 100) {
      end += step;
      step = identifierCharacter(this.text, end);
    }
    if (end === at) end += (this.text.codePointAt(at) as number) > 0xffff ? 2 : 1;
    const word = this.text.slice(at, end);
    return isBlank(word.charCodeAt(0)) ? "a space" : `'${clip(word)}'`;
  }
}
