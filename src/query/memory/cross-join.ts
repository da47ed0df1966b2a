import type { BoundRequest, BoundVariable } from "../../binding/bound.js";
import { readEntities } from "./data.js";
import type { ExpressionCompiler } from "./expression.js";
import { ResultWriter, reference } from "./result.js";
import { bind, type Scope } from "./scope.js";
import { sorted, sortTerms } from "./sort.js";
import type { Value } from "./value.js";
import { writeMember, type JsonText } from "./write.js";

type CrossJoin = Extract<BoundRequest, { readonly kind: "crossjoin" }>;

/** A combination of entities, and the scope in which the options see them. */
interface Combination {
  readonly entities: readonly Value[];
  readonly scope: Scope | undefined;
}

/**
 * `$crossjoin(A,B)`, URL Conventions 4.01, section 4.15: all combinations of entities of several sets, those of the last
 * set changing fastest. Each is an object with a member for each set: the entity where it is expanded, else its type and key.
 */
export function joinSets(
  { sets, options }: CrossJoin,
  compiler: ExpressionCompiler,
): { readonly value: readonly JsonText[]; readonly count: number | undefined } {
  const { context } = compiler;
  const joined = sets.map(({ set, variable }) => ({
    variable,
    entities: readEntities(context.root?.(set), set.entityType, context.model, set.name),
  }));
  const { filter, orderby = [], skip = 0, top } = options;
  const condition = filter === undefined ? undefined : compiler.compile(filter);
  // Combinations are many more than entities: no more of them are made than it takes.
  const most = orderby.length > 0 || options.count === true || top === undefined ? Infinity : skip + top;
  const kept: Combination[] = [];
  for (const combination of combinations(joined)) {
    if (kept.length >= most) break;
    compiler.deadline.tick();
    if (condition === undefined || condition(combination.scope) === true) kept.push(combination);
  }
  const count = options.count === true ? kept.length : undefined;
  const terms = sortTerms<Scope | undefined>(orderby, (expression) => compiler.compile(expression));
  const ordered = sorted(
    kept,
    terms.map(({ value, descending }) => ({ value: ({ scope }: Combination) => value(scope), descending })),
  );
  const writer = new ResultWriter(compiler);
  const write = ({ entities, scope }: Combination): JsonText => {
    const members = sets.map(({ set }, index) => {
      const expanded = options.expand.find(({ navigation }) => navigation.name === set.name);
      const entity = entities[index]!;
      const isWhole = expanded?.what === "entities";
      return writeMember(
        set.name,
        isWhole ? writer.item(entity, set.entityType, expanded.options, scope) : reference(entity),
      );
    });
    return `{${members.join(",")}}`;
  };
  return { value: ordered.slice(skip, top === undefined ? undefined : skip + top).map(write), count };
}

interface JoinedEntities {
  readonly variable: BoundVariable;
  readonly entities: readonly Value[];
}

/** @param before what the sets in front of these give */
function* combinations(
  [first, ...rest]: readonly JoinedEntities[],
  before: Combination = { entities: [], scope: undefined },
): Iterable<Combination> {
  if (first === undefined) {
    yield before;
    return;
  }
  for (const entity of first.entities) {
    const scope = bind(first.variable, entity, before.scope);
    yield* combinations(rest, { entities: [...before.entities, entity], scope });
  }
}
