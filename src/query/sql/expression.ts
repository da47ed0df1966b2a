import { sql } from "kysely";
import type { BoundConstant, BoundExpression, BoundVariable } from "../../binding/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import { badRequest } from "../../errors/index.js";
import { arithmetic, negation } from "./expression-arithmetic.js";
import { collectionRows, collectionValue, count, quantifier, root } from "./expression-collections.js";
import { comparison, isIn } from "./expression-comparisons.js";
import { conversion, typeTest } from "./expression-conversions.js";
import { has } from "./expression-enums.js";
import { call } from "./expression-functions.js";
import { orderKey } from "./expression-keys.js";
import { logical } from "./expression-logic.js";
import { complexCast, dynamic, member, property } from "./expression-paths.js";
import { jsonObject, jsonOf, jsonTruth, listJson } from "./expression-structures.js";
import { chosen } from "./expression-case.js";
import type { Operand } from "./operand.js";
import { isNull, nullOperand, valueOf } from "./operand.js";
import { slot } from "./plan.js";
import type { CollectionRows, SqlBinding, SqlScope, StatementContext } from "./scope.js";
import { integerBounds, kindOf, parameter, typeOf } from "./values.js";

/** Databases and the engine's own stack take expressions of some depth only. */
const MOST_NESTED = 500;

/**
 * Compiles expressions to SQL, with docs/query-semantics.md as their meaning.
 *
 * @example
 * new ExpressionCompiler(new Map([[variable, { kind: "row", alias, type, mapping }]]), context).condition(filter)
 */
export class ExpressionCompiler {
  readonly scope: SqlScope;
  readonly context: StatementContext;
  /** How deep the expression is that is compiled at the moment; shared with the compilers for what is within it. */
  readonly #depth: { now: number };
  /** What is compiled is evaluated for each item of a collection that is itself gone through for each row. */
  readonly nested: boolean;

  constructor(scope: SqlScope, context: StatementContext, depth: { now: number } = { now: 0 }, nested = false) {
    this.scope = scope;
    this.context = context;
    this.#depth = depth;
    this.nested = nested;
  }

  get dialect(): SqlDialect {
    return this.context.dialect;
  }

  /** A compiler that knows one more variable. */
  with(variable: BoundVariable, binding: SqlBinding): ExpressionCompiler {
    const scope = new Map([...this.scope, [variable, binding]]);
    return new ExpressionCompiler(scope, this.context, this.#depth, this.nested || binding.nested === true);
  }

  /** A compiler for what is evaluated for each item of a collection. */
  within(): ExpressionCompiler {
    return this.nested ? this : new ExpressionCompiler(this.scope, this.context, this.#depth, true);
  }

  /** For `where`: true for the rows that are kept, false or null for the others; comparisons that an index can carry out. */
  condition(expression: BoundExpression): Sql {
    return this.truth(expression, false);
  }

  /** The value, in the form in which values of its type are compared; JSON text for structured values and collections. */
  value(expression: BoundExpression): Sql {
    return valueOf(this.operand(expression));
  }

  /** What to sort by, in whose order the values stand. */
  orderKey(expression: BoundExpression): Sql {
    return valueOf(orderKey(this.operand(expression), this));
  }

  /** JSON text of the value; `null` for null. */
  json(expression: BoundExpression): Sql {
    return jsonOf(this.operand(expression), this);
  }

  /** The items of a collection as rows. */
  rows(collection: BoundExpression): CollectionRows {
    return this.#within(() => {
      const rows = collectionRows(collection, this);
      return { ...rows, binding: { ...rows.binding, nested: true } };
    });
  }

  /** Three-valued where `exact`; otherwise false and null are the same. */
  truth(expression: BoundExpression, exact: boolean): Sql {
    return this.#within(() => this.#truth(expression, exact));
  }

  operand(expression: BoundExpression): Operand {
    return this.#within(() => this.#operand(expression));
  }

  item({ value, type }: SqlBinding & { readonly kind: "json" }): Operand {
    return { sql: value, kind: kindOf(type), type, collection: false, simple: true, bounds: integerBounds(type) };
  }

  #within<T>(compile: () => T): T {
    if (this.#depth.now >= MOST_NESTED) {
      throw badRequest(`The expression nests more than ${MOST_NESTED} operators and functions in each other.`);
    }
    this.#depth.now++;
    try {
      return compile();
    } finally {
      this.#depth.now--;
    }
  }

  #truth(expression: BoundExpression, exact: boolean): Sql {
    switch (expression.kind) {
      case "logical":
        return logical(expression, this, exact);
      case "not":
        return sql`(not ${this.truth(expression.operand, true)})`;
      case "comparison":
        return comparison(expression, this, exact);
      case "in":
        return isIn(expression, this, exact);
      case "has":
        return has(expression, this);
      case "quantifier":
        return quantifier(expression, this);
      case "typeTest":
        return typeTest(expression, this);
      default: {
        const operand = this.operand(expression);
        // Of a dynamic property nobody knows whether it is one.
        if (operand.kind === "json") return jsonTruth(operand, this);
        // Of a null nobody knows either, but PostgreSQL wants its type.
        if (isNull(operand)) return nullOperand(this.dialect, "boolean").sql;
        // An index on a column of 0 and 1 finds what equals 1, not what is true.
        const value = operand.simple && !exact && !this.dialect.strict ? sql`${operand.sql} = 1` : operand.sql;
        return sql`(${valueOf({ ...operand, sql: value })})`;
      }
    }
  }

  #operand(expression: BoundExpression): Operand {
    switch (expression.kind) {
      case "constant":
        return this.#constant(expression);
      case "variable":
        return this.#variable(expression.variable);
      case "property":
        return property(expression, this);
      case "dynamic":
        return dynamic(expression, this);
      case "member":
        return member(expression, this);
      case "typeCast":
        return expression.collection ? collectionValue(expression, this) : complexCast(expression, this);
      case "root":
        return root(expression, this);
      case "navigation":
      case "keyed":
      case "filtered":
        return collectionValue(expression, this);
      case "collection":
        return listJson(expression, this);
      case "object":
        return jsonObject(expression, this);
      case "count":
        return count(expression, this);
      case "arithmetic":
        return arithmetic(expression, this);
      case "negation":
        return negation(expression, this);
      case "call":
        return call(expression, this);
      case "conversion":
        return conversion(expression, this);
      case "case":
        return chosen(expression, this);
      case "logical":
      case "not":
      case "has":
        return this.#boolean(expression, false);
      case "comparison":
      case "in":
      case "quantifier":
      case "typeTest":
        return this.#boolean(expression, true);
    }
  }

  #boolean(expression: BoundExpression, required: boolean): Operand {
    const condition = this.#truth(expression, true);
    const type = typeOf(expression);
    return { sql: condition, kind: "boolean", type, collection: false, simple: false, required };
  }

  #constant({ value, type, literal }: BoundConstant): Operand {
    const kind = kindOf(type);
    if (value === null) return nullOperand(this.dialect, type === undefined ? "text" : kind);
    const common = { kind, type, collection: false, simple: true, required: true, given: true };
    if (literal !== undefined && type?.kind === "primitive") {
      const place = slot({ slot: "literal", literal, type, value: parameter(value, type) });
      return { ...common, sql: this.dialect.parameter(place, kind), bounds: integerBounds(type) };
    }
    const constant = { value: typeof value === "number" && Number.isNaN(value) ? "NaN" : value };
    if (typeof value === "boolean") return { ...common, sql: this.dialect.truth(value), constant };
    const sqlValue = this.dialect.parameter(sql`${parameter(value, type)}`, kind);
    if (kind !== "integer") return { ...common, sql: sqlValue, constant };
    return { ...common, sql: sqlValue, constant, bounds: { min: BigInt(value), max: BigInt(value) } };
  }

  #variable(variable: BoundVariable): Operand {
    const binding = this.scope.get(variable);
    if (binding?.kind !== "json") throw badRequest(`'${variable.name}' is an entity; name one of its properties.`);
    return this.item(binding);
  }
}
