import type { EdmType, Model, Operation, Parameter } from "../edm/index.js";
import { isDefaultNamespace } from "./default-namespaces.js";
import { underlying } from "./expression-types.js";

/** What a bound operation can be called on: the type of a value, or of the items of a collection. */
export interface BindingSubject {
  readonly type: EdmType;
  readonly collection: boolean;
}

/** How bound operations may be called; a part of what a service allows in its paths. */
export interface OperationNaming {
  readonly unqualifiedOperations?: boolean | undefined;
}

/** Bound operations by simple name. A model never changes. */
interface SimpleNames {
  readonly all: ReadonlyMap<string, readonly Operation[]>;
  readonly ofDefaultNamespaces: ReadonlyMap<string, readonly Operation[]>;
}

const simpleNames = new WeakMap<Model, SimpleNames>();

function simpleNamesOf(model: Model): SimpleNames {
  let found = simpleNames.get(model);
  if (found === undefined) {
    const all = new Map<string, Operation[]>();
    const ofDefaultNamespaces = new Map<string, Operation[]>();
    for (const schema of model.schemas) {
      const maps = isDefaultNamespace(schema) ? [all, ofDefaultNamespaces] : [all];
      for (const operation of schema.operations.filter(({ bound }) => bound)) {
        for (const map of maps) map.set(operation.name, [...(map.get(operation.name) ?? []), operation]);
      }
    }
    found = { all, ofDefaultNamespaces };
    simpleNames.set(model, found);
  }
  return found;
}

/** The bound operations of a name: qualified, or simple where the service or the schema allows that. */
export function operationsNamed(name: string, model: Model, naming: OperationNaming): readonly Operation[] {
  if (name.includes(".")) return (model.operations.get(name) ?? []).filter(({ bound }) => bound);
  const { all, ofDefaultNamespaces } = simpleNamesOf(model);
  return (naming.unqualifiedOperations === true ? all : ofDefaultNamespaces).get(name) ?? [];
}

/** The names by which operations can be called on something, for "Did you mean ...?". */
export function operationNames(subject: BindingSubject, model: Model): string[] {
  const names = new Set<string>();
  for (const operations of simpleNamesOf(model).all.values()) {
    for (const operation of operations)
      if (distance(operation, subject) !== undefined) names.add(operation.qualifiedName);
  }
  return [...names];
}

/**
 * The overloads of a bound operation that can be called on something: those that are bound to its type, or to one that it
 * derives from, the nearest first (CSDL 4.01, section 12.2).
 */
export function overloadsFor(operations: readonly Operation[], subject: BindingSubject): readonly Operation[] {
  const near = operations.flatMap((operation) => {
    const steps = distance(operation, subject);
    return steps === undefined ? [] : [{ operation, steps }];
  });
  return near.sort((one, other) => one.steps - other.steps).map(({ operation }) => operation);
}

/** Behind every type that is declared. */
const ABSTRACT = 1_000;

/** How many base types lie between what an operation is called on and its binding parameter; `undefined` where it is not for it. */
function distance({ parameters: [binding] }: Operation, { type, collection }: BindingSubject): number | undefined {
  if (binding === undefined || binding.collection !== collection) return undefined;
  const wanted: EdmType = binding.type;
  if (wanted === type) return 0;
  switch (wanted.qualifiedName) {
    case "Edm.EntityType":
      return type.kind === "entity" ? ABSTRACT : undefined;
    case "Edm.ComplexType":
      return type.kind === "complex" ? ABSTRACT : undefined;
    case "Edm.PrimitiveType":
      return type.kind === "entity" || type.kind === "complex" ? undefined : ABSTRACT;
    case "Edm.Untyped":
      return ABSTRACT + 1;
  }
  if (type.kind !== "entity" && type.kind !== "complex") return underlying(type) === underlying(wanted) ? 1 : undefined;
  let steps = 0;
  for (let base: EdmType | undefined = type; base !== undefined; base = base.baseType) {
    if (base === wanted) return steps;
    steps++;
  }
  return undefined;
}

/** The parameters that a call gives arguments for: all but the binding parameter. */
export function ownParameters({ bound, parameters }: Operation): readonly Parameter[] {
  return bound ? parameters.slice(1) : parameters;
}

/**
 * The overload that takes arguments of these names. All parameters that are not optional have to be among them. Where
 * several overloads take them, the nearest goes first, and of those that are equally near the one that leaves the fewest out.
 *
 * @param overloads the nearest to the binding parameter first
 */
export function overloadTaking(overloads: readonly Operation[], names: ReadonlySet<string>): Operation | undefined {
  let found: Operation | undefined;
  let fewest = Infinity;
  for (const operation of overloads) {
    if (found !== undefined && bindingType(found) !== bindingType(operation)) break;
    const parameters = ownParameters(operation);
    const known = new Set(parameters.map(({ name }) => name));
    const fits =
      [...names].every((name) => known.has(name)) &&
      parameters.every(({ name, optional }) => optional || names.has(name));
    const open = parameters.length - names.size;
    if (fits && open < fewest) {
      found = operation;
      fewest = open;
    }
  }
  return found;
}

/** What an operation is called on, for messages: `Collection(Shop.Product)`. */
export function bindingText({ type, collection }: BindingSubject): string {
  return collection ? `'Collection(${type.qualifiedName})'` : `'${type.qualifiedName}'`;
}

function bindingType({ bound, parameters }: Operation): EdmType | undefined {
  return bound ? parameters[0]?.type : undefined;
}

/** An overload as it is called: `GetTopProducts(count,category)`, optional parameters in brackets. */
export function signatureOf(name: string, operation: Operation): string {
  const parameters = ownParameters(operation).map((one) => (one.optional ? `[${one.name}]` : one.name));
  return `${name}(${parameters.join(",")})`;
}
