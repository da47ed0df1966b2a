import * as serverEdm from "odata-v4-server/build/lib/edm.js";
import { getFunctionParameters } from "odata-v4-server/build/lib/utils.js";
import { annotationsOf } from "./class-annotations.js";
import type { DecoratedClass } from "./class-annotations.js";
import { isDecoratedClass, resolveForward } from "./class-types.js";
import { ModelError } from "./model-error.js";
import { operationFacts, parameterFacts } from "./operation-decorators.js";
import type { ImportOptions, OperationFacts, ParameterFacts, TypeDecorator } from "./operation-decorators.js";
import type { Annotation, Facets, OperationSource, ParameterSource, ReturnTypeSource } from "./source.js";
import { terms } from "./vocabulary.js";

/** The name of the binding parameter, as in the `$metadata` of `odata-v4-server`. */
export const bindingParameter = "bindingParameter";

/**
 * The method that carries out an operation, found by `Operation.implementation`.
 *
 * What its instance is depends on where it stands: a method of an entity class is meant for the entity that the operation
 * is bound to, one of a controller or of the service for an instance of that class. Its JavaScript parameters stand in
 * `parameters`; those that are parameters of the operation have its name there. The others are decorated by `@odata.result`,
 * `@odata.context` and their like, or have no decorator, and are told by `odata.getResultParameter(class, method)` and
 * so on, by their JavaScript name.
 *
 * @example
 * const { operations } = readClasses(Shop);
 * const { owner, method, parameters } = operations.get(operation.implementation!)!;
 * const values = parameters.map(({ parameter }) => (parameter === undefined ? undefined : given.get(parameter)));
 */
export interface OperationMethod {
  readonly place: "service" | "controller" | "entity";
  /** The controller, entity or service class; the method may be one that it inherits. */
  readonly owner: DecoratedClass;
  /** The name of the method, which need not be the operation's. */
  readonly method: string;
  /** The method's parameters, in order. The binding parameter of an operation is none of them. */
  readonly parameters: readonly {
    /** In JavaScript. */
    readonly name: string;
    /** Name of the operation's parameter, where it is one. */
    readonly parameter: string | undefined;
  }[];
}

/** A type as a decorator says it. */
interface GivenType {
  /** A class, a primitive type's name, an enumeration, a type definition. */
  readonly target: unknown;
  readonly collection: boolean;
  readonly complex: boolean;
}

/** A class that declares operations, and what they are bound to by their place there. */
export interface OperationPlace extends Pick<OperationMethod, "place" | "owner"> {
  /** Where operations stand that do not say a namespace. */
  readonly namespace: string;
  /** Qualified name of the type; `undefined` for the service class. */
  readonly boundTo: { readonly type: string; readonly collection: boolean } | undefined;
  /** Base class from which on nothing is inherited, since it is read by itself. */
  readonly inheritUpTo?: DecoratedClass | undefined;
}

/** An operation's overload as its class declares it. */
export interface DeclaredOperation {
  readonly namespace: string;
  readonly source: OperationSource;
  readonly import: ImportOptions | undefined;
}

/**
 * Gives the qualified name of the type that a decorator was given, and takes the type into the model.
 *
 * @param usedBy begins the message where it is no type
 */
export type NameOfType = (target: unknown, usedBy: string) => string;

/** Reads the operations of classes, and remembers which method carries out which. */
export class OperationReader {
  /** By `Operation.implementation`. */
  readonly methods = new Map<string, OperationMethod>();
  readonly #nameOf: NameOfType;

  constructor(nameOf: NameOfType) {
    this.#nameOf = nameOf;
  }

  /** The operations that a class declares, in the order of their methods. */
  read(place: OperationPlace): DeclaredOperation[] {
    return methodsOf(place.owner, place.inheritUpTo).flatMap((declared) => this.#operation(place, declared));
  }

  #operation(place: OperationPlace, { declaredBy, method }: DeclaredMethod): DeclaredOperation[] {
    const where = `${declaredBy.name}.${method}`;
    const prototype = declaredBy.prototype as Readonly<Record<string, unknown>>;
    const facts = operationFacts(prototype, method);
    const { namespace = place.namespace } = prototype[method] as { readonly namespace?: string };
    const kind = serverEdm.isAction(declaredBy, method) ? "action" : "function";
    const parameters = this.#parameters(declaredBy, method, where);
    const source: OperationSource = {
      kind,
      name: facts.name ?? method,
      composable: facts.composable,
      entitySetPath: facts.entitySetPath,
      parameters: parameters.flatMap(({ source }) => source ?? []),
      returnType: this.#returnType(declaredBy, method, facts, where),
      implementation: this.#remember(
        {
          place: place.place,
          owner: place.owner,
          method,
          parameters: parameters.map(({ name, source }) => ({ name, parameter: source?.name })),
        },
        where,
      ),
      annotations: annotationsOf(declaredBy, method),
    };
    const bindings = facts.boundTo?.map((type) => this.#reference(readDecorator(type), where)) ?? [];
    if (place.boundTo !== undefined) {
      if (facts.import !== undefined) {
        throw new ModelError(`'${where}' is bound, so it has no import; only methods of the service class have one.`);
      }
      if (bindings.length === 0) bindings.push(place.boundTo);
    }
    const overloads = bindings.map((type) => ({
      ...source,
      bound: true,
      parameters: [{ name: bindingParameter, ...type, nullable: false }, ...source.parameters],
    }));
    // An unbound operation has nothing that a path could start from.
    const unbound = place.boundTo === undefined ? [{ ...source, entitySetPath: undefined }] : [];
    return [...unbound, ...overloads].map((one) => ({
      namespace,
      source: one,
      import: one.bound === true ? undefined : (facts.import ?? {}),
    }));
  }

  #returnType(
    declaredBy: DecoratedClass,
    method: string,
    { returnAnnotations }: OperationFacts,
    where: string,
  ): ReturnTypeSource | undefined {
    const given = returnTypeOf(declaredBy, method);
    if (given === undefined) return undefined;
    return {
      ...this.#reference(given, where),
      nullable: serverEdm.isNullable(declaredBy, method) as boolean | undefined,
      maxLength: facet(serverEdm.getMaxLength(declaredBy, method)),
      precision: facet(serverEdm.getPrecision(declaredBy, method)),
      scale: facet(serverEdm.getScale(declaredBy, method)),
      srid: facet(serverEdm.getSRID(declaredBy, method)),
      unicode: serverEdm.isUnicode(declaredBy, method) ?? undefined,
      annotations: returnAnnotations,
    };
  }

  /** The method's parameters in order; those that a decorator gives a type are the operation's. */
  #parameters(
    declaredBy: DecoratedClass,
    method: string,
    where: string,
  ): { readonly name: string; readonly source: ParameterSource | undefined }[] {
    const ours = parameterFacts(declaredBy.prototype as object, method);
    const theirs = notedParameters(declaredBy, method);
    return parameterNames(declaredBy, method).map((name, index) => {
      const facts = ours.get(index) ?? {};
      const noted = theirs.find((parameter) => parameter.name === name);
      const given = parameterType(facts, noted);
      if (given === undefined) {
        if (facts.name === undefined && facts.optional === undefined && facts.annotations === undefined) {
          return { name, source: undefined };
        }
        throw new ModelError(`The parameter '${name}' of '${where}' has no type; give it one, such as @Edm.String.`);
      }
      const { annotations = [] } = facts;
      const { name: called = name } = facts;
      return {
        name,
        source: {
          name: called,
          ...this.#reference(given, `${where}/${name}`),
          nullable: noted?.nullable,
          maxLength: noted?.maxLength,
          precision: noted?.precision,
          scale: noted?.scale,
          srid: noted?.SRID,
          unicode: noted?.unicode,
          annotations: [...annotations, ...optionalParameter(facts, noted)],
        },
      };
    });
  }

  #reference(
    { target, collection }: GivenType,
    where: string,
  ): { readonly type: string; readonly collection: boolean } {
    return { type: this.#nameOf(target, `The operation '${where}'`), collection };
  }

  /** The key of a method: its class and name, told apart from those of other classes with the same name. */
  #remember(method: OperationMethod, where: string): string {
    const name = `${method.owner.name}.${method.method}`;
    for (let count = 1; ; count++) {
      const key = count === 1 ? name : `${name}#${count}`;
      const taken = this.methods.get(key);
      if (taken === undefined) this.methods.set(key, method);
      else if (taken.owner !== method.owner) continue;
      else throw new ModelError(`The method '${where}' is read twice.`);
      return key;
    }
  }
}

/** The types that the operations of a class refer to, without reading them. */
export function typesOfOperations(owner: DecoratedClass, inheritUpTo?: DecoratedClass): GivenType[] {
  return methodsOf(owner, inheritUpTo).flatMap(({ declaredBy, method }) => {
    const ours = parameterFacts(declaredBy.prototype as object, method);
    const theirs = notedParameters(declaredBy, method);
    const parameters = parameterNames(declaredBy, method).map((name, index) =>
      parameterType(
        ours.get(index) ?? {},
        theirs.find((parameter) => parameter.name === name),
      ),
    );
    const { boundTo = [] } = operationFacts(declaredBy.prototype as object, method);
    return [returnTypeOf(declaredBy, method), ...parameters, ...boundTo.map(readDecorator)].filter(
      (type) => type !== undefined,
    );
  });
}

interface DeclaredMethod {
  /** The class itself, or one that it inherits the method from. */
  readonly declaredBy: DecoratedClass;
  readonly method: string;
}

/** The methods of a class that are decorated as operations; an inherited one only where no other has its name. */
function methodsOf(owner: DecoratedClass, inheritUpTo: DecoratedClass | undefined): DeclaredMethod[] {
  const found = new Map<string, DeclaredMethod>();
  let declaredBy: unknown = owner;
  while (isDecoratedClass(declaredBy) && declaredBy !== inheritUpTo) {
    for (const method of new Set(serverEdm.getOperations(declaredBy))) {
      if (!found.has(method)) found.set(method, { declaredBy, method });
    }
    declaredBy = Object.getPrototypeOf(declaredBy);
  }
  return [...found.values()];
}

/** What the parameter decorators of `odata-v4-server` keep. */
interface NotedParameter extends Omit<Facets, "srid"> {
  readonly name: string;
  readonly type?: unknown;
  readonly nullable?: boolean;
  readonly SRID?: Facets["srid"];
  readonly defaultValue?: unknown;
}

/** It keeps them in no order, those of the methods that an own one replaces behind the own. */
function notedParameters(declaredBy: DecoratedClass, method: string): readonly NotedParameter[] {
  return serverEdm.getParameters(declaredBy, method) as readonly NotedParameter[];
}

function parameterNames(declaredBy: DecoratedClass, method: string): readonly string[] {
  const names = getFunctionParameters(declaredBy.prototype as never, method) as readonly string[];
  return names.filter((name) => name !== "");
}

function parameterType({ type }: ParameterFacts, noted: NotedParameter | undefined): GivenType | undefined {
  if (type !== undefined) return readDecorator(type);
  const target = resolveForward(noted?.type);
  if (target === undefined) return undefined;
  if (typeof target !== "string") {
    return { target, collection: false, complex: isDecoratedClass(target) && serverEdm.isComplexType(target) };
  }
  const item = /^Collection\((.*)\)$/.exec(target)?.[1];
  return { target: item ?? target, collection: item !== undefined, complex: false };
}

/** `@Edm.Optional`, and the default value that `@Edm.DefaultValue` gives a parameter. */
function optionalParameter(facts: ParameterFacts, noted: NotedParameter | undefined): Annotation[] {
  const defaultValue =
    facts.defaultValue ?? (noted?.defaultValue === undefined ? undefined : String(noted.defaultValue));
  if (facts.optional !== true && defaultValue === undefined) return [];
  return [{ term: terms.optionalParameter, value: defaultValue === undefined ? {} : { DefaultValue: defaultValue } }];
}

const returnTypeKey = "edm:returntype";

/** What `@Edm.Function(type)` was given, or the type that another decorator of the method says. */
function returnTypeOf(declaredBy: DecoratedClass, method: string): GivenType | undefined {
  const element = Reflect.getMetadata(returnTypeKey, declaredBy.prototype as object, method) as DecoratedClass;
  return typeAt(element, returnTypeKey) ?? typeAt(declaredBy, method);
}

/** `odata-v4-server` knows how to read any decorator of a type: as what an operation gives back. */
function readDecorator(type: TypeDecorator): GivenType {
  const probe = class {};
  const operation = serverEdm.Function(type) as (target: object, method: string) => void;
  operation(probe.prototype, "probe");
  const given = returnTypeOf(probe, "probe");
  if (given === undefined) throw new ModelError(`A decorator was given that says no type.`);
  return given;
}

function typeAt(target: DecoratedClass, key: string): GivenType | undefined {
  const type = serverEdm.getType(target, key) as unknown;
  if (type === undefined) return undefined;
  return {
    target: type,
    collection: serverEdm.isCollection(target, key),
    complex: serverEdm.isComplexType(target, key),
  };
}

/** The getters of `odata-v4-server` declare facets as boolean, and answer with what the decorator was given. */
export function facet(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
