import type { BoundRequest } from "../binding/index.js";
import { bindPath } from "../binding/index.js";
import { badRequest, notFound, ODataError } from "../errors/index.js";
import { parsePath } from "../syntax/index.js";
import { splitUrl, withoutOptions } from "./canonical-query.js";
import type { ServiceContext } from "./context.js";
import type { ODataRequest } from "./request.js";

/**
 * The request for the entity that `$entity?$id=...` means: Protocol 4.01, section 11.2.9.
 *
 * @throws {ODataError} 404 where the id is no URL of a single entity of this service
 * @example // $entity/Shop.Book?$id=Products(1)&$select=isbn becomes Products(1)/Shop.Book?$select=isbn
 */
export function entityRequest(
  { id, type }: Extract<BoundRequest, { readonly kind: "entityId" }>,
  request: ODataRequest,
  context: ServiceContext,
): ODataRequest {
  const path = entityPath(id, request.serviceRoot, context);
  const options = withoutOptions(splitUrl(request.url)[1], "id");
  const cast = type === undefined ? "" : `/${type.qualifiedName}`;
  return { ...request, url: `/${path}${cast}${options === "" ? "" : `?${options}`}` };
}

function entityPath(id: string, serviceRoot: string, context: ServiceContext): string {
  const shown = `'${id.slice(0, 200)}' in $id`;
  let isEntity: boolean;
  let path: string;
  try {
    path = relativePath(id, serviceRoot, context);
    const { tail, collection } = bindPath(parsePath(path), context.model, context.behaviour);
    isEntity = tail.kind === "entity" && !collection;
  } catch (error) {
    if (!(error instanceof ODataError)) throw error;
    throw notFound(`${shown} is no URL of an entity of this service: ${error.message}`, { target: "$id" });
  }
  if (!isEntity) throw notFound(`${shown} is not the URL of a single entity.`, { target: "$id" });
  return path;
}

/**
 * The path, relative to the service root, of a URL that names an entity of this service: absolute, under the root or one of
 * those that stand for it, or relative to the root.
 *
 * @throws {ODataError} 400 for a URL of another service
 */
export function relativePath(uri: string, serviceRoot: string, { behaviour }: ServiceContext): string {
  const withoutQuery = uri.split(/[?#]/, 1)[0]!;
  for (const root of [serviceRoot, ...(behaviour.alternateRoots ?? [])]) {
    if (withoutQuery.startsWith(root)) return withoutQuery.slice(root.length);
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(withoutQuery)) throw badRequest("it belongs to another service.");
  const rootPath = new URL(serviceRoot).pathname;
  if (withoutQuery.startsWith(rootPath) && rootPath !== "/") return withoutQuery.slice(rootPath.length);
  return withoutQuery.replace(/^\//, "");
}
