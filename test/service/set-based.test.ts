import { expect } from "chai";
import { freshStores, storeKinds } from "../support/stores.js";
import type { Parts } from "./support/parts.js";
import { root, startParts } from "./support/parts.js";

const representation = { prefer: "return=representation" };
const exception = "@Org.OData.Core.V1.DataModificationException";

for (const kind of storeKinds) {
  describe(`changing all members of a collection (${kind.name})`, () => {
    const store = freshStores(kind);
    let parts: Parts;
    const start = async (behaviour: Parameters<typeof startParts>[1] = {}) => {
      parts = await startParts(store().url, behaviour);
      await parts.call("POST", "/Owners", { id: 1, name: "o" });
      for (const id of [1, 2, 3, 4])
        await parts.call("POST", "/Parts", { id, name: `Part ${id}`, note: "old", ...(id < 3 ? { ownerId: 1 } : {}) });
    };
    afterEach(() => parts?.close());
    const notes = async () =>
      (await parts.get("/Parts")).json.value.map(({ note }: { note: string }) => note) as string[];
    const ids = async (url: string) =>
      (await parts.get(url)).json.value.map(({ id }: { id: number }) => id) as number[];

    it("PATCH changes each, or each that the path picks", async () => {
      await start();
      const answer = await parts.call("PATCH", "/Parts/$filter(id gt 2)/$each", { note: "new" });
      expect(answer.status).to.equal(204);
      expect(answer.text).to.equal("");
      expect(await notes()).to.deep.equal(["old", "old", "new", "new"]);
      await parts.call("PATCH", "/Owners(1)/parts/$each", { note: "owned" });
      expect(await notes()).to.deep.equal(["owned", "owned", "new", "new"]);
      await parts.call("PATCH", "/Parts/$filter(@f)/$each?@f=note eq 'new'", { note: "all" });
      expect(await notes()).to.deep.equal(["owned", "owned", "all", "all"]);
      await parts.call("PATCH", "/Parts/$each", { note: null });
      expect(await notes()).to.deep.equal([null, null, null, null]);
    });

    it("PATCH answers with all members as they are then, where that is wanted", async () => {
      await start();
      const url = "/Parts/$filter(note eq 'old' and id lt 3)/$each";
      const answer = await parts.call("PATCH", url, { note: "new" }, representation);
      expect(answer.status).to.equal(200);
      expect(answer.headers["preference-applied"]).to.equal("return=representation");
      const { value, ...others } = answer.json;
      expect(others).to.deep.equal({ "@odata.context": `${root}$metadata#Parts` });
      expect(value.map(({ id, note }: { id: number; note: string }) => [id, note])).to.deep.equal([
        [1, "new"],
        [2, "new"],
      ]);
      const { "@odata.context": context, ...first } = (await parts.get("/Parts(1)")).json;
      expect(context).to.be.a("string");
      expect(value[0]).to.deep.equal(first);
    });

    it("DELETE deletes each, and answers with what is gone where that is wanted", async () => {
      await start();
      expect((await parts.call("DELETE", "/Parts/$filter(id eq 1)/$each")).status).to.equal(204);
      const answer = await parts.call("DELETE", "/Owners(1)/parts/$each", undefined, representation);
      expect(answer.status).to.equal(200);
      expect(answer.json).to.deep.equal({
        "@odata.context": `${root}$metadata#Parts/$delta`,
        value: [{ "@removed": { reason: "deleted" }, "@odata.id": `${root}Parts(2)`, id: 2 }],
      });
      expect(await ids("/Parts")).to.deep.equal([3, 4]);
    });

    it("of nothing is nothing", async () => {
      await start();
      expect((await parts.call("DELETE", "/Parts/$filter(id gt 9)/$each")).status).to.equal(204);
      const answer = await parts.call("PATCH", "/Parts/$filter(id gt 9)/$each", { note: "x" }, representation);
      expect(answer.json.value).to.deep.equal([]);
      expect((await parts.call("PATCH", "/Owners(9)/parts/$each", { note: "x" })).status).to.equal(404);
    });

    it("all are changed or none", async () => {
      await start();
      const answer = await parts.call("PATCH", "/Parts/$each", { note: "new", name: "x".repeat(41) });
      expect(answer.status).to.equal(400);
      for (const id of [1, 2, 3]) await parts.call("POST", "/Boxes", { id });
      await parts.call("PUT", "/Boxes(2)/needed/$ref", { value: [{ "@odata.id": "Boxes(9)" }] });
      await parts.call("POST", "/Locks", { id: 1, side: "a", "box@odata.bind": "Boxes(2)" });
      expect((await parts.call("DELETE", "/Boxes/$each")).status).to.equal(409);
      expect(await ids("/Boxes")).to.deep.equal([1, 2, 3]);
      expect(await notes()).to.deep.equal(["old", "old", "old", "old"]);
    });

    it("with continue-on-error what fails is left as it is, and said", async () => {
      await start();
      for (const id of [1, 2, 3]) await parts.call("POST", "/Boxes", { id });
      await parts.call("POST", "/Locks", { id: 1, side: "a", "box@odata.bind": "Boxes(2)" });
      const answer = await parts.call("DELETE", "/Boxes/$each", undefined, { prefer: "continue-on-error" });
      expect(answer.status).to.equal(200);
      expect(answer.headers["preference-applied"]).to.contain("continue-on-error");
      expect(answer.json.value).to.have.length(1);
      const [failed] = answer.json.value;
      expect(failed.id).to.equal(2);
      expect(failed[exception]).to.include({ failedOperation: "delete", responseCode: 409 });
      expect(failed[exception].info.message).to.contain("locks");
      expect(await ids("/Boxes")).to.deep.equal([2]);
      const changed = await parts.call("PATCH", "/Parts/$each", { name: null }, { prefer: "continue-on-error" });
      expect(changed.json.value.map((item: any) => item[exception].failedOperation)).to.deep.equal(
        Array.from({ length: 4 }, () => "update"),
      );
      const fine = await parts.call("PATCH", "/Parts/$each", { note: "x" }, { prefer: "continue-on-error" });
      expect(fine.status).to.equal(204);
    });

    it("a collection that is too large for one request is refused", async () => {
      await start({ maxSetMembers: 3 });
      const answer = await parts.call("DELETE", "/Parts/$each");
      expect(answer.status).to.equal(400);
      expect(answer.json.error.message).to.contain("4 members").and.to.contain("at most 3");
      expect((await parts.call("DELETE", "/Parts/$filter(id lt 4)/$each")).status).to.equal(204);
      expect(await ids("/Parts")).to.deep.equal([4]);
    });

    it("takes PATCH and DELETE only, and no ETag but any", async () => {
      await start();
      const answer = await parts.call("PUT", "/Parts/$each", { note: "x" });
      expect(answer.status).to.equal(405);
      expect(answer.headers.allow).to.equal("PATCH, DELETE");
      const { etag } = (await parts.get("/Parts(1)")).headers;
      expect((await parts.call("PATCH", "/Parts/$each", { note: "x" }, { "if-match": etag! })).status).to.equal(412);
      expect((await parts.call("PATCH", "/Parts/$each", { note: "x" }, { "if-match": "*" })).status).to.equal(204);
    });

    it("a body that fits no member is refused", async () => {
      await start();
      for (const body of [{ notes: "x" }, { id: "x", count: "y" }]) {
        expect((await parts.call("PATCH", "/Parts/$each", body)).status).to.equal(400);
      }
      const answer = await parts.call("PATCH", "/Parts/$each", "[]", { "content-type": "application/json" });
      expect(answer.status).to.equal(400);
    });
  });
}
