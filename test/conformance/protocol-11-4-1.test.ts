import { expect } from "chai";
import {
  changesNothing,
  jsonOf,
  lamp,
  LAPTOP,
  minimal,
  noContent,
  refused,
  representation,
  v40,
  v401,
} from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.4.1, common data modification semantics",
  ({ catalog }) => {
    const etagOf = async (path: string) => (await catalog().get(path)).headers["etag"]!;
    const stale = 'W/"stale"';

    describe("11.4.1.1 ETags for avoiding update conflicts", () => {
      it("a resource that requires optimistic concurrency control has an ETag header, and the same in its body", async () => {
        for (const path of [await catalog().product(LAPTOP), "/Company"]) {
          const { headers, json } = await catalog().get(path);
          expect(headers["etag"], path).to.match(/^(W\/)?"[^"]*"$/);
          expect(json["@odata.etag"]).to.equal(headers["etag"]);
        }
      });

      it("is announced with Core.OptimisticConcurrency", async () => {
        const { text } = await catalog().get("/$metadata");
        const set = /<EntitySet Name="Products"[\s\S]*?<\/EntitySet>/.exec(text)![0];
        expect(set).to.include("Core.OptimisticConcurrency").and.to.include("<PropertyPath>Version</PropertyPath>");
      });

      it("the ETag changes with structural properties", async () => {
        const laptop = await catalog().product(LAPTOP);
        const seen = new Set([await etagOf(laptop)]);
        const change = async (answer: Promise<{ readonly status: number; readonly text: string }>) => {
          const { status, text } = await answer;
          expect(status, text).to.be.oneOf([200, 204]);
          const etag = await etagOf(laptop);
          expect(seen, "an ETag that was seen before").not.to.include(etag);
          seen.add(etag);
        };
        await change(catalog().patch(laptop, { Price: 1 }));
        await change(catalog().put(`${laptop}/Description`, { value: "other" }));
        await change(catalog().put(`${laptop}/Price/$value`, "2", { headers: { "content-type": "text/plain" } }));
        await change(catalog().patch(`${laptop}/Dimensions`, { Width: 1 }));
        await change(catalog().delete(`${laptop}/Dimensions`));
        await change(catalog().post(`${laptop}/ComplianceService.IncreasePrice`, { amount: 1 }));
        await change(catalog().patch(`/Products/$each`, { Quantity: 1 }));
      });

      it("the ETag changes with links from the entity", async () => {
        const laptop = await catalog().product(LAPTOP);
        const mouse = await catalog().product("Wireless Mouse");
        const kitchen = await catalog().category("Kitchen");
        const seen = new Set([await etagOf(laptop)]);
        for (const [method, path, body] of [
          ["POST", "/RelatedProducts/$ref", { "@odata.id": mouse.slice(1) }],
          ["DELETE", `/RelatedProducts${mouse.slice("/Products".length)}/$ref`, undefined],
          ["PUT", "/Category/$ref", { "@odata.id": kitchen.slice(1) }],
          ["DELETE", "/Category/$ref", undefined],
        ] as const) {
          noContent(await catalog().call(method, `${laptop}${path}`, { body }));
          const etag = await etagOf(laptop);
          expect(seen, `${method} ${path}`).not.to.include(etag);
          seen.add(etag);
        }
      });

      it("an operation is only invoked where If-Match is satisfied", async () => {
        const laptop = await catalog().product(LAPTOP);
        const category = await catalog().category("Kitchen");
        const headers = { "if-match": stale };
        await changesNothing(catalog(), async () => {
          refused(await catalog().patch(laptop, { Price: 1 }, { headers }), 412);
          refused(await catalog().put(laptop, lamp, { headers }), 412);
          refused(await catalog().delete(laptop, { headers }), 412);
          refused(await catalog().put(`${laptop}/Price`, { value: 1 }, { headers }), 412);
          refused(await catalog().delete(`${laptop}/Description`, { headers }), 412);
          refused(await catalog().patch(`${laptop}/Dimensions`, { Width: 1 }, { headers }), 412);
          const text = { ...headers, "content-type": "text/plain" };
          refused(await catalog().put(`${laptop}/Price/$value`, "1", { headers: text }), 412);
          refused(await catalog().put(`${laptop}/Category/$ref`, { "@odata.id": category.slice(1) }, { headers }), 412);
          refused(await catalog().delete(`${laptop}/Category/$ref`, { headers }), 412);
          refused(await catalog().patch("/Company", { Name: "Other" }, { headers }), 412);
          const action = `${laptop}/ComplianceService.IncreasePrice`;
          refused(await catalog().post(action, { amount: 1 }, { headers }), 412);
        });
      });

      it("an operation is invoked where If-Match names the ETag, alone or among others, or is *", async () => {
        const laptop = await catalog().product(LAPTOP);
        for (const match of [(etag: string) => etag, (etag: string) => `${stale}, ${etag}`, () => "*"]) {
          const headers = { "if-match": match(await etagOf(laptop)) };
          expect(jsonOf(await catalog().patch(laptop, { Price: 5 }, { headers })).Price).to.equal(5);
        }
        const headers = { "if-match": await etagOf(laptop) };
        noContent(await catalog().post(`${laptop}/ComplianceService.IncreasePrice`, { amount: 1 }, { headers }));
        noContent(await catalog().delete(laptop, { headers: { "if-match": await etagOf(laptop) } }));
      });

      it("an operation is not invoked where If-None-Match names the ETag or is *", async () => {
        const laptop = await catalog().product(LAPTOP);
        for (const known of ["*", await etagOf(laptop)]) {
          const headers = { "if-none-match": known };
          await changesNothing(catalog(), async () => {
            refused(await catalog().patch(laptop, { Price: 1 }, { headers }), 412);
            refused(await catalog().put(laptop, lamp, { headers }), 412);
            refused(await catalog().delete(laptop, { headers }), 412);
            refused(await catalog().put(`${laptop}/Price`, { value: 1 }, { headers }), 412);
            refused(await catalog().post(`${laptop}/ComplianceService.Activate`, {}, { headers }), 412);
          });
        }
        const other = { "if-none-match": stale };
        expect((await catalog().patch(laptop, { Price: 1 }, { headers: other })).status).to.equal(200);
      });

      it("contradictory and malformed conditions change nothing", async () => {
        const laptop = await catalog().product(LAPTOP);
        const etag = await etagOf(laptop);
        await changesNothing(catalog(), async () => {
          const both = { "if-match": etag, "if-none-match": etag };
          refused(await catalog().patch(laptop, { Price: 1 }, { headers: both }), 400, 412);
          for (const malformed of ["", "stale", '"', "W/", "**", `${"x,".repeat(1_000)}`]) {
            const headers = { "if-match": malformed };
            refused(await catalog().patch(laptop, { Price: 1 }, { headers }), 400, 412);
          }
        });
      });

      it("an ETag in the body of a 4.01 update is * or that of the entity; 4.0 passes it over", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const name of ["@odata.etag", "@etag"])
            refused(await catalog().patch(laptop, { [name]: stale, Price: 1 }, { headers: v401 }), 412);
        });
        for (const etagNow of [() => "*", () => etagOf(laptop)]) {
          const body = { "@odata.etag": await etagNow(), Price: 1 };
          jsonOf(await catalog().patch(laptop, body, { headers: v401 }));
        }
        jsonOf(await catalog().patch(laptop, { "@odata.etag": stale, Price: 2 }, { headers: v40 }));
      });

      it("answers to changes of the entity have its new ETag", async () => {
        const laptop = await catalog().product(LAPTOP);
        const whole = await catalog().patch(laptop, { Price: 1 });
        expect(whole.headers["etag"]).to.equal(await etagOf(laptop));
        expect(whole.json["@odata.etag"]).to.equal(whole.headers["etag"]);
        const short = await catalog().patch(laptop, { Price: 2 }, { headers: minimal });
        noContent(short);
        expect(short.headers["etag"]).to.equal(await etagOf(laptop));
        const created = await catalog().post("/Products", lamp);
        expect(created.headers["etag"]).to.equal(jsonOf(created, 201)["@odata.etag"]);
      });
    });

    describe("11.4.1.4 integrity constraints", () => {
      it("what breaks one is refused as a whole", async () => {
        const nobody = "00000000-0000-4000-8000-000000000000";
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          refused(await catalog().post("/Products", { ...lamp, CategoryID: nobody }), 400, 409);
          refused(await catalog().patch(laptop, { Price: 1, CategoryID: nobody }), 400, 409);
          refused(await catalog().post("/Categories", { Name: "Kitchen" }), 409);
          refused(await catalog().patch(await catalog().category("Kitchen"), { Name: "Furniture" }), 409);
          const orphan = { ProductID: nobody, LanguageKey: "EN", Description: "of nothing" };
          refused(await catalog().post("/ProductDescriptions", orphan), 400, 409);
        });
      });

      it("one that needs a related entity is satisfied by creating both", async () => {
        const descriptions = [{ LanguageKey: "EN", Description: "A lamp" }];
        const created = jsonOf(await catalog().post("/Products", { ...lamp, Descriptions: descriptions }), 201);
        const { value } = await catalog().json(`/Products(${created.ID})/Descriptions`);
        expect(value[0]).to.include({ ProductID: created.ID, LanguageKey: "EN", Description: "A lamp" });
      });
    });

    describe("11.4.1.5 returning results", () => {
      it("without a preference the content is returned, as a read returns it", async () => {
        const created = await catalog().post("/Products", lamp);
        const path = catalog().path(created.headers.location!);
        expect(jsonOf(created, 201)).to.deep.equal(await catalog().json(path));
        const patched = await catalog().patch(path, { Price: 10 });
        expect(jsonOf(patched)).to.deep.equal(await catalog().json(path));
        const replaced = await catalog().put(path, { ...lamp, Quantity: 3 });
        expect(jsonOf(replaced)).to.deep.equal(await catalog().json(path));
        const property = await catalog().put(`${path}/Price`, { value: 11 });
        expect(jsonOf(property)).to.deep.equal(await catalog().json(`${path}/Price`));
        const complex = await catalog().put(`${path}/Dimensions`, { Width: 1 });
        expect(jsonOf(complex)).to.deep.equal(await catalog().json(`${path}/Dimensions`));
      });

      it("return=minimal is honoured and said", async () => {
        const created = await catalog().post("/Products", lamp, { headers: minimal });
        noContent(created);
        expect(created.headers["preference-applied"]).to.equal("return=minimal");
        expect(created.headers["odata-entityid"]).to.equal(created.headers.location);
        const path = catalog().path(created.headers.location!);
        for (const answer of [
          await catalog().patch(path, { Price: 10 }, { headers: minimal }),
          await catalog().put(path, lamp, { headers: minimal }),
          await catalog().put(`${path}/Price`, { value: 11 }, { headers: minimal }),
          await catalog().patch(`${path}/Dimensions`, { Width: 1 }, { headers: minimal }),
        ]) {
          noContent(answer);
          expect(answer.headers["preference-applied"]).to.equal("return=minimal");
        }
      });

      it("return=representation is honoured and said", async () => {
        const laptop = await catalog().product(LAPTOP);
        for (const answer of [
          await catalog().post("/Products", lamp, { headers: representation }),
          await catalog().patch(laptop, { Price: 10 }, { headers: representation }),
          await catalog().put(laptop, { ...lamp }, { headers: representation }),
          await catalog().put(`${laptop}/Price`, { value: 11 }, { headers: representation }),
        ]) {
          expect(answer.status, answer.text).to.be.oneOf([200, 201]);
          expect(answer.text).not.to.equal("");
          expect(answer.headers["preference-applied"]).to.equal("return=representation");
        }
      });

      it("$select and $expand are applied to the answer, and ask for one", async () => {
        const options = "$select=Name&$expand=Category($select=Name)";
        const electronics = await catalog().category("Electronics");
        const created = await catalog().post(`/Products?${options}`, {
          ...lamp,
          "Category@odata.bind": electronics.slice(1),
        });
        const json = jsonOf(created, 201);
        expect(json.Name).to.equal("Lamp");
        expect(json).not.to.have.property("Price");
        expect(json.Category.Name).to.equal("Electronics");
        expect(json["@odata.context"]).to.equal(`${catalog().root}$metadata#Products(Name,Category(Name))/$entity`);
        const path = catalog().path(created.headers.location!);
        const patched = await catalog().patch(`${path}?${options}`, { Price: 1 });
        expect(jsonOf(patched)).to.deep.equal(await catalog().json(`${path}?${options}`));
        const body = { ...lamp, CategoryID: electronics.slice("/Categories(".length, -1) };
        const replaced = await catalog().put(`${path}?${options}`, body);
        expect(jsonOf(replaced)).to.deep.equal(await catalog().json(`${path}?${options}`));
      });

      it("return=minimal beside $select gives no representation, and says so", async () => {
        const laptop = await catalog().product(LAPTOP);
        for (const answer of [
          await catalog().patch(`${laptop}?$select=Name`, { Price: 1 }, { headers: minimal }),
          await catalog().post("/Products?$select=Name", lamp, { headers: minimal }),
        ]) {
          noContent(answer);
          expect(answer.headers["preference-applied"]).to.equal("return=minimal");
        }
      });

      it("requests that return a collection may say which members they want with $filter", async () => {
        const path = "/Products/$filter(Price lt 200)/$each?$filter=Price lt 20";
        const answer = await catalog().patch(path, { Quantity: 7 });
        expect(answer.status, answer.text).to.be.oneOf([200, 204]);
        if (answer.status === 200)
          expect(answer.json.value.map((one: { Name: string }) => one.Name)).to.deep.equal(["Coffee Mug"]);
        expect((await catalog().get("/Products/$count?$filter=Quantity eq 7")).text).to.equal("3");
      });
    });
  },
  { reseed: true },
);
