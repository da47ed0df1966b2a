import { expect } from "chai";
import { Column, Entity, PrimaryColumn } from "typeorm";
import type { DatabaseOptions } from "../../src/storage/index.js";
import { StatementNotPossible, StoreUnavailable } from "../../src/storage/index.js";
import { Database } from "../../src/index.js";
import { failure, freshStores, storeKinds } from "../support/stores.js";

@Entity("item")
class Item {
  @PrimaryColumn("integer") id!: number;
  @Column("text") text!: string;
}

const ROWS = 2_500;

for (const kind of storeKinds) {
  describe(`a stream of rows (${kind.name})`, () => {
    const store = freshStores(kind);
    let database: Database;
    const all = "select id, text from item order by id";
    const open = (options: Partial<DatabaseOptions> = {}) =>
      Database.open({ url: store().url, entities: [Item], ...options });
    const insert = (id: number, text: string) =>
      database.transaction((transaction) => transaction.run(kind.sql("insert into item values (?, ?)"), [id, text]));
    beforeEach(async () => {
      database = await open();
      await database.transaction((transaction) =>
        transaction.run(
          kind.database === "sqlite"
            ? "insert into item with recursive n (i) as (select 1 union all select i + 1 from n where i < 2500) select i, 'text ' || i from n"
            : "insert into item select i, 'text ' || i from generate_series(1, 2500) as i",
          [],
        ),
      );
    });
    afterEach(() => database.close());

    it("gives all rows in their order, in batches", async () => {
      const sizes: number[] = [];
      const rows: unknown[][] = [];
      for await (const batch of database.cursor(all, [])) {
        sizes.push(batch.length);
        rows.push(...batch);
      }
      expect(rows).to.deep.equal(Array.from({ length: ROWS }, (_, index) => [index + 1, `text ${index + 1}`]));
      expect(Math.max(...sizes)).to.be.at.most(500);
      expect(Math.min(...sizes)).to.be.greaterThan(0);
    });

    it("gives long rows in small batches", async () => {
      await database.transaction((transaction) =>
        transaction.run(kind.sql("update item set text = ? where id <= 20"), ["x".repeat(40_000)]),
      );
      const sizes: number[] = [];
      for await (const batch of database.cursor("select text from item where id <= 20", [])) {
        sizes.push(batch.reduce((sum, [text]) => sum + String(text).length, 0));
      }
      expect(sizes.reduce((sum, size) => sum + size)).to.equal(20 * 40_000);
      expect(Math.max(...sizes)).to.be.at.most(64 * 1024 + 40_000);
    });

    it("gives no batch where there are no rows", async () => {
      for await (const batch of database.cursor(`select id from item where id < 0`, []))
        throw new Error(`It gave ${batch.length} rows.`);
    });

    it("takes parameters", async () => {
      const rows: unknown[][] = [];
      for await (const batch of database.cursor(kind.sql("select id from item where text = ? or id > ?"), [
        "text 7",
        ROWS - 1,
      ]))
        rows.push(...batch);
      expect(rows.map(([id]) => id).sort()).to.deep.equal([ROWS, 7]);
    });

    it("shows one state of the store from its first row to its last", async () => {
      const ids: unknown[] = [];
      for await (const batch of database.cursor(all, [])) {
        if (ids.length === 0) {
          await insert(ROWS + 1, "late");
          await database.transaction((transaction) => transaction.run("delete from item where id = 2000", []));
        }
        ids.push(...batch.map(([id]) => id));
      }
      expect(ids).to.deep.equal(Array.from({ length: ROWS }, (_, index) => index + 1));
      const [row] = await database.reader.rows("select count(*), max(id) from item", []);
      expect(row!.map(Number)).to.deep.equal([ROWS, ROWS + 1]);
    });

    it("does not hold up reads and writes", async () => {
      const stream = database.cursor(all, []);
      await stream.next();
      await insert(ROWS + 1, "late");
      expect(Number((await database.reader.rows("select max(id) from item", []))[0]![0])).to.equal(ROWS + 1);
      await stream.return();
    });

    it("fails as other statements do", async () => {
      const error = await failure(database.cursor("select * from absent", []).next());
      expect(error.message).to.match(/no such table|relation "absent" does not exist/);
    });

    it("cannot write", async () => {
      if (kind.inMemory) return;
      const error = await failure(database.cursor("delete from item returning id", []).next());
      expect(error).to.be.instanceOf(Error);
      expect(Number((await database.reader.rows("select count(*) from item", []))[0]![0])).to.equal(ROWS);
    });

    it("is refused where too many are open, and lets others go on when it ends, however it does", async () => {
      const own = await open({ maxCursors: 2 });
      try {
        if (kind.inMemory)
          await own.transaction((transaction) => transaction.run("insert into item values (1, 'a'), (2, 'b')", []));
        const [first, second] = [own.cursor(all, []), own.cursor(all, [])];
        await first.next();
        await second.next();
        for (let round = 0; round < 3; round++)
          expect(await failure(own.cursor(all, []).next())).to.be.instanceOf(StoreUnavailable);
        // Closed early.
        await first.return();
        const third = own.cursor(all, []);
        expect((await third.next()).done).to.equal(false);
        // Read to its end.
        for await (const batch of second) expect(batch.length).to.be.greaterThan(0);
        const fourth = own.cursor(all, []);
        expect((await fourth.next()).done).to.equal(false);
        await third.return();
        await fourth.return();
        // Failed, by the statement and by whoever reads it.
        await failure(own.cursor("select * from absent", []).next());
        await failure(
          (async () => {
            for await (const _ of own.cursor(all, [])) throw new Error("enough");
          })(),
        );
        const both = [own.cursor(all, []), own.cursor(all, [])];
        for (const stream of both) expect((await stream.next()).done).to.equal(false);
        for (const stream of both) await stream.return();
      } finally {
        await own.close();
      }
    });

    it("can be closed before it has begun", async () => {
      const own = await open({ maxCursors: 1 });
      for (let round = 0; round < 3; round++) await own.cursor(all, []).return();
      for await (const batch of own.cursor("select 1", [])) expect(batch).to.deep.equal([[1]]);
      await own.close();
    });

    it("does not keep the store from being closed, and ends afterwards", async () => {
      const own = await open();
      const stream = own.cursor(kind.inMemory ? "select 1" : all, []);
      await stream.next();
      await own.close();
      // What it gives now is its own affair, but it has to end.
      await stream.return();
    });

    it("calls our functions where the connections can have them", async () => {
      const statement =
        kind.database === "sqlite"
          ? "select odatum_tolower('ÄΣ')"
          : "select odatum_search_words(array['A']::text[])::text";
      const read = async () => {
        const rows: unknown[][] = [];
        for await (const batch of database.cursor(statement, [], true)) rows.push(...batch);
        return rows;
      };
      if (kind.name === "sqlite3, memory") expect(await failure(read())).to.be.instanceOf(StatementNotPossible);
      else expect(await read()).to.deep.equal([[kind.database === "sqlite" ? "äς" : "{a}"]]);
    });
  });
}
