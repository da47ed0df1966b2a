import { expect } from "chai";
import fc from "fast-check";
import { compileRead, pageable } from "../../src/query/index.js";
import type { SqlValue } from "../../src/query/index.js";
import { databases, QueryStore } from "./support/query-store.js";
import { Shop, shopEntities } from "./support/shop.js";

interface Row {
  readonly id: number;
  readonly rank: number;
  readonly quantity: number | null;
  readonly big: string | null;
  readonly amount: string | null;
  readonly weight: number | string | null;
  readonly paid: boolean | null;
  readonly at: string | null;
  readonly took: string | null;
  readonly note: string | null;
}

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 2 });

/** Few different values, so that many are equal. */
const row = (id: number): fc.Arbitrary<Row> =>
  fc.record({
    id: fc.constant(id),
    rank: fc.integer({ min: 0, max: 2 }),
    quantity: optional(fc.constantFrom(-1, 0, 7)),
    big: optional(fc.constantFrom("9007199254740993", "9007199254740992", "-9223372036854775808")),
    amount: optional(fc.constantFrom("9", "10", "10.1", "-1.5", "99999999999999999999.000000000000000001")),
    weight: optional(fc.constantFrom<number | string>(0.1, -2.5, 1e300, 3, "INF", "-INF", "NaN")),
    paid: optional(fc.boolean()),
    at: optional(fc.constantFrom("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5Z", "0001-01-01T00:00:00Z")),
    took: optional(fc.constantFrom("PT1H", "PT90M", "-PT1S", "P1D")),
    note: optional(fc.constantFrom("", "a", "B", "é", "'\"", "\u{1f600}", "\uff5e")),
  });

const orders = [
  "rank",
  "quantity",
  "big",
  "amount",
  "weight",
  "paid",
  "at",
  "took",
  "note",
  "quantity add 1",
  "length(note)",
  "customer/name",
  "1",
];

const orderby = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...orders), fc.boolean()), { maxLength: 3, selector: ([term]) => term })
  .map((terms) => terms.map(([term, descending]) => (descending ? `${term} desc` : term)).join());

for (const database of databases) {
  describe(`pages (${database})`, function () {
    this.timeout(120_000);
    let store: QueryStore;
    before(async function () {
      store = (await QueryStore.open(database, Shop, shopEntities)) ?? this.skip();
      await store.insert("Customer", { id: 1, name: "Zoe" }, { id: 2, name: "abe" });
    });
    after(() => store?.close());

    const insert = (rows: readonly Row[]) =>
      store.insert("Sale", ...rows.map((one) => ({ ...one, "customer_id@fk": one.id % 3 || null })));
    const remove = (condition: string) =>
      store.database.transaction((transaction) => transaction.run(`delete from sale where ${condition}`, []));
    const url = (terms: string, more = "") =>
      `/Sales?${[terms === "" ? "" : `$orderby=${terms}`, more].filter((part) => part !== "").join("&")}`;
    const ids = async (of: string) => (await store.get(of)).map(({ id }: Row) => id);

    /** All pages of a size; between two of them something may happen. */
    async function walk(of: string, size: number, between?: (page: number) => Promise<void>): Promise<number[][]> {
      const pages: number[][] = [];
      let after: SqlValue[] | undefined;
      for (;;) {
        // What goes to the client and comes back is text.
        const values = after === undefined ? undefined : (JSON.parse(JSON.stringify(after)) as SqlValue[]);
        const page = { keyset: true, after: values?.map((value) => value === null) };
        const { rows } = await store.page(of, page, { limit: size, after: values });
        pages.push(rows.map(({ value }) => value.id));
        if (rows.length < size) return pages;
        after = [...rows.at(-1)!.order];
        await between?.(pages.length);
      }
    }

    it("put together are the collection, whatever the order and wherever null stands", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 9 }).chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => row(i)))),
          orderby,
          fc.integer({ min: 1, max: 3 }),
          async (rows, terms, size) => {
            await remove("true");
            await insert(rows);
            const all = await ids(url(terms));
            expect(all).to.have.length(rows.length);
            expect((await walk(url(terms), size)).flat()).to.deep.equal(all);
          },
        ),
        { numRuns: 150 },
      );
    });

    it("neither repeat nor lose a row when others come and go between them", async () => {
      const half = 6;
      await fc.assert(
        fc.asyncProperty(
          fc.tuple(...Array.from({ length: half * 2 }, (_, i) => row(i))),
          orderby,
          fc.integer({ min: 1, max: 3 }),
          async (rows, terms, size) => {
            await remove("true");
            // One half is there all the time; of the other some go away, and some come, between two pages.
            const [staying, others] = [rows.slice(0, half), rows.slice(half)];
            await insert([...staying, ...others.slice(0, 3)]);
            const seen = (
              await walk(url(terms), size, async (page) => {
                if (page <= 3) await remove(`id = ${half + page - 1}`);
                const coming = others[page + 2];
                if (coming !== undefined) await insert([coming]);
              })
            ).flat();
            expect(new Set(seen).size, "each once").to.equal(seen.length);
            expect(seen).to.include.members(staying.map(({ id }) => id));
            const kept = await ids(url(terms, `$filter=id lt ${half}`));
            expect(seen.filter((id) => id < half)).to.deep.equal(kept);
          },
        ),
        { numRuns: 100 },
      );
    });

    it("are counted as a whole", async () => {
      await remove("true");
      await insert(fc.sample(fc.tuple(row(1), row(2), row(3), row(4)), 1)[0]!);
      const of = url("quantity desc", "$count=true");
      const first = await store.page(of, { keyset: true }, { limit: 3 });
      expect([first.count, first.rows.length]).to.deep.equal([4, 3]);
      const { order } = first.rows.at(-1)!;
      const page = { keyset: true, after: order.map((value) => value === null) };
      const second = await store.page(of, page, { limit: 3, after: [...order] });
      expect([second.count, second.rows.length]).to.deep.equal([4, 1]);
      const last = second.rows.at(-1)!.order;
      const none = await store.page(
        of,
        { keyset: true, after: last.map((value) => value === null) },
        { limit: 3, after: [...last] },
      );
      expect([none.count, none.rows.length]).to.deep.equal([4, 0]);
    });

    it("begin behind $skip, which counts once", async () => {
      await remove("true");
      await insert(fc.sample(fc.tuple(row(1), row(2), row(3), row(4)), 1)[0]!);
      const { rows } = await store.page(url("id", "$skip=1"), { keyset: true }, { limit: 2, offset: 1 });
      expect(rows.map(({ value }) => value.id)).to.deep.equal([2, 3]);
      const after = [...rows.at(-1)!.order];
      const next = await store.page(
        url("id", "$skip=1"),
        { keyset: true, after: after.map(() => false) },
        { limit: 2, offset: 1, after },
      );
      expect(next.rows.map(({ value }) => value.id)).to.deep.equal([4]);
    });

    it("go on at an offset where rows have no order of their own", async () => {
      await remove("true");
      await insert(fc.sample(fc.tuple(row(1), row(2), row(3)), 1)[0]!.map((one) => ({ ...one, rank: one.id })));
      const of = "/Sales?$apply=groupby((rank))";
      const { options } = store.resource(of);
      expect(pageable(options)).to.equal("offset");
      const ranks = async (offset: number) =>
        (await store.page(of, { keyset: false }, { limit: 2, offset })).rows.map(({ value }) => value.rank);
      expect([await ranks(0), await ranks(2)]).to.deep.equal([[1, 2], [3]]);
      expect(pageable(store.resource("/Sales?$apply=filter(rank gt 1)/orderby(note)").options)).to.equal("keyset");
    });

    it("of links go on in the order of the links", async () => {
      for (let id = 3; id < 8; id++) await store.insert("Customer", { id, name: `c${String(id)}` });
      await store.link("Customer", 1, "friends", 7, 3, 5, 4, 6);
      const pages = await walk("/Customers(1)/friends", 2);
      expect(pages.flat()).to.deep.equal([7, 3, 5, 4, 6]);
    });

    describe("at any depth", () => {
      before(async () => {
        await remove("true");
        const numbers =
          database === "sqlite"
            ? "with recursive s(i) as (select 1 union all select i + 1 from s where i < 20000) select i from s"
            : "select i from generate_series(1, 20000) as s(i)";
        await store.database.transaction(async (transaction) => {
          await transaction.run(
            `insert into sale (id, rank, quantity, document) select i, i % 5000, case when i % 3 > 0 then i % 4000 end, '{}' from (${numbers}) as n`,
            [],
          );
          await transaction.run("analyze", []);
        });
      });

      const plan = async (terms: string, after: readonly SqlValue[] | undefined) => {
        const { path, options } = store.resource(url(terms));
        const page = { keyset: true, after: after?.map((value) => value === null) };
        const statement = compileRead(path, options, store.context, page);
        return store.plan(statement, store.values(url(terms), { limit: 10, after }));
      };
      const readsAll = database === "sqlite" ? /SCAN e0/ : /Seq Scan on sale/;

      const cases: Record<string, { readonly after: readonly SqlValue[]; readonly column: string }> = {
        "": { after: ["15000"], column: "id" },
        "id desc": { after: ["15000"], column: "id" },
        rank: { after: ["4000", "15000"], column: "rank" },
        "rank desc": { after: ["4000", "15000"], column: "rank" },
        "rank,note desc": { after: ["4000", "x", "15000"], column: "rank" },
        quantity: { after: ["3000", "15000"], column: "quantity" },
        "quantity desc": { after: ["3000", "15000"], column: "quantity" },
        "quantity desc,note": { after: ["3000", null, "15000"], column: "quantity" },
      };
      for (const [terms, { after, column }] of Object.entries(cases)) {
        it(`the index leads to the next page by ${terms === "" ? "the key" : terms}`, async () => {
          const lines = await plan(terms, after);
          const name = column === "id" ? "(?:id|rowid)" : column;
          const bound =
            database === "sqlite"
              ? new RegExp(`SEARCH e0 USING (?:INTEGER PRIMARY KEY|INDEX \\S+) \\(\\(?${name}[^)]*[<>]`)
              : new RegExp(`Index Cond: .*${column}`);
          expect(lines).to.match(bound).and.not.match(readsAll);
        });
      }

      it("the index leads to the first page, also where null stands at its other end", async () => {
        for (const terms of ["rank", "rank desc", "quantity", "quantity desc"]) {
          const lines = await plan(terms, undefined);
          if (database === "sqlite")
            expect(lines)
              .to.match(/SCAN e0 USING INDEX/)
              .and.not.match(/ FOR ORDER BY/);
          else
            expect(lines, terms)
              .to.match(/Index (?:Only )?Scan/)
              .and.not.match(readsAll);
        }
      });

      it("a page behind null values begins among them, without reading all others", async () => {
        for (const terms of ["quantity", "quantity desc"]) {
          const lines = await plan(terms, [null, "15000"]);
          expect(lines).to.not.match(readsAll);
          if (database === "sqlite") expect(lines).to.match(/SEARCH e0 USING INDEX \S+ \(quantity=\?/);
        }
      });

      it("the pages are those of the whole", async () => {
        for (const terms of ["rank desc", "quantity desc", "quantity"]) {
          const all = await ids(url(terms));
          const pages = (await walk(url(terms), 1500)).flat();
          expect(pages).to.deep.equal(all);
        }
      });
    });
  });
}
