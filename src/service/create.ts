import { badRequest } from "../errors/index.js";
import { readEntity } from "../format/entity-reader.js";
import { requireJsonBody } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import type { Transaction } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import { answerCreated } from "./created.js";
import { EntityWriter } from "./entity-writer.js";
import type { Terms } from "./exchange.js";
import type { Relationship } from "./relationship.js";
import { relationshipOf } from "./relationship.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { waitsForStore } from "./request-store.js";
import { placeAt, writtenBy } from "./write-restrictions.js";

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
  const { bodyVersion: version } = terms;
  const place = placeAt(resource, context);
  const payload = readEntity(request.body ?? "", resource.path.type, {
    model: context.model,
    operation: "create",
    version,
    ...writtenBy(context, place?.capabilities.insert.nonInsertable),
  });

  return context.store.transaction(async (transaction) => {
    const parent = await parentOf(resource, context, transaction);
    const writer = new EntityWriter({ request, version, context, transaction, place });
    const created = await writer.create(payload, parent);
    const creation = { resource, payload, created, parent, contentIds: writer.contentIds };
    return answerCreated(creation, request, format, terms, context, transaction);
  }, waitsForStore);
}

/** Options that shape a collection have no meaning for the one entity that is answered. */
export function refuseCollectionOptions({ options }: ResourceRequest): void {
  for (const name of ["filter", "orderby", "top", "skip", "count"] as const) {
    if (options[name] !== undefined)
      throw badRequest(`$${name} is for requests that read a collection.`, { target: `$${name}` });
  }
}

/** What a new entity is created under; `undefined` in an entity set, or among all that a singleton contains. */
export async function parentOf(
  resource: ResourceRequest,
  context: ServiceContext,
  transaction: Transaction,
): Promise<Relationship | undefined> {
  const navigation = resource.path.segments.findLast((segment) => segment.kind === "navigation");
  const isExtent =
    navigation?.kind === "navigation" && context.mapping.navigation(navigation.alternatives[0]!).kind === "extent";
  return isExtent ? undefined : relationshipOf(resource, context, transaction);
}
