import { expect } from "chai";
import {
  clearText,
  deleteText,
  insertLinkText,
  insertText,
  linkTable,
  selectLinkTargetsText,
  selectRowsText,
  selectRowText,
  selectText,
  unlinkText,
  updateText,
} from "../../src/query/index.js";
import { databases, QueryStore } from "./support/query-store.js";
import { stock } from "./support/shop-data.js";
import { Shop, shopEntities } from "./support/shop.js";

for (const database of databases) {
  describe(`statements that write (${database})`, () => {
    let store: QueryStore;
    beforeEach(async function () {
      store = (await QueryStore.open(database, Shop, shopEntities)) ?? this.skip();
      await stock(store);
    });
    afterEach(() => store?.close());

    const dialect = () => store.context.dialect;
    const run = (text: string, values: readonly (string | number | boolean | null)[]) =>
      store.database.transaction((transaction) => transaction.run(text, values));
    const rows = (text: string, values: readonly (string | number | null)[]) =>
      store.database.reader.rows(text, values);
    const mapping = (type: string) => store.context.mapping.entity(store.type(type));
    const friends = async () => (await store.get("/Customers(1)/friends?$select=id")).map((row: any) => row.id);

    it("a row is inserted, read with its integers as texts, changed and deleted", async () => {
      await run(insertText("sale", ["id", "rank", "big", "paid", "document"], dialect()), [
        9,
        1,
        "9007199254740993",
        1,
        "{}",
      ]);
      const read = selectRowText(mapping("Sale"), ["id", "big"], dialect());
      expect(await rows(read, [9])).to.deep.equal([["9", "9007199254740993"]]);
      expect(await run(updateText("sale", ["paid", "weight"], ["id"], dialect()), [0, 0.5, 9])).to.equal(1);
      expect(await store.get("/Sales(9)?$select=paid,weight,big")).to.include({ paid: false, weight: 0.5 });
      expect(await run(deleteText("sale", ["id"], dialect()), [9])).to.equal(1);
      expect(await rows(read, [9])).to.deep.equal([]);
    });

    it("a column is emptied, and columns are read", async () => {
      expect(await run(clearText("sale", "customer_id", ["customer_id"], dialect()), [1])).to.equal(2);
      expect(await rows(selectText("sale", ["id"], ["customer_id"], dialect()), [1])).to.deep.equal([]);
      expect(await rows(selectText("sale", ["id"], [], dialect()), [])).to.have.length(6);
    });

    it("a link goes behind those that are there, and stands once", async () => {
      const link = (target: string) =>
        run(insertLinkText(dialect()), ["customer", "1", "friends", "customer", target, "customer", "1", "friends"]);
      expect(await friends()).to.deep.equal([3, 2]);
      expect(await link("4")).to.equal(1);
      expect(await link("3")).to.equal(0);
      expect(await friends()).to.deep.equal([3, 2, 4]);
    });

    it("links go from both ends of rows, several at once", async () => {
      const { name, property } = linkTable;
      const all = async () =>
        (await rows(selectText(name, [property], [], dialect()), [])).map(([text]) => String(text)).sort();
      await run(unlinkText("source", 1, dialect()), ["customer", "1"]);
      expect(await all()).to.deep.equal(["boss", "friends", "sequels", "sequels"]);
      await run(unlinkText("target", 1, dialect()), ["customer", "1"]);
      expect(await all()).to.deep.equal(["sequels", "sequels"]);
      const [sequels] = await rows(selectText(name, [linkTable.sourceKey], [property], dialect()), ["sequels"]);
      await run(unlinkText("source", 2, dialect()), ["product", String(sequels![0]), "none"]);
      expect(await all()).to.have.length.below(2);
    });

    it("what links lead to is read, for several sources at once", async () => {
      const read = selectLinkTargetsText(2, dialect());
      expect(await rows(read, ["customer", "friends", "1", "none"])).to.have.deep.members([
        ["customer", "3"],
        ["customer", "2"],
      ]);
    });

    it("several rows are read, changed and deleted by one statement", async () => {
      const read = selectRowsText(mapping("Sale"), ["id"], ["id"], dialect(), 2);
      expect(await rows(read, [1, 2])).to.have.deep.members([["1"], ["2"]]);
      expect(await run(updateText("sale", ["paid"], ["id"], dialect(), 2), [0, 1, 2])).to.equal(2);
      expect(await run(deleteText("sale", ["id"], dialect(), 2), [1, 2])).to.equal(2);
      expect(await rows(read, [1, 2])).to.deep.equal([]);
    });
  });
}
