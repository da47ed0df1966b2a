import type { AlternateKey, EntityType, Property } from "../edm/index.js";
import { readKeySegment } from "../edm/primitives/index.js";
import { didYouMean } from "../errors/index.js";
import type { Expression, MemberExpression, NameSegment, SegmentArguments } from "../syntax/index.js";
import { adapt } from "./adapt.js";
import type { Binder } from "./binder.js";
import type { BoundConstant, BoundExpression, BoundKeyed, BoundRoot, EntitySegment, KeySegment } from "./bound.js";
import { describe, underlying } from "./expression-types.js";
import { constant } from "./literals.js";
import { short } from "./short.js";

/** `orders(5)`: one entity of a collection, by its key. */
export function bindKeyed(
  binder: Binder,
  source: BoundExpression,
  segment: NameSegment,
  key: SegmentArguments,
): BoundKeyed {
  const { type } = source;
  if (!source.collection || type?.kind !== "entity") {
    throw binder.error(segment, `'${short(segment.name)}' is no collection of entities, so no key can follow it`);
  }
  return { kind: "keyed", source, ...keyOf(binder, type, type.alternateKeys, key), type, collection: false };
}

/** `.../orders/5`: behind `$root` a key may stand as a segment of its own. */
export function bindKeyAsSegment(binder: Binder, source: BoundExpression, segment: NameSegment): BoundKeyed {
  const { type } = source;
  const text = segment.text ?? segment.name;
  if (!source.collection || type?.kind !== "entity") throw binder.error(segment, `'${short(text)}' names nothing here`);
  const value = keyAsSegment(binder, type, segment, text);
  return { kind: "keyed", source, properties: type.key, values: [value], type, collection: false };
}

interface Key {
  readonly properties: readonly Property[];
  readonly values: readonly BoundConstant[];
}

/** A key predicate: of the key itself, or of an alternate one (URL Conventions 4.01, sections 4.3.1 and 4.3.5). */
function keyOf(
  binder: Binder,
  type: EntityType,
  alternates: readonly AlternateKey[],
  predicate: SegmentArguments,
): Key {
  const { value, named } = predicate;
  const [single] = type.key;
  if (value !== undefined && single !== undefined && type.key.length === 1) {
    return { properties: type.key, values: [keyValue(binder, single, value)] };
  }
  const own = new Map(type.key.map((property) => [property.name, property]));
  const keys = [own, ...alternates.map(({ properties }) => properties)].filter(({ size }) => size > 0);
  const given = new Map(named.map((argument) => [argument.name, argument.value]));
  const key = keys.find((names) => names.size === named.length && [...names.keys()].every((name) => given.has(name)));
  if (key === undefined) {
    const patterns = keys.map((names) => `(${[...names.keys()].map((name) => `${name}=value`).join(",")})`);
    if (type.key.length === 1) patterns[0] = "(value)";
    throw binder.error(predicate, `a key of '${type.qualifiedName}' is written ${patterns.join(" or ")}`);
  }
  return {
    properties: [...key.values()],
    values: [...key].map(([name, property]) => keyValue(binder, property, given.get(name)!)),
  };
}

function keyValue(binder: Binder, property: Property, value: Expression): BoundConstant {
  const bound = adapt(binder, binder.bind(value), property.type);
  if (bound.kind !== "constant" || bound.value === null) {
    throw binder.error(value, `the key '${property.name}' must be a literal that is not null`);
  }
  if (bound.type !== underlying(property.type)) {
    throw binder.error(
      value,
      `the key '${property.name}' is of type ${property.type.qualifiedName}, but this value is of type ${describe(bound)}`,
    );
  }
  return bound;
}

/**
 * `$root/Products(5)/...`: the entity set or singleton, and the key behind it.
 *
 * @returns how many segments that were; what follows them is a path like any other
 */
export function bindRoot(
  binder: Binder,
  expression: MemberExpression,
): { readonly bound: BoundRoot; readonly consumed: number } {
  const [first, second] = expression.segments;
  const { entitySets, singletons } = binder.context.model.container;
  if (first?.kind !== "NameSegment") throw binder.error(expression, "an entity set or singleton must follow $root");
  const { name } = first;
  const singleton = singletons.get(name);
  if (singleton !== undefined) {
    if (first.arguments !== undefined) throw binder.error(first, `'${name}' is a singleton, so no key can follow it`);
    const type = singleton.entityType;
    return { bound: root([{ kind: "singleton", singleton, type }], type, false), consumed: 1 };
  }
  const set = entitySets.get(name);
  if (set === undefined) {
    if (binder.context.model.container.operationImports.has(name))
      throw binder.notOffered(first, `its own functions, such as '$root/${name}',`);
    const names = [...entitySets.keys(), ...singletons.keys()];
    throw binder.error(
      first,
      `there is no entity set or singleton named '${short(first.text ?? name)}'.${didYouMean(name, names)}`,
    );
  }
  const type = set.entityType;
  const start: EntitySegment = { kind: "entitySet", set, type };
  if (first.arguments !== undefined) {
    const key = keyOf(binder, type, [...set.alternateKeys, ...type.alternateKeys], first.arguments);
    return { bound: root([start, keySegment(type, key)], type, false), consumed: 1 };
  }
  if (second?.kind !== "NameSegment" || !isKeyAsSegment(binder, second))
    return { bound: root([start], type, true), consumed: 1 };
  const value = keyAsSegment(binder, type, second, second.text ?? second.name);
  return {
    bound: root([start, keySegment(type, { properties: type.key, values: [value] })], type, false),
    consumed: 2,
  };
}

function root(segments: readonly EntitySegment[], type: EntityType, collection: boolean): BoundRoot {
  const path = { segments, type, collection, tail: { kind: "entity" } } as const;
  return { kind: "root", path, type, collection };
}

function keySegment(type: EntityType, { properties, values }: Key): KeySegment {
  // keyValue let no null through.
  return { kind: "key", type, properties, values: values.map(({ value }) => value!) };
}

/** Whether a segment behind a collection, in a path from `$root`, is a key and nothing else that can follow. */
export function isKeyAsSegment(binder: Binder, segment: NameSegment): boolean {
  if (segment.text !== undefined) return true;
  return (
    segment.arguments === undefined && !/^[$@]/.test(segment.name) && !binder.context.model.types.has(segment.name)
  );
}

function keyAsSegment(binder: Binder, type: EntityType, segment: NameSegment, text: string): BoundConstant {
  const [property] = type.key;
  const keyType = property === undefined ? undefined : underlying(property.type);
  if (type.key.length !== 1 || keyType?.kind !== "primitive")
    throw binder.error(segment, `the key of '${type.qualifiedName}' must be written in parentheses`);
  const value = readKeySegment(keyType, text);
  if (value === undefined) throw binder.error(segment, `'${short(text)}' is no key of type ${keyType.qualifiedName}`);
  return constant(keyType, value);
}
