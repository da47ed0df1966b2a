import { expect } from "chai";
import type { CatalogClient } from "./support.js";
import { conformance } from "./support.js";

conformance("Protocol 10, context URLs", ({ catalog, graph }) => {
  /** What stands behind `$metadata` in the context URL of an answer. */
  const fragment = async (path: string, headers: Record<string, string> = {}, client: CatalogClient = catalog()) => {
    const context = (await client.json(path, headers))["@odata.context"] as string;
    expect(context.startsWith(`${client.root}$metadata`), context).to.equal(true);
    return context.slice(`${client.root}$metadata`.length);
  };
  let laptop: string;
  let old: Record<string, string>;

  before(async () => {
    laptop = await catalog().product("Laptop");
    old = { "odata-maxversion": "4.0" };
  });

  it("10.1 service document: the URL of the metadata document", async () => {
    expect(await fragment("/")).to.equal("");
  });

  it("10.2 collection of entities: the entity set", async () => {
    expect(await fragment("/Products")).to.equal("#Products");
    expect(await fragment(`${laptop}/Descriptions`)).to.equal("#ProductDescriptions");
    expect(await fragment(`${laptop}/RelatedProducts`)).to.equal("#Products");
  });

  it("10.2 collection of contained entities: the path to them", async () => {
    const { "@odata.context": context } = await graph().json("/deviceManagement/deviceConfigurations");
    expect(context).to.match(/\$metadata#deviceManagement\/deviceConfigurations$/);
  });

  it("10.3 entity: the entity set and $entity", async () => {
    expect(await fragment(await catalog().product("Coffee Mug"))).to.equal("#Products/$entity");
    expect(await fragment(`${laptop}/Category`)).to.equal("#Categories/$entity");
  });

  it("10.4 singleton: its name", async () => {
    expect(await fragment("/Company")).to.equal("#Company");
  });

  it("10.5 collection of derived entities: with a type cast", async () => {
    expect(await fragment("/Products/ComplianceService.SpecialProduct")).to.equal(
      "#Products/ComplianceService.SpecialProduct",
    );
  });

  it("10.6 derived entity: with a type cast where the request has it", async () => {
    expect(await fragment(`${laptop}/ComplianceService.SpecialProduct`)).to.equal(
      "#Products/ComplianceService.SpecialProduct/$entity",
    );
  });

  it("10.7 collection of projected entities: what is selected", async () => {
    expect(await fragment("/Products?$select=Name,Price")).to.equal("#Products(Name,Price)");
    expect(await fragment("/Products?$select=*")).to.equal("#Products(*)");
    expect(await fragment("/Products?$select=ShippingAddress/City")).to.equal("#Products(ShippingAddress/City)");
    expect(await fragment("/Products?$select=ShippingAddress($select=City)")).to.equal(
      "#Products(ShippingAddress/City)",
    );
    expect(await fragment("/Products?$select=Name,ComplianceService.SpecialProduct/SpecialFeature")).to.equal(
      "#Products(Name,ComplianceService.SpecialProduct/SpecialFeature)",
    );
    expect(await fragment("/Products?$select=Name,Category")).to.equal("#Products(Name,Category)");
    expect(await fragment("/Products?$compute=Price mul 2 as Twice&$select=Name,Twice")).to.equal(
      "#Products(Name,Twice)",
    );
  });

  it("10.8 projected entity: what is selected in front of $entity", async () => {
    expect(await fragment(`${laptop}?$select=Name,Rating`)).to.equal("#Products(Name,Rating)/$entity");
    expect(await fragment("/Company?$select=Name")).to.equal("#Company(Name)");
  });

  it("10.9 collection of expanded entities: what is expanded, in 4.01 with parentheses at all times", async () => {
    expect(await fragment("/Products?$expand=Category")).to.equal("#Products(Category())");
    expect(await fragment("/Products?$select=Name&$expand=Category")).to.equal("#Products(Name,Category())");
    expect(await fragment("/Products?$expand=Category($select=Name)")).to.equal("#Products(Category(Name))");
    expect(await fragment("/Products?$expand=Category($expand=Products)")).to.equal("#Products(Category(Products()))");
  });

  it("10.9 collection of expanded entities: in 4.0 only with options of their own", async () => {
    expect(await fragment("/Products?$expand=Category", old)).to.equal("#Products");
    expect(await fragment("/Products?$select=Name&$expand=Category", old)).to.equal("#Products(Name)");
    expect(await fragment("/Products?$select=Name,Category&$expand=Category", old)).to.equal(
      "#Products(Name,Category)",
    );
    expect(await fragment("/Products?$expand=Category($select=Name)", old)).to.equal("#Products(Category(Name))");
  });

  it("10.9 collection of expanded entities: a plus sign where it goes on", async () => {
    expect(await fragment("/Products?$expand=RelatedProducts($select=Name;$levels=2)")).to.equal(
      "#Products(RelatedProducts+(Name))",
    );
  });

  it("10.9 collection of expanded entities: references are not in it", async () => {
    expect(await fragment("/Products?$expand=Descriptions/$ref")).to.equal("#Products");
  });

  it("10.10 expanded entity: what is expanded in front of $entity", async () => {
    const mug = await catalog().product("Coffee Mug");
    expect(await fragment(`${mug}?$expand=Category`)).to.equal("#Products(Category())/$entity");
    expect(await fragment(`${mug}?$expand=Category`, old)).to.equal("#Products/$entity");
    expect(await fragment(`${mug}?$expand=Category($select=Name)`)).to.equal("#Products(Category(Name))/$entity");
  });

  it("10.11 collection of entity references", async () => {
    expect(await fragment(`${laptop}/Descriptions/$ref`)).to.equal("#Collection($ref)");
    expect(await fragment("/Products/$ref")).to.equal("#Collection($ref)");
  });

  it("10.12 entity reference", async () => {
    expect(await fragment(`${laptop}/Category/$ref`)).to.equal("#$ref");
  });

  it("10.13 property value: the entity and the path to the property", async () => {
    const entity = laptop.slice(1);
    expect(await fragment(`${laptop}/Name`)).to.equal(`#${entity}/Name`);
    expect(await fragment(`${laptop}/ShippingAddress`)).to.equal(`#${entity}/ShippingAddress`);
    expect(await fragment(`${laptop}/ShippingAddress/City`)).to.equal(`#${entity}/ShippingAddress/City`);
    expect(await fragment("/Company/Name")).to.equal("#Company/Name");
  });

  it("10.13 property value: with a cast for a property of a derived type", async () => {
    expect(await fragment(`${laptop}/ComplianceService.SpecialProduct/SpecialFeature`)).to.equal(
      `#${laptop.slice(1)}/ComplianceService.SpecialProduct/SpecialFeature`,
    );
  });

  it("10.15 complex or primitive type: that of an operation's result", async () => {
    expect(await fragment("/Calculate(value=2)")).to.equal("#Edm.Int64");
    expect(await fragment("/GetProductStats()")).to.equal("#ComplianceService.ProductStats");
  });

  it("10.16 operation result: the entity set where it is known", async () => {
    expect(await fragment("/GetTopProducts()")).to.equal("#Products");
    expect(await fragment("/Products/ComplianceService.GetTopProducts(count=2)")).to.equal("#Products");
    expect(await fragment("/GetTopProducts()?$select=Name")).to.equal("#Products(Name)");
    const answer = await catalog().post(`${laptop}/ApplyDiscount`, { percentage: 0 });
    expect(answer.json["@odata.context"]).to.match(/\$metadata#Products\/\$entity$/);
  });

  it("10.17 delta payload: that of the defining query and $delta", async () => {
    const link = async (path: string) => {
      const first = await catalog().json(path, { prefer: "track-changes" });
      return catalog().path(first["@odata.deltaLink"]);
    };
    expect(await fragment(await link("/Products"))).to.equal("#Products/$delta");
    expect(await fragment(await link("/Products?$select=Name"))).to.equal("#Products(Name)/$delta");
  });

  it("10.19 $all: the abstract entity type", async () => {
    const all = await catalog().json("/$all");
    expect(all["@odata.context"]).to.match(/\$metadata#Collection\(Edm\.EntityType\)$/);
    for (const entity of all.value) expect(entity["@odata.context"]).to.be.a("string");
  });

  it("10.20 $crossjoin: the abstract complex type", async () => {
    expect(await fragment("/$crossjoin(Products,Categories)?$filter=Products/CategoryID eq Categories/ID")).to.equal(
      "#Collection(Edm.ComplexType)",
    );
  });
});
