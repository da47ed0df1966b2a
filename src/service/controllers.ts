import * as serverEdm from "odata-v4-server/build/lib/edm.js";
import type { EntitySet, EntityType, Model, NavigationProperty } from "../edm/index.js";
import { odata } from "../edm/index.js";
import type { DecoratedClass } from "../edm/index.js";
import { TypeOrmController } from "./controller.js";
import type { Given } from "./invoke-result.js";
import type { Inputs, Method, MethodOwner } from "./invoke.js";
import { invoke, namesOf, prototypes, readMethod } from "./invoke.js";

type ControllerClass = new () => object;

/** What the methods of controllers are found by: `get`, `post/Products`, `get/Image/$value`, `delete/Category/$ref`. */
type Verb = string;

/**
 * The controller of an entity set that finds and changes its entities itself: its class does not derive from
 * {@link TypeOrmController}. What its methods are for is said by the decorators of `odata-v4-server`: `@odata.GET`,
 * `@odata.POST("Products")`, `@odata.GET("Image").$value`, `@odata.createRef("Category")`, or by their names (`put`).
 */
export class SetController {
  readonly set: EntitySet;
  readonly instance: object;
  readonly #handlers = new Map<Verb, Method[]>();
  readonly #named = new Map<Verb, Method>();
  readonly #isEntity: (value: object) => boolean;
  /** A check of tokens that `@odata.validation` has put on the class. */
  readonly validator: ((tokens: unknown) => unknown) | undefined;

  constructor(set: EntitySet, owner: ControllerClass, isEntity: (value: object) => boolean) {
    this.set = set;
    this.instance = new owner();
    this.#isEntity = isEntity;
    this.validator = (owner as { readonly validator?: (tokens: unknown) => unknown }).validator;
    for (const name of methodNames(owner)) {
      const method = readMethod(owner, name);
      for (const verb of (odata.getMethod(owner, name) as readonly Verb[] | undefined) ?? []) {
        const known = this.#handlers.get(verb);
        if (known === undefined) this.#handlers.set(verb, [method]);
        else known.push(method);
      }
      this.#named.set(name, method);
    }
  }

  /**
   * The method for a request, as `odata-v4-server` finds it: one that takes as many keys as there are.
   *
   * @param exactly whether one that takes another number of keys does not do
   */
  handler(verb: Verb, keys: number, exactly = false): Method | undefined {
    const fits = (method: Method) => namesOf(method, "key").length === keys;
    const handlers = this.#handlers.get(verb) ?? [];
    const named = this.#named.get(verb);
    const found = handlers.find(fits) ?? (named !== undefined && fits(named) ? named : undefined);
    return found ?? (exactly ? undefined : (handlers[0] ?? named));
  }

  /** The verbs of HTTP that there is a method for, with something behind them: `""`, `/Products`, `/Products/$ref`. */
  verbs(behind: string): string[] {
    return ["get", "post", "put", "patch", "delete"].filter(
      (verb) => this.handler(`${verb}${behind}`, 0) !== undefined,
    );
  }

  call(method: Method, inputs: Inputs): Promise<Given> {
    return invoke(this.instance, method, inputs, this.#isEntity);
  }
}

/** The controllers of a service, and what its classes say beside the model. */
export class SetControllers {
  /** The controllers that find the entities of their sets themselves. */
  readonly sets: ReadonlyMap<EntitySet, SetController>;
  readonly #classes: ReadonlyMap<string, DecoratedClass>;
  readonly #names: ReadonlyMap<unknown, string>;
  readonly #foreignKeys = new Map<NavigationProperty, readonly string[]>();
  /** `@odata.connector` of the service: makes queries of tokens. */
  readonly connector: Connector | undefined;
  /** `@odata.validation` of the service. */
  readonly validator: ((tokens: unknown) => unknown) | undefined;

  constructor(service: DecoratedClass, model: Model, classes: ReadonlyMap<string, DecoratedClass>) {
    const { connector, validator } = service as {
      readonly connector?: Connector;
      readonly validator?: (tokens: unknown) => unknown;
    };
    this.connector = connector;
    this.validator = validator;
    this.#classes = classes;
    this.#names = new Map([...classes].map(([name, type]) => [type, name]));
    const sets = new Map<EntitySet, SetController>();
    for (const [name, owner] of Object.entries(controllersOf(service))) {
      const set = model.container.entitySets.get(name);
      if (set === undefined || owner.prototype instanceof TypeOrmController) continue;
      const isEntity = (value: object) => this.classOf(value) !== undefined;
      sets.set(set, new SetController(set, owner, isEntity));
    }
    this.sets = sets;
  }

  /** The controller for the entities of a type, wherever a path has found them. */
  ofType(type: EntityType): SetController | undefined {
    for (let base: EntityType | undefined = type; base !== undefined; base = base.baseType) {
      for (const [set, controller] of this.sets) if (set.entityType === base) return controller;
    }
    return undefined;
  }

  /** The qualified name of the type that an object's class stands for. */
  classOf(value: object): string | undefined {
    for (let level: unknown = Object.getPrototypeOf(value); level !== null; level = Object.getPrototypeOf(level)) {
      const name = this.#names.get((level as { readonly constructor?: unknown }).constructor);
      if (name !== undefined) return name;
    }
    return undefined;
  }

  /** The type that a class stands for. */
  nameOf(type: unknown): string | undefined {
    return this.#names.get(type);
  }

  /** The class that stands for a type. */
  classFor(type: { readonly qualifiedName: string }): DecoratedClass | undefined {
    return this.#classes.get(type.qualifiedName);
  }

  /**
   * The properties that tie entities by their values: those of the source for a single-valued navigation property, those of
   * the target for a collection (`@Edm.ForeignKey`, or a referential constraint).
   */
  foreignKeys(navigation: NavigationProperty): readonly string[] {
    let keys = this.#foreignKeys.get(navigation);
    if (keys === undefined) {
      const owner = this.#classes.get(navigation.declaringType.qualifiedName);
      const declared = owner === undefined ? [] : serverEdm.getForeignKeys(owner, navigation.name);
      const constrained = navigation.collection
        ? []
        : navigation.referentialConstraints.map(({ property }) => property);
      keys = declared.length > 0 ? declared : constrained;
      this.#foreignKeys.set(navigation, keys);
    }
    return keys;
  }
}

/** What makes queries of tokens: `@odata.connector`. */
export interface Connector {
  createQuery(tokens: unknown, elementType?: unknown): unknown;
  createFilter(tokens: unknown, elementType?: unknown): unknown;
}

/** The classes of a service's controllers by the names of their entity sets. */
export function controllersOf(service: DecoratedClass): Readonly<Record<string, ControllerClass>> {
  return odata.getPublicControllers(service as never) as Readonly<Record<string, ControllerClass>>;
}

function methodNames(owner: MethodOwner): Set<string> {
  const names = new Set<string>();
  for (const level of prototypes(owner)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      const { value } = Object.getOwnPropertyDescriptor(level, name) as { readonly value?: unknown };
      // `@odata.type` keeps the class of the entities there.
      if (name !== "constructor" && name !== "elementType" && typeof value === "function") names.add(name);
    }
  }
  return names;
}
