import { expect } from "chai";
import type { Service } from "../../src/index.js";
import { createService, Edm, odata, type PlainObject, TypeOrmController } from "../../src/index.js";
import type { Client } from "./support/client.js";
import { answering } from "./support/client.js";
import { Article, Store } from "./support/rules.js";

/** What a rule says of an article, which no client may say. */
const said = { sum: 42, state: "by rule", late: "later" };

@odata.type(Article)
@Edm.Term("Org.OData.Capabilities.V1.InsertRestrictions", { NonInsertableProperties: ["late"] })
@Edm.Term("Org.OData.Capabilities.V1.UpdateRestrictions", { NonUpdatableProperties: ["early"] })
class RuledArticles extends TypeOrmController {
  override async insert(@odata.body article: PlainObject): Promise<PlainObject> {
    if (article.name === "Plain") return super.insert(article);
    const size = article.size === undefined ? undefined : { ...(article.size as object), unit: "cm" };
    return super.insert({ ...article, ...said, size });
  }

  override async update(@odata.key id: string, @odata.body delta: PlainObject): Promise<PlainObject | undefined> {
    if (delta.name === "Plain") return super.update(id, delta);
    return super.update(id, { ...delta, sum: 43, serial: "by rule", early: "earlier" });
  }

  @Edm.Action(Edm.EntityType(Article))
  async number(@odata.result articles: PlainObject[]): Promise<PlainObject | undefined> {
    for (const [index, { id }] of articles.entries()) await super.update(String(id), { sum: index });
    return super.insert({ name: "Last", tags: ["a"], sum: articles.length });
  }
}

@odata.type(Store)
class Stores extends TypeOrmController {}

@odata.namespace("Rules")
@odata.container("Container")
@odata.controller(RuledArticles as never, "Articles")
@odata.controller(Stores as never, "Stores")
class RuledService {}

describe("values that a rule sets and clients may not", () => {
  let service: Service;
  let client: Client;
  const forged = { tags: ["a"], sum: 7, state: "forged", late: "forged" };

  beforeEach(async () => {
    service = await createService(RuledService, { database: { url: "sqlite::memory:" }, unqualifiedOperations: true });
    client = answering(service);
  });
  afterEach(() => service.close());

  it("are stored with a new entity, in complex values, too", async () => {
    const { json } = await client.call("POST", "/Articles", { ...forged, name: "Ruled", size: { length: 2 } });
    expect(json).to.deep.include({ ...said, size: { length: 2, unit: "cm" } });
    expect((await client.get(`/Articles(${String(json.id)})`)).json).to.deep.include(said);
  });

  for (const method of ["PATCH", "PUT"]) {
    it(`are stored by ${method}`, async () => {
      const { json } = await client.call("POST", "/Articles", { ...forged, name: "Plain" });
      const url = `/Articles(${String(json.id)})`;
      await client.call(method, url, { name: "Ruled", tags: ["b"], sum: 8, serial: "forged", early: "forged" });
      expect((await client.get(url)).json).to.include({ sum: 43, serial: "by rule", early: "earlier" });
    });
  }

  it("are still nothing that a client can set, where the rule hands its body on", async () => {
    const { json } = await client.call("POST", "/Articles", { ...forged, name: "Plain" });
    expect(json).to.include({ sum: 1, state: "fixed", late: null });
    const url = `/Articles(${String(json.id)})`;
    await client.call("PATCH", url, { name: "Plain", sum: 9, serial: "forged", early: "forged" });
    expect((await client.get(url)).json).to.include({ sum: 1, serial: null, early: null });
  });

  it("are no values that only the engine makes", async () => {
    const { json } = await client.call("POST", "/Articles", { name: "Ruled", tags: ["a"], id: "forged" });
    expect(json.id).to.match(/^[0-9a-f-]{36}$/);
  });

  it("can be set in whatever else the controller writes", async () => {
    const { json } = await client.call("POST", "/Articles", { ...forged, name: "Plain" });
    const { json: last } = await client.call("POST", "/Articles/number", {});
    expect(last).to.include({ name: "Last", sum: 1 });
    expect((await client.get(`/Articles(${String(json.id)})`)).json.sum).to.equal(0);
  });
});
