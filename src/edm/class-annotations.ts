import * as serverEdm from "odata-v4-server/build/lib/edm.js";
import { ownAnnotations } from "./annotation-decorators.js";
import { acceptableMediaTypes } from "./media.js";
import type { Annotation, AnnotationValue } from "./source.js";
import { terms } from "./vocabulary.js";

/** A decorated class: an entity type, a complex type, a controller or a service. */
export type DecoratedClass = abstract new (...args: never[]) => object;

/**
 * The annotations of a class or of one of its members: ours by term, and those of
 * `@Edm.Annotate({ term, string | bool | int | decimal | ... })`.
 */
export function annotationsOf(type: DecoratedClass, name?: string): Annotation[] {
  const own = name === undefined ? ownAnnotations(type) : ownAnnotations(type.prototype as object, name);
  const annotated = serverEdm.getAnnotations(type, name) as readonly Record<string, unknown>[];
  const converted = annotated.map((annotation): Annotation => {
    const { term, qualifier, ...value } = annotation;
    const [given] = Object.entries(value);
    return {
      term: String(term),
      qualifier: qualifier === undefined ? undefined : String(qualifier),
      value: given === undefined ? true : annotatedValue(...given),
    };
  });
  const annotations = [...own, ...converted];
  const computed = name !== undefined && serverEdm.isComputed(type, name);
  if (computed && !annotations.some(({ term }) => term === terms.computed)) {
    annotations.push({ term: terms.computed, value: true });
  }
  const place: unknown = name === undefined ? type : type.prototype;
  const contentType: unknown =
    name === undefined
      ? Reflect.getOwnMetadata(MEDIA, place as object)
      : Reflect.getMetadata(MEDIA, place as object, name);
  return [...annotations, ...acceptableMediaTypes(contentType, annotations)];
}

/** Where `@Edm.MediaEntity` and `@Edm.Stream` leave the media type that they were given. */
const MEDIA = "edm:mediaentity";

/** `odata-v4-server` takes the constants of CSDL XML, which are texts, as well as values. */
function annotatedValue(kind: string, value: unknown): AnnotationValue {
  if (typeof value !== "string") return value as AnnotationValue;
  if (kind === "bool") return value === "true";
  return ["int", "decimal", "float"].includes(kind) ? Number(value) : value;
}
