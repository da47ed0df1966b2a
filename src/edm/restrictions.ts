import { ModelError } from "./model-error.js";
import type { EntityContainer, EntitySet, Singleton } from "./model.js";
import type { Annotation, AnnotationValue } from "./source.js";
import { annotationValue, terms } from "./vocabulary.js";

/** Values of annotations by the simple name of their term, which is what `NavigationPropertyRestriction` calls them too. */
export type Restrictions = ReadonlyMap<string, AnnotationValue>;

export type RecordValue = { readonly [property: string]: AnnotationValue };

export const none: Restrictions = new Map();

/** All keys are parts of the model, so these are as large as the model. */
const read = new WeakMap<readonly Annotation[], Restrictions>();
const restrictedProperties = new WeakMap<EntitySet | Singleton, ReadonlyMap<string, Restrictions>>();
const combined = new WeakMap<Restrictions, WeakMap<Restrictions, Restrictions>>();

const readTerms = [
  terms.changeTracking,
  terms.computeSupported,
  terms.countRestrictions,
  terms.deepInsertSupport,
  terms.deepUpdateSupport,
  terms.deleteRestrictions,
  terms.expandRestrictions,
  terms.filterFunctions,
  terms.filterRestrictions,
  terms.indexableByKey,
  terms.insertRestrictions,
  terms.navigationRestrictions,
  terms.readRestrictions,
  terms.searchRestrictions,
  terms.selectSupport,
  terms.skipSupported,
  terms.sortRestrictions,
  terms.topSupported,
  terms.updateRestrictions,
];

/** What annotations say of capabilities. */
export function restrictionsOf(annotations: readonly Annotation[]): Restrictions {
  let found = read.get(annotations);
  if (found === undefined) {
    const values = readTerms.flatMap((term) => {
      const value = annotationValue(annotations, term);
      return value === undefined ? [] : [[simpleName(term), value] as const];
    });
    found = values.length === 0 ? none : new Map(values);
    read.set(annotations, found);
  }
  return found;
}

/** What a container says holds for each of its sets: `FilterFunctions`, `ComputeSupported`. */
export function ofContainer({ annotations }: EntityContainer): Restrictions {
  return restrictionsOf(annotations);
}

function simpleName(term: string): string {
  return term.slice(term.lastIndexOf(".") + 1);
}

/** `NavigationRestrictions/RestrictedProperties` of a set or singleton, by path. */
export function restrictedProperty(root: EntitySet | Singleton | undefined, path: string): Restrictions {
  if (root === undefined) return none;
  let found = restrictedProperties.get(root);
  if (found === undefined) {
    const value = member(restrictionsOf(root.annotations), "NavigationRestrictions", "RestrictedProperties") ?? [];
    const entries = listOf(value, root.name, "NavigationRestrictions").map((item) => {
      const record = recordOf(item, root.name, "NavigationRestrictions");
      return [String(record.NavigationProperty), new Map(Object.entries(record))] as const;
    });
    found = new Map(entries);
    restrictedProperties.set(root, found);
  }
  return found.get(path) ?? none;
}

/** `Navigability` of a navigation property, its own or that of all of a set or singleton. */
export function navigability(
  root: EntitySet | Singleton | undefined,
  restricted: Restrictions,
): AnnotationValue | undefined {
  const own = restricted.get("Navigability");
  if (own !== undefined || root === undefined) return own;
  return member(restrictionsOf(root.annotations), "NavigationRestrictions", "Navigability");
}

/** The particular goes before the general, in records property by property. */
export function combine(general: Restrictions, particular: Restrictions): Restrictions {
  if (particular === none) return general;
  if (general === none) return particular;
  let ofGeneral = combined.get(general);
  if (ofGeneral === undefined) combined.set(general, (ofGeneral = new WeakMap()));
  let found = ofGeneral.get(particular);
  if (found === undefined) {
    const values = new Map(general);
    for (const [name, value] of particular) {
      const base = values.get(name);
      values.set(name, isRecord(base) && isRecord(value) ? { ...base, ...value } : value);
    }
    ofGeneral.set(particular, (found = values));
  }
  return found;
}

function member(restrictions: Restrictions, term: string, property: string): AnnotationValue | undefined {
  const value = restrictions.get(term);
  return isRecord(value) ? value[property] : undefined;
}

export function isRecord(value: AnnotationValue | undefined): value is RecordValue {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {ModelError} where the value of an annotation is no record */
export function recordOf(value: AnnotationValue, where: string, term: string): RecordValue {
  if (isRecord(value)) return value;
  throw wrong(where, term, "it takes a record");
}

/** @throws {ModelError} where the value of an annotation is no collection */
export function listOf(value: AnnotationValue, where: string, term: string): readonly AnnotationValue[] {
  if (Array.isArray(value)) return value as readonly AnnotationValue[];
  throw wrong(where, term, "it takes a collection");
}

/** @throws {ModelError} where the value of an annotation is neither true nor false */
export function flagOf(value: AnnotationValue | undefined, otherwise: boolean, where: string, term: string): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === "boolean") return value;
  throw wrong(where, term, "it takes true or false; what depends on data cannot be declared");
}

/** An annotation that is not written as its term asks for. */
export function wrong(where: string, term: string, why: string): ModelError {
  return new ModelError(`The annotation ${term} of '${where}' cannot be read: ${why}.`);
}
