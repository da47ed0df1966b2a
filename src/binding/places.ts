import type { Model, NavigationProperty, Place } from "../edm/index.js";
import { isNavigable, placeBehind, placeOf } from "../edm/index.js";
import { badRequest } from "../errors/index.js";
import type { BoundExpression, BoundPath, BoundRequest, BoundVariable } from "./bound.js";
import { forEachPath } from "./paths.js";
import { checkBoundFilter, notTaken } from "./restrictions.js";

/**
 * Follows a path to where its entities live, and refuses a way that the model declares not to be there: keys, navigation
 * properties, `/$filter`, `/$count` (Org.OData.Capabilities.V1).
 *
 * @throws {ODataError} 501 for what is not offered
 */
export function placeOfPath({ segments, tail }: BoundPath, { container }: Model): Place {
  let place!: Place;
  for (const segment of segments) {
    switch (segment.kind) {
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
 * Checks that the model lets a resource be read, and in this way: `ReadRestrictions`, and the filter that
 * `FilterRestrictions` may require. Only requests that read have to pass.
 *
 * @throws {ODataError} 501 where the resource cannot be read, 400 where a filter is missing
 */
export function checkRead(request: BoundRequest, model: Model): void {
  if (request.kind !== "resource") return;
  const { path, options } = request;
  const { capabilities } = placeOfPath(path, model);
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
