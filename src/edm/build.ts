import type {
  ComplexType,
  EdmType,
  EntityContainer,
  EntityType,
  EnumType,
  Model,
  NavigationProperty,
  Operation,
  PrimitiveType,
  Property,
  Schema,
  StructuredType,
  TypeDefinition,
} from "./model.js";
import type {
  EntitySetSource,
  ModelSource,
  NavigationPropertySource,
  PropertySource,
  SchemaSource,
  StructuredTypeSource,
} from "./source.js";
import { readAlternateKeys } from "./alternate-keys.js";
import { inferBindings } from "./bindings.js";
import { buildOperationImports, buildOperations } from "./build-operations.js";
import { facetsOf, frozenList, naming } from "./build-parts.js";
import { withConcurrency } from "./concurrency.js";
import { checkFactStreams, checkFactType } from "./media.js";
import { ModelError } from "./model-error.js";
import { readCapabilities } from "./places.js";
import { primitiveTypes } from "./primitive-types.js";
import { annotationValue, terms } from "./vocabulary.js";

/** The model's types are frozen once built; while they are linked to each other they are this. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Links a model: every type name is resolved, every inherited member is in its type's maps, every derived type is in
 * its base types' lists. The result is frozen.
 *
 * @throws {ModelError} where a name cannot be resolved, is declared twice, or a rule of CSDL 4.01 is broken;
 *   the message names the type and the member
 */
export function buildModel(source: ModelSource): Model {
  return new ModelBuilder(withConcurrency(source)).build();
}

class ModelBuilder {
  readonly #source: ModelSource;
  readonly #types = new Map<string, EdmType>(primitiveTypes);
  /** Declarations of structured types by qualified name, with the namespace that they stand in. */
  readonly #declared = new Map<
    string,
    { schema: SchemaSource; source: StructuredTypeSource; kind: "complex" | "entity" }
  >();
  readonly #aliases = new Map<string, string>();
  /** The overloads of each operation by qualified name. */
  readonly #operations = new Map<string, readonly Operation[]>();

  constructor(source: ModelSource) {
    this.#source = source;
  }

  build(): Model {
    for (const schema of this.#source.schemas) {
      if (schema.alias !== undefined) this.#aliases.set(schema.alias, schema.namespace);
    }
    const schemas = this.#source.schemas.map((schema) => this.#addSimpleTypes(schema));
    for (const schema of this.#source.schemas) this.#declareStructuredTypes(schema);
    // Base types first, so that each type can start from its base's finished maps. Types that still lack their members
    // are in the look-up already: a property may refer to any of them.
    const shells = new Map<string, Mutable<ComplexType> | Mutable<EntityType>>();
    for (const name of this.#declared.keys()) this.#shell(name, shells, []);
    for (const [name, shell] of shells) this.#fill(name, shell);
    for (const shell of shells.values()) finishDerived(shell);
    for (const shell of shells.values()) Object.freeze(shell);

    for (const schema of this.#source.schemas) this.#addOperations(schema);
    const linked = schemas.map(({ schema, source }) =>
      Object.freeze({
        ...schema,
        enumTypes: Object.freeze(schema.enumTypes),
        typeDefinitions: Object.freeze(schema.typeDefinitions),
        complexTypes: frozenList(
          source.complexTypes.map((type) => this.#types.get(`${source.namespace}.${type.name}`) as ComplexType),
        ),
        entityTypes: frozenList(
          source.entityTypes.map((type) => this.#types.get(`${source.namespace}.${type.name}`) as EntityType),
        ),
        operations: frozenList(
          [...new Set(source.operations?.map(({ name }) => name))].flatMap((name) =>
            this.#operations.get(`${source.namespace}.${name}`)!,
          ),
        ),
      }),
    );
    for (const [alias, namespace] of this.#aliases) {
      for (const [name, type] of [...this.#types]) {
        if (type.namespace === namespace) this.#types.set(`${alias}.${type.name}`, this.#types.get(name)!);
      }
      for (const overloads of [...this.#operations.values()]) {
        const { name, namespace: declaredIn } = overloads[0]!;
        if (declaredIn === namespace) this.#operations.set(`${alias}.${name}`, overloads);
      }
    }
    const version = annotationValue(
      linked.find((schema) => schema.declaresContainer)?.annotations ?? [],
      terms.schemaVersion,
    );
    const container = this.#container();
    readCapabilities(container);
    checkFactStreams({ schemas: linked });
    return Object.freeze({
      schemas: Object.freeze(linked),
      types: this.#types,
      operations: this.#operations,
      container,
      schemaVersion: version === undefined ? undefined : String(version),
    });
  }

  #addSimpleTypes(source: SchemaSource): { schema: Schema; source: SchemaSource } {
    const { namespace } = source;
    const enumTypes = source.enumTypes.map((declared): EnumType => {
      const qualifiedName = `${namespace}.${declared.name}`;
      const members = new Map<string, number>();
      for (const { name, value } of declared.members) {
        if (members.has(name))
          throw new ModelError(`The enumeration type '${qualifiedName}' declares '${name}' twice.`);
        members.set(name, value);
      }
      const underlyingType = this.#primitive(declared.underlyingType ?? "Edm.Int32", qualifiedName);
      if (!enumerationTypes.has(underlyingType.qualifiedName)) {
        throw new ModelError(
          `The underlying type '${underlyingType.qualifiedName}' of '${qualifiedName}' is no integer type.`,
        );
      }
      const names = new Map<number, string>();
      for (const [name, value] of members) if (!names.has(value)) names.set(value, name);
      return this.#add({
        kind: "enum",
        ...naming(namespace, declared.name),
        annotations: frozenList(declared.annotations),
        underlyingType,
        flags: declared.flags ?? false,
        members,
        names,
      });
    });
    const typeDefinitions = source.typeDefinitions.map((declared): TypeDefinition =>
      this.#add({
        kind: "typeDefinition",
        ...naming(namespace, declared.name),
        annotations: frozenList(declared.annotations),
        underlyingType: this.#primitive(declared.underlyingType, `${namespace}.${declared.name}`),
        facets: facetsOf(declared),
      }),
    );
    const schema: Schema = {
      namespace,
      alias: source.alias,
      enumTypes,
      typeDefinitions,
      complexTypes: [],
      entityTypes: [],
      operations: [],
      declaresContainer: source.container !== undefined,
      annotations: frozenList(source.annotations),
    };
    return { schema, source };
  }

  /** Operations share a space of names with the types of their schema: CSDL 4.01, section 5. */
  #addOperations(schema: SchemaSource): void {
    for (const [name, overloads] of buildOperations(schema, (type, usedBy) => this.#type(type, usedBy))) {
      const qualifiedName = `${schema.namespace}.${name}`;
      if (this.#types.has(qualifiedName) || schema.container?.name === name) {
        throw new ModelError(`'${qualifiedName}' is the name of an operation, and of something else in its schema.`);
      }
      this.#operations.set(qualifiedName, overloads);
    }
  }

  #add<T extends EdmType>(type: T): T {
    if (this.#types.has(type.qualifiedName))
      throw new ModelError(`The type '${type.qualifiedName}' is declared twice.`);
    Object.freeze(type);
    this.#types.set(type.qualifiedName, type);
    return type;
  }

  #declareStructuredTypes(schema: SchemaSource): void {
    const declare = (kind: "complex" | "entity") => (source: StructuredTypeSource) => {
      const qualifiedName = `${schema.namespace}.${source.name}`;
      if (this.#declared.has(qualifiedName) || this.#types.has(qualifiedName)) {
        throw new ModelError(`The type '${qualifiedName}' is declared twice.`);
      }
      this.#declared.set(qualifiedName, { schema, source, kind });
    };
    schema.complexTypes.forEach(declare("complex"));
    schema.entityTypes.forEach(declare("entity"));
  }

  #shell(
    qualifiedName: string,
    shells: Map<string, Mutable<ComplexType> | Mutable<EntityType>>,
    below: readonly string[],
  ): Mutable<ComplexType> | Mutable<EntityType> {
    const existing = shells.get(qualifiedName);
    if (existing !== undefined) return existing;
    if (below.includes(qualifiedName)) {
      throw new ModelError(
        `The type '${qualifiedName}' derives from itself: ${[...below, qualifiedName].join(" <- ")}.`,
      );
    }
    const { schema, source, kind } = this.#declared.get(qualifiedName)!;
    let baseType: Mutable<ComplexType> | Mutable<EntityType> | undefined;
    if (source.baseType !== undefined) {
      const baseName = this.#resolveAlias(source.baseType);
      if (this.#declared.get(baseName)?.kind !== kind) {
        throw new ModelError(
          `The base type '${source.baseType}' of '${qualifiedName}' is no ${kind} type of the model.`,
        );
      }
      baseType = this.#shell(baseName, shells, [...below, qualifiedName]);
    }
    const common = {
      ...naming(schema.namespace, source.name),
      annotations: frozenList(source.annotations),
      abstract: source.abstract ?? false,
      open: (source.open ?? false) || (baseType?.open ?? false),
      ownProperties: [],
      ownNavigationProperties: [],
      properties: new Map(),
      navigationProperties: new Map(),
      derivedTypes: [],
    };
    const lineage = new Set<never>((baseType?.lineage ?? []) as Iterable<never>);
    const shell = (
      kind === "complex"
        ? { kind, ...common, baseType: baseType as ComplexType | undefined, lineage }
        : {
            kind,
            ...common,
            baseType: baseType as EntityType | undefined,
            lineage,
            hasStream: (source.hasStream ?? false) || ((baseType as EntityType | undefined)?.hasStream ?? false),
            key: [],
            declaresKey: source.key !== undefined,
            alternateKeys: [],
            concurrency: [],
            derivedNavigationProperties: new Map(),
          }
    ) as Mutable<ComplexType> | Mutable<EntityType>;
    lineage.add(shell as never);
    shells.set(qualifiedName, shell);
    this.#types.set(qualifiedName, shell);
    for (let base = baseType; base !== undefined; base = base.baseType) {
      (base.derivedTypes as (ComplexType | EntityType)[]).push(shell);
    }
    return shell;
  }

  /** Types arrive here base types first: {@link #shell} has put them into the map in that order. */
  #fill(qualifiedName: string, type: Mutable<ComplexType> | Mutable<EntityType>): void {
    const { source } = this.#declared.get(qualifiedName)!;
    const properties = new Map(type.baseType?.properties ?? []);
    const navigationProperties = new Map(type.baseType?.navigationProperties ?? []);
    const checkName = (name: string) => {
      if (properties.has(name) || navigationProperties.has(name)) {
        throw new ModelError(`The type '${qualifiedName}' declares '${name}' twice, or again after a base type.`);
      }
    };
    const ownProperties = source.properties.map((declared) => {
      checkName(declared.name);
      // Key properties are never null (CSDL 4.01, section 6.5): they need not say so.
      const isKey = source.key?.includes(declared.name) ?? false;
      const property = this.#property(isKey ? { ...declared, nullable: declared.nullable ?? false } : declared, type);
      properties.set(property.name, property);
      return property;
    });
    const ownNavigationProperties = source.navigationProperties.map((declared) => {
      checkName(declared.name);
      const property = this.#navigationProperty(declared, type);
      navigationProperties.set(property.name, property);
      return property;
    });
    type.ownProperties = Object.freeze(ownProperties);
    type.ownNavigationProperties = Object.freeze(ownNavigationProperties);
    type.properties = properties;
    type.navigationProperties = navigationProperties;
    if (type.kind === "entity") {
      type.key =
        source.key?.map((name) => {
          const property = properties.get(name);
          if (property === undefined)
            throw new ModelError(`The key property '${name}' of '${qualifiedName}' is not declared.`);
          if (property.nullable)
            throw new ModelError(
              `The key property '${name}' of '${qualifiedName}' is nullable; mark it with @Edm.Required.`,
            );
          return property;
        }) ??
        type.baseType?.key ??
        [];
      type.alternateKeys = Object.freeze([
        ...(type.baseType?.alternateKeys ?? []),
        ...readAlternateKeys(type.annotations, { properties, qualifiedName }, qualifiedName),
      ]);
      type.concurrency = Object.freeze([
        ...new Set([
          ...(type.baseType?.concurrency ?? []),
          ...(source.concurrency ?? []).map((name) => {
            const property = properties.get(name);
            if (property === undefined)
              throw new ModelError(
                `The property '${name}' of '${qualifiedName}', which makes its ETag, is not declared.`,
              );
            return property;
          }),
        ]),
      ]);
      if (!type.abstract && type.key.length === 0) {
        throw new ModelError(`The entity type '${qualifiedName}' has no key; mark its key properties with @Edm.Key.`);
      }
    }
  }

  #property(source: PropertySource, declaringType: StructuredType): Property {
    const type = this.#type(source.type, `${declaringType.qualifiedName}/${source.name}`);
    if (type.kind === "entity") {
      throw new ModelError(
        `The property '${declaringType.qualifiedName}/${source.name}' has an entity type; make it a navigation property.`,
      );
    }
    if (source.searchable === true && !isSearchableText(type, source.collection)) {
      throw new ModelError(
        `The property '${declaringType.qualifiedName}/${source.name}' cannot be searched; only single texts can.`,
      );
    }
    if (source.mediaFact !== undefined) {
      const name = `${declaringType.qualifiedName}/${source.name}`;
      checkFactType(name, source.mediaFact, type, source.collection ?? false);
    }
    // A slug is what a client proposed, and may change.
    const isMade =
      source.generated !== undefined || (source.mediaFact !== undefined && source.mediaFact.fact !== "slug");
    const annotations = [...(source.annotations ?? [])];
    const declaredComputed = annotations.some(
      (annotation) => annotation.term === terms.computed && annotation.value !== false,
    );
    if (isMade && !declaredComputed) annotations.push({ term: terms.computed, value: true });
    return Object.freeze({
      kind: "property",
      name: source.name,
      type,
      collection: source.collection ?? false,
      nullable: source.nullable ?? true,
      facets: facetsOf(source),
      defaultValue: source.defaultValue,
      generated: source.generated,
      computed: declaredComputed || isMade,
      searchable: source.searchable ?? false,
      mediaFact: source.mediaFact,
      declaringType,
      annotations: Object.freeze(annotations),
    });
  }

  #navigationProperty(source: NavigationPropertySource, declaringType: StructuredType): NavigationProperty {
    const type = this.#type(source.type, `${declaringType.qualifiedName}/${source.name}`);
    if (type.kind !== "entity") {
      throw new ModelError(
        `The navigation property '${declaringType.qualifiedName}/${source.name}' has a type that is no entity type.`,
      );
    }
    return Object.freeze({
      kind: "navigationProperty",
      name: source.name,
      type,
      collection: source.collection ?? false,
      nullable: source.nullable ?? true,
      containsTarget: source.containsTarget ?? false,
      partner: source.partner,
      referentialConstraints: frozenList(source.referentialConstraints),
      onDelete: source.onDelete,
      declaringType,
      annotations: frozenList(source.annotations),
    });
  }

  #container(): EntityContainer {
    const schemas = this.#source.schemas.filter((schema) => schema.container !== undefined);
    if (schemas.length !== 1) throw new ModelError(`A model has one entity container; this one has ${schemas.length}.`);
    const { namespace, container } = schemas[0]!;
    const { name, entitySets, singletons, annotations } = container!;
    const names = new Set<string>();
    const resolve = (typeName: string, of: string): EntityType => {
      // Entity sets and singletons share one space of names: section 13.
      if (names.has(of)) throw new ModelError(`The container '${name}' declares '${of}' twice.`);
      names.add(of);
      const type = this.#type(typeName, of);
      if (type.kind !== "entity") throw new ModelError(`The type '${typeName}' of '${of}' is no entity type.`);
      return type;
    };
    const sets = entitySets.map((source) => ({ ...source, entityType: resolve(source.entityType, source.name) }));
    const ones = singletons.map((source) => ({ ...source, entityType: resolve(source.type, source.name) }));
    const inferred = inferBindings(sets, ones);
    const common = (source: Omit<EntitySetSource, "entityType">, entityType: EntityType) => ({
      name: source.name,
      entityType,
      bindings: frozenList(source.bindings ?? inferred.get(source.name)),
      annotations: frozenList(source.annotations),
    });
    const entitySet = (source: (typeof sets)[number]) => ({
      kind: "entitySet" as const,
      ...common(source, source.entityType),
      alternateKeys: readAlternateKeys(source.annotations ?? [], source.entityType, source.name),
    });
    const built = new Map(sets.map((set) => [set.name, Object.freeze(entitySet(set))] as const));
    return Object.freeze({
      name,
      namespace,
      annotations: frozenList(annotations),
      entitySets: built,
      singletons: new Map(
        ones.map((one) => [one.name, Object.freeze({ kind: "singleton" as const, ...common(one, one.entityType) })]),
      ),
      operationImports: buildOperationImports(container!.operationImports ?? [], {
        container: name,
        names,
        entitySets: built,
        overloads: (operation) => this.#operations.get(this.#resolveAlias(operation)),
      }),
    });
  }

  #resolveAlias(name: string): string {
    const dot = name.lastIndexOf(".");
    const namespace = this.#aliases.get(name.slice(0, dot));
    return namespace === undefined ? name : `${namespace}${name.slice(dot)}`;
  }

  #type(name: string, usedBy: string): EdmType {
    const type = this.#types.get(this.#resolveAlias(name));
    if (type === undefined) throw new ModelError(`The type '${name}' of '${usedBy}' is not part of the model.`);
    return type;
  }

  #primitive(name: string, usedBy: string): PrimitiveType {
    const type = primitiveTypes.get(name);
    if (type === undefined) throw new ModelError(`The underlying type '${name}' of '${usedBy}' is no primitive type.`);
    return type;
  }
}

/** The types that an enumeration may be based on: CSDL 4.01, section 10.1. */
const enumerationTypes: ReadonlySet<string> = new Set(["Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64"]);

/** `$search` looks into single texts, of entities and of their single complex values. */
function isSearchableText(type: EdmType, collection: boolean | undefined): boolean {
  const underlying = type.kind === "typeDefinition" ? type.underlyingType : type;
  return underlying.qualifiedName === "Edm.String" && collection !== true;
}

/** Collects what only derived types declare, once every type has its members. */
function finishDerived(type: Mutable<ComplexType> | Mutable<EntityType>): void {
  Object.freeze(type.derivedTypes);
  if (type.kind !== "entity") return;
  Object.freeze(type.key);
  const found = new Map<string, NavigationProperty[]>();
  for (const derived of type.derivedTypes) {
    for (const property of derived.ownNavigationProperties) {
      const entries = found.get(property.name);
      if (entries === undefined) found.set(property.name, [property]);
      else entries.push(property);
    }
  }
  type.derivedNavigationProperties = found;
}
