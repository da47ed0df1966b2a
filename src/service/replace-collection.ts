import { readCollectionPayload } from "../format/delta-reader.js";
import { readObject } from "../format/entity-reader.js";
import { requireJsonBody } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import { answerCollection } from "./collection.js";
import type { ServiceContext } from "./context.js";
import { checkCollection, collectionOf } from "./delta-payload.js";
import { locateAll } from "./entity-rows.js";
import { EntityWriter } from "./entity-writer.js";
import type { Terms } from "./exchange.js";
import { appliedPreferences, emptyResponse } from "./exchange.js";
import { keyed } from "./members.js";
import { collectionSource } from "./read.js";
import { readingBack } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { placeAt } from "./write-restrictions.js";

/**
 * `PUT` of a collection of entities: Protocol 4.01, section 11.4.13. The entities of the body are all that there are then;
 * others are deleted, or, where the collection only refers to them, leave it.
 */
export async function replaceCollection(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  requireJsonBody(request.headers["content-type"]);
  checkCollection(resource);
  const items = readCollectionPayload(readObject(request.body ?? ""));
  const { bodyVersion: version, preferences } = terms;
  const { segments, type } = resource.path;
  await context.store.transaction(async (transaction) => {
    const place = placeAt(resource, context);
    const writer = new EntityWriter({ request, version, context, transaction, place });
    const collection = await collectionOf(resource, writer, context, transaction);
    const current = collection.current ?? keyed(await locateAll(segments, type, context, transaction));
    await writer.replaceAll({ ...collection, current }, items);
  });
  const applied = appliedPreferences({ return: preferences.return });
  // Who goes on behind errors wants to see what there is then, whatever else is preferred.
  if (preferences.return === "minimal" && preferences.continueOnError !== true)
    return emptyResponse(204, terms.version, applied);
  // Read when all is kept: a large collection is a stream, which no transaction waits for.
  const reading = readingBack(resource, request, format, terms, context, context.store.reader);
  const answer = await answerCollection(reading, collectionSource(reading));
  return { ...answer, headers: { ...answer.headers, ...applied } };
}
