import { expect } from "chai";
import type { ODataError, RequestClient } from "../../src/index.js";
import { freshStores, gate, storeKinds } from "../support/stores.js";
import { answeredParts, changeSet, multipart, part, post, statusesOf } from "./support/batch.js";
import { parseHttpResponse } from "./support/http-text.js";
import type { Answer, Shop } from "./support/bookshop.js";
import { fill, refusal, root, startShop } from "./support/bookshop.js";

const author = (id: number) => ({ id, name: `Author ${id}` });
const later = { prefer: "respond-async" };

/** The path of the status monitor that an answer names. */
function monitorOf(answer: Answer): string {
  expect(answer.status).to.equal(202);
  expect(answer.headers).to.include({ "odata-version": "4.01", "retry-after": "1" });
  expect(answer.headers.location).to.match(/^http:\/\/example\.org\/shop\/\$async\/[\w-]{32}$/);
  expect(answer.text).to.equal("");
  return answer.headers.location!.slice(root.length - 1);
}

/** Asks a status monitor until its request is done. */
async function result(shop: Shop, monitor: string, headers: Record<string, string> = {}): Promise<Answer> {
  for (;;) {
    const answer = await shop.get(monitor, headers);
    if (answer.status !== 202) return answer;
    expect(answer.headers.location).to.equal(`${root}${monitor.slice(1)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

for (const kind of storeKinds) {
  describe(`asynchronous requests (${kind.name})`, () => {
    const store = freshStores(kind);
    let shop: Shop;
    beforeEach(async () => void (shop = await startShop({ url: store().url })));
    afterEach(() => shop.close());
    const count = async () => Number((await shop.get("/Authors/$count")).text);

    it("are carried out while the client waits for nothing", async () => {
      const accepted = await shop.call("POST", "/Authors", author(1), later);
      const monitor = monitorOf(accepted);
      expect(accepted.headers["preference-applied"]).to.equal("respond-async");
      const answer = await result(shop, monitor);
      expect(answer.status).to.equal(200);
      expect(answer.headers).to.include({ asyncresult: "201", location: `${root}Authors(1)`, "odata-version": "4.01" });
      expect(answer.json.name).to.equal("Author 1");
      expect(await count()).to.equal(1);
      expect((await result(shop, monitor)).text).to.equal(answer.text);
    });

    it("are rolled back where they are cancelled before they are done", async () => {
      // Whoever comes first holds the store up.
      const { opened, open } = gate();
      const { opened: begun, open: begin } = gate();
      const first = shop.service.database.transaction(async () => {
        begin();
        await opened;
      });
      await begun;
      const body = multipart("b", [
        changeSet("c", [part(post("Authors", author(1)), "1"), part(post("Authors", author(2)), "2")]),
      ]);
      const headers = { ...later, "content-type": "multipart/mixed; boundary=b" };
      const monitor = monitorOf(await shop.call("POST", "/$batch", body, headers));
      const cancelled = await shop.call("DELETE", monitor);
      open();
      await first;
      expect([cancelled.status, cancelled.headers["odata-version"]]).to.deep.equal([204, "4.01"]);
      expect((await refusal(shop.get(monitor))).status).to.equal(404);
      await shop.service.database.transaction(() => undefined);
      expect(await count()).to.equal(0);
    });

    it("cannot be cancelled where they have changed something", async () => {
      const monitor = monitorOf(await shop.call("POST", "/Authors", author(1), later));
      await result(shop, monitor);
      expect((await refusal(shop.call("DELETE", monitor))).status).to.equal(409);
      expect((await result(shop, monitor)).headers.asyncresult).to.equal("201");
      expect(await count()).to.equal(1);
    });
  });
}

describe("asynchronous requests", () => {
  let shop: Shop;
  before(async () => {
    shop = await startShop();
    await fill(shop);
  });
  after(() => shop.close());

  it("for collections, as streams would be answered, are read to their end", async () => {
    const monitor = monitorOf(await shop.get("/Books", later));
    const answer = await result(shop, monitor);
    expect(answer.streamed).to.equal(false);
    expect(answer.json).to.deep.equal((await shop.get("/Books")).json);
    expect((await shop.call("DELETE", monitor)).status).to.equal(204);
    expect((await refusal(shop.get(monitor))).status).to.equal(404);
    expect((await refusal(shop.call("DELETE", monitor))).status).to.equal(404);
  });

  it("that fail have their error for an answer", async () => {
    const answer = await result(shop, monitorOf(await shop.get("/Nothing", later)));
    expect(answer.status).to.equal(200);
    expect(answer.headers.asyncresult).to.equal("404");
    expect(answer.json.error.code).to.equal("ResourceNotFound");
  });

  it("have their answer in a message of its own for clients of 4.0, and for those that accept it", async () => {
    const monitor = monitorOf(await shop.get("/Authors(1)", later));
    for (const headers of [{ "odata-maxversion": "4.0" }, { accept: "application/json, application/http;q=0.5" }]) {
      const answer = await result(shop, monitor, headers);
      expect(answer.headers).to.include({ "content-type": "application/http", asyncresult: "200" });
      const inner = parseHttpResponse(answer.text);
      expect(inner.status).to.equal(200);
      expect(inner.headers["odata-version"]).to.equal("4.01");
      expect(JSON.parse(inner.text)).to.deep.equal((await shop.get("/Authors(1)")).json);
    }
    const plain = await result(shop, monitor, { "odata-maxversion": "4.0", accept: "application/json" });
    expect(plain.headers.asyncresult).to.equal("200");
    expect(plain.json.name).to.equal("Author 1");
  });

  it("may be batches, of which no request is asynchronous by itself", async () => {
    const body = multipart("b", [
      part("GET Authors(1) HTTP/1.1\nPrefer: respond-async\n"),
      part("GET Authors(99) HTTP/1.1\nPrefer: respond-async\n"),
    ]);
    const headers = { ...later, "content-type": "multipart/mixed; boundary=b" };
    const answer = await result(shop, monitorOf(await shop.call("POST", "/$batch", body, headers)));
    expect(answer.headers.asyncresult).to.equal("200");
    expect(statusesOf(answeredParts(answer.headers["content-type"]!, answer.text))).to.deep.equal([200, 404]);
  });

  it("are answered at once where they are done before the client has waited enough", async () => {
    const answer = await shop.get("/Authors(1)", { prefer: "respond-async, wait=20" });
    expect(answer.status).to.equal(200);
    expect(answer.headers).to.include({ "preference-applied": "wait=20" });
    expect(answer.headers).to.not.have.property("asyncresult");
    expect(answer.json.name).to.equal("Author 1");
  });

  it("become asynchronous when the client has waited enough", async () => {
    const { opened, open } = gate();
    const first = shop.service.database.transaction(() => opened);
    const answer = await shop.call("PATCH", "/Authors(1)", { name: "New" }, { prefer: "wait=0, respond-async" });
    const monitor = monitorOf(answer);
    expect(answer.headers["preference-applied"]).to.equal("respond-async, wait=0");
    open();
    await first;
    expect((await result(shop, monitor)).json.name).to.equal("New");
  });

  it("do not call anybody back", async () => {
    const prefer = 'respond-async, callback; url="http://127.0.0.1:9/"';
    const answer = await shop.get("/Authors", { prefer });
    expect(answer.headers["preference-applied"]).to.equal("respond-async");
    await result(shop, monitorOf(answer));
  });

  it("belong to the client that asked", async () => {
    const client = (identity: string | undefined): RequestClient => ({
      identity,
      requestId: "r",
      clientRequestId: undefined,
      authorize: () => undefined,
      report: () => undefined,
    });
    const ask = async (method: string, url: string, identity: string | undefined, headers = {}) => {
      try {
        return await shop.service.handle({ method, url, headers, serviceRoot: root, client: client(identity) });
      } catch (error) {
        return error as ODataError;
      }
    };
    const accepted = await ask("GET", "/Authors", "me", later);
    const monitor = accepted.headers.location!.slice(root.length - 1);
    for (const other of ["you", undefined]) {
      expect((await ask("GET", monitor, other)).status).to.equal(404);
      expect((await ask("DELETE", monitor, other)).status).to.equal(404);
    }
    expect((await ask("DELETE", monitor, "me")).status).to.equal(204);
  });

  it("have status monitors that can be read and deleted, and nothing else", async () => {
    const monitor = monitorOf(await shop.get("/Authors", later));
    expect((await refusal(shop.call("POST", monitor, {}))).status).to.equal(405);
    expect((await refusal(shop.get("/$async/nothing"))).status).to.equal(404);
    expect((await refusal(shop.get("/$async"))).status).to.equal(404);
  });

  it("are refused at once where their headers cannot be understood", async () => {
    expect((await refusal(shop.get("/Authors", { ...later, "odata-maxversion": "x" }))).status).to.equal(400);
  });

  it("are kept in limited number; further ones are answered when they are done", async () => {
    const small = await startShop({ async: { maxRequests: 1 } });
    const monitor = monitorOf(await small.get("/Authors", later));
    const answer = await small.get("/Authors", later);
    expect(answer.status).to.equal(200);
    expect(answer.headers).to.not.have.property("preference-applied");
    await small.call("DELETE", monitor);
    monitorOf(await small.get("/Authors", later));
    await small.close();
    const none = await startShop({ async: { maxRequests: 0 } });
    expect((await none.get("/Authors", later)).status).to.equal(200);
    await none.close();
  });

  it("are kept with limited size", async () => {
    const small = await startShop({ async: { maxAnswerBytes: 200 } });
    for (const id of [1, 2, 3, 4]) await small.call("POST", "/Authors", author(id));
    const answer = await result(small, monitorOf(await small.get("/Authors", later)));
    expect(answer.headers.asyncresult).to.equal("507");
    await small.close();
  });

  it("refuse bounds that are none", async () => {
    for (const async of [{ maxRequests: -1 }, { expirySeconds: 0 }, { maxWaitSeconds: 1e9 }, { maxAnswerBytes: 0.5 }]) {
      let error: unknown;
      await startShop({ async }).catch((thrown: unknown) => (error = thrown));
      expect(error).to.be.instanceOf(RangeError);
    }
  });
});
