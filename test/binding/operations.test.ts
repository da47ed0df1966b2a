import { expect } from "chai";
import fc from "fast-check";
import { homeOf } from "../../src/binding/index.js";
import type { BoundPath, OperationSegment, PathOptions } from "../../src/binding/index.js";
import { buildModel } from "../../src/edm/index.js";
import type { Annotation, ModelSource, OperationSource, ParameterSource } from "../../src/edm/index.js";
import { ODataError } from "../../src/errors/index.js";
import { evaluateExpression } from "../../src/query/index.js";
import { bind, brief, failure, path as bindPath, property, resource as bindResource, shop } from "./support.js";

const parameter = (name: string, type: string, more: Partial<ParameterSource> = {}): ParameterSource =>
  property(name, type, more) as ParameterSource;
const optional = (value?: string): Partial<ParameterSource> => ({
  annotations: [
    { term: "Org.OData.Core.V1.OptionalParameter", value: value === undefined ? {} : { DefaultValue: value } },
  ],
});
const gives = (type: string) => ({ returnType: property("", type) });
const bound = { bound: true } as const;
const composable = { composable: true } as const;

const products = parameter("products", "Collection(Shop.Product)");
const product = parameter("product", "Shop.Product");
const book = parameter("book", "Shop.Book");

const operations: readonly OperationSource[] = [
  { kind: "function", name: "Top", parameters: [], ...gives("Collection(Shop.Product)"), ...composable },
  {
    kind: "function",
    name: "Top",
    parameters: [parameter("count", "Edm.Int32")],
    ...gives("Collection(Shop.Product)"),
    ...composable,
  },
  {
    kind: "function",
    name: "Top",
    parameters: [parameter("count", "Edm.Int32", { nullable: false }), parameter("category", "Edm.String")],
    ...gives("Collection(Shop.Product)"),
    ...composable,
  },
  {
    kind: "function",
    name: "Find",
    parameters: [
      parameter("name", "Edm.String", { maxLength: 5 }),
      parameter("color", "Shop.Color", optional("Green")),
      parameter("most", "Edm.Decimal", { precision: 4, scale: 2, ...optional() }),
    ],
    ...gives("Collection(Shop.Product)"),
  },
  {
    kind: "function",
    name: "Near",
    parameters: [
      parameter("address", "Shop.Address"),
      parameter("sizes", "Collection(Edm.Int32)", { nullable: false }),
      parameter("since", "Edm.Date"),
    ],
    ...gives("Shop.Product"),
    ...composable,
  },
  { kind: "function", name: "Stats", parameters: [], ...gives("Shop.Address"), ...composable },
  { kind: "function", name: "Numbers", parameters: [], ...gives("Collection(Edm.Int32)"), ...composable },
  { kind: "function", name: "Total", parameters: [], ...gives("Edm.Decimal") },
  { kind: "action", name: "Reset", parameters: [parameter("hard", "Edm.Boolean")] },
  { kind: "action", name: "Make", parameters: [], ...gives("Shop.Product") },
  {
    kind: "function",
    name: "Best",
    ...bound,
    parameters: [products],
    ...gives("Shop.Product"),
    ...composable,
    entitySetPath: "products",
  },
  { kind: "function", name: "Average", ...bound, parameters: [products], ...gives("Edm.Double") },
  {
    kind: "function",
    name: "Price",
    ...bound,
    parameters: [product, parameter("tax", "Edm.Double")],
    ...gives("Edm.Double"),
  },
  {
    kind: "function",
    name: "Price",
    ...bound,
    parameters: [book, parameter("tax", "Edm.Double")],
    ...gives("Edm.Double"),
  },
  {
    kind: "function",
    name: "Price",
    ...bound,
    parameters: [product, parameter("tax", "Edm.Double"), parameter("off", "Edm.Double")],
    ...gives("Edm.Double"),
  },
  {
    kind: "function",
    name: "Kin",
    ...bound,
    parameters: [product],
    ...gives("Collection(Shop.Product)"),
    ...composable,
    entitySetPath: "product/related",
  },
  {
    kind: "action",
    name: "Discount",
    ...bound,
    parameters: [product, parameter("by", "Edm.Int32")],
    ...gives("Shop.Product"),
    entitySetPath: "product",
  },
  { kind: "action", name: "Label", ...bound, parameters: [product], ...gives("Edm.String") },
  { kind: "action", name: "Split", ...bound, parameters: [product], ...gives("Collection(Edm.String)") },
  { kind: "action", name: "Review", ...bound, parameters: [products] },
  {
    kind: "action",
    name: "Seal",
    ...bound,
    parameters: [products],
    annotations: [
      { term: "Org.OData.Capabilities.V1.OperationRestrictions", value: { FilterSegmentSupported: false } },
    ],
  },
  {
    kind: "function",
    name: "Format",
    ...bound,
    parameters: [parameter("address", "Shop.Address")],
    ...gives("Edm.String"),
    ...composable,
  },
  {
    kind: "function",
    name: "Shout",
    ...bound,
    parameters: [parameter("text", "Edm.String")],
    ...gives("Edm.String"),
    ...composable,
  },
  {
    kind: "function",
    name: "Longest",
    ...bound,
    parameters: [parameter("texts", "Collection(Edm.String)")],
    ...gives("Edm.String"),
  },
  {
    kind: "function",
    name: "Chief",
    ...bound,
    parameters: [parameter("who", "Shop.Employee")],
    ...gives("Shop.Employee"),
  },
];

/** The shop with operations; annotations of its schema come on top. */
function withOperations(annotations: readonly Annotation[] = []) {
  const [only] = shop.schemas;
  const source: ModelSource = {
    schemas: [
      {
        ...only!,
        annotations,
        operations,
        container: {
          ...only!.container!,
          operationImports: [
            { kind: "functionImport", name: "TopProducts", operation: "Shop.Top", entitySet: "Products" },
            ...["Find", "Near", "Stats", "Numbers", "Total"].map(
              (name) => ({ kind: "functionImport", name, operation: `Shop.${name}` }) as const,
            ),
            { kind: "actionImport", name: "Reset", operation: "Shop.Reset" },
            { kind: "actionImport", name: "Make", operation: "Shop.Make", entitySet: "Products" },
          ],
        },
      },
    ],
  };
  return buildModel(source);
}

const model = withOperations();
const path = (url: string, options: PathOptions = {}, of = model) => bindPath(url, options, of);
const resource = (url: string) => bindResource(url, {}, model);
const fails = (url: string, options: PathOptions = {}, of = model) => failure(url, options, of);

function call({ segments }: Pick<BoundPath, "segments">): OperationSegment {
  const [first] = segments;
  if (first?.kind !== "operation") throw new Error("No operation is called.");
  return first;
}

/** The names of the overload's parameters, the binding parameter among them. */
function overload(url: string): string[] {
  return call(path(url)).operation.parameters.map(({ name }) => name);
}

/** The arguments of a call as JSON. */
function given(url: string): Record<string, unknown> {
  const entries = [...call(path(url)).arguments].map(
    ([{ name }, value]) => [name, JSON.parse(evaluateExpression(value, new Map(), { model }))] as const,
  );
  return Object.fromEntries(entries);
}

describe("operations in paths", () => {
  it("are bound or refused with a reason, whatever is written", () => {
    const segments =
      "TopProducts TopProducts() TopProducts(count=1) TopProducts(count=@a) TopProducts()(1) TopProducts(1) Find(name='a') Stats() Numbers() Reset Make Products People Me (1) 1 0 name address tags related category $each $count $value $ref $filter(price%20gt%201) Shop.Book Shop.Best() Shop.Best Shop.Discount Shop.Discount(by=1) Shop.Kin() Shop.Price(tax=1) Shop.Price(tax= Shop.Format() Shop.Shout() Shop.Longest() Shop.Review Shop.Label Best Discount Shop.Nothing( $query photo".split(
        " ",
      );
    const queries = [
      "",
      "?@a=1",
      "?count=1",
      "?count=true",
      "?$filter=Shop.Price(tax=1)%20gt%201",
      "?$select=Shop.*",
      "?@a={%22b%22:[1]}",
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...queries),
        fc.boolean(),
        (names, query, unqualifiedOperations) => {
          const url = `/${names.join("/")}${query}`;
          try {
            bind(url, { unqualifiedOperations }, model);
          } catch (error) {
            expect(error, url).to.be.instanceOf(ODataError);
            expect([400, 404, 501], url).to.include((error as ODataError).status);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("take as long as their path does, however many follow each other", () => {
    const url = `/Products(1)${"/Shop.Kin()/1".repeat(40)}`;
    expect(brief(path(url))).to.deep.equal(["Shop.Kin()", "(id=1)"]);
    expect(fails(`/Products(1)${"/Shop.Kin()/1".repeat(60)}`)).to.include({ status: 400 });
  });

  describe("imports", () => {
    it("call unbound operations by their names", () => {
      const bound = path("/TopProducts()");
      expect(brief(bound)).to.deep.equal(["Shop.Top()"]);
      expect(bound).to.include({ collection: true });
      expect(bound.type.qualifiedName).to.equal("Shop.Product");
      expect(call(bound).import?.name).to.equal("TopProducts");
      expect(path("/Reset").tail).to.deep.equal({ kind: "entity" });
      expect(call(path("/Reset")).operation.returnType).to.equal(undefined);
    });

    it("are not called by the qualified names of their operations", () => {
      expect(fails("/Shop.Top()")).to.include({ status: 404 });
    });

    it("are suggested where a name is near to theirs", () => {
      expect(fails("/TopProduct").message).to.contain("'TopProducts'");
    });
  });

  describe("overloads", () => {
    it("are told apart by the names of the arguments", () => {
      expect(overload("/TopProducts()")).to.deep.equal([]);
      expect(overload("/TopProducts(count=5)")).to.deep.equal(["count"]);
      expect(overload("/TopProducts(category='a',count=5)")).to.deep.equal(["count", "category"]);
      expect(given("/TopProducts(category='a',count=5)")).to.deep.equal({ count: 5, category: "a" });
    });

    it("of bound operations are first told apart by what they are bound to, the nearest base type before others", () => {
      expect(overload("/Products(1)/Shop.Price(tax=1)")).to.deep.equal(["product", "tax"]);
      expect(overload("/Products(1)/Shop.Book/Shop.Price(tax=1)")).to.deep.equal(["book", "tax"]);
      expect(overload("/Products(1)/Shop.Film/Shop.Price(tax=1)")).to.deep.equal(["product", "tax"]);
      expect(overload("/Products(1)/Shop.Book/Shop.Price(tax=1,off=2)")).to.deep.equal(["product", "tax", "off"]);
    });

    it("are named where no one fits", () => {
      const error = fails("/TopProducts(cuont=5)");
      expect(error).to.include({ status: 400 });
      expect(error.message).to.contain("TopProducts() or TopProducts(count) or TopProducts(count,category)");
      expect(error.message).to.contain("Did you mean 'count'?");
      expect(fails("/TopProducts(category='a')")).to.include({ status: 400 });
      expect(fails("/TopProducts(count=1,count=2)").message).to.contain("two arguments");
      expect(fails("/TopProducts(5)").message).to.contain("by name");
    });

    it("may leave out optional parameters, which have their defaults then", () => {
      expect(given("/Find(name='a')")).to.deep.equal({ name: "a", color: "Green" });
      expect(given("/Find(name='a',color=Shop.Color'Red',most=1.5)")).to.deep.equal({
        name: "a",
        color: "Red",
        most: 1.5,
      });
      expect(fails("/Find(most=1)").message).to.contain("Find(name,[color],[most])");
    });
  });

  describe("arguments", () => {
    it("may be parameter aliases; one without a value is null", () => {
      expect(given("/TopProducts(count=@c)?@c=7")).to.deep.equal({ count: 7 });
      expect(given("/TopProducts(count=@c)")).to.deep.equal({ count: null });
      const url = `/Near(address=@a,sizes=@s,since=@d)?@a={"city":"Ulm"}&@s=[1,2]&@d=2024-02-29`;
      expect(given(url)).to.deep.equal({
        address: { street: null, city: "Ulm" },
        sizes: [1, 2],
        since: "2024-02-29",
      });
      expect(given("/Near(address=null,sizes=@s,since=null)?@s=[]")).to.deep.include({ sizes: [] });
    });

    it("may stand in the query where there are no parentheses, with or without @", () => {
      expect(given("/TopProducts?@count=7")).to.deep.equal({ count: 7 });
      expect(given("/TopProducts?category='x'&@count=7")).to.deep.equal({ count: 7, category: "x" });
      expect(given("/Products(1)/Shop.Price?tax=0.5")).to.deep.equal({ tax: 0.5 });
      expect(overload("/TopProducts?other=1")).to.deep.equal([]);
    });

    it("may have the name of a system query option that takes no such value", () => {
      expect(given("/TopProducts?count=5")).to.deep.equal({ count: 5 });
      expect(resource("/TopProducts?count=true").options.count).to.equal(true);
      expect(fails("/Products?count=5")).to.include({ status: 400, target: "$count" });
      expect(fails("/TopProducts?top=x")).to.include({ status: 400, target: "$top" });
      expect(fails("/TopProducts?$count=5")).to.include({ status: 400, target: "$count" });
      expect(fails("/TopProducts?count=(")).to.include({ status: 400 });
    });

    const wrong: readonly (readonly [url: string, message: string])[] = [
      ["/TopProducts(count='a')", "Edm.Int32"],
      ["/TopProducts(count=5.5)", "Edm.Int32"],
      ["/TopProducts(count=99999999999)", "Edm.Int32"],
      ["/TopProducts(count=null,category='x')", "cannot be null"],
      ["/TopProducts(count=@c,category='x')", "cannot be null"],
      ["/TopProducts(count=@c)?@c=name", "no property named 'name'"],
      ["/TopProducts(count=@c)?@c=1 add 1", "a literal"],
      ["/TopProducts(count=@c)?@c=[1]", "Collection(Edm.Int32)"],
      ["/Find(name='abcdef')", "at most 5"],
      ["/Find(name='a',most=1.234)", "fractional digit"],
      ["/Find(name='a',color='Pink')", "Pink"],
      ['/Near(address=@a,sizes=@s,since=null)?@a={"town":"x"}&@s=[]', "no property named 'town'"],
      ["/Near(address=@a,sizes=@s,since=null)?@a=5&@s=[]", "Shop.Address"],
      ["/Near(address=null,sizes=null,since=null)", "[]"],
      ["/Near(address=null,sizes=@s,since=null)?@s=[1,null]", "null"],
      ['/Near(address=null,sizes=@s,since=null)?@s=[1,"x"]', "cannot stand in one collection"],
    ];
    for (const [url, message] of wrong) {
      it(`are held against their parameters: ${url}`, () => {
        const error = fails(url.replaceAll('"', "%22"));
        expect(error).to.include({ status: 400 });
        expect(error.message).to.contain(message);
      });
    }
  });

  describe("bound operations", () => {
    it("follow collections, entities, derived types and singletons", () => {
      const average = path("/Products/Shop.Average()");
      expect(brief(call(average).binding!)).to.deep.equal(["Products"]);
      expect(brief(path("/Categories(1)/products/Shop.Best()"))).to.deep.equal(["Shop.Best()"]);
      expect(brief(call(path("/Products(1)/Shop.Book/Shop.Discount")).binding!)).to.deep.equal([
        "Products",
        "(id=1)",
        ":Shop.Book",
      ]);
      expect(brief(call(path("/Me/Shop.Chief()")).binding!)).to.deep.equal(["Me"]);
      expect(brief(call(path("/Products/Shop.Book/Shop.Average()")).binding!)).to.deep.equal([
        "Products",
        ":Shop.Book",
      ]);
      expect(brief(call(path("/Products/$filter(price gt 1)/Shop.Review")).binding!)).to.deep.equal([
        "Products",
        "?filter",
      ]);
    });

    it("follow complex and primitive values and collections of these", () => {
      for (const [url, names] of [
        ["/Products(1)/address/Shop.Format()", ["address"]],
        ["/Products(1)/addresses/0/Shop.Format()", ["addresses"]],
        ["/Products(1)/address/Shop.Postbox/Shop.Format()", ["address"]],
        ["/Products(1)/name/Shop.Shout()", ["name"]],
        ["/Products(1)/tags/Shop.Longest()", ["tags"]],
      ] as const) {
        const { tail } = call(path(url)).binding!;
        if (tail.kind !== "property") throw new Error("A property was expected.");
        expect(tail.path.map(({ name }) => name)).to.deep.equal(names);
      }
    });

    it("are 404 behind what they are not bound to", () => {
      const error = fails("/People(1)/Shop.Discount");
      expect(error).to.include({ status: 404 });
      expect(error.message).to.contain("'Shop.Product'").and.to.contain("'Shop.Person'");
      expect(fails("/Products/Shop.Discount")).to.include({ status: 404 });
      expect(fails("/Products(1)/name/Shop.Format()")).to.include({ status: 404 });
      expect(fails("/Products(1)/name/$value/Shop.Shout()")).to.include({ status: 400 });
      expect(fails("/Products(1)/Shop.Prise(tax=1)").message).to.contain("'Shop.Price'");
    });

    it("behind $each are called for each member", () => {
      const discount = path("/Products/$filter(price gt 1)/$each/Shop.Discount");
      expect(call(discount).binding?.tail).to.deep.equal({ kind: "each" });
      expect(discount.collection).to.equal(true);
      const { tail } = path("/Products/$each/Shop.Label");
      expect(tail.kind === "property" && tail.path[0]!.collection).to.equal(true);
      const price = path("/Products/$each/Shop.Price(tax=1)");
      expect(price.tail.kind === "property" && price.tail.path[0]!.collection).to.equal(true);
      expect(fails("/Products/$each/Shop.Split")).to.include({ status: 501 });
      expect(fails("/Products/$each/Shop.Review")).to.include({ status: 404 });
    });

    it("tell a parenthesis that cannot be read", () => {
      expect(fails("/Products(1)/Shop.Price(tax=[1])").message).to.contain("a literal or a parameter alias");
      expect(fails("/Products/Shop.Best(x=)")).to.include({ status: 400 });
      expect(fails("/TopProducts(count=)")).to.include({ status: 400 });
    });

    it("may be kept from a part of a collection", () => {
      expect(brief(path("/Products/Shop.Seal"))).to.deep.equal(["Shop.Seal()"]);
      expect(fails("/Products/$filter(price gt 1)/Shop.Seal")).to.include({ status: 501 });
    });
  });

  describe("in expressions", () => {
    const filter = (expression: string, on = "Products") => fails(`/${on}?$filter=${expression}`);

    it("are code, which is not called for each item: 501", () => {
      for (const call of [
        "Shop.Price(tax=1) gt 5",
        "$it/Shop.Price(tax=price) gt 5",
        "category/products/any(p:p/Shop.Price(tax=1,off=2) gt 5)",
        "related/Shop.Average() gt 5",
        "Shop.Total() gt 5",
        "address/Shop.Format() eq 'x'",
        "name/Shop.Shout() eq 'x'",
        "$root/Total() gt 5",
      ]) {
        const error = filter(call);
        expect(error, call).to.include({ status: 501, target: "$filter" });
        expect(error.message).to.contain("its own functions");
      }
      expect(fails("/Products?$orderby=Shop.Price(tax=1)").status).to.equal(501);
      expect(fails("/Products?$compute=Shop.Price(tax=1) as p").status).to.equal(501);
    });

    it("are called rightly before that: 400", () => {
      const wrong: readonly (readonly [call: string, message: string])[] = [
        ["Shop.Price() gt 5", "Shop.Price(tax)"],
        ["Shop.Price(tux=1) gt 5", "Did you mean 'tax'?"],
        ["Shop.Price(tax='a') gt 5", "Edm.Double"],
        ["Shop.Price(tax=nothing) gt 5", "nothing"],
        ["Shop.Discount(by=1) gt 5", "an action"],
        ["name/Shop.Price(tax=1) gt 5", "'Shop.Product'"],
        ["category/Shop.Price(tax=1) gt 5", "'Shop.Product'"],
        ["Shop.Prize(tax=1) gt 5", "Shop.Price"],
      ];
      for (const [call, message] of wrong) {
        const error = filter(call);
        expect(error, call).to.include({ status: 400 });
        expect(error.message).to.contain(message);
      }
    });
  });

  describe("in $select", () => {
    const selected = (url: string) => resource(url).options.select?.items;

    it("are named in full, with the names of their parameters where overloads have to be told apart", () => {
      const named = [{ kind: "operation", name: "Shop.Discount" }];
      expect(selected("/Products?$select=Shop.Discount")).to.deep.equal(named);
      expect(selected("/Products?$select=Shop.Price(tax,off)")).to.deep.equal([
        { kind: "operation", name: "Shop.Price" },
      ]);
      expect(selected("/Products?$select=Shop.*")).to.deep.equal([{ kind: "operation", name: "Shop.*" }]);
    });

    it("can be called on what they are selected of", () => {
      expect(fails("/People?$select=Shop.Discount").message).to.contain("'Shop.Person'");
      expect(fails("/Products?$select=Shop.Price(x)").message).to.contain("Shop.Price(tax)");
      expect(fails("/Products?$select=Shop.Discont").message).to.contain("Shop.Discount");
      expect(fails("/Products?$select=Shop.Average")).to.include({ status: 400 });
    });
  });

  describe("simple names", () => {
    it("are enough in a default namespace, or where the service says so", () => {
      const short = withOperations([{ term: "Org.OData.Core.V1.DefaultNamespace", value: true }]);
      for (const url of ["/Products(1)/Discount", "/Products/Best()", "/Products(1)/address/Format()", "/Me/Chief()"]) {
        expect(call(path(url, {}, short)).operation.bound).to.equal(true);
        expect(call(path(url, { unqualifiedOperations: true })).operation.bound).to.equal(true);
      }
      expect(fails("/Products(1)/Discount")).to.include({ status: 404 });
    });

    it("are those of properties first, and of keys only where nothing is bound there", () => {
      const options = { unqualifiedOperations: true };
      const named = buildModel({
        schemas: [
          {
            ...shop.schemas[0]!,
            operations: [{ kind: "action", name: "name", ...bound, parameters: [product] }],
          },
        ],
      });
      expect(path("/Products(1)/name", options, named).tail.kind).to.equal("property");
      expect(call(path("/Products(1)/Shop.name", options, named)).operation.name).to.equal("name");
      expect(brief(path("/Lines/Best/1", options))).to.deep.equal(["Lines", "(language=Best,no=1)"]);
    });
  });

  describe("results", () => {
    it("of composable functions go on: keys, properties, casts, counts, other operations", () => {
      expect(brief(path("/TopProducts()(7)/category"))).to.deep.equal(["Shop.Top()", "(id=7)", ">category"]);
      expect(brief(path("/TopProducts(count=2)/7"))).to.deep.equal(["Shop.Top()", "(id=7)"]);
      expect(brief(path("/TopProducts()/Shop.Book"))).to.deep.equal(["Shop.Top()", ":Shop.Book"]);
      expect(path("/TopProducts()/$count").tail.kind).to.equal("count");
      expect(brief(path("/TopProducts()/$filter(price gt 1)"))).to.deep.equal(["Shop.Top()", "?filter"]);
      expect(resource("/TopProducts()?$filter=price gt 1&$orderby=name&$top=1&$select=name").options.top).to.equal(1);
      const best = path("/TopProducts()/Shop.Best()/Shop.Discount");
      expect(brief(call(best).binding!)).to.deep.equal(["Shop.Best()"]);
      expect(brief(call(call(best).binding!).binding!)).to.deep.equal(["Shop.Top()"]);
    });

    it("that are values stand in a property 'value'", () => {
      const names = (url: string) => {
        const { tail } = path(url);
        return tail.kind === "property" ? tail.path.map(({ name }) => name) : [];
      };
      expect(names("/Stats()")).to.deep.equal(["value"]);
      expect(names("/Stats()/city")).to.deep.equal(["value", "city"]);
      expect(names("/Total()")).to.deep.equal(["value"]);
      expect(path("/Stats()/city/$value").tail).to.include({ raw: true });
      expect(path("/Numbers()/$count").tail).to.include({ count: true });
      expect(brief(path("/Stats()/Shop.Format()/Shop.Shout()"))).to.deep.equal(["Shop.Shout()"]);
      expect(resource("/Numbers()?$filter=$it gt 1").options.filter?.kind).to.equal("comparison");
    });

    it("of other functions and of actions end the path", () => {
      for (const url of [
        "/Find(name='a')/$count",
        "/Find(name='a')/7",
        "/Find(name='a')(7)",
        "/Total()/$value",
        "/Reset/$value",
        "/Products(1)/Shop.Discount/name",
        "/Products(1)/Shop.Label/Shop.Shout()",
      ]) {
        expect(fails(url), url).to.include({ status: 400 });
      }
      expect(fails("/Find(name='a')/$count").message).to.contain("not composable");
      expect(fails("/Products(1)/Shop.Discount/name").message).to.contain("is an action");
    });

    it("of functions that are not composable take no options but those of any request", () => {
      expect(fails("/Find(name='a')?$filter=price gt 1").message).to.contain("not composable");
      expect(resource("/Find(name='a')?$format=json").path.collection).to.equal(true);
      expect(fails("/Total()?$select=a")).to.include({ status: 400 });
    });

    it("of actions take options that say how they are shown", () => {
      expect(resource("/Make?$select=name&$expand=category").options.expand).to.have.length(1);
      expect(fails("/Make?$filter=price gt 1")).to.include({ status: 400 });
      expect(fails("/Reset?$select=name")).to.include({ status: 400 });
    });

    it("of actions have their arguments in the body, so none in the URL", () => {
      expect(fails("/Reset(hard=true)").message).to.contain("body");
      expect(call(path("/Reset()")).operation.kind).to.equal("action");
    });

    it("are at home in the entity set of the import, or where the entity set path leads to", () => {
      const home = (url: string) => {
        const place = homeOf(call(path(url)), model);
        return place === undefined ? undefined : `${place.root?.name ?? ""} ${place.path}`;
      };
      expect(home("/TopProducts()")).to.equal("Products ");
      expect(home("/Find(name='a')")).to.equal(undefined);
      expect(home("/Products/Shop.Best()")).to.equal("Products ");
      expect(home("/Products(1)/Shop.Discount")).to.equal("Products ");
      expect(home("/Stats()")).to.equal(undefined);
      expect(home("/TopProducts()/Shop.Best()")).to.equal("Products ");
    });
  });
});
