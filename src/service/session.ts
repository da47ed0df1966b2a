import { AsyncLocalStorage } from "node:async_hooks";
import type { Scalar } from "../edm/primitives/index.js";
import { ODataError } from "../errors/index.js";
import type { ServiceContext } from "./context.js";
import type { PlainObject } from "./invoke-values.js";
import { clear, plant } from "./plant.js";
import type { ODataRequest } from "./request.js";

/** A request that a method makes of its own service. */
export interface SessionRequest {
  /** `GET` where absent. */
  readonly method?: string;
  /** Relative to the service root, percent-encoded: `Products(1)?$select=Name`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * What JSON can say; `bigint`, `Date` and `Buffer` within it are written as OData has them. Bytes by themselves are the content
   * of a stream; the header `content-type` says of what media type.
   */
  readonly body?: unknown;
}

/** What the service answers to it. */
export interface SessionResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON, or the text of another body; `undefined` where there is none. */
  readonly body: unknown;
}

/** How deep rules may call rules: one that calls itself without end is its author's mistake. */
const DEEPEST = 25;

const depth = new AsyncLocalStorage<number>();

/**
 * The data of the service for its own methods: rules, functions, actions. What it reads and writes belongs to the
 * transaction of the request that the method is called for, so all of it is kept or nothing. No client is asked for its
 * rights again, but the model and the rules of the entity sets hold.
 *
 * Entities are plain objects: `Edm.Int64` and `Edm.Decimal` are texts, so that no digit is lost, as are dates, times,
 * durations, GUIDs and the members of enumerations; what is not selected or expanded is not there. Beside the properties
 * they have the control information `@odata.type`, and `@odata.etag` where there is one.
 *
 * @example
 * const product = await session.get("Products(1)?$expand=Category");
 * await session.update("Products(1)", { Price: "9.99" });
 * for (const { ID } of await session.list("Products?$filter=Discontinued")) await session.remove(`Products(${ID})`);
 */
export class Session {
  readonly #request: ODataRequest;
  readonly #context: ServiceContext;
  readonly #isReading: boolean;
  #writes = 0;

  /** @param isReading a function has no side effects (CSDL 4.01, section 12.3), so what it is given cannot write */
  constructor(request: ODataRequest, context: ServiceContext, isReading = false) {
    this.#request = request;
    this.#context = context;
    this.#isReading = isReading;
  }

  /** How many requests have not only read. */
  get writes(): number {
    return this.#writes;
  }

  /**
   * An entity, a property's value (`{ value: ... }`) or whatever single resource a path leads to.
   *
   * @returns `undefined` where there is none
   */
  async get<T extends object = PlainObject>(path: string): Promise<T | undefined> {
    const answer = await this.request({ url: path }).catch((error: unknown) => {
      if (error instanceof ODataError && error.status === 404) return undefined;
      throw error;
    });
    return answer?.body === undefined ? undefined : withoutContext<T>(answer.body);
  }

  /** All items of a collection, whatever pages the service cuts it into. */
  async list<T = PlainObject>(path: string): Promise<T[]> {
    const items: T[] = [];
    let url: string | undefined = path;
    while (url !== undefined) {
      const { body } = await this.request({ url });
      const { value, "@odata.nextLink": next } = body as { readonly value: T[]; readonly "@odata.nextLink"?: string };
      items.push(...value);
      url = next;
    }
    return items;
  }

  /** Creates an entity in a collection, and gives it as it is stored. */
  async create<T extends object = PlainObject>(path: string, body: object): Promise<T> {
    const answer = await this.#write("POST", path, body);
    if (answer.body !== undefined) return withoutContext<T>(answer.body);
    const { location } = answer.headers;
    return (location === undefined ? undefined : await this.get<T>(location)) ?? (body as T);
  }

  /** Changes the properties of an entity that `delta` has, and gives the entity as it is stored then. */
  async update<T extends object = PlainObject>(path: string, delta: object): Promise<T | undefined> {
    return this.#changed<T>(path, await this.#write("PATCH", path, delta));
  }

  /** Gives an entity the properties of `body`, and to all others their defaults. */
  async replace<T extends object = PlainObject>(path: string, body: object): Promise<T | undefined> {
    return this.#changed<T>(path, await this.#write("PUT", path, body));
  }

  /** Deletes an entity, or removes a reference (`Products(1)/Category/$ref`). */
  async remove(path: string): Promise<void> {
    await this.request({ method: "DELETE", url: path, headers: { "if-match": "*" } });
  }

  /**
   * Stores an entity in an entity set, or as a singleton, just as it is given: values that only the service writes (a version, an
   * instant of creation) are taken, too, and neither rules nor restrictions are asked. One with its key is replaced. For seeds,
   * imports and repairs.
   *
   * @param entity its values; related entities are told by the properties that hold their keys
   * @returns the values of the key, in the order of the type's key
   * @throws {ODataError} 400 where the values do not fit the type
   */
  async plant(name: string, entity: object): Promise<Scalar[]> {
    this.#refuseWrites(`an entity of '${name}'`);
    return plant(name, bodyText(entity), this.#context);
  }

  /** Deletes all entities of a set with what belongs to them; neither rules nor restrictions are asked. */
  async clear(name: string): Promise<void> {
    this.#refuseWrites(`'${name}' to be empty`);
    await clear(name, this.#context);
  }

  #refuseWrites(asked: string): void {
    this.#writes++;
    if (this.#isReading) throw new TypeError(`A function must not change anything, and this one asks for ${asked}.`);
  }

  /**
   * Any request of the service.
   *
   * @throws {ODataError} what is wrong with it, where the answer is no success
   */
  async request({ method = "GET", url, headers = {}, body }: SessionRequest): Promise<SessionResponse> {
    const isReading = method === "GET" || method === "HEAD";
    if (!isReading) this.#writes++;
    if (this.#isReading && !isReading)
      throw new TypeError(`A function must not change anything, and this one asks for ${method} of '${url}'.`);
    const level = (depth.getStore() ?? 0) + 1;
    if (level > DEEPEST) throw new TypeError(`The methods of the service call each other without end, at '${url}'.`);
    const { serviceRoot } = this.#request;
    const isBytes = body instanceof Uint8Array;
    const contentType = isBytes ? "application/octet-stream" : "application/json;IEEE754Compatible=true";
    const content = body === undefined ? {} : { "content-type": contentType };
    const request: ODataRequest = {
      method,
      url: `/${(url.startsWith(serviceRoot) ? url.slice(serviceRoot.length) : url).replace(/^\//, "")}`,
      headers: { accept: ACCEPT, "odata-version": "4.01", "odata-maxversion": "4.01", ...content, ...headers },
      body: body === undefined ? undefined : isBytes ? Buffer.from(body) : bodyText(body),
      serviceRoot,
    };
    const answer = await depth.run(level, () => this.#context.answer(request, this.#context));
    return { status: answer.status, headers: answer.headers, body: await parsed(answer.body, answer.headers) };
  }

  #write(method: string, url: string, body: object): Promise<SessionResponse> {
    const match = method === "POST" ? {} : { "if-match": "*" };
    return this.request({ method, url, body, headers: { prefer: "return=representation", ...match } });
  }

  async #changed<T extends object>(path: string, { body }: SessionResponse): Promise<T | undefined> {
    return body === undefined ? this.get<T>(path) : withoutContext<T>(body);
  }
}

const ACCEPT = "application/json;odata.metadata=minimal;IEEE754Compatible=true";

/** A body of a method as JSON text: what JavaScript has and JSON has not is written as OData does. */
export function bodyText(body: unknown): string {
  // `toJSON` of dates and buffers would be called before a replacer sees them, so the holder is asked.
  return JSON.stringify(body, function (this: PlainObject, name: string, value: unknown) {
    const raw = name === "" ? value : this[name];
    if (typeof raw === "bigint") return raw.toString();
    if (raw instanceof Uint8Array) return Buffer.from(raw).toString("base64url");
    if (typeof raw === "number" && !Number.isFinite(raw)) return Number.isNaN(raw) ? "NaN" : raw > 0 ? "INF" : "-INF";
    return value;
  });
}

/** What an answer says of its place is of no use in an object. */
function withoutContext<T extends object>(body: unknown): T {
  if (typeof body !== "object" || body === null) return body as T;
  const { "@odata.context": _, ...rest } = body as PlainObject;
  return rest as T;
}

async function parsed(
  body: string | Buffer | AsyncIterable<unknown> | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<unknown> {
  if (body === undefined) return undefined;
  let text: string;
  if (typeof body === "string" || Buffer.isBuffer(body)) text = body.toString();
  else {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(Buffer.from(chunk as string | Uint8Array));
    text = Buffer.concat(chunks).toString("utf8");
  }
  return headers["content-type"]?.startsWith("application/json") === true ? (JSON.parse(text) as unknown) : text;
}
