import { ModelError } from "./model-error.js";
import type { AlternateKey, EntityType, Property } from "./model.js";
import type { Annotation, AnnotationValue } from "./source.js";
import { annotationValue, terms } from "./vocabulary.js";

/**
 * Reads `Core.AlternateKeys` (URL Conventions 4.01, section 4.3.5) of an entity type or entity set.
 *
 * @param type whose properties the keys are made of
 * @param where the annotated type or set, for messages
 * @throws {ModelError} where a key names no property of the type itself, or one that is no single primitive value
 */
export function readAlternateKeys(
  annotations: readonly Annotation[],
  type: Pick<EntityType, "properties" | "qualifiedName">,
  where: string,
): readonly AlternateKey[] {
  const value = annotationValue(annotations, terms.alternateKeys);
  if (value === undefined) return [];
  const keys = listOf(value, where).map((record) => {
    const properties = new Map<string, Property>();
    for (const part of listOf(member(record, "Key"), where)) {
      const name = member(part, "Name");
      const alias = member(part, "Alias") ?? name;
      const property = typeof name === "string" ? type.properties.get(name) : undefined;
      if (property === undefined || typeof alias !== "string") {
        throw new ModelError(
          `An alternate key of '${where}' names '${String(name)}', which is no property of '${type.qualifiedName}'.`,
        );
      }
      if (property.collection || (property.type.kind !== "primitive" && property.type.kind !== "typeDefinition")) {
        throw new ModelError(`An alternate key of '${where}' names '${property.name}', which is no primitive value.`);
      }
      const taken = type.properties.get(alias);
      if (properties.has(alias) || (taken !== undefined && taken !== property)) {
        throw new ModelError(`An alternate key of '${where}' uses the name '${alias}' for two things.`);
      }
      properties.set(alias, property);
    }
    if (properties.size === 0) throw new ModelError(`An alternate key of '${where}' has no properties.`);
    return Object.freeze({ properties });
  });
  return Object.freeze(keys);
}

function listOf(value: AnnotationValue | undefined, where: string): readonly AnnotationValue[] {
  if (Array.isArray(value)) return value as readonly AnnotationValue[];
  throw new ModelError(
    `The alternate keys of '${where}' are to be written as [{ Key: [{ Name: "property", Alias: "name" }] }].`,
  );
}

function member(value: AnnotationValue, name: string): AnnotationValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, AnnotationValue>)[name] : undefined;
}
