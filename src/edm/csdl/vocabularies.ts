import type { EdmType, Model } from "../model.js";
import type { Annotation, AnnotationValue } from "../source.js";

/** A vocabulary of the OASIS OData committee: https://github.com/oasis-tcs/odata-vocabularies. */
export interface Vocabulary {
  readonly namespace: string;
  /** The alias that the vocabulary is known by; `undefined` where the document cannot use it. */
  readonly alias: string | undefined;
}

/**
 * How an expression that is a text in CSDL JSON is written in CSDL XML, which has an element of its own for each kind
 * of path, and writes the members of an enumeration with their type's name (CSDL XML 4.01, sections 14.3.8 and 14.4.1).
 */
export type TextExpression =
  | { readonly kind: "path"; readonly element: "PropertyPath" | "NavigationPropertyPath" }
  | { readonly kind: "enumeration"; readonly type: string };

const core = "Org.OData.Core.V1";
const capabilities = "Org.OData.Capabilities.V1";

const vocabularies: readonly Vocabulary[] = [
  { namespace: core, alias: "Core" },
  { namespace: capabilities, alias: "Capabilities" },
  { namespace: "Org.OData.Validation.V1", alias: "Validation" },
  { namespace: "Org.OData.Measures.V1", alias: "Measures" },
  { namespace: "Org.OData.Authorization.V1", alias: "Authorization" },
  { namespace: "Org.OData.Aggregation.V1", alias: "Aggregation" },
  { namespace: "Org.OData.Temporal.V1", alias: "Temporal" },
  { namespace: "Org.OData.Repeatability.V1", alias: "Repeatability" },
  { namespace: "Org.OData.JSON.V1", alias: "JSON" },
];

const propertyPath: TextExpression = { kind: "path", element: "PropertyPath" };
const navigationPropertyPath: TextExpression = { kind: "path", element: "NavigationPropertyPath" };
const enumeration = (type: string): TextExpression => ({ kind: "enumeration", type });

/**
 * What the texts of a vocabulary's terms and record properties are, where they are not plain strings: by namespace, then
 * by the name of the term or of the property.
 */
const textExpressions: ReadonlyMap<string, ReadonlyMap<string, TextExpression>> = new Map([
  [
    core,
    new Map([
      ["OptimisticConcurrency", propertyPath],
      ["Permissions", enumeration(`${core}.Permission`)],
      // Of a record of Core.Revisions. Core.AlternateKeys has properties called Key, Name and Alias.
      ["Kind", enumeration(`${core}.RevisionKind`)],
      ["Name", propertyPath],
    ]),
  ],
  [
    capabilities,
    new Map([
      ["ConformanceLevel", enumeration(`${capabilities}.ConformanceLevelType`)],
      ["IsolationSupported", enumeration(`${capabilities}.IsolationLevel`)],
      ["Navigability", enumeration(`${capabilities}.NavigationType`)],
      ["UnsupportedExpressions", enumeration(`${capabilities}.SearchExpressions`)],
      ["UpdateMethod", enumeration(`${capabilities}.HttpMethod`)],
      ["AscendingOnlyProperties", propertyPath],
      ["DescendingOnlyProperties", propertyPath],
      ["FilterableProperties", propertyPath],
      ["NonCountableProperties", propertyPath],
      ["NonExpandableStreamProperties", propertyPath],
      ["NonFilterableProperties", propertyPath],
      ["NonInsertableProperties", propertyPath],
      ["NonSortableProperties", propertyPath],
      ["NonUpdatableProperties", propertyPath],
      ["Property", propertyPath],
      ["RequiredProperties", propertyPath],
      ["ExpandableProperties", navigationPropertyPath],
      ["NavigationProperty", navigationPropertyPath],
      ["NonCountableNavigationProperties", navigationPropertyPath],
      ["NonDeletableNavigationProperties", navigationPropertyPath],
      ["NonExpandableProperties", navigationPropertyPath],
      ["NonInsertableNavigationProperties", navigationPropertyPath],
      ["NonUpdatableNavigationProperties", navigationPropertyPath],
    ]),
  ],
]);

/** The names of the terms of one document: which vocabularies it refers to, and how it writes a term's name. */
export class TermNames {
  /** The vocabularies that the model's annotations use, in the order of the table above. */
  readonly references: readonly Vocabulary[];
  readonly #model: Model;
  /** What stands before the dot, by namespace. */
  readonly #prefixes: ReadonlyMap<string, string>;

  constructor(model: Model) {
    this.#model = model;
    const used = new Set<string>();
    for (const annotation of annotationsOf(model)) this.#collectAnnotation(annotation, used);
    this.references = vocabularies
      .filter(({ namespace }) => used.has(namespace))
      .map(({ namespace, alias }) => ({ namespace, alias: this.#isOwn(alias) ? undefined : alias }));
    this.#prefixes = new Map(this.references.map(({ namespace, alias }) => [namespace, alias ?? namespace]));
  }

  /**
   * The name to write for a term, or for a type of a vocabulary: qualified by the alias that the document's reference
   * declares, or as it is, where it belongs to no known vocabulary.
   *
   * @example termNames.shorten("Org.OData.Core.V1.Description") // "Core.Description"
   */
  shorten(qualifiedName: string): string {
    const [namespace, name] = this.#split(qualifiedName);
    const prefix = this.#prefixes.get(namespace);
    return prefix === undefined ? qualifiedName : `${prefix}.${name}`;
  }

  /**
   * What a text is that stands as the value of `term`, or of the record property `property` within that value.
   *
   * @returns `undefined` where it is a plain string
   */
  textExpression(term: string, property?: string): TextExpression | undefined {
    const [namespace, name] = this.#split(term);
    // Only the records of these two terms of Core have a property that is no plain string.
    if (property === "Kind" && name !== "Revisions") return undefined;
    if (property === "Name" && name !== "AlternateKeys") return undefined;
    return textExpressions.get(namespace)?.get(property ?? name);
  }

  /** A qualified name as the vocabulary's namespace, which may be given by its well-known alias, and the simple name. */
  #split(qualifiedName: string): readonly [string, string] {
    const dot = qualifiedName.lastIndexOf(".");
    const prefix = qualifiedName.slice(0, dot);
    const known = this.#isOwn(prefix) ? undefined : vocabularies.find(({ alias }) => alias === prefix);
    return [known?.namespace ?? prefix, qualifiedName.slice(dot + 1)];
  }

  /** True where a schema of the model itself has that name or alias: it goes before a vocabulary's alias. */
  #isOwn(name: string | undefined): boolean {
    return this.#model.schemas.some(({ namespace, alias }) => namespace === name || alias === name);
  }

  #collectAnnotation({ term, value, annotations = [] }: Annotation, used: Set<string>): void {
    this.#collect(term, value, used);
    for (const annotation of annotations) this.#collectAnnotation(annotation, used);
  }

  #collect(term: string, value: AnnotationValue, used: Set<string>): void {
    used.add(this.#split(term)[0]);
    this.#collectNested(value, used);
  }

  /** Records may be annotated, and may say their type: CSDL 4.01, section 14.4.12. */
  #collectNested(value: AnnotationValue, used: Set<string>): void {
    if (typeof value !== "object" || value === null) return;
    if (isCollection(value)) {
      for (const item of value) this.#collectNested(item, used);
      return;
    }
    for (const [name, member] of Object.entries(value)) {
      const annotated = parseAnnotationName(name);
      if (annotated === undefined) this.#collectNested(member, used);
      else if (isTypeName(annotated.term)) used.add(this.#split(typeNameOf(member))[0]);
      else this.#collect(annotated.term, member, used);
    }
  }
}

/** `Array.isArray` does not narrow a readonly array. */
export function isCollection(value: AnnotationValue): value is readonly AnnotationValue[] {
  return Array.isArray(value);
}

/**
 * The parts of the name of a record's member that is an annotation: of the record (`@Core.Description`), or of one of
 * its properties (`Countable@Core.Description#short`).
 *
 * @returns `undefined` for any other member
 */
export function parseAnnotationName(
  name: string,
): { readonly property: string; readonly term: string; readonly qualifier: string | undefined } | undefined {
  const at = name.indexOf("@");
  if (at < 0) return undefined;
  const hash = name.indexOf("#", at);
  return {
    property: name.slice(0, at),
    term: name.slice(at + 1, hash < 0 ? undefined : hash),
    qualifier: hash < 0 ? undefined : name.slice(hash + 1),
  };
}

/** True for the name of the control information that says a record's type. */
export function isTypeName(term: string): boolean {
  return term === "type" || term === "odata.type";
}

/** The qualified name in the value of a type control information, which is a URL's fragment, or the name by itself. */
export function typeNameOf(value: AnnotationValue): string {
  const text = String(value);
  return text.slice(text.lastIndexOf("#") + 1);
}

function* annotationsOf(model: Model): Iterable<Annotation> {
  for (const schema of model.schemas) {
    yield* schema.annotations;
    const types: readonly EdmType[] = [
      ...schema.enumTypes,
      ...schema.typeDefinitions,
      ...schema.complexTypes,
      ...schema.entityTypes,
    ];
    for (const type of types) {
      yield* type.annotations;
      if (type.kind !== "complex" && type.kind !== "entity") continue;
      for (const property of type.ownProperties) yield* property.annotations;
      for (const property of type.ownNavigationProperties) yield* property.annotations;
    }
    for (const { annotations, parameters, returnType } of schema.operations) {
      yield* annotations;
      for (const parameter of parameters) yield* parameter.annotations;
      yield* returnType?.annotations ?? [];
    }
  }
  yield* model.container.annotations;
  for (const set of model.container.entitySets.values()) yield* set.annotations;
  for (const singleton of model.container.singletons.values()) yield* singleton.annotations;
  for (const one of model.container.operationImports.values()) yield* one.annotations;
}
