import { expect } from "chai";
import { createService, Edm, odata, TypeOrmController } from "../../src/index.js";
import type { Service } from "../../src/index.js";
import { Column, Entity, PrimaryColumn } from "typeorm";
import type { Json, Shop } from "./support/bookshop.js";
import { shopOf } from "./support/bookshop.js";
import { RulesService } from "./support/rules.js";

describe("what annotations allow and forbid", () => {
  let service: Service;
  let shop: Shop;
  const article = { name: "Apple", tags: ["a"] };

  before(async () => {
    service = await createService(RulesService, { database: { url: "sqlite::memory:" } });
    shop = shopOf(service);
  });
  after(() => service.close());

  const refused = async (method: string, url: string, body?: object): Promise<Json> => {
    try {
      await shop.call(method, url, body);
    } catch (error) {
      return error as Json;
    }
    return expect.fail("it was not refused");
  };

  describe("values", () => {
    const wrong: readonly [body: Json, target: string, message: string][] = [
      [{ name: "apple" }, "name", "does not match the pattern ^[A-Z]"],
      [{ name: "Apples and more" }, "name", "at most 10"],
      [{ price: -1 }, "price", "'-1' is less than 0, which is the least that is allowed"],
      [{ price: "100.05" }, "price", "'100.05' is greater than 100"],
      [{ price: 1.01 }, "price", "'1.01' is no multiple of 0.05"],
      [{ rating: "INF" }, "rating", "'INF' is greater than 5"],
      [{ rating: -5 }, "rating", "'-5' has to be greater than -5"],
      [{ since: "1999-12-31" }, "since", "'1999-12-31' is less than 2000-01-01"],
      [{ takes: "PT60M0.5S" }, "takes", "is greater than PT1H"],
      [{ colour: "blue" }, "colour", "'blue' is not among the allowed values red, green"],
      [{ grade: "middle" }, "grade", "not among the allowed values low, high"],
      [{ tags: [] }, "tags", "0 items are less than 1"],
      [{ tags: ["a", "b", "c", "d"] }, "tags", "4 items are more than 3"],
      [{ tags: ["a", "b c"] }, "tags[1]", "does not match the pattern"],
      [{ size: { length: 0 } }, "size.length", "'0' is less than 1"],
    ];
    for (const [body, target, message] of wrong) {
      it(`are refused: ${JSON.stringify(body)}`, async () => {
        const error = await refused("POST", "/Articles", { ...article, ...body });
        expect(error).to.include({ status: 400, target });
        expect(error.message).to.contain(message);
      });
    }

    it("are taken where they are right, null too", async () => {
      const body = {
        name: "A",
        price: 99.95,
        rating: -4.5,
        since: "2000-01-01",
        takes: "PT1H",
        colour: "red",
        grade: "high",
        tags: ["a", "b", "c"],
        size: { length: 1 },
      };
      expect((await shop.call("POST", "/Articles", body)).json).to.deep.include({
        ...body,
        size: { length: 1, unit: null },
      });
      const nothing = { name: "A", price: null, since: null, colour: null, grade: null };
      expect((await shop.call("POST", "/Articles", nothing)).status).to.equal(201);
    });

    it("are checked in linear time", async () => {
      const error = await refused("POST", "/Articles", { ...article, tags: [`${"a".repeat(100_000)}!`] });
      expect(error.status).to.equal(400);
      expect(String(error.message).length).to.be.lessThan(400);
    });
  });

  describe("properties that a client may not write", () => {
    it("are passed over", async () => {
      const body = {
        ...article,
        state: "mine",
        sum: 5,
        late: "x",
        early: "e",
        serial: "s",
        size: { length: 2, unit: "m" },
      };
      const created = await shop.call("POST", "/Articles", body);
      const kept = { state: "fixed", sum: 1, late: null, early: "e", serial: "s" };
      expect(created.json).to.include(kept);
      expect(created.json.size).to.deep.equal({ length: 2, unit: null });
      const url = `/Articles(${created.json.id})`;
      const changed = await shop.call("PATCH", url, { ...body, early: "f", serial: "t", late: "y" });
      expect(changed.json).to.include({ ...kept, late: "y" });
      const replaced = await shop.call("PUT", url, { name: "B", tags: ["b"] });
      expect(replaced.json).to.include({ ...kept, late: null });
    });
  });

  describe("properties that must be given", () => {
    it("are asked for at creation, in an entity within another, and where one is replaced", async () => {
      expect(await refused("POST", "/Articles", { tags: ["a"] })).to.include({ status: 400, target: "name" });
      const { json } = await shop.call("POST", "/Articles", article);
      expect(await refused("PUT", `/Articles(${json.id})`, { tags: ["a"] })).to.include({
        status: 400,
        target: "name",
      });
      expect((await shop.call("PATCH", `/Articles(${json.id})`, { tags: ["b"] })).status).to.equal(200);
      const deep = await refused("POST", "/Stores", { id: 1, articles: [article, { tags: ["a"] }] });
      expect(deep).to.include({ status: 400, target: "articles[1].name" });
    });
  });

  describe("sets", () => {
    it("that say no answer 405 and what is left", async () => {
      for (const [method, url, allow] of [
        ["POST", "/Facts", "GET, HEAD"],
        ["PUT", "/Facts", "GET, HEAD"],
        ["PATCH", "/Facts", "GET, HEAD"],
        ["PATCH", "/Facts(1)", "GET, HEAD"],
        ["PUT", "/Facts(1)", "GET, HEAD"],
        ["DELETE", "/Facts(1)", "GET, HEAD"],
        ["PUT", "/Stores(1)", "GET, HEAD, PATCH, DELETE"],
      ] as const) {
        const error = await refused(method, url, {});
        expect([error.status, error.headers.allow], `${method} ${url}`).to.deep.equal([405, allow]);
      }
    });

    it("create nothing by PATCH where they say so, or where the service makes the key", async () => {
      expect((await refused("PATCH", "/Stores(77)", { name: "x" })).status).to.equal(404);
      const url = "/Articles(11111111-2222-3333-4444-555555555555)";
      expect((await refused("PATCH", url, article)).status).to.equal(404);
      expect((await refused("PUT", url, article)).status).to.equal(404);
    });
  });

  it("an annotation that makes no sense is told at the start", async () => {
    @Entity("odd")
    @odata.namespace("Odd")
    class Odd {
      @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
      @Column("text") @Edm.Term("Org.OData.Validation.V1.Pattern", "(") @Edm.String name!: string;
    }
    @odata.type(Odd)
    class Odds extends TypeOrmController {}
    @odata.namespace("Odd")
    @odata.container("Container")
    @odata.controller(Odds as never, "Odds")
    class OddService {}
    const started = createService(OddService, { database: { url: "sqlite::memory:" } });
    const message = await started.then(
      (one) => one.close().then(() => "started"),
      (error: Error) => error.message,
    );
    expect(message).to.contain("The annotation Org.OData.Validation.V1.Pattern of 'Odd.Odd/name' cannot be read");
  });
});
