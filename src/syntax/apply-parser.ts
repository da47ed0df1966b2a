import { didYouMean } from "../errors/index.js";
import type {
  AggregateFrom,
  AggregateItem,
  Expression,
  GroupingElement,
  HierarchyReference,
  MemberExpression,
  NameSegment,
  RankMethod,
  Transformation,
} from "./ast.js";
import { clip, identifierCharacter, isDigit } from "./characters.js";
import { ItemParser } from "./item-parser.js";

/** `preservingTrafo`: these keep the rows that they let through as they are. Functions of a service may do so. */
const PRESERVING = [
  "ancestors",
  "bottomcount",
  "bottompercent",
  "bottomsum",
  "descendants",
  "filter",
  "identity",
  "orderby",
  "search",
  "skip",
  "top",
  "topcount",
  "toppercent",
  "topsum",
  "traverse",
] as const;

/** `applyTrafo`, but for functions of a service. */
const TRANSFORMATIONS = [
  ...PRESERVING,
  "addnested",
  "aggregate",
  "compute",
  "concat",
  "groupby",
  "join",
  "nest",
  "outerjoin",
] as const;

/** `aggregateMethod`, but for methods of a service. */
const METHODS = ["sum", "min", "max", "average", "countdistinct"];

/** Reads `$apply`: OData Extension for Data Aggregation 4.0. All its words are lower-case, unlike those of OData itself. */
export abstract class ApplyParser extends ItemParser {
  /** True where the option stands in parentheses, and `;` parts it from the next. */
  #nestedOption = false;

  /** `applyExpr = applyTrafo *( "/" applyTrafo )`, as the value of the option. */
  protected applyOption(nested: boolean): readonly Transformation[] {
    const outer = this.#nestedOption;
    this.#nestedOption = nested;
    const result = this.#applyExpr();
    this.#nestedOption = outer;
    return result;
  }

  /** `applyExpr`, or `preservingTrafos = preservingTrafo *( "/" preservingTrafo )`. */
  #applyExpr(preserving = false): readonly Transformation[] {
    const list: Transformation[] = [];
    do list.push(this.#applyTrafo(preserving));
    while (this.skip("/"));
    return list;
  }

  #applyTrafo(preserving: boolean): Transformation {
    const start = this.position;
    const name = this.qualifiedName();
    if (name.includes(".")) return this.#customFunction(name, start);
    if (name === "") throw this.fail("a transformation, such as filter(...), groupby(...) or aggregate(...)");
    const known = TRANSFORMATIONS.find((one) => one === name);
    if (known === undefined) {
      throw this.failWith(
        `'${clip(name)}' is no transformation, and functions of the service have qualified names.` +
          didYouMean(name, TRANSFORMATIONS),
        start,
      );
    }
    if (preserving && !PRESERVING.some((one) => one === name)) {
      throw this.failWith(`${name} changes the rows; here only stands what keeps them, such as filter(...).`, start);
    }
    if (known !== "identity" && !this.at("(")) throw this.fail(`'(' after ${known}`);
    return this.#transformation(known, start);
  }

  #transformation(name: (typeof TRANSFORMATIONS)[number], start: number): Transformation {
    switch (name) {
      case "identity":
        return { kind: "Identity", place: this.place(start) };
      case "aggregate": {
        const items = this.#inParentheses(() => this.items(() => this.#aggregateExpr(true)));
        return { kind: "Aggregate", items, place: this.place(start) };
      }
      case "compute": {
        const items = this.#inParentheses(() => this.items(() => this.computeItem()));
        return { kind: "ComputeBy", items, place: this.place(start) };
      }
      case "orderby": {
        const items = this.#inParentheses(() => this.items(() => this.orderbyItem()));
        return { kind: "OrderBy", items, place: this.place(start) };
      }
      case "filter": {
        const condition = this.parenthesised(() => this.commonExpr());
        return { kind: "FilterBy", condition, place: this.place(start) };
      }
      case "search": {
        const search = this.parenthesised(() => this.searchOption(this.#nestedOption), "AND, OR, a word or ')'");
        return { kind: "SearchFor", search, place: this.place(start) };
      }
      case "top":
      case "skip": {
        const count = this.parenthesised(() => this.wholeNumber("a whole number, 0 or more"), "')'");
        return { kind: name === "top" ? "Top" : "Skip", count, place: this.place(start) };
      }
      case "concat":
        return this.#concatTrafo(start);
      case "groupby":
        return this.#groupbyTrafo(start);
      case "nest":
      case "addnested":
        return this.#nestTrafo(name, start);
      case "join":
      case "outerjoin":
        return this.#joinTrafo(name, start);
      case "ancestors":
      case "descendants":
        return this.#relativesTrafo(name, start);
      case "traverse":
        return this.#traverseTrafo(start);
      default:
        return this.#rankTrafo(name, start);
    }
  }

  /** `OPEN BWS ... BWS CLOSE` around a list. */
  #inParentheses<T>(read: () => T): T {
    return this.parenthesised(read, "',' or ')'");
  }

  /** `BWS COMMA BWS` */
  #commaBefore(what: string): void {
    if (!this.comma()) throw this.fail(`',' and ${what}`, this.afterBlanks(this.position));
  }

  /** `customFunction = namespace "." ( entityColFunction / ... ) functionExprParameters` */
  #customFunction(name: string, start: number): Transformation {
    const open = this.position;
    if (!this.at("(")) throw this.fail("'(' and the parameters of the function");
    const list = this.segmentArguments();
    if (list.value !== undefined) throw this.fail("parameters by name, as in (Count=1)", open + 1);
    return { kind: "CustomTransformation", name, arguments: list, place: this.place(start) };
  }

  /** `topcountTrafo = "topcount" OPEN BWS collectionExpr BWS COMMA BWS commonExpr BWS CLOSE`, and its kin. */
  #rankTrafo(method: RankMethod, start: number): Transformation {
    const [amount, value] = this.parenthesised(() => {
      const first = this.commonExpr();
      this.#commaBefore("the value that rows are ranked by, or an operator");
      return [first, this.commonExpr()] as const;
    });
    return { kind: "Rank", method, amount, value, place: this.place(start) };
  }

  /** `concatTrafo = "concat" OPEN BWS applyExpr 1*( BWS COMMA BWS applyExpr ) BWS CLOSE` */
  #concatTrafo(start: number): Transformation {
    const sequences = this.#inParentheses(() => {
      const first = this.#applyExpr();
      this.#commaBefore("another sequence of transformations");
      return [first, ...this.items(() => this.#applyExpr())];
    });
    return { kind: "Concat", sequences, place: this.place(start) };
  }

  /** `nestTrafo`, where `nestApplyExpr = applyExpr asAlias *( BWS COMMA BWS applyExpr asAlias )`. */
  #nestTrafo(name: "nest" | "addnested", start: number): Transformation {
    const [path, items] = this.#inParentheses(() => {
      const from = name === "nest" ? undefined : this.#propertyPath(true);
      if (from !== undefined) this.#commaBefore("transformations");
      return [from, this.items(() => ({ apply: this.#applyExpr(), alias: this.#asAlias() }))] as const;
    });
    return { kind: "Nest", path, items, place: this.place(start) };
  }

  /** `joinTrafo = "join" OPEN BWS joinProperty asAlias [ BWS COMMA BWS applyExpr ] BWS CLOSE` */
  #joinTrafo(name: "join" | "outerjoin", start: number): Transformation {
    const read = this.#inParentheses(() => {
      const path = this.#joinProperty();
      const alias = this.#asAlias();
      return { path, alias, apply: this.comma() ? this.#applyExpr() : undefined };
    });
    return { kind: name === "join" ? "Join" : "OuterJoin", ...read, place: this.place(start) };
  }

  /** `joinProperty`: a name, and a type-cast behind it. */
  #joinProperty(): MemberExpression {
    const start = this.position;
    const segments = [this.#pathSegment(this.at("@") ? this.annotationName() : this.#pathName(), start)];
    const cast = this.position + 1;
    if (this.skip("/")) segments.push(this.#pathSegment(this.#pathName(), cast));
    return { kind: "Member", root: undefined, segments, place: this.place(start) };
  }

  /** `BWS asAlias`, where `asAlias = RWS "as" RWS expressionAlias`. */
  #asAlias(): string {
    if (!this.#keyword("as")) throw this.fail("'as' and a name", this.afterBlanks(this.position));
    return this.expectIdentifier("a name for the result");
  }

  /** `RWS keyword RWS`; false, and nothing stepped over, where it is not there. */
  #keyword(word: string): boolean {
    const start = this.position;
    if (this.bws() && this.identifier() === word && this.bws()) return true;
    this.position = start;
    return false;
  }

  /**
   * `ancestorsTrafo = "ancestors" OPEN BWS recHierReference BWS COMMA BWS preservingTrafos BWS
   * [ COMMA BWS 1*DIGIT BWS ] [ COMMA BWS "keep start" BWS ] CLOSE`, and `descendantsTrafo`
   */
  #relativesTrafo(name: "ancestors" | "descendants", start: number): Transformation {
    const read = this.#inParentheses(() => {
      const hierarchy = this.#recHierReference();
      this.#commaBefore("transformations that give the nodes to start from");
      const apply = this.#applyExpr(true);
      let more = this.comma();
      const distance = more && isDigit(this.unit()) ? this.wholeNumber("a whole number") : undefined;
      if (distance !== undefined) more = this.comma();
      if (more && !this.skip("keep start")) {
        throw this.fail(distance === undefined ? "a whole number or 'keep start'" : "'keep start'");
      }
      return { hierarchy, apply, distance, keepStart: more };
    });
    return { kind: "Hierarchy", name, ...read, place: this.place(start) };
  }

  /**
   * `traverseTrafo = "traverse" OPEN BWS recHierReference BWS COMMA BWS ( "preorder" / "postorder" ) BWS
   * [ COMMA BWS preservingTrafos BWS ] [ COMMA BWS orderbyItem *( BWS COMMA BWS orderbyItem ) BWS ] CLOSE`
   */
  #traverseTrafo(start: number): Transformation {
    const read = this.#inParentheses(() => {
      const hierarchy = this.#recHierReference();
      this.#commaBefore("'preorder' or 'postorder'");
      const at = this.position;
      const order = this.identifier();
      if (order !== "preorder" && order !== "postorder") throw this.fail("'preorder' or 'postorder'", at);
      let more = this.comma();
      const apply = more && this.#preservingTrafoFollows() ? this.#applyExpr(true) : undefined;
      if (apply !== undefined) more = this.comma();
      return { hierarchy, order, apply, orderby: more ? this.items(() => this.orderbyItem()) : [] } as const;
    });
    return { kind: "Traverse", ...read, place: this.place(start) };
  }

  /** True where a transformation begins, and not an expression to sort by. */
  #preservingTrafoFollows(): boolean {
    const start = this.position;
    const name = this.qualifiedName();
    const called = this.at("(");
    const next = this.text.charAt(this.afterBlanks(this.position));
    this.position = start;
    if (name === "identity") return next === "/" || next === "," || next === ")";
    return called && (name.includes(".") || PRESERVING.some((one) => one === name));
  }

  /** `recHierReference = rootExpr BWS COMMA BWS recHierQualifier BWS COMMA BWS recHierPropertyPath` */
  #recHierReference(): HierarchyReference {
    const start = this.position;
    const nodes = this.at("$root/") ? this.named() : undefined;
    if (nodes?.kind !== "Member") throw this.fail("$root/ and the path of the hierarchy's nodes", start);
    this.#commaBefore("the qualifier of the hierarchy");
    const qualifier = this.expectIdentifier("the qualifier of the hierarchy");
    this.#commaBefore("the path to a node of the hierarchy");
    const path = this.#propertyPath(false);
    return { kind: "HierarchyReference", nodes, qualifier, path, place: this.place(start) };
  }

  /** `groupbyTrafo = "groupby" OPEN BWS groupbyList [ BWS COMMA BWS applyExpr ] BWS CLOSE` */
  #groupbyTrafo(start: number): Transformation {
    const read = this.#inParentheses(() => {
      if (!this.at("(")) throw this.fail("'(' and what to group by");
      const groups = this.#inParentheses(() => this.items(() => this.#groupbyElement()));
      return { groups, apply: this.comma() ? this.#applyExpr() : undefined };
    });
    return { kind: "GroupBy", ...read, place: this.place(start) };
  }

  /** `groupbyElement = groupingProperty / rollupLevels / rollupRecursive` */
  #groupbyElement(): GroupingElement {
    const start = this.position;
    const word = this.identifier();
    if (this.at("(")) {
      if (word === "rollup") return this.#rollup(start);
      if (word === "rolluprecursive") return this.#rollupRecursive(start);
    }
    this.position = start;
    return { kind: "GroupingPath", path: this.#propertyPath(false), place: this.place(start) };
  }

  /**
   * `rollupLevels = "rollup" OPEN BWS ( rollupUnnamedHier / rollupNamedHier ) BWS CLOSE`, from the parenthesis on.
   * `$all` in front, for one row above all, comes from earlier drafts and is widely known.
   */
  #rollup(start: number): GroupingElement {
    const read = this.#inParentheses(() => {
      const all = this.skip("$all");
      if (all) this.#commaBefore("the path of a property");
      return { all, paths: this.items(() => this.#propertyPath(false)) };
    });
    return { kind: "Rollup", ...read, place: this.place(start) };
  }

  /** `rollupRecursive = "rolluprecursive" OPEN BWS recHierReference BWS [ COMMA BWS preservingTrafos BWS ] CLOSE` */
  #rollupRecursive(start: number): GroupingElement {
    const read = this.#inParentheses(() => {
      const hierarchy = this.#recHierReference();
      return { hierarchy, apply: this.comma() ? this.#applyExpr(true) : undefined };
    });
    return { kind: "RollupRecursive", ...read, place: this.place(start) };
  }

  /** `groupingProperty`, `recHierPropertyPath` and, where it may end in a type-cast, `nestPath`: names parted by slashes. */
  #propertyPath(castMayEnd: boolean): MemberExpression {
    const start = this.position;
    const segments: NameSegment[] = [];
    do {
      const at = this.position;
      segments.push(this.#pathSegment(this.#pathName(), at));
    } while (this.skip("/"));
    if (!castMayEnd && segments.at(-1)?.name.includes(".") === true) {
      throw this.fail("'/' and a property, as a type-cast alone has no value");
    }
    return { kind: "Member", root: undefined, segments, place: this.place(start) };
  }

  #pathName(): string {
    const name = this.qualifiedName();
    if (name === "") throw this.fail("the name of a property");
    return name;
  }

  #pathSegment(name: string, start: number): NameSegment {
    return { kind: "NameSegment", name, arguments: undefined, place: this.place(start) };
  }

  protected override aggregateFunctionExpr(): AggregateItem {
    return this.#aggregateExpr(false);
  }

  /**
   * ```
   * aggregateExpr = ( aggrPathPrefix / aggrCastPath ) nonprimAggWith [ aggregateFrom ] asAlias
   *               / aggregatableExpW [ aggregateFrom ] asAlias
   *               / aggregateCount [ aggregateFrom ] asAlias
   *               / aggregateCustom [ [ customFrom ] asAlias ]
   * ```
   * The last is what a path without a method can only be.
   *
   * @param named whether there is an alias, as in the transformation but not in the function
   */
  #aggregateExpr(named: boolean): AggregateItem {
    const start = this.position;
    const expression = this.#aggregated();
    const counts = expression === undefined || endsInCount(expression);
    const method = counts ? undefined : this.#aggregateWith();
    if (!counts && method === undefined && !isPlainPath(expression)) {
      throw this.fail("an operator, or 'with' and an aggregation method", this.afterBlanks(this.position));
    }
    const custom = !counts && method === undefined;
    const from: AggregateFrom[] = [];
    for (let at = this.position; this.#keyword("from"); at = this.position) from.push(this.#aggregateFrom(at, custom));
    let alias: string | undefined;
    if (named && this.#keyword("as")) alias = this.expectIdentifier("a name for the aggregated value");
    else if (named && (!custom || from.length > 0)) {
      throw this.fail("'from' and what to group by, or 'as' and a name", this.afterBlanks(this.position));
    }
    return { kind: "AggregateItem", expression, method, from, alias, place: this.place(start) };
  }

  /** What is aggregated: an expression, a type-cast alone, or nothing where the rows are counted. */
  #aggregated(): Expression | undefined {
    const start = this.position;
    if (this.at("$count") && identifierCharacter(this.text, start + 6) === 0) {
      this.position += 6;
      return undefined;
    }
    const name = this.qualifiedName();
    const end = this.position;
    if (name.includes(".") && this.#keyword("with")) {
      this.position = end;
      const segments = [this.#pathSegment(name, start)];
      return { kind: "Member", root: undefined, segments, place: this.place(start) };
    }
    this.position = start;
    return this.commonExpr();
  }

  /** `aggregateWith = RWS "with" RWS aggregateMethod`; undefined where it is not there. */
  #aggregateWith(): string | undefined {
    if (!this.#keyword("with")) return undefined;
    const start = this.position;
    const name = this.qualifiedName();
    if (METHODS.includes(name) || name.includes(".")) return name;
    throw this.failWith(
      `'${clip(name)}' is no aggregation method; there are ${METHODS.join(", ")}.${didYouMean(name, METHODS)}`,
      start,
    );
  }

  /** `aggregateFrom = RWS "from" RWS groupingProperties aggregateWith`, and `customFrom`, whose method may be missing. */
  #aggregateFrom(start: number, custom: boolean): AggregateFrom {
    const paths = this.items(() => this.#propertyPath(false));
    const method = this.#aggregateWith();
    if (method === undefined && !custom) {
      throw this.fail("',', or 'with' and an aggregation method", this.afterBlanks(this.position));
    }
    return { kind: "AggregateFrom", paths, method, place: this.place(this.afterBlanks(start)) };
  }
}

/** `aggregateCount` with a path. */
function endsInCount(expression: Expression): boolean {
  if (expression.kind !== "Member") return false;
  const last = expression.segments.at(-1);
  return last?.kind === "NameSegment" && last.name === "$count";
}

/** `aggregateCustom`: nothing but names. */
function isPlainPath(expression: Expression): boolean {
  if (expression.kind !== "Member" || expression.root !== undefined) return false;
  return expression.segments.every(
    (segment) => segment.kind === "NameSegment" && segment.arguments === undefined && /^[^@$]/.test(segment.name),
  );
}
