/**
 * A model as plain data with names for types: what the readers (decorated classes, CSDL documents) produce
 * and {@link buildModel} turns into the linked, immutable {@link Model}. Close to CSDL JSON 4.01.
 * Type names are namespace-qualified (`Edm.String`, `microsoft.graph.keySize`).
 */
export interface ModelSource {
  readonly schemas: readonly SchemaSource[];
}

export interface SchemaSource {
  readonly namespace: string;
  readonly alias?: string | undefined;
  readonly enumTypes: readonly EnumTypeSource[];
  readonly typeDefinitions: readonly TypeDefinitionSource[];
  readonly complexTypes: readonly StructuredTypeSource[];
  readonly entityTypes: readonly StructuredTypeSource[];
  /** Overloads of one name are entries of their own. */
  readonly operations?: readonly OperationSource[] | undefined;
  readonly annotations?: readonly Annotation[] | undefined;
  /** At most one in all schemas of a model. */
  readonly container?: EntityContainerSource | undefined;
}

/**
 * The value of an annotation, as CSDL JSON 4.01 writes a constant or dynamic expression:
 * a text, number, boolean or null, an array (collection) or an object (record).
 */
export type AnnotationValue =
  string | number | boolean | null | readonly AnnotationValue[] | { readonly [property: string]: AnnotationValue };

export interface Annotation {
  /** Qualified name of the term, for example `Org.OData.Core.V1.Computed`. */
  readonly term: string;
  readonly qualifier?: string | undefined;
  readonly value: AnnotationValue;
  /** Of the annotation itself: CSDL 4.01, section 14.2. */
  readonly annotations?: readonly Annotation[] | undefined;
}

interface Annotated {
  readonly annotations?: readonly Annotation[] | undefined;
}

/** Facets of a property, a type definition or a parameter (CSDL 4.01, section 7.2). */
export interface Facets {
  readonly maxLength?: number | "max" | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | "variable" | "floating" | undefined;
  readonly srid?: number | "variable" | undefined;
  readonly unicode?: boolean | undefined;
}

export interface EnumTypeSource extends Annotated {
  readonly name: string;
  readonly underlyingType?: string | undefined;
  readonly flags?: boolean | undefined;
  readonly members: readonly { readonly name: string; readonly value: number }[];
}

export interface TypeDefinitionSource extends Annotated, Facets {
  readonly name: string;
  readonly underlyingType: string;
}

export interface StructuredTypeSource extends Annotated {
  readonly name: string;
  readonly baseType?: string | undefined;
  readonly abstract?: boolean | undefined;
  readonly open?: boolean | undefined;
  readonly hasStream?: boolean | undefined;
  /** Names of the key properties; only on the entity type of a hierarchy that declares the key. */
  readonly key?: readonly string[] | undefined;
  /** Names of the properties that make an entity's ETag, beside those of the base types; only on entity types. */
  readonly concurrency?: readonly string[] | undefined;
  readonly properties: readonly PropertySource[];
  readonly navigationProperties: readonly NavigationPropertySource[];
}

/**
 * What the service makes itself of a property, whatever a client sends:
 * a new GUID at creation, the instant of creation, the instant of the last change,
 * or a count of changes that starts at 1.
 */
export type Generated = "guid" | "createdAt" | "modifiedAt" | "revision";

/** What a property tells of the content of a stream. */
export type MediaFactName = "contentType" | "size" | "slug";

/** A property that tells something of a content. */
export interface MediaFact {
  readonly fact: MediaFactName;
  /** The stream property; absent for the media entity's own content. */
  readonly stream: string | undefined;
}

export interface PropertySource extends Annotated, Facets {
  readonly name: string;
  /** Of an element, where `collection`. */
  readonly type: string;
  readonly collection?: boolean | undefined;
  /** Absent means `true`, as in CSDL XML. */
  readonly nullable?: boolean | undefined;
  /** As a JSON value: a text, a number, a boolean, an enumeration member's name. */
  readonly defaultValue?: AnnotationValue | undefined;
  readonly generated?: Generated | undefined;
  /** Its words are found by `$search`. */
  readonly searchable?: boolean | undefined;
  /** The service sets it whenever the content is set. */
  readonly mediaFact?: MediaFact | undefined;
}

export interface NavigationPropertySource extends Annotated {
  readonly name: string;
  readonly type: string;
  readonly collection?: boolean | undefined;
  readonly nullable?: boolean | undefined;
  readonly partner?: string | undefined;
  readonly containsTarget?: boolean | undefined;
  readonly referentialConstraints?:
    readonly { readonly property: string; readonly referencedProperty: string }[] | undefined;
  readonly onDelete?: "Cascade" | "None" | "SetNull" | "SetDefault" | undefined;
}

/** An overload of a function or an action. */
export interface OperationSource extends Annotated {
  readonly kind: "function" | "action";
  readonly name: string;
  readonly bound?: boolean | undefined;
  readonly composable?: boolean | undefined;
  readonly entitySetPath?: string | undefined;
  /** The binding parameter is the first. */
  readonly parameters: readonly ParameterSource[];
  readonly returnType?: ReturnTypeSource | undefined;
  /** Tells what carries it out; means something to whoever made the description, and is not part of CSDL. */
  readonly implementation?: string | undefined;
}

export interface ReturnTypeSource extends Annotated, Facets {
  /** Of an element, where `collection`. */
  readonly type: string;
  readonly collection?: boolean | undefined;
  /** Absent means `true`, as in CSDL XML. */
  readonly nullable?: boolean | undefined;
}

export interface ParameterSource extends ReturnTypeSource {
  readonly name: string;
}

export interface EntityContainerSource extends Annotated {
  readonly name: string;
  readonly entitySets: readonly EntitySetSource[];
  readonly singletons: readonly SingletonSource[];
  readonly operationImports?: readonly OperationImportSource[] | undefined;
}

export interface OperationImportSource extends Annotated {
  readonly kind: "functionImport" | "actionImport";
  readonly name: string;
  /** Qualified name of the function or action. */
  readonly operation: string;
  readonly entitySet?: string | undefined;
  readonly includeInServiceDocument?: boolean | undefined;
}

/** A navigation property binding: CSDL 4.01, section 13.4. */
export interface NavigationPropertyBindingSource {
  /** May hold type-cast segments: `microsoft.graph.iosScepCertificateProfile/rootCertificate`. */
  readonly path: string;
  readonly target: string;
}

export interface EntitySetSource extends Annotated {
  readonly name: string;
  readonly entityType: string;
  readonly bindings?: readonly NavigationPropertyBindingSource[] | undefined;
}

export interface SingletonSource extends Annotated {
  readonly name: string;
  readonly type: string;
  readonly bindings?: readonly NavigationPropertyBindingSource[] | undefined;
}
