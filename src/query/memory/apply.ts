import type { BoundGroup, BoundGroupingSet, BoundTransformation } from "../../binding/bound.js";
import { compareKeys, compileAggregate, distinctionText } from "./aggregate.js";
import { Decimal } from "./decimal.js";
import { compare, asDouble } from "./order.js";
import type { Walker } from "./path.js";
import { bind, type Scope } from "./scope.js";
import { compileSearch } from "./search.js";
import { sorted, sortTerms } from "./sort.js";
import type { Instance } from "./value.js";
import { Row, entityOf, type Value } from "./value.js";

/** What comes in to a transformation, and what comes out. */
type Rows = readonly Value[];

/**
 * Carries out the transformations of `$apply`, one after the other: OData Extension for Data Aggregation 4.0, section 3.
 *
 * @param outer what the expressions can see beside the row
 */
export function transform(
  rows: Rows,
  transformations: readonly BoundTransformation[],
  walker: Walker,
  outer: Scope | undefined,
): Rows {
  let current = rows;
  for (const transformation of transformations) current = transformOnce(current, transformation, walker, outer);
  return current;
}

function transformOnce(
  rows: Rows,
  transformation: BoundTransformation,
  walker: Walker,
  outer: Scope | undefined,
): Rows {
  const { variable } = transformation;
  const scoped = () => rows.map((row) => bind(variable, row, outer));
  switch (transformation.kind) {
    case "identity":
      return rows;
    case "filter": {
      const condition = walker.compile(transformation.condition);
      return rows.filter((row) => condition(bind(variable, row, outer)) === true);
    }
    case "search":
      return rows.filter(compileSearch(transformation.search));
    case "compute": {
      const items = transformation.items.map(({ name, expression }) => [name, walker.compile(expression)] as const);
      return scoped().map((scope) => {
        const computed = items.map(([name, value]) => [name, value(scope)] as const);
        return new Row(instanceOf(scope.value), new Map([...membersOf(scope.value), ...computed]));
      });
    }
    case "orderby": {
      const terms = sortTerms<Scope>(transformation.items, (expression) => walker.compile(expression));
      return sorted(scoped(), terms).map(({ value }) => value);
    }
    case "skip":
      return rows.slice(transformation.count);
    case "top":
      return rows.slice(0, transformation.count);
    case "rank":
      return ranked(scoped(), transformation, walker);
    case "aggregate": {
      const input = scoped();
      const members = transformation.items.map((item) => [item.name, compileAggregate(item, walker)(input)] as const);
      return [new Row(undefined, new Map(members))];
    }
    case "groupby":
      return transformation.sets.flatMap((set) => grouped(scoped(), set, walker, outer));
    case "concat":
      return transformation.sequences.flatMap((sequence) => transform(rows, sequence, walker, outer));
  }
}

function instanceOf(row: Value): Instance | undefined {
  return entityOf(row) ?? undefined;
}

function membersOf(row: Value): ReadonlyMap<string, Value> {
  return row instanceof Row ? row.members : new Map();
}

type Rank = Extract<BoundTransformation, { readonly kind: "rank" }>;

/** `topcount` and its family, sections 3.2 and 3.3: the rows stay in the order of the value; null is never among them. */
function ranked(rows: readonly Scope[], { from, by, amount, value: expression }: Rank, walker: Walker): Rows {
  const value = walker.compile(expression);
  const limit = walker.compile(amount)(undefined);
  const candidates = rows
    .map((row) => ({ row: row.value, value: value(row) }))
    .filter((candidate) => candidate.value !== null);
  const direction = from === "top" ? -1 : 1;
  candidates.sort((a, b) => compare(a.value, b.value) * direction || compareKeys(a.row, b.row));
  if (!isNumber(limit)) return [];
  const taken =
    by === "count"
      ? Math.max(0, Math.trunc(asDouble(limit)))
      : rowsToReach(
          candidates.map((candidate) => (isNumber(candidate.value) ? candidate.value : Decimal.zero)),
          limit,
          by,
        );
  return candidates.slice(0, taken).map(({ row }) => row);
}

function isNumber(value: Value): value is number | Decimal {
  return typeof value === "number" || value instanceof Decimal;
}

/** How many of the values it takes until their sum is the amount, or that share of the whole sum. */
function rowsToReach(values: readonly (number | Decimal)[], amount: number | Decimal, by: "sum" | "percent"): number {
  const isExact = amount instanceof Decimal && values.every((value) => value instanceof Decimal);
  return isExact ? exactRowsToReach(values, amount, by) : doubleRowsToReach(values, amount, by);
}

const HUNDRED = Decimal.of(100n);

function exactRowsToReach(values: readonly Decimal[], amount: Decimal, by: "sum" | "percent"): number {
  // A share is compared a hundred times as large, so that nothing is divided.
  const scale = by === "sum" ? Decimal.of(1n) : HUNDRED;
  const whole = values.reduce((sum, value) => sum.plus(value), Decimal.zero).bounded();
  const goal = by === "sum" ? amount : (whole?.times(amount).bounded() ?? null);
  if (goal === null) return 0;
  // A sum of too many digits reaches nothing.
  const reaches = (sum: Decimal) => (sum.bounded()?.times(scale).bounded()?.compare(goal) ?? -1) >= 0;
  let sum = Decimal.zero;
  let count = 0;
  while (count < values.length && !reaches(sum)) sum = sum.plus(values[count++]!);
  return count;
}

function doubleRowsToReach(
  values: readonly (number | Decimal)[],
  amount: number | Decimal,
  by: "sum" | "percent",
): number {
  const doubles = values.map(asDouble);
  const whole = doubles.reduce((sum, value) => sum + value, 0);
  const goal = by === "sum" ? asDouble(amount) : (whole * asDouble(amount)) / 100;
  let sum = 0;
  let count = 0;
  while (count < doubles.length && sum < goal) sum += doubles[count++]!;
  return count;
}

/** The rows of one grouping set, sorted by the grouping values: section 3.10. */
function grouped(rows: readonly Scope[], set: BoundGroupingSet, walker: Walker, outer: Scope | undefined): Rows {
  const values = set.groups.map(({ expression }) => walker.compile(expression));
  const groups = new Map<string, { readonly values: readonly Value[]; readonly rows: Value[] }>();
  for (const row of rows) {
    const own = values.map((value) => value(row));
    const key = JSON.stringify(own.map(distinctionText));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { values: own, rows: [row.value] });
    else group.rows.push(row.value);
  }
  const terms = set.groups.map((_, index) => ({
    value: (group: { readonly values: readonly Value[] }) => group.values[index]!,
    descending: false,
  }));
  return sorted([...groups.values()], terms).flatMap((group) => {
    const members = groupMembers(set.groups, group.values);
    if (set.apply.length === 0) return [new Row(undefined, members)];
    return transform(group.rows, set.apply, walker, outer).map((row) => withMembers(row, members));
  });
}

/** The grouping values where they belong: `["Customer", "Country"]` is a member of a member. */
function groupMembers(groups: readonly BoundGroup[], values: readonly Value[]): ReadonlyMap<string, Value> {
  let members: ReadonlyMap<string, Value> = new Map();
  groups.forEach(({ path }, index) => {
    members = withMember(members, path, values[index]!);
  });
  return members;
}

function withMember(
  members: ReadonlyMap<string, Value>,
  [name, ...inner]: readonly string[],
  value: Value,
): ReadonlyMap<string, Value> {
  if (name === undefined) return members;
  if (inner.length === 0) return new Map([...members, [name, value]]);
  const within = members.get(name);
  const nested = withMember(within instanceof Row ? within.members : new Map<string, Value>(), inner, value);
  return new Map([...members, [name, new Row(undefined, nested)]]);
}

/** A row with the grouping values before its own members. */
function withMembers(row: Value, groups: ReadonlyMap<string, Value>): Value {
  const members = new Map(groups);
  for (const [name, value] of membersOf(row)) {
    const group = members.get(name);
    const both = group instanceof Row && value instanceof Row;
    members.set(name, both ? new Row(undefined, new Map([...group.members, ...value.members])) : value);
  }
  return new Row(instanceOf(row), members);
}
