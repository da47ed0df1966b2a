import type { Facets } from "./source.js";

/** A frozen copy: what the source holds stays its maker's. */
export function frozenList<T>(items: readonly T[] | undefined): readonly T[] {
  return Object.freeze([...(items ?? [])]);
}

/** The names of something that a schema declares. */
export function naming(
  namespace: string,
  name: string,
): { readonly name: string; readonly namespace: string; readonly qualifiedName: string } {
  return { name, namespace, qualifiedName: `${namespace}.${name}` };
}

/** The facets out of a declaration that has them among other members. */
export function facetsOf({ maxLength, precision, scale, srid, unicode }: Facets): Facets {
  return Object.freeze({ maxLength, precision, scale, srid, unicode });
}
