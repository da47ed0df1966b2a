import { expect } from "chai";
import type { CatalogClient } from "./support.js";
import { conformance } from "./support.js";

conformance("OData 4.01 URL Conventions, section 4: resource paths", ({ catalog, graph }) => {
  it("3 the service root gives the service document", async () => {
    expect((await catalog().json("/")).value.map(({ name }: Named) => name)).to.include.members([
      "Products",
      "Company",
    ]);
  });

  it("4.1 the model is at $metadata", async () => {
    expect((await catalog().get("/$metadata")).text).to.contain("<edmx:Edmx");
  });

  it("4.2 batches go to $batch, by POST only", async () => {
    const body = { requests: [{ id: "1", method: "GET", url: "Products/$count" }] };
    const answer = await catalog().post("/$batch", body);
    expect(answer.json.responses[0].status).to.equal(200);
    expect((await catalog().get("/$batch")).status).to.equal(405);
  });

  it("4.3 an entity set, an entity by its key, a singleton", async () => {
    const { value } = await catalog().json("/Products");
    expect(value).to.have.length(7);
    const laptop = await catalog().product("Laptop");
    expect((await catalog().json(laptop)).Name).to.equal("Laptop");
    const id = laptop.slice("/Products(".length, -1);
    expect((await catalog().json(`/Products(ID=${id})`)).Name).to.equal("Laptop");
    expect((await catalog().json("/Company")).Name).to.equal("TechStore Inc.");
  });

  it("4.3 a compound key has its parts by name, in any order", async () => {
    const id = await idOf(catalog(), "Laptop");
    for (const key of [`ProductID=${id},LanguageKey='EN'`, `LanguageKey='EN',ProductID=${id}`])
      expect((await catalog().json(`/ProductDescriptions(${key})`)).LanguageKey).to.equal("EN");
    expect((await catalog().get(`/ProductDescriptions(ProductID=${id})`)).status).to.equal(400);
    expect((await catalog().get(`/ProductDescriptions(${id})`)).status).to.equal(400);
  });

  it("4.3 a key of a wrong type is 400, one that belongs to nothing 404", async () => {
    expect((await catalog().get("/Products(1)")).status).to.equal(400);
    expect((await catalog().get("/Products('x')")).status).to.equal(400);
    expect((await catalog().get("/Products(01234567-89ab-cdef-0123-456789abcdef)")).status).to.equal(404);
    expect((await catalog().get("/Nope")).status).to.equal(404);
    expect((await catalog().get(`${await catalog().product("Laptop")}/Nope`)).status).to.equal(404);
  });

  it("4.3 names are case-sensitive", async () => {
    expect((await catalog().get("/products")).status).to.equal(404);
    expect((await catalog().get(`${await catalog().product("Laptop")}/name`)).status).to.equal(404);
  });

  it("4.3 relationships are followed by navigation properties, over several steps", async () => {
    const laptop = await catalog().product("Laptop");
    expect((await catalog().json(`${laptop}/Category`)).Name).to.equal("Electronics");
    expect((await catalog().json(`${laptop}/Category/Products?$filter=Name eq 'Smartphone'`)).value).to.have.length(1);
    const descriptions = await catalog().json(`${laptop}/Descriptions`);
    expect(descriptions.value.map((item: { LanguageKey: string }) => item.LanguageKey)).to.have.members(["EN", "DE"]);
  });

  it("4.3.1 the id of an entity is its canonical URL, however it was reached", async () => {
    const laptop = await catalog().product("Laptop");
    const reached = await catalog().json(`${laptop}/Category?$format=application/json;metadata=full`);
    expect(catalog().path(reached["@odata.id"])).to.equal(await catalog().category("Electronics"));
  });

  it("4.3.3 key parts that follow from a referential constraint can be left out", async () => {
    const laptop = await catalog().product("Laptop");
    const short = await catalog().json(`${laptop}/Descriptions('EN')`);
    const id = laptop.slice("/Products(".length, -1);
    const long = await catalog().json(`${laptop}/Descriptions(ProductID=${id},LanguageKey='EN')`);
    expect(short).to.deep.equal(long);
  });

  it("4.3.4 $entity resolves ids, absolute and relative, with a cast $select and $expand, too", async () => {
    const laptop = await catalog().product("Laptop");
    const absolute = `${catalog().root.slice(0, -1)}${laptop}`;
    expect((await catalog().json(`/$entity?$id=${encodeURIComponent(absolute)}`)).Name).to.equal("Laptop");
    expect((await catalog().json(`/$entity?$id=${laptop.slice(1)}`)).Name).to.equal("Laptop");
    const options = `$id=${laptop.slice(1)}&$select=SpecialFeature&$expand=Category($select=Name)`;
    const special = await catalog().json(`/$entity/ComplianceService.SpecialProduct?${options}`);
    expect(special).to.deep.include({ SpecialFeature: "Premium support" }).and.not.have.property("Name");
    expect(special.Category.Name).to.equal("Electronics");
    expect((await catalog().get("/$entity")).status).to.equal(400);
  });

  it("4.3.6 keys as segments, for simple and compound keys", async () => {
    const id = await idOf(catalog(), "Laptop");
    expect((await catalog().json(`/Products/${id}`)).Name).to.equal("Laptop");
    expect((await catalog().json(`/Products/${id}/Category/Name`)).value).to.equal("Electronics");
    expect((await catalog().json(`/ProductDescriptions/${id}/EN`)).LanguageKey).to.equal("EN");
    expect((await catalog().json(`/Products/${id}/Descriptions/EN`)).LanguageKey).to.equal("EN");
    expect((await catalog().json(`/Products/ComplianceService.SpecialProduct/${id}`)).Name).to.equal("Laptop");
  });

  it("4.4 $ref addresses references instead of entities", async () => {
    const laptop = await catalog().product("Laptop");
    const one = await catalog().json(`${laptop}/Category/$ref`);
    expect(catalog().path(one["@odata.id"])).to.equal(await catalog().category("Electronics"));
    expect(Object.keys(one)).to.have.members(["@odata.context", "@odata.id"]);
    const many = await catalog().json(`${laptop}/Descriptions/$ref`);
    expect(many.value).to.have.length(2);
    for (const reference of many.value) expect(Object.keys(reference)).to.deep.equal(["@odata.id"]);
    expect(catalog().path((await catalog().json(`${laptop}/$ref`))["@odata.id"])).to.equal(laptop);
  });

  it("4.5.1 actions are called by POST, with a qualified name where they are bound", async () => {
    const path = `${await catalog().product("Coffee Mug")}/ComplianceService.CalculateDiscount`;
    expect((await catalog().post(path, { percentage: 10 })).json.value).to.equal(1.55);
    const answer = await catalog().get(path);
    expect(answer.status).to.equal(405);
    expect(answer.headers.allow).to.equal("POST");
  });

  it("4.5.2 functions are called by GET, with arguments in the path, as aliases or as query options", async () => {
    for (const path of [
      "/Calculate(a=5,b=7)",
      "/Calculate(b=7,a=5)",
      "/Calculate(a=@a,b=@b)?@a=5&@b=7",
      "/Calculate?a=5&b=7",
    ])
      expect((await catalog().json(path)).value, path).to.equal(12);
    const path = `${await catalog().product("Coffee Mug")}/ComplianceService.GetTotalPrice(taxRate=0.2)`;
    expect((await catalog().json(path)).value).to.equal(18.6);
    expect((await catalog().post(path, {})).status).to.equal(405);
  });

  it("4.5.2 overloads are told apart by the names of their parameters", async () => {
    expect((await catalog().json("/Convert(input='7')")).value).to.equal("String: 7");
    expect((await catalog().json("/Convert(number=7)")).value).to.equal("Number: 7");
    expect((await catalog().get("/Calculate(a=5)")).status).to.equal(400);
  });

  it("4.5.2 a composable function can be followed by further segments and query options", async () => {
    expect((await catalog().json("/GetProductStats()/totalProducts")).value).to.equal(7);
    expect((await catalog().get("/GetTopProducts(count=3)/$count")).text).to.equal("3");
    const { value } = await catalog().json("/GetTopProducts(count=3)?$filter=Price lt 900&$select=Name");
    expect(value.map(({ Name }: { Name: string }) => Name)).to.deep.equal(["Smartphone"]);
    expect((await catalog().get("/Calculate(value=1)/x")).status).to.equal(400);
  });

  it("4.6 a property, also one of a complex value", async () => {
    const laptop = await catalog().product("Laptop");
    expect((await catalog().json(`${laptop}/Name`)).value).to.equal("Laptop");
    expect((await catalog().json(`${laptop}/ShippingAddress`)).City).to.equal("Seattle");
    expect((await catalog().json(`${laptop}/ShippingAddress/City`)).value).to.equal("Seattle");
    expect((await catalog().json("/Company/Founded")).value).to.equal(2010);
  });

  it("4.7 $value is the raw value, and 204 where there is none", async () => {
    const laptop = await catalog().product("Laptop");
    const raw: Readonly<Record<string, string>> = {
      Name: "Laptop",
      Price: "999.99",
      Status: "InStock,Featured",
      CreatedAt: "2024-01-15T10:30:00Z",
      ShippingTime: "P1D",
      "ShippingAddress/City": "Seattle",
    };
    for (const [path, text] of Object.entries(raw)) {
      const answer = await catalog().get(`${laptop}/${path}/$value`);
      expect(answer.text, path).to.equal(text);
      expect(answer.headers["content-type"], path).to.match(/^text\/plain/);
    }
    expect((await catalog().get(`${laptop}/SerialNumber/$value`)).status).to.equal(204);
    expect((await catalog().get(`${laptop}/ShippingAddress/$value`)).status).to.be.within(400, 404);
  });

  it("4.7 the raw value of a binary property has the media type that is declared for it", async () => {
    const { headers, text } = await catalog().get("/Company/Logo/$value");
    expect(headers["content-type"]).to.equal("image/svg+xml");
    expect(text).to.match(/^<svg/);
  });

  it("4.8 $count is the number of items as plain text, and takes $filter and $search", async () => {
    const answer = await catalog().get("/Products/$count");
    expect(answer.text).to.equal("7");
    expect(answer.headers["content-type"]).to.match(/^text\/plain/);
    expect((await catalog().get("/Products/$count?$filter=Price gt 100")).text).to.equal("5");
    expect((await catalog().get("/Products/$count?$search=laptop")).text).to.equal("2");
    expect((await catalog().get("/Products/$filter(Price gt 500)/$count")).text).to.equal("3");
    expect((await catalog().get(`${await catalog().product("Laptop")}/Descriptions/$count`)).text).to.equal("2");
  });

  it("4.9 a member of a collection of entities, behind a relationship, too", async () => {
    const electronics = await catalog().category("Electronics");
    const laptop = await catalog().product("Laptop");
    expect((await catalog().json(`${electronics}${laptop}`)).Name).to.equal("Laptop");
    const mug = await catalog().product("Coffee Mug");
    expect((await catalog().get(`${electronics}${mug}`)).status).to.equal(404);
  });

  it("4.11 a type-cast segment restricts to a derived type", async () => {
    const cast = "ComplianceService.SpecialProduct";
    expect((await catalog().get(`/Products/${cast}/$count`)).text).to.equal("3");
    const laptop = await catalog().product("Laptop");
    expect((await catalog().json(`${laptop}/${cast}/SpecialFeature`)).value).to.equal("Premium support");
    const id = await idOf(catalog(), "Laptop");
    expect((await catalog().json(`/Products/${cast}(${id})`)).Name).to.equal("Laptop");
    expect((await catalog().get(`${await catalog().product("Coffee Mug")}/${cast}`)).status).to.equal(404);
    expect((await catalog().get("/Products/ComplianceService.Category")).status).to.be.within(400, 404);
  });

  it("4.12 $filter segments restrict a collection, one after the other, with an alias, too", async () => {
    expect(await names(catalog(), "/Products/$filter(Price gt 500)")).to.deep.equal([
      "Laptop",
      "Premium Laptop Pro",
      "Smartphone",
    ]);
    expect(await names(catalog(), "/Products/$filter(Price gt 500)/$filter(Price lt 900)")).to.deep.equal([
      "Smartphone",
    ]);
    expect(await names(catalog(), "/Products/$filter(@f)", "&@f=Price lt 20")).to.deep.equal(["Coffee Mug"]);
    expect(
      await names(
        catalog(),
        "/Products/$filter(Price gt 500)/ComplianceService.SpecialProduct",
        "&$filter=Price lt 1500",
      ),
    ).to.deep.equal(["Laptop"]);
  });

  it("4.14 $value behind a media entity is its media stream", async () => {
    const { value } = await catalog().json("/MediaItems?$filter=Name eq 'Sample Image'");
    const answer = await catalog().get(`/MediaItems(${value[0].ID})/$value`);
    expect(answer.status).to.equal(200);
    expect(answer.headers["content-type"]).to.equal("image/png");
    expect((await catalog().get(`${await catalog().product("Laptop")}/$value`)).status).to.be.within(400, 404);
  });

  it("4.15 $crossjoin pairs the entities of sets", async () => {
    const joined = "/$crossjoin(Products,Categories)?$filter=Products/CategoryID eq Categories/ID";
    const { value } = await catalog().json(joined);
    expect(value).to.have.length(7);
    expect(Object.keys(value[0])).to.have.members(["Products@odata.navigationLink", "Categories@odata.navigationLink"]);
    const expanded = await catalog().json(
      `${joined} and Products/Name eq 'Coffee Mug'&$expand=Products($select=Name),Categories($select=Name)`,
    );
    expect(expanded.value).to.have.length(1);
    expect(expanded.value[0].Products.Name).to.equal("Coffee Mug");
    expect(expanded.value[0].Categories.Name).to.equal("Kitchen");
    const whole = await catalog().json("/$crossjoin(Products,Categories)?$count=true&$top=1");
    expect(whole["@odata.count"]).to.equal(21);
  });

  it("4.16 $all addresses the entities of all sets and singletons, with a cast those of a type", async () => {
    const { value } = await catalog().json("/$all");
    const types = new Set(value.map((entity: Record<string, string>) => entity["@odata.type"]));
    expect([...types]).to.include.members(["#ComplianceService.Category", "#ComplianceService.CompanyInfo"]);
    for (const entity of value) expect(entity).to.have.property("@odata.context");
    expect(await names(catalog(), "/$all/ComplianceService.SpecialProduct")).to.have.members([
      "Gaming Mouse Ultra",
      "Laptop",
      "Premium Laptop Pro",
    ]);
  });

  it("4.17 POST to /$query reads with the query options of the body", async () => {
    const headers = { "content-type": "text/plain" };
    const answer = await catalog().post("/Products/$query", "$filter=Price%20lt%2020&$select=Name", { headers });
    expect(answer.status).to.equal(200);
    expect(answer.json.value.map(({ Name }: { Name: string }) => Name)).to.deep.equal(["Coffee Mug"]);
    const both = await catalog().post("/Products/$query?$select=Name", "$filter=Price%20lt%2020", { headers });
    expect(both.json.value).to.have.length(1);
    const twice = await catalog().post("/Products/$query?$top=1", "$top=2", { headers });
    expect(twice.status).to.equal(400);
    const asJson = { headers: { "content-type": "application/json" } };
    expect((await catalog().post("/Products/$query", "{}", asJson)).status).to.be.oneOf([400, 415]);
  });

  it("2 blanks, quotes and slashes of a URL are percent-encoded and decoded segment by segment", async () => {
    expect(await names(catalog(), "/Products", "&$filter=Name%20eq%20%27Coffee%20Mug%27")).to.have.length(1);
    expect(await names(catalog(), "/Products", "&%24filter=Name%20eq%20%27Coffee%20Mug%27")).to.have.length(1);
    const id = await idOf(catalog(), "Laptop");
    expect((await catalog().get(`/Products/${id}%2FName`)).status).to.be.within(400, 404);
  });

  it("4.3, 4.4, 4.8 hold on a service with keys that are texts, too", async () => {
    expect((await graph().get("/deviceManagement/deviceConfigurations/$count")).text).to.equal("0");
    expect((await graph().get("/deviceManagement/deviceConfigurations('none')")).status).to.equal(404);
    expect((await graph().get("/deviceManagement/deviceConfigurations/none")).status).to.equal(404);
  });
});

interface Named {
  readonly name: string;
}

async function idOf(catalog: CatalogClient, name: string): Promise<string> {
  return (await catalog.product(name)).slice("/Products(".length, -1);
}

async function names(catalog: CatalogClient, path: string, more = ""): Promise<string[]> {
  const { value } = await catalog.json(`${path}?$select=Name${more}`);
  return value.map(({ Name }: { Name: string }) => Name).sort();
}
