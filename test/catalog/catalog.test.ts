import { expect } from "chai";
import { Catalog } from "../../samples/catalog/service.js";
import { writeCsdlJson, writeCsdlXml } from "../../src/edm/csdl/index.js";
import { buildModel, readClasses } from "../../src/edm/index.js";
import { jsonProblems, needSchemas, xmlProblems } from "../support/csdl-schemas.js";
import { storeKinds } from "../support/stores.js";
import type { TestStore } from "../support/stores.js";
import { CatalogClient, serviceRoot } from "./support.js";

const names = (answer: { readonly json: { readonly value: readonly { readonly Name: string }[] } }) =>
  answer.json.value.map(({ Name }) => Name);

describe("the catalog's model", () => {
  const model = buildModel(readClasses(Catalog).source);

  before(needSchemas);

  for (const version of ["4.0", "4.01"] as const) {
    it(`conforms to the schemas of OASIS (${version})`, async () => {
      expect(await xmlProblems(writeCsdlXml(model, { version }))).to.deep.equal([]);
      expect(jsonProblems(JSON.parse(writeCsdlJson(model, { version })) as object)).to.deep.equal([]);
    });
  }

  it("says what its entity sets take", () => {
    const xml = writeCsdlXml(model, { version: "4.01" });
    expect(xml).to.match(/<Annotation Term="Capabilities.ChangeTracking">/);
    expect(xml).to.match(/<PropertyValue Property="Insertable" Bool="false" \/>/);
    expect(xml).to.match(/<PropertyPath>Version<\/PropertyPath>/);
  });
});

for (const kind of storeKinds) {
  describe(`the catalog (${kind.name})`, () => {
    let store: TestStore | undefined;
    let catalog: CatalogClient;

    before(async function () {
      this.timeout(90_000);
      store = await kind.create();
      if (store === undefined) this.skip();
      catalog = await CatalogClient.open(store.url);
    });
    beforeEach(async () => {
      expect((await catalog.post("Reseed")).status).to.equal(204);
    });
    after(async () => {
      await catalog?.close();
      await store?.remove();
    });

    it("lists its sets, its singleton and what can be called without arguments", async () => {
      const { json } = await catalog.get("");
      expect(json.value.map(({ name, kind }: { name: string; kind: string }) => `${kind} ${name}`)).to.deep.equal([
        "EntitySet Products",
        "EntitySet Categories",
        "EntitySet ProductDescriptions",
        "EntitySet MediaItems",
        "EntitySet ReadOnlyItems",
        "EntitySet DecimalSamples",
        "Singleton Company",
        "FunctionImport GetTopProducts",
      ]);
    });

    it("has the rows of the seed, and has them again after Reseed", async () => {
      const laptop = await catalog.product("Laptop");
      await catalog.send("PATCH", `Products(${laptop})`, { Name: "Slate" });
      await catalog.send("DELETE", `Products(${await catalog.product("Coffee Mug")})`);
      await catalog.send("PATCH", "Company", { Name: "Other Inc." });
      expect((await catalog.post("Reseed")).status).to.be.oneOf([200, 204]);
      const counts: Record<string, number> = {};
      for (const set of [
        "Products",
        "Categories",
        "ProductDescriptions",
        "MediaItems",
        "ReadOnlyItems",
        "DecimalSamples",
      ])
        counts[set] = Number((await catalog.get(`${set}/$count`)).text);
      expect(counts).to.deep.equal({
        Products: 7,
        Categories: 3,
        ProductDescriptions: 7,
        MediaItems: 2,
        ReadOnlyItems: 2,
        DecimalSamples: 1,
      });
      const { json } = await catalog.get(`Products(${await catalog.product("Laptop")})?$expand=Category($select=Name)`);
      expect(json).to.deep.include({
        Price: 999.99,
        Status: "InStock,Featured",
        Version: 1,
        CreatedAt: "2024-01-15T10:30:00Z",
        ProductType: "SpecialProduct",
        SpecialProperty: "Extended warranty included",
        Rating: 200,
        Temperature: -10,
        OpenTime: "09:30:00",
        ShippingTime: "P1D",
        Location: { type: "Point", coordinates: [-122.3321, 47.6062] },
      });
      expect(json.Category.Name).to.equal("Electronics");
      expect((await catalog.get("Company")).json).to.include({ Name: "TechStore Inc.", Version: 1 });
      expect((await catalog.get("DecimalSamples?$filter=Amount eq 123.450000000000000000")).text).to.include(
        '"Amount":123.45',
      );
    });

    it("gives contents of media items with their types", async () => {
      const { json } = await catalog.get("MediaItems?$orderby=Name");
      const [document] = json.value;
      expect(document).to.include({ Name: "Sample Document", ContentType: "application/pdf", Size: 2048 });
      const content = await catalog.get(`MediaItems(${document.ID})/$value`);
      expect([content.text, content.headers["content-type"]]).to.deep.equal([
        "fake-pdf-binary-data",
        "application/pdf",
      ]);
    });

    it("takes a new media item as its content", async () => {
      const created = await catalog.post("MediaItems", Buffer.from("abc"), { "content-type": "text/plain" });
      expect(created.status).to.equal(201);
      expect(created.json).to.include({ ContentType: "text/plain", Size: 3 });
      expect((await catalog.get(`MediaItems(${created.json.ID})/$value`)).text).to.equal("abc");
    });

    it("keeps photos of products", async () => {
      const url = `Products(${await catalog.product("Laptop")})/Photo`;
      expect((await catalog.get(url)).status).to.equal(204);
      expect((await catalog.send("PUT", url, Buffer.from("png"), { "content-type": "image/png" })).status).to.equal(
        204,
      );
      expect((await catalog.get(url)).text).to.equal("png");
    });

    it("refuses all changes of read-only items", async () => {
      const { json } = await catalog.get("ReadOnlyItems");
      const url = `ReadOnlyItems(${json.value[0].ID})`;
      const allowed = ["GET", "HEAD"];
      for (const [method, to] of [
        ["POST", "ReadOnlyItems"],
        ["PATCH", url],
        ["PUT", url],
        ["DELETE", url],
      ] as const) {
        const answer = await catalog.send(method, to, method === "DELETE" ? undefined : { Name: "New" });
        expect(answer.status, method).to.equal(405);
        expect(answer.headers["allow"]?.split(", "), method).to.include.members(allowed);
      }
    });

    it("knows a category by its name only once", async () => {
      const answer = await catalog.post("Categories", { Name: "Kitchen" });
      expect(answer.status).to.equal(409);
      expect(answer.text).to.include("Name");
    });

    it("raises the version of a product by one at each update, and tells it as the ETag", async () => {
      const url = `Products(${await catalog.product("Laptop")})`;
      const before = await catalog.get(url);
      const etag = before.headers["etag"]!;
      expect((await catalog.send("PATCH", url, { Price: 900 }, { "if-match": etag })).status).to.equal(200);
      const after = await catalog.get(url);
      expect(after.json.Version).to.equal(before.json.Version + 1);
      expect(after.headers["etag"]).not.to.equal(etag);
      expect((await catalog.send("PATCH", url, { Price: 800 }, { "if-match": etag })).status).to.equal(412);
    });

    it("gives a new product the zero of what is not said, but for its name, price and status", async () => {
      const created = await catalog.post("Products", { Name: "Lamp", Price: 9.5, Status: "InStock" });
      expect(created.status).to.equal(201);
      expect(created.json).to.include({ Rating: 0, Quantity: 0, Weight: 0, Version: 1, ProductType: "Product" });
      expect(created.json.Description).to.equal(null);
      for (const missing of ["Name", "Price", "Status"]) {
        const body = Object.fromEntries(
          Object.entries({ Name: "Lamp", Price: 9.5, Status: "InStock" }).filter(([name]) => name !== missing),
        );
        expect((await catalog.post("Products", body)).status, missing).to.equal(400);
      }
    });

    it("keeps serial numbers as they are", async () => {
      const { json } = await catalog.post("Products", { Name: "A", Price: 1, Status: "None", SerialNumber: "1" });
      await catalog.send("PATCH", `Products(${json.ID})`, { SerialNumber: "2" });
      expect((await catalog.get(`Products(${json.ID})/SerialNumber/$value`)).text).to.equal("1");
    });

    it("tells the types of products apart", async () => {
      const special = await catalog.get("Products/ComplianceService.SpecialProduct?$orderby=Name");
      expect(names(special)).to.deep.equal(["Gaming Mouse Ultra", "Laptop", "Premium Laptop Pro"]);
      const byProperty = await catalog.get("Products?$filter=ProductType eq 'SpecialProduct'&$orderby=Name");
      expect(names(byProperty)).to.deep.equal(names(special));
    });

    it("finds words of names, of descriptions and of the cities in addresses", async () => {
      if (kind.driver === "sqlite3" && kind.inMemory) return;
      expect(names(await catalog.get("Products?$search=mouse&$orderby=Name"))).to.deep.equal([
        "Gaming Mouse Ultra",
        "Wireless Mouse",
      ]);
      expect(names(await catalog.get("Products?$search=seattle"))).to.deep.equal(["Laptop"]);
      const found = await catalog.get("ProductDescriptions?$search=précision");
      expect(found.json.value.map((one: { LanguageKey: string }) => one.LanguageKey)).to.deep.equal(["FR"]);
      const url = `Products(${await catalog.product("Laptop")})`;
      await catalog.send("PATCH", url, { ShippingAddress: { City: "Berlin" } });
      expect(names(await catalog.get("Products?$search=berlin"))).to.deep.equal(["Laptop"]);
      expect(names(await catalog.get("Products?$search=seattle"))).to.deep.equal([]);
    });

    it("relates products to products, and categories to theirs", async () => {
      const laptop = await catalog.product("Laptop");
      const mouse = await catalog.product("Wireless Mouse");
      const reference = { "@odata.id": `${serviceRoot}Products(${mouse})` };
      expect((await catalog.post(`Products(${laptop})/RelatedProducts/$ref`, reference)).status).to.equal(204);
      expect(names(await catalog.get(`Products(${laptop})/RelatedProducts`))).to.deep.equal(["Wireless Mouse"]);
      const { json } = await catalog.get("Categories?$filter=Name eq 'Electronics'&$expand=Products($count=true)");
      expect(json.value[0]["Products@odata.count"]).to.equal(5);
    });

    it("keeps descriptions by product and language, and deletes them with their product", async () => {
      const mug = await catalog.product("Coffee Mug");
      const url = `ProductDescriptions(ProductID=${mug},LanguageKey='EN')`;
      expect((await catalog.get(url)).json.Description).to.equal("Ceramic coffee mug with heat retention technology");
      expect((await catalog.send("DELETE", `Products(${mug})`)).status).to.equal(204);
      expect((await catalog.get(url)).status).to.equal(404);
    });

    it("tells what has changed among products", async () => {
      const first = await catalog.get("Products", { prefer: "track-changes" });
      expect(first.headers["preference-applied"]).to.match(/track-changes/);
      const link = first.json["@odata.deltaLink"] as string;
      await catalog.send("PATCH", `Products(${await catalog.product("Laptop")})`, { Price: 1 });
      const changed = await catalog.get(decodeURIComponent(link.slice(serviceRoot.length)));
      expect(names(changed)).to.deep.equal(["Laptop"]);
    });

    describe("functions", () => {
      it("GetTopProducts, unbound and bound to products", async () => {
        expect(names(await catalog.get("GetTopProducts()"))).to.deep.equal([
          "Premium Laptop Pro",
          "Laptop",
          "Smartphone",
          "Office Chair",
          "Gaming Mouse Ultra",
          "Wireless Mouse",
          "Coffee Mug",
        ]);
        expect(names(await catalog.get("GetTopProducts(count=2)"))).to.deep.equal(["Premium Laptop Pro", "Laptop"]);
        expect(names(await catalog.get("GetTopProducts(count=3,category='Kitchen')"))).to.deep.equal(["Coffee Mug"]);
        for (const name of ["GetTopProducts", "ComplianceService.GetTopProducts"]) {
          const bound = await catalog.get(`Products/${name}(count=1,category='Furniture')`);
          expect(names(bound)).to.deep.equal(["Office Chair"]);
        }
        expect((await catalog.get("GetTopProducts(count=2)/$count")).text).to.equal("2");
        expect((await catalog.get("GetTopProducts(count=-1)")).status).to.equal(400);
      });

      it("GetProductStats and GetAveragePrice", async () => {
        const stats = { totalProducts: 7, averagePrice: 606.49, maxPrice: 1999.99, minPrice: 15.5 };
        expect((await catalog.get("GetProductStats()")).json).to.deep.include(stats);
        expect((await catalog.get("Products/ComplianceService.GetProductStats()")).json).to.deep.include(stats);
        const average = (await catalog.get("Products/ComplianceService.GetAveragePrice()")).json.value as number;
        expect(average).to.be.closeTo(606.49, 0.01);
      });

      it("FindProducts, Calculate and Convert", async () => {
        expect(names(await catalog.get("FindProducts(name='Laptop',maxPrice=1000)"))).to.deep.equal(["Laptop"]);
        expect(names(await catalog.get("FindProducts(name='o''clock',maxPrice=1000)"))).to.deep.equal([]);
        expect((await catalog.get("Calculate(value=21)")).json.value).to.equal(42);
        expect((await catalog.get("Calculate(a=40,b=2)")).json.value).to.equal(42);
        expect((await catalog.get("Calculate(value=9223372036854775807)")).status).to.equal(400);
        expect((await catalog.get("Convert(input='x')")).json.value).to.equal("String: x");
        expect((await catalog.get("Convert(number=5)")).json.value).to.equal("Number: 5");
      });

      it("of one product", async () => {
        const url = `Products(${await catalog.product("Smartphone")})/ComplianceService`;
        const value = async (call: string) => (await catalog.get(`${url}.${call}`)).json.value as unknown;
        expect(await value("GetTotalPrice(taxRate=0.1)")).to.equal(879.99);
        expect(await value("CalculatePrice(discount=10)")).to.equal(719.99);
        expect(await value("CalculatePrice(discount=10,tax=20)")).to.equal(863.99);
        expect(await value("GetInfo(format='text')")).to.equal("Smartphone: 799.99 (InStock,OnSale,Featured)");
        expect(names(await catalog.get(`${url}.GetRelatedProducts()`))).to.deep.equal([
          "Gaming Mouse Ultra",
          "Laptop",
          "Premium Laptop Pro",
          "Wireless Mouse",
        ]);
      });
    });

    describe("actions", () => {
      const price = async (name: string) =>
        (await catalog.get(`Products(${await catalog.product(name)})`)).json.Price as number;

      it("of one product", async () => {
        const url = `Products(${await catalog.product("Office Chair")})`;
        const call = (name: string, body?: object) => catalog.post(`${url}/ComplianceService.${name}`, body);
        const discounted = await call("ApplyDiscount", { percentage: 10 });
        expect([discounted.status, discounted.json.Price, discounted.json.Version]).to.deep.equal([200, 224.99, 2]);
        expect((await call("IncreasePrice", { amount: 0.01 })).status).to.equal(204);
        expect(await price("Office Chair")).to.equal(225);
        expect((await call("CalculateDiscount", { percentage: 20 })).json.value).to.equal(45);
        expect((await call("Activate")).status).to.equal(204);
        expect((await catalog.get(url)).json.Status).to.equal("InStock");
        expect((await call("ApplyDiscount", { percentage: 101 })).status).to.equal(400);
      });

      it("of all products", async () => {
        expect((await catalog.post("Products/ComplianceService.MarkAllAsReviewed")).status).to.equal(204);
        const { json } = await catalog.get("Products?$select=Version");
        expect(json.value.map(({ Version }: { Version: number }) => Version)).to.deep.equal(Array(7).fill(2));
      });

      it("of the service", async () => {
        expect((await catalog.post("Process", { percentage: 50, minPrice: 1000 })).status).to.equal(204);
        expect([await price("Premium Laptop Pro"), await price("Laptop")]).to.deep.equal([1000, 999.99]);
        expect((await catalog.post("Process", { percentage: 10 })).status).to.equal(204);
        expect(await price("Laptop")).to.equal(899.99);
        expect((await catalog.post("ResetAllPrices")).status).to.equal(204);
        expect(await price("Laptop")).to.equal(999.99);
        await catalog.send("DELETE", `Products(${await catalog.product("Laptop")})`);
        expect((await catalog.post("ResetProducts")).status).to.equal(204);
        expect((await catalog.get("Products/$count")).text).to.equal("7");
      });
    });
  });
}
