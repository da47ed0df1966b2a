import type { EdmType } from "../edm/index.js";
import { ODataError } from "../errors/index.js";
import type { AggregateItem, Expression, MemberExpression, MemberSegment, NameSegment } from "../syntax/index.js";
import { applyError, applyNotOffered } from "./apply-errors.js";
import type { BoundAggregate, BoundExpression, BoundVariable } from "./bound.js";
import type { BindContext } from "./context.js";
import { ExpressionBinder } from "./expression.js";
import { variableReference } from "./expression-path.js";
import { describe, isNumeric, isOrdered, isType, primitive, promoted, typeOf } from "./expression-types.js";
import { nullConstant } from "./literals.js";
import { short } from "./short.js";

type Over = NonNullable<BoundAggregate["over"]>;
type Method = Exclude<BoundAggregate["method"], "count">;

/** What is aggregated: a value of each row, or of each item of a collection. */
interface Aggregated {
  readonly value: BoundExpression;
  readonly over: Over | undefined;
}

/** The same, where each entity that the path reaches counts once. */
interface AggregatedOnce extends Aggregated {
  readonly entities: Over | undefined;
}

/** The methods to which it makes a difference how often a value is there. */
const COUNTING: ReadonlySet<Method> = new Set<Method>(["sum", "average"]);

/**
 * Binds one item of `aggregate`: Data Aggregation 4.0, section 3.2.1.
 *
 * @param variable a row
 * @throws {ODataError} 400 for a value that the method does not take, 501 for `from`, custom aggregates and custom methods
 */
export function bindAggregate(item: AggregateItem, variable: BoundVariable, context: BindContext): BoundAggregate {
  const { expression, method, from, alias = "" } = item;
  const [first] = from;
  if (first !== undefined) {
    throw applyNotOffered(
      first,
      "'from'",
      "It stands for groupby((a),aggregate(b with sum as c))/aggregate(c with average as d), which is offered.",
    );
  }
  const binder = new AggregateBinder(variable, context);
  if (expression === undefined) return binder.count(alias, undefined);
  if (method === undefined) {
    if (expression.kind === "Member" && isCount(expression.segments.at(-1))) return binder.count(alias, expression);
    throw binder.custom(expression);
  }
  if (method.includes(".")) {
    throw applyNotOffered(
      item,
      `the aggregation method '${short(method)}'`,
      "There are sum, min, max, average and countdistinct.",
    );
  }
  return binder.aggregate(alias, method as Method, expression);
}

class AggregateBinder {
  readonly #variable: BoundVariable;
  readonly #context: BindContext;

  constructor(variable: BoundVariable, context: BindContext) {
    this.#variable = variable;
    this.#context = context;
  }

  aggregate(name: string, method: Method, expression: Expression): BoundAggregate {
    const aggregated = this.#aggregated(expression);
    const isPath = expression.kind === "Member";
    const { value, over, entities } = isPath && COUNTING.has(method) ? once(aggregated) : repeated(aggregated);
    return { name, method, expression: value, entities, over, type: resultType(method, value, expression) };
  }

  /** `$count` of the rows, or behind a path of what it leads to: section 3.2.1.4. */
  count(name: string, path: MemberExpression | undefined): BoundAggregate {
    const type = primitive("Edm.Int64");
    if (path === undefined)
      return { name, method: "count", expression: undefined, entities: undefined, over: undefined, type };
    return { name, method: "count", expression: undefined, ...this.#counted(path), type };
  }

  /** What a path leads to; where it ends with a value of an item or an entity, those for which there is one. */
  #counted(path: MemberExpression): Pick<BoundAggregate, "entities" | "over"> {
    const last = path.segments.at(-1) as NameSegment;
    if (last.options !== undefined) throw applyError(last, "$count takes no options here; put filter(...) before it");
    const { value, over, entities } = once(this.#aggregated({ ...path, segments: path.segments.slice(0, -1) }));
    if (over !== undefined) return { entities, over: present(over, value) };
    if (entities !== undefined) return { entities: present(entities, value), over };
    throw applyNotOffered(
      last,
      "$count behind a single value",
      "The rows that have one can be counted with filter(a ne null)/aggregate($count as b).",
    );
  }

  /** A path without a method: custom aggregates alone do without, and there are none. */
  custom(expression: Expression): ODataError {
    const name = expression.kind === "Member" ? lastName(expression) : "";
    try {
      this.#aggregated(expression);
    } catch (error) {
      if (!(error instanceof ODataError)) throw error;
      return applyNotOffered(
        expression,
        `custom aggregates, such as '${short(name)}'`,
        "A property is aggregated with a method, as in aggregate(a with sum as b).",
      );
    }
    return applyError(
      expression,
      `'${short(name)}' needs an aggregation method and a name for the result, as in '${short(name)} with max as b'`,
    );
  }

  #aggregated(expression: Expression): Aggregated {
    const split = expression.kind === "Member" ? this.#split(expression) : undefined;
    if (split !== undefined) {
      const { collection, rest } = split;
      const variable = this.#item(collection, expression);
      if (rest.length === 0) return { value: variableReference(variable), over: { collection, variable } };
      const value = new ExpressionBinder(variable, "$apply", this.#context).bind(pathFrom(rest, expression));
      return { value, over: { collection, variable } };
    }
    const value = new ExpressionBinder(this.#variable, "$apply", this.#context).bind(expression);
    if (!value.collection) return { value, over: undefined };
    const variable = this.#item(value, expression);
    return { value: variableReference(variable), over: { collection: value, variable } };
  }

  #item(collection: BoundExpression, at: Expression): BoundVariable {
    const { type } = collection;
    if (type === undefined) throw applyNotOffered(at, "to aggregate the items of a collection of unknown type");
    return { name: "$this", type };
  }

  /**
   * Cuts a path behind its last collection (section 3.1.3). The part before is what all steps lead to, whether they start
   * from one value or from each of many; the rest is an ordinary path from an item.
   *
   * @returns `undefined` where there is no collection, or a path that is an expression of its own, as one with `any` is
   */
  #split(
    path: MemberExpression,
  ): { readonly collection: BoundExpression; readonly rest: readonly MemberSegment[] } | undefined {
    const { root, segments } = path;
    const start = root === "$it" ? (this.#context.it ?? this.#variable) : this.#variable;
    if (root === "$root" || root === "$these" || this.#isVariable(path)) return undefined;
    let collection: BoundExpression | undefined;
    let bound = variableReference(start);
    let length = 0;
    for (const [index, segment] of segments.entries()) {
      if (!isPlain(segment)) break;
      const from: BoundVariable | undefined =
        index === 0 ? start : bound.type === undefined ? undefined : { name: "$this", type: bound.type };
      if (from === undefined) break;
      const nested = nestedMember(from, bound, segment);
      if (nested !== undefined) {
        bound = nested;
        continue;
      }
      const next = this.#step(bound, from, segment);
      const cast = segment.name.includes(".");
      if (cast ? length === index && length > 0 : next.collection) {
        collection = next.bound;
        length = index + 1;
      }
      bound = next.bound;
    }
    const following = segments[length];
    if (collection === undefined || (following !== undefined && !isPlain(following))) return undefined;
    return { collection, rest: segments.slice(length) };
  }

  /** True where the path begins with the name of another variable than the row. */
  #isVariable({ root, segments }: MemberExpression): boolean {
    const [first] = segments;
    return root === undefined && first?.kind === "NameSegment" && this.#context.variables?.has(first.name) === true;
  }

  /** One name further: from a value, or from each of a collection's. */
  #step(
    source: BoundExpression,
    from: BoundVariable,
    segment: NameSegment,
  ): { readonly bound: BoundExpression; readonly collection: boolean } {
    const step = new ExpressionBinder(from, "$apply", { ...this.#context, it: undefined }).bind(
      pathFrom([segment], segment),
    );
    const bound = rebased(step, from, source);
    const { collection } = step;
    return {
      bound: source.collection && !collection ? ({ ...bound, collection: true } as BoundExpression) : bound,
      collection,
    };
  }
}

/** The items of which a value is not null. */
function present({ collection: source, variable }: Over, value: BoundExpression): Over {
  if (value.kind === "variable" && value.variable === variable) return { collection: source, variable };
  const condition: BoundExpression = {
    kind: "comparison",
    operator: "ne",
    left: value,
    right: nullConstant(),
    type: primitive("Edm.Boolean"),
    collection: false,
  };
  const type = typeOf(source);
  const collection: BoundExpression = { kind: "filtered", source, variable, condition, type, collection: true };
  return { collection, variable: { ...variable } };
}

function repeated(aggregated: Aggregated): AggregatedOnce {
  return { ...aggregated, entities: undefined };
}

/**
 * Cuts a path behind its last navigation property, and a type cast that follows it: section 3.2.1.1 takes each entity that
 * is reached up to there once, while the values behind it may be there several times.
 */
function once({ value, over }: Aggregated): AggregatedOnce {
  const beyond = lastEntity(value);
  if (beyond !== undefined) {
    const reached = over === undefined ? beyond : rebased(beyond, over.variable, over.collection);
    const variable = entityVariable(beyond);
    return {
      entities: { collection: asCollection(reached), variable },
      over: undefined,
      value: replaced(value, beyond, variableReference(variable)),
    };
  }
  const before = over === undefined ? undefined : lastEntity(over.collection);
  if (over === undefined || before === undefined) return { value, over, entities: undefined };
  if (before === over.collection) {
    return { entities: { collection: asCollection(before), variable: over.variable }, over: undefined, value };
  }
  const variable = entityVariable(before);
  const collection = replaced(over.collection, before, variableReference(variable));
  return {
    entities: { collection: asCollection(before), variable },
    over: { collection, variable: over.variable },
    value,
  };
}

/** The part of a path up to the last entities that a navigation property leads to; `undefined` where there is none. */
function lastEntity(path: BoundExpression): BoundExpression | undefined {
  for (let at = path; ; at = at.source) {
    if (isReached(at)) return at;
    if (!isStep(at)) return undefined;
  }
}

/** Whether a navigation property leads to an expression's entities, which may have been cast or filtered since. */
function isReached(path: BoundExpression): boolean {
  let at = path;
  while (at.kind === "typeCast" || at.kind === "filtered") at = at.source;
  return at.kind === "navigation";
}

type Step = Extract<BoundExpression, { readonly kind: "property" | "dynamic" | "member" | "typeCast" | "filtered" }>;

/** Steps of a path behind an entity; everything else is an expression of its own. */
function isStep(path: BoundExpression): path is Step {
  return /^(property|dynamic|member|typeCast|filtered)$/.test(path.kind);
}

function entityVariable({ type }: BoundExpression): BoundVariable {
  return { name: "$this", type: type as EdmType };
}

/** The entities that a path reaches as a collection, also where each value on the way leads to one at most. */
function asCollection(path: BoundExpression): BoundExpression {
  if (path.kind === "typeCast" || path.kind === "filtered") {
    return { ...path, source: asCollection(path.source), collection: true };
  }
  return { ...fromEach(path), collection: true } as BoundExpression;
}

/** What a collection leads to is a collection. */
function fromEach(path: BoundExpression): BoundExpression {
  if (path.kind !== "navigation" && !isStep(path)) return path;
  const source = fromEach(path.source);
  return { ...path, source, collection: path.collection || source.collection } as BoundExpression;
}

/** A path with one value in the place of its beginning, which may have been a collection. */
function replaced(path: BoundExpression, beginning: BoundExpression, by: BoundExpression): BoundExpression {
  if (path === beginning) return by;
  if (!isStep(path)) return path;
  const source = replaced(path.source, beginning, by);
  return { ...path, source, collection: source.collection || isCollectionOfOne(path) } as BoundExpression;
}

/** Whether a step leads to a collection from one value, too. */
function isCollectionOfOne(step: Step): boolean {
  if (step.kind === "property") return step.property.collection;
  return step.collection && !step.source.collection;
}

/** A member that has members itself, which is no value, but may be on the way to one. */
function nestedMember(
  { type }: BoundVariable,
  source: BoundExpression,
  { name }: NameSegment,
): BoundExpression | undefined {
  const member = type.kind === "shape" && type.entity === undefined ? type.members.get(name) : undefined;
  return member?.kind === "nested"
    ? { kind: "member", source, name, type: member.shape, collection: false }
    : undefined;
}

/** A path from `$this`. */
function pathFrom(segments: readonly MemberSegment[], { place }: Pick<Expression, "place">): MemberExpression {
  return { kind: "Member", root: "$this", segments, place };
}

/** The same path from somewhere else. */
function rebased(path: BoundExpression, from: BoundVariable, source: BoundExpression): BoundExpression {
  if (path.kind === "variable") return path.variable === from ? source : path;
  return "source" in path ? { ...path, source: rebased(path.source, from, source) } : path;
}

/** A name with nothing behind it. */
function isPlain(segment: MemberSegment): segment is NameSegment {
  return (
    segment.kind === "NameSegment" &&
    segment.arguments === undefined &&
    segment.text === undefined &&
    /^[^@$]/.test(segment.name)
  );
}

function isCount(segment: MemberSegment | undefined): boolean {
  return segment?.kind === "NameSegment" && segment.name === "$count";
}

function lastName({ segments }: MemberExpression): string {
  const last = segments.at(-1);
  return last?.kind === "NameSegment" ? last.name : "";
}

/** Checks that a method takes a value, and tells what it makes of such values. */
function resultType(method: Method, value: BoundExpression, at: Expression): BoundAggregate["type"] {
  const type = typeOf(value);
  if (type === undefined) {
    throw applyError(at, "nobody knows the type of this value; say it with cast(...), as in cast(a,Edm.Decimal)");
  }
  if (isType(type, "Edm.Stream")) throw applyNotOffered(at, "to aggregate media streams");
  switch (method) {
    case "sum":
    case "average":
      if (isType(type, "Edm.Duration")) return primitive("Edm.Duration");
      if (!isNumeric(type)) throw applyError(at, `'${method}' takes numbers and durations, but no ${describe(value)}`);
      if (method === "sum") return promoted(type, type);
      return primitive(isType(promoted(type, type), "Edm.Decimal") ? "Edm.Decimal" : "Edm.Double");
    case "min":
    case "max":
      if (!isOrdered(type)) {
        throw applyError(at, `values of type ${describe(value)} have no order, so '${method}' does not apply`);
      }
      return type;
    case "countdistinct":
      return primitive("Edm.Int64");
  }
}
