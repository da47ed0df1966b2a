import { expect } from "chai";
import { freshStores, storeKinds } from "../support/stores.js";
import type { Json } from "./support/bookshop.js";
import type { Parts } from "./support/parts.js";
import { startParts } from "./support/parts.js";

for (const kind of storeKinds.filter(({ inMemory, driver }) => inMemory || driver === "postgres")) {
  describe(`deep update (${kind.name})`, () => {
    const store = freshStores(kind);
    let parts: Parts;

    beforeEach(async () => {
      parts = await startParts(store().url);
      await parts.call("POST", "/Owners", {
        id: 1,
        name: "o",
        parts: [1, 2, 3].map((id) => ({ id, name: `p${id}`, note: "n" })),
      });
      await parts.call("POST", "/Parts", { id: 9, name: "free" });
      await parts.call("POST", "/Boxes", {
        id: 1,
        labels: [{ id: 1, below: [{ id: 11 }] }, { id: 2 }],
        top: { id: 3 },
      });
      await parts.call("POST", "/Boxes", { id: 2, labels: [{ id: 20 }] });
    });
    afterEach(() => parts.close());

    const values = async (url: string): Promise<Json[]> => (await parts.get(url)).json.value as Json[];
    const names = async (url: string) => (await values(`${url}?$orderby=id`)).map(({ id, name }) => `${id} ${name}`);
    const ids = async (url: string) => (await values(url)).map(({ id }) => id as number).sort((a, b) => a - b);
    const patch = async (url: string, body: object, headers = {}): Promise<void> => {
      const answer = await parts.call("PATCH", url, body, headers);
      expect(answer.status, answer.text).to.equal(200);
    };
    const everything = async (): Promise<unknown> =>
      Promise.all(["/Owners", "/Parts", "/Boxes?$expand=labels($expand=below),top"].map((url) => values(url)));
    const refused = async (url: string, body: object, status: number, target?: string, headers = {}): Promise<void> => {
      const before = await everything();
      const answer = await parts.call("PATCH", url, body, headers);
      expect(answer.status, answer.text).to.equal(status);
      if (target !== undefined) expect(answer.json.error.target).to.equal(target);
      expect(await everything()).to.deep.equal(before);
    };

    it("relates all that stand there, and no others", async () => {
      await patch("/Owners(1)", {
        parts: [{ "@id": "Parts(1)" }, { "@id": "Parts(2)", name: "changed" }, { id: 4, name: "new" }, { id: 9 }],
      });
      expect(await names("/Owners(1)/parts")).to.deep.equal(["1 p1", "2 changed", "4 new", "9 free"]);
      // Out of the collection, but not gone.
      expect((await parts.get("/Parts(3)")).json.ownerId).to.equal(null);
      expect((await parts.get("/Parts(2)")).json.note).to.equal("n");
    });

    it("takes an entity's properties for all that it has where the method replaces", async () => {
      const answer = await parts.call("PUT", "/Owners(1)", { name: "o", parts: [{ id: 2, name: "changed" }] });
      expect(answer.status, answer.text).to.equal(200);
      expect((await parts.get("/Parts(2)")).json).to.include({ name: "changed", note: null, ownerId: 1 });
      expect(await ids("/Owners(1)/parts")).to.deep.equal([2]);
    });

    it("leaves alone what it does not name", async () => {
      await parts.call("PUT", "/Owners(1)", { name: "other" });
      expect(await ids("/Owners(1)/parts")).to.deep.equal([1, 2, 3]);
    });

    it("deletes what is contained and not named, with what it contains", async () => {
      await patch("/Boxes(1)", { labels: [{ id: 2, below: [{ id: 21 }] }, { id: 5 }] });
      expect(await ids("/Boxes(1)/labels")).to.deep.equal([2, 5]);
      expect(await ids("/Boxes(1)/labels(2)/below")).to.deep.equal([21]);
      // The keys are free again.
      await patch("/Boxes(1)", { labels: [{ id: 1 }, { "@id": "Boxes(1)/labels(2)" }] });
      expect(await ids("/Boxes(1)/labels")).to.deep.equal([1, 2]);
      expect(await ids("/Boxes(1)/labels(1)/below")).to.deep.equal([]);
    });

    it("changes, replaces and deletes the one that is contained", async () => {
      await patch("/Boxes(1)", { top: { below: [{ id: 31 }] } });
      expect(await ids("/Boxes(1)/top/below")).to.deep.equal([31]);
      await patch("/Boxes(1)", { top: { id: 4 } });
      expect((await parts.get("/Boxes(1)/top")).json.id).to.equal(4);
      await patch("/Boxes(1)", { top: null });
      expect((await parts.get("/Boxes(1)/top")).status).to.equal(204);
    });

    it("changes the one that is related, relates another, or a new one", async () => {
      await patch("/Parts(1)", { owner: { id: 1, name: "renamed" } });
      expect((await parts.get("/Owners(1)")).json.name).to.equal("renamed");
      await patch("/Parts(1)", { owner: { id: 2, name: "new" } });
      expect((await parts.get("/Parts(1)/owner")).json).to.include({ id: 2, name: "new" });
      await patch("/Parts(1)", { owner: { "@id": "Owners(1)", name: "again" } });
      expect((await parts.get("/Parts(1)/owner")).json).to.include({ id: 1, name: "again" });
      await patch("/Parts(1)", { owner: null });
      expect((await parts.get("/Parts(1)/owner")).status).to.equal(204);
    });

    for (const spelling of ["parts@delta", "parts@odata.delta"]) {
      it(`adds, changes and takes away by '${spelling}'`, async () => {
        await patch("/Owners(1)", {
          [spelling]: [
            { "@removed": { reason: "changed" }, "@id": "Parts(1)" },
            { "@removed": { reason: "deleted" }, id: 2 },
            { "@id": "Parts(9)" },
            { "@id": "Parts(3)", name: "changed" },
            { id: 4, name: "new" },
          ],
        });
        expect(await names("/Owners(1)/parts")).to.deep.equal(["3 changed", "4 new", "9 free"]);
        expect(await ids("/Parts")).to.deep.equal([1, 3, 4, 9]);
      });
    }

    it("deletes what is contained and removed", async () => {
      await patch("/Boxes(1)", { "labels@delta": [{ "@removed": {}, id: 1 }] });
      expect(await ids("/Boxes(1)/labels")).to.deep.equal([2]);
    });

    it("binds: more to a collection, another to a single-valued property", async () => {
      await patch("/Owners(1)", { "parts@odata.bind": ["Parts(9)"] }, { "odata-version": "4.0" });
      expect(await ids("/Owners(1)/parts")).to.deep.equal([1, 2, 3, 9]);
      await parts.call("POST", "/Owners", { id: 2, name: "p" });
      await patch("/Parts(1)", { "owner@odata.bind": "Owners(2)" });
      expect((await parts.get("/Parts(1)")).json.ownerId).to.equal(2);
    });

    it("lets a binding go before the property that it is tied to", async () => {
      await parts.call("POST", "/Owners", { id: 2, name: "p" });
      await patch("/Parts(1)", { ownerId: 1, "owner@odata.bind": "Owners(2)" });
      expect((await parts.get("/Parts(1)")).json.ownerId).to.equal(2);
      await patch("/Parts(1)", { ownerId: 1 });
      expect((await parts.get("/Parts(1)/owner")).json.id).to.equal(1);
      await refused("/Parts(1)", { ownerId: 77 }, 400);
    });

    it("gives another ETag to an entity whose link has changed", async () => {
      const before = (await parts.get("/Parts(9)")).headers.etag;
      await patch("/Owners(1)", { "parts@delta": [{ "@id": "Parts(9)" }] });
      expect((await parts.get("/Parts(9)")).headers.etag).not.to.equal(before);
    });

    it("regards ETags of nested entities", async () => {
      const { etag } = (await parts.get("/Parts(1)")).headers;
      const known = [{ id: 1, "@odata.etag": etag, name: "a" }];
      await patch("/Owners(1)", { "parts@delta": known });
      const stale = [{ id: 1, "@etag": etag, name: "b" }];
      await refused("/Owners(1)", { "parts@delta": stale }, 412, "parts@delta[0].@odata.etag");
      await refused("/Owners(1)", { "parts@delta": [{ "@removed": {}, id: 1, "@odata.etag": etag }] }, 412);
      await patch("/Owners(1)", { "parts@delta": [{ id: 1, "@odata.etag": "*", name: "c" }] });
      await refused("/Parts(1)", { "@odata.etag": etag, name: "d" }, 412, "@odata.etag");
      // 4.0 knows nothing of that.
      await patch("/Parts(1)", { "@odata.etag": etag, name: "d" }, { "odata-version": "4.0" });
    });

    describe("changes nothing where", () => {
      it("a nested value is wrong", async () => {
        await refused("/Owners(1)", { name: "x", parts: [{ id: 1, name: 5 }] }, 400, "parts[0].name");
        await refused("/Owners(1)", { name: "x", parts: [{ id: 1 }, { id: 44 }, { id: "x" }] }, 400, "parts[2].id");
      });

      it("an entity stands there twice", async () => {
        await refused("/Owners(1)", { parts: [{ id: 1 }, { "@id": "Parts(1)" }] }, 400, "parts[1]");
        await refused("/Owners(1)", { parts: [{ id: 1 }], "parts@delta": [] }, 400, "parts@delta");
        await refused("/Owners(1)", { parts: [], "parts@odata.bind": ["Parts(9)"] }, 400, "parts@odata.bind");
      });

      it("id and key contradict each other", async () => {
        await refused("/Owners(1)", { parts: [{ "@id": "Parts(1)", id: 2 }] }, 400, "parts[0]");
      });

      it("a reference leads to nothing, or to something else", async () => {
        await refused("/Owners(1)", { parts: [{ "@id": "Parts(77)" }] }, 400, "parts[0].@id");
        await refused("/Owners(1)", { parts: [{ "@id": "Owners(1)", name: "x" }] }, 400, "parts[0].@id");
        await refused("/Owners(1)", { "parts@delta": [{ "@removed": {}, id: 77 }] }, 400, "parts@delta[0]");
      });

      it("what is contained elsewhere is named", async () => {
        await refused("/Boxes(1)", { labels: [{ "@id": "Boxes(2)/labels(20)" }] }, 400, "labels[0]");
        await refused("/Boxes(1)", { labels: [{ id: 20 }] }, 409);
      });

      it("a row would lose what it cannot be without", async () => {
        await parts.call("POST", "/Boxes(1)/locks", { id: 1, side: "left" });
        await refused("/Boxes(1)", { locks: [] }, 400);
      });

      it("a 4.0 client sends related entities in an update", async () => {
        await refused("/Owners(1)", { parts: [{ id: 1, name: "x" }] }, 400, "parts", { "odata-version": "4.0" });
      });

      it("a shape is wrong", async () => {
        for (const [body, target] of [
          [{ parts: {} }, "parts"],
          [{ "parts@delta": {} }, "parts@delta"],
          [{ parts: [{ "@removed": { reason: "deleted" }, id: 1 }] }, "parts[0]"],
          [{ "parts@delta": [{ "@removed": { reason: "lost" }, id: 1 }] }, "parts@delta[0].@removed"],
          [{ "parts@delta": [1] }, "parts@delta[0]"],
        ] as const)
          await refused("/Owners(1)", body, 400, target);
        await refused("/Parts(1)", { "owner@delta": [] }, 400, "owner@delta");
        await refused("/Parts(1)", { owner: [] }, 400, "owner");
      });
    });
  });
}
