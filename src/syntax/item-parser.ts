import type { ComputeItem, OrderByItem } from "./ast.js";
import { identifierCharacter, isBlank, isDigit } from "./characters.js";
import { SearchParser } from "./search-parser.js";

/** Reads what both query options and the transformations of `$apply` have in them. */
export abstract class ItemParser extends SearchParser {
  /** `item *( COMMA item )` */
  protected items<T>(item: () => T): T[] {
    const items: T[] = [];
    do items.push(item());
    while (this.comma());
    return items;
  }

  /** `orderbyItem = commonExpr [ RWS ( "asc" / "desc" ) ]` */
  protected orderbyItem(): OrderByItem {
    const start = this.position;
    const expression = this.commonExpr();
    const end = this.position;
    const direction = this.bws() ? this.identifier().toLowerCase() : "";
    if (direction !== "asc" && direction !== "desc") {
      this.position = end;
      if (direction !== "") throw this.fail("an operator, 'asc', 'desc', ',' or the end", this.afterBlanks(end));
    }
    return { kind: "OrderByItem", expression, descending: direction === "desc", place: this.place(start) };
  }

  /** `computeItem = commonExpr RWS "as" RWS computedProperty`, and `computeExpr` */
  protected computeItem(): ComputeItem {
    const start = this.position;
    const expression = this.commonExpr();
    this.bws();
    const as = this.position;
    if (this.identifier().toLowerCase() !== "as") throw this.fail("an operator, or 'as' and a name", as);
    this.rws();
    const alias = this.expectIdentifier("the name of the computed property");
    return { kind: "ComputeItem", expression, alias, place: this.place(start) };
  }

  /** `1*DIGIT`, as a number that JavaScript holds exactly. */
  protected wholeNumber(expectation: string): number {
    const start = this.position;
    while (isDigit(this.unit())) this.position++;
    const value = Number(this.text.slice(start, this.position));
    const ended = this.position > start && identifierCharacter(this.text, this.position) === 0 && !this.at(".");
    if (!ended) throw this.fail(expectation, start);
    if (!Number.isSafeInteger(value))
      throw this.failWith(`the number is too large; the most is ${Number.MAX_SAFE_INTEGER}.`, start);
    return value;
  }

  /** Where the white space at a place ends. */
  protected afterBlanks(at: number): number {
    let end = at;
    while (isBlank(this.text.charCodeAt(end))) end++;
    return end;
  }
}
