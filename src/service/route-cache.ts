import type { EntitySegment } from "../binding/index.js";
import type { EntityType } from "../edm/index.js";
import { readKeySegment } from "../edm/primitives/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { PathSegment } from "../syntax/index.js";
import type { Route } from "./route.js";

/** Routes kept; past that, all are forgotten and found again, so that clients cannot fill the memory. */
const MAX_ROUTES = 2_000;
/** Longer queries are seldom sent twice. */
const MAX_QUERY = 1_000;

interface CacheNode {
  readonly literals: Map<string, CacheNode>;
  /** Behind a key, where one can stand here. */
  key: CacheNode | undefined;
  keyType: EntityType | undefined;
  readonly routes: Map<string, Route>;
}

/**
 * Finds the route of a URL by a walk over its segments, without parsing or binding it: a tree of the paths seen before,
 * with any key in the place of a key.
 *
 * A segment that the tree does not know is taken for a key only where nothing else could stand: behind a collection, and
 * written with none of the characters that the grammar gives a meaning. All else goes the long way.
 */
export class RouteCache {
  #root = node();
  #size = 0;

  find(url: string): { readonly route: Route; readonly keys: readonly (readonly Scalar[])[] } | undefined {
    const mark = url.indexOf("?");
    const end = mark < 0 ? url.length : mark;
    const keys: Scalar[][] = [];
    let current = this.#root;
    let start = 0;
    while (start < end) {
      let stop = url.indexOf("/", start);
      if (stop < 0 || stop > end) stop = end;
      if (stop > start) {
        const segment = url.slice(start, stop);
        const literal = current.literals.get(segment);
        if (literal !== undefined) current = literal;
        else {
          const next =
            current.key === undefined ? keyInParentheses(current, segment, keys) : plainKey(current, segment, keys);
          if (next === undefined) return undefined;
          current = next;
        }
      }
      start = stop + 1;
    }
    const route = current.routes.get(mark < 0 ? "" : url.slice(mark + 1));
    return route === undefined ? undefined : { route, keys };
  }

  /**
   * @param source the URL's segments, as parsed
   * @param bound what they were bound to
   * @param query the text behind the question mark
   */
  add(source: readonly PathSegment[], bound: readonly EntitySegment[], query: string, route: Route): void {
    if (query.length > MAX_QUERY) return;
    if (this.#size >= MAX_ROUTES) {
      this.#root = node();
      this.#size = 0;
    }
    let current = this.#root;
    let at = 0;
    for (const segment of source) {
      const meaning = bound[at];
      if (meaning?.kind === "key") {
        current = keyChild(current, meaning.type);
        at++;
        continue;
      }
      current = literalChild(current, segment.arguments === undefined ? segment.text : segment.name!);
      at++;
      const predicate = bound[at];
      if (segment.arguments !== undefined && predicate?.kind === "key") {
        current = keyChild(current, predicate.type);
        at++;
      }
    }
    if (!current.routes.has(query)) this.#size++;
    current.routes.set(query, route);
  }
}

function node(): CacheNode {
  return { literals: new Map(), key: undefined, keyType: undefined, routes: new Map() };
}

function literalChild(parent: CacheNode, text: string): CacheNode {
  let child = parent.literals.get(text);
  if (child === undefined) parent.literals.set(text, (child = node()));
  return child;
}

function keyChild(parent: CacheNode, type: EntityType): CacheNode {
  parent.keyType = type;
  return (parent.key ??= node());
}

/** A key-as-segment. */
function plainKey(parent: CacheNode, segment: string, keys: Scalar[][]): CacheNode | undefined {
  if (!isPlain(segment)) return keyInParentheses(parent, segment, keys);
  return takeKey(parent, segment, keys);
}

/** `Products('a')`: a text in quotes, which is what keys in parentheses mostly are. */
function keyInParentheses(parent: CacheNode, segment: string, keys: Scalar[][]): CacheNode | undefined {
  const open = segment.indexOf("('");
  if (open < 0 || !segment.endsWith("')")) return undefined;
  const collection = parent.literals.get(segment.slice(0, open));
  const text = segment.slice(open + 2, -2);
  if (collection?.keyType?.key[0]!.type.qualifiedName !== "Edm.String" || !isPlain(text)) return undefined;
  return takeKey(collection, text, keys);
}

function takeKey(parent: CacheNode, text: string, keys: Scalar[][]): CacheNode | undefined {
  const type = parent.keyType!;
  const property = type.key[0]!;
  if (parent.key === undefined || type.key.length !== 1 || property.type.kind !== "primitive") return undefined;
  try {
    const value = readKeySegment(property.type, text);
    if (value === undefined) return undefined;
    keys.push([value]);
    return parent.key;
  } catch {
    // The long way says what is wrong with it.
    return undefined;
  }
}

/** Letters, digits, `-` and `_` only: nothing that is encoded, quoted, a system segment or a qualified name. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const plain = (c >= 97 && c <= 122) || (c >= 48 && c <= 57) || c === 45 || (c >= 65 && c <= 90) || c === 95;
    if (!plain) return false;
  }
  return text.length > 0;
}
