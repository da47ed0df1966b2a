import { expect } from "chai";
import { Column, Entity, PrimaryColumn, Unique } from "typeorm";
import type { DatabaseOptions, Transaction } from "../../src/storage/index.js";
import { MissingValue, StatementTooComplex, StillReferred, UniqueViolation } from "../../src/storage/index.js";
import { Database } from "../../src/index.js";
import { failure, freshStores, gate, storeKinds } from "../support/stores.js";

@Entity("row")
@Unique(["a", "b"])
class Row {
  @PrimaryColumn("text") id!: string;
  @Column("text", { nullable: true }) a!: string | null;
  @Column("text", { nullable: true }) b!: string | null;
}

for (const kind of storeKinds) {
  describe(`a store (${kind.name})`, () => {
    const store = freshStores(kind);
    const insert = kind.sql("insert into row (id, a, b) values (?, ?, ?)");
    let database: Database;
    const open = (options: Partial<DatabaseOptions> = {}) =>
      Database.open({ url: store().url, entities: [Row], ...options });
    const count = async () => Number((await database.reader.rows("select count(*) from row", []))[0]![0]);
    beforeEach(async () => (database = await open()));
    // Before the store is removed, whose hook was there first.
    afterEach(() => database.close());

    it("keeps what a transaction wrote", async () => {
      const result = await database.transaction(async (transaction) => {
        expect(await transaction.run(insert, ["1", "a", null])).to.equal(1);
        return "done";
      });
      expect(result).to.equal("done");
      expect(await database.reader.rows("select id, a, b from row", [])).to.deep.equal([["1", "a", null]]);
    });

    it("keeps nothing of a transaction that throws, and goes on", async () => {
      const error = await failure(
        database.transaction(async (transaction) => {
          await transaction.run(insert, ["1", null, null]);
          await transaction.run("update row set a = 'x'", []);
          throw new Error("no");
        }),
      );
      expect(error.message).to.equal("no");
      expect(await count()).to.equal(0);
      await database.transaction((transaction) => transaction.run(insert, ["1", null, null]));
      expect(await count()).to.equal(1);
    });

    it("keeps nothing of a transaction whose last statement fails", async () => {
      const error = await failure(
        database.transaction(async (transaction) => {
          await transaction.run(insert, ["1", null, null]);
          await transaction.run("insert into absent values (1)", []);
        }),
      );
      expect(error.message).to.match(/no such table|relation "absent" does not exist/);
      expect(await count()).to.equal(0);
    });

    it("tells how many rows a statement changed", async () => {
      await database.transaction(async (transaction) => {
        for (const id of ["1", "2", "3"]) await transaction.run(insert, [id, id, null]);
        expect(await transaction.run(kind.sql("update row set b = 'x' where id > ?"), ["1"])).to.equal(2);
        expect(await transaction.run("delete from row", [])).to.equal(3);
        expect(await transaction.run("delete from row", [])).to.equal(0);
      });
    });

    it("tells a second row with the same key from other errors, and names the column", async () => {
      const work = database.transaction(async (transaction) => {
        await transaction.run(insert, ["1", null, null]);
        await transaction.run(insert, ["1", null, null]);
      });
      const error = await failure(work);
      expect(error).to.be.instanceOf(UniqueViolation);
      expect((error as UniqueViolation).columns).to.deep.equal([{ table: "row", column: "id" }]);
    });

    it("names all columns of a unique constraint", async () => {
      await database.transaction((transaction) => transaction.run(insert, ["1", "a", "b"]));
      const error = await failure(database.transaction((transaction) => transaction.run(insert, ["2", "a", "b"])));
      expect((error as UniqueViolation).columns.map(({ column }) => column)).to.deep.equal(["a", "b"]);
    });

    it("names no column of a unique index of an expression", async () => {
      await database.transaction((transaction) => transaction.run("create unique index own on row (lower(a))", []));
      await database.transaction((transaction) => transaction.run(insert, ["1", "a", "b"]));
      const error = await failure(database.transaction((transaction) => transaction.run(insert, ["2", "A", "c"])));
      expect(error).to.be.instanceOf(UniqueViolation);
      expect((error as UniqueViolation).columns).to.deep.equal([]);
    });

    it("names the column that must have a value", async () => {
      const error = await failure(database.transaction((transaction) => transaction.run(insert, [null, "a", "b"])));
      expect(error).to.be.instanceOf(MissingValue);
      expect((error as MissingValue).column).to.deep.equal({ table: "row", column: "id" });
    });

    it("enforces foreign keys", async () => {
      await database.transaction((transaction) =>
        transaction.run("create table child (row_id text not null references row (id))", []),
      );
      const orphan = database.transaction((transaction) => transaction.run("insert into child values ('x')", []));
      expect(await failure(orphan)).to.be.instanceOf(StillReferred);
      await database.transaction(async (transaction) => {
        await transaction.run(insert, ["x", null, null]);
        await transaction.run("insert into child values ('x')", []);
      });
      const parent = database.transaction((transaction) => transaction.run("delete from row", []));
      expect(await failure(parent)).to.be.instanceOf(StillReferred);
    });

    it("calls a statement too complex that the database does not take", async () => {
      const places = Array.from({ length: 70_000 }, () => "?").join();
      const statement = kind.sql(`select count(*) from row where id in (${places})`);
      const values = Array.from({ length: 70_000 }, () => "x");
      const error = await failure(Promise.resolve().then(() => database.reader.rows(statement, values)));
      expect(error).to.be.instanceOf(StatementTooComplex);
      expect(await count()).to.equal(0);
    });

    it("shows nobody what is rolled back", async () => {
      const hold = gate();
      const entered = gate();
      const writing = database.transaction(async (transaction) => {
        await transaction.run(insert, ["1", null, null]);
        entered.open();
        await hold.opened;
        throw new Error("no");
      });
      await entered.opened;
      const reading = count();
      hold.open();
      await failure(writing);
      expect(await reading).to.equal(0);
    });

    it("shows a transaction what it wrote itself", async () => {
      await database.transaction(async (transaction) => {
        await transaction.run(insert, ["1", null, null]);
        expect(await transaction.rows("select id from row", [])).to.deep.equal([["1"]]);
      });
    });

    it("lets transactions at the same time work as if they had come one after the other", async () => {
      const numbers = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          database.transaction(async (transaction) => {
            const [row] = await transaction.rows("select count(*) from row", []);
            await new Promise((resolve) => setTimeout(resolve, index % 3));
            await transaction.run(insert, [String(index), String(row![0]), null]);
            return Number(row![0]);
          }),
        ),
      );
      // Each saw all that were done before it.
      expect(numbers.sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 30 }, (_, index) => index));
    });

    it("runs the transactions behind one that failed", async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 6 }, (_, index) =>
          database.transaction(async (transaction) => {
            await transaction.run(insert, [String(index), null, null]);
            if (index % 2 === 1) throw new Error("odd");
          }),
        ),
      );
      expect(results.map(({ status }) => status)).to.deep.equal([
        "fulfilled",
        "rejected",
        "fulfilled",
        "rejected",
        "fulfilled",
        "rejected",
      ]);
      expect(await database.reader.rows("select id from row order by id", [])).to.deep.equal([["0"], ["2"], ["4"]]);
    });

    describe("whose transactions may be committed together", () => {
      const share = <T>(work: (transaction: Transaction) => Promise<T>) => database.transaction(work, { shared: true });
      const add = (id: string) => share((transaction) => insertRow(transaction, id));
      const insertRow = async (transaction: Transaction, id: string): Promise<string> => {
        await transaction.run(insert, [id, null, null]);
        return id;
      };
      const all = async () =>
        (await database.reader.rows("select id from row order by id", [])).map(([id]) => id as string);

      it("gives each its own result, and keeps what all have written", async () => {
        const ids = Array.from({ length: 100 }, (_, index) => String(index));
        expect(await Promise.all(ids.map(add))).to.deep.equal(ids);
        expect(await all()).to.deep.equal(ids.sort());
      });

      it("lets those that fail fail alone, each with its own error", async () => {
        await add("there");
        const done = await Promise.allSettled([
          add("1"),
          add("there"),
          share(async (transaction) => {
            await insertRow(transaction, "2");
            throw new Error("no");
          }),
          add("3"),
        ]);
        expect(done.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "rejected", "fulfilled"]);
        expect((done[1] as PromiseRejectedResult).reason).to.be.instanceOf(UniqueViolation);
        expect((done[2] as PromiseRejectedResult).reason).to.have.property("message", "no");
        expect(await all()).to.deep.equal(["1", "3", "there"]);
      });

      it("shows nobody what one of them wrote where the rest is still to come", async () => {
        const seen: number[] = [];
        const look = (id: string) =>
          share(async (transaction) => {
            await insertRow(transaction, id);
            if (!kind.inMemory) seen.push(await count());
          });
        await Promise.all([look("1"), look("2"), look("3")]);
        if (kind.database === "sqlite" && !kind.inMemory) expect(seen).to.deep.equal([0, 0, 0]);
        expect(await count()).to.equal(3);
      });

      it("finishes them before it closes", async () => {
        const adding = [add("1"), add("2")];
        await database.close();
        await Promise.all(adding);
        database = await open();
        // What was in memory is gone.
        expect(await all()).to.deep.equal(kind.inMemory ? [] : ["1", "2"]);
      });
    });

    it("gives columns in the order of the statement, also those of the same value", async () => {
      await database.transaction((transaction) => transaction.run(insert, ["1", "x", "y"]));
      expect(await database.reader.rows('select b, id, a as "z", 5 as n from row', [])).to.deep.equal([
        ["y", "1", "x", 5],
      ]);
    });

    it("finishes the transactions under way before it closes", async () => {
      const own = kind.inMemory ? await open() : database;
      const hold = gate();
      let done = false;
      const writing = own.transaction(async (transaction) => {
        await hold.opened;
        await transaction.run(insert, ["1", null, null]);
        done = true;
      });
      const closing = own.close();
      hold.open();
      await Promise.all([writing, closing]);
      expect(done).to.equal(true);
      if (own === database) {
        database = await open();
        expect(await count()).to.equal(1);
      }
    });

    for (const [name, value] of Object.entries({
      busyTimeoutMs: -1,
      statementTimeoutMs: 0.5,
      maxCursors: 0,
      readConnections: 0,
      writeConnections: Number.NaN,
    })) {
      it(`refuses ${value} for ${name}`, async () => {
        const error = await failure(open({ [name]: value }));
        expect(error).to.be.instanceOf(RangeError);
        expect(error.message).to.contain(name);
      });
    }

    describe("its secrets", () => {
      it("have as many bytes as were asked for, and differ by name", async () => {
        const [a, b] = [await database.secret("a", 32), await database.secret("b", 16)];
        expect([a.length, b.length]).to.deep.equal([32, 16]);
        expect(a.subarray(0, 16).equals(b)).to.equal(false);
      });

      it("stay the same", async () => {
        const secret = await database.secret("a", 32);
        expect((await database.secret("a", 32)).equals(secret)).to.equal(true);
        if (kind.inMemory) return;
        await database.close();
        database = await open();
        expect((await database.secret("a", 32)).equals(secret)).to.equal(true);
      });

      it("are the same for all who ask for them first", async () => {
        const secrets = await Promise.all(Array.from({ length: 8 }, () => database.secret("a", 32)));
        for (const secret of secrets) expect(secret.equals(secrets[0]!)).to.equal(true);
      });

      it("of another length are refused", async () => {
        await database.secret("a", 32);
        expect(await failure(database.secret("a", 16))).to.be.instanceOf(RangeError);
      });
    });
  });

  if (kind.database === "sqlite") {
    describe(`the order of transactions on SQLite (${kind.name})`, () => {
      const store = freshStores(kind);
      it("is the one in which they were asked for, also where some may be committed together", async () => {
        const database = await Database.open({ url: store().url, entities: [Row] });
        try {
          const order: number[] = [];
          await Promise.all(
            Array.from({ length: 20 }, (_, index) =>
              database.transaction(
                async (transaction) => {
                  await transaction.run("insert into row (id) values (?)", [String(index)]);
                  order.push(index);
                },
                { shared: index % 5 !== 0 },
              ),
            ),
          );
          expect(order).to.deep.equal(Array.from({ length: 20 }, (_, index) => index));
        } finally {
          await database.close();
        }
      });

      it("is the one in which they were asked for, and none begins before the last has ended", async () => {
        const database = await Database.open({ url: store().url, entities: [Row] });
        try {
          const events: string[] = [];
          await Promise.all(
            Array.from({ length: 20 }, (_, index) =>
              database.transaction(async (transaction) => {
                events.push(`begin ${index}`);
                await new Promise((resolve) => setTimeout(resolve, (20 - index) % 3));
                await transaction.run("insert into row (id) values (?)", [String(index)]);
                events.push(`end ${index}`);
              }),
            ),
          );
          expect(events).to.deep.equal(
            Array.from({ length: 20 }, (_, index) => [`begin ${index}`, `end ${index}`]).flat(),
          );
        } finally {
          await database.close();
        }
      });
    });
  }

  if (!kind.inMemory) {
    describe(`a store that two open at the same time (${kind.name})`, () => {
      const store = freshStores(kind);
      it("gives both the same secret, and the rows of each other", async () => {
        const open = () => Database.open({ url: store().url, entities: [Row] });
        // On SQLite whoever waits for a lock keeps the process from doing anything else, such as letting go of it.
        const sideBySide = kind.database === "postgres";
        const [one, other] = sideBySide ? await Promise.all([open(), open()]) : [await open(), await open()];
        try {
          const [a, b] = sideBySide
            ? await Promise.all([one.secret("a", 32), other.secret("a", 32)])
            : [await one.secret("a", 32), await other.secret("a", 32)];
          expect(a.equals(b)).to.equal(true);
          await one.transaction((transaction) => transaction.run("insert into row (id) values ('1')", []));
          expect(await other.reader.rows("select id from row", [])).to.deep.equal([["1"]]);
        } finally {
          await one.close();
          await other.close();
        }
      });
    });
  }
}
