import type { BoundOptions, BoundPath, BoundRequest, EntitySegment, KeySegment } from "../binding/index.js";
import type { EntityType } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { PathKeys, SlotValues, SqlStatement, SqlValue } from "../query/index.js";
import { parameter } from "../query/index.js";
import type { Literal } from "../syntax/index.js";

/** What of a URL concerns the answer and not the model. */
export interface RouteOptions {
  /** `$format`. */
  readonly format: string | undefined;
  /** `$id`, which names the entity that `DELETE .../$ref` unties. */
  readonly id: string | undefined;
}

/** What follows from a bound request for the texts of its entities. */
export interface RouteTraits {
  /** `$select` leaves out the key of the resource itself, */
  readonly keyLeftOut: boolean;
  /** or of what is expanded in it. */
  readonly keyLeftOutBelow: boolean;
  /** The types of some members have to stand beside them. */
  readonly annotated: boolean;
  /** Some of its entities have an ETag. */
  readonly etags: boolean;
}

/** What a branch takes besides its name and its statements, in characters. */
const BRANCH = 1_000;

/**
 * What requests that differ only in the keys of their paths and in the literals of their queries have in common: the bound
 * request, and the statements that it was compiled to, each at its first use.
 */
export class Route<R extends BoundRequest = BoundRequest> {
  readonly request: R;
  readonly format: string | undefined;
  readonly id: string | undefined;
  readonly #statements = new Map<string, SqlStatement>();
  readonly #branches = new Map<string, Route<R>>();
  #trunk: Route<R> | undefined;
  #size = 0;
  /** What follows from the bound request, once it was asked for. */
  traits: RouteTraits | undefined;
  /** Whether the model is known to let it be read. */
  isReadable = false;

  constructor(request: R, { format, id }: RouteOptions) {
    this.request = request;
    this.format = format;
    this.id = id;
  }

  /** Characters of the statements' texts, those of its branches included. */
  get size(): number {
    return this.#size;
  }

  /** The statement of a name, compiled at its first use; each kind of statement has names of its own. */
  statement<S extends SqlStatement>(name: string, compile: () => S): S {
    let found = this.#statements.get(name) as S | undefined;
    if (found === undefined) {
      found = compile();
      this.#statements.set(name, found);
      this.#grow(found.text.length);
    }
    return found;
  }

  /**
   * The route of another request that comes with this one, for statements of its own: what was written is read back. It is
   * made once and kept with this route.
   *
   * @param name what the other request depends on, besides this route
   */
  branch(name: string, request: () => R): Route<R> {
    let branch = this.#branches.get(name);
    if (branch === undefined) {
      branch = new Route(request(), this);
      branch.#trunk = this;
      this.#branches.set(name, branch);
      this.#grow(BRANCH + name.length);
    }
    return branch;
  }

  #grow(by: number): void {
    this.#size += by;
    if (this.#trunk !== undefined) this.#trunk.#grow(by);
  }
}

/** A request for a resource. */
export type ResourceRoute = Route<Extract<BoundRequest, { readonly kind: "resource" }>>;

/** A route with options, and what one request brings for its statements. */
export interface RouteRequest {
  readonly route: Route;
  /** Their `top` and `skip` are those of the request for which the route was made; {@link SlotInput} has this one's. */
  readonly options: BoundOptions;
  readonly values: SlotInput;
}

/** A route whose request addresses a resource, with the keys and literals of one request put in. */
export interface ResourceRequest extends RouteRequest {
  readonly route: ResourceRoute;
  readonly path: BoundPath;
}

/** A request for a cross join. */
export interface JoinRequest extends RouteRequest {
  readonly route: Route<Extract<BoundRequest, { readonly kind: "crossjoin" }>>;
}

/** The segment that picks an entity by its type's key. */
export function keySegment(type: EntityType, values: readonly Scalar[]): KeySegment {
  return { kind: "key", type, properties: type.key, values };
}

/** What a request's query brings for the statements of its route. */
export interface QueryInput {
  readonly literals: ReadonlyMap<Literal, SqlValue> | undefined;
  readonly top: number | undefined;
  readonly skip: number | undefined;
  readonly skiptoken: string | undefined;
}

/** What one request puts into the slots of its route's statements. */
export class SlotInput implements SlotValues {
  readonly keys: PathKeys;
  readonly literals: ReadonlyMap<Literal, SqlValue> | undefined;
  /** `$top`, `$skip` and `$skiptoken` of this very request. */
  readonly top: number | undefined;
  readonly skip: number | undefined;
  readonly skiptoken: string | undefined;
  readonly limit: number | undefined;
  readonly offset: number | undefined;
  readonly after: readonly SqlValue[] | undefined;
  readonly #origin: SlotInput | undefined;
  #now: string | undefined;

  private constructor(keys: PathKeys, query: QueryInput | undefined, page: PageInput | undefined, origin?: SlotInput) {
    this.keys = keys;
    this.literals = query?.literals;
    this.top = query?.top;
    this.skip = query?.skip;
    this.skiptoken = query?.skiptoken;
    this.limit = page === undefined ? (query?.top ?? NO_LIMIT) : page.limit;
    this.offset = page === undefined ? query?.skip : page.offset;
    this.after = page?.after;
    this.#origin = origin;
  }

  static of(segments: readonly EntitySegment[], query?: QueryInput): SlotInput {
    return new SlotInput(pathKeys(segments), query, undefined);
  }

  /** The same for a page that the service cuts. */
  forPage(limit: number, offset: number, after: readonly SqlValue[] | undefined): SlotInput {
    return new SlotInput(this.keys, this, { limit, offset, after }, this.#origin ?? this);
  }

  /** One instant for the whole request, as columns hold it; worked out only where a statement asks. */
  get now(): string {
    if (this.#origin !== undefined) return this.#origin.now;
    return (this.#now ??= new Date().toISOString().replace(/\.?0*Z$/, ""));
  }
}

interface PageInput {
  readonly limit: number;
  readonly offset: number;
  readonly after: readonly SqlValue[] | undefined;
}

/** More rows than any table has, in a number that every driver takes for an integer. */
const NO_LIMIT = 2 ** 31 - 1;

const noKeys: PathKeys = new Map();

/** The keys of a path as SQL takes them, by segment. */
function pathKeys(segments: readonly EntitySegment[]): PathKeys {
  let keys: Map<number, SqlValue[]> | undefined;
  segments.forEach((segment, index) => {
    if (segment.kind !== "key") return;
    keys ??= new Map();
    keys.set(
      index,
      segment.values.map((value, part) => parameter(value, segment.properties[part]!.type)),
    );
  });
  return keys ?? noKeys;
}

/**
 * The same path with other keys.
 *
 * @param keys in the order of the segments that take them
 * @param open the indexes of these segments
 */
export function withKeys(path: BoundPath, keys: readonly (readonly Scalar[])[], open: ReadonlySet<number>): BoundPath {
  if (keys.length === 0) return path;
  let next = 0;
  const segments = path.segments.map((segment, index) =>
    segment.kind === "key" && open.has(index) ? { ...segment, values: keys[next++]! } : segment,
  );
  return { ...path, segments };
}
