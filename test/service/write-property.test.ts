import { expect } from "chai";
import { freshStores, storeKinds } from "../support/stores.js";
import type { Parts } from "./support/parts.js";
import { root, startParts } from "./support/parts.js";

const representation = { prefer: "return=representation" };
const minimal = { prefer: "return=minimal" };

for (const kind of storeKinds) {
  describe(`writing properties by themselves (${kind.name})`, () => {
    const store = freshStores(kind);
    let parts: Parts;
    beforeEach(async () => {
      parts = await startParts(store().url);
      await parts.call("POST", "/Parts", {
        id: 1,
        name: "Wheel",
        note: "round",
        big: 5,
        serial: "s1",
        address: { street: "A", city: "Bonn", floor: 2, spot: { x: 1, y: 2 }, names: ["n0"] },
        home: { "@odata.type": "#Parts.CompanyAddress", city: "Oslo", floor: 1, company: "C" },
        former: [{ city: "c0" }, { "@odata.type": "#Parts.CompanyAddress", city: "c1", company: "x" }],
        tags: ["a", "b"],
        marks: [1, 2, 3],
      });
    });
    afterEach(() => parts?.close());

    const value = async (path: string) => {
      const { status, text, json } = await parts.get(`/Parts(1)/${path}`).then((answer) => ({
        status: answer.status,
        text: answer.text,
        json: answer.text === "" ? undefined : answer.json,
      }));
      return status === 204 ? null : (json?.value ?? text);
    };
    const entity = async () => (await parts.get("/Parts(1)")).json;

    describe("a primitive value", () => {
      it("is replaced by PUT, and answered as a read of it is", async () => {
        const answer = await parts.call("PUT", "/Parts(1)/note", { value: "square" });
        expect(answer.status).to.equal(200);
        expect(answer.json).to.deep.equal({
          "@odata.context": `${root}$metadata#Parts(1)/note`,
          value: "square",
        });
        expect(await value("note")).to.equal("square");
      });

      it("is replaced by PATCH, too", async () => {
        expect((await parts.call("PATCH", "/Parts(1)/big", { value: "9007199254740993" })).status).to.equal(200);
        expect((await parts.get("/Parts(1)/big")).text).to.contain("9007199254740993");
      });

      it("is not answered where the client does not want it", async () => {
        const answer = await parts.call("PUT", "/Parts(1)/note", { value: "x" }, minimal);
        expect(answer.status).to.equal(204);
        expect(answer.text).to.equal("");
        expect(answer.headers["preference-applied"]).to.equal("return=minimal");
      });

      it("is set to null by a null, and by DELETE", async () => {
        expect((await parts.call("PUT", "/Parts(1)/note", { value: null })).status).to.equal(204);
        expect((await parts.get("/Parts(1)/note")).status).to.equal(204);
        expect((await parts.call("DELETE", "/Parts(1)/big")).status).to.equal(204);
        expect(await value("big")).to.equal(null);
      });

      it("that must not be null stays", async () => {
        expect((await parts.call("DELETE", "/Parts(1)/name")).status).to.equal(400);
        expect((await parts.call("PUT", "/Parts(1)/name", { value: null })).status).to.equal(400);
        expect(await value("name")).to.equal("Wheel");
      });

      it("is checked as within an entity", async () => {
        expect((await parts.call("PUT", "/Parts(1)/name", { value: "x".repeat(41) })).status).to.equal(400);
        const answer = await parts.call("PUT", "/Parts(1)/big", { value: "abc" });
        expect(answer.status).to.equal(400);
        expect(answer.json.error.target).to.equal("value");
      });

      for (const [what, body] of [
        ["a bare value", "5"],
        ["no value", "{}"],
        ["another member", '{"value":"x","other":1}'],
        ["no JSON", "{"],
        ["nothing", ""],
        ["an array", "[]"],
      ] as const) {
        it(`is refused where the body is ${what}`, async () => {
          const answer = await parts.call("PUT", "/Parts(1)/note", body, { "content-type": "application/json" });
          expect(answer.status).to.equal(400);
          expect(await value("note")).to.equal("round");
        });
      }

      it("comes with control information that is passed over", async () => {
        const body = { "@odata.context": `${root}$metadata#Parts(1)/note`, "value@odata.type": "#String", value: "y" };
        expect((await parts.call("PUT", "/Parts(1)/note", body)).status).to.equal(200);
      });

      it("is refused in another media type", async () => {
        const answer = await parts.call("PUT", "/Parts(1)/note", "x", { "content-type": "text/plain" });
        expect(answer.status).to.equal(415);
      });

      it("that clients cannot change takes no method that changes", async () => {
        for (const name of ["id", "serial", "version"]) {
          for (const method of ["PUT", "PATCH", "DELETE"]) {
            const answer = await parts.call(method, `/Parts(1)/${name}`, { value: 7 });
            expect(answer.status, `${method} ${name}`).to.equal(405);
            expect(answer.headers.allow).to.equal("GET, HEAD");
          }
        }
        expect(await value("serial")).to.equal("s1");
      });

      it("of an entity that is not there is 404", async () => {
        expect((await parts.call("PUT", "/Parts(9)/note", { value: "x" })).status).to.equal(404);
        expect((await parts.call("DELETE", "/Parts(9)/note")).status).to.equal(404);
      });

      it("counts as a change of its entity", async () => {
        const before = (await entity()).version;
        await parts.call("PUT", "/Parts(1)/note", { value: "z" });
        expect((await entity()).version).to.equal(before + 1);
      });
    });

    describe("a raw value", () => {
      const plain = { "content-type": "text/plain" };

      for (const [name, text, expected] of [
        ["note", "a text, as it is ", "a text, as it is "],
        ["big", "9007199254740993", "9007199254740993"],
        ["price", "12.50", "12.5"],
        ["flag", "true", "true"],
        ["colour", "red,blue", "red,blue"],
        ["at", "2024-02-29T12:00:00+01:00", "2024-02-29T11:00:00Z"],
        ["place", "SRID=4326;Point(12.5 41.9)", "SRID=4326;Point(12.5 41.9)"],
      ] as const) {
        it(`of ${name} is written as it is read`, async () => {
          const answer = await parts.call("PUT", `/Parts(1)/${name}/$value`, text, plain);
          expect(answer.status, answer.text).to.equal(200);
          expect(answer.text).to.equal(expected);
          expect((await parts.get(`/Parts(1)/${name}/$value`)).text).to.equal(expected);
        });
      }

      it("that is none of its type is refused", async () => {
        for (const [name, text] of [
          ["big", "abc"],
          ["flag", ""],
          ["colour", "pink"],
          ["place", "Point(1)"],
        ] as const) {
          expect((await parts.call("PUT", `/Parts(1)/${name}/$value`, text, plain)).status, name).to.equal(400);
        }
      });

      it("of bytes is bytes of any media type, or of the one that is declared", async () => {
        const bytes = Buffer.from([0, 255, 1]);
        expect(
          (await parts.call("PUT", "/Parts(1)/data/$value", bytes, { "content-type": "image/png" })).status,
        ).to.equal(200);
        expect(await value("data")).to.equal("AP8B");
        const svg = { "content-type": "image/svg+xml" };
        expect((await parts.call("PUT", "/Parts(1)/logo/$value", "<svg/>", { ...svg, ...minimal })).status).to.equal(
          204,
        );
        expect(
          (await parts.call("PUT", "/Parts(1)/logo/$value", "x", { "content-type": "image/png" })).status,
        ).to.equal(415);
        expect((await parts.get("/Parts(1)/logo/$value")).text).to.equal("<svg/>");
      });

      it("is set to null by DELETE", async () => {
        expect((await parts.call("DELETE", "/Parts(1)/note/$value")).status).to.equal(204);
        expect((await parts.get("/Parts(1)/note/$value")).status).to.equal(204);
      });

      it("takes neither PATCH nor JSON", async () => {
        const answer = await parts.call("PATCH", "/Parts(1)/note/$value", "x", plain);
        expect(answer.status).to.equal(405);
        expect(answer.headers.allow).to.equal("GET, HEAD, PUT, DELETE");
        expect((await parts.call("PUT", "/Parts(1)/note/$value", { value: 1 })).status).to.equal(415);
      });
    });

    for (const [where, name] of [
      ["in the document", "address"],
      ["in a column", "home"],
    ] as const) {
      describe(`a complex value ${where}`, () => {
        it("is merged by PATCH", async () => {
          const before = (await entity())[name];
          const answer = await parts.call("PATCH", `/Parts(1)/${name}`, { city: "Rome" });
          expect(answer.status, answer.text).to.equal(200);
          expect(answer.json["@odata.context"]).to.equal(`${root}$metadata#Parts(1)/${name}`);
          expect((await entity())[name]).to.deep.equal({ ...before, city: "Rome" });
        });

        it("is replaced by PUT", async () => {
          await parts.call("PUT", `/Parts(1)/${name}`, { city: "Rome" });
          expect((await entity())[name]).to.deep.equal({ street: null, city: "Rome", floor: 0, spot: null, names: [] });
        });

        it("is set to null by DELETE and by a null", async () => {
          expect((await parts.call("DELETE", `/Parts(1)/${name}`)).status).to.equal(204);
          expect((await entity())[name]).to.equal(null);
          await parts.call("PUT", `/Parts(1)/${name}`, { city: "Rome" });
          expect((await parts.call("PUT", `/Parts(1)/${name}`, { value: null })).status).to.equal(204);
          expect((await entity())[name]).to.equal(null);
        });

        it("that is null comes into being with its defaults", async () => {
          await parts.call("DELETE", `/Parts(1)/${name}`);
          expect((await parts.call("PUT", `/Parts(1)/${name}/spot`, { x: 3, y: 4 })).status).to.equal(200);
          expect((await entity())[name]).to.deep.equal({
            street: null,
            city: null,
            floor: 0,
            spot: { x: 3, y: 4 },
            names: [],
          });
        });

        it("that is null stays so where something in it is set to null", async () => {
          await parts.call("DELETE", `/Parts(1)/${name}`);
          expect((await parts.call("DELETE", `/Parts(1)/${name}/city`)).status).to.equal(204);
          expect((await entity())[name]).to.equal(null);
        });

        it("takes changes of what is in it, at any depth", async () => {
          await parts.call("PUT", `/Parts(1)/${name}/spot`, { x: 1, y: 2 });
          expect((await parts.call("PUT", `/Parts(1)/${name}/spot/x`, { value: 8.5 })).json.value).to.equal(8.5);
          await parts.call("PUT", `/Parts(1)/${name}/city/$value`, "Kiel", { "content-type": "text/plain" });
          expect((await parts.call("POST", `/Parts(1)/${name}/names`, { value: "n" })).status).to.equal(200);
          const now = (await entity())[name];
          expect(now.spot).to.deep.equal({ x: 8.5, y: 2 });
          expect(now.city).to.equal("Kiel");
          expect(now.names.at(-1)).to.equal("n");
        });

        it("can become one of a derived type", async () => {
          const body = { "@odata.type": "#Parts.CompanyAddress", company: "D" };
          expect((await parts.call("PUT", `/Parts(1)/${name}`, body)).status).to.equal(200);
          expect((await entity())[name]["@odata.type"]).to.equal("#Parts.CompanyAddress");
          const answer = await parts.call("PUT", `/Parts(1)/${name}/Parts.CompanyAddress/company`, { value: "E" });
          expect(answer.json.value).to.equal("E");
        });

        it("is refused where it does not fit", async () => {
          expect((await parts.call("PATCH", `/Parts(1)/${name}`, { town: "x" })).status).to.equal(400);
          expect((await parts.call("PATCH", `/Parts(1)/${name}`, { floor: null })).status).to.equal(400);
          expect((await parts.call("PUT", `/Parts(1)/${name}`, { "@odata.type": "#Parts.Spot" })).status).to.equal(400);
        });
      });
    }

    describe("behind a type cast", () => {
      it("a value of another type is 404", async () => {
        const answer = await parts.call("PUT", "/Parts(1)/address/Parts.CompanyAddress/company", { value: "x" });
        expect(answer.status).to.equal(404);
      });

      it("the value itself keeps that type", async () => {
        const answer = await parts.call("PUT", "/Parts(1)/home/Parts.CompanyAddress", { city: "K" });
        expect(answer.status, answer.text).to.equal(200);
        const { home } = await entity();
        expect(home["@odata.type"]).to.equal("#Parts.CompanyAddress");
        expect(home.company).to.equal(null);
        const other = { "@odata.type": "#Parts.Address", city: "K" };
        expect((await parts.call("PUT", "/Parts(1)/home/Parts.CompanyAddress", other)).status).to.equal(400);
      });
    });

    describe("a collection", () => {
      it("is replaced by PUT", async () => {
        const answer = await parts.call("PUT", "/Parts(1)/tags", { value: ["x"] });
        expect(answer.json).to.deep.equal({ "@odata.context": `${root}$metadata#Parts(1)/tags`, value: ["x"] });
      });

      it("gets an item by POST, at the end or where $index says", async () => {
        expect((await parts.call("POST", "/Parts(1)/tags", { value: "c" })).json.value).to.deep.equal(["a", "b", "c"]);
        await parts.call("POST", "/Parts(1)/tags?$index=0", { value: "0" });
        await parts.call("POST", "/Parts(1)/tags?$index=-1", { value: "z" });
        await parts.call("POST", "/Parts(1)/tags?$index=-2", { value: "y" });
        expect(await value("tags")).to.deep.equal(["0", "a", "b", "c", "y", "z"]);
        expect((await parts.call("POST", "/Parts(1)/tags?$index=7", { value: "-" })).status).to.equal(400);
        expect((await parts.call("POST", "/Parts(1)/tags?$index=-8", { value: "-" })).status).to.equal(400);
      });

      it("of complex values gets one as it is", async () => {
        const body = { "@odata.type": "#Parts.CompanyAddress", city: "c2" };
        expect((await parts.call("POST", "/Parts(1)/former", body, minimal)).status).to.equal(204);
        const former: { city: string }[] = await value("former");
        expect(former.map(({ city }) => city)).to.deep.equal(["c0", "c1", "c2"]);
      });

      it("loses all items by DELETE", async () => {
        expect((await parts.call("DELETE", "/Parts(1)/marks")).status).to.equal(204);
        expect(await value("marks")).to.deep.equal([]);
      });

      it("takes no PATCH, since its items have no identity", async () => {
        const answer = await parts.call("PATCH", "/Parts(1)/tags", { value: ["x"] });
        expect(answer.status).to.equal(405);
        expect(answer.headers.allow).to.equal("GET, HEAD, POST, PUT, DELETE");
      });

      it("takes no item that does not fit", async () => {
        expect((await parts.call("POST", "/Parts(1)/marks", { value: "x" })).status).to.equal(400);
        expect((await parts.call("POST", "/Parts(1)/marks", { value: [1] })).status).to.equal(400);
        expect((await parts.call("PUT", "/Parts(1)/marks", { value: 5 })).status).to.equal(400);
      });

      it("can only be read where a part of it is meant, or how many there are", async () => {
        for (const path of ["tags/$count", "former/Parts.CompanyAddress", "marks/$filter($this gt 1)"]) {
          const answer = await parts.call("DELETE", `/Parts(1)/${path}`);
          expect(answer.status, path).to.equal(405);
          expect(answer.headers.allow).to.equal("GET, HEAD");
        }
      });
    });

    describe("an item of a collection", () => {
      it("is replaced, changed and taken out by its place", async () => {
        expect((await parts.call("PUT", "/Parts(1)/tags/0", { value: "A" })).json.value).to.equal("A");
        expect((await parts.call("PATCH", "/Parts(1)/former/-1", { floor: 9 })).json.floor).to.equal(9);
        expect((await parts.call("PUT", "/Parts(1)/former/0/city", { value: "x" })).status).to.equal(200);
        expect((await parts.call("DELETE", "/Parts(1)/marks/1")).status).to.equal(204);
        expect(await value("tags")).to.deep.equal(["A", "b"]);
        expect(await value("marks")).to.deep.equal([1, 3]);
        const former = await value("former");
        expect(former[0].city).to.equal("x");
        expect(former[1]).to.include({ city: "c1", floor: 9, company: "x" });
      });

      it("that is not there is 404", async () => {
        expect((await parts.call("PUT", "/Parts(1)/tags/2", { value: "A" })).status).to.equal(404);
        expect((await parts.call("DELETE", "/Parts(1)/tags/-3")).status).to.equal(404);
      });
    });

    it("the ETag is that of the entity: it is checked, and the new one is answered", async () => {
      const { etag } = (await parts.get("/Parts(1)")).headers;
      const answer = await parts.call("PUT", "/Parts(1)/note", { value: "1" }, { "if-match": etag! });
      expect(answer.status).to.equal(200);
      const now = (await parts.get("/Parts(1)")).headers.etag;
      expect(now).to.not.equal(etag);
      expect(answer.headers.etag).to.equal(now);
      for (const [method, path] of [
        ["PUT", "note"],
        ["DELETE", "note"],
        ["POST", "tags"],
        ["PATCH", "address"],
      ] as const) {
        const late = await parts.call(method, `/Parts(1)/${path}`, { value: "2" }, { "if-match": etag! });
        expect(late.status, `${method} ${path}`).to.equal(412);
      }
      expect(await value("note")).to.equal("1");
      expect((await parts.call("DELETE", "/Parts(1)/note", undefined, { "if-match": now! })).headers.etag).to.be.a(
        "string",
      );
    });

    it("a format that cannot be had is refused before anything is changed", async () => {
      const answer = await parts.call(
        "PUT",
        "/Parts(1)/note",
        { value: "x" },
        { accept: "application/xml", ...representation },
      );
      expect(answer.status).to.equal(406);
      expect(await value("note")).to.equal("round");
    });
  });
}
