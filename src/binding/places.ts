import type { Model, NavigationProperty, Place } from "../edm/index.js";
import { isNavigable, placeBehind, placeOf } from "../edm/index.js";
import { badRequest } from "../errors/index.js";
import type { BoundExpression, BoundPath, BoundRequest, BoundVariable, OperationSegment } from "./bound.js";
import { placeOfType, resultHome } from "./operation-result.js";
import { forEachPath } from "./paths.js";
import { checkBoundFilter, notTaken } from "./restrictions.js";

/**
 * Follows a path to where its entities live, and refuses a way that the model declares not to be there: keys, navigation
 * properties, `/$filter`, `/$count` (Org.OData.Capabilities.V1).
 *
 * @throws {ODataError} 501 for what is not offered
 */
export function placeOfPath({ segments, tail }: BoundPath, model: Model): Place {
  const { container } = model;
  let place!: Place;
  for (const segment of segments) {
    switch (segment.kind) {
      case "operation": {
        // The binding parameter is reached like any resource, whether the result has to do with its place or not. Its path is
        // followed once: it may begin with a call itself, and so on.
        const from = segment.binding === undefined ? undefined : placeOfPath(segment.binding, model);
        place = resultHome(segment, model, from) ?? placeOfType(segment.type, container);
        break;
      }
      case "entitySet":
        place = placeOf(segment.set, container);
        break;
      case "singleton":
        place = placeOf(segment.singleton, container);
        break;
      case "key":
        if (!place.capabilities.indexableByKey) throw notTaken("A key");
        break;
      case "navigation": {
        const navigation: NavigationProperty = segment.alternatives[0]!;
        if (!isNavigable(place, navigation)) throw notTaken(`The way over '${segment.name}'`);
        place = placeBehind(place, navigation, container);
        break;
      }
      case "filter":
        if (!place.capabilities.filter.filterable) throw notTaken("$filter");
        checkBoundFilter(segment.condition, segment.variable, place.capabilities);
        break;
      case "cast":
      case "ordinal":
    }
  }
  const { count } = place.capabilities;
  if (tail.kind === "count" && !count.countable) throw notTaken("$count");
  if (tail.kind === "property" && tail.count && count.nonCountable.has(tail.path.map(({ name }) => name).join("/"))) {
    throw notTaken("$count");
  }
  return place;
}

/**
 * Where the entities that an operation gives back are at home: in the entity set of the import by which it was called, or
 * where its entity set path leads to from the binding parameter (CSDL 4.01, sections 12.6 and 13.6.3).
 *
 * @returns `undefined` where the model does not say: the answer's context URL then names the type alone
 * @example homeOf(segment, model)?.root?.name // "Products"
 */
export function homeOf(segment: OperationSegment, model: Model): Place | undefined {
  const { binding } = segment;
  return resultHome(segment, model, binding === undefined ? undefined : placeOfPath(binding, model));
}

/**
 * Checks that the model lets a resource be read, and in this way: `ReadRestrictions`, and the filter that
 * `FilterRestrictions` may require. Only requests that read have to pass.
 *
 * @throws {ODataError} 501 where the resource cannot be read, 400 where a filter is missing
 */
export function checkRead(request: BoundRequest, model: Model): void {
  if (request.kind !== "resource") return;
  const { path, options } = request;
  if (options.index !== undefined) {
    throw badRequest("$index says where a new item goes, so it belongs to a POST; what is read has /0, /1 and so on.", {
      target: "$index",
    });
  }
  const { capabilities } = placeOfPath(path, model);
  // What an operation gives back can be had where the operation can be called.
  const isResult = path.segments[0]?.kind === "operation";
  if (isResult && !path.segments.some(({ kind }) => kind === "navigation")) return;
  const keyed = path.segments.at(-1)?.kind === "key" || !path.collection;
  if (keyed ? !capabilities.read.readableByKey : !capabilities.read.readable) throw notTaken("Reading");
  if (keyed || path.tail.kind === "property") return;
  const { requiresFilter, required } = capabilities.filter;
  const filters: (readonly [BoundExpression, BoundVariable])[] = path.segments.flatMap((segment) =>
    segment.kind === "filter" ? [[segment.condition, segment.variable] as const] : [],
  );
  if (options.filter !== undefined) filters.push([options.filter, options.variable]);
  if (filters.length === 0 && (requiresFilter || required.length > 0)) {
    throw badRequest("This collection is to be read with a $filter, as the metadata of the service says.", {
      target: "$filter",
    });
  }
  const used = new Set<string>();
  for (const [filter, variable] of filters) forEachPath(filter, variable, (names) => void used.add(names.join("/")));
  const missing = required.filter((name) => !used.has(name));
  if (missing.length > 0) {
    const names = missing.map((name) => `'${name}'`).join(", ");
    throw badRequest(`The $filter has to have a condition on ${names}, as the metadata of the service says.`, {
      target: "$filter",
    });
  }
}
