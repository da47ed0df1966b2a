import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createGraphService } from "../../src/graph/index.js";
import type { Service } from "../../src/index.js";
import { drivers } from "../support/graph-server.js";

for (const driver of drivers) {
  describe(`the migrations of the device-configuration service (${driver})`, () => {
    let folder: string;
    let service: Service;
    const start = () => createGraphService({ url: `${driver}:${join(folder, "store.db")}` });
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "odatum-migrations-"));
      service = await start();
    });
    afterEach(async () => {
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const objects = async (): Promise<string[]> => {
      const rows = await service.database.reader.rows(
        "select name from sqlite_master where name not like 'sqlite_%' and tbl_name <> 'odata_migration' order by name",
        [],
      );
      return rows.map(([name]) => String(name));
    };

    it("make exactly the tables that the classes describe", async () => {
      const { upQueries } = await service.database.dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).to.deep.equal([]);
    });

    it("make no table that no class has, beside TypeORM's own", async () => {
      const described = service.database.dataSource.entityMetadatas.map(({ tableName }) => tableName);
      const rows = await service.database.reader.rows(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
        [],
      );
      expect(rows.flat()).to.have.members([...new Set(described), "odata_migration"]);
    });

    it("are undone by down()", async () => {
      const before = await objects();
      const { dataSource } = service.database;
      for (const _ of dataSource.migrations) await dataSource.undoLastMigration({ transaction: "all" });
      expect(await objects()).to.deep.equal([]);
      await dataSource.runMigrations({ transaction: "all" });
      expect(await objects()).to.deep.equal(before);
    });

    it("are run once: a second start changes nothing", async () => {
      const before = await objects();
      const [ran] = await service.database.reader.rows("select count(*), max(id) from odata_migration", []);
      await service.close();
      service = await start();
      expect(await objects()).to.deep.equal(before);
      expect(
        (await service.database.reader.rows("select count(*), max(id) from odata_migration", []))[0],
      ).to.deep.equal(ran);
    });

    it("leave one row for the singleton, also after a second start", async () => {
      await service.close();
      service = await start();
      expect(await service.database.reader.rows("select id from device_management", [])).to.deep.equal([
        ["deviceManagement"],
      ]);
    });

    it("leave a sound database", async () => {
      expect(await service.database.dataSource.query("PRAGMA integrity_check")).to.deep.equal([
        { integrity_check: "ok" },
      ]);
      expect(await service.database.dataSource.query("PRAGMA foreign_key_check")).to.deep.equal([]);
    });
  });
}
