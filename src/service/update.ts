import { readEntity } from "../format/entity-reader.js";
import { requireJsonBody } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import type { ServiceContext } from "./context.js";
import type { UpdateMode } from "./entity-rows.js";
import { EntityWriter } from "./entity-writer.js";
import { withEtag, withEtagHeader } from "./etag.js";
import type { Terms } from "./exchange.js";
import { appliedPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import { locate } from "./locate.js";
import { checkPreconditions, etagAt } from "./preconditions.js";
import { entityBody, entityText } from "./read.js";
import { readingBack } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import { waitsForStore } from "./request-store.js";
import type { ResourceRequest } from "./route.js";
import { insertAt } from "./upsert.js";
import { currentValue, storedValues, valueColumns } from "./values.js";
import { placeAt, writtenBy } from "./write-restrictions.js";

/**
 * `PATCH` and `PUT` of an entity: Protocol 4.01, sections 11.4.3 and 11.4.4. Where it is not there it is created, if its
 * place and the request allow it.
 */
export async function update(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
  mode: UpdateMode,
): Promise<ODataResponse> {
  requireJsonBody(request.headers["content-type"]);
  const { preferences, bodyVersion: version } = terms;
  const { path, route, values } = resource;
  const columns = valueColumns(context.mapping.entity(path.type));
  const place = placeAt(resource, context);

  return context.store.transaction(async (transaction) => {
    const located = await locate(path.segments, context, transaction, { columns, route, values });
    if (located === undefined) return insertAt(resource, request, format, terms, context, transaction);
    await checkPreconditions(resource, request, context, transaction);
    const stored = storedValues(located.type, located.mapping, located.values);
    const payload = readEntity(request.body ?? "", path.type, {
      model: context.model,
      operation: "update",
      current: located.type,
      currentValue: currentValue(stored, mode),
      version,
      ...writtenBy(context, place?.capabilities.update.nonUpdatable),
    });
    const writer = new EntityWriter({ request, version, context, transaction, place });
    await writer.update(located, stored, payload, mode);
    const applied = appliedPreferences({ return: preferences.return });
    if (preferences.return === "minimal") {
      const etag = await etagAt(resource, context, transaction);
      return emptyResponse(204, terms.version, withEtagHeader(applied, etag));
    }
    const reading = readingBack(resource, request, format, terms, context, transaction);
    const text = await entityText(reading);
    // The change may have taken the entity away from the path by which it was reached.
    if (text === undefined) return emptyResponse(204, terms.version, applied);
    const body = writer.contentIds.annotate(entityBody(text, reading), path.type, context.model);
    return jsonResponse(200, body, format, terms.version, withEtag(applied, text));
  }, waitsForStore);
}
