import { expect } from "chai";
import { storeKinds } from "../support/stores.js";
import type { TestStore } from "../support/stores.js";
import type { Answer, Json, Shop } from "./support/bookshop.js";
import { fill, refusal, root, startShop } from "./support/bookshop.js";

const below = (absolute: string) => {
  expect(absolute.startsWith(root), absolute).to.equal(true);
  return absolute.slice(root.length - 1);
};

/** The pages that next links lead through, from the first on. */
async function pages(shop: Shop, url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer[]> {
  const found: Answer[] = [];
  for (let next: string | undefined = url; next !== undefined && found.length < 500;) {
    const answer: Answer = await shop.get(next, headers);
    found.push(answer);
    const link: string | undefined = answer.json["@odata.nextLink"];
    next = link === undefined ? undefined : below(link);
  }
  return found;
}

const items = (answers: readonly Answer[]) => answers.flatMap((answer) => answer.json.value as Json[]);
const size = (count: number) => ({ prefer: `maxpagesize=${count}` });
const encode = (url: string) => url.replaceAll(" ", "%20");

// In memory, the driver sqlite3 lacks the functions that some of the queries need.
for (const kind of storeKinds.filter(({ name }) => !["sqlite3, memory", "better-sqlite3, file"].includes(name))) {
  describe(`server-driven paging (${kind.name})`, () => {
    let store: TestStore | undefined;
    let shop: Shop;

    before(async function () {
      this.timeout(90_000);
      store = await kind.create();
      if (store === undefined) this.skip();
      shop = await startShop({ url: store.url });
      await fill(shop, 47);
    });
    after(async () => {
      if (store === undefined) return;
      await shop.close();
      await store.remove();
    });

    const queries = [
      "/Books",
      "/Books?$orderby=title",
      "/Books?$orderby=title desc,price",
      "/Books?$orderby=price desc,rating",
      "/Books?$orderby=sold",
      "/Books?$orderby=rating desc",
      "/Books?$orderby=published desc,pages",
      "/Books?$orderby=Books.Novel/hero",
      "/Books?$orderby=author/name desc",
      "/Books?$orderby=length(title),isbn desc",
      "/Books?$filter=pages gt 102&$orderby=pages desc",
      "/Books?$filter=startswith(title,'Title')&$select=title&$orderby=price",
      "/Books?$skip=7",
      "/Books?$top=20&$orderby=title",
      "/Books?$top=20&$skip=5&$orderby=price",
      "/Books?$top=5",
      "/Books?$expand=author($select=name)&$orderby=author/name",
      "/Books/Books.Novel?$orderby=hero desc",
      "/Books?$search=3",
      "/Authors(2)/books?$orderby=title",
      "/Authors(1)/friends",
      "/Books/$ref",
      "/Books/$ref?$orderby=price desc",
      "/Books?$apply=groupby((title),aggregate($count as n))",
      "/Books?$apply=groupby((title,pages))&$orderby=pages desc,title&$skip=3",
      "/Books?$apply=filter(pages gt 103)&$orderby=price",
      "/$crossjoin(Authors,Books)?$filter=Books/pages gt 107",
      "/$crossjoin(Authors,Books)?$filter=Books/pages gt 107&$orderby=Authors/name desc&$expand=Authors&$top=11",
    ];
    for (const query of queries) {
      it(`${query}: the pages together are the whole`, async () => {
        const url = encode(query);
        const whole = (await shop.get(url)).json.value as Json[];
        for (const count of [1, 3, 7, 1_000]) {
          const parts = await pages(shop, url, size(count));
          expect(items(parts)).to.deep.equal(whole);
          for (const [index, { json }] of parts.entries()) {
            const isLast = index === parts.length - 1;
            expect(json.value.length, "items of a page").to.equal(isLast ? json.value.length : count);
            expect(json.value.length > 0 || whole.length === 0, "no page is empty").to.equal(true);
          }
        }
      });
    }

    it("what comes and goes between two pages moves nothing else", async () => {
      const url = "/Books?$orderby=title&$select=isbn";
      const first = await shop.get(url, size(10));
      const seen = (first.json.value as Json[]).map(({ isbn }) => isbn as string);
      const rest = items(await pages(shop, below(first.json["@odata.nextLink"]), size(10))).map(
        ({ isbn }) => isbn as string,
      );
      // One in front of the place where the next page begins is gone, one is new there, and one is new behind it.
      const gone = (await shop.get(`/Books('${encode(seen[3]!)}')`)).json;
      await shop.call("DELETE", `/Books('${encode(seen[3]!)}')`);
      await shop.call("POST", "/Books", { isbn: "new 1", title: "A" });
      await shop.call("POST", "/Books", { isbn: "new 2", title: "Z" });
      try {
        const after = items(await pages(shop, below(first.json["@odata.nextLink"]), size(10))).map(
          ({ isbn }) => isbn as string,
        );
        expect(after).to.deep.equal([...rest, "new 2"]);
      } finally {
        await shop.call("DELETE", "/Books('new%201')");
        await shop.call("DELETE", "/Books('new%202')");
        const { isbn, title, price, sold, pages: number, rating, published } = gone;
        await shop.call("POST", "/Books", { isbn, title, price, sold, pages: number, rating, published });
      }
    });
  });
}

describe("server-driven paging", () => {
  let shop: Shop;
  before(async () => {
    shop = await startShop();
    await fill(shop, 30);
  });
  after(() => shop.close());

  it("says which preference was applied, and how", async () => {
    const { headers } = await shop.get("/Books", size(4));
    expect(headers["preference-applied"]).to.equal("maxpagesize=4");
    expect((await shop.get("/Books", { prefer: "odata.maxpagesize=4" })).json.value).to.have.length(4);
    expect((await shop.get("/Books")).headers).not.to.have.property("preference-applied");
    expect((await shop.get("/Books('isbn%200001')", size(4))).headers).not.to.have.property("preference-applied");
  });

  it("answers no page larger than it makes, and says so", async () => {
    const { headers } = await shop.get("/Books", size(1_000_000));
    expect(headers["preference-applied"]).to.equal("maxpagesize=5000");
  });

  it("goes on with pages of the same size where the client does not ask again, and of another where it does", async () => {
    const next = below((await shop.get("/Books", size(4))).json["@odata.nextLink"]);
    const second = await shop.get(next);
    expect(second.json.value).to.have.length(4);
    expect(second.headers).not.to.have.property("preference-applied");
    expect((await shop.get(next, size(9))).json.value).to.have.length(9);
  });

  it("counts all items on every page, and $top over all pages", async () => {
    const parts = await pages(shop, encode("/Books?$count=true&$filter=pages gt 102&$top=9&$skip=2"), size(4));
    const total = Number((await shop.get(encode("/Books/$count?$filter=pages gt 102"))).text);
    expect(parts.map(({ json }) => json["@odata.count"] as number)).to.deep.equal([total, total, total]);
    expect(parts.map(({ json }) => json.value.length as number)).to.deep.equal([4, 4, 1]);
  });

  it("has no next link behind the last item, also where the page is full", async () => {
    for (const count of [30, 31])
      expect((await shop.get("/Books", size(count))).json).not.to.have.property("@odata.nextLink");
    for (const top of [4, 3])
      expect((await shop.get(`/Books?$top=${top}`, size(4))).json).not.to.have.property("@odata.nextLink");
  });

  it("repeats the options as the client wrote them", async () => {
    const { json } = await shop.get("/Books?%24orderby=title+desc&a=b%26c&$Count=true&filter=pages%20gt%201", size(4));
    expect(json["@odata.nextLink"]).to.match(
      /^http:\/\/example\.org\/shop\/Books\?%24orderby=title\+desc&a=b%26c&\$Count=true&filter=pages%20gt%201&\$skiptoken=[\w-]+$/,
    );
    expect(await pages(shop, below(json["@odata.nextLink"]))).to.have.length(6);
  });

  it("is there at every level of metadata", async () => {
    for (const level of ["none", "minimal", "full"]) {
      const { json } = await shop.get("/Books?$select=title", {
        ...size(4),
        accept: `application/json;odata.metadata=${level}`,
      });
      expect(json["@odata.nextLink"], level).to.be.a("string");
    }
  });

  it("tells nothing of what it sorts by", async () => {
    const { json } = await shop.get("/Books?$orderby=title&$select=isbn", size(4));
    expect(Object.keys((json.value as Json[])[0]!).filter((name) => !name.startsWith("@"))).to.deep.equal(["isbn"]);
  });

  describe("a token", () => {
    const token = async (url: string) => {
      const link = (await shop.get(encode(url), size(4))).json["@odata.nextLink"] as string;
      return link.slice(link.indexOf("$skiptoken="));
    };

    it("is good for the same request, however it is written", async () => {
      const own = await token("/Books?$orderby=title&$filter=pages gt 1");
      const expected = (await shop.get(encode(`/Books?$orderby=title&$filter=pages gt 1&${own}`))).text;
      for (const url of [
        "/Books?$filter=pages+gt+1&$orderby=title&",
        "//Books/?orderby=title&%24filter=pages%20gt%201&",
      ]) {
        const answer = await shop.get(url + own);
        expect(answer.json.value, url).to.deep.equal((JSON.parse(expected) as Json).value);
      }
    });

    it("is refused with every other request", async () => {
      const own = await token("/Books?$orderby=title");
      for (const url of [
        "/Books?",
        "/Books?$orderby=title desc&",
        "/Books?$orderby=title&$top=5&",
        "/Books?$orderby=title&$filter=pages gt 1&",
        "/Authors?$orderby=name&",
        "/Books/Books.Novel?$orderby=title&",
        "/Authors(1)/books?$orderby=title&",
      ]) {
        expect(await refusal(shop.get(encode(url) + own)), url).to.have.property("status", 400);
      }
    });

    it("is refused where it was tampered with, and where there are no pages", async () => {
      const own = await token("/Books?$orderby=title");
      for (const wrong of [
        "$skiptoken=",
        "$skiptoken=abc",
        "$skiptoken=%00",
        own.slice(0, -1),
        `${own}A`,
        own.replace(/=./, (start) => (start === "=_" ? "=A" : "=_")),
      ])
        expect(await refusal(shop.get(`/Books?$orderby=title&${wrong}`)), wrong).to.have.property("status", 400);
      for (const method of ["POST", "PATCH", "DELETE"])
        expect(await refusal(shop.call(method, `/Books('isbn%200001')?${own}`, {})), method)
          .to.have.property("status")
          .that.is.oneOf([400, 405]);
      for (const url of ["/", "/$metadata", "/$entity", "/$all"])
        expect(await refusal(shop.get(`${url}?${own}`)), url)
          .to.have.property("status")
          .that.is.oneOf([400, 501]);
      for (const url of ["/Books('isbn%200001')", "/Books/$count", "/Books('isbn%200001')/title", "/Authors(3)/names"])
        expect(await refusal(shop.get(`${url}?${own}`)), url).to.have.property("status", 400);
    });

    it("is no use to another service, and survives a restart of its own", async function () {
      const kind = storeKinds.find(({ inMemory }) => !inMemory)!;
      const store = (await kind.create())!;
      try {
        const first = await startShop({ url: store.url });
        await fill(first, 12);
        const next = below((await first.get("/Books", size(5))).json["@odata.nextLink"]);
        const expected = (await first.get(next)).text;
        await first.close();
        expect(await refusal(shop.get(next))).to.have.property("status", 400);
        const second = await startShop({ url: store.url });
        expect((await second.get(next)).text).to.equal(expected);
        await second.close();
      } finally {
        await store.remove();
      }
    });
  });

  describe("by the service's own page size", () => {
    it("is for every collection of entities, and clients may ask for less", async () => {
      const own = await startShop({ pageSize: 10 });
      await fill(own, 25);
      expect((await own.get("/Books")).json.value).to.have.length(10);
      expect((await own.get("/Books", size(3))).json.value).to.have.length(3);
      const answer = await own.get("/Books", size(100));
      expect(answer.json.value).to.have.length(10);
      expect(answer.headers["preference-applied"]).to.equal("maxpagesize=10");
      expect(items(await pages(own, "/Books"))).to.have.length(25);
      expect((await own.get("/$crossjoin(Authors,Books)")).json.value).to.have.length(10);
      await own.close();
    });

    it("can be another one for a set", async () => {
      const own = await startShop({ pageSizes: { Books: 6 } });
      await fill(own, 25);
      expect((await own.get("/Books")).json.value).to.have.length(6);
      expect((await own.get("/Books/Books.Novel")).json.value).to.have.length(6);
      expect((await own.get("/Authors")).json).not.to.have.property("@odata.nextLink");
      await own.close();
    });

    for (const wrong of [
      { pageSize: 0 },
      { pageSize: 1.5 },
      { pageSizes: { Books: -1 } },
      { pageSizes: { Nothing: 5 } },
    ]) {
      it(`is refused at the start where it is wrong: ${JSON.stringify(wrong)}`, async () => {
        let failure: unknown;
        await startShop(wrong).catch((error: unknown) => (failure = error));
        expect(failure).to.be.instanceOf(RangeError);
      });
    }
  });
});
