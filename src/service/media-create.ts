import { badRequest } from "../errors/index.js";
import type { JsonFormat } from "../format/media.js";
import type { ServiceContext } from "./context.js";
import { parentOf, refuseCollectionOptions } from "./create.js";
import { answerCreated } from "./created.js";
import { EntityWriter } from "./entity-writer.js";
import type { Terms } from "./exchange.js";
import { entityKey } from "./locate.js";
import { factsPayload, slugOf } from "./media-facts.js";
import type { StreamTarget } from "./media-target.js";
import { upload, uploadType } from "./media-upload.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { placeAt } from "./write-restrictions.js";

const ownStream: StreamTarget = { property: undefined, name: "" };

/**
 * `POST` to a collection of media entities: Protocol 4.01, section 11.4.7.1. The body is the content, whatever its media type,
 * JSON too; the entity gets the values that tell of the content, those that the service makes, and defaults.
 */
export async function createMedia(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  refuseCollectionOptions(resource);
  const { type } = resource.path;
  if (type.abstract) {
    throw badRequest(
      `'${type.qualifiedName}' is abstract: put a type-cast segment behind the path that says of which type the entity is.`,
    );
  }
  const contentType = uploadType(request, type, ownStream);
  const slug = slugOf(request);
  // A media type that is too long for its property is refused before anything is read.
  factsPayload(type, ownStream, { contentType, size: 0, id: "", digest: "" }, slug);
  const media = await upload(request, contentType, context);
  const payload = factsPayload(type, ownStream, media, slug);
  const { bodyVersion: version } = terms;
  const place = placeAt(resource, context);
  const modified = new Date();
  try {
    return await context.store.transaction(async (transaction) => {
      const parent = await parentOf(resource, context, transaction);
      const created = await new EntityWriter({ request, version, context, transaction, place }).create(payload, parent);
      const key = { owner: entityKey(created), name: ownStream.name };
      await context.media.tie(transaction, key, media, modified);
      return answerCreated({ resource, payload, created, parent }, request, format, terms, context, transaction);
    });
  } catch (error) {
    await context.media.discard((work) => context.store.transaction(work), media.id).catch(() => undefined);
    throw error;
  }
}
