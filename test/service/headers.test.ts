import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect } from "chai";
import type { Shop } from "./support/bookshop.js";
import { refusal, root, startShop } from "./support/bookshop.js";

describe("headers", () => {
  let shop: Shop;
  before(async () => {
    shop = await startShop();
    await shop.call("POST", "/Authors", { id: 1, name: "One" });
  });
  after(() => shop.close());

  for (const [accepted, status] of [
    ["utf-8", 200],
    ["UTF-8;q=0.1, iso-8859-1", 200],
    ["*", 200],
    ["iso-8859-1, *;q=0.5", 200],
    ["", 200],
    ["iso-8859-1", 406],
    ["utf-8;q=0", 406],
    ["utf-8;q=0, *", 406],
    ["*;q=0", 406],
  ] as const) {
    it(`Accept-Charset: ${accepted} is ${status}`, async () => {
      for (const url of ["/Authors", "/Authors(1)", "/", "/$metadata", "/Authors/$count"]) {
        const answer = shop.get(url, { "accept-charset": accepted });
        expect(status === 200 ? (await answer).status : (await refusal(answer)).status, url).to.equal(status);
      }
    });
  }

  for (const [accept, status] of [
    ["application/json;charset=utf-8", 200],
    ["application/json;charset=iso-8859-1", 406],
    ["application/json;odata.metadata=minimal;shape=round", 406],
    ["application/json;shape=round, application/json;q=0.1", 200],
    ["application/json;IEEE754Compatible=maybe", 406],
    ["application/json;ExponentialDecimals=true", 200],
  ] as const) {
    it(`Accept: ${accept} is ${status}`, async () => {
      const answer = shop.get("/Authors(1)", { accept });
      expect(status === 200 ? (await answer).status : (await refusal(answer)).status).to.equal(status);
    });
  }

  it("an ETag tells whether $metadata and the service document are as they were", async () => {
    for (const url of ["/", "/$metadata", "/$metadata?$format=json"]) {
      const answer = await shop.get(url);
      const { etag } = answer.headers;
      expect(etag, url).to.match(/^W\/"[\w-]{22}"$/);
      const same = await shop.get(url, { "if-none-match": etag! });
      expect([same.status, same.text, same.headers.etag], url).to.deep.equal([304, "", etag]);
      expect((await shop.get(url, { "if-none-match": 'W/"other"' })).status, url).to.equal(200);
    }
    const etags = ["4.0", "4.01"].map(
      async (version) => (await shop.get("/$metadata", { "odata-maxversion": version })).headers.etag,
    );
    expect(new Set(await Promise.all(etags)).size).to.equal(2);
  });

  it("$metadata is sent in the coding that the client likes best", async () => {
    const handle = async (coding: string) =>
      shop.service.handle({
        method: "GET",
        url: "/$metadata",
        headers: { "accept-encoding": coding },
        serviceRoot: root,
      });
    const { text } = await shop.get("/$metadata");
    const gzipped = await handle("gzip, br;q=0.5");
    expect(gzipped.headers["content-encoding"]).to.equal("gzip");
    expect(gunzipSync(gzipped.body as Buffer).toString()).to.equal(text);
    const brotli = await handle("gzip, deflate, br");
    expect(brotli.headers["content-encoding"]).to.equal("br");
    expect(brotliDecompressSync(brotli.body as Buffer).toString()).to.equal(text);
    for (const coding of ["identity", "gzip;q=0", "zstd", "*;q=0", "identity, gzip;q=0.5", ""])
      expect((await handle(coding)).headers, coding).to.not.have.property("content-encoding");
    expect((await handle("gzip")).body).to.equal(gzipped.body);
  });

  it("$query may be percent-encoded, and have slashes behind it", async () => {
    for (const url of ["/Authors/%24query", "/Authors/$query/", "/Authors/%24%71uery//"]) {
      const answer = await shop.call("POST", url, "$select=name", { "content-type": "text/plain" });
      expect([answer.status, answer.json.value.length], url).to.deep.equal([200, 1]);
      expect(answer.json.value[0], url).to.include({ name: "One" }).and.to.not.have.property("born");
    }
  });

  it("OPTIONS says what can be done", async () => {
    const answer = await shop.call("OPTIONS", "/Authors(1)");
    expect([answer.status, answer.headers["odata-version"]]).to.deep.equal([204, "4.01"]);
    expect(answer.headers.allow!.split(", ")).to.include.members(["GET", "HEAD", "PATCH", "DELETE"]);
    expect((await refusal(shop.call("OPTIONS", "/Nothing"))).status).to.equal(404);
  });
});
