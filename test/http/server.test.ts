import { expect } from "chai";
import { Agent } from "node:http";
import { Readable } from "node:stream";
import { ODataError, notFound } from "../../src/errors/index.js";
import { createServer } from "../../src/http/index.js";
import { call, fakeService, json, memoryLogger, raw, servers, sleep } from "./support.js";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("http server", () => {
  const { start, stop } = servers();
  afterEach(stop);

  describe("requests", () => {
    it("hands over method, relative url, root and body", async () => {
      const service = fakeService();
      const { url, port } = await start({ services: [service] });
      const answer = await call(`${url}/beta/things('a%2Fb')?$top=5`, { method: "POST", body: '{"a":"ü"}' });
      expect(answer.status).to.equal(200);
      expect(answer.json).to.deep.equal({
        method: "POST",
        url: "/things('a%2Fb')?$top=5",
        root: `http://127.0.0.1:${port}/beta/`,
        body: '{"a":"ü"}',
      });
      expect(Buffer.isBuffer(service.seen[0]?.body)).to.equal(true);
      expect(service.seen[0]?.headers["content-length"]).to.equal("10");
    });

    it("finds the root with and without slash and query, and nothing beside it", async () => {
      const { url } = await start();
      expect((await call(`${url}/beta`)).json.url).to.equal("/");
      expect((await call(`${url}/beta/`)).json.url).to.equal("/");
      expect((await call(`${url}/beta?$format=json`)).json.url).to.equal("/?$format=json");
      expect((await call(`${url}/betamax`)).status).to.equal(404);
      expect((await call(`${url}/Beta`)).status).to.equal(404);
    });

    it("prefers the longer of two paths", async () => {
      const { url } = await start({
        services: [fakeService(), fakeService(() => json("inner"), { path: "/beta/admin" })],
      });
      expect((await call(`${url}/beta/admin/x`)).json).to.equal("inner");
      expect((await call(`${url}/beta/administrators`)).json.url).to.equal("/administrators");
    });

    it("gives a service at the root all that is not another's, and not the health", async () => {
      const { url, port } = await start({ services: [fakeService(undefined, { path: "/" }), fakeService()] });
      const answer = await call(`${url}/things?$top=5`);
      expect(answer.json).to.include({ url: "/things?$top=5", root: `http://127.0.0.1:${port}/` });
      expect((await call(`${url}/`)).json.url).to.equal("/");
      expect((await call(`${url}/?$format=json`)).json.url).to.equal("/?$format=json");
      expect((await call(`${url}/beta/x`)).json.root).to.equal(`http://127.0.0.1:${port}/beta/`);
      expect((await call(`${url}/healthz`)).json).to.deep.equal({ status: "ok" });
    });

    it("has no body where there is none, or an empty one", async () => {
      const service = fakeService();
      const { url, port } = await start({ services: [service] });
      await call(`${url}/beta/x`);
      await call(`${url}/beta/x`, { method: "POST", headers: { "content-length": "0" } });
      await raw(port, "POST /beta/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", /\}$/);
      expect(service.seen.map((request) => request.body)).to.deep.equal([undefined, undefined, undefined]);
    });

    it("reads a chunked body in pieces", async () => {
      const { port } = await start();
      const text = await raw(
        port,
        "POST /beta/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
        /\}$/,
      );
      expect(text).to.contain('"body":"abcdefg"');
    });

    it("takes a repeated header as one list", async () => {
      const service = fakeService();
      const { port } = await start({ services: [service] });
      await raw(port, "GET /beta/x HTTP/1.1\r\nHost: a\r\nPrefer: a\r\nPrefer: b\r\n\r\n", /\}$/);
      expect(service.seen[0]?.headers["prefer"]).to.equal("a, b");
    });

    it("answers pipelined requests in order and many at once", async () => {
      const { url, port } = await start({
        services: [
          fakeService(async (request) => {
            await sleep(request.url === "/1" ? 30 : 1);
            return json(request.url);
          }),
        ],
      });
      const get = (n: number): string => `GET /beta/${String(n)} HTTP/1.1\r\nHost: a\r\n\r\n`;
      expect(await raw(port, get(1) + get(2), /"\/2"/)).to.match(/"\/1"[^]*"\/2"/);
      const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => call(`${url}/beta/${String(i)}`)));
      expect(answers.map((answer) => answer.json)).to.deep.equal(answers.map((_, i) => `/${String(i)}`));
    });

    it("keeps the connection for the next request", async () => {
      const { url, server } = await start();
      let connections = 0;
      server.httpServer.on("connection", () => connections++);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let i = 0; i < 5; i++) await call(`${url}/beta/x`, { agent });
      await call(`${url}/beta/x`, { agent, method: "POST", body: "x" });
      await call(`${url}/nowhere`, { agent });
      agent.destroy();
      expect(connections).to.equal(1);
    });
  });

  describe("the host", () => {
    const get = (host: string): string => `GET /beta/x HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;

    it("is the host of the service root", async () => {
      const { port } = await start();
      for (const host of ["localhost", "example.com:8080", "[::1]:80", "my_host", "10.0.0.1"]) {
        expect(await raw(port, get(`Host: ${host}\r\n`))).to.contain(`"root":"http://${host}/beta/"`);
      }
    });

    it("is refused where it is none, with 400", async () => {
      const { port } = await start();
      for (const host of [
        "a b",
        "a/b",
        "a:99999",
        "a:0",
        "a:b",
        'a"b',
        "<x>",
        "user@a",
        "",
        "-a",
        "a".repeat(300),
        "[::1",
      ]) {
        const text = await raw(port, get(`Host: ${host}\r\n`));
        expect(text, host).to.match(/^HTTP\/1\.1 400 /);
        expect(text).to.contain('"target":"Host"');
      }
    });

    it("must be there once", async () => {
      const { port } = await start();
      expect(await raw(port, get(""))).to.match(/^HTTP\/1\.1 400 [^]*no Host header/);
      expect(await raw(port, get("Host: a\r\nhost: b\r\n"))).to.match(/^HTTP\/1\.1 400 [^]*more than one Host header/);
      expect(await raw(port, "GET /beta/x HTTP/1.0\r\n\r\n")).to.contain(`"root":"http://127.0.0.1:${port}/beta/"`);
    });

    it("comes from an absolute target before the header", async () => {
      const { port } = await start();
      const text = await raw(port, "GET http://other:81/beta/x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      expect(text).to.contain('"root":"http://other:81/beta/"').and.to.contain('"url":"/x?y"');
    });

    it("never comes from X-Forwarded-*", async () => {
      const { url, port } = await start();
      const headers = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https", forwarded: "host=evil" };
      expect((await call(`${url}/beta/x`, { headers })).json.root).to.equal(`http://127.0.0.1:${port}/beta/`);
    });

    it("can be restricted and can be replaced", async () => {
      const { url, port } = await start({ trustedHosts: ["127.0.0.1"], publicOrigin: "https://odata.example.com" });
      expect((await call(`${url}/beta/x`)).json.root).to.equal("https://odata.example.com/beta/");
      const text = await raw(port, get("Host: evil.example\r\n"));
      expect(text)
        .to.match(/^HTTP\/1\.1 421 /)
        .and.to.contain('"MisdirectedRequest"');
      expect(await raw(port, "GET /healthz HTTP/1.1\r\nHost: 10.0.0.1\r\nConnection: close\r\n\r\n")).to.match(
        /^HTTP\/1\.1 200 /,
      );
    });

    it("refuses a target that is no path", async () => {
      const { port } = await start();
      expect(await raw(port, "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).to.match(
        /^HTTP\/1\.1 400 /,
      );
    });
  });

  describe("responses", () => {
    it("carry ids and the usual headers", async () => {
      const { url } = await start();
      const answer = await call(`${url}/beta/x`, { headers: { "client-request-id": "abc-123.X_y" } });
      expect(answer.headers["request-id"]).to.match(GUID);
      expect(answer.headers).to.include({
        "client-request-id": "abc-123.X_y",
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "content-length": String(answer.text.length),
        "odata-version": "4.01",
      });
      expect(answer.headers.date).to.be.a("string");
      for (const bad of ["a b", "x".repeat(129), "<a>", "a,b"]) {
        const other = await call(`${url}/beta/x`, { headers: { "client-request-id": bad } });
        expect(other.headers).not.to.have.property("client-request-id");
      }
    });

    it("keep what the service says of caching", async () => {
      const service = fakeService(() => ({ status: 200, headers: { "cache-control": "max-age=5" }, body: "x" }));
      const { url } = await start({ services: [service] });
      expect((await call(`${url}/beta/x`)).headers["cache-control"]).to.equal("max-age=5");
    });

    it("have no body for HEAD, 204 and 304, and keep the connection in step", async () => {
      const service = fakeService((request) => {
        if (request.method === "HEAD") return json("text that is not sent");
        return { status: request.url === "/304" ? 304 : 204, headers: { "content-length": "5" }, body: "wrong" };
      });
      const { port } = await start({ services: [service] });
      const line = (method: string, path: string): string => `${method} /beta/${path} HTTP/1.1\r\nHost: a\r\n`;
      const text = await raw(
        port,
        `${line("HEAD", "x")}\r\n${line("GET", "204")}\r\n${line("GET", "304")}Connection: close\r\n\r\n`,
      );
      const [head, none, unchanged] = text.split(/(?=HTTP\/1\.1 )/);
      expect(head).to.match(/^HTTP\/1\.1 200 [^]*content-length: 23\r\n[^]*\r\n\r\n$/);
      expect(none)
        .to.match(/^HTTP\/1\.1 204 [^]*\r\n\r\n$/)
        .and.not.match(/content-length|transfer-encoding/i);
      expect(unchanged)
        .to.match(/^HTTP\/1\.1 304 [^]*\r\n\r\n$/)
        .and.not.match(/content-length|transfer-encoding/i);
    });

    it("can be buffers, nothing, and large texts", async () => {
      const large = "ä".repeat(1_000_000);
      const service = fakeService((request) => {
        if (request.url === "/buffer") return { status: 200, headers: {}, body: Buffer.from([1, 2, 3]) };
        return request.url === "/large" ? { status: 200, headers: {}, body: large } : { status: 202, headers: {} };
      });
      const { url } = await start({ services: [service] });
      expect((await call(`${url}/beta/buffer`)).text).to.equal("\u0001\u0002\u0003");
      expect((await call(`${url}/beta/large`)).text === large).to.equal(true);
      const empty = await call(`${url}/beta/empty`);
      expect([empty.status, empty.headers["content-length"], empty.text]).to.deep.equal([202, "0", ""]);
    });

    it("can be streams", async () => {
      const parts = Array.from({ length: 2000 }, (_, i) => `${String(i)},`.repeat(50));
      const { url } = await start({
        services: [fakeService(() => ({ status: 200, headers: {}, body: Readable.from(parts) }))],
      });
      expect((await call(`${url}/beta/x`)).text === parts.join("")).to.equal(true);
      expect((await call(`${url}/beta/x`, { method: "HEAD" })).text).to.equal("");
    });

    it("destroy the stream when the client goes away", async () => {
      let ended: () => void;
      const gone = new Promise<void>((resolve) => (ended = resolve));
      async function* endless(): AsyncGenerator<string> {
        try {
          for (;;) yield "x".repeat(65_536);
        } finally {
          ended();
        }
      }
      const { port } = await start({
        services: [fakeService(() => ({ status: 200, headers: {}, body: Readable.from(endless()) }))],
      });
      await raw(port, "GET /beta/x HTTP/1.1\r\nHost: a\r\n\r\n", /xxxx/);
      await gone;
    });

    it("cut the connection of a client that does not read", async () => {
      let ended: () => void;
      const gone = new Promise<void>((resolve) => (ended = resolve));
      async function* endless(): AsyncGenerator<string> {
        try {
          for (;;) yield "x".repeat(65_536);
        } finally {
          ended();
        }
      }
      const { port } = await start({
        limits: { writeTimeoutMs: 100 },
        services: [fakeService(() => ({ status: 200, headers: {}, body: Readable.from(endless()) }))],
      });
      const { createConnection } = await import("node:net");
      const socket = createConnection(port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.pause();
      socket.write("GET /beta/x HTTP/1.1\r\nHost: a\r\n\r\n");
      await gone;
      socket.destroy();
    });

    it("become an error where a stream fails at once, and break off where it fails later", async () => {
      async function* failing(after: number): AsyncGenerator<string> {
        for (let i = 0; i < after; i++) {
          yield "x";
          await sleep(5);
        }
        throw notFound("Gone.");
      }
      const { url } = await start({
        services: [
          fakeService((request) => ({
            status: 200,
            headers: {},
            body: Readable.from(failing(request.url === "/late" ? 3 : 0)),
          })),
        ],
      });
      expect((await call(`${url}/beta/early`)).status).to.equal(404);
      const failure = await call(`${url}/beta/late`).catch((error: Error) => error);
      expect(failure).to.be.instanceOf(Error);
    });
  });

  describe("errors", () => {
    it("have Graph's form", async () => {
      const service = fakeService(() => {
        throw new ODataError(409, "Conflict", "No.", {
          target: "name",
          details: [{ code: "a", message: "b" }],
          headers: { "x-more": "yes" },
        });
      });
      const { url } = await start({ services: [service] });
      const answer = await call(`${url}/beta/x`, { headers: { "client-request-id": "mine" } });
      expect(answer.status).to.equal(409);
      expect(answer.headers).to.include({
        "content-type": "application/json",
        "x-more": "yes",
        "odata-version": "4.01",
      });
      const { innerError, ...error } = answer.json.error;
      expect(error).to.deep.equal({
        code: "Conflict",
        message: "No.",
        target: "name",
        details: [{ code: "a", message: "b" }],
      });
      expect(innerError.date).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      expect(innerError["request-id"]).to.equal(answer.headers["request-id"]);
      expect(innerError["client-request-id"]).to.equal("mine");
    });

    it("leave out what is not there", async () => {
      const service = fakeService(() => Promise.reject(notFound("No.")));
      const { url } = await start({ services: [service] });
      const answer = await call(`${url}/beta/x`, { headers: { "odata-maxversion": "4.0" } });
      expect(answer.json.error).to.have.all.keys("code", "message", "innerError");
      expect(answer.headers["odata-version"]).to.equal("4.0");
    });

    it("are neutral where nobody expected them, and are logged", async () => {
      for (const thrown of [
        new Error("SELECT secret"),
        "text",
        undefined,
        null,
        new ODataError(200, "Odd", "secret"),
      ]) {
        const logger = memoryLogger();
        const { url } = await start({
          logger,
          services: [
            fakeService(() => {
              throw thrown as Error;
            }),
          ],
        });
        const answer = await call(`${url}/beta/x`);
        expect(answer.status).to.equal(500);
        expect(answer.json.error.code).to.equal("InternalServerError");
        expect(answer.text).not.to.match(/secret|stack|at /);
        if (thrown instanceof Error) {
          const line = logger.lines.find(({ level }) => level === "error");
          expect(line?.fields["requestId"]).to.equal(answer.headers["request-id"]);
        }
      }
    });

    it("come for a response that cannot be written", async () => {
      const service = fakeService((request) => {
        if (request.url === "/error") throw new ODataError(400, "Bad", "m", { headers: { "x-a": "b\r\nc: d" } });
        return { status: 200, headers: { location: "a\r\nset-cookie: b" }, body: "x" };
      });
      const { url } = await start({ services: [service] });
      expect((await call(`${url}/beta/x`)).json.error.code).to.equal("InternalServerError");
      const second = await call(`${url}/beta/error`);
      expect([second.status, second.json.error.code]).to.deep.equal([400, "Bad"]);
    });
  });

  describe("pages", () => {
    it("say that the server is well", async () => {
      let ready = false;
      const { url } = await start({ ready: () => ready });
      expect((await call(`${url}/healthz`)).status).to.equal(503);
      ready = true;
      const answer = await call(`${url}/healthz?x`);
      expect([answer.status, answer.json]).to.deep.equal([200, { status: "ok" }]);
      expect((await call(`${url}/healthz`, { method: "HEAD" })).text).to.equal("");
      const wrong = await call(`${url}/healthz`, { method: "DELETE" });
      expect([wrong.status, wrong.headers["allow"]]).to.deep.equal([405, "GET, HEAD"]);
    });

    it("list the services, as HTML and as JSON", async () => {
      const { url } = await start();
      const html = await call(`${url}/`, { headers: { accept: "text/html" } });
      expect(html.headers["content-type"]).to.match(/^text\/html/);
      expect(html.text).to.contain(`<a href="${url}/beta/">/beta/</a>`);
      expect(html.headers).to.include.keys("content-security-policy", "request-id");
      expect(html.headers).not.to.have.any.keys("x-powered-by", "strict-transport-security");
      const answer = await call(`${url}/`, { headers: { accept: "application/json" } });
      expect(answer.json.services).to.deep.equal([{ path: "/beta", url: `${url}/beta/` }]);
    });

    it("end in a 404 of the usual form", async () => {
      const { url } = await start();
      for (const [method, path] of [
        ["GET", "/nowhere"],
        ["POST", "/"],
        ["GET", "/%"],
      ]) {
        const answer = await call(`${url}${path as string}`, { method: method as string });
        expect(answer.status, path).to.be.oneOf([400, 404]);
        expect(answer.json.error.code).to.be.oneOf(["ResourceNotFound", "BadRequest"]);
        expect(answer.json.error.innerError["request-id"]).to.equal(answer.headers["request-id"]);
        expect(answer.headers).not.to.have.property("odata-version");
      }
    });
  });

  describe("the log", () => {
    it("has a line a request, without query and token", async () => {
      const logger = memoryLogger();
      const { url, port } = await start({ logger });
      const answer = await call(`${url}/beta/x?$filter=secret`, { headers: { authorization: "Bearer secret" } });
      await raw(port, "GET /beta/\xff\x1b[31m HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      await call(`${url}/beta/${"y".repeat(1000)}`);
      await call(`${url}/nowhere?secret`);
      await sleep(5);
      const first = logger.lines[0];
      expect(first).to.deep.include({ level: "info", message: "request" });
      expect(first?.fields).to.include({
        method: "GET",
        path: "/beta/x",
        status: 200,
        requestId: answer.headers["request-id"],
      });
      expect(first?.fields["durationMs"]).to.be.a("number");
      const all = JSON.stringify(logger.lines);
      expect(all).not.to.match(/secret|\\u001b|ÿ/);
      expect(logger.lines.every(({ fields }) => String(fields["path"] ?? "").length <= 203)).to.equal(true);
      expect(all).to.contain('"/nowhere"');
    });
  });

  describe("listening", () => {
    it("rejects with the system's error where the port is taken", async () => {
      const { port } = await start();
      const second = createServer({ host: "127.0.0.1", port, services: [] });
      const error = await second.listen().catch((thrown: NodeJS.ErrnoException) => thrown);
      expect(error).to.include({ code: "EADDRINUSE", syscall: "listen", port });
      await second.close();
    });

    it("refuses paths, limits and origins that are none", () => {
      const base = { host: "127.0.0.1", port: 0, services: [] };
      for (const path of ["", "beta", "/beta/", "/a b", "/<x>"]) {
        expect(() => createServer({ ...base, services: [fakeService(undefined, { path })] }), path).to.throw(
          RangeError,
        );
      }
      expect(() => createServer({ ...base, services: [fakeService(), fakeService()] })).to.throw(/Two services/);
      expect(() => createServer({ ...base, limits: { maxBodyBytes: -1 } })).to.throw(/maxBodyBytes/);
      expect(() => createServer({ ...base, limits: { maxBody: 1 } as object })).to.throw(/maxBody/);
      expect(() => createServer({ ...base, publicOrigin: "example.com" })).to.throw(/origin/);
    });
  });
});
