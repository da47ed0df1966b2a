import { expect } from "chai";
import { freshStores, storeKinds } from "../support/stores.js";
import type { Json } from "./support/bookshop.js";
import type { Parts } from "./support/parts.js";
import { root, startParts } from "./support/parts.js";

for (const kind of storeKinds.filter(({ inMemory, driver }) => inMemory || driver === "postgres")) {
  describe(`deep insert (${kind.name})`, () => {
    const store = freshStores(kind);
    let parts: Parts;

    beforeEach(async () => {
      parts = await startParts(store().url);
    });
    afterEach(() => parts.close());

    const values = async (url: string): Promise<Json[]> => (await parts.get(url)).json.value as Json[];
    /** Everything that is stored, to compare it before and after. */
    const everything = async (): Promise<unknown> =>
      Promise.all(["/Owners", "/Parts", "/Boxes?$expand=labels,top,locks,slots", "/Shelves"].map((url) => values(url)));
    const refused = async (url: string, body: object, status: number, target?: string): Promise<string> => {
      const before = await everything();
      const answer = await parts.call("POST", url, body);
      expect(answer.status, answer.text).to.equal(status);
      if (target !== undefined) expect(answer.json.error.target).to.equal(target);
      expect(await everything()).to.deep.equal(before);
      return answer.json.error.message as string;
    };

    it("creates what a foreign key of the new row leads to, and answers it expanded", async () => {
      const created = await parts.call("POST", "/Parts", { id: 1, name: "p", owner: { id: 7, name: "o" } });
      expect(created.status).to.equal(201);
      expect(created.headers.location).to.equal(`${root}Parts(1)`);
      expect(created.json["@odata.context"]).to.equal(`${root}$metadata#Parts(owner())/$entity`);
      expect(created.json).to.deep.include({ ownerId: 7 });
      expect(created.json.owner).to.include({ id: 7, name: "o" });
      expect((await parts.get("/Parts(1)/owner")).json).to.include({ id: 7, name: "o" });
    });

    it("creates rows that hold the key of the new one", async () => {
      const created = await parts.call("POST", "/Owners", {
        id: 1,
        name: "o",
        parts: [
          { id: 1, name: "a" },
          { id: 2, name: "b" },
        ],
      });
      expect(created.status).to.equal(201);
      expect(created.json.parts.map(({ id, ownerId }: Json) => [id, ownerId])).to.deep.equal([
        [1, 1],
        [2, 1],
      ]);
      expect((await values("/Owners(1)/parts")).map(({ id }) => id)).to.deep.equal([1, 2]);
    });

    it("creates rows that cannot be without the new one, and takes their key of two parts from it", async () => {
      const created = await parts.call("POST", "/Boxes", {
        id: 1,
        locks: [
          { id: 1, side: "left" },
          { id: 1, side: "right" },
        ],
        slots: [{ id: 9 }],
      });
      expect(created.status).to.equal(201);
      expect((await values("/Boxes(1)/locks")).map(({ side }) => side)).to.deep.equal(["left", "right"]);
      expect((await values("/Boxes(1)/slots"))[0]).to.include({ id: 9, boxId: 1 });
    });

    it("creates what is contained, as deep as it stands there", async () => {
      const created = await parts.call("POST", "/Boxes", {
        id: 1,
        top: { id: 1 },
        labels: [{ id: 2, below: [{ id: 3, below: [{ id: 4 }] }] }, { id: 5 }],
      });
      expect(created.status).to.equal(201);
      expect(created.json.labels[0].below[0].below[0].id).to.equal(4);
      expect((await parts.get("/Boxes(1)/top")).json.id).to.equal(1);
      expect((await values("/Boxes(1)/labels(2)/below(3)/below")).map(({ id }) => id)).to.deep.equal([4]);
    });

    it("expands each answer by what its own request held, whatever was created there before", async () => {
      const bodies = [
        { labels: [{ id: 12, below: [{ id: 13 }] }] },
        { top: { id: 21 } },
        { labels: [{ id: 14 }], top: { id: 22 } },
        {},
        { labels: [{ id: 15, below: [{ id: 16 }] }] },
      ];
      const expanded: string[] = [];
      for (const [index, body] of bodies.entries()) {
        const created = await parts.call("POST", "/Boxes", { id: index + 1, ...body });
        expect(created.status, created.text).to.equal(201);
        expect(created.json.labels === undefined).to.equal(!("labels" in body));
        expect(created.json.top === undefined).to.equal(!("top" in body));
        expanded.push((created.json["@odata.context"] as string).replace(`${root}$metadata#Boxes`, ""));
      }
      expect(expanded).to.deep.equal([
        "(labels(below()))/$entity",
        "(top())/$entity",
        "(labels(),top())/$entity",
        "/$entity",
        "(labels(below()))/$entity",
      ]);
    });

    it("creates linked entities, in both directions of a relationship", async () => {
      const created = await parts.call("POST", "/Parts", {
        id: 1,
        name: "a",
        uses: [{ id: 2, name: "b", wife: { id: 3, name: "c" } }],
      });
      expect(created.status).to.equal(201);
      expect((await values("/Parts(1)/uses")).map(({ id }) => id)).to.deep.equal([2]);
      expect((await parts.get("/Parts(2)/wife")).json.id).to.equal(3);
    });

    it("takes references beside new entities, and '@odata.bind' beside both", async () => {
      for (const id of [10, 11]) await parts.call("POST", "/Parts", { id, name: "old" });
      const created = await parts.call("POST", "/Parts", {
        id: 1,
        name: "a",
        "spares@odata.bind": ["Parts(11)"],
        spares: [{ "@id": "Parts(10)" }, { id: 12, name: "new" }],
      });
      expect(created.status, created.text).to.equal(201);
      expect((await values("/Parts(1)/spares?$orderby=id")).map(({ id }) => id)).to.deep.equal([10, 11, 12]);
    });

    it("works below an entity, too", async () => {
      await parts.call("POST", "/Owners", { id: 1, name: "o" });
      const created = await parts.call("POST", "/Owners(1)/parts", {
        id: 1,
        name: "p",
        spares: [{ id: 2, name: "s" }],
      });
      expect(created.status).to.equal(201);
      expect(created.json.ownerId).to.equal(1);
      expect((await values("/Owners(1)/parts(1)/spares")).map(({ id }) => id)).to.deep.equal([2]);
    });

    it("expands what the request asks for beside what it held", async () => {
      const body = { id: 1, name: "p", spares: [{ id: 2, name: "s", owner: { id: 1, name: "o" } }] };
      const created = await parts.call("POST", "/Parts?$select=name&$expand=spares($select=id),owner", body);
      expect(created.json.spares[0]).to.have.property("id", 2);
      expect(created.json.spares[0]).not.to.have.property("name");
      expect(created.json.spares[0].owner).to.include({ name: "o" });
      expect(created.json).to.have.property("owner", null);
    });

    it("answers 204 where the client wants no more", async () => {
      const body = { id: 1, name: "p", owner: { id: 1, name: "o" } };
      const answer = await parts.call("POST", "/Parts", body, { prefer: "return=minimal" });
      expect([answer.status, answer.text]).to.deep.equal([204, ""]);
      expect(answer.headers).to.include({ location: `${root}Parts(1)`, "odata-entityid": `${root}Parts(1)` });
    });

    describe("stores nothing where", () => {
      it("a value within is wrong, and says where", async () => {
        await refused(
          "/Owners",
          {
            id: 1,
            name: "o",
            parts: [
              { id: 1, name: "a" },
              { id: 2, name: null },
            ],
          },
          400,
          "parts[1].name",
        );
        await refused("/Owners", { id: 1, name: "o", parts: [{ id: 1, nam: "a" }] }, 400, "parts[0].nam");
        await refused("/Owners", { id: 1, name: "o", parts: [{ name: "a" }] }, 400, "parts[0].id");
        await refused("/Boxes", { id: 1, labels: [{ id: 1, below: [{ id: "x" }] }] }, 400, "labels[0].below[0].id");
      });

      it("an entity stands there twice, or is there already", async () => {
        const twice = [
          { id: 1, name: "a" },
          { id: 1, name: "b" },
        ];
        await refused("/Owners", { id: 1, name: "o", parts: twice }, 409);
        await parts.call("POST", "/Parts", { id: 1, name: "old" });
        await refused("/Owners", { id: 1, name: "o", parts: [{ id: 1, name: "a" }] }, 409);
      });

      it("the body ties it to two", async () => {
        await parts.call("POST", "/Owners", { id: 1, name: "o" });
        const owner = { id: 2, name: "p" };
        await refused("/Parts", { id: 1, name: "a", "owner@odata.bind": "Owners(1)", owner }, 400, "owner");
        await refused("/Owners", { id: 3, name: "o", parts: [{ id: 1, name: "a", owner }] }, 400);
        await refused("/Owners(1)/parts", { id: 1, name: "a", owner }, 400);
      });

      it("an entity that is there comes with properties", async () => {
        await parts.call("POST", "/Parts", { id: 1, name: "old" });
        const parts1 = [{ "@id": "Parts(1)", name: "changed" }];
        const message = await refused("/Owners", { id: 1, name: "o", parts: parts1 }, 400, "parts[0]");
        expect(message).to.contain("only referred to");
      });

      it("a shape is wrong", async () => {
        await refused("/Owners", { id: 1, name: "o", parts: { id: 1 } }, 400, "parts");
        await refused("/Owners", { id: 1, name: "o", parts: ["Parts(1)"] }, 400, "parts[0]");
        await refused("/Owners", { id: 1, name: "o", "parts@delta": [] }, 400, "parts@delta");
        await refused("/Owners", { id: 1, name: "o", parts: [{ "@removed": {}, id: 1 }] }, 400, "parts[0]");
        await refused("/Boxes", { id: 1, labels: [{ "@id": "Boxes(1)/labels(1)" }] }, 400, "labels");
      });

      it("entities stand too deep in each other, or are too many", async () => {
        let label: object = { id: 100 };
        for (let id = 99; id > 70; id--) label = { id, below: [label] };
        expect(await refused("/Boxes", { id: 1, labels: [label] }, 400)).to.contain("deeper than the 20 levels");
        const many = Array.from({ length: 2_001 }, (_, id) => ({ id, name: "p" }));
        expect(await refused("/Owners", { id: 1, name: "o", parts: many }, 400, "parts[2000]")).to.contain("2000");
      });
    });

    it("goes as deep as it may", async () => {
      let label: object = { id: 20 };
      for (let id = 19; id > 0; id--) label = { id, below: [label] };
      const created = await parts.call("POST", "/Boxes", { id: 1, labels: [label] });
      expect(created.status, created.text.slice(0, 300)).to.equal(201);
      let found: Json = created.json.labels[0];
      for (let id = 2; id <= 20; id++) found = found.below[0];
      expect(found.id).to.equal(20);
    });
  });
}
