import type { BinaryOperator, CaseExpression, Expression, JsonExpression, QueryOptions } from "./ast.js";
import { clip } from "./characters.js";
import { LiteralParser } from "./literal-parser.js";

/**
 * How tightly operators bind (URL Conventions 4.01, section 5.1.1.17). Between `mul` and the primary operators stand the
 * unary ones, `not` and `-`. In 4.01 they are known in whatever case.
 */
export const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ["or", 1],
  ["and", 2],
  ["eq", 3],
  ["ne", 3],
  ["gt", 4],
  ["ge", 4],
  ["lt", 4],
  ["le", 4],
  ["add", 5],
  ["sub", 5],
  ["mul", 6],
  ["div", 6],
  ["divby", 6],
  ["mod", 6],
  ["has", 8],
  ["in", 8],
]);

/** The precedence of `not` and `-`. */
export const UNARY_PRECEDENCE = 7;
/** The precedence of `has` and `in`. */
export const PRIMARY_PRECEDENCE = 8;

/**
 * Reads `commonExpr` (grammar, section 4). The grammar leaves the order of operators to the text of the standard, so
 * they are read by precedence instead of by its one rule for each operator.
 */
export abstract class ExpressionParser extends LiteralParser {
  /** `expandCountOption *( SEMI expandCountOption )` in parentheses, after `$count`. */
  protected abstract countOptions(): QueryOptions;
  /** `firstMemberExpr`, `rootExpr`, `functionExpr`, `methodCallExpr`, `annotationExpr` and `parameterAlias`. */
  protected abstract named(): Expression;

  /**
   * ```
   * commonExpr = ( primitiveLiteral / arrayOrObject / rootExpr / functionExpr / negateExpr / methodCallExpr / parenExpr
   *              / castExpr / isofExpr / notExpr / firstMemberExpr )
   *              [ addExpr / ... / modExpr ] [ eqExpr / ... / inExpr ] [ andExpr / orExpr ]
   * ```
   * Also `boolCommonExpr` and `parameterValue`. Operators of one precedence group from the left.
   */
  commonExpr(): Expression {
    return this.#operation(1);
  }

  /** A whole option value or parameter alias: an expression and nothing after it but white space. */
  wholeExpression(): Expression {
    const expression = this.commonExpr();
    this.expectExpressionEnd("an operator or the end");
    return expression;
  }

  /** Reads one level deeper, where a colon means nothing special. */
  override nested<T>(read: () => T): T {
    const outer = this.beforeColon;
    this.beforeColon = false;
    const result = super.nested(read);
    this.beforeColon = outer;
    return result;
  }

  /** `[ ... / andExpr / orExpr ]`: operators that bind at least as tightly as given. */
  #operation(least: number): Expression {
    const start = this.position;
    let left = least > UNARY_PRECEDENCE ? this.#primary() : this.#unary();
    for (;;) {
      const operator = this.#operator(least);
      if (operator === undefined) return left;
      if (operator === "in") {
        const list = this.#inOperand();
        left = { kind: "In", operand: left, list, place: this.place(start) };
      } else {
        const binding = PRECEDENCE.get(operator) as number;
        const right = binding === PRIMARY_PRECEDENCE ? this.#primary() : this.#operation(binding + 1);
        left = { kind: "Binary", operator, left, right, place: this.place(start) };
      }
    }
  }

  /** `RWS "eq" RWS` and the others. Next to a parenthesis, which parts words as well, the white space may be missing. */
  #operator(least: number): BinaryOperator | "in" | undefined {
    const start = this.position;
    const parted = this.bws() || this.text[start - 1] === ")";
    const at = this.position;
    const word = parted ? this.identifier().toLowerCase() : "";
    const binding = PRECEDENCE.get(word);
    if (binding === undefined || binding < least) {
      this.position = start;
      return undefined;
    }
    if (!this.bws() && !this.at("(") && !this.done) throw this.fail("a space");
    if (this.done) throw this.fail(`a value after '${this.text.slice(at, at + word.length)}'`);
    return word as BinaryOperator | "in";
  }

  /** `negateExpr = "-" BWS commonExpr` and `notExpr = "not" RWS boolCommonExpr`, both tighter than the other operators. */
  #unary(): Expression {
    const start = this.position;
    if (this.at("-") && !this.negativeLiteralFollows()) {
      this.position++;
      this.bws();
      return this.#negation("-", start);
    }
    if (this.#not()) return this.#negation("not", start);
    return this.#operation(PRIMARY_PRECEDENCE);
  }

  #negation(operator: "not" | "-", start: number): Expression {
    const operand = this.nested(() => this.#unary());
    return { kind: "Unary", operator, operand, place: this.place(start) };
  }

  /** `"not" RWS`, or `not` before a parenthesis. */
  #not(): boolean {
    const start = this.position;
    if (this.text.slice(start, start + 3).toLowerCase() !== "not") return false;
    this.position += 3;
    if (this.bws() || this.at("(")) return true;
    this.position = start;
    return false;
  }

  /** An operand: a literal, JSON, parentheses, or what begins with a name. */
  #primary(): Expression {
    const unit = this.unit();
    if (unit === 0x28) return this.#parenExpr();
    if (unit === 0x5b) return this.#array();
    if (unit === 0x7b) return this.#object();
    return this.primitiveLiteral() ?? this.named();
  }

  /** `parenExpr = OPEN BWS commonExpr BWS CLOSE`; leaves no node. */
  #parenExpr(): Expression {
    return this.parenthesised(() => this.commonExpr());
  }

  /**
   * `OPEN BWS ... BWS CLOSE` around whatever is read.
   *
   * @param closing what would be right where the parenthesis is not closed
   */
  protected parenthesised<T>(read: () => T, closing = "an operator or ')'"): T {
    this.expect("(");
    return this.nested(() => {
      this.bws();
      const result = read();
      this.bws();
      if (!this.skip(")")) throw this.fail(closing);
      return result;
    });
  }

  /** White space, then the end of the text. */
  protected expectExpressionEnd(expectation: string): void {
    this.bws();
    this.expectEnd(expectation);
  }

  /**
   * `inExpr = RWS "in" RWS ( listExpr / commonExpr )` with
   * `listExpr = OPEN BWS [ primitiveLiteral BWS *( COMMA BWS primitiveLiteral BWS ) ] CLOSE`.
   * Parentheses around a single literal are a list of one.
   */
  #inOperand(): Expression {
    if (!this.at("(")) return this.#primary();
    const start = this.position;
    const items: Expression[] = [];
    const other = this.parenthesised(() => {
      if (this.at(")")) return undefined;
      const first = this.commonExpr();
      if (first.kind !== "Literal") return first;
      items.push(first);
      while (this.comma()) {
        const item = this.primitiveLiteral();
        if (item === undefined) throw this.fail("a literal, as a list holds nothing else");
        items.push(item);
      }
      return undefined;
    });
    return other ?? { kind: "List", items, place: this.place(start) };
  }

  /** `array = begin-array [ valueInUrl *( value-separator valueInUrl ) ] end-array` */
  #array(): JsonExpression {
    const start = this.position;
    const array: Expression[] = [];
    this.expect("[");
    this.nested(() => {
      this.bws();
      if (this.skip("]")) return;
      do array.push(this.#valueInUrl());
      while (this.comma());
      this.bws();
      if (!this.skip("]")) throw this.fail("',' or ']'");
    });
    return { kind: "Json", array, place: this.place(start) };
  }

  /** `object = begin-object [ member *( value-separator member ) ] end-object` */
  #object(): JsonExpression {
    const start = this.position;
    const object = new Map<string, Expression>();
    this.expect("{");
    this.nested(() => {
      this.bws();
      if (this.skip("}")) return;
      do this.#member(object);
      while (this.comma());
      this.bws();
      if (!this.skip("}")) throw this.fail("',' or '}'");
    });
    return { kind: "Json", object, place: this.place(start) };
  }

  /** `member = stringInUrl name-separator valueInUrl` */
  #member(object: Map<string, Expression>): void {
    const start = this.position;
    if (!this.at('"')) throw this.fail("a member name in double quotes");
    const name = this.#stringInUrl();
    if (object.has(name)) throw this.failWith(`the member '${clip(name)}' is there twice.`, start);
    this.bws();
    this.expect(":");
    this.bws();
    object.set(name, this.#valueInUrl());
  }

  /** `valueInUrl = stringInUrl / commonExpr` */
  #valueInUrl(): Expression {
    if (!this.at('"')) return this.commonExpr();
    const start = this.position;
    const value = this.#stringInUrl();
    return { kind: "Literal", form: "string", value, json: true, place: this.place(start) };
  }

  /** `stringInUrl = quotation-mark *charInJSON quotation-mark`; the value with its escapes undone. */
  #stringInUrl(): string {
    const start = this.position++;
    for (let unit = this.unit(); unit !== 0x22; unit = this.unit()) {
      if (Number.isNaN(unit)) throw this.failWith("the double quote that begins here is never closed.", start);
      this.position += unit === 0x5c ? 2 : 1;
    }
    this.position++;
    try {
      const value = JSON.parse(this.text.slice(start, this.position)) as string;
      if (!/[\0]|[\ud800-\udfff]/u.test(value)) return value;
    } catch {
      // Told below: the text between the quotes is no JSON string.
    }
    throw this.failWith('this is no JSON string; escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX.', start);
  }

  /**
   * `caseMethodCallExpr = "case" OPEN BWS boolCommonExpr BWS COLON BWS commonExpr BWS
   * *( COMMA BWS boolCommonExpr BWS COLON BWS commonExpr BWS ) CLOSE`, from the parenthesis on.
   */
  protected caseBranches(start: number): CaseExpression {
    const branches: { condition: Expression; value: Expression }[] = [];
    this.parenthesised(() => {
      do {
        this.beforeColon = true;
        const condition = this.commonExpr();
        this.beforeColon = false;
        this.bws();
        if (!this.skip(":")) throw this.fail("an operator, or ':' and the value of this case");
        this.bws();
        branches.push({ condition, value: this.commonExpr() });
      } while (this.comma());
    });
    return { kind: "Case", branches, place: this.place(start) };
  }
}
