import type { BoundRequest } from "../binding/index.js";
import { bindUri } from "../binding/index.js";
import type { DecoratedClass, Model } from "../edm/index.js";
import { buildModel, readClasses } from "../edm/index.js";
import { checkRules } from "../format/property-rules.js";
import type { StorageMapping } from "../query/index.js";
import { selectText } from "../query/index.js";
import type { Awaitable, DatabaseOptions } from "../storage/index.js";
import { Database, LinkWriter, MediaStore, RowWriter } from "../storage/index.js";
import type { ODataUri, QueryOptions } from "../syntax/index.js";
import { parseUri } from "../syntax/index.js";
import { AllEntities } from "./all.js";
import { AsyncRequests } from "./async.js";
import { checkBatchBehaviour } from "./batch.js";
import { splitUrl } from "./canonical-query.js";
import type { ServiceBehaviour, ServiceContext } from "./context.js";
import { pageSizes } from "./context.js";
import { SetControllers } from "./controllers.js";
import { hasDeltaToken, readDelta } from "./delta.js";
import { DeltaTokens } from "./delta-token.js";
import { create } from "./create.js";
import { readCrossJoin } from "./cross-join.js";
import { remove } from "./delete.js";
import { updateCollection } from "./delta-payload.js";
import { entityRequest } from "./entity-id.js";
import { agree, FormatCache, preferencesOf, withOneCharset } from "./exchange.js";
import { readAtOnce, underSnapshot, wantsSnapshot } from "./isolation.js";
import { liftedLiterals } from "./lift.js";
import { createMedia } from "./media-create.js";
import { MediaSweeper } from "./media-sweeper.js";
import { hasStreams, takesContent } from "./media-target.js";
import { writeMedia } from "./media-write.js";
import { SelfDescription } from "./metadata.js";
import { allows, isGet, methodNotAllowed, requireGet } from "./methods.js";
import { refuseSkipToken } from "./paging.js";
import { Operations } from "./operations.js";
import { read } from "./read.js";
import { byMethods, isStored } from "./invoke-dispatch.js";
import { checkWriteBehaviour } from "./preconditions.js";
import { readByPost } from "./read-by-post.js";
import { Reading } from "./reading.js";
import { addReference, removeReference, replaceReferences } from "./references.js";
import { replaceCollection } from "./replace-collection.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import { isReadByPost, serviceResource } from "./request.js";
import { committedStore } from "./request-store.js";
import type { Found, FoundQuery } from "./route-cache.js";
import { RouteCache } from "./route-cache.js";
import type { JoinRequest, QueryInput, ResourceRequest, ResourceRoute, RouteRequest } from "./route.js";
import { Route, SlotInput, withKeys } from "./route.js";
import { answerFromOutside } from "./service-resources.js";
import { Rules } from "./rules.js";
import { deleteMembers, updateMembers } from "./set-based.js";
import { scanQuery } from "./shape.js";
import { SkipTokens } from "./skip-token.js";
import { translateStoreError } from "./store-errors.js";
import { update } from "./update.js";
import { UrlWriter } from "./urls.js";
import { newValues } from "./values.js";
import { checkMethod, offeredMethods } from "./write-restrictions.js";
import { writeProperty } from "./write-property.js";

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
  /**
   * Whether the body of a request should be handed over as it arrives ({@link ODataRequest.content}): it is the content of a
   * media entity or of a stream property, which may be long.
   */
  takesStream(request: Pick<ODataRequest, "method" | "url" | "headers">): boolean;
  /** Waits for what is under way and closes the store. */
  close(): Promise<void>;
}

/**
 * Starts a service: reads the model from the decorators, opens the store and brings its tables up to date.
 *
 * @param definition the class that carries `@odata.namespace`, `@odata.controller`, `@odata.singleton` and `@odata.types`
 * @throws {ModelError} where the classes are no model
 * @throws {RangeError} for a bound among the options that is out of range
 * @example
 * const service = await createService(Shop, { database: { url: "sqlite:shop.db" } });
 * const answer = await service.handle({ method: "GET", url: "/Products", headers: {}, serviceRoot: "http://localhost/" });
 */
export async function createService(definition: DecoratedClass, options: ServiceOptions): Promise<Service> {
  const { source, classes, operations } = readClasses(definition);
  const model = buildModel(source);
  // Whatever is wrong with classes and options is told before the store is opened.
  checkWriteBehaviour(options, model);
  checkBatchBehaviour(options.batch);
  checkRules(model);
  const pageSize = pageSizes(options, model);
  const rules = new Rules(definition, model);
  const operationMethods = new Operations(definition, operations);
  const asyncRequests = new AsyncRequests(options.async);
  const entityClasses = [...classes]
    .filter(([name]) => model.types.get(name)?.kind === "entity")
    .map(([, entityClass]) => entityClass);
  const controllers = new SetControllers(definition, model, classes);
  const database = await Database.open({
    ...options.database,
    entities: entityClasses,
    model: { model, classes, elsewhere: new Set(controllers.sets.keys()) },
  });
  try {
    const { mapping } = database;
    const rows = new RowWriter(database.dialect);
    await plantSingletons(model, mapping, database, rows);
    const media = new MediaStore(database.dialect);
    const sweeper = new MediaSweeper(database, media);
    const service = new ODataService(
      {
        model,
        mapping,
        sql: { mapping, dialect: database.dialect },
        database,
        store: committedStore(database),
        urls: new UrlWriter(model, mapping),
        rows,
        links: new LinkWriter(model, mapping, database.dialect),
        media,
        sweeper,
        behaviour: options,
        controllers,
        rules,
        operations: operationMethods,
        skipTokens: new SkipTokens(await database.secret("skiptoken", 32)),
        deltaTokens:
          database.changes === undefined ? undefined : new DeltaTokens(await database.secret("deltatoken", 32)),
        pageSize,
      },
      asyncRequests,
    );
    if (hasStreams(model, mapping)) await sweeper.start();
    return service;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A singleton is always there (CSDL 4.01, section 13.3): its row is made at the first start, with its name for a key where that is a text. */
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
      for (const key of entityType.key)
        if (key.type.qualifiedName === "Edm.String") named.set(key.name, JSON.stringify(name));
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
  readonly #async: AsyncRequests;
  readonly #hasStreams: boolean;

  constructor(context: Omit<ServiceContext, "answer">, asyncRequests: AsyncRequests) {
    this.model = context.model;
    this.database = context.database;
    this.#context = { ...context, answer: (request, within) => this.#answer(request, within) };
    this.#description = new SelfDescription(context.model);
    this.#hasStreams = hasStreams(context.model, context.mapping);
    this.#async = asyncRequests;
  }

  handle(request: ODataRequest): Awaitable<ODataResponse> {
    const fail = (error: unknown): never => {
      throw translateStoreError(error, this.#context);
    };
    try {
      const answer = answerFromOutside(request, this.#context, this.#async);
      return answer instanceof Promise ? answer.catch(fail) : answer;
    } catch (error) {
      return fail(error);
    }
  }

  takesStream({ method, url, headers }: Pick<ODataRequest, "method" | "url" | "headers">): boolean {
    if (!this.#hasStreams || (method !== "PUT" && method !== "POST")) return false;
    // Whoever does not wait for the answer is answered when all has arrived.
    if (preferencesOf(headers.prefer).respondAsync === true || serviceResource(url) !== undefined) return false;
    try {
      const request = this.#routes.find(url)?.route.request ?? this.#bind(parseUri(url), this.#context);
      if (request.kind !== "resource" || !takesContent(method, request.path)) return false;
      return isStored(request.path, this.#context);
    } catch {
      // What is wrong with the URL is told when the request is handled.
      return false;
    }
  }

  async close(): Promise<void> {
    this.#async.close();
    await this.#context.sweeper.close();
    return this.database.close();
  }

  #answer(given: ODataRequest, context: ServiceContext): Awaitable<ODataResponse> {
    const request = withOneCharset(given);
    if (isReadByPost(request.method, request.url)) return this.#answer(readByPost(request), context);
    return this.#find(request, wantsSnapshot(request) ? underSnapshot(request, context) : context);
  }

  #find(request: ODataRequest, context: ServiceContext): Awaitable<ODataResponse> {
    const known = this.#routes.find(request.url);
    if (known === undefined) return this.#unknown(request, context);
    const { route, query } = known;
    return this.#dispatch(route, known, query === undefined ? undefined : queryInput(query), request, context);
  }

  /** The long way: parse, bind, and keep what can be used again. */
  #unknown(request: ODataRequest, context: ServiceContext): Awaitable<ODataResponse> {
    const uri = parseUri(request.url);
    return hasDeltaToken(uri) ? this.#delta(uri, request, context) : this.#answerUri(uri, request, context);
  }

  async #delta(uri: ODataUri, request: ODataRequest, context: ServiceContext): Promise<ODataResponse> {
    return (await readDelta(uri, request, context, this.#formats)) ?? this.#answerUri(uri, request, context);
  }

  #answerUri(uri: ODataUri, request: ODataRequest, context: ServiceContext): Awaitable<ODataResponse> {
    const { format, id, skiptoken, top, skip } = uri.options;
    const bound = this.#bind(uri, context);
    const route = new Route(bound, { format, id });
    this.#keep(route, uri, request);
    return this.#dispatch(route, undefined, { literals: undefined, top, skip, skiptoken }, request, context);
  }

  #keep(route: Route, uri: ODataUri, { url }: ODataRequest): void {
    const { request } = route;
    if (request.kind !== "resource" && request.kind !== "crossjoin") return;
    // The keys in front of a call are those of its binding parameter, and no keys of the path.
    if (request.kind === "resource" && request.path.segments[0]?.kind === "operation") return;
    // What is evaluated in memory has its literals in the bound request.
    if (request.kind === "resource" && !isStored(request.path, this.#context)) return;
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
        const terms = agree(request);
        const readAll = (within: ServiceContext) =>
          new AllEntities(bound.type, request, options, format, terms, within).read();
        return wantsSnapshot(request) ? readAtOnce(context, readAll) : readAll(context);
      }
      case "crossjoin": {
        requireGet(request);
        const join = { route: route as JoinRequest["route"], options: bound.options, values: SlotInput.of([], query) };
        return readCrossJoin(this.#reading(join, request, context));
      }
    }
  }

  #bind(uri: ODataUri, { behaviour }: ServiceContext): BoundRequest {
    return bindUri({ ...uri, options: modelOptions(uri) }, this.model, behaviour);
  }

  #reading<R extends RouteRequest>(resource: R, request: ODataRequest, context: ServiceContext): Reading<R> {
    return new Reading(resource, request, agree(request), context, context.store.reader, this.#formats);
  }

  #resource(resource: ResourceRequest, request: ODataRequest, context: ServiceContext): Awaitable<ODataResponse> {
    const answer = byMethods(resource, request, context, () => this.#reading(resource, request, context));
    if (answer !== undefined) return answer;
    if (isGet(request)) return read(this.#reading(resource, request, context));
    refuseSkipToken(resource);
    const terms = agree(request);
    const format = () => this.#formats.of(request, resource.route);
    const { tail, collection, segments } = resource.path;
    checkMethod(resource, request, context);
    if (tail.kind === "property" && allows(resource, request.method))
      return writeProperty(resource, tail, request, format, terms, context);
    if (tail.kind === "each" && allows(resource, request.method)) {
      const change = request.method === "PATCH" ? updateMembers : deleteMembers;
      return change(resource, request, format(), terms, context);
    }
    if (tail.kind === "media" || tail.kind === "stream") return writeMedia(resource, request, format, terms, context);
    switch (request.method) {
      case "POST":
        if (takesContent("POST", resource.path)) return createMedia(resource, request, format(), terms, context);
        if (tail.kind === "entity" && collection) return create(resource, request, format(), terms, context);
        if (tail.kind === "ref" && allows(resource, "POST")) return addReference(resource, request, terms, context);
        break;
      case "PUT":
        if (tail.kind === "entity" && collection) return replaceCollection(resource, request, format(), terms, context);
        if (tail.kind === "entity") return update(resource, request, format(), terms, context, "replace");
        if (tail.kind === "ref" && allows(resource, "PUT"))
          return (collection ? replaceReferences : addReference)(resource, request, terms, context);
        break;
      case "PATCH":
        if (tail.kind === "entity" && collection) return updateCollection(resource, request, format(), terms, context);
        if (tail.kind === "entity") return update(resource, request, format(), terms, context, "merge");
        break;
      case "DELETE":
        if (tail.kind === "entity" && !collection && segments.at(-1)!.kind !== "singleton")
          return remove(resource, request, terms, context);
        if (tail.kind === "ref" && allows(resource, "DELETE"))
          return removeReference(resource, request, terms, context);
    }
    throw methodNotAllowed(request.method, offeredMethods(resource, context));
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
