import { expect } from "chai";
import { Column, Entity, PrimaryColumn } from "typeorm";
import type { Service } from "../../src/index.js";
import { createService, Edm, odata, type PlainObject, TypeOrmController } from "../../src/index.js";
import { refusal, root } from "./support/bookshop.js";
import type { Client } from "./support/client.js";
import { answering } from "./support/client.js";

@Entity("thing")
@odata.namespace("Things")
@Edm.DeltaFunction
export class Thing {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text", { nullable: true }) @Edm.String name!: string | null;
}

/** Its function is its own. */
@Entity("other")
@odata.namespace("Things")
export class Other {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
}

@odata.type(Thing)
@Edm.ChangeTracking()
class Tracked extends TypeOrmController {
  @Edm.Composable
  @Edm.EntitySetPath("bindingParameter")
  @Edm.Function(Edm.Collection(Edm.EntityType(Thing)))
  some(@odata.result things: PlainObject[]): PlainObject[] {
    return things.slice(0, 1);
  }
}

@odata.type(Thing)
class Untracked extends TypeOrmController {}

@odata.type(Other)
@Edm.ChangeTracking()
class Others extends TypeOrmController {
  @Edm.Composable
  @Edm.Function(Edm.Collection(Edm.EntityType(Other)))
  delta(): PlainObject[] {
    return [{ id: 42 }];
  }
}

@odata.namespace("Things")
@odata.container("Container")
@odata.controller(Tracked as never, "Tracked")
@odata.controller(Untracked as never, "Untracked")
@odata.controller(Others as never, "Others")
class Things {}

describe("the function delta", () => {
  let service: Service;
  let client: Client;
  before(async () => {
    service = await createService(Things, { database: { url: "sqlite::memory:" } });
    client = answering(service);
    for (const id of [1, 2, 3]) await client.call("POST", "/Tracked", { id, name: `n${id}` });
  });
  after(() => service.close());

  const below = (link: unknown) => String(link).slice(root.length - 1);

  it("tells the changes of a collection that is tracked", async () => {
    const first = (await client.get("/Tracked/Things.delta()?$filter=id lt 10&$top=2")).json;
    expect(first["@odata.context"]).to.equal(`${root}$metadata#Tracked`);
    expect(first.value).to.have.length(2);
    expect(below(first["@odata.deltaLink"])).to.match(/^\/Tracked\/Things\.delta\(\)\?\$filter=[^&]*&\$deltatoken=/);
    await client.call("PATCH", "/Tracked(2)", { name: "new" });
    const changes = (await client.get(below(first["@odata.deltaLink"]))).json;
    expect(changes["@odata.context"]).to.equal(`${root}$metadata#Tracked/$delta`);
    expect(changes.value).to.have.length(1);
    expect(changes.value[0]).to.include({ id: 2, name: "new" });
  });

  it("is not offered where nothing is tracked", async () => {
    for (const query of ["", "?$deltatoken=latest", "?$select=id"])
      expect((await refusal(client.get(`/Untracked/Things.delta()${query}`))).status).to.equal(501);
  });

  it("is a method's where there is one", async () => {
    const { json } = await client.get("/Others/Things.delta()");
    expect(json.value.map(({ id }: { id: number }) => id)).to.deep.equal([42]);
  });

  it("is the only one that takes a token", async () => {
    expect((await client.get("/Tracked/Things.some()")).json.value).to.have.length(1);
    for (const url of ["/Tracked/Things.some()?$deltatoken=latest", "/Others/Things.delta()?$deltatoken=latest"])
      expect((await refusal(client.get(url))).status).to.equal(501);
  });

  it("takes the options of the collection, and is the end of its path", async () => {
    const { json } = await client.get("/Tracked/Things.delta()?$orderby=id desc&$select=id&$count=true&$top=1");
    expect(json["@odata.count"]).to.equal(3);
    expect(json.value.map(({ id }: { id: number }) => id)).to.deep.equal([3]);
    for (const url of [
      "/Tracked/Things.delta()(1)",
      "/Tracked/Things.delta()/$count",
      "/Tracked/Things.delta()?$skip=x",
    ])
      expect((await refusal(client.get(url))).status).to.be.oneOf([400, 404]);
    expect((await refusal(client.get("/Tracked/Things.delta()?$deltatoken=latest&$orderby=id"))).status).to.equal(400);
  });
});

describe("a delta link", () => {
  it("is refused with an option that is malformed, as any other request is", async () => {
    const service = await createService(Things, { database: { url: "sqlite::memory:" } });
    try {
      const client = answering(service);
      const { json } = await client.call("GET", "/Tracked", undefined, { prefer: "track-changes" });
      const link = String(json["@odata.deltaLink"]).slice(root.length - 1);
      expect((await client.get(link)).status).to.equal(200);
      for (const option of ["$top=abc", "filter=id%20eq"])
        expect((await refusal(client.get(`${link}&${option}`))).status, option).to.equal(400);
    } finally {
      await service.close();
    }
  });
});
