import { expect } from "chai";
import { freshStores, gate, storeKinds } from "../support/stores.js";
import { jsonBatch } from "./support/batch.js";
import type { Shop } from "./support/bookshop.js";
import { fill, refusal, startShop } from "./support/bookshop.js";

const snapshot = { isolation: "snapshot" };

for (const kind of storeKinds) {
  describe(`snapshot isolation (${kind.name})`, () => {
    const store = freshStores(kind);
    let shop: Shop;
    beforeEach(async () => {
      shop = await startShop({ url: store().url, pageSize: 10 });
      await fill(shop, 30);
    });
    afterEach(() => shop.close());

    it("answers a collection whole, without pages", async () => {
      expect((await shop.get("/Books")).json).to.have.property("@odata.nextLink");
      for (const headers of [snapshot, { "odata-isolation": "Snapshot" }, { ...snapshot, prefer: "maxpagesize=5" }]) {
        const { json } = await shop.get("/Books?$count=true", headers);
        expect(json).to.not.have.property("@odata.nextLink");
        expect([json["@odata.count"], json.value.length]).to.deep.equal([30, 30]);
      }
    });

    it("holds for all reads of a batch", async () => {
      const requests = [
        { id: "1", method: "get", url: "Books" },
        { id: "2", method: "get", url: "Authors/$count" },
        { id: "3", method: "get", url: "$all?$top=3" },
        { id: "4", method: "get", url: "Nothing" },
      ];
      const { statuses, responses } = await jsonBatch(shop, requests, snapshot);
      expect(statuses).to.deep.equal([200, 200, 200, 404]);
      expect(responses[0]!.body.value).to.have.length(30);
    });

    it("lets a write that waits come before a batch, or after it", async () => {
      const { opened, open } = gate();
      const writing = shop.service.database.transaction(() => opened);
      const counts = [1, 2, 3].map((id) => ({ id: String(id), method: "get", url: "Authors/$count" }));
      const batch = jsonBatch(shop, counts, snapshot);
      const write = shop.call("POST", "/Authors", { id: 50, name: "New" });
      open();
      await writing;
      const [{ responses }] = await Promise.all([batch, write]);
      expect(new Set(responses.map(({ body }) => body as string)).size).to.equal(1);
    });

    it("is kept by a single write, which is one transaction", async () => {
      expect((await shop.call("POST", "/Authors", { id: 60, name: "New" }, snapshot)).status).to.equal(201);
    });
  });
}

describe("snapshot isolation", () => {
  let shop: Shop;
  before(async () => {
    shop = await startShop({ pageSize: 2 });
    await fill(shop, 5);
  });
  after(() => shop.close());

  it("is refused for a page that an earlier request began: 412", async () => {
    const next = new URL((await shop.get("/Books")).json["@odata.nextLink"] as string);
    const url = `${next.pathname.replace("/shop", "")}${next.search}`;
    for (const written of [url, url.replace("$skiptoken", "%24skiptoken"), url.replace("$skiptoken", "SKIPTOKEN")])
      expect((await refusal(shop.get(written, snapshot))).status).to.equal(412);
    expect((await shop.get("/Books?$filter=title ne 'skiptoken'".replaceAll(" ", "%20"), snapshot)).status).to.equal(
      200,
    );
  });

  it("is refused for a batch that changes something, and nothing is done: 412", async () => {
    const requests = [
      { id: "1", method: "get", url: "Books" },
      { id: "2", method: "delete", url: "Authors(1)" },
    ];
    expect((await refusal(jsonBatch(shop, requests, snapshot))).status).to.equal(412);
    expect((await shop.get("/Authors(1)")).status).to.equal(200);
  });

  it("is the only isolation there is: 400 for others", async () => {
    for (const isolation of ["serializable", "", "snapshot, snapshot"])
      expect((await refusal(shop.get("/Books", { isolation }))).status).to.equal(400);
  });

  it("has a header that goes before that of 4.0", async () => {
    expect((await shop.get("/Books", { ...snapshot, "odata-isolation": "none" })).status).to.equal(200);
  });
});
