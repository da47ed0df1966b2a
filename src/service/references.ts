import { badRequest, notFound } from "../errors/index.js";
import { parseJson } from "../format/json-text.js";
import { requireJsonBody } from "../format/media.js";
import type { EntityPayload } from "../format/entity-reader.js";
import type { Transaction } from "../storage/index.js";
import { resolveReference } from "./bindings.js";
import type { ServiceContext } from "./context.js";
import type { Terms } from "./exchange.js";
import { emptyResponse } from "./exchange.js";
import type { Located } from "./locate.js";
import { entityKey, locate } from "./locate.js";
import type { Relationship } from "./relationship.js";
import { relationshipOf } from "./relationship.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { changedValues, storedValues, valueColumns } from "./values.js";

/** `POST .../$ref` and `PUT .../$ref`: Protocol 4.01, sections 11.4.6.1 and 11.4.6.3. */
export async function addReference(
  resource: ResourceRequest,
  request: ODataRequest,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  requireJsonBody(request.headers["content-type"]);
  const uri = readReference(request.body ?? "");
  return context.store.transaction(async (transaction) => {
    const { source, property } = await changeable(resource, context, transaction);
    const target = await resolveReference({ uri, target: "@odata.id" }, property, request, context, transaction);
    await context.links.tie(transaction, entityKey(source), property, entityKey(target));
    await touch(source, context, transaction);
    return emptyResponse(204, terms.version);
  });
}

/** `DELETE .../$ref`: Protocol 4.01, section 11.4.6.2. */
export async function removeReference(
  resource: ResourceRequest,
  request: ODataRequest,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  const { path, route, values } = resource;
  return context.store.transaction(async (transaction) => {
    const { source, property, length } = await changeable(resource, context, transaction);
    const keyed = path.segments.slice(length + 1).some((segment) => segment.kind === "key");
    let untied: boolean;
    if (!property.collection) untied = (await context.links.untieAll(transaction, entityKey(source), property)) > 0;
    else if (keyed || route.id !== undefined) {
      const target = keyed
        ? await locate(path.segments, context, transaction, { route, values })
        : await resolveReference({ uri: route.id!, target: "$id" }, property, request, context, transaction);
      untied =
        target !== undefined &&
        (await context.links.untie(transaction, entityKey(source), property, entityKey(target)));
    } else {
      throw badRequest(`'${property.name}' is a collection; say with $id which reference is to be removed.`, {
        target: "$id",
      });
    }
    if (!untied) throw notFound(`'${property.name}' holds no such reference.`, { target: property.name });
    await touch(source, context, transaction);
    return emptyResponse(204, terms.version);
  });
}

/** The relationship that a path with `$ref` addresses, where it can be changed. */
async function changeable(
  resource: ResourceRequest,
  context: ServiceContext,
  transaction: Transaction,
): Promise<Relationship> {
  const relationship = await relationshipOf(resource, context, transaction);
  if (relationship === undefined)
    throw badRequest("'$ref' with this method must follow a navigation property.", { target: "$ref" });
  const { property } = relationship;
  if (property.containsTarget) {
    throw badRequest(
      `'${property.name}' contains its entities: they cannot be tied or untied, only created and deleted.`,
      { target: property.name },
    );
  }
  return relationship;
}

/** A change of a relationship is a change of the entity that has it: its generated properties tell. */
async function touch(source: Located, context: ServiceContext, transaction: Transaction): Promise<void> {
  const generated = [...source.type.properties.values()].some(
    (property) => property.generated === "modifiedAt" || property.generated === "revision",
  );
  if (!generated) return;
  const columns = valueColumns(source.mapping);
  const row = await context.rows.select(transaction, source.mapping, columns, source.key);
  const nothing: EntityPayload = {
    type: source.type,
    properties: new Map(),
    dynamicProperties: new Map(),
    bindings: new Map(),
  };
  const values = changedValues(storedValues(source.type, source.mapping, row!), nothing, new Date());
  await context.rows.update(transaction, source.mapping, source.type, source.key, values);
}

/** The body `{"@odata.id": "..."}`; 4.01 also writes `@id` (JSON Format 4.01, section 14). */
function readReference(body: string | Buffer): string {
  const value = parseJson(typeof body === "string" ? body : body.toString("utf8"));
  if (value.kind === "object") {
    const id = value.members.get("@odata.id") ?? value.members.get("@id");
    if (id?.kind === "string") return id.value;
  }
  throw badRequest(`The body must be a reference: {"@odata.id": "URL of the entity"}.`, { target: "@odata.id" });
}
