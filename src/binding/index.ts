import type { Model } from "../edm/index.js";
import { badRequest, notFound, notImplemented } from "../errors/index.js";
import type { ODataUri } from "../syntax/index.js";
import type { BoundRequest } from "./bound.js";
import { bindOptions } from "./options.js";
import type { PathOptions } from "./path.js";
import { bindPath } from "./path.js";

export type * from "./bound.js";
export { bindPath } from "./path.js";
export type { PathOptions } from "./path.js";

/** Resources of the grammar that are no part of any model: URL Conventions 4.01, section 4. */
const systemResources: ReadonlySet<string> = new Set(["$batch", "$entity", "$all", "$crossjoin"]);

/**
 * Resolves a parsed request URL against the model: every name, key and type cast.
 *
 * @throws {ODataError} 404 where the path names nothing, 400 where an option does not fit, 501 for what is not offered
 * @example bindUri(parseUri("/Products(1)?$select=Name"), model, {})
 */
export function bindUri(uri: ODataUri, model: Model, options: PathOptions): BoundRequest {
  const [first, second] = uri.path.segments;
  if (first === undefined) return { kind: "serviceDocument" };
  if (first.name?.startsWith("$")) {
    if (first.name === "$metadata") {
      if (second !== undefined)
        throw notFound(`Nothing can follow '$metadata', but '${second.text.slice(0, 60)}' does.`);
      return { kind: "metadata" };
    }
    if (systemResources.has(first.name))
      throw notImplemented(`This service does not offer '${first.name}'.`, { target: first.name });
  }
  const path = bindPath(uri.path, model, options);
  const context = { ...options, model, aliases: uri.options.aliases };
  const collection = path.collection;
  const bound = bindOptions(uri.options, path.type, collection, context);
  if (path.tail.kind === "property" && (bound.select !== undefined || bound.expand.length > 0)) {
    throw badRequest("$select and $expand do not apply to a structural property.", { target: "$select" });
  }
  return { kind: "resource", path, options: bound };
}
