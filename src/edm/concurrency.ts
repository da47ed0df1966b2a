import { ModelError } from "./model-error.js";
import type { Annotation, AnnotationValue, ModelSource } from "./source.js";
import { annotatePlaces, SourceTypes, withMissing } from "./source-types.js";
import { annotationValue, terms } from "./vocabulary.js";

/**
 * Brings the two ways together that a description has to say which properties make an entity's ETag: its type's
 * `concurrency`, and `Core.OptimisticConcurrency` on a type, an entity set or a singleton. In the result each type lists
 * its properties, and every place where such entities live has the annotation.
 *
 * @throws {ModelError} where an annotation names something that is no property of the entity itself
 */
export function withConcurrency(source: ModelSource): ModelSource {
  const types = new SourceTypes(source);
  /** What each type adds to its base types. */
  const added = new Map([...types.all].map(([name, type]) => [name, new Set(type.concurrency)]));

  const take = (typeName: string, annotations: readonly Annotation[] | undefined, where: string) => {
    const value = annotationValue(annotations ?? [], terms.optimisticConcurrency) ?? [];
    for (const path of (Array.isArray(value) ? value : [value]) as readonly AnnotationValue[]) {
      const slash = String(path).lastIndexOf("/");
      const owner = slash < 0 ? typeName : types.resolve(String(path).slice(0, slash));
      const name = String(path).slice(slash + 1);
      const lineage = types.lineage(owner);
      if (!lineage.some((type) => types.all.get(type)?.properties.some((property) => property.name === name))) {
        throw new ModelError(
          `'${where}' makes its ETags of '${String(path)}', which is no property of '${typeName}' itself.`,
        );
      }
      if (!lineage.some((type) => added.get(type)?.has(name))) added.get(owner)?.add(name);
    }
  };
  for (const [name, type] of types.all) take(name, type.annotations, name);
  for (const { container } of source.schemas) {
    for (const set of container?.entitySets ?? []) take(types.resolve(set.entityType), set.annotations, set.name);
    for (const one of container?.singletons ?? []) take(types.resolve(one.type), one.annotations, one.name);
  }

  const paths = (type: string): string[] => [
    ...types.lineage(type).flatMap((name) => [...(added.get(name) ?? [])]),
    ...types.derived(type).flatMap((name) => [...added.get(name)!].map((property) => `${name}/${property}`)),
  ];
  const completed = annotatePlaces(source, types, (annotations, { type }) => {
    const value = paths(type);
    return withMissing(annotations, value.length === 0 ? [] : [{ term: terms.optimisticConcurrency, value }]);
  });
  return {
    ...completed,
    schemas: completed.schemas.map((schema) => ({
      ...schema,
      entityTypes: schema.entityTypes.map((type) => ({
        ...type,
        concurrency: [...added.get(`${schema.namespace}.${type.name}`)!],
      })),
    })),
  };
}
