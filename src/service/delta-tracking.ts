import { createHash } from "node:crypto";
import type { BoundPath, EntitySegment } from "../binding/index.js";
import type { Model, Place } from "../edm/index.js";
import { placeBehind, placeOf } from "../edm/index.js";
import type { QueryDependencies } from "../query/index.js";
import { dependenciesOf, linkTable, trackedBy } from "../query/index.js";
import type { ChangeLog, ChangeLogState } from "../storage/index.js";
import { canonicalRequest, splitUrl, withoutOptions } from "./canonical-query.js";
import type { ServiceContext } from "./context.js";
import type { DeltaStart, DeltaTokens } from "./delta-token.js";
import { LONGEST_REQUEST } from "./paging.js";
import type { Reading } from "./reading.js";

/** A query whose answer is tracked. */
export interface TrackedQuery {
  readonly dependencies: QueryDependencies;
  readonly log: ChangeLog;
  readonly tokens: DeltaTokens;
  /** Since when the tables are tracked that it depends on, as one text; `undefined` where one of them is not. */
  generation(state: ChangeLogState): string | undefined;
}

/** What the answer to a tracked query ends with. */
export interface Tracked {
  /** The position in the log at which the answer began. */
  readonly since: string;
  readonly deltaLink: string;
}

/** Options of a defining query that say nothing of what is tracked: Protocol 4.01, section 11.3.1. */
const NOT_TRACKED = ["skiptoken", "deltatoken", "top", "skip", "count", "orderby"] as const;

/**
 * Whether changes of what a request reads can be told: of an entity set, or of what a navigation property leads to, where
 * the model says so (`Capabilities.ChangeTracking`) and everything is tracked that the answer depends on.
 *
 * What is expanded is told nested in the entity to which it belongs, as OData 4.01 has it; in 4.0 nothing can be nested (JSON
 * Format 4.01, section 15.2), so there queries with `$expand` are not tracked.
 */
export function trackedQuery({ resource, terms, context }: Reading): TrackedQuery | undefined {
  const { path, options } = resource;
  const { database, deltaTokens } = context;
  const log = database.changes;
  if (log === undefined || deltaTokens === undefined) return undefined;
  if (!path.collection || path.tail.kind !== "entity" || !isTrackedPath(path, context)) return undefined;
  if (terms.version === "4.0" && options.expand.length > 0) return undefined;
  const dependencies = dependenciesOf(path, options);
  if (dependencies === undefined) return undefined;
  const tables = tablesOf(path, dependencies, context);
  if (!tables.every((table) => log.tracks(table))) return undefined;
  return {
    dependencies,
    log,
    tokens: deltaTokens,
    generation(state) {
      const generations = tables.map((table) => state.generation(table));
      if (generations.includes(undefined)) return undefined;
      return createHash("sha256").update(generations.join()).digest("base64url").slice(0, 12);
    },
  };
}

function tablesOf({ segments }: BoundPath, dependencies: QueryDependencies, { mapping }: ServiceContext): string[] {
  const { types, links } = trackedBy(dependencies, { mapping });
  const isTied = segments.some(
    (segment) => segment.kind === "navigation" && mapping.navigation(segment.alternatives[0]!).kind === "link",
  );
  const tables = new Set(types.map((type) => mapping.entity(type).table));
  if (links || isTied) tables.add(linkTable.name);
  return [...tables].sort();
}

/** Whether the model tracks what a path leads to, and only that can change it: what stands before it is fixed by its keys. */
function isTrackedPath({ segments }: BoundPath, { model }: Pick<ServiceContext, "model">): boolean {
  const steps = segments.filter(({ kind }) => kind !== "cast");
  const end = steps.findLastIndex(({ kind }) => kind !== "filter");
  const last = steps[end]!;
  const isCollection = last.kind === "entitySet" || (last.kind === "navigation" && last.collection);
  if (!isCollection || !steps.slice(0, end).every((step, index) => isFixed(step, steps[index + 1]!))) return false;
  return placeOfSteps(steps, model)?.capabilities.changeTracking.supported === true;
}

function placeOfSteps(steps: readonly EntitySegment[], { container }: Model): Place | undefined {
  let place: Place | undefined;
  for (const step of steps) {
    if (step.kind === "entitySet") place = placeOf(step.set, container);
    else if (step.kind === "singleton") place = placeOf(step.singleton, container);
    else if (step.kind === "navigation" && place !== undefined)
      place = placeBehind(place, step.alternatives[0]!, container);
  }
  return place;
}

function isFixed(step: EntitySegment, next: EntitySegment): boolean {
  switch (step.kind) {
    case "singleton":
    case "key":
      return true;
    case "entitySet":
    case "navigation":
      return next.kind === "key";
    default:
      return false;
  }
}

/**
 * Begins to track the answer to a request, before any of it is read: what happens meanwhile is told the first time.
 *
 * @param since where the answer began, on its further pages
 * @returns `undefined` where the request cannot be tracked
 */
export async function track(reading: Reading, since: string | undefined): Promise<Tracked | undefined> {
  const query = trackedQuery(reading);
  // A request that is too long to be repeated as a link is answered without one.
  if (query === undefined || reading.request.url.length > LONGEST_REQUEST) return undefined;
  const state = await query.log.state(reading.reads);
  const generation = query.generation(state);
  if (generation === undefined) return undefined;
  const start = since ?? state.position;
  return { since: start, deltaLink: deltaLink(reading, query, beginning(start, generation)) };
}

/** A token that begins with the first change behind a position. */
export function beginning(since: string, generation: string): DeltaStart {
  return { since, until: undefined, generation, size: undefined, removed: false, after: undefined };
}

/** The URL that asks for changes: the defining query with a token. */
export function deltaLink(reading: Reading, { tokens }: TrackedQuery, start: DeltaStart): string {
  const { request } = reading;
  const token = tokens.write(start, boundTo(request.url));
  const query = definingQuery(request.url);
  return `${request.serviceRoot}${pathOf(request.url)}?${query === "" ? "" : `${query}&`}$deltatoken=${token}`;
}

/** The URL that begins anew. */
export function baselineLink({ request }: Pick<Reading, "request">): string {
  const query = definingQuery(request.url);
  return `${request.serviceRoot}${pathOf(request.url)}${query === "" ? "" : `?${query}`}`;
}

/** What tokens are bound to: the same for a collection and for the number of its changes. */
export function boundTo(url: string): string {
  return canonicalRequest(`${pathOf(url)}?${definingQuery(url)}`);
}

function definingQuery(url: string): string {
  const [, query] = splitUrl(url);
  return withoutOptions(query, ...NOT_TRACKED);
}

const COUNT = /\/(?:\$|%24)count\/*$/i;

/** The path of a URL without `/$count`. */
function pathOf(url: string): string {
  const [path] = splitUrl(url);
  return path.replace(/^\/+/, "").replace(COUNT, "");
}
