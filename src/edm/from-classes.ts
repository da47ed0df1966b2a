import "reflect-metadata";
import * as serverEdm from "odata-v4-server/build/lib/edm.js";
import * as serverOData from "odata-v4-server/build/lib/odata.js";
import { annotationsOf } from "./class-annotations.js";
import type { DecoratedClass } from "./class-annotations.js";
import { mergeImports } from "./class-imports.js";
import { facet, OperationReader, typesOfOperations } from "./class-operations.js";
import type { DeclaredOperation, OperationMethod, OperationPlace } from "./class-operations.js";
import { isDecoratedClass } from "./class-types.js";
import { deltaFunction } from "./delta-function.js";
import { withControllerRestrictions } from "./controller-restrictions.js";
import { isEnumeration, isTypeDefinition, metadataKeys, ownAlternateKeys } from "./decorators.js";
import type { Enumeration, SingletonDeclaration, TypeDefinitionClass } from "./decorators.js";
import { describeEngine } from "./engine.js";
import { ModelError } from "./model-error.js";
import { hasDeltaFunction } from "./operation-decorators.js";
import { annotationValue, terms } from "./vocabulary.js";
import type {
  Annotation,
  AnnotationValue,
  Generated,
  MediaFact,
  ModelSource,
  NavigationPropertySource,
  OperationSource,
  PropertySource,
  SchemaSource,
  StructuredTypeSource,
} from "./source.js";

/** A model's plain source, and which class stands for which type. */
export interface ClassesSource {
  readonly source: ModelSource;
  /** Decorated classes by the qualified name of the entity or complex type that they describe. */
  readonly classes: ReadonlyMap<string, DecoratedClass>;
  /** The methods that carry out operations, by `Operation.implementation`. */
  readonly operations: ReadonlyMap<string, OperationMethod>;
}

/**
 * Reads the model of a service from its decorators: the container from `@odata.controller`, `@odata.singleton`,
 * `@odata.container` and `@odata.namespace` on the service class; the types from whatever those lead to and from
 * `@odata.types`. What the engine can and cannot do with it is part of the description.
 *
 * @param service the decorated service class
 * @throws {ModelError} where a class lacks what the model needs; the message names the class and the member
 * @example buildModel(readClasses(GraphService).source)
 */
export function readClasses(service: DecoratedClass): ClassesSource {
  return new ClassReader(service).read();
}

interface MutableSchema {
  readonly namespace: string;
  enumTypes: Map<string, Enumeration<Record<string, number>>>;
  typeDefinitions: Map<string, TypeDefinitionClass>;
  complexTypes: StructuredTypeSource[];
  entityTypes: StructuredTypeSource[];
  operations: OperationSource[];
}

class ClassReader {
  readonly #service: DecoratedClass;
  readonly #schemas = new Map<string, MutableSchema>();
  readonly #classes = new Map<string, DecoratedClass>();
  readonly #seen = new Set<DecoratedClass>();
  readonly #complex = new Set<DecoratedClass>();
  readonly #operations = new OperationReader((target, usedBy) => this.#typeName(target, usedBy));

  constructor(service: DecoratedClass) {
    this.#service = service;
  }

  read(): ClassesSource {
    const namespace = namespaceOf(this.#service);
    this.#schema(namespace);
    const listed = (Reflect.getOwnMetadata(metadataKeys.types, this.#service) as unknown[] | undefined) ?? [];
    const listedClasses = listed.filter(isDecoratedClass);
    // A property says whether the class it refers to is complex; a listed class may have to wait for that.
    const controllers = this.#controllers();
    const singletonTypes =
      (Reflect.getOwnMetadata(metadataKeys.singletons, this.#service) as SingletonDeclaration[] | undefined) ?? [];
    for (const type of listedClasses) this.#markComplex(type);
    for (const { type } of [...controllers, ...singletonTypes]) this.#markComplex(type);
    const controllerClasses = new Map(controllers.map(({ controller, type }) => [controller, type]));
    for (const owner of [...controllerClasses.keys(), this.#service]) this.#markComplexOfOperations(owner);
    const entitySets = controllers.map(({ name, type, annotations }) => ({
      name,
      entityType: this.#visit(type),
      annotations,
    }));
    const singletons = singletonTypes.map(({ name, type, annotations }) => ({
      name,
      type: this.#visit(type),
      annotations,
    }));
    for (const type of listedClasses) this.#visit(type);
    for (const [owner, type] of controllerClasses) {
      const boundTo = { type: this.#visit(type), collection: true };
      this.#declareOperations({ place: "controller", owner, namespace: namespaceOf(type), boundTo });
    }
    const ofService = this.#declareOperations({
      place: "service",
      owner: this.#service,
      namespace,
      boundTo: undefined,
    });
    const operationImports = mergeImports(ofService, entitySets);

    const aliases = this.#aliases();
    const containerName = (this.#service as { containerName?: string }).containerName ?? "Container";
    const annotations = annotationsOf(this.#service);
    const ofSchema = ({ term }: Annotation) => term === terms.schemaVersion || term === terms.defaultNamespace;
    const schemas = [...this.#schemas.values()].map((schema): SchemaSource => ({
      namespace: schema.namespace,
      alias: aliases[schema.namespace],
      enumTypes: [...schema.enumTypes.values()].map((declared) => ({
        name: simpleName(declared.qualifiedName),
        underlyingType: declared.underlyingType,
        flags: declared.flags,
        members: Object.entries(declared.members).map(([name, value]) => ({ name, value })),
      })),
      typeDefinitions: [...schema.typeDefinitions.values()].map(({ qualifiedName, ...rest }) => ({
        name: simpleName(qualifiedName),
        ...rest,
      })),
      complexTypes: schema.complexTypes,
      entityTypes: schema.entityTypes,
      operations: schema.operations,
      ...(schema.namespace === namespace && {
        annotations: annotations.filter(ofSchema),
        container: {
          name: containerName,
          entitySets,
          singletons,
          operationImports,
          annotations: annotations.filter((annotation) => !ofSchema(annotation)),
        },
      }),
    }));
    return { source: describeEngine({ schemas }), classes: this.#classes, operations: this.#operations.methods };
  }

  #aliases(): Readonly<Record<string, string>> {
    return (Reflect.getOwnMetadata(metadataKeys.aliases, this.#service) as Record<string, string> | undefined) ?? {};
  }

  #controllers(): {
    name: string;
    controller: DecoratedClass;
    type: DecoratedClass;
    annotations: readonly Annotation[];
  }[] {
    const controllers = serverOData.getPublicControllers(this.#service as never) as Record<
      string,
      { prototype: { elementType?: unknown } }
    >;
    // Decorators run from the last to the first: keep the order in which they stand in the source.
    return Object.entries(controllers)
      .reverse()
      .map(([name, controller]) => {
        const type = controller.prototype.elementType;
        // `Object` is what odata-v4-server puts there where nothing is declared.
        if (!isDecoratedClass(type) || type === (Object as unknown)) {
          throw new ModelError(
            `The controller of the entity set '${name}' does not say its entity type; decorate it with @odata.type(...).`,
          );
        }
        const decorated = controller as unknown as DecoratedClass;
        return {
          name,
          controller: decorated,
          type,
          annotations: withControllerRestrictions(annotationsOf(decorated), decorated),
        };
      });
  }

  #schema(namespace: string): MutableSchema {
    let schema = this.#schemas.get(namespace);
    if (schema === undefined) {
      schema = {
        namespace,
        enumTypes: new Map(),
        typeDefinitions: new Map(),
        complexTypes: [],
        entityTypes: [],
        operations: [],
      };
      this.#schemas.set(namespace, schema);
    }
    return schema;
  }

  /** Finds the classes that properties use as complex types, before any class is read. */
  #markComplex(type: DecoratedClass, seen = new Set<DecoratedClass>()): void {
    if (seen.has(type)) return;
    seen.add(type);
    const base = baseOf(type);
    if (base !== undefined) this.#markComplex(base, seen);
    for (const key of serverEdm.getProperties(type.prototype as never)) {
      const target = serverEdm.getType(type, key) as unknown;
      if (!isDecoratedClass(target)) continue;
      if (serverEdm.isComplexType(type, key)) this.#complex.add(rootOf(target));
      this.#markComplex(target, seen);
    }
    this.#markComplexOfOperations(type, base, seen);
  }

  #markComplexOfOperations(
    owner: DecoratedClass,
    inheritUpTo?: DecoratedClass,
    seen = new Set<DecoratedClass>(),
  ): void {
    for (const { target, complex } of typesOfOperations(owner, inheritUpTo)) {
      if (!isDecoratedClass(target)) continue;
      if (complex) this.#complex.add(rootOf(target));
      this.#markComplex(target, seen);
    }
  }

  /** Puts the operations of a class into the schemas that they belong to. */
  #declareOperations(place: OperationPlace): readonly DeclaredOperation[] {
    const declared = this.#operations.read(place);
    for (const { namespace, source } of declared) this.#schema(namespace).operations.push(source);
    return declared;
  }

  /** Reads a class, its base classes first, and returns the qualified name of its type. */
  #visit(type: DecoratedClass): string {
    const qualifiedName = `${namespaceOf(type)}.${type.name}`;
    if (this.#seen.has(type)) return qualifiedName;
    this.#seen.add(type);
    const base = baseOf(type);
    const baseType = base === undefined ? undefined : this.#visit(base);
    const taken = this.#classes.get(qualifiedName);
    if (taken !== undefined) throw new ModelError(`Two classes stand for the type '${qualifiedName}'.`);
    this.#classes.set(qualifiedName, type);

    const schema = this.#schema(namespaceOf(type));
    const isComplex = this.#complex.has(rootOf(type));
    const properties: PropertySource[] = [];
    const navigationProperties: NavigationPropertySource[] = [];
    const declared: StructuredTypeSource = {
      name: type.name,
      baseType,
      abstract: Reflect.hasOwnMetadata(metadataKeys.abstract, type),
      open: serverEdm.isOpenType(type) || undefined,
      hasStream: serverEdm.isMediaEntity(type) || undefined,
      key: isComplex ? undefined : ownKey(type),
      concurrency: serverEdm
        .getProperties(type.prototype as never)
        .filter((name) => Reflect.hasMetadata(metadataKeys.concurrency, type.prototype as object, name)),
      properties,
      navigationProperties,
      annotations: withAlternateKeys(annotationsOf(type), type),
    };
    (isComplex ? schema.complexTypes : schema.entityTypes).push(declared);
    for (const name of serverEdm.getProperties(type.prototype as never)) {
      if (this.#isNavigation(type, name)) navigationProperties.push(this.#navigationProperty(type, name));
      else properties.push(this.#property(type, name));
    }
    this.#declareOperations({
      place: "entity",
      owner: type,
      namespace: namespaceOf(type),
      boundTo: { type: qualifiedName, collection: false },
      inheritUpTo: base,
    });
    if (hasDeltaFunction(type)) schema.operations.push(deltaFunction(qualifiedName));
    return qualifiedName;
  }

  #isNavigation(type: DecoratedClass, name: string): boolean {
    const target = serverEdm.getType(type, name) as unknown;
    return isDecoratedClass(target) && !serverEdm.isComplexType(type, name);
  }

  #property(type: DecoratedClass, name: string): PropertySource {
    const target = serverEdm.getType(type, name) as unknown;
    const nullable = serverEdm.isNullable(type, name) as boolean | undefined;
    return {
      name,
      type: this.#typeName(target, `The property '${type.name}.${name}'`),
      collection: serverEdm.isCollection(type, name) || undefined,
      nullable,
      maxLength: facet(serverEdm.getMaxLength(type, name)),
      precision: facet(serverEdm.getPrecision(type, name)),
      scale: facet(serverEdm.getScale(type, name)),
      srid: facet(serverEdm.getSRID(type, name)),
      unicode: serverEdm.isUnicode(type, name) ?? undefined,
      defaultValue: serverEdm.getDefaultValue(type, name),
      generated: Reflect.getMetadata(metadataKeys.generated, type.prototype as object, name) as Generated | undefined,
      searchable: Reflect.hasMetadata(metadataKeys.searchable, type.prototype as object, name) || undefined,
      mediaFact: Reflect.getMetadata(metadataKeys.mediaFact, type.prototype as object, name) as MediaFact | undefined,
      annotations: annotationsOf(type, name),
    };
  }

  /** The qualified name of the type that a decorator was given; the type becomes part of the model. */
  #typeName(target: unknown, usedBy: string): string {
    if (typeof target === "string") return target;
    if (isDecoratedClass(target)) return this.#visit(target);
    if (isEnumeration(target)) {
      this.#schema(namespacePart(target.qualifiedName)).enumTypes.set(target.qualifiedName, target);
      return target.qualifiedName;
    }
    if (isTypeDefinition(target)) {
      this.#schema(namespacePart(target.qualifiedName)).typeDefinitions.set(target.qualifiedName, target);
      return target.qualifiedName;
    }
    throw new ModelError(
      `${usedBy} has a type that is no primitive type, no class, no Edm.enumeration and no Edm.typeDefinition.`,
    );
  }

  #navigationProperty(type: DecoratedClass, name: string): NavigationPropertySource {
    const prototype = type.prototype as object;
    const target = serverEdm.getType(type, name) as unknown as DecoratedClass;
    return {
      name,
      type: this.#visit(target),
      collection: serverEdm.isCollection(type, name) || undefined,
      nullable: serverEdm.isNullable(type, name),
      partner: serverEdm.getPartner(type, name) as string | undefined,
      containsTarget: Reflect.hasMetadata(metadataKeys.contained, prototype, name) || undefined,
      referentialConstraints:
        (Reflect.getMetadata(metadataKeys.constraints, prototype, name) as Constraints) ??
        foreignKeyConstraints(type, name, target),
      onDelete: Reflect.getMetadata(metadataKeys.onDelete, prototype, name) as NavigationPropertySource["onDelete"],
      annotations: annotationsOf(type, name),
    };
  }
}

function namespaceOf(type: DecoratedClass): string {
  const namespace = (type as { namespace?: string }).namespace;
  if (namespace === undefined)
    throw new ModelError(`The class '${type.name}' has no namespace; decorate it with @odata.namespace(...).`);
  return namespace;
}

/**
 * The nearest class that this one extends and that is a type of the model too: one with a namespace, its own or
 * inherited, or with properties. A helper such as TypeORM's `BaseEntity` has neither.
 */
function baseOf(type: DecoratedClass): DecoratedClass | undefined {
  const base = Object.getPrototypeOf(type) as unknown;
  if (!isDecoratedClass(base) || base === (Object as unknown)) return undefined;
  if ("namespace" in base || serverEdm.getProperties(base.prototype as never).length > 0) return base;
  return baseOf(base);
}

function rootOf(type: DecoratedClass): DecoratedClass {
  const base = baseOf(type);
  return base === undefined ? type : rootOf(base);
}

type Constraints = NavigationPropertySource["referentialConstraints"];

/**
 * The referential constraints that `@Edm.ForeignKey` on a navigation property stands for: its properties, in the order of
 * the key of the target. On a collection it names properties of the target, which say nothing of this type.
 *
 * @throws {ModelError} where the key of the target has another number of properties
 */
function foreignKeyConstraints(type: DecoratedClass, name: string, target: DecoratedClass): Constraints {
  const foreignKeys = serverEdm.getForeignKeys(type, name);
  if (foreignKeys.length === 0 || serverEdm.isCollection(type, name)) return undefined;
  let declaresKey: DecoratedClass | undefined = target;
  while (declaresKey !== undefined && ownKey(declaresKey) === undefined) declaresKey = baseOf(declaresKey);
  const key = declaresKey === undefined ? [] : ownKey(declaresKey)!;
  if (key.length !== foreignKeys.length) {
    throw new ModelError(
      `The foreign key (${foreignKeys.join()}) of '${type.name}.${name}' does not fit the key (${key.join()}) of '${target.name}'.`,
    );
  }
  return foreignKeys.map((property, index) => ({ property, referencedProperty: key[index]! }));
}

function ownKey(type: DecoratedClass): string[] | undefined {
  const names = Reflect.getOwnMetadata("edm:keyproperties", type.prototype as object) as string[] | undefined;
  return names;
}

/** A type's annotations, and what `@Edm.AlternateKey` says as the annotation that it stands for. */
function withAlternateKeys(annotations: readonly Annotation[], type: DecoratedClass): readonly Annotation[] {
  const declared = ownAlternateKeys(type).map((parts) => ({
    Key: parts.map((part) => (typeof part === "string" ? { Name: part } : { Name: part.name, Alias: part.alias })),
  }));
  if (declared.length === 0) return annotations;
  const written = annotationValue(annotations, terms.alternateKeys);
  const value = [...(Array.isArray(written) ? (written as readonly AnnotationValue[]) : []), ...declared];
  return [...annotations.filter((annotation) => annotation.value !== written), { term: terms.alternateKeys, value }];
}

function simpleName(qualifiedName: string): string {
  return qualifiedName.slice(qualifiedName.lastIndexOf(".") + 1);
}

function namespacePart(qualifiedName: string): string {
  return qualifiedName.slice(0, qualifiedName.lastIndexOf("."));
}
