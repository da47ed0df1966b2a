import { expect } from "chai";
import { bindPath } from "../../src/binding/index.js";
import type { PropertyTail } from "../../src/binding/index.js";
import { ODataError } from "../../src/errors/index.js";
import { parsePath } from "../../src/syntax/index.js";
import { annotated, brief, failure, model, path, print, resource } from "./support.js";

function tail(url: string, options = {}): PropertyTail {
  const bound = path(url, options).tail;
  if (bound.kind !== "property") throw new Error(`'${url}' leads to ${bound.kind}.`);
  return bound;
}

/** A property path in short: names, and what stands between them. */
function briefTail({ path: steps, casts, narrowing, raw, count }: PropertyTail): string {
  let text = "";
  for (let at = 0; at <= steps.length; at++) {
    for (const one of narrowing) {
      if (one.at !== at) continue;
      if (one.kind === "filter") text += `[${print(one.condition)}]`;
      else text += one.kind === "cast" ? `[:${one.type.name}]` : `[${one.index}]`;
    }
    for (const one of casts) if (one.at === at) text += `:${one.type.name}`;
    if (at < steps.length) text += `/${steps[at]!.name}`;
  }
  return `${text}${raw ? "/$value" : ""}${count ? "/$count" : ""}`;
}

describe("binding of paths", () => {
  describe("to entities", () => {
    it("goes from sets and singletons over keys and navigation properties", () => {
      expect(brief(path("Products"))).to.deep.equal(["Products"]);
      expect(brief(path("Products(1)/category/products(2)"))).to.deep.equal([
        "Products",
        "(id=1)",
        ">category",
        ">products",
        "(id=2)",
      ]);
      expect(brief(path("Me/friends/7"))).to.deep.equal(["Me", ">friends", "(id=7)"]);
    });

    it("tells type, cardinality and tail", () => {
      expect(path("Products(1)/related")).to.deep.include({ collection: true, tail: { kind: "entity" } });
      expect(path("Products(1)/category").collection).to.equal(false);
      expect(path("Products(1)/category").type.name).to.equal("Category");
      expect(path("Products/$count").tail).to.deep.equal({ kind: "count" });
      expect(path("Products/$ref").tail).to.deep.equal({ kind: "ref" });
      expect(path("Products(1)/category/$ref").tail).to.deep.equal({ kind: "ref" });
      expect(path("Products/$each").tail).to.deep.equal({ kind: "each" });
    });

    it("casts before and behind keys", () => {
      expect(brief(path("Products/Shop.Book(1)/author"))).to.deep.equal([
        "Products",
        ":Shop.Book",
        "(id=1)",
        ">author",
      ]);
      expect(brief(path("Products(1)/S.Book/author"))).to.deep.equal(["Products", "(id=1)", ":Shop.Book", ">author"]);
      expect(brief(path("Products/Shop.Book/$filter(isbn eq 'x')/3"))).to.deep.equal([
        "Products",
        ":Shop.Book",
        "?filter",
        "(id=3)",
      ]);
      expect(path("Products/Shop.Book").type.name).to.equal("Book");
    });

    it("answers 404 for a name that is not there, with the segment and what is near", () => {
      expect(failure("Prodcts")).to.include({ status: 404, target: "Prodcts" });
      expect(failure("Prodcts").message).to.include("Did you mean 'Products'?");
      expect(failure("Products(1)/categry")).to.include({ status: 404, target: "categry" });
      expect(failure("Products(1)/categry").message).to.include("'category'");
      expect(failure("Products(1)/Shop.Bok").message).to.include("Did you mean 'Shop.Book'");
      expect(failure("Products(1)/Shop.Bok").status).to.equal(404);
      expect(failure("Products(1)/Shop.Person")).to.include({ status: 404, target: "Shop.Person" });
      expect(failure("Products(1)/$cont").message).to.include("'$count'");
      expect(failure("$metdata").message).to.include("'$metadata'");
    });

    it("answers 404 for system segments where they mean nothing", () => {
      for (const url of ["Products(1)/$count", "Me/$count", "Products(1)/$each", "Products(1)/$filter(id eq 1)"]) {
        expect(failure(url).status, url).to.equal(404);
      }
      expect(failure("Products/$value").status).to.equal(404);
      expect(failure("Products/$each/Shop.Book")).to.include({ status: 404, target: "Shop.Book" });
    });

    it("end at media streams: of media entities, and those that are properties", () => {
      expect(path("Pictures(1)/$value").tail).to.deep.equal({ kind: "media" });
      const { tail } = path("Products(1)/photo");
      if (tail.kind !== "stream") throw new Error(`It is ${tail.kind}.`);
      expect(tail.property.name).to.equal("photo");
      expect(tail.path).to.have.length(1);
      expect(failure("Products(1)/photo/$value").status).to.equal(400);
      expect(failure("Products(1)/$value").status).to.equal(400);
      expect(failure("Pictures/$value").status).to.equal(404);
      expect(failure("Pictures(1)/$value/$count").status).to.equal(400);
      expect(failure("Products(1)/photo/x").status).to.equal(404);
      expect(failure("Products(1)/photo?$select=x").status).to.equal(400);
      expect(failure("Pictures(1)/$value?$expand=x").status).to.equal(400);
    });

    it("follows what only derived types declare where the service allows it", () => {
      expect(failure("Products(1)/author").status).to.equal(404);
      const bound = path("Products(1)/author", { derivedNavigation: true });
      expect(bound.type.name).to.equal("Person");
      expect(bound.segments.at(-1)).to.include({ ofDerivedType: true });
      expect(failure("Products(1)/quotes", { derivedNavigation: true }).status).to.equal(400);
      expect(tail("Products(1)/isbn", { derivedNavigation: true })).to.include({ ofDerivedType: true });
      expect(tail("Products(1)/size", { derivedNavigation: true }).path[0]!.name).to.equal("size");
      expect(failure("Products(1)/size/$value", { derivedNavigation: true }).status).to.equal(400);
      expect(failure("Products(1)/parts?$top=1", { derivedNavigation: true }).status).to.equal(400);
      expect(tail("Products(1)/parts", { derivedNavigation: true })).to.include({ ofDerivedType: true });
    });
  });

  it("are bounded in length, and in how many navigation properties they go over", () => {
    expect(path(`Products(1)${"/related(1)".repeat(24)}`).segments).to.have.length(50);
    expect(failure(`Products(1)${"/related(1)".repeat(25)}`).message).to.include("24 navigation properties");
    expect(failure(`Products${"/Shop.Book".repeat(100)}`).message).to.include("100 segments");
    expect(failure("Products(1)/related", { limits: { maxPathNavigations: 0 } }).status).to.equal(400);
  });

  describe("with keys", () => {
    it("takes names, negative numbers and aliases", () => {
      expect(brief(path("Products(id=1)"))[1]).to.equal("(id=1)");
      expect(brief(path("Products(-1)"))[1]).to.equal("(id=-1)");
      expect(brief(path("Products(@k)?@k=5"))[1]).to.equal("(id=5)");
      expect(brief(path("Products(@k)?@k=-5"))[1]).to.equal("(id=-5)");
      expect(brief(path("Lines(no=@n,language='de')?@n=3"))[1]).to.equal("(language=de,no=3)");
    });

    it("keeps literals that are keys out of those that plans can share", () => {
      const literals = (url: string) => [...resource(url).literals.keys()].map(({ value }) => value);
      expect(literals("Products(@k)/related?$filter=id gt @k and price gt 7.5&@k=5")).to.deep.equal(["7.5"]);
      expect(literals("Products(@k)/related?$filter=id gt @l&@k=5&@l=5")).to.deep.equal(["5"]);
    });

    it("takes keys without parentheses, a segment for each part", () => {
      expect(brief(path("Products/1/category"))).to.deep.equal(["Products", "(id=1)", ">category"]);
      expect(brief(path("Lines/de/3"))).to.deep.equal(["Lines", "(language=de,no=3)"]);
      expect(failure("Lines/de")).to.include({ status: 400, target: "de" });
      expect(failure("Lines/de/$count").status).to.equal(400);
      expect(failure("Products/x")).to.include({ status: 400, target: "id" });
    });

    it("takes members of enumerations", () => {
      expect(brief(path("Paints('Green')"))[1]).to.equal("(color=Green)");
      expect(brief(path("Paints(Shop.Color'Green')"))[1]).to.equal("(color=Green)");
      expect(brief(path("Paints/Green"))[1]).to.equal("(color=Green)");
      expect(failure("Paints/Yellow").status).to.equal(400);
    });

    it("takes alternate keys by their names", () => {
      expect(brief(path("Products(sku='x')"))[1]).to.equal("(sku=x)");
      expect(brief(path("Products(batch=2,n='a')"))[1]).to.equal("(name=a,batch=2)");
      expect(brief(path("Products(sku=@k)?@k='y'"))[1]).to.equal("(sku=y)");
      expect(brief(path("Categories(1)/products(sku='x')")).at(-1)).to.equal("(sku=x)");
      expect(brief(path("Products/Shop.Book(sku='x')")).at(-1)).to.equal("(sku=x)");
    });

    it("takes alternate keys that only an entity set has", () => {
      const of = annotated({ People: { "Org.OData.Core.V1.AlternateKeys": [{ Key: [{ Name: "name" }] }] } });
      expect(brief(path("People(name='x')", {}, of))[1]).to.equal("(name=x)");
      expect(failure("Me/friends(name='x')", {}, of).status).to.equal(400);
    });

    it("says how a key is written where it is none", () => {
      expect(failure("Products(name='a')").message).to.include("(value) or (sku=value) or (n=value,batch=value)");
      expect(failure("Products(skuu='a')").message).to.include("Did you mean 'sku'?");
      for (const url of [
        "Products('a')",
        "Products(null)",
        "Products(id=1,id=1)",
        "Products()",
        "Products(@k)",
        "Products(name)",
        "Lines('de')",
        "Lines(language='de')",
        "Products(1)(2)",
        "Products(id=99999999999)",
      ]) {
        expect(failure(url).status, url).to.equal(400);
      }
      expect(failure("Me(1)").status).to.equal(400);
      expect(failure("Products(1)/category(1)").status).to.equal(400);
    });

    it("leaves out what a referential constraint gives", () => {
      const whole = ["Orders", "(id=7)", ">items", "(orderId=7,no=2)"];
      for (const url of [
        "Orders(7)/items(2)",
        "Orders(7)/items(no=2)",
        "Orders/7/items/2",
        "Orders(7)/items(orderId=7,no=2)",
      ]) {
        expect(brief(path(url)), url).to.deep.equal(whole);
      }
      expect(brief(path("Orders(7)/items(orderId=8,no=2)")).at(-1)).to.equal("(orderId=8,no=2)");
      expect(brief(path("Orders/7/items/2/product")).at(-1)).to.equal(">product");
      expect(failure("Orders(7)/items(orderId=7)").status).to.equal(400);
    });

    it("refuses what the model does not offer", () => {
      expect(failure("Products(1)", {}, annotated({ Products: { IndexableByKey: false } })).status).to.equal(501);
      const parentheses = annotated({ "": { KeyAsSegmentSupported: false } });
      expect(failure("Products/1", {}, parentheses).status).to.equal(404);
      expect(brief(path("Products(1)", {}, parentheses))[1]).to.equal("(id=1)");
    });
  });

  describe("with filters", () => {
    it("binds conditions over the items of the collection", () => {
      const bound = path("Products/$filter(@f)/$filter(id gt 1)/$count?@f=price lt 10");
      expect(bound.tail.kind).to.equal("count");
      const conditions = bound.segments.flatMap((segment) =>
        segment.kind === "filter" ? [print(segment.condition)] : [],
      );
      expect(conditions).to.deep.equal(["($it/price lt 10)", "($it/id gt 1)"]);
    });

    it("takes a key in parentheses behind them", () => {
      expect(brief(path("Products/$filter(@f)(1)/category?@f=price lt 10"))).to.deep.equal([
        "Products",
        "?filter",
        "(id=1)",
        ">category",
      ]);
    });

    it("refuses what is no condition", () => {
      for (const url of [
        "Products/$filter",
        "Products/$filter()",
        "Products/$filter(name)",
        "Products/$filter(a eq)",
      ]) {
        expect(failure(url).status, url).to.equal(400);
      }
    });

    it("has no place in a reference to an entity", () => {
      expect(() => bindPath(parsePath("Products/$filter(id eq 1)/1"), model)).to.throw(ODataError, "condition");
    });
  });

  describe("into properties", () => {
    it("goes through complex values, and to their raw value and count", () => {
      expect(briefTail(tail("Products(1)/name"))).to.equal("/name");
      expect(briefTail(tail("Products(1)/name/$value"))).to.equal("/name/$value");
      expect(briefTail(tail("Products(1)/address/city"))).to.equal("/address/city");
      expect(briefTail(tail("Products(1)/tags/$count"))).to.equal("/tags/$count");
    });

    it("casts complex values and the items of collections", () => {
      expect(briefTail(tail("Products(1)/address/Shop.Postbox/box"))).to.equal("/address:Postbox/box");
      expect(briefTail(tail("Products(1)/address/Shop.Postbox"))).to.equal("/address:Postbox");
      expect(briefTail(tail("Products(1)/addresses/Shop.Postbox/$count"))).to.equal("/addresses[:Postbox]/$count");
      expect(failure("Products(1)/address/Shop.Bag")).to.include({ status: 404, target: "Shop.Bag" });
      expect(failure("Products(1)/name/Shop.Address").status).to.equal(404);
      expect(failure("Products(1)/address/Shop.Postbx").message).to.include("'Shop.Postbox'");
    });

    it("takes ordinals, from the end too, and goes on behind them", () => {
      expect(briefTail(tail("Products(1)/tags/0"))).to.equal("/tags[0]");
      expect(briefTail(tail("Products(1)/tags/-1/$value"))).to.equal("/tags[-1]/$value");
      expect(briefTail(tail("Products(1)/addresses/1/city"))).to.equal("/addresses[1]/city");
      expect(briefTail(tail("Products(1)/addresses/Shop.Postbox/0/codes/1"))).to.equal(
        "/addresses[:Postbox][0]/codes[1]",
      );
      expect(briefTail(tail("Products(1)/addresses/0/Shop.Postbox/box"))).to.equal("/addresses[0]:Postbox/box");
      expect(failure("Products(1)/addresses/city")).to.include({ status: 404, target: "city" });
      expect(failure("Products(1)/tags/x").status).to.equal(404);
    });

    it("filters collections", () => {
      expect(briefTail(tail("Products(1)/tags/$filter($it eq 'a')/$count"))).to.equal("/tags[($it eq a)]/$count");
      expect(briefTail(tail("Products(1)/addresses/$filter(@c)/0/city?@c=city eq 'x'"))).to.equal(
        "/addresses[($it/city eq x)][0]/city",
      );
    });

    it("answers 404 for what cannot follow", () => {
      for (const url of [
        "Products(1)/name/name",
        "Products(1)/name/$count",
        "Products(1)/name/$value/x",
        "Products(1)/address/$value",
        "Products(1)/address/nothing",
        "Products(1)/tags/$value",
        "Products(1)/tags/$ref",
        "Products(1)/tags/0/0",
      ]) {
        expect([400, 404], url).to.include(failure(url).status);
      }
      expect(failure("Products(1)/address/sity").message).to.include("'city'");
    });

    it("answers 400 for keys behind properties", () => {
      expect(failure("Products(1)/name(1)").status).to.equal(400);
      expect(failure("Products(1)/address/city(1)").status).to.equal(400);
    });

    it("answers 501 for ways that are not offered", () => {
      expect(failure("Products(1)/address/country").status).to.equal(501);
      expect(failure("Products(1)/tags/$each").status).to.equal(501);
      expect(failure("Things(1)/anything").status).to.equal(501);
      expect(failure("Products(1)/bag/anything").status).to.equal(501);
    });
  });
});
