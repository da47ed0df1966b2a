import { expect } from "chai";
import { conformance } from "./support.js";

const nobody = "/Products(00000000-0000-0000-0000-00000000000f)";

conformance(
  "Protocol 9, response status codes",
  ({ catalog, graph }) => {
    it("9.1.1 200 OK: the body is the value of the resource", async () => {
      const laptop = await catalog().product("Laptop");
      const { status, json } = await catalog().get(`${laptop}/Price`);
      expect([status, json.value]).to.deep.equal([200, 999.99]);
    });

    it("9.1.2 201 Created: the body is what was created, and Location says where it is", async () => {
      const { status, headers, json } = await catalog().post("/Categories", { Name: "Garden", Description: "Outside" });
      expect(status).to.equal(201);
      expect(json).to.include({ Name: "Garden", Description: "Outside" });
      expect((await catalog().json(catalog().path(String(headers.location)))).ID).to.equal(json.ID);
    });

    it("9.1.3 202 Accepted: Location says where the answer will be", async () => {
      const { status, headers } = await catalog().get("/Products", { headers: { prefer: "respond-async" } });
      expect(status).to.equal(202);
      expect((await catalog().get(catalog().path(String(headers.location)))).status).to.be.oneOf([200, 202]);
    });

    it("9.1.4 204 No Content: a null value has no body", async () => {
      const chair = await catalog().product("Office Chair");
      for (const path of ["Description", "ShippingAddress", "Location", "Data", "Photo"]) {
        const { status, text } = await catalog().get(`${chair}/${path}`);
        expect([status, text], path).to.deep.equal([204, ""]);
      }
    });

    it("9.1.6 304 Not Modified: nothing but the headers", async () => {
      const laptop = await catalog().product("Laptop");
      const { etag } = (await catalog().get(laptop)).headers;
      const { status, text, headers } = await catalog().get(laptop, { headers: { "if-none-match": String(etag) } });
      expect([status, text]).to.deep.equal([304, ""]);
      expect(headers).not.to.have.any.keys("content-type", "location");
    });

    it("9.2 client errors: nothing has changed", async () => {
      const before = await catalog().get("/Products?$orderby=ID");
      const laptop = await catalog().product("Laptop");
      for (const answer of [
        await catalog().patch(laptop, { Rating: 4, Price: "dear" }),
        await catalog().patch(laptop, { Rating: 4, Nothing: 1 }),
        await catalog().patch(laptop, { Rating: 4 }, { headers: { "if-match": 'W/"77"' } }),
        await catalog().patch(laptop, '{"Rating":4', {}),
        await catalog().post("/Products", { Name: "Half", Price: 1 }),
        await catalog().post("/Products", { Name: "Half", Price: 1, Status: "Unheard" }),
      ])
        expect(answer.status, answer.text).to.be.within(400, 499);
      expect((await catalog().get("/Products?$orderby=ID")).text).to.equal(before.text);
    });

    it("9.2.1 404 Not Found: for what is not there", async () => {
      const laptop = await catalog().product("Laptop");
      for (const path of [
        nobody,
        `${nobody}/Name`,
        `${nobody}/Category`,
        "/Nothing",
        `${laptop}/Nothing`,
        "/Nothing(1)",
      ])
        expect((await catalog().get(path)).status, path).to.equal(404);
      expect((await catalog().patch(nobody, { Name: "New" }, { headers: { "if-match": "*" } })).status).to.be.oneOf([
        404, 412,
      ]);
      expect((await catalog().delete(nobody)).status).to.equal(404);
    });

    it("9.2.2 405 Method Not Allowed: Allow lists what is possible", async () => {
      const laptop = await catalog().product("Laptop");
      for (const [method, path] of [
        ["DELETE", "/Company"],
        ["POST", laptop],
        ["POST", "/$metadata"],
        ["PUT", "/"],
        ["POST", "/ReadOnlyItems"],
        ["PATCH", "/Products/$count"],
        ["GET", "/Reseed"],
        ["POST", "/GetTopProducts"],
      ] as const) {
        const body = method === "GET" || method === "DELETE" ? undefined : {};
        const answer = await catalog().call(method, path, { body });
        expect(answer.status, `${method} ${path}: ${answer.text}`).to.equal(405);
        expect(answer.headers.allow, `${method} ${path}`).to.be.a("string");
        expect(answer.headers.allow!.split(/,\s*/), `${method} ${path}`).not.to.include(method);
      }
    });

    it("9.2.2 405 Method Not Allowed: a method that nobody knows is refused as well", async () => {
      expect((await catalog().call("MKCOL", "/Products")).status).to.be.oneOf([405, 501]);
    });

    it("9.2.3 406 Not Acceptable: no format, charset or media type that fits", async () => {
      for (const headers of [{ accept: "image/png" }, { "accept-charset": "latin1" }] as Record<string, string>[])
        expect((await catalog().get("/Products", { headers })).status).to.equal(406);
    });

    it("9.2.4 410 Gone: a delta link that was never given", async () => {
      const { status } = await catalog().get("/Products?$deltatoken=unheard-of");
      expect(status).to.be.oneOf([400, 404, 410]);
    });

    it("9.2.5 412 Precondition Failed: nothing has changed", async () => {
      const laptop = await catalog().product("Laptop");
      const { status } = await catalog().patch(laptop, { Rating: 1 }, { headers: { "if-match": 'W/"99"' } });
      expect(status).to.equal(412);
      expect((await catalog().json(laptop)).Rating).to.equal(200);
    });

    it("9.3.1 501 Not Implemented: the body says what is not", async () => {
      const { status, json } = await catalog().get("/Products?$filter=GetInfo(format='a') eq 'b'");
      expect(status).to.equal(501);
      expect(json.error.message).to.include("GetInfo");
    });

    it("9.4 error bodies: have a code and a message, in a language that is told", async () => {
      for (const client of [catalog(), graph()]) {
        for (const path of ["/Nothing", "/?$filter=x", "/$metadata?$format=png"]) {
          const { status, headers, json } = await client.get(path);
          expect(status, path).to.be.within(400, 499);
          expect(headers["content-type"], path).to.match(/^application\/json/);
          expect(headers["content-language"], path).to.equal("en");
          expect(json.error.code, path).to.be.a("string").and.not.equal("");
          expect(json.error.message, path).to.be.a("string").and.not.equal("");
          expect(json, path).to.have.all.keys("error");
        }
      }
    });

    it("9.4 error bodies: target names what is wrong, details what else is", async () => {
      const { json } = await catalog().get("/Products?$orderby=Nothing");
      expect(json.error.target).to.equal("$orderby");
      const created = await catalog().post("/Products", { Name: "Half", Price: "dear", Status: "None" });
      expect(created.json.error.target).to.be.a("string");
      for (const detail of created.json.error.details ?? []) expect(detail).to.include.all.keys("code", "message");
    });

    it("9.4 error bodies: tell nothing of the service's inside", async () => {
      for (const path of ["/Nothing", "/Products?$filter=Name eq '", "/Products?$filter=1 div 0 eq 1", nobody]) {
        const { text } = await catalog().get(path);
        expect(text, path).not.to.match(/select |sqlite|postgres|node_modules|\.ts\b|\.js\b/i);
      }
    });
  },
  { reseed: true },
);
