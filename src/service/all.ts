import { bindUri } from "../binding/index.js";
import type { EntitySet, EntityType, Singleton } from "../edm/index.js";
import { isOrDerivesFrom, placeOf } from "../edm/index.js";
import { notFound, notImplemented } from "../errors/index.js";
import type { JsonFormat } from "../format/media.js";
import { compileCount, parameterValues } from "../query/index.js";
import type { QueryOptions } from "../syntax/index.js";
import { parseUri } from "../syntax/index.js";
import { splitUrl, withoutOptions } from "./canonical-query.js";
import { wholeStatement } from "./collection.js";
import type { ServiceContext } from "./context.js";
import { contextFragment } from "./context-url.js";
import type { Terms } from "./exchange.js";
import { appliedPreferences, contentPreferences, jsonResponse } from "./exchange.js";
import type { SetController } from "./controllers.js";
import { collectionSource } from "./read.js";
import { textsFromController } from "./read-memory.js";
import { contextText, Reading } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRoute } from "./route.js";
import { Route, SlotInput } from "./route.js";
import { RowStream } from "./row-stream.js";
import { translateStoreError } from "./store-errors.js";

/** What `$all` is put together from: an entity set or a singleton, as a collection of its own. */
type Part = Reading;

/** As much text as is answered in one piece. */
const AT_ONCE = 64 * 1024;

/** `$all` and `$all/Type`: the entities of all entity sets and singletons (URL Conventions 4.01, section 4.16). */
export class AllEntities {
  readonly #type: EntityType | undefined;
  readonly #request: ODataRequest;
  readonly #options: QueryOptions;
  readonly #format: JsonFormat;
  readonly #terms: Terms;
  readonly #context: ServiceContext;

  /** @throws {ODataError} 501 for options that are not offered here, 400 for those that do not fit some set */
  constructor(
    type: EntityType | undefined,
    request: ODataRequest,
    options: QueryOptions,
    format: JsonFormat,
    terms: Terms,
    context: ServiceContext,
  ) {
    for (const name of ["apply", "orderby", "skiptoken", "deltatoken", "index"] as const) {
      if (options[name] !== undefined)
        throw notImplemented(`This service does not offer $${name} for '$all'.`, { target: `$${name}` });
    }
    this.#type = type;
    this.#request = request;
    this.#options = options;
    this.#format = format;
    this.#terms = terms;
    this.#context = context;
  }

  async read(): Promise<ODataResponse> {
    const { model } = this.#context;
    const sets = [...model.container.entitySets.values()].filter((set) => this.#takes(set));
    const parts = sets.map((set) => this.#bound(set));
    const singletons = [...model.container.singletons.values()].filter((singleton) => this.#takes(singleton));
    const [first] = parts;
    for (const singleton of singletons) parts.push(this.#singleton(singleton, first));
    if (parts.length === 0 && this.#type !== undefined) {
      const { qualifiedName } = this.#type;
      throw notFound(`No entity set and no singleton has entities of type '${qualifiedName}'.`, {
        target: qualifiedName,
      });
    }
    const count = this.#options.count === true ? await this.#count(parts) : undefined;
    return this.#answer(this.#texts(parts), count);
  }

  /** Whether entities of the type that is asked for can be there, and can be found by what is searched for. */
  #takes(place: EntitySet | Singleton): boolean {
    const type = this.#type ?? place.entityType;
    if (!isOrDerivesFrom(type, place.entityType) && !isOrDerivesFrom(place.entityType, type)) return false;
    const { search, read } = placeOf(place, this.#context.model.container).capabilities;
    return read.readable && (this.#options.search === undefined || search.searchable);
  }

  #bound(place: EntitySet | Singleton, without: readonly string[] = []): Part {
    const { model, behaviour, store } = this.#context;
    const cast =
      this.#type !== undefined && this.#type !== place.entityType && isOrDerivesFrom(this.#type, place.entityType)
        ? `/${this.#type.qualifiedName}`
        : "";
    const query = withoutOptions(splitUrl(this.#request.url)[1], "top", "skip", "count", "format", ...without);
    const url = `/${place.name}${cast}${query === "" ? "" : `?${query}`}`;
    const bound = bindUri(parseUri(url), model, behaviour);
    if (bound.kind !== "resource") throw new Error("A resource was expected.");
    const route: ResourceRoute = new Route(bound, { format: undefined, id: undefined });
    const { path, options } = bound;
    const resource = { route, path, options, values: SlotInput.of(path.segments) };
    const formats = { of: () => this.#format };
    return new Reading(resource, { ...this.#request, url }, this.#terms, this.#context, store.reader, formats);
  }

  /**
   * A singleton as the collection of its one entity, or of none. It is filtered as the entities of a set are, where it is of
   * their type: what is bound to another type has no meaning for it.
   */
  #singleton(singleton: Singleton, set: Part | undefined): Part {
    const filters = this.#options.filter !== undefined || this.#options.search !== undefined;
    const isOfSet = set !== undefined && isOrDerivesFrom(singleton.entityType, set.resource.path.type);
    if (filters && !isOfSet)
      throw notImplemented(
        `This service does not offer to filter the singleton '${singleton.name}'; name a type it is not of: $all/Namespace.Type.`,
        { target: singleton.name },
      );
    const part = this.#bound(singleton, ["filter", "search"]);
    const { request } = part.resource.route;
    const bound = {
      ...request,
      path: { ...request.path, collection: true },
      options: filters ? set!.resource.options : request.options,
    };
    const route: ResourceRoute = new Route(bound, { format: undefined, id: undefined });
    const resource = { route, path: bound.path, options: bound.options, values: part.resource.values };
    return new Reading(resource, part.request, part.terms, part.context, part.reads, { of: () => this.#format });
  }

  async #count(parts: readonly Part[]): Promise<number> {
    let count = 0;
    for (const part of parts) {
      const { resource, context, reads } = part;
      const controller = this.#controller(part);
      if (controller !== undefined) {
        count += (await textsFromController(part)).length;
        continue;
      }
      const statement = compileCount(resource.path, resource.options, context.sql);
      const [row] = await reads.rows(statement.text, parameterValues(statement, resource.values), statement.functions);
      count += Number(row![0]);
    }
    return count;
  }

  /** The controller that finds the entities of a part, where one does. */
  #controller({ resource, context }: Part): SetController | undefined {
    const [root] = resource.path.segments;
    return root?.kind === "entitySet" ? context.controllers.sets.get(root.set) : undefined;
  }

  /** The texts of the entities of a part, a batch at a time. */
  async *#textsOf(part: Part): AsyncGenerator<string[], void, undefined> {
    const controller = this.#controller(part);
    if (controller !== undefined) {
      yield await textsFromController(part);
      return;
    }
    const source = collectionSource(part);
    const statement = wholeStatement(source);
    const { text, functions, columns } = statement;
    const values = parameterValues(statement, part.resource.values);
    for await (const rows of this.#context.store.cursor(text, values, functions))
      yield rows.map((row) => source.write(row, columns));
  }

  /** The texts of all entities that are asked for, a batch at a time. */
  async *#texts(parts: readonly Part[]): AsyncGenerator<[string][], void, undefined> {
    let passed = this.#options.skip ?? 0;
    let left = this.#options.top ?? Number.POSITIVE_INFINITY;
    for (const part of parts) {
      if (left <= 0) return;
      const head = this.#head(part);
      for await (const texts of this.#textsOf(part)) {
        const kept = texts.slice(passed, passed + left);
        passed = Math.max(0, passed - texts.length);
        left -= kept.length;
        yield kept.map((text): [string] => [`${head}${text.slice(1)}`]);
        if (left <= 0) break;
      }
    }
  }

  /** How the text of each entity of a part begins: its own context URL tells where it is (Protocol 4.01, section 10.20). */
  #head({ resource }: Part): string {
    if (this.#format.level === "none") return "{";
    const { urls } = this.#context;
    const { path, options } = resource;
    const single = { ...path, collection: false };
    return `{${contextText(this.#request, contextFragment(single, options, urls, this.#terms.version))},`;
  }

  async #answer(
    batches: AsyncGenerator<[string][], void, undefined>,
    count: number | undefined,
  ): Promise<ODataResponse> {
    const first: [string][] = [];
    let length = 0;
    let isDone = false;
    while (!isDone && length < AT_ONCE) {
      const next = await batches.next();
      if (next.done === true) isDone = true;
      else {
        first.push(...next.value);
        for (const [text] of next.value) length += text.length;
      }
    }
    const type = this.#type?.qualifiedName ?? "Edm.EntityType";
    const context = this.#format.level === "none" ? "" : `${contextText(this.#request, `Collection(${type})`)},`;
    const number = this.#format.ieee754 ? `"${String(count)}"` : String(count);
    const head = `{${context}${count === undefined ? "" : `"@odata.count":${number},`}"value":[`;
    const headers = appliedPreferences(contentPreferences(this.#terms));
    const body = isDone
      ? `${head}${first.map(([text]) => text).join(",")}]}`
      : new RowStream(batches, {
          head,
          first,
          write: ([text], index) => `${index === 0 ? "" : ","}${text as string}`,
          tail: () => "]}",
          explain: (error) => translateStoreError(error, this.#context),
        });
    return jsonResponse(200, body, this.#format, this.#terms.version, headers);
  }
}
