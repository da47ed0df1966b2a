import { expect } from "chai";
import type { MigrationInterface, QueryRunner } from "typeorm";
import { ChildEntity, Column, Entity, PrimaryColumn, Table, TableInheritance } from "typeorm";
import type { DecoratedClass, Service } from "../../src/index.js";
import { createService, Document, Edm, ModelError, odata, TypeOrmController } from "../../src/index.js";
import { bindUri } from "../../src/binding/index.js";
import type { PageRequest } from "../../src/query/index.js";
import { compileRead, parameterValues } from "../../src/query/index.js";
import {
  createDocumentIndexes,
  DocumentIndex,
  dropDocumentIndexes,
  LinkEntity,
  SettingEntity,
  UniqueViolation,
} from "../../src/storage/index.js";
import { parseUri } from "../../src/syntax/index.js";
import type { StoreKind } from "../support/stores.js";
import { failure, freshStores, storeKinds } from "../support/stores.js";

const size = Edm.enumeration("Indexed.Size", { small: 3, medium: 2, large: 1 });
type size = Edm.Member<typeof size>;

@odata.namespace("Indexed")
class Address {
  @Edm.String city!: string | null;
}

@Entity("device")
@TableInheritance({ column: { type: "text", name: "type" } })
@odata.namespace("Indexed")
@DocumentIndex("serial", { unique: true, name: "device_serial" })
@DocumentIndex("rank", { name: "device_rank" })
@DocumentIndex("price", { name: "device_price" })
@DocumentIndex("at", { name: "device_at" })
@DocumentIndex("size", { name: "device_size" })
@DocumentIndex("address/city", { name: "device_city" })
class Device {
  @PrimaryColumn("integer") @Edm.Key @Edm.Int32 id!: number;
  @Edm.String serial!: string | null;
  @Edm.Int32 rank!: number | null;
  @Edm.Precision(20) @Edm.Scale(2) @Edm.Decimal price!: string | null;
  @Edm.DateTimeOffset at!: string | null;
  /** A column whose text is not what it is sorted by. */
  @Column("text", { nullable: true }) @Edm.EnumType(size) size!: size | null;
  @Edm.ComplexType(Address) address!: Address | null;
  @Document() document!: string;
}

@ChildEntity("phone")
@odata.namespace("Indexed")
@DocumentIndex("imei", { unique: true, name: "phone_imei" })
class Phone extends Device {
  @Edm.String imei!: string | null;
}

@ChildEntity("tablet")
@odata.namespace("Indexed")
class Tablet extends Device {
  /** Not what a phone has under this name. */
  @Edm.Int32 imei!: number | null;
}

/** The same table without indexes, and with one more column. */
@Entity("device")
@TableInheritance({ column: { type: "text", name: "type" } })
@odata.namespace("Indexed")
class PlainDevice {
  @PrimaryColumn("integer") @Edm.Key @Edm.Int32 id!: number;
  @Column("text", { nullable: true }) size!: string | null;
  @Column("text", { nullable: true }) added!: string | null;
  @Document() document!: string;
}

function serviceOf(entityClass: DecoratedClass, ...others: readonly DecoratedClass[]): DecoratedClass {
  class Devices extends TypeOrmController {}
  odata.type(entityClass as never)(Devices as never);
  @odata.namespace("Indexed")
  class IndexedService {}
  odata.controller(Devices as never, "Devices")(IndexedService as never);
  odata.types(entityClass, ...others)(IndexedService);
  return IndexedService;
}

const INDEXES = [
  "device_serial",
  "device_rank",
  "device_price",
  "device_at",
  "device_size",
  "device_city",
  "phone_imei",
];

/** The indexes that stand in the database, TypeORM's own left out. */
async function indexesOf(service: Service, kind: StoreKind): Promise<unknown[]> {
  const rows = await service.database.reader.rows(
    kind.database === "sqlite"
      ? "select name from sqlite_master where type = 'index' and tbl_name = 'device' order by name"
      : "select indexname from pg_indexes where tablename = 'device' order by indexname",
    [],
  );
  return rows.flat().filter((name) => /^(?:device|phone)_/.test(String(name)));
}

/** How the database goes about a request. */
async function explain(service: Service, kind: StoreKind, url: string, page?: PageRequest): Promise<string> {
  const bound = bindUri(parseUri(url.replaceAll(" ", "%20")), service.model, { derivedNavigation: true });
  if (bound.kind !== "resource") throw new Error("It is no resource.");
  const { database } = service;
  const statement = compileRead(
    bound.path,
    bound.options,
    { mapping: database.mapping, dialect: database.dialect },
    page,
  );
  const values = parameterValues(statement, { keys: new Map(), limit: 10, after: ["5", "5"] });
  const how = kind.database === "sqlite" ? "explain query plan " : "explain ";
  const rows = await database.reader.rows(how + statement.text, values, statement.functions);
  return rows.map((row) => row.join(" ")).join("\n");
}

for (const kind of storeKinds.filter(({ inMemory }) => !inMemory)) {
  describe(`indexes of documents (${kind.name})`, () => {
    const store = freshStores(kind);
    const opened: Service[] = [];
    const open = async (...classes: [DecoratedClass, ...DecoratedClass[]]): Promise<Service> => {
      for (const service of opened.splice(0)) await service.close();
      const service = await createService(serviceOf(...classes), { database: { url: store().url } });
      opened.push(service);
      return service;
    };
    afterEach(async () => {
      for (const service of opened.splice(0)) await service.close();
    });
    const insert = (service: Service, id: number, type: string, document: object) =>
      service.database.transaction((transaction) =>
        transaction.run(kind.sql("insert into device (id, type, document, size) values (?, ?, ?, 'small')"), [
          id,
          type,
          JSON.stringify(document),
        ]),
      );

    it("are made at the start, and stay from start to start", async () => {
      const expected = [...INDEXES, "device_size_order"].sort();
      expect(await indexesOf(await open(Device, Phone, Tablet), kind)).to.deep.equal(expected);
      const service = await open(Device, Phone, Tablet);
      expect(await indexesOf(service, kind)).to.deep.equal(expected);
      const { upQueries } = await service.database.dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).to.deep.equal([]);
    });

    it("go when no class asks for them any more, and outlive changes of the table", async () => {
      await insert(await open(Device, Phone, Tablet), 1, "phone", { serial: "a" });
      const plain = await open(PlainDevice);
      expect(await indexesOf(plain, kind)).to.deep.equal([]);
      // The column that was added goes again, so the table is made anew on SQLite.
      const service = await open(Device, Phone, Tablet);
      expect(await indexesOf(service, kind)).to.include.members(INDEXES);
      expect(await service.database.reader.rows("select id from device", [])).to.deep.equal([[1]]);
    });

    it("are made anew where one is gone", async () => {
      const service = await open(Device, Phone, Tablet);
      await service.database.transaction((transaction) => transaction.run("drop index device_rank", []));
      expect(await indexesOf(await open(Device, Phone, Tablet), kind)).to.include.members(INDEXES);
    });

    it("keep values apart where they are unique, and null from nothing", async () => {
      const service = await open(Device, Phone, Tablet);
      await insert(service, 1, "tablet", { serial: "a" });
      await insert(service, 2, "tablet", { serial: null });
      await insert(service, 3, "tablet", {});
      const error = await failure(insert(service, 4, "phone", { serial: "a" }));
      expect(error).to.be.instanceOf(UniqueViolation);
    });

    it("hold only the rows of the type that asks for them", async () => {
      const service = await open(Device, Phone, Tablet);
      await insert(service, 1, "tablet", { imei: 1 });
      await insert(service, 2, "tablet", { imei: 1 });
      await insert(service, 3, "phone", { imei: "1" });
      expect(await failure(insert(service, 4, "phone", { imei: "1" }))).to.be.instanceOf(UniqueViolation);
    });

    describe("are used", () => {
      let service: Service;
      beforeEach(async () => {
        service = await open(Device, Phone, Tablet);
        const { database } = service;
        await database.transaction(async (transaction) => {
          const statement = kind.sql("insert into device (id, type, size, document) values (?, ?, ?, ?)");
          for (let id = 0; id < 2_000; id++) {
            const at = new Date(Date.UTC(2024, 0, 1) + id * 1_000).toISOString().replace(".000Z", "Z");
            const document = {
              serial: `s${id}`,
              rank: id,
              price: id / 4,
              at,
              address: { city: `c${id}` },
              ...(id % 2 === 0 ? { imei: `i${id}` } : { imei: id }),
            };
            const sizes = ["small", "medium", "large"] as const;
            await transaction.run(statement, [
              id,
              id % 2 === 0 ? "phone" : "tablet",
              id < 1_990 ? "small" : sizes[id % 3]!,
              JSON.stringify(document),
            ]);
          }
        });
        await database.dataSource.query("analyze device");
      });

      const searching =
        kind.database === "sqlite" ? "SEARCH \\w+ USING INDEX " : "Index (?:Only )?Scan (?:Backward )?(?:using|on) ";
      const reading =
        kind.database === "sqlite" ? "(?:SCAN|SEARCH) \\w+ USING INDEX " : "Index Scan (?:Backward )?using ";
      const sorting = kind.database === "sqlite" ? /TEMP B-TREE/ : /Sort/;

      for (const [url, index] of [
        ["/Devices?$filter=serial eq 's7'", "device_serial"],
        ["/Devices?$filter=rank eq 7", "device_rank"],
        ["/Devices?$filter=rank gt 1995 and rank lt 1999", "device_rank"],
        ["/Devices?$filter=rank ge 5 and rank lt 9", "device_rank"],
        ["/Devices?$filter=at ge 2024-01-01T00:33:00Z and at lt 2024-01-01T00:33:10Z", "device_at"],
        ["/Devices?$filter=at eq 2024-01-01T00:00:07Z", "device_at"],
        ["/Devices?$filter=address/city eq 'c7'", "device_city"],
        ["/Devices?$filter=address/city gt 'c998' and address/city le 'c999'", "device_city"],
        ["/Devices?$filter=size eq 'large'", "device_size"],
        ["/Devices?$filter=price eq 1.75", "device_price"],
        ["/Devices/Indexed.Phone?$filter=imei eq 'i8'", "phone_imei"],
      ] as const) {
        it(`by ${url}`, async () => {
          expect(await explain(service, kind, url)).to.match(new RegExp(`${searching}${index}\\b`));
        });
      }

      if (kind.database === "postgres") {
        it("by ranges of Decimals", async () => {
          expect(await explain(service, kind, "/Devices?$filter=price lt 1.75")).to.match(/device_price/);
        });
      }

      for (const [order, index] of [
        ["rank", "device_rank"],
        ["at", "device_at"],
        ["address/city", "device_city"],
        ["rank desc", "device_rank"],
      ] as const) {
        it(`by the first page of $orderby=${order}`, async () => {
          for (const plan of [
            await explain(service, kind, `/Devices?$orderby=${order}&$top=10`),
            await explain(service, kind, `/Devices?$orderby=${order}`, { keyset: true }),
          ]) {
            expect(plan).to.match(new RegExp(`${reading}${index}\\b`));
            // The key stands the other way round behind a value that descends: values that are equal are sorted by it.
            if (!order.endsWith("desc")) expect(plan).to.not.match(sorting);
          }
        });

        it(`by the next page of $orderby=${order}`, async () => {
          const plan = await explain(service, kind, `/Devices?$orderby=${order}`, {
            keyset: true,
            after: [false, false],
          });
          expect(plan).to.match(new RegExp(`${searching}${index}\\b`));
          if (!order.endsWith("desc")) expect(plan).to.not.match(sorting);
        });
      }

      it("by the order of an enumeration's values, which is not that of its texts", async () => {
        const plan = await explain(service, kind, "/Devices?$orderby=size", { keyset: true });
        expect(plan).to.match(new RegExp(`${reading}device_size_order\\b`));
      });
    });

    describe("made by migrations", () => {
      class Tables1700000000000 implements MigrationInterface {
        async up(runner: QueryRunner): Promise<void> {
          for (const entity of [Device, LinkEntity, SettingEntity])
            await runner.createTable(Table.create(runner.connection.getMetadata(entity), runner.connection.driver));
        }
        async down(runner: QueryRunner): Promise<void> {
          for (const entity of [Device, LinkEntity, SettingEntity])
            await runner.dropTable(runner.connection.getMetadata(entity).tableName);
        }
      }
      class Indexes1700000000001 implements MigrationInterface {
        async up(runner: QueryRunner): Promise<void> {
          for (const entityClass of [Device, Phone]) await createDocumentIndexes(runner, entityClass);
        }
        async down(runner: QueryRunner): Promise<void> {
          for (const entityClass of [Device, Phone]) await dropDocumentIndexes(runner, entityClass);
        }
      }
      const start = async (...migrations: (new () => MigrationInterface)[]) => {
        for (const service of opened.splice(0)) await service.close();
        const service = await createService(serviceOf(Device, Phone, Tablet), {
          database: { url: store().url, migrations },
        });
        opened.push(service);
        return service;
      };

      it("are there when these are run, and go when they are undone", async () => {
        expect(await indexesOf(await start(Tables1700000000000), kind)).to.deep.equal([]);
        const service = await start(Tables1700000000000, Indexes1700000000001);
        expect(await indexesOf(service, kind)).to.include.members(INDEXES);
        const { dataSource } = service.database;
        const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
        expect(upQueries.map(({ query }) => query)).to.deep.equal([]);
        await dataSource.undoLastMigration({ transaction: "all" });
        expect(await indexesOf(service, kind)).to.deep.equal([]);
        await dataSource.runMigrations({ transaction: "all" });
        expect(await indexesOf(service, kind)).to.include.members(INDEXES);
      });

      it("stay as they are where some are there already", async () => {
        const service = await start(Tables1700000000000, Indexes1700000000001);
        const runner = service.database.dataSource.createQueryRunner();
        try {
          await createDocumentIndexes(runner, Device);
          expect(await indexesOf(service, kind)).to.include.members(INDEXES);
        } finally {
          await runner.release();
        }
      });
    });
  });
}

describe("DocumentIndex refuses", () => {
  const start = async (...paths: readonly string[]): Promise<Error> => {
    @Entity("wrong")
    @odata.namespace("Indexed")
    class Wrong {
      @PrimaryColumn("text") @Edm.Key @Edm.String id!: string;
      @Edm.ComplexType(Address) address!: Address | null;
      @Edm.Collection(Edm.String) tags!: string[];
      @Document() document!: string;
    }
    for (const path of paths) DocumentIndex(path)(Wrong);
    const work = createService(serviceOf(Wrong), { database: { url: "sqlite::memory:" } });
    return failure(work.then((service) => service.close()));
  };
  for (const [path, message] of [
    ["nothing", /'nothing' of 'Indexed.Wrong': there is no property 'nothing'/],
    ["address/street", /there is no property 'street'/],
    ["address", /leads to a complex value/],
    ["tags", /'tags' is a collection/],
    ["id/length", /there is no property 'length'/],
    ["", /there is no property ''/],
  ] as const) {
    it(`the path '${path}'`, async () => {
      const error = await start(path);
      expect(error).to.be.instanceOf(ModelError);
      expect(error.message).to.match(message);
    });
  }

  it("a class of which the model knows nothing, and a data source that no service has opened", async () => {
    const service = await createService(serviceOf(Device, Phone, Tablet), { database: { url: "sqlite::memory:" } });
    const runner = service.database.dataSource.createQueryRunner();
    DocumentIndex("id")(Address);
    expect((await failure(createDocumentIndexes(runner, Address))).message).to.contain("'Address'");
    await service.close();
    const unknown = { connection: {} } as unknown as QueryRunner;
    expect(await failure(createDocumentIndexes(unknown, Device))).to.be.instanceOf(ModelError);
  });
});
