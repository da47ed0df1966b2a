import type { EntitySet, Model } from "../edm/index.js";
import { odata } from "../edm/index.js";
import type { DecoratedClass } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { notImplemented } from "../errors/index.js";
import { TypeOrmController } from "./controller.js";

type ControllerClass = new () => Record<string, unknown>;

/** A method of a controller that reads. */
interface Handler {
  readonly name: string;
  /** Names of the key properties, in the order in which the method takes their values. */
  readonly keys: readonly string[];
  /** It has parameters that are no keys. */
  readonly takesMore: boolean;
}

/**
 * A controller that finds entities itself: its class does not derive from {@link TypeOrmController} and has methods that
 * are decorated with `@odata.GET`. One without parameters gives all entities of the set; one whose parameters are
 * `@odata.key`s gives one of them. Query options are carried out on what they give.
 */
export class ReadingController {
  readonly #set: EntitySet;
  readonly #controller: Record<string, unknown>;
  readonly #all: Handler | undefined;
  readonly #one: Handler | undefined;

  private constructor(set: EntitySet, controller: ControllerClass, handlers: readonly Handler[]) {
    this.#set = set;
    this.#controller = new controller();
    this.#all = handlers.find(({ keys }) => keys.length === 0);
    this.#one = handlers.find(({ keys }) => keys.length > 0);
  }

  /** The controllers of a service that find entities themselves, by the entity sets that they answer for. */
  static of(service: DecoratedClass, { container }: Model): ReadonlyMap<EntitySet, ReadingController> {
    const controllers = odata.getPublicControllers(service as never) as Readonly<Record<string, ControllerClass>>;
    const found = new Map<EntitySet, ReadingController>();
    for (const [name, controller] of Object.entries(controllers)) {
      const set = container.entitySets.get(name);
      if (set === undefined || controller.prototype instanceof TypeOrmController) continue;
      const handlers = readersOf(controller, set);
      if (handlers.length > 0) found.set(set, new ReadingController(set, controller, handlers));
    }
    return found;
  }

  /** Whether one entity is asked for by its key, and not found among all. */
  get findsOne(): boolean {
    return this.#one !== undefined;
  }

  /** All entities of the set. */
  async all(): Promise<object[]> {
    if (this.#all === undefined) {
      throw notImplemented(`The entities of '${this.#set.name}' can only be read one by one.`, {
        target: this.#set.name,
      });
    }
    return gather(this.#call(this.#all, []), this.#set.name);
  }

  /** The entity with a key, or none. */
  async one(key: readonly Scalar[]): Promise<object | undefined> {
    const { entityType } = this.#set;
    const values = this.#one!.keys.map((name) => key[entityType.key.findIndex((property) => property.name === name)]);
    const found: unknown = await this.#call(this.#one!, values);
    return typeof found === "object" && found !== null ? found : undefined;
  }

  #call({ name, takesMore }: Handler, values: readonly unknown[]): unknown {
    if (takesMore) {
      throw notImplemented(`The method that reads '${this.#set.name}' takes parameters that it cannot be given.`, {
        target: this.#set.name,
      });
    }
    const method = this.#controller[name] as (...values: readonly unknown[]) => unknown;
    return method.apply(this.#controller, [...values]);
  }
}

/** The methods of a controller that read entities of its set: `odata-v4-server` keeps them with the prototype. */
function readersOf(controller: ControllerClass, { entityType }: EntitySet): Handler[] {
  const handlers = new Map<string, Handler>();
  let prototype = controller.prototype as Readonly<Record<string, unknown>>;
  for (; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as typeof prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const methods = odata.getMethod(controller, name) as readonly string[] | undefined;
      if (methods?.includes("get") !== true || handlers.has(name)) continue;
      const { length } = prototype[name] as { readonly length: number };
      // Decorators of parameters run from the last to the first.
      const keys = (odata.getKeys(controller, name) as readonly { readonly from: string }[]).toReversed();
      handlers.set(name, { name, keys: keys.map(({ from }) => from), takesMore: length > keys.length });
    }
  }
  // What a single key is called does not matter.
  const [key, ...others] = entityType.key;
  return [...handlers.values()].map((handler) =>
    handler.keys.length === 1 && others.length === 0 ? { ...handler, keys: [key!.name] } : handler,
  );
}

/** The entities that a method gives: an array, a promise of one, or anything that can be iterated. */
async function gather(given: unknown, set: string): Promise<object[]> {
  const found: unknown = await given;
  if (found === undefined || found === null) return [];
  const items: unknown[] = [];
  if (Symbol.asyncIterator in Object(found)) for await (const item of found as AsyncIterable<unknown>) items.push(item);
  else if (typeof found === "object" && Symbol.iterator in found) items.push(...(found as Iterable<unknown>));
  else throw new TypeError(`The controller of '${set}' gave no collection.`);
  return items as object[];
}
