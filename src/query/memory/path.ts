import type {
  BoundExpression,
  BoundPath,
  CollectionFilter,
  EntitySegment,
  OperationSegment,
  PathTail,
  PropertyTail,
} from "../../binding/bound.js";
import type { EdmType, Property, StructuredType } from "../../edm/index.js";
import { isOrDerivesFrom } from "../../edm/model.js";
import { fromScalar, readEntities, readInstance } from "./data.js";
import { Decimal } from "./decimal.js";
import { equals } from "./order.js";
import type { Deadline } from "./deadline.js";
import { bind, type Evaluator, type MemoryContext } from "./scope.js";
import { Instance, entityOf, isCollection, type Collection, type Value } from "./value.js";

/** What walking a path needs: the context, and a compiler for the conditions in it. */
export interface Walker {
  readonly context: MemoryContext;
  readonly deadline: Deadline;
  compile(expression: BoundExpression): Evaluator;
}

/**
 * What a path leads to: an entity, a value, a collection, a count; null where there is nothing, the empty collection where
 * a collection should be.
 */
export function walkPath(path: BoundPath, walker: Walker): Value {
  return walkTail(walkSegments(path.segments, walker) ?? null, path.tail, walker);
}

/**
 * The entity or the entities that the segments of a path lead to.
 *
 * @returns `undefined` where an entity on the way is missing
 */
export function walkSegments(segments: readonly EntitySegment[], walker: Walker): Value | undefined {
  let value: Value = null;
  for (const segment of segments) {
    if (value === null && segment.kind === "navigation") return undefined;
    value = walkSegment(value, segment, walker);
  }
  return value;
}

function walkSegment(value: Value, segment: EntitySegment, walker: Walker): Value {
  const { context } = walker;
  switch (segment.kind) {
    case "entitySet":
      return readEntities(context.root?.(segment.set), segment.type, context.model, segment.set.name);
    case "singleton": {
      const raw = context.root?.(segment.singleton);
      return raw === null || raw === undefined
        ? null
        : readInstance(raw, segment.type, context.model, segment.singleton.name);
    }
    case "key":
      return itemOfKey(
        itemsOf(value),
        segment.properties,
        segment.values.map((scalar, at) => fromScalar(keyType(segment.properties[at]!), scalar)),
      );
    case "navigation":
      return navigate(value, segment.name, segment.alternatives, segment.collection);
    case "cast":
      return castTo(value, segment.type);
    case "filter":
      return filtered(value, segment, walker);
    case "ordinal":
      return itemAt(itemsOf(value), segment.index);
    case "operation":
      return resultOf(segment, context);
  }
}

/** What an operation has given back; a value stands in the property of the type that is made for it. */
function resultOf(segment: OperationSegment, { operation, model }: MemoryContext): Value {
  if (operation === undefined) throw new Error("What an operation gives back is no part of the data.");
  const { type, collection } = segment;
  const { qualifiedName } = segment.operation;
  const raw = operation(segment);
  if (segment.operation.returnType !== undefined && segment.operation.returnType.type.kind !== "entity")
    return readInstance({ value: raw }, type, model, qualifiedName);
  if (collection) return readEntities(raw, type, model, qualifiedName);
  return raw === null || raw === undefined ? null : readInstance(raw, type, model, qualifiedName);
}

/** The items of a collection; something that is null has none. */
export function itemsOf(value: Value): Collection {
  return isCollection(value) ? value : [];
}

/** Negative from the end: URL Conventions 4.01, section 4.13. */
function itemAt(items: Collection, index: number): Value {
  return items.at(index) ?? null;
}

/** The entity whose key properties have these values; null where there is none. */
export function itemOfKey(items: Collection, properties: readonly Property[], values: readonly Value[]): Value {
  const isIt = (item: Value) => properties.every((property, at) => equals(propertyOf(item, property), values[at]!));
  return items.find(isIt) ?? null;
}

function keyType({ type }: Property) {
  return type.kind === "typeDefinition" ? type.underlyingType : type.kind === "complex" ? undefined : type;
}

/**
 * A structural property, found by its name in the actual type; null, or the empty collection, where the value is null or
 * its type does not declare it.
 */
export function propertyOf(value: Value, property: Property): Value {
  const instance = entityOf(value);
  const declared = instance?.type.properties.get(property.name);
  if (instance === null || declared?.collection !== property.collection) return property.collection ? [] : null;
  return instance.members.property(property.name);
}

/** What a navigation property leads to, if the actual type has one of the declarations that the name can mean. */
export function navigate(value: Value, name: string, declarations: readonly unknown[], collection: boolean): Value {
  const instance = entityOf(value);
  const declared = instance?.type.navigationProperties.get(name);
  if (instance === null || declared === undefined || !declarations.includes(declared)) return collection ? [] : null;
  return instance.members.navigation(name);
}

/** A type cast: null where the value is of another type; of a collection, only the items of the type. */
export function castTo(value: Value, type: StructuredType): Value {
  if (isCollection(value)) return value.filter((item) => isOfType(item, type));
  return isOfType(value, type) ? value : null;
}

export function isOfType(value: Value, type: EdmType): boolean {
  const instance = entityOf(value);
  return instance instanceof Instance && isOrDerivesFrom(instance.type, type);
}

function walkTail(value: Value, tail: PathTail, walker: Walker): Value {
  switch (tail.kind) {
    case "entity":
    case "ref":
    case "each":
      return value;
    case "media":
    case "stream":
      throw new Error("A media stream is no value.");
    case "count":
      return Decimal.of(BigInt(itemsOf(value).length));
    case "property":
      return walkProperty(value, tail, walker);
  }
}

/** From an entity to one of its properties, or inside it. */
export function walkProperty(entity: Value, tail: PropertyTail, walker: Walker): Value {
  let value = narrowed(entity, tail, 0, walker);
  tail.path.forEach((property, at) => {
    value = narrowed(propertyOf(value, property), tail, at + 1, walker);
  });
  return tail.count ? Decimal.of(BigInt(itemsOf(value).length)) : value;
}

/** What stands behind the first properties of the path: filters, casts and ordinals of a collection, then casts of a value. */
function narrowed(value: Value, tail: PropertyTail, at: number, walker: Walker): Value {
  let result = value;
  for (const step of tail.narrowing) {
    if (step.at !== at) continue;
    if (step.kind === "cast") result = castTo(result, step.type);
    else if (step.kind === "ordinal") result = itemAt(itemsOf(result), step.index);
    else result = filtered(result, step, walker);
  }
  for (const cast of tail.casts) if (cast.at === at) result = castTo(result, cast.type);
  return result;
}

function filtered(value: Value, { condition, variable }: CollectionFilter, walker: Walker): Value {
  const test = walker.compile(condition);
  return itemsOf(value).filter((item) => {
    walker.deadline.tick();
    return test(bind(variable, item)) === true;
  });
}
