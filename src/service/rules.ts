import type { BoundPath, KeySegment } from "../binding/index.js";
import { ModelError, odata } from "../edm/index.js";
import type { DecoratedClass, EntitySet, EntityType, Model } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { notFound, notImplemented } from "../errors/index.js";
import { readEntity } from "../format/entity-reader.js";
import { requireJsonBody } from "../format/media.js";
import type { Awaitable } from "../storage/index.js";
import { splitUrl } from "./canonical-query.js";
import type { ServiceContext } from "./context.js";
import { within } from "./context.js";
import { controllersOf } from "./controllers.js";
import { ControllerRequest, valuesOf } from "./controllers-data.js";
import { TypeOrmController } from "./controller.js";
import { emptyResponse } from "./exchange.js";
import { plainBody } from "./invoke-body.js";
import type { Given } from "./invoke-result.js";
import type { PlainObject } from "./invoke-values.js";
import { keyOf, plainObject } from "./invoke-values.js";
import type { Method } from "./invoke.js";
import { invoke, namesOf, readMethod } from "./invoke.js";
import { keyScalars, locate } from "./locate.js";
import { isGet } from "./methods.js";
import { answerGiven } from "./read-memory.js";
import { read } from "./read.js";
import type { Reading } from "./reading.js";
import { readingBack } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { keySegment, SlotInput } from "./route.js";
import type { OwnRequest } from "./rules-call.js";
import { RuleCall, StoredEntities } from "./rules-call.js";
import { writePath } from "./urls.js";
import { placeAt } from "./write-restrictions.js";

/** What a rule is for: the method of `TypeOrmController` that a class overrides. */
export type RuleName = "find" | "findOne" | "insert" | "update" | "replace" | "remove";

const VERBS: Readonly<Record<string, RuleName>> = {
  post: "insert",
  patch: "update",
  put: "replace",
  delete: "remove",
};

/** The methods that the controller of an entity set overrides. */
export interface SetRules {
  readonly set: EntitySet;
  readonly controller: object;
  readonly methods: ReadonlyMap<RuleName, Method>;
}

/** The rules of a service: what the controllers of its stored entities override. */
export class Rules {
  readonly #sets = new Map<EntitySet, SetRules>();
  readonly #ofTypes = new Map<EntityType, SetRules | undefined>();
  /** The controllers of stored entities by their entity sets, whether they override anything or not. */
  readonly controllers = new Map<EntitySet, object>();

  /** @throws {ModelError} for a method that the engine would never call */
  constructor(service?: DecoratedClass, model?: Model) {
    if (service === undefined || model === undefined) return;
    for (const [name, owner] of Object.entries(controllersOf(service))) {
      const set = model.container.entitySets.get(name);
      if (set === undefined || !(owner.prototype instanceof TypeOrmController)) continue;
      const controller = new owner();
      this.controllers.set(set, controller);
      const methods = overridden(owner);
      if (methods.size > 0) this.#sets.set(set, { set, controller, methods });
    }
  }

  get size(): number {
    return this.#sets.size;
  }

  /** The rules of all other entity sets: for what the engine does in the name of one. */
  except(set: EntitySet): Rules {
    const others = new Rules();
    for (const [other, rules] of this.#sets) if (other !== set) others.#sets.set(other, rules);
    for (const [other, controller] of this.controllers) others.controllers.set(other, controller);
    return others;
  }

  of(set: EntitySet): SetRules | undefined {
    return this.#sets.get(set);
  }

  /** The rules of the first entity set that entities of a type are at home in. */
  ofType(type: EntityType): SetRules | undefined {
    if (this.#ofTypes.has(type)) return this.#ofTypes.get(type);
    let found: SetRules | undefined;
    for (let base: EntityType | undefined = type; base !== undefined && found === undefined; base = base.baseType)
      found = [...this.#sets.values()].find(({ set }) => set.entityType === base);
    this.#ofTypes.set(type, found);
    return found;
  }

  /**
   * Called wherever the engine writes an entity: what has a rule is not written past it, such as inline in another entity.
   *
   * @throws {ODataError} 501
   */
  check(type: EntityType, name: RuleName): void {
    if (this.#sets.size === 0) return;
    const rules = this.ofType(type);
    if (rules?.methods.has(name) !== true) return;
    throw notImplemented(`Entities of '${rules.set.name}' are to be written in requests of their own, one by one.`, {
      target: rules.set.name,
    });
  }
}

/** The methods of a class and its bases, up to `TypeOrmController`, that are decorated for a method of HTTP. */
function overridden(owner: ReturnType<typeof controllersOf>[string]): ReadonlyMap<RuleName, Method> {
  const methods = new Map<RuleName, Method>();
  let level = owner.prototype as object;
  for (; level !== TypeOrmController.prototype; level = Object.getPrototypeOf(level) as object) {
    for (const name of Object.getOwnPropertyNames(level)) {
      const verbs = odata.getMethod(owner, name) as readonly string[] | undefined;
      for (const verb of verbs ?? []) {
        const method = readMethod(owner, name);
        const rule = verb === "get" ? (namesOf(method, "key").length === 0 ? "find" : "findOne") : VERBS[verb];
        if (rule === undefined) {
          throw new ModelError(
            `'${owner.name}.${name}' is decorated for '${verb}', which the engine answers itself: its entities are stored by TypeORM.`,
          );
        }
        if (!methods.has(rule)) methods.set(rule, method);
      }
    }
  }
  return methods;
}

/**
 * Answers a request for entities whose controller overrides something.
 *
 * @returns `undefined` where no rule is for it
 */
export function followRules(
  resource: ResourceRequest,
  context: ServiceContext,
  reading: () => Reading,
): Awaitable<ODataResponse> | undefined {
  const { path } = resource;
  const [root] = path.segments;
  const ofRoot = root?.kind === "entitySet" ? context.rules.of(root.set) : undefined;
  const ofTarget = rulesFor(path, context.rules);
  if (ofRoot === undefined && ofTarget === undefined) return undefined;
  const own = reading();
  if (isGet(own.request)) return ofRoot === undefined ? undefined : readByRule(own, ofRoot);
  return ofTarget === undefined ? undefined : writeByRule(own, ofTarget);
}

/** The rules of the entity set that a path leads to, over whatever navigation properties. */
function rulesFor({ segments, type }: BoundPath, rules: Rules): SetRules | undefined {
  const [root] = segments;
  const isDirect = segments.every(({ kind }) => kind !== "navigation");
  if (isDirect) return root?.kind === "entitySet" ? rules.of(root.set) : undefined;
  const last = segments.findLast((segment) => segment.kind === "navigation");
  return rules.ofType(last?.kind === "navigation" ? last.type : type);
}

function readByRule(reading: Reading, rules: SetRules): Promise<ODataResponse> | undefined {
  const [, key] = reading.resource.path.segments;
  if (key?.kind === "key") {
    const method = rules.methods.get("findOne");
    return method === undefined || key.properties !== key.type.key ? undefined : readOne(reading, rules, method, key);
  }
  const method = rules.methods.get("find");
  return method === undefined ? undefined : readAll(reading, rules, method);
}

async function readOne(reading: Reading, rules: SetRules, method: Method, key: KeySegment): Promise<ODataResponse> {
  const { resource, request, context } = reading;
  const { path } = resource;
  const call = new RuleCall(rules.set, { request, key: key.values }, context);
  const walking = new ControllerRequest(request, context);
  const given = await runRule(call, rules, method, walking, { keys: valuesOf(key) });
  const own = await walking.http.response.own(reading.terms.version, undefined);
  if (own !== undefined) return own;
  if (typeof given.value !== "object" || given.value === null) throw notFound("There is no such entity.");
  const isBehind = path.segments.slice(2).some(({ kind }) => kind === "navigation");
  if (isBehind || JSON.stringify(given.value) === call.found) return walking.http.response.shape(await read(reading));
  const found = await plainObject(given.value, rules.set.entityType, context);
  const rest = path.segments.slice(2);
  const walked = { found, type: rules.set.entityType, rest, done: "nothing", count: undefined } as const;
  return walking.http.response.shape(await answerGiven(reading, walked));
}

async function readAll(reading: Reading, rules: SetRules, method: Method): Promise<ODataResponse> {
  const { request, context, resource } = reading;
  const call = new RuleCall(rules.set, { request, key: undefined }, context);
  const walking = new ControllerRequest(request, context);
  const given = await runRule(call, rules, method, walking, {});
  const own = await walking.http.response.own(reading.terms.version, undefined);
  if (own !== undefined) return own;
  if (given.value instanceof StoredEntities) return walking.http.response.shape(await read(reading));
  if (!Array.isArray(given.value)) throw new TypeError(`The controller of '${rules.set.name}' gave no collection.`);
  const type = rules.set.entityType;
  const found = await Promise.all(given.value.map((item: object) => plainObject(item, type, context)));
  const rest = resource.path.segments.slice(1);
  const walked = { found, type, rest, done: "query", count: given.count } as const;
  return walking.http.response.shape(await answerGiven(reading, walked));
}

function writeByRule(reading: Reading, rules: SetRules): Promise<ODataResponse> | undefined {
  const { resource, request } = reading;
  const { tail, collection, segments } = resource.path;
  const { methods } = rules;
  const verb = request.method.toLowerCase();
  if (tail.kind === "entity" && collection && verb === "post") {
    const method = methods.get("insert");
    return method === undefined ? undefined : write(reading, rules, method, { request, key: undefined }, "insert");
  }
  if (tail.kind === "each") {
    const [one, other] = verb === "delete" ? (["remove", "remove"] as const) : (["update", "replace"] as const);
    if (!methods.has(one) && !methods.has(other)) return undefined;
    throw notImplemented(`The entities of '${rules.set.name}' can only be changed one by one.`, { target: "$each" });
  }
  if (collection || (tail.kind !== "entity" && tail.kind !== "property")) return undefined;
  if (tail.kind === "entity" && verb === "delete") {
    const method = methods.get("remove");
    return method === undefined ? undefined : change(reading, rules, method, request, "remove");
  }
  const method =
    tail.kind === "entity" && verb === "put"
      ? (methods.get("replace") ?? methods.get("update"))
      : methods.get("update");
  if (method === undefined || !["patch", "put", "delete"].includes(verb)) return undefined;
  if (tail.kind === "entity") return change(reading, rules, method, request, "update");
  // A property is changed by changing its entity.
  const [property] = tail.path;
  if (tail.path.length > 1 || tail.raw || tail.count || tail.narrowing.length > 0) {
    throw notImplemented(`Change '${property!.name}' as a whole, with its entity.`, { target: property!.name });
  }
  const patch = {
    ...request,
    method: "PATCH",
    url: `/${writePath(segments)}`,
    body: propertyBody(property!.name, request),
  };
  return changeProperty(reading, rules, method, patch);
}

async function changeProperty(
  reading: Reading,
  rules: SetRules,
  method: Method,
  patch: ODataRequest,
): Promise<ODataResponse> {
  const { request, terms, context } = reading;
  const headers = { ...patch.headers, "content-type": "application/json" };
  await change(reading, rules, method, { ...patch, headers }, "update");
  if (terms.preferences.return !== "representation") return emptyResponse(204, terms.version);
  const again = { ...request, method: "GET", headers: { ...request.headers, "if-match": undefined }, body: undefined };
  return context.answer(again, { ...context, rules: context.rules.except(rules.set) });
}

function propertyBody(name: string, { method, body = "" }: ODataRequest): string {
  if (method === "DELETE") return JSON.stringify({ [name]: null });
  const text = body.toString();
  // `{"value": ...}` becomes `{"Name": ...}`; a complex value stands there by itself.
  const member = /^\s*\{\s*(?:"@[^"]*"\s*:\s*"[^"]*"\s*,\s*)*"value"\s*:/.exec(text);
  return member === null
    ? `{${JSON.stringify(name)}:${text}}`
    : `{${JSON.stringify(name)}:${text.slice(member[0].length)}`;
}

/** A rule for an entity that is there; where there is none yet, `PATCH` and `PUT` make one, by the rule for that. */
async function change(
  reading: Reading,
  rules: SetRules,
  method: Method,
  request: ODataRequest,
  name: "update" | "remove",
): Promise<ODataResponse> {
  const { resource, context, reads } = reading;
  const located = await locate(resource.path.segments, context, reads);
  const last = resource.path.segments.findLast(({ kind }) => kind !== "cast");
  if (located !== undefined)
    return write(reading, rules, method, { request, key: keyScalars(located) }, name, located.type);
  const insert = rules.methods.get("insert");
  const key = last?.kind === "key" && last.properties === last.type.key ? last.values : undefined;
  if (name === "remove" || insert === undefined || key === undefined) {
    // The engine knows what to say of an entity that is not there, and makes a new one where it may.
    return context.answer(request, { ...context, rules: context.rules.except(rules.set) });
  }
  return write(reading, rules, insert, { request, key }, "insert");
}

async function write(
  reading: Reading,
  rules: SetRules,
  method: Method,
  own: OwnRequest,
  name: "insert" | "update" | "remove",
  current?: EntityType,
): Promise<ODataResponse> {
  const { context, terms, resource } = reading;
  const { request } = own;
  const { path } = resource;
  if (name !== "remove") requireJsonBody(request.headers["content-type"]);
  const body = name === "remove" ? undefined : bodyOf(request, current, reading);
  if (name === "insert" && own.key !== undefined) path.type.key.forEach((key, n) => (body![key.name] ??= own.key![n]));
  return context.store.transaction(async (transaction) => {
    const inner = within(transaction, context);
    const call = new RuleCall(rules.set, own, inner);
    const walking = new ControllerRequest(request, inner);
    const keys = own.key === undefined || name === "insert" ? undefined : keysOf(rules.set.entityType, own.key);
    // A rule may change the body, and the store may have the transaction run again.
    const given = await runRule(call, rules, method, walking, { keys, body: () => structuredClone(body) });
    const answer =
      (await walking.http.response.own(terms.version, undefined)) ??
      (await answered(call, given, name, reading, inner));
    return walking.http.response.shape(answer);
  });
}

/** The answer of the engine, read again where the rule has changed more since. */
async function answered(
  call: RuleCall,
  given: Given,
  name: "insert" | "update" | "remove",
  reading: Reading,
  context: ServiceContext,
): Promise<ODataResponse> {
  const { request, terms } = reading;
  const { answer } = call;
  if (answer === undefined) return ofRule(given, name, reading, context);
  if (answer.body === undefined || call.session.writes === call.writesBefore) return answer;
  const { location } = answer.headers;
  const path = location?.slice(request.serviceRoot.length) ?? splitUrl(request.url)[0].replace(/^\//, "");
  const query = splitUrl(request.url)[1];
  const headers = { ...request.headers, "if-match": undefined, "if-none-match": undefined, prefer: undefined };
  const url = `/${path}${query === "" ? "" : `?${query}`}`;
  const again = await context.answer({ ...request, method: "GET", url, headers, body: undefined }, call.engine);
  if (again.status !== 200) return emptyResponse(204, terms.version);
  return { status: answer.status, headers: { ...answer.headers, ...again.headers }, body: again.body };
}

/** The answer where the rule has not asked the engine: what it gives is the new entity. */
async function ofRule(given: Given, name: string, reading: Reading, context: ServiceContext): Promise<ODataResponse> {
  const { resource, request, terms, format } = reading;
  const { path } = resource;
  if (name !== "insert" || typeof given.value !== "object" || given.value === null || Array.isArray(given.value))
    return emptyResponse(204, terms.version);
  const found = await plainObject(given.value, path.type, context);
  const key = keyOf(found, path.type);
  if (key === undefined) return emptyResponse(204, terms.version);
  const segments = path.collection ? [...path.segments, keySegment(path.type, key)] : path.segments;
  const values = SlotInput.of(segments, resource.values);
  const own = { ...resource, path: { ...path, segments, collection: false }, values };
  const back = readingBack(own, request, format, terms, context, context.store.reader);
  const answer = await answerGiven(back, { found, type: path.type, rest: [], done: "nothing", count: undefined });
  const location = `${request.serviceRoot}${context.urls.entityPath(path.type, key, path.segments)}`;
  return { ...answer, status: given.status ?? 201, headers: { ...answer.headers, location } };
}

function runRule(
  call: RuleCall,
  { controller }: SetRules,
  method: Method,
  walking: ControllerRequest,
  inputs: Parameters<ControllerRequest["inputs"]>[0],
): Promise<Given> {
  const own = walking.inputs({ session: () => call.session, ...inputs });
  const { request } = walking;
  const tokens = { query: () => walking.tokens(), filter: () => walking.filterTokens() };
  return call.run(() => invoke(controller, method, isGet(request) ? { ...own, ...tokens } : own, isStored));
}

/** What `super.find` gives is handed on as it is. */
function isStored(value: object): boolean {
  return value instanceof StoredEntities;
}

function keysOf(type: EntityType, values: readonly Scalar[]): Map<string, Scalar> {
  return new Map(type.key.map(({ name }, index) => [name, values[index]!]));
}

/** What a client says, without the values that clients may not write where the request goes. */
function bodyOf(
  { body }: ODataRequest,
  current: EntityType | undefined,
  { context, terms, resource }: Reading,
): PlainObject {
  const { model } = context;
  const { type } = resource.path;
  const operation = current === undefined ? "create" : "update";
  const capabilities = placeAt(resource, context)?.capabilities;
  const notWritable = current === undefined ? capabilities?.insert.nonInsertable : capabilities?.update.nonUpdatable;
  const { bodyVersion: version } = terms;
  const payload = readEntity(body ?? "", type, { model, operation, current, version, notWritable });
  return plainBody(body, payload, type, "text", model);
}
