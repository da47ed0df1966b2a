import { notFound } from "../errors/index.js";
import type { ServiceContext } from "./context.js";
import { EntityWriter } from "./entity-writer.js";
import type { Terms } from "./exchange.js";
import { emptyResponse } from "./exchange.js";
import { explainMissing, locate } from "./locate.js";
import { checkPreconditions } from "./preconditions.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import { waitsForStore } from "./request-store.js";
import type { ResourceRequest } from "./route.js";

/**
 * `DELETE` of an entity, with what it contains and with the ties to it: Protocol 4.01, section 11.4.5. What becomes of related
 * entities their on-delete actions say.
 */
export async function remove(
  resource: ResourceRequest,
  request: ODataRequest,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  const { path, route, values } = resource;
  return context.store.transaction(async (transaction) => {
    const located = await locate(path.segments, context, transaction, { route, values });
    if (located === undefined) {
      throw (
        (await explainMissing(resource, context, transaction)) ??
        notFound("The navigation property leads to no entity that could be deleted.")
      );
    }
    await checkPreconditions(resource, request, context, transaction);
    await new EntityWriter({ request, version: terms.bodyVersion, context, transaction }).remove(located);
    return emptyResponse(204, terms.version);
  }, waitsForStore);
}
