import { expect } from "chai";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { createService, Edm, odata, TypeOrmController } from "../../src/index.js";
import { retentionOf } from "../../src/storage/change-log-keeper.js";
import { shopOf } from "../service/support/bookshop.js";
import type { Json, Shop } from "../service/support/bookshop.js";
import { below, startTracked, tracking } from "../service/support/tracked.js";
import { freshStores, storeKinds } from "../support/stores.js";

/** More columns than one call of a function takes. */
@Entity("wide")
@odata.namespace("Wide")
class Wide {
  @PrimaryColumn("bigint") @Edm.Key @Edm.Required @Edm.Int64 id!: string;
  @Column("double precision", { nullable: true }) @Edm.Double number!: number | null;
  @Column("boolean", { nullable: true }) @Edm.Boolean flag!: boolean | null;
  @Column("text", { nullable: true }) @Edm.DateTimeOffset instant!: string | null;
  @Column("text", { nullable: true }) @Edm.Decimal decimal!: string | null;
}
for (let index = 0; index < 150; index++) {
  const name = `p${index}`;
  Column("text", { nullable: true })(Wide.prototype, name);
  Edm.String(Wide.prototype, name);
}

@odata.type(Wide)
@Edm.Term("Org.OData.Capabilities.V1.ChangeTracking", {})
class Wides extends TypeOrmController {}

@odata.namespace("Wide")
@odata.controller(Wides as never, "Wides")
class WideService {}

for (const kind of storeKinds) {
  describe(`the log of changes (${kind.name})`, () => {
    const store = freshStores(kind);

    const entries = async (shop: Shop) => {
      const rows = await shop.service.database.reader.rows(
        "select table_name, kind, cast(row_key as text) as k from odata_change order by sequence",
        [],
      );
      return rows.map(([table, what, key]) => [table, what, JSON.parse(key as string) as Json]);
    };

    it("has an entry for each row that has become another one, and for links that are tracked", async () => {
      const shop = await startTracked(store().url);
      try {
        await shop.call("POST", "/Authors", { id: 1, name: "A" });
        await shop.call("POST", "/Authors", { id: 2, name: "B", "teacher@odata.bind": "Authors(1)" });
        const { dataSource } = shop.service.database;
        await dataSource.query("update author set name = name");
        await dataSource.query("update author set id = 3 where id = 2");
        await dataSource.query(
          "insert into odata_link (source_table, source_key, property, target_key, target_table, position) values ('x', '1', 'y', '1', 'z', 0)",
        );
        const link = {
          source_table: "author",
          source_key: "2",
          property: "teacher",
          target_table: "author",
          target_key: "1",
        };
        expect(await entries(shop)).to.deep.equal([
          ["author", "insert", { id: 1 }],
          ["author", "insert", { id: 2 }],
          ["odata_link", "insert", link],
          ["author", "update", { id: 2 }],
          ["author", "insert", { id: 3 }],
        ]);
      } finally {
        await shop.close();
      }
    });

    it("keeps the values of tables with many columns, with all their digits", async () => {
      const shop = shopOf(await createService(WideService, { database: { url: store().url } }));
      try {
        const id = "9007199254740993";
        const all = "number%20eq%20INF%20and%20flag%20and%20p0%20eq%20%27}%27%20and%20p60%20eq%20%27{%27";
        const filter = `${all}%20and%20instant%20eq%202024-01-01T00:00:00Z%20and%20p149%20eq%20%27z%27`;
        const members = `"number":"INF","flag":true,"p0":"}","p60":"{","p149":"z","instant":"2024-01-01T00:00:00Z"`;
        await shop.call("POST", "/Wides", `{"id":${id},${members}}`, { "content-type": "application/json" });
        const url = `/Wides?$filter=${filter}`;
        const before = await shop.get(url, tracking);
        expect(before.json.value).to.have.length(1);
        await shop.call("PATCH", `/Wides(${id})`, { p100: "other" });
        await shop.call("PATCH", `/Wides(${id})`, { p149: "y" });
        const { json } = await shop.get(below(before.json["@odata.deltaLink"]), {
          accept: "application/json;IEEE754Compatible=true",
        });
        expect(json.value).to.deep.equal([
          { "@removed": { reason: "changed" }, "@odata.id": `http://example.org/shop/Wides(${id})`, id },
        ]);
      } finally {
        await shop.close();
      }
    });
  });
}

describe("how long changes are remembered", () => {
  it("is thirty days where nobody says anything else", () => {
    expect(retentionOf({})).to.equal(30 * 24 * 60 * 60 * 1_000);
    for (const days of [0, -1, Number.NaN])
      expect(() => retentionOf({ changeRetentionDays: days })).to.throw(RangeError, "more than 0");
  });
});
