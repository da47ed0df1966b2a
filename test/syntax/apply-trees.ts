import fc from "fast-check";
import type {
  AggregateItem,
  Expression,
  GroupingElement,
  HierarchyReference,
  MemberExpression,
  SearchExpression,
  SegmentArguments,
  Transformation,
} from "../../src/syntax/index.js";

const place = { start: 0, end: 0 };

/** Names, some of which are words of the grammar elsewhere. */
const alias = fc.constantFrom("Total", "as", "with", "from", "rollup", "filter");
const method = fc.constantFrom("sum", "min", "max", "average", "countdistinct", "n.median");

/** What the transformations have in them. */
export interface Parts {
  readonly self: fc.Arbitrary<Transformation[]>;
  readonly expression: fc.Arbitrary<Expression>;
  readonly search: fc.Arbitrary<SearchExpression>;
  readonly aggregateItem: fc.Arbitrary<AggregateItem>;
  readonly path: fc.Arbitrary<MemberExpression>;
  readonly arguments: fc.Arbitrary<SegmentArguments>;
}

/** One item of `aggregate`, with an alias unless it is a custom aggregate that has none. */
export function anyAggregateItem(
  expression: fc.Arbitrary<Expression>,
  path: fc.Arbitrary<MemberExpression>,
): fc.Arbitrary<AggregateItem> {
  const from = fc.array(
    fc.tuple(some(path), method).map(([paths, how]) => ({ kind: "AggregateFrom", paths, method: how, place }) as const),
    { maxLength: 2 },
  );
  const count = { kind: "NameSegment", name: "$count", arguments: undefined, place } as const;
  const cast: Expression = {
    kind: "Member",
    root: undefined,
    segments: [{ kind: "NameSegment", name: "n.T", arguments: undefined, place }],
    place,
  };
  return fc.oneof(
    fc
      .tuple(fc.oneof(expression.filter(countsNothing), fc.constant(cast)), method, from, alias)
      .map(([one, how, before, name]) => item({ expression: one, method: how, from: before, alias: name })),
    fc
      .tuple(
        fc.option(
          path.map((one) => ({ ...one, segments: [...one.segments, count] })),
          { nil: undefined },
        ),
        from,
        alias,
      )
      .map(([one, before, name]) => item({ expression: one, from: before, alias: name })),
    fc.tuple(path, fc.option(alias, { nil: undefined })).map(([one, name]) => item({ expression: one, alias: name })),
    fc.tuple(path, path, alias).map(([one, by, name]) =>
      item({
        expression: one,
        from: [{ kind: "AggregateFrom", paths: [by], method: undefined, place }],
        alias: name,
      }),
    ),
  );
}

function item(parts: Partial<AggregateItem>): AggregateItem {
  return {
    kind: "AggregateItem",
    expression: undefined,
    method: undefined,
    from: [],
    alias: undefined,
    ...parts,
    place,
  };
}

function countsNothing(expression: Expression): boolean {
  const last = expression.kind === "Member" ? expression.segments.at(-1) : undefined;
  return !(last?.kind === "NameSegment" && last.name === "$count");
}

/** A sequence of transformations. */
export function anyTransformations(parts: Parts): fc.Arbitrary<Transformation[]> {
  const { self, expression, path } = parts;
  const keeping = fc
    .oneof(
      fc.constant<Transformation>({ kind: "Identity", place }),
      expression.map((condition): Transformation => ({ kind: "FilterBy", condition, place })),
      fc.nat().map((count): Transformation => ({ kind: "Top", count, place })),
      parts.search.map((search): Transformation => ({ kind: "SearchFor", search, place })),
    )
    .chain((one) => fc.constantFrom([one], [one, one]));
  const hierarchy = path.map((one): HierarchyReference => ({
    kind: "HierarchyReference",
    nodes: { kind: "Member", root: "$root", segments: one.segments, place },
    qualifier: "Q",
    path: one,
    place,
  }));
  const compute = some(
    fc
      .tuple(expression, alias)
      .map(([one, name]) => ({ kind: "ComputeItem", expression: one, alias: name, place }) as const),
  );
  const orderby = (of: fc.Arbitrary<Expression>) =>
    some(
      fc
        .tuple(of, fc.boolean())
        .map(([one, descending]) => ({ kind: "OrderByItem", expression: one, descending, place }) as const),
    );
  const group = fc.oneof(
    path.map((one): GroupingElement => ({ kind: "GroupingPath", path: one, place })),
    fc.tuple(fc.boolean(), some(path)).map(([all, paths]): GroupingElement => ({ kind: "Rollup", all, paths, place })),
    fc
      .tuple(hierarchy, fc.option(keeping, { nil: undefined }))
      .map(([one, apply]): GroupingElement => ({ kind: "RollupRecursive", hierarchy: one, apply, place })),
  );
  const rank = fc.constantFrom(
    ...(["topcount", "topsum", "toppercent", "bottomcount", "bottomsum", "bottompercent"] as const),
  );
  const nested = some(fc.tuple(self, alias).map(([apply, name]) => ({ apply, alias: name })));
  const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const one: fc.Arbitrary<Transformation> = fc.oneof(
    { maxDepth: 3 },
    keeping.map(([first]) => first as Transformation),
    some(parts.aggregateItem).map((items): Transformation => ({ kind: "Aggregate", items, place })),
    compute.map((items): Transformation => ({ kind: "ComputeBy", items, place })),
    orderby(expression).map((items): Transformation => ({ kind: "OrderBy", items, place })),
    fc
      .tuple(rank, expression, expression)
      .map(([how, amount, value]): Transformation => ({ kind: "Rank", method: how, amount, value, place })),
    fc
      .tuple(some(group), maybe(self))
      .map(([groups, apply]): Transformation => ({ kind: "GroupBy", groups, apply, place })),
    fc
      .array(self, { minLength: 2, maxLength: 3 })
      .map((sequences): Transformation => ({ kind: "Concat", sequences, place })),
    fc.tuple(maybe(path), nested).map(([from, items]): Transformation => ({ kind: "Nest", path: from, items, place })),
    fc.tuple(fc.constantFrom("Join", "OuterJoin"), alias, maybe(self)).map(
      ([kind, name, apply]): Transformation =>
        ({
          kind,
          path: {
            kind: "Member",
            root: undefined,
            segments: [{ kind: "NameSegment", name: "a", arguments: undefined, place }],
            place,
          },
          alias: name,
          apply,
          place,
        }) as Transformation,
    ),
    fc
      .tuple(fc.constantFrom("ancestors", "descendants"), hierarchy, keeping, maybe(fc.nat()), fc.boolean())
      .map(
        ([name, of, apply, distance, keepStart]): Transformation =>
          ({ kind: "Hierarchy", name, hierarchy: of, apply, distance, keepStart, place }) as Transformation,
      ),
    fc
      .tuple(
        hierarchy,
        fc.constantFrom("preorder", "postorder"),
        maybe(keeping),
        fc.oneof(fc.constant([]), orderby(path)),
      )
      .map(
        ([of, order, apply, by]): Transformation =>
          ({ kind: "Traverse", hierarchy: of, order, apply, orderby: by, place }) as Transformation,
      ),
    parts.arguments.map((list): Transformation => ({
      kind: "CustomTransformation",
      name: "n.f",
      arguments: list,
      place,
    })),
  );
  return fc.array(one, { minLength: 1, maxLength: 3 });
}

function some<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength: 1, maxLength: 3 });
}
