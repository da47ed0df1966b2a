import type { BoundPath, EntitySegment } from "../binding/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import type { JsonFormat } from "../format/media.js";
import type { Transaction } from "../storage/index.js";
import type { ContentIds } from "./content-ids.js";
import type { ServiceContext } from "./context.js";
import { deepOptions, deepShape, shapeName } from "./deep-response.js";
import { withEtag, withEtagHeader } from "./etag.js";
import type { Terms } from "./exchange.js";
import { appliedPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import type { Located } from "./locate.js";
import { keyScalars } from "./locate.js";
import { etagAt } from "./preconditions.js";
import { entityBody, entityText } from "./read.js";
import { readingBack } from "./reading.js";
import type { Relationship } from "./relationship.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest, ResourceRoute } from "./route.js";
import { keySegment, SlotInput } from "./route.js";

/** An entity that a request has created. */
export interface Creation {
  /** The request's resource: the collection, or where the entity was not yet. */
  readonly resource: ResourceRequest;
  readonly payload: EntityPayload;
  readonly created: Located;
  readonly parent: Relationship | undefined;
  /** What the client calls the entities of its payload. */
  readonly contentIds?: ContentIds | undefined;
}

/** 201 with the new entity, or 204 where the client wants none; its URL in `Location` (Protocol 4.01, section 11.4.2). */
export async function answerCreated(
  { resource, payload, created, parent, contentIds }: Creation,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
  transaction: Transaction,
): Promise<ODataResponse> {
  const { path } = resource;
  const { preferences } = terms;
  const key = keyScalars(created);
  const location = `${request.serviceRoot}${context.urls.entityPath(created.type, key, canonicalSegments(path, parent, context))}`;
  const headers = { location, ...appliedPreferences({ return: preferences.return }) };
  const segments: readonly EntitySegment[] = path.collection
    ? [...path.segments, keySegment(path.type, key)]
    : path.segments;
  const route = createdRoute(resource, payload, context);
  const entity: ResourceRequest = {
    route,
    path: { ...path, segments, collection: false },
    options: route.request.options,
    values: SlotInput.of(segments, resource.values),
  };
  if (preferences.return === "minimal") {
    const etag = await etagAt(entity, context, transaction);
    return emptyResponse(204, terms.version, withEtagHeader({ ...headers, "odata-entityid": location }, etag));
  }
  const reading = readingBack(entity, request, format, terms, context, transaction);
  const text = await entityText(reading);
  if (text === undefined) throw new Error("The entity that was created cannot be read.");
  const body = entityBody(text, reading);
  const named = contentIds?.annotate(body, path.type, context.model) ?? body;
  return jsonResponse(201, named, format, terms.version, withEtag(headers, text));
}

/** The answer's statement is another one than that of a read of the collection, and it depends on what the payload has inline. */
function createdRoute(
  { route, options, path: { type } }: ResourceRequest,
  payload: EntityPayload,
  { model }: Pick<ServiceContext, "model">,
): ResourceRoute {
  const shape = deepShape(payload, model);
  if (shape === undefined) return route.branch("created", () => route.request);
  return route.branch(`created ${shapeName(shape)}`, () => ({
    ...route.request,
    options: deepOptions(options, shape, type),
  }));
}

/** The path to the new entity that starts at its parent's canonical URL, where that has one of its own. */
function canonicalSegments(
  path: BoundPath,
  parent: Relationship | undefined,
  context: ServiceContext,
): readonly EntitySegment[] {
  if (parent === undefined) return path.segments;
  const { source, length } = parent;
  const home = context.urls.homeSegments(source.type, keyScalars(source));
  return home === undefined ? path.segments : [...home, ...path.segments.slice(length)];
}
