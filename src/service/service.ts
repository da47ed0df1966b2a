import { bindUri } from "../binding/index.js";
import type { DecoratedClass, Model } from "../edm/index.js";
import { buildModel, readClasses } from "../edm/index.js";
import { writeCsdlJson } from "../edm/csdl/write-json.js";
import { writeCsdlXml } from "../edm/csdl/write-xml.js";
import { notImplemented, ODataError } from "../errors/index.js";
import { negotiateMetadata } from "../format/media.js";
import { writeServiceDocument } from "../format/service-document.js";
import type { StorageMapping } from "../query/index.js";
import { selectText } from "../query/index.js";
import type { Awaitable, DatabaseOptions } from "../storage/index.js";
import { Database, LinkWriter, RowWriter, typeOrmMapping } from "../storage/index.js";
import type { ODataUri } from "../syntax/index.js";
import { parseUri } from "../syntax/index.js";
import type { ServiceBehaviour, ServiceContext } from "./context.js";
import { create } from "./create.js";
import { remove } from "./delete.js";
import { agree, FormatCache, jsonResponse } from "./exchange.js";
import { read } from "./read.js";
import { addReference, removeReference } from "./references.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import { RouteCache } from "./route-cache.js";
import type { ResourceRequest, Route } from "./route.js";
import { pathKeys, withKeys } from "./route.js";
import { translateStoreError } from "./store-errors.js";
import { update } from "./update.js";
import { UrlWriter } from "./urls.js";
import { newValues } from "./values.js";
import type { ODataVersion } from "./version.js";
import { negotiateVersion } from "./version.js";

/** How a service is made. */
export interface ServiceOptions extends ServiceBehaviour {
  /** Where its entities are stored; classes and migrations are the service's own. */
  readonly database: Pick<DatabaseOptions, "url" | "migrations" | "synchronous" | "busyTimeoutMs">;
}

/** A running service: requests in, answers out. */
export interface Service {
  readonly model: Model;
  readonly database: Database;
  /**
   * Answers a request: at once where the store's driver is synchronous and nothing has to be waited for.
   *
   * @throws {ODataError} what is wrong with the request; an adapter makes the error response of it
   */
  handle(request: ODataRequest): ODataResponse | Promise<ODataResponse>;
  /** Waits for what is under way and closes the store. */
  close(): Promise<void>;
}

/**
 * Starts a service: reads the model from the decorators, opens the store and brings its tables up to date.
 *
 * @param definition the class that carries `@odata.namespace`, `@odata.controller`, `@odata.singleton` and `@odata.types`
 * @throws {ModelError} where the classes are no model
 * @example
 * const service = await createService(Shop, { database: { url: "sqlite:shop.db" } });
 * const answer = await service.handle({ method: "GET", url: "/Products", headers: {}, serviceRoot: "http://localhost/" });
 */
export async function createService(definition: DecoratedClass, options: ServiceOptions): Promise<Service> {
  const { source, classes } = readClasses(definition);
  const model = buildModel(source);
  const entityClasses = [...classes]
    .filter(([name]) => model.types.get(name)?.kind === "entity")
    .map(([, entityClass]) => entityClass);
  const database = await Database.open({ ...options.database, entities: entityClasses });
  const mapping = typeOrmMapping(model, classes, database.dataSource);
  const rows = new RowWriter(database.dialect);
  await plantSingletons(model, mapping, database, rows);
  return new ODataService({
    model,
    mapping,
    sql: { mapping, dialect: database.dialect },
    database,
    urls: new UrlWriter(model, mapping),
    rows,
    links: new LinkWriter(model, mapping, database.dialect),
    behaviour: options,
  });
}

/** A singleton is always there (CSDL 4.01, section 13.3): its row is made at the first start, with its name for a key. */
async function plantSingletons(
  model: Model,
  mapping: StorageMapping,
  database: Database,
  rows: RowWriter,
): Promise<void> {
  for (const { name, entityType } of model.container.singletons.values()) {
    const entity = mapping.entity(entityType);
    await database.transaction(async (transaction) => {
      const [found] = await transaction.rows(selectText(entity.table, entity.key, [], database.dialect), []);
      if (found !== undefined) return;
      const payload = { type: entityType, properties: new Map(), dynamicProperties: new Map(), bindings: new Map() };
      const { properties, dynamic } = newValues(payload, new Date());
      const named = new Map(properties);
      for (const key of entityType.key) named.set(key.name, JSON.stringify(name));
      await rows.insert(transaction, entity, entityType, { properties: named, dynamic }, new Map());
    });
  }
}

class ODataService implements Service {
  readonly model: Model;
  readonly database: Database;
  readonly #context: ServiceContext;
  readonly #routes = new RouteCache();
  readonly #formats = new FormatCache();
  readonly #metadata = new Map<string, string>();

  constructor(context: ServiceContext) {
    this.model = context.model;
    this.database = context.database;
    this.#context = context;
  }

  handle(request: ODataRequest): Awaitable<ODataResponse> {
    const fail = (error: unknown): never => {
      throw translateStoreError(error, this.#context);
    };
    try {
      const answer = this.#answer(request);
      return answer instanceof Promise ? answer.catch(fail) : answer;
    } catch (error) {
      return fail(error);
    }
  }

  #answer(request: ODataRequest): Awaitable<ODataResponse> {
    const known = this.#routes.find(request.url);
    if (known?.route.request.kind !== "resource") return this.#unknown(request);
    const path = withKeys(known.route.request.path, known.keys);
    const { options } = known.route.request;
    return this.#dispatch({ route: known.route, path, options, keys: pathKeys(path.segments) }, request);
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** The long way: parse, bind, and keep what can be used again. */
  #unknown(request: ODataRequest): Awaitable<ODataResponse> {
    const uri = parseUri(request.url);
    const id = uri.options.id;
    const bound = bindUri(
      isReferenceWithId(uri) ? { ...uri, options: { ...uri.options, id: undefined } } : uri,
      this.model,
      this.#context.behaviour,
    );
    const route: Route = { request: bound, format: uri.options.format, id, statements: new Map() };
    switch (bound.kind) {
      case "serviceDocument":
        return this.#serviceDocument(request, route);
      case "metadata":
        return this.#metadataDocument(request, route);
      case "resource": {
        // Literals of the query are part of the route, which its text names; only the path's keys are left open.
        const mark = request.url.indexOf("?");
        this.#routes.add(uri.path.segments, bound.path.segments, mark < 0 ? "" : request.url.slice(mark + 1), route);
        return this.#dispatch(
          { route, path: bound.path, options: bound.options, keys: pathKeys(bound.path.segments) },
          request,
        );
      }
    }
  }

  #dispatch(resource: ResourceRequest, request: ODataRequest): Awaitable<ODataResponse> {
    const terms = agree(request);
    const context = this.#context;
    const format = () => this.#formats.of(request, resource.route);
    const { tail, collection, segments } = resource.path;
    switch (request.method) {
      case "GET":
      case "HEAD":
        return read(resource, request, format, terms, context, this.#context.database.reader);
      case "POST":
        if (tail.kind === "entity" && collection) return create(resource, request, format(), terms, context);
        if (tail.kind === "ref" && collection) return addReference(resource, request, terms, context);
        break;
      case "PUT":
        if (tail.kind === "ref" && !collection && segments.at(-1)!.kind === "navigation")
          return addReference(resource, request, terms, context);
        break;
      case "PATCH":
        if (tail.kind === "entity" && !collection) return update(resource, request, format(), terms, context);
        break;
      case "DELETE":
        if (tail.kind === "entity" && !collection && segments.at(-1)!.kind !== "singleton")
          return remove(resource, request, terms, context);
        if (tail.kind === "ref") return removeReference(resource, request, terms, context);
    }
    throw methodNotAllowed(request.method, allowedMethods(resource));
  }

  #serviceDocument(request: ODataRequest, route: Route): ODataResponse {
    requireGet(request);
    const { response } = negotiateVersion(request.headers);
    const format = this.#formats.of(request, route);
    const body = writeServiceDocument(this.model, { serviceRoot: request.serviceRoot, metadataLevel: format.level });
    return jsonResponse(200, body, format, response);
  }

  #metadataDocument(request: ODataRequest, route: Route): ODataResponse {
    requireGet(request);
    const { response } = negotiateVersion(request.headers);
    const format = negotiateMetadata(request.headers.accept, route.format);
    const headers = {
      "content-type": format === "xml" ? "application/xml" : "application/json",
      "odata-version": response,
    };
    return { status: 200, headers, body: this.#metadataText(format, response) };
  }

  #metadataText(format: "xml" | "json", version: ODataVersion): string {
    const name = `${format} ${version}`;
    let text = this.#metadata.get(name);
    if (text === undefined) {
      text = format === "xml" ? writeCsdlXml(this.model, { version }) : writeCsdlJson(this.model, { version });
      this.#metadata.set(name, text);
    }
    return text;
  }
}

/** `$id` has a meaning where a reference is removed from a collection, and nowhere else. */
function isReferenceWithId(uri: ODataUri): boolean {
  return uri.path.segments.at(-1)?.name === "$ref";
}

function allowedMethods({ path }: ResourceRequest): string {
  const { tail, collection, segments } = path;
  const last = segments.at(-1)!;
  switch (tail.kind) {
    case "entity":
      if (collection) return "GET, HEAD, POST";
      return last.kind === "singleton" ? "GET, HEAD, PATCH" : "GET, HEAD, PATCH, DELETE";
    case "ref":
      if (collection) return "GET, HEAD, POST, DELETE";
      return last.kind === "navigation" ? "GET, HEAD, PUT, DELETE" : "GET, HEAD, DELETE";
    default:
      return "GET, HEAD";
  }
}

function requireGet(request: ODataRequest): void {
  if (request.method !== "GET" && request.method !== "HEAD") throw methodNotAllowed(request.method, "GET, HEAD");
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

function methodNotAllowed(method: string, allow: string): ODataError {
  if (!methods.has(method)) return notImplemented("This HTTP method is not known here.");
  return new ODataError(
    405,
    "MethodNotAllowed",
    `${method} is not possible here; ${allow} ${allow.includes(",") ? "are" : "is"}.`,
    {
      headers: { allow },
    },
  );
}
