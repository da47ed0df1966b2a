import { expect } from "chai";
import type { ODataResponse, Service } from "../../src/index.js";
import { createService, Edm, odata } from "../../src/index.js";
import { ODataController } from "odata-v4-server/build/lib/controller.js";
import type { Json } from "./support/bookshop.js";
import { refusal, root } from "./support/bookshop.js";

@odata.namespace("Sky")
class Star {
  @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Edm.Searchable @Edm.String name!: string | null;
  @Edm.Precision(10) @Edm.Scale(3) @Edm.Decimal magnitude!: number | null;
  @Edm.DateTimeOffset found!: Date | null;
  @Edm.Collection(Edm.String) names!: string[];
  @Edm.GeographyPoint place!: object | null;
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Star))) companions?: Star[];
}

@odata.namespace("Sky")
class Planet {
  @Edm.Key @Edm.Required @Edm.String system!: string;
  @Edm.Key @Edm.Required @Edm.Int32 number!: number;
  @Edm.String name!: string | null;
}

const stars = Array.from({ length: 10 }, (_, index) => ({
  id: index + 1,
  name: index === 4 ? null : `Star ${String(9 - index)}`,
  magnitude: index === 2 ? null : index / 2,
  found: new Date(Date.UTC(2000 + index, 0, 1)),
  names: [`A${index}`, `B${index}`],
  place: { type: "Point", coordinates: [index, index / 2] },
  companions: index === 0 ? [{ id: 100, name: "Companion", magnitude: 1, found: null, names: [], place: null }] : [],
}));
const planets = [
  { system: "sol", number: 3, name: "Earth" },
  { system: "sol", number: 4, name: "Mars" },
];

/** All at once, and one by one. */
@odata.type(Star)
class Stars extends ODataController {
  static asked: unknown[] = [];
  @odata.GET find() {
    Stars.asked.push("all");
    return stars;
  }
  @odata.GET findOne(@odata.key key: number) {
    Stars.asked.push(key);
    return Promise.resolve(stars.find(({ id }) => id === key));
  }
}

/** A promise, and nothing by key. */
@odata.type(Star)
class Promised extends ODataController {
  @odata.GET find() {
    return Promise.resolve(stars);
  }
}

/** One after the other. */
@odata.type(Star)
class Streamed extends ODataController {
  @odata.GET async *find() {
    for (const star of stars) yield await Promise.resolve(star);
  }
}

@odata.type(Planet)
class Planets extends ODataController {
  @odata.GET find() {
    return new Set(planets);
  }
  @odata.GET findOne(@odata.key("number") no: number, @odata.key("system") sun: string) {
    return planets.find(({ system, number }) => system === sun && number === no);
  }
}

@odata.type(Star)
class OneByOne extends ODataController {
  @odata.GET findOne(@odata.key key: number) {
    return stars.find(({ id }) => id === key);
  }
}

@odata.type(Star)
class Wrong extends ODataController {
  @odata.GET find() {
    return 5;
  }
}

@odata.namespace("Sky")
@odata.controller(Stars, "Stars")
@odata.controller(Promised, "Promised")
@odata.controller(Streamed, "Streamed")
@odata.controller(Planets, "Planets")
@odata.controller(OneByOne, "OneByOne")
@odata.controller(Wrong, "Wrong")
class Sky {}

describe("controllers that find entities themselves", () => {
  let service: Service;
  const send = async (method: string, url: string, headers: Record<string, string> = {}): Promise<ODataResponse> =>
    service.handle({ method, url: url.replaceAll(" ", "%20"), headers, serviceRoot: root });
  const text = async (url: string, headers?: Record<string, string>) => String((await send("GET", url, headers)).body);
  const json = async (url: string, headers?: Record<string, string>) => JSON.parse(await text(url, headers)) as Json;
  const ids = async (url: string) => ((await json(url)).value as Json[]).map(({ id }) => id as number);

  before(async () => {
    service = await createService(Sky, { database: { url: "sqlite::memory:" } });
  });
  after(() => service.close());

  for (const set of ["Stars", "Promised", "Streamed"]) {
    describe(`by ${set}`, () => {
      it("have every query option", async () => {
        expect(await ids(`/${set}`)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        expect(await ids(`/${set}?$filter=magnitude gt 2 and name ne null&$orderby=name&$skip=1&$top=2`)).to.deep.equal(
          [9, 8],
        );
        expect(await ids(`/${set}?$filter=magnitude gt 3 and name ne null&$orderby=name&$skip=1&$top=2`)).to.deep.equal(
          [9, 8],
        );
        expect(await ids(`/${set}?$filter=year(found) eq 2003 or names/any(n:n eq 'A0')`)).to.deep.equal([1, 4]);
        expect(await ids(`/${set}?$search=3`)).to.deep.equal([7]);
        expect(
          await json(
            `/${set}?$filter=id eq 1&$select=id&$expand=companions($select=name)&$compute=id add 1 as next&$count=true`,
          ),
        ).to.deep.equal({
          "@odata.context": `${root}$metadata#${set}(id,companions(name))`,
          "@odata.count": 1,
          value: [
            {
              "@odata.type": "#Sky.Star",
              id: 1,
              companions: [{ "@odata.type": "#Sky.Star", "@odata.id": `${root}Stars(100)`, name: "Companion" }],
            },
          ],
        });
        expect((await json(`/${set}?$apply=aggregate($count as n,magnitude with max as most)`)).value).to.deep.equal([
          { "n@odata.type": "#Decimal", n: 10, "most@odata.type": "#Decimal", most: 4.5 },
        ]);
      });

      it("are told one by one, counted, and asked for what is in them", async () => {
        expect(await json(`/${set}(3)`)).to.deep.include({
          id: 3,
          name: "Star 7",
          magnitude: null,
          found: "2002-01-01T00:00:00Z",
        });
        expect(await json(`/${set}/3/name`)).to.deep.include({ value: "Star 7" });
        expect(await text(`/${set}(3)/name/$value`)).to.equal("Star 7");
        expect((await json(`/${set}(4)/place`)).value).to.deep.equal({ type: "Point", coordinates: [3, 1.5] });
        expect(await text(`/${set}(4)/place/$value`)).to.equal("SRID=4326;Point(3 1.5)");
        expect(await refusal(send("GET", `/${set}(4)/name/$value`, { accept: "image/png" }))).to.have.property(
          "status",
          406,
        );
        expect(await text(`/${set}/$count?$filter=id gt 7`)).to.equal("3");
        expect((await json(`/${set}(3)/names?$top=1`)).value).to.deep.equal(["A2"]);
        expect(await text(`/${set}(3)/names/$count`)).to.equal("2");
        expect((await json(`/${set}(1)/companions`)).value).to.have.length(1);
        expect((await json(`/${set}/$ref?$top=1`)).value).to.deep.equal([{ "@odata.id": `${root}Stars(1)` }]);
        expect((await send("GET", `/${set}(5)/name`)).status).to.equal(204);
        expect(await refusal(send("GET", `/${set}(77)`))).to.have.property("status", 404);
        expect(await refusal(send("GET", `/${set}(77)/name`))).to.have.property("status", 404);
      });

      it("come page by page", async () => {
        const found: number[] = [];
        for (let url: string | undefined = `/${set}?$orderby=name desc&$top=8`; url !== undefined;) {
          const page: Json = await json(url, { prefer: "maxpagesize=3" });
          found.push(...(page.value as Json[]).map(({ id }) => id as number));
          url = (page["@odata.nextLink"] as string | undefined)?.slice(root.length - 1);
        }
        expect(found).to.deep.equal(await ids(`/${set}?$orderby=name desc&$top=8`));
      });

      it("come at every level of metadata", async () => {
        const [full] = (
          await json(`/${set}?$top=1&$select=magnitude`, { accept: "application/json;odata.metadata=full" })
        ).value as Json[];
        expect(full).to.include({ "@odata.id": `${root}Stars(1)`, "magnitude@odata.type": "#Decimal", magnitude: 0 });
        const [none] = (
          await json(`/${set}?$top=1&$select=magnitude`, { accept: "application/json;odata.metadata=none" })
        ).value as Json[];
        expect(none).to.deep.equal({ magnitude: 0 });
      });
    });
  }

  it("are asked for one entity where they can give one", async () => {
    Stars.asked = [];
    await json("/Stars(3)");
    await json("/Stars/4/name");
    await json("/Stars?$filter=id eq 3");
    expect(Stars.asked).to.deep.equal([3, 4, "all"]);
  });

  it("take keys by the names of their properties", async () => {
    expect(await json("/Planets(system='sol',number=4)")).to.include({ name: "Mars" });
    expect((await json("/Planets?$filter=startswith(name,'E')")).value).to.have.length(1);
    expect(await refusal(send("GET", "/Planets(system='sol',number=5)"))).to.have.property("status", 404);
  });

  it("may give entities one by one only", async () => {
    expect(await json("/OneByOne(2)")).to.include({ name: "Star 8" });
    expect(await refusal(send("GET", "/OneByOne"))).to.have.property("status", 501);
  });

  it("are faulty where they give no collection, which is no client's fault", async () => {
    expect(await refusal(send("GET", "/Wrong"))).to.be.instanceOf(TypeError);
  });

  it("are refused as clearly as stored ones", async () => {
    for (const [url, status] of [
      ["/Stars?$filter=nothing eq 1", 400],
      ["/Stars?$nothing=1", 400],
      ["/Stars('x')", 400],
      ["/Stars?$filter=$root/Promised(1)/name eq name", 501],
      ["/$crossjoin(Stars,Promised)", 501],
    ] as const) {
      expect(await refusal(send("GET", url)), url).to.have.property("status", status);
    }
    for (const method of ["POST", "PATCH", "DELETE"])
      expect(await refusal(send(method, "/Stars(1)")), method).to.have.property("status", 405);
  });

  it("are among all entities of the service", async () => {
    expect((await json("/$all/Sky.Planet")).value).to.have.length(2);
  });
});
