import { expect } from "chai";
import {
  ChildEntity,
  Column,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  PrimaryColumn,
  TableInheritance,
} from "typeorm";
import type { DecoratedClass } from "../../src/index.js";
import { createService, Document, Edm, ModelError, odata, TypeOrmController } from "../../src/index.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import type { KeyedServer } from "../support/keyed-service.js";
import { startKeyed } from "../support/keyed-service.js";
import type { TestStore } from "../support/stores.js";
import { storeKinds } from "../support/stores.js";

for (const kind of storeKinds) {
  const truth = (value: boolean) => (kind.database === "sqlite" ? Number(value) : value);

  describe(`what goes where: a service with foreign keys and links (${kind.name})`, () => {
    let store: TestStore | undefined;
    let server: KeyedServer;
    before(async function () {
      this.timeout(90_000);
      store = await kind.create();
      if (store === undefined) this.skip();
      server = await startKeyed({ url: store.url });
      await server.client.post("/Tags", { name: "t" });
    });
    after(async () => {
      await server?.close();
      await store?.remove();
    });
    const rows = (sql: string) => server.service.database.dataSource.query(sql) as Promise<Record<string, unknown>[]>;

    it("properties with a column go to it, in the form that SQL compares", async () => {
      await server.client.post(
        "/Things",
        '{"number":1,"big":9007199254740993,"price":0.10,"weight":2.50,"ratio":0.5,"at":"2024-01-01T01:00:00.5+01:00","flag":true,"place":{"people":1},"words":["a"],"tag@odata.bind":"Tags(\'t\')"}',
      );
      const [row] = await rows(
        `select number, cast(big as text) as big, price, ${kind.database === "sqlite" ? "typeof(price)" : "pg_typeof(price)::text"} as price_type, weight, ratio, at, flag, place, words, tag_name from thing`,
      );
      expect(row).to.deep.equal({
        number: 1,
        big: "9007199254740993",
        price: "0.1",
        price_type: "text",
        weight: "2.5",
        ratio: 0.5,
        at: "2024-01-01T00:00:00.5",
        flag: truth(true),
        place: '{"city":null,"people":1}',
        words: '["a"]',
        tag_name: "t",
      });
    });

    it("properties without one go to the document, in the order of their declaration, defaults and nulls included", async () => {
      await server.client.post("/Things", { number: 2, day: "2024-02-29", atInDocument: "2024-01-01T01:00:00+01:00" });
      const [row] = await rows("select document from thing where number = 2");
      expect(row!.document).to.equal(
        '{"bigInDocument":null,"priceInDocument":null,"atInDocument":"2024-01-01T00:00:00Z","day":"2024-02-29","serial":null,"tiny":null,"short":null}',
      );
    });

    it("dynamic properties stand behind the declared ones", async () => {
      await server.client.post("/Notes", '{"z":1.0,"id":1,"a@odata.type":"#Int32","a":2}');
      expect(await rows("select document from note")).to.deep.equal([
        { document: '{"title":null,"z":1.0,"a@odata.type":"#Int32","a":2}' },
      ]);
    });

    it("navigation properties with a relation go to the foreign key, those without to the link table", async () => {
      await server.client.put("/Tags('t')/favourite/$ref", { "@odata.id": "Things(1)" });
      await server.client.patch("/Tags('t')", { "related@odata.bind": ["Tags('t')"] });
      expect(await rows("select * from odata_link order by property")).to.deep.equal([
        {
          source_table: "tag",
          source_key: "t",
          property: "favourite",
          target_key: "1",
          target_table: "thing",
          position: 0,
        },
        {
          source_table: "tag",
          source_key: "t",
          property: "related",
          target_key: "t",
          target_table: "tag",
          position: 0,
        },
      ]);
    });
  });

  describe(`what goes where: a wide hierarchy (${kind.name})`, () => {
    let store: TestStore | undefined;
    let graph: GraphServer;
    before(async function () {
      this.timeout(90_000);
      store = await kind.create();
      if (store === undefined) this.skip();
      graph = await startGraph({ database: store.url });
    });
    after(async () => {
      await graph?.close();
      await store?.remove();
    });

    it("is the root's columns, the discriminator and the document of the actual type", async () => {
      const created = await graph.client.post("/deviceManagement/deviceConfigurations", {
        "@odata.type": "#microsoft.graph.iosTrustedRootCertificate",
        trustedRootCertificate: "AQID",
        displayName: "Root",
        deviceManagementApplicabilityRuleOsVersion: {
          "@odata.type": "#microsoft.graph.deviceManagementApplicabilityRuleOsVersion",
          name: "n",
        },
      });
      expect(created.status, created.text).to.equal(201);
      const [row] = (await graph.service.database.dataSource.query("select * from device_configuration")) as Record<
        string,
        unknown
      >[];
      const { id, created_date_time, last_modified_date_time, ...others } = row!;
      expect(id).to.equal(created.json.id);
      expect(`${String(created_date_time)}Z`).to.equal(created.json.createdDateTime);
      expect(last_modified_date_time).to.equal(created_date_time);
      expect(others).to.deep.equal({
        description: null,
        display_name: "Root",
        supports_scope_tags: truth(false),
        version: 1,
        document:
          '{"deviceManagementApplicabilityRuleDeviceMode":null,"deviceManagementApplicabilityRuleOsEdition":null,' +
          '"deviceManagementApplicabilityRuleOsVersion":{"maxOSVersion":null,"minOSVersion":null,"name":"n","ruleType":"include"},' +
          '"roleScopeTagIds":[],"certFileName":null,"trustedRootCertificate":"AQID"}',
        type: "iosTrustedRootCertificate",
      });
    });

    it("stays in declaration order when it is changed", async () => {
      const [before] = (await graph.service.database.dataSource.query(
        "select id, document from device_configuration",
      )) as Record<string, string>[];
      const changed = await graph.client.patch(`/deviceManagement/deviceConfigurations/${before!.id!}`, {
        certFileName: "a.cer",
        roleScopeTagIds: ["1", "0"],
      });
      expect(changed.status, changed.text).to.equal(200);
      const [after] = (await graph.service.database.dataSource.query(
        "select version, document from device_configuration",
      )) as Record<string, string>[];
      expect(after).to.deep.equal({
        version: 2,
        document: before!
          .document!.replace('"certFileName":null', '"certFileName":"a.cer"')
          .replace('"roleScopeTagIds":[]', '"roleScopeTagIds":["1","0"]'),
      });
    });
  });
}

describe("typeOrmMapping refuses", () => {
  /** A service with one entity set for each class. */
  function serviceOf(...classes: readonly DecoratedClass[]): DecoratedClass {
    @odata.namespace("Wrong")
    class Wrong {}
    odata.types(...classes)(Wrong);
    classes.forEach((entityClass, index) => {
      class Controller extends TypeOrmController {}
      odata.type(entityClass as never)(Controller as never);
      odata.controller(Controller as never, `Set${index}`)(Wrong as never);
    });
    return Wrong;
  }
  const start = async (...classes: readonly DecoratedClass[]): Promise<Error> => {
    try {
      const service = await createService(serviceOf(...classes), { database: { url: "sqlite::memory:" } });
      await service.close();
    } catch (error) {
      return error as Error;
    }
    throw new Error("The service started.");
  };

  it("an entity type of an entity set that has no table", async () => {
    @odata.namespace("Wrong")
    class Tableless {
      @Edm.Key @Edm.String id!: string;
    }
    const error = await start(Tableless);
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message).to.contain("'Wrong.Tableless' has no table");
  });

  it("a property without a column where there is no document", async () => {
    @Entity()
    @odata.namespace("Wrong")
    class Undocumented {
      @PrimaryColumn("text") @Edm.Key @Edm.String id!: string;
      @Edm.String note!: string;
    }
    const error = await start(Undocumented);
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message).to.contain("'Wrong.Undocumented'").and.contain("@Document()");
  });

  it("an open type where there is no document", async () => {
    @Entity()
    @odata.namespace("Wrong")
    @Edm.OpenType
    class OpenWithout {
      @PrimaryColumn("text") @Edm.Key @Edm.String id!: string;
    }
    const error = await start(OpenWithout);
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message).to.contain("'Wrong.OpenWithout'").and.contain("@Document()");
  });

  it("a key without a column", async () => {
    @Entity()
    @odata.namespace("Wrong")
    class KeyInDocument {
      @PrimaryColumn("text") row!: string;
      @Edm.Key @Edm.String id!: string;
      @Document() document!: string;
    }
    const error = await start(KeyInDocument);
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message).to.contain("'id' of 'Wrong.KeyInDocument' needs a column");
  });

  it("one column for values of different types", async () => {
    @Entity()
    @TableInheritance({ column: { type: "text", name: "type" } })
    @odata.namespace("Wrong")
    class Base {
      @PrimaryColumn("text") @Edm.Key @Edm.String id!: string;
    }
    @ChildEntity("a")
    class ChildA extends Base {
      @Column("text", { nullable: true }) @Edm.String value!: string;
    }
    @ChildEntity("b")
    class ChildB extends Base {
      @Edm.Int32 value!: number;
    }
    const error = await start(Base, ChildA, ChildB);
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message)
      .to.contain("'base.value'")
      .and.match(/'Wrong\.Child[AB]'/);
  });

  it("a link from or to a key of several properties", async () => {
    @Entity()
    @odata.namespace("Wrong")
    class Pair {
      @PrimaryColumn("text") @Edm.Key @Edm.String a!: string;
      @PrimaryColumn("text") @Edm.Key @Edm.String b!: string;
      @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Pair))) others?: Pair[];
    }
    const error = await start(Pair);
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message).to.contain("'Wrong.Pair/others' needs a TypeORM relation");
  });

  it("a relation over several columns", async () => {
    @Entity()
    @odata.namespace("Wrong")
    class Twin {
      @PrimaryColumn("text") @Edm.Key @Edm.String a!: string;
      @PrimaryColumn("text") @Edm.Key @Edm.String b!: string;
    }
    @Entity()
    @odata.namespace("Wrong")
    class TwinOwner {
      @PrimaryColumn("text") @Edm.Key @Edm.String id!: string;
      @ManyToOne(() => Twin)
      @JoinColumn()
      @Edm.EntityType(Edm.ForwardRef(() => Twin))
      twin?: Twin;
    }
    const error = await start(Twin, TwinOwner);
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message).to.contain("'Wrong.TwinOwner/twin' has 2 columns");
  });

  it("a many-to-many relation", async () => {
    @Entity()
    @odata.namespace("Wrong")
    class Many {
      @PrimaryColumn("text") @Edm.Key @Edm.String id!: string;
      @ManyToMany(() => Many)
      @JoinTable()
      @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Many)))
      others?: Many[];
    }
    const error = await start(Many);
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message).to.contain("'Wrong.Many/others' is many-to-many");
  });

  it("a navigation property to a type that has no table", async () => {
    @odata.namespace("Wrong")
    class Nowhere {
      @Edm.Key @Edm.String id!: string;
    }
    @Entity()
    @odata.namespace("Wrong")
    class Pointer {
      @PrimaryColumn("text") @Edm.Key @Edm.String id!: string;
      @Edm.EntityType(Edm.ForwardRef(() => Nowhere)) nowhere?: Nowhere;
    }
    const error = await start(Pointer);
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message).to.contain("'Wrong.Nowhere' has no table");
  });
});
