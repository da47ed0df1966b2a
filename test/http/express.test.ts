import { expect } from "chai";
import express from "express";
import type { Express } from "express";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createDevIssuer, odataRouter, tokenRoutes } from "../../src/http/index.js";
import { call, fakeService, raw } from "./support.js";

describe("odataRouter", () => {
  const running: Server[] = [];
  afterEach(async () => {
    for (const server of running.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  async function listen(app: Express): Promise<{ url: string; port: number }> {
    const server = createServer(app);
    running.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${String(port)}`, port };
  }

  it("serves where it is mounted, whatever the service's path", async () => {
    const app = express();
    const inner = express.Router();
    inner.use("/odata", odataRouter(fakeService()));
    app.use("/api", inner);
    const { url } = await listen(app);
    const answer = await call(`${url}/api/odata/things('a%2Fb')?$top=1`, { method: "PATCH", body: "abc" });
    expect(answer.json).to.deep.equal({
      method: "PATCH",
      url: "/things('a%2Fb')?$top=1",
      root: `${url}/api/odata/`,
      body: "abc",
    });
    expect((await call(`${url}/api/odata`)).json.url).to.equal("/");
    expect((await call(`${url}/api/odata?$top=1`)).json.url).to.equal("/?$top=1");
    expect((await call(`${url}/api/elsewhere`)).status).to.equal(404);
  });

  it("keeps limits, ids and the form of errors", async () => {
    const app = express();
    app.use("/odata", odataRouter(fakeService(), { limits: { maxBodyBytes: 10, maxUrlLength: 100, lingerMs: 20 } }));
    const { url, port } = await listen(app);
    const answer = await call(`${url}/odata/x`, { method: "POST", body: "x".repeat(11) });
    expect([answer.status, answer.json.error.code]).to.deep.equal([413, "RequestEntityTooLarge"]);
    expect(answer.json.error.innerError["request-id"]).to.equal(answer.headers["request-id"]);
    expect((await call(`${url}/odata/${"x".repeat(100)}`)).status).to.equal(414);
    const text = await raw(port, "GET /odata/x HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n");
    expect(text).to.match(/^HTTP\/1\.1 400 /);
  });

  it("asks for tokens", async () => {
    const issuer = createDevIssuer({ scopes: ["Read"] });
    const app = express();
    app.use(await tokenRoutes(issuer));
    app.use("/odata", odataRouter(fakeService(), { authenticator: issuer }));
    const { url } = await listen(app);
    expect((await call(`${url}/odata/x`)).status).to.equal(401);
    const authorization = `Bearer ${await issuer.issueToken({ scopes: ["Read"] })}`;
    expect((await call(`${url}/odata/x`, { headers: { authorization } })).status).to.equal(200);
    const { json } = await call(`${url}/.well-known/openid-configuration`);
    expect(json.token_endpoint).to.equal(`${url}/odatum/oauth2/v2.0/token`);
  });

  it("takes what a parser before it has read", async () => {
    const app = express();
    app.use(express.json(), express.text());
    app.use("/odata", odataRouter(fakeService()));
    const { url } = await listen(app);
    const send = (type: string, body: string): ReturnType<typeof call> =>
      call(`${url}/odata/x`, { method: "POST", body, headers: { "content-type": type } });
    expect((await send("application/json", '{ "a": 1 }')).json.body).to.equal('{"a":1}');
    expect((await send("text/plain", "abc")).json.body).to.equal("abc");
    expect((await send("application/octet-stream", "abc")).json.body).to.equal("abc");
  });

  it("believes a proxy only where the app does", async () => {
    const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "odata.example.com" };
    for (const trust of [false, true]) {
      const app = express();
      app.set("trust proxy", trust);
      app.use("/odata", odataRouter(fakeService()));
      const { url } = await listen(app);
      const { json } = await call(`${url}/odata/x`, { headers });
      expect(json.root).to.equal(trust ? "https://odata.example.com/odata/" : `${url}/odata/`);
    }
  });
});
