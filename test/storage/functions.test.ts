import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { Entity, PrimaryColumn } from "typeorm";
import { StatementNotPossible, StoreUnavailable } from "../../src/storage/index.js";
import { installFunctions } from "../../src/storage/postgres/prepare.js";
import { Settings } from "../../src/storage/settings.js";
import { postgres, postgresFunctions, sqliteAggregates, sqliteFunctions } from "../../src/query/index.js";
import { Database } from "../../src/index.js";
import { failure, freshStores, storeKinds } from "../support/stores.js";

@Entity("row")
class Row {
  @PrimaryColumn("integer") id!: number;
}

for (const kind of storeKinds) {
  describe(`functions of ours (${kind.name})`, () => {
    const store = freshStores(kind);
    let database: Database;
    const open = () => Database.open({ url: store().url, entities: [Row] });
    const call = async (sql: string) => (await database.reader.rows(`select ${sql}`, [], true))[0]![0];
    beforeEach(async () => {
      database = await open();
      await database.transaction((transaction) => transaction.run("insert into row values (1), (2), (3)", []));
    });
    afterEach(() => database.close());

    if (kind.name === "sqlite3, memory") {
      it("are not to be had, and nothing else is in the way", async () => {
        expect(await failure(call("odatum_tolower('Ä')"))).to.be.instanceOf(StatementNotPossible);
        expect(await database.reader.rows("select 1 as one", [])).to.deep.equal([[1]]);
      });
      return;
    }

    it("can be called where a statement says so", async () => {
      expect(await call("odatum_duration_seconds('P1DT1S')").then(String)).to.match(/^86401(?:\.0*)?$/);
      expect(await call("odatum_substring('a😀b', 1)")).to.equal("😀b");
    });

    it("are null where an argument is", async () => {
      expect(await call("odatum_duration_seconds(null)")).to.equal(null);
    });

    it("see what is committed", async () => {
      await database.transaction((transaction) => transaction.run("insert into row values (4)", []));
      const rows = await database.reader.rows(
        "select id from row where odatum_substring('abc', 2) = 'c' order by id",
        [],
        true,
      );
      expect(rows.flat()).to.deep.equal([1, 2, 3, 4]);
    });

    it("can be called side by side with everything else", async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          index % 2 === 0
            ? call(`odatum_substring('${"x".repeat(index)}y', ${index})`)
            : database
                .transaction((transaction) => transaction.run(kind.sql("insert into row values (?)"), [100 + index]))
                .then(() => "y"),
        ),
      );
      expect(results).to.deep.equal(Array.from({ length: 20 }, () => "y"));
    });

    if (kind.database === "sqlite") {
      it("are there with as many parameters as they have", async () => {
        for (const { name, parameters } of sqliteFunctions) {
          if (parameters === "any") continue;
          const nulls = (count: number) => Array.from({ length: count }, () => "null").join();
          await call(`${name}(${nulls(parameters)})`);
          expect((await failure(call(`${name}(${nulls(parameters + 1)})`))).message).to.contain(
            "wrong number of arguments",
          );
        }
      });

      it("get integers with all their digits, also the aggregate ones and over windows", async () => {
        expect(sqliteAggregates.map(({ name }) => name)).to.include("odatum_sum");
        expect(await call("odatum_sum(9007199254740993 + id) from row")).to.equal("27021597764222985");
        const rows = await database.reader.rows(
          "select odatum_sum(id) over (order by id rows between 1 preceding and current row) as s from row order by id",
          [],
          true,
        );
        expect(rows.flat()).to.deep.equal(["1", "3", "5"]);
        expect(await call("odatum_sum(id) from row where id < 0")).to.equal(null);
      });
    }
  });
}

for (const kind of storeKinds.filter(({ database }) => database === "postgres")) {
  describe("the functions of a database on PostgreSQL", () => {
    const store = freshStores(kind);

    it("are made once, and anew where they have changed", async () => {
      const database = await Database.open({ url: store().url, entities: [Row] });
      try {
        const settings = new Settings(postgres);
        const known = () => settings.read(database.reader, "functions");
        const before = await known();
        expect(before).to.match(/^[0-9a-f]{64}$/);
        const made: string[] = [];
        await database.transaction((transaction) => {
          const recording = {
            rows: transaction.rows.bind(transaction),
            run: (sql: string, parameters: readonly string[]) => {
              if (sql.startsWith("create")) made.push(sql);
              return transaction.run(sql, parameters);
            },
          };
          const extended = [
            ...postgresFunctions,
            "create or replace function odatum_test() returns integer language sql as 'select 1'",
          ];
          return installFunctions(recording, settings, extended).then(() =>
            installFunctions(recording, settings, extended),
          );
        });
        expect(made).to.have.length(postgresFunctions.length + 1);
        expect(await known()).to.not.equal(before);
        expect(await database.reader.rows("select odatum_test()", [], true)).to.deep.equal([[1]]);
      } finally {
        await database.close();
      }
    });
  });
}

describe("the reading process of the driver 'sqlite3'", () => {
  const kind = storeKinds.find(({ name }) => name === "sqlite3, file")!;
  const store = freshStores(kind);
  const statement = "select odatum_tolower('Ä') as x";
  /** The processes that this one has started. */
  const children = () =>
    execFileSync("ps", ["-A", "-o", "ppid=,pid=,args="], { encoding: "utf8" })
      .split("\n")
      .flatMap((line) => {
        const [parent, pid] = line.trim().split(/\s+/);
        return Number(parent) === process.pid && line.includes("reader-main") ? Number(pid) : [];
      });

  it("is started when it is needed, and ends with the store", async () => {
    const database = await Database.open({ url: store().url, entities: [Row] });
    expect(children()).to.deep.equal([]);
    await database.reader.rows(statement, [], true);
    expect(children()).to.have.length(1);
    await database.reader.rows(statement, [], true);
    expect(children()).to.have.length(1);
    await database.close();
    expect(children()).to.deep.equal([]);
  });

  it("is started again where it has ended, and fails what it was asked for meanwhile", async () => {
    const database = await Database.open({ url: store().url, entities: [Row] });
    try {
      await database.reader.rows(statement, [], true);
      const [pid] = children();
      const slow = "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) as c from n";
      const asked = failure(Promise.resolve(database.reader.rows(slow, [], true)));
      process.kill(pid!, "SIGKILL");
      expect(await asked).to.be.instanceOf(StoreUnavailable);
      expect(await database.reader.rows(statement, [], true)).to.deep.equal([["ä"]]);
    } finally {
      await database.close();
    }
  });

  it("says what is wrong with a statement, and goes on", async () => {
    const database = await Database.open({ url: store().url, entities: [Row] });
    try {
      const error = await failure(Promise.resolve(database.reader.rows("select absent from row", [], true)));
      expect(error.message).to.contain("no such column: absent");
      expect(await database.reader.rows(statement, [], true)).to.deep.equal([["ä"]]);
    } finally {
      await database.close();
    }
  });

  it("cannot write", async () => {
    const database = await Database.open({ url: store().url, entities: [Row] });
    try {
      const writing = Promise.resolve(database.reader.rows("insert into row values (1) returning id", [], true));
      expect(await failure(writing)).to.be.instanceOf(StoreUnavailable);
    } finally {
      await database.close();
    }
  });
});
