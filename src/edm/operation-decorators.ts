import "reflect-metadata";
import * as serverEdm from "odata-v4-server/build/lib/edm.js";
import type { Annotation, AnnotationValue } from "./source.js";

/**
 * What the decorators of `odata-v4-server` cannot say of operations: overloads of one name, other bindings, imports,
 * optional parameters. They stand beside its `@Edm.Function`, `@Edm.Action`, `@Edm.FunctionImport` and
 * `@Edm.ActionImport`, on the same method.
 */

const operationKey = "odatum:operation";
const parametersKey = "odatum:operation-parameters";
const deltaFunctionKey = "odatum:delta-function";

/** A decorator that says a type: `Edm.String`, `Edm.EntityType(Product)`, `Edm.Collection(Edm.ComplexType(Address))`. */
export type TypeDecorator = (...args: never[]) => unknown;

/** The import of an unbound operation: CSDL 4.01, sections 13.5 and 13.6. */
export interface ImportOptions {
  /** How it is called in URLs; the operation's own name where it is not said. */
  readonly name?: string;
  /** The entity set of the entities that it gives back; the only one with their type where it is not said. */
  readonly entitySet?: string;
  /** The service document lists it; only a function that can be called without arguments. */
  readonly includeInServiceDocument?: boolean;
  /** Of the import, by term. */
  readonly annotations?: Readonly<Record<string, AnnotationValue>>;
}

/** What {@link operationDecorators} say of a method. */
export interface OperationFacts {
  readonly name?: string;
  readonly boundTo?: readonly TypeDecorator[];
  readonly composable?: boolean;
  readonly entitySetPath?: string;
  readonly returnAnnotations?: readonly Annotation[];
  readonly import?: ImportOptions;
}

/** What {@link operationDecorators} say of a method's parameter. */
export interface ParameterFacts {
  readonly name?: string;
  /** Goes before what `odata-v4-server` noted. */
  readonly type?: TypeDecorator;
  readonly optional?: boolean;
  readonly defaultValue?: string;
  readonly annotations?: readonly Annotation[];
}

/** What is said of a method by the class whose prototype is `target`. */
export function operationFacts(target: object, method: string): OperationFacts {
  return (Reflect.getOwnMetadata(operationKey, target, method) as OperationFacts | undefined) ?? {};
}

/** What is said of a method's parameters, by their place. */
export function parameterFacts(target: object, method: string): ReadonlyMap<number, ParameterFacts> {
  const found: unknown = Reflect.getOwnMetadata(parametersKey, target, method);
  return (found as ReadonlyMap<number, ParameterFacts> | undefined) ?? new Map<number, ParameterFacts>();
}

type MethodDecorator = (target: object, method: string) => void;
type ParameterDecorator = (target: object, method: string, index: number) => void;

function ofMethod(change: (facts: OperationFacts) => OperationFacts): MethodDecorator {
  return (target, method) => {
    Reflect.defineMetadata(operationKey, change(operationFacts(target, method)), target, method);
  };
}

function ofParameter(change: (facts: ParameterFacts) => ParameterFacts): ParameterDecorator {
  return (target, method, index) => {
    const facts = parameterFacts(target, method);
    const changed = new Map([...facts, [index, change(facts.get(index) ?? {})]]);
    Reflect.defineMetadata(parametersKey, changed, target, method);
  };
}

/** Adds an annotation to a method's parameter, in front: decorators run from the last to the first. */
export function annotateParameter(target: object, method: string, index: number, annotation: Annotation): void {
  ofParameter((facts) => ({ ...facts, annotations: [annotation, ...(facts.annotations ?? [])] }))(
    target,
    method,
    index,
  );
}

/**
 * Method decorator: the operation's name, where it is not the method's. Methods that say the same name are overloads of
 * one operation (CSDL 4.01, sections 12.2 and 12.4).
 *
 * @example @Edm.OperationName("GetTopProducts") @Edm.FunctionImport(...) getTopProductsOf(@Edm.String category: string)
 */
function OperationName(name: string): MethodDecorator {
  return ofMethod((facts) => ({ ...facts, name }));
}

/**
 * Method decorator: what the operation is bound to. One of a controller or of an entity class is bound to the given type
 * and no longer to its controller's or class' own; one of the service class, which is unbound, is bound as well. It can
 * be given several times.
 *
 * @example @Edm.BoundTo(Edm.Collection(Edm.EntityType(Product)))
 */
function BoundTo(type: TypeDecorator): MethodDecorator {
  return ofMethod((facts) => ({ ...facts, boundTo: [type, ...(facts.boundTo ?? [])] }));
}

/** Method decorator: paths may go on behind the function's result (CSDL 4.01, section 12.7). */
function Composable(target: object, method: string): void {
  ofMethod((facts) => ({ ...facts, composable: true }))(target, method);
}

/**
 * Method decorator on a bound operation that gives entities back: where they are at home, seen from the binding parameter,
 * which is called `bindingParameter` (CSDL 4.01, section 12.6).
 *
 * @example @Edm.EntitySetPath("bindingParameter/Category")
 */
function EntitySetPath(entitySetPath: string): MethodDecorator {
  return ofMethod((facts) => ({ ...facts, entitySetPath }));
}

/** Method decorator: an annotation of the operation's return type (CSDL 4.01, section 12.8). */
function ReturnTerm(term: string, value: AnnotationValue = true, qualifier?: string): MethodDecorator {
  return ofMethod((facts) => ({
    ...facts,
    returnAnnotations: [{ term, value, qualifier }, ...(facts.returnAnnotations ?? [])],
  }));
}

/**
 * Method decorator on the service class: what the import of the operation says beside its name. One of several overloads
 * says it for all.
 *
 * @example @Edm.Import({ entitySet: "Products", includeInServiceDocument: true })
 */
function Import(options: ImportOptions): MethodDecorator {
  return ofMethod((facts) => ({ ...facts, import: { ...facts.import, ...options } }));
}

/**
 * Parameter decorator: a call may leave the parameter out (`Core.OptionalParameter`). All optional parameters come last.
 *
 * @param defaultValue what the method gets then; without one it gets `undefined`, so that a default of JavaScript applies
 * @example Find(@Edm.String name: string, @Edm.Optional(10) @Edm.Int32 count: number)
 */
function Optional(defaultValue?: string | number | boolean): ParameterDecorator {
  return ofParameter((facts) => ({
    ...facts,
    optional: true,
    ...(defaultValue !== undefined && { defaultValue: String(defaultValue) }),
  }));
}

/** Parameter decorator: the parameter's name in requests, where it is not the one in the source. */
function ParameterName(name: string): ParameterDecorator {
  return ofParameter((facts) => ({ ...facts, name }));
}

/**
 * Decorator of a property, a method or a parameter: a collection. As that of `odata-v4-server`, which fails on parameters
 * whose items are of a type that a decorator with arguments says.
 */
function Collection(elementType: TypeDecorator) {
  return (target: object, key: string, placement?: number | PropertyDescriptor): void => {
    const type = serverEdm.Collection(elementType) as (target: object, key: string) => void;
    if (typeof placement === "number") ofParameter((facts) => ({ ...facts, type }))(target, key, placement);
    else type(target, key);
  };
}

/**
 * Class decorator on an entity type: the function `delta`, bound to collections of its entities, which stands for their
 * changes as in Microsoft Graph. The engine carries it out wherever a collection's changes are tracked
 * (`@Edm.ChangeTracking`): it answers the collection with a delta link at the end, which leads back to the function.
 *
 * @example @Edm.DeltaFunction // GET Products/Shop.delta()
 */
function DeltaFunction(target: abstract new (...args: never[]) => object): void {
  Reflect.defineMetadata(deltaFunctionKey, true, target);
}

/** Whether an entity type itself, and not one that it derives from, has the function `delta`. */
export function hasDeltaFunction(type: object): boolean {
  return Reflect.hasOwnMetadata(deltaFunctionKey, type);
}

export const operationDecorators = {
  OperationName,
  BoundTo,
  Composable,
  EntitySetPath,
  ReturnTerm,
  Import,
  Optional,
  ParameterName,
  Collection,
  DeltaFunction,
};
