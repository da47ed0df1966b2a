import { expect } from "chai";
import { isAmong, isKnown, matches } from "../../src/service/etag.js";
import { failure, freshStores, storeKinds } from "../support/stores.js";
import type { Parts } from "./support/parts.js";
import { startParts } from "./support/parts.js";

describe("comparing ETags", () => {
  it("lists are cut at commas between tags, and not within them", () => {
    expect(isAmong('W/"1,2"', '"a", W/"1,2" ,"b"')).to.equal(true);
    expect(isAmong('W/"1"', 'W/"1,2"')).to.equal(false);
    expect(isAmong('W/"2"', 'W/"1,2"')).to.equal(false);
    expect(isAmong('W/"2"', ',, W/"1",\t"2",')).to.equal(true);
  });

  it("what is no tag is none of them", () => {
    for (const header of ["", "1", '"1', "W/1", '"1"x', 'W/ "1"', "**"])
      expect(matches('W/"1"', header)).to.equal(false);
  });

  it("weak ones are compared weakly, strong ones strongly", () => {
    expect(matches('W/"1"', '"1"')).to.equal(true);
    expect(matches('"1"', 'W/"1"')).to.equal(false);
    expect(matches('"1"', '"0", "1"')).to.equal(true);
    expect(isKnown('"1"', 'W/"1"')).to.equal(true);
  });

  it("* is everything that is there", () => {
    expect(matches(undefined, "*")).to.equal(true);
    expect(matches(undefined, '"1"')).to.equal(false);
    expect(isKnown(undefined, " * ")).to.equal(true);
  });
});

describe("demanding ETags", () => {
  it("a service does not start with a demand that makes no sense", async () => {
    for (const behaviour of [{ requireIfMatch: ["Nothing"] }, { maxSetMembers: 0 }])
      expect(await failure(startParts("sqlite::memory:", behaviour))).to.be.instanceOf(RangeError);
  });
});

for (const kind of storeKinds) {
  describe(`preconditions (${kind.name})`, () => {
    const store = freshStores(kind);
    let parts: Parts;
    const start = async (behaviour: Parameters<typeof startParts>[1] = {}) => {
      parts = await startParts(store().url, behaviour);
      await parts.call("POST", "/Parts", { id: 1, name: "Wheel", note: "n" });
    };
    afterEach(() => parts?.close());
    const etag = async () => (await parts.get("/Parts(1)")).headers.etag!;

    /** Every way to change an entity, or something of it. */
    const changes = [
      ["PATCH", "/Parts(1)", { note: "x" }],
      ["PUT", "/Parts(1)", { name: "x" }],
      ["PUT", "/Parts(1)/note", { value: "x" }],
      ["PATCH", "/Parts(1)/address", { city: "x" }],
      ["POST", "/Parts(1)/tags", { value: "x" }],
      ["DELETE", "/Parts(1)/note", undefined],
      ["POST", "/Parts(1)/spares/$ref", { "@odata.id": "Parts(1)" }],
      ["PUT", "/Parts(1)/spares/$ref", { value: [] }],
      ["DELETE", "/Parts(1)", undefined],
    ] as const;

    it("hold for every change: If-Match and If-None-Match", async () => {
      await start();
      const own = await etag();
      for (const [method, url, body] of changes) {
        const call = (headers: Record<string, string>) => parts.call(method, url, body, headers);
        expect((await call({ "if-match": 'W/"0"' })).status, `${method} ${url}`).to.equal(412);
        expect((await call({ "if-none-match": own })).status, `${method} ${url}`).to.equal(412);
        expect((await call({ "if-none-match": "*" })).status, `${method} ${url}`).to.equal(412);
      }
      expect(await etag()).to.equal(own);
      for (const [method, url, body] of changes) {
        const headers = { "if-match": `"other", ${await etag()}`, "if-none-match": '"other"' };
        expect((await parts.call(method, url, body, headers)).status, `${method} ${url}`).to.be.below(300);
      }
    });

    it("an answer to a change has the new ETag, with a body and without", async () => {
      await start();
      for (const [method, url, body] of changes.slice(0, -1)) {
        for (const prefer of ["return=minimal", "return=representation"]) {
          const answer = await parts.call(method, url, body, { prefer });
          expect(answer.headers.etag, `${method} ${url} ${prefer}`).to.equal(await etag());
        }
      }
      const made = await parts.call("POST", "/Parts", { id: 2, name: "x" }, { prefer: "return=minimal" });
      expect(made.headers.etag).to.equal((await parts.get("/Parts(2)")).headers.etag);
    });

    it("304 for whoever knows an entity or a property as it is, 412 for whoever wants another state", async () => {
      await start();
      const own = await etag();
      for (const url of ["/Parts(1)", "/Parts(1)/note", "/Parts(1)/note/$value", "/Parts(1)/tags"]) {
        for (const method of ["GET", "HEAD"]) {
          const known = await parts.call(method, url, undefined, { "if-none-match": own });
          expect(known.status, url).to.equal(304);
          expect(known.headers.etag).to.equal(own);
          expect(known.text).to.equal("");
          expect((await parts.call(method, url, undefined, { "if-match": 'W/"0"' })).status, url).to.equal(412);
        }
        const answer = await parts.get(url, { "if-match": own, "if-none-match": 'W/"0"' });
        expect(answer.status, url).to.equal(200);
        expect(answer.headers.etag, url).to.equal(own);
      }
    });

    it("428 where a set demands that a change names the state that it starts from", async () => {
      await start({ requireIfMatch: ["Parts"] });
      for (const [method, url, body] of changes) {
        const answer = await parts.call(method, url, body);
        expect(answer.status, `${method} ${url}`).to.equal(428);
      }
      await parts.call("POST", "/Owners", { id: 1, name: "o" });
      // A way over another set leads to the same entities.
      await parts.call("POST", "/Owners(1)/parts/$ref", { "@odata.id": "Parts(1)" });
      expect((await parts.call("PATCH", "/Owners(1)/parts(1)", { note: "x" })).status).to.equal(428);
      expect((await parts.call("PATCH", "/Parts/$each", { note: "x" })).status).to.equal(428);
      expect((await parts.call("PATCH", "/Parts/$each", { note: "x" }, { "if-match": "*" })).status).to.equal(204);
      expect((await parts.call("PATCH", "/Parts(1)", { note: "x" }, { "if-match": await etag() })).status).to.equal(
        200,
      );
      expect((await parts.call("PATCH", "/Parts(1)", { note: "x" }, { "if-match": "*" })).status).to.equal(200);
      // What has no ETag can name none.
      expect((await parts.call("PATCH", "/Owners(1)", { name: "x" })).status).to.equal(200);
      expect((await parts.call("DELETE", "/Parts(1)", undefined, { "if-match": await etag() })).status).to.equal(204);
    });

    it("428 everywhere where the service demands it", async () => {
      await start({ requireIfMatch: true });
      expect((await parts.call("PATCH", "/Parts(1)", { note: "x" })).status).to.equal(428);
    });

    it("of fifty who read, add and write at the same time, nobody's sum is lost", async function () {
      this.timeout(60_000);
      await start();
      const writers = 50;
      const add = async () => {
        for (;;) {
          const { headers, json } = await parts.get("/Parts(1)");
          const { status } = await parts.call(
            "PATCH",
            "/Parts(1)",
            { count: json.count + 1 },
            { "if-match": headers.etag! },
          );
          if (status === 200) return;
          // Somebody was faster, or there are too many at once.
          if (status !== 412 && status !== 503) throw new Error(`A change was answered with ${status}.`);
        }
      };
      await Promise.all(Array.from({ length: writers }, add));
      const { count, version } = (await parts.get("/Parts(1)")).json;
      expect(count).to.equal(writers);
      expect(version).to.equal(writers + 1);
    });
  });
}
