import { expect } from "chai";
import { checkRead } from "../../src/binding/index.js";
import { buildModel } from "../../src/edm/index.js";
import { ODataError } from "../../src/errors/index.js";
import { annotated, bind, expanded, failure, model, options, print, resource, selected, shop } from "./support.js";

describe("binding of query options", () => {
  describe("for collections of entities", () => {
    it("binds all of them", () => {
      const bound = options(
        "Products?$filter=price gt 1&$orderby=name desc,category/name,related/$count&$top=5&$skip=2&$count=true&$search=a OR b",
      );
      expect(bound).to.include({ top: 5, skip: 2, count: true });
      expect(print(bound.filter!)).to.equal("($it/price gt 1)");
      expect(bound.orderby!.map(({ expression, descending }) => [print(expression), descending])).to.deep.equal([
        ["$it/name", true],
        ["$it/category/name", false],
        ["$it/related/$count", false],
      ]);
      expect(bound.search).to.include({ kind: "SearchBinary", operator: "OR" });
      expect(bound.variable.type).to.include({ qualifiedName: "Shop.Product" });
    });

    it("binds them behind casts and path filters over the type there", () => {
      expect(print(options("Products/Shop.Book?$filter=isbn eq 'x'").filter!)).to.equal("($it/isbn eq x)");
      expect(print(options("Products/$filter(id gt 1)?$filter=name eq 'x'").filter!)).to.equal("($it/name eq x)");
    });

    it("lets $it stand for the row", () => {
      expect(print(options("Products?$filter=$it/price gt 1&$orderby=$it/name").filter!)).to.equal("($it/price gt 1)");
    });

    it("collects literals that plans can share", () => {
      const { literals } = resource("Products?$filter=name eq 'x'&$expand=related($filter=name eq 'y')");
      expect([...literals.keys()].map(({ value }) => value)).to.have.members(["x", "y"]);
    });
  });

  describe("for others", () => {
    it("refuses those of collections on single entities", () => {
      for (const option of ["$filter=id eq 1", "$orderby=id", "$top=1", "$skip=1", "$count=true", "$search=a"]) {
        expect(failure(`Products(1)?${option}`), option).to.include({ status: 400 });
        expect(failure(`Me?${option}`), option).to.include({ status: 400 });
        expect(failure(`Products(1)/category?${option}`), option).to.include({ status: 400 });
      }
      expect(failure("Me?$top=1").message).to.equal("$top is for collections, but this is for a single entity.");
      expect(failure("Me?$top=1").target).to.equal("$top");
      expect(selected(options("Me?$select=name&$expand=friends&$compute=salary mul 2 as s").select)).to.deep.equal([
        "name",
      ]);
    });

    it("takes $filter and $search behind $count", () => {
      expect(print(options("Products/$count?$filter=id gt 1&$search=a").filter!)).to.equal("($it/id gt 1)");
      for (const option of ["$count=true", "$select=id", "$compute=1 as x", "$orderby=idd"])
        expect(failure(`Products/$count?${option}`).status, option).to.equal(400);
      const counted = options("Products/$count?$top=1&$skip=1&$orderby=id&$expand=related");
      expect([counted.top, counted.skip, counted.orderby, counted.expand]).to.deep.equal([
        undefined,
        undefined,
        undefined,
        [],
      ]);
    });

    it("takes those of collections behind $ref, and none that shape entities", () => {
      expect(options("Products/$ref?$filter=id gt 1&$orderby=id&$top=1&$skip=1&$count=true&$search=a").top).to.equal(1);
      expect(failure("Products/$ref?$select=id").status).to.equal(400);
      expect(failure("Products/$ref?$expand=related").status).to.equal(400);
      expect(failure("Products(1)/category/$ref?$filter=id gt 1").status).to.equal(400);
      expect(failure("Products(1)/related/$ref?$id=Products(2)").status).to.equal(400);
    });

    it("takes what fits of structural properties", () => {
      const tags = options(
        "Products(1)/tags?$filter=startswith($it,'a')&$orderby=$this desc&$top=1&$skip=1&$count=true",
      );
      expect(tags.filter!.kind).to.equal("call");
      expect(tags.variable.type).to.include({ qualifiedName: "Edm.String" });
      const addresses = options("Products(1)/addresses?$filter=city eq 'x'&$select=city&$compute=length(city) as n");
      expect(print(addresses.filter!)).to.equal("($it/city eq x)");
      const boxes = options("Products(1)/addresses/Shop.Postbox?$filter=box gt 1");
      expect(print(boxes.filter!)).to.equal("($it/box gt 1)");
      expect(print(options("Products(1)/tags/$count?$filter=$it eq 'a'").filter!)).to.equal("($it eq a)");
      for (const url of [
        "Products(1)/name?$filter=true",
        "Products(1)/name/$value?$select=x",
        "Products(1)/tags?$select=x",
        "Products(1)/tags?$compute=1 as x",
        "Products(1)/tags/0?$top=1",
        "Products(1)/tags/$count?$select=x",
        "Products(1)/addresses/0?$top=1",
        "Products(1)/address?$filter=true",
        "Products(1)/addresses?$apply=identity",
      ]) {
        expect(failure(url).status, url).to.equal(400);
      }
      expect(failure("Products(1)/tags?$search=a").status).to.equal(501);
      expect(selected(options("Products(1)/addresses/0?$select=city").select)).to.deep.equal(["city"]);
    });

    it("takes options behind $each that are about the members in the answer, and refuses others", () => {
      expect(selected(options("Products/$each?$select=id").select)).to.deep.equal(["id"]);
      expect(print(options("Products/$each?$filter=id eq 1").filter!)).to.equal("($it/id eq 1)");
      for (const option of ["$top=1", "$skip=1", "$orderby=id", "$count=true", "$search=x", "$apply=identity"])
        expect(failure(`Products/$each?${option}`).status, option).to.equal(400);
    });
  });

  describe("$compute", () => {
    it("names expressions that the other options can use", () => {
      const bound = options(
        "Products?$compute=price mul 2 as double,double add 1 as more&$filter=double gt 1&$orderby=more&$select=name,more",
      );
      expect(bound.compute!.map(({ name, expression }) => `${name}=${print(expression)}`)).to.deep.equal([
        "double=($it/price mul 2)",
        "more=(($it/price mul 2) add 1)",
      ]);
      expect(print(bound.filter!)).to.equal("(($it/price mul 2) gt 1)");
      expect(print(bound.orderby![0]!.expression)).to.equal("(($it/price mul 2) add 1)");
      expect(selected(bound.select)).to.deep.equal(["name", "computed more"]);
    });

    it("holds for its own level only", () => {
      expect(failure("Products?$compute=1 as one&$expand=related($filter=one eq 1)").status).to.equal(400);
      expect(failure("Products?$expand=related($compute=1 as one)&$filter=one eq 1").status).to.equal(400);
      const [related] = options("Products?$expand=related($compute=id add 1 as next;$filter=next gt 5)").expand;
      expect(print(related!.options.filter!)).to.equal("(($this/id add 1) gt 5)");
    });

    it("refuses names that are taken", () => {
      for (const name of ["name", "category", "isbn", "author"]) {
        expect(failure(`Products?$compute=1 as ${name}`), name).to.include({ status: 400, target: "$compute" });
      }
      expect(failure("Products?$compute=1 as one,2 as one").message).to.include("character 10");
    });

    it("refuses what is no value", () => {
      expect(failure("Products?$compute=category as c").status).to.equal(400);
      expect(failure("Products?$compute=related as r").status).to.equal(400);
      expect(failure("Products?$apply=aggregate($count as n)&$compute=$it as row").status).to.equal(400);
    });
  });

  describe("$apply", () => {
    it("gives the rows that the other options are about", () => {
      const bound = options(
        "Products?$apply=groupby((category/name,sku),aggregate(price with sum as total))&$filter=total gt 5&$orderby=category/name&$select=total,category&$count=true",
      );
      expect(bound.apply!.shape.entity).to.equal(undefined);
      expect(bound.variable.type).to.equal(bound.apply!.shape);
      expect(print(bound.filter!)).to.equal("($it/total gt 5)");
      expect(bound.orderby!.map(({ expression }) => print(expression))).to.deep.equal(["$it/category/name"]);
      expect(selected(bound.select)).to.deep.equal(["computed total", "computed category"]);
    });

    it("leaves entities that can be expanded and searched", () => {
      const bound = options(
        "Products?$apply=filter(price gt 1)/compute(price mul 2 as double)&$expand=category&$search=red&$select=name,double&$filter=double gt 5 and name ne 'x'",
      );
      expect(expanded(bound)).to.deep.equal(["category"]);
      expect(selected(bound.select)).to.deep.equal(["name", "computed double"]);
      expect(print(bound.filter!)).to.equal("(($it/double gt 5) and ($it/name ne x))");
    });

    it("may leave rows that cannot", () => {
      const url = "Products?$apply=aggregate($count as n)";
      for (const option of ["$expand=category", "$search=red", "$select=name", "$filter=name eq 'x'"]) {
        expect(failure(`${url}&${option}`).status, option).to.equal(400);
      }
      expect(failure(`${url}&$select=m`).message).to.include("'n'");
      expect(failure(`${url}&$compute=1 as n`).status).to.equal(400);
      expect(selected(options(`${url}&$compute=n mul 2 as m&$select=m`).select)).to.deep.equal(["computed m"]);
    });

    it("is for collections of entities, nested ones too", () => {
      expect(failure("Products(1)?$apply=identity").status).to.equal(400);
      expect(failure("Products/$count?$apply=identity").status).to.equal(400);
      const [products] = options("Categories?$expand=products($apply=aggregate($count as n))").expand;
      expect([...products!.options.apply!.shape.members.keys()]).to.deep.equal(["n"]);
      expect(failure("Products?$expand=category($apply=identity)").status).to.equal(400);
    });

    it("takes no transformation whose option the model does not offer", () => {
      const of = annotated({
        Products: {
          FilterRestrictions: { Filterable: false },
          TopSupported: false,
          SortRestrictions: { Sortable: false },
        },
        Categories: { FilterRestrictions: { NonFilterableProperties: ["name"] } },
      });
      for (const step of [
        "filter(id gt 1)",
        "top(1)",
        "orderby(id)",
        "concat(identity,filter(id gt 1))",
        "groupby((id),top(1))",
      ]) {
        expect(failure(`Products?$apply=${step}`, {}, of).status, step).to.equal(501);
      }
      expect(failure("Categories?$apply=filter(name eq 'x')", {}, of).status).to.equal(400);
      expect(() => bind("Products?$apply=groupby((name))", {}, of)).not.to.throw();
    });
  });

  describe("that concern a request as a whole", () => {
    it("takes $format anywhere", () => {
      for (const url of ["", "$metadata", "Products", "Products(1)", "Products/$count", "Products(1)/name"]) {
        expect(() => bind(`${url}?$format=json`), url).not.to.throw();
      }
    });

    it("takes the current version of the model for $schemaversion, and no other", () => {
      expect(() => bind("Products?$schemaversion=*")).not.to.throw();
      expect(failure("Products?$schemaversion=1.0").status).to.equal(404);
      expect(failure("$metadata?$schemaversion=1.0").status).to.equal(404);
      const [schema] = shop.schemas;
      const versioned = buildModel({
        schemas: [{ ...schema!, annotations: [{ term: "Org.OData.Core.V1.SchemaVersion", value: "1.0" }] }],
      });
      expect(() => bind("Products?$schemaversion=1.0", {}, versioned)).not.to.throw();
      expect(failure("Products?$schemaversion=2", {}, versioned).message).to.include("current one is '1.0'");
    });

    it("refuses those that belong elsewhere", () => {
      expect(failure("Products?$id=x").status).to.equal(400);
      expect(failure("Products?$skiptoken=x").status).to.equal(400);
      expect(failure("Products?$deltatoken=x").status).to.equal(501);
      expect(failure("Products?$index=1").status).to.equal(501);
      expect(failure("Products(1)/name?$index=1").status).to.equal(501);
      expect(failure("$metadata?$top=1").status).to.equal(400);
      expect(failure("?$filter=true").status).to.equal(400);
    });
  });

  it("takes $index for collections of values, where something is inserted", () => {
    expect(options("Products(1)/tags?$index=-1").index).to.equal(-1);
    expect(options("Products(1)/addresses?$index=0").index).to.equal(0);
    expect(() => checkRead(bind("Products(1)/tags?$index=0"), model)).to.throw(ODataError, "belongs to a POST");
    expect(() => checkRead(bind("Products(1)/tags"), model)).not.to.throw();
  });

  it("takes $deltatoken where changes are tracked", () => {
    const tracked = annotated({ Products: { ChangeTracking: { Supported: true } } });
    expect(options("Products?$deltatoken=x", tracked).deltatoken).to.equal("x");
    expect(options("Products/$count?$deltatoken=x", tracked).deltatoken).to.equal("x");
    expect(failure("Products(1)?$deltatoken=x", {}, tracked).status).to.equal(501);
    expect(failure("People?$deltatoken=x", {}, tracked).status).to.equal(501);
  });

  it("bounds the terms of $orderby and the size of expressions", () => {
    const terms = Array.from({ length: 21 }, (_, index) => `id add ${index}`).join();
    expect(failure(`Products?$orderby=${terms}`).message).to.include("more than 20 terms");
    expect(failure("Products?$filter=id eq 1 or id eq 2", { limits: { maxNodes: 5 } }).message).to.include("5 parts");
  });

  it("knows aliases that stand in parentheses there", () => {
    const [related] = options("Products?$expand=related($filter=id gt @n;@n=3)").expand;
    expect(print(related!.options.filter!)).to.equal("($this/id gt 3)");
  });

  describe("of other resources", () => {
    it("tells $metadata, $entity and $all", () => {
      expect(bind("")).to.deep.equal({ kind: "serviceDocument" });
      expect(bind("$metadata")).to.deep.equal({ kind: "metadata" });
      expect(bind("$entity?$id=Products(1)")).to.deep.equal({
        kind: "entityId",
        id: "Products(1)",
        type: undefined,
        options: "",
      });
      const bound = bind("$entity/Shop.Book?$id=Products(1)&$select=isbn&$format=json");
      expect(bound).to.include({ kind: "entityId", options: "$select=isbn" });
      expect(bound).to.have.property("type").that.includes({ name: "Book" });
      expect(bind("$all")).to.deep.equal({ kind: "all", type: undefined });
      expect(bind("$all/Shop.Book")).to.have.property("type").that.includes({ name: "Book" });
    });

    it("refuses what they do not take", () => {
      expect(failure("$entity").status).to.equal(400);
      expect(failure("$entity/Shop.Address?$id=x").status).to.equal(404);
      expect(failure("$all/Shop.Bok").message).to.include("'Shop.Book'");
      expect(failure("$all/Shop.Book/x").status).to.equal(404);
      expect(failure("$all?$top=1").status).to.equal(501);
      expect(failure("$batch").status).to.equal(501);
      expect(failure("$nothing").status).to.equal(404);
    });

    it("binds cross joins over their sets", () => {
      const bound = bind(
        "$crossjoin(Products,Categories)?$filter=Products/name eq Categories/name&$orderby=Products/id desc&$top=3&$count=true&$expand=Products($select=name)",
      );
      if (bound.kind !== "crossjoin") return expect.fail(bound.kind);
      expect(bound.sets.map(({ set }) => set.name)).to.deep.equal(["Products", "Categories"]);
      expect(print(bound.options.filter!)).to.equal("(Products/name eq Categories/name)");
      expect(print(bound.options.orderby![0]!.expression)).to.equal("Products/id");
      expect(bound.options).to.include({ top: 3, count: true });
      expect(expanded(bound.options)).to.deep.equal(["Products"]);
      expect(bound.options.expand[0]!.options.select!.text).to.deep.equal(["name"]);
      const all = bind("$crossjoin(Products,Categories)?$expand=*,Products/$ref");
      if (all.kind !== "crossjoin") return expect.fail(all.kind);
      expect(expanded(all.options)).to.deep.equal(["Products/$ref", "Categories"]);
    });

    it("refuses cross joins that are none", () => {
      expect(failure("$crossjoin(Products,Nothing)").status).to.equal(404);
      expect(failure("$crossjoin(Products,Categoris)").message).to.include("'Categories'");
      expect(failure("$crossjoin(Products,Products)").status).to.equal(400);
      expect(failure("$crossjoin").status).to.equal(400);
      expect(failure("$crossjoin(Products,Categories,Orders,People,Lines)").status).to.equal(400);
      expect(failure("$crossjoin(Products,Categories)/$count").status).to.equal(404);
      expect(failure("$crossjoin(Products,Orders)?$filter=name eq 'x'").status).to.equal(400);
      expect(failure("$crossjoin(Products,Orders)?$select=Products").status).to.equal(400);
      expect(failure("$crossjoin(Products,Orders)?$expand=People").status).to.equal(400);
      expect(failure("$crossjoin(Products,Orders)?$expand=Products($top=1)").status).to.equal(400);
      const none = annotated({ "": { CrossJoinSupported: false } });
      expect(failure("$crossjoin(Products,Orders)", {}, none).status).to.equal(501);
    });
  });

  describe("where the model restricts them", () => {
    it("refuses whole options with 501", () => {
      const of = annotated({
        Products: {
          FilterRestrictions: { Filterable: false },
          SortRestrictions: { Sortable: false },
          CountRestrictions: { Countable: false },
          SearchRestrictions: { Searchable: false },
          TopSupported: false,
          SkipSupported: false,
          ComputeSupported: false,
        },
      });
      for (const option of ["$filter=true", "$orderby=id", "$count=true", "$search=a", "$top=1", "$skip=1"]) {
        expect(failure(`Products?${option}`, {}, of).status, option).to.equal(501);
      }
      expect(failure("Products?$compute=1 as x", {}, of).status).to.equal(501);
      expect(failure("Products/$count", {}, of).status).to.equal(501);
      expect(failure("Products/$filter(true)", {}, of).status).to.equal(501);
      expect(() => bind("Products?$count=false", {}, of)).not.to.throw();
      expect(() => bind("Categories?$filter=true", {}, of)).not.to.throw();
    });

    it("refuses to count what cannot be counted", () => {
      const of = annotated({
        Categories: { CountRestrictions: { NonCountableNavigationProperties: ["products"] } },
        Products: { CountRestrictions: { NonCountableProperties: ["tags"] } },
      });
      for (const url of [
        "Categories(1)/products/$count",
        "Categories(1)/products?$count=true",
        "Categories?$expand=products/$count",
        "Categories?$expand=products($count=true)",
        "Products(1)/tags/$count",
      ]) {
        expect(failure(url, {}, of).status, url).to.equal(501);
      }
      expect(() => bind("Products/$count", {}, of)).not.to.throw();
      expect(() => bind("Products(1)/addresses/$count", {}, of)).not.to.throw();
    });

    it("refuses $search where nothing can be searched, declared or not", () => {
      expect(failure("People?$search=a").status).to.equal(501);
      expect(() => bind("Products?$search=a")).not.to.throw();
    });

    it("refuses parts of searches", () => {
      const of = annotated({
        Products: { SearchRestrictions: { Searchable: true, UnsupportedExpressions: "NOT, phrase,group" } },
      });
      expect(failure("Products?$search=NOT a", {}, of).status).to.equal(501);
      expect(failure('Products?$search="a b"', {}, of).status).to.equal(501);
      expect(failure("Products?$search=a AND (b OR c)", {}, of).status).to.equal(501);
      expect(() => bind("Products?$search=a AND b OR c", {}, of)).not.to.throw();
    });

    it("refuses properties that cannot be filtered or sorted by", () => {
      const of = annotated({
        Products: {
          FilterRestrictions: { NonFilterableProperties: ["address", "Shop.Book/isbn", "tags"], MaxLevels: 1 },
          SortRestrictions: {
            NonSortableProperties: ["sku"],
            AscendingOnlyProperties: ["name"],
            DescendingOnlyProperties: ["price"],
          },
        },
      });
      for (const filter of [
        "address/city eq 'x'",
        "Shop.Book/isbn eq 'x'",
        "tags/any(t:t eq 'x')",
        "contains(address/city,'x')",
        "category/products/any(p:p/id eq 1)",
      ]) {
        expect(failure(`Products?$filter=${filter}`, {}, of).status, filter).to.equal(400);
        expect(failure(`Products/$filter(@f)?@f=${filter}`, {}, of).status, filter).to.equal(400);
      }
      expect(() => bind("Products?$filter=category/name eq 'x'", {}, of)).not.to.throw();
      for (const order of ["sku", "concat(sku,'x')", "name desc", "price"]) {
        expect(failure(`Products?$orderby=${order}`, {}, of).status, order).to.equal(400);
      }
      expect(() => bind("Products?$orderby=name,price desc,id", {}, of)).not.to.throw();
    });

    it("refuses functions and operators that are not listed", () => {
      const of = annotated({ Products: { FilterFunctions: ["eq", "and", "contains", "any"] } });
      expect(() => bind("Products?$filter=contains(name,'x') and tags/any(t:t eq 'a')", {}, of)).not.to.throw();
      for (const filter of ["id gt 1", "startswith(name,'x')", "id eq 1 or id eq 2", "tags/any(t:t ne 'a')"]) {
        expect(failure(`Products?$filter=${filter}`, {}, of).status, filter).to.equal(501);
      }
      expect(failure("Products?$filter=@f&@f=id gt 1", {}, of).status).to.equal(501);
      // Integers and Decimals meet without a cast that anybody wrote.
      expect(() => bind("Products?$filter=price eq id", {}, of)).not.to.throw();
    });

    describe("to forms of conditions", () => {
      const allow = (form: string) =>
        annotated({
          Products: {
            FilterRestrictions: { FilterExpressionRestrictions: [{ Property: "name", AllowedExpressions: form }] },
          },
        });
      const forms: readonly (readonly [string, readonly string[], readonly string[]])[] = [
        [
          "SingleValue",
          ["name eq 'a'", "'a' eq name", "name eq 'a' and id gt 1", "id eq 1 or id eq 2"],
          [
            "name ne 'a'",
            "name eq 'a' or name eq 'b'",
            "name eq 'a' and name eq 'b'",
            "name eq sku",
            "not (name eq 'a')",
          ],
        ],
        [
          "MultiValue",
          ["name eq 'a' or name eq 'b'", "name in ('a','b')", "name in ('a','b') or name eq 'c'"],
          ["name gt 'a'", "name eq 'a' or id eq 1"],
        ],
        [
          "SingleRange",
          ["name gt 'a'", "name ge 'a' and name lt 'b'", "name eq 'a'", "'a' lt name and id eq 1 and name le 'b'"],
          ["name ge 'a' and name gt 'b'", "name ge 'a' or name lt 'b'", "name ne 'a'"],
        ],
        [
          "MultiRange",
          ["name lt 'a' or name gt 'b'", "(name ge 'a' and name le 'b') or name eq 'c'", "name ne 'a' and name ne 'b'"],
          ["contains(name,'a')", "name ne 'a' or name ne 'b'"],
        ],
        [
          "SearchExpression",
          ["contains(name,'a')", "startswith(name,'a') or endswith(name,'b')"],
          ["name eq 'a'", "contains('a',name)", "contains(name,'a') and contains(name,'b')"],
        ],
        ["MultiValueOrSearchExpression", ["contains(name,'a') or name eq 'b'"], ["name gt 'a'"]],
        [
          "MultiRangeOrSearchExpression",
          ["contains(name,'a') or name gt 'b' or (name ge 'c' and name lt 'd')"],
          ["length(name) gt 1"],
        ],
      ];
      for (const [form, right, wrong] of forms) {
        it(form, () => {
          const of = allow(form);
          for (const filter of right) expect(() => bind(`Products?$filter=${filter}`, {}, of), filter).not.to.throw();
          for (const filter of wrong)
            expect(failure(`Products?$filter=${filter}`, {}, of).status, filter).to.equal(400);
        });
      }
    });

    it("asks for filters and lets collections not be read, where a request reads", () => {
      const of = annotated({
        Products: { FilterRestrictions: { RequiresFilter: true, RequiredProperties: ["sku"] } },
        People: { ReadRestrictions: { Readable: false, ReadByKeyRestrictions: { Readable: true } } },
        Orders: { ReadRestrictions: { Readable: false } },
      });
      const readFailure = (url: string) => {
        try {
          checkRead(bind(url, {}, of), of);
        } catch (error) {
          if (error instanceof ODataError) return error.status;
          throw error;
        }
        return 200;
      };
      expect(readFailure("Products")).to.equal(400);
      expect(readFailure("Products?$filter=name eq 'x'")).to.equal(400);
      expect(readFailure("Products?$filter=sku eq 'x'")).to.equal(200);
      expect(readFailure("Products/$filter(sku eq 'x')/$count")).to.equal(200);
      expect(readFailure("Products(1)")).to.equal(200);
      expect(readFailure("People")).to.equal(501);
      expect(readFailure("People(1)")).to.equal(200);
      expect(readFailure("Orders(1)")).to.equal(501);
      expect(readFailure("Categories")).to.equal(200);
    });

    it("lets ways not be gone", () => {
      const of = annotated({
        Products: {
          NavigationRestrictions: { RestrictedProperties: [{ NavigationProperty: "related", Navigability: "None" }] },
        },
        Orders: { NavigationRestrictions: { Navigability: "Single" } },
      });
      expect(failure("Products(1)/related", {}, of).status).to.equal(501);
      expect(() => bind("Products(1)/category", {}, of)).not.to.throw();
      expect(() => bind("Orders(1)/items", {}, of)).not.to.throw();
      expect(failure("Orders(1)/items(1)/product", {}, of).status).to.equal(501);
    });
  });

  it("never answers with anything but an error for the client", () => {
    for (const url of ["Products?$expand=related/$ref/x", "Products?$select=*/x", "Products?$orderby=", "Products//"]) {
      try {
        bind(url, {}, model);
      } catch (error) {
        expect(error, url).to.be.instanceOf(ODataError);
      }
    }
  });
});
