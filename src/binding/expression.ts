import type { EdmType } from "../edm/index.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, notImplemented } from "../errors/index.js";
import type { AliasExpression, BinaryExpression, Expression, UnaryExpression } from "../syntax/index.js";
import { adapt } from "./adapt.js";
import type { Binder, Spot } from "./binder.js";
import type { ArithmeticOperator, BoundExpression, BoundLogical, BoundVariable, ComparisonOperator } from "./bound.js";
import type { BindContext } from "./context.js";
import { bindArithmetic, bindNegation } from "./expression-arithmetic.js";
import { bindCase } from "./expression-case.js";
import { bindTypeFunction } from "./expression-cast.js";
import { bindComparison, bindHas, bindIn } from "./expression-comparison.js";
import { bindJson, bindList } from "./expression-json.js";
import { bindMember } from "./expression-path.js";
import { describe, isOrdered, isType, primitive, typeOf } from "./expression-types.js";
import { bindCall } from "./functions.js";
import { bindLiteral, bindNegative, nullConstant } from "./literals.js";
import { measure, partsOfText } from "./measure.js";
import { short } from "./short.js";

export { typeOf } from "./expression-types.js";

/**
 * How deep a bound expression may be. Parentheses, functions and lambdas are bounded by the parser, but chains of operators,
 * paths and aliases of aliases are not, and whoever evaluates the tree calls itself once a level. Chains of `and` and `or`
 * count as one level: they are walked.
 */
const MAX_DEPTH = 200;

/** Each collection inside a collection may multiply the work. */
const MAX_COLLECTIONS = 8;

const comparisons: ReadonlySet<string> = new Set<ComparisonOperator>(["eq", "ne", "gt", "ge", "lt", "le"]);

/**
 * Binds the expressions of one query option: every name found, every type known, every alias followed
 * (URL Conventions 4.01, section 5.1.1).
 *
 * @example new ExpressionBinder({ name: "$it", type: customer }, "$filter", context).condition(parseExpression("Name eq 'x'"))
 */
export class ExpressionBinder {
  readonly #binding: Binding;

  /**
   * @param variable what the expression is about: paths start from it
   * @param option for messages: `$filter`, `$orderby`
   */
  constructor(variable: BoundVariable, option: string, context: BindContext) {
    this.#binding = new Binding(variable, option, context);
  }

  /**
   * Binds an expression of any type.
   *
   * @throws {ODataError} 400 for a name, type or value that does not fit, 501 for what is not offered; both with the place
   */
  bind(expression: Expression): BoundExpression {
    return this.#measured(expression, this.#binding.bind(expression));
  }

  /** Binds an expression that must be true or false, as `$filter` wants it. */
  condition(expression: Expression): BoundExpression {
    return this.#measured(expression, this.#binding.condition(expression));
  }

  /** Binds an expression by whose values things can be sorted, as `$orderby` wants it. */
  sortKey(expression: Expression): BoundExpression {
    const bound = this.bind(expression);
    const type = typeOf(bound);
    const isSortable =
      type === undefined ? bound.kind === "constant" || bound.kind === "dynamic" : !bound.collection && isOrdered(type);
    if (!isSortable) throw this.#binding.error(expression, `values of type ${describe(bound)} have no order`);
    return type === undefined ? adapt(this.#binding, bound, primitive("Edm.String")) : bound;
  }

  /** Binds an expression that stands where a value of a type is wanted; whether it is one, the caller has to see. */
  value(expression: Expression, type: EdmType): BoundExpression {
    return this.#measured(expression, adapt(this.#binding, this.#binding.bind(expression), type));
  }

  #measured(expression: Expression, bound: BoundExpression): BoundExpression {
    if (measure(bound).depth > MAX_DEPTH) throw this.#binding.tooDeep(expression);
    return bound;
  }
}

/** One expression under way. */
class Binding implements Binder {
  readonly context: BindContext;
  readonly it: BoundVariable;
  current: BoundVariable;
  /** What the whole expression is about: computed properties are this one's. */
  readonly #row: BoundVariable;
  readonly #variables: Map<string, BoundVariable>;
  /** Names of the aliases that are being put in. */
  readonly #aliases = new Set<string>();
  #option: string;
  #depth = 0;
  #collections = 0;

  constructor(variable: BoundVariable, option: string, context: BindContext) {
    this.context = context;
    this.it = context.it ?? variable;
    this.current = variable;
    this.#row = variable;
    this.#variables = new Map(context.variables);
    this.#option = option;
  }

  bind(expression: Expression): BoundExpression {
    this.context.budget.spend(1, this.#option);
    if (++this.#depth > MAX_DEPTH) throw this.tooDeep(expression);
    const bound = this.#dispatch(expression);
    this.#depth--;
    return bound;
  }

  #dispatch(expression: Expression): BoundExpression {
    switch (expression.kind) {
      case "Literal":
        this.context.budget.spend(partsOfText(expression.value), this.#option);
        return bindLiteral(this, expression);
      case "Member":
        this.context.budget.spend(expression.segments.length, this.#option);
        return bindMember(this, expression);
      case "Alias":
        return this.#alias(expression);
      case "Unary":
        return this.#unary(expression);
      case "Binary":
        return this.#binary(expression);
      case "In":
        return bindIn(this, expression);
      case "Call":
        return expression.function === "cast" || expression.function === "isof"
          ? bindTypeFunction(this, expression)
          : bindCall(this, expression);
      case "Case":
        return bindCase(this, expression);
      case "List":
        return bindList(this, expression);
      case "Json":
        return bindJson(this, expression);
    }
  }

  condition(expression: Expression): BoundExpression {
    const bound = adapt(this, this.bind(expression), primitive("Edm.Boolean"));
    const type: EdmType | undefined = typeOf(bound);
    const fits = type === undefined ? bound.kind !== "object" : isType(type, "Edm.Boolean");
    if (!fits || bound.collection)
      throw this.error(expression, `expected a condition, but found a value of type ${describe(bound)}`);
    return bound;
  }

  #unary(expression: UnaryExpression): BoundExpression {
    const { operator, operand } = expression;
    if (operator === "not") {
      const type = primitive("Edm.Boolean");
      return { kind: "not", operand: this.condition(operand), type, collection: false };
    }
    const negative = operand.kind === "Literal" ? bindNegative(this, operand, this.spot(expression)) : undefined;
    return negative ?? bindNegation(this, expression);
  }

  #binary(expression: BinaryExpression): BoundExpression {
    const { operator } = expression;
    if (operator === "and" || operator === "or") return this.#chain(expression);
    if (comparisons.has(operator)) return bindComparison(this, expression, operator as ComparisonOperator);
    if (operator === "has") return bindHas(this, expression);
    return bindArithmetic(this, expression, operator as ArithmeticOperator);
  }

  /** `a and b or c`: the tree leans to the left as far as the chain is long, so it is walked and not recursed into. */
  #chain(expression: BinaryExpression): BoundExpression {
    const links: BinaryExpression[] = [];
    let first: Expression = expression;
    while (first.kind === "Binary" && (first.operator === "and" || first.operator === "or")) {
      links.push(first);
      first = first.left;
    }
    this.context.budget.spend(links.length - 1, this.#option);
    let bound = this.condition(first);
    for (const link of links.reverse()) {
      const operator = link.operator as BoundLogical["operator"];
      const right = this.condition(link.right);
      bound = { kind: "logical", operator, left: bound, right, type: primitive("Edm.Boolean"), collection: false };
    }
    return bound;
  }

  /** URL Conventions 4.01, section 5.3: an alias stands for its expression; one without a value is null. */
  #alias(expression: AliasExpression): BoundExpression {
    const { name } = expression;
    const value = this.context.aliases.get(name);
    if (value === undefined) return nullConstant();
    if (this.#aliases.has(name)) throw this.error(expression, `the alias '${short(name)}' stands for itself`);
    const outer = this.#option;
    this.#aliases.add(name);
    this.#option = name;
    const bound = this.bind(value);
    this.#option = outer;
    this.#aliases.delete(name);
    return bound;
  }

  get variableNames(): Iterable<string> {
    return this.#variables.keys();
  }

  variable(name: string): BoundVariable | undefined {
    return this.#variables.get(name);
  }

  computed(source: BoundExpression, name: string): BoundExpression | undefined {
    if (source.kind !== "variable" || source.variable !== this.#row) return undefined;
    const bound = this.context.computed?.get(name);
    if (bound === undefined) return undefined;
    this.context.budget.spend(measure(bound).nodes, this.#option);
    // A constant keeps the type that it has in $compute: a copy of it is no literal any more.
    return bound.kind === "constant" ? { ...bound } : bound;
  }

  computedNames(source: BoundExpression): Iterable<string> {
    if (source.kind !== "variable" || source.variable !== this.#row) return [];
    return this.context.computed?.keys() ?? [];
  }

  withVariable<T>(variable: BoundVariable, spot: Spot, inside: () => T): T {
    const { name } = variable;
    if (this.#variables.has(name))
      throw this.error(spot, `a variable named '${short(name)}' is there already; give this one another name`);
    this.#variables.set(name, variable);
    const result = this.#inCollection(spot, inside);
    this.#variables.delete(name);
    return result;
  }

  withCurrent<T>(current: BoundVariable, spot: Spot, inside: () => T): T {
    const outer = this.current;
    this.current = current;
    const result = this.#inCollection(spot, inside);
    this.current = outer;
    return result;
  }

  #inCollection<T>(spot: Spot, inside: () => T): T {
    if (++this.#collections > MAX_COLLECTIONS) {
      throw this.error(spot, `conditions on collections may be nested ${MAX_COLLECTIONS} deep, and not deeper`);
    }
    const result = inside();
    this.#collections--;
    return result;
  }

  spot(at: Spot): Spot {
    return { place: at.place, option: at.option ?? this.#option };
  }

  error(at: Spot, what: string): ODataError {
    const option = at.option ?? this.#option;
    const stop = /[.?]$/.test(what) ? "" : ".";
    return badRequest(`Error in ${option} at character ${at.place.start + 1}: ${what}${stop}`, { target: option });
  }

  notOffered(at: Spot, what: string): ODataError {
    const option = at.option ?? this.#option;
    return notImplemented(`This service does not offer ${what} in ${option} (at character ${at.place.start + 1}).`, {
      target: option,
    });
  }

  tooDeep(at: Spot): ODataError {
    return this.error(at, `the expression is more than ${MAX_DEPTH} levels deep, with its aliases put in`);
  }
}
