import type { BoundPath } from "../binding/index.js";
import { bindUri } from "../binding/index.js";
import type { DecoratedClass, Model } from "../edm/index.js";
import { buildModel, readClasses } from "../edm/index.js";
import type { StorageMapping } from "../query/index.js";
import { selectText } from "../query/index.js";
import type { Awaitable, DatabaseOptions } from "../storage/index.js";
import { Database, LinkWriter, RowWriter } from "../storage/index.js";
import type { ODataUri, QueryOptions } from "../syntax/index.js";
import { parseUri } from "../syntax/index.js";
import { AllEntities } from "./all.js";
import { splitUrl } from "./canonical-query.js";
import type { ServiceBehaviour, ServiceContext } from "./context.js";
import { pageSizes } from "./context.js";
import { ReadingController } from "./controllers.js";
import { create } from "./create.js";
import { readCrossJoin } from "./cross-join.js";
import { remove } from "./delete.js";
import { entityRequest } from "./entity-id.js";
import { agree, FormatCache } from "./exchange.js";
import { liftedLiterals } from "./lift.js";
import { SelfDescription } from "./metadata.js";
import { allowedMethods, isGet, methodNotAllowed, requireGet } from "./methods.js";
import { refuseSkipToken } from "./paging.js";
import { read } from "./read.js";
import { readFromController } from "./read-memory.js";
import { readByPost } from "./read-by-post.js";
import { Reading } from "./reading.js";
import { addReference, removeReference } from "./references.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import { isReadByPost } from "./request.js";
import { committedStore } from "./request-store.js";
import type { Found, FoundQuery } from "./route-cache.js";
import { RouteCache } from "./route-cache.js";
import type { JoinRequest, QueryInput, ResourceRequest, ResourceRoute, RouteRequest } from "./route.js";
import { Route, SlotInput, withKeys } from "./route.js";
import { scanQuery } from "./shape.js";
import { SkipTokens } from "./skip-token.js";
import { translateStoreError } from "./store-errors.js";
import { update } from "./update.js";
import { UrlWriter } from "./urls.js";
import { newValues } from "./values.js";

/** How a service is made. */
export interface ServiceOptions extends ServiceBehaviour {
  /** Where its entities are stored; classes and migrations are the service's own. */
  readonly database: Omit<DatabaseOptions, "entities" | "model">;
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
  const controllers = ReadingController.of(definition, model);
  const database = await Database.open({
    ...options.database,
    entities: entityClasses,
    model: { model, classes, elsewhere: new Set(controllers.keys()) },
  });
  const { mapping } = database;
  const rows = new RowWriter(database.dialect);
  await plantSingletons(model, mapping, database, rows);
  return new ODataService({
    model,
    mapping,
    sql: { mapping, dialect: database.dialect },
    database,
    store: committedStore(database),
    urls: new UrlWriter(model, mapping),
    rows,
    links: new LinkWriter(model, mapping, database.dialect),
    behaviour: options,
    controllers,
    skipTokens: new SkipTokens(await database.secret("skiptoken", 32)),
    pageSize: pageSizes(options, model),
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
  readonly #description: SelfDescription;

  constructor(context: Omit<ServiceContext, "answer">) {
    this.model = context.model;
    this.database = context.database;
    this.#context = { ...context, answer: (request, within) => this.#answer(request, within) };
    this.#description = new SelfDescription(context.model);
  }

  handle(request: ODataRequest): Awaitable<ODataResponse> {
    const fail = (error: unknown): never => {
      throw translateStoreError(error, this.#context);
    };
    try {
      const answer = this.#answer(request, this.#context);
      return answer instanceof Promise ? answer.catch(fail) : answer;
    } catch (error) {
      return fail(error);
    }
  }

  close(): Promise<void> {
    return this.database.close();
  }

  #answer(request: ODataRequest, context: ServiceContext): Awaitable<ODataResponse> {
    if (isReadByPost(request.method, request.url)) return this.#answer(readByPost(request), context);
    const known = this.#routes.find(request.url);
    if (known === undefined) return this.#unknown(request, context);
    const { route, query } = known;
    return this.#dispatch(route, known, query === undefined ? undefined : queryInput(query), request, context);
  }

  /** The long way: parse, bind, and keep what can be used again. */
  #unknown(request: ODataRequest, context: ServiceContext): Awaitable<ODataResponse> {
    const uri = parseUri(request.url);
    const { format, id, skiptoken, top, skip } = uri.options;
    const bound = bindUri({ ...uri, options: modelOptions(uri) }, this.model, context.behaviour);
    const route = new Route(bound, { format, id });
    this.#keep(route, uri, request);
    return this.#dispatch(route, undefined, { literals: undefined, top, skip, skiptoken }, request, context);
  }

  #keep(route: Route, uri: ODataUri, { url }: ODataRequest): void {
    const { request } = route;
    if (request.kind !== "resource" && request.kind !== "crossjoin") return;
    // What is evaluated in memory has its literals in the bound request.
    if (request.kind === "resource" && this.#controller(request.path) !== undefined) return;
    const [path, query] = splitUrl(url);
    const shape = query === "" ? undefined : scanQuery(query);
    if (query !== "" && shape === undefined) return;
    this.#routes.add({
      route,
      path,
      source: uri.path.segments,
      bound: request.kind === "resource" ? request.path.segments : [],
      query: shape === undefined ? undefined : { shape, lifted: liftedLiterals(shape, uri.options, request.literals) },
    });
  }

  /**
   * @param keys those of this request, where they are not the route's own
   * @param query what its query brings
   */
  #dispatch(
    route: Route,
    keys: Pick<Found, "keys" | "openKeys"> | undefined,
    query: QueryInput | undefined,
    request: ODataRequest,
    context: ServiceContext,
  ): Awaitable<ODataResponse> {
    const bound = route.request;
    switch (bound.kind) {
      case "serviceDocument":
        return this.#description.serviceDocument(request, this.#formats.of(request, route));
      case "metadata":
        return this.#description.metadata(request, route.format);
      case "resource": {
        const path = keys === undefined ? bound.path : withKeys(bound.path, keys.keys, keys.openKeys);
        const values = SlotInput.of(path.segments, query);
        return this.#resource(
          { route: route as ResourceRoute, path, options: bound.options, values },
          request,
          context,
        );
      }
      case "entityId":
        requireGet(request);
        return this.#answer(entityRequest(bound, request, context), context);
      case "all": {
        requireGet(request);
        const { options } = parseUri(request.url);
        const format = this.#formats.of(request, route);
        return new AllEntities(bound.type, request, options, format, agree(request), context).read();
      }
      case "crossjoin": {
        requireGet(request);
        const join = { route: route as JoinRequest["route"], options: bound.options, values: SlotInput.of([], query) };
        return readCrossJoin(this.#reading(join, request, context));
      }
    }
  }

  /** The controller that finds the entities of the set that a path begins with, where one does. */
  #controller({ segments }: BoundPath): ReadingController | undefined {
    const { controllers } = this.#context;
    const [root] = segments;
    return controllers.size > 0 && root?.kind === "entitySet" ? controllers.get(root.set) : undefined;
  }

  #reading<R extends RouteRequest>(resource: R, request: ODataRequest, context: ServiceContext): Reading<R> {
    return new Reading(resource, request, agree(request), context, context.store.reader, this.#formats);
  }

  #resource(resource: ResourceRequest, request: ODataRequest, context: ServiceContext): Awaitable<ODataResponse> {
    const controller = this.#controller(resource.path);
    if (isGet(request)) {
      const reading = this.#reading(resource, request, context);
      return controller === undefined ? read(reading) : readFromController(reading, controller);
    }
    if (controller !== undefined) throw methodNotAllowed(request.method, "GET, HEAD");
    refuseSkipToken(resource);
    const terms = agree(request);
    const format = () => this.#formats.of(request, resource.route);
    const { tail, collection, segments } = resource.path;
    switch (request.method) {
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
}

function queryInput({ shape, literals }: FoundQuery): QueryInput {
  return { literals, top: shape.top, skip: shape.skip, skiptoken: shape.skiptoken };
}

/** The options that the model has to do with; the others are the service's own. */
function modelOptions({ path, options }: ODataUri): QueryOptions {
  const root = path.segments[0]?.name;
  // What is asked of all entities is asked of each set by itself.
  if (root === "$all") return { aliases: options.aliases, custom: options.custom };
  // Where a page begins.
  const hasPages = path.segments.length > 0 && (root === "$crossjoin" || root?.startsWith("$") !== true);
  // Which reference is to be removed, which has a meaning behind `$ref` only.
  const isReference = path.segments.at(-1)?.name === "$ref";
  return {
    ...options,
    skiptoken: hasPages ? undefined : options.skiptoken,
    id: isReference ? undefined : options.id,
  };
}
