import { expect } from "chai";
import { HttpRequestError } from "odata-v4-server/build/lib/error.js";
import type { MethodContext, Service, Session } from "../../src/index.js";
import { createService, Edm, odata, ODataController, ODataResult } from "../../src/index.js";
import { refusal, root } from "./support/bookshop.js";
import { answering, type Client } from "./support/client.js";

@odata.namespace("Space")
class Place {
  @Edm.Double x!: number;
  @Edm.Int64 far!: number | string | null;
}

@odata.namespace("Space")
class Ship {
  @Edm.Key @Edm.Required @Edm.String fleet!: string;
  @Edm.Key @Edm.Required @Edm.Int64 number!: number | string;
  @Edm.String name!: string | null;
  @Edm.ComplexType(Place) place!: Place | null;

  @Edm.Function(Edm.String)
  hail(@Edm.String word: string): string {
    return `${word}, ${this.name}`;
  }

  @Edm.OperationName("hail")
  @Edm.Function(Edm.String)
  hailTwice(@Edm.String word: string, @Edm.Required @Edm.Int32 times: number): string {
    return Array.from({ length: times }, () => this.hail(word)).join("; ");
  }

  @Edm.Action
  sink(): void {
    sunk.push(this.name);
  }
}

/** A type of its own for some of them. */
@odata.namespace("Space")
class Tug extends Ship {
  @Edm.Int32 power!: number;
}

const ships = new Map<string, Partial<Ship>>();
const sunk: unknown[] = [];
const keyOf = ({ fleet, number }: Partial<Ship>) => `${fleet}/${number}`;

@odata.type(Ship)
class Ships extends ODataController {
  @odata.GET
  *find() {
    for (const ship of ships.values()) yield ship;
  }

  @odata.GET
  findOne(@odata.key("number") no: number, @odata.key("fleet") of: string, @odata.context context: MethodContext) {
    if (of === "secret") throw new HttpRequestError(403, "Nothing to see here.");
    if (of === "broken") throw new Error("The password is swordfish.");
    if (of === "teapot") context.response.status(203).setHeader("X-Ship", "yes");
    return ships.get(keyOf({ fleet: of, number: no })) ?? null;
  }

  @odata.POST
  insert(@odata.body ship: Partial<Ship>) {
    ships.set(keyOf(ship), ship);
    return ship;
  }

  @odata.DELETE
  remove(@odata.key fleet: string, @odata.key number: number) {
    ships.delete(keyOf({ fleet, number }));
  }
}

@odata.type(Ship)
class Counted extends ODataController {
  @odata.GET
  find(@odata.query _: unknown) {
    return ODataResult.Ok(Object.assign([{ fleet: "c", number: 1, name: "one" }], { inlinecount: 42 }));
  }
}

@odata.type(Ship)
class Borrowed extends ODataController {
  @odata.GET
  async find(@odata.session session: Session) {
    return session.list("Ships");
  }
}

@odata.namespace("Space")
@odata.controller(Ships, "Ships")
@odata.controller(Counted, "Counted")
@odata.controller(Borrowed, "Borrowed")
@odata.types(Tug)
class Space {}

describe("methods of hand-written controllers", () => {
  let service: Service;
  let client: Client;

  before(async () => {
    service = await createService(Space, { database: { url: "sqlite::memory:" } });
    client = answering(service);
  });
  after(() => service.close());
  beforeEach(() => {
    ships.clear();
    sunk.length = 0;
    for (const number of [1, 2])
      ships.set(`a/${number}`, { fleet: "a", number, name: `Ship ${number}`, place: { x: 0.5, far: 10 } });
    ships.set("t/1", Object.assign(new Tug(), { fleet: "t", number: 1, name: "Tug", place: null, power: 5 }));
  });

  it("take keys of several properties, by name", async () => {
    expect((await client.get("/Ships(fleet='a',number=2)")).json).to.include({ name: "Ship 2" });
    expect((await client.call("DELETE", "/Ships(number=2,fleet='a')")).status).to.equal(204);
    expect(ships.has("a/2")).to.equal(false);
  });

  it("may yield what they find, and objects of derived classes say their type", async () => {
    const { json } = await client.get("/Ships?$orderby=name");
    expect(json.value).to.have.length(3);
    expect(json.value[2]).to.include({ "@odata.type": "#Space.Tug", power: 5 });
    expect((await client.get("/Ships/Space.Tug")).json.value).to.have.length(1);
  });

  it("get numbers where they are exact, and else all their digits", async () => {
    const text = '{"fleet":"b","number":9007199254740993,"place":{"x":1,"far":3}}';
    const { status, headers, text: answer } = await client.call("POST", "/Ships", text);
    expect([status, headers.location]).to.deep.equal([201, `${root}Ships(fleet='b',number=9007199254740993)`]);
    expect(ships.get("b/9007199254740993")).to.deep.equal({
      fleet: "b",
      number: "9007199254740993",
      place: { x: 1, far: 3 },
    });
    expect(answer).to.contain('"number":9007199254740993');
  });

  it("may say how many there are altogether", async () => {
    expect((await client.get("/Counted?$top=1&$count=true")).json["@odata.count"]).to.equal(42);
    expect((await client.get("/Counted?$top=1")).json).not.to.have.property("@odata.count");
  });

  it("reach the service's data by the session", async () => {
    expect((await client.get("/Borrowed?$filter=name eq 'Tug'")).json.value).to.have.length(1);
  });

  it("tell clients by errors with a status, and nothing by others", async () => {
    expect(await refusal(client.get("/Ships(fleet='secret',number=1)"))).to.include({
      status: 403,
      message: "Nothing to see here.",
    });
    expect(await refusal(client.get("/Ships(fleet='broken',number=1)"))).not.to.have.property("status");
  });

  it("may shape the answer", async () => {
    ships.set("teapot/1", { fleet: "teapot", number: 1, name: "T" });
    const { status, headers, json } = await client.get("/Ships(fleet='teapot',number=1)");
    expect([status, headers["x-ship"], json.name]).to.deep.equal([203, "yes", "T"]);
  });

  it("are called for the entity that they are bound to, by their overloads", async () => {
    const ship = "/Ships(fleet='a',number=1)";
    expect((await client.get(`${ship}/Space.hail(word='Ahoy')`)).json.value).to.equal("Ahoy, Ship 1");
    expect((await client.get(`${ship}/Space.hail(word='Ahoy',times=2)`)).json.value).to.equal(
      "Ahoy, Ship 1; Ahoy, Ship 1",
    );
    expect(await refusal(client.get(`${ship}/Space.hail(times=2)`))).to.have.property("status", 400);
    expect((await client.call("POST", `${ship}/Space.sink`)).status).to.equal(204);
    expect(sunk).to.deep.equal(["Ship 1"]);
  });

  it("are called for each entity of a collection", async () => {
    expect((await client.call("POST", "/Ships/$filter(startswith(name,'S'))/$each/Space.sink")).status).to.equal(204);
    expect(sunk).to.have.members(["Ship 1", "Ship 2"]);
  });
});
