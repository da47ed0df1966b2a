import { expect } from "chai";
import { storeKinds } from "../support/stores.js";
import type { TestStore } from "../support/stores.js";
import type { Json, Shop } from "./support/bookshop.js";
import { fill, refusal, root, startShop } from "./support/bookshop.js";

const encode = (url: string) => url.replaceAll(" ", "%20");
const level = (name: string, more = "") => ({ accept: `application/json;odata.metadata=${name}${more}` });
const isbn = (number: number) => `isbn ${String(number).padStart(4, "0")}`;
const book = (number: number) => `${root}Books('isbn%20${String(number).padStart(4, "0")}')`;

for (const kind of storeKinds.filter(({ name }) => ["better-sqlite3, memory", "postgres"].includes(name))) {
  describe(`payloads (${kind.name})`, () => {
    let store: TestStore | undefined;
    let shop: Shop;
    const get = async (url: string, headers: Record<string, string> = {}) =>
      (await shop.get(encode(url), headers)).json;
    const values = async (url: string, headers: Record<string, string> = {}) =>
      (await get(url, headers)).value as Json[];

    before(async function () {
      this.timeout(90_000);
      store = await kind.create();
      if (store === undefined) this.skip();
      shop = await startShop({ url: store.url });
      await fill(shop, 24);
    });
    after(async () => {
      if (store === undefined) return;
      await shop.close();
      await store.remove();
    });

    describe("without the key", () => {
      it("an entity tells its id at minimal metadata", async () => {
        expect(await values("/Books?$select=title&$top=2")).to.deep.equal([
          { "@odata.type": "#Books.Novel", "@odata.id": book(0), "@odata.etag": 'W/"1"', title: "Title 0" },
          { "@odata.type": "#Books.Book", "@odata.id": book(1), "@odata.etag": 'W/"1"', title: "Title 1" },
        ]);
        expect(await get(`/Books('${isbn(4)}')?$select=title`)).to.deep.equal({
          "@odata.context": `${root}$metadata#Books(title)/$entity`,
          "@odata.type": "#Books.Book",
          "@odata.id": book(4),
          "@odata.etag": 'W/"1"',
          title: "Title 4",
        });
      });

      it("but not at none, and not where the key is selected", async () => {
        expect(await values("/Books?$select=title&$top=1", level("none"))).to.deep.equal([{ title: "Title 0" }]);
        for (const select of ["isbn", "*", "isbn,title", "*,title"])
          expect((await values(`/Books?$select=${select}&$top=1`))[0], select).not.to.have.property("@odata.id");
      });

      it("what is expanded does, too", async () => {
        const [first] = await values(
          "/Books?$select=isbn&$expand=author($select=name;$expand=books($select=title;$top=1))&$top=1",
        );
        expect(first).to.deep.equal({
          "@odata.type": "#Books.Novel",
          "@odata.etag": 'W/"1"',
          isbn: isbn(0),
          author: {
            "@odata.type": "#Books.Author",
            "@odata.id": `${root}Authors(1)`,
            name: "Author 1",
            books: [{ "@odata.type": "#Books.Novel", "@odata.id": book(0), "@odata.etag": 'W/"1"', title: "Title 0" }],
          },
        });
      });
    });

    describe("references", () => {
      it("in $expand are ids and nothing else", async () => {
        expect(
          await get("/Authors(2)?$expand=teacher/$ref,friends/$ref,books/$ref($top=2;$orderby=isbn desc)&$select=id"),
        ).to.deep.equal({
          "@odata.context": `${root}$metadata#Authors(id)/$entity`,
          "@odata.type": "#Books.Author",
          id: 2,
          teacher: { "@odata.id": `${root}Authors(1)` },
          friends: [{ "@odata.id": `${root}Authors(1)` }],
          books: [{ "@odata.id": book(21) }, { "@odata.id": book(16) }],
        });
        expect((await get("/Authors(1)?$expand=teacher/$ref&$select=id")).teacher).to.equal(null);
      });

      it("can be counted in their place", async () => {
        expect(await get("/Authors(2)?$expand=books/$count($filter=pages gt 103)&$select=id")).to.deep.include({
          "books@odata.count": 1,
        });
      });
    });

    describe("computed and aggregated members", () => {
      it("have their type beside them where the JSON does not tell it", async () => {
        const [first] = await values(
          "/Books?$filter=isbn eq 'isbn 0001'&$compute=pages add 1 as more,rating mul 2 as twice,concat(title,'!') as loud,price mul 2 as double,year(published) as year&$select=isbn,more,twice,loud,double,year",
        );
        expect(first).to.deep.equal({
          "@odata.type": "#Books.Book",
          "@odata.etag": 'W/"1"',
          isbn: isbn(1),
          "more@odata.type": "#Int64",
          more: 102,
          twice: 2 / 7,
          loud: "Title 1!",
          "double@odata.type": "#Decimal",
          double: 2.5,
          "year@odata.type": "#Int32",
          year: 2000,
        });
      });

      it("have none at none, and where they are null", async () => {
        const url = "/Books?$filter=isbn eq 'isbn 0001'&$compute=pages add 1 as more&$select=more";
        expect(await values(url, level("none"))).to.deep.equal([{ more: 102 }]);
        const [empty] = await values(
          "/Books?$filter=isbn eq 'isbn 0000'&$compute=pages add 1 as more&$select=isbn,more",
        );
        expect(empty).to.include({ more: null }).and.not.to.have.property("more@odata.type");
      });

      it("of groups, too, but not the properties that they are grouped by", async () => {
        const url =
          "/Books?$apply=groupby((author/name,pages),aggregate(sold with sum as total,$count as n))&$filter=pages eq 101&$orderby=author/name";
        expect(await get(url)).to.deep.equal({
          "@odata.context": `${root}$metadata#Books(author(name),pages,total,n)`,
          // Those with the numbers 1, 11 and 21.
          value: [
            {
              author: { name: "Author 2" },
              pages: 101,
              "total@odata.type": "#Decimal",
              total: 33 * 1_000_003,
              "n@odata.type": "#Decimal",
              n: 3,
            },
          ],
        });
      });

      it("that are long are texts for readers of doubles", async () => {
        const accept = { accept: "application/json;IEEE754Compatible=true" };
        const [row] = await values(
          "/Books?$apply=aggregate(sold with max as most,price with max as dearest,$count as n,pages with max as longest)",
          accept,
        );
        expect(row).to.deep.equal({
          "most@odata.type": "#Int64",
          most: "23000069",
          "dearest@odata.type": "#Decimal",
          dearest: "28.75",
          "n@odata.type": "#Decimal",
          n: "24",
          "longest@odata.type": "#Int32",
          longest: 109,
        });
      });

      it("are no stored entities, which 4.0 says", async () => {
        const url = "/Books?$apply=aggregate($count as n)";
        const old = { "odata-maxversion": "4.0" };
        expect((await values(url, old))[0]).to.deep.include({ "@odata.id": null, n: 24 });
        expect((await values(url))[0]).not.to.have.property("@odata.id");
        expect((await values(url, { ...old, ...level("none") }))[0]).to.deep.equal({ n: 24 });
        expect((await values("/Books?$apply=filter(pages eq 101)", old))[0]).not.to.have.property("@odata.id");
      });
    });

    describe("full metadata", () => {
      it("shows every kind of control information where it belongs", async () => {
        const url = `/Books('${isbn(3)}')?$select=isbn,price,author&$expand=author($select=born,address)`;
        const answer = await shop.get(encode(url), level("full"));
        expect(Object.entries(answer.json)).to.deep.equal(
          Object.entries({
            "@odata.context": `${root}$metadata#Books(isbn,price,author,author(born,address))/$entity`,
            "@odata.type": "#Books.Novel",
            "@odata.id": book(3),
            "@odata.etag": 'W/"1"',
            "@odata.editLink": book(3),
            isbn: isbn(3),
            "price@odata.type": "#Decimal",
            price: 3.75,
            "author@odata.associationLink": `${book(3)}/author/$ref`,
            "author@odata.navigationLink": `${book(3)}/author`,
            author: {
              "@odata.type": "#Books.Author",
              "@odata.id": `${root}Authors(4)`,
              "@odata.editLink": `${root}Authors(4)`,
              "born@odata.type": "#Date",
              born: "1940-01-04",
              address: {
                "@odata.type": "#Books.Address",
                street: "Street 4",
                city: "Bonn",
                "floor@odata.type": "#Int32",
                floor: 4,
              },
            },
          }),
        );
      });

      it("has counts of what is expanded, and no links of what was not selected", async () => {
        const entity = await get(
          "/Authors(2)?$select=id&$expand=books($count=true;$top=1;$select=isbn)",
          level("full"),
        );
        expect(Object.keys(entity).filter((name) => /Link$/.test(name))).to.deep.equal([
          "@odata.editLink",
          "books@odata.associationLink",
          "books@odata.navigationLink",
        ]);
        expect(entity["books@odata.count"]).to.equal(5);
      });

      it("every link leads to what it says", async () => {
        const entity = await get("/Authors(2)?$expand=teacher,books", level("full"));
        const links = (owner: Json) => Object.entries(owner).filter(([name]) => /Link$/.test(name));
        for (const owner of [entity, entity.teacher as Json, ...(entity.books as Json[])]) {
          for (const [name, link] of links(owner)) {
            const { status } = await shop.get((link as string).slice(root.length - 1));
            expect(status, `${name} ${String(link)}`).to.be.oneOf([200, 204]);
          }
        }
      });
    });

    describe("for readers of streams", () => {
      /** Where members of each kind stand. */
      const order = (entity: Json) => Object.keys(entity).map((name) => (name.startsWith("@") ? "@" : name));

      it("4.0 has what is expanded behind all properties", async () => {
        const headers = { "odata-maxversion": "4.0", ...level("minimal", ";odata.streaming=true") };
        const answer = await shop.get("/Authors(2)?$expand=teacher", headers);
        expect(answer.headers["content-type"]).to.equal("application/json;odata.metadata=minimal;odata.streaming=true");
        expect(order(answer.json)).to.deep.equal([
          "@",
          "@",
          "id",
          "name",
          "born",
          "address",
          "former",
          "names",
          "teacher",
        ]);
        expect(answer.json).to.deep.equal(await get("/Authors(2)?$expand=teacher", { "odata-maxversion": "4.0" }));
      });
    });

    describe("omit-values", () => {
      const omit = (what: string) => ({ prefer: `omit-values=${what}` });

      it("nulls: properties that are null are left out, in complex values and expanded entities, too", async () => {
        const answer = await shop.get("/Authors(3)?$expand=books($filter=isbn%20eq%20'isbn%200012')", omit("nulls"));
        expect(answer.headers).to.include({ "preference-applied": "omit-values=nulls", vary: "Prefer" });
        const { "@odata.context": _, ...entity } = answer.json;
        expect(entity).to.deep.equal({
          "@odata.type": "#Books.Author",
          id: 3,
          name: "Author 3",
          address: { street: "Street 3", city: "Oslo", floor: 3 },
          former: [
            { city: "City 0", floor: 0 },
            { "@odata.type": "#Books.CompanyAddress", city: "City 1", floor: 1, company: "Company 1" },
          ],
          names: ["Name 0", "Name 1", "Name 2"],
          books: [
            {
              "@odata.type": "#Books.Novel",
              "@odata.etag": 'W/"1"',
              isbn: isbn(12),
              title: "Title 5",
              price: 15,
              published: "2000-01-13T12:00:00Z",
              rating: 12 / 7,
              version: 1,
              hero: "Hero 12",
            },
          ],
        });
      });

      it("defaults: what has its default is left out; a null that is none stays", async () => {
        const [first, second] = await values(
          "/Books?$filter=isbn in ('isbn 0000','isbn 0010')&$select=isbn,price,pages",
          omit("defaults"),
        );
        expect(first).to.include({ pages: null }).and.not.to.have.property("price");
        expect(second).not.to.have.any.keys("pages", "price");
        expect((await get("/Authors(3)/former", omit("defaults"))).value).to.deep.equal([
          { city: "City 0" },
          { "@odata.type": "#Books.CompanyAddress", city: "City 1", floor: 1, company: "Company 1" },
        ]);
      });

      it("holds for collections and pages, and for no write", async () => {
        const answer = await shop.get("/Books?$top=1&$select=isbn,pages", {
          prefer: "omit-values=nulls,maxpagesize=5",
        });
        expect(answer.headers["preference-applied"]).to.equal("maxpagesize=5, omit-values=nulls");
        expect(answer.json.value).to.deep.equal([
          { "@odata.type": "#Books.Novel", "@odata.etag": 'W/"1"', isbn: isbn(0) },
        ]);
        const created = await shop.call("POST", "/Authors", { id: 99, name: "New" }, omit("nulls"));
        expect(created.json).to.have.property("born", null);
        expect(created.headers).not.to.have.property("preference-applied");
        await shop.call("DELETE", "/Authors(99)");
      });
    });

    it("include-annotations: there are none to leave out, and it is said what was asked for", async () => {
      for (const wanted of ["*", "-*", "Org.OData.Core.V1.*,-other.*#q"]) {
        const answer = await shop.get("/Books?$top=1", { prefer: `odata.include-annotations="${wanted}"` });
        expect(answer.headers["preference-applied"]).to.equal(`include-annotations="${wanted}"`);
        expect(answer.json).to.deep.equal((await shop.get("/Books?$top=1")).json);
      }
    });

    describe("ETags", () => {
      const one = `/Books('${encode(isbn(5))}')`;

      it("stand in the header of the answer with an entity, and in the entity", async () => {
        for (const url of [one, `${one}?$select=title`, `/$entity?$id=${one.slice(1)}`]) {
          const answer = await shop.get(url);
          expect(answer.headers.etag, url).to.equal('W/"1"');
          expect(answer.json["@odata.etag"], url).to.equal('W/"1"');
        }
        for (const wanted of ["none", "full"])
          expect((await shop.get(one, level(wanted))).headers.etag).to.equal('W/"1"');
        expect((await shop.get("/Authors(1)")).headers).not.to.have.property("etag");
        expect((await shop.get("/Books")).headers).not.to.have.property("etag");
      });

      it("change with the entity, and answers to writes have the new one", async () => {
        const changed = await shop.call("PATCH", one, { title: "Other" });
        expect(changed.headers.etag).to.equal('W/"2"');
        expect((await shop.get(one)).headers.etag).to.equal('W/"2"');
        const created = await shop.call("POST", "/Books", { isbn: "e", title: "e" });
        expect(created.headers.etag).to.equal('W/"1"');
        await shop.call("DELETE", "/Books('e')");
      });

      it("let a change be made by whoever knows the entity as it is, and by nobody else", async () => {
        const etag = (await shop.get(one)).headers.etag!;
        for (const [method, known] of [
          ["PATCH", 'W/"1000"'],
          ["DELETE", 'W/"1000", "x"'],
        ] as const) {
          const lost = shop.call(method, one, method === "PATCH" ? { title: "lost" } : undefined, {
            "if-match": known,
          });
          expect(await refusal(lost)).to.have.property("status", 412);
        }
        const changed = await shop.call("PATCH", one, { title: "kept" }, { "if-match": `"x",${etag}` });
        expect(changed.json).to.include({ title: "kept" });
        expect(await refusal(shop.call("PATCH", one, {}, { "if-match": etag }))).to.have.property("status", 412);
      });

      it("304 for whoever has the entity as it is", async () => {
        const etag = (await shop.get(one)).headers.etag!;
        for (const known of [etag, `"x", ${etag}`, etag.replace("W/", ""), "*"]) {
          for (const method of ["GET", "HEAD"]) {
            const answer = await shop.call(method, one, undefined, { "if-none-match": known });
            expect(answer, known).to.include({ status: 304, text: "" });
            expect(answer.headers.etag).to.equal(etag);
          }
        }
        for (const known of ['W/"1000"', '""', "x"]) {
          const answer = await shop.get(one, { "if-none-match": known });
          expect(answer.status, known).to.equal(200);
        }
        expect((await shop.get("/Authors(1)", { "if-none-match": "*" })).status).to.equal(200);
      });
    });
  });
}
