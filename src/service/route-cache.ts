import type { EntitySegment, KeySegment } from "../binding/index.js";
import type { EntityType } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { SqlValue } from "../query/index.js";
import type { Literal, PathSegment } from "../syntax/index.js";
import { readPredicate, readSegment } from "./key-text.js";
import type { LiftedLiteral } from "./lift.js";
import { readLifted } from "./lift.js";
import { Recency } from "./recency.js";
import type { Recent } from "./recency.js";
import type { Route } from "./route.js";
import type { Shape } from "./shape.js";
import { scanQuery } from "./shape.js";

/** Routes kept. */
const MAX_ROUTES = 2_000;
/** Characters of SQL and URL that the routes kept may have together; those of a deep `$expand` alone may be a million. */
const MAX_SIZE = 32_000_000;
/** Longer paths are seldom sent twice. */
const MAX_PATH = 2_000;
/** How many ways there are to split a shape's literals into lifted and pinned ones; mostly there is one. */
const MAX_LAYOUTS = 4;

interface CacheNode {
  readonly parent: CacheNode | undefined;
  /** Its name in the parent's literals; absent behind a key. */
  readonly name: string | undefined;
  readonly literals: Map<string, CacheNode>;
  /** Behind a key, where one can stand here. */
  key: CacheNode | undefined;
  keyType: EntityType | undefined;
  /** Of the path without a query. */
  plain: Entry | undefined;
  /** Of the path with queries, by their shapes. */
  readonly shapes: Map<string, Layout[]>;
}

/** The routes of one shape whose plans depend on the same literals. */
interface Layout {
  /** The literals that plans depend on, as ordinals. */
  readonly pinned: readonly number[];
  /** By the texts of these. */
  readonly variants: Map<string, Entry>;
}

interface Entry extends Recent {
  readonly route: Route;
  /** How much of the route's size is known to {@link Recency}. */
  counted: number;
  /** Which of the bound path's segments take the keys of a URL. */
  readonly openKeys: ReadonlySet<number>;
  readonly lifted: readonly LiftedLiteral[];
  readonly node: CacheNode;
  /** Absent for the path without a query. */
  readonly place: { readonly shape: string; readonly layout: Layout; readonly variant: string } | undefined;
}

/** A route that a URL leads to, and what the URL brings for it. */
export interface Found {
  readonly route: Route;
  /** The keys in the path that stand in the place of those of the route's, in order, */
  readonly keys: readonly (readonly Scalar[])[];
  /** and which of the bound path's segments these are. */
  readonly openKeys: ReadonlySet<number>;
  /** Absent where the URL has no query. */
  readonly query: FoundQuery | undefined;
}

export interface FoundQuery {
  readonly shape: Shape;
  readonly literals: ReadonlyMap<Literal, SqlValue>;
}

/** What is kept of a request that went the long way. */
export interface NewRoute {
  readonly route: Route;
  /** The path of the URL, as it is written, */
  readonly path: string;
  /** and its segments, as parsed. */
  readonly source: readonly PathSegment[];
  /** What they were bound to. */
  readonly bound: readonly EntitySegment[];
  /** The query and its literals that plans do not depend on; absent where the URL has no query. */
  readonly query: { readonly shape: Shape; readonly lifted: readonly LiftedLiteral[] } | undefined;
}

/**
 * Finds the route of a URL without parsing or binding it: by a walk over its segments through a tree of the paths seen
 * before, with any key in the place of a key, and then by the shape of its query, with any literal in the place of
 * those that plans do not depend on.
 *
 * A segment that the tree does not know is taken for a key only where nothing else could stand: behind a collection, and
 * written with none of the characters that the grammar gives a meaning. All else goes the long way. Routes that were not
 * asked for in a while make room for new ones.
 */
export class RouteCache {
  readonly #root = node(undefined, undefined);
  readonly #recency = new Recency<Entry>(MAX_ROUTES, MAX_SIZE, (entry) => forget(entry));

  find(url: string): Found | undefined {
    const mark = url.indexOf("?");
    const end = mark < 0 ? url.length : mark;
    const keys: (readonly Scalar[])[] = [];
    let current = this.#root;
    let start = 0;
    while (start < end) {
      let stop = url.indexOf("/", start);
      if (stop < 0 || stop > end) stop = end;
      if (stop > start) {
        const next = step(current, url.slice(start, stop), keys);
        if (next === undefined) return undefined;
        current = next;
      }
      start = stop + 1;
    }
    if (mark < 0 || mark === url.length - 1) {
      if (current.plain === undefined) return undefined;
      return { route: this.#asked(current.plain), keys, openKeys: current.plain.openKeys, query: undefined };
    }
    return current.shapes.size === 0 ? undefined : this.#query(current, url.slice(mark + 1), keys);
  }

  #query(at: CacheNode, text: string, keys: Found["keys"]): Found | undefined {
    const shape = scanQuery(text);
    const layouts = shape === undefined ? undefined : at.shapes.get(shape.text);
    if (layouts === undefined) return undefined;
    for (const { pinned, variants } of layouts) {
      const entry = variants.get(pinnedTexts(shape!, pinned));
      if (entry === undefined) continue;
      const literals = readLifted(entry.lifted, shape!);
      if (literals === undefined) return undefined;
      return { route: this.#asked(entry), keys, openKeys: entry.openKeys, query: { shape: shape!, literals } };
    }
    return undefined;
  }

  #asked(entry: Entry): Route {
    this.#recency.touch(entry);
    const { route } = entry;
    // Statements are compiled when they are first needed.
    if (route.size > entry.counted) {
      this.#recency.grow(entry, route.size - entry.counted);
      entry.counted = route.size;
    }
    return route;
  }

  /** Keeps a route; where one for the same URLs is there already, that one stays. */
  add({ route, path, source, bound, query }: NewRoute): void {
    if (path.length > MAX_PATH) return;
    const written = path.split("/").filter((segment) => segment !== "");
    const found = this.#path(written, source, bound);
    if (found === undefined) return;
    const { node: at, open: openKeys } = found;
    const size = path.length + (query?.shape.text.length ?? 0);
    if (query === undefined) {
      if (at.plain !== undefined) return;
      at.plain = entryOf({ route, openKeys, lifted: [], node: at, place: undefined }, size);
      this.#recency.add(at.plain);
      return;
    }
    const { shape, lifted } = query;
    const open = new Set(lifted.map(({ ordinal }) => ordinal));
    const pinned = shape.literals.flatMap((_, ordinal) => (open.has(ordinal) ? [] : [ordinal]));
    let layouts = at.shapes.get(shape.text);
    if (layouts === undefined) at.shapes.set(shape.text, (layouts = []));
    let layout = layouts.find((known) => known.pinned.join() === pinned.join());
    if (layout === undefined) {
      if (layouts.length >= MAX_LAYOUTS) return;
      layouts.push((layout = { pinned, variants: new Map() }));
    }
    const variant = pinnedTexts(shape, pinned);
    if (layout.variants.has(variant)) return;
    const place = { shape: shape.text, layout, variant };
    const entry = entryOf({ route, openKeys, lifted, node: at, place }, size);
    // First it has its place: what makes room for it may be the last that holds that place.
    layout.variants.set(variant, entry);
    this.#recency.add(entry);
  }

  /**
   * The node of a path, with any key in the place of those that can be read from the URL alone.
   *
   * @returns `undefined` for a path whose keys come from elsewhere, from an alias or the entity that contains another
   */
  #path(
    written: readonly string[],
    source: readonly PathSegment[],
    bound: readonly EntitySegment[],
  ): Place | undefined {
    const open = new Set<number>();
    let current = this.#root;
    let at = 0;
    const nowhere = (): undefined => void prune(current);
    for (const [index, segment] of source.entries()) {
      const raw = written[index]!;
      const meaning = bound[at++];
      if (meaning?.kind === "key") {
        if (!isSame(readSegment(meaning.type, raw), meaning)) return nowhere();
        open.add(at - 1);
        current = keyChild(current, meaning.type);
        continue;
      }
      const predicate = bound[at];
      if (segment.arguments === undefined || predicate?.kind !== "key") {
        current = literalChild(current, raw);
        continue;
      }
      const parenthesis = raw.indexOf("(");
      const key = parenthesis < 0 ? undefined : readPredicate(predicate.type, raw.slice(parenthesis + 1, -1));
      if (isSame(key, predicate)) {
        open.add(at);
        current = keyChild(literalChild(current, raw.slice(0, parenthesis)), predicate.type);
      } else if (isWhole(segment, predicate)) current = literalChild(current, raw);
      else return nowhere();
      at++;
    }
    return { node: current, open };
  }
}

function entryOf(entry: Pick<Entry, "route" | "openKeys" | "lifted" | "node" | "place">, size: number): Entry {
  return { ...entry, counted: 0, size, older: undefined, newer: undefined };
}

interface Place {
  readonly node: CacheNode;
  readonly open: ReadonlySet<number>;
}

/** Whether a key is what the cache reads in its text. */
function isSame(read: readonly Scalar[] | undefined, { type, properties, values }: KeySegment): boolean {
  return (
    read !== undefined &&
    properties.length === type.key.length &&
    properties.every((property, index) => property === type.key[index] && read[index] === values[index])
  );
}

/** Whether a key, by an alternate key for one, stands in its text with all its values. */
function isWhole({ arguments: written, text }: PathSegment, { properties }: KeySegment): boolean {
  const count = written!.value === undefined ? written!.named.length : 1;
  return count === properties.length && !text.includes("@");
}

function pinnedTexts(shape: Shape, pinned: readonly number[]): string {
  if (pinned.length === 0) return "";
  return pinned.map((ordinal) => shape.literals[ordinal]!.text).join("\0");
}

function node(parent: CacheNode | undefined, name: string | undefined): CacheNode {
  return { parent, name, literals: new Map(), key: undefined, keyType: undefined, plain: undefined, shapes: new Map() };
}

function literalChild(parent: CacheNode, text: string): CacheNode {
  let child = parent.literals.get(text);
  if (child === undefined) parent.literals.set(text, (child = node(parent, text)));
  return child;
}

function keyChild(parent: CacheNode, type: EntityType): CacheNode {
  parent.keyType = type;
  return (parent.key ??= node(parent, undefined));
}

/** The node that a segment leads to; a key that it holds is put to the others. */
function step(parent: CacheNode, segment: string, keys: (readonly Scalar[])[]): CacheNode | undefined {
  const literal = parent.literals.get(segment);
  if (literal !== undefined) return literal;
  if (parent.key !== undefined) {
    const key = readSegment(parent.keyType!, segment);
    if (key !== undefined) {
      keys.push(key);
      return parent.key;
    }
  }
  const open = segment.indexOf("(");
  if (open < 0 || !segment.endsWith(")")) return undefined;
  const collection = parent.literals.get(segment.slice(0, open));
  if (collection?.key === undefined) return undefined;
  const key = readPredicate(collection.keyType!, segment.slice(open + 1, -1));
  if (key === undefined) return undefined;
  keys.push(key);
  return collection.key;
}

/** Takes an entry out of the tree, and with it the nodes that are there for nothing else. */
function forget({ node: at, place }: Entry): void {
  if (place === undefined) at.plain = undefined;
  else {
    place.layout.variants.delete(place.variant);
    if (place.layout.variants.size === 0) {
      const layouts = at.shapes.get(place.shape)!.filter((layout) => layout !== place.layout);
      if (layouts.length > 0) at.shapes.set(place.shape, layouts);
      else at.shapes.delete(place.shape);
    }
  }
  prune(at);
}

/** Takes nodes out of the tree that lead to no route. */
function prune(from: CacheNode): void {
  let current = from;
  while (
    current.parent !== undefined &&
    current.plain === undefined &&
    current.key === undefined &&
    current.literals.size + current.shapes.size === 0
  ) {
    if (current.name === undefined) current.parent.key = undefined;
    else current.parent.literals.delete(current.name);
    current = current.parent;
  }
}
