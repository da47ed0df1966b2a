import { expect } from "chai";
import fc from "fast-check";
import { storeKinds } from "../support/stores.js";
import type { TestStore } from "../support/stores.js";
import type { Shop } from "./support/bookshop.js";
import { fill, startShop } from "./support/bookshop.js";

const encode = encodeURIComponent;

/** What a request is answered with, or refused with. */
async function outcome(shop: Shop, url: string): Promise<unknown> {
  try {
    const { status, text } = await shop.get(url);
    return { status, text };
  } catch (error) {
    const { status, message } = error as { status?: number; message: string };
    // What is no error of the client is a fault of the test or the service.
    if (status === undefined) throw error;
    return { status, message };
  }
}

const text = fc
  .oneof(
    fc.constantFrom(
      "Title 1",
      "Title 2",
      "Author 2",
      "Oslo",
      "Hero 3",
      "Shelf 11",
      "isbn 0003",
      "it's",
      "",
      "%_\\",
      "é😀",
      "a&b=c",
      "null",
    ),
    fc.string({ maxLength: 6 }),
  )
  .map((value) => `'${value.replaceAll("'", "''")}'`);
const integer = fc
  .oneof(fc.integer({ min: -5, max: 130 }), fc.constantFrom(2_147_483_647, 999_999_999, 5_000_000_000, 300))
  .map(String);
const decimal = fc.oneof(fc.constantFrom("1.25", "2.50", "-0.5", "3.750", "12.50000000001"), integer);
const double = fc.oneof(fc.constantFrom("0.14285714285714285", "1e0", "INF", "NaN"), decimal);
const date = fc.constantFrom("1920-01-02", "1910-12-31", "2000-02-30", "0001-01-01");
const instant = fc.constantFrom(
  "2000-01-02T12:00:00.001Z",
  "2000-01-02T13:00:00.001+01:00",
  "2000-01-05T12:00:00Z",
  "2000-01-05T24:00:00Z",
);
const operator = fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge");

const comparison = fc
  .oneof(
    fc.tuple(
      fc.constantFrom("title", "isbn", "Books.Novel/hero", "author/name", "shelf", "tolower(title)"),
      operator,
      text,
    ),
    fc.tuple(
      fc.constantFrom("pages", "version", "sold", "length(title)", "author/id", "pages add 1"),
      operator,
      fc.oneof(integer, decimal),
    ),
    fc.tuple(fc.constantFrom("price", "price mul 2"), operator, decimal),
    fc.tuple(fc.constant("rating"), operator, double),
    fc.tuple(fc.constant("published"), operator, instant),
    fc.tuple(fc.constant("author/born"), operator, date),
    fc.tuple(
      fc.constantFrom("title", "pages", "price"),
      operator,
      fc.oneof(text, integer, instant, fc.constant("null")),
    ),
  )
  .map((parts) => parts.join(" "));
const condition = fc.oneof(
  { weight: 4, arbitrary: comparison },
  fc
    .tuple(fc.constantFrom("contains", "startswith", "endswith"), text)
    .map(([name, value]) => `${name}(title,${value})`),
  fc.tuple(text, text).map((values) => `title in (${values.join(",")})`),
  fc.tuple(integer, integer).map((values) => `pages in (${values.join(",")})`),
  fc.tuple(integer, integer).map(([from, length]) => `substring(title,${from},${length}) eq 'it'`),
  fc.tuple(text, operator, integer).map(([value, compare, number]) => `indexof(title,${value}) ${compare} ${number}`),
  fc.tuple(operator, integer).map(([compare, number]) => `author/former/any(f:f/floor ${compare} ${number})`),
  text.map((value) => `author/names/any(n:n eq ${value})`),
  fc.tuple(operator, integer).map(([compare, number]) => `author/books/$count ${compare} ${number}`),
  fc.tuple(integer, text, text).map(([number, one, other]) => `case(pages gt ${number}:${one},true:${other}) eq title`),
  fc.tuple(comparison, comparison).map(([one, other]) => `(${one}) or not (${other})`),
);

const option = {
  filter: fc
    .tuple(condition, fc.option(condition, { nil: undefined }))
    .map(([one, other]) => (other === undefined ? one : `${one} and ${other}`)),
  orderby: fc.constantFrom(
    "title",
    "price desc,isbn",
    "indexof(title,'1')",
    "indexof(title,'2')",
    "pages mul 2 desc",
    "pages mul -3",
  ),
  compute: fc
    .tuple(integer, text)
    .map(([number, value]) => `pages add ${number} as more,concat(title,${value}) as longer`),
  select: fc.constantFrom("title", "isbn,title", "*", "author,pages"),
  expand: fc.oneof(
    fc.constantFrom("author", "author($select=name)"),
    fc
      .tuple(text, fc.nat(3))
      .map(([value, top]) => `author($expand=books($filter=title eq ${value};$top=${top};$orderby=isbn))`),
  ),
  top: fc.nat(9).map(String),
  skip: fc.nat(9).map(String),
  count: fc.constantFrom("true", "false"),
} as const;

const query = fc
  .record(option, { requiredKeys: [] })
  .chain((options) => fc.shuffledSubarray(Object.entries(options), { minLength: Object.keys(options).length }))
  .chain((options) =>
    fc.record({
      options: fc.constant(options),
      plus: fc.boolean(),
      alias: fc.option(condition, { nil: undefined }),
    }),
  )
  .map(({ options, plus, alias }) => {
    const parts = options.map(([name, value]) => `$${name}=${encode(value as string)}`);
    const own =
      options.some(([name]) => name === "filter") || alias === undefined ? [] : [`$filter=@c`, `@c=${encode(alias)}`];
    const written = [...parts, ...own].join("&");
    return plus ? written.replaceAll("%20", "+").replaceAll("'", "%27") : written;
  });

const path = fc.oneof(
  { weight: 4, arbitrary: fc.constant("/Books") },
  fc.integer({ min: 1, max: 6 }).map((id) => `/Authors(${id})/books`),
  fc.integer({ min: 1, max: 6 }).map((id) => `/Authors/${id}/books`),
  fc.constant("/Books/Books.Novel"),
  fc.constantFrom("Author 1", "Author 4").map((name) => `/Authors(name='${encode(name)}')/books`),
  fc.constant("/Books/$count"),
);

for (const kind of storeKinds.filter(({ name }) => ["better-sqlite3, memory", "postgres"].includes(name))) {
  describe(`routes by the shape of a query (${kind.name})`, () => {
    let stores: TestStore[] = [];
    let warm: Shop;
    let cold: Shop;

    before(async function () {
      this.timeout(90_000);
      const found = [await kind.create(), await kind.create()];
      stores = found.filter((store) => store !== undefined);
      if (stores.length < 2) this.skip();
      [warm, cold] = (await Promise.all(stores.map(({ url }) => startShop({ url })))) as [Shop, Shop];
      await Promise.all([fill(warm, 40), fill(cold, 40)]);
    });
    after(async () => {
      if (stores.length === 2) await Promise.all([warm.close(), cold.close()]);
      await Promise.all(stores.map((store) => store.remove()));
    });

    /** The same request in a way in which no route is found: with an option that nobody asked for before. */
    let fresh = 0;
    const apart = (url: string) => `${url}${url.includes("?") ? "&" : "?"}nobody=${String(fresh++)}`;

    it("a request is answered as by a service that sees it for the first time", async function () {
      this.timeout(120_000);
      await fc.assert(
        fc.asyncProperty(path, query, async (resource, options) => {
          const url = `${resource}?${options}`;
          const expected = await outcome(cold, apart(url));
          expect(await outcome(warm, url), url).to.deep.equal(expected);
        }),
        { numRuns: 600 },
      );
    });

    it("so is one that differs from an earlier one in its literals alone", async function () {
      this.timeout(120_000);
      const literals = fc.tuple(text, text, integer, decimal, double, instant, date, fc.nat(9), fc.nat(9));
      const template = ([a, b, n, d, f, i, y, top, skip]: readonly (string | number)[]) => [
        `/Books?$filter=${encode(`title eq ${String(a)} or pages lt ${String(n)} and price ge ${String(d)}`)}&$top=${String(top)}`,
        `/Books?$filter=${encode(`rating gt ${String(f)} or published eq ${String(i)} or author/born lt ${String(y)}`)}&$skip=${String(skip)}`,
        `/Books?$compute=${encode(`concat(title,${String(a)}) as x`)}&$filter=${encode(`x ne ${String(b)}`)}&$select=isbn,x&$top=${String(top)}`,
        `/Authors?$expand=${encode(`books($select=isbn;$filter=title ne ${String(a)})`)}&$orderby=${encode(`indexof(name,${String(b)})`)},id&$top=3`,
        `/Books?$filter=${encode("title eq @p or contains(title,@p)")}&@p=${encode(String(a))}`,
        `/Books/$filter(@c)?@c=${encode(`pages gt ${String(n)}`)}&$filter=${encode(`title ne ${String(a)}`)}`,
        `/Books?$apply=${encode(`filter(pages gt ${String(n)})/groupby((title),aggregate(price with sum as s))`)}&$filter=${encode(`s gt ${String(d)}`)}`,
        `/Authors?$filter=${encode(`address/city eq ${String(a)} or former/any(x:x/floor eq ${String(n)} and x/city ne ${String(b)})`)}`,
        `/Authors(2)/former?$filter=${encode(`floor eq ${String(n)} or city eq ${String(a)}`)}&$top=${String(top)}`,
        `/Authors?$filter=${encode(`id eq ${String(n)} and $root/Books('isbn%200001')/title ne ${String(a)}`)}`,
      ];
      await fc.assert(
        fc.asyncProperty(literals, async (values) => {
          for (const url of template(values)) {
            const expected = await outcome(cold, apart(url));
            expect(await outcome(warm, url), url).to.deep.equal(expected);
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}
