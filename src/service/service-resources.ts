import { ODataError } from "../errors/index.js";
import type { Awaitable } from "../storage/index.js";
import type { AsyncRequests } from "./async.js";
import { answerBatch } from "./batch.js";
import type { ServiceContext } from "./context.js";
import { agree, emptyResponse, preferencesOf } from "./exchange.js";
import type { ODataRequest, ODataResponse, ServiceResource } from "./request.js";
import { serviceResource } from "./request.js";

/**
 * Answers a request from outside: a batch, a status monitor, or a request for the model's resources; later, where the client
 * prefers it so. What a batch holds, and what a rule asks for, does not come here: neither is a batch or asynchronous.
 */
export function answerFromOutside(
  request: ODataRequest,
  context: ServiceContext,
  asyncRequests: AsyncRequests,
): Awaitable<ODataResponse> {
  const resource = serviceResource(request.url);
  if (resource?.kind === "monitor") return asyncRequests.monitor(request, resource.id);
  const { prefer } = request.headers;
  if (prefer !== undefined) {
    const preferences = preferencesOf(prefer);
    // A body that is still on its way is read before anything is answered, so there is nothing to be gained.
    if (preferences.respondAsync === true && request.content === undefined)
      return asyncRequests.answer(request, preferences, context, (inner) => answerNow(resource, request, inner));
  }
  return answerNow(resource, request, context);
}

function answerNow(
  resource: ServiceResource | undefined,
  request: ODataRequest,
  context: ServiceContext,
): Awaitable<ODataResponse> {
  if (request.method === "OPTIONS") return answerOptions(resource, request, context);
  return resource === undefined ? context.answer(request, context) : answerBatch(request, context);
}

/** What can be done with a resource, as a request that cannot be done is told (RFC 9110, section 9.3.7). */
async function answerOptions(
  resource: ServiceResource | undefined,
  request: ODataRequest,
  context: ServiceContext,
): Promise<ODataResponse> {
  const { version } = agree(request);
  try {
    return await (resource === undefined ? context.answer(request, context) : answerBatch(request, context));
  } catch (error) {
    const allow = error instanceof ODataError && error.status === 405 ? error.headers["allow"] : undefined;
    if (allow === undefined) throw error;
    return emptyResponse(204, version, { allow });
  }
}
