import type { BoundExpand, BoundOptions } from "../binding/index.js";
import { ownSegment } from "../binding/index.js";
import type { EntityType, Model, NavigationProperty } from "../edm/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import type { JsonObject, JsonValue } from "../format/json-text.js";
import { namedType, typeAnnotation } from "../format/payload-type.js";

/** The navigation properties that entities of a payload have inline, and what stands in these. */
export type DeepShape = ReadonlyMap<NavigationProperty, DeepShape>;
type Shape = Map<NavigationProperty, Shape>;

/** What a payload has inline, however deep; `undefined` where that is nothing. */
export function deepShape({ related }: EntityPayload, model: Model): DeepShape | undefined {
  if (related === undefined) return undefined;
  const shape: Shape = new Map();
  for (const [property, { items }] of related) {
    const inner = shapeOf(shape, property);
    for (const { object } of items) gather(object, property.type, inner, model);
  }
  return shape;
}

/** A text that only payloads of the same shape have. */
export function shapeName(shape: DeepShape): string {
  return Array.from(
    shape,
    ([{ declaringType, name }, inner]) => `${declaringType.qualifiedName}/${name}(${shapeName(inner)})`,
  ).join();
}

/**
 * The options of the answer to a deep insert: it is expanded at least as deep as the request was (Protocol 4.01, section
 * 11.4.2.2).
 *
 * @param options what the request asks for
 * @param type that of the entity that the request creates
 */
export function deepOptions(options: BoundOptions, shape: DeepShape, type: EntityType): BoundOptions {
  return { ...options, expand: merged(options.expand, expansions(shape, type)) };
}

function shapeOf(shape: Shape, property: NavigationProperty): Shape {
  let inner = shape.get(property);
  if (inner === undefined) shape.set(property, (inner = new Map<NavigationProperty, Shape>()));
  return inner;
}

/** The payload was read already, so it has the form that it should have. */
function gather({ members }: JsonObject, declared: EntityType, shape: Shape, model: Model): void {
  const annotation = typeAnnotation(members);
  const named = annotation === undefined ? declared : namedType(model, annotation, declared);
  const type = typeof named === "string" ? declared : named;
  for (const [name, value] of members) {
    const property = type.navigationProperties.get(name);
    if (property === undefined) continue;
    const items = entitiesIn(value);
    if (items.length === 0) continue;
    const inner = shapeOf(shape, property);
    for (const item of items) gather(item, property.type, inner, model);
  }
}

function entitiesIn(value: JsonValue): JsonObject[] {
  if (value.kind === "object") return [value];
  return value.kind === "array" ? value.items.filter((item) => item.kind === "object") : [];
}

function expansions(shape: DeepShape, owner: EntityType): BoundExpand[] {
  return Array.from(shape, ([property, inner]): BoundExpand => {
    const { name, type, declaringType } = property;
    return {
      navigation: ownSegment(property),
      cast: owner.navigationProperties.has(name) ? undefined : (declaringType as EntityType),
      targetCast: undefined,
      what: "entities",
      options: { variable: { name: "$this", type }, expand: expansions(inner, type) },
    };
  });
}

/** What is asked for goes before what the request held. */
function merged(asked: readonly BoundExpand[], held: readonly BoundExpand[]): readonly BoundExpand[] {
  const isSame = (one: BoundExpand, other: BoundExpand) =>
    one.navigation.name === other.navigation.name && one.cast === other.cast;
  const all = asked.map((item): BoundExpand => {
    const other = item.what === "entities" ? held.find((one) => isSame(item, one)) : undefined;
    if (other === undefined) return item;
    return { ...item, options: { ...item.options, expand: merged(item.options.expand, other.options.expand) } };
  });
  return [...all, ...held.filter((item) => !asked.some((one) => isSame(item, one)))];
}
