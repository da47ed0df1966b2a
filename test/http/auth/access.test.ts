import { expect } from "chai";
import { requireAccess } from "../../../src/http/auth/index.js";
import type { AccessRule, Principal } from "../../../src/http/index.js";
import { graphScopes } from "../../../src/graph/index.js";
import type { GraphServer } from "../../support/graph-server.js";
import { startGraph } from "../../support/graph-server.js";

describe("access to requests that read with POST", () => {
  const asked: string[] = [];
  const rule: AccessRule = {
    anonymous: (method, url) => method === "GET" && url.startsWith("/open"),
    scopes(method) {
      asked.push(method);
      return method === "GET" ? ["read", "write"] : ["write"];
    },
  };
  const reader = { scopes: new Set(["read"]) } as unknown as Principal;
  const passes = (method: string, url: string, principal: Principal | undefined) => {
    try {
      requireAccess(rule, principal, method, url);
      return true;
    } catch {
      return false;
    }
  };

  for (const url of ["/Books/$query", "/Books/$query/", "/Books/$query?$top=1", "/Books(1)/author/$query"]) {
    it(`${url} is to be read`, () => {
      expect(passes("POST", url, reader)).to.equal(true);
      expect(asked.at(-1)).to.equal("GET");
      expect(passes("POST", `/open${url}`, undefined)).to.equal(true);
    });
  }
  for (const [method, url] of [
    ["POST", "/Books"],
    ["POST", "/Books?x=/$query"],
    ["POST", "/Books/$query/x"],
    ["POST", "/Books/x$query"],
    ["POST", "/Books/$queryx"],
    ["PATCH", "/Books/$query"],
    ["DELETE", "/Books/$query"],
  ] as const) {
    it(`${method} ${url} is to be written`, () => {
      expect(passes(method, url, reader)).to.equal(false);
      expect(asked.at(-1)).to.equal(method);
      expect(passes(method, `/open${url}`, undefined)).to.equal(false);
    });
  }

  describe("over HTTP", () => {
    let graph: GraphServer;
    before(async () => {
      graph = await startGraph();
    });
    after(() => graph.close());

    it("a token that may read is enough, and one is needed", async () => {
      const token = await graph.token([graphScopes[0]]);
      const headers = { "content-type": "text/plain" };
      const path = "/deviceManagement/deviceConfigurations";
      const read = await graph.client.post(`${path}/$query`, "$count=true", { token, headers });
      expect(read.status, read.text).to.equal(200);
      expect(read.json["@odata.count"]).to.equal(0);
      expect((await graph.client.post(path, {}, { token })).status).to.equal(403);
      expect((await graph.client.post(`${path}/$query`, "", { token: null, headers })).status).to.equal(401);
    });
  });
});
