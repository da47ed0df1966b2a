import { expect } from "chai";
import fc from "fast-check";
import pg from "pg";
import { storeKinds } from "../support/stores.js";
import type { TestStore } from "../support/stores.js";
import type { Json, Shop } from "./support/bookshop.js";
import { fill } from "./support/bookshop.js";
import { Follower, startTracked } from "./support/tracked.js";

const QUERIES = [
  "/Books",
  "/Books?$select=title",
  "/Books?$filter=pages%20gt%20103",
  "/Books?$filter=contains(title,'2')%20or%20shelf%20eq%20'S1'&$select=isbn,title,shelf",
  "/Books?$filter=author/name%20gt%20'B'&$expand=author($select=name)",
  "/Books/Books.Novel?$expand=author($expand=teacher)",
  "/Authors?$expand=books($filter=pages%20gt%20103;$orderby=title;$top=2)",
  "/Authors?$expand=friends($expand=teacher($select=name)),books/$count",
  "/Authors?$filter=books/any(b:b/pages%20eq%20105)&$select=id",
  "/Authors?$filter=friends/$count%20gt%201&$expand=friends/$ref",
  "/Authors?$filter=startswith(name,'A')&$compute=teacher/name%20as%20master&$select=id,master",
  "/Books?$search=green",
  "/Authors(2)/books?$filter=pages%20gt%20102",
  "/Authors(1)/friends?$filter=name%20gt%20'B'&$expand=books($select=isbn)",
];

const id = fc.integer({ min: 1, max: 6 });
const book = fc.integer({ min: 0, max: 8 }).map((number) => `isbn ${String(number).padStart(4, "0")}`);
const title = fc.constantFrom("Title 1", "Title 2", "green", "red green", "22");
const pages = fc.option(fc.integer({ min: 100, max: 108 }));

type Step =
  | { readonly kind: "write"; readonly method: string; readonly url: string; readonly body?: Json }
  | { readonly kind: "follow"; readonly size: number };

const bookUrl = (isbn: string) => `/Books('${encodeURIComponent(isbn)}')`;
const write = (method: string, url: string, body?: Json): Step => ({
  kind: "write",
  method,
  url,
  ...(body === undefined ? {} : { body }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(book, title, pages)
      .map(([isbn, title, pages]) => write("PATCH", bookUrl(isbn), { title, pages })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(book, title, id, fc.boolean()).map(([isbn, title, author, novel]) =>
      write("POST", "/Books", {
        ...(novel ? { "@odata.type": "#Books.Novel" } : { shelf: `S${author % 2}` }),
        isbn,
        title,
        pages: 100 + author,
        "author@odata.bind": `Authors(${author})`,
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(book, id)
      .map(([isbn, author]) => write("PATCH", bookUrl(isbn), { "author@odata.bind": `Authors(${author})` })),
  },
  book.map((isbn) => write("DELETE", bookUrl(isbn))),
  fc
    .tuple(book, id)
    .map(([isbn, author]) => write("DELETE", `/Authors(${author})/books/$ref?$id=${bookUrl(isbn).slice(1)}`)),
  // Whose collections are followed, stay.
  fc.integer({ min: 3, max: 6 }).map((author) => write("DELETE", `/Authors(${author})`)),
  fc.tuple(id, title).map(([author, name]) => write("POST", "/Authors", { id: author, name: `${name} ${author}` })),
  fc
    .tuple(id, fc.constantFrom("A", "B", "C"))
    .map(([author, name]) => write("PATCH", `/Authors(${author})`, { name: `${name}${author}` })),
  fc
    .tuple(id, id)
    .map(([one, other]) => write("POST", `/Authors(${one})/friends/$ref`, { "@odata.id": `Authors(${other})` })),
  fc.tuple(id, id).map(([one, other]) => write("DELETE", `/Authors(${one})/friends/$ref?$id=Authors(${other})`)),
  fc
    .tuple(id, id)
    .map(([one, other]) => write("PUT", `/Authors(${one})/teacher/$ref`, { "@odata.id": `Authors(${other})` })),
  id.map((author) => write("DELETE", `/Authors(${author})/teacher/$ref`)),
  fc.constantFrom(1, 3, 100).map((size): Step => ({ kind: "follow", size })),
);

/** The key of an entity, which some queries leave out: then its id tells. */
const nameOf = (item: Json) =>
  String(item.isbn ?? item.id ?? /\('?([^'()]*)'?\)$/.exec(decodeURIComponent(item["@odata.id"] as string))?.[1]);
const whole = async (shop: Shop, url: string) =>
  Object.fromEntries(((await shop.get(url)).json.value as Json[]).map((item) => [nameOf(item), item]));

for (const kind of storeKinds) {
  // In memory, that driver has none of our functions.
  const queries = kind.name === "sqlite3, memory" ? QUERIES.filter((url) => !/shelf|search/.test(url)) : QUERIES;
  describe(`clients that follow delta links (${kind.name})`, () => {
    let store: TestStore | undefined;
    let shop: Shop;

    before(async function () {
      this.timeout(90_000);
      store = await kind.create();
      if (store === undefined) this.skip();
      shop = await startTracked(store.url);
      await fill(shop, 9);
    });
    after(async () => {
      if (store === undefined) return;
      await shop.close();
      await store.remove();
    });

    it("have in the end what a client has that reads everything anew, whatever several others write", async function () {
      this.timeout(120_000);
      const clients = fc.array(fc.array(step, { minLength: 3, maxLength: 12 }), { minLength: 2, maxLength: 3 });
      const write = async (steps: readonly Step[], followers: readonly Follower[]) => {
        for (const one of steps) {
          if (one.kind === "follow") {
            for (const follower of followers) await follower.follow({ prefer: `maxpagesize=${one.size}` });
          } else {
            // What is not there, or there already, is refused.
            await shop.call(one.method, one.url, one.body).catch((error: { status?: number }) => {
              expect(error.status, `${one.method} ${one.url}`).to.be.within(400, 499);
            });
          }
        }
      };
      await fc.assert(
        fc.asyncProperty(clients, async ([first, ...others]) => {
          const followers = queries.map((query) => ({ query, follower: new Follower(shop, nameOf) }));
          // They begin while the others write, page by page.
          const steps = others.flat();
          await Promise.all([
            write(steps.filter(({ kind }) => kind === "write").slice(0, 6), []),
            ...followers.map(({ query, follower }) => follower.begin(query, { prefer: "maxpagesize=2" })),
          ]);
          await Promise.all([
            write(
              first!,
              followers.map(({ follower }) => follower),
            ),
            ...others.map((own) =>
              write(
                own.filter(({ kind }) => kind === "write"),
                [],
              ),
            ),
          ]);
          for (const { query, follower } of followers) {
            await follower.follow();
            expect(Object.fromEntries(follower.items), query).to.deep.equal(await whole(shop, query));
          }
        }),
        { numRuns: 12 },
      );
    });
  });
}

describe("changes on PostgreSQL", () => {
  const kind = storeKinds.find(({ database }) => database === "postgres")!;
  let store: TestStore | undefined;
  let shop: Shop;
  let clients: pg.Client[] = [];

  before(async function () {
    this.timeout(90_000);
    store = await kind.create();
    if (store === undefined) this.skip();
    shop = await startTracked(store.url);
    await fill(shop, 3);
    clients = [1, 2].map(() => new pg.Client({ connectionString: store!.url }));
    for (const client of clients) await client.connect();
  });
  after(async () => {
    if (store === undefined) return;
    for (const client of clients) await client.end();
    await shop.close();
    await store.remove();
  });

  const update = (client: pg.Client, title: string, isbn: string) =>
    client.query("update book set title = $1 where isbn = $2", [title, isbn]);

  it("are told of transactions that begin first and end last, once each", async () => {
    const [early, late] = clients as [pg.Client, pg.Client];
    const follower = new Follower(shop, ({ isbn }) => String(isbn));
    await early.query("begin");
    await update(early, "early", "isbn 0000");
    await follower.begin("/Books");
    expect(follower.items.get("isbn 0000")!.title).not.to.equal("early");
    await late.query("begin");
    await update(late, "late", "isbn 0001");
    await late.query("commit");
    expect((await follower.follow()).map(({ isbn }) => isbn as string)).to.deep.equal(["isbn 0001"]);
    await update(early, "earlier", "isbn 0002");
    await early.query("commit");
    expect((await follower.follow()).map(({ isbn }) => isbn as string)).to.deep.equal(["isbn 0000", "isbn 0002"]);
    expect(await follower.follow()).to.deep.equal([]);
    const fresh = (await shop.get("/Books")).json.value as Json[];
    expect([...follower.items.values()].map(({ title }) => title as string).sort()).to.deep.equal(
      fresh.map(({ title }) => title as string).sort(),
    );
  });

  it("are not told of transactions that are rolled back", async () => {
    const [client] = clients as [pg.Client];
    const follower = new Follower(shop, ({ isbn }) => String(isbn));
    await follower.begin("/Books");
    await client.query("begin");
    await update(client, "never", "isbn 0000");
    await client.query("rollback");
    expect(await follower.follow()).to.deep.equal([]);
  });
});
