import { expect } from "chai";
import { freshStores, storeKinds } from "../support/stores.js";
import type { Parts } from "./support/parts.js";
import { startParts } from "./support/parts.js";

for (const kind of storeKinds) {
  describe(`what goes with what (${kind.name})`, () => {
    const store = freshStores(kind);
    let parts: Parts;
    beforeEach(async () => void (parts = await startParts(store().url)));
    afterEach(() => parts?.close());

    const box = (id: number, more: object = {}) => parts.call("POST", "/Boxes", { id, ...more });
    const put = (from: number, by: string, ...to: readonly number[]) =>
      parts.call("PUT", `/Boxes(${from})/${by}/$ref`, { value: to.map((id) => ({ "@odata.id": `Boxes(${id})` })) });
    const boxes = async () => (await parts.get("/Boxes")).json.value.map(({ id }: { id: number }) => id) as number[];

    describe("over links", () => {
      beforeEach(async () => {
        for (const id of [1, 2, 3, 4, 5]) await box(id);
      });

      it("Cascade takes what they lead to, as deep as they go, and round in circles", async () => {
        await put(1, "inner", 2, 3);
        await put(3, "inner", 4);
        await put(4, "inner", 1);
        await put(5, "loose", 4);
        expect((await parts.call("DELETE", "/Boxes(1)")).status).to.equal(204);
        expect(await boxes()).to.deep.equal([5]);
        expect((await parts.get("/Boxes(5)/loose")).json.value).to.deep.equal([]);
      });

      it("None keeps an entity that has others, and says which", async () => {
        await put(1, "needed", 2);
        const answer = await parts.call("DELETE", "/Boxes(1)");
        expect(answer.status).to.equal(409);
        expect(answer.json.error.message).to.contain("'needed'");
        expect(await boxes()).to.deep.equal([1, 2, 3, 4, 5]);
        await parts.call("DELETE", "/Boxes(2)");
        expect((await parts.call("DELETE", "/Boxes(1)")).status).to.equal(204);
      });

      it("None lets it go where the others go, too", async () => {
        await put(1, "inner", 2);
        await put(1, "needed", 2);
        expect((await parts.call("DELETE", "/Boxes(1)")).status).to.equal(204);
        expect(await boxes()).to.deep.equal([3, 4, 5]);
      });

      it("nothing is deleted where something further on must stay", async () => {
        await put(1, "inner", 2);
        await put(2, "needed", 3);
        expect((await parts.call("DELETE", "/Boxes(1)")).status).to.equal(409);
        expect(await boxes()).to.deep.equal([1, 2, 3, 4, 5]);
        expect((await parts.get("/Boxes(1)/inner")).json.value).to.have.length(1);
      });

      it("SetNull, and no action, leave what they lead to", async () => {
        await put(1, "loose", 2);
        expect((await parts.call("DELETE", "/Boxes(1)")).status).to.equal(204);
        expect(await boxes()).to.deep.equal([2, 3, 4, 5]);
      });
    });

    it("many are taken along by one deletion", async () => {
      await box(1);
      const ids = Array.from({ length: 234 }, (_, index) => index + 2);
      for (const id of ids) await box(id);
      await put(1, "inner", ...ids);
      await box(999);
      expect((await parts.call("DELETE", "/Boxes(1)")).status).to.equal(204);
      expect(await boxes()).to.deep.equal([999]);
    });

    it("what is contained goes with its owner, at any depth; by itself with what it contains", async () => {
      await box(1);
      await parts.call("POST", "/Boxes(1)/labels", { id: 1 });
      await parts.call("POST", "/Boxes(1)/labels(1)/below", { id: 2 });
      await parts.call("POST", "/Boxes(1)/labels(1)/below(2)/below", { id: 3 });
      await parts.call("POST", "/Boxes(1)/labels", { id: 4 });
      expect((await parts.call("DELETE", "/Boxes(1)/labels(1)/below(2)")).status).to.equal(204);
      // A key that is taken is refused: what is deleted has left its key.
      expect((await parts.call("POST", "/Boxes(1)/labels", { id: 3 })).status).to.equal(201);
      await parts.call("DELETE", "/Boxes(1)");
      await box(2);
      for (const id of [1, 2, 3, 4])
        expect((await parts.call("POST", "/Boxes(2)/labels", { id })).status, String(id)).to.equal(201);
    });

    it("a single entity that is contained is deleted at its own URL", async () => {
      await box(1);
      const made = await parts.call("PUT", "/Boxes(1)/top", { id: 5 });
      expect(made.status).to.be.oneOf([200, 201]);
      expect((await parts.call("DELETE", "/Boxes(1)/top")).status).to.equal(204);
      expect((await parts.get("/Boxes(1)/top")).status).to.equal(204);
      expect((await parts.call("DELETE", "/Boxes(1)/top")).status).to.equal(404);
    });

    it("SetDefault lets rows hold the default, whatever the database would do", async () => {
      await box(1);
      await box(2);
      await parts.call("POST", "/Slots", { id: 1, boxId: 2 });
      expect((await parts.call("DELETE", "/Boxes(2)")).status).to.equal(204);
      expect((await parts.get("/Slots(1)")).json.boxId).to.equal(1);
    });

    it("rows that cannot be without the one they belong to keep it", async () => {
      await box(1);
      await parts.call("POST", "/Locks", { id: 1, side: "a", "box@odata.bind": "Boxes(1)" });
      const answer = await parts.call("DELETE", "/Boxes(1)");
      expect(answer.status).to.equal(409);
      expect(answer.json.error.message).to.contain("'locks'");
      await parts.call("DELETE", "/Locks(id=1,side='a')");
      expect((await parts.call("DELETE", "/Boxes(1)")).status).to.equal(204);
    });

    it("a key that only a property holds is emptied", async () => {
      await parts.call("POST", "/Shelves", { code: "s" });
      await parts.call("POST", "/Parts", { id: 1, name: "x", shelfCode: "s" });
      expect((await parts.call("DELETE", "/Shelves('s')")).status).to.equal(204);
      expect((await parts.get("/Parts(1)")).json.shelfCode).to.equal(null);
    });

    it("what loses a key with it has changed: its ETag is another one, whoever empties the column", async () => {
      await parts.call("POST", "/Owners", { id: 7, name: "o" });
      await parts.call("POST", "/Shelves", { code: "s" });
      for (const id of [1, 2]) await parts.call("POST", "/Parts", { id, name: "x" });
      await parts.call("PATCH", "/Parts(1)", { ownerId: 7, shelfCode: "s" });
      for (const [url, column] of [
        ["/Owners(7)", "ownerId"],
        ["/Shelves('s')", "shelfCode"],
      ] as const) {
        const { json: before } = await parts.get("/Parts(1)");
        const other = (await parts.get("/Parts(2)")).json;
        expect((await parts.call("DELETE", url)).status).to.equal(204);
        const { json: after } = await parts.get("/Parts(1)");
        expect(after).to.include({ [column]: null, version: Number(before.version) + 1 });
        const stale = await parts.call("PATCH", "/Parts(1)", { note: "late" }, { "if-match": before["@odata.etag"] });
        expect(stale.status).to.equal(412);
        expect((await parts.get("/Parts(2)")).json).to.deep.equal(other);
      }
    });

    it("what loses a link with it has changed as well, at either end; what goes itself need not tell", async () => {
      for (const id of [1, 2, 3, 4]) await parts.call("POST", "/Parts", { id, name: "x" });
      await parts.call("POST", "/Parts(1)/uses/$ref", { "@odata.id": "Parts(2)" });
      await parts.call("POST", "/Parts(2)/uses/$ref", { "@odata.id": "Parts(3)" });
      const version = async (id: number) => Number((await parts.get(`/Parts(${id})`)).json.version);
      const before = [await version(1), await version(3), await version(4)];
      expect((await parts.call("DELETE", "/Parts(2)")).status).to.equal(204);
      expect([await version(1), await version(3), await version(4)]).to.deep.equal([
        before[0]! + 1,
        before[1]! + 1,
        before[2],
      ]);
    });

    it("both ends of a relationship forget an entity that goes", async () => {
      for (const id of [1, 2]) await parts.call("POST", "/Parts", { id, name: "x" });
      await parts.call("POST", "/Parts(1)/uses/$ref", { "@odata.id": "Parts(2)" });
      await parts.call("DELETE", "/Parts(2)");
      await parts.call("POST", "/Parts", { id: 2, name: "another" });
      expect((await parts.get("/Parts(1)/uses")).json.value).to.deep.equal([]);
      expect((await parts.get("/Parts(2)/usedIn")).json.value).to.deep.equal([]);
    });
  });
}
