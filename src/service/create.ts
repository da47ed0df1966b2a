import type { BoundPath, EntitySegment } from "../binding/index.js";
import { badRequest } from "../errors/index.js";
import { readEntity } from "../format/entity-reader.js";
import type { EntityPayload } from "../format/entity-reader.js";
import { requireJsonBody } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import type { SqlValue } from "../query/index.js";
import type { EntityKey, EntityValues, ForeignKeys, Transaction } from "../storage/index.js";
import { toSql } from "../storage/index.js";
import { hasControlCharacter } from "../syntax/index.js";
import { applyBindings, foreignKeysOf } from "./bindings.js";
import type { ServiceContext } from "./context.js";
import type { Terms } from "./exchange.js";
import { appliedPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import type { Located } from "./locate.js";
import { entityKey, keyScalars } from "./locate.js";
import { withEtag } from "./etag.js";
import { entityBody, entityText } from "./read.js";
import { readingBack } from "./reading.js";
import type { Relationship } from "./relationship.js";
import { relationshipOf } from "./relationship.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest, ResourceRoute } from "./route.js";
import { keySegment, SlotInput } from "./route.js";
import { newValues } from "./values.js";

/** The answer's statement is another one than that of a read of the collection; it is kept with the collection's route. */
const createdRoutes = new WeakMap<ResourceRoute, ResourceRoute>();

/** `POST` to a collection of entities: Protocol 4.01, section 11.4.2. */
export async function create(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  requireJsonBody(request.headers["content-type"]);
  refuseCollectionOptions(resource);
  const { preferences } = terms;
  const { path, options } = resource;
  const payload = readEntity(request.body ?? "", path.type, {
    model: context.model,
    operation: "create",
    version: terms.bodyVersion,
  });
  const values = newValues(payload, new Date());
  requireKey(payload);

  return context.store.transaction(async (transaction) => {
    const parent = await parentOf(resource, context, transaction);
    const { foreignKeys, others } = await foreignKeysOf(payload, request, context, transaction);
    const created = await insert(payload, values, parent, foreignKeys, context, transaction);
    const own: EntityKey = { mapping: created.mapping, key: created.key };
    if (parent !== undefined && context.mapping.navigation(parent.property).kind !== "targetColumn") {
      await context.links.tie(transaction, entityKey(parent.source), parent.property, own);
    }
    await applyBindings(own, others, request, context, transaction);

    const key = keyScalars(created);
    const location = `${request.serviceRoot}${context.urls.entityPath(payload.type, key, canonicalSegments(path, parent, context))}`;
    const headers = { location, ...appliedPreferences({ return: preferences.return }) };
    if (preferences.return === "minimal")
      return emptyResponse(204, terms.version, { ...headers, "odata-entityid": location });
    const segments: EntitySegment[] = [...path.segments, keySegment(path.type, key)];
    const entity: ResourceRequest = {
      route: createdRoute(resource.route),
      path: { ...path, segments, collection: false },
      options,
      values: SlotInput.of(segments, resource.values),
    };
    const reading = readingBack(entity, request, format, terms, context, transaction);
    const text = await entityText(reading);
    if (text === undefined) throw new Error("The entity that was created cannot be read.");
    return jsonResponse(201, entityBody(text, reading), format, terms.version, withEtag(headers, text));
  });
}

function createdRoute(route: ResourceRoute): ResourceRoute {
  let created = createdRoutes.get(route);
  if (created === undefined) createdRoutes.set(route, (created = route.twin()));
  return created;
}

/** Options that shape a collection have no meaning for the one entity that is answered. */
export function refuseCollectionOptions({ options }: ResourceRequest): void {
  for (const name of ["filter", "orderby", "top", "skip", "count"] as const) {
    if (options[name] !== undefined)
      throw badRequest(`$${name} is for requests that read a collection.`, { target: `$${name}` });
  }
}

/** A key that the service does not make must come from the client, and must be one that a URL can hold. */
function requireKey(payload: EntityPayload): void {
  for (const property of payload.type.key) {
    if (property.generated !== undefined) continue;
    const text = payload.properties.get(property);
    if (text === undefined) {
      throw badRequest(`The key property '${property.name}' of '${payload.type.qualifiedName}' has no value.`, {
        target: property.name,
      });
    }
    if (text.startsWith('"') && hasControlCharacter(JSON.parse(text) as string)) {
      throw badRequest(`The key '${property.name}' has a control character, which no URL can hold.`, {
        target: property.name,
      });
    }
  }
}

/** What a new entity is created under; `undefined` in an entity set, or among all that a singleton contains. */
async function parentOf(
  resource: ResourceRequest,
  context: ServiceContext,
  transaction: Transaction,
): Promise<Relationship | undefined> {
  const navigation = resource.path.segments.findLast((segment) => segment.kind === "navigation");
  const isExtent =
    navigation?.kind === "navigation" && context.mapping.navigation(navigation.alternatives[0]!).kind === "extent";
  return isExtent ? undefined : relationshipOf(resource, context, transaction);
}

async function insert(
  payload: EntityPayload,
  values: EntityValues,
  parent: Relationship | undefined,
  bound: ForeignKeys,
  context: ServiceContext,
  transaction: Transaction,
): Promise<Located> {
  const { type } = payload;
  const mapping = context.mapping.entity(type);
  const foreignKeys = new Map<string, SqlValue>();
  if (parent !== undefined) {
    const how = context.mapping.navigation(parent.property);
    if (how.kind === "targetColumn") foreignKeys.set(how.column, parent.source.key[0]!);
  }
  for (const [column, value] of bound) {
    if (foreignKeys.has(column) && foreignKeys.get(column) !== value) {
      throw badRequest("The body ties the new entity to another one than the path does.", {
        target: parent!.property.name,
      });
    }
    foreignKeys.set(column, value);
  }
  await context.rows.insert(transaction, mapping, type, values, foreignKeys);
  const key = type.key.map((property) =>
    toSql(values.properties.get(property.name)!, mapping.columns.get(property.name)!.kind),
  );
  return { type, mapping, key, values: [] };
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
