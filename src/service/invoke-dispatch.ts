import type { BoundPath } from "../binding/index.js";
import type { Awaitable } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import { writeToController } from "./controllers-write.js";
import { noSnapshot, wantsSnapshot } from "./isolation.js";
import { isGet } from "./methods.js";
import { carryOut } from "./operations.js";
import { readFromController } from "./read-memory.js";
import type { Reading } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { followRules } from "./rules.js";
import { checkMethod } from "./write-restrictions.js";

/**
 * Answers a request that methods of the service's own classes have to do with: operations, controllers that find their
 * entities themselves, and rules of those that are stored.
 *
 * @param reading makes the request's reading, which is not made for all others
 * @returns `undefined` for what the engine does alone
 */
export function byMethods(
  resource: ResourceRequest,
  request: ODataRequest,
  context: ServiceContext,
  reading: () => Reading,
): Awaitable<ODataResponse> | undefined {
  const [root] = resource.path.segments;
  if (root?.kind === "operation") return carryOut(reading(), root);
  if (isOfController(resource.path, context)) {
    if (isGet(request)) {
      if (wantsSnapshot(request)) throw noSnapshot("the entities are not in the store of this service.");
      return readFromController(reading());
    }
    checkMethod(resource, request, context);
    return writeToController(reading());
  }
  if (context.rules.size === 0) return undefined;
  if (!isGet(request)) checkMethod(resource, request, context);
  return followRules(resource, context, reading);
}

/** Whether what a path leads to is read from the store, so that its statements are worth keeping. */
export function isStored(path: BoundPath, context: ServiceContext): boolean {
  return path.segments[0]?.kind !== "operation" && !isOfController(path, context);
}

function isOfController({ segments: [root] }: BoundPath, { controllers }: ServiceContext): boolean {
  return controllers.sets.size > 0 && root?.kind === "entitySet" && controllers.sets.has(root.set);
}
