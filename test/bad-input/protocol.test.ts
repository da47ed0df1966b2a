import { expect } from "chai";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import { configurations, created, expectError, expectRefused, root, scep } from "./support.js";

describe("bad terms", () => {
  let graph: GraphServer;
  let id: string;
  let assignmentId: string;
  before(async () => {
    graph = await startGraph();
    id = await created(graph, configurations, root);
    await created(graph, configurations, scep);
    assignmentId = await created(graph, `${configurations}/${id}/assignments`, { intent: "apply" });
  });
  after(() => graph.close());
  const fill = (path: string) => path.replace("{id}", id).replace("{assignment}", assignmentId);

  describe("methods", () => {
    for (const [path, allow] of [
      ["/", "GET, HEAD"],
      ["/$metadata", "GET, HEAD"],
      ["/deviceManagement", "GET, HEAD, PATCH, PUT"],
      [configurations, "GET, HEAD, POST, PATCH, PUT"],
      [`${configurations}/microsoft.graph.iosVpnConfiguration`, "GET, HEAD, POST, PATCH, PUT"],
      [`${configurations}/$count`, "GET, HEAD"],
      [`${configurations}/{id}`, "GET, HEAD, PATCH, PUT, DELETE"],
      [`${configurations}/{id}/displayName`, "GET, HEAD, PUT, PATCH, DELETE"],
      [`${configurations}/{id}/createdDateTime`, "GET, HEAD"],
      [`${configurations}/{id}/roleScopeTagIds`, "GET, HEAD, POST, PUT, DELETE"],
      [`${configurations}/$each`, "PATCH, DELETE"],
      [`${configurations}/{id}/displayName/$value`, "GET, HEAD, PUT, DELETE"],
      [`${configurations}/{id}/assignments`, "GET, HEAD, POST, PATCH, PUT"],
      [`${configurations}/{id}/assignments/{assignment}`, "GET, HEAD, PATCH, PUT, DELETE"],
      [`${configurations}/{id}/rootCertificate/$ref`, "GET, HEAD, PUT, DELETE"],
      [`${configurations}/{id}/managedDeviceCertificateStates/$ref`, "GET, HEAD, POST, PUT, DELETE"],
    ] as const) {
      it(`OPTIONS ${path}: what is allowed`, async () => {
        const answer = await graph.client.call("OPTIONS", fill(path));
        expect([answer.status, answer.headers.allow]).to.deep.equal([204, allow]);
      });
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        if (allow.split(", ").includes(method)) continue;
        it(`${method} ${path}: 405 that allows ${allow}`, async () => {
          await expectRefused(
            graph,
            async () => {
              const answer = await graph.client.call(method, fill(path), method === "DELETE" ? {} : { body: {} });
              expect(answer.headers.allow).to.equal(allow);
              return answer;
            },
            405,
            { code: "MethodNotAllowed", says: method },
          );
        });
      }
    }

    for (const method of ["TRACE", "PROPFIND", "MERGE", "LOCK"]) {
      it(`${method} is not known: 501`, () =>
        expectRefused(graph, () => graph.client.call(method, `${configurations}/${id}`), 501));
    }

    it("a method override is no override", async () => {
      const headers = { "x-http-method-override": "DELETE", "x-http-method": "DELETE", "x-method-override": "DELETE" };
      expect((await graph.client.get(`${configurations}/${id}`, { headers })).status).to.equal(200);
      expect((await graph.client.get(`${configurations}/${id}`)).status).to.equal(200);
    });
  });

  describe("Accept", () => {
    for (const accept of [
      "text/html",
      "application/xml",
      "application/atom+xml",
      "image/*",
      "application/json;q=0",
      "*/*;q=0",
      "text/plain, text/html;q=0.5",
      "nonsense",
      "application/json;odata.metadata=all",
    ]) {
      it(`${accept}: 406 for an entity`, async () => {
        expectError(await graph.client.get(`${configurations}/${id}`, { headers: { accept } }), 406, {
          target: "Accept",
        });
      });
      it(`${accept}: 406 for a new entity, which is not made`, () =>
        expectRefused(graph, () => graph.client.post(configurations, root, { headers: { accept } }), 406));
      it(`${accept}: 406 for a change, which is not made`, () =>
        expectRefused(
          graph,
          () => graph.client.patch(`${configurations}/${id}`, { displayName: "x" }, { headers: { accept } }),
          406,
        ));
    }
    it("image/png: 406 for $value", async () => {
      const headers = { accept: "image/png" };
      expectError(await graph.client.get(`${configurations}/${id}/displayName/$value`, { headers }), 406);
    });
    it("of ten thousand characters: 400", async () => {
      expectError(await graph.client.get(configurations, { headers: { accept: "a/b,".repeat(2_500) } }), 400);
    });
    for (const accept of [
      "*/*",
      "application/*",
      "application/json",
      "text/html, */*;q=0.1",
      "",
      "application/json;odata.metadata=minimal;odata.streaming=true",
      "application/json;charset=utf-8",
    ]) {
      it(`'${accept}' is right`, async () => {
        expect((await graph.client.get(`${configurations}/${id}`, { headers: { accept } })).status).to.equal(200);
      });
    }
  });

  describe("$format", () => {
    for (const format of [
      "xml",
      "atom",
      "html",
      "text/html",
      "nonsense",
      "__proto__",
      "constructor",
      "application/json;odata.metadata=all",
    ]) {
      it(`${format}: 406`, async () => {
        expectError(await graph.client.get(`${configurations}/${id}?$format=${format}`), 406);
      });
    }
    it("goes before Accept", async () => {
      expect(
        (await graph.client.get(`${configurations}/${id}?$format=json`, { headers: { accept: "text/html" } })).status,
      ).to.equal(200);
    });
    it("of $metadata: xml and json, and nothing else", async () => {
      expect((await graph.client.get("/$metadata?$format=json")).json).to.have.property("$Version");
      expect((await graph.client.get("/$metadata?$format=xml")).headers["content-type"]).to.equal("application/xml");
      expectError(await graph.client.get("/$metadata?$format=yaml"), 406);
    });
  });

  describe("versions", () => {
    for (const [header, value] of [
      ["odata-maxversion", "3.0"],
      ["odata-maxversion", "1.0"],
      ["odata-maxversion", "x"],
      ["odata-maxversion", "4"],
      ["odata-maxversion", "4.0;a"],
      ["odata-maxversion", "-4.0"],
      ["odata-maxversion", "4.0, 4.01"],
      ["odata-maxversion", "9".repeat(1_000)],
      ["odata-version", "3.0"],
      ["odata-version", "5.0"],
      ["odata-version", "4.02"],
      ["odata-version", "4.1"],
      ["odata-version", "x"],
    ] as const) {
      const target = header === "odata-version" ? "OData-Version" : "OData-MaxVersion";
      it(`${header}: ${value.slice(0, 20)}: 400 for a read`, async () => {
        expectError(await graph.client.get(`${configurations}/${id}`, { headers: { [header]: value } }), 400, {
          target,
        });
      });
      it(`${header}: ${value.slice(0, 20)}: 400 for a write, which is not made`, () =>
        expectRefused(graph, () => graph.client.post(configurations, root, { headers: { [header]: value } }), 400, {
          target,
        }));
      it(`${header}: ${value.slice(0, 20)}: 400 for $metadata`, async () => {
        expectError(await graph.client.get("/$metadata", { headers: { [header]: value } }), 400, { target });
      });
    }
    for (const [max, answered] of [
      ["4.0", "4.0"],
      ["4.01", "4.01"],
      ["7.0", "4.01"],
    ] as const) {
      it(`an error to a client that reads ${max} is in ${answered}`, async () => {
        const answer = await graph.client.get("/nothing", { headers: { "odata-maxversion": max } });
        expectError(answer, 404);
        expect(answer.headers["odata-version"]).to.equal(answered);
      });
    }
  });

  describe("headers", () => {
    for (const prefer of [
      "return=everything",
      "return",
      "=",
      ",,,",
      "return=minimal,return=representation",
      '"',
      "x".repeat(5_000),
      "respond-async=1",
      "odata.maxpagesize=x",
      "odata.maxpagesize=-1",
      "odata.continue-on-error",
    ]) {
      it(`Prefer: ${prefer.slice(0, 40)} is no error`, async () => {
        expect((await graph.client.get(`${configurations}/${id}`, { headers: { prefer } })).status).to.equal(200);
        expect((await graph.client.patch(`${configurations}/${id}`, {}, { headers: { prefer } })).status).to.be.oneOf([
          200, 204,
        ]);
      });
    }

    it("client-request-id comes back in the header and in the error", async () => {
      const answer = await graph.client.get("/nothing", { headers: { "client-request-id": "my-id-1" } });
      expect(expectError(answer, 404).innerError["client-request-id"]).to.equal("my-id-1");
      expect(answer.headers["client-request-id"]).to.equal("my-id-1");
    });

    for (const value of ["a b", "<script>", '"', "x".repeat(200), "é"]) {
      it(`client-request-id ${value.slice(0, 10)} does not come back`, async () => {
        const answer = await graph.client.get("/nothing", { headers: { "client-request-id": value } });
        expect(expectError(answer, 404).innerError["client-request-id"]).to.equal(answer.headers["request-id"]);
        expect(answer.headers).to.not.have.property("client-request-id");
      });
    }

    it("each error has a request-id of its own", async () => {
      const ids = await Promise.all(
        Array.from({ length: 5 }, async () => (await graph.client.get("/nothing")).headers["request-id"]),
      );
      expect(new Set(ids).size).to.equal(5);
    });

    it("a HEAD of what is not there is a 404 without a body", async () => {
      const answer = await graph.client.call("HEAD", `${configurations}/nothing`);
      expect([answer.status, answer.text]).to.deep.equal([404, ""]);
    });
  });
});
