import fc from "fast-check";
import type {
  AggregateItem,
  Expression,
  LiteralForm,
  MemberExpression,
  MemberSegment,
  QueryOptions,
  SearchExpression,
  Transformation,
} from "../../src/syntax/index.js";
import { anyAggregateItem, anyTransformations } from "./apply-trees.js";

/** Trees as the parser makes them, at random; all places are nought. */
const place = { start: 0, end: 0 };

const text = fc.string({ unit: "grapheme", maxLength: 8 }).filter((value) => !value.includes("\0"));
/** Names, some of which are words of the grammar elsewhere. */
const identifier = fc.constantFrom(
  "a",
  "b1",
  "_c",
  "größe",
  "and",
  "eq",
  "in",
  "asc",
  "as",
  "date",
  "length",
  "any",
  "case",
  "max",
);
const qualified = fc.constantFrom("n.T", "n.m.Type", "microsoft.graph.user");

/** A string in double quotes, which only JSON has. */
const jsonText = text.map((value): Expression => ({ kind: "Literal", form: "string", value, json: true, place }));

const literal: fc.Arbitrary<Expression> = fc
  .oneof(
    fc.tuple(fc.constant("string"), text),
    fc.constantFrom(
      ["null", "null"],
      ["boolean", "true"],
      ["integer", "0"],
      ["integer", "-7"],
      ["integer", "+7"],
      ["decimal", "-1.50"],
      ["double", "1e-5"],
      ["double", "-INF"],
      ["double", "NaN"],
      ["guid", "abcdef01-0123-0123-0123-0123456789ab"],
      ["date", "2024-02-29"],
      ["date", "-0001-01-01"],
      ["timeOfDay", "10:20"],
      ["timeOfDay", "10:20:30.5"],
      ["dateTimeOffset", "2024-02-29T10:20:30+01:00"],
      ["duration", "P1DT2H"],
      ["binary", "T0RhdGE"],
      ["geography", "SRID=0;Point(1 2)"],
      ["geometry", "SRID=0;MultiPoint()"],
    ),
    fc.constant(["enum", "A,B"]),
  )
  .map(([form, value]) => ({
    kind: "Literal",
    form: form as LiteralForm,
    value: value as string,
    ...(form === "enum" ? { typeName: "n.E" } : {}),
    place,
  }));

const binaryOperator = fc.constantFrom(
  ...(["and", "or", "eq", "ne", "gt", "ge", "lt", "le", "has", "add", "sub", "mul", "div", "divby", "mod"] as const),
);

const call = fc.constantFrom(["contains", 2], ["trim", 1], ["now", 0], ["substring", 3], ["geo.distance", 2] as const);

const typeArgument = fc
  .constantFrom("n.T", "Edm.String", "Collection(n.T)", "Customer")
  .map((name): Expression => ({ kind: "Member", root: undefined, segments: [name_(name)], place }));

function name_(name: string): MemberSegment {
  return { kind: "NameSegment", name, arguments: undefined, place };
}

/** Some of the options given, with no aliases and custom options. */
function options(
  record: Record<string, fc.Arbitrary<unknown>>,
  aliases: fc.Arbitrary<Expression>,
): fc.Arbitrary<QueryOptions> {
  return fc
    .tuple(fc.record(record, { requiredKeys: [] }), fc.option(aliases, { nil: undefined }))
    .map(([found, alias]) => ({
      ...found,
      aliases: new Map(alias === undefined ? [] : [["@p", alias]]),
      custom: new Map(),
    }));
}

/** Names parted by slashes, the last without a namespace. */
const path = fc
  .tuple(fc.array(fc.oneof(identifier, qualified), { maxLength: 2 }), identifier)
  .map(([names, last]): MemberExpression => ({
    kind: "Member",
    root: undefined,
    segments: [...names, last].map(name_),
    place,
  }));

function some<T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(item, { minLength: 1, maxLength: 3 });
}

/** A word of a search, which may be one that is an operator elsewhere. */
const word = fc.constantFrom("blue", "AND", "OR", "NOT", "Daniel's", "3.14", "a,b:c", "ä");
const phrase = text.filter((value) => value !== "");

interface Trees {
  expression: Expression;
  aggregateItem: AggregateItem;
  transformations: Transformation[];
  segments: MemberSegment[];
  search: SearchExpression;
  nested: QueryOptions;
  expandItem: unknown;
  selectItem: unknown;
}

const trees = fc.letrec<Record<keyof Trees, unknown>>((untyped) => {
  const tie = untyped as <Name extends keyof Trees>(name: Name) => fc.Arbitrary<Trees[Name]>;
  const value = tie("expression");
  const key = fc.oneof(literal, fc.constant<Expression>({ kind: "Alias", name: "@p", place }));
  const segmentArguments = fc.oneof(
    key.map((one) => ({ kind: "SegmentArguments", value: one, named: [], place }) as const),
    fc
      .array(fc.tuple(identifier, value), { maxLength: 2 })
      .map((list) => list.map(([name, item]) => ({ kind: "NamedArgument", name, value: item, place }) as const))
      .map((named) => ({ kind: "SegmentArguments", value: undefined, named, place }) as const),
  );
  const invoked = fc
    .tuple(fc.constantFrom("f", "n.f"), segmentArguments, fc.option(segmentArguments, { nil: undefined }))
    .map(([name, list, key]) => ({ kind: "NameSegment", name, arguments: list, key, place }) as const);
  const plain = fc.oneof(identifier, qualified, fc.constantFrom("@n.A", "@A", "@A#q")).map(name_);
  const filter = value.map((condition): MemberSegment => ({
    kind: "NameSegment",
    name: "$filter",
    arguments: { kind: "SegmentArguments", value: condition, named: [], place },
    place,
  }));
  const ending = fc.oneof(
    fc
      .tuple(fc.constantFrom("any", "all"), identifier, value)
      .map(
        ([operator, variable, predicate]) =>
          ({ kind: "Lambda", operator, variable, predicate, place }) as MemberSegment,
      ),
    fc.constant<MemberSegment>({ kind: "Lambda", operator: "any", variable: undefined, predicate: undefined, place }),
    tie("aggregateItem").map((item): MemberSegment => ({
      kind: "AggregateSegment",
      item: { ...item, alias: undefined },
      place,
    })),
    fc
      .option(options({ filter: value, search: tie("search") }, fc.constant(undefined as never)), { nil: undefined })
      .map(
        (found) =>
          ({
            kind: "NameSegment",
            name: "$count",
            arguments: undefined,
            options: nonEmpty(found),
            place,
          }) as MemberSegment,
      ),
  );
  return {
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      literal,
      identifier.map((name): Expression => ({ kind: "Member", root: undefined, segments: [name_(name)], place })),
      fc.constant<Expression>({ kind: "Alias", name: "@p", place }),
      fc
        .tuple(fc.oneof(identifier.map(name_), invoked), tie("segments"))
        .map(([first, rest]): Expression => ({ kind: "Member", root: undefined, segments: [first, ...rest], place })),
      fc.tuple(fc.constantFrom("@p", "@n.A", "n.T"), tie("segments")).map(([first, rest]): Expression => ({
        kind: "Member",
        root: undefined,
        segments: [name_(first), name_("b"), ...rest],
        place,
      })),
      fc
        .tuple(fc.constantFrom("$it", "$this"), tie("segments"))
        .map(([root, segments]): Expression => ({ kind: "Member", root, segments, place }) as Expression),
      ending.map((last): Expression => ({ kind: "Member", root: "$these", segments: [last], place })),
      tie("segments").map((rest): Expression => ({
        kind: "Call",
        function: "isdefined",
        arguments: [{ kind: "Member", root: undefined, segments: [name_("a"), ...rest], place }],
        place,
      })),
      fc
        .constantFrom("12", "01234567-89ab-cdef-0123-456789abcdef", "a-b")
        .map((key): MemberSegment => ({ kind: "NameSegment", name: "", text: key, arguments: undefined, place }))
        .map((key): Expression => ({ kind: "Member", root: "$root", segments: [name_("a"), key, name_("b")], place })),
      fc
        .tuple(fc.constantFrom("not", "-"), value)
        .map(([operator, operand]) => ({ kind: "Unary", operator, operand, place }) as Expression),
      fc
        .tuple(binaryOperator, value, value)
        .map(([operator, left, right]): Expression => ({ kind: "Binary", operator, left, right, place })),
      fc.tuple(value, fc.oneof(value, fc.array(literal, { maxLength: 3 }))).map(([operand, list]): Expression => {
        const right: Expression = Array.isArray(list) ? { kind: "List", items: list, place } : list;
        return { kind: "In", operand, list: right, place };
      }),
      fc
        .tuple(call, fc.array(value, { minLength: 3, maxLength: 3 }))
        .map(
          ([[name, count], list]) =>
            ({ kind: "Call", function: name, arguments: list.slice(0, count as number), place }) as Expression,
        ),
      fc.tuple(fc.constantFrom("cast", "isof"), value, typeArgument).map(([name, operand, type]): Expression => ({
        kind: "Call",
        function: name,
        arguments: [operand, type],
        place,
      })),
      typeArgument.map((type): Expression => ({ kind: "Call", function: "cast", arguments: [type], place })),
      some(fc.record({ condition: value, value })).map((branches): Expression => ({ kind: "Case", branches, place })),
      fc
        .array(fc.oneof(value, jsonText), { maxLength: 3 })
        .map((array): Expression => ({ kind: "Json", array, place })),
      fc
        .array(fc.tuple(text, fc.oneof(value, jsonText)), { maxLength: 3 })
        .map((list): Expression => ({ kind: "Json", object: new Map(list), place })),
    ),
    aggregateItem: anyAggregateItem(value, path),
    transformations: anyTransformations({
      self: tie("transformations"),
      expression: value,
      search: tie("search"),
      aggregateItem: tie("aggregateItem"),
      path,
      arguments: fc
        .array(fc.tuple(identifier, value), { maxLength: 2 })
        .map((list) => list.map(([name, item]) => ({ kind: "NamedArgument", name, value: item, place }) as const))
        .map((named) => ({ kind: "SegmentArguments", value: undefined, named, place }) as const),
    }),
    segments: fc
      .tuple(fc.array(fc.oneof(plain, invoked, filter), { maxLength: 2 }), fc.option(ending, { nil: undefined }))
      .map(([list, last]) => (last === undefined ? list : [...list, last])),
    search: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(
        word.map((one) => ({ kind: "SearchTerm", text: one, phrase: false, place }) as const),
        phrase
          .filter((one) => !one.includes('"'))
          .map((one) => ({ kind: "SearchTerm", text: one, phrase: true, place }) as const),
      ),
      tie("search").map((operand): SearchExpression => ({ kind: "SearchNot", operand, place })),
      fc
        .tuple(fc.constantFrom("AND", "OR"), tie("search"), tie("search"))
        .map(([operator, left, right]) => ({ kind: "SearchBinary", operator, left, right, place }) as SearchExpression),
    ),
    nested: options(
      {
        ...shared(value, tie("search")),
        select: some(tie("selectItem")),
        compute: some(
          fc.tuple(value, identifier).map(([one, alias]) => ({ kind: "ComputeItem", expression: one, alias, place })),
        ),
      },
      value,
    ),
    selectItem: fc
      .tuple(
        some(fc.oneof(identifier, qualified, fc.constant("@n.A#q"))),
        fc.oneof(
          { maxDepth: 2 },
          fc.constant({}),
          fc.constant({ last: "*" }),
          some(identifier).map((parameters) => ({ parameters })),
          tie("nested"),
        ),
      )
      .map(([path, more]) => {
        const base = { kind: "SelectItem", options: undefined, place };
        if ("last" in more) return { ...base, path: [...path, more.last] };
        if ("aliases" in more) return { ...base, path, options: nonEmpty(more) };
        return { ...base, path, ...more };
      }),
    expandItem: fc.oneof(
      { maxDepth: 2 },
      fc.record({
        kind: fc.constant("ExpandItem"),
        path: some(fc.oneof(identifier, qualified)),
        suffix: fc.constantFrom(undefined, "$ref", "$count"),
        options: fc.constant(undefined),
        place: fc.constant(place),
      }),
      fc
        .constantFrom(undefined, "$ref")
        .map((suffix) => ({ kind: "ExpandItem", path: ["a", "*"], suffix, options: undefined, place })),
      fc
        .tuple(
          some(identifier),
          tie("nested"),
          fc.option(some(tie("expandItem")), { nil: undefined }),
          fc.constantFrom(undefined, 3, "max"),
          fc.option(tie("transformations"), { nil: undefined }),
        )
        .map(([names, found, expand, levels, apply]) => ({
          kind: "ExpandItem",
          path: names,
          suffix: undefined,
          options: nonEmpty({ ...found, expand, levels, apply } as QueryOptions),
          place,
        })),
    ),
  };
});

/** What options in all places may hold. */
function shared(
  value: fc.Arbitrary<Expression>,
  search: fc.Arbitrary<SearchExpression>,
): Record<string, fc.Arbitrary<unknown>> {
  return {
    filter: value,
    search,
    orderby: some(
      fc
        .tuple(value, fc.boolean())
        .map(([expression, descending]) => ({ kind: "OrderByItem", expression, descending, place })),
    ),
    top: fc.nat(),
    skip: fc.nat(),
    count: fc.boolean(),
  };
}

/** Options in parentheses, undefined where there are none: empty parentheses are none of the grammar. */
function nonEmpty(found: QueryOptions | undefined): QueryOptions | undefined {
  if (found === undefined) return undefined;
  const { aliases, custom: _, ...rest } = found;
  return aliases.size > 0 || Object.values(rest).some((value) => value !== undefined) ? found : undefined;
}

/** Any expression. */
export const anyExpression: fc.Arbitrary<Expression> = trees.expression as fc.Arbitrary<Expression>;

/** Any options for the query part of a URL. */
export const anyOptions: fc.Arbitrary<QueryOptions> = fc
  .tuple(
    fc.record(
      {
        ...shared(anyExpression, trees.search as fc.Arbitrary<SearchExpression>),
        select: some(trees.selectItem),
        expand: some(trees.expandItem),
        index: fc.integer(),
        format: fc.constantFrom("json", "application/atom+xml;a=b"),
        skiptoken: phrase,
        id: phrase,
        apply: trees.transformations,
      },
      { requiredKeys: [] },
    ),
    fc.array(fc.tuple(fc.constantFrom("x", "a b", "a=b&c", "ä+"), text), { maxLength: 2 }),
    fc.array(fc.tuple(fc.constantFrom("@p", "@q"), anyExpression), { maxLength: 2 }),
  )
  .map(
    ([found, custom, aliases]) => ({ ...found, custom: new Map(custom), aliases: new Map(aliases) }) as QueryOptions,
  );

/** Any text for a segment of a path. */
export const anySegment: fc.Arbitrary<string> = fc
  .oneof(
    text,
    fc.string({
      unit: fc.constantFrom("a", "(", ")", "'", "/", ",", "=", "$", ".", "1", " ", "+", "%"),
      maxLength: 12,
    }),
  )
  // eslint-disable-next-line no-control-regex -- these are refused, as another test shows
  .filter((value) => value !== "" && !/[\u0000-\u001f\u007f]/.test(value));

/** Text made of pieces of the grammar, most of it wrong. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ..."a b1 n.T 1 -1 2.5 1e5 10:20 'x' '' ( ) [ ] { } , : ; = / @ @p $it $root $count $filter any all not - in eq and or has add mul case cast contains now null true \"k\" * # 2024-01-01 . '".split(
        " ",
      ),
      " ",
      " ",
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(""));
