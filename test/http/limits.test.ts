import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { ODataError } from "../../src/errors/index.js";
import { call, fakeService, json, memoryLogger, open, raw, servers, sleep } from "./support.js";

/** The JSON body of a response that came as text. */
function errorOf(text: string): { code: string; message: string; innerError: Record<string, string> } {
  return JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4)).error;
}

describe("http limits", () => {
  const { start, stop } = servers();
  afterEach(stop);

  describe("413, a body too large", () => {
    it("by its Content-Length, before any of it is read", async () => {
      const service = fakeService();
      const { port } = await start({ services: [service], limits: { maxBodyBytes: 1000, lingerMs: 50 } });
      const text = await raw(port, "POST /beta/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
      expect(text)
        .to.match(/^HTTP\/1\.1 413 /)
        .and.match(/connection: close/i);
      expect(errorOf(text)).to.include({
        code: "RequestEntityTooLarge",
        message: "The request body is larger than 1000 bytes.",
      });
      expect(service.seen).to.deep.equal([]);
    });

    it("by what came, where it is chunked", async () => {
      const { port } = await start({ limits: { maxBodyBytes: 1000, lingerMs: 50 } });
      const text = await raw(
        port,
        `POST /beta/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n${"x".repeat(1024)}\r\n`,
      );
      expect(text)
        .to.match(/^HTTP\/1\.1 413 /)
        .and.match(/connection: close/i);
    });

    it("is delivered to a client that sends on and on", async () => {
      const { url } = await start({ limits: { maxBodyBytes: 1000 } });
      for (let i = 0; i < 5; i++) {
        const answer = await call(`${url}/beta/x`, { method: "POST", body: Buffer.alloc(20_000_000) });
        expect(answer.status).to.equal(413);
        expect(answer.json.error.code).to.equal("RequestEntityTooLarge");
      }
    });

    it("does not hit a body of just the size", async () => {
      const { url } = await start({ limits: { maxBodyBytes: 1000 } });
      expect((await call(`${url}/beta/x`, { method: "POST", body: "x".repeat(1000) })).status).to.equal(200);
    });
  });

  describe("bodies that are not to be had", () => {
    it("are timed: 408", async () => {
      const service = fakeService();
      const { port } = await start({ services: [service], limits: { bodyTimeoutMs: 60, lingerMs: 20 } });
      const socket = await open(port);
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.write("POST /beta/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
      const drip = setInterval(() => socket.write("x"), 10);
      await new Promise((resolve) => socket.on("close", resolve));
      clearInterval(drip);
      expect(text)
        .to.match(/^HTTP\/1\.1 408 /)
        .and.match(/connection: close/i);
      expect(errorOf(text).code).to.equal("RequestTimeout");
      expect(service.seen).to.deep.equal([]);
    });

    it("are not handled when the client goes away in the middle", async () => {
      const service = fakeService();
      const logger = memoryLogger();
      const { port, url } = await start({ services: [service], logger });
      for (const end of ["destroy", "resetAndDestroy"] as const) {
        const socket = await open(port);
        socket.write("POST /beta/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
        await sleep(20);
        socket[end]();
      }
      await sleep(30);
      expect(service.seen).to.deep.equal([]);
      expect(logger.lines.filter(({ message }) => message === "request aborted")).to.have.length(2);
      expect((await call(`${url}/beta/x`)).status).to.equal(200);
    });

    it("are malformed when they are shorter than announced and the client says that it is done", async () => {
      const service = fakeService();
      const { port } = await start({ services: [service] });
      const socket = await open(port);
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.end("POST /beta/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
      await new Promise((resolve) => socket.on("close", resolve));
      expect(text).to.match(/^HTTP\/1\.1 400 /);
      expect(service.seen).to.deep.equal([]);
    });

    it("are malformed when a chunk is", async () => {
      const service = fakeService();
      const { port } = await start({ services: [service] });
      const text = await raw(port, "POST /beta/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
      expect(text).to.match(/^HTTP\/1\.1 400 /);
      expect(service.seen).to.deep.equal([]);
    });

    it("are answered before what follows them, when they are longer than announced", async () => {
      const { port } = await start({
        services: [
          fakeService(async (request) => {
            await sleep(20);
            return json(request.body?.toString());
          }),
        ],
      });
      const text = await raw(port, "POST /beta/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcdefg\r\n\r\n");
      expect(text).to.match(/^HTTP\/1\.1 200 [^]*"abc"HTTP\/1\.1 400 [^]*BadRequest/);
    });

    it("are refused in an unknown content coding: 415 that names those that are known", async () => {
      const { url } = await start();
      const options = { method: "POST", headers: { "content-encoding": "zstd" }, body: "x" };
      const answer = await call(`${url}/beta/x`, options);
      expect([answer.status, answer.json.error.code]).to.deep.equal([415, "UnsupportedMediaType"]);
      expect(answer.headers["accept-encoding"]).to.equal("gzip, deflate, br");
      const plain = { ...options, headers: { "content-encoding": "identity" } };
      expect((await call(`${url}/beta/x`, plain)).status).to.equal(200);
    });

    it("are refused where they become too large when they are decoded: 413", async () => {
      const { url } = await start({ limits: { maxBodyBytes: 10_000 } });
      const zeros = Buffer.alloc(5_000_000);
      for (const [coding, body] of [
        ["gzip", gzipSync(zeros)],
        ["deflate", deflateSync(zeros)],
        ["br", brotliCompressSync(zeros)],
        ["gzip, gzip", gzipSync(gzipSync(zeros))],
      ] as const) {
        expect(body.length, coding).to.be.below(10_000);
        const answer = await call(`${url}/beta/x`, { method: "POST", headers: { "content-encoding": coding }, body });
        expect(answer.status, coding).to.equal(413);
      }
    });

    it("are refused in another transfer coding: 501", async () => {
      const { port } = await start({ limits: { lingerMs: 20 } });
      const text = await raw(
        port,
        "POST /beta/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
      );
      expect(text).to.match(/^HTTP\/1\.1 501 /);
    });
  });

  describe("Expect", () => {
    const head = (more: string): string => `POST /beta/x HTTP/1.1\r\nHost: a\r\n${more}\r\n`;

    it("100-continue is told to go on", async () => {
      const { port } = await start();
      const socket = await open(port);
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.write(head("Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n"));
      await sleep(20);
      expect(text).to.equal("HTTP/1.1 100 Continue\r\n\r\n");
      socket.write("abc");
      await new Promise((resolve) => socket.on("close", resolve));
      expect(text).to.contain('"body":"abc"');
    });

    it("100-continue is told no instead, where the answer is known", async () => {
      const { port } = await start({ limits: { maxBodyBytes: 2, lingerMs: 20 } });
      const text = await raw(port, head("Expect: 100-continue\r\nContent-Length: 3\r\n"));
      expect(text)
        .to.match(/^HTTP\/1\.1 413 /)
        .and.match(/connection: close/i);
    });

    it("anything else is not met: 417", async () => {
      const { port } = await start();
      const text = await raw(port, head("Expect: miracles\r\nContent-Length: 0\r\nConnection: close\r\n"));
      expect(text).to.match(/^HTTP\/1\.1 417 /);
      expect(errorOf(text).code).to.equal("ExpectationFailed");
    });
  });

  describe("heads", () => {
    it("414, a URL too long, slightly and by far", async () => {
      const { url, port } = await start({ limits: { maxUrlLength: 500, maxHeaderBytes: 2000 } });
      const answer = await call(`${url}/beta/${"x".repeat(600)}`);
      expect([answer.status, answer.json.error.code]).to.deep.equal([414, "RequestUriTooLong"]);
      const text = await raw(port, `GET /beta/${"x".repeat(30_000)} HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect(text).to.match(/^HTTP\/1\.1 414 /);
      const never = await raw(port, `GET /beta/${"x".repeat(30_000)}`);
      expect(never).to.match(/^HTTP\/1\.1 414 /);
      expect((await call(`${url}/beta/${"x".repeat(494)}`)).status).to.equal(200);
    });

    it("by default 16 KiB of URL", async () => {
      const { url } = await start();
      expect((await call(`${url}/beta/${"x".repeat(16_000)}`)).status).to.equal(200);
      expect((await call(`${url}/beta/${"x".repeat(16_400)}`)).status).to.equal(414);
      expect((await call(`${url}/beta/${"x".repeat(40_000)}`)).status).to.equal(414);
    });

    it("431, headers too large", async () => {
      const { port } = await start({ limits: { maxUrlLength: 500, maxHeaderBytes: 2000 } });
      const text = await raw(port, `GET /beta/x HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(3000)}\r\n\r\n`);
      expect(text)
        .to.match(/^HTTP\/1\.1 431 /)
        .and.match(/connection: close/);
      const error = errorOf(text);
      expect(error.code).to.equal("RequestHeaderFieldsTooLarge");
      expect(text).to.contain(`request-id: ${String(error.innerError["request-id"])}`);
    });

    it("400, no HTTP at all", async () => {
      const { port } = await start();
      for (const bytes of [
        "hello\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01",
        "GET /beta/x\r\n\r\n",
        "GET / HTTP/1.1\r\nA B: c\r\n\r\n",
      ]) {
        const text = await raw(port, Buffer.from(bytes, "latin1"));
        expect(text, bytes).to.match(/^HTTP\/1\.1 400 /);
        expect(errorOf(text).code).to.equal("BadRequest");
      }
    });

    it("400, a request that could be taken for two", async () => {
      const { port } = await start();
      for (const lengths of [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: abc\r\n",
      ]) {
        const text = await raw(port, `POST /beta/x HTTP/1.1\r\nHost: a\r\n${lengths}\r\n`);
        expect(text, lengths).to.match(/^HTTP\/1\.1 400 /);
      }
    });

    it("408, headers that do not come", async () => {
      const { port } = await start({ limits: { headersTimeoutMs: 60 } });
      const text = await raw(port, "GET /beta/x HTTP/1.1\r\nHost: a\r\n");
      expect(text).to.match(/^HTTP\/1\.1 408 /);
      expect(errorOf(text).code).to.equal("RequestTimeout");
    });
  });

  describe("connections", () => {
    it("idle ones are closed", async () => {
      const { port } = await start({ limits: { keepAliveTimeoutMs: 50 } });
      const before = Date.now();
      expect(await raw(port, "GET /beta/x HTTP/1.1\r\nHost: a\r\n\r\n")).to.match(/^HTTP\/1\.1 200 /);
      expect(Date.now() - before).to.be.lessThan(5000);
    });

    it("are only so many", async () => {
      const { port } = await start({ limits: { maxConnections: 1 } });
      const first = await open(port);
      await sleep(10);
      const text = await raw(port, "GET /beta/x HTTP/1.1\r\nHost: a\r\n\r\n").catch(() => "");
      expect(text).to.equal("");
      first.destroy();
    });
  });

  describe("503, too many requests at once", () => {
    it("says when to come again, and passes", async () => {
      let release: (value: unknown) => void = () => undefined;
      const gate = new Promise((resolve) => (release = resolve));
      const { url } = await start({
        limits: { maxConcurrentRequests: 2 },
        services: [
          fakeService((request) => (request.url === "/wait" ? gate.then(() => json("done")) : json("at once"))),
        ],
      });
      const waiting = [call(`${url}/beta/wait`), call(`${url}/beta/wait`)];
      await sleep(30);
      const refused = await call(`${url}/beta/x`);
      expect([refused.status, refused.json.error.code]).to.deep.equal([503, "ServiceUnavailable"]);
      expect(refused.headers["retry-after"]).to.equal("1");
      expect((await call(`${url}/healthz`)).status).to.equal(200);
      release(undefined);
      expect((await Promise.all(waiting)).map(({ status }) => status)).to.deep.equal([200, 200]);
      await sleep(5);
      expect((await call(`${url}/beta/x`)).status).to.equal(200);
    });

    it("forgets the requests whose clients went away", async () => {
      const { url, port } = await start({
        limits: { maxConcurrentRequests: 1 },
        services: [fakeService((request) => (request.url === "/wait" ? new Promise(() => undefined) : json("x")))],
      });
      const socket = await open(port);
      socket.write("GET /beta/wait HTTP/1.1\r\nHost: a\r\n\r\n");
      await sleep(20);
      expect((await call(`${url}/beta/x`)).status).to.equal(503);
      socket.destroy();
      await sleep(20);
      expect((await call(`${url}/beta/x`)).status).to.equal(200);
    });
  });

  it("lets a small refused body pass and keeps the connection", async () => {
    const { port } = await start({
      services: [fakeService()],
      authenticator: {
        authenticate() {
          throw new ODataError(401, "InvalidAuthenticationToken", "No.");
        },
      },
    });
    const post = "POST /beta/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    const text = await raw(port, post + post, /401[^]*401[^]*\}\}$/);
    expect(text).not.to.match(/connection: close/i);
  });
});
