import type { SearchExpression } from "./ast.js";
import { identifierCharacter, isBlank } from "./characters.js";
import type { Budget } from "./limits.js";
import { MemberParser } from "./member-parser.js";
import { optionName } from "./option-names.js";
import type { Source } from "./scanner.js";

const SEMICOLON = 0x3b;
/** What no word of a search may hold, apart from white space. */
const NOT_IN_WORD = new Set(["(", ")", '"']);

/** Reads `searchExpr` (URL Conventions 4.01, section 5.1.7). NOT binds tighter than AND, and AND tighter than OR. */
export abstract class SearchParser extends MemberParser {
  readonly #encodedSemicolons: ReadonlySet<number>;

  /** @param encodedSemicolons where in the text semicolons are that were percent-encoded */
  constructor(text: string, source: Source, budget: Budget, encodedSemicolons: ReadonlySet<number> = new Set()) {
    super(text, source, budget);
    this.#encodedSemicolons = encodedSemicolons;
  }

  /**
   * `search = "$search" EQ BWS ( searchExpr / searchExpr-incomplete )`
   *
   * @param nested whether the option stands in parentheses, where `;` parts it from the next
   */
  protected searchOption(nested: boolean): SearchExpression {
    this.bws();
    if (this.at("'")) return this.#incomplete();
    const search = this.#searchOr(nested);
    if (!nested && this.at(";")) {
      throw this.failWith("a semicolon has to be written %3B, or stand in double quotes.");
    }
    return search;
  }

  /**
   * `searchExpr-incomplete = SQUOTE *( ... ) SQUOTE`: what a user has typed so far, quotes and parentheses unbalanced.
   * It is searched for as one phrase.
   */
  #incomplete(): SearchExpression {
    const start = this.position;
    const text = this.stringLiteral();
    return { kind: "SearchTerm", text, phrase: true, place: this.place(start) };
  }

  /** `searchOrExpr = RWS "OR" RWS searchExpr` */
  #searchOr(nested: boolean): SearchExpression {
    const start = this.position;
    let left = this.#searchAnd(nested);
    while (this.#searchOperator("OR", nested)) {
      const right = this.#searchAnd(nested);
      left = { kind: "SearchBinary", operator: "OR", left, right, place: this.place(start) };
    }
    return left;
  }

  /** `searchAndExpr = RWS [ "AND" RWS ] searchExpr` */
  #searchAnd(nested: boolean): SearchExpression {
    const start = this.position;
    let left = this.#searchUnary(nested);
    while (this.#searchOperator("AND", nested) || this.#anotherFollows(nested)) {
      const right = this.#searchUnary(nested);
      left = { kind: "SearchBinary", operator: "AND", left, right, place: this.place(start) };
    }
    return left;
  }

  /** `searchNegateExpr = "NOT" RWS searchExpr`; NOT is a word where no search expression follows. */
  #searchUnary(nested: boolean): SearchExpression {
    const start = this.position;
    if (this.#word(nested) === "NOT") {
      this.position += 3;
      if (this.bws() && this.#expressionFollows(nested)) {
        const operand = this.nested(() => this.#searchUnary(nested));
        return { kind: "SearchNot", operand, place: this.place(start) };
      }
      this.position = start;
    }
    return this.#searchPrimary(nested);
  }

  /** `searchParenExpr`, `searchPhrase` or `searchWord` */
  #searchPrimary(nested: boolean): SearchExpression {
    const start = this.position;
    if (this.at("(")) return this.parenthesised(() => this.#searchOr(nested));
    if (this.skip('"')) {
      const end = this.text.indexOf('"', this.position);
      if (end < 0) throw this.failWith("the double quote that begins here is never closed.", start);
      const text = this.text.slice(this.position, end);
      if (text === "") throw this.fail("a phrase between the double quotes");
      this.position = end + 1;
      return { kind: "SearchTerm", text, phrase: true, place: this.place(start) };
    }
    const text = this.#word(nested);
    if (text === "" || text.startsWith("'")) throw this.fail("a word or a phrase to search for");
    this.position += text.length;
    return { kind: "SearchTerm", text, phrase: false, place: this.place(start) };
  }

  /** Steps over `RWS "AND" RWS` or `RWS "OR" RWS`, where a search expression follows. */
  #searchOperator(operator: "AND" | "OR", nested: boolean): boolean {
    const start = this.position;
    if (this.bws() && this.#word(nested) === operator) {
      this.position += operator.length;
      if (this.bws() && this.#expressionFollows(nested)) return true;
    }
    this.position = start;
    return false;
  }

  /** Steps over white space where another search expression follows, unless it is OR and its operand. */
  #anotherFollows(nested: boolean): boolean {
    const start = this.position;
    if (this.bws() && this.#expressionFollows(nested)) {
      const at = this.position;
      this.position = start;
      const or = this.#searchOperator("OR", nested);
      this.position = or ? start : at;
      return !or;
    }
    this.position = start;
    return false;
  }

  #expressionFollows(nested: boolean): boolean {
    return !this.done && !this.at(")") && !this.#endsWord(this.position, nested);
  }

  /** `searchWord = searchChar *( searchChar / SQUOTE )` at the position, not stepped over. */
  #word(nested: boolean): string {
    let end = this.position;
    while (end < this.text.length && !isBlank(this.text.charCodeAt(end))) {
      if (NOT_IN_WORD.has(this.text.charAt(end)) || this.#endsWord(end, nested)) break;
      end++;
    }
    return this.text.slice(this.position, end);
  }

  /**
   * True for a semicolon that is no part of a word. An encoded one is a letter, but in nested options `%3B` may also stand
   * for the semicolon before the next option, which is what it is where an option follows.
   */
  #endsWord(at: number, nested: boolean): boolean {
    if (this.text.charCodeAt(at) !== SEMICOLON) return false;
    return !this.#encodedSemicolons.has(at) || (nested && this.#optionFollows(at + 1));
  }

  /** True where an option or a parameter alias begins. */
  #optionFollows(start: number): boolean {
    let at = start;
    while (isBlank(this.text.charCodeAt(at))) at++;
    const sign = this.text[at] === "$" || this.text[at] === "@" ? 1 : 0;
    const name = (at += sign);
    for (let step = identifierCharacter(this.text, at); step > 0; step = identifierCharacter(this.text, at)) at += step;
    if (this.text[at] !== "=" || at === name) return false;
    return sign === 1 || optionName(this.text.slice(name, at)) !== undefined;
  }
}
