import { expect } from "chai";
import { annotated, expanded, failure, model, options, print } from "./support.js";

const tree = (url: string, more = {}) => expanded(options(url, model, more));

describe("binding of $expand", () => {
  it("names navigation properties, with casts before and behind them", () => {
    expect(tree("Products?$expand=category,related")).to.deep.equal(["category", "related"]);
    expect(tree("Products?$expand=Shop.Book/author")).to.deep.equal(["Book/author"]);
    expect(tree("People?$expand=friends/Shop.Employee")).to.deep.equal(["friends/Employee"]);
    expect(tree("Products?$expand=S.Product/category")).to.deep.equal(["category"]);
    expect(tree("People?$expand=friends/Shop.Person")).to.deep.equal(["friends"]);
  });

  it("binds nested options over the targets", () => {
    const [products] = options(
      "Categories?$expand=products($filter=price gt 5;$orderby=name;$top=2;$skip=1;$count=true;$search=red;$select=name;$compute=price mul 2 as p)",
    ).expand;
    expect(products!.options).to.include({ top: 2, skip: 1, count: true });
    expect(print(products!.options.filter!)).to.equal("($this/price gt 5)");
    expect(products!.options.variable.type).to.include({ qualifiedName: "Shop.Product" });
    expect(products!.options.search).to.include({ kind: "SearchTerm", text: "red" });
    expect(products!.options.compute!.map(({ name }) => name)).to.deep.equal(["p"]);
  });

  it("lets $it stand for the resource of the request, however deep", () => {
    const [orders] = options(
      "Categories?$expand=products($filter=$it/name eq name;$expand=related($filter=$it/id eq id))",
    ).expand;
    expect(print(orders!.options.filter!)).to.equal("($it/name eq $this/name)");
    expect(print(orders!.options.expand[0]!.options.filter!)).to.equal("($it/id eq $this/id)");
  });

  it("binds options behind a cast over the type of the cast", () => {
    const [friends] = options("People?$expand=friends/Shop.Employee($filter=salary gt 1)").expand;
    expect(friends!.targetCast).to.include({ name: "Employee" });
    expect(print(friends!.options.filter!)).to.equal("($this/salary gt 1)");
  });

  it("takes references and counts", () => {
    const [products] = options("Categories?$expand=products/$ref($filter=id gt 1;$top=3)").expand;
    expect(products).to.include({ what: "references" });
    expect(products!.options.top).to.equal(3);
    expect(tree("Categories?$expand=products/Shop.Book/$ref")).to.deep.equal(["products/Book/$ref"]);
    const [count] = options("Categories?$expand=products/$count($filter=id gt 1;$search=red)").expand;
    expect(count).to.include({ what: "count" });
    expect(print(count!.options.filter!)).to.equal("($this/id gt 1)");
    expect(tree("Products?$expand=category/$ref")).to.deep.equal(["category/$ref"]);
  });

  it("refuses options that do not fit", () => {
    for (const url of [
      "Products?$expand=category($filter=id eq 1)",
      "Products?$expand=category($top=1)",
      "Products?$expand=category($count=true)",
      "Products?$expand=category/$ref($top=1)",
      "Products?$expand=category/$count",
      "Categories?$expand=products/$count($top=1)",
      "Categories?$expand=products/$ref($select=name)",
    ]) {
      expect(failure(url).status, url).to.equal(400);
    }
  });

  describe("of everything", () => {
    it("stands for the navigation properties, those of derived types for their entities", () => {
      expect(tree("Orders?$expand=*")).to.deep.equal(["items", "customer"]);
      expect(tree("Products?$expand=*")).to.deep.equal([
        "category",
        "related",
        "Book/author",
        "Film/author",
        "Book/quotes",
        "Film/quotes",
      ]);
      expect(tree("Products?$expand=*", { derivedNavigation: true })).to.deep.equal([
        "category",
        "related",
        "author",
        "Book/quotes",
        "Film/quotes",
      ]);
      expect(tree("Orders?$expand=*/$ref")).to.deep.equal(["items/$ref", "customer/$ref"]);
    });

    it("goes behind what is named", () => {
      expect(tree("Orders?$expand=*/$ref,customer($expand=friends)")).to.deep.equal([
        { customer: ["friends"] },
        "items/$ref",
      ]);
      expect(tree("Orders?$expand=customer,*")).to.deep.equal(["customer", "items"]);
    });

    it("goes several levels deep", () => {
      expect(tree("Categories?$expand=*($levels=2)")).to.deep.equal([
        { products: ["category", "related", "Book/author", "Film/author", "Book/quotes", "Film/quotes"] },
      ]);
    });
  });

  describe("with $levels", () => {
    it("goes on over the same property, with the same options", () => {
      expect(tree("Employees?$expand=reportsTo($levels=1)")).to.deep.equal(["reportsTo"]);
      expect(tree("Employees?$expand=reportsTo($levels=3;$select=name)")).to.deep.equal([
        { reportsTo: [{ reportsTo: ["reportsTo"] }] },
      ]);
      const [first] = options("Employees?$expand=reports($levels=2;$select=name;$filter=salary gt 1)").expand;
      const [second] = first!.options.expand;
      expect(second!.options.select!.text).to.deep.equal(["name"]);
      expect(print(second!.options.filter!)).to.equal("($this/salary gt 1)");
      expect(second!.options.filter).not.to.equal(first!.options.filter);
    });

    it("goes on beside what else is expanded", () => {
      expect(tree("Employees?$expand=reportsTo($levels=2;$expand=friends)")).to.deep.equal([
        { reportsTo: ["friends", { reportsTo: ["friends"] }] },
      ]);
    });

    it("goes on over casts", () => {
      expect(tree("People?$expand=Shop.Employee/reportsTo($levels=2)")).to.deep.equal([
        { "Employee/reportsTo": ["reportsTo"] },
      ]);
      expect(tree("Employees?$expand=deputy($levels=2)")).to.deep.equal([{ deputy: ["Employee/deputy"] }]);
      expect(tree("People?$expand=friends/Shop.Employee($levels=2)")).to.deep.equal([
        { "friends/Employee": ["friends/Employee"] },
      ]);
    });

    it("goes as deep as is allowed with max", () => {
      const depth = (list: unknown[]): number => {
        const [only] = list;
        return only === undefined ? 0 : typeof only === "string" ? 1 : 1 + depth(Object.values(only as object)[0]);
      };
      expect(depth(tree("Employees?$expand=reportsTo($levels=max)"))).to.equal(8);
      const limits = { maxExpandDepth: 3 };
      expect(depth(tree("Employees?$expand=reportsTo($levels=max)", { limits }))).to.equal(3);
      expect(tree("Products?$expand=category($levels=max)")).to.deep.equal(["category"]);
    });

    it("refuses more levels than there can be", () => {
      expect(failure("Products?$expand=category($levels=2)").status).to.equal(400);
      expect(failure("Products?$expand=category($levels=2)").message).to.include("$levels can only be 1");
      expect(failure("Employees?$expand=reportsTo($levels=9)").message).to.include("8 levels");
      expect(failure("Employees?$expand=reportsTo($levels=2;$expand=reportsTo)").message).to.include("twice");
      expect(failure("Employees?$levels=2").status).to.equal(400);
    });
  });

  it("refuses a property twice, but for types that have no entity in common", () => {
    expect(failure("Products?$expand=category,category").status).to.equal(400);
    expect(failure("Products?$expand=category/$ref,category").status).to.equal(400);
    expect(failure("Products?$expand=*,*").status).to.equal(400);
    expect(failure("People?$expand=friends,friends/Shop.Employee").status).to.equal(400);
    expect(tree("Products?$expand=Shop.Book/author,Shop.Film/author")).to.deep.equal(["Book/author", "Film/author"]);
  });

  it("is bounded in depth and breadth, wildcards and levels put in", () => {
    const deep = "related($expand=".repeat(8);
    expect(failure(`Products?$expand=${deep}related${")".repeat(8)}`).message).to.include("8 levels");
    expect(failure("Categories?$expand=*($levels=6)").message).to.include("more than 200");
    expect(failure("Categories?$expand=*($levels=max)").message).to.include("more than 200");
    expect(failure("Products?$expand=category,related", { limits: { maxExpandItems: 1 } }).message).to.include(
      "more than 1 ",
    );
  });

  it("says which name is not there, where, and what is near to it", () => {
    expect(failure("Products?$expand=category,relatd").message).to.equal(
      "Error in $expand at character 10: the type 'Shop.Product' has no navigation property named 'relatd'. Did you mean 'related'?",
    );
    expect(failure("Products?$expand=Shop.Book/auther").message).to.include("at character 11:");
    expect(failure("Products?$expand=category/Shop.Bok").message).to.include("at character 10:");
    expect(failure("Products?$expand=name").message).to.include("$select");
    expect(failure("Products?$expand=Shop.Person/friends").status).to.equal(400);
    expect(failure("Products?$expand=category/Shop.Bok").status).to.equal(400);
    expect(failure("Products?$expand=category/name").status).to.equal(400);
    expect(failure("Products?$expand=$value").status).to.equal(400);
  });

  it("answers 501 for what is not offered", () => {
    expect(failure("Products?$expand=photo").status).to.equal(501);
    expect(failure("Pictures?$expand=$value").status).to.equal(501);
    expect(failure("Products?$expand=address/country").status).to.equal(501);
    expect(failure("Products(1)/address?$expand=country").status).to.equal(501);
    expect(failure("Products?$expand=@Core.Links").status).to.equal(501);
  });

  describe("where the model restricts it", () => {
    it("as a whole, for single properties, and in depth", () => {
      const of = annotated({
        Orders: { ExpandRestrictions: { Expandable: false } },
        Products: { ExpandRestrictions: { NonExpandableProperties: ["related"], MaxLevels: 1 } },
      });
      expect(failure("Orders?$expand=items", {}, of).status).to.equal(501);
      expect(failure("Products?$expand=related", {}, of).status).to.equal(400);
      expect(expanded(options("Products?$expand=*", of))).not.to.include("related");
      expect(expanded(options("Products?$expand=category", of))).to.deep.equal(["category"]);
      expect(failure("Products?$expand=category($expand=products)", {}, of).status).to.equal(400);
      expect(failure("Categories?$expand=products($expand=category($expand=products))", {}, of).status).to.equal(400);
      expect(expanded(options("Categories?$expand=products($expand=category)", of))).to.have.length(1);
    });

    it("through the set that a navigation property is bound to", () => {
      const of = annotated({
        Products: { FilterRestrictions: { NonFilterableProperties: ["price"] }, TopSupported: false },
      });
      expect(failure("Categories?$expand=products($filter=price gt 1)", {}, of).status).to.equal(400);
      expect(failure("Categories?$expand=products($top=1)", {}, of).status).to.equal(501);
      expect(failure("Categories(1)/products?$top=1", {}, of).status).to.equal(501);
    });

    it("by restrictions of the path, which go before those of the set", () => {
      const of = annotated({
        Products: { TopSupported: false },
        Categories: {
          NavigationRestrictions: {
            RestrictedProperties: [{ NavigationProperty: "products", TopSupported: true, SkipSupported: false }],
          },
        },
      });
      expect(options("Categories(1)/products?$top=1", of).top).to.equal(1);
      expect(failure("Categories(1)/products?$skip=1", {}, of).status).to.equal(501);
      expect(options("Products?$skip=1", of).skip).to.equal(1);
    });
  });
});
