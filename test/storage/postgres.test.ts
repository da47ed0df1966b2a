import { randomBytes } from "node:crypto";
import { expect } from "chai";
import pg from "pg";
import { Column, Entity, PrimaryColumn } from "typeorm";
import type { DatabaseOptions } from "../../src/storage/index.js";
import {
  StatementTimeout,
  StatementTooComplex,
  StoreUnavailable,
  UniqueViolation,
  UnsupportedValue,
} from "../../src/storage/index.js";
import { Database } from "../../src/index.js";
import { startKeyed } from "../support/keyed-service.js";
import { failure, freshStores, gate, storeKinds } from "../support/stores.js";

@Entity("row")
class Row {
  @PrimaryColumn("text") id!: string;
  @Column("varchar", { length: 5, nullable: true }) short!: string | null;
  @Column("smallint", { nullable: true }) small!: number | null;
}

/** Types of SQLite, on either database. */
@Entity("typed")
class Typed {
  @PrimaryColumn("integer") id!: number;
  @Column("tinyint", { nullable: true }) tiny!: number | null;
  @Column("unsigned big int", { nullable: true }) big!: string | null;
  @Column("double", { nullable: true }) ratio!: number | null;
  @Column("datetime", { nullable: true }) at!: string | null;
  @Column("nvarchar", { nullable: true }) name!: string | null;
  @Column("clob", { nullable: true }) long!: string | null;
  @Column("boolean", { default: false }) flag!: boolean;
}

const kind = storeKinds.find(({ database }) => database === "postgres")!;

describe("a store on PostgreSQL", () => {
  const store = freshStores(kind);
  const insert = "insert into row (id) values ($1)";
  const opened: Database[] = [];
  const open = async (options: Partial<DatabaseOptions> = {}): Promise<Database> => {
    const database = await Database.open({ url: store().url, entities: [Row, Typed], ...options });
    opened.push(database);
    return database;
  };
  /** Another program that uses the database. */
  const withClient = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: store().url });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const ids = async (database: Database) => (await database.reader.rows("select id from row order by id", [])).flat();
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
  });

  describe("says of a statement that fails", () => {
    const failing = async (sql: string, parameters: (string | number)[], options: Partial<DatabaseOptions> = {}) => {
      const database = await open(options);
      return failure(database.transaction((transaction) => transaction.run(sql, parameters)));
    };

    it("that a value cannot be kept: U+0000 in a text", async () => {
      expect(await failing(insert, ["a\0b"])).to.be.instanceOf(UnsupportedValue);
    });

    it("that a value cannot be kept: a text that is too long for its column", async () => {
      expect(await failing("insert into row (id, short) values ('1', $1)", ["abcdef"])).to.be.instanceOf(
        UnsupportedValue,
      );
    });

    it("that a value cannot be kept: a number that is too large for its column", async () => {
      expect(await failing("insert into row (id, small) values ('1', $1)", [40_000])).to.be.instanceOf(
        UnsupportedValue,
      );
    });

    it("that a value cannot be kept: a text that is too long for an index", async () => {
      expect(await failing(insert, [randomBytes(20_000).toString("hex")])).to.be.instanceOf(UnsupportedValue);
    });

    it("that it took too long", async () => {
      const error = await failing("select pg_sleep(60)", [], { statementTimeoutMs: 50 });
      expect(error).to.be.instanceOf(StatementTimeout).and.instanceOf(StoreUnavailable);
    });

    for (const [what, text] of Object.entries({
      "nested too deeply": `${"(".repeat(60_000)}1${")".repeat(60_000)}`,
      "in too long a chain": `1${" - 1".repeat(60_000)}`,
    })) {
      it(`that it is too complex: expressions ${what}`, async () => {
        expect(await failing(`select ${text}`, [])).to.be.instanceOf(StatementTooComplex);
      });
    }

    it("that the store is not to be had: somebody holds a lock for too long", async () => {
      const database = await open({ busyTimeoutMs: 60 });
      await database.transaction((transaction) => transaction.run(insert, ["1"]));
      await withClient(async (client) => {
        await client.query("begin");
        await client.query("update row set short = 'x'");
        const work = database.transaction((transaction) => transaction.run("update row set short = 'y'", []));
        expect(await failure(work)).to.be.instanceOf(StoreUnavailable);
        await client.query("rollback");
      });
      await database.transaction((transaction) => transaction.run("update row set short = 'y'", []));
    });

    it("that the store is not to be had: all connections are in use for too long", async () => {
      const database = await open({ busyTimeoutMs: 60, writeConnections: 1 });
      const hold = gate();
      const holding = database.transaction(() => hold.opened);
      expect(await failure(database.transaction(() => undefined))).to.be.instanceOf(StoreUnavailable);
      hold.open();
      await holding;
      await database.transaction((transaction) => transaction.run(insert, ["1"]));
      expect(await ids(database)).to.deep.equal(["1"]);
    });

    it("that the store is not to be had: the connection is lost", async () => {
      const database = await open();
      const work = database.transaction(async (transaction) => {
        await transaction.run(insert, ["1"]);
        const [row] = await transaction.rows("select pg_backend_pid()", []);
        await withClient((client) => client.query("select pg_terminate_backend($1)", [row![0]]));
        await transaction.run(insert, ["2"]);
      });
      expect(await failure(work)).to.be.instanceOf(StoreUnavailable);
      await database.transaction((transaction) => transaction.run(insert, ["3"]));
      expect(await ids(database)).to.deep.equal(["3"]);
    });

    it("that the store is not to be had: it is closed", async () => {
      const database = await open();
      await database.close();
      opened.splice(0);
      expect(await failure(Promise.resolve(database.reader.rows("select 1", [])))).to.be.instanceOf(StoreUnavailable);
      expect(await failure(database.transaction(() => undefined))).to.be.instanceOf(StoreUnavailable);
    });

    it("which columns are unique, in whatever language the server speaks", async () => {
      const database = await open();
      await database.transaction((transaction) => transaction.run(insert, ["1"]));
      const error = await failure(
        database.transaction(async (transaction) => {
          await transaction.run("set local lc_messages = 'C'", []);
          await transaction.run(insert, ["1"]);
        }),
      );
      expect((error as UniqueViolation).columns).to.deep.equal([{ table: "row", column: "id" }]);
    });

    it("nothing else: a name that is not there is an error of ours", async () => {
      const error = await failing("insert into row (nothing) values ('1')", []);
      expect(error).to.not.be.instanceOf(StoreUnavailable);
      expect(error.message).to.contain("nothing");
    });
  });

  it("goes on where connections are lost while nobody uses them", async () => {
    const database = await open();
    await database.transaction((transaction) => transaction.run(insert, ["1"]));
    expect(await ids(database)).to.deep.equal(["1"]);
    await withClient(async (client) => {
      await client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
    });
    // The news of it comes in its own time.
    for (let tries = 0; tries < 50; tries++) {
      if ((await Promise.allSettled([Promise.resolve(database.reader.rows("select 1", []))]))[0].status === "fulfilled")
        break;
    }
    expect(await ids(database)).to.deep.equal(["1"]);
    await database.transaction((transaction) => transaction.run(insert, ["2"]));
    expect(await ids(database)).to.deep.equal(["1", "2"]);
  });

  it("reads through connections that cannot write", async () => {
    const database = await open();
    const error = await failure(Promise.resolve(database.reader.rows("insert into row (id) values ('1')", [])));
    expect(error).to.be.instanceOf(StoreUnavailable);
    expect(await ids(database)).to.deep.equal([]);
  });

  it("gives numbers with all their digits, and JSON and instants as their texts", async () => {
    const database = await open();
    const [row] = await database.reader.rows(
      `select 9223372036854775807::bigint, 12345678901234567890.10::numeric, 0.1::double precision, 'NaN'::double precision,
        '-Infinity'::double precision, 7::integer, true, null, '{"b":1.0,"a":1}'::json, '2024-01-01T00:00:00Z'::timestamptz`,
      [],
    );
    expect(row).to.deep.equal([
      "9223372036854775807",
      "12345678901234567890.10",
      0.1,
      NaN,
      -Infinity,
      7,
      true,
      null,
      '{"b":1.0,"a":1}',
      "2024-01-01 00:00:00+00",
    ]);
  });

  it("takes numbers, truth values and null as parameters", async () => {
    const database = await open();
    const types = ["integer", "bigint", "bigint", "double precision", "double precision", "boolean", "boolean", "text"];
    const statement = `select ${types.map((type, index) => `($${index + 1}::${type})::text`).join()}`;
    const values = [1, 9007199254740993n, "9223372036854775807", 0.1, "NaN", true, 0, null];
    // A column for truth values takes what SQLite has for them.
    const [row] = await database.reader.rows(statement.replace("$7::boolean", "$7::integer::boolean"), values);
    expect(row).to.deep.equal(["1", "9007199254740993", "9223372036854775807", "0.1", "NaN", "true", "false", null]);
  });

  describe("transactions side by side", () => {
    it("run at the same time", async () => {
      const database = await open();
      const first = gate();
      const second = gate();
      const meet = [
        database.transaction(async (transaction) => {
          await transaction.run(insert, ["1"]);
          first.open();
          await second.opened;
        }),
        database.transaction(async (transaction) => {
          await transaction.run(insert, ["2"]);
          second.open();
          await first.opened;
        }),
      ];
      await Promise.all(meet);
      expect(await ids(database)).to.deep.equal(["1", "2"]);
    });

    it("are done again where both build on what the other changes", async () => {
      // Each takes one of the two away as long as the other is there: one has to stay.
      const database = await open();
      await database.transaction(async (transaction) => {
        await transaction.run(insert, ["1"]);
        await transaction.run(insert, ["2"]);
      });
      let runs = 0;
      const both = gate();
      let waiting = 2;
      const take = (id: string) =>
        database.transaction(async (transaction) => {
          runs++;
          const [row] = await transaction.rows("select count(*) from row", []);
          if (--waiting === 0) both.open();
          await both.opened;
          if (row![0] === "2") await transaction.run("delete from row where id = $1", [id]);
        });
      await Promise.all([take("1"), take("2")]);
      expect(await ids(database)).to.have.length(1);
      expect(runs).to.be.greaterThan(2);
    });

    it("are done again where they wait for each other", async () => {
      const database = await open();
      await database.transaction(async (transaction) => {
        await transaction.run(insert, ["1"]);
        await transaction.run(insert, ["2"]);
      });
      const both = gate();
      let waiting = 2;
      const change = (one: string, other: string) =>
        database.transaction(async (transaction) => {
          await transaction.run("update row set short = $1 where id = $2", [one, one]);
          if (--waiting === 0) both.open();
          await both.opened;
          await transaction.run("update row set short = $1 where id = $2", [one, other]);
        });
      await Promise.all([change("1", "2"), change("2", "1")]);
      const rows = (await database.reader.rows("select short from row", [])).flat();
      // As if one had come after the other.
      expect(rows[0]).to.equal(rows[1]);
    });

    it("tell the second of two that add the same key that it is there", async () => {
      const database = await open();
      const results = await Promise.allSettled(
        ["1", "1"].map((id) => database.transaction((transaction) => transaction.run(insert, [id]))),
      );
      const rejected = results.filter((result) => result.status === "rejected");
      expect(rejected).to.have.length(1);
      expect(rejected[0]!.reason).to.be.instanceOf(UniqueViolation);
    });

    it("give links their places one after the other", async () => {
      const server = await startKeyed({ url: store().url });
      try {
        const { client, service } = server;
        await client.post("/Tags", { name: "t" });
        const names = Array.from({ length: 24 }, (_, index) => `r${index}`);
        const answers = await Promise.all(names.map((name) => client.post("/Tags('t')/related", { name })));
        for (const { status, text } of answers) expect(status, text).to.equal(201);
        const positions = await service.database.reader.rows("select position from odata_link order by position", []);
        expect(positions.flat()).to.deep.equal(names.map((_, index) => index));
        // One end of a single-valued property, whoever was last.
        const favourites = names.map((_, number) => client.post("/Things", { number }));
        await Promise.all(favourites);
        await Promise.all(
          names.map((_, number) => client.put("/Tags('t')/favourite/$ref", { "@odata.id": `Things(${number})` })),
        );
        const rows = await service.database.reader.rows("select 1 from odata_link where property = 'favourite'", []);
        expect(rows).to.have.length(1);
      } finally {
        await server.close();
      }
    });

    it("fail where the work passes over an error, and keep nothing", async () => {
      const database = await open();
      const work = database.transaction(async (transaction) => {
        await transaction.run(insert, ["1"]);
        await failure(Promise.resolve(transaction.run(insert, ["1"])));
      });
      expect(await failure(work)).to.be.instanceOf(UniqueViolation);
      expect(await ids(database)).to.deep.equal([]);
    });

    it("are not done again for an error of the work's own", async () => {
      const database = await open();
      let runs = 0;
      const error = await failure(
        database.transaction(() => {
          runs++;
          throw new Error("no");
        }),
      );
      expect([error.message, runs]).to.deep.equal(["no", 1]);
    });
  });

  it("keeps a bounded number of statements prepared on a connection", async () => {
    const database = await open({ readConnections: 1 });
    for (let round = 0; round < 3; round++) {
      for (let number = 0; number < 450; number++) {
        const [row] = await database.reader.rows(`select ${number} + ${round} * $1::integer`, [1]);
        expect(row).to.deep.equal([number + round]);
        // Only what comes again is worth it.
        await database.reader.rows(`select ${number} + ${round} * $1::integer`, [1]);
      }
    }
    const [row] = await database.reader.rows("select count(*) from pg_prepared_statements", []);
    expect(Number(row![0])).to.be.within(1, 1_001);
  });

  it("prepares a statement that comes again, and not one that comes once", async () => {
    const database = await open({ readConnections: 1 });
    const prepared = async () =>
      (await database.reader.rows("select statement from pg_prepared_statements where statement like '%$1::text%'", []))
        .flat()
        .filter((text) => !String(text).includes("pg_prepared_statements"));
    await database.reader.rows("select $1::text", ["a"]);
    expect(await prepared()).to.deep.equal([]);
    await database.reader.rows("select $1::text", ["b"]);
    expect(await prepared()).to.deep.equal(["select $1::text"]);
  });

  describe("its tables", () => {
    it("have PostgreSQL's types for those that only SQLite has, and texts in the order of code points", async () => {
      const database = await open();
      const rows = await database.reader.rows(
        "select column_name, data_type, collation_name from information_schema.columns where table_name = 'typed' order by column_name",
        [],
      );
      expect(rows).to.deep.equal([
        ["at", "text", "C"],
        ["big", "bigint", null],
        ["flag", "boolean", null],
        ["id", "integer", null],
        ["long", "text", "C"],
        ["name", "character varying", "C"],
        ["ratio", "double precision", null],
        ["tiny", "smallint", null],
      ]);
    });

    it("need no change at the next start", async () => {
      const first = await open();
      await first.close();
      opened.splice(0);
      const database = await open();
      const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).to.deep.equal([]);
    });

    it("get the order of code points where they were made without", async () => {
      await withClient((client) =>
        client.query("create table row (id text primary key, short varchar(5), small smallint)"),
      );
      const database = await open();
      await database.transaction(async (transaction) => {
        for (const id of ["a", "B", "ä", "Z"]) await transaction.run(insert, [id]);
      });
      expect(await ids(database)).to.deep.equal(["B", "Z", "a", "ä"]);
    });
  });

  describe("refuses at the start", () => {
    it("a database whose encoding is not UTF-8", async () => {
      const name = new URL(store().url).pathname.slice(1);
      await withClient((client) =>
        client.query(`create database ${name}_latin encoding 'LATIN1' locale 'C' template template0`),
      );
      const url = new URL(store().url);
      url.pathname += "_latin";
      try {
        const error = await failure(Database.open({ url: url.href, entities: [Row] }));
        expect(error.message).to.contain("LATIN1").and.contain("UTF8");
      } finally {
        await withClient((client) => client.query(`drop database ${name}_latin with (force)`));
      }
    });

    it("a server that is not there, and a database that is not there", async () => {
      const elsewhere = Database.open({ url: "postgres://u@localhost/x?host=/nowhere", entities: [Row] });
      expect((await failure(elsewhere)).message).to.contain("/nowhere");
      const url = new URL(store().url);
      url.pathname = "/no_such_database";
      expect((await failure(Database.open({ url: url.href, entities: [Row] }))).message).to.contain("no_such_database");
    });
  });
});
