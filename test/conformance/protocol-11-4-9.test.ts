import { expect } from "chai";
import { changesNothing, jsonOf, LAPTOP, minimal, noContent, refused, representation } from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.4.9 to 11.4.11, values, properties and ordered collections",
  ({ catalog, graph }) => {
    const text = { headers: { "content-type": "text/plain" } };
    const laptop = () => catalog().product(LAPTOP);
    /** A new configuration with tags, which are a collection of texts: the path of the collection. */
    const tags = async (...values: readonly string[]) => {
      const body = { "@odata.type": "#microsoft.graph.iosTrustedRootCertificate", roleScopeTagIds: values };
      const { id } = jsonOf(await graph().post("/deviceManagement/deviceConfigurations", body), 201);
      return `/deviceManagement/deviceConfigurations/${id}/roleScopeTagIds`;
    };
    const valuesAt = async (path: string) => (await graph().json(path)).value;

    describe("11.4.9.1 update a primitive property", () => {
      it("PUT of a single property replaces the value", async () => {
        const path = await laptop();
        for (const [name, value] of [
          ["Name", "Slate"],
          ["Price", 5.5],
          ["Status", "OnSale"],
          ["Data", "AQID"],
          ["ReleaseDate", "2024-02-29"],
          ["ShippingTime", "PT2H"],
          ["Location", { type: "Point", coordinates: [1, 2] }],
        ] as const) {
          const answer = await catalog().put(`${path}/${name}`, { value });
          expect(answer.status, `${name} ${answer.text}`).to.be.oneOf([200, 204]);
          expect((await catalog().json(path))[name]).to.deep.equal(value);
        }
      });

      it("the answer is the property, as a read gives it, or nothing where the client prefers that", async () => {
        const path = `${await laptop()}/Price`;
        const answer = await catalog().put(path, { value: 5 }, { headers: representation });
        expect(jsonOf(answer)).to.deep.equal(await catalog().json(path));
        noContent(await catalog().put(path, { value: 6 }, { headers: minimal }));
      });

      it("takes the property as a read gives it, with its control information", async () => {
        const path = `${await laptop()}/Price`;
        const read = await catalog().json(path);
        expect((await catalog().put(path, { ...read, value: 5 })).status).to.be.oneOf([200, 204]);
        expect((await catalog().json(path)).value).to.equal(5);
      });

      it("PUT of the raw value replaces it", async () => {
        const path = await laptop();
        for (const [name, value] of [
          ["Name", "A 'text', plain & simple: {}"],
          ["Price", "7.25"],
          ["Quantity", "-3"],
          ["Status", "OnSale,Featured"],
          ["ReleaseDate", "2024-02-29"],
        ] as const) {
          const answer = await catalog().put(`${path}/${name}/$value`, value, text);
          expect(answer.status, `${name} ${answer.text}`).to.be.oneOf([200, 204]);
          expect((await catalog().get(`${path}/${name}/$value`)).text).to.equal(value);
        }
        const bytes = { headers: { "content-type": "application/octet-stream" } };
        expect((await catalog().put(`${path}/Data/$value`, Buffer.from([1, 2, 3]), bytes)).status).to.be.oneOf([
          200, 204,
        ]);
        expect((await catalog().json(path)).Data).to.equal("AQID");
      });

      it("PUT of a property of a complex value replaces it", async () => {
        const path = await laptop();
        const answer = await catalog().put(`${path}/ShippingAddress/City`, { value: "Berlin" });
        expect(answer.status, answer.text).to.be.oneOf([200, 204]);
        expect((await catalog().json(path)).ShippingAddress).to.include({ City: "Berlin", State: "WA" });
      });

      it("a property that is not updatable is an error", async () => {
        const path = await laptop();
        await changesNothing(catalog(), async () => {
          for (const [name, value] of [
            ["ID", "00000000-0000-4000-8000-000000000000"],
            ["CreatedAt", "2024-01-01T00:00:00Z"],
            ["Version", 7],
            ["SerialNumber", "x"],
            ["ProductType", "Product"],
          ] as const) {
            refused(await catalog().put(`${path}/${name}`, { value }), 400, 403, 405, 409);
            refused(await catalog().put(`${path}/${name}/$value`, String(value), text), 400, 403, 405, 409);
            refused(await catalog().delete(`${path}/${name}`), 400, 403, 405, 409);
          }
        });
      });

      it("what is no value of the property is refused", async () => {
        const path = await laptop();
        await changesNothing(catalog(), async () => {
          for (const body of [
            {},
            { value: "5" },
            { value: null },
            { value: [5] },
            { value: {} },
            [5],
            5,
            { Price: 5 },
            "",
            "{",
          ])
            refused(await catalog().put(`${path}/Price`, body), 400);
          refused(await catalog().put(`${path}/Name`, { value: "x".repeat(101) }), 400);
          for (const value of ["", "abc", "5,5", "0x5", "1e999"])
            refused(await catalog().put(`${path}/Price/$value`, value, text), 400);
          refused(await catalog().put(`${path}/Price/$value`, "5", { headers: { "content-type": "image/png" } }), 415);
          refused(await catalog().put(`${path}/Price`, "5", text), 415);
          refused(await catalog().put(`${path}/Nothing`, { value: 5 }), 404);
          refused(await catalog().put("/Products(00000000-0000-4000-8000-000000000000)/Price", { value: 5 }), 404);
        });
      });
    });

    describe("11.4.9.2 set a value to null", () => {
      it("DELETE of a property or of its raw value", async () => {
        const path = await laptop();
        for (const tail of ["/ReleaseDate", "/OpenTime/$value", "/ShippingAddress", "/Dimensions/Width", "/Location"]) {
          noContent(await catalog().delete(`${path}${tail}`));
          expect((await catalog().get(`${path}${tail}`)).status, tail).to.equal(204);
        }
        expect(await catalog().json(path)).to.include({ ReleaseDate: null, OpenTime: null, ShippingAddress: null });
      });

      it("a PUT with null does the same", async () => {
        const path = await laptop();
        expect((await catalog().put(`${path}/Description`, { value: null })).status).to.be.oneOf([200, 204]);
        expect((await catalog().json(path)).Description).to.equal(null);
      });

      it("a value that must not be null stays", async () => {
        const path = await laptop();
        await changesNothing(catalog(), async () => {
          for (const tail of ["/Name", "/Price", "/Price/$value", "/Status"])
            refused(await catalog().delete(`${path}${tail}`), 400);
        });
      });
    });

    describe("11.4.9.3 update a complex property", () => {
      it("PATCH changes only what it names", async () => {
        const path = `${await laptop()}/ShippingAddress`;
        const before = await catalog().json(path);
        const answer = await catalog().patch(path, { City: "Berlin" });
        expect(jsonOf(answer)).to.deep.equal(await catalog().json(path));
        expect(jsonOf(answer)).to.deep.equal({ ...before, City: "Berlin" });
      });

      it("PUT replaces the whole", async () => {
        const path = `${await laptop()}/ShippingAddress`;
        const json = jsonOf(await catalog().put(path, { City: "Berlin" }));
        expect(json).to.include({ City: "Berlin", Street: null, State: null, PostalCode: null, Country: null });
      });

      it("is answered with nothing where the client prefers that", async () => {
        const path = `${await laptop()}/ShippingAddress`;
        noContent(await catalog().patch(path, { City: "Berlin" }, { headers: minimal }));
      });

      it("what does not fit is refused", async () => {
        const path = `${await laptop()}/ShippingAddress`;
        await changesNothing(catalog(), async () => {
          for (const body of [
            { Town: "x" },
            { City: 5 },
            { City: "x".repeat(51) },
            [],
            5,
            "{",
            { "@odata.type": "#ComplianceService.Dimensions" },
          ]) {
            refused(await catalog().patch(path, body), 400);
            refused(await catalog().put(path, body), 400);
          }
        });
      });
    });

    describe("11.4.9.4 update a collection property", () => {
      it("PUT replaces the whole value", async () => {
        const path = await tags("a", "b");
        expect((await graph().put(path, { value: ["c"] })).status).to.be.oneOf([200, 204]);
        expect(await valuesAt(path)).to.deep.equal(["c"]);
      });

      it("POST adds an item at the end, or where $index says", async () => {
        const path = await tags("a", "b");
        const add = async (value: string, query = "") => {
          const answer = await graph().post(`${path}${query}`, { value });
          expect(answer.status, answer.text).to.be.oneOf([200, 201, 204]);
        };
        await add("c");
        await add("first", "?$index=0");
        await add("last", "?$index=-1");
        expect(await valuesAt(path)).to.deep.equal(["first", "a", "b", "c", "last"]);
      });

      it("DELETE deletes all items", async () => {
        const path = await tags("a", "b");
        noContent(await graph().delete(path));
        expect(await valuesAt(path)).to.deep.equal([]);
      });

      it("PATCH is not supported, and what is no collection of the items is refused", async () => {
        const path = await tags("a", "b");
        expect((await graph().patch(path, { value: ["c"] })).status).to.be.within(400, 405);
        for (const body of [{ value: "c" }, { value: [5] }, { value: null }, {}, ["c"]])
          expect((await graph().put(path, body)).status, JSON.stringify(body)).to.equal(400);
        for (const body of [{ value: ["c"] }, { value: 5 }, {}, ["c"]])
          expect((await graph().post(path, body)).status, JSON.stringify(body)).to.equal(400);
        for (const index of ["x", "3", "-4", "1.5", ""])
          expect((await graph().post(`${path}?$index=${index}`, { value: "c" })).status, index).to.equal(400);
        expect(await valuesAt(path)).to.deep.equal(["a", "b"]);
      });
    });

    describe("11.4.10 members of an ordered collection", () => {
      it("are replaced and deleted by their place, from either end", async () => {
        const path = await tags("a", "b", "c");
        expect((await graph().put(`${path}/1`, { value: "B" })).status).to.be.oneOf([200, 204]);
        expect((await graph().put(`${path}/-1`, { value: "C" })).status).to.be.oneOf([200, 204]);
        expect(await valuesAt(path)).to.deep.equal(["a", "B", "C"]);
        noContent(await graph().delete(`${path}/0`));
        noContent(await graph().delete(`${path}/-1`));
        expect(await valuesAt(path)).to.deep.equal(["B"]);
      });

      it("that are not there are not found", async () => {
        const path = await tags("a");
        for (const place of ["1", "-2", "99999999999999999999"]) {
          expect((await graph().put(`${path}/${place}`, { value: "B" })).status, place).to.be.oneOf([400, 404]);
          expect((await graph().delete(`${path}/${place}`)).status, place).to.be.oneOf([400, 404]);
        }
        expect(await valuesAt(path)).to.deep.equal(["a"]);
      });
    });
  },
  { reseed: true },
);
