import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { Column, Entity, PrimaryColumn, Unique } from "typeorm";
import { parseDatabaseUrl, StillReferred, StoreUnavailable, UniqueViolation } from "../../src/storage/index.js";
import type { DatabaseOptions } from "../../src/storage/index.js";
import { Database, DatabaseUrlError } from "../../src/index.js";
import { drivers } from "../support/graph-server.js";
import { startKeyed } from "../support/keyed-service.js";

const Sqlite = createRequire(import.meta.url)("better-sqlite3") as typeof BetterSqlite3;

@Entity("row")
@Unique(["a", "b"])
class Row {
  @PrimaryColumn("text") id!: string;
  @Column("text", { nullable: true }) a!: string | null;
  @Column("text", { nullable: true }) b!: string | null;
}

const insert = "insert into row (id, a, b) values (?, ?, ?)";
const count = async (database: Database) => Number((await database.reader.rows("select count(*) from row", []))[0]![0]);

/** A promise that somebody else settles. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/**
 * Takes the write lock of a file in another process: locks of POSIX belong to processes, and two builds of SQLite in one
 * process would not see each other's.
 *
 * @param holdMs lets go by itself after so long
 * @returns lets go, and resolves when that is done
 */
async function lock(file: string, holdMs = 60_000): Promise<() => Promise<void>> {
  const program = `const db = new (require("better-sqlite3"))(process.argv[1]); db.exec("begin immediate"); console.log("held");
    const free = () => { db.exec("rollback"); db.close(); process.exit(); };
    setTimeout(free, Number(process.argv[2])); process.stdin.on("data", free).on("end", free);`;
  const child = spawn(process.execPath, ["-e", program, file, String(holdMs)], { stdio: ["pipe", "pipe", "inherit"] });
  // It may have let go by itself already.
  child.stdin.on("error", () => undefined);
  await once(child.stdout, "data");
  return async () => {
    if (child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.stdin.end("free");
    await exited;
  };
}

const caught = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => {
      throw new Error("It did not fail.");
    },
    (error: Error) => error,
  );

describe("parseDatabaseUrl", () => {
  for (const [url, expected] of Object.entries({
    "sqlite:odatum.db": { driver: "better-sqlite3", file: "odatum.db" },
    "sqlite:/var/lib/odatum.db": { driver: "better-sqlite3", file: "/var/lib/odatum.db" },
    "sqlite:///var/lib/odatum.db": { driver: "better-sqlite3", file: "/var/lib/odatum.db" },
    "sqlite::memory:": { driver: "better-sqlite3", file: ":memory:" },
    "better-sqlite3:a b.db": { driver: "better-sqlite3", file: "a b.db" },
    "sqlite3:odatum.db": { driver: "sqlite3", file: "odatum.db" },
    "sqlite3::memory:": { driver: "sqlite3", file: ":memory:" },
  })) {
    it(`reads ${url}`, () => expect(parseDatabaseUrl(url)).to.deep.equal(expected));
  }

  for (const url of ["", "odatum.db", "sqlite:", "postgres://localhost/x", "SQLITE:x", "constructor:x", ":x"]) {
    it(`refuses '${url}' and says what would be right`, () => {
      expect(() => parseDatabaseUrl(url)).to.throw(DatabaseUrlError, /sqlite:FILE/);
    });
  }
});

for (const driver of drivers) {
  for (const place of ["file", "memory"] as const) {
    describe(`a store (${driver}, ${place})`, () => {
      let folder: string;
      let url: string;
      let database: Database;
      const open = (options: Partial<DatabaseOptions> = {}) => Database.open({ url, entities: [Row], ...options });
      beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "odatum-storage-"));
        url = place === "memory" ? `${driver}::memory:` : `${driver}:${join(folder, "a b'c.db")}`;
        database = await open();
      });
      afterEach(async () => {
        await database.close();
        rmSync(folder, { recursive: true, force: true });
      });

      it("keeps what a transaction wrote", async () => {
        const result = await database.transaction(async (transaction) => {
          expect(await transaction.run(insert, ["1", "a", null])).to.equal(1);
          return "done";
        });
        expect(result).to.equal("done");
        expect(await database.reader.rows("select id, a, b from row", [])).to.deep.equal([["1", "a", null]]);
      });

      it("keeps nothing of a transaction that throws, and goes on", async () => {
        const error = await caught(
          database.transaction(async (transaction) => {
            await transaction.run(insert, ["1", null, null]);
            await transaction.run("update row set a = 'x'", []);
            throw new Error("no");
          }),
        );
        expect(error.message).to.equal("no");
        expect(await count(database)).to.equal(0);
        await database.transaction((transaction) => transaction.run(insert, ["1", null, null]));
        expect(await count(database)).to.equal(1);
      });

      it("keeps nothing of a transaction whose last statement fails", async () => {
        const error = await caught(
          database.transaction(async (transaction) => {
            await transaction.run(insert, ["1", null, null]);
            await transaction.run("insert into absent values (1)", []);
          }),
        );
        expect(error.message).to.contain("no such table");
        expect(await count(database)).to.equal(0);
      });

      it("tells a second row with the same key from other errors, and names the column", async () => {
        const work = database.transaction(async (transaction) => {
          await transaction.run(insert, ["1", null, null]);
          await transaction.run(insert, ["1", null, null]);
        });
        const error = await caught(work);
        expect(error).to.be.instanceOf(UniqueViolation);
        expect((error as UniqueViolation).columns).to.deep.equal([{ table: "row", column: "id" }]);
      });

      it("names all columns of a unique constraint", async () => {
        await database.transaction((transaction) => transaction.run(insert, ["1", "a", "b"]));
        const error = await caught(database.transaction((transaction) => transaction.run(insert, ["2", "a", "b"])));
        expect((error as UniqueViolation).columns.map(({ column }) => column)).to.deep.equal(["a", "b"]);
      });

      it("shows nobody what is not committed, while a transaction is held open", async () => {
        const hold = gate();
        const entered = gate();
        const writing = database.transaction(async (transaction) => {
          await transaction.run(insert, ["1", null, null]);
          entered.open();
          await hold.opened;
        });
        await entered.opened;
        const reads = [1, 2, 3].map(() => count(database));
        if (place === "file") {
          // Readers have a connection of their own: they do not wait, either.
          expect(await Promise.all(reads)).to.deep.equal([0, 0, 0]);
          hold.open();
        } else {
          const settled = await Promise.race([
            Promise.all(reads),
            new Promise((resolve) => setTimeout(resolve, 30, "waiting")),
          ]);
          expect(settled).to.equal("waiting");
          hold.open();
          expect(await Promise.all(reads)).to.deep.equal([1, 1, 1]);
        }
        await writing;
        expect(await count(database)).to.equal(1);
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
        const reading = count(database);
        hold.open();
        await caught(writing);
        expect(await reading).to.equal(0);
      });

      it("shows a transaction what it wrote itself", async () => {
        await database.transaction(async (transaction) => {
          await transaction.run(insert, ["1", null, null]);
          expect(await transaction.rows("select id from row", [])).to.deep.equal([["1"]]);
        });
      });

      it("runs transactions one at a time, in the order in which they were asked for", async () => {
        const events: string[] = [];
        await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            database.transaction(async (transaction) => {
              events.push(`begin ${index}`);
              await new Promise((resolve) => setTimeout(resolve, (20 - index) % 3));
              await transaction.run(insert, [String(index), null, null]);
              events.push(`end ${index}`);
            }),
          ),
        );
        expect(events).to.deep.equal(
          Array.from({ length: 20 }, (_, index) => [`begin ${index}`, `end ${index}`]).flat(),
        );
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

      it("gives columns in the order of the statement, also those of the same value", async () => {
        await database.transaction((transaction) => transaction.run(insert, ["1", "x", "y"]));
        expect(await database.reader.rows('select b, id, a as "z", 5 as n from row', [])).to.deep.equal([
          ["y", "1", "x", 5],
        ]);
      });

      it("finishes the transactions under way before it closes", async () => {
        const own = place === "memory" ? await open() : database;
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
          expect(await count(database)).to.equal(1);
        }
      });

      it("enforces foreign keys", async () => {
        expect(await database.dataSource.query("PRAGMA foreign_keys")).to.deep.equal([{ foreign_keys: 1 }]);
        await database.transaction((transaction) =>
          transaction.run("create table child (row_id text not null references row (id))", []),
        );
        expect(
          await caught(database.transaction((transaction) => transaction.run("insert into child values ('x')", []))),
        ).to.be.instanceOf(StillReferred);
      });

      it("waits five seconds for a lock where nothing else is said", async () => {
        expect(await database.dataSource.query("PRAGMA busy_timeout")).to.deep.equal([{ timeout: 5_000 }]);
      });

      it("refuses a time to wait that is none", async () => {
        expect(await caught(open({ busyTimeoutMs: -1 }))).to.be.instanceOf(RangeError);
      });
    });
  }

  describe(`a store in a file (${driver})`, () => {
    let folder: string;
    let file: string;
    const open = (options: Partial<DatabaseOptions> = {}) =>
      Database.open({ url: `${driver}:${file}`, entities: [Row], ...options });
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "odatum-storage-"));
      file = join(folder, "store.db");
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const pragma = async (database: Database, name: string) =>
      Object.values((await database.dataSource.query(`PRAGMA ${name}`))[0])[0];

    it("is written ahead (WAL) and fully synchronous by default", async () => {
      const database = await open();
      try {
        expect([await pragma(database, "journal_mode"), await pragma(database, "synchronous")]).to.deep.equal([
          "wal",
          2,
        ]);
      } finally {
        await database.close();
      }
    });

    it("is less synchronous where that is asked for", async () => {
      const database = await open({ synchronous: "NORMAL" });
      try {
        expect(await pragma(database, "synchronous")).to.equal(1);
      } finally {
        await database.close();
      }
    });

    it("has a reader that cannot write", async () => {
      const database = await open();
      try {
        const error = await caught(
          Promise.resolve().then(() => database.reader.rows("delete from row returning id", [])),
        );
        expect(error).to.be.instanceOf(StoreUnavailable);
      } finally {
        await database.close();
      }
    });

    it("holds what was written after it is closed and opened again", async () => {
      for (const id of ["1", "2", "3"]) {
        const database = await open();
        await database.transaction((transaction) => transaction.run(insert, [id, null, null]));
        await database.close();
      }
      const database = await open();
      expect(await count(database)).to.equal(3);
      await database.close();
    });

    it("is one file again once it is closed", async () => {
      const database = await open();
      await database.transaction((transaction) => transaction.run(insert, ["1", null, null]));
      await database.close();
      const plain = new Sqlite(file, { readonly: true });
      expect(plain.prepare("select count(*) as n from row").get()).to.deep.equal({ n: 1 });
      plain.close();
    });

    for (const [what, content] of Object.entries({
      "no database": Buffer.from("This is not a database. ".repeat(100)),
      "a cut-off one": undefined,
    })) {
      it(`refuses a file that is ${what}, and leaves it as it is`, async () => {
        if (content === undefined) {
          const database = await open();
          await database.transaction((transaction) => transaction.run(insert, ["1", null, null]));
          await database.close();
          writeFileSync(file, readFileSync(file).subarray(0, 5_000));
        } else writeFileSync(file, content);
        const before = readFileSync(file);
        const error = await caught(open());
        expect(error).to.be.instanceOf(Error);
        expect(readFileSync(file).equals(before)).to.equal(true);
      });
    }

    it("refuses a folder that is not there", async () => {
      file = join(folder, "nowhere", "store.db");
      // TypeORM makes the folder; a file in its place it cannot make one of.
      writeFileSync(join(folder, "nowhere"), "");
      expect(await caught(open())).to.be.instanceOf(Error);
    });

    describe("that another connection holds", () => {
      it("fails with StoreUnavailable after its time, changes nothing, and works again afterwards", async () => {
        const database = await open({ busyTimeoutMs: 60 });
        const free = await lock(file);
        try {
          const started = performance.now();
          const error = await caught(database.transaction((transaction) => transaction.run(insert, ["1", null, null])));
          expect(error).to.be.instanceOf(StoreUnavailable);
          expect(performance.now() - started).to.be.within(50, 2_000);
          expect(await count(database)).to.equal(0);
          await free();
          await database.transaction((transaction) => transaction.run(insert, ["1", null, null]));
          expect(await count(database)).to.equal(1);
        } finally {
          await free();
          await database.close();
        }
      });

      it("is waited for where it comes free in time", async () => {
        const database = await open({ busyTimeoutMs: 3_000 });
        const free = await lock(file, 100);
        try {
          await database.transaction((transaction) => transaction.run(insert, ["1", null, null]));
          expect(await count(database)).to.equal(1);
        } finally {
          await free();
          await database.close();
        }
      });
    });
  });

  describe(`a service on a store that another connection holds (${driver})`, () => {
    it("answers writes with 503 and Retry-After, and reads as ever", async () => {
      const server = await startKeyed({ driver, database: { busyTimeoutMs: 50 } });
      await server.client.post("/Tags", { name: "a" });
      const free = await lock(server.file);
      try {
        for (const answer of [
          await server.client.post("/Tags", { name: "b" }),
          await server.client.patch("/Tags('a')", { title: "x" }),
          await server.client.delete("/Tags('a')"),
        ]) {
          expect(answer.status, answer.text).to.equal(503);
          expect(answer.headers["retry-after"]).to.equal("1");
          expect(answer.json.error.code).to.equal("ServiceUnavailable");
          expect(answer.text).to.not.match(/SQLITE|begin|database is locked/i);
        }
        expect((await server.client.get("/Tags('a')")).json.title).to.equal(null);
        await free();
        expect((await server.client.post("/Tags", { name: "b" })).status).to.equal(201);
      } finally {
        await free();
        await server.close();
      }
    });
  });
}

for (const driver of drivers) {
  describe(`a service in memory (${driver})`, () => {
    it("answers reads while writes go on, and never with half of one", async () => {
      const server = await startKeyed({ url: `${driver}::memory:` });
      try {
        const { client } = server;
        await client.post("/Tags", { name: "a" });
        const writes = Array.from({ length: 40 }, (_, number) =>
          client.post("/Things", { number, "tag@odata.bind": number % 4 === 3 ? "Tags('nothing')" : "Tags('a')" }),
        );
        const reads = Array.from({ length: 40 }, () => client.get("/Things?$expand=tag"));
        expect((await Promise.all(writes)).filter(({ status }) => status === 201)).to.have.length(30);
        for (const answer of await Promise.all(reads)) {
          expect(answer.status, answer.text).to.equal(200);
          for (const thing of answer.json.value) expect(thing.tag).to.include({ name: "a" });
        }
        expect((await client.get("/Things/$count")).text).to.equal("30");
      } finally {
        await server.close();
      }
    });
  });
}
