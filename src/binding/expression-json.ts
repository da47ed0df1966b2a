import type { EdmType } from "../edm/index.js";
import type { Expression, JsonExpression, ListExpression } from "../syntax/index.js";
import { adapt, untypedObject } from "./adapt.js";
import type { Binder, Spot } from "./binder.js";
import type { BoundCollection, BoundExpression, BoundJsonObject } from "./bound.js";
import { commonType, comparable, describe, primitive, typeOf } from "./expression-types.js";

/** `('a','b')` on the right of `in`. */
export function bindList(binder: Binder, { items }: ListExpression): BoundCollection {
  return collection(binder, items);
}

/** JSON in an expression: `arrayOrObject` in the grammar. */
export function bindJson(binder: Binder, expression: JsonExpression): BoundCollection | BoundJsonObject {
  if (expression.array !== undefined) return collection(binder, expression.array);
  const members = new Map<string, BoundExpression>();
  const spots = new Map<string, Spot>();
  for (const [name, value] of expression.object ?? []) {
    members.set(name, binder.bind(value));
    spots.set(name, binder.spot(value));
  }
  return untypedObject(members, binder.spot(expression), spots);
}

function collection(binder: Binder, written: readonly Expression[]): BoundCollection {
  const items = written.map((expression) => {
    const item = binder.bind(expression);
    if (item.collection) throw binder.error(expression, "a collection cannot hold another one");
    return item;
  });
  const types = new Set(items.flatMap((item) => typeOf(item) ?? []));
  const type = [...types].reduce<EdmType | undefined>(
    (common, next) => (common === undefined ? next : (commonType(common, next) ?? common)),
    undefined,
  );
  // Most have items of one type. Texts may stand beside members of an enumeration, or of what else JSON writes as texts,
  // which they are then, too: beside numbers "INF" is one.
  const misfit = (of: EdmType) => (item: BoundExpression) => item.type !== undefined && !comparable(typeOf(item)!, of);
  if (type === undefined || !items.some(misfit(type))) return { kind: "collection", items, type, collection: true };
  for (const other of [...types, primitive("Edm.Double")]) {
    const adapted = items.map((item) => adapt(binder, item, other));
    if (!adapted.some(misfit(other))) return { kind: "collection", items: adapted, type: other, collection: true };
  }
  const at = items.findIndex(misfit(type));
  throw binder.error(
    written[at]!,
    `a value of type ${describe(items[at]!)} cannot stand in one collection with one of type ${type.qualifiedName}`,
  );
}
