import { didYouMean } from "../errors/index.js";
import type {
  AggregateItem,
  AliasExpression,
  Expression,
  MemberExpression,
  MemberSegment,
  NamedArgument,
  NameSegment,
  SegmentArguments,
} from "./ast.js";
import { CANONICAL_FUNCTIONS } from "./canonical-functions.js";
import { clip, identifierCharacter, isBlank } from "./characters.js";
import { ExpressionParser } from "./expression-parser.js";

/** What ends a path in an expression, and thus a key that stands as a segment in it. */
const PATH_END = /[\s/(),;:\]}]/;

/** Reads paths and calls: all expressions that begin with a name, `$` or `@`. */
export abstract class MemberParser extends ExpressionParser {
  /** `aggregateFunctionExpr`, what stands between the parentheses of the function `aggregate`. */
  protected abstract aggregateFunctionExpr(): AggregateItem;

  /**
   * `firstMemberExpr = memberExpr / inscopeVariableExpr [ "/" memberExpr ]`, and with it `rootExpr`, `functionExpr`,
   * `annotationExpr`, `methodCallExpr`, `castExpr` and `isofExpr`. Which of the names is a type, a variable, a property
   * or a function, only the model tells.
   */
  protected named(): Expression {
    if (this.at("$")) return this.#implicitVariable();
    if (this.at("@")) return this.#aliasOrAnnotation();
    const start = this.position;
    const name = this.qualifiedName();
    if (name === "") throw this.fail("a value: a literal, a property, a function or '('");
    if (this.at("(") && !this.#namedArgumentsFollow()) {
      const call = this.#call(name, start);
      if (call !== undefined) return call;
    }
    const first = this.#finishSegment(name, start);
    if (name.includes(".") && first.arguments === undefined && !this.at("/")) {
      throw this.fail("'/' or '(', as a qualified name alone is no value");
    }
    return this.#path(undefined, [first], start);
  }

  /**
   * `implicitVariableExpr = "$it" / "$this"`, `currCollectionExpr = "$these" collectionPathExpr` and
   * `rootExpr = "$root/" ...`; dollar names have their case.
   */
  #implicitVariable(): MemberExpression {
    const start = this.position++;
    const name = this.identifier();
    if (name !== "it" && name !== "this" && name !== "these" && name !== "root") {
      throw this.fail("$it, $this, $these or $root", start);
    }
    if ((name === "root" || name === "these") && !this.at("/")) throw this.fail(`'/' after $${name}`);
    return this.#path(`$${name}`, [], start);
  }

  /**
   * `parameterAlias = AT odataIdentifier` and
   * `annotationInQuery = AT [ namespace "." ] termName [ HASH annotationQualifier ]`.
   * Without a dot, a qualifier and a path after it, the two look the same; then it is taken for an alias.
   */
  #aliasOrAnnotation(): Expression {
    const start = this.position;
    const name = this.annotationName();
    if (!/[.#]/.test(name) && !this.at("/")) return { kind: "Alias", name, place: this.place(start) };
    return this.#path(undefined, [this.#finishSegment(name, start)], start);
  }

  /** `annotationInQuery`, with its `@`. */
  protected annotationName(): string {
    const start = this.position;
    this.expect("@");
    if (this.qualifiedName() === "") throw this.fail("the name of a parameter alias or an annotation");
    if (this.skip("#")) this.expectIdentifier("the qualifier of the annotation");
    return this.text.slice(start, this.position);
  }

  /** `*( "/" segment )`; `$count`, `any`, `all` and `aggregate(...)` end the path. */
  #path(root: MemberExpression["root"], segments: MemberSegment[], start: number): MemberExpression {
    let ended = false;
    while (this.at("/")) {
      if (ended) throw this.failWith("nothing can follow $count, any, all or aggregate in a path.");
      this.position++;
      const segment = this.#segment(root === "$root");
      segments.push(segment);
      ended = segment.kind !== "NameSegment" || segment.name === "$count";
    }
    return { kind: "Member", root, segments, place: this.place(start) };
  }

  /** One segment after a slash: `propertyPathExpr`, `boundFunctionExpr`, `annotationExpr`, `count`, `filterExpr`, a lambda. */
  #segment(rooted: boolean): MemberSegment {
    const start = this.position;
    if (this.at("$")) return this.#dollarSegment();
    if (this.at("@")) return this.#finishSegment(this.annotationName(), start);
    const name = this.qualifiedName();
    if (rooted && (name === "" || !this.#pathMayGoOn())) return this.#keySegment(start);
    if (name === "") throw this.fail("a name");
    const lower = name.toLowerCase();
    if ((lower === "any" || lower === "all") && this.at("(")) return this.#lambda(lower, start);
    if (name === "aggregate" && this.at("(") && !this.at("()") && !this.#namedArgumentsFollow()) {
      const item = this.parenthesised(() => this.aggregateFunctionExpr(), "')'");
      return { kind: "AggregateSegment", item, place: this.place(start) };
    }
    return this.#finishSegment(name, start);
  }

  /** `count = "/$count"` with options, and `filterExpr = "/$filter" OPEN boolCommonExpr CLOSE`. */
  #dollarSegment(): NameSegment {
    const start = this.position++;
    const name = `$${this.identifier()}`;
    if (name === "$count") {
      const options = this.at("(") ? this.countOptions() : undefined;
      const segment = { kind: "NameSegment", name, arguments: undefined, place: this.place(start) } as const;
      return options === undefined ? segment : { ...segment, options };
    }
    if (name !== "$filter") throw this.fail("a name, $count or $filter", start);
    if (!this.at("(")) throw this.fail("'(' and a condition after $filter");
    return this.#finishSegment(name, start);
  }

  /** `functionExprParameters`, `keyPredicate` or a condition after a name, and a `keyPredicate` after it. */
  #finishSegment(name: string, start: number): NameSegment {
    const read = () => (name === "$filter" ? this.conditionArguments() : this.segmentArguments());
    const first = this.at("(") ? read() : undefined;
    const key = first !== undefined && this.at("(") ? this.segmentArguments() : undefined;
    const segment: NameSegment = { kind: "NameSegment", name, arguments: first, place: this.place(start) };
    return key === undefined ? segment : { ...segment, key };
  }

  /** `keyPathLiteral`: after `$root`, a key may stand as a segment of its own. */
  #keySegment(start: number): NameSegment {
    let end = start;
    while (end < this.text.length && !PATH_END.test(this.text.charAt(end))) end++;
    if (end === start) throw this.fail("a name or a key");
    this.position = end;
    const text = this.text.slice(start, end);
    return { kind: "NameSegment", name: "", arguments: undefined, text, place: this.place(start) };
  }

  #pathMayGoOn(): boolean {
    return this.done || PATH_END.test(this.text.charAt(this.position));
  }

  /**
   * `anyExpr = "any" OPEN BWS [ lambdaVariableExpr BWS COLON BWS lambdaPredicateExpr ] BWS CLOSE`,
   * `allExpr` likewise but never empty; from the parenthesis on.
   */
  #lambda(operator: "any" | "all", start: number): MemberSegment {
    const [variable, predicate] = this.parenthesised<[string?, Expression?]>(() => {
      if (operator === "any" && this.at(")")) return [];
      const name = this.expectIdentifier(`a variable for 'all' or 'any', as in ${operator}(d:d/name eq 'x')`);
      this.bws();
      this.expect(":");
      this.bws();
      return [name, this.commonExpr()];
    });
    return { kind: "Lambda", operator, variable, predicate, place: this.place(start) };
  }

  /** A canonical function or one with a grammar of its own; undefined where the name is none of these and may be a model's. */
  #call(name: string, start: number): Expression | undefined {
    const lower = name.toLowerCase();
    if (lower === "case") return this.caseBranches(start);
    if (lower === "cast" || lower === "isof") return this.#castExpr(lower, start);
    if (lower === "any" || lower === "all" || name === "aggregate") {
      throw this.failWith(`'${lower}' needs the path of a collection before it, as in items/${lower}(...).`, start);
    }
    if (lower === "isdefined") return this.#isdefinedExpr(start);
    const arity = CANONICAL_FUNCTIONS.get(lower);
    if (arity === undefined) return undefined;
    const list = this.parenthesised(() => {
      const found: Expression[] = [];
      if (!this.at(")")) {
        do found.push(this.commonExpr());
        while (this.comma());
      }
      return found;
    });
    const [least, most] = arity;
    if (list.length < least || list.length > most) {
      const right = least === most ? `${least}` : `${least} or ${most}`;
      throw this.failWith(`'${lower}' takes ${right} argument${right === "1" ? "" : "s"}, not ${list.length}.`, start);
    }
    return { kind: "Call", function: lower, arguments: list, place: this.place(start) };
  }

  /** `isdefinedExpr = "isdefined" OPEN BWS ( firstMemberExpr ) BWS CLOSE`: Data Aggregation 4.0, section 3.7. */
  #isdefinedExpr(start: number): Expression {
    const path = this.parenthesised(() => {
      const at = this.position;
      const found = this.commonExpr();
      if (found.kind !== "Member") throw this.fail("the path of a property", at);
      return found;
    }, "')'");
    return { kind: "Call", function: "isdefined", arguments: [path], place: this.place(start) };
  }

  /**
   * `castExpr = "cast" OPEN BWS [ commonExpr BWS COMMA BWS ] optionallyQualifiedTypeName BWS CLOSE`, `isofExpr` likewise.
   * The type becomes the last argument: a path of one segment, whose name is the type's.
   */
  #castExpr(name: "cast" | "isof", start: number): Expression {
    const list = this.parenthesised(() => {
      const only = this.#typeArgument();
      if (only !== undefined) return [only];
      const operand = this.commonExpr();
      if (!this.comma()) throw this.fail("an operator, or ',' and the name of a type");
      const type = this.#typeArgument();
      if (type === undefined) throw this.fail("the name of a type and ')'");
      return [operand, type];
    });
    return { kind: "Call", function: name, arguments: list, place: this.place(start) };
  }

  /**
   * `optionallyQualifiedTypeName` before a closing parenthesis; undefined where something else stands there.
   * Quotes around it come from OData 3, and clients have not given them up.
   */
  #typeArgument(): MemberExpression | undefined {
    const start = this.position;
    const quoted = this.skip("'");
    const nameStart = this.position;
    const collection = this.skip("Collection(");
    const simple = this.qualifiedName();
    const complete = simple !== "" && (!collection || this.skip(")"));
    const name = this.text.slice(nameStart, this.position);
    if (complete && (!quoted || this.skip("'"))) {
      const end = this.position;
      this.bws();
      if (this.at(")")) {
        this.position = end;
        const segment: NameSegment = { kind: "NameSegment", name, arguments: undefined, place: this.place(start) };
        return { kind: "Member", root: undefined, segments: [segment], place: this.place(start) };
      }
    }
    this.position = start;
    return undefined;
  }

  /**
   * `functionExprParameters = OPEN [ BWS functionExprParameter *( BWS COMMA BWS functionExprParameter ) ] BWS CLOSE`,
   * `simpleKey = OPEN ( parameterAlias / keyPropertyValue ) CLOSE` and `compoundKey`.
   */
  protected segmentArguments(): SegmentArguments {
    const start = this.position;
    const opensNamed = this.#namedArgumentsFollow();
    const named: NamedArgument[] = [];
    const value = this.parenthesised(
      () => {
        if (this.at(")")) return undefined;
        if (!opensNamed) return this.#simpleKey(start);
        do named.push(this.#namedArgument());
        while (this.comma());
        return undefined;
      },
      opensNamed ? "an operator, ',' or ')'" : "')'",
    );
    return { kind: "SegmentArguments", value, named, place: this.place(start) };
  }

  /** The condition of `$filter(...)`. */
  protected conditionArguments(): SegmentArguments {
    const start = this.position;
    const value = this.parenthesised(() => this.commonExpr());
    return { kind: "SegmentArguments", value, named: [], place: this.place(start) };
  }

  /** `parameterAlias / keyPropertyValue` */
  #simpleKey(open: number): Expression {
    const value = this.literalOrAlias();
    if (value !== undefined && !this.comma()) return value;
    let nameStart = open;
    while (nameStart > 0 && open - nameStart < 100 && /[\w.]/.test(this.text.charAt(nameStart - 1))) nameStart--;
    throw this.noKey(this.text.slice(nameStart, open), nameStart, value !== undefined);
  }

  /**
   * The error about a parenthesis that holds no key: a function was meant whose name is none.
   *
   * @param several whether it could be a key, if there were not more
   */
  protected noKey(name: string, start: number, several: boolean): Error {
    const hint = didYouMean(name, CANONICAL_FUNCTIONS.keys());
    if (!several && hint === "") {
      return this.fail(
        `a literal or a parameter alias as a key, or parameters by name, as '${clip(name)}' is no canonical function`,
      );
    }
    return this.failWith(
      `'${clip(name)}' is no canonical function, and other functions take their parameters by name.${hint}`,
      start,
    );
  }

  /** `parameterAlias / primitiveLiteral`; undefined where neither begins at the position. */
  protected literalOrAlias(): Expression | undefined {
    if (!this.at("@")) return this.primitiveLiteral();
    const start = this.position++;
    const name = `@${this.expectIdentifier("the name of a parameter alias")}`;
    return { kind: "Alias", name, place: this.place(start) } satisfies AliasExpression;
  }

  /** `functionExprParameter = parameterName EQ ( parameterAlias / parameterValue )`, and `keyValuePair` */
  #namedArgument(): NamedArgument {
    const start = this.position;
    const name = this.expectIdentifier("the name of a parameter or key property");
    this.bws();
    if (!this.skip("=")) throw this.fail(`'=' after '${clip(name)}'`);
    this.bws();
    const value = this.namedArgumentValue();
    return { kind: "NamedArgument", name, value, place: this.place(start) };
  }

  /** `parameterAlias / parameterValue` */
  protected namedArgumentValue(): Expression {
    return this.commonExpr();
  }

  /** True where an opening parenthesis, a name and `=` follow. */
  #namedArgumentsFollow(): boolean {
    let at = this.position + 1;
    while (isBlank(this.text.charCodeAt(at))) at++;
    const nameStart = at;
    for (let step = identifierCharacter(this.text, at); step > 0; step = identifierCharacter(this.text, at)) at += step;
    if (at === nameStart) return false;
    while (isBlank(this.text.charCodeAt(at))) at++;
    return this.text.charCodeAt(at) === 0x3d;
  }
}
