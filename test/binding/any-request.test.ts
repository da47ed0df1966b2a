import { expect } from "chai";
import fc from "fast-check";
import { bindUri } from "../../src/binding/index.js";
import type { BoundExpand, BoundOptions, BoundRequest, BoundSelect } from "../../src/binding/index.js";
import { ODataError } from "../../src/errors/index.js";
import { parsePath, parseUri, printOptions } from "../../src/syntax/index.js";
import type { QueryOptions } from "../../src/syntax/index.js";
import { anyOptions, anySegment } from "../syntax/trees.js";
import { model } from "./support.js";

/** Pieces of requests for the shop, most of which fit together. */
const name = fc.constantFrom(
  ..."id name sku price tags address addresses bag photo category related products friends reportsTo reports deputy items order isbn size author quotes nothing".split(
    " ",
  ),
);
const cast = fc.constantFrom(
  "Shop.Book",
  "Shop.Film",
  "Shop.Product",
  "Shop.Employee",
  "Shop.Postbox",
  "S.Person",
  "Shop.No",
);
const segment = fc.oneof(
  { weight: 6, arbitrary: name },
  { weight: 2, arbitrary: cast },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ..."1 -1 0 x $count $ref $value $each $filter(@f) $filter(true) $query $it (1) items(2) products(sku='x') related(1)(2)".split(
        " ",
      ),
    ),
  },
  { weight: 1, arbitrary: anySegment.map(encodeURIComponent) },
);
const root = fc.constantFrom(
  ..."Products Products(1) Products(@k) Products(sku='a') Categories(1) Employees People(1) Orders(1) Me Things(1) Lines $all $crossjoin(Products,Orders) $entity $metadata".split(
    " ",
  ),
);

const { option } = fc.letrec<{ option: string; nested: string; item: string }>((tie) => ({
  item: fc
    .tuple(
      fc.array(fc.oneof({ weight: 4, arbitrary: name }, { weight: 1, arbitrary: cast }, fc.constant("*")), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.constantFrom("", "", "", "/$ref", "/$count", "/$value"),
      fc.option(fc.array(tie("nested"), { minLength: 1, maxLength: 3 }), { depthSize: "small", freq: 2 }),
    )
    .map(([path, suffix, nested]) => `${path.join("/")}${suffix}${nested === null ? "" : `(${nested.join(";")})`}`),
  nested: fc.oneof({ depthSize: "small" }, fc.constantFrom("$levels=2", "$levels=max", "@n=1"), tie("option")),
  option: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      "$top=2",
      "$skip=1",
      "$count=true",
      "$search=a",
      "$filter=id gt 1",
      "$filter=computed gt 1 and name eq $it/name",
      "$filter=@f",
      "$orderby=name desc,computed",
      "$compute=id mul 2 as computed",
      "$apply=groupby((name),aggregate(id with sum as computed))",
      "$schemaversion=*",
      "$format=json",
      "$id=x",
      "$index=0",
    ),
    fc.array(tie("item"), { minLength: 1, maxLength: 4 }).map((items) => `$expand=${items.join()}`),
    fc.array(tie("item"), { minLength: 1, maxLength: 4 }).map((items) => `$select=${items.join()}`),
  ),
}));

const request = fc
  .tuple(root, fc.array(segment, { maxLength: 4 }), fc.array(option, { maxLength: 4 }))
  .map(([start, path, options]) => `${[start, ...path].join("/")}?@f=name eq 'x'&@k=3&${options.join("&")}`);

const settings = fc.constantFrom(
  {},
  { derivedNavigation: true },
  { limits: { maxExpandDepth: 3, maxExpandItems: 20 } },
);

/** Binds, if it can be done; what cannot be is to be an error that a client can mend. */
function tryToBind(bind: () => BoundRequest): BoundRequest | undefined {
  try {
    return bind();
  } catch (error) {
    if (!(error instanceof ODataError)) throw error;
    expect([400, 404, 501]).to.include(error.status);
    expect(error.message).to.match(/[.?]$/);
    return undefined;
  }
}

function* expansions(options: BoundOptions, depth = 1): Iterable<{ item: BoundExpand; depth: number }> {
  for (const item of options.expand) {
    yield { item, depth };
    yield* expansions(item.options, depth + 1);
  }
}

function checkSelect(select: BoundSelect | undefined): void {
  if (select === undefined) return;
  const keys = new Set<unknown>();
  for (const item of select.items) {
    if (item.kind !== "property") continue;
    const key = `${item.cast?.qualifiedName ?? ""} ${item.property.declaringType.qualifiedName}/${item.property.name}`;
    expect(keys.has(key), key).to.equal(false);
    keys.add(key);
    checkSelect(item.select);
  }
  expect(new Set(select.text).size).to.equal(select.text.length);
}

/** The rules of bound options that a type checker cannot see. */
function checkOptions(options: BoundOptions, maxDepth: number, maxItems: number): void {
  const all = [...expansions(options)];
  expect(all.length).to.be.at.most(maxItems);
  for (const { item, depth } of all) {
    expect(depth).to.be.at.most(maxDepth);
    checkSelect(item.options.select);
    if (!item.navigation.collection) {
      const { filter, orderby, top, skip, count, search } = item.options;
      expect([filter, orderby, top, skip, count, search]).to.deep.equal(Array(6).fill(undefined));
    }
  }
  checkSelect(options.select);
}

describe("binding of any request", () => {
  it("ends in a bound request that keeps its rules, or in an error for the client", () => {
    let bound = 0;
    fc.assert(
      fc.property(request, settings, (url, options) => {
        const result = tryToBind(() => bindUri(parseUri(url), model, options));
        if (result?.kind !== "resource" && result?.kind !== "crossjoin") return;
        bound++;
        const limited = "limits" in options;
        checkOptions(result.options, limited ? 3 : 8, limited ? 20 : 200);
      }),
      { numRuns: 5000 },
    );
    expect(bound).to.be.above(100);
  });

  it("does so whatever the grammar lets through", () => {
    const paths = fc.constantFrom(
      "Products",
      "Products(1)",
      "Products(1)/tags",
      "Products/$count",
      "$all",
      "$metadata",
    );
    fc.assert(
      fc.property(paths, anyOptions, (path, options: QueryOptions) => {
        tryToBind(() => bindUri({ path: parsePath(path), options }, model, {}));
        expect(() => printOptions(options)).not.to.throw();
      }),
      { numRuns: 2000 },
    );
  });
});
