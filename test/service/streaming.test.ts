import { expect } from "chai";
import * as http from "node:http";
import { Readable } from "node:stream";
import { createServer } from "../../src/index.js";
import { storeKinds } from "../support/stores.js";
import type { TestStore } from "../support/stores.js";
import type { Json, Shop } from "./support/bookshop.js";
import { fill, root, startShop } from "./support/bookshop.js";

const BOOKS = 1_100;

/** Does work that finds no room while a stream is still being given back, which takes a moment. */
async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if ((error as { status?: number }).status !== 503 || attempt === 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

for (const kind of storeKinds.filter(({ name }) => !["sqlite3, memory", "better-sqlite3, memory"].includes(name))) {
  describe(`large collections (${kind.name})`, () => {
    let store: TestStore | undefined;
    let shop: Shop;

    before(async function () {
      this.timeout(120_000);
      store = await kind.create();
      if (store === undefined) this.skip();
      shop = await startShop({ url: store.url, database: { maxCursors: 1 } });
      await fill(shop, BOOKS);
    });
    after(async () => {
      if (store === undefined) return;
      await shop.close();
      await store.remove();
    });

    const raw = (url: string, method = "GET") => shop.service.handle({ method, url, headers: {}, serviceRoot: root });

    it("come as a stream, with all that a small one has", async () => {
      const whole = await shop.get("/Books?$count=true&$orderby=title desc&$select=isbn,title".replaceAll(" ", "%20"));
      expect(whole.streamed).to.equal(true);
      expect(whole.headers).not.to.have.property("content-length");
      expect(whole.json["@odata.context"]).to.equal(`${root}$metadata#Books(isbn,title)`);
      expect(whole.json["@odata.count"]).to.equal(BOOKS);
      const parts: Json[] = [];
      for (let skip = 0; skip < BOOKS; skip += 300) {
        const part = await shop.get(`/Books?$orderby=title%20desc&$select=isbn,title&$top=300&$skip=${skip}`);
        expect(part.streamed).to.equal(false);
        parts.push(...(part.json.value as Json[]));
      }
      expect(whole.json.value).to.deep.equal(parts);
    });

    it("small ones come in one piece", async () => {
      for (const url of ["/Authors", "/Books?$filter=pages%20eq%20103", "/Books?$top=100", "/Books?$filter=false"])
        expect((await shop.get(url)).streamed, url).to.equal(false);
    });

    it("are rewritten on their way where that is asked for", async () => {
      const answer = await shop.get("/Books?$select=title", { accept: "application/json;odata.metadata=full" });
      expect(answer.streamed).to.equal(true);
      const values = answer.json.value as Json[];
      expect(values).to.have.length(BOOKS);
      expect(new Set(values.map((value) => value["@odata.id"] as string)).size).to.equal(BOOKS);
      const named = await shop.get("/Books?$select=title");
      expect((named.json.value as Json[]).map((value) => value["@odata.id"] as string)).to.deep.equal(
        values.map((value) => value["@odata.id"] as string),
      );
    });

    it("references and cross joins, too", async () => {
      const references = await shop.get("/Books/$ref");
      expect(references.streamed).to.equal(true);
      expect(references.json.value).to.have.length(BOOKS);
      const join = await shop.get("/$crossjoin(Authors,Books)?$filter=Authors/id%20le%202");
      expect(join.streamed).to.equal(true);
      expect(join.json.value).to.have.length(2 * BOOKS);
      const all = await shop.get("/$all?$count=true");
      expect(all.streamed).to.equal(true);
      expect(all.json.value).to.have.length(BOOKS + 5);
      expect(all.json["@odata.count"]).to.equal(BOOKS + 5);
    });

    it("give back what they hold when their reader goes away", async () => {
      for (let round = 0; round < 3; round++) {
        const { body } = await raw("/Books");
        expect(body).to.be.instanceOf(Readable);
        const stream = body as Readable;
        const closed = new Promise((resolve) => stream.once("close", resolve));
        for await (const _ of stream) break;
        await closed;
      }
      const { body } = await raw("/Books");
      const closed = new Promise((resolve) => (body as Readable).once("close", resolve));
      (body as Readable).destroy();
      await closed;
      expect((await shop.get("/Books")).json.value).to.have.length(BOOKS);
    });

    it("are refused with 503 while too many others are being read", async () => {
      const { body } = await raw("/Books");
      let failure: unknown;
      try {
        await raw("/Books");
      } catch (error) {
        failure = error;
      }
      for await (const _ of body as Readable);
      expect(failure).to.have.property("status", 503);
    });

    it("over HTTP: are sent in chunks, and stop when the client hangs up", async () => {
      const server = createServer({
        host: "127.0.0.1",
        port: 0,
        services: [{ path: "/shop", handle: (request) => shop.service.handle(request) }],
      });
      const { port } = await server.listen();
      const ask = (method: string, path: string, read: (response: http.IncomingMessage) => void) =>
        new Promise<http.IncomingMessage>((resolve, reject) => {
          http
            .request({ port, host: "127.0.0.1", method, path: `/shop${path}`, agent: false }, (response) => {
              response.on("error", () => undefined).once("close", () => resolve(response));
              read(response);
            })
            .once("error", reject)
            .end();
        });
      try {
        // Far more than what may be on its way at any time.
        const long = "/$crossjoin(Authors,Books)?$expand=*";
        let text = "";
        const whole = await ask("GET", "/Books", (response) =>
          response.setEncoding("utf8").on("data", (chunk) => (text += String(chunk))),
        );
        expect(whole.headers["transfer-encoding"]).to.equal("chunked");
        expect((JSON.parse(text) as Json).value).to.have.length(BOOKS);
        // There is room for one stream only: it has to be given back each time.
        for (let round = 0; round < 3; round++) {
          const cut = await ask("GET", long, (response) => response.once("data", () => response.destroy()));
          expect(cut.complete).to.equal(false);
          expect((await whenFree(() => shop.get("/Books"))).json.value).to.have.length(BOOKS);
        }
        const head = await ask("HEAD", long, (response) => response.resume());
        expect(head.statusCode).to.equal(200);
        expect((await whenFree(() => shop.get("/Books"))).json.value).to.have.length(BOOKS);
      } finally {
        await server.close(1_000);
      }
    });
  });
}
