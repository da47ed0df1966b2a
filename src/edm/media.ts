import { ModelError } from "./model-error.js";
import type { EdmType, EntityType, Model } from "./model.js";
import { isStream } from "./model.js";
import type { Annotation, MediaFact, MediaFactName } from "./source.js";
import { annotationValue, terms } from "./vocabulary.js";

/** What `@Edm.MediaEntity` and `@Edm.Stream` say of media types, as the annotation that stands for it. */
export function acceptableMediaTypes(contentType: unknown, annotations: readonly Annotation[]): readonly Annotation[] {
  if (typeof contentType !== "string" || contentType === "*/*") return [];
  if (annotationValue(annotations, terms.acceptableMediaTypes) !== undefined) return [];
  return [{ term: terms.acceptableMediaTypes, value: [contentType] }];
}

const types: Readonly<Record<MediaFactName, readonly string[]>> = {
  contentType: ["Edm.String"],
  slug: ["Edm.String"],
  size: ["Edm.Int64", "Edm.Int32", "Edm.Decimal"],
};

/** @throws {ModelError} where a property cannot hold what it is to hold of a content */
export function checkFactType(name: string, { fact }: MediaFact, type: EdmType, collection: boolean): void {
  const { qualifiedName } = type.kind === "typeDefinition" ? type.underlyingType : type;
  if (!collection && types[fact].includes(qualifiedName)) return;
  throw new ModelError(`The property '${name}' holds the ${fact} of a content; it must be of type ${types[fact][0]!}.`);
}

/** @throws {ModelError} where a property follows a stream that its type does not have */
export function checkFactStreams({ schemas }: Pick<Model, "schemas">): void {
  for (const type of schemas.flatMap(({ entityTypes }) => entityTypes)) {
    for (const { name, mediaFact } of type.ownProperties) {
      if (mediaFact === undefined || hasStreamNamed(type, mediaFact.stream)) continue;
      const what = mediaFact.stream === undefined ? "is no media entity" : `has no stream '${mediaFact.stream}'`;
      throw new ModelError(`'${type.qualifiedName}/${name}' holds something of a content, but the type ${what}.`);
    }
  }
}

function hasStreamNamed(type: EntityType, stream: string | undefined): boolean {
  if (stream === undefined) return type.hasStream;
  const property = type.properties.get(stream);
  return property !== undefined && isStream(property);
}
