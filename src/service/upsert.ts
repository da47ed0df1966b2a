import type { KeySegment } from "../binding/index.js";
import { notFound } from "../errors/index.js";
import type { ODataError } from "../errors/index.js";
import { readEntityObject, readObject } from "../format/entity-reader.js";
import type { JsonFormat } from "../format/media.js";
import type { SqlValue } from "../query/index.js";
import { parameter } from "../query/index.js";
import type { Transaction } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import { parentOf } from "./create.js";
import { answerCreated } from "./created.js";
import { EntityWriter } from "./entity-writer.js";
import type { Terms } from "./exchange.js";
import { isChosenKey } from "./identify.js";
import { explainMissing } from "./locate.js";
import { keyOfSegment, withKey } from "./members.js";
import { checkCreatable } from "./preconditions.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { placeAt, writtenBy } from "./write-restrictions.js";

/**
 * Creates the entity that a `PATCH` or `PUT` addresses where nothing is: Protocol 4.01, section 11.4.4. Its key stands in the
 * URL, or it is the one that a single-valued navigation property contains.
 *
 * @throws {ODataError} 404 where it cannot be created in this way: the service makes its key, it is a media entity, it would
 *   be related and not contained, or its place does not allow it; 412 where the request says that it must be there
 */
export async function insertAt(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
  transaction: Transaction,
): Promise<ODataResponse> {
  const place = placeAt(resource, context);
  const key = place?.capabilities.update.upsertable === false ? undefined : upsertKey(resource);
  if (key === undefined) throw await missing(resource, context, transaction);
  checkCreatable(request);
  const { bodyVersion: version } = terms;
  const { path } = resource;
  const writer = new EntityWriter({ request, version, context, transaction, place });
  // Where it is there, but not here, it is not what the URL means.
  const elsewhere = key.segment === undefined ? undefined : await writer.rows.find(path.type, sqlKey(key.segment));
  if (elsewhere !== undefined) throw await missing(resource, context, transaction);
  // A key in the body gives way to that of the URL.
  const body = readObject(request.body ?? "");
  const named = key.segment === undefined ? body : withKey(body, keyOfSegment(key.segment));
  const payload = readEntityObject(named, path.type, {
    model: context.model,
    operation: "create",
    version,
    ...writtenBy(context, place?.capabilities.insert.nonInsertable),
  });
  const parent = await parentOf(resource, context, transaction);
  const created = await writer.create(payload, parent);
  const creation = { resource, payload, created, parent, contentIds: writer.contentIds };
  return answerCreated(creation, request, format, terms, context, transaction);
}

/** The key that an entity would be created with: none for one that a single-valued navigation property contains. */
interface UpsertKey {
  readonly segment: KeySegment | undefined;
}

/** @returns `undefined` where nothing can be created at the end of the path */
function upsertKey({ path: { segments, type } }: ResourceRequest): UpsertKey | undefined {
  if (type.hasStream || segments[0]?.kind === "operation") return undefined;
  const last = segments.findLast(({ kind }) => kind !== "cast");
  if (last?.kind === "navigation") {
    const contained = !last.collection && last.alternatives[0]!.containsTarget;
    return contained ? { segment: undefined } : undefined;
  }
  if (last?.kind !== "key" || !isChosenKey(last, type)) return undefined;
  const isNarrowed = segments.some(({ kind }) => kind === "filter" || kind === "ordinal");
  return isNarrowed ? undefined : { segment: last };
}

function sqlKey({ properties, values }: KeySegment): SqlValue[] {
  return properties.map((property, index) => parameter(values[index]!, property.type));
}

async function missing(
  resource: ResourceRequest,
  context: ServiceContext,
  transaction: Transaction,
): Promise<ODataError> {
  return (
    (await explainMissing(resource, context, transaction)) ??
    notFound("The navigation property leads to no entity that could be changed.")
  );
}
