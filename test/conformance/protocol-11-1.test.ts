import { expect } from "chai";
import { jsonProblems, needSchemas, xmlProblems } from "../support/csdl-schemas.js";
import { conformance } from "./support.js";

conformance("Protocol 11.1, metadata requests", ({ catalog, graph }) => {
  before(needSchemas);

  it("11.1.1 service document: is at the service root, with and without the slash at its end", async () => {
    for (const path of ["", "/"]) {
      const answer = await graph().get(path);
      expect(answer.status, path).to.equal(200);
      expect(answer.json.value, path).to.be.an("array");
    }
  });

  it("11.1.1 service document: lists the entity sets and singletons, whose URLs can be read", async () => {
    for (const client of [catalog(), graph()]) {
      const { value } = await client.json("/");
      for (const { name, kind, url } of value) {
        expect(name).to.be.a("string");
        expect(kind ?? "EntitySet").to.be.oneOf(["EntitySet", "Singleton", "FunctionImport", "ServiceDocument"]);
        expect((await client.get(client.path(url))).status, url).to.equal(200);
      }
    }
    const { value } = await catalog().json("/");
    expect(value.map(({ name }: { name: string }) => name)).to.include.members(["Products", "Categories", "Company"]);
  });

  it("11.1.2 metadata document: is XML where no format is asked for", async () => {
    for (const client of [catalog(), graph()]) {
      const { status, headers, text } = await client.get("/$metadata");
      expect(status).to.equal(200);
      expect(headers["content-type"]).to.match(/^application\/xml/);
      expect(text).to.match(/<edmx:Edmx [^>]*Version="4\.0?1?"/);
    }
  });

  it("11.1.2 metadata document: conforms to the schemas of CSDL XML and CSDL JSON", async () => {
    for (const client of [catalog(), graph()]) {
      for (const version of ["4.0", "4.01"]) {
        const headers = { "odata-maxversion": version };
        expect(await xmlProblems((await client.get("/$metadata", { headers })).text), version).to.deep.equal([]);
        const json = await client.json("/$metadata?$format=json", headers);
        expect(jsonProblems(json), version).to.deep.equal([]);
      }
    }
  });

  it("11.1.2 metadata document: is JSON by Accept and by $format", async () => {
    for (const answer of [
      await catalog().get("/$metadata", { headers: { accept: "application/json" } }),
      await catalog().get("/$metadata?$format=json"),
      await catalog().get("/$metadata?$format=application/json"),
    ]) {
      expect(answer.headers["content-type"]).to.match(/^application\/json/);
      expect(answer.json).to.have.property("$EntityContainer");
    }
  });

  it("11.1.2 metadata document: can only be read", async () => {
    expect((await catalog().post("/$metadata", {})).status).to.equal(405);
    expect((await catalog().call("HEAD", "/$metadata")).status).to.equal(200);
  });
});
