import type { BoundOptions } from "../binding/index.js";
import { bindUri } from "../binding/index.js";
import { badRequest, notImplemented, ODataError } from "../errors/index.js";
import { deletedEntity } from "../format/deleted-entity.js";
import { negotiateRaw } from "../format/media.js";
import { withKeysSelected } from "../format/selected-keys.js";
import type { SqlStatement, SqlValue } from "../query/index.js";
import { DeltaStatements } from "../query/index.js";
import type { ODataUri, QueryOptions } from "../syntax/index.js";
import { parseUri } from "../syntax/index.js";
import { checkPage } from "./answer-size.js";
import { answerCollection } from "./collection.js";
import type { ServiceContext } from "./context.js";
import { contextFragment } from "./context-url.js";
import type { DeltaStart } from "./delta-token.js";
import type { TrackedQuery } from "./delta-tracking.js";
import { baselineLink, beginning, boundTo, deltaLink, track, trackedQuery } from "./delta-tracking.js";
import type { FormatCache } from "./exchange.js";
import { agree, appliedPreferences, contentPreferences, jsonResponse } from "./exchange.js";
import { explainMissing, keyScalarsOf } from "./locate.js";
import { requireGet } from "./methods.js";
import { checkReading, collectionSource, itemWriter } from "./read.js";
import { numberResponse } from "./read-count.js";
import { contextText, readOptions, Reading, rowsOf, treatmentOf } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { QueryInput, ResourceRequest, ResourceRoute } from "./route.js";
import { Route, SlotInput } from "./route.js";
import { keyMembers } from "./set-based-members.js";

/** How many changes a page has where neither the service nor the client says, and at most. */
const PAGE = 500;
const MAX_PAGE = 5_000;

/** Options that a client must not put behind a delta link (Protocol 4.01, section 11.3.2). */
const NOT_WITH_A_TOKEN = ["skiptoken", "top", "skip", "orderby"] as const;

/** The token with which the function `delta` gives nothing but a delta link. */
const LATEST = "latest";

/** True for a request with `$deltatoken` for a resource of the model. */
export function hasDeltaToken({ path, options }: ODataUri): boolean {
  return options.deltatoken !== undefined && path.segments[0]?.name?.startsWith("$") === false;
}

/**
 * `GET` of a delta link, or of a delta link with `/$count` behind its path: Protocol 4.01, section 11.3.2.
 *
 * @returns `undefined` where the path calls an operation, which is carried out elsewhere
 * @throws {ODataError} 501 where changes are not tracked, 410 where the token is of no use any more, 400 where it is none
 */
export async function readDelta(
  uri: ODataUri,
  request: ODataRequest,
  context: ServiceContext,
  formats: FormatCache,
): Promise<ODataResponse | undefined> {
  const { segments } = uri.path;
  const isCount = segments.at(-1)!.name === "$count" && segments.at(-1)!.arguments === undefined;
  const path = isCount ? { ...uri.path, segments: segments.slice(0, -1) } : uri.path;
  const bound = bindUri({ ...uri, path, options: definingOptions(uri.options) }, context.model, context.behaviour);
  if (bound.kind !== "resource") throw notTracked();
  const [root] = bound.path.segments;
  if (root!.kind === "operation") return undefined;
  requireGet(request);
  refuseBehindToken(uri.options);
  const resource = trackedResource(bound, uri.options, undefined, context);
  const reading = new Reading(resource, request, agree(request), context, context.store.reader, formats);
  return isCount ? countChanges(reading, uri.options.deltatoken!) : answerDelta(reading, uri.options.deltatoken!);
}

/** @throws {ODataError} 400 for options that a delta link does not take */
function refuseBehindToken(options: QueryOptions): void {
  for (const name of NOT_WITH_A_TOKEN) {
    if (options[name] === undefined) continue;
    throw badRequest(`$${name} cannot be put behind a delta link, which is to be used as it is.`, {
      target: `$${name}`,
    });
  }
}

/**
 * A request for a collection whose changes are asked for.
 *
 * @throws {ODataError} 501 where a controller finds its entities, which are not in the store
 */
function trackedResource(
  bound: ResourceRoute["request"],
  { format }: QueryOptions,
  query: QueryInput | undefined,
  { controllers }: ServiceContext,
): ResourceRequest {
  const { path, options } = bound;
  const [root] = path.segments;
  if (root!.kind === "entitySet" && controllers.sets.has(root!.set)) throw notTracked();
  return {
    route: new Route(bound, { format, id: undefined }),
    path,
    options,
    values: SlotInput.of(path.segments, query),
  };
}

function definingOptions(options: QueryOptions): QueryOptions {
  return {
    ...options,
    deltatoken: undefined,
    skiptoken: undefined,
    top: undefined,
    skip: undefined,
    orderby: undefined,
  };
}

/**
 * What the function `delta` answers (`isDeltaFunction`), which stands for the changes of the collection that it is bound to, as `delta()` of Microsoft Graph
 * does: the collection at first, with a delta link at the end that leads back to the function; the changes with a token. With
 * the token `latest` it gives the delta link alone.
 *
 * @throws {ODataError} 501 where changes of the collection are not tracked, else as {@link readDelta}
 */
export async function readDeltaFunction(call: Reading): Promise<ODataResponse> {
  const { request, terms, context, reads, resource } = call;
  const { deltatoken } = resource.options;
  const uri = parseUri(request.url);
  const { top, skip, skiptoken } = uri.options;
  if (deltatoken !== undefined) refuseBehindToken(uri.options);
  const defining = deltatoken === undefined ? { ...uri.options, skiptoken: undefined } : definingOptions(uri.options);
  // The same options for what stands in front of the call. A function ends its path, where it is not composable.
  const path = { ...uri.path, segments: uri.path.segments.slice(0, -1) };
  const bound = bindUri({ ...uri, path, options: defining }, context.model, context.behaviour);
  if (bound.kind !== "resource") throw notTracked();
  const query = { literals: undefined, top, skip, skiptoken };
  const own = trackedResource(bound, uri.options, deltatoken === undefined ? query : undefined, context);
  const { format } = call;
  const reading = new Reading(own, request, terms, context, reads, { of: () => format });
  checkReading(reading);
  if (deltatoken !== undefined && deltatoken !== LATEST) return answerDelta(reading, deltatoken);
  const source = collectionSource(reading);
  if (deltatoken === undefined) {
    if (trackedQuery(reading) === undefined) throw notTracked();
    return answerCollection(reading, { ...source, isTracked: true });
  }
  const tracked = await track(reading, undefined);
  if (tracked === undefined) throw notTracked();
  const head = source.context === "" ? "" : `${source.context},`;
  const body = `{${head}"value":[],"@odata.deltaLink":${JSON.stringify(tracked.deltaLink)}}`;
  return jsonResponse(200, body, format, terms.version, appliedPreferences(applied(reading, undefined)));
}

/** @throws {ODataError} 501 for a `$deltatoken` on the call of an operation that stands for no changes */
export function refuseDeltaToken({ options }: ResourceRequest): void {
  if (options.deltatoken !== undefined) throw notTracked();
}

/** The changes behind a token, page by page: JSON Format 4.01, section 15.1. */
async function answerDelta(given: Reading, token: string): Promise<ODataResponse> {
  const reading = withoutPage(given);
  checkReading(reading);
  const { format, terms, request, resource, context } = reading;
  const delta = await Delta.begin(reading, token);
  const asked = terms.preferences.maxpagesize;
  const size = Math.min(asked ?? delta.size ?? context.pageSize(resource.path) ?? PAGE, MAX_PAGE);
  const { items, next } = await delta.page(size);
  const count = given.resource.options.count === true ? await delta.count() : undefined;
  await delta.end();
  if (items.length === 0) {
    const error = await explainMissing(resource, context, reading.reads);
    if (error !== undefined) throw error;
  }
  const fragment = contextFragment(resource.path, resource.options, context.urls, terms.version);
  const members = [
    ...(format.level === "none" ? [] : [contextText(request, `${fragment}/$delta`)]),
    ...(count === undefined ? [] : [`"@odata.count":${format.ieee754 ? `"${count}"` : count}`]),
    `"value":[${items.join(",")}]`,
    next === undefined
      ? `"@odata.deltaLink":${JSON.stringify(delta.link())}`
      : `"@odata.nextLink":${JSON.stringify(next)}`,
  ];
  const preferences = appliedPreferences(applied(reading, asked === undefined ? undefined : size));
  return jsonResponse(200, `{${members.join(",")}}`, format, terms.version, preferences);
}

async function countChanges(given: Reading, token: string): Promise<ODataResponse> {
  negotiateRaw("text/plain", undefined, given.resource.route.format);
  const reading = withoutPage(given);
  const delta = await Delta.begin(reading, token);
  const count = await delta.count();
  await delta.end();
  return numberResponse(count, reading);
}

function applied(reading: Reading, maxpagesize: number | undefined) {
  const { trackChanges } = reading.terms.preferences;
  return { ...contentPreferences(reading.terms), maxpagesize, trackChanges };
}

/** The same without what concerns a single answer. Without metadata nothing but the key tells which entity it is. */
function withoutPage(given: Reading): Reading {
  const { resource, request, terms, context, reads, format } = given;
  const { path, route, values } = resource;
  const tracked: BoundOptions = {
    ...resource.options,
    top: undefined,
    skip: undefined,
    orderby: undefined,
    count: undefined,
    deltatoken: undefined,
  };
  const options = format.level === "none" ? withKeysSelected(tracked, path.type) : tracked;
  const own = new Route({ ...route.request, path, options }, route);
  return new Reading({ route: own, path, options, values }, request, terms, context, reads, { of: () => format });
}

/** The changes that one token asks for. */
class Delta {
  readonly #reading: Reading;
  readonly #query: TrackedQuery;
  readonly #start: DeltaStart & { readonly until: string };
  readonly #statements: DeltaStatements;

  private constructor(reading: Reading, query: TrackedQuery, start: DeltaStart & { readonly until: string }) {
    const { resource, context } = reading;
    this.#reading = reading;
    this.#query = query;
    this.#start = start;
    this.#statements = new DeltaStatements(
      {
        path: resource.path,
        options: readOptions(resource, treatmentOf(reading)),
        dependencies: query.dependencies,
        range: start,
      },
      context.sql,
    );
  }

  static async begin(reading: Reading, token: string): Promise<Delta> {
    const query = trackedQuery(reading);
    if (query === undefined) throw notTracked();
    const start = query.tokens.read(token, boundTo(reading.request.url));
    const state = await query.log.state(reading.reads);
    if (start === undefined || start.generation !== query.generation(state) || !state.isKept(start.since))
      throw gone(reading);
    return new Delta(reading, query, { ...start, until: start.until ?? state.position });
  }

  /** How many items the pages have, where that was agreed on. */
  get size(): number | undefined {
    return this.#start.size;
  }

  /** The delta link for what comes next. */
  link(): string {
    const { until, generation } = this.#start;
    return deltaLink(this.#reading, this.#query, beginning(until, generation));
  }

  /** Makes sure that nothing was taken out of the log while it was read. */
  async end(): Promise<void> {
    const state = await this.#query.log.state(this.#reading.reads);
    if (!state.isKept(this.#start.since)) throw gone(this.#reading);
  }

  async count(): Promise<string> {
    const [row] = await rowsOf(this.#statements.count(), this.#reading);
    return String(row![0]);
  }

  /** First what has changed, then what is gone. */
  async page(size: number): Promise<{ readonly items: readonly string[]; readonly next: string | undefined }> {
    const { removed, after } = this.#start;
    const items: string[] = [];
    if (!removed) {
      const statement = this.#statements.changed(after !== undefined);
      const rows = await this.#rows(statement, size, after);
      checkPage(rows);
      const write = itemWriter(this.#reading, treatmentOf(this.#reading));
      for (const row of rows.slice(0, size)) items.push(write(row, statement.columns));
      if (rows.length > size) return { items, next: this.#next(size, false, rows[size - 1], statement.columns.order!) };
    }
    const room = size - items.length;
    const behind = removed ? after : undefined;
    const statement = this.#statements.removed(behind !== undefined);
    const { columns } = statement;
    const rows = await this.#rows(statement, room, behind);
    for (const row of rows.slice(0, room))
      items.push(this.#deleted(row.slice(columns.key, columns.order), row[columns.exists] === 1));
    const last = room === 0 ? undefined : rows[room - 1];
    return { items, next: rows.length > room ? this.#next(size, true, last, columns.order) : undefined };
  }

  /** One more than the page has room for tells whether there are more. */
  async #rows(statement: SqlStatement, room: number, after: readonly SqlValue[] | undefined): Promise<unknown[][]> {
    return rowsOf(statement, this.#reading, this.#reading.resource.values.forPage(room + 1, 0, after));
  }

  /** @param last the row that the next page begins behind; absent where it begins with the first */
  #next(size: number, removed: boolean, last: readonly unknown[] | undefined, order: number): string {
    const after = last === undefined ? undefined : (last.slice(order) as SqlValue[]);
    return deltaLink(this.#reading, this.#query, { ...this.#start, size, removed, after });
  }

  #deleted(values: readonly unknown[], exists: boolean): string {
    const { resource, request, context, format, terms } = this.#reading;
    const { path } = resource;
    const { type } = path;
    const mapping = context.mapping.entity(type);
    const id = context.urls.entityPath(type, keyScalarsOf(type, values), path.segments);
    const fragment = contextFragment(path, { expand: [] }, context.urls, terms.version);
    return deletedEntity(
      {
        id: `${request.serviceRoot}${id}`,
        key: keyMembers({ type, key: values, mapping }, format),
        reason: exists ? "changed" : "deleted",
        context: `${request.serviceRoot}$metadata#${fragment}/$deletedEntity`,
      },
      terms.version,
      format,
    );
  }
}

function notTracked(): ODataError {
  return notImplemented("This service does not track changes of what is asked for, so there is no $deltatoken.", {
    target: "$deltatoken",
  });
}

/** 410 with the way to begin anew: Protocol 4.01, section 11.3.2. */
function gone(reading: Reading): ODataError {
  const location = baselineLink(reading);
  return new ODataError(
    410,
    "Gone",
    "The delta link is not valid any more, or was not made for this request; read everything again, with 'Prefer: track-changes'.",
    { target: "$deltatoken", headers: /^[\x21-\x7e]+$/.test(location) ? { location } : {} },
  );
}
