import type { NavigationProperty } from "../edm/index.js";
import { notFound } from "../errors/index.js";
import type { ServiceContext } from "./context.js";
import type { Located, Reads } from "./locate.js";
import { declaredFor, explainMissing, locate, noSuchNavigation } from "./locate.js";
import type { ResourceRequest } from "./route.js";

/** The last navigation property of a path, and the stored entity that it starts from. */
export interface Relationship {
  readonly source: Located;
  /** As the source's actual type declares it. */
  readonly property: NavigationProperty;
  /** How many of the path's segments lead to the source. */
  readonly length: number;
}

/**
 * The relationship that a path goes through last; `undefined` where it goes through none.
 *
 * @throws {ODataError} 404 where the path leads to no source, or the source has no such property
 */
export async function relationshipOf(
  { path, route, values }: Pick<ResourceRequest, "path" | "route" | "values">,
  context: ServiceContext,
  reads: Reads,
): Promise<Relationship | undefined> {
  const { segments } = path;
  const length = segments.findLastIndex((segment) => segment.kind === "navigation");
  const navigation = segments[length];
  if (navigation?.kind !== "navigation") return undefined;
  const source = await locate(segments, context, reads, { length, route, values });
  if (source === undefined) {
    const nothing = notFound(`There is no entity in front of '${navigation.name}'.`);
    throw (await explainMissing({ path, values }, context, reads)) ?? nothing;
  }
  const property = declaredFor(source.type, navigation.alternatives);
  if (property === undefined) throw noSuchNavigation(source.type, navigation.name);
  return { source, property, length };
}
