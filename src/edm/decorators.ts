import "reflect-metadata";
import * as serverEdm from "odata-v4-server/build/lib/edm.js";
import * as serverOData from "odata-v4-server/build/lib/odata.js";
import { getFunctionParameters } from "odata-v4-server/build/lib/utils.js";
import type { Annotation, AnnotationValue, Facets, Generated, MediaFact, MediaFactName } from "./source.js";
import { annotationDecorators } from "./annotation-decorators.js";
import { operationDecorators } from "./operation-decorators.js";
import type { PrimitiveTypeName } from "./model.js";

/**
 * The decorators that describe a model. `Edm` and `odata` hold those of `odata-v4-server` unchanged, and beside them
 * what its decorators cannot say: abstract types, containment, enumerations and type definitions with a name of their
 * own, annotations by term, values that the service makes, singletons.
 *
 * Only its `edm` and `odata` modules are loaded, not the package's main file, which would start a whole Express.
 */

type Constructor = abstract new (...args: never[]) => object;

/** Own metadata keys; the prefix keeps them apart from those of `odata-v4-server` and TypeORM. */
export const metadataKeys = {
  abstract: "odatum:abstract",
  contained: "odatum:contained",
  generated: "odatum:generated",
  constraints: "odatum:referential-constraints",
  onDelete: "odatum:on-delete",
  alternateKeys: "odatum:alternate-keys",
  searchable: "odatum:searchable",
  mediaFact: "odatum:media-fact",
  concurrency: "odatum:concurrency",
  singletons: "odatum:singletons",
  session: "odatum:sessionparameter",
  types: "odatum:types",
  aliases: "odatum:aliases",
} as const;

/** An enumeration that {@link enumeration} made. Usable wherever `@Edm.EnumType` wants a type. */
export interface Enumeration<Members extends Record<string, number>> {
  readonly qualifiedName: string;
  readonly members: Readonly<Members>;
  readonly flags: boolean;
  readonly underlyingType: PrimitiveTypeName;
}

/** The member names of an enumeration: the values its properties hold. */
export type Member<E> = E extends Enumeration<infer Members> ? Extract<keyof Members, string> : never;

/** A type definition that {@link typeDefinition} made. Usable wherever `@Edm.TypeDefinition` wants a type. */
export interface TypeDefinitionClass extends Facets {
  readonly qualifiedName: string;
  readonly underlyingType: PrimitiveTypeName;
}

const enumerations = new WeakSet<object>();
const typeDefinitions = new WeakSet<object>();

export function isEnumeration(value: unknown): value is Enumeration<Record<string, number>> {
  return typeof value === "object" && value !== null && enumerations.has(value);
}

export function isTypeDefinition(value: unknown): value is TypeDefinitionClass {
  return typeof value === "object" && value !== null && typeDefinitions.has(value);
}

/**
 * Declares an enumeration type (CSDL 4.01, section 10).
 *
 * @param qualifiedName namespace and name
 * @param members value by member name, in the order in which `$metadata` lists them
 * @example
 * export const keySize = Edm.enumeration("microsoft.graph.keySize", { size1024: 0, size2048: 1 });
 * export type keySize = Edm.Member<typeof keySize>; // "size1024" | "size2048"
 */
function enumeration<const Members extends Record<string, number>>(
  qualifiedName: string,
  members: Members,
  options: { readonly flags?: boolean; readonly underlyingType?: PrimitiveTypeName } = {},
): Enumeration<Members> {
  const made = Object.freeze({
    qualifiedName,
    members: Object.freeze({ ...members }),
    flags: options.flags ?? false,
    underlyingType: options.underlyingType ?? "Edm.Int32",
  });
  enumerations.add(made);
  return made;
}

/**
 * Declares a type definition (CSDL 4.01, section 11): a primitive type with a name and facets of its own.
 *
 * @example export const Weight = Edm.typeDefinition("Shop.Weight", "Edm.Decimal", { precision: 10, scale: 3 });
 */
function typeDefinition(
  qualifiedName: string,
  underlyingType: PrimitiveTypeName,
  facets: Facets = {},
): TypeDefinitionClass {
  const made = Object.freeze({ qualifiedName, underlyingType, ...facets });
  typeDefinitions.add(made);
  return made;
}

/** Class decorator: the type has no instances of its own (CSDL 4.01, sections 6.3 and 9.3). */
function Abstract(target: Constructor): void {
  Reflect.defineMetadata(metadataKeys.abstract, true, target);
}

/** Property decorator: a containment navigation property (CSDL 4.01, section 8.4). */
function Contained(target: object, key: string): void {
  Reflect.defineMetadata(metadataKeys.contained, true, target, key);
}

/**
 * Property decorator: the service makes the value and what a client sends for it is ignored; `$metadata` says
 * `Core.Computed`.
 *
 * @param how `guid`: a new GUID at creation; `createdAt`, `modifiedAt`: the instant of creation or of the last change;
 *   `revision`: 1, then one more at each change
 */
function GeneratedBy(how: Generated): (target: object, key: string) => void {
  return (target, key) => Reflect.defineMetadata(metadataKeys.generated, how, target, key);
}

/** Property decorator on a navigation property: a referential constraint (CSDL 4.01, section 8.5). */
function ReferentialConstraint(property: string, referencedProperty: string) {
  return (target: object, key: string): void => {
    const existing = (Reflect.getOwnMetadata(metadataKeys.constraints, target, key) as object[] | undefined) ?? [];
    Reflect.defineMetadata(metadataKeys.constraints, [{ property, referencedProperty }, ...existing], target, key);
  };
}

/** Property decorator on a navigation property: its on-delete action (CSDL 4.01, section 8.6). */
function OnDelete(action: "Cascade" | "None" | "SetNull" | "SetDefault") {
  return (target: object, key: string): void => Reflect.defineMetadata(metadataKeys.onDelete, action, target, key);
}

/** Property decorator: `$search` finds the words of this text, be it in a complex value. Only single texts can be searched. */
function Searchable(target: object, key: string): void {
  Reflect.defineMetadata(metadataKeys.searchable, true, target, key);
}

/**
 * Property decorator: the property tells something of the content of a media entity or of a stream property, and is set
 * whenever that is. Clients cannot change a media type or a size but with the content, and `$metadata` says
 * `Core.Computed` of them; a slug they can.
 *
 * @param fact `contentType`: its media type; `size`: how many bytes it has; `slug`: the name that the client proposed with
 *   the header `Slug` when it created the media entity, where it did
 * @param stream the stream property; the media entity's own content where absent
 * @example @Edm.MediaFact("size") @Edm.Int64 Size!: string | null;
 */
function MediaFactOf(fact: MediaFactName, stream?: string) {
  return (target: object, key: string): void => {
    const declared: MediaFact = { fact, stream };
    Reflect.defineMetadata(metadataKeys.mediaFact, declared, target, key);
  };
}

/**
 * Property decorator: the value is part of the entity's ETag, and changes of the entity have to name it
 * (`If-Match`); `$metadata` says `Core.OptimisticConcurrency` wherever entities of the type are.
 */
function Concurrency(target: object, key: string): void {
  Reflect.defineMetadata(metadataKeys.concurrency, true, target, key);
}

/** A property of an alternate key: its name, or its name and how it is called in URLs. */
export type AlternateKeyPart = string | { readonly name: string; readonly alias: string };

/**
 * Class decorator on an entity type: properties that tell one entity as its key does (URL Conventions 4.01, section
 * 4.3.5). The store has to keep their values apart, with a unique index.
 *
 * @example @Edm.AlternateKey("SKU") // Products(SKU='x')
 */
function AlternateKey(...parts: readonly AlternateKeyPart[]) {
  return (target: Constructor): void => {
    const existing = ownAlternateKeys(target);
    // Decorators run from the last to the first: keep the order in which they stand in the source.
    Reflect.defineMetadata(metadataKeys.alternateKeys, [parts, ...existing], target);
  };
}

export function ownAlternateKeys(target: object): readonly (readonly AlternateKeyPart[])[] {
  const found: unknown = Reflect.getOwnMetadata(metadataKeys.alternateKeys, target);
  return (found as readonly (readonly AlternateKeyPart[])[] | undefined) ?? [];
}

/** What {@link singleton} was told. */
export interface SingletonDeclaration {
  readonly name: string;
  readonly type: Constructor;
  readonly annotations: readonly Annotation[];
}

/**
 * Class decorator on a service: a singleton (CSDL 4.01, section 13.3).
 *
 * @param annotations of the singleton itself, by term
 * @example @odata.singleton("deviceManagement", deviceManagement)
 */
function singleton(name: string, type: Constructor, annotations: Readonly<Record<string, AnnotationValue>> = {}) {
  const declared: SingletonDeclaration = {
    name,
    type,
    annotations: Object.entries(annotations).map(([term, value]) => ({ term, value })),
  };
  return (service: Constructor): void => {
    const existing =
      (Reflect.getOwnMetadata(metadataKeys.singletons, service) as SingletonDeclaration[] | undefined) ?? [];
    Reflect.defineMetadata(metadataKeys.singletons, [declared, ...existing], service);
  };
}

/**
 * Class decorator on a service: further classes of the model, for types that nothing else leads to, which is so for
 * most derived types. Values that are no classes are passed over, so that a whole module can be given.
 *
 * @example @odata.types(...Object.values(model))
 */
function types(...classes: readonly unknown[]) {
  return (service: Constructor): void => {
    const existing = (Reflect.getOwnMetadata(metadataKeys.types, service) as unknown[] | undefined) ?? [];
    Reflect.defineMetadata(metadataKeys.types, [...classes, ...existing], service);
  };
}

const ownEdm = {
  enumeration,
  typeDefinition,
  Abstract,
  Contained,
  Generated: GeneratedBy,
  ReferentialConstraint,
  OnDelete,
  Searchable,
  MediaFact: MediaFactOf,
  Concurrency,
  AlternateKey,
  ...annotationDecorators,
  ...operationDecorators,
};

/** A decorator of a property, of a method for what it gives back, or of a parameter. */
export type MemberDecorator = (target: object, key: string, placement?: number | PropertyDescriptor) => void;

/** One that takes no arguments; `Edm.String()` is the same as `Edm.String`. */
export interface PlainDecorator {
  (target: object, key: string, placement?: number | PropertyDescriptor): void;
  (): MemberDecorator;
}

/** `odata-v4-server` declares its plain decorators as `any`, and its facets for properties only; here they have a type. */
interface RetypedDecorators {
  readonly Nullable: MemberDecorator;
  readonly Required: MemberDecorator;
  readonly Unicode: MemberDecorator;
  readonly MaxLength: (maxLength: number) => MemberDecorator;
  readonly Precision: (precision: number) => MemberDecorator;
  readonly Scale: (scale: number) => MemberDecorator;
  readonly SRID: (srid: number) => MemberDecorator;
}

type Typed<Decorators> = {
  [K in keyof Decorators]: K extends keyof RetypedDecorators
    ? RetypedDecorators[K]
    : 0 extends 1 & Decorators[K]
      ? PlainDecorator
      : Decorators[K];
};

/** The decorators of the model: those of `odata-v4-server`, and odatum's own. */
export const Edm: Omit<Typed<typeof serverEdm>, keyof typeof ownEdm> & typeof ownEdm = {
  ...(serverEdm as Typed<typeof serverEdm>),
  ...ownEdm,
};

// eslint-disable-next-line @typescript-eslint/no-namespace -- a type that belongs to the `Edm` value above
export declare namespace Edm {
  /** The member names of an enumeration: the values its properties hold. */
  export type Member<E> = E extends Enumeration<infer Members> ? Extract<keyof Members, string> : never;
}

/**
 * Class decorator on a service: a short name for a namespace of its model (CSDL 4.01, section 5.2).
 *
 * @example @odata.alias("graph", "microsoft.graph") // microsoft.graph.keySize can be written graph.keySize
 */
function alias(name: string, namespace: string) {
  return (service: Constructor): void => {
    const existing =
      (Reflect.getOwnMetadata(metadataKeys.aliases, service) as Record<string, string> | undefined) ?? {};
    Reflect.defineMetadata(metadataKeys.aliases, { ...existing, [namespace]: name }, service);
  };
}

/**
 * Parameter decorator on a method of a controller, an entity type or a service: gives it the session by which it reaches the
 * data of the service, in the transaction of the request that it is called for.
 *
 * @example
 * @Edm.Action restock(@Edm.Int32 amount: number, @odata.session session: Session) { ... }
 */
function session(target: object, key: string, parameterIndex: number): void {
  const method = (target as Readonly<Record<string, unknown>>)[key] as (...values: never[]) => unknown;
  const names = getFunctionParameters(method) as readonly string[];
  Reflect.defineMetadata(metadataKeys.session, names[parameterIndex], target, key);
}

const ownOData = { singleton, types, alias, session };

/** The decorators of services and controllers: those of `odata-v4-server`, and odatum's own. */
export const odata: typeof serverOData & typeof ownOData = { ...serverOData, ...ownOData };
