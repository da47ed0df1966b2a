import type {
  Annotation,
  AnnotationValue,
  Facets,
  Generated,
  MediaFact,
  NavigationPropertyBindingSource,
} from "./source.js";

/**
 * The entity data model in memory: linked, frozen, every look-up a map. Made by {@link buildModel}; terms are those of
 * OData CSDL 4.01.
 */
export interface Model {
  readonly schemas: readonly Schema[];
  readonly container: EntityContainer;
  /** All types by qualified name, alias-qualified name too; the primitive types are among them. */
  readonly types: ReadonlyMap<string, EdmType>;
  /** The overloads of each function and action by qualified name, alias-qualified name too. */
  readonly operations: ReadonlyMap<string, readonly Operation[]>;
  /** `Core.SchemaVersion` of the schema that declares the container: what `$schemaversion` may ask for. */
  readonly schemaVersion: string | undefined;
}

export interface Schema {
  readonly namespace: string;
  readonly alias: string | undefined;
  /** In the order in which they were declared. */
  readonly enumTypes: readonly EnumType[];
  readonly typeDefinitions: readonly TypeDefinition[];
  readonly complexTypes: readonly ComplexType[];
  readonly entityTypes: readonly EntityType[];
  /** Overloads stand one behind the other. */
  readonly operations: readonly Operation[];
  /** True in the schema that declares the model's container. */
  readonly declaresContainer: boolean;
  readonly annotations: readonly Annotation[];
}

export type EdmType = PrimitiveType | EnumType | TypeDefinition | ComplexType | EntityType;
export type StructuredType = ComplexType | EntityType;

/** The names of the primitive types: CSDL 4.01, section 3.3. */
export type PrimitiveTypeName =
  | "Edm.Binary"
  | "Edm.Boolean"
  | "Edm.Byte"
  | "Edm.Date"
  | "Edm.DateTimeOffset"
  | "Edm.Decimal"
  | "Edm.Double"
  | "Edm.Duration"
  | "Edm.Guid"
  | "Edm.Int16"
  | "Edm.Int32"
  | "Edm.Int64"
  | "Edm.SByte"
  | "Edm.Single"
  | "Edm.Stream"
  | "Edm.String"
  | "Edm.TimeOfDay"
  | "Edm.Geography"
  | "Edm.GeographyPoint"
  | "Edm.GeographyLineString"
  | "Edm.GeographyPolygon"
  | "Edm.GeographyMultiPoint"
  | "Edm.GeographyMultiLineString"
  | "Edm.GeographyMultiPolygon"
  | "Edm.GeographyCollection"
  | "Edm.Geometry"
  | "Edm.GeometryPoint"
  | "Edm.GeometryLineString"
  | "Edm.GeometryPolygon"
  | "Edm.GeometryMultiPoint"
  | "Edm.GeometryMultiLineString"
  | "Edm.GeometryMultiPolygon"
  | "Edm.GeometryCollection"
  | "Edm.Untyped"
  | "Edm.PrimitiveType"
  | "Edm.ComplexType"
  | "Edm.EntityType";

interface NamedType {
  /** Simple name, without the namespace. */
  readonly name: string;
  readonly namespace: string;
  /** `namespace.name`. */
  readonly qualifiedName: string;
  readonly annotations: readonly Annotation[];
}

export interface PrimitiveType extends NamedType {
  readonly kind: "primitive";
  readonly qualifiedName: PrimitiveTypeName;
}

export interface EnumType extends NamedType {
  readonly kind: "enum";
  readonly underlyingType: PrimitiveType;
  readonly flags: boolean;
  /** Value by member name, in declaration order. */
  readonly members: ReadonlyMap<string, number>;
  /** First member name by value. */
  readonly names: ReadonlyMap<number, string>;
}

export interface TypeDefinition extends NamedType {
  readonly kind: "typeDefinition";
  readonly underlyingType: PrimitiveType;
  readonly facets: Facets;
}

interface StructuredTypeBase extends NamedType {
  readonly abstract: boolean;
  /** True also where a base type is open. */
  readonly open: boolean;
  /** Declared by this very type, in order. */
  readonly ownProperties: readonly Property[];
  readonly ownNavigationProperties: readonly NavigationProperty[];
  /** Declared by this type and its base types, the root's first, by name. */
  readonly properties: ReadonlyMap<string, Property>;
  readonly navigationProperties: ReadonlyMap<string, NavigationProperty>;
}

export interface ComplexType extends StructuredTypeBase {
  readonly kind: "complex";
  readonly baseType: ComplexType | undefined;
  /** All types that derive from this one, directly or not, without itself. */
  readonly derivedTypes: readonly ComplexType[];
  /** This type and its base types. */
  readonly lineage: ReadonlySet<ComplexType>;
}

export interface EntityType extends StructuredTypeBase {
  readonly kind: "entity";
  readonly baseType: EntityType | undefined;
  readonly derivedTypes: readonly EntityType[];
  readonly lineage: ReadonlySet<EntityType>;
  readonly hasStream: boolean;
  /** The key properties, inherited ones too; empty for an abstract type without a key. */
  readonly key: readonly Property[];
  /** True for the type that declares the key. */
  readonly declaresKey: boolean;
  /** Declared by this type and its base types: other ways to tell one entity. */
  readonly alternateKeys: readonly AlternateKey[];
  /** The properties whose values make an entity's ETag, inherited ones first; none where any change makes another. */
  readonly concurrency: readonly Property[];
  /**
   * Navigation properties that only derived types declare, by name: one entry for each declaring type.
   * They let a path go on from an entity by its actual type, without a cast.
   */
  readonly derivedNavigationProperties: ReadonlyMap<string, readonly NavigationProperty[]>;
}

/** `Core.AlternateKeys`: URL Conventions 4.01, section 4.3.5. */
export interface AlternateKey {
  /** By the name that stands in a URL: the property's own, or its alias. In the order of the declaration. */
  readonly properties: ReadonlyMap<string, Property>;
}

export interface Property {
  readonly kind: "property";
  readonly name: string;
  /** Of an element, where `collection`. */
  readonly type: Exclude<EdmType, EntityType>;
  readonly collection: boolean;
  readonly nullable: boolean;
  readonly facets: Facets;
  /** A JSON value; `undefined` where none is declared. */
  readonly defaultValue: AnnotationValue | undefined;
  /** The service makes the value; what a client sends is ignored. */
  readonly generated: Generated | undefined;
  /** `Org.OData.Core.V1.Computed` is set. Always true where `generated`. */
  readonly computed: boolean;
  /** Its words are found by `$search`; only single texts. */
  readonly searchable: boolean;
  /** What it tells of a content, where it does: it is set with that. */
  readonly mediaFact?: MediaFact | undefined;
  readonly declaringType: StructuredType;
  readonly annotations: readonly Annotation[];
}

export interface NavigationProperty {
  readonly kind: "navigationProperty";
  readonly name: string;
  readonly type: EntityType;
  readonly collection: boolean;
  readonly nullable: boolean;
  readonly containsTarget: boolean;
  readonly partner: string | undefined;
  readonly referentialConstraints: readonly { readonly property: string; readonly referencedProperty: string }[];
  readonly onDelete: "Cascade" | "None" | "SetNull" | "SetDefault" | undefined;
  readonly declaringType: StructuredType;
  readonly annotations: readonly Annotation[];
}

/** One overload of a function or an action: CSDL 4.01, sections 12.1 and 12.3. */
export interface Operation {
  readonly kind: "function" | "action";
  readonly name: string;
  readonly namespace: string;
  readonly qualifiedName: string;
  /** The first parameter is the binding parameter. */
  readonly bound: boolean;
  readonly parameters: readonly Parameter[];
  /** `undefined` for an action that gives nothing back. */
  readonly returnType: ReturnType | undefined;
  /** Functions only: a path may go on behind it. */
  readonly composable: boolean;
  /** Where the entities that it gives back are at home, seen from the binding parameter (CSDL 4.01, section 12.6). */
  readonly entitySetPath: string | undefined;
  /**
   * What carries it out, where the model was read from classes: the key of its method in `ClassesSource.operations`.
   * Overloads that one method carries out, bound and unbound, have the same.
   */
  readonly implementation: string | undefined;
  readonly annotations: readonly Annotation[];
}

export interface ReturnType {
  /** Of an element, where `collection`. */
  readonly type: EdmType;
  readonly collection: boolean;
  readonly nullable: boolean;
  readonly facets: Facets;
  readonly annotations: readonly Annotation[];
}

/** A parameter of an operation: CSDL 4.01, section 12.9. */
export interface Parameter extends ReturnType {
  readonly name: string;
  /** `Core.OptionalParameter`: a call may leave it out. */
  readonly optional: boolean;
  /** `DefaultValue` of `Core.OptionalParameter`: a text that is cast to the parameter's type, so a string has no quotes. */
  readonly defaultValue: string | undefined;
}

/** A function import or an action import: CSDL 4.01, sections 13.5 and 13.6. */
export interface OperationImport {
  readonly kind: "functionImport" | "actionImport";
  readonly name: string;
  /** The unbound overloads that it stands for. */
  readonly operations: readonly Operation[];
  /** Where the entities that it gives back are at home. */
  readonly entitySet: EntitySet | undefined;
  readonly includeInServiceDocument: boolean;
  readonly annotations: readonly Annotation[];
}

export interface EntityContainer {
  readonly name: string;
  readonly namespace: string;
  readonly entitySets: ReadonlyMap<string, EntitySet>;
  readonly singletons: ReadonlyMap<string, Singleton>;
  readonly operationImports: ReadonlyMap<string, OperationImport>;
  readonly annotations: readonly Annotation[];
}

export interface EntitySet {
  readonly kind: "entitySet";
  readonly name: string;
  readonly entityType: EntityType;
  readonly bindings: readonly NavigationPropertyBindingSource[];
  readonly annotations: readonly Annotation[];
  /** Declared on this very set, beside those of its type. */
  readonly alternateKeys: readonly AlternateKey[];
}

export interface Singleton {
  readonly kind: "singleton";
  readonly name: string;
  readonly entityType: EntityType;
  readonly bindings: readonly NavigationPropertyBindingSource[];
  readonly annotations: readonly Annotation[];
}

/** Whether a property is a stream: its content lives beside the entity, at a URL of its own (CSDL 4.01, section 7.1). */
export function isStream({ type }: { readonly type: EdmType }): boolean {
  return type.qualifiedName === "Edm.Stream";
}

/** True where `type` is `base` or derives from it. */
export function isOrDerivesFrom(type: EdmType, base: EdmType): boolean {
  if (type === base) return true;
  if (type.kind === "entity") return type.lineage.has(base as EntityType);
  return type.kind === "complex" && type.lineage.has(base as ComplexType);
}
