import { expect } from "chai";
import { compileRead } from "../../src/query/index.js";
import { databases, QueryStore } from "./support/query-store.js";
import { stock } from "./support/shop-data.js";
import { Shop, shopEntities } from "./support/shop.js";

for (const database of databases) {
  describe(`$apply (${database})`, () => {
    let store: QueryStore;
    before(async function () {
      store = (await QueryStore.open(database, Shop, shopEntities)) ?? this.skip();
      await stock(store);
    });
    after(() => store?.close());

    const apply = (transformations: string, set = "Sales", more = "") =>
      store.get(`/${set}?$apply=${transformations}${more === "" ? "" : `&${more}`}`);
    const texts = (transformations: string, set = "Sales") => store.texts(`/${set}?$apply=${transformations}`);
    const ids = async (transformations: string, set?: string, more?: string) =>
      (await apply(transformations, set, more)).map(({ id }: { id: number }) => id);

    describe("aggregate", () => {
      it("adds up, finds extremes and counts, each exactly", async () => {
        expect(
          await texts(
            "aggregate($count as n,amount with sum as amounts,quantity with sum as quantities,big with sum as bigs)",
          ),
        ).to.deep.equal(['{"n":6,"amounts":24,"quantities":11,"bigs":9232379236109516801}']);
      });

      it("finds the greatest of integers of 64 bits", async () => {
        expect(await texts("aggregate(big with max as m)")).to.deep.equal(['{"m":9223372036854775807}']);
      });

      it("passes over null, and is null where nothing is left", async () => {
        expect(
          await apply("filter(id eq 4)/aggregate($count as n,amount with sum as s,amount with max as m)"),
        ).to.deep.equal([{ n: 1, s: null, m: null }]);
        expect(
          await apply("filter(id eq 9)/aggregate($count as n,amount with average as a,amount with min as m)"),
        ).to.deep.equal([{ n: 0, a: null, m: null }]);
      });

      it("finds the least and the greatest of what has an order", async () => {
        expect(
          await apply(
            "aggregate(amount with min as a,amount with max as b,big with min as c,paid with max as d,at with min as e,took with max as f,took with min as g,note with max as h,weight with min as i)",
          ),
        ).to.deep.equal([
          {
            a: 0.2,
            b: 10.1,
            c: 1,
            d: true,
            e: "2024-01-01T10:00:00Z",
            f: "PT90M",
            g: "PT1H",
            h: "lost",
            i: 0.25,
          },
        ]);
      });

      it("gives the average of integers as a Double, of Decimals as a Decimal", async () => {
        expect(
          await texts("aggregate(quantity with average as q,amount with average as a,weight with average as w)"),
        ).to.deep.equal(['{"q":2.2,"a":4.8,"w":1.25}']);
        expect(await texts("filter(id ge 5)/aggregate(amount with average as a)")).to.deep.equal(['{"a":4.35}']);
        expect(await texts("filter(id in (1,2,3))/aggregate(amount with average as a)")).to.deep.equal(['{"a":5.1}']);
        expect(await texts("aggregate(price with average as a)", "Products/$filter(code ne 'g1')")).to.deep.equal([
          '{"a":6.875}',
        ]);
      });

      it("adds up decimals of any length", async () => {
        expect(await texts("aggregate(price with sum as s,price with max as m)", "Products")).to.deep.equal([
          '{"s":100000000000000000012.750000000000000001,"m":99999999999999999999.000000000000000001}',
        ]);
      });

      it("adds up durations", async () => {
        expect(await apply("aggregate(took with sum as s,took with average as a)")).to.deep.equal([
          { s: "PT2H30M", a: "PT1H15M" },
        ]);
      });

      it("counts different values, over paths, too", async () => {
        expect(
          await apply(
            "aggregate(rank with countdistinct as r,product/code with countdistinct as p,customer/country with countdistinct as c,took with countdistinct as t)",
          ),
        ).to.deep.equal([{ r: 4, p: 3, c: 2, t: 2 }]);
      });

      it("aggregates what collections lead to", async () => {
        expect(
          await apply(
            "aggregate(sales/amount with sum as s,sales/$count as n,$count as c,friends/id with max as f)",
            "Customers",
          ),
        ).to.deep.equal([{ s: 23, n: 5, c: 4, f: 3 }]);
      });

      it("takes each entity once that a path reaches", async () => {
        // Sales of Ann, Ann, Bob, Bob, Cid and of nobody; the books b1 and b1, and other products.
        expect(
          await apply(
            "aggregate(customer/name with countdistinct as d,customer/id with sum as s,customer/id with average as a,customer/$count as n,customer/country/$count as c)",
          ),
        ).to.deep.equal([{ d: 3, s: 1 + 2 + 3, a: 2, n: 3, c: 2 }]);
        expect(
          await apply(
            "aggregate(product/Shop.Book/edition with sum as e,product/Shop.Book/$count as n,product/$count as p,customer/boss/id with sum as b)",
          ),
        ).to.deep.equal([{ e: 2, n: 1, p: 3, b: 1 }]);
        expect(
          await apply(
            "aggregate(sales/product/$count as p,friends/$count as f,friends/sales/quantity with sum as q,sales/customer/id with sum as i)",
            "Customers",
          ),
        ).to.deep.equal([{ p: 3, f: 3, q: 2 + 1 + 4 + 3, i: 1 + 2 + 3 }]);
      });

      it("takes the entities of rows that are there twice once", async () => {
        expect(
          await apply("concat(identity,filter(id le 2))/aggregate($count as n,sales/$count as s)", "Customers"),
        ).to.deep.equal([{ n: 6, s: 5 }]);
      });

      it("leaves repetitions of the values behind the last entity", async () => {
        expect(
          await apply("aggregate(customer/scores with sum as s,customer/tags/$count as t,customer/phones/$count as p)"),
        ).to.deep.equal([{ s: 30 + 10 + 20 + 5, t: 4, p: 3 }]);
        expect(await apply("aggregate(customer/tags/$filter($this eq 'y')/$count as t)")).to.deep.equal([{ t: 2 }]);
      });

      it("repeats the values of expressions with each row", async () => {
        expect(await apply("aggregate(customer/id add 0 with sum as s)")).to.deep.equal([{ s: 1 + 1 + 2 + 2 + 3 }]);
      });

      it("aggregates expressions", async () => {
        expect(await apply("aggregate(quantity mul rank with sum as s)")).to.deep.equal([{ s: 8 + 3 + 4 + 3 + 1 }]);
      });
    });

    describe("groupby", () => {
      it("gives each combination once, sorted, null first", async () => {
        expect(await apply("groupby((paid,product/code))")).to.deep.equal([
          { paid: null, product: { code: null } },
          { paid: null, product: { code: "b1" } },
          { paid: null, product: { code: "g1" } },
          { paid: null, product: { code: "p1" } },
          { paid: true, product: { code: "b1" } },
        ]);
      });

      it("aggregates each group", async () => {
        expect(
          await apply(
            "groupby((customer/name,customer/country),aggregate(amount with sum as total,amount with min as least,took with max as long,$count as n))",
          ),
        ).to.deep.equal([
          { customer: { name: null, country: null }, total: 1, least: 1, long: null, n: 1 },
          { customer: { name: "Ann", country: "DE" }, total: 10.3, least: 0.2, long: null, n: 2 },
          { customer: { name: "Bob", country: null }, total: 5, least: 5, long: "PT1H", n: 2 },
          { customer: { name: "Cid", country: "FR" }, total: 7.7, least: 7.7, long: "PT90M", n: 1 },
        ]);
      });

      it("takes each entity once in each group", async () => {
        expect(
          await apply("groupby((product/code),aggregate(customer/id with sum as s,customer/$count as n,$count as c))"),
        ).to.deep.equal([
          { product: { code: null }, s: null, n: 0, c: 1 },
          { product: { code: "b1" }, s: 1 + 2 + 3, n: 3, c: 3 },
          { product: { code: "g1" }, s: 1, n: 1, c: 1 },
          { product: { code: "p1" }, s: 2, n: 1, c: 1 },
        ]);
        expect(
          await apply(
            "groupby((paid),filter(quantity eq 1)/aggregate(customer/id with sum as s,customer/tags/$count as t))",
          ),
        ).to.deep.equal([
          { paid: null, s: 1, t: 3 },
          { paid: true, s: null, t: 0 },
        ]);
      });

      it("aggregates what collections lead to in each group, also where they lead to nothing", async () => {
        expect(
          await apply(
            "groupby((name),aggregate(sales/amount with sum as s,sales/$count as n,$count as c))",
            "Customers",
          ),
        ).to.deep.equal([
          { name: "Ann", s: 10.3, n: 2, c: 1 },
          { name: "Bob", s: 5, n: 2, c: 1 },
          { name: "Cid", s: 7.7, n: 1, c: 1 },
          { name: "Dee", s: null, n: 0, c: 1 },
        ]);
      });

      it("applies transformations to each group: those that keep entities keep them", async () => {
        const rows = await apply("groupby((customer/country),topcount(1,quantity))");
        expect(rows.map(({ id, customer }: any) => [id, customer])).to.deep.equal([
          [4, { country: null }],
          [1, { country: "DE" }],
          [5, { country: "FR" }],
        ]);
        expect(await ids("groupby((customer/country),orderby(id desc)/skip(1)/top(1))")).to.deep.equal([4, 1]);
      });

      it("keeps a group whose rows are all filtered out before they are aggregated", async () => {
        expect(
          await apply("groupby((customer/country),filter(quantity gt 2)/aggregate($count as n,amount with sum as s))"),
        ).to.deep.equal([
          { customer: { country: null }, n: 1, s: null },
          { customer: { country: "DE" }, n: 0, s: null },
          { customer: { country: "FR" }, n: 1, s: 7.7 },
        ]);
      });

      it("groups within groups", async () => {
        expect(
          await apply(
            "groupby((paid),groupby((customer/name),aggregate(amount with sum as s))/aggregate(s with max as most,$count as n))",
          ),
        ).to.deep.equal([
          { paid: null, most: 10.3, n: 3 },
          { paid: true, most: 7.7, n: 2 },
        ]);
        expect(
          await apply(
            "groupby((paid),groupby((customer/country),filter(quantity gt 2)/aggregate($count as n))/filter(n eq 0))",
          ),
        ).to.deep.equal([
          { paid: null, customer: { country: "DE" }, n: 0 },
          { paid: true, customer: { country: null }, n: 0 },
        ]);
      });

      it("puts several results for each group together", async () => {
        const rows = await apply("groupby((customer/country),concat(aggregate($count as n),bottomcount(1,id)))");
        expect(rows.map(({ id, n, customer: { country } }: any) => [country, n, id])).to.deep.equal([
          [null, 3, undefined],
          [null, undefined, 3],
          ["DE", 2, undefined],
          ["DE", undefined, 1],
          ["FR", 1, undefined],
          ["FR", undefined, 5],
        ]);
      });

      it("with rollup adds the coarser levels, whose rows lack the finer members", async () => {
        expect(
          await apply("groupby((rollup($all,customer/country,product/code)),aggregate($count as n))"),
        ).to.deep.equal([
          { customer: { country: null }, product: { code: null }, n: 1 },
          { customer: { country: null }, product: { code: "b1" }, n: 1 },
          { customer: { country: null }, product: { code: "p1" }, n: 1 },
          { customer: { country: "DE" }, product: { code: "b1" }, n: 1 },
          { customer: { country: "DE" }, product: { code: "g1" }, n: 1 },
          { customer: { country: "FR" }, product: { code: "b1" }, n: 1 },
          { customer: { country: null }, n: 3 },
          { customer: { country: "DE" }, n: 2 },
          { customer: { country: "FR" }, n: 1 },
          { n: 6 },
        ]);
      });
    });

    describe("topcount and its family", () => {
      it("take so many rows, in the order of the value, those of null never", async () => {
        expect(await ids("topcount(2,amount)")).to.deep.equal([1, 5]);
        expect(await ids("bottomcount(2,weight)")).to.deep.equal([2, 1]);
        expect(await ids("bottomcount(9,weight)")).to.deep.equal([2, 1, 4]);
      });

      it("take rows that tie by their keys", async () => {
        expect(await ids("topcount(4,product/price)")).to.deep.equal([2, 1, 3, 5]);
        expect(await ids("bottomcount(2,rank)")).to.deep.equal([4, 5]);
      });

      it("take rows until a sum is reached", async () => {
        expect(await ids("topsum(10.1,amount)")).to.deep.equal([1]);
        expect(await ids("topsum(10.2,amount)")).to.deep.equal([1, 5]);
        expect(await ids("bottomsum(2,quantity)")).to.deep.equal([2, 6]);
        expect(await ids("bottomsum(1000,quantity)")).to.deep.equal([2, 6, 1, 5, 4]);
        expect(await ids("topsum(0,quantity)")).to.deep.equal([]);
      });

      it("take rows until a share of the sum is reached", async () => {
        // Of 24: 10.10, 17.80, 22.80, ...
        expect(await ids("toppercent(42,amount)")).to.deep.equal([1]);
        expect(await ids("toppercent(43,amount)")).to.deep.equal([1, 5]);
        expect(await ids("bottompercent(5,amount)")).to.deep.equal([2, 6]);
        expect(await ids("toppercent(100,weight)")).to.deep.equal([4, 1, 2]);
      });

      it("are exact past the digits of a double", async () => {
        expect(await texts("topsum(9223372036854775808,big)/aggregate($count as n)")).to.deep.equal(['{"n":2}']);
        expect(await texts("topsum(9223372036854775807,big)/aggregate($count as n)")).to.deep.equal(['{"n":1}']);
      });

      it("work within groups", async () => {
        expect(await ids("groupby((paid),topsum(5,amount))")).to.deep.equal([1, 5]);
        expect(await ids("groupby((paid),toppercent(90,amount))")).to.deep.equal([1, 6, 5, 3]);
      });
    });

    describe("rows of entities", () => {
      it("are filtered, sorted and cut", async () => {
        expect(await ids("filter(rank eq 1)/orderby(quantity desc)/top(2)")).to.deep.equal([4, 5]);
        expect(await ids("orderby(quantity desc)/top(3)/skip(1)")).to.deep.equal([5, 1]);
        expect(await ids("orderby(rank)/orderby(paid desc)/top(4)")).to.deep.equal([5, 3, 4, 6]);
        expect(await ids("identity")).to.deep.equal([1, 2, 3, 4, 5, 6]);
      });

      it("have computed members, of which others are computed", async () => {
        const [row] = await apply("filter(id eq 1)/compute(quantity mul 2 as twice)/compute(twice add 1 as more)");
        expect(row).to.include({ "@odata.type": "#Shop.Sale", id: 1, twice: 4, more: 5 });
      });

      it("are searched", async () => {
        expect(await apply("search(ann OR bob)/aggregate($count as n)", "Customers")).to.deep.equal([{ n: 2 }]);
      });

      it("are expanded and selected from, and keep the order that was asked for", async () => {
        const more = "$expand=product($select=code)&$select=id,twice&$top=2";
        const rows = await apply(
          "filter(rank gt 1)/orderby(amount desc)/compute(amount mul 2 as twice)",
          "Sales",
          more,
        );
        expect(rows.map(({ id, twice, product }: any) => [id, twice, product.code])).to.deep.equal([
          [1, 20.2, "b1"],
          [3, 10, "b1"],
        ]);
        expect(rows[0]).to.not.have.property("amount");
      });

      it("of links keep the links' order", async () => {
        expect(await ids("filter(id gt 1)", "Customers(1)/friends")).to.deep.equal([3, 2]);
        expect(await ids("top(1)", "Customers(1)/friends")).to.deep.equal([3]);
      });

      it("of different types keep them", async () => {
        const rows = await apply("topcount(2,price)", "Products");
        expect(rows.map((row: any) => [row["@odata.type"], row.code])).to.deep.equal([
          ["#Shop.Gadget", "g1"],
          ["#Shop.Book", "b1"],
        ]);
        expect(rows[1]).to.include({ edition: 2 });
      });
    });

    describe("concat", () => {
      it("puts rows of different shapes one after the other", async () => {
        const rows = await apply("concat(topcount(2,amount),aggregate(amount with sum as total))");
        expect(rows.map(({ id, total }: any) => [id, total])).to.deep.equal([
          [1, undefined],
          [5, undefined],
          [undefined, 24],
        ]);
        expect(rows[0]).to.include({ "@odata.type": "#Shop.Sale", quantity: 2 });
        expect(rows[2]).to.deep.equal({ total: 24 });
      });

      it("gives rows that can be worked on, whatever members they have", async () => {
        expect(
          await apply("concat(groupby((paid)),groupby((rank),aggregate($count as n)))/filter(n gt 1 or n eq null)"),
        ).to.deep.equal([{ paid: null }, { paid: true }, { rank: 1, n: 3 }]);
        expect(await ids("concat(topcount(1,amount),bottomcount(1,amount))/filter(quantity lt 2)")).to.deep.equal([2]);
      });

      it("makes one number of numbers of different types", async () => {
        expect(
          await apply(
            "concat(aggregate(quantity with max as x),aggregate(amount with max as x),aggregate(weight with max as x))",
          ),
        ).to.deep.equal([{ x: 4 }, { x: 10.1 }, { x: 2 }]);
      });
    });

    describe("what comes out", () => {
      it("takes the other query options", async () => {
        expect(
          await apply(
            "groupby((customer/country),aggregate(amount with sum as s))",
            "Sales",
            "$filter=s gt 6&$compute=s mul 2 as t&$orderby=s&$select=t",
          ),
        ).to.deep.equal([{ t: 15.4 }, { t: 20.6 }]);
      });

      it("is paged and counted", async () => {
        expect(
          await apply(
            "groupby((customer/country,paid))",
            "Sales",
            "$orderby=paid desc,customer/country desc&$top=2&$skip=1&$count=true",
          ),
        ).to.deep.equal({
          count: 4,
          value: [
            { customer: { country: null }, paid: true },
            { customer: { country: "DE" }, paid: null },
          ],
        });
      });

      it("stands in what is expanded", async () => {
        const rows = await store.get(
          "/Customers?$select=id&$expand=sales($apply=groupby((paid),aggregate(amount with sum as s)))",
        );
        expect(rows.map(({ sales }: any) => sales)).to.deep.equal([
          [{ paid: null, s: 10.3 }],
          [
            { paid: null, s: null },
            { paid: true, s: 5 },
          ],
          [{ paid: true, s: 7.7 }],
          [],
        ]);
      });
    });

    it("grows with the request, and no faster", () => {
      const nested = (depth: number, within: (inner: string) => string): string =>
        depth === 0 ? "aggregate($count as n)" : within(nested(depth - 1, within));
      const length = (depth: number, within: (inner: string) => string) => {
        const { path, options } = store.resource(`/Sales?$apply=${nested(depth, within)}`);
        return compileRead(path, options, store.context).text.length;
      };
      for (const within of [
        (inner: string) => `concat(${inner},top(1))`,
        (inner: string) => `groupby((rank,paid),${inner})`,
        (inner: string) => `compute(id as c${String(inner.length)})/topcount(2,id)/${inner}`,
      ]) {
        const [few, more, most] = [4, 8, 12].map((depth) => length(depth, within)) as [number, number, number];
        expect((most - more) / (more - few)).to.be.below(1.3);
      }
    });
  });
}
