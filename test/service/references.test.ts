import { expect } from "chai";
import { freshStores, storeKinds } from "../support/stores.js";
import type { Parts } from "./support/parts.js";
import { root, startParts } from "./support/parts.js";

for (const kind of storeKinds) {
  describe(`references (${kind.name})`, () => {
    const store = freshStores(kind);
    let parts: Parts;
    beforeEach(async () => {
      parts = await startParts(store().url);
      for (const id of [1, 2]) await parts.call("POST", "/Owners", { id, name: `Owner ${id}` });
      for (const id of [1, 2, 3, 4]) await parts.call("POST", "/Parts", { id, name: `Part ${id}` });
      await parts.call("POST", "/Shelves", { code: "s" });
    });
    afterEach(() => parts?.close());

    const ref = (id: string, more: object = {}) => ({ ...more, "@odata.id": id });
    const ids = async (path: string): Promise<number[]> =>
      (await parts.get(path)).json.value.map(({ id }: { id: number }) => id);
    const version = async (id: number): Promise<number> => (await parts.get(`/Parts(${id})`)).json.version;

    describe("in one direction", () => {
      it("are added, twice as well as once, and removed by $id and by key", async () => {
        for (const id of [2, 3, 2, 4]) {
          const answer = await parts.call("POST", "/Parts(1)/spares/$ref", ref(`Parts(${id})`));
          expect(answer.status).to.equal(204);
          expect(answer.text).to.equal("");
        }
        expect(await ids("/Parts(1)/spares")).to.deep.equal([2, 3, 4]);
        expect((await parts.call("DELETE", `/Parts(1)/spares/$ref?$id=${root}Parts(3)`)).status).to.equal(204);
        expect((await parts.call("DELETE", "/Parts(1)/spares(4)/$ref")).status).to.equal(204);
        expect(await ids("/Parts(1)/spares")).to.deep.equal([2]);
        expect((await parts.call("DELETE", "/Parts(1)/spares(4)/$ref")).status).to.equal(404);
      });

      it("are replaced by PUT, all at once", async () => {
        await parts.call("POST", "/Parts(1)/spares/$ref", ref("Parts(2)"));
        const value = [ref("Parts(4)"), ref(`${root}Parts(3)`), ref("Parts(4)")];
        expect((await parts.call("PUT", "/Parts(1)/spares/$ref", { value })).status).to.equal(204);
        expect(await ids("/Parts(1)/spares")).to.deep.equal([4, 3]);
        const read = (await parts.get("/Parts(1)/spares/$ref")).json;
        expect((await parts.call("PUT", "/Parts(2)/spares/$ref", read)).status).to.equal(204);
        expect(await ids("/Parts(2)/spares")).to.deep.equal([4, 3]);
        await parts.call("PUT", "/Parts(1)/spares/$ref", { value: [] });
        expect(await ids("/Parts(1)/spares")).to.deep.equal([]);
      });

      it("are all removed by DELETE without $id, which 4.0 does not know", async () => {
        for (const id of [2, 3]) await parts.call("POST", "/Parts(1)/spares/$ref", ref(`Parts(${id})`));
        const old = await parts.call("DELETE", "/Parts(1)/spares/$ref", undefined, { "odata-maxversion": "4.0" });
        expect(old.status).to.equal(400);
        expect((await parts.call("DELETE", "/Parts(1)/spares/$ref")).status).to.equal(204);
        expect(await ids("/Parts(1)/spares")).to.deep.equal([]);
      });

      for (const [what, body] of [
        ["no reference", { id: "Parts(2)" }],
        ["a reference to nothing", ref("Parts(77)")],
        ["one of another service", ref("http://elsewhere.example/Parts(2)")],
        ["one to another type", ref("Owners(1)")],
        ["one to a collection", ref("Parts")],
        ["an empty one", ref("")],
        ["one below a wrong context", ref("Parts(2)", { "@odata.context": "http://[" })],
      ] as const) {
        it(`${what} is refused`, async () => {
          expect((await parts.call("POST", "/Parts(1)/spares/$ref", body)).status).to.equal(400);
          expect((await parts.call("PUT", "/Parts(1)/spares/$ref", { value: [body] })).status).to.equal(400);
          expect(await ids("/Parts(1)/spares")).to.deep.equal([]);
        });
      }

      it("relative ones are relative to the context URL, or else to the service root", async () => {
        const context = { "@odata.context": `${root}$metadata#Collection($ref)` };
        await parts.call("POST", "/Parts(1)/spares/$ref", ref("Parts(2)", context));
        await parts.call("POST", "/Parts(1)/spares/$ref", {
          "@context": `${root}deep/$metadata`,
          "@id": "../Parts(3)",
        });
        expect(await ids("/Parts(1)/spares")).to.deep.equal([2, 3]);
      });

      it("only what is a relationship has references that can be changed", async () => {
        const answer = await parts.call("POST", "/Parts/$ref", ref("Parts(2)"));
        expect(answer.status).to.equal(405);
        expect(answer.headers.allow).to.equal("GET, HEAD");
        expect((await parts.call("DELETE", "/Parts(1)/spares/$filter(id gt 1)/$ref")).status).to.equal(400);
      });
    });

    describe("with a partner", () => {
      it("many to many show at both ends, whichever end writes them", async () => {
        await parts.call("POST", "/Parts(1)/uses/$ref", ref("Parts(2)"));
        await parts.call("POST", "/Parts(2)/usedIn/$ref", ref("Parts(3)"));
        expect(await ids("/Parts(2)/usedIn")).to.have.members([1, 3]);
        expect(await ids("/Parts(3)/uses")).to.deep.equal([2]);
        await parts.call("DELETE", "/Parts(2)/usedIn(1)/$ref");
        expect(await ids("/Parts(1)/uses")).to.deep.equal([]);
        await parts.call("PUT", "/Parts(2)/usedIn/$ref", { value: [] });
        expect(await ids("/Parts(3)/uses")).to.deep.equal([]);
      });

      it("one to one let go of what they held before", async () => {
        await parts.call("PUT", "/Parts(1)/wife/$ref", ref("Parts(2)"));
        expect((await parts.get("/Parts(2)/husband")).json.id).to.equal(1);
        await parts.call("PUT", "/Parts(3)/wife/$ref", ref("Parts(2)"));
        expect((await parts.get("/Parts(2)/husband")).json.id).to.equal(3);
        expect((await parts.get("/Parts(1)/wife")).status).to.equal(204);
        await parts.call("DELETE", "/Parts(2)/husband/$ref");
        expect((await parts.get("/Parts(3)/wife")).status).to.equal(204);
        expect((await parts.call("DELETE", "/Parts(2)/husband/$ref")).status).to.equal(404);
      });

      it("an entity may be its own", async () => {
        await parts.call("POST", "/Parts(1)/uses/$ref", ref("Parts(1)"));
        expect(await ids("/Parts(1)/usedIn")).to.deep.equal([1]);
        await parts.call("DELETE", "/Parts(1)/usedIn(1)/$ref");
        expect(await ids("/Parts(1)/uses")).to.deep.equal([]);
      });
    });

    for (const [what, single, many, dependent, target, value] of [
      ["a foreign key", "owner", "Owners(1)/parts", "ownerId", "Owners(1)", 1],
      ["a property alone", "shelf", "Shelves('s')/content", "shelfCode", "Shelves('s')", "s"],
    ] as const) {
      describe(`held by ${what}`, () => {
        const held = async () => (await parts.get("/Parts(1)")).json[dependent] as unknown;

        it("the dependent property follows the reference, from both ends", async () => {
          expect((await parts.call("PUT", `/Parts(1)/${single}/$ref`, ref(target))).status).to.equal(204);
          expect(await held()).to.equal(value);
          expect(await ids(`/${many}`)).to.deep.equal([1]);
          await parts.call("DELETE", `/Parts(1)/${single}/$ref`);
          expect(await held()).to.equal(null);
          await parts.call("POST", `/${many}/$ref`, ref("Parts(1)"));
          expect(await held()).to.equal(value);
          await parts.call("DELETE", `/${many}(1)/$ref`);
          expect(await held()).to.equal(null);
        });

        it("the reference follows the dependent property", async () => {
          expect((await parts.call("PATCH", "/Parts(1)", { [dependent]: value })).status).to.equal(200);
          expect((await parts.get(`/Parts(1)/${single}`)).status).to.equal(200);
          expect((await parts.call("PUT", `/Parts(1)/${dependent}`, { value: null })).status).to.equal(204);
          expect((await parts.get(`/Parts(1)/${single}`)).status).to.equal(204);
        });

        it("a binding in a body sets the property", async () => {
          await parts.call("PATCH", "/Parts(1)", { [`${single}@odata.bind`]: target });
          expect(await held()).to.equal(value);
          await parts.call("POST", "/Parts", { id: 9, name: "x", [`${single}@odata.bind`]: target });
          expect((await parts.get("/Parts(9)")).json[dependent]).to.equal(value);
        });

        it("a value that leads nowhere is refused", async () => {
          const nowhere = typeof value === "number" ? 77 : "nowhere";
          expect((await parts.call("PATCH", "/Parts(1)", { [dependent]: nowhere })).status).to.equal(400);
          expect((await parts.call("PUT", `/Parts(1)/${dependent}`, { value: nowhere })).status).to.equal(400);
          expect((await parts.call("POST", "/Parts", { id: 9, name: "x", [dependent]: nowhere })).status).to.equal(400);
          expect(await held()).to.equal(null);
        });
      });
    }

    it("a binding goes before the dependent property beside it", async () => {
      await parts.call("PATCH", "/Parts(1)", { ownerId: 1, "owner@odata.bind": "Owners(2)" });
      expect((await parts.get("/Parts(1)")).json.ownerId).to.equal(2);
      const answer = await parts.call("PATCH", "/Parts(1)", { ownerId: 77, "owner@odata.bind": "Owners(1)" });
      expect(answer.status).to.equal(200);
      expect(answer.json.ownerId).to.equal(1);
    });

    it("a single-valued one takes no $id", async () => {
      await parts.call("PUT", "/Parts(1)/owner/$ref", ref("Owners(1)"));
      expect((await parts.call("DELETE", "/Parts(1)/owner/$ref?$id=Owners(1)")).status).to.equal(400);
    });

    it("one that an entity cannot be without is not removed", async () => {
      await parts.call("POST", "/Boxes", { id: 1 });
      await parts.call("POST", "/Locks", { id: 1, side: "a", "box@odata.bind": "Boxes(1)" });
      const lock = "/Locks(id=1,side='a')";
      expect((await parts.call("DELETE", `${lock}/box/$ref`)).status).to.equal(400);
      expect((await parts.call("DELETE", "/Boxes(1)/locks/$ref")).status).to.equal(400);
      expect((await parts.get(`${lock}/box`)).json.id).to.equal(1);
    });

    it("contained entities have none that can be changed", async () => {
      await parts.call("POST", "/Boxes", { id: 1 });
      await parts.call("POST", "/Boxes(1)/labels", { id: 1 });
      expect((await parts.call("POST", "/Boxes(1)/labels/$ref", ref("Boxes(1)/labels(1)"))).status).to.equal(400);
    });

    it("a change is one of the entities at both ends that have the relationship, and of no others", async () => {
      const before = [await version(1), await version(2)];
      await parts.call("POST", "/Parts(1)/spares/$ref", ref("Parts(2)"));
      expect([await version(1), await version(2)]).to.deep.equal([before[0]! + 1, before[1]!]);
      await parts.call("POST", "/Parts(1)/uses/$ref", ref("Parts(2)"));
      expect([await version(1), await version(2)]).to.deep.equal([before[0]! + 2, before[1]! + 1]);
      await parts.call("POST", "/Owners(1)/parts/$ref", ref("Parts(1)"));
      expect(await version(1)).to.equal(before[0]! + 3);
    });

    it("the ETag of the entity that has the reference is checked, and the new one is answered", async () => {
      const { etag } = (await parts.get("/Parts(1)")).headers;
      const answer = await parts.call("POST", "/Parts(1)/spares/$ref", ref("Parts(2)"), { "if-match": etag! });
      expect(answer.headers.etag).to.equal((await parts.get("/Parts(1)")).headers.etag);
      for (const [method, path, body] of [
        ["POST", "spares/$ref", ref("Parts(3)")],
        ["PUT", "spares/$ref", { value: [] }],
        ["DELETE", "spares(2)/$ref", undefined],
        ["PUT", "owner/$ref", ref("Owners(1)")],
      ] as const) {
        const late = await parts.call(method, `/Parts(1)/${path}`, body, { "if-match": etag! });
        expect(late.status, `${method} ${path}`).to.equal(412);
      }
      expect(await ids("/Parts(1)/spares")).to.deep.equal([2]);
    });
  });
}
