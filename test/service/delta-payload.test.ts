import { expect } from "chai";
import { freshStores, storeKinds } from "../support/stores.js";
import type { Answer, Json } from "./support/bookshop.js";
import type { Parts } from "./support/parts.js";
import { root, startParts } from "./support/parts.js";

const exception = "@Org.OData.Core.V1.DataModificationException";
const delta = (...value: unknown[]) => ({ "@context": "#$delta", value });

for (const kind of storeKinds.filter(({ inMemory, driver }) => inMemory || driver === "postgres")) {
  describe(`changes of whole collections (${kind.name})`, () => {
    const store = freshStores(kind);
    let parts: Parts;

    beforeEach(async () => {
      parts = await startParts(store().url);
      await parts.call("POST", "/Owners", { id: 1, name: "o", parts: [1, 2].map((id) => ({ id, name: `p${id}` })) });
      await parts.call("POST", "/Parts", { id: 3, name: "p3", note: "n", big: "9007199254740993" });
      await parts.call("POST", "/Boxes", { id: 1, labels: [{ id: 1 }, { id: 2 }] });
    });
    afterEach(() => parts.close());

    const values = async (url: string): Promise<Json[]> => (await parts.get(url)).json.value as Json[];
    const names = async (url: string) => (await values(`${url}?$orderby=id`)).map(({ id, name }) => `${id} ${name}`);
    const patch = (url: string, body: object, headers = {}): Promise<Answer> => parts.call("PATCH", url, body, headers);
    const failed = (item: Json) => [item[exception]?.failedOperation, item[exception]?.responseCode];

    describe("PATCH with a delta payload", () => {
      it("adds, changes, deletes, ties and unties, and answers with a delta payload in the same order", async () => {
        const answer = await patch(
          "/Parts",
          delta(
            { id: 1, name: "changed" },
            { "@id": "Parts(3)", note: "m" },
            { id: 4, name: "new", spares: [{ id: 5, name: "deep" }] },
            { "@removed": { reason: "deleted" }, "@id": "Parts(2)" },
            { "@context": "#Parts/$link", source: "Parts(3)", relationship: "owner", target: "Owners(1)" },
            { "@context": "#Parts/$deletedLink", source: "Parts(1)", relationship: "owner", target: "Owners(1)" },
          ),
        );
        expect(answer.status, answer.text).to.equal(200);
        expect(answer.json["@odata.context"]).to.equal(`${root}$metadata#Parts/$delta`);
        const [first, second, third, fourth, fifth, sixth] = answer.json.value as Json[];
        expect(first).to.include({ id: 1, name: "changed", ownerId: null });
        expect(second).to.include({ id: 3, name: "p3", note: "m", ownerId: 1 });
        expect(third).to.include({ id: 4, name: "new" });
        expect(fourth).to.deep.include({ "@removed": { reason: "deleted" }, "@odata.id": `${root}Parts(2)`, id: 2 });
        expect(fifth).to.include({ source: "Parts(3)", relationship: "owner", target: "Owners(1)" });
        expect(sixth!["@odata.context"]).to.equal("#Parts/$deletedLink");
        expect(await names("/Parts")).to.deep.equal(["1 changed", "3 p3", "4 new", "5 deep"]);
        expect((await values("/Owners(1)/parts")).map(({ id }) => id)).to.deep.equal([3]);
      });

      it("answers 204 where the client wants no more", async () => {
        const answer = await patch("/Parts", delta({ id: 1, name: "x" }), { prefer: "return=minimal" });
        expect([answer.status, answer.text]).to.deep.equal([204, ""]);
        expect(answer.headers["preference-applied"]).to.equal("return=minimal");
      });

      it("answers a 4.0 client in the words of 4.0", async () => {
        const removed = { "@odata.context": "#Parts/$deletedEntity", id: "Parts(3)", reason: "deleted" };
        const answer = await patch("/Parts", delta(removed), { "odata-version": "4.0" });
        expect(answer.status, answer.text).to.equal(200);
        expect(answer.json.value[0]).to.deep.equal({
          "@odata.context": `${root}$metadata#Parts/$deletedEntity`,
          id: `${root}Parts(3)`,
          reason: "deleted",
        });
        expect((await parts.get("/Parts(3)")).status).to.equal(404);
      });

      it("works on what belongs to an entity: what is removed leaves it, or is deleted where it is contained", async () => {
        const owned = delta({ "@removed": {}, id: 1 }, { "@id": "Parts(3)" }, { id: 7, name: "new" });
        expect((await patch("/Owners(1)/parts", owned)).status).to.equal(200);
        expect(await names("/Owners(1)/parts")).to.deep.equal(["2 p2", "3 p3", "7 new"]);
        expect((await parts.get("/Parts(1)")).json.ownerId).to.equal(null);
        const contained = delta({ "@removed": {}, id: 1 }, { id: 3 });
        expect((await patch("/Boxes(1)/labels", contained)).status).to.equal(200);
        expect((await values("/Boxes(1)/labels")).map(({ id }) => id)).to.deep.equal([2, 3]);
      });

      it("creates an entity with the key of the URL that names it", async () => {
        const answer = await patch("/Parts", delta({ "@id": "Parts(8)", name: "new" }));
        expect(answer.status, answer.text).to.equal(200);
        expect(answer.json.value[0]).to.include({ id: 8, name: "new" });
      });

      for (const [what, items, status, target] of [
        ["a value is wrong", [{ id: 3, note: 5 }], 400, "value[1].note"],
        ["a name is wrong", [{ id: 3, nte: "x" }], 400, "value[1].nte"],
        ["a key is missing", [{ name: "x" }], 400, "value[1].id"],
        ["what is removed is not there", [{ "@removed": {}, id: 77 }], 400, "value[1]"],
        ["an entity is no object", [5], 400, "value[1]"],
        ["an ETag is old", [{ id: 3, "@odata.etag": 'W/"77"', name: "x" }], 412, "value[1].@odata.etag"],
        ["an ETag names what is not there", [{ id: 77, "@odata.etag": "*", name: "x" }], 412, "value[1]"],
        [
          "a link has no target",
          [{ "@context": "#Parts/$link", source: "Parts(1)", relationship: "owner" }],
          400,
          "value[1].target",
        ],
        [
          "a link has no such relationship",
          [{ "@context": "#Parts/$link", source: "Parts(1)", relationship: "x", target: "Owners(1)" }],
          400,
          "value[1].relationship",
        ],
        [
          "a link is not there",
          [{ "@context": "#Parts/$deletedLink", source: "Parts(3)", relationship: "owner", target: "Owners(1)" }],
          400,
          "value[1]",
        ],
      ] as const) {
        it(`changes nothing where ${what}`, async () => {
          const before = await values("/Parts");
          const answer = await patch("/Parts", delta({ id: 1, name: "changed" }, ...items));
          expect(answer.status, answer.text).to.equal(status);
          expect(answer.json.error.target).to.equal(target);
          expect(await values("/Parts")).to.deep.equal(before);
        });
      }

      it("refuses bodies that are no delta payloads, and parts of a collection", async () => {
        for (const body of [{}, { value: {} }, { "@context": "#Parts", value: [] }, { id: 1, name: "x" }])
          expect((await patch("/Parts", body)).status, JSON.stringify(body)).to.equal(400);
        expect((await patch("/Parts/$filter(id eq 1)", delta())).status).to.equal(400);
        expect((await patch("/Parts?$filter=id eq 1", delta())).status).to.equal(400);
        expect((await patch("/Parts?$search=a", delta())).status).to.be.oneOf([400, 501]);
        expect((await parts.call("PATCH", "/Parts", "x")).status).to.equal(415);
      });

      it("goes on behind what fails, where the client wants it, and says what has failed", async () => {
        const answer = await patch(
          "/Parts",
          delta(
            { id: 1, name: null },
            { id: 4, name: "new", owner: { id: 1, name: "there already" } },
            { "@removed": {}, id: 77 },
            { id: 5, name: "new" },
            { "@context": "#Parts/$link", source: "Parts(5)", relationship: "owner", target: "Owners(77)" },
            { "@context": "#Parts/$deletedLink", source: "Parts(3)", relationship: "owner", target: "Owners(1)" },
            { id: 6, nam: "x" },
            { "@removed": {}, id: 2 },
          ),
          { prefer: "continue-on-error, return=minimal" },
        );
        expect(answer.status, answer.text).to.equal(200);
        expect(answer.headers["preference-applied"]).to.contain("continue-on-error");
        const items = answer.json.value as Json[];
        expect(items.map(failed)).to.deep.equal(
          [
            ["update", 400],
            [undefined, undefined],
            ["delete", 400],
            [undefined, undefined],
            ["link", 400],
            ["unlink", 400],
            ["insert", 400],
            [undefined, undefined],
          ].map((one, index) => (index === 1 ? ["insert", 409] : one)),
        );
        expect(items[0]).to.include({ id: 1, name: "p1" });
        expect(items[1]).to.deep.include({ "@removed": { reason: "deleted" }, id: 4 });
        expect(items[4]!["@odata.context"]).to.equal("#Parts/$deletedLink");
        expect(items[5]!["@odata.context"]).to.equal("#Parts/$link");
        expect(items[6]![exception].info).to.include({ code: "BadRequest", severity: "error", target: "value[6].nam" });
        expect(await names("/Parts")).to.deep.equal(["1 p1", "3 p3", "5 new"]);
      });

      it("says 204 where nothing has failed and nothing is wanted", async () => {
        const headers = { prefer: "continue-on-error, return=minimal" };
        expect((await patch("/Parts", delta({ id: 5, name: "x" }), headers)).status).to.equal(204);
      });
    });

    describe("PUT", () => {
      const put = (url: string, body: object, headers = {}): Promise<Answer> => parts.call("PUT", url, body, headers);

      it("leaves the entities of the body, with the values of the body, and no others", async () => {
        const answer = await put("/Parts", {
          value: [
            { id: 3, name: "kept" },
            { id: 4, name: "new" },
          ],
        });
        expect(answer.status, answer.text).to.equal(200);
        expect(answer.json["@odata.context"]).to.equal(`${root}$metadata#Parts`);
        expect(answer.json.value.map(({ id, name, note }: Json) => [id, name, note])).to.deep.equal([
          [3, "kept", null],
          [4, "new", null],
        ]);
        expect(await names("/Parts")).to.deep.equal(["3 kept", "4 new"]);
      });

      it("empties a collection", async () => {
        expect((await put("/Parts", { value: [] }, { prefer: "return=minimal" })).status).to.equal(204);
        expect(await values("/Parts")).to.deep.equal([]);
      });

      it("only unties what a collection refers to, and deletes what it contains", async () => {
        await put("/Owners(1)/parts", { value: [{ "@id": "Parts(3)" }] });
        expect(await names("/Owners(1)/parts")).to.deep.equal(["3 p3"]);
        expect(await names("/Parts")).to.deep.equal(["1 p1", "2 p2", "3 p3"]);
        await put("/Boxes(1)/labels", { value: [{ id: 2 }] });
        expect((await values("/Boxes(1)/labels")).map(({ id }) => id)).to.deep.equal([2]);
      });

      it("changes nothing where something is wrong", async () => {
        const before = await values("/Parts");
        for (const value of [
          [
            { id: 1, name: "x" },
            { id: 1, name: "y" },
          ],
          [
            { id: 1, name: "x" },
            { id: 9, name: null },
          ],
          [{ id: 1, name: "x", "@removed": {} }],
          [5],
          "x",
        ])
          expect((await put("/Parts", { value })).status, JSON.stringify(value)).to.equal(400);
        expect((await put("/Parts", {})).status).to.equal(400);
        expect(await values("/Parts")).to.deep.equal(before);
      });
    });
  });
}
