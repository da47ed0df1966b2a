import type { EdmType, EntitySet, Operation, OperationImport, Parameter, ReturnType, StructuredType } from "./model.js";
import { isOrDerivesFrom } from "./model.js";
import { ModelError } from "./model-error.js";
import type {
  OperationImportSource,
  OperationSource,
  ParameterSource,
  ReturnTypeSource,
  SchemaSource,
} from "./source.js";
import { facetsOf, frozenList, naming } from "./build-parts.js";
import { annotationValue, terms } from "./vocabulary.js";

/** Finds a type by its name, which may be written with an alias; `usedBy` is for the message where there is none. */
export type ResolveType = (name: string, usedBy: string) => EdmType;

/**
 * Links the operations of a schema and holds them against the rules of CSDL 4.01, sections 12.1 to 12.9.
 *
 * @returns the overloads by simple name, in the order of the source
 * @throws {ModelError} where a rule is broken; the message names the operation and the parameter
 */
export function buildOperations(
  schema: SchemaSource,
  resolveType: ResolveType,
): ReadonlyMap<string, readonly Operation[]> {
  const overloads = new Map<string, readonly Operation[]>();
  for (const source of schema.operations ?? []) {
    const operation = buildOperation(source, schema.namespace, resolveType);
    const others = overloads.get(source.name) ?? [];
    checkOverload(operation, others);
    overloads.set(source.name, Object.freeze([...others, operation]));
  }
  return overloads;
}

function buildOperation(source: OperationSource, namespace: string, resolveType: ResolveType): Operation {
  const { kind, name, bound = false, composable = false, entitySetPath } = source;
  const named = naming(namespace, name);
  const where = named.qualifiedName;
  const parameters = source.parameters.map((parameter) => buildParameter(parameter, where, resolveType));
  const returnType = source.returnType && buildReturnType(source.returnType, where, resolveType);
  if (kind === "function" && returnType === undefined) {
    throw new ModelError(`The function '${where}' gives nothing back; a function has a return type.`);
  }
  if (kind === "action" && composable) throw new ModelError(`The action '${where}' is composable; only functions are.`);
  if (bound && parameters.length === 0) {
    throw new ModelError(`The bound ${kind} '${where}' has no parameter; its first one is the binding parameter.`);
  }
  checkParameters(parameters, bound, where);
  const operation: Operation = Object.freeze({
    kind,
    ...named,
    bound,
    parameters: Object.freeze(parameters),
    returnType,
    composable,
    entitySetPath,
    implementation: source.implementation,
    annotations: frozenList(source.annotations),
  });
  if (entitySetPath !== undefined) checkEntitySetPath(entitySetPath, operation, resolveType);
  return operation;
}

function buildReturnType(source: ReturnTypeSource, where: string, resolveType: ResolveType): ReturnType {
  return Object.freeze({
    type: resolveType(source.type, where),
    collection: source.collection ?? false,
    nullable: source.nullable ?? true,
    facets: facetsOf(source),
    annotations: frozenList(source.annotations),
  });
}

function buildParameter(source: ParameterSource, operation: string, resolveType: ResolveType): Parameter {
  const where = `${operation}/${source.name}`;
  const optional = annotationValue(source.annotations ?? [], terms.optionalParameter) ?? false;
  const { DefaultValue: defaultValue } = (typeof optional === "object" && optional !== null ? optional : {}) as {
    readonly DefaultValue?: unknown;
  };
  if (defaultValue !== undefined && defaultValue !== null && typeof defaultValue !== "string") {
    throw new ModelError(`The default value of the parameter '${where}' is no text; Core.OptionalParameter wants one.`);
  }
  return Object.freeze({
    name: source.name,
    ...buildReturnType(source, where, resolveType),
    // A record, with a default value or without: the term has no value that says no.
    optional: optional !== false && optional !== null,
    defaultValue: defaultValue ?? undefined,
  });
}

/** Names stand once, optional parameters last, and the binding parameter has to be there (Core.OptionalParameter). */
function checkParameters(parameters: readonly Parameter[], bound: boolean, where: string): void {
  const names = new Set<string>();
  let before: Parameter | undefined;
  for (const parameter of parameters) {
    const { name, optional } = parameter;
    if (names.has(name)) throw new ModelError(`The operation '${where}' has two parameters '${name}'.`);
    names.add(name);
    if (!optional && before !== undefined) {
      throw new ModelError(
        `The parameter '${name}' of '${where}' stands behind the optional '${before.name}'; optional ones come last.`,
      );
    }
    if (optional) before = parameter;
  }
  if (bound && parameters[0]!.optional) {
    throw new ModelError(`The binding parameter '${parameters[0]!.name}' of '${where}' is optional; it cannot be.`);
  }
}

/** What keeps overloads apart: CSDL 4.01, sections 12.2 and 12.4. */
function checkOverload(operation: Operation, others: readonly Operation[]): void {
  const { kind, bound, qualifiedName, parameters } = operation;
  for (const other of others) {
    if (other.kind !== kind) {
      throw new ModelError(`'${qualifiedName}' is the name of a function and of an action; it can only be one's.`);
    }
    if (other.bound !== bound) continue;
    if (bound && typeText(other.parameters[0]!) !== typeText(parameters[0]!)) continue;
    const to = bound ? ` bound to '${typeText(parameters[0]!)}'` : "";
    if (kind === "action") {
      throw new ModelError(
        `The ${bound ? "" : "unbound "}action '${qualifiedName}'${to} is declared twice; overloads of actions differ in what ` +
          "they are bound to. Optional parameters may take the place of the second one.",
      );
    }
    const [own, others] = [parameters, other.parameters].map((list) => (bound ? list.slice(1) : list)) as [
      readonly Parameter[],
      readonly Parameter[],
    ];
    const names = (list: readonly Parameter[]) =>
      list
        .map(({ name }) => name)
        .toSorted()
        .join();
    const types = (list: readonly Parameter[]) => list.map(typeText).join();
    if (names(own) === names(others)) {
      throw new ModelError(
        `Two overloads of the function '${qualifiedName}'${to} have the parameters (${names(own)}).`,
      );
    }
    if (types(own) === types(others)) {
      throw new ModelError(
        `Two overloads of the function '${qualifiedName}'${to} have parameters of the types (${types(own)}).`,
      );
    }
    if (typeText(other.returnType!) !== typeText(operation.returnType!)) {
      throw new ModelError(
        `The overloads of the function '${qualifiedName}'${to} give '${typeText(other.returnType!)}' and ` +
          `'${typeText(operation.returnType!)}'; they have to give the same.`,
      );
    }
  }
}

function typeText({ type, collection }: ReturnType): string {
  return collection ? `Collection(${type.qualifiedName})` : type.qualifiedName;
}

/** It starts with the binding parameter and leads to entities of the type that the operation gives back: section 12.6. */
function checkEntitySetPath(path: string, operation: Operation, resolveType: ResolveType): void {
  const { qualifiedName, parameters, returnType } = operation;
  const wrong = (why: string) => new ModelError(`The entity set path '${path}' of '${qualifiedName}' ${why}.`);
  const [first, ...segments] = path.split("/");
  const binding = operation.bound ? parameters[0] : undefined;
  if (binding === undefined || first !== binding.name) {
    throw wrong(
      binding === undefined
        ? "has nothing to start from: only a bound operation has a binding parameter"
        : `has to start with the binding parameter '${binding.name}'`,
    );
  }
  if (returnType?.type.kind !== "entity") throw wrong("leads to entities, but the operation gives none back");
  let type: EdmType | undefined = binding.type;
  for (const segment of segments) {
    type = behind(type, segment, resolveType, qualifiedName);
    if (type === undefined) throw wrong(`goes wrong at '${segment}', which names no navigation property and no type`);
  }
  if (!isOrDerivesFrom(returnType.type, type) && !isOrDerivesFrom(type, returnType.type)) {
    throw wrong(`leads to '${type.qualifiedName}', but the operation gives '${returnType.type.qualifiedName}' back`);
  }
}

function behind(type: EdmType, segment: string, resolveType: ResolveType, usedBy: string): EdmType | undefined {
  if (segment.includes(".")) return resolveType(segment, usedBy);
  if (type.kind !== "entity" && type.kind !== "complex") return undefined;
  const structured: StructuredType = type;
  return (structured.navigationProperties.get(segment) ?? structured.properties.get(segment))?.type;
}

/** The space of names that an import stands in, and what it may refer to. */
export interface ImportScope {
  readonly container: string;
  /** Names of the container that are taken; the names of the imports are added. */
  readonly names: Set<string>;
  readonly entitySets: ReadonlyMap<string, EntitySet>;
  /** The overloads of an operation; its name may be written with an alias. */
  readonly overloads: (name: string) => readonly Operation[] | undefined;
}

/**
 * Links function imports and action imports: CSDL 4.01, sections 13.5 and 13.6.
 *
 * @throws {ModelError} where an import names no unbound operation of its kind, or no entity set
 */
export function buildOperationImports(
  sources: readonly OperationImportSource[],
  scope: ImportScope,
): ReadonlyMap<string, OperationImport> {
  return new Map(sources.map((source) => [source.name, buildOperationImport(source, scope)]));
}

function buildOperationImport(source: OperationImportSource, scope: ImportScope): OperationImport {
  const { kind, name, includeInServiceDocument = false } = source;
  if (scope.names.has(name)) throw new ModelError(`The container '${scope.container}' declares '${name}' twice.`);
  scope.names.add(name);
  const wanted = kind === "functionImport" ? "function" : "action";
  const operations = (scope.overloads(source.operation) ?? []).filter((one) => one.kind === wanted && !one.bound);
  const [operation] = operations;
  if (operation === undefined) {
    throw new ModelError(
      `The import '${name}' names '${source.operation}', which is no unbound ${wanted} of the model.`,
    );
  }
  const entitySet = source.entitySet === undefined ? undefined : scope.entitySets.get(source.entitySet);
  if (source.entitySet !== undefined) {
    if (entitySet === undefined) {
      throw new ModelError(`The import '${name}' gives entities of '${source.entitySet}', which is no entity set.`);
    }
    const given = operation.returnType?.type;
    if (given === undefined || !isOrDerivesFrom(given, entitySet.entityType)) {
      throw new ModelError(
        `The import '${name}' gives no entities of the entity set '${source.entitySet}': '${operation.qualifiedName}' gives ` +
          `${given === undefined ? "nothing" : `'${given.qualifiedName}'`} back.`,
      );
    }
  }
  // What the service document lists is called without arguments: section 13.6.4.
  if (includeInServiceDocument && (kind === "actionImport" || !operations.some(needsNothing))) {
    throw new ModelError(`The service document lists functions that need no parameters; '${name}' is none.`);
  }
  return Object.freeze({
    kind,
    name,
    operations: Object.freeze(operations),
    entitySet,
    includeInServiceDocument,
    annotations: frozenList(source.annotations),
  });
}

function needsNothing({ parameters }: Operation): boolean {
  return parameters.every(({ optional }) => optional);
}
