import { notFound } from "../errors/index.js";
import { readEntity } from "../format/entity-reader.js";
import { requireJsonBody } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import { applyBindings } from "./bindings.js";
import type { ServiceContext } from "./context.js";
import type { Terms } from "./exchange.js";
import { appliedPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import { entityKey, explainMissing, locate } from "./locate.js";
import { checkPreconditions } from "./preconditions.js";
import { withEtag } from "./etag.js";
import { entityBody, entityText } from "./read.js";
import { readingBack } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { changedValues, storedValues, valueColumns } from "./values.js";

/** `PATCH` of an entity: Protocol 4.01, section 11.4.3. */
export async function update(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  requireJsonBody(request.headers["content-type"]);
  const { preferences } = terms;
  const { path, route, values } = resource;
  const columns = valueColumns(context.mapping.entity(path.type));

  return context.store.transaction(async (transaction) => {
    const located = await locate(path.segments, context, transaction, { columns, route, values });
    if (located === undefined) {
      throw (
        (await explainMissing(resource, context, transaction)) ??
        notFound("The navigation property leads to no entity that could be changed.")
      );
    }
    await checkPreconditions(resource, request, context, transaction);
    const stored = storedValues(located.type, located.mapping, located.values);
    const payload = readEntity(request.body ?? "", path.type, {
      model: context.model,
      operation: "update",
      current: located.type,
      currentValue: (property) => stored.properties.get(property.name),
      version: terms.bodyVersion,
    });
    // A body that says nothing changes nothing: no new version, no new instant.
    if (payload.properties.size + payload.dynamicProperties.size + payload.bindings.size > 0) {
      const changed = changedValues(stored, payload, new Date());
      await context.rows.update(transaction, located.mapping, located.type, located.key, changed);
      await applyBindings(entityKey(located), payload.bindings, request, context, transaction);
    }
    const applied = appliedPreferences({ return: preferences.return });
    if (preferences.return === "minimal") return emptyResponse(204, terms.version, applied);
    const reading = readingBack(resource, request, format, terms, context, transaction);
    const text = await entityText(reading);
    // The change may have taken the entity away from the path by which it was reached.
    if (text === undefined) return emptyResponse(204, terms.version, applied);
    return jsonResponse(200, entityBody(text, reading), format, terms.version, withEtag(applied, text));
  });
}
