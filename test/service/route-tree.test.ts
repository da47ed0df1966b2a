import { expect } from "chai";
import { bindUri } from "../../src/binding/index.js";
import { buildModel, readClasses } from "../../src/edm/index.js";
import { liftedLiterals } from "../../src/service/lift.js";
import { RouteCache } from "../../src/service/route-cache.js";
import { Route, withKeys } from "../../src/service/route.js";
import { scanQuery } from "../../src/service/shape.js";
import { parseUri } from "../../src/syntax/index.js";
import { Bookshop } from "./support/bookshop.js";

const model = buildModel(readClasses(Bookshop).source);

/** Keeps what a URL is bound to, as the service does. */
function keep(cache: RouteCache, url: string): Route {
  const uri = parseUri(url);
  const request = bindUri(uri, model, {});
  if (request.kind !== "resource") throw new Error("A resource was expected.");
  const route = new Route(request, { format: undefined, id: undefined });
  const [path, query] = [url.split("?")[0]!, url.split("?")[1]];
  const shape = query === undefined ? undefined : scanQuery(query)!;
  cache.add({
    route,
    path,
    source: uri.path.segments,
    bound: request.path.segments,
    query: shape === undefined ? undefined : { shape, lifted: liftedLiterals(shape, uri.options, request.literals) },
  });
  return route;
}

describe("the tree of routes", () => {
  /** The keys that a URL brings to the route of another, or nothing where it has no part in it. */
  const keysOf = (first: string, second: string) => {
    const cache = new RouteCache();
    const route = keep(cache, first);
    const found = cache.find(second);
    if (found === undefined) return undefined;
    expect(found.route).to.equal(route);
    if (route.request.kind !== "resource") throw new Error("A resource was expected.");
    const { segments } = withKeys(route.request.path, found.keys, found.openKeys);
    return segments.flatMap((segment) => (segment.kind === "key" ? [...segment.values] : []));
  };

  const shared: [first: string, second: string, keys: unknown[]][] = [
    ["/Books", "/Books", []],
    ["/Books", "//Books/", []],
    ["/Books", "/Books?", []],
    ["/Books('a')", "/Books('b')", ["b"]],
    ["/Books('a')", "/Books/b", ["b"]],
    ["/Books/a", "/Books('b-1_2')", ["b-1_2"]],
    ["/Books(isbn='a')", "/Books('b')", ["b"]],
    ["/Books('a')", "/Books(isbn='b')", ["b"]],
    ["/Authors(1)", "/Authors(2)", [2]],
    ["/Authors(1)", "/Authors/2", [2]],
    ["/Authors(1)/books('a')/title", "/Authors/2/books/b/title", [2, "b"]],
    ["/Authors(1)/books?$top=1", "/Authors(2)/books?$top=5", [2]],
    ["/Authors(name='x')", "/Authors(name='x')", ["x"]],
    ["/Authors(name='x%20y')/books", "/Authors(name='x%20y')/books", ["x y"]],
    ["/Books/Books.Novel('a')/hero", "/Books/Books.Novel('b')/hero", ["b"]],
  ];
  for (const [first, second, keys] of shared) {
    it(`${second} takes the route of ${first}`, () => {
      expect(keysOf(first, second)).to.deep.equal(keys);
    });
  }

  const apart: [first: string, second: string][] = [
    ["/Books", "/Authors"],
    ["/Books", "/Books('a')"],
    ["/Books('a')", "/Books"],
    ["/Books('a')", "/Books(5)"],
    ["/Books('a')", "/Books('it''s')"],
    ["/Books('a')", "/Books('a%2Fb')"],
    ["/Books/a", "/Books/$count"],
    ["/Books/a", "/Books/Books.Novel"],
    ["/Books/a", "/Books/b/title"],
    ["/Authors(1)", "/Authors('1')"],
    ["/Authors(1)", "/Authors(1.5)"],
    ["/Authors(1)", "/Authors(99999999999)"],
    ["/Authors(1)", "/Authors(name='x')"],
    ["/Authors(name='x')", "/Authors(name='y')"],
    ["/Authors(name='a%2541')", "/Authors(name='a%41')"],
    ["/Authors(@k)?@k=1", "/Authors(@k)?@k=1"],
    ["/Books?$top=1", "/Books"],
    ["/Books", "/Books?$top=1"],
    ["/Books?$top=1", "/Books?$skip=1"],
  ];
  for (const [first, second] of apart) {
    it(`${second} does not take the route of ${first}`, () => {
      expect(keysOf(first, second)).to.equal(undefined);
    });
  }

  it("forgets the routes that nobody asks for, and no others", () => {
    const cache = new RouteCache();
    const url = (index: number) => `/Books?$filter=title%20eq%20'a'&nobody=${index}`;
    keep(cache, "/Authors(1)/books");
    for (let index = 0; index < 2_500; index++) {
      keep(cache, url(index));
      expect(cache.find("/Authors(7)/books")).not.to.equal(undefined);
    }
    expect(cache.find(url(0))).to.equal(undefined);
    expect(cache.find(url(400))).to.equal(undefined);
    expect(cache.find(url(2_499))).not.to.equal(undefined);
    expect(cache.find(url(600))).not.to.equal(undefined);
    // What was forgotten is kept again when it comes back.
    keep(cache, url(0));
    expect(cache.find(url(0))).not.to.equal(undefined);
  });

  it("forgets routes whose statements are very large before it has many of them", () => {
    const cache = new RouteCache();
    const statement = { text: "x".repeat(5_000_000), parameters: [], functions: false };
    for (let index = 0; index < 10; index++) {
      keep(cache, `/Books?nobody=${index}`).statement("read", () => statement);
      expect(cache.find(`/Books?nobody=${index}`)).not.to.equal(undefined);
    }
    const kept = Array.from({ length: 10 }, (_, index) => cache.find(`/Books?nobody=${index}`) !== undefined);
    expect(kept).to.deep.equal([false, false, false, false, true, true, true, true, true, true]);
  });
});
