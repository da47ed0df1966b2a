import type { EntityType, Model, Property } from "../edm/model.js";
import type { JsonObject } from "./json-text.js";
import { namedType, typeAnnotation } from "./payload-type.js";
import { Problems } from "./problems.js";
import { ValueReader } from "./value-reader.js";

/**
 * The key of an entity in a payload, as canonical JSON texts in the order of the type's key.
 *
 * @param expected the declared type; a derived type that the entity names may declare the key
 * @param path JSON path of the entity, for messages
 * @returns `undefined` where not all of the key is there
 * @throws ODataError 400 where a value is none of its property's type
 */
export function readKey(
  { members }: JsonObject,
  expected: EntityType,
  model: Model,
  path: string,
): ReadonlyMap<Property, string> | undefined {
  const annotation = expected.key.length > 0 ? undefined : typeAnnotation(members);
  const named = annotation === undefined ? expected : namedType(model, annotation, expected);
  const properties = typeof named === "string" ? [] : named.key;
  if (properties.length === 0 || !properties.every(({ name }) => members.has(name))) return undefined;
  const problems = new Problems();
  const values = new ValueReader(model, problems);
  const key = new Map<Property, string>();
  for (const property of properties) {
    const { name } = property;
    const text = values.property(property, members.get(name)!, path === "" ? name : `${path}.${name}`, undefined);
    if (text !== undefined) key.set(property, text);
  }
  problems.throwIfAny();
  return key;
}
