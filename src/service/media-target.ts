import type { BoundPath } from "../binding/index.js";
import type { EntityType, Model, Property } from "../edm/index.js";
import { badRequest, notFound, notImplemented } from "../errors/index.js";
import type { StorageMapping } from "../query/index.js";
import { streamNames } from "../query/index.js";
import type { StreamKey } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import type { Located, Reads } from "./locate.js";
import { entityKey, explainMissing, locate } from "./locate.js";
import type { ResourceRequest } from "./route.js";

/** The stream that a path ends with: a media entity's own, or a property. */
export interface StreamTarget {
  readonly property: Property | undefined;
  /** As the store has it: empty for a media entity's own. */
  readonly name: string;
}

/** @returns `undefined` for a path that ends with something else */
export function streamTarget({ tail }: Pick<BoundPath, "tail">): StreamTarget | undefined {
  if (tail.kind === "media") return { property: undefined, name: "" };
  if (tail.kind !== "stream") return undefined;
  if (tail.path.length > 1 || tail.narrowing.length > 0) {
    throw notImplemented("This service keeps streams of entities, but none of complex values.", {
      target: tail.property.name,
    });
  }
  return { property: tail.property, name: tail.property.name };
}

/** A stored entity, and which of its streams is meant. */
export interface LocatedStream {
  readonly located: Located;
  readonly key: StreamKey;
}

/**
 * The stored entity whose stream a path leads to.
 *
 * @param columns further columns of its row
 * @throws {ODataError} 404 where it is not there, or its type has no such stream
 */
export async function locateStream(
  { path, route, values }: ResourceRequest,
  target: StreamTarget,
  context: ServiceContext,
  reads: Reads,
  columns?: readonly string[],
): Promise<LocatedStream> {
  const located = await locate(path.segments, context, reads, { route, values, ...(columns && { columns }) });
  if (located === undefined) {
    const missing = notFound("The navigation property leads to no entity, so there is no content.");
    throw (await explainMissing({ path, values }, context, reads)) ?? missing;
  }
  requireStream(located.type, target);
  return { located, key: { owner: entityKey(located), name: target.name } };
}

/** The entity's actual type decides what it has. */
function requireStream({ qualifiedName, hasStream, properties }: EntityType, { property }: StreamTarget): void {
  if (property === undefined) {
    if (hasStream) return;
    throw badRequest(`The entity is a '${qualifiedName}', which is no media entity and has no '$value'.`, {
      target: "$value",
    });
  }
  if (properties.get(property.name) === property) return;
  throw notFound(`The entity is a '${qualifiedName}', which has no property '${property.name}'.`, {
    target: property.name,
  });
}

/** Whether some entities of a store have streams. */
export function hasStreams({ schemas }: Model, mapping: StorageMapping): boolean {
  return schemas.some(({ entityTypes }) =>
    entityTypes.some((type) => mapping.isStored(type) && streamNames(type).length > 0),
  );
}

/** Whether the body of a request is a content, so that it should come as a stream. */
export function takesContent(method: string, { tail, collection, type }: BoundPath): boolean {
  if (method === "PUT") return tail.kind === "media" || tail.kind === "stream";
  return method === "POST" && tail.kind === "entity" && collection && type.hasStream;
}
