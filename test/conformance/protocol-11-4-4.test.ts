import { expect } from "chai";
import { changesNothing, jsonOf, lamp, LAPTOP, noContent, refused } from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.4.4 and 11.4.5, upsert and delete",
  ({ catalog, graph }) => {
    const keyOf = (path: string) => /\((.*)\)$/.exec(path)![1]!;
    const nobody = "00000000-0000-4000-8000-000000000000";
    const italian = async () =>
      `/ProductDescriptions(ProductID=${keyOf(await catalog().product(LAPTOP))},LanguageKey='IT')`;

    describe("11.4.4 upsert", () => {
      for (const method of ["PUT", "PATCH"] as const) {
        it(`${method} to an entity that is not there creates it`, async () => {
          const path = await italian();
          const answer = await catalog().call(method, path, { body: { Description: "bello" } });
          const json = jsonOf(answer, 201);
          expect(json).to.include({ LanguageKey: "IT", Description: "bello" });
          expect(answer.headers.location).to.be.a("string");
          expect(await catalog().json(catalog().path(answer.headers.location!))).to.deep.equal(json);
          expect((await catalog().json(path)).Description).to.equal("bello");
        });

        it(`${method} with return=minimal says the id of what it has created`, async () => {
          const path = await italian();
          const headers = { prefer: "return=minimal" };
          const answer = await catalog().call(method, path, { body: { Description: "bello" }, headers });
          noContent(answer);
          expect(answer.headers["odata-entityid"]).to.equal(answer.headers.location);
          expect(catalog().path(answer.headers.location!)).to.equal(path);
        });

        it(`${method} with If-Match is no insert`, async () => {
          const path = await italian();
          await changesNothing(catalog(), async () => {
            for (const match of ["*", 'W/"1"']) {
              const headers = { "if-match": match };
              refused(await catalog().call(method, path, { body: { Description: "bello" }, headers }), 404, 412);
            }
          });
        });

        it(`${method} with If-None-Match: * is an insert and no update`, async () => {
          const path = await italian();
          const headers = { "if-none-match": "*" };
          jsonOf(await catalog().call(method, path, { body: { Description: "bello" }, headers }), 201);
          await changesNothing(catalog(), async () =>
            refused(await catalog().call(method, path, { body: { Description: "brutto" }, headers }), 412),
          );
        });

        it(`${method} creates no media entity, nothing whose key the service makes, and nothing that is only related`, async () => {
          const mug = await catalog().product("Coffee Mug");
          noContent(await catalog().delete(`${mug}/Category/$ref`));
          await changesNothing(catalog(), async () => {
            const send = (path: string, body: object) => catalog().call(method, path, { body });
            refused(await send(`/MediaItems(${nobody})`, { Name: "x" }), 404);
            refused(await send(`/Products(${nobody})`, lamp), 404);
            refused(await send(`/Categories(${nobody})`, { Name: "x" }), 404);
            refused(await send(`${mug}/Category`, { Name: "x" }), 404);
          });
        });

        it(`${method} is refused as an insert is, where the body is wrong`, async () => {
          const path = await italian();
          await changesNothing(catalog(), async () => {
            for (const body of [
              { Description: null },
              { Description: 5 },
              { Text: "x" },
              { Description: "x".repeat(501) },
            ])
              refused(await catalog().call(method, path, { body }), 400);
            const orphan = `/ProductDescriptions(ProductID=${nobody},LanguageKey='EN')`;
            refused(await catalog().call(method, orphan, { body: { Description: "x" } }), 400, 404, 409);
            const tooLong = path.replace("'IT'", "'ITA'");
            refused(await catalog().call(method, tooLong, { body: { Description: "x" } }), 400, 404);
          });
        });

        it(`${method} takes the key from the URL, whatever the body says`, async () => {
          const path = await italian();
          const body = { LanguageKey: "PL", Description: "bello" };
          expect(jsonOf(await catalog().call(method, path, { body }), 201).LanguageKey).to.equal("IT");
        });
      }

      it("is announced where it is offered, and where it is not", async () => {
        const { text } = await catalog().get("/$metadata");
        const upsertable = (set: string) =>
          /Property="Upsertable" Bool="(\w+)"/.exec(text.slice(text.indexOf(`<EntitySet Name="${set}"`)))![1];
        expect(upsertable("ProductDescriptions")).to.equal("true");
        expect(upsertable("Products")).to.equal("false");
      });
    });

    describe("11.4.5 delete", () => {
      it("is answered with 204, and the entity is gone", async () => {
        const laptop = await catalog().product(LAPTOP);
        noContent(await catalog().delete(laptop));
        refused(await catalog().get(laptop), 404);
        refused(await catalog().delete(laptop), 404);
        expect((await catalog().get("/Products/$count")).text).to.equal("6");
      });

      it("reaches an entity by a navigation path and by a path with a cast", async () => {
        const kitchen = await catalog().category("Kitchen");
        const mug = await catalog().product("Coffee Mug");
        noContent(await catalog().delete(`${kitchen}/Products(${keyOf(mug)})`));
        refused(await catalog().get(mug), 404);
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        refused(await catalog().delete(`${mouse}/ComplianceService.SpecialProduct`), 404);
        noContent(await catalog().delete(`${laptop}/ComplianceService.SpecialProduct`));
        refused(await catalog().get(laptop), 404);
      });

      it("relations to and from the entity go with it", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        const bind = { "RelatedProducts@odata.bind": [mouse.slice(1)] };
        jsonOf(await catalog().patch(laptop, bind));
        jsonOf(await catalog().patch(mouse, { "RelatedProducts@odata.bind": [laptop.slice(1)] }));
        noContent(await catalog().delete(mouse));
        expect((await catalog().json(`${laptop}/RelatedProducts`)).value).to.deep.equal([]);
      });

      it("dependent entities follow the declared constraints: deleted, or their properties set to null", async () => {
        const laptop = await catalog().product(LAPTOP);
        const electronics = await catalog().category("Electronics");
        const count = async () => Number((await catalog().get("/ProductDescriptions/$count")).text);
        noContent(await catalog().delete(electronics));
        expect((await catalog().json(laptop)).CategoryID).to.equal(null);
        expect((await catalog().get(`${laptop}/Category`)).status).to.equal(204);
        const before = await count();
        noContent(await catalog().delete(laptop));
        expect(await count()).to.equal(before - 2);
      });

      it("what cannot be deleted says so", async () => {
        await changesNothing(catalog(), async () => {
          const { value } = await catalog().json("/ReadOnlyItems");
          for (const path of [`/ReadOnlyItems(${value[0].ID})`, "/Company", "/Products", "/$metadata"]) {
            const answer = await catalog().delete(path);
            refused(answer, 405);
            expect(answer.headers.allow?.split(", "), path).to.include("GET").and.not.include("DELETE");
          }
          refused(await catalog().delete(`/Products(${nobody})`), 404);
          refused(await catalog().delete("/Nothing(1)"), 404);
        });
      });

      it("an owner takes along what it contains", async () => {
        const configurations = "/deviceManagement/deviceConfigurations";
        const body = { "@odata.type": "#microsoft.graph.iosTrustedRootCertificate", displayName: "x" };
        const { id } = jsonOf(await graph().post(configurations, body), 201);
        const target = { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" };
        const assignment = jsonOf(await graph().post(`${configurations}/${id}/assignments`, { target }), 201);
        noContent(await graph().delete(`${configurations}/${id}`));
        expect((await graph().get(`${configurations}/${id}/assignments/${assignment.id}`)).status).to.equal(404);
      });
    });
  },
  { reseed: true },
);
