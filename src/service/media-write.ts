import type { JsonFormat } from "../format/media.js";
import type { MediaFacts, StoredMedia, Transaction } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import { within } from "./context.js";
import { remove } from "./delete.js";
import { EntityRows } from "./entity-rows.js";
import type { Terms } from "./exchange.js";
import { withEtag } from "./etag.js";
import { appliedPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import { factsPayload } from "./media-facts.js";
import { mediaEtag, mediaResponse } from "./media-read.js";
import type { LocatedStream, StreamTarget } from "./media-target.js";
import { locateStream, streamTarget } from "./media-target.js";
import { upload, uploadType } from "./media-upload.js";
import { allowedMethods, methodNotAllowed } from "./methods.js";
import { checkConditions, checkCreatable, preconditionRequired, requiresMatch } from "./preconditions.js";
import { entityBody, entityText } from "./read.js";
import { readingBack } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest, ResourceRoute } from "./route.js";
import { Route } from "./route.js";
import { storedValues, valueColumns } from "./values.js";
import { placeAt } from "./write-restrictions.js";

/**
 * A change of a content.
 *
 * @param format that of an answer in JSON; it throws where the client takes none
 * @throws {ODataError} 405 where the stream, or its entity's place, does not take the method
 */
export async function writeMedia(
  resource: ResourceRequest,
  request: ODataRequest,
  format: () => JsonFormat,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  const target = streamTarget(resource.path)!;
  checkWritable(resource, target, request.method, context);
  if (request.method !== "PUT") return deleteMedia(resource, target, request, terms, context);
  // The answer to a new content of a media entity is the entity, which is JSON.
  const isEntity = target.property === undefined && terms.preferences.return === "representation";
  return putMedia(resource, target, request, isEntity ? format() : undefined, terms, context);
}

/**
 * `PUT` of the content of a media entity or of a stream property: Protocol 4.01, sections 11.4.7.2 and 11.4.8.1. The body is
 * written beside the content that is there, as it arrives; then one transaction puts it in its place.
 *
 * @param format where the answer is the updated media entity
 */
async function putMedia(
  resource: ResourceRequest,
  target: StreamTarget,
  request: ODataRequest,
  format: JsonFormat | undefined,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  const change = new MediaChange(resource, target, request, context);
  // What can be refused is refused before the body is read.
  const { located } = await change.find(context.store.reader);
  const contentType = uploadType(request, located.type, target);
  factsPayload(located.type, target, { contentType, size: 0, id: "", digest: "" });
  const media = await upload(request, contentType, context);
  const modified = new Date();
  let entity: ODataResponse | undefined;
  try {
    entity = await context.store.transaction(async (transaction) => {
      await change.put(transaction, media, modified);
      return format === undefined ? undefined : ownerResponse(resource, request, format, terms, context, transaction);
    });
  } catch (error) {
    await context.media.discard((work) => context.store.transaction(work), media.id).catch(() => undefined);
    throw error;
  }
  if (entity !== undefined) return entity;
  const applied = appliedPreferences({ return: terms.preferences.return });
  const stored: StoredMedia = { ...media, modified: modified.toISOString() };
  if (terms.preferences.return !== "representation")
    return emptyResponse(204, terms.version, { ...applied, etag: mediaEtag(stored) });
  // The conditions were about what was there before.
  const { accept } = request.headers;
  const answer = await mediaResponse(stored, { ...request, method: "GET", headers: { accept } }, terms, context);
  return { ...answer, headers: { ...answer.headers, ...applied } };
}

/** Routes of media entities by those of their contents. */
const ownerRoutes = new WeakMap<ResourceRoute, ResourceRoute>();

/** The media entity itself, as the answer to a change of its content. */
async function ownerResponse(
  { path, route, options, values }: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
  transaction: Transaction,
): Promise<ODataResponse> {
  const tail = { kind: "entity" } as const;
  let own = ownerRoutes.get(route);
  if (own === undefined) {
    own = new Route({ ...route.request, path: { ...route.request.path, tail } }, route);
    ownerRoutes.set(route, own);
  }
  const entity: ResourceRequest = { route: own, path: { ...path, tail }, options, values };
  const reading = readingBack(entity, request, format, terms, context, transaction);
  const text = await entityText(reading);
  if (text === undefined) throw new Error("The media entity whose content was changed cannot be read.");
  const applied = appliedPreferences({ return: terms.preferences.return });
  return jsonResponse(200, entityBody(text, reading), format, terms.version, withEtag(applied, text));
}

/**
 * `DELETE` of a content. That of a stream property becomes null (section 11.4.8.2); a media entity is nothing without its own,
 * and goes with it (section 11.4.7.3).
 */
async function deleteMedia(
  resource: ResourceRequest,
  target: StreamTarget,
  request: ODataRequest,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  const { property } = target;
  const change = new MediaChange(resource, target, request, context);
  return context.store.transaction(async (transaction) => {
    if (property !== undefined) {
      await change.delete(transaction);
      return emptyResponse(204, terms.version);
    }
    await change.find(transaction);
    const entity: ResourceRequest = { ...resource, path: { ...resource.path, tail: { kind: "entity" } } };
    // The conditions were about the content; they hold.
    const { "if-match": expected, "if-none-match": _, ...headers } = request.headers;
    const checked = expected === undefined ? headers : { ...headers, "if-match": "*" };
    return remove(entity, { ...request, headers: checked }, terms, within(transaction, context));
  });
}

/**
 * Refuses what the service makes itself (`Core.Computed`), and what `UpdateRestrictions` and `DeleteRestrictions` do not let
 * clients do: a content is a part of its entity.
 *
 * @throws {ODataError} 405
 */
function checkWritable(
  resource: ResourceRequest,
  { property }: StreamTarget,
  method: string,
  context: ServiceContext,
): void {
  const left = allowedMethods(resource).split(", ");
  const capabilities = placeAt(resource, context)?.capabilities;
  const isOffered = (name: string): boolean => {
    if (name === "GET" || name === "HEAD" || capabilities === undefined) return true;
    if (name === "DELETE" && property === undefined) return capabilities.delete.deletable;
    const { patch, put, nonUpdatable } = capabilities.update;
    return (patch || put) && !(property !== undefined && nonUpdatable.has(property.name));
  };
  const allowed = left.filter(isOffered);
  if (!allowed.includes(method)) throw methodNotAllowed(method, allowed.join(", "));
}

/** A change of one content of one entity. */
class MediaChange {
  readonly #resource: ResourceRequest;
  readonly #target: StreamTarget;
  readonly #request: ODataRequest;
  readonly #context: ServiceContext;

  constructor(resource: ResourceRequest, target: StreamTarget, request: ODataRequest, context: ServiceContext) {
    this.#resource = resource;
    this.#target = target;
    this.#request = request;
    this.#context = context;
  }

  /**
   * The entity, and what its stream has.
   *
   * @throws {ODataError} 404 where it is not there, 412 where a condition does not hold, 428 where one is required
   */
  async find(reads: Pick<Transaction, "rows">): Promise<LocatedStream> {
    const { path } = this.#resource;
    const columns = valueColumns(this.#context.mapping.entity(path.type));
    const found = await locateStream(this.#resource, this.#target, this.#context, reads, columns);
    const media = await this.#context.media.find(reads, found.key);
    if (media === undefined) checkCreatable(this.#request);
    else {
      if (this.#request.headers["if-match"] === undefined && this.#isMatchRequired) throw preconditionRequired();
      checkConditions(this.#request, mediaEtag(media));
    }
    return found;
  }

  async put(transaction: Transaction, media: MediaFacts, modified: Date): Promise<void> {
    const found = await this.find(transaction);
    await this.#context.media.tie(transaction, found.key, media, modified);
    await this.#touch(found, media, transaction);
  }

  async delete(transaction: Transaction): Promise<void> {
    const found = await this.find(transaction);
    // Null already: nothing changes.
    if (await this.#context.media.untie(transaction, found.key)) await this.#touch(found, undefined, transaction);
  }

  get #isMatchRequired(): boolean {
    return requiresMatch(this.#resource, this.#context, this.#resource.path.segments.length);
  }

  /** Another content is a change of the entity: properties that tell of it follow, and so do its version and its instant. */
  async #touch({ located }: LocatedStream, media: MediaFacts | undefined, transaction: Transaction): Promise<void> {
    const payload = factsPayload(located.type, this.#target, media);
    const stored = storedValues(located.type, located.mapping, located.values);
    await new EntityRows(this.#context, transaction).update(located, stored, payload, "merge");
  }
}
