import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { Column, Entity, PrimaryColumn, Unique } from "typeorm";
import { StoreUnavailable } from "../../src/storage/index.js";
import type { DatabaseOptions } from "../../src/storage/index.js";
import { Database } from "../../src/index.js";
import { drivers } from "../support/graph-server.js";
import { startKeyed } from "../support/keyed-service.js";
import { failure } from "../support/stores.js";

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

for (const driver of drivers) {
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
        const error = await failure(
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
        const error = await failure(open());
        expect(error).to.be.instanceOf(Error);
        expect(readFileSync(file).equals(before)).to.equal(true);
      });
    }

    it("refuses a folder that is not there", async () => {
      file = join(folder, "nowhere", "store.db");
      // TypeORM makes the folder; a file in its place it cannot make one of.
      writeFileSync(join(folder, "nowhere"), "");
      expect(await failure(open())).to.be.instanceOf(Error);
    });

    describe("that another connection holds", () => {
      it("fails with StoreUnavailable after its time, changes nothing, and works again afterwards", async () => {
        const database = await open({ busyTimeoutMs: 60 });
        const free = await lock(file);
        try {
          const started = performance.now();
          const error = await failure(
            database.transaction((transaction) => transaction.run(insert, ["1", null, null])),
          );
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
