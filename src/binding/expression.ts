import type { ComplexType, EdmType, EntityType, EnumType, PrimitiveType, Property } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { literalTypeName, PrimitiveValueError, readEnumLiteral, readLiteral } from "../edm/primitives/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { primitiveTypes } from "../edm/primitive-types.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, didYouMean, notImplemented } from "../errors/index.js";
import type { BinaryExpression, CallExpression, Expression, Literal, MemberExpression } from "../syntax/index.js";
import type { BoundExpression, BoundFunction, ComparisonOperator } from "./bound.js";
import type { BindContext } from "./options.js";
import { short } from "./path.js";

const string = primitiveTypes.get("Edm.String")!;
const boolean = primitiveTypes.get("Edm.Boolean")!;
const int32 = primitiveTypes.get("Edm.Int32")!;

/** The functions that reach SQL: result type, and the number of arguments, all texts. */
const functions: Readonly<Record<BoundFunction, { readonly type: PrimitiveType; readonly arity: number }>> = {
  contains: { type: boolean, arity: 2 },
  startswith: { type: boolean, arity: 2 },
  endswith: { type: boolean, arity: 2 },
  tolower: { type: string, arity: 1 },
  toupper: { type: string, arity: 1 },
  trim: { type: string, arity: 1 },
  length: { type: int32, arity: 1 },
};

/** An alias may stand in many places, and what it stands for counts in each of them. */
const MAX_NODES = 5_000;

const comparisons: ReadonlySet<string> = new Set<ComparisonOperator>(["eq", "ne", "gt", "ge", "lt", "le"]);

/** Binds the expressions of one query option over the properties of one entity type. */
export class ExpressionBinder {
  readonly #type: EntityType;
  readonly #option: string;
  readonly #context: BindContext;
  #nodes = 0;

  /**
   * @param type of the entities that the expression is evaluated on
   * @param option for messages: `$filter`, `$orderby`
   */
  constructor(type: EntityType, option: string, context: BindContext) {
    this.#type = type;
    this.#option = option;
    this.#context = context;
  }

  /** Binds an expression that must be true or false, as `$filter` wants it. */
  condition(expression: Expression): BoundExpression {
    const bound = this.bind(expression);
    const type = typeOf(bound);
    if (type !== undefined && type.qualifiedName !== "Edm.Boolean") {
      throw this.#error(expression, `expected a condition, but found a value of type ${type.qualifiedName}`);
    }
    return bound;
  }

  /** Binds an expression by whose values entities can be sorted, as `$orderby` wants it. */
  sortKey(expression: Expression): BoundExpression {
    const bound = this.bind(expression);
    const type = typeOf(bound);
    if (type?.kind === "complex" || type?.kind === "entity")
      throw this.#error(expression, `values of type ${type.qualifiedName} have no order`);
    return bound;
  }

  bind(expression: Expression): BoundExpression {
    if (++this.#nodes > MAX_NODES) {
      throw badRequest(`${this.#option} is too complex: with its aliases put in it has more than ${MAX_NODES} parts.`, {
        target: this.#option,
      });
    }
    switch (expression.kind) {
      case "Literal":
        return this.#literal(expression);
      case "Member":
        return this.#member(expression);
      case "Alias": {
        const value = this.#context.aliases.get(expression.name);
        if (value === undefined) return { kind: "constant", type: undefined, value: null };
        if (value.kind === "Alias")
          throw this.#error(expression, `the alias '${expression.name}' stands for another alias`);
        return this.bind(value);
      }
      case "Unary":
        if (expression.operator === "not") return { kind: "not", operand: this.condition(expression.operand) };
        if (expression.operand.kind === "Literal") {
          return this.#literal({
            ...expression.operand,
            value: `-${expression.operand.value}`,
            place: expression.place,
          });
        }
        throw this.#notOffered(expression, "arithmetic");
      case "Binary": {
        const { operator } = expression;
        if (operator === "and" || operator === "or") return this.#chain(expression);
        if (comparisons.has(operator))
          return this.#comparison(operator as ComparisonOperator, expression.left, expression.right);
        throw this.#notOffered(expression, `the operator '${operator}'`);
      }
      case "In": {
        const operand = this.bind(expression.operand);
        if (expression.list.kind !== "List")
          throw this.#notOffered(expression, "'in' with a collection that is no list of literals");
        const type = typeOf(operand);
        const items = expression.list.items.map((item) => {
          const bound = this.#coerce(this.bind(item), type, item);
          this.#checkComparable(operand, bound, item);
          return bound;
        });
        return { kind: "in", operand, items };
      }
      case "Call":
        return this.#call(expression);
      default:
        throw this.#notOffered(expression, `an expression of the kind '${expression.kind.toLowerCase()}'`);
    }
  }

  /** `a and b or c`: the tree leans to the left as far as the chain is long, so it is walked and not recursed into. */
  #chain(expression: BinaryExpression): BoundExpression {
    const links: BinaryExpression[] = [];
    let first: Expression = expression;
    while (first.kind === "Binary" && (first.operator === "and" || first.operator === "or")) {
      links.push(first);
      first = first.left;
    }
    let bound = this.condition(first);
    for (const link of links.reverse()) {
      bound = {
        kind: "logical",
        operator: link.operator as "and" | "or",
        left: bound,
        right: this.condition(link.right),
      };
    }
    return bound;
  }

  #comparison(operator: ComparisonOperator, leftSource: Expression, rightSource: Expression): BoundExpression {
    const left = this.bind(leftSource);
    const right = this.bind(rightSource);
    const leftType = typeOf(left);
    const rightType = typeOf(right);
    const boundLeft = this.#coerce(left, rightType, leftSource);
    const boundRight = this.#coerce(right, leftType, rightSource);
    for (const [side, source] of [
      [boundLeft, leftSource],
      [boundRight, rightSource],
    ] as const) {
      const type = typeOf(side);
      const equality = operator === "eq" || operator === "ne";
      if (type === undefined) continue;
      const comparable = type.kind === "primitive" || type.kind === "typeDefinition" || type.kind === "enum";
      if (!comparable && !(equality && isNull(boundLeft, boundRight))) {
        throw this.#notOffered(source, `a comparison of values of type ${type.qualifiedName}`);
      }
      if (!equality && type.kind === "enum") throw this.#notOffered(source, "an order of enumeration members");
    }
    this.#checkComparable(boundLeft, boundRight, rightSource);
    return { kind: "comparison", operator, left: boundLeft, right: boundRight };
  }

  #checkComparable(left: BoundExpression, right: BoundExpression, source: Expression): void {
    const a = typeOf(left);
    const b = typeOf(right);
    if (a === undefined || b === undefined || family(a) === family(b)) return;
    throw this.#error(
      source,
      `a value of type ${b.qualifiedName} cannot be compared with one of type ${a.qualifiedName}`,
    );
  }

  /** Gives a literal the type of what it is compared with. */
  #coerce(bound: BoundExpression, type: EdmType | undefined, source: Expression): BoundExpression {
    if (bound.kind !== "constant" || bound.value === null || type === undefined) return bound;
    const literal = source.kind === "Alias" ? this.#context.aliases.get(source.name) : source;
    const negative = literal?.kind === "Unary" && literal.operand.kind === "Literal";
    const written = negative ? literal.operand : literal;
    if (written?.kind !== "Literal") return bound;
    const text = negative ? `-${written.value}` : written.value;
    const target = type.kind === "typeDefinition" ? type.underlyingType : type;
    try {
      if (target.kind === "enum") {
        const member = readEnumLiteral(target, written.form, text);
        if (member === undefined)
          throw this.#error(
            source,
            `expected a member of ${target.qualifiedName}, such as '${[...target.members.keys()][0]}'`,
          );
        return { kind: "constant", type: target, value: member };
      }
      if (target.kind === "primitive") {
        const value = readLiteral(target, written.form, text);
        if (value !== undefined) return { kind: "constant", type: target, value };
      }
    } catch (error) {
      if (error instanceof PrimitiveValueError) throw this.#error(source, `'${short(text)}' ${error.message}`);
      throw error;
    }
    return bound;
  }

  #literal(literal: Literal): BoundExpression {
    if (literal.form === "null") return { kind: "constant", type: undefined, value: null };
    if (literal.form === "enum") {
      const type = literal.typeName === undefined ? undefined : this.#context.model.types.get(literal.typeName);
      if (type?.kind !== "enum")
        throw this.#error(literal, `there is no enumeration type named '${short(literal.typeName ?? "")}'`);
      return this.#coerce({ kind: "constant", type, value: literal.value }, type, literal);
    }
    const name = literalTypeName(literal.form, literal.value);
    const type = name === undefined ? undefined : primitiveTypes.get(name);
    if (type === undefined) throw this.#notOffered(literal, `a literal of the form '${literal.form}'`);
    let value: Scalar | undefined;
    try {
      value = readLiteral(type, literal.form, literal.value);
    } catch (error) {
      if (error instanceof PrimitiveValueError)
        throw this.#error(literal, `'${short(literal.value)}' ${error.message}`);
      throw error;
    }
    return { kind: "constant", type, value: value ?? literal.value };
  }

  #member(expression: MemberExpression): BoundExpression {
    if (expression.root === "$root" || expression.root === "$this")
      throw this.#notOffered(expression, `'${expression.root}'`);
    const path: Property[] = [];
    const casts: { at: number; type: EntityType | ComplexType }[] = [];
    let type: EdmType = this.#type;
    for (const segment of expression.segments) {
      if (segment.kind === "Lambda") throw this.#notOffered(segment, `'${segment.operator}'`);
      if (segment.arguments !== undefined || segment.options !== undefined || segment.name.startsWith("$")) {
        throw this.#notOffered(segment, `'${short(segment.name)}'`);
      }
      if (type.kind !== "entity" && type.kind !== "complex") {
        throw this.#error(segment, `a value of type ${type.qualifiedName} has no property '${short(segment.name)}'`);
      }
      if (segment.name.includes(".")) {
        const cast: EdmType | undefined = this.#context.model.types.get(segment.name);
        if (cast === undefined || (cast.kind !== "entity" && cast.kind !== "complex") || !isOrDerivesFrom(cast, type)) {
          throw this.#error(segment, `'${short(segment.name)}' is no type derived from ${type.qualifiedName}`);
        }
        if (cast !== type) casts.push({ at: path.length, type: cast });
        type = cast;
        continue;
      }
      const property = this.#property(type, segment.name);
      if (property === undefined) {
        if (
          type.kind === "entity" &&
          (type.navigationProperties.has(segment.name) || type.derivedNavigationProperties.has(segment.name))
        ) {
          throw this.#notOffered(segment, `a path through the navigation property '${segment.name}'`);
        }
        throw this.#error(
          segment,
          `the type '${type.qualifiedName}' has no property named '${short(segment.name)}'.${didYouMean(segment.name, [...type.properties.keys(), ...type.navigationProperties.keys()])}`,
        );
      }
      path.push(property);
      type = property.type;
    }
    if (path.length === 0) throw this.#notOffered(expression, "the entity itself as a value");
    if (path.some((property) => property.collection)) throw this.#notOffered(expression, "a collection as a value");
    return { kind: "property", path, type, casts };
  }

  /** The property of a type; of a derived type too where the service allows it and the name is unambiguous. */
  #property(type: EdmType & { kind: "entity" | "complex" }, name: string): Property | undefined {
    const own = type.properties.get(name);
    if (own !== undefined || this.#context.derivedNavigation !== true) return own;
    const found = new Map<EdmType, Property>();
    for (const derived of type.derivedTypes) {
      const property = derived.properties.get(name);
      if (property !== undefined) found.set(property.type, property);
    }
    if (found.size > 1) {
      throw badRequest(
        `Derived types of '${type.qualifiedName}' declare '${name}' with different types; put a type-cast segment before it.`,
        {
          target: this.#option,
        },
      );
    }
    return [...found.values()][0];
  }

  #call(expression: CallExpression): BoundExpression {
    const name = expression.function as BoundFunction;
    if (!Object.hasOwn(functions, name))
      throw this.#notOffered(expression, `the function '${short(expression.function)}'`);
    const { type, arity } = functions[name];
    if (expression.arguments.length !== arity) {
      throw this.#error(
        expression,
        `the function '${name}' takes ${arity} argument${arity === 1 ? "" : "s"}, not ${expression.arguments.length}`,
      );
    }
    const bound = expression.arguments.map((argument) => {
      const value = this.bind(argument);
      const argumentType = typeOf(value);
      if (argumentType !== undefined && family(argumentType) !== "Edm.String") {
        throw this.#error(
          argument,
          `the function '${name}' takes texts, not values of type ${argumentType.qualifiedName}`,
        );
      }
      return value;
    });
    return { kind: "call", function: name, arguments: bound, type };
  }

  #error(at: { readonly place: { readonly start: number } }, what: string): ODataError {
    return badRequest(
      `Error in ${this.#option} at character ${at.place.start + 1}: ${what}${/[.?]$/.test(what) ? "" : "."}`,
      {
        target: this.#option,
      },
    );
  }

  #notOffered(at: { readonly place: { readonly start: number } }, what: string): ODataError {
    return notImplemented(
      `This service does not offer ${what} in ${this.#option} (at character ${at.place.start + 1}).`,
      {
        target: this.#option,
      },
    );
  }
}

/** The type of a bound expression; `undefined` for null. */
export function typeOf(expression: BoundExpression): EdmType | undefined {
  switch (expression.kind) {
    case "constant":
    case "property":
    case "call":
      return expression.type;
    default:
      return boolean;
  }
}

function isNull(...expressions: readonly BoundExpression[]): boolean {
  return expressions.some((expression) => expression.kind === "constant" && expression.value === null);
}

const numeric: ReadonlySet<string> = new Set([
  "Edm.Byte",
  "Edm.SByte",
  "Edm.Int16",
  "Edm.Int32",
  "Edm.Int64",
  "Edm.Single",
  "Edm.Double",
  "Edm.Decimal",
]);

/** Types of one family can be compared with each other: URL Conventions 4.01, section 5.1.1.1. */
function family(type: EdmType): string {
  const primitive: EdmType | EnumType = type.kind === "typeDefinition" ? type.underlyingType : type;
  return numeric.has(primitive.qualifiedName) ? "number" : primitive.qualifiedName;
}
