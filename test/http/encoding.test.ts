import { Readable } from "node:stream";
import { request } from "node:http";
import { brotliCompressSync, brotliDecompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { call, fakeService, json, servers } from "./support.js";

/** A request whose answer is taken as bytes. */
function bytes(
  url: string,
  headers: Record<string, string>,
): Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    })
      .on("error", reject)
      .end();
  });
}

describe("content codings", () => {
  const { start, stop } = servers();
  afterEach(stop);
  const long = { text: "abc ".repeat(10_000) };

  it("of request bodies are undone", async () => {
    const { url } = await start();
    const body = JSON.stringify(long);
    for (const [coding, encoded] of [
      ["gzip", gzipSync(body)],
      ["X-GZIP", gzipSync(body)],
      ["deflate", deflateSync(body)],
      ["deflate", deflateRawSync(body)],
      ["br", brotliCompressSync(body)],
      ["gzip, br", brotliCompressSync(gzipSync(body))],
      ["identity", Buffer.from(body)],
    ] as const) {
      const headers = { "content-encoding": coding };
      expect((await call(`${url}/beta/x`, { method: "POST", headers, body: encoded })).json.body, coding).to.equal(
        body,
      );
    }
  });

  it("that the body does not have are refused: 400", async () => {
    const { url } = await start();
    const whole = gzipSync("x".repeat(1_000));
    for (const [coding, body] of [
      ["gzip", Buffer.from("plain")],
      ["gzip", whole.subarray(0, -10)],
      ["br", whole],
      ["deflate", Buffer.from([0x78, 0x9c, 1, 2, 3])],
    ] as const) {
      const answer = await call(`${url}/beta/x`, { method: "POST", headers: { "content-encoding": coding }, body });
      expect([answer.status, answer.json.error.target], coding).to.deep.equal([400, "Content-Encoding"]);
    }
  });

  it("of long answers are those that the client accepts", async () => {
    const { url } = await start({ services: [fakeService(() => json(long))] });
    const plain = await bytes(`${url}/beta/x`, {});
    expect(plain.headers).to.not.have.property("content-encoding");
    expect(plain.headers.vary).to.equal("Accept, Accept-Encoding, OData-MaxVersion");
    const gzipped = await bytes(`${url}/beta/x`, { "accept-encoding": "gzip, deflate" });
    expect(gzipped.headers["content-encoding"]).to.equal("gzip");
    expect(gunzipSync(gzipped.body).equals(plain.body)).to.equal(true);
    const brotli = await bytes(`${url}/beta/x`, { "accept-encoding": "gzip, deflate, br" });
    expect(brotli.headers["content-encoding"]).to.equal("br");
    expect(brotliDecompressSync(brotli.body).equals(plain.body)).to.equal(true);
    expect(brotli.body.length).to.be.below(plain.body.length / 10);
  });

  it("of streams are made as they are sent", async () => {
    const chunks = Array.from({ length: 100 }, (_, index) => `{"chunk":${index}}`);
    const headers = { "content-type": "application/json" };
    const service = fakeService(() => ({ status: 200, headers, body: Readable.from(chunks) }));
    const { url } = await start({ services: [service] });
    const { headers: answered, body } = await bytes(`${url}/beta/x`, { "accept-encoding": "gzip" });
    expect(answered["content-encoding"]).to.equal("gzip");
    expect(gunzipSync(body).toString()).to.equal(chunks.join(""));
  });

  it("of a stream that fails at once is none: the error is answered", async () => {
    const service = fakeService(() => ({
      status: 200,
      headers: { "content-type": "application/json" },
      body: new Readable({ read: () => undefined, construct: (done) => done(new Error("no")) }),
    }));
    const { url } = await start({ services: [service] });
    expect((await call(`${url}/beta/x`, { headers: { "accept-encoding": "gzip" } })).status).to.equal(500);
  });

  it("are not for short answers, images, what has a strong ETag, what is encoded already, and requests that want none", async () => {
    const text = "x".repeat(50_000);
    for (const [headers, body] of [
      [{ "content-type": "application/json" }, "{}"],
      [{ "content-type": "image/png" }, text],
      [{ "content-type": "text/plain", etag: '"strong"' }, text],
      [{ "content-type": "application/json", "content-encoding": "br" }, text],
    ] as const) {
      const { url } = await start({ services: [fakeService(() => ({ status: 200, headers, body }))] });
      const answer = await bytes(`${url}/beta/x`, { "accept-encoding": "gzip" });
      expect(answer.body.toString()).to.equal(body);
      expect(answer.headers["content-length"]).to.equal(String(body.length));
    }
  });
});

describe("a method that is overridden", () => {
  const { start, stop } = servers();
  afterEach(stop);
  const methodOf = async (url: string, method: string, headers: Record<string, string>) => {
    const answer = await call(`${url}/beta/x`, { method, headers });
    return answer.status === 200 ? (answer.json.method as string) : answer.status;
  };

  it("is that of a header, for a POST", async () => {
    const { url } = await start();
    expect(await methodOf(url, "POST", { "x-http-method": "PATCH" })).to.equal("PATCH");
    expect(await methodOf(url, "POST", { "x-http-method-override": "delete" })).to.equal("DELETE");
    expect(await methodOf(url, "POST", { "x-http-method": "PUT", "x-http-method-override": "PUT" })).to.equal("PUT");
  });

  it("is its own for any other", async () => {
    const { url } = await start();
    for (const method of ["GET", "PUT", "DELETE"])
      expect(await methodOf(url, method, { "x-http-method": "PATCH" })).to.equal(method);
  });

  it("is refused where headers contradict each other, or name none: 400", async () => {
    const { url } = await start();
    expect(await methodOf(url, "POST", { "x-http-method": "PUT", "x-http-method-override": "PATCH" })).to.equal(400);
    for (const name of ["TRACE", "CONNECT", "", "PATCH, PATCH"])
      expect(await methodOf(url, "POST", { "x-http-method": name }), name).to.equal(400);
  });

  it("decides on access", async () => {
    const asked: string[] = [];
    const access = {
      anonymous: (method: string) => asked.push(method) > 0,
      scopes: () => [],
    };
    const authenticator = { authenticate: () => ({ subject: "me", scopes: new Set<string>(), expiresAt: Infinity }) };
    const { url } = await start({ services: [fakeService(undefined, { access })], authenticator });
    await methodOf(url, "POST", { "x-http-method": "DELETE" });
    expect(new Set(asked)).to.deep.equal(new Set(["DELETE"]));
  });
});
