import type { EntitySet, Model } from "../edm/index.js";
import { annotationValue, placeOf, terms } from "../edm/index.js";
import { badRequest, didYouMean, notFound } from "../errors/index.js";
import type { ExpandItem, PathSegment, QueryOptions } from "../syntax/index.js";
import type { BoundExpand, BoundOptions, BoundVariable, NavigationSegment, RowShape } from "./bound.js";
import type { OptionName, QueryContext } from "./option-target.js";
import { allowedOptions } from "./option-target.js";
import { bindOptions } from "./options.js";
import { notTaken } from "./restrictions.js";
import { short } from "./short.js";

/** One of the sets of a cross join. */
export interface JoinedSet {
  readonly set: EntitySet;
  readonly variable: BoundVariable;
}

/**
 * The sets of `$crossjoin(A,B)`: URL Conventions 4.01, section 4.15.
 *
 * @throws {ODataError} 404 for a set that is not there, 400 for none, one twice, or too many
 */
export function bindJoinedSets(segment: PathSegment, model: Model, maxSets: number): JoinedSet[] {
  const { container } = model;
  if (segment.argumentsError !== undefined) throw segment.argumentsError;
  if (annotationValue(container.annotations, terms.crossJoinSupported) === false) throw notTaken("$crossjoin");
  const list = segment.arguments?.value;
  const items = list?.kind === "List" ? list.items : [];
  if (items.length === 0 || segment.key !== undefined) {
    throw badRequest(
      "'$crossjoin' takes the names of entity sets in parentheses, such as $crossjoin(Products,Sales).",
      {
        target: "$crossjoin",
      },
    );
  }
  if (items.length > maxSets) {
    throw badRequest(`A cross join takes ${maxSets} entity sets at most.`, { target: "$crossjoin" });
  }
  const found = new Map<string, JoinedSet>();
  for (const item of items) {
    const [name] = item.kind === "Member" ? item.segments : [];
    const text = name?.kind === "NameSegment" ? name.name : "";
    const set = container.entitySets.get(text);
    if (set === undefined) {
      throw notFound(`There is no entity set named '${short(text)}'.${didYouMean(text, container.entitySets.keys())}`, {
        target: short(text),
      });
    }
    if (found.has(text)) {
      throw badRequest(`'${text}' stands in '$crossjoin' twice; its rows would have one name for both.`, {
        target: text,
      });
    }
    found.set(text, { set, variable: { name: text, type: set.entityType } });
  }
  return [...found.values()];
}

/** A row of a cross join has nothing but one navigation property for each set. */
const row: RowShape = { kind: "shape", entity: undefined, members: new Map() };

/** The options of a cross join; paths in them begin with the name of a set. */
export function bindCrossJoinOptions(
  options: QueryOptions,
  sets: readonly JoinedSet[],
  context: QueryContext,
  anywhere: ReadonlySet<OptionName>,
): BoundOptions {
  const variables = new Map(sets.map(({ variable }) => [variable.name, variable]));
  const target = {
    variable: { name: "$it", type: row },
    place: undefined,
    allowed: allowedOptions.crossJoin,
    depth: 0,
  };
  const joined = { ...context, variables };
  const bound = bindOptions({ ...options, expand: undefined }, target, joined, anywhere);
  return { ...bound, expand: bindExpandedSets(options.expand ?? [], sets, context) };
}

function bindExpandedSets(
  items: readonly ExpandItem[],
  sets: readonly JoinedSet[],
  context: QueryContext,
): BoundExpand[] {
  const expanded = new Map<string, BoundExpand>();
  const stars = items.filter(({ path }) => path.length === 1 && path[0] === "*");
  for (const item of items.filter((one) => !stars.includes(one))) {
    const [name] = item.path;
    const joined = sets.find(({ set }) => set.name === name);
    if (joined === undefined || item.path.length > 1 || item.suffix === "$count" || item.suffix === "$value") {
      const known = sets.map(({ set }) => set.name);
      const text = `${item.path.join("/")}${item.suffix === undefined ? "" : `/${item.suffix}`}`;
      throw expandError(item, `'${short(text)}' is none of the joined sets.${didYouMean(name!, known)}`);
    }
    if (expanded.has(joined.set.name)) throw expandError(item, `'${joined.set.name}' stands there twice.`);
    if (item.options?.levels !== undefined) throw expandError(item, "$levels has no meaning for a joined set.");
    expanded.set(joined.set.name, expandedSet(item, joined, context));
  }
  for (const star of stars) {
    for (const joined of sets) {
      if (!expanded.has(joined.set.name)) expanded.set(joined.set.name, expandedSet(star, joined, context));
    }
  }
  return [...expanded.values()];
}

function expandedSet(item: ExpandItem, { set, variable }: JoinedSet, context: QueryContext): BoundExpand {
  context.counts.expandItem(1);
  const { name, entityType: type } = set;
  const what = item.suffix === "$ref" ? "references" : "entities";
  const target = {
    variable,
    place: placeOf(set, context.model.container),
    allowed: what === "references" ? allowedOptions.reference : allowedOptions.entity,
    depth: 1,
  };
  // A navigation property that only the rows of the join have: no declaration stands behind it.
  const navigation: NavigationSegment = {
    kind: "navigation",
    name,
    type,
    collection: false,
    alternatives: [],
    ofDerivedType: false,
  };
  const { levels: _levels, ...options } = item.options ?? { aliases: new Map(), custom: new Map() };
  return { navigation, cast: undefined, targetCast: undefined, what, options: bindOptions(options, target, context) };
}

function expandError(item: ExpandItem, what: string) {
  return badRequest(`Error in $expand at character ${item.place.start + 1}: ${what}`, { target: "$expand" });
}
