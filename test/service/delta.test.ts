import { expect } from "chai";
import { storeKinds } from "../support/stores.js";
import type { TestStore } from "../support/stores.js";
import type { Json, Shop } from "./support/bookshop.js";
import { fill, refusal, root, startShop } from "./support/bookshop.js";
import { below, Follower, startTracked, tracking } from "./support/tracked.js";

const isbn = (index: number) => `isbn ${String(index).padStart(4, "0")}`;
const book = (index: number) => `/Books('${encodeURIComponent(isbn(index))}')`;
const removed = (items: readonly Json[]) => items.filter((item) => "@removed" in item);
const keys = (items: readonly Json[], name = "isbn") => items.map((item) => item[name] as unknown);
const deltaLink = async (shop: Shop, url: string) => below((await shop.get(url, tracking)).json["@odata.deltaLink"]);

for (const kind of storeKinds) {
  describe(`changes of a collection (${kind.name})`, () => {
    let store: TestStore | undefined;
    let shop: Shop;

    before(async function () {
      this.timeout(90_000);
      store = await kind.create();
      if (store === undefined) this.skip();
    });
    beforeEach(async function () {
      this.timeout(30_000);
      store ??= await kind.create();
      shop = await startTracked(store!.url);
      await fill(shop, 12);
    });
    afterEach(async () => {
      if (store === undefined) return;
      await shop.close();
      await store.remove();
      store = undefined;
    });

    it("are told from the first answer on, once each, and by their net effect", async () => {
      const link = await deltaLink(shop, "/Books");
      const nothing = await shop.get(link);
      expect(nothing.json).to.include({ "@odata.context": `${root}$metadata#Books/$delta` });
      expect(nothing.json.value).to.deep.equal([]);
      await shop.call("PATCH", book(3), { title: "one" });
      await shop.call("PATCH", book(3), { title: "two" });
      await shop.call("DELETE", book(4));
      await shop.call("POST", "/Books", { isbn: "new", title: "three" });
      await shop.call("PATCH", book(5), { title: "gone soon" });
      await shop.call("DELETE", book(5));
      const { json } = await shop.get(link);
      expect(json.value.slice(0, 2)).to.deep.equal(
        [(await shop.get(book(3))).json, (await shop.get("/Books('new')")).json].map(
          ({ "@odata.context": _, ...entity }) => entity,
        ),
      );
      expect(json.value.slice(2)).to.deep.equal(
        [4, 5].map((index) => ({
          "@removed": { reason: "deleted" },
          "@odata.id": root + book(index).slice(1),
          isbn: isbn(index),
        })),
      );
      expect((await shop.get(below(json["@odata.deltaLink"]))).json.value).to.deep.equal([]);
      expect((await shop.get(link)).json.value, "a link is good for more than one time").to.have.length(4);
    });

    it("tell what enters and what leaves a filter, and nothing of what was never in it", async () => {
      const link = await deltaLink(shop, "/Books?$filter=pages%20gt%20104");
      const pages = async (index: number) => (await shop.get(book(index))).json.pages as number | null;
      expect([await pages(1), await pages(7), await pages(8)]).to.deep.equal([101, 107, 108]);
      await shop.call("PATCH", book(1), { pages: 500 });
      await shop.call("PATCH", book(7), { pages: 1 });
      await shop.call("PATCH", book(2), { pages: 3 });
      await shop.call("DELETE", book(3));
      const { value } = (await shop.get(link)).json;
      expect(value.map((item: Json) => [item.isbn, item["@removed"]?.reason])).to.deep.equal([
        [isbn(1), undefined],
        [isbn(7), "changed"],
      ]);
    });

    it("tell of one type where only that is read", async () => {
      const link = await deltaLink(shop, "/Books/Books.Novel");
      await shop.call("PATCH", book(0), { hero: "Ida" });
      await shop.call("PATCH", book(1), { title: "no novel" });
      await shop.call("DELETE", book(2));
      await shop.call("DELETE", book(3));
      const { json } = await shop.get(link);
      expect(json["@odata.context"]).to.equal(`${root}$metadata#Books/Books.Novel/$delta`);
      expect(json.value.map((item: Json) => [item.isbn, item["@removed"]?.reason])).to.deep.equal([
        [isbn(0), undefined],
        [isbn(3), "deleted"],
      ]);
    });

    it("tell of what is expanded, whatever becomes of the relationship", async () => {
      const follower = new Follower(shop, ({ id }) => String(id));
      const query =
        "/Authors?$expand=books($filter=pages%20gt%20101;$select=isbn,title),friends($select=name),teacher($select=id)";
      await follower.begin(query);
      const steps: readonly [string, () => Promise<unknown>, number[]][] = [
        ["a child changes", () => shop.call("PATCH", book(6), { title: "x" }), [2]],
        ["a child leaves the filter", () => shop.call("PATCH", book(7), { pages: 3 }), [3]],
        ["a child moves", () => shop.call("PATCH", book(8), { "author@odata.bind": "Authors(1)" }), [1, 4]],
        ["a child goes", () => shop.call("DELETE", book(9)), [5]],
        ["a link is made", () => shop.call("POST", "/Authors(3)/friends/$ref", { "@odata.id": "Authors(2)" }), [3]],
        ["a link is broken", () => shop.call("DELETE", `/Authors(3)/friends/$ref?$id=${root}Authors(1)`), [3]],
        ["the end of a link changes", () => shop.call("PATCH", "/Authors(2)", { name: "Zwei" }), [2, 3]],
        ["the end of a link goes", () => shop.call("DELETE", "/Authors(2)"), [2, 3]],
      ];
      for (const [what, change, told] of steps) {
        await change();
        const found = await follower.follow();
        expect(found.map(({ id }) => id as number).sort(), what).to.include.members(told);
        const whole = (await shop.get(query)).json.value as Json[];
        expect(
          [...follower.items.values()].sort((a, b) => a.id - b.id),
          what,
        ).to.deep.equal(whole);
      }
    });

    it("tell of an entity that leaves the filter by what another one does", async () => {
      const link = await deltaLink(shop, "/Books?$filter=author/name%20eq%20'Author%203'&$select=isbn");
      await shop.call("PATCH", "/Authors(3)", { name: "Drei" });
      await shop.call("PATCH", "/Authors(4)", { name: "Author 3" });
      const { value } = (await shop.get(link)).json;
      expect(keys(removed(value))).to.have.members([isbn(2), isbn(7)]);
      expect(keys(value.filter((item: Json) => !("@removed" in item)))).to.have.members([isbn(3), isbn(8)]);
    });

    it("come page by page, each once, while others go on writing", async () => {
      const link = await deltaLink(shop, "/Books?$select=title&$count=true&$orderby=title&$top=3");
      expect(link).not.to.match(/count|orderby|top/);
      for (const index of [0, 1, 2, 3, 4]) await shop.call("PATCH", book(index), { title: `t${index}` });
      for (const index of [6, 7, 8]) await shop.call("DELETE", book(index));
      const follower = new Follower(shop, (item) => String(item["@odata.id"]));
      follower.link = link;
      let writes = 0;
      const found = await follower.follow({ prefer: "maxpagesize=2" }, () =>
        shop.call("POST", "/Books", { isbn: `between ${writes++}`, title: "later" }),
      );
      expect(writes, "pages").to.equal(3);
      const ids = keys(found, "@odata.id") as string[];
      expect(new Set(ids).size).to.equal(ids.length);
      expect(ids).to.have.members([0, 1, 2, 3, 4, 6, 7, 8].map((index) => root + book(index).slice(1)));
      const later = await follower.follow();
      expect(keys(later, "title")).to.deep.equal(["later", "later", "later"]);
    });

    it("begin at the first page of an answer in pages", async () => {
      const follower = new Follower(shop, (item) => String(item.isbn));
      let writes = 0;
      const first = await follower.begin("/Books?$orderby=title", { prefer: "maxpagesize=5" }, async () => {
        writes++;
        // In front of what was read already, and behind.
        await shop.call("PATCH", book(writes), { title: `A${writes}` });
        await shop.call("DELETE", book(writes + 5));
      });
      expect(first.headers["preference-applied"]).to.equal("maxpagesize=5, track-changes");
      expect(first.json).not.to.have.property("@odata.deltaLink");
      expect(writes).to.be.greaterThan(1);
      await follower.follow();
      const whole = (await shop.get("/Books?$orderby=isbn")).json.value as Json[];
      expect([...follower.items.keys()].sort()).to.deep.equal(keys(whole));
      for (const item of whole) expect(follower.items.get(item.isbn as string)).to.deep.equal(item);
    });

    it("are counted", async () => {
      const link = await deltaLink(shop, "/Books?$expand=author");
      await shop.call("PATCH", book(1), { title: "x" });
      await shop.call("PATCH", "/Authors(3)", { name: "y" });
      await shop.call("DELETE", book(4));
      const count = await shop.get(link.replace("/Books?", "/Books/$count?"));
      expect([count.text, count.headers["content-type"]]).to.deep.equal(["4", "text/plain"]);
      const { json } = await shop.get(`${link}&$count=true`, { prefer: "maxpagesize=1" });
      expect(json["@odata.count"]).to.equal(4);
    });

    it("tell of what an entity contains, as long as it is there", async () => {
      for (const id of ["a", "b"]) await shop.call("POST", "/Rooms", { id });
      const shelf = (room: string, number: number, id: string) =>
        shop.call("POST", "/Shelves", { room, number, "place@odata.bind": `Rooms('${id}')` });
      await shelf("r", 1, "a");
      await shelf("r", 2, "a");
      await shelf("r", 3, "b");
      const link = await deltaLink(shop, "/Rooms('a')/shelves");
      const all = await deltaLink(shop, "/Shelves");
      await shelf("r", 9_007, "a");
      await shop.call("PATCH", "/Shelves(room='r',number=1)", { "place@odata.bind": "Rooms('b')" });
      await shop.call("DELETE", "/Shelves(room='r',number=2)");
      await shop.call("DELETE", "/Shelves(room='r',number=3)");
      const { value } = (await shop.get(link)).json;
      expect(value.map((item: Json) => [item.number, item["@removed"]?.reason])).to.deep.equal([
        [9_007, undefined],
        [1, "changed"],
        [2, "deleted"],
      ]);
      // What goes because the database lets it go shows as well.
      await shop.call("DELETE", "/Rooms('a')");
      expect((await refusal(shop.get(link))).status).to.equal(404);
      const gone = removed((await shop.get(all, { accept: "application/json;IEEE754Compatible=true" })).json.value);
      expect(keys(gone, "number")).to.have.members(["2", "3", "9007"]);
    });

    // What is in memory is gone when it is closed.
    if (kind.inMemory) return;

    it("survive a restart, and what the service did not write is among them", async () => {
      const link = await deltaLink(shop, "/Books?$select=isbn");
      await shop.call("DELETE", book(1));
      await shop.close();
      shop = await startTracked(store!.url);
      await shop.service.database.dataSource.query("update book set title = 'by hand' where isbn = 'isbn 0002'");
      const { value } = (await shop.get(link)).json;
      expect(value.map((item: Json) => [item.isbn, item["@removed"]?.reason])).to.deep.equal([
        [isbn(2), undefined],
        [isbn(1), "deleted"],
      ]);
    });

    it("are written down only while the model asks for it; a link from before a gap is of no use", async () => {
      const tables = async () => {
        const text =
          kind.database === "sqlite"
            ? "select name from sqlite_master where name like 'odata_change%'"
            : "select relname as name from pg_class where relname like 'odata_change%' and relnamespace = current_schema()::regnamespace union select tgname from pg_trigger where tgname like 'odata_change%'";
        return (await shop.service.database.dataSource.query<{ name: string }[]>(text)).length;
      };
      const link = await deltaLink(shop, "/Books");
      expect(await tables()).to.be.greaterThan(0);
      await shop.close();
      shop = await startTracked(store!.url, { tracked: false });
      expect(await tables()).to.equal(0);
      expect((await refusal(shop.get(link))).status).to.equal(501);
      await shop.call("DELETE", book(1));
      await shop.close();
      shop = await startTracked(store!.url);
      expect((await refusal(shop.get(link))).status).to.equal(410);
      expect((await shop.get(await deltaLink(shop, "/Books"))).json.value).to.deep.equal([]);
    });

    it("are forgotten when they are old, and a client is sent back to the beginning", async () => {
      const old = await deltaLink(shop, "/Books?$filter=pages%20gt%201");
      await shop.call("PATCH", book(1), { title: "old" });
      const instant = kind.database === "sqlite" ? "'2001-01-01T00:00:00.000Z'" : "timestamptz '2001-01-01'";
      await shop.service.database.dataSource.query(`update odata_change set instant = ${instant}`);
      const young = await deltaLink(shop, "/Books?$filter=pages%20gt%201");
      await shop.call("PATCH", book(2), { title: "young" });
      await shop.close();
      shop = await startTracked(store!.url, { changeRetentionDays: 365 });
      const error = (await refusal(shop.get(old))) as unknown as { status: number; headers: Json };
      expect([error.status, error.headers.location]).to.deep.equal([410, `${root}Books?$filter=pages%20gt%201`]);
      expect(keys((await shop.get(young)).json.value)).to.deep.equal([isbn(2)]);
      const [{ n }] = await shop.service.database.dataSource.query<[{ n: number | string }]>(
        "select count(*) as n from odata_change",
      );
      expect(Number(n)).to.equal(1);
    });
  });
}

describe("a delta link", () => {
  let shop: Shop;
  before(async () => {
    shop = await startTracked("sqlite::memory:", { pageSize: 4 });
    await fill(shop, 10);
  });
  after(() => shop.close());

  it("takes the form that the client's version has for what is gone", async () => {
    const link = below((await readAll(shop, "/Books")).at(-1)!["@odata.deltaLink"]);
    await shop.call("DELETE", book(9));
    const { json, headers } = await shop.get(link, { "odata-maxversion": "4.0", prefer: "odata.track-changes" });
    expect(headers).to.include({ "odata-version": "4.0", "preference-applied": "track-changes" });
    expect(json.value).to.deep.equal([
      {
        "@odata.context": `${root}$metadata#Books/$deletedEntity`,
        id: root + book(9).slice(1),
        reason: "deleted",
      },
    ]);
    const full = await shop.get(link, { accept: "application/json;odata.metadata=full" });
    expect(Object.keys(full.json.value[0] as Json)).to.deep.equal(["@odata.context", "@removed", "@odata.id", "isbn"]);
    const none = await shop.get(link, { accept: "application/json;odata.metadata=none" });
    expect(none.json.value).to.deep.equal([{ "@removed": { reason: "deleted" }, isbn: isbn(9) }]);
  });

  it("tells by the key what has changed where there is no metadata", async () => {
    const link = below((await readAll(shop, "/Books?$select=title")).at(-1)!["@odata.deltaLink"]);
    await shop.call("PATCH", book(2), { title: "new" });
    const { json } = await shop.get(link, { accept: "application/json;odata.metadata=none" });
    expect(json.value).to.deep.equal([{ isbn: isbn(2), title: "new" }]);
    expect(json).to.have.property("@odata.deltaLink");
  });

  it("is answered in pages of the service's size where the client names none", async () => {
    const link = below((await readAll(shop, "/Books")).at(-1)!["@odata.deltaLink"]);
    for (let index = 0; index < 6; index++) await shop.call("PATCH", book(index), { title: `p${index}` });
    const { json } = await shop.get(link);
    expect(json.value).to.have.length(4);
    expect((await shop.get(below(json["@odata.nextLink"]))).json.value).to.have.length(2);
  });

  it("is refused where it was not made for the request, tampered with, or is none", async () => {
    const link = below((await readAll(shop, "/Books")).at(-1)!["@odata.deltaLink"]);
    const token = link.slice(link.indexOf("=") + 1);
    const bad = async (url: string) => (await refusal(shop.get(url))).status;
    expect(await bad(`/Books?$filter=pages%20gt%201&$deltatoken=${token}`)).to.equal(410);
    const other = token.replace(/^./, (first) => (first === "A" ? "B" : "A"));
    expect(await bad(`/Books?$deltatoken=${other}`)).to.equal(410);
    for (const malformed of ["x", "%21", `${token}.`, "a".repeat(7_000), encodeURIComponent("é")])
      expect(await bad(`/Books?$deltatoken=${malformed}`), malformed.slice(0, 20)).to.equal(400);
    for (const option of ["$top=1", "$skip=1", "$orderby=title", "$skiptoken=x"])
      expect(await bad(`${link}&${option}`), option).to.equal(400);
    expect((await refusal(shop.call("POST", link, {}))).status).to.equal(405);
    expect(await bad(`/Nothing?$deltatoken=${token}`)).to.equal(404);
    expect(await bad(`/Rooms?$deltatoken=${token}`)).to.equal(501);
    expect(await bad(`${book(1)}?$deltatoken=${token}`)).to.equal(501);
  });

  it("of another store is gone", async () => {
    const other = await startTracked();
    try {
      const link = below((await other.get("/Books", tracking)).json["@odata.deltaLink"]);
      expect((await refusal(shop.get(link))).status).to.equal(410);
    } finally {
      await other.close();
    }
  });

  it("is not given where not everything can be tracked that the answer depends on", async () => {
    const plain = async (url: string, headers: Readonly<Record<string, string>> = {}) => {
      const answer = await shop.get(url, { ...tracking, ...headers });
      expect(answer.headers["preference-applied"] ?? "", url).not.to.include("track-changes");
      expect(answer.json, url).not.to.have.property("@odata.deltaLink");
    };
    await plain("/Rooms");
    await plain(book(1));
    await plain("/Authors(2)/teacher/books");
    await plain("/Books?$apply=groupby((title))");
    await plain("/Books?$filter=published%20lt%20now()&$top=2");
    await plain("/Books?$filter=$root/Authors(1)/name%20eq%20title");
    await plain("/Books?$expand=author&$top=2", { "odata-maxversion": "4.0" });
    expect((await shop.get("/Books?$top=1")).json).not.to.have.property("@odata.deltaLink");
  });

  it("is not offered by a service that tracks nothing, which has no log either", async () => {
    const untracked = await startShop();
    try {
      const answer = await untracked.get("/Books", tracking);
      expect(answer.headers).not.to.have.property("preference-applied");
      expect((await refusal(untracked.get("/Books?$deltatoken=x"))).status).to.equal(501);
      const found = await untracked.service.database.dataSource.query<unknown[]>(
        "select name from sqlite_master where name like 'odata_change%'",
      );
      expect(found).to.deep.equal([]);
    } finally {
      await untracked.close();
    }
  });

  it("stands at the end of a stream", async () => {
    const large = await startTracked();
    try {
      for (let index = 0; index < 6; index++) {
        const requests = Array.from({ length: 100 }, (_, at) =>
          large.call("POST", "/Books", { isbn: isbn(index * 100 + at), title: "t" }),
        );
        await Promise.all(requests);
      }
      const answer = await large.get("/Books", tracking);
      expect([answer.streamed, answer.json.value.length]).to.deep.equal([true, 600]);
      expect((await large.get(below(answer.json["@odata.deltaLink"]))).json.value).to.deep.equal([]);
    } finally {
      await large.close();
    }
  });
});

async function readAll(shop: Shop, url: string): Promise<Json[]> {
  const pages: Json[] = [];
  for (let next: string | undefined = url; next !== undefined;) {
    const { json } = await shop.get(next, tracking);
    pages.push(json);
    next = json["@odata.nextLink"] === undefined ? undefined : below(json["@odata.nextLink"]);
  }
  return pages;
}
