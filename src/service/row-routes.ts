import type { BoundOptions, BoundPath, EntitySegment } from "../binding/index.js";
import type { EntitySet, EntityType } from "../edm/index.js";
import type { SqlContext, SqlValue } from "../query/index.js";
import type { ServiceContext } from "./context.js";
import { keyScalarsOf } from "./locate.js";
import type { ResourceRoute } from "./route.js";
import { keySegment, Route } from "./route.js";

/** A path to a stored entity that does not say where it is at home. */
export function rowSegments(type: EntityType, key: readonly SqlValue[]): EntitySegment[] {
  const set: EntitySet = {
    kind: "entitySet",
    name: type.name,
    entityType: type,
    bindings: [],
    annotations: [],
    alternateKeys: [],
  };
  return [{ kind: "entitySet", set, type }, keySegment(type, keyScalarsOf(type, key))];
}

/** By what the statements are compiled with, and by type: as many as the models have. */
const routes = new WeakMap<SqlContext, Map<EntityType, ResourceRoute>>();

/**
 * The route of the paths that {@link rowSegments} makes for a type, whatever the key: it keeps their statements.
 *
 * @example locate(rowSegments(type, key), context, reads, { route: rowRoute(type, context) })
 */
export function rowRoute(type: EntityType, { sql }: Pick<ServiceContext, "sql">): ResourceRoute {
  let known = routes.get(sql);
  if (known === undefined) routes.set(sql, (known = new Map<EntityType, ResourceRoute>()));
  let route = known.get(type);
  if (route === undefined) known.set(type, (route = newRoute(type)));
  return route;
}

function newRoute(type: EntityType): ResourceRoute {
  const segments = rowSegments(
    type,
    type.key.map(() => 0),
  );
  const path: BoundPath = { segments, type, collection: false, tail: { kind: "entity" } };
  const options: BoundOptions = { variable: { name: "$it", type }, expand: [] };
  return new Route({ kind: "resource", path, options, literals: new Map() }, { format: undefined, id: undefined });
}
