import { expect } from "chai";
import { freshStores, storeKinds } from "../support/stores.js";
import type { Parts } from "./support/parts.js";
import { root, startParts } from "./support/parts.js";

for (const kind of storeKinds.filter(({ inMemory, driver }) => inMemory || driver === "postgres")) {
  describe(`PUT and upserts (${kind.name})`, () => {
    const store = freshStores(kind);
    let parts: Parts;

    beforeEach(async () => {
      parts = await startParts(store().url);
    });
    afterEach(() => parts.close());

    const full = { name: "a", note: "n", big: "5", tags: ["t"], address: { city: "Oslo", floor: 3 }, serial: "s" };

    it("PUT gives properties that it does not name their defaults, and keeps what cannot be changed", async () => {
      await parts.call("POST", "/Parts", { id: 1, ...full, count: 7 });
      const replaced = await parts.call("PUT", "/Parts(1)", { name: "b", id: 99, serial: "other", version: 77 });
      expect(replaced.status).to.equal(200);
      expect(replaced.json).to.deep.include({
        id: 1,
        name: "b",
        note: null,
        big: null,
        count: 0,
        tags: [],
        address: null,
        serial: "s",
        version: 2,
      });
      expect((await parts.get("/Parts(1)")).text).to.equal(replaced.text);
    });

    it("PUT replaces complex values, PATCH merges them", async () => {
      await parts.call("POST", "/Parts", { id: 2, ...full });
      const merged = await parts.call("PATCH", "/Parts(2)", { address: { street: "s" } });
      expect(merged.json.address).to.include({ street: "s", city: "Oslo", floor: 3 });
      const replaced = await parts.call("PUT", "/Parts(2)", { name: "a", address: { street: "t" } });
      expect(replaced.json.address).to.include({ street: "t", city: null, floor: 0 });
    });

    it("PUT leaves a property alone that a referential constraint ties to another entity", async () => {
      await parts.call("POST", "/Parts", { id: 3, name: "a", owner: { id: 3, name: "o" } });
      expect((await parts.call("PUT", "/Parts(3)", { name: "b" })).json.ownerId).to.equal(3);
    });

    for (const method of ["PUT", "PATCH"]) {
      const id = method === "PUT" ? 10 : 11;

      it(`${method} creates an entity with the key of its URL`, async () => {
        const created = await parts.call(method, `/Parts(${id})`, { name: "new", id: 999 });
        expect(created.status).to.equal(201);
        expect(created.headers).to.include({ location: `${root}Parts(${id})`, etag: 'W/"1"' });
        expect(created.json).to.include({ "@odata.context": `${root}$metadata#Parts/$entity`, id, name: "new" });
        expect((await parts.call(method, `/Parts(${id})`, { name: "newer" })).status).to.equal(200);
      });

      it(`${method} creates nothing with If-Match, and changes nothing with If-None-Match: *`, async () => {
        for (const match of ["*", 'W/"1"'])
          expect((await parts.call(method, "/Parts(77)", { name: "x" }, { "if-match": match })).status).to.equal(412);
        expect((await parts.get("/Parts(77)")).status).to.equal(404);
        await parts.call("PUT", `/Parts(${id})`, { name: "newer" });
        const excluded = await parts.call(method, `/Parts(${id})`, { name: "x" }, { "if-none-match": "*" });
        expect(excluded.status).to.equal(412);
        expect((await parts.get(`/Parts(${id})`)).json.name).to.equal("newer");
        const created = await parts.call(method, `/Parts(${id}0)`, { name: "x" }, { "if-none-match": "*" });
        expect(created.status).to.equal(201);
      });

      it(`${method} creates without an answer where none is wanted`, async () => {
        const answer = await parts.call(method, `/Parts(${id}1)`, { name: "x" }, { prefer: "return=minimal" });
        expect([answer.status, answer.text]).to.deep.equal([204, ""]);
        expect(answer.headers).to.include({
          location: `${root}Parts(${id}1)`,
          "odata-entityid": `${root}Parts(${id}1)`,
          "preference-applied": "return=minimal",
        });
      });
    }

    it("creates deeply, below an entity, and with a key of several parts", async () => {
      const created = await parts.call("PUT", "/Owners(5)", { name: "o", parts: [{ id: 50, name: "p" }] });
      expect(created.status, created.text).to.equal(201);
      expect(created.json.parts[0].id).to.equal(50);
      const below = await parts.call("PUT", "/Owners(5)/parts(51)", { name: "q" });
      expect(below.status, below.text).to.equal(201);
      expect(below.json.ownerId).to.equal(5);
      await parts.call("PUT", "/Boxes(5)", {});
      const lock = await parts.call("PUT", "/Boxes(5)/locks(id=1,side='left')", {});
      expect(lock.status, lock.text).to.equal(201);
      expect(lock.json).to.include({ id: 1, side: "left" });
      const label = await parts.call("PATCH", "/Boxes(5)/labels(500)", {});
      expect([label.status, label.headers.location]).to.deep.equal([201, `${root}Boxes(5)/labels(500)`]);
    });

    it("creates the one entity that a navigation property contains", async () => {
      await parts.call("PUT", "/Boxes(6)", {});
      for (const [method, status] of [
        ["PUT", 201],
        ["PATCH", 200],
        ["PUT", 200],
      ] as const) {
        const answer = await parts.call(method, "/Boxes(6)/top", { id: 600 });
        expect(answer.status, answer.text).to.equal(status);
        expect(answer.json.id).to.equal(600);
        expect(answer.headers.location).to.equal(status === 201 ? `${root}Boxes(6)/top` : undefined);
      }
    });

    it("creates nothing where an entity would only be related, or the way there leads to nothing", async () => {
      await parts.call("PUT", "/Parts(60)", { name: "p" });
      expect((await parts.call("PUT", "/Parts(60)/owner", { id: 60, name: "o" })).status).to.equal(404);
      expect((await parts.call("PUT", "/Owners(404)/parts(61)", { name: "p" })).status).to.equal(404);
      // It is there, but not here.
      await parts.call("PUT", "/Owners(60)", { name: "o" });
      expect((await parts.call("PUT", "/Owners(60)/parts(60)", { name: "p" })).status).to.equal(404);
      expect((await parts.get("/Parts(61)")).status).to.equal(404);
    });

    it("refuses wrong bodies without creating anything", async () => {
      expect((await parts.call("PUT", "/Parts(62)", { name: null })).status).to.equal(400);
      expect((await parts.call("PUT", "/Parts(62)", { nam: "x" })).status).to.equal(400);
      expect((await parts.call("PUT", "/Parts(62)", [])).status).to.equal(400);
      expect((await parts.get("/Parts(62)")).status).to.equal(404);
    });
  });
}
