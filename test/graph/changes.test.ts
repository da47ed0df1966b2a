import { expect } from "chai";
import type { Client } from "../support/client.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import type { Json } from "./support.js";
import { configurations, createProfile, ok } from "./support.js";

describe("changes of device configurations", () => {
  let graph: GraphServer;
  let client: Client;
  before(async () => {
    graph = await startGraph({ database: "sqlite::memory:" });
    ({ client } = graph);
  });
  after(() => graph.close());

  const create = (displayName: string) => createProfile(client, "iosTrustedRootCertificate", { displayName });
  /** A link of an answer, as the client takes paths. */
  const below = (link: unknown): string => {
    const { pathname, search } = new URL(String(link));
    expect(pathname).to.match(/^\/beta\//);
    return pathname.slice("/beta".length) + search;
  };
  /** All pages of an answer, and the delta link at their end. */
  const follow = async (url: string, headers: Record<string, string> = {}) => {
    const items: Json[] = [];
    for (let next: string | undefined = url; ;) {
      const answer: Json = ok(await client.get(next, { headers })) as Json;
      items.push(...(answer.value as Json[]));
      if (answer["@odata.nextLink"] === undefined) return { items, link: below(answer["@odata.deltaLink"]) };
      expect(answer).not.to.have.property("@odata.deltaLink");
      next = below(answer["@odata.nextLink"]);
    }
  };
  const names = (items: readonly Json[]) => items.map(({ displayName }) => displayName);

  it("are told to clients that prefer it", async () => {
    await create("before");
    const begun = await follow(`${configurations}?$select=displayName`, { prefer: "track-changes" });
    expect(names(begun.items)).to.include("before");
    await create("after");
    expect(names((await follow(begun.link)).items)).to.deep.equal(["after"]);
  });

  for (const call of ["delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()", "graph.delta()"]) {
    it(`are told by the function as '${call}', whose links lead back to it`, async () => {
      const kept = await create(`kept ${call}`);
      const gone = await create(`gone ${call}`);
      const url = `${configurations}/${call}`;
      const begun = await follow(`${url}?$select=id,displayName`);
      expect(names(begun.items)).to.include.members([`kept ${call}`, `gone ${call}`]);
      expect(begun.link).to.match(
        /\/deviceConfigurations\/(?:microsoft\.graph\.|graph\.)?delta(?:\(\))?\?\$select=id,displayName&\$deltatoken=/,
      );
      expect(begun.link.startsWith(`${url}?`)).to.equal(true);
      expect((await follow(begun.link)).items).to.deep.equal([]);
      ok(await client.patch(`${configurations}/${kept.id}`, { displayName: `changed ${call}` }));
      await client.delete(`${configurations}/${gone.id}`);
      const { items } = await follow(begun.link);
      expect(items).to.have.length(2);
      expect(items[0]).to.include({ id: kept.id, displayName: `changed ${call}` });
      expect(items[1]).to.deep.include({ id: gone.id, "@removed": { reason: "deleted" } });
    });
  }

  it("come page by page, and what happens between two pages is told the first time", async () => {
    for (const name of ["p1", "p2", "p3"]) await create(name);
    const url = `${configurations}/delta?$filter=startswith(displayName,'p')&$orderby=displayName`;
    const first = ok(await client.get(url, { headers: { prefer: "odata.maxpagesize=2" } })) as Json;
    expect(names(first.value as Json[])).to.deep.equal(["p1", "p2"]);
    await create("p0");
    const { items, link } = await follow(below(first["@odata.nextLink"]));
    expect(names(items)).to.deep.equal(["p3"]);
    expect(names((await follow(link)).items)).to.deep.equal(["p0"]);
  });

  it("can be asked for from now on, with the token 'latest'", async () => {
    await create("long ago");
    const { items, link } = await follow(`${configurations}/delta?$deltatoken=latest`);
    expect(items).to.deep.equal([]);
    await create("from now on");
    expect(names((await follow(link)).items)).to.deep.equal(["from now on"]);
  });

  it("are told of the entities of a type, where the path says it", async () => {
    const cast = `${configurations}/microsoft.graph.macOSTrustedRootCertificate/microsoft.graph.delta()`;
    const { link } = await follow(`${cast}?$deltatoken=latest&$select=id,certFileName`);
    await create("of iOS");
    const mac = await createProfile(client, "macOSTrustedRootCertificate", { certFileName: "mac.cer" });
    const { items } = await follow(link);
    expect(items.map(({ id, certFileName }) => [id, certFileName])).to.deep.equal([[mac.id, "mac.cer"]]);
  });

  it("are told with the assignments, where these are expanded by a client that speaks 4.01", async () => {
    const headers = { "odata-version": "4.01", "odata-maxversion": "4.01" };
    const { id } = await create("assigned");
    const { link } = await follow(`${configurations}/delta?$expand=assignments&$select=id`, headers);
    ok(await client.post(`${configurations}/${id}/assignments`, {}, { headers }), 201);
    const { items } = await follow(link, headers);
    expect(items.map((item) => [item.id, (item.assignments as Json[]).length])).to.deep.equal([[id, 1]]);
  });

  it("are not told for tokens that are none, of another query, or where the function has another path behind it", async () => {
    const { link } = await follow(`${configurations}/delta?$deltatoken=latest`);
    expect((await client.get(`${configurations}/delta?$deltatoken=nonsense`)).status).to.equal(400);
    expect((await client.get(`${link}&$filter=version%20eq%201`)).status).to.equal(410);
    expect((await client.get(`${link}&$top=1`)).status).to.equal(400);
    expect((await client.get(`${configurations}/delta()/x`)).status).to.be.oneOf([400, 404]);
    expect((await client.post(`${configurations}/delta`, {})).status).to.equal(405);
  });

  it("are declared in the metadata", async () => {
    const { text } = await client.get("/$metadata", { token: null });
    expect(text).to.match(/<Function Name="delta"[^>]* IsBound="true"/);
    expect(text).to.include('Type="Collection(microsoft.graph.deviceConfiguration)"');
    expect(text).to.match(/ChangeTracking/);
  });
});

describe("batches of the device-configuration service", () => {
  let graph: GraphServer;
  before(async () => {
    graph = await startGraph({ database: "sqlite::memory:" });
  });
  after(() => graph.close());

  const batch = (count: number) => ({
    requests: Array.from({ length: count }, (_, index) => ({ id: String(index), method: "GET", url: configurations })),
  });

  it("have URLs from the service root on, as Microsoft Graph does", async () => {
    const { responses } = ok(await graph.client.post("/$batch", batch(20))) as { responses: { status: number }[] };
    expect(responses.map(({ status }) => status)).to.deep.equal(Array(20).fill(200));
  });

  it("have at most 20 requests", async () => {
    expect((await graph.client.post("/$batch", batch(21))).status).to.be.oneOf([400, 413]);
  });
});
