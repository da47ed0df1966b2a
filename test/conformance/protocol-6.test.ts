import { expect } from "chai";
import { conformance } from "./support.js";

conformance(
  "Protocol 6, extensibility",
  ({ catalog, graph }) => {
    it("6.1 query options: no query option is needed", async () => {
      for (const path of ["/", "/$metadata", "/Products", "/Company"])
        expect((await catalog().get(path)).status, path).to.equal(200);
    });

    it("6.1 query options: a system query option that is not defined is refused", async () => {
      for (const path of ["/Products?$nothing=1", "/Company?$wrong=1"])
        expect((await catalog().get(path)).status, path).to.be.oneOf([400, 501]);
    });

    it("6.1 query options: a system query option that does not apply to the resource is refused", async () => {
      const laptop = await catalog().product("Laptop");
      for (const option of ["$filter=true", "$top=1", "$skip=1", "$count=true", "$orderby=Name", "$search=a"])
        expect((await catalog().get(`${laptop}?${option}`)).status, option).to.be.oneOf([400, 501]);
    });

    it("6.2 payload: instance annotations that a service does not know are no obstacle", async () => {
      const created = await catalog().post("/Categories", {
        "@example.mood": "calm",
        Name: "Annotated",
        "Name@example.origin": { by: ["hand"] },
      });
      expect(created.status, created.text).to.equal(201);
      expect(created.json.Name).to.equal("Annotated");
    });

    it("6.3 operations: one that the service does not know fails the request", async () => {
      const laptop = await catalog().product("Laptop");
      expect((await catalog().get(`${laptop}/ComplianceService.Nothing()`)).status).to.equal(404);
      expect((await catalog().post(`${laptop}/ComplianceService.Nothing`, {})).status).to.equal(404);
      expect((await catalog().get("/Nothing()")).status).to.equal(404);
      expect((await catalog().get("/Products?$filter=Nothing(Name) eq 1")).status).to.be.oneOf([400, 501]);
      expect((await catalog().get("/Products?$filter=ComplianceService.Nothing() eq 1")).status).to.be.oneOf([
        400, 501,
      ]);
    });

    it("6.3 operations: functions of the service's own are refused in expressions, where they are not offered", async () => {
      for (const option of [
        "$filter=ComplianceService.GetTotalPrice(taxRate=0) gt 900",
        "$orderby=GetInfo(format='a')",
      ])
        expect((await catalog().get(`/Products?${option}`)).status, option).to.equal(501);
    });

    it("6.5 headers: custom headers are optional and do no harm", async () => {
      const answer = await catalog().get("/Products?$top=1", { headers: { "x-custom": "1", "some-header": "a,b" } });
      expect(answer.status).to.equal(200);
    });

    it("6.5 headers: no header of the service's own begins with OData", async () => {
      const defined = ["odata-version", "odata-entityid", "odata-error"];
      for (const client of [catalog(), graph()]) {
        const { headers } = await client.get("/");
        const own = Object.keys(headers).filter((name) => name.startsWith("odata") && !defined.includes(name));
        expect(own).to.deep.equal([]);
      }
    });

    it("6.6 formats: JSON is read and written", async () => {
      const { headers, json } = await catalog().get("/Categories", { headers: { accept: "application/json" } });
      expect(headers["content-type"]).to.match(/^application\/json/);
      expect(json.value).to.have.lengthOf(3);
      expect((await catalog().post("/Categories", { Name: "New" })).status).to.equal(201);
    });
  },
  { reseed: true },
);
