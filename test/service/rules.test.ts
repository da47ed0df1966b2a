import { expect } from "chai";
import type { Service } from "../../src/index.js";
import { createService } from "../../src/index.js";
import { storeKinds } from "../support/stores.js";
import { refusal, root } from "./support/bookshop.js";
import { answering, type Client } from "./support/client.js";
import { Library, seen } from "./support/library.js";

for (const kind of storeKinds) {
  describe(`rules of stored entities (${kind.name})`, () => {
    let service: Service;
    let client: Client;
    let remove: (() => Promise<void>) | undefined;

    before(async function () {
      this.timeout(60_000);
      const store = await kind.create();
      if (store === undefined) return this.skip();
      remove = () => store.remove();
      service = await createService(Library, { database: { url: store.url } });
      client = answering(service);
    });
    after(async () => {
      await service?.close();
      await remove?.();
    });
    beforeEach(async () => {
      for (const book of (await client.get("/Books?$select=isbn")).json.value as { isbn: string }[])
        await client.call("DELETE", `/Books('${book.isbn}')`);
      for (const author of (await client.get("/Authors?$select=id")).json.value as { id: number }[])
        await client.call("DELETE", `/Authors(${author.id})`);
      await client.call("POST", "/Authors", { id: 1, name: "Ann", born: "1970-01-01" });
      await client.call("POST", "/Books", {
        isbn: "a",
        title: "Tea",
        price: 12.5,
        sold: "9007199254740993",
        pages: 100,
        "author@odata.bind": "Authors(1)",
      });
      seen.length = 0;
    });

    it("may change what is stored, and the answer tells it", async () => {
      const { status, headers, json } = await client.call("POST", "/Authors?$select=id,names", { id: 2, name: "Bob" });
      expect(status).to.equal(201);
      expect(headers.location).to.equal(`${root}Authors(2)`);
      expect(json).to.include({ "@odata.context": `${root}$metadata#Authors(id,names)/$entity`, id: 2 });
      expect(json.names).to.deep.equal(["checked"]);
    });

    it("get what is right by the model, in canonical form, with no digit lost", async () => {
      expect(await refusal(client.call("POST", "/Authors", { id: "x", name: "Bob" }))).to.have.property("status", 400);
      expect(seen).to.deep.equal([]);
      await client.call(
        "PATCH",
        "/Books('a')",
        '{"sold":9007199254740995,"price":1.10,"published":"2020-01-01T01:00:00+01:00","version":77}',
      );
      expect(seen).to.deep.equal([
        ["update book", "a", { sold: "9007199254740995", price: "1.1", published: "2020-01-01T00:00:00Z" }],
      ]);
    });

    it("refuse before and after, and nothing is stored then", async () => {
      expect(await refusal(client.call("POST", "/Authors", { id: 2, name: "nobody" }))).to.include({
        status: 400,
        message: "Nobody writes nothing.",
      });
      expect(await refusal(client.call("POST", "/Authors", { id: 2, name: "too late" }))).to.have.property(
        "status",
        400,
      );
      expect(await refusal(client.get("/Authors(2)"))).to.have.property("status", 404);
      expect(await refusal(client.call("DELETE", "/Authors(1)"))).to.have.property("message", "The author has books.");
    });

    it("write more in the same transaction", async () => {
      await client.call("POST", "/Authors", { id: 2, name: "prolific" });
      expect((await client.get("/Books('of 2')/author")).json.id).to.equal(2);
      const { json } = await client.call(
        "PATCH",
        "/Books('a')",
        { title: "Bestseller" },
        { prefer: "return=representation" },
      );
      expect(json).to.include({ title: "Bestseller", rating: 5 });
    });

    it("hold on every way to an entity", async () => {
      const ways: [string, string, unknown][] = [
        ["PATCH", "/Books('a')", { price: -1 }],
        ["PUT", "/Books('a')", { title: "x", price: -1 }],
        ["PUT", "/Books('a')/price", { value: -1 }],
        ["PATCH", "/Authors(1)/books('a')", { price: -1 }],
        ["PATCH", "/Books/a", { price: -1 }],
      ];
      for (const [method, url, body] of ways)
        expect(await refusal(client.call(method, url, body)), `${method} ${url}`).to.include({
          status: 400,
          message: "A price is not below zero.",
        });
      expect(await refusal(client.call("PATCH", "/Books/$each", { price: 1 }))).to.have.property("status", 501);
      expect((await client.get("/Books('a')")).json).to.include({ price: 12.5, title: "Tea" });
    });

    it("are not gone around by writing an entity inline in another, or many at once", async () => {
      const ways: [string, string, unknown][] = [
        ["PATCH", "/Authors(1)", { books: [{ isbn: "a", price: -1 }] }],
        ["PATCH", "/Books", { value: [{ isbn: "a", price: -1 }] }],
        ["PATCH", "/Books('a')", { author: { id: 3, name: "nobody" } }],
        ["DELETE", "/Authors/$each", undefined],
      ];
      for (const [method, url, body] of ways)
        expect(await refusal(client.call(method, url, body)), `${method} ${url}`)
          .to.have.property("status")
          .that.is.oneOf([400, 501]);
      expect((await client.get("/Books('a')")).json.price).to.equal(12.5);
      expect((await client.get("/Authors")).json.value).to.have.length(1);
    });

    it("leave preconditions to the engine", async () => {
      const { headers } = await client.get("/Books('a')");
      expect(
        await refusal(client.call("PATCH", "/Books('a')", { price: 2 }, { "if-match": 'W/"no"' })),
      ).to.have.property("status", 412);
      const changed = await client.call(
        "PATCH",
        "/Books('a')",
        { title: "Bestseller" },
        { "if-match": headers.etag!, prefer: "return=representation" },
      );
      expect(changed.headers.etag).to.equal((await client.get("/Books('a')")).headers.etag);
    });

    it("change single properties with their entity", async () => {
      expect((await client.call("PUT", "/Books('a')/title", { value: "Milk" })).status).to.equal(204);
      expect(seen).to.deep.equal([["update book", "a", { title: "Milk" }]]);
      expect((await client.get("/Books('a')/title")).json.value).to.equal("Milk");
    });

    it("answer 404 for what is not there, and make it where PUT may", async () => {
      expect(await refusal(client.call("DELETE", "/Authors(7)"))).to.have.property("status", 404);
    });

    it("decide what is read", async () => {
      const { json } = await client.get(
        "/Authors?$filter=id eq 1&$expand=books($select=isbn)&$select=name&$count=true",
      );
      expect(seen).to.deep.equal(["find authors"]);
      expect(json["@odata.count"]).to.equal(1);
      expect(json.value[0]).to.include({ name: "Ann" });
      expect(json.value[0].books).to.have.length(1);
      await client.call("PATCH", "/Authors(1)", { name: "masked" });
      expect((await client.get("/Authors(1)?$expand=books")).json).to.include({ name: "masked", born: null });
      expect((await client.get("/Authors(1)/books")).json.value).to.have.length(1);
      await client.call("PATCH", "/Authors(1)", { name: "secret" });
      for (const url of ["/Authors(1)", "/Authors(1)/name", "/Authors(1)/books"])
        expect(await refusal(client.get(url)), url).to.have.property("status", 404);
      await client.call("PATCH", "/Authors(1)", { name: "Ann" });
    });

    it("leave operations the data of the service", async () => {
      await client.call("POST", "/Authors", { id: 2, name: "Bob" });
      const { status, json } = await client.call("POST", "/Authors/Books.merge", { from: 1, into: 2 });
      expect(status).to.equal(200);
      expect(json).to.include({ "@odata.context": `${root}$metadata#Authors/$entity`, id: 2, name: "Bob" });
      expect((await client.get("/Books('a')/author")).json.id).to.equal(2);
      expect(await refusal(client.get("/Authors(1)"))).to.have.property("status", 404);
    });

    it("hold for operations, too, and take back all that they did", async () => {
      await client.call("POST", "/Books", { isbn: "b", title: "Cheap", price: 1 });
      expect((await client.call("POST", "/Books/Books.raise", { by: 2.5 })).status).to.equal(204);
      expect(
        (await client.get("/Books?$select=price&$orderby=isbn")).json.value.map((one: any) => one.price),
      ).to.deep.equal([15, 3.5]);
      expect(await refusal(client.call("POST", "/Books/Books.raise", { by: -5 }))).to.have.property("status", 400);
      expect((await client.get("/Books('a')")).json.price).to.equal(15);
    });

    it("keep every digit in operations", async () => {
      const { json } = await client.call("POST", "/Books('a')/Books.sell", '{"copies":2}');
      expect(json["@odata.context"]).to.equal(`${root}$metadata#Edm.Int64`);
      expect((await client.get("/Books('a')")).text).to.contain('"sold":9007199254740995');
      const text = (
        await client.call(
          "POST",
          "/Books('a')/Books.sell",
          { copies: 1 },
          { accept: "application/json;IEEE754Compatible=true" },
        )
      ).text;
      expect(text).to.contain('"value":"9007199254740996"');
      expect(
        await refusal(client.call("POST", "/Books('a')/Books.sell", '{"copies":9000000000000000000}')),
      ).to.have.property("status", 400);
      expect((await client.get("/Books('a')")).text).to.contain('"sold":9007199254740996');
    });

    it("let preconditions of bound actions decide", async () => {
      const stale = { "if-match": 'W/"stale"' };
      expect(await refusal(client.call("POST", "/Books('a')/Books.sell", { copies: 1 }, stale))).to.have.property(
        "status",
        412,
      );
      const { headers } = await client.get("/Books('a')");
      const current = { "if-match": headers.etag!, prefer: "return=minimal" };
      const answer = await client.call("POST", "/Books('a')/Books.sell", { copies: 1 }, current);
      expect([answer.status, answer.headers["preference-applied"]]).to.deep.equal([204, "return=minimal"]);
    });

    it("compose functions over the store", async () => {
      expect((await client.get("/Statistics()")).json).to.deep.equal({
        "@odata.context": `${root}$metadata#Books.Stats`,
        count: 1,
        average: 100,
      });
      expect((await client.get("/Statistics()/average/$value")).text).to.equal("100");
      const short = await client.get("/Short(below=200)?$expand=author($select=name)&$select=isbn&$filter=pages gt 10");
      expect(short.json["@odata.context"]).to.equal(`${root}$metadata#Books(isbn,author(name))`);
      expect(short.json.value).to.have.length(1);
      expect(short.json.value[0].author).to.include({ name: "Ann" });
      expect((await client.get("/Short(below=200)('a')/author/name")).json.value).to.equal("Ann");
      expect((await client.get("/Short(below=200)/$count")).text).to.equal("1");
      expect((await client.get("/Books('a')/Books.writer()/books")).json.value).to.have.length(1);
      expect((await client.get("/Books('a')/Books.writer()/name")).json.value).to.equal("Ann");
    });

    it("take entities for arguments, by reference or whole", async () => {
      const { status, json } = await client.call("POST", "/Found", { by: { "@odata.id": "Authors(1)" } });
      expect(status).to.equal(200);
      expect(json).to.include({ isbn: "found", title: "By Ann", price: 0.1 });
      await client.call("DELETE", "/Books('found')");
      expect((await client.call("POST", "/Found", { by: { id: 9, name: "Zoe" } })).json).to.include({
        title: "By Zoe",
      });
      for (const by of [null, 5, { "@odata.id": "Authors(99)" }, { nome: "x" }])
        expect(await refusal(client.call("POST", "/Found", { by })), JSON.stringify(by)).to.have.property(
          "status",
          400,
        );
    });

    it("tell at full metadata which operations there are, and refuse those that are not available", async () => {
      const full = { accept: "application/json;odata.metadata=full" };
      const book = `${root}Books('a')`;
      const { json } = await client.get("/Books('a')", full);
      expect(json["#Books.sell"]).to.deep.equal({ title: "Sell some", target: `${book}/Books.sell` });
      expect(json["#Books.writer"]).to.deep.equal({ title: "Books.writer", target: `${book}/Books.writer()` });
      expect(json["#Books.bind"]).to.deep.equal({ title: "Books.bind", target: `${book}/Books.bind` });
      expect(json).to.have.property("#Books.burn", null);
      expect((await client.get("/Books", full)).json["#Books.raise"]).to.deep.equal({
        title: "Books.raise",
        target: `${root}Books/Books.raise`,
      });
      const selected = await client.get("/Books('a')?$select=isbn,Books.sell", full);
      expect(Object.keys(selected.json).filter((name) => name.startsWith("#"))).to.deep.equal(["#Books.sell"]);
      expect((await client.get("/Books('a')")).text).not.to.contain("#Books.sell");
      expect((await client.call("POST", "/Books('a')/Books.bind")).status).to.equal(204);
      await client.call("PATCH", "/Books('a')", { pages: null });
      expect((await client.get("/Books('a')", full)).json).to.have.property("#Books.bind", null);
      for (const action of ["bind", "burn"])
        expect(await refusal(client.call("POST", `/Books('a')/Books.${action}`)), action).to.have.property(
          "status",
          409,
        );
    });

    it("keep functions from writing, and authors from giving what they did not declare", async () => {
      expect(await refusal(client.get("/Meddle()"))).to.be.instanceOf(TypeError);
      expect(await refusal(client.get("/Wrong()"))).to.be.instanceOf(TypeError);
      expect(await refusal(client.get("/Books('no')"))).to.have.property("status", 404);
    });
  });
}
