import type { EntityType, Property } from "../edm/index.js";
import { advertised } from "../format/advertised.js";
import type { JsonFormat } from "../format/media.js";
import type { Rewriting } from "../format/rewrite.js";
import { needsAnnotations } from "../format/rewrite.js";
import { expandsWithoutKey, leavesOutKey, withKeysSelected } from "../format/selected-keys.js";
import type { BoundOptions } from "../binding/index.js";
import type { PageRequest, SqlStatement } from "../query/index.js";
import { parameterValues } from "../query/index.js";
import type { Awaitable } from "../storage/index.js";
import { splitUrl } from "./canonical-query.js";
import type { ServiceContext } from "./context.js";
import { contextFragment } from "./context-url.js";
import type { FormatCache, Terms } from "./exchange.js";
import { noPreferences } from "./exchange.js";
import type { Reads } from "./locate.js";
import type { ODataRequest } from "./request.js";
import type { ResourceRequest, ResourceRoute, RouteRequest, RouteTraits } from "./route.js";
import { keyPredicate, ownKey } from "./urls.js";
import { placeAt } from "./write-restrictions.js";

/** A request that reads something, and what its answer depends on beside it. */
export class Reading<R extends RouteRequest = ResourceRequest> {
  readonly resource: R;
  readonly request: ODataRequest;
  readonly terms: Terms;
  readonly context: ServiceContext;
  readonly reads: Reads;
  readonly #formats: Formats;
  #format: JsonFormat | undefined;

  constructor(
    resource: R,
    request: ODataRequest,
    terms: Terms,
    context: ServiceContext,
    reads: Reads,
    formats: Formats,
  ) {
    this.resource = resource;
    this.request = request;
    this.terms = terms;
    this.context = context;
    this.reads = reads;
    this.#formats = formats;
  }

  /**
   * The format of a JSON answer.
   *
   * @throws {ODataError} 406 where the client takes no JSON
   */
  get format(): JsonFormat {
    return (this.#format ??= this.#formats.of(this.request, this.resource.route));
  }
}

type Formats = Pick<FormatCache, "of">;

/**
 * The reading of an entity that was just written: the answer to a write has all that is stored, whatever values a client
 * would rather not read (Protocol 4.01, section 8.2.8.6).
 */
export function readingBack(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
  reads: Reads,
): Reading {
  const own = { ...terms, preferences: noPreferences };
  return new Reading(resource, request, own, context, reads, { of: () => format });
}

/**
 * What becomes of the text of an entity on its way from the store to the client: nothing, which is what it is stored for; an
 * id put in, where the key is not selected; or whatever else was asked for, which takes a parser.
 */
export type Treatment = "plain" | "named" | "rewritten";

/** What follows from the bound request of a route, worked out once. */
export function traitsOf({ route }: ResourceRequest): RouteTraits {
  return (route.traits ??= findTraits(route.request));
}

function findTraits({ options, path }: ResourceRoute["request"]): RouteTraits {
  const { type } = path;
  // What $apply has made of entities may be none; it has the keys that it has.
  const leftOut = options.apply === undefined && leavesOutKey(options, type);
  const isSimple = type.key.every((property) => !SORTED_OTHERWISE.has(typeName(property)));
  return {
    keyLeftOut: leftOut,
    keyLeftOutBelow: (leftOut && !isSimple) || expandsWithoutKey(options),
    annotated: needsAnnotations(options, type),
    etags: [type, ...type.derivedTypes].some(({ concurrency }) => concurrency.length > 0),
  };
}

/** Types of key properties whose values a row's order has in another form. */
const SORTED_OTHERWISE: ReadonlySet<string> = new Set(["Edm.Boolean", "Edm.Decimal", "Edm.Single", "Edm.Double"]);

function typeName({ type }: Property): string {
  return type.kind === "typeDefinition" ? type.underlyingType.qualifiedName : type.qualifiedName;
}

export function treatmentOf({ resource, format, terms }: Reading): Treatment {
  const { level, ieee754, streaming } = format;
  if (level !== "minimal" || ieee754 || terms.preferences.omitValues !== undefined) return "rewritten";
  const { keyLeftOut, keyLeftOutBelow, annotated } = traitsOf(resource);
  if (keyLeftOutBelow || annotated) return "rewritten";
  // 4.0 wants what is expanded behind all structural properties; it is stored between them.
  if (streaming && terms.version === "4.0" && resource.options.expand.length > 0) return "rewritten";
  return keyLeftOut ? "named" : "plain";
}

/** The options that a statement is compiled from: keys are read beside what was asked for where URLs are made of them. */
export function readOptions({ options, path }: ResourceRequest, treatment: Treatment): BoundOptions {
  const isOfEntities = options.apply === undefined || options.apply.shape.entity !== undefined;
  return treatment === "rewritten" && isOfEntities ? withKeysSelected(options, path.type) : options;
}

export function rewritingOf({ resource, request, format, terms, context }: Reading): Rewriting {
  const { segments } = resource.path;
  return {
    model: context.model,
    format,
    omit: terms.preferences.omitValues,
    options: resource.options,
    place: placeAt(resource, context),
    entityUrl: (type, key) => `${request.serviceRoot}${context.urls.entityPath(type, key, segments)}`,
    relatedUrl: relatedUrl(request, context),
  };
}

/** The URLs of expanded entities: where they are at home, or below the entity that contains them. */
export function relatedUrl(request: ODataRequest, context: ServiceContext): Rewriting["relatedUrl"] {
  return (type, key, property, ownerUrl) => {
    const home = property.containsTarget ? undefined : context.urls.homePath(type, key);
    if (home !== undefined) return `${request.serviceRoot}${home}`;
    return `${ownerUrl}/${property.name}${property.collection ? keyPredicate(ownKey(type, key)) : ""}`;
  };
}

/** The member `@odata.context`, or nothing where metadata is not wanted. */
export function contextMember({ resource, request, format, terms, context }: Reading): string {
  if (format.level === "none") return "";
  const { path, options } = resource;
  return contextText(request, contextFragment(path, options, context.urls, terms.version));
}

/** What stands in front of the items of a collection of entities: its context, and at full metadata the operations it has. */
export function collectionMembers(reading: Reading): string {
  const { resource, request, format, context } = reading;
  const { path, options } = resource;
  const own = contextMember(reading);
  if (format.level !== "full" || path.tail.kind !== "entity" || options.apply !== undefined) return own;
  const url = `${request.serviceRoot}${splitUrl(request.url)[0].replace(/^\/+|\/+$/g, "")}`;
  const operations = advertised(context.model, path.type, "collection", options, url, () => undefined);
  return [own, ...operations].join(",");
}

/** `"@odata.context":"..."` */
export function contextText(request: ODataRequest, fragment: string): string {
  return `"@odata.context":"${request.serviceRoot}$metadata#${fragment}"`;
}

/** What distinguishes the statements of pages. */
export function pageName({ keyset, after }: PageRequest): string {
  return keyset ? `behind ${(after ?? []).map(Number).join("")}` : "offset";
}

/** A statement's rows for a request. */
export function rowsOf(
  statement: SqlStatement,
  { resource, reads }: Reading<RouteRequest>,
  values = resource.values,
): Awaitable<unknown[][]> {
  return reads.rows(statement.text, parameterValues(statement, values), statement.functions);
}

/** The type that an entity's text begins with, as the store writes it. */
export function typeInText(text: string, declared: EntityType, { model }: ServiceContext): EntityType {
  const end = typeEnd(text);
  const type = end < 0 ? undefined : model.types.get(text.slice(TYPE_START.length, end));
  return type?.kind === "entity" ? type : declared;
}

/** An entity's text with its id put in behind its type. */
export function withId(text: string, id: string): string {
  const end = typeEnd(text) + 1;
  return `${text.slice(0, end)},"@odata.id":${JSON.stringify(id)}${text.slice(end)}`;
}

const TYPE_START = '{"@odata.type":"#';

function typeEnd(text: string): number {
  return text.startsWith(TYPE_START) ? text.indexOf('"', TYPE_START.length) : -1;
}
