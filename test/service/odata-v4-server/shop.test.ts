import { expect } from "chai";
import type { Service } from "../../../src/index.js";
import { createService } from "../../../src/index.js";
import { answering, type Client } from "../support/client.js";
import { refusal, root } from "../support/bookshop.js";
import { calls, categories, NorthwindServer, products, reset, sounds } from "./shop.js";

describe("a service written for odata-v4-server", () => {
  let service: Service;
  let client: Client;

  before(async () => {
    service = await createService(NorthwindServer, { database: { url: "sqlite::memory:" } });
    client = answering(service);
  });
  beforeEach(reset);
  after(() => service.close());

  describe("reads", () => {
    it("collections, by the tokens that methods take, and the rest in memory", async () => {
      const { json } = await client.get("/Products?$filter=Name eq 'Chai'");
      expect(json.value).to.deep.equal([
        {
          "@odata.type": "#Northwind.Product",
          _id: "p1",
          Name: "Chai",
          UnitPrice: 39,
          Discontinued: false,
          CategoryId: "c1",
        },
      ]);
      expect(calls).to.deep.equal(["filtered"]);
      const sorted = await client.get("/Products?$orderby=UnitPrice&$top=2&$select=Name&$count=true");
      expect(sorted.json["@odata.count"]).to.equal(4);
      expect(sorted.names).to.deep.equal(["Pavlova & Co", "Chang"]);
      expect((await client.get("/Products?$filter=Name eq 'Pavlova %26 Co'")).names).to.deep.equal(["Pavlova & Co"]);
      expect((await client.get("/Products/$count?$filter=CategoryId eq 'c1'")).text).to.equal("2");
    });

    it("with the query handed to a method, which carries it out but for the shape", async () => {
      const { json } = await client.get("/Categories?$skip=1&$top=1&$select=Name&$count=true");
      expect(json["@odata.count"]).to.equal(2);
      expect((json.value as { Name: string }[]).map(({ Name }) => Name)).to.deep.equal(["Sweets"]);
      expect((await client.get("/Categories?$filter=Name eq 'Beverages'")).json.value).to.have.length(1);
      expect(await refusal(client.get("/Categories?$apply=aggregate($count as n)"))).to.have.property("status", 501);
    });

    it("single entities, their properties and their dynamic properties", async () => {
      expect((await client.get("/Categories('c1')")).json).to.deep.equal({
        "@odata.context": `${root}$metadata#Categories/$entity`,
        "@odata.type": "#Northwind.Category",
        _id: "c1",
        Name: "Beverages",
        Description: "Soft drinks",
        Extra: "dynamic",
      });
      expect((await client.get("/Products('p1')/Name")).json.value).to.equal("Chai");
      expect((await client.get("/Products('p1')/Name/$value")).text).to.equal("Chai");
      expect(await refusal(client.get("/Products('none')"))).to.have.property("status", 404);
    });

    it("over navigation properties: by methods, and by foreign keys", async () => {
      expect((await client.get("/Categories('c1')/Products?$orderby=Name desc")).names).to.deep.equal([
        "Chang",
        "Chai",
      ]);
      expect((await client.get("/Categories('c1')/Products('p2')")).json.Name).to.equal("Chang");
      expect((await client.get("/Products('p1')/Category")).json).to.include({ _id: "c1", Name: "Beverages" });
      expect((await client.get("/Products('p1')/Category/Name")).json.value).to.equal("Beverages");
      expect((await client.get("/Products('p4')/Category")).status).to.equal(204);
      const { json } = await client.get("/Products?$filter=Name eq 'Chai'&$expand=Category($select=Name)&$select=Name");
      expect(json.value[0].Category).to.include({ Name: "Beverages" });
      const all = await client.get("/Categories?$expand=Products($filter=UnitPrice lt 30;$select=Name)");
      expect(all.json.value.map((one: any) => one.Products.map((product: any) => product.Name))).to.deep.equal([
        ["Chang"],
        ["Pavlova & Co"],
      ]);
    });

    it("media streams and stream properties", async () => {
      const { text, headers } = await client.get("/Music(1)/$value");
      expect([text, headers["content-type"]]).to.deep.equal(["la la la", "audio/mp3"]);
      expect((await client.get("/Music(1)/Cover")).headers["content-type"]).to.equal("image/png");
      expect((await client.get("/Music")).json.value).to.have.length(1);
      expect(await refusal(client.get("/Music(9)"))).to.have.property("status", 404);
    });
  });

  describe("writes", () => {
    it("new entities", async () => {
      const { status, headers, json } = await client.call("POST", "/Products", { Name: "Tofu", UnitPrice: 12.5 });
      expect(status).to.equal(201);
      expect(headers.location).to.equal(`${root}Products('p5')`);
      expect(json).to.include({ "@odata.context": `${root}$metadata#Products/$entity`, _id: "p5", Name: "Tofu" });
      expect(products[4]).to.include({ UnitPrice: 12.5 });
      const minimal = await client.call("POST", "/Categories", { Name: "Fish" }, { prefer: "return=minimal" });
      expect(minimal.status).to.equal(204);
      expect(minimal.headers).to.include({
        location: `${root}Categories('c3')`,
        "odata-entityid": `${root}Categories('c3')`,
        "preference-applied": "return=minimal",
      });
      expect(calls).to.deep.equal(["Northwind.Category"]);
    });

    it("nothing that is not right by the model", async () => {
      for (const body of [{ Name: 5 }, { Name: "x", Nome: 1 }, { Name: "x", UnitPrice: "much" }, "["])
        expect(await refusal(client.call("POST", "/Products", body)), JSON.stringify(body)).to.have.property(
          "status",
          400,
        );
      expect(products).to.have.length(4);
    });

    it("foreign keys for what is bound", async () => {
      await client.call("POST", "/Products", { Name: "Tofu", "Category@odata.bind": "Categories('c2')" });
      expect(products[4]).to.include({ CategoryId: "c2" }).and.not.to.have.property("Category@odata.bind");
    });

    it("entities below others", async () => {
      const { status, headers } = await client.call("POST", "/Categories('c2')/Products", { Name: "Tarte" });
      expect([status, headers.location]).to.deep.equal([201, `${root}Products('p5')`]);
      expect(products[4]).to.include({ CategoryId: "c2" });
    });

    it("changes", async () => {
      expect((await client.call("PATCH", "/Products('p1')", { UnitPrice: 40 })).status).to.equal(204);
      expect(products[0]).to.include({ Name: "Chai", UnitPrice: 40 });
      const shown = await client.call(
        "PATCH",
        "/Products('p1')",
        { UnitPrice: 41 },
        { prefer: "return=representation" },
      );
      expect([shown.status, shown.json.UnitPrice]).to.deep.equal([200, 41]);
      expect(await refusal(client.call("PATCH", "/Products('none')", {}))).to.have.property("status", 404);
      expect((await client.call("PUT", "/Products('p1')", { Name: "Tea" })).status).to.equal(204);
      expect(products[0]).to.deep.equal({ _id: "p1", Name: "Tea" });
      const made = await client.call("PUT", "/Products('p9')", { Name: "New" });
      expect([made.status, made.headers.location]).to.deep.equal([201, `${root}Products('p9')`]);
    });

    it("single properties", async () => {
      expect((await client.call("PUT", "/Products('p1')/Name", { value: "Tea" })).status).to.equal(204);
      await client.call("PUT", "/Products('p1')/UnitPrice/$value", "12", { "content-type": "text/plain" });
      await client.call("DELETE", "/Products('p1')/Discontinued");
      expect(products[0]).to.include({ Name: "Tea", UnitPrice: 12, Discontinued: null });
      expect(await refusal(client.call("DELETE", "/Products('p1')/Name"))).to.have.property("status", 400);
    });

    it("deletions", async () => {
      expect((await client.call("DELETE", "/Products('p1')")).status).to.equal(204);
      expect(products).to.have.length(3);
      expect(await refusal(client.call("DELETE", "/Products('p1')"))).to.have.property("status", 404);
    });

    it("references", async () => {
      const to = (id: string) => ({ "@odata.id": `${root}${id}` });
      expect((await client.call("PUT", "/Products('p1')/Category/$ref", to("Categories('c2')"))).status).to.equal(204);
      expect(products[0]!.CategoryId).to.equal("c2");
      await client.call("DELETE", "/Products('p1')/Category/$ref");
      expect(products[0]!.CategoryId).to.equal(null);
      await client.call("POST", "/Categories('c1')/Products/$ref", to("Products('p3')"));
      expect(products[2]!.CategoryId).to.equal("c1");
      await client.call("DELETE", `/Categories('c1')/Products/$ref?$id=${root}Products('p3')`);
      expect(products[2]!.CategoryId).to.equal(null);
      await client.call("DELETE", "/Categories('c1')/Products('p2')/$ref");
      expect(products[1]!.CategoryId).to.equal(null);
    });

    it("media", async () => {
      expect((await client.call("PUT", "/Music(1)/$value", "new", { "content-type": "audio/mp3" })).status).to.equal(
        204,
      );
      expect(String(sounds.get(1))).to.equal("new");
    });

    it("what no method is for, not at all", async () => {
      for (const [method, url, allow] of [
        ["DELETE", "/Categories('c1')", "GET, HEAD"],
        ["PATCH", "/Categories('c1')", "GET, HEAD"],
        ["POST", "/Music", "GET, HEAD"],
      ] as const) {
        const error = await refusal(client.call(method, url, {}));
        expect(error, url).to.have.property("status", 405);
        expect((error as unknown as { headers: unknown }).headers).to.deep.equal({ allow });
      }
    });
  });

  describe("carries out", () => {
    it("functions that are imported", async () => {
      const { json } = await client.get("/GetCategoryById(id='c2')");
      expect(json).to.include({ "@odata.context": `${root}$metadata#Categories/$entity`, _id: "c2", Name: "Sweets" });
      expect((await client.get("/GetCategoryById(id='none')")).status).to.equal(204);
      expect((await client.get("/FunctionImportMore(message='hi',value=42)")).json).to.deep.equal({
        "@odata.context": `${root}$metadata#Edm.String`,
        value: "The number is 42 and your message was hi.",
      });
      expect(
        (await client.get("/FunctionImportMore(message=@m,value=@v)?@m='a'&@v=9007199254740993")).json.value,
      ).to.equal("The number is 9007199254740993 and your message was a.");
    });

    it("actions that are imported", async () => {
      products[0]!.Name = "changed";
      expect((await client.call("POST", "/initDb")).status).to.equal(204);
      expect(products[0]!.Name).to.equal("Chai");
      await client.call("POST", "/ActionImportParams", { value: 5, words: ["a", "b"] });
      expect(calls).to.deep.equal([[5, ["a", "b"]]]);
      for (const body of [
        { value: "5", words: [] },
        { words: [] },
        { value: 1, words: null },
        { value: 1, words: [], x: 1 },
      ])
        expect(await refusal(client.call("POST", "/ActionImportParams", body)), JSON.stringify(body)).to.have.property(
          "status",
          400,
        );
    });

    it("functions and actions of an entity", async () => {
      expect((await client.get("/Products('p1')/Northwind.getUnitPrice()")).json.value).to.equal(39);
      expect((await client.get("/Products('p2')/Northwind.priceWith(rate=2)")).json.value).to.equal(39);
      expect((await client.call("POST", "/Products('p1')/Northwind.invertDiscontinued")).status).to.equal(204);
      expect(products[0]!.Discontinued).to.equal(true);
      const { json } = await client.call("POST", "/Products('p1')/Northwind.setPrice", { price: 2.5 });
      expect(json).to.include({ "@odata.context": `${root}$metadata#Products/$entity`, _id: "p1", UnitPrice: 2.5 });
      expect((await client.get("/Categories('c1')/Northwind.echo()")).json).to.deep.equal({
        "@odata.context": `${root}$metadata#Collection(Edm.String)`,
        value: ["echotest"],
      });
      expect(await refusal(client.get("/Products('none')/Northwind.getUnitPrice()"))).to.have.property("status", 404);
    });

    it("functions and actions of a collection, with everything behind them", async () => {
      expect((await client.get("/Products/Northwind.getCheapest()")).json.Name).to.equal("Pavlova & Co");
      const cheap = await client.get(
        "/Products/Northwind.getCheap(below=35)?$filter=Discontinued eq false&$orderby=Name&$select=Name&$count=true",
      );
      expect(cheap.json["@odata.context"]).to.equal(`${root}$metadata#Products(Name)`);
      expect(cheap.json["@odata.count"]).to.equal(2);
      expect(cheap.names).to.deep.equal(["Ikura", "Pavlova & Co"]);
      expect((await client.get("/Products/Northwind.getCheap(below=35)/$count")).text).to.equal("3");
      expect((await client.get("/Products/Northwind.getCheap(below=35)('p4')/Name")).json.value).to.equal("Ikura");
      await client.call("POST", "/Products/Northwind.discontinueAll");
      expect(products.every(({ Discontinued }) => Discontinued)).to.equal(true);
    });

    it("nothing by the wrong method", async () => {
      for (const [method, url, allow] of [
        ["POST", "/Products/Northwind.getCheapest()", "GET, HEAD"],
        ["GET", "/initDb", "POST"],
        ["GET", "/Products('p1')/Northwind.invertDiscontinued", "POST"],
      ] as const) {
        const error = await refusal(client.call(method, url));
        expect(error, url).to.have.property("status", 405);
        expect((error as unknown as { headers: unknown }).headers).to.deep.equal({ allow });
      }
    });

    it("a response that a method makes itself", async () => {
      expect(await client.get("/SetStatusCode()")).to.include({ status: 403, text: "Forbidden" });
    });
  });

  it("keeps the categories that were there", () => {
    expect(categories).to.have.length(2);
  });
});
