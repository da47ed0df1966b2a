import type {
  BoundCase,
  BoundCount,
  BoundExpression,
  BoundFiltered,
  BoundQuantifier,
  BoundTypeTest,
  RowShape,
} from "../../binding/bound.js";
import type { EdmType } from "../../edm/index.js";
import { negated } from "./arithmetic.js";
import { convert, isOf } from "./conversion.js";
import { fromScalar, readDynamic } from "./data.js";
import { Deadline } from "./deadline.js";
import { Decimal } from "./decimal.js";
import { implementation } from "./functions.js";
import { compileOperation, negation } from "./operators.js";
import { castTo, itemOfKey, itemsOf, navigate, propertyOf, walkPath } from "./path.js";
import { bind, valueOf, type Evaluator, type MemoryContext, type Scope } from "./scope.js";
import { compileSearch } from "./search.js";
import { Temporal } from "./temporal.js";
import { Instance, JsonObject, Row, isCollection, type Value } from "./value.js";

/**
 * Makes functions of bound expressions. One compiler serves one request: `now()` is the same instant in all of it.
 *
 * @example new ExpressionCompiler({ model }).compile(condition)(bind(variable, item)) // true, false or null
 */
export class ExpressionCompiler {
  readonly context: MemoryContext;
  readonly deadline: Deadline;
  /** The same expression may stand in several places: a computed property does. */
  readonly #compiled = new Map<BoundExpression, Evaluator>();
  #now: Temporal | undefined;

  constructor(context: MemoryContext) {
    this.context = context;
    this.deadline = new Deadline(context.timeoutMs);
  }

  compile(expression: BoundExpression): Evaluator {
    let evaluator = this.#compiled.get(expression);
    if (evaluator === undefined) {
      evaluator = this.#compile(expression);
      this.#compiled.set(expression, evaluator);
    }
    return evaluator;
  }

  #compile(expression: BoundExpression): Evaluator {
    switch (expression.kind) {
      case "constant": {
        const { type, value } = expression;
        return constant(value === null ? null : fromScalar(type, value));
      }
      case "variable": {
        const { variable } = expression;
        return (scope) => valueOf(variable, scope);
      }
      case "property": {
        const source = this.compile(expression.source);
        const { property } = expression;
        return (scope) => this.#each(source(scope), (item) => propertyOf(item, property));
      }
      case "navigation": {
        const source = this.compile(expression.source);
        const { name, alternatives, collection } = expression.navigation;
        const follow = (item: Value) => navigate(item, name, alternatives, collection);
        // One entity, or none, is asked for as a collection.
        if (expression.collection && !collection && !expression.source.collection) {
          return (scope) => this.#each([source(scope)], follow);
        }
        return (scope) => this.#each(source(scope), follow);
      }
      case "keyed": {
        const source = this.compile(expression.source);
        const { properties } = expression;
        const values = expression.values.map((value) => this.compile(value));
        return (scope) =>
          itemOfKey(
            itemsOf(source(scope)),
            properties,
            values.map((value) => value(scope)),
          );
      }
      case "dynamic": {
        const source = this.compile(expression.source);
        const { name, type, collection } = expression;
        const { model } = this.context;
        return (scope) =>
          this.#each(source(scope), (item) => readDynamic(rawMember(item, name), type, collection, model));
      }
      case "member": {
        const source = this.compile(expression.source);
        const { name, collection } = expression;
        return (scope) => rowMember(source(scope), name) ?? (collection ? [] : null);
      }
      case "typeCast": {
        const source = this.compile(expression.source);
        const { type } = expression;
        return (scope) => castTo(source(scope), type);
      }
      case "root":
        return once(() => walkPath(expression.path, this));
      case "collection": {
        const items = expression.items.map((item) => this.compile(item));
        return (scope) => items.map((item) => item(scope));
      }
      case "object": {
        const members = Array.from(expression.members, ([name, member]) => [name, this.compile(member)] as const);
        const type = expression.type?.kind === "complex" ? expression.type : undefined;
        return (scope) => new JsonObject(new Map(members.map(([name, member]) => [name, member(scope)])), { type });
      }
      case "filtered":
        return this.#filtered(expression);
      case "count":
        return this.#count(expression);
      case "quantifier":
        return this.#quantifier(expression);
      case "logical":
      case "comparison":
      case "arithmetic":
      case "in":
      case "has":
        return compileOperation(expression, (operand) => this.compile(operand));
      case "not":
        return negation(this.compile(expression.operand));
      case "negation": {
        const operand = this.compile(expression.operand);
        return (scope) => negated(operand(scope));
      }
      case "call": {
        const parameters = expression.arguments.map((argument) => this.compile(argument));
        const work = implementation(expression, () => this.#present());
        // A collection is never null: where a value would be, it has no items.
        const nothing = expression.collection ? [] : null;
        return (scope) => {
          const values: Exclude<Value, null>[] = [];
          for (const parameter of parameters) {
            const value = parameter(scope);
            if (value === null) return nothing;
            values.push(value);
          }
          return work(...values);
        };
      }
      case "conversion": {
        const operand = this.compile(expression.operand);
        const source = edmType(expression.operand.type);
        const { type } = expression;
        return (scope) => convert(operand(scope), source, type);
      }
      case "typeTest":
        return this.#typeTest(expression);
      case "case":
        return this.#case(expression);
    }
  }

  #present(): Temporal {
    return (this.#now ??= Temporal.parse("instant", this.context.now ?? new Date().toISOString()));
  }

  /**
   * One step of a path from a value; from a collection, what it leads to from each item, with repetitions (Data
   * Aggregation 4.0, section 3.1.3).
   */
  #each(value: Value, step: (value: Value) => Value): Value {
    if (!isCollection(value)) return step(value);
    return value.flatMap((item) => {
      this.deadline.tick();
      const found = step(item);
      return isCollection(found) ? found : found === null ? [] : [found];
    });
  }

  #filtered({ source, variable, condition }: BoundFiltered): Evaluator {
    const items = this.compile(source);
    const test = this.compile(condition);
    return (scope) =>
      itemsOf(items(scope)).filter((item) => {
        this.deadline.tick();
        return test(bind(variable, item, scope)) === true;
      });
  }

  #count({ source, variable, filter, search }: BoundCount): Evaluator {
    const items = this.compile(source);
    const test = filter === undefined ? constant(true) : this.compile(filter);
    const found = search === undefined ? () => true : compileSearch(search);
    return (scope) => {
      let count = 0n;
      for (const item of itemsOf(items(scope))) {
        this.deadline.tick();
        if (found(item) && test(bind(variable, item, scope)) === true) count++;
      }
      return Decimal.of(count);
    };
  }

  /** Over nothing `any` is false and `all` is true; a condition that is null is not true. */
  #quantifier({ operator, source, variable, condition }: BoundQuantifier): Evaluator {
    const items = this.compile(source);
    const test = condition === undefined ? constant(true) : this.compile(condition);
    const holds = (item: Value, scope: Scope | undefined) => {
      this.deadline.tick();
      return test(bind(variable, item, scope)) === true;
    };
    return operator === "any"
      ? (scope) => itemsOf(items(scope)).some((item) => holds(item, scope))
      : (scope) => itemsOf(items(scope)).every((item) => holds(item, scope));
  }

  #typeTest({ operand, tested, testedCollection }: BoundTypeTest): Evaluator {
    const value = this.compile(operand);
    const declared = edmType(operand.type);
    return (scope) => isOf(value(scope), declared, tested, testedCollection);
  }

  #case({ branches }: BoundCase): Evaluator {
    const compiled = branches.map(({ condition, value }) => ({
      condition: this.compile(condition),
      value: this.compile(value),
    }));
    return (scope) => compiled.find(({ condition }) => condition(scope) === true)?.value(scope) ?? null;
  }
}

function constant(value: Value): Evaluator {
  return () => value;
}

/** What does not depend on the scope is worked out when it is first needed. */
function once(work: () => Value): Evaluator {
  let value: Value | undefined;
  return () => (value === undefined ? (value = work()) : value);
}

function rawMember(value: Value, name: string): unknown {
  if (value instanceof JsonObject) return value.raw?.[name];
  if (value instanceof Row) return value.entity?.members.raw(name);
  return value instanceof Instance ? value.members.raw(name) : undefined;
}

function rowMember(value: Value, name: string): Value | undefined {
  return value instanceof Row || value instanceof JsonObject ? value.members.get(name) : undefined;
}

function edmType(type: EdmType | RowShape | undefined): EdmType | undefined {
  return type?.kind === "shape" ? undefined : type;
}
