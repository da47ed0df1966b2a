import { expect } from "chai";
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import type { Service } from "../../src/index.js";
import { createServer, createService, Document, Edm, odata, TypeOrmController } from "../../src/index.js";
import { Client } from "../support/client.js";
import type { TestStore } from "../support/stores.js";
import { storeKinds } from "../support/stores.js";

const size = Edm.enumeration("Types.Size", { small: 0, large: 1 });
type size = Edm.Member<typeof size>;

@odata.namespace("Types")
class Place {
  @Edm.String city!: string | null;
}

/** Its columns have types that SQLite takes for anything, and PostgreSQL does not. */
@Entity("typed")
@odata.namespace("Types")
class Typed {
  @PrimaryColumn("bigint") @Edm.Key @Edm.Required @Edm.Int64 id!: string;
  @Column("integer", { nullable: true }) @Edm.Int64 big!: string | null;
  @Column("tinyint", { nullable: true }) @Edm.Int32 number!: number | null;
  @Column("smallint", { nullable: true }) @Edm.Int16 short!: number | null;
  @Column("integer", { nullable: true }) @Edm.Boolean flag!: boolean | null;
  @Column("boolean", { default: true }) @Edm.DefaultValue(true) @Edm.Boolean yes!: boolean;
  @Column("float", { nullable: true }) @Edm.Double ratio!: number | null;
  @Column("datetime", { nullable: true }) @Edm.DateTimeOffset at!: string | null;
  @Column("date", { nullable: true }) @Edm.Date day!: string | null;
  @Column("nvarchar", { nullable: true, length: 20 }) @Edm.String name!: string | null;
  @Column({ nullable: true, type: String }) @Edm.String plain!: string | null;
  @Column("varchar", { nullable: true }) @Edm.Guid guid!: string | null;
  @Column("clob", { nullable: true }) @Edm.Scale(10) @Edm.Precision(30) @Edm.Decimal price!: string | null;
  @Column("varchar", { nullable: true }) @Edm.EnumType(size) size!: size | null;
  @Column("json", { nullable: true }) @Edm.ComplexType(Place) place!: Place | null;
  @Column("simple-json", { default: "[]" }) @Edm.Collection(Edm.String) words!: string[];
  @ManyToOne(() => Typed, { nullable: true })
  @JoinColumn({ name: "parent_id" })
  @Edm.EntityType(Edm.ForwardRef(() => Typed))
  parent?: Typed | null;
  @Document() document!: string;
}

@odata.type(Typed)
class Typeds extends TypeOrmController {}

@odata.namespace("Types")
@odata.controller(Typeds as never, "Things")
class TypesService {}

for (const kind of storeKinds) {
  describe(`columns of all types (${kind.name})`, () => {
    let store: TestStore | undefined;
    let service: Service;
    let client: Client;
    let close: () => Promise<void>;
    before(async function () {
      this.timeout(90_000);
      store = await kind.create();
      if (store === undefined) this.skip();
      service = await createService(TypesService, { database: { url: store.url } });
      const server = createServer({
        host: "127.0.0.1",
        port: 0,
        services: [{ path: "/types", handle: (request) => service.handle(request) }],
      });
      client = new Client((await server.listen()).url.replace(/\/$/, ""), "/types");
      close = () => server.close(1_000);
    });
    after(async () => {
      await close?.();
      await service?.close();
      await store?.remove();
    });

    const values = {
      big: "9007199254740993",
      number: 2147483647,
      short: -32768,
      flag: false,
      yes: false,
      ratio: 0.1,
      at: "2024-02-29T23:59:59.5Z",
      day: "2024-02-29",
      name: "ä€😀",
      plain: "",
      guid: "01234567-89ab-cdef-0123-456789abcdef",
      price: "12345678901234567890.0123456789",
      size: "large",
      place: { city: "x" },
      words: ["a", 'b"'],
    };
    const compatible = { headers: { accept: "application/json;IEEE754Compatible=true" } };

    it("give back what was put into them", async () => {
      const body = JSON.stringify({ id: "9223372036854775807", ...values });
      const created = await client.post("/Things", body, {
        headers: { ...compatible.headers, "content-type": "application/json;IEEE754Compatible=true" },
      });
      expect(created.status, created.text).to.equal(201);
      expect(created.json).to.deep.include(values);
      const read = await client.get("/Things(9223372036854775807)", compatible);
      expect(read.json).to.deep.include({ id: "9223372036854775807", ...values });
    });

    it("hold null, and what a type has in its place", async () => {
      const created = await client.post("/Things", { id: 1 });
      expect(created.status, created.text).to.equal(201);
      const nulls = Object.keys(values).filter((name) => name !== "yes" && name !== "words");
      expect(created.json).to.deep.include({ yes: true, words: [] });
      for (const name of nulls) expect(created.json[name], name).to.equal(null);
    });

    it("hold doubles that are no numbers", async () => {
      for (const [id, ratio] of [
        [2, "INF"],
        [3, "-INF"],
        [4, "NaN"],
      ] as const) {
        expect((await client.post("/Things", { id, ratio })).json.ratio).to.equal(ratio);
        expect((await client.get(`/Things(${id})`)).json.ratio).to.equal(ratio);
      }
    });

    it("refer to each other", async () => {
      const created = await client.post("/Things", { id: 5, "parent@odata.bind": "Things(9223372036854775807)" });
      expect(created.status, created.text).to.equal(201);
      const read = await client.get("/Things(5)?$expand=parent($select=big)", compatible);
      expect(read.json.parent.big).to.equal(values.big);
    });

    if (kind.database === "postgres") {
      it("have the types that PostgreSQL needs for their properties", async () => {
        const rows = await service.database.reader.rows(
          "select column_name, data_type, collation_name from information_schema.columns where table_name = 'typed'",
          [],
        );
        const text = ["text", "C"];
        expect(Object.fromEntries(rows.map(([name, ...type]) => [name, type]))).to.deep.equal({
          id: ["bigint", null],
          big: ["bigint", null],
          number: ["integer", null],
          short: ["smallint", null],
          flag: ["boolean", null],
          yes: ["boolean", null],
          ratio: ["double precision", null],
          at: text,
          day: text,
          name: ["character varying", "C"],
          plain: ["character varying", "C"],
          guid: ["character varying", "C"],
          price: text,
          size: ["character varying", "C"],
          place: text,
          words: text,
          parent_id: ["bigint", null],
          document: text,
        });
        const { upQueries } = await service.database.dataSource.driver.createSchemaBuilder().log();
        expect(upQueries.map(({ query }) => query)).to.deep.equal([]);
      });

      it("answer 400 to what PostgreSQL cannot hold, and keep nothing of it", async () => {
        for (const body of [
          { id: 100, name: "a\0b" },
          { id: 100, place: { city: "a\0b" } },
          { id: 100, words: ["\0"] },
          { id: 100, name: "x".repeat(21) },
        ]) {
          const answer = await client.post("/Things", body);
          expect(answer.status, answer.text).to.equal(400);
        }
        expect((await client.get("/Things(100)")).status).to.equal(404);
        // An escape that only looks like one.
        expect((await client.post("/Things", { id: 100, words: ["\\u0000"] })).json.words).to.deep.equal(["\\u0000"]);
        expect((await client.get("/Things(100)/words")).json.value).to.deep.equal(["\\u0000"]);
      });
    }
  });
}
