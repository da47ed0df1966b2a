import { expect } from "chai";
import type { Service } from "../../src/index.js";
import { createService, Edm, odata, type PlainObject, type Session, TypeOrmController } from "../../src/index.js";
import { storeKinds } from "../support/stores.js";
import { Author, Book, CompanyAddress, Novel } from "./support/bookshop.js";
import type { Client } from "./support/client.js";
import { answering } from "./support/client.js";

/** Its entities are its own and not the store's, so the options are carried out on what it gives. */
@odata.type(Author)
class ChangedAuthors extends TypeOrmController {
  override async find(): Promise<object[]> {
    const authors: PlainObject[] = [];
    for await (const author of super.find() as AsyncIterable<PlainObject>)
      authors.push({ ...author, born: "2000-01-01" });
    return authors;
  }

  override async findOne(@odata.key id: number): Promise<object | undefined> {
    const author = (await super.findOne(id)) as PlainObject | undefined;
    return author === undefined ? undefined : { ...author, born: "2000-01-01" };
  }
}
/** The same entities, with no method that changes them. */
@odata.type(Author)
class Writers extends TypeOrmController {}
@odata.type(Book)
class Books extends TypeOrmController {}

@odata.namespace("Books")
@odata.container("Shop")
@odata.controller(ChangedAuthors as never, "Authors")
@odata.controller(Writers as never, "Writers")
@odata.controller(Books as never, "Books")
@odata.types(CompanyAddress, Novel)
class ChangedShop {
  /** In no order that a key has, one of them twice. */
  @Edm.Composable
  @Edm.FunctionImport(Edm.Collection(Edm.EntityType(Author)))
  Some(): PlainObject[] {
    return [{ id: 2 }, { id: 1, name: "Renamed" }, { id: 99 }, { id: 2 }];
  }

  @Edm.Composable
  @Edm.FunctionImport(Edm.EntityType(Book))
  Last(@odata.session session: Session): Promise<PlainObject | undefined> {
    return session.get("Books('b5')");
  }

  @Edm.ActionImport(Edm.EntityType(Author))
  First(): PlainObject {
    return { id: 1 };
  }
}

/** What is expanded, in every way that has an outcome of its own where it is done twice. */
const expands = [
  "books",
  "books($skip=1)",
  "books($skip=1;$top=2)",
  "books($orderby=pages desc;$skip=2)",
  "books($filter=pages gt 20;$select=isbn)",
  "books($filter=pages gt 10;$count=true;$top=1;$select=isbn)",
  "books($compute=pages mul 2 as twice;$filter=twice gt 50;$orderby=twice desc;$top=2;$select=isbn,twice)",
  "books($select=isbn;$expand=author($select=name;$expand=books($skip=3;$select=isbn)))",
  "books/$count($filter=pages gt 20)",
  "books/$ref($skip=3)",
  "friends($levels=2;$skip=1;$select=id)",
];

for (const kind of storeKinds) {
  describe(`related entities of what methods give (${kind.name})`, () => {
    let service: Service;
    let client: Client;
    let remove: (() => Promise<void>) | undefined;

    before(async function () {
      this.timeout(60_000);
      const store = await kind.create();
      if (store === undefined) return this.skip();
      remove = () => store.remove();
      service = await createService(ChangedShop, { database: { url: store.url } });
      client = answering(service);
      for (const id of [1, 2, 3]) await client.call("POST", "/Authors", { id, name: `Author ${id}` });
      for (const n of [1, 2, 3, 4, 5]) {
        const book = { isbn: `b${n}`, title: `Book ${n}`, pages: n * 10, sold: "9007199254740993" };
        await client.call("POST", "/Books", { ...book, "author@odata.bind": n === 5 ? "Authors(2)" : "Authors(1)" });
      }
      for (const [one, other] of [
        [1, 2],
        [1, 3],
        [2, 3],
        [2, 1],
        [3, 1],
        [3, 2],
      ])
        await client.call("POST", `/Authors(${one})/friends/$ref`, { "@odata.id": `Authors(${other})` });
    });
    after(async () => {
      await service?.close();
      await remove?.();
    });

    const value = async (url: string) => (await client.get(url)).json.value;

    // Expansions within expansions need functions that the driver sqlite3 cannot add.
    for (const expand of expands.filter((one) => kind.driver !== "sqlite3" || !/\$expand|\$levels/.test(one))) {
      it(`are those of the store: $expand=${expand}`, async () => {
        const url = `?$select=id&$expand=${expand}`;
        const expected = (await value(`/Writers${url}`)) as { id: number }[];
        const [first, second] = expected;
        expect(await value(`/Authors${url}`)).to.deep.equal(expected);
        expect(await value(`/Some()${url}&$filter=id lt 50`)).to.deep.equal([second, first, second]);
        expect((await client.get(`/Authors(1)${url}`)).json).to.deep.include(first);
        expect((await client.call("POST", `/First${url}`, {})).json).to.deep.include(first);
      });
    }

    it("are asked for in one statement, however many entities there are", async () => {
      const { reader } = service.database;
      let statements = 0;
      const rows = reader.rows.bind(reader);
      reader.rows = (...given) => {
        statements++;
        return rows(...given);
      };
      try {
        await client.get("/Some()?$expand=books");
      } finally {
        reader.rows = rows;
      }
      expect(statements).to.equal(1);
    });

    it("are told with digits that no number holds, and beside what the method says of the entity itself", async () => {
      const { json } = await client.get("/Last()?$expand=author($select=name)&$select=sold", {
        accept: "application/json;IEEE754Compatible=true",
      });
      expect(json.sold).to.equal("9007199254740993");
      expect(json.author).to.include({ name: "Author 2" });
      const [, renamed] = (await value("/Some()?$expand=books($select=sold;$top=1)&$select=name")) as object[];
      expect(renamed).to.include({ name: "Renamed" });
      expect((await client.get("/Some()?$expand=books($select=sold;$top=1)")).text).to.include(
        '"sold":9007199254740993',
      );
    });
  });
}
