import type { BoundExpand, BoundPath, EntitySegment, KeySegment, NavigationSegment } from "../binding/index.js";
import type { EntitySet, EntityType, NavigationProperty, Singleton } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { writeLiteral } from "../edm/primitives/index.js";
import { notImplemented } from "../errors/index.js";
import type { ServiceContext } from "./context.js";
import type { SetController } from "./controllers.js";
import type { MethodContext } from "./invoke-context.js";
import { methodContext } from "./invoke-context.js";
import type { Given } from "./invoke-result.js";
import { filterTokens, queryTokens, textTokens } from "./invoke-tokens.js";
import type { Token } from "./invoke-tokens.js";
import type { PlainObject } from "./invoke-values.js";
import { hasValue, javaScriptValue, plainObject, resolved } from "./invoke-values.js";
import type { Inputs, Method } from "./invoke.js";
import { takes } from "./invoke.js";
import type { ODataRequest } from "./request.js";
import { Session } from "./session.js";

/** What methods of controllers were asked for, and have done already of the options of a request. */
export type Done = "nothing" | "filter" | "query";

/** What the beginning of a path leads to, as methods gave it. */
export interface Walked {
  /** The entity, or the collection. */
  readonly found: PlainObject | readonly PlainObject[];
  readonly type: EntityType;
  /** What of the path is still to be walked. */
  readonly rest: readonly EntitySegment[];
  readonly done: Done;
  readonly count: number | undefined;
}

/** An entity that a controller has given. */
export interface GivenEntity {
  readonly data: PlainObject;
  readonly type: EntityType;
  readonly key: ReadonlyMap<string, Scalar>;
}

/** A request that methods of controllers carry out. */
export class ControllerRequest {
  readonly request: ODataRequest;
  readonly context: ServiceContext;
  readonly http: MethodContext;
  #session: Session | undefined;

  constructor(request: ODataRequest, context: ServiceContext, http = methodContext(request)) {
    this.request = request;
    this.context = context;
    this.http = http;
  }

  get session(): Session {
    return (this.#session ??= new Session(this.request, this.context));
  }

  /** What every method can be given. */
  inputs(own: Inputs): Inputs {
    return { context: () => this.http, session: () => this.session, ...own };
  }

  /** The query of the request. */
  tokens(): Promise<unknown> {
    return queryTokens(this.request.url);
  }

  /** The filter of the request. */
  filterTokens(): Promise<unknown> {
    return filterTokens(this.request.url);
  }

  /** What a method that reads a collection is given, its tokens as the service wants them. */
  reading(controller: SetController, own: Inputs, filter?: Filter): Inputs {
    const { connector, validator } = this.context.controllers;
    const type = this.context.controllers.classFor(controller.set.entityType);
    const checked = <T>(tokens: T): T => {
      if (tokens !== undefined && tokens !== null)
        for (const check of [validator, controller.validator]) check?.(tokens);
      return tokens;
    };
    return this.inputs({
      query: async () => {
        const tokens = checked(filter === undefined ? await queryTokens(this.request.url) : await filter());
        return connector === undefined ? tokens : connector.createQuery(tokens, type);
      },
      filter: async () => {
        const tokens = checked(filter === undefined ? await filterTokens(this.request.url) : await filter());
        return connector === undefined ? tokens : connector.createFilter(tokens, type);
      },
      type: () => type,
      ...own,
    });
  }

  /**
   * Walks a path as far as methods of controllers have something to say of it.
   *
   * @param last whether the path's last collection is what the request's options are for
   * @returns `undefined` where an entity on the way is missing
   */
  async walk({ segments }: Pick<BoundPath, "segments">, last = true): Promise<Walked | undefined> {
    const [root] = segments;
    if (root?.kind !== "entitySet") throw new Error("A path over a controller begins with its entity set.");
    const controller = this.context.controllers.sets.get(root.set)!;
    let at = 1;
    let type = root.type;
    const isKeyed = (index: number) => isOwnKey(segments[index]);
    let found = isKeyed(1) ? await this.one(controller, segments[1] as KeySegment) : undefined;
    let done: Done = "nothing";
    let count: number | undefined;
    let all: readonly PlainObject[] | undefined;
    if (found === undefined) {
      ({ all, done, count } = await this.all(controller, last && !segments.slice(1).some(changesItems)));
    } else if (found === null) return undefined;
    else at = 2;
    for (; at < segments.length; at++) {
      const segment = segments[at]!;
      if (all !== undefined) {
        if (!isOwnKey(segment)) break;
        found = all.find((item) =>
          segment.properties.every((key, n) => hasValue(key, item[key.name], segment.values[n]!)),
        );
        if (found === undefined) return undefined;
        [all, done, count] = [undefined, "nothing", undefined];
        continue;
      }
      const data: PlainObject = found!;
      if (segment.kind === "cast") {
        if (!isOrDerivesFrom(this.typeOf(data, type), segment.type)) return undefined;
        type = segment.type;
        continue;
      }
      if (segment.kind !== "navigation") break;
      const entity = this.entity(data, this.typeOf(data, type), keyBefore(segments, at));
      const key = segment.collection && isOwnKey(segments[at + 1]) ? (segments[at + 1] as KeySegment) : undefined;
      const isLast = last && !segments.slice(at + 1).some(changesItems);
      const behind = await this.navigate(entity, segment, key, isLast);
      type = segment.type;
      if (behind === undefined) return undefined;
      if (Array.isArray(behind.found)) [all, done, count] = [behind.found as PlainObject[], behind.done, behind.count];
      else found = behind.found as PlainObject;
      if (behind.keyed) at++;
    }
    return { found: all ?? found!, type, rest: segments.slice(at), done, count };
  }

  /** All entities of a set. */
  async all(
    controller: SetController,
    isLast: boolean,
    filter?: Filter,
  ): Promise<{ readonly all: readonly PlainObject[]; readonly done: Done; readonly count: number | undefined }> {
    const { set } = controller;
    const method = controller.handler("get", 0, true);
    if (method === undefined)
      throw notImplemented(`The entities of '${set.name}' can only be read one by one.`, { target: set.name });
    const nothing = () => Promise.resolve(null);
    const own = isLast || filter !== undefined ? {} : { query: nothing, filter: () => Promise.resolve(undefined) };
    const given = await controller.call(method, this.reading(controller, own, filter));
    const all = await this.#items(given.value, set.entityType, set.name);
    return { all, done: isLast ? doneBy(method) : "nothing", count: given.count };
  }

  /**
   * The entity of a set with a key.
   *
   * @returns `undefined` where no method finds one by its key, `null` where there is none
   */
  async one(controller: SetController, key: KeySegment): Promise<PlainObject | null | undefined> {
    const method = controller.handler("get", key.properties.length, true);
    if (method === undefined) return undefined;
    const keys = valuesOf(key);
    const given = await controller.call(method, this.reading(controller, { keys, id: () => [...keys.values()][0] }));
    return this.#single(given, controller.set.entityType);
  }

  /** What a navigation property leads to: the method of a controller says it, else the object itself, else foreign keys. */
  async navigate(
    source: GivenEntity,
    { name, alternatives }: NavigationSegment,
    key: KeySegment | undefined,
    isLast: boolean,
  ): Promise<Behind | undefined> {
    const navigation = source.type.navigationProperties.get(name);
    if (navigation === undefined || !alternatives.includes(navigation)) return undefined;
    const { type, collection } = navigation;
    const controller = this.context.controllers.ofType(source.type);
    const keys = key === undefined ? undefined : valuesOf(key);
    const byKey = key === undefined ? undefined : controller?.handler(`get/${name}`, key.properties.length, true);
    if (byKey !== undefined) {
      const inputs = this.reading(controller!, { keys, result: () => source.data });
      const given = await controller!.call(byKey, inputs);
      const found = await this.#single(firstOf(given), type);
      return found === null ? undefined : { found, keyed: true, done: "nothing", count: undefined };
    }
    const method = controller?.handler(`get/${name}`, 0) ?? undefined;
    if (method !== undefined) {
      const inputs = this.reading(controller!, {
        keys: javaScriptKeys(source),
        result: () => source.data,
        ...(!isLast && { query: () => Promise.resolve(null), filter: () => Promise.resolve(undefined) }),
      });
      const given = await controller!.call(method, inputs);
      if (!collection) return single(await this.#single(firstOf(given), type));
      const found = await this.#items(given.value, type, name);
      return { found, keyed: false, done: isLast ? doneBy(method) : "nothing", count: given.count };
    }
    const member = await resolved(source.data[name], source.data);
    if (member !== undefined) {
      if (!collection) return single(await this.#single({ value: member }, type));
      return { found: await this.#items(member, type, name), keyed: false, done: "nothing", count: undefined };
    }
    return this.#byForeignKeys(source, navigation);
  }

  async #byForeignKeys(source: GivenEntity, navigation: NavigationProperty): Promise<Behind | undefined> {
    const { type, collection } = navigation;
    const none: Behind = { found: [], keyed: false, done: "nothing", count: undefined };
    const target = this.context.controllers.ofType(type);
    const names = this.context.controllers.foreignKeys(navigation);
    if (target === undefined || names.length === 0) return collection ? none : undefined;
    if (collection) {
      const values = [...source.key.values()];
      const ties = names.flatMap((name, n) => {
        const property = type.properties.get(name);
        const value = values[n];
        return property === undefined || value === undefined ? [] : [{ property, value }];
      });
      const filter = () => textTokens(ties.map(({ property, value }) => condition(property, value)).join(" and "));
      const { all } = await this.all(target, false, filter);
      const found = all.filter((item) =>
        ties.every(({ property, value }) => hasValue(property, item[property.name], value)),
      );
      return { ...none, found };
    }
    const values = names.map((name) => source.data[name]);
    if (values.some((value) => value === null || value === undefined)) return undefined;
    const key: KeySegment = { kind: "key", type, properties: type.key, values: values as Scalar[] };
    const found = await this.one(target, key);
    if (found !== undefined) return single(found);
    const { all } = await this.all(target, false);
    return single(
      all.find((item) => type.key.every((part, n) => hasValue(part, item[part.name], key.values[n]!))) ?? null,
    );
  }

  /** The same objects with what is to be expanded in them, where methods or foreign keys lead to it. */
  async withExpanded(
    items: readonly PlainObject[],
    declared: EntityType,
    expand: readonly BoundExpand[],
  ): Promise<readonly PlainObject[]> {
    if (expand.length === 0) return items;
    const whole: PlainObject[] = [];
    for (const data of items) {
      const type = this.typeOf(data, declared);
      const copy = { ...data };
      for (const { navigation, options } of expand) {
        const behind = await this.navigate(this.entity(data, type), navigation, undefined, false);
        const found = behind === undefined ? [] : asList(behind.found);
        const inner = await this.withExpanded(found, navigation.type, options.expand);
        copy[navigation.name] = navigation.collection ? inner : (inner[0] ?? null);
      }
      whole.push(copy);
    }
    return whole;
  }

  /** The actual type of a plain object. */
  typeOf(data: PlainObject, declared: EntityType): EntityType {
    const name = data["@odata.type"];
    const type =
      typeof name === "string" ? this.context.model.types.get(name.slice(name.lastIndexOf("#") + 1)) : undefined;
    return type?.kind === "entity" ? type : declared;
  }

  entity(data: PlainObject, type: EntityType, key?: KeySegment): GivenEntity {
    const values = key === undefined ? type.key.map(({ name }) => [name, data[name] as Scalar] as const) : undefined;
    const given = key?.properties.map(({ name }, n) => [name, key.values[n]!] as const);
    return { data, type, key: new Map(given ?? values) };
  }

  async #single(given: Pick<Given, "value">, type: EntityType): Promise<PlainObject | null> {
    const { value } = given;
    return typeof value === "object" && value !== null ? plainObject(value, type, this.context) : null;
  }

  async #items(value: unknown, type: EntityType, name: string): Promise<readonly PlainObject[]> {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw new TypeError(`The controller of '${name}' gave no collection.`);
    return Promise.all(value.map((item: object) => plainObject(item, type, this.context)));
  }
}

/** What a part of a path leads to, as a list. */
export function asList(found: Walked["found"]): readonly PlainObject[] {
  return Array.isArray(found) ? (found as readonly PlainObject[]) : [found as PlainObject];
}

type Filter = () => Promise<Token>;

interface Behind {
  readonly found: PlainObject | readonly PlainObject[];
  /** The key behind the navigation property is walked, too. */
  readonly keyed: boolean;
  readonly done: Done;
  readonly count: number | undefined;
}

function single(found: PlainObject | null): Behind | undefined {
  return found === null ? undefined : { found, keyed: false, done: "nothing", count: undefined };
}

/** A method for one entity may give a collection with it. */
function firstOf(given: Given): Pick<Given, "value"> {
  return Array.isArray(given.value) ? { value: given.value[0] } : given;
}

/** A method that takes the query is to carry it out, but for what of the entities is shown: so `odata-v4-server` has it. */
function doneBy(method: Method): Done {
  return takes(method, "query") ? "query" : takes(method, "filter") ? "filter" : "nothing";
}

/** Behind these segments the options of the request are about something else. */
function changesItems({ kind }: EntitySegment): boolean {
  return kind !== "cast";
}

function isOwnKey(segment: EntitySegment | undefined): segment is KeySegment {
  return segment?.kind === "key" && segment.properties === segment.type.key;
}

function keyBefore(segments: readonly EntitySegment[], at: number): KeySegment | undefined {
  const before = segments.slice(0, at).findLast(({ kind }) => kind !== "cast");
  return isOwnKey(before) ? before : undefined;
}

/** The values of a key as methods take them. */
export function valuesOf(key: KeySegment): Map<string, Scalar> {
  return new Map(key.properties.map((property, n) => [property.name, javaScriptValue(property.type, key.values[n]!)]));
}

export function javaScriptKeys({ type, key }: GivenEntity): Map<string, Scalar> {
  const values = [...key].map(
    ([name, value]) => [name, javaScriptValue(type.properties.get(name)!.type, value)] as const,
  );
  return new Map(values);
}

function condition({ name, type }: EntityType["key"][number], value: Scalar): string {
  const primitive = type.kind === "typeDefinition" ? type.underlyingType : type;
  return `${name} eq ${primitive.kind === "primitive" ? writeLiteral(primitive, value) : String(value)}`;
}

/** A path over data that is at hand: what was walked of it stands there as an entity set or a singleton of its own. */
export function pathOver(
  path: BoundPath,
  { found, type, rest }: Walked,
): { path: BoundPath; root: EntitySet | Singleton } {
  const shared = { name: "", entityType: type, bindings: [], annotations: [] };
  if (Array.isArray(found)) {
    const set: EntitySet = { ...shared, kind: "entitySet", alternateKeys: [] };
    return { root: set, path: { ...path, segments: [{ kind: "entitySet", set, type }, ...rest] } };
  }
  const singleton: Singleton = { ...shared, kind: "singleton" };
  return { root: singleton, path: { ...path, segments: [{ kind: "singleton", singleton, type }, ...rest] } };
}
