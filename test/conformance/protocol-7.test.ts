import { expect } from "chai";
import { conformance } from "./support.js";

conformance("Protocol 7, formats", ({ catalog, graph }) => {
  const type = async (path: string, accept?: string) => {
    const { status, headers } = await catalog().get(path, accept === undefined ? {} : { headers: { accept } });
    return `${status} ${headers["content-type"]?.split(";")[0]}`;
  };

  it("7 a format is asked for by the Accept header", async () => {
    expect(await type("/Products", "application/json")).to.equal("200 application/json");
    expect(await type("/$metadata", "application/xml")).to.equal("200 application/xml");
    expect(await type("/$metadata", "application/json")).to.equal("200 application/json");
  });

  it("7 a format is asked for by $format, which is stronger than the Accept header", async () => {
    expect(await type("/$metadata?$format=json", "application/xml")).to.equal("200 application/json");
    expect(await type("/$metadata?$format=xml", "application/json")).to.equal("200 application/xml");
    expect(await type("/Products?$format=json", "application/xml")).to.equal("200 application/json");
    expect(await type("/Products?$format=application/json", "text/html")).to.equal("200 application/json");
  });

  it("7 the best of the formats that the client takes is chosen", async () => {
    expect(await type("/$metadata", "application/xml;q=0.5,application/json")).to.equal("200 application/json");
    expect(await type("/$metadata", "application/xml,application/json;q=0.5")).to.equal("200 application/xml");
    expect(await type("/Products", "text/html,application/xhtml+xml,*/*;q=0.1")).to.equal("200 application/json");
    expect(await type("/Products", "application/*")).to.equal("200 application/json");
  });

  it("7 a format that the service does not have is answered with 406", async () => {
    expect(await type("/Products", "application/atom+xml")).to.equal("406 application/json");
    expect(await type("/Products?$format=xml")).to.equal("406 application/json");
    expect(await type("/Products?$format=atom", "application/json")).to.equal("406 application/json");
    expect(await type("/$metadata?$format=text/csv")).to.equal("406 application/json");
    expect(await type("/Products", "application/json;q=0")).to.equal("406 application/json");
  });

  it("7 the formats are advertised in $metadata", async () => {
    for (const client of [catalog(), graph()])
      expect((await client.get("/$metadata")).text).to.match(/Term="[\w.]*\.SupportedFormats"/);
  });

  it("7 without a format the answer is JSON, and the metadata document XML", async () => {
    expect(await type("/Products")).to.equal("200 application/json");
    expect(await type("/$metadata")).to.equal("200 application/xml");
  });
});
