import type { BoundAggregate } from "../../binding/bound.js";
import { durationOf } from "./arithmetic.js";
import { Decimal } from "./decimal.js";
import { compare, memberOf, asDouble } from "./order.js";
import { itemsOf, type Walker } from "./path.js";
import { bind, type Scope } from "./scope.js";
import { Temporal } from "./temporal.js";
import { entityOf, type Instance, type Value } from "./value.js";
import { writeValue } from "./write.js";

/** What one aggregate makes of the rows of a group; each row comes as the scope that binds it. */
export type Aggregation = (rows: readonly Scope[]) => Value;

/** One item of `aggregate(...)`: OData Extension for Data Aggregation 4.0, section 3.1. */
export function compileAggregate(aggregate: BoundAggregate, walker: Walker): Aggregation {
  const { method, expression, entities, over } = aggregate;
  const reached = entitiesOnce(entities, walker);
  const items = itemsOver(over, walker);
  const scopes = (rows: readonly Scope[]) => items(reached(rows));
  if (method === "count") return (rows) => Decimal.of(BigInt(scopes(rows).length));
  const value = walker.compile(expression!);
  const work = methodOf(aggregate);
  return (rows) => {
    const values = scopes(rows).map(value);
    return work(values.filter((item): item is NonNull => item !== null));
  };
}

type NonNull = Exclude<Value, null>;

/** The rows themselves, or each entity that a path reaches from them once: section 3.2.1.1. */
function entitiesOnce(
  entities: BoundAggregate["entities"],
  walker: Walker,
): (rows: readonly Scope[]) => readonly Scope[] {
  const reach = itemsOver(entities, walker);
  if (entities === undefined) return reach;
  return (rows) => {
    const first = new Map<string, Scope>();
    for (const scope of reach(rows)) {
      const key = distinctionText(scope.value);
      if (!first.has(key)) first.set(key, scope);
    }
    return [...first.values()];
  };
}

/** The rows themselves, or the items of the collections that lead on from them. */
function itemsOver(over: BoundAggregate["over"], walker: Walker): (rows: readonly Scope[]) => readonly Scope[] {
  if (over === undefined) return (rows) => rows;
  const collection = walker.compile(over.collection);
  const { variable } = over;
  return (rows) => rows.flatMap((row) => itemsOf(collection(row)).map((item) => bind(variable, item, row)));
}

function methodOf({ method, type }: BoundAggregate): (values: readonly NonNull[]) => Value {
  switch (method) {
    case "sum":
      return sum;
    case "average":
      return (values) => average(values, type?.name === "Decimal");
    case "min":
      return (values) => extreme(values, -1);
    case "max":
      return (values) => extreme(values, 1);
    case "countdistinct":
      return (values) => Decimal.of(BigInt(new Set(values.map(distinctionText)).size));
    case "count":
      return (values) => Decimal.of(BigInt(values.length));
  }
}

/** Exact, unless a double is among the values; null of nothing. */
function sum(values: readonly NonNull[]): Value {
  if (values.length === 0) return null;
  if (values.some((value) => typeof value === "number")) return doubleSum(values);
  if (values[0] instanceof Temporal) {
    const length = values.reduce((total, value) => total + (value instanceof Temporal ? value.picoseconds : 0n), 0n);
    return durationOf(length);
  }
  return values
    .reduce<Decimal>((total, value) => (value instanceof Decimal ? total.plus(value) : total), Decimal.zero)
    .bounded();
}

function doubleSum(values: readonly NonNull[]): number {
  let total = 0;
  for (const value of values) if (typeof value === "number" || value instanceof Decimal) total += asDouble(value);
  return total;
}

/** A Double; of Decimals a Decimal, cut as divisions are. */
function average(values: readonly NonNull[], exact: boolean): Value {
  const total = sum(values);
  const count = Decimal.of(BigInt(values.length));
  if (total instanceof Temporal) return new Temporal("duration", total.picoseconds / count.units);
  if (total instanceof Decimal && exact) return total.dividedBy(count).bounded();
  return total instanceof Decimal || typeof total === "number" ? asDouble(total) / values.length : null;
}

function extreme(values: readonly NonNull[], sign: 1 | -1): Value {
  let found: Value = null;
  for (const value of values) if (found === null || compare(value, found) * sign > 0) found = value;
  return found;
}

/** Text that is the same for values that are not different. Here NaN is one value, as in a group. */
export function distinctionText(value: Value): string {
  const entity = entityOf(value);
  if (entity?.type.kind === "entity") return keyText(entity, entity.type.key);
  if (value instanceof Temporal) return value.picoseconds.toString();
  return writeValue(value);
}

function keyText(entity: Instance, key: readonly { readonly name: string }[]): string {
  return JSON.stringify(key.map(({ name }) => distinctionText(memberOf(entity, name))));
}

/** Entities in the order of their keys; of other rows there is none, and 0 leaves them as they are. */
export function compareKeys(left: Value, right: Value): number {
  const one = entityOf(left);
  const other = entityOf(right);
  if (one?.type.kind !== "entity" || other === null) return 0;
  for (const { name } of one.type.key) {
    const order = compare(memberOf(one, name), memberOf(other, name));
    if (order !== 0) return order;
  }
  return 0;
}
