import { expect } from "chai";
import {
  changesNothing,
  jsonOf,
  lamp,
  LAPTOP,
  namesOf,
  noContent,
  plain,
  refused,
  representation,
  v40,
  v401,
} from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.4.3, update an entity",
  ({ catalog }) => {
    const keyOf = (path: string) => /\((.*)\)$/.exec(path)![1]!;
    const idOf = (path: string) => ({ "@id": path.slice(1) });
    const nobody = "00000000-0000-4000-8000-000000000000";

    describe("11.4.3 PATCH", () => {
      it("changes what it names, and nothing else", async () => {
        const laptop = await catalog().product(LAPTOP);
        const before = plain(await catalog().json(laptop));
        const answer = jsonOf(await catalog().patch(laptop, { Price: 5, Description: "new" }));
        const { Version } = answer;
        expect(plain(answer)).to.deep.equal({ ...before, Price: 5, Description: "new", Version });
      });

      it("merges complex values, and replaces primitive ones", async () => {
        const laptop = await catalog().product(LAPTOP);
        const before = await catalog().json(laptop);
        const { ShippingAddress } = jsonOf(await catalog().patch(laptop, { ShippingAddress: { City: "Berlin" } }));
        expect(ShippingAddress).to.deep.equal({ ...before.ShippingAddress, City: "Berlin" });
        expect(jsonOf(await catalog().patch(laptop, { ShippingAddress: null })).ShippingAddress).to.equal(null);
      });

      it("passes over keys, computed and immutable properties", async () => {
        const laptop = await catalog().product(LAPTOP);
        const before = plain(await catalog().json(laptop));
        const sent = {
          ID: nobody,
          CreatedAt: "2001-01-01T00:00:00Z",
          ProductType: "Product",
          SerialNumber: "x",
          Version: 1,
        };
        const { Version, ...after } = plain(jsonOf(await catalog().patch(laptop, { ...sent, Price: 5 })));
        const { Version: _, ...rest } = before;
        expect(after).to.deep.equal({ ...rest, Price: 5 });
        expect(Version).to.equal(2);
      });

      it("refuses what it cannot store", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const wrong of [
            { Colour: "red" },
            { Price: null },
            { Price: "5" },
            { Price: [5] },
            { Name: "x".repeat(101) },
            { Dimensions: [] },
            { Dimensions: { Depth: 1 } },
            { Status: "Sold" },
            { SpecialProperty: 5 },
          ])
            refused(await catalog().patch(laptop, { Description: "changed", ...wrong }), 400);
          for (const body of ["", "[]", "null", "{", '{"Price":1,"Price":2}'])
            refused(await catalog().patch(laptop, body), 400);
        });
      });

      it("does not change the id or the type of an entity", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        await changesNothing(catalog(), async () => {
          refused(await catalog().patch(mouse, { "@odata.type": "#ComplianceService.SpecialProduct", Price: 5 }), 400);
          refused(await catalog().patch(laptop, { "@odata.type": "#ComplianceService.Category", Price: 5 }), 400);
        });
        const same = { "@odata.type": "#ComplianceService.SpecialProduct", "@odata.id": laptop.slice(1), Price: 5 };
        expect(jsonOf(await catalog().patch(laptop, same)).Price).to.equal(5);
      });

      it("of a type-cast path changes an entity of that type only", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        const cast = "/ComplianceService.SpecialProduct";
        expect(jsonOf(await catalog().patch(`${laptop}${cast}`, { SpecialFeature: "x" })).SpecialFeature).to.equal("x");
        refused(await catalog().patch(`${mouse}${cast}`, { Price: 1 }), 404);
      });

      it("reaches an entity by a navigation path, and the singleton", async () => {
        const laptop = await catalog().product(LAPTOP);
        expect(jsonOf(await catalog().patch(`${laptop}/Category`, { Description: "x" })).Description).to.equal("x");
        expect((await catalog().json(await catalog().category("Electronics"))).Description).to.equal("x");
        expect(jsonOf(await catalog().patch("/Company", { CEO: "Jo" })).CEO).to.equal("Jo");
      });
    });

    describe("11.4.3 PUT", () => {
      it("replaces all values: those that it does not name get their defaults", async () => {
        const laptop = await catalog().product(LAPTOP);
        const before = await catalog().json(laptop);
        const json = jsonOf(await catalog().put(laptop, lamp));
        expect(json).to.include({ ...lamp, ID: before.ID, CreatedAt: before.CreatedAt, ProductType: "SpecialProduct" });
        expect(json).to.include({
          Description: null,
          Quantity: 0,
          Rating: 0,
          ReleaseDate: null,
          SpecialProperty: null,
        });
        expect(json.ShippingAddress).to.equal(null);
        // Tied to the key of the category, and so not among those that are set back.
        expect(json.CategoryID).to.equal(before.CategoryID);
      });

      it("needs every property that has no default", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const missing of ["Name", "Price", "Status"])
            refused(await catalog().put(laptop, { ...lamp, [missing]: undefined }), 400);
        });
      });

      it("replaces complex values", async () => {
        const laptop = await catalog().product(LAPTOP);
        const { Dimensions } = jsonOf(await catalog().put(laptop, { ...lamp, Dimensions: { Width: 1 } }));
        expect(Dimensions).to.deep.equal({ Length: null, Width: 1, Height: null, Unit: null });
      });
    });

    describe("11.4.3 relationships", () => {
      it("a dependent property that is tied to a key moves the relationship, or fails", async () => {
        const laptop = await catalog().product(LAPTOP);
        const kitchen = await catalog().category("Kitchen");
        jsonOf(await catalog().patch(laptop, { CategoryID: keyOf(kitchen) }));
        expect((await catalog().json(`${laptop}/Category`)).Name).to.equal("Kitchen");
        await changesNothing(catalog(), async () =>
          refused(await catalog().patch(laptop, { CategoryID: nobody, Price: 1 }), 400, 409),
        );
      });

      it("a binding goes before the dependent property", async () => {
        const laptop = await catalog().product(LAPTOP);
        const kitchen = await catalog().category("Kitchen");
        const furniture = await catalog().category("Furniture");
        const body = { CategoryID: keyOf(furniture), "Category@odata.bind": kitchen.slice(1) };
        expect(jsonOf(await catalog().patch(laptop, body)).CategoryID).to.equal(keyOf(kitchen));
      });

      it("4.0 bindings replace a single-valued relationship, and add to a collection", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        const mug = await catalog().product("Coffee Mug");
        const kitchen = await catalog().category("Kitchen");
        const bind = async (body: object) =>
          jsonOf(await catalog().patch(laptop, body, { headers: { ...v40, ...representation } }));
        await bind({ "RelatedProducts@odata.bind": [mouse.slice(1)], "Category@odata.bind": kitchen.slice(1) });
        await bind({ "RelatedProducts@odata.bind": [mug.slice(1), mouse.slice(1)] });
        expect(namesOf(await catalog().json(`${laptop}/RelatedProducts`))).to.deep.equal([
          "Coffee Mug",
          "Wireless Mouse",
        ]);
        expect((await catalog().json(`${laptop}/Category`)).Name).to.equal("Kitchen");
        await bind({ "Category@odata.bind": null });
        expect((await catalog().get(`${laptop}/Category`)).status).to.equal(204);
      });

      it("4.0 updates have no related entities inline", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const body of [
            { Category: { Name: "New" } },
            { Descriptions: [{ LanguageKey: "IT", Description: "x" }] },
          ])
            refused(await catalog().patch(laptop, body, { headers: v40 }), 400);
        });
      });
    });

    describe("11.4.3.1 deep update", () => {
      it("entities and references in a collection are all that it has then", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        const mug = await catalog().product("Coffee Mug");
        const chair = await catalog().product("Office Chair");
        jsonOf(await catalog().patch(laptop, { RelatedProducts: [idOf(mouse), idOf(chair)] }, { headers: v401 }));
        const body = { RelatedProducts: [idOf(mouse), { ...idOf(mug), Price: 3 }, { ...lamp }] };
        jsonOf(await catalog().patch(laptop, body, { headers: v401 }));
        const related = await catalog().json(`${laptop}/RelatedProducts`);
        expect(namesOf(related)).to.deep.equal(["Coffee Mug", "Lamp", "Wireless Mouse"]);
        expect((await catalog().json(mug)).Price).to.equal(3);
        expect((await catalog().json(chair)).Name).to.equal("Office Chair");
      });

      for (const member of ["RelatedProducts@delta", "RelatedProducts@odata.delta"]) {
        it(`a nested delta (${member}) adds, changes, removes and deletes`, async () => {
          const laptop = await catalog().product(LAPTOP);
          const mouse = await catalog().product("Wireless Mouse");
          const mug = await catalog().product("Coffee Mug");
          const chair = await catalog().product("Office Chair");
          const phone = await catalog().product("Smartphone");
          jsonOf(await catalog().patch(laptop, { RelatedProducts: [idOf(mouse), idOf(mug)] }, { headers: v401 }));
          const delta = [
            { "@removed": { reason: "deleted" }, ...idOf(mouse) },
            { "@removed": { reason: "changed" }, ...idOf(mug) },
            idOf(chair),
            { ...idOf(phone), Price: 3 },
            lamp,
          ];
          jsonOf(await catalog().patch(laptop, { [member]: delta }, { headers: v401 }));
          const related = namesOf(await catalog().json(`${laptop}/RelatedProducts`));
          expect(related).to.deep.equal(["Lamp", "Office Chair", "Smartphone"]);
          refused(await catalog().get(mouse), 404);
          expect((await catalog().json(mug)).Name).to.equal("Coffee Mug");
          expect((await catalog().json(phone)).Price).to.equal(3);
        });
      }

      it("the related entity of a single-valued property is changed, related, or created", async () => {
        const laptop = await catalog().product(LAPTOP);
        const kitchen = await catalog().category("Kitchen");
        const electronics = await catalog().category("Electronics");
        const changed = { Category: { ...idOf(electronics), Description: "x" } };
        jsonOf(await catalog().patch(laptop, changed, { headers: v401 }));
        expect((await catalog().json(electronics)).Description).to.equal("x");
        jsonOf(await catalog().patch(laptop, { Category: { Name: "Lights" } }, { headers: v401 }));
        expect((await catalog().json(`${laptop}/Category`)).Name).to.equal("Lights");
        jsonOf(await catalog().patch(laptop, { Category: idOf(kitchen) }, { headers: v401 }));
        expect((await catalog().json(`${laptop}/Category`)).Name).to.equal("Kitchen");
      });

      it("nested entities with contradicting id and key, twice the same, or removed where they cannot be, are refused", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        const mug = await catalog().product("Coffee Mug");
        await changesNothing(catalog(), async () => {
          for (const RelatedProducts of [
            [{ ...idOf(mouse), ID: keyOf(mug), Price: 1 }],
            [idOf(mouse), { ...idOf(mouse), Price: 1 }],
            [{ "@removed": { reason: "deleted" }, ...idOf(mouse) }],
            [{ "@id": `Products(${nobody})` }],
            [{ "@id": "Categories(1)" }],
            [{ Price: "x", ...idOf(mouse) }],
            [5],
            {},
            "x",
          ])
            refused(await catalog().patch(laptop, { Price: 1, RelatedProducts }, { headers: v401 }), 400, 404);
          for (const delta of [[{ "@removed": { reason: "gone" }, ...idOf(mouse) }], [{ "@removed": {} }], {}, [null]])
            refused(
              await catalog().patch(laptop, { Price: 1, "RelatedProducts@delta": delta }, { headers: v401 }),
              400,
              404,
            );
          const both = { RelatedProducts: [idOf(mouse)], "RelatedProducts@delta": [idOf(mug)] };
          refused(await catalog().patch(laptop, both, { headers: v401 }), 400);
        });
      });

      it("nested deltas are for PATCH only", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        await changesNothing(catalog(), async () =>
          refused(
            await catalog().put(laptop, { ...lamp, "RelatedProducts@delta": [idOf(mouse)] }, { headers: v401 }),
            400,
          ),
        );
      });

      it("the ETags of nested entities are regarded", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        await changesNothing(catalog(), async () => {
          const body = { Price: 1, RelatedProducts: [{ ...idOf(mouse), "@etag": 'W/"stale"', Price: 1 }] };
          refused(await catalog().patch(laptop, body, { headers: v401 }), 412);
        });
      });

      it("answers with the Core.ContentID of the entities that are expanded", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        const body = {
          RelatedProducts: [
            { "@Core.ContentID": "new", ...lamp },
            { "@Core.ContentID": "old", ...idOf(mouse), Price: 4 },
          ],
        };
        const json = jsonOf(await catalog().patch(`${laptop}?$expand=RelatedProducts`, body, { headers: v401 }));
        const ids = json.RelatedProducts.map((one: Record<string, unknown>) => [one["Name"], one["@Core.ContentID"]]);
        expect(ids).to.have.deep.members([
          ["Lamp", "new"],
          ["Wireless Mouse", "old"],
        ]);
      });
    });

    it("what is not there, or cannot be updated, says so", async () => {
      await changesNothing(catalog(), async () => {
        refused(await catalog().patch(`/Products(${nobody})`, { Price: 1 }), 404);
        refused(await catalog().patch("/Products(x)", { Price: 1 }), 400, 404);
        const { value } = await catalog().json("/ReadOnlyItems");
        for (const method of ["PATCH", "PUT"] as const) {
          const answer = await catalog().call(method, `/ReadOnlyItems(${value[0].ID})`, { body: { Name: "x" } });
          refused(answer, 405);
          expect(answer.headers.allow?.split(", ")).to.include("GET").and.not.include(method);
        }
      });
    });

    it("a change without an answer is said with 204", async () => {
      const laptop = await catalog().product(LAPTOP);
      noContent(await catalog().put(laptop, lamp, { headers: { prefer: "return=minimal" } }));
    });
  },
  { reseed: true },
);
