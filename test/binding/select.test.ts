import { expect } from "chai";
import { annotated, failure, model, options, print, selected } from "./support.js";

const select = (text: string, more = {}) => options(`Products?$select=${text}`, model, more).select;
const tree = (text: string, more = {}) => selected(select(text, more));
const refused = (text: string, more = {}) => failure(`Products?$select=${text}`, more);

describe("binding of $select", () => {
  it("names properties, navigation properties and everything", () => {
    expect(tree("id,name")).to.deep.equal(["id", "name"]);
    expect(tree("*")).to.deep.equal(["*"]);
    expect(tree("name,category")).to.deep.equal(["name", ">category"]);
    expect(options("Products").select).to.equal(undefined);
  });

  it("goes into complex values, and puts their items together", () => {
    expect(tree("address/city")).to.deep.equal([{ address: ["city"] }]);
    expect(tree("address/city,name,address/street")).to.deep.equal([{ address: ["city", "street"] }, "name"]);
    expect(tree("addresses/city")).to.deep.equal([{ addresses: ["city"] }]);
    expect(tree("address/*")).to.deep.equal(["address"]);
  });

  it("leaves out what other items include", () => {
    expect(tree("name,name")).to.deep.equal(["name"]);
    expect(tree("address/city,address")).to.deep.equal(["address"]);
    expect(tree("address,address/city")).to.deep.equal(["address"]);
    expect(tree("*,name,address/city,category")).to.deep.equal(["*", ">category"]);
    expect(tree("Shop.Book/name,name")).to.deep.equal(["name"]);
  });

  it("casts anywhere", () => {
    expect(tree("Shop.Book/isbn,Shop.Film/minutes")).to.deep.equal(["Book/isbn", "Film/minutes"]);
    expect(tree("Shop.Book/isbn,Shop.Film/name,name")).to.deep.equal(["Book/isbn", "name"]);
    expect(tree("S.Book/isbn")).to.deep.equal(["Book/isbn"]);
    expect(tree("address/Shop.Postbox/box,address/city")).to.deep.equal([{ address: ["Postbox/box", "city"] }]);
    expect(tree("Shop.Product/name")).to.deep.equal(["name"]);
    expect(tree("Shop.Book/author")).to.deep.equal([">Book/author"]);
    expect(tree("Shop.Postbox/box".replace("Shop", "address/Shop"))).to.deep.equal([{ address: ["Postbox/box"] }]);
    expect(tree("Shop.Film/*")).to.include("Film/minutes");
  });

  it("finds what only derived types declare where the service allows it", () => {
    expect(refused("isbn").status).to.equal(400);
    expect(tree("isbn", { derivedNavigation: true })).to.deep.equal(["isbn"]);
    expect(tree("size", { derivedNavigation: true })).to.deep.equal(["size", "size"]);
    expect(tree("author", { derivedNavigation: true })).to.deep.equal([">author"]);
  });

  it("knows computed and dynamic properties, and operations of a namespace", () => {
    expect(selected(options("Products?$compute=price mul 2 as double&$select=name,double").select)).to.deep.equal([
      "name",
      "computed double",
    ]);
    expect(selected(options("Things?$select=name,anything").select)).to.deep.equal(["name", "dynamic anything"]);
    expect(tree("bag/anything")).to.deep.equal([{ bag: ["dynamic anything"] }]);
    expect(tree("name,Shop.*")).to.deep.equal(["name", "operation Shop.*"]);
    expect(tree("S.*")).to.deep.equal(["operation Shop.*"]);
  });

  it("writes names in full for context URLs, each once", () => {
    expect(select("name,address/city,address/street,name")!.text).to.deep.equal([
      "name",
      "address/city",
      "address/street",
    ]);
    expect(select("S.Book/isbn,category,S.*")!.text).to.deep.equal(["Shop.Book/isbn", "category", "Shop.*"]);
    expect(select("*,name")!.text).to.deep.equal(["*"]);
    expect(select("address/S.Postbox/box,address")!.text).to.deep.equal(["address"]);
    expect(select("size", { derivedNavigation: true })!.text).to.deep.equal(["size"]);
  });

  describe("with options in parentheses", () => {
    it("binds them over the items", () => {
      const [tags] = select("tags($filter=endswith($this,'x');$orderby=$this desc;$top=2;$skip=1;$count=true)")!.items;
      if (tags?.kind !== "property") return expect.fail("no property");
      expect(tags.options).to.include({ top: 2, skip: 1, count: true });
      expect(tags.options!.filter!.kind).to.equal("call");
      expect(tags.options!.orderby!.map(({ expression }) => print(expression))).to.deep.equal(["$this"]);
      expect(tags.options!.variable.type).to.include({ qualifiedName: "Edm.String" });
    });

    it("lets $it stand for the entity", () => {
      const [addresses] = select("addresses($filter=city eq $it/name;$select=city)")!.items;
      if (addresses?.kind !== "property") return expect.fail("no property");
      expect(print(addresses.options!.filter!)).to.equal("($this/city eq $it/name)");
      expect(selected(addresses.select)).to.deep.equal(["city"]);
      expect(addresses.options!.select).to.equal(addresses.select);
    });

    it("takes $select of a single complex value for a path", () => {
      const [address] = select("address($select=city)")!.items;
      if (address?.kind !== "property") return expect.fail("no property");
      expect(selected(address.select)).to.deep.equal(["city"]);
      expect(address.options).to.equal(undefined);
    });

    it("keeps $compute of a single complex value", () => {
      const [address] = select("address($compute=length(city) as long;$select=long)")!.items;
      if (address?.kind !== "property") return expect.fail("no property");
      expect(address.options!.compute!.map(({ name }) => name)).to.deep.equal(["long"]);
      expect(selected(address.select)).to.deep.equal(["computed long"]);
    });

    it("takes them in one place only", () => {
      for (const text of [
        "tags($top=1),tags",
        "tags,tags($top=1)",
        "tags($top=1),tags($skip=1)",
        "addresses($top=1),addresses/city",
        "addresses/city,addresses($top=1)",
      ]) {
        expect(refused(text), text).to.include({ status: 400 });
        expect(refused(text).message, text).to.include("only once");
      }
    });

    it("refuses those that do not fit", () => {
      expect(refused("name($select=x)").status).to.equal(400);
      expect(refused("address($filter=city eq 'x')").status).to.equal(400);
      expect(refused("tags($select=x)").status).to.equal(400);
      expect(refused("tags($search=x)").status).to.equal(501);
      expect(refused("category($select=name)").status).to.equal(400);
      expect(refused("category($select=name)").message).to.include("$expand=category(");
    });
  });

  it("says which name is not there, where, and what is near to it", () => {
    expect(refused("id,nam")).to.include({ status: 400, target: "$select" });
    expect(refused("id,nam").message).to.equal(
      "Error in $select at character 4: the type 'Shop.Product' has no property named 'nam'. Did you mean 'name'?",
    );
    expect(refused("address/cty").message).to.include("'city'").and.to.include("at character 9:");
    expect(refused("id,Shop.Book/addresses/city/x").message).to.include("at character 29:");
    expect(refused("id,Shop.Bok/isbn").message).to.include("at character 4:");
    expect(refused("Shop.Bok/isbn").message).to.include("'Shop.Book'");
    expect(refused("Shop.Person/name").status).to.equal(400);
    expect(refused("name/x").status).to.equal(400);
    expect(refused("category/name").message).to.include("$expand=category($select=name)");
    expect(refused("Shop.Book").status).to.equal(400);
    expect(refused("Shop.Action").status).to.equal(400);
    expect(refused("Other.*").status).to.equal(400);
    expect(refused("fn(a,b)").status).to.equal(400);
    expect(failure("Products?$compute=1 as one&$select=address/one").status).to.equal(400);
  });

  it("refuses annotations", () => {
    expect(refused("@Core.Description").status).to.equal(501);
    expect(refused("address/@Core.Description").status).to.equal(501);
  });

  it("has a bound on its items", () => {
    const many = Array.from({ length: 6 }, () => "name").join();
    expect(refused(many, { limits: { maxSelectItems: 5 } }).message).to.include("more than 5 items");
    expect(tree(many)).to.deep.equal(["name"]);
    expect(refused(`address${"/Shop.Postbox".repeat(30)}/city`).message).to.include("more than 30 names");
  });

  it("refuses what the model does not offer", () => {
    const of = annotated({
      Products: { SelectSupport: { Supported: true, Filterable: true } },
      People: { SelectSupport: { Supported: false } },
    });
    expect(failure("People?$select=name", {}, of).status).to.equal(501);
    expect(selected(options("Products?$select=tags($filter=true)", of).select)).to.deep.equal(["tags"]);
    expect(failure("Products?$select=tags($top=1)", {}, of).status).to.equal(501);
  });

  it("is for complex values, too", () => {
    expect(selected(options("Products(1)/address?$select=city").select)).to.deep.equal(["city"]);
    expect(selected(options("Products(1)/addresses?$select=Shop.Postbox/box,city").select)).to.deep.equal([
      "Postbox/box",
      "city",
    ]);
    expect(failure("Products(1)/name?$select=x").status).to.equal(400);
  });
});
