import { expect } from "chai";
import { conformance } from "./support.js";

conformance("Protocol 5, versioning", ({ catalog, graph }) => {
  const version = async (max: string) => {
    const { status, headers } = await catalog().get("/Products?$top=1", { headers: { "odata-maxversion": max } });
    return [status, headers["odata-version"]];
  };

  it("5.1 protocol versioning: the greatest version up to OData-MaxVersion is answered", async () => {
    expect(await version("4.0")).to.deep.equal([200, "4.0"]);
    expect(await version("4.01")).to.deep.equal([200, "4.01"]);
  });

  it("5.1 protocol versioning: versions are compared as decimal numbers", async () => {
    // 4.005 lies between 4.0 and 4.01, and 4.1 is more than 4.01.
    expect(await version("4.005")).to.deep.equal([200, "4.0"]);
    expect(await version("4.1")).to.deep.equal([200, "4.01"]);
    expect(await version("5.0")).to.deep.equal([200, "4.01"]);
  });

  it("5.1 protocol versioning: a client that reads less than 4.0 is refused", async () => {
    expect((await version("3.0"))[0]).to.equal(400);
  });

  it("5.1 protocol versioning: the versions are advertised in $metadata", async () => {
    for (const client of [catalog(), graph()]) {
      const { text } = await client.get("/$metadata");
      expect(text).to.match(/<Annotation Term="(Org\.OData\.)?Core(\.V1)?\.ODataVersions" String="[^"]*4\.01[^"]*"/);
    }
  });

  it("5.2 model versioning: $schemaversion=* asks for the current version", async () => {
    const current = await catalog().get("/$metadata?$schemaversion=*");
    expect(current.status).to.equal(200);
    expect(current.text).to.equal((await catalog().get("/$metadata")).text);
    expect((await catalog().get("/Products?$schemaversion=*&$top=1")).status).to.equal(200);
  });

  it("5.2 model versioning: the model is the same for every client", async () => {
    const [one, other] = [await graph().get("/$metadata"), await graph().get("/$metadata", { token: null })];
    expect(one.text).to.equal(other.text);
  });
});
