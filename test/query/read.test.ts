import { expect } from "chai";
import type { EntitySegment } from "../../src/binding/index.js";
import { compileCount, compileProperty, compileRead, compileRow } from "../../src/query/index.js";
import { databases, QueryStore } from "./support/query-store.js";
import { box, customers, home, stock } from "./support/shop-data.js";
import { Shop, shopEntities } from "./support/shop.js";

for (const database of databases) {
  describe(`reads (${database})`, () => {
    let store: QueryStore;
    before(async function () {
      store = (await QueryStore.open(database, Shop, shopEntities)) ?? this.skip();
      await stock(store);
    });
    after(() => store?.close());

    const get = (url: string) => store.get(url);
    const ids = async (url: string) => (await get(url)).map(({ id }: { id: number }) => id);
    /** Without what says of which type and state an entity is. */
    const bare = (value: any): any => {
      if (Array.isArray(value)) return value.map(bare);
      const { "@odata.type": _type, "@odata.etag": _etag, ...members } = value;
      return members;
    };

    describe("an entity's text", () => {
      it("has the type, the columns and the document with its dynamic properties", async () => {
        for (const customer of customers) {
          const { "@odata.type": type, "@odata.etag": _etag, ...members } = await get(`/Customers(${customer.id})`);
          expect(type).to.equal("#Shop.Customer");
          expect(members).to.deep.equal(customer);
        }
      });

      it("has the members of its actual type", async () => {
        const [b1, b2, g1, p1] = await get("/Products");
        expect(b1).to.deep.include({ "@odata.type": "#Shop.Book", edition: 2, authors: ["Ada", "Bo"], about: home });
        expect(b2).to.deep.include({ "@odata.type": "#Shop.Book", edition: null, authors: [] });
        expect(g1).to.deep.include({ "@odata.type": "#Shop.Gadget", volts: 230, about: { lat: 1, lon: 2 } });
        expect(g1).to.not.have.any.keys("edition", "authors");
        expect(p1).to.have.all.keys("@odata.type", "code", "label", "price");
      });

      it("has an ETag of the properties that tell its state: numbers and instants as they are, texts in hexadecimal", async () => {
        const etags = (await get("/Customers?$select=id")).map((row: any) => row["@odata.etag"]);
        expect(etags).to.deep.equal([
          'W/"3,2024-01-01T00:00:00.5Z,6869"',
          'W/"-,-,-"',
          'W/"1,2024-02-02T02:02:02Z,c3a9"',
          'W/"1,-,-"',
        ]);
      });

      it("has an ETag only where its type has such properties", async () => {
        const etags = (await get("/Products")).map((row: any) => row["@odata.etag"]);
        expect(etags).to.deep.equal(['W/"2"', 'W/"-"', undefined, undefined]);
      });
    });

    describe("$select", () => {
      it("of columns, of the document, of dynamic properties", async () => {
        expect(bare(await get("/Customers(1)?$select=name,motto,shoe,likes"))).to.deep.equal({
          name: "Ann",
          motto: "hi",
          shoe: 42,
          likes: { a: [1] },
        });
        expect(bare(await get("/Customers(2)?$select=name,shoe"))).to.deep.equal({ name: "Bob" });
        expect(bare(await get("/Customers(3)?$select=shoe"))).to.deep.equal({ shoe: "38" });
      });

      it("of parts of complex values, whether they have a column or not", async () => {
        const url = "/Customers(1)?$select=home/city,home/geo/lat,work/city";
        expect(bare(await get(url))).to.deep.equal({
          home: { city: "Ulm", geo: { lat: 48.4 } },
          work: { "@odata.type": "#Shop.PostBox", city: "Bonn" },
        });
        expect(bare(await get("/Customers(2)?$select=home/city,work/geo/lat"))).to.deep.equal({
          home: null,
          work: null,
        });
        expect(bare(await get("/Customers(3)?$select=home/city,home/geo/lat"))).to.deep.equal({
          home: { city: null, geo: null },
        });
      });

      it("of a property behind a cast, for values of that type only", async () => {
        const values = await get("/Customers?$select=work/city,work/Shop.PostBox/box");
        expect(values.map(({ work }: any) => work)).to.deep.equal([
          { "@odata.type": "#Shop.PostBox", city: "Bonn", box: 7 },
          null,
          { city: "Ulm" },
          null,
        ]);
      });

      it("of a property that types share by name but not by type", async () => {
        const values = await get("/Products?$select=code,Shop.Book/about/city,Shop.Gadget/about/lon");
        expect(bare(values)).to.deep.equal([
          { code: "b1", about: { city: "Ulm" } },
          { code: "b2", about: null },
          { code: "g1", about: { lon: 2 } },
          { code: "p1" },
        ]);
      });

      it("of a property of derived types, of all or of one of them", async () => {
        expect(bare(await get("/Products?$select=about"))).to.deep.equal([
          { about: home },
          { about: null },
          { about: { lat: 1, lon: 2 } },
          {},
        ]);
        expect(bare(await get("/Products?$select=Shop.Book/edition"))).to.deep.equal([
          { edition: 2 },
          { edition: null },
          {},
          {},
        ]);
      });

      it("of the items of a collection, cut down", async () => {
        expect(bare(await get("/Customers(1)?$select=phones/number,others/city"))).to.deep.equal({
          phones: [{ number: "1" }, { number: "2" }],
          others: [{ "@odata.type": "#Shop.PostBox", city: "Bonn" }, { city: "Ulm" }],
        });
      });

      it("of the items of a collection, filtered, sorted, paged and counted", async () => {
        const {
          "@odata.type": _type,
          "@odata.etag": _etag,
          ...members
        } = await get(
          "/Customers(1)?$select=tags($filter=$this ne 'y';$orderby=$this),scores($orderby=$this desc;$top=2;$count=true),phones($filter=kind eq 'home';$select=number)",
        );
        expect(members).to.deep.equal({
          tags: ['quote"d', "x"],
          "scores@odata.count": 3,
          scores: [30, 20],
          phones: [{ number: "2" }],
        });
      });

      it("skips items in their own order", async () => {
        expect(bare(await get("/Customers(1)?$select=scores($skip=1),tags($skip=1;$top=1)"))).to.deep.equal({
          scores: [10, 20],
          tags: ["y"],
        });
      });

      it("of everything beside a part: everything, once", async () => {
        expect(bare(await get("/Customers(1)?$select=*,home/city"))).to.deep.equal(customers[0]);
      });

      it("of everything beside a collection that is cut down keeps dynamic properties", async () => {
        expect(bare(await get("/Customers(1)?$select=*,tags($top=1)"))).to.deep.equal({ ...customers[0], tags: ["x"] });
      });

      it("of dynamic properties of complex values", async () => {
        expect(bare(await get("/Customers(1)?$select=phones/ext"))).to.deep.equal({ phones: [{ ext: 12.5 }, {}] });
      });

      it("of a computed property only", async () => {
        expect(bare(await get("/Customers?$compute=id mul 2 as twice&$select=twice"))).to.deep.equal([
          { twice: 2 },
          { twice: 4 },
          { twice: 6 },
          { twice: 8 },
        ]);
      });

      it("adds computed properties where nothing is selected", async () => {
        const value = await get("/Customers(1)?$compute=concat(name,'!') as loud,country eq 'DE' as home1");
        expect(value).to.include({ name: "Ann", shoe: 42, loud: "Ann!", home1: true });
      });

      it("with more members than a database nests operators", async () => {
        const names = Array.from({ length: 800 }, (_, index) => `c${String(index)}`);
        const value = await get(`/Customers(1)?$compute=${names.map((name) => `id as ${name}`).join()}`);
        expect(value).to.include({ name: "Ann", c0: 1, c799: 1 });
      });

      it("of a navigation property has no member", async () => {
        expect(bare(await get("/Customers(1)?$select=id,sales"))).to.deep.equal({ id: 1 });
      });
    });

    describe("$expand", () => {
      it("follows a foreign key, in both directions", async () => {
        const [ann] = await get("/Customers?$select=id&$expand=sales($select=id;$expand=customer($select=name))");
        expect(bare(ann.sales)).to.deep.equal([1, 2].map((id) => ({ id, customer: ann.sales[0].customer })));
        expect(bare(ann.sales[0].customer)).to.deep.equal({ name: "Ann" });
        const lost = await get("/Sales(6)?$select=id&$expand=customer,product");
        expect(lost).to.deep.include({ customer: null, product: null });
      });

      it("follows links in the order in which they were made", async () => {
        const value = await get("/Customers(1)?$select=id&$expand=friends($select=id),wishes($select=code),boss");
        expect(value.friends.map(({ id }: any) => id)).to.deep.equal([3, 2]);
        expect(value.wishes.map(({ code }: any) => code)).to.deep.equal(["g1", "b2", "p1"]);
        expect(value.boss).to.equal(null);
        expect(bare((await get("/Customers(3)?$expand=boss($select=name)")).boss)).to.deep.equal({ name: "Ann" });
      });

      it("filters, sorts, pages and counts what is expanded", async () => {
        const [ann, bob] = await get(
          "/Customers?$select=id&$expand=sales($select=id;$orderby=quantity desc;$top=1;$count=true),friends($filter=id gt 2;$select=id;$count=true)",
        );
        expect(ann).to.deep.include({ "sales@odata.count": 2, "friends@odata.count": 1 });
        expect(bare(ann.sales)).to.deep.equal([{ id: 1 }]);
        expect(bare(ann.friends)).to.deep.equal([{ id: 3 }]);
        expect(bare(bob.sales)).to.deep.equal([{ id: 4 }]);
        expect(bob.friends).to.deep.equal([]);
      });

      it("computes, and skips", async () => {
        const [ann] = await get("/Customers?$expand=sales($compute=quantity mul 10 as ten;$select=ten;$skip=1)");
        expect(bare(ann.sales)).to.deep.equal([{ ten: 10 }]);
      });

      it("counts without the entities", async () => {
        const values = bare(await get("/Customers?$select=id&$expand=sales/$count,friends/$count($filter=id eq 3)"));
        expect(values).to.deep.equal([
          { id: 1, "sales@odata.count": 2, "friends@odata.count": 1 },
          { id: 2, "sales@odata.count": 2, "friends@odata.count": 0 },
          { id: 3, "sales@odata.count": 1, "friends@odata.count": 0 },
          { id: 4, "sales@odata.count": 0, "friends@odata.count": 0 },
        ]);
      });

      it("tells of references no more than type and key", async () => {
        const value = await get("/Customers(1)?$select=id&$expand=friends/$ref($top=1),wishes/$ref");
        expect(value.friends).to.deep.equal([{ "@odata.type": "#Shop.Customer", id: 3 }]);
        expect(value.wishes).to.deep.equal([
          { "@odata.type": "#Shop.Gadget", code: "g1" },
          { "@odata.type": "#Shop.Book", code: "b2" },
          { "@odata.type": "#Shop.Product", code: "p1" },
        ]);
      });

      it("takes only targets of a type", async () => {
        const value = await get("/Customers(1)?$select=id&$expand=wishes/Shop.Book($select=code,edition)");
        expect(bare(value.wishes)).to.deep.equal([{ code: "b2", edition: null }]);
      });

      it("is for entities of the type that has the property", async () => {
        for (const sequels of ["sequels", "Shop.Book/sequels"]) {
          const values = await get(`/Products?$select=code&$expand=${sequels}($select=code)`);
          expect(values.map((value: any) => value.sequels?.map(({ code }: any) => code))).to.deep.equal([
            ["b2", "g1"],
            [],
            undefined,
            undefined,
          ]);
        }
      });

      it("goes on for as many levels as are asked for", async () => {
        const value = await get("/Customers(1)?$select=id&$expand=friends($select=id;$levels=3)");
        const [, second] = value.friends;
        expect(second.friends[0].friends.map(({ id }: any) => id)).to.deep.equal([3, 2]);
        expect(second.friends[0].friends[0]).to.not.have.property("friends");
      });

      it("refers to the entity of the request with $it", async () => {
        const values = await get("/Customers?$select=id&$expand=friends($filter=id gt $it/id;$select=id)");
        expect(values.map(({ friends }: any) => friends.map(({ id }: any) => id))).to.deep.equal([[3, 2], [], [], []]);
      });
    });

    describe("collections", () => {
      it("are filtered, sorted and paged", async () => {
        expect(await ids("/Customers?$filter=country eq 'DE'&$orderby=name desc")).to.deep.equal([4, 1]);
        expect(await ids("/Customers?$orderby=country,id desc")).to.deep.equal([2, 4, 1, 3]);
        expect(await ids("/Customers?$orderby=country desc")).to.deep.equal([3, 1, 4, 2]);
        expect(await ids("/Customers?$skip=1&$top=2")).to.deep.equal([2, 3]);
        expect(await ids("/Customers?$skip=3")).to.deep.equal([4]);
        expect(await ids("/Customers?$orderby=motto,version desc")).to.deep.equal([4, 2, 1, 3]);
      });

      it("are counted whatever the page, also where it is empty", async () => {
        const { count, value } = await get("/Customers?$count=true&$top=1&$skip=1&$filter=id lt 4");
        expect([count, value.map(({ id }: any) => id)]).to.deep.equal([3, [2]]);
        expect(await get("/Customers?$count=true&$top=0")).to.deep.equal({ count: 4, value: [] });
        expect(await get("/Customers?$count=true&$filter=id gt 9")).to.deep.equal({ count: 0, value: [] });
      });

      it("are counted by themselves, with $filter", async () => {
        expect(await get("/Customers/$count")).to.equal(4);
        expect(await get("/Customers/$count?$filter=country eq 'DE'")).to.equal(2);
        expect(await get("/Customers(1)/sales/$count")).to.equal(2);
        expect(await get("/Products/Shop.Book/$count")).to.equal(2);
      });

      it("are searched", async () => {
        expect(await ids("/Customers?$search=ann OR cid")).to.deep.equal([1, 3]);
        expect(await get("/Customers/$count?$search=NOT ann")).to.equal(3);
        const [, bob] = await get("/Customers?$select=id&$expand=friends($search=ann;$select=id)");
        expect(bare(bob.friends)).to.deep.equal([{ id: 1 }]);
      });

      it("of a type are reached over casts", async () => {
        expect(bare(await get("/Products/Shop.Book?$select=code,edition"))).to.deep.equal([
          { code: "b1", edition: 2 },
          { code: "b2", edition: null },
        ]);
      });

      it("of references have types and keys, filtered and paged", async () => {
        expect(await get("/Products/$ref?$filter=price ne null&$top=2")).to.deep.equal([
          ["Book", "b1"],
          ["Gadget", "g1"],
        ]);
      });

      it("are narrowed by filters in the path, before and behind navigation", async () => {
        expect(await ids("/Customers/$filter(country eq 'DE')?$select=id")).to.deep.equal([1, 4]);
        expect(await ids("/Customers/$filter(country eq 'DE')/$filter(id gt 1)?$select=id")).to.deep.equal([4]);
        expect(await ids("/Customers(1)/sales/$filter(@small)?@small=quantity lt 2&$select=id")).to.deep.equal([2]);
        expect(await get("/Customers/$filter(country eq 'DE')/$count")).to.equal(2);
      });
    });

    describe("paths", () => {
      it("by an alternate key, in a column or in the document", async () => {
        expect((await get("/Customers(name='Cid')")).id).to.equal(3);
        expect((await get("/Customers(says='hi')")).id).to.equal(1);
        expect(await get("/Customers(name='nobody')")).to.equal(undefined);
      });

      it("go on from links and foreign keys", async () => {
        expect((await get("/Customers(1)/friends(2)")).name).to.equal("Bob");
        expect(await get("/Customers(1)/friends(4)")).to.equal(undefined);
        expect((await get("/Sales(1)/product")).code).to.equal("b1");
        expect(await ids("/Customers(1)/friends?$select=id")).to.deep.equal([3, 2]);
      });

      it("pick one by its place, from either end, and go on from it", async () => {
        const place = async (index: number, ...behind: EntitySegment[]) => {
          const { path, options } = store.resource("/Customers(1)/friends");
          const segments = [...path.segments, { kind: "ordinal", index } as const, ...behind];
          const statement = compileRead({ ...path, segments, collection: behind.length > 0 }, options, store.context);
          const rows = await store.run(statement, store.values("/Customers(1)/friends"));
          return rows.map(([text]) => JSON.parse(`${String(text)}}`).id);
        };
        expect(await place(0)).to.deep.equal([3]);
        expect(await place(1)).to.deep.equal([2]);
        expect(await place(-1)).to.deep.equal([2]);
        expect(await place(-2)).to.deep.equal([3]);
        expect(await place(2)).to.deep.equal([]);
        const friends = store.resource("/Customers(1)/friends").path.segments.at(-1)!;
        expect(await place(-1, friends)).to.deep.equal([1]);
      });

      it("are read as rows for those who change them", async () => {
        const { path } = store.resource("/Customers/$filter(country eq 'DE')/$each");
        const statement = compileRow(path, store.context, ["id", "name"]);
        const rows = await store.run(statement, store.values("/Customers"));
        expect(rows.map(([id, name]) => [String(id), name]).sort()).to.deep.equal([
          ["1", "Ann"],
          ["4", "Dee"],
        ]);
      });
    });

    describe("properties", () => {
      const cases: Record<string, unknown> = {
        "/Customers(1)/name": "Ann",
        "/Customers(2)/country": null,
        "/Customers(1)/changed": "2024-01-01T00:00:00.5Z",
        "/Customers(1)/home": home,
        "/Customers(1)/home/geo/lon": 10,
        "/Customers(1)/work": box,
        "/Customers(1)/work/city": "Bonn",
        "/Customers(2)/home": null,
        "/Products('b1')/edition": 2,
        "/Products('g1')/about": { lat: 1, lon: 2 },
        "/Products('g1')/edition": undefined,
        "/Products('g1')/authors": undefined,
      };
      for (const [url, value] of Object.entries(cases)) {
        it(url, async () => expect(await get(url)).to.deep.equal(value));
      }

      it("keep all digits of their numbers", async () => {
        for (const [url, text] of [
          ["/Sales(2)/big", "9007199254740993"],
          ["/Products('g1')/price", "99999999999999999999.000000000000000001"],
        ] as const) {
          const { path, options } = store.resource(url);
          const rows = await store.run(compileProperty(path, options, store.context), store.values(url));
          expect(rows).to.deep.equal([[text]]);
        }
      });

      it("behind a cast are there for values of the type", async () => {
        expect(await get("/Customers(1)/work/Shop.PostBox/box")).to.equal(7);
        expect(await get("/Customers(1)/work/Shop.PostBox")).to.deep.equal(box);
        expect(await get("/Customers(3)/work/Shop.PostBox")).to.equal(undefined);
        expect(await get("/Customers(3)/work/Shop.Address/city")).to.equal("Ulm");
        expect(await get("/Customers(1)/home/Shop.PostBox/box")).to.equal(undefined);
      });

      it("that are complex are cut down by $select and added to by $compute", async () => {
        expect(await get("/Customers(1)/home?$select=geo/lon,city")).to.deep.equal({ city: "Ulm", geo: { lon: 10 } });
        expect(await get("/Customers(1)/work?$select=city")).to.deep.equal({
          "@odata.type": "#Shop.PostBox",
          city: "Bonn",
        });
        expect(await get("/Customers(2)/home?$select=city")).to.equal(null);
      });

      it("that are collections have items at places", async () => {
        expect(await get("/Customers(1)/tags/0")).to.equal("x");
        expect(await get("/Customers(1)/tags/-1")).to.equal('quote"d');
        expect(await get("/Customers(1)/tags/3")).to.equal(undefined);
        expect(await get("/Customers(1)/phones/1")).to.deep.equal({ kind: "home", number: "2" });
        expect(await get("/Customers(1)/phones/0/number")).to.equal("1");
        expect(await get("/Customers(1)/others/-1/geo/lat")).to.equal(48.4);
        expect(await get("/Customers(1)/others/0/Shop.PostBox/box")).to.equal(7);
        expect(await get("/Customers(1)/others/1/Shop.PostBox/box")).to.equal(undefined);
        expect(await get("/Customers(1)/others/1/lines/1")).to.equal("2nd");
      });

      it("that are collections are narrowed to a type, or by filters", async () => {
        expect(await get("/Customers(1)/others/Shop.PostBox")).to.deep.equal([box]);
        expect(await get("/Customers(1)/others/Shop.PostBox/$count")).to.equal(1);
        expect(await get("/Customers(1)/phones/$filter(kind eq 'home')")).to.deep.equal([customers[0]!.phones[1]]);
        expect(await get("/Customers(1)/phones/$filter(kind eq 'home')/0/number")).to.equal("2");
      });

      it("that are collections are counted", async () => {
        expect(await get("/Customers(1)/tags/$count")).to.equal(3);
        expect(await get("/Customers(2)/tags/$count")).to.equal(0);
        expect(await get("/Customers(1)/scores/$count?$filter=$it gt 10")).to.equal(2);
      });

      it("that are collections take query options", async () => {
        expect(await get("/Customers(1)/scores?$orderby=$it&$top=2&$count=true")).to.deep.equal({
          count: 3,
          value: [10, 20],
        });
        expect(await get("/Customers(1)/scores?$filter=$it ge 20&$skip=1")).to.deep.equal([20]);
        expect(await get("/Customers(1)/phones?$select=number&$orderby=number desc")).to.deep.equal([
          { number: "2" },
          { number: "1" },
        ]);
      });

      it("of other values cost no more than their own text", () => {
        const { path, options } = store.resource("/Customers");
        expect(compileCount(path, options, store.context).text).to.equal('select count(*) from "customer" as "e0"');
      });
    });

    describe("a cross join", () => {
      it("combines all with all, in the order of the keys", async () => {
        const rows = await get("/$crossjoin(Customers,Products)?$top=5");
        expect(rows.map(({ Customers, Products }: any) => [Customers.id, Products.code])).to.deep.equal([
          [1, "b1"],
          [1, "b2"],
          [1, "g1"],
          [1, "p1"],
          [2, "b1"],
        ]);
        expect(rows[2].Products).to.deep.equal({ "@odata.type": "#Shop.Gadget", code: "g1" });
      });

      it("filters, sorts and counts the combinations, and expands their parts", async () => {
        const { count, value } = await get(
          "/$crossjoin(Customers,Products)?$filter=Customers/name eq 'Ann' and Products/price gt 1&$orderby=Products/code desc&$count=true&$top=2&$expand=Products($select=label)",
        );
        expect(count).to.equal(3);
        expect(value.map(({ Products }: any) => Products.label)).to.deep.equal(["plain", "tool"]);
        expect(value[0].Customers).to.deep.equal({ "@odata.type": "#Shop.Customer", id: 1 });
      });

      it("goes on behind a row", async () => {
        const url = "/$crossjoin(Customers,Products)?$filter=Customers/id lt 3";
        const seen: unknown[] = [];
        let after: any[] | undefined;
        do {
          const page = await store.page(
            url,
            { keyset: true, after: after?.map((value) => value === null) },
            { limit: 3, after },
          );
          seen.push(...page.rows.map(({ value }) => `${value.Customers.id} ${value.Products.code}`));
          after = page.rows.length < 3 ? undefined : [...page.rows.at(-1)!.order];
        } while (after !== undefined);
        expect(seen).to.deep.equal(["1 b1", "1 b2", "1 g1", "1 p1", "2 b1", "2 b2", "2 g1", "2 p1"]);
      });
    });
  });
}
