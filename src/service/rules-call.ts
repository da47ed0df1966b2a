import { AsyncLocalStorage } from "node:async_hooks";
import type { EntitySet } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { notFound } from "../errors/index.js";
import { withoutOptions, splitUrl } from "./canonical-query.js";
import type { ServiceContext } from "./context.js";
import type { Key } from "./controller.js";
import type { PlainObject } from "./invoke-values.js";
import { keyOf } from "./invoke-values.js";
import { isExpand, queryToRepeat } from "./related.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import { bodyText, Session } from "./session.js";
import { keyPredicate, ownKey } from "./urls.js";

/** The entities that a request asks for, not yet read. */
export class StoredEntities implements AsyncIterable<PlainObject> {
  readonly #read: () => Promise<PlainObject[]>;

  constructor(read: () => Promise<PlainObject[]>) {
    this.#read = read;
  }

  toArray(): Promise<PlainObject[]> {
    return this.#read();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PlainObject> {
    yield* await this.#read();
  }
}

/** A request that a rule was called for. */
export interface OwnRequest {
  /** What the engine is asked for when the rule calls `super`; a body is put in. */
  readonly request: ODataRequest;
  /** The key that it is about; absent for a new entity. */
  readonly key: readonly Scalar[] | undefined;
}

const calls = new AsyncLocalStorage<RuleCall>();

/** The call under way of a method of a controller. */
export function currentCall(): RuleCall {
  const call = calls.getStore();
  if (call === undefined) throw new TypeError("Methods of a controller are called by the service only.");
  return call;
}

/** What `super` means in a rule: the engine carries out the request, without the rules. */
export class RuleCall {
  readonly session: Session;
  /** What the engine has answered to the request that the rule was called for. */
  answer: ODataResponse | undefined;
  /** How often the session had written when the engine answered. */
  writesBefore = 0;
  /** The text of the entity that the engine found. */
  found: string | undefined;
  readonly #set: EntitySet;
  readonly #own: OwnRequest;
  readonly #context: ServiceContext;

  constructor(set: EntitySet, own: OwnRequest, context: ServiceContext, session = new Session(own.request, context)) {
    this.#set = set;
    this.#own = own;
    this.#context = context;
    this.session = session;
  }

  /** Whatever is called by `work`, at once or later, has this call for the current one. */
  run<T>(work: () => T): T {
    return calls.run(this, work);
  }

  find(): StoredEntities {
    const [path, query] = splitUrl(this.#own.request.url);
    const others = queryToRepeat(withoutOptions(query, "select", "count", "format"));
    const plain = path.replace(/\/\$(?:count|ref)\/*$/, "");
    return new StoredEntities(() => this.#engine().list(`${plain}${others === "" ? "" : `?${others}`}`));
  }

  async findOne(key: Key): Promise<PlainObject | undefined> {
    const options = splitUrl(this.#own.request.url)[1].split("&").filter(isExpand);
    const query = this.#isOwn(key) && options.length > 0 ? `?${queryToRepeat(options.join("&"))}` : "";
    const entity = await this.#engine().get(`${this.#path(key)}${query}`);
    if (entity !== undefined && this.#isOwn(key)) this.found = JSON.stringify(entity);
    return entity;
  }

  async insert(body: object): Promise<PlainObject> {
    const isOwn = this.#own.request.method !== "GET" && this.answer === undefined;
    if (!isOwn) return this.#trusting().create(this.#set.name, body);
    const { headers } = await this.#carryOut(body);
    const { location } = headers;
    const path =
      location ?? (this.#own.key === undefined ? undefined : this.#path(keyObject(this.#set, this.#own.key)));
    return (path === undefined ? undefined : await this.#engine().get(path)) ?? (body as PlainObject);
  }

  async update(method: "PATCH" | "PUT", key: Key, body: object): Promise<PlainObject | undefined> {
    if (!this.#isOwn(key) || this.answer !== undefined) {
      const engine = this.#trusting();
      return method === "PATCH" ? engine.update(this.#path(key), body) : engine.replace(this.#path(key), body);
    }
    await this.#carryOut(body);
    return this.#engine().get(this.#path(key));
  }

  async remove(key: Key): Promise<void> {
    if (this.#isOwn(key) && this.answer === undefined) await this.#carryOut(undefined);
    else await this.#engine().remove(this.#path(key));
  }

  async #carryOut(body: object | undefined): Promise<ODataResponse> {
    const { request } = this.#own;
    const changed: ODataRequest =
      body === undefined
        ? request
        : {
            ...request,
            headers: { ...request.headers, "content-type": "application/json;IEEE754Compatible=true" },
            body: bodyText(body),
          };
    this.answer = await this.#context.answer(changed, { ...this.engine, byRule: true });
    this.writesBefore = this.session.writes;
    return this.answer;
  }

  #engine(): Session {
    return new Session(this.#own.request, this.engine);
  }

  /** The same for what a rule writes: what clients may not write, such as computed values, is the rule's to say. */
  #trusting(): Session {
    return new Session(this.#own.request, { ...this.engine, byRule: true });
  }

  /** What the engine does in the name of a rule: the rules of the other entity sets hold for it. */
  get engine(): ServiceContext {
    return { ...this.#context, rules: this.#context.rules.except(this.#set), byRule: undefined };
  }

  #isOwn(key: Key): boolean {
    const { key: own } = this.#own;
    const values = scalars(this.#set, key);
    return own?.length === values.length && own.every((value, index) => String(value) === String(values[index]));
  }

  #path(key: Key): string {
    const { entityType, name } = this.#set;
    return `${name}${keyPredicate(ownKey(entityType, scalars(this.#set, key)))}`;
  }
}

function scalars({ entityType, name }: EntitySet, key: Key): Scalar[] {
  const [first] = entityType.key;
  const values = keyOf(typeof key === "object" ? key : { [first!.name]: key }, entityType);
  if (values === undefined) throw notFound(`The key of an entity of '${name}' has no value.`);
  return values;
}

function keyObject({ entityType }: EntitySet, values: readonly Scalar[]): Key {
  return Object.fromEntries(entityType.key.map(({ name }, index) => [name, values[index]!]));
}
