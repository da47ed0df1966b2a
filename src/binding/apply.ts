import type { EntityType } from "../edm/index.js";
import { isSearchable } from "../edm/index.js";
import type { ODataError } from "../errors/index.js";
import type {
  Expression,
  GroupingElement,
  MemberExpression,
  Place,
  RankMethod,
  Transformation,
} from "../syntax/index.js";
import { bindAggregate } from "./apply-aggregate.js";
import { applyError, applyNotOffered } from "./apply-errors.js";
import {
  aggregateMember,
  declares,
  entityRows,
  extendedRows,
  groupedRows,
  madeRows,
  unitedRows,
  valueMember,
} from "./apply-shape.js";
import type {
  BoundApply,
  BoundConstant,
  BoundGroup,
  BoundGroupingSet,
  BoundOrder,
  BoundTransformation,
  BoundVariable,
  RowMember,
  RowShape,
} from "./bound.js";
import type { BindContext } from "./context.js";
import { ExpressionBinder } from "./expression.js";
import { describe, isInteger, isNumeric, isOrdered, typeOf } from "./expression-types.js";
import type { QueryBudget } from "./limits.js";
import { short } from "./short.js";

/** How many transformations a `$apply` may have, those in others included, and once for each grouping set they are for. */
const MAX_TRANSFORMATIONS = 50;

/** How many members rows may have beside the properties of entities. */
const MAX_MEMBERS = 200;

/** How many grouping sets the levels of `rollup` may make together. */
const MAX_GROUPING_SETS = 32;

/** What `$apply` is bound with. */
export interface ApplyContext extends BindContext {
  /** Counts the terms to sort by, where those of a whole request are counted. */
  readonly counts?: QueryBudget;
}

type Node<K extends Transformation["kind"]> = Extract<Transformation, { readonly kind: K }>;
type Bound<K extends BoundTransformation["kind"]> = Extract<BoundTransformation, { readonly kind: K }>;

/**
 * Binds `$apply`: OData Extension for Data Aggregation 4.0. Each transformation ranges over the rows that the one before it
 * makes.
 *
 * @param type of the entities that the resource is a collection of
 * @throws {ODataError} 400 for a name, type or value that does not fit, 501 for what is not offered; both with the place
 * @example bindApply(parseQuery("$apply=groupby((Country),aggregate($count as N))").apply, customer, context).shape.members.get("N")
 */
export function bindApply(
  transformations: readonly Transformation[],
  type: EntityType,
  context: ApplyContext,
): BoundApply {
  const input = entityRows(type);
  const bound = new ApplyBinder(type, context).sequence(transformations, input);
  return { transformations: bound, shape: shapeOf(bound, input) };
}

function shapeOf(sequence: readonly BoundTransformation[], input: RowShape): RowShape {
  return sequence.at(-1)?.shape ?? input;
}

class ApplyBinder {
  readonly #type: EntityType;
  readonly #context: ApplyContext;
  #transformations = 0;

  constructor(type: EntityType, context: ApplyContext) {
    this.#type = type;
    this.#context = { ...context, computed: undefined };
  }

  sequence(nodes: readonly Transformation[], input: RowShape): readonly BoundTransformation[] {
    const bound: BoundTransformation[] = [];
    for (const node of nodes) bound.push(this.#transformation(node, shapeOf(bound, input)));
    return bound;
  }

  #transformation(node: Transformation, shape: RowShape): BoundTransformation {
    this.#spend(1, node);
    const variable: BoundVariable = { name: "$it", type: shape };
    const expressions = new ExpressionBinder(variable, "$apply", this.#context);
    switch (node.kind) {
      case "Identity":
        return { kind: "identity", variable, shape };
      case "FilterBy":
        return { kind: "filter", condition: expressions.condition(node.condition), variable, shape };
      case "SearchFor":
        this.#checkSearch(node, shape);
        return { kind: "search", search: node.search, variable, shape };
      case "OrderBy":
        return { kind: "orderby", items: this.#orderby(node, expressions), variable, shape };
      case "Skip":
      case "Top":
        return { kind: node.kind === "Skip" ? "skip" : "top", count: node.count, variable, shape };
      case "Rank":
        return this.#rank(node, expressions, variable, shape);
      case "ComputeBy":
        return this.#compute(node, expressions, variable, shape);
      case "Aggregate": {
        this.#checkNames(node.items, shape);
        const items = node.items.map((item) => bindAggregate(item, variable, this.#context));
        const made = madeRows(items.map(aggregateMember));
        return { kind: "aggregate", items, variable, shape: this.#bounded(made, node) };
      }
      case "GroupBy":
        return this.#groupby(node, expressions, variable, shape);
      case "Concat":
        return this.#concat(node, variable, shape);
      default:
        throw notOffered(node);
    }
  }

  #spend(count: number, at: { readonly place: Place }): void {
    this.#transformations += count;
    if (this.#transformations > MAX_TRANSFORMATIONS) {
      throw applyError(
        at,
        `there are more than ${MAX_TRANSFORMATIONS} transformations, counting those for each grouping set of 'rollup'`,
      );
    }
  }

  #bounded(shape: RowShape, at: { readonly place: Place }): RowShape {
    if (memberCount(shape) > MAX_MEMBERS) throw applyError(at, `the rows would have more than ${MAX_MEMBERS} members`);
    return shape;
  }

  /** Section 3.1.1: an alias is no name of a declared property, nor one that the rows have already. */
  #checkNames(items: readonly { readonly alias: string | undefined; readonly place: Place }[], shape: RowShape): void {
    const taken = new Set<string>();
    for (const item of items) {
      const { alias } = item;
      if (alias === undefined) continue;
      const owner = declares(this.#type, alias)
        ? `a property of '${this.#type.qualifiedName}' or a type derived from it`
        : shape.members.has(alias)
          ? "a member of the rows at this point"
          : taken.has(alias)
            ? "another result here"
            : undefined;
      if (owner !== undefined) throw applyError(item, `the name '${short(alias)}' is taken: it is that of ${owner}`);
      taken.add(alias);
    }
  }

  #checkSearch(node: Node<"SearchFor">, { entity }: RowShape): void {
    if (entity === undefined) throw applyError(node, "only entities can be searched; put search(...) first");
    if (!isSearchable(entity)) throw applyNotOffered(node, `search over values of type ${entity.qualifiedName}`);
  }

  #orderby({ items }: Node<"OrderBy">, expressions: ExpressionBinder): readonly BoundOrder[] {
    this.#context.counts?.orderTerms(items.length);
    return items.map(({ expression, descending }) => ({ expression: expressions.sortKey(expression), descending }));
  }

  /** Section 3.3.1. */
  #rank(
    { method, amount, value }: Node<"Rank">,
    expressions: ExpressionBinder,
    variable: BoundVariable,
    shape: RowShape,
  ): Bound<"rank"> {
    const from = method.startsWith("top") ? "top" : "bottom";
    const by = method.slice(from.length) as Bound<"rank">["by"];
    this.#context.counts?.orderTerms(1);
    const constant = rankAmount(amount, expressions, method, by);
    const bound = expressions.sortKey(value);
    const type = typeOf(bound);
    if (by !== "count" && (type === undefined || !isNumeric(type))) {
      throw applyError(value, `'${method}' adds up numbers, but no ${describe(bound)}`);
    }
    return { kind: "rank", from, by, amount: constant, value: bound, variable, shape };
  }

  /** Section 3.4.2. An expression does not see the results of others. */
  #compute(
    node: Node<"ComputeBy">,
    expressions: ExpressionBinder,
    variable: BoundVariable,
    shape: RowShape,
  ): Bound<"compute"> {
    this.#checkNames(node.items, shape);
    const members: RowMember[] = [];
    const items = node.items.map(({ expression, alias }) => {
      const bound = expressions.bind(expression);
      if (bound.type?.kind === "entity")
        throw applyError(expression, `'${short(alias)}' would be ${describe(bound)}, which is no value`);
      members.push(valueMember(alias, typeOf(bound), bound, bound.collection));
      return { name: alias, expression: bound };
    });
    return { kind: "compute", items, variable, shape: this.#bounded(extendedRows(shape, members), node) };
  }

  /** Section 3.2.3. */
  #groupby(
    node: Node<"GroupBy">,
    expressions: ExpressionBinder,
    variable: BoundVariable,
    shape: RowShape,
  ): Bound<"groupby"> {
    const levels = node.groups.map((element) => this.#levels(element, expressions));
    const groupings = combinations(levels);
    if (groupings === undefined) {
      throw applyError(node, `the levels of 'rollup' make more than ${MAX_GROUPING_SETS} grouping sets together`);
    }
    const before = this.#transformations;
    const apply = node.apply === undefined ? [] : this.sequence(node.apply, shape);
    this.#spend((this.#transformations - before) * (groupings.length - 1), node);
    const sets = groupings.map((groups): BoundGroupingSet => ({ groups: withoutRepetition(groups), apply }));
    const inner = node.apply === undefined ? undefined : shapeOf(apply, shape);
    const grouped = groupedRows(sets[0]!.groups, inner);
    return { kind: "groupby", sets, variable, shape: this.#bounded(grouped, node) };
  }

  /** What to group by at each level, the finest first: more than one level with `rollup` only. */
  #levels(element: GroupingElement, expressions: ExpressionBinder): readonly (readonly BoundGroup[])[] {
    switch (element.kind) {
      case "GroupingPath":
        return [[bindGroup(element.path, expressions)]];
      case "Rollup": {
        const { all, paths } = element;
        if (paths.length === 1 && !all) {
          throw applyNotOffered(
            element,
            "'rollup' of a named hierarchy",
            "It takes the paths of its levels, the coarsest first, as in rollup(a,b).",
          );
        }
        const groups = paths.map((path) => bindGroup(path, expressions));
        const levels = groups.map((_, index) => groups.slice(0, groups.length - index));
        return all ? [...levels, []] : levels;
      }
      case "RollupRecursive":
        throw applyNotOffered(element, "'rolluprecursive', as there are no recursive hierarchies,");
    }
  }

  /** Section 3.2.2. */
  #concat(node: Node<"Concat">, variable: BoundVariable, shape: RowShape): Bound<"concat"> {
    const sequences = node.sequences.map((sequence) => this.sequence(sequence, shape));
    const united = unitedRows(sequences.map((sequence) => shapeOf(sequence, shape)));
    if (typeof united === "string") throw applyNotOffered(node, united, "The names of results can be chosen freely.");
    return { kind: "concat", sequences, variable, shape: this.#bounded(united, node) };
  }
}

/** `collectionExpr`, about the rows as a whole: here a number, which the plan of the request depends on. */
function rankAmount(
  written: Expression,
  expressions: ExpressionBinder,
  method: RankMethod,
  by: Bound<"rank">["by"],
): BoundConstant {
  const bound = expressions.bind(written);
  if (bound.kind !== "constant") {
    throw applyNotOffered(written, `anything but a number as the first parameter of '${method}'`);
  }
  const { type } = bound;
  const amount = type !== undefined && isNumeric(type) ? Number(bound.value) : Number.NaN;
  const fits = {
    count: amount > 0 && type !== undefined && isInteger(type),
    sum: Number.isFinite(amount),
    percent: amount > 0 && amount <= 100,
  };
  if (!fits[by]) {
    const right = { count: "a whole number greater than 0", sum: "a number", percent: "a number above 0, up to 100" };
    throw applyError(written, `the first parameter of '${method}' is ${right[by]}`);
  }
  return { kind: "constant", type: bound.type, collection: false, value: bound.value };
}

/** `groupingProperty`: a path to one value that can be sorted by. */
function bindGroup(path: MemberExpression, expressions: ExpressionBinder): BoundGroup {
  const expression = expressions.bind(path);
  const names = path.segments.flatMap((segment) => (segment.kind === "NameSegment" ? segment.name : []));
  const text = short(names.join("/"));
  if (expression.collection) {
    throw applyError(path, `'${text}' is a collection, but rows are grouped by single values`);
  }
  if (expression.type?.kind === "entity") {
    const [key = "a"] = expression.type.key.map(({ name }) => name);
    throw applyNotOffered(
      path,
      `to group by '${text}' as a whole`,
      `Its properties can be grouped by, as in groupby((${text}/${key})).`,
    );
  }
  const type = typeOf(expression);
  if (type === undefined || !isOrdered(type)) {
    throw applyNotOffered(
      path,
      `to group by values of type ${describe(expression)}`,
      "What can be sorted can be grouped by, and compute(...) makes such values.",
    );
  }
  return { path: names.filter((name) => !name.includes(".")), expression };
}

/** Each level of each element with each of the others, the first element's the slowest; undefined for too many. */
function combinations(
  elements: readonly (readonly (readonly BoundGroup[])[])[],
): readonly (readonly BoundGroup[])[] | undefined {
  let result: readonly (readonly BoundGroup[])[] = [[]];
  for (const levels of elements) {
    if (result.length * levels.length > MAX_GROUPING_SETS) return undefined;
    result = result.flatMap((groups) => levels.map((level) => [...groups, ...level]));
  }
  return result;
}

/** A path that is there twice groups no finer. */
function withoutRepetition(groups: readonly BoundGroup[]): readonly BoundGroup[] {
  const byPath = new Map<string, BoundGroup>();
  for (const group of groups) {
    const path = group.path.join("/");
    if (!byPath.has(path)) byPath.set(path, group);
  }
  return [...byPath.values()];
}

function memberCount({ members }: RowShape): number {
  let count = 0;
  for (const member of members.values()) count += member.kind === "nested" ? memberCount(member.shape) : 1;
  return count;
}

type NotOffered = Exclude<
  Transformation["kind"],
  | "Identity"
  | "FilterBy"
  | "SearchFor"
  | "OrderBy"
  | "Skip"
  | "Top"
  | "Rank"
  | "ComputeBy"
  | "Aggregate"
  | "GroupBy"
  | "Concat"
>;

function notOffered(node: Node<NotOffered>): ODataError {
  const instead =
    "It offers identity, filter, search, compute, orderby, skip, top, topcount and its kin, aggregate, groupby and concat.";
  switch (node.kind) {
    case "Nest":
      return applyNotOffered(node, node.path === undefined ? "'nest'" : "'addnested'", instead);
    case "Join":
    case "OuterJoin":
      return applyNotOffered(node, `'${node.kind.toLowerCase()}'`, instead);
    case "Hierarchy":
      return applyNotOffered(node, `'${node.name}', as there are no recursive hierarchies,`);
    case "Traverse":
      return applyNotOffered(node, "'traverse', as there are no recursive hierarchies,");
    case "CustomTransformation":
      return applyNotOffered(node, `the function '${short(node.name)}' as a transformation`, instead);
  }
}
