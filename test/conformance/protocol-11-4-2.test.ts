import { expect } from "chai";
import {
  changesNothing,
  jsonOf,
  lamp,
  LAPTOP,
  minimal,
  namesOf,
  noContent,
  plain,
  refused,
  v40,
  v401,
} from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.4.2, create an entity",
  ({ catalog, graph }) => {
    const ref = (path: string) => ({ "@odata.id": path.slice(1) });
    const keyOf = (path: string) => /\((.*)\)$/.exec(path)![1]!;

    describe("11.4.2 create", () => {
      it("is answered with 201, the entity and its URL in Location", async () => {
        const answer = await catalog().post("/Products", lamp);
        const json = jsonOf(answer, 201);
        expect(json).to.include(lamp);
        expect(json["@odata.context"]).to.equal(`${catalog().root}$metadata#Products/$entity`);
        expect(answer.headers.location).to.equal(`${catalog().root}Products(${json.ID})`);
        expect(await catalog().json(catalog().path(answer.headers.location!))).to.deep.equal(json);
      });

      it("is answered with 204, Location and OData-EntityId where the client prefers return=minimal", async () => {
        const answer = await catalog().post("/Products", lamp, { headers: minimal });
        noContent(answer);
        expect(answer.headers["odata-entityid"]).to.equal(answer.headers.location);
        expect(await catalog().json(catalog().path(answer.headers.location!))).to.include(lamp);
      });

      it("properties that are left out get their default, null, or an empty collection", async () => {
        const json = jsonOf(await catalog().post("/Products?$expand=RelatedProducts,Category", lamp), 201);
        expect(json).to.include({ Quantity: 0, Rating: 0, Description: null, CategoryID: null, Category: null });
        expect(json.RelatedProducts).to.deep.equal([]);
        const type = { "@odata.type": "#microsoft.graph.iosTrustedRootCertificate" };
        const configuration = jsonOf(await graph().post("/deviceManagement/deviceConfigurations", type), 201);
        expect(configuration.roleScopeTagIds).to.deep.equal([]);
      });

      it("properties that the service computes are passed over", async () => {
        const sent = { CreatedAt: "2001-01-01T00:00:00Z", Version: 99, ProductType: "SpecialProduct" };
        const json = jsonOf(await catalog().post("/Products", { ...lamp, ...sent }), 201);
        expect(json.CreatedAt).not.to.equal(sent.CreatedAt);
        expect(json).to.include({ Version: 1, ProductType: "Product" });
      });

      it("a property that cannot be stored is refused", async () => {
        await changesNothing(catalog(), async () => {
          for (const extra of [
            { Colour: "red" },
            { name: "x" },
            { SpecialProperty: "x" },
            { Dimensions: { Depth: 1 } },
          ])
            refused(await catalog().post("/Products", { ...lamp, ...extra }), 400);
        });
      });

      it("to a collection of related entities, it is related, too", async () => {
        const kitchen = await catalog().category("Kitchen");
        const answer = await catalog().post(`${kitchen}/Products`, lamp);
        const json = jsonOf(answer, 201);
        expect(json.CategoryID).to.equal(keyOf(kitchen));
        expect(answer.headers.location).to.equal(`${catalog().root}Products(${json.ID})`);
        expect(namesOf(await catalog().json(`${kitchen}/Products`))).to.deep.equal(["Coffee Mug", "Lamp"]);
        const laptop = await catalog().product(LAPTOP);
        jsonOf(await catalog().post(`${laptop}/RelatedProducts`, { ...lamp, Name: "Bag" }), 201);
        expect(namesOf(await catalog().json(`${laptop}/RelatedProducts`))).to.deep.equal(["Bag"]);
        expect(namesOf(await catalog().json("/Products?$filter=Name eq 'Bag'"))).to.deep.equal(["Bag"]);
      });

      it("to a path with a type cast, it is of that type", async () => {
        const answer = await catalog().post("/Products/ComplianceService.SpecialProduct", {
          ...lamp,
          SpecialProperty: "x",
        });
        const json = jsonOf(answer, 201);
        expect(json.ProductType).to.equal("SpecialProduct");
        const path = `/Products(${json.ID})`;
        expect((await catalog().json(path))["@odata.type"]).to.equal("#ComplianceService.SpecialProduct");
        const base = { ...lamp, "@odata.type": "#ComplianceService.Product" };
        await changesNothing(catalog(), async () =>
          refused(await catalog().post("/Products/ComplianceService.SpecialProduct", base), 400),
        );
      });

      it("a derived type is named with @odata.type, or @type in 4.01", async () => {
        for (const name of ["@odata.type", "@type"]) {
          const body = { [name]: "#ComplianceService.SpecialProduct", ...lamp, SpecialFeature: "y" };
          const json = jsonOf(await catalog().post("/Products", body, { headers: v401 }), 201);
          expect(json).to.include({ ProductType: "SpecialProduct", SpecialFeature: "y" });
        }
      });

      it("what is there already is not created again", async () => {
        const { value } = await catalog().json("/ProductDescriptions?$top=1");
        await changesNothing(catalog(), async () =>
          refused(await catalog().post("/ProductDescriptions", { ...plain(value[0]), CustomName: "x" }), 409),
        );
      });

      it("a body that is no entity is refused, and nothing is stored", async () => {
        await changesNothing(catalog(), async () => {
          for (const body of [
            "",
            "{",
            "[]",
            "null",
            "1",
            '"Lamp"',
            "[{}]",
            '{"Name":"Lamp"',
            '{"Name":"a","Name":"b"}',
            "\ud800",
          ])
            refused(await catalog().post("/Products", body), 400);
          refused(await catalog().post("/Products", { value: [lamp] }), 400);
          for (const wrong of [
            { Name: null },
            { Name: 5 },
            { Name: "x".repeat(101) },
            { Price: "9.5" },
            { Price: {} },
            { Status: "Unknown" },
            { Status: 1.5 },
            { Rating: 256 },
            { Rating: -1 },
            { Temperature: 128 },
            { Quantity: 32_768 },
            { Data: "%%" },
            { ReleaseDate: "2024-02-30" },
            { OpenTime: "25:00:00" },
            { ShippingTime: "1 day" },
            { CategoryID: "not a guid" },
            { ShippingAddress: "here" },
            { ShippingAddress: [{ City: "x" }] },
            { Location: { type: "Point" } },
            { Location: { type: "LineString", coordinates: [[1, 2]] } },
            { "@odata.type": "#ComplianceService.Category" },
            { "@odata.type": "#ComplianceService.Nothing" },
            { "@odata.type": 5 },
          ]) {
            const answer = await catalog().post("/Products", { ...lamp, ...wrong });
            expect(answer.status, JSON.stringify(wrong)).to.equal(400);
            refused(answer, 400);
          }
          for (const missing of ["Name", "Price", "Status"])
            refused(await catalog().post("/Products", { ...lamp, [missing]: undefined }), 400);
        });
      });

      it("a body of another media type, or too large, is refused", async () => {
        const text = JSON.stringify(lamp);
        await changesNothing(catalog(), async () => {
          for (const type of ["text/plain", "application/xml", "application/atom+xml", "json"])
            refused(await catalog().post("/Products", text, { headers: { "content-type": type } }), 415);
          refused(await catalog().post("/Products", text, { headers: { "content-encoding": "zip" } }), 415);
          refused(await catalog().post("/Products", text, { headers: { "content-encoding": "gzip" } }), 400);
          refused(await catalog().post("/Products", { ...lamp, Description: "x".repeat(5 << 20) }), 413);
        });
      });

      it("what takes no new entities says so with 405 and Allow", async () => {
        for (const path of ["/ReadOnlyItems", "/Company", await catalog().product(LAPTOP), "/$metadata", "/"]) {
          const answer = await catalog().post(path, lamp);
          refused(answer, 405);
          expect(answer.headers.allow?.split(", "), path).to.include("GET");
        }
        refused(await catalog().post("/Nothing", lamp), 404);
        refused(await catalog().post("/Products(00000000-0000-4000-8000-000000000000)/RelatedProducts", lamp), 404);
      });
    });

    describe("11.4.2.1 links to related entities", () => {
      it("4.0 clients bind with @odata.bind", async () => {
        const kitchen = await catalog().category("Kitchen");
        const mug = await catalog().product("Coffee Mug");
        const laptop = await catalog().product(LAPTOP);
        const body = {
          ...lamp,
          "Category@odata.bind": kitchen.slice(1),
          "RelatedProducts@odata.bind": [`${catalog().root}${mug.slice(1)}`, laptop],
        };
        const json = jsonOf(await catalog().post("/Products", body, { headers: v40 }), 201);
        const path = `/Products(${json.ID})`;
        expect(json.CategoryID).to.equal(keyOf(kitchen));
        expect((await catalog().json(`${path}/Category`)).Name).to.equal("Kitchen");
        expect(namesOf(await catalog().json(`${path}/RelatedProducts`))).to.deep.equal(["Coffee Mug", "Laptop"]);
      });

      it("4.01 clients write references, with @odata.id or @id", async () => {
        const kitchen = await catalog().category("Kitchen");
        const mug = await catalog().product("Coffee Mug");
        const laptop = await catalog().product(LAPTOP);
        for (const id of ["@odata.id", "@id"]) {
          const body = {
            ...lamp,
            Category: { [id]: kitchen.slice(1) },
            RelatedProducts: [{ [id]: mug.slice(1) }, { [id]: `${catalog().root}${laptop.slice(1)}` }],
          };
          const json = jsonOf(await catalog().post("/Products", body, { headers: v401 }), 201);
          expect(json.Category?.Name ?? "Kitchen").to.equal("Kitchen");
          const path = `/Products(${json.ID})`;
          expect((await catalog().json(`${path}/Category`)).Name).to.equal("Kitchen");
          expect(namesOf(await catalog().json(`${path}/RelatedProducts`))).to.deep.equal(["Coffee Mug", "Laptop"]);
        }
      });

      it("a binding that contradicts the URL fails with 400", async () => {
        const kitchen = await catalog().category("Kitchen");
        const furniture = await catalog().category("Furniture");
        await changesNothing(catalog(), async () => {
          for (const binding of [
            { "Category@odata.bind": furniture.slice(1) },
            { Category: ref(furniture) },
            { Category: null },
          ])
            refused(await catalog().post(`${kitchen}/Products`, { ...lamp, ...binding }), 400);
        });
        // A dependent property that the URL has a value for is passed over.
        const dependent = { ...lamp, CategoryID: keyOf(furniture) };
        expect(jsonOf(await catalog().post(`${kitchen}/Products`, dependent), 201).CategoryID).to.equal(keyOf(kitchen));
        const same = { ...lamp, "Category@odata.bind": kitchen.slice(1) };
        expect(jsonOf(await catalog().post(`${kitchen}/Products`, same), 201).CategoryID).to.equal(keyOf(kitchen));
      });

      it("where a link cannot be made, the entity is not created", async () => {
        const kitchen = await catalog().category("Kitchen");
        const laptop = await catalog().product(LAPTOP);
        const nobody = "Products(00000000-0000-4000-8000-000000000000)";
        await changesNothing(catalog(), async () => {
          for (const binding of [
            { "Category@odata.bind": "Categories(00000000-0000-4000-8000-000000000000)" },
            { "Category@odata.bind": laptop.slice(1) },
            { "Category@odata.bind": "Categories" },
            { "Category@odata.bind": "Nothing(1)" },
            { "Category@odata.bind": "http://elsewhere.example/Categories(1)" },
            { "Category@odata.bind": "" },
            { "Category@odata.bind": 5 },
            { "Category@odata.bind": [kitchen.slice(1)] },
            { "RelatedProducts@odata.bind": laptop.slice(1) },
            { "RelatedProducts@odata.bind": [laptop.slice(1), nobody] },
            { "RelatedProducts@odata.bind": [[laptop.slice(1)]] },
            { "Nothing@odata.bind": laptop.slice(1) },
            { "Name@odata.bind": laptop.slice(1) },
            { RelatedProducts: [{ "@odata.id": nobody }] },
            { RelatedProducts: [{ "@odata.id": 5 }] },
            { RelatedProducts: { "@odata.id": laptop.slice(1) } },
            { RelatedProducts: null },
            { RelatedProducts: [null] },
            { Category: [ref(kitchen)] },
            { Category: kitchen },
            { Category: { "@removed": { reason: "deleted" } } },
            { "RelatedProducts@delta": [ref(laptop)] },
          ]) {
            const answer = await catalog().post("/Products", { ...lamp, ...binding });
            expect(answer.status, `${JSON.stringify(binding)} ${answer.text}`).to.be.within(400, 422);
            refused(answer, 400, 404, 409, 422);
          }
        });
      });

      it("two bindings of one property that contradict each other are refused", async () => {
        const kitchen = await catalog().category("Kitchen");
        const furniture = await catalog().category("Furniture");
        await changesNothing(catalog(), async () => {
          const both = { "Category@odata.bind": kitchen.slice(1), Category: ref(furniture) };
          refused(await catalog().post("/Products", { ...lamp, ...both }), 400);
        });
      });
    });

    describe("11.4.2.2 deep insert", () => {
      it("creates all entities, relates them, and is answered expanded as deep as the request was", async () => {
        const body = {
          Name: "Lights",
          Products: [
            { ...lamp, Descriptions: [{ LanguageKey: "EN", Description: "A lamp" }] },
            { ...lamp, Name: "Torch", RelatedProducts: [{ ...lamp, Name: "Battery" }] },
          ],
        };
        const answer = await catalog().post("/Categories", body);
        const json = jsonOf(answer, 201);
        expect(namesOf({ value: json.Products })).to.deep.equal(["Lamp", "Torch"]);
        const [first, second] = json.Products.toSorted((a: { Name: string }, b: { Name: string }) =>
          a.Name < b.Name ? -1 : 1,
        );
        expect(first.Descriptions[0]).to.include({ LanguageKey: "EN", Description: "A lamp", ProductID: first.ID });
        expect(second.RelatedProducts[0].Name).to.equal("Battery");
        const options = "$expand=Products($expand=Descriptions,RelatedProducts)";
        const read = await catalog().json(`/Categories(${json.ID})?${options}`);
        expect(namesOf({ value: read.Products })).to.deep.equal(["Lamp", "Torch"]);
        expect(namesOf(await catalog().json("/Products?$filter=Category/Name eq 'Lights'"))).to.deep.equal([
          "Lamp",
          "Torch",
        ]);
      });

      it("is answered with 204 where the client prefers return=minimal", async () => {
        const body = { ...lamp, Category: { Name: "Lights" } };
        const answer = await catalog().post("/Products", body, { headers: minimal });
        noContent(answer);
        const path = catalog().path(answer.headers.location!);
        expect((await catalog().json(`${path}/Category`)).Name).to.equal("Lights");
      });

      it("is announced, and answers with the Core.ContentID of each entity", async () => {
        const { text } = await catalog().get("/$metadata");
        expect(text).to.include("Capabilities.DeepInsertSupport");
        const body = {
          ...lamp,
          Category: { "@Org.OData.Core.V1.ContentID": "c1", Name: "Lights" },
          RelatedProducts: [
            { "@Core.ContentID": "p1", ...lamp, Name: "One" },
            { "@Core.ContentID": "p2", ...lamp, Name: "Two" },
          ],
        };
        const json = jsonOf(await catalog().post("/Products", body, { headers: v401 }), 201);
        const idOf = (entity: Readonly<Record<string, unknown>>) =>
          entity["@Core.ContentID"] ?? entity["@Org.OData.Core.V1.ContentID"];
        expect(idOf(json.Category)).to.equal("c1");
        const ids = json.RelatedProducts.map((one: Record<string, unknown>) => [one["Name"], idOf(one)]);
        expect(ids).to.have.deep.members([
          ["One", "p1"],
          ["Two", "p2"],
        ]);
      });

      it("a media entity within it has its stream in $value", async () => {
        // No navigation property of the catalog leads to a media entity, so a '$value' within one is refused.
        await changesNothing(catalog(), async () =>
          refused(await catalog().post("/Products", { ...lamp, Category: { Name: "x", $value: "AAAA" } }), 400),
        );
      });

      it("on failure nothing is created, and the error says where", async () => {
        await changesNothing(catalog(), async () => {
          for (const products of [
            [{ ...lamp }, { ...lamp, Price: "x" }],
            [
              {
                ...lamp,
                Descriptions: [
                  { LanguageKey: "EN", Description: "a" },
                  { LanguageKey: "EN", Description: "b" },
                ],
              },
            ],
            [{ ...lamp, Descriptions: [{ LanguageKey: "ENG", Description: "a" }] }],
            [{ Name: "no price" }],
            [{ ...lamp, Category: { Name: "Kitchen" } }],
            [[lamp]],
            [lamp, null],
            "Lamp",
            lamp,
          ]) {
            const answer = await catalog().post("/Categories", { Name: "Lights", Products: products });
            refused(answer, 400, 409);
          }
        });
        const answer = await catalog().post("/Categories", {
          Name: "Lights",
          Products: [lamp, { ...lamp, Price: "x" }],
        });
        expect(answer.text).to.include("Products[1]");
      });

      it("content for existing entities is refused", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          const inline = { Name: "Lights", Products: [{ "@odata.id": laptop.slice(1), Name: "Changed" }] };
          refused(await catalog().post("/Categories", inline), 400, 409);
        });
      });

      it("cycles by reference, and depths without end, are refused", async () => {
        let deep: object = { ...lamp };
        for (let depth = 0; depth < 2_000; depth++) deep = { ...lamp, RelatedProducts: [deep] };
        await changesNothing(catalog(), async () => {
          refused(await catalog().post("/Products", deep), 400, 413);
          const cyclic = {
            "@Core.ContentID": "1",
            ...lamp,
            RelatedProducts: [{ ...lamp, Name: "Two", "RelatedProducts@odata.bind": ["$1"] }],
          };
          refused(await catalog().post("/Products", cyclic), 400, 404);
          const many = Array.from({ length: 20_000 }, (_, index) => ({ ...lamp, Name: `${index}` }));
          refused(await catalog().post("/Categories", { Name: "Lights", Products: many }), 400, 413);
        });
      });

      it("an entity may lead back to its owner, inline or by the URL", async () => {
        const kitchen = await catalog().category("Kitchen");
        await changesNothing(catalog(), async () => {
          const other = { ...lamp, Category: { Name: "Another" } };
          refused(await catalog().post(`${kitchen}/Products`, other), 400);
        });
      });
    });
  },
  { reseed: true },
);
