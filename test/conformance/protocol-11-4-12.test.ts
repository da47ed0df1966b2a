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
} from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.4.12 to 11.4.14, collections of entities as a whole, and their members",
  ({ catalog }) => {
    const idOf = (path: string) => ({ "@id": path.slice(1) });
    const nobody = "Products(00000000-0000-4000-8000-000000000000)";
    const goOn = { prefer: "continue-on-error" };
    const exceptionOf = (item: Record<string, any>) =>
      item["@Core.DataModificationException"] ?? item["@Org.OData.Core.V1.DataModificationException"];
    const delta = (...value: readonly unknown[]) => ({ "@context": "#$delta", value });

    describe("11.4.12 PATCH of a collection with a delta payload", () => {
      it("applies added and changed entities as upserts, and deleted ones as deletions", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mug = await catalog().product("Coffee Mug");
        const removed = { "@removed": { reason: "deleted" }, ...idOf(mug), Name: "passed over" };
        const body = delta({ ...idOf(laptop), Price: 3 }, lamp, removed);
        const answer = await catalog().patch("/Products", body);
        expect(answer.status, answer.text).to.be.oneOf([200, 204]);
        expect((await catalog().json(laptop)).Price).to.equal(3);
        refused(await catalog().get(mug), 404);
        expect((await catalog().get("/Products/$count?$filter=Name eq 'Lamp'")).text).to.equal("1");
      });

      it("applies added and deleted links", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        const link = { source: laptop.slice(1), relationship: "RelatedProducts", target: mouse.slice(1) };
        const send = async (kind: string) => {
          const answer = await catalog().patch("/Products", delta({ "@context": `#Products/${kind}`, ...link }));
          expect(answer.status, answer.text).to.be.oneOf([200, 204]);
          return namesOf(await catalog().json(`${laptop}/RelatedProducts`));
        };
        expect(await send("$link")).to.deep.equal(["Wireless Mouse"]);
        expect(await send("$deletedLink")).to.deep.equal([]);
      });

      it("answers, where that is wanted, with a delta payload in the order of the request", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mug = await catalog().product("Coffee Mug");
        const body = delta(lamp, { "@removed": { reason: "deleted" }, ...idOf(mug) }, { ...idOf(laptop), Price: 3 });
        const json = jsonOf(await catalog().patch("/Products", body, { headers: representation }));
        expect(json["@odata.context"] ?? json["@context"]).to.match(/\$metadata#Products.*\/\$delta$/);
        expect(json.value).to.have.length(3);
        expect(json.value[0]).to.include(lamp);
        expect(json.value[1]["@removed"]).to.deep.equal({ reason: "deleted" });
        expect(json.value[2]).to.include({ Price: 3, Name: LAPTOP });
      });

      it("answers with the Core.ContentID of the entities", async () => {
        const laptop = await catalog().product(LAPTOP);
        const body = delta({ "@Core.ContentID": "1", ...lamp }, { "@Core.ContentID": "2", ...idOf(laptop), Price: 3 });
        const json = jsonOf(await catalog().patch("/Products", body, { headers: representation }));
        expect(json.value.map((one: Record<string, unknown>) => one["@Core.ContentID"])).to.deep.equal(["1", "2"]);
      });

      it("without continue-on-error all is applied or nothing", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const wrong of [
            { ...lamp, Price: "x" },
            { ...idOf(laptop), Name: null },
            { "@id": nobody, "@removed": { reason: "deleted" } },
            { "@removed": { reason: "gone" }, ...idOf(laptop) },
            { "@context": "#Products/$link", source: laptop.slice(1), relationship: "RelatedProducts", target: nobody },
            {
              "@context": "#Products/$link",
              source: laptop.slice(1),
              relationship: "Nothing",
              target: laptop.slice(1),
            },
            { "@context": "#Products/$link", source: laptop.slice(1) },
            5,
            null,
            [],
          ])
            refused(await catalog().patch("/Products", delta({ ...idOf(laptop), Price: 3 }, wrong)), 400, 404, 409);
        });
      });

      it("with continue-on-error says what has failed, as the standard has it, and does the rest", async () => {
        const laptop = await catalog().product(LAPTOP);
        const chair = await catalog().product("Office Chair");
        const mouse = await catalog().product("Wireless Mouse");
        const link = { source: laptop.slice(1), relationship: "RelatedProducts", target: nobody };
        const unlink = { source: laptop.slice(1), relationship: "RelatedProducts", target: mouse.slice(1) };
        const body = delta(
          { ...idOf(chair), Price: 3 },
          { ...lamp, Price: "x" },
          { ...idOf(laptop), Name: null },
          { "@context": "#Products/$link", ...link },
          { "@context": "#Products/$deletedLink", ...unlink },
        );
        const answer = await catalog().patch("/Products", body, {
          headers: { prefer: "continue-on-error,return=minimal" },
        });
        const json = jsonOf(answer);
        expect(answer.headers["preference-applied"]).to.include("continue-on-error");
        const failures = json.value.filter((one: Record<string, unknown>) => exceptionOf(one) !== undefined);
        expect(failures.map((one: Record<string, any>) => exceptionOf(one).failedOperation)).to.deep.equal([
          "insert",
          "update",
          "link",
          "unlink",
        ]);
        expect(failures[0]["@removed"]).to.be.an("object");
        expect(failures[2]["@odata.context"] ?? failures[2]["@context"]).to.match(/\$deletedLink$/);
        expect(failures[3]["@odata.context"] ?? failures[3]["@context"]).to.match(/\$link$/);
        expect((await catalog().json(chair)).Price).to.equal(3);
        expect((await catalog().get("/Products/$count")).text).to.equal("7");
      });

      it("a failed delete is an entity or a reference with failedOperation 'delete'", async () => {
        const gone = { "@removed": { reason: "deleted" }, "@id": nobody };
        const json = jsonOf(await catalog().patch("/Products", delta(gone, lamp), { headers: goOn }));
        const [failed] = json.value;
        expect(exceptionOf(failed).failedOperation).to.equal("delete");
        expect(failed).not.to.have.property("@removed");
      });

      it("bodies that are no delta payload, and paths with casts, filters or options, are refused", async () => {
        await changesNothing(catalog(), async () => {
          for (const body of [lamp, [lamp], { value: lamp }, { value: null }, {}, "{", "", { "@context": "#$delta" }])
            refused(await catalog().patch("/Products", body), 400);
          const body = delta(lamp);
          refused(await catalog().patch("/Products/ComplianceService.SpecialProduct", body), 400, 405);
          refused(await catalog().patch("/Products/$filter(Price lt 5)", body), 400, 405);
          for (const option of ["$filter=Price lt 5", "$orderby=Name", "$top=1", "$skip=1", "$search=x", "$count=true"])
            refused(await catalog().patch(`/Products?${option}`, body), 400);
          refused(await catalog().patch("/ReadOnlyItems", delta({ Name: "x" })), 405);
        });
      });
    });

    describe("11.4.12 PUT of a collection", () => {
      it("leaves the entities of the body and no others", async () => {
        const laptop = await catalog().json(await catalog().product(LAPTOP));
        const answer = await catalog().put("/Products", { value: [{ ...plain(laptop), Price: 3 }, lamp] });
        expect(answer.status, answer.text).to.be.oneOf([200, 204]);
        const { value } = await catalog().json("/Products?$orderby=Name");
        expect(value.map(({ Name, Price }: { Name: string; Price: number }) => [Name, Price])).to.deep.equal([
          ["Lamp", 9.5],
          [LAPTOP, 3],
        ]);
        expect(value[1].ID).to.equal(laptop.ID);
      });

      it("changes nothing where something is wrong", async () => {
        const laptop = plain(await catalog().json(await catalog().product(LAPTOP)));
        await changesNothing(catalog(), async () => {
          for (const value of [[lamp, { ...lamp, Price: "x" }], [laptop, laptop], [5], lamp, null])
            refused(await catalog().put("/Products", { value }), 400);
          for (const body of [lamp, [lamp], "{", ""]) refused(await catalog().put("/Products", body), 400);
          refused(await catalog().put("/ReadOnlyItems", { value: [] }), 405);
        });
      });
    });

    describe("11.4.13 update the members of a collection", () => {
      it("PATCH of $each changes each, or those that filter and cast pick", async () => {
        const quantities = async () => {
          const { value } = await catalog().json(
            "/Products?$orderby=Name&$select=Name,Quantity&$filter=Quantity eq 77",
          );
          return namesOf({ value });
        };
        const cheap = "/Products/$filter(@low)/$each?@low=Price lt 100";
        expect((await catalog().patch(cheap, { Quantity: 77 })).status).to.be.oneOf([200, 204]);
        expect(await quantities()).to.deep.equal(["Coffee Mug", "Wireless Mouse"]);
        const special = "/Products/ComplianceService.SpecialProduct/$each";
        expect((await catalog().patch(special, { Quantity: 77, SpecialFeature: "x" })).status).to.be.oneOf([200, 204]);
        expect((await quantities()).length).to.equal(5);
        expect((await catalog().patch("/Products/$each", { Quantity: 77 })).status).to.be.oneOf([200, 204]);
        expect((await quantities()).length).to.equal(7);
      });

      it("answers, where that is wanted, with the members as they are then", async () => {
        const path = "/Products/$filter(Price lt 100)/$each";
        const json = jsonOf(await catalog().patch(path, { Price: 500 }, { headers: representation }));
        expect(namesOf(json)).to.deep.equal(["Coffee Mug", "Wireless Mouse"]);
        for (const one of json.value) expect(one.Price).to.equal(500);
        expect(json["@odata.context"]).to.match(/\$metadata#Products$/);
      });

      it("$select and $expand ask for an answer, and are applied to it", async () => {
        const path = "/Products/$filter(Price lt 20)/$each?$select=Name&$expand=Category($select=Name)";
        const json = jsonOf(await catalog().patch(path, { Quantity: 1 }));
        expect(json.value).to.have.length(1);
        expect(json.value[0]).to.include({ Name: "Coffee Mug" }).and.not.have.property("Price");
        expect(json.value[0].Category.Name).to.equal("Kitchen");
      });

      it("all are changed or none", async () => {
        await changesNothing(catalog(), async () => {
          for (const body of [{ Price: "x" }, { Colour: 1 }, { Name: null }, [], "", "{", { SpecialFeature: "x" }])
            refused(await catalog().patch("/Products/$each", body), 400);
          refused(await catalog().patch("/Categories/$each", { Name: "Same" }), 409);
          refused(await catalog().patch("/ReadOnlyItems/$each", { Name: "x" }), 405);
          refused(await catalog().patch("/Nothing/$each", { Name: "x" }), 404);
          refused(await catalog().patch(`/${nobody}/RelatedProducts/$each`, { Price: 1 }), 404);
        });
      });

      it("with continue-on-error what fails is said", async () => {
        const answer = await catalog().patch("/Categories/$each", { Name: "Same" }, { headers: goOn });
        const { value } = jsonOf(answer);
        const failures = value.filter((one: Record<string, unknown>) => exceptionOf(one) !== undefined);
        expect(failures).to.have.length(2);
        for (const one of failures) expect(exceptionOf(one).failedOperation).to.equal("update");
        expect((await catalog().get("/Categories/$count?$filter=Name eq 'Same'")).text).to.equal("1");
      });
    });

    describe("11.4.14 delete the members of a collection", () => {
      it("DELETE of $each deletes each, or those that filter and cast pick", async () => {
        const left = async () => namesOf(await catalog().json("/Products"));
        expect((await catalog().delete("/Products/$filter(Price lt 100)/$each")).status).to.be.oneOf([200, 204]);
        expect((await left()).length).to.equal(5);
        expect((await catalog().delete("/Products/ComplianceService.SpecialProduct/$each")).status).to.be.oneOf([
          200, 204,
        ]);
        expect(await left()).to.deep.equal(["Office Chair", "Smartphone"]);
        expect((await catalog().delete("/Products/$each")).status).to.be.oneOf([200, 204]);
        expect(await left()).to.deep.equal([]);
        noContent(await catalog().delete("/Products/$each"));
      });

      it("answers, where that is wanted, with the deleted entities", async () => {
        const mug = await catalog().product("Coffee Mug");
        const path = "/Products/$filter(Price lt 20)/$each";
        const json = jsonOf(await catalog().delete(path, { headers: representation }));
        expect(json.value).to.have.length(1);
        expect(json.value[0]["@removed"]).to.be.an("object");
        expect(json.value[0]["@odata.id"] ?? json.value[0]["@id"]).to.include(mug.slice(1));
      });

      it("what cannot be deleted stays, all of it", async () => {
        await changesNothing(catalog(), async () => {
          refused(await catalog().delete("/ReadOnlyItems/$each"), 405);
          refused(await catalog().delete("/Products/$filter(Nothing eq 1)/$each"), 400);
          refused(await catalog().delete("/Products/$each", { headers: { "if-match": 'W/"1"' } }), 412);
        });
      });
    });
  },
  { reseed: true },
);
