import type { BoundOptions, BoundPath, BoundRequest, EntitySegment } from "../binding/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { PathKeys, SqlStatement } from "../query/index.js";
import { parameter } from "../query/index.js";

/**
 * What requests that differ only in the keys of their paths have in common: the bound request, and the statements that
 * it was compiled to, each at its first use.
 */
export interface Route {
  readonly request: BoundRequest;
  /** `$format`, which concerns the answer and not the model. */
  readonly format: string | undefined;
  /** `$id`, which names the entity that `DELETE .../$ref` unties. */
  readonly id: string | undefined;
  readonly statements: Map<string, SqlStatement>;
}

/** A route whose request addresses a resource, with the keys of one request put in. */
export interface ResourceRequest {
  readonly route: Route;
  readonly path: BoundPath;
  readonly options: BoundOptions;
  readonly keys: PathKeys;
}

/** A route's statement of a name, compiled at its first use. */
export function statement(route: Route, name: string, compile: () => SqlStatement): SqlStatement {
  let found = route.statements.get(name);
  if (found === undefined) {
    found = compile();
    route.statements.set(name, found);
  }
  return found;
}

/** The keys of a path as SQL takes them, by segment. */
export function pathKeys(segments: readonly EntitySegment[]): PathKeys {
  const keys = new Map<number, ReturnType<typeof parameter>[]>();
  segments.forEach((segment, index) => {
    if (segment.kind === "key") {
      keys.set(
        index,
        segment.values.map((value, part) => parameter(value, segment.type.key[part]!.type)),
      );
    }
  });
  return keys;
}

/** The same path with other keys, in the order of its key segments. */
export function withKeys(path: BoundPath, keys: readonly (readonly Scalar[])[]): BoundPath {
  if (keys.length === 0) return path;
  let next = 0;
  const segments = path.segments.map((segment) =>
    segment.kind === "key" ? { ...segment, values: keys[next++]! } : segment,
  );
  return { ...path, segments };
}
