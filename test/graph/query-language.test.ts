import { expect } from "chai";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import { configurations, ok } from "./support.js";
import type { Json } from "./support.js";

const PAGE = resolve(import.meta.dirname, "../../docs/query-language.md");

/** The queries that the page shows: what stands between backquotes and begins with an option and its value. */
const examples = [...readFileSync(PAGE, "utf8").matchAll(/`(\$[a-z]+=[^`]+)`/g)].map(([, example]) => example!);

describe("the queries that docs/query-language.md shows", () => {
  let graph: GraphServer;
  before(async () => {
    graph = await startGraph();
    for (const [displayName, description] of [
      ["Wi-Fi of the office", null],
      ["Mail", "for the office, on wi-fi only"],
      ["Test of Wi-Fi", null],
    ]) {
      const body = { "@odata.type": "#microsoft.graph.macOSVpnConfiguration", displayName, description };
      ok(await graph.client.post(configurations, body), 201);
    }
  });
  after(() => graph.close());

  const ask = async (query: string) => {
    const encoded = query.replace(/[^$&=]+/g, encodeURIComponent);
    return ok(await graph.client.get(`${configurations}?${encoded}`)) as Json & { value: Json[] };
  };

  it("are there", () => {
    expect(examples).to.have.length.greaterThan(5);
  });

  for (const example of examples) {
    it(`${example}: 200`, async () => {
      expect((await ask(example)).value).to.be.an("array");
    });
  }

  it("a filter on $all that was bound for a set is not put to singletons of other types", async () => {
    const { status } = await graph.client.get("/$all?$filter=deviceConfiguration/supportsScopeTags");
    expect(status).to.equal(501);
  });

  it("$search finds words in names and descriptions, whatever their case", async () => {
    const names = async (search: string) =>
      (await ask(`$search=${search}&$orderby=displayName`)).value.map((row) => row.displayName);
    expect(await names('"wi fi" NOT test')).to.deep.equal(["Mail", "Wi-Fi of the office"]);
    expect(await names("OFFICE AND mail")).to.deep.equal(["Mail"]);
    expect(await names("offic")).to.deep.equal([]);
  });
});
