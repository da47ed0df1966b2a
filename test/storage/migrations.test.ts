import { expect } from "chai";
import { createGraphService } from "../../src/graph/index.js";
import type { Service } from "../../src/index.js";
import { freshStores, storeKinds } from "../support/stores.js";

for (const kind of storeKinds.filter(({ inMemory }) => !inMemory)) {
  describe(`the migrations of the device-configuration service (${kind.name})`, () => {
    const store = freshStores(kind);
    let service: Service;
    const start = () => createGraphService({ url: store().url });
    beforeEach(async () => (service = await start()));
    afterEach(() => service.close());
    const read = (sqlite: string, postgres: string) =>
      service.database.reader.rows(kind.database === "sqlite" ? sqlite : postgres, []);
    /**
     * Tables and indexes with what they are made of, but for TypeORM's own, for what `$search` looks into and for the log of
     * changes: these are made at the start, of what the classes say.
     */
    const objects = async (): Promise<unknown[][]> =>
      read(
        "select name, sql from sqlite_master where name not like 'sqlite_%' and tbl_name <> 'odata_migration' and name not like 'odata_search_%' and name not like 'odata_change%' order by name",
        `select table_name || '.' || column_name, concat_ws(' ', data_type, collation_name, is_nullable, column_default)
          from information_schema.columns where table_schema = 'public' and table_name not in ('odata_migration', 'odata_change')
        union all select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename not in ('odata_migration', 'odata_change') and indexname not like 'odata_search_%'
        union all select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' order by 1`,
      );
    const migrations = async () => (await read(...twice("select name from odata_migration order by id"))).flat();

    it("make exactly the tables that the classes describe", async () => {
      const { upQueries } = await service.database.dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).to.deep.equal([]);
    });

    it("make no table that no class has, beside TypeORM's own", async () => {
      const described = service.database.dataSource.entityMetadatas.map(({ tableName }) => tableName);
      const rows = await read(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'odata_search_%' and name <> 'odata_change'",
        "select table_name from information_schema.tables where table_schema = 'public' and table_name <> 'odata_change'",
      );
      expect(rows.flat()).to.have.members([...new Set(described), "odata_migration"]);
    });

    it("are undone by down()", async () => {
      const before = await objects();
      expect(before).to.not.deep.equal([]);
      const { dataSource } = service.database;
      for (const _ of dataSource.migrations) await dataSource.undoLastMigration({ transaction: "all" });
      expect(await objects()).to.deep.equal([]);
      await dataSource.runMigrations({ transaction: "all" });
      expect(await objects()).to.deep.equal(before);
    });

    it("are run once: a second start changes nothing", async () => {
      const [before, ran] = [await objects(), await migrations()];
      expect(ran.length).to.equal(service.database.dataSource.migrations.length);
      await service.close();
      service = await start();
      expect(await objects()).to.deep.equal(before);
      expect(await migrations()).to.deep.equal(ran);
    });

    it("leave one row for the singleton, also after a second start", async () => {
      await service.close();
      service = await start();
      expect(await read(...twice("select id from device_management"))).to.deep.equal([["deviceManagement"]]);
    });

    if (kind.database === "sqlite") {
      it("leave a sound database", async () => {
        const { dataSource } = service.database;
        expect(await dataSource.query("PRAGMA integrity_check")).to.deep.equal([{ integrity_check: "ok" }]);
        expect(await dataSource.query("PRAGMA foreign_key_check")).to.deep.equal([]);
      });
    }
  });

  if (kind.database === "postgres") {
    describe("several processes that start on one PostgreSQL database at the same time", () => {
      const store = freshStores(kind);
      it("run each migration once, and all find everything there", async () => {
        const services = await Promise.all(Array.from({ length: 5 }, () => createGraphService({ url: store().url })));
        try {
          const [first] = services;
          const ran = await first!.database.reader.rows("select name from odata_migration order by id", []);
          expect(ran.flat()).to.deep.equal(
            first!.database.dataSource.migrations.map((migration) => migration.constructor.name),
          );
          for (const { database } of services) {
            expect(await database.reader.rows("select id from device_management", [])).to.deep.equal([
              ["deviceManagement"],
            ]);
            const [row] = await database.reader.rows("select odatum_search_words(array['A b'])::text", [], true);
            expect(row).to.deep.equal(["{a,b}"]);
          }
        } finally {
          for (const service of services) await service.close();
        }
      });
    });
  }
}

function twice(sql: string): [string, string] {
  return [sql, sql];
}
