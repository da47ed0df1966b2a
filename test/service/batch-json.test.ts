import { expect } from "chai";
import { ODataError } from "../../src/index.js";
import { freshStores, storeKinds } from "../support/stores.js";
import { jsonBatch } from "./support/batch.js";
import type { BatchItem } from "./support/batch.js";
import type { Json, Shop } from "./support/bookshop.js";
import { refusal, root, startShop } from "./support/bookshop.js";

const author = (id: number) => ({ id, name: `Author ${id}` });
const book = (isbn: string) => ({ isbn, title: `Title ${isbn}` });

for (const kind of storeKinds) {
  describe(`JSON batches (${kind.name})`, () => {
    const store = freshStores(kind);
    let shop: Shop;
    beforeEach(async () => void (shop = await startShop({ url: store().url })));
    afterEach(() => shop.close());
    const count = async (set: string) => Number((await shop.get(`/${set}/$count`)).text);

    it("answer each request as it would be answered by itself", async () => {
      await shop.call("POST", "/Authors", author(1));
      const { answer, responses } = await jsonBatch(shop, [
        { id: "a", method: "get", url: "Authors(1)" },
        { id: "b", method: "POST", url: "/shop/Books", body: book("x") },
        { id: "c", method: "Get", url: `Authors/$count` },
        { id: "d", method: "GET", url: "Authors(99)" },
        { id: "e", method: "DELETE", url: `Books('x')` },
      ]);
      expect(answer.status).to.equal(200);
      expect(answer.headers).to.include({ "content-type": "application/json", "odata-version": "4.01" });
      expect(responses.map(({ id, status }) => [id, status])).to.deep.equal([
        ["a", 200],
        ["b", 201],
        ["c", 200],
        ["d", 404],
        ["e", 204],
      ]);
      expect(responses[0]!.body).to.deep.equal((await shop.get("/Authors(1)")).json);
      expect(responses[1]!.headers.location).to.equal(`${root}Books('x')`);
      expect(responses[1]!.headers.etag).to.be.a("string");
      expect(responses[2]!.body).to.equal("1");
      expect(responses[3]!.body.error.code).to.equal("ResourceNotFound");
      expect(responses[3]!.headers).to.include({ "odata-version": "4.01", "content-language": "en" });
      expect(responses[4]!).to.not.have.property("body");
      expect(await count("Books")).to.equal(0);
    });

    it("keep all of an atomicity group, or nothing", async () => {
      const group = (id: string, isbn: string): BatchItem => ({
        id,
        atomicityGroup: "g",
        method: "post",
        url: "Books",
        body: book(isbn),
      });
      const good = await jsonBatch(shop, [group("1", "a"), group("2", "b")]);
      expect(good.responses.map(({ status, atomicityGroup }) => [status, atomicityGroup])).to.deep.equal([
        [201, "g"],
        [201, "g"],
      ]);
      const bad = await jsonBatch(shop, [
        group("1", "c"),
        group("2", "a"),
        group("3", "d"),
        { id: "4", method: "get", url: "Books/$count", dependsOn: ["g"] },
        { id: "5", method: "get", url: "Books/$count" },
      ]);
      expect(bad.statuses).to.deep.equal([424, 409, 424, 424, 200]);
      expect(bad.responses[1]!.body.error.message).to.match(/isbn/);
      expect(bad.responses[4]!.body).to.equal("2");
    });

    it("keep each group whole where many come at once", async () => {
      await shop.call("POST", "/Authors", author(1));
      const batches = Array.from({ length: 8 }, (_, index) =>
        jsonBatch(shop, [
          { id: "r", atomicityGroup: "g", method: "get", url: "Books/$count" },
          { id: "b", atomicityGroup: "g", method: "post", url: "Books", body: book(`isbn ${index}`) },
          { id: "a", atomicityGroup: "g", method: "patch", url: "Authors(1)", body: { name: `Name ${index}` } },
        ]),
      );
      const counts: unknown[] = [];
      for (const { statuses, responses } of await Promise.all(batches)) {
        expect(statuses).to.deep.equal([200, 201, 200]);
        counts.push(Number(responses[0]!.body));
      }
      // One after the other, or as if they had been.
      expect(counts.sort()).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(await count("Books")).to.equal(8);
    });

    it("refer to entities that were made before, in URLs, bodies and preconditions", async () => {
      const { statuses, responses } = await jsonBatch(shop, [
        { id: "a1", atomicityGroup: "g", method: "post", url: "Authors", body: author(1) },
        { id: "a2", atomicityGroup: "g", method: "post", url: "$a1/books", body: book("x") },
        {
          id: "a3",
          atomicityGroup: "g",
          method: "post",
          url: "Books",
          body: { ...book("y"), "author@odata.bind": "$a1" },
        },
        {
          id: "u",
          method: "patch",
          url: "$a3",
          headers: { "If-Match": "$a3" },
          body: { title: "New" },
          dependsOn: ["g"],
        },
        { id: "r", method: "put", url: "$a2/author/$ref", body: { "@odata.id": "$a1" }, dependsOn: ["g"] },
        { id: "l", method: "get", url: "$a1/books?$orderby=isbn", dependsOn: ["g", "a1"] },
        {
          id: "o",
          method: "patch",
          url: "$a3",
          headers: { "if-match": "$a3" },
          body: { title: "Old" },
          dependsOn: ["g"],
        },
      ]);
      expect(statuses).to.deep.equal([201, 201, 201, 200, 204, 200, 412]);
      expect((responses[5]!.body as Json).value.map(({ title }: Json) => title)).to.deep.equal(["Title x", "New"]);
    });
  });
}

describe("JSON batches", () => {
  let shop: Shop;
  before(async () => void (shop = await startShop()));
  after(() => shop.close());
  const get = (id: string, more: Partial<BatchItem> = {}): BatchItem => ({
    id,
    method: "get",
    url: "Authors",
    ...more,
  });
  const refused = async (body: unknown, headers?: Record<string, string>) => {
    const { status, message } = await refusal(shop.call("POST", "/$batch", body, headers));
    return `${status} ${message}`;
  };

  it("may be empty", async () => {
    expect((await shop.call("POST", "/%24batch", { requests: [] })).json).to.deep.equal({ responses: [] });
  });

  it("do not carry out what depends on something that failed", async () => {
    const { statuses } = await jsonBatch(shop, [
      get("1", { url: "Nothing" }),
      get("2", { dependsOn: ["1"] }),
      get("3", { dependsOn: ["2"] }),
      get("4", { url: "$1/books", dependsOn: ["1"] }),
      get("5"),
    ]);
    expect(statuses).to.deep.equal([404, 424, 424, 424, 200]);
  });

  it("end with the first error where the client wants no more", async () => {
    const { answer, statuses } = await jsonBatch(shop, [get("1"), get("2", { url: "Nothing" }), get("3")], {
      prefer: "continue-on-error=false",
    });
    expect(statuses).to.deep.equal([200, 404]);
    expect(answer.headers["preference-applied"]).to.equal("continue-on-error=false");
  });

  it("say that conditions are not offered, for a request and for its group", async () => {
    const { statuses } = await jsonBatch(shop, [
      get("1"),
      get("2", { dependsOn: ["1"], if: "$1/$succeeded" }),
      { id: "3", atomicityGroup: "g", method: "post", url: "Authors", body: author(7) },
      get("4", { atomicityGroup: "g", dependsOn: ["1"], if: "$1/$succeeded" }),
    ]);
    expect(statuses).to.deep.equal([200, 424, 424, 424]);
    expect((await shop.get("/Authors/$count")).text).to.equal("0");
  });

  it("take the names of the protocol before references", async () => {
    const { statuses } = await jsonBatch(shop, [
      get("metadata"),
      get("2", { url: "$metadata", dependsOn: ["metadata"] }),
    ]);
    expect(statuses).to.deep.equal([200, 200]);
  });

  it("hand bodies of other types over as texts", async () => {
    const { responses } = await jsonBatch(shop, [
      get("1", { url: "$metadata", headers: { accept: "application/xml" } }),
      { id: "2", method: "post", url: "Authors/$query", headers: { "content-type": "text/plain" }, body: "$top=1" },
    ]);
    expect(responses.map(({ status }) => status as number)).to.deep.equal([200, 200]);
    expect(Buffer.from(responses[0]!.body as string, "base64url").toString()).to.match(/^<\?xml/);
    expect(responses[1]!.body.value).to.deep.equal([]);
  });

  it("let their requests inherit what they say of formats and versions", async () => {
    const { answer, responses } = await jsonBatch(
      shop,
      [
        get("1"),
        get("2", { headers: { accept: "application/json;odata.metadata=none" } }),
        get("3", { url: "Authors/$count" }),
      ],
      { accept: "application/json;odata.metadata=full", "odata-maxversion": "4.0" },
    );
    expect(answer.headers["odata-version"]).to.equal("4.0");
    expect(responses.map(({ headers }) => headers["content-type"] as string)).to.deep.equal([
      "application/json;odata.metadata=full",
      "application/json;odata.metadata=none",
      "text/plain",
    ]);
    expect(responses.map(({ headers }) => headers["odata-version"] as string)).to.deep.equal(["4.0", "4.0", "4.0"]);
  });

  it("do not apply preferences for single requests", async () => {
    const { responses } = await jsonBatch(shop, [get("1")], { prefer: 'maxpagesize=1, include-annotations="*"' });
    expect(responses[0]!.headers["preference-applied"]).to.equal('include-annotations="*"');
    expect(await refused({ requests: [] }, { prefer: "return=minimal" })).to.match(/^400 .*return=minimal/);
  });

  for (const [what, url, status] of [
    ["another service", "http://elsewhere.example/shop/Authors", 404],
    ["another path of the host", "/other/Authors", 404],
    ["an absolute URL", `${root}Authors`, 200],
    ["an absolute URL in other letters", "HTTP://EXAMPLE.ORG/shop/Authors", 200],
    ["dots", "../shop/Authors", 200],
    ["dots out of the service", "../../Authors", 404],
    ["white space", "Authors?$filter=id eq 1", 400],
    ["another batch", "$batch", 400],
    ["a status monitor", "$async/x", 404],
    ["a request that is not there", "$9/books", 400],
    ["a request that comes later", "$2", 400],
  ] as const) {
    it(`${status} for a URL of ${what}`, async () => {
      const { statuses } = await jsonBatch(shop, [get("1", { url }), get("2")]);
      expect(statuses).to.deep.equal([status, 200]);
    });
  }

  it("take paths from the service root where the service says so", async () => {
    const own = await startShop({ batch: { pathsFromServiceRoot: true } });
    const { statuses } = await jsonBatch(own, [get("1", { url: "/Authors" }), get("2", { url: "/shop/Authors" })]);
    expect(statuses).to.deep.equal([200, 200]);
    await own.close();
  });

  it("refuse references to requests that they do not depend on", async () => {
    const { responses } = await jsonBatch(shop, [get("1"), get("2", { url: "$1" })]);
    expect(responses[1]!.body.error).to.include({ code: "BadRequest", target: "dependsOn" });
  });

  it("refuse credentials in their requests", async () => {
    const { statuses } = await jsonBatch(shop, [get("1", { headers: { Authorization: "Bearer x" } })]);
    expect(statuses).to.deep.equal([400]);
  });

  describe("that are malformed are refused, and nothing is done", () => {
    const create = { id: "1", method: "post", url: "Authors", body: author(5) };
    after(async () => expect((await shop.get("/Authors/$count")).text).to.equal("0"));
    for (const [what, body, message] of [
      ["no JSON", "{", /^400 .*line 1, column 2/],
      ["cut off", JSON.stringify({ requests: [create] }).slice(0, -2), /^400 /],
      ["an array", [], /^400 .*'requests'/],
      ["another name", { request: [create] }, /^400 .*Did you mean 'requests'/],
      ["requests that are no array", { requests: create }, /^400 .*'requests'/],
      ["a request that is no object", { requests: [create, 1] }, /^400 .*requests\[1\]/],
      ["no id", { requests: [create, { method: "get", url: "Authors" }] }, /^400 .*requests\[1\]\.id/],
      ["an id that is a number", { requests: [create, { ...create, id: 2 }] }, /^400 .*requests\[1\]\.id/],
      ["an id with white space", { requests: [create, { ...create, id: "a b" }] }, /^400 .*requests\[1\]\.id/],
      ["an empty id", { requests: [create, { ...create, id: "" }] }, /^400 .*requests\[1\]\.id/],
      ["an id twice", { requests: [create, create] }, /^400 .*'1'/],
      ["no method", { requests: [create, { id: "2", url: "Authors" }] }, /^400 .*method/],
      ["an unknown method", { requests: [create, get("2", { method: "brew" })] }, /^400 .*'brew'/],
      ["no url", { requests: [create, { id: "2", method: "get" }] }, /^400 .*url/],
      ["a body of a GET", { requests: [create, get("2", { body: {} })] }, /^400 .*body/],
      ["headers that are an array", { requests: [create, { ...get("2"), headers: [] }] }, /^400 .*headers/],
      ["a header that is a number", { requests: [create, { ...get("2"), headers: { a: 1 } }] }, /^400 .*headers\.a/],
      ["a header twice", { requests: [create, get("2", { headers: { a: "1", A: "2" } })] }, /^400 .*twice/],
      [
        "a header with a line break",
        { requests: [create, get("2", { headers: { a: "1\r\nb: 2" } })] },
        /^400 .*headers\.a/,
      ],
      ["a member twice", '{"requests":[{"id":"1","id":"2","method":"get","url":"Authors"}]}', /^400 .*twice/],
      ["a dependency on itself", { requests: [create, get("2", { dependsOn: ["2"] })] }, /^400 .*dependsOn\[0\]/],
      ["a dependency on a later one", { requests: [create, get("2", { dependsOn: ["3"] }), get("3")] }, /^400 .*'3'/],
      [
        "a circle of dependencies",
        { requests: [create, get("2", { dependsOn: ["3"] }), get("3", { dependsOn: ["2"] })] },
        /^400 .*'3'/,
      ],
      [
        "a group that depends on itself",
        { requests: [create, get("2", { atomicityGroup: "g" }), get("3", { atomicityGroup: "g", dependsOn: ["g"] })] },
        /^400 .*'g'/,
      ],
      [
        "a group in two places",
        { requests: [create, get("2", { atomicityGroup: "g" }), get("3"), get("4", { atomicityGroup: "g" })] },
        /^400 .*'g'.*together/,
      ],
      ["a group that is called as a request", { requests: [create, get("2", { atomicityGroup: "1" })] }, /^400 .*'1'/],
      [
        "a text that is no base64url",
        { requests: [create, { ...create, id: "2", headers: { "content-type": "image/png" }, body: "*" }] },
        /base64url/,
      ],
      ["deep nesting", `{"requests":${"[".repeat(5_000)}`, /^400 .*deeper/],
      ["10,000 requests", { requests: Array.from({ length: 10_000 }, (_, id) => get(String(id))) }, /^400 .*1000/],
    ] as const) {
      it(what, async () => {
        expect(
          await refused(typeof body === "string" ? body : JSON.stringify(body), { "content-type": "application/json" }),
        ).to.match(message);
      });
    }

    for (const [what, headers, message] of [
      ["without a type", {}, /^415 /],
      ["of another type", { "content-type": "text/plain" }, /^415 /],
      [
        "whose answer can be none that is accepted",
        { "content-type": "application/json", accept: "text/html" },
        /^406 /,
      ],
      ["with If-Match", { "content-type": "application/json", "if-match": "*" }, /^400 .*If-Match/],
      ["with If-None-Match", { "content-type": "application/json", "if-none-match": "*" }, /^400 .*If-None-Match/],
    ] as const) {
      it(what, async () => {
        expect(await refused(JSON.stringify({ requests: [create] }), headers)).to.match(message);
      });
    }
  });

  it("are sent with POST", async () => {
    const error = (await refusal(shop.get("/$batch"))) as ODataError;
    expect([error.status, error.headers.allow]).to.deep.equal([405, "POST"]);
    expect((await shop.call("OPTIONS", "/$batch")).headers.allow).to.equal("POST");
  });

  it("have at most as many requests as the service says", async () => {
    const small = await startShop({ batch: { maxRequests: 2 } });
    expect((await jsonBatch(small, [get("1"), get("2")])).statuses).to.deep.equal([200, 200]);
    const { status, message } = await refusal(jsonBatch(small, [get("1"), get("2"), get("3")]));
    expect(`${status} ${message}`).to.match(/^400 .* 2 /);
    await small.close();
  });

  it("have answers of at most as many bytes as the service says", async () => {
    const small = await startShop({ batch: { maxAnswerBytes: 2_000 } });
    for (let id = 1; id <= 40; id++) await small.call("POST", "/Authors", author(id));
    const { statuses } = await jsonBatch(small, [get("1"), get("2", { url: "Authors?$top=1" })]);
    expect(statuses).to.deep.equal([507, 200]);
    await small.close();
  });

  it("refuse bounds that are none", async () => {
    for (const batch of [{ maxRequests: 0 }, { maxAnswerBytes: 1.5 }]) {
      let error: unknown;
      await startShop({ batch }).catch((thrown: unknown) => (error = thrown));
      expect(error).to.be.instanceOf(RangeError);
    }
  });

  it("ask for the right of each request, by its own URL and method", async () => {
    const asked: string[] = [];
    const client = {
      identity: "me",
      requestId: "r",
      clientRequestId: undefined,
      report: () => undefined,
      authorize(method: string, url: string) {
        asked.push(`${method} ${url}`);
        if (method === "DELETE") throw new ODataError(403, "Forbidden", "You may not.");
      },
    };
    const requests = [
      get("1"),
      { id: "2", method: "delete", url: "Authors(1)" },
      get("3", { url: `${root}Books?$top=1` }),
    ];
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ requests });
    const request = { method: "POST", url: "/$batch", headers, body, serviceRoot: root, client };
    const answer = await shop.service.handle(request);
    const { responses } = JSON.parse(String(answer.body)) as { responses: Json[] };
    expect(responses.map(({ status }) => status as number)).to.deep.equal([200, 403, 200]);
    expect(responses[1]!.body.error.innerError["request-id"]).to.equal("r");
    expect(asked).to.deep.equal(["GET /Authors", "DELETE /Authors(1)", "GET /Books?$top=1"]);
  });
});
