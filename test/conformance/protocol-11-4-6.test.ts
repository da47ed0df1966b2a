import { expect } from "chai";
import { changesNothing, jsonOf, LAPTOP, namesOf, noContent, refused, v40 } from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.4.6, relationships between entities",
  ({ catalog }) => {
    const ref = (path: string) => ({ "@odata.id": path.slice(1) });
    const keyOf = (path: string) => /(\(.*\))$/.exec(path)![1]!;
    const nobody = "Products(00000000-0000-4000-8000-000000000000)";
    const related = async () => {
      const path = `${await catalog().product(LAPTOP)}/RelatedProducts`;
      return { path, names: async () => namesOf(await catalog().json(path)) };
    };

    describe("11.4.6.1 add a reference to a collection", () => {
      it("relates an existing entity, once or twice, by an absolute or a relative id", async () => {
        const { path, names } = await related();
        const mouse = await catalog().product("Wireless Mouse");
        const mug = await catalog().product("Coffee Mug");
        const context = { "@odata.context": `${catalog().root}$metadata#$ref` };
        noContent(await catalog().post(`${path}/$ref`, { ...context, ...ref(mouse) }));
        noContent(await catalog().post(`${path}/$ref`, { "@odata.id": `${catalog().root}${mouse.slice(1)}` }));
        noContent(await catalog().post(`${path}/$ref`, { "@id": mug.slice(1) }));
        expect(await names()).to.deep.equal(["Coffee Mug", "Wireless Mouse"]);
      });

      it("moves an entity into a collection that a foreign key makes", async () => {
        const kitchen = await catalog().category("Kitchen");
        const laptop = await catalog().product(LAPTOP);
        noContent(await catalog().post(`${kitchen}/Products/$ref`, ref(laptop)));
        expect((await catalog().json(`${laptop}/Category`)).Name).to.equal("Kitchen");
      });

      it("refuses what is no reference to an entity of the type", async () => {
        const { path } = await related();
        const mouse = await catalog().product("Wireless Mouse");
        const kitchen = await catalog().category("Kitchen");
        await changesNothing(catalog(), async () => {
          for (const body of [
            {},
            [ref(mouse)],
            { value: [ref(mouse)] },
            { "@odata.id": 5 },
            { "@odata.id": null },
            { "@odata.id": "" },
            { "@odata.id": "Products" },
            { "@odata.id": "Nothing(1)" },
            { "@odata.id": nobody },
            { "@odata.id": kitchen.slice(1) },
            { "@odata.id": "http://elsewhere.example/Products(1)" },
            { "@odata.id": `${mouse.slice(1)}/Name` },
            { "@odata.id": "../".repeat(500) },
            { Name: "x" },
            "{",
            "",
          ]) {
            const answer = await catalog().post(`${path}/$ref`, body);
            expect(answer.status, `${JSON.stringify(body)} ${answer.text}`).to.be.oneOf([400, 404]);
            refused(answer, 400, 404);
          }
          const type = { headers: { "content-type": "text/plain" } };
          refused(await catalog().post(`${path}/$ref`, JSON.stringify(ref(mouse)), type), 415);
        });
      });
    });

    describe("11.4.6.2 remove a reference", () => {
      it("by $id, as 4.0 has it, or by key", async () => {
        const { path, names } = await related();
        const mouse = await catalog().product("Wireless Mouse");
        const mug = await catalog().product("Coffee Mug");
        const chair = await catalog().product("Office Chair");
        for (const one of [mouse, mug, chair]) noContent(await catalog().post(`${path}/$ref`, ref(one)));
        noContent(await catalog().delete(`${path}/$ref?$id=${mouse.slice(1)}`, { headers: v40 }));
        noContent(await catalog().delete(`${path}${keyOf(mug)}/$ref`));
        expect(await names()).to.deep.equal(["Office Chair"]);
        const absolute = encodeURIComponent(`${catalog().root}${chair.slice(1)}`);
        noContent(await catalog().delete(`${path}/$ref?$id=${absolute}`));
        expect(await names()).to.deep.equal([]);
        expect((await catalog().json(mouse)).Name).to.equal("Wireless Mouse");
      });

      it("of a single-valued property, without $id", async () => {
        const laptop = await catalog().product(LAPTOP);
        const category = await catalog().category("Electronics");
        await changesNothing(catalog(), async () =>
          refused(await catalog().delete(`${laptop}/Category/$ref?$id=${category.slice(1)}`), 400),
        );
        noContent(await catalog().delete(`${laptop}/Category/$ref`));
        expect((await catalog().get(`${laptop}/Category`)).status).to.equal(204);
        expect((await catalog().json(laptop)).CategoryID).to.equal(null);
      });

      it("that is not there, or that an entity cannot be without, is refused", async () => {
        const { path } = await related();
        const mouse = await catalog().product("Wireless Mouse");
        await changesNothing(catalog(), async () => {
          refused(await catalog().delete(`${path}${keyOf(mouse)}/$ref`), 404);
          refused(await catalog().delete(`${path}/$ref?$id=${mouse.slice(1)}`), 404);
          for (const id of [nobody, "Nothing(1)", "", "http://elsewhere.example/Products(1)", "%zz"])
            refused(await catalog().delete(`${path}/$ref?$id=${id}`), 400, 404);
          const { value } = await catalog().json("/ProductDescriptions?$top=1");
          const description = `/ProductDescriptions(ProductID=${value[0].ProductID},LanguageKey='${value[0].LanguageKey}')`;
          refused(await catalog().delete(`${description}/Product/$ref`), 400, 405, 409);
        });
      });
    });

    describe("11.4.6.3 change a single-valued reference", () => {
      it("relates another entity", async () => {
        const laptop = await catalog().product(LAPTOP);
        const kitchen = await catalog().category("Kitchen");
        noContent(await catalog().put(`${laptop}/Category/$ref`, ref(kitchen)));
        expect((await catalog().json(`${laptop}/Category`)).Name).to.equal("Kitchen");
        expect((await catalog().json(laptop)).CategoryID).to.equal(keyOf(kitchen).slice(1, -1));
      });

      it("refuses what is no reference to an entity of the type, and other methods", async () => {
        const laptop = await catalog().product(LAPTOP);
        const kitchen = await catalog().category("Kitchen");
        await changesNothing(catalog(), async () => {
          for (const body of [
            {},
            { "@odata.id": laptop.slice(1) },
            { value: [ref(kitchen)] },
            [],
            { "@odata.id": nobody },
          ])
            refused(await catalog().put(`${laptop}/Category/$ref`, body), 400, 404);
          for (const method of ["POST", "PATCH"]) {
            const answer = await catalog().call(method, `${laptop}/Category/$ref`, { body: ref(kitchen) });
            refused(answer, 405);
            expect(answer.headers.allow?.split(", ")).to.include.members(["GET", "PUT", "DELETE"]);
          }
        });
      });

      it("one that is part of a key cannot be changed", async () => {
        const { value } = await catalog().json("/ProductDescriptions?$top=1");
        const description = `/ProductDescriptions(ProductID=${value[0].ProductID},LanguageKey='${value[0].LanguageKey}')`;
        const chair = await catalog().product("Office Chair");
        await changesNothing(catalog(), async () =>
          refused(await catalog().put(`${description}/Product/$ref`, ref(chair)), 400, 405, 409),
        );
      });
    });

    describe("11.4.6.4 replace all references of a collection", () => {
      it("PUT relates those of the body, in the form in which GET gives them, and no others", async () => {
        const { path, names } = await related();
        const mouse = await catalog().product("Wireless Mouse");
        const mug = await catalog().product("Coffee Mug");
        const chair = await catalog().product("Office Chair");
        noContent(await catalog().put(`${path}/$ref`, { value: [ref(mouse), ref(mug)] }));
        expect(await names()).to.deep.equal(["Coffee Mug", "Wireless Mouse"]);
        const got = await catalog().json(`${path}/$ref`);
        got.value = [got.value[0], ref(chair)];
        noContent(await catalog().put(`${path}/$ref`, got));
        expect((await names()).length).to.equal(2);
        noContent(await catalog().put(`${path}/$ref`, { value: [] }));
        expect(await names()).to.deep.equal([]);
      });

      it("DELETE removes them all", async () => {
        const { path, names } = await related();
        const mouse = await catalog().product("Wireless Mouse");
        const mug = await catalog().product("Coffee Mug");
        noContent(await catalog().put(`${path}/$ref`, { value: [ref(mouse), ref(mug)] }));
        noContent(await catalog().delete(`${path}/$ref`));
        expect(await names()).to.deep.equal([]);
        expect((await catalog().get("/Products/$count")).text).to.equal("7");
      });

      it("nothing is replaced where one of them is wrong", async () => {
        const { path } = await related();
        const mouse = await catalog().product("Wireless Mouse");
        jsonOf(await catalog().get(`${path}/$ref`));
        noContent(await catalog().post(`${path}/$ref`, ref(mouse)));
        await changesNothing(catalog(), async () => {
          for (const body of [
            { value: [{ "@odata.id": nobody }] },
            { value: [ref(mouse), { "@odata.id": "Categories(1)" }] },
            { value: ref(mouse) },
            { value: [mouse] },
            { value: null },
            [ref(mouse)],
            ref(mouse),
            {},
          ])
            refused(await catalog().put(`${path}/$ref`, body), 400, 404);
        });
      });
    });
  },
  { reseed: true },
);
