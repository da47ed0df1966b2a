import type { Annotation, ModelSource, StructuredTypeSource } from "./source.js";
import { annotationValue } from "./vocabulary.js";

/** The entity types of a description by name, before they are linked. Names that lead nowhere are passed over. */
export class SourceTypes {
  /** By qualified name. */
  readonly all: ReadonlyMap<string, StructuredTypeSource>;
  readonly #aliases: ReadonlyMap<string, string>;

  constructor({ schemas }: ModelSource) {
    this.#aliases = new Map(
      schemas.flatMap(({ alias, namespace }) => (alias === undefined ? [] : [[alias, namespace] as const])),
    );
    this.all = new Map(
      schemas.flatMap(({ namespace, entityTypes }) =>
        entityTypes.map((type) => [`${namespace}.${type.name}`, type] as const),
      ),
    );
  }

  /** The qualified name behind one that may be written with a schema's alias. */
  resolve(name: string): string {
    const dot = name.lastIndexOf(".");
    const namespace = this.#aliases.get(name.slice(0, dot));
    return namespace === undefined ? name : `${namespace}${name.slice(dot)}`;
  }

  /** The names of a type's base types, the root's first, and its own. A circle ends where it closes. */
  lineage(name: string): string[] {
    const found = [name];
    for (let type = this.all.get(name); type?.baseType !== undefined; type = this.all.get(found[0]!)) {
      const base = this.resolve(type.baseType);
      if (found.includes(base)) break;
      found.unshift(base);
    }
    return found;
  }

  /** The names of the types that derive from a type, directly or not. */
  derived(name: string): string[] {
    return [...this.all.keys()].filter((other) => other !== name && this.lineage(other).includes(name));
  }
}

/** Annotations, and behind them those of others whose terms are not among them. */
export function withMissing(
  annotations: readonly Annotation[] | undefined,
  others: readonly Annotation[],
): readonly Annotation[] {
  const written = annotations ?? [];
  return [...written, ...others.filter(({ term }) => annotationValue(written, term) === undefined)];
}

/** What {@link annotatePlaces} tells of a place where entities live. */
export interface Place {
  /** Its name, for messages. */
  readonly name: string;
  /** Qualified name of its entity type. */
  readonly type: string;
  readonly collection: boolean;
}

/**
 * The same description with other annotations wherever entities live: entity sets, singletons and containment navigation
 * properties.
 *
 * @param annotate makes the annotations of a place out of those that it has
 */
export function annotatePlaces(
  source: ModelSource,
  types: SourceTypes,
  annotate: (annotations: readonly Annotation[] | undefined, place: Place) => readonly Annotation[],
): ModelSource {
  const annotated = <T extends { readonly name: string; readonly annotations?: readonly Annotation[] | undefined }>(
    place: T,
    type: string,
    collection: boolean,
  ): T => ({
    ...place,
    annotations: annotate(place.annotations, { name: place.name, type: types.resolve(type), collection }),
  });
  const schemas = source.schemas.map((schema) => ({
    ...schema,
    entityTypes: schema.entityTypes.map((type) => ({
      ...type,
      navigationProperties: type.navigationProperties.map((property) =>
        property.containsTarget === true ? annotated(property, property.type, property.collection ?? false) : property,
      ),
    })),
    container: schema.container && {
      ...schema.container,
      entitySets: schema.container.entitySets.map((set) => annotated(set, set.entityType, true)),
      singletons: schema.container.singletons.map((singleton) => annotated(singleton, singleton.type, false)),
    },
  }));
  return { ...source, schemas };
}
