import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createServer } from "../../src/http/index.js";
import type { HttpLimits, ODatumServer } from "../../src/http/index.js";
import { createService } from "../../src/index.js";
import type { Service } from "../../src/index.js";
import { CHUNK_BYTES } from "../../src/storage/index.js";
import { Gallery } from "../support/gallery.js";
import { call, open, raw } from "./support.js";

const MB = 1024 * 1024;

describe("contents on the wire", () => {
  const folders: string[] = [];
  let service: Service;
  let server: ODatumServer;
  let port: number;
  let url: string;

  async function start(limits: Partial<HttpLimits> = {}): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "odatum-media-"));
    folders.push(folder);
    service = await createService(Gallery, {
      database: { url: `sqlite:${join(folder, "store.db")}`, synchronous: "NORMAL" },
      maxMediaBytes: 8 * MB,
    });
    server = createServer({
      host: "127.0.0.1",
      port: 0,
      services: [
        {
          path: "/gallery",
          handle: (request) => service.handle(request),
          takesStream: (request) => service.takesStream(request),
        },
      ],
      limits: { maxBodyBytes: 1_000, lingerMs: 500, ...limits },
    });
    const listening = await server.listen();
    port = listening.port;
    url = `${listening.url}/gallery`;
    const created = await call(`${url}/Artists`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"id":1}',
    });
    expect(created.status).to.equal(201);
  }
  afterEach(async () => {
    await server.close(1_000);
    await service.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  const rows = async (table: string): Promise<number> => {
    const [row] = await service.database.reader.rows(`select count(*) as n from ${table}`, []);
    return Number(row![0]);
  };
  const head = (path: string, lines: readonly string[]): string =>
    [`PUT /gallery${path} HTTP/1.1`, "Host: localhost", "Content-Type: image/png", ...lines, "", ""].join("\r\n");
  /** Until something is so: for what happens when a connection has ended. */
  const until = async (is: () => Promise<boolean>): Promise<void> => {
    while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it("are as long as the service allows, whatever other bodies may be", async () => {
    await start();
    const body = Buffer.alloc(5 * MB, "content");
    const headers = { "content-type": "image/png" };
    const answer = await call(`${url}/Artists(1)/portrait`, { method: "PUT", headers, body });
    expect(answer.status).to.equal(204);
    const read = await call(`${url}/Artists(1)/portrait`, { headers: { "accept-encoding": "gzip" } });
    expect(read.status).to.equal(200);
    expect(read.headers).to.include({ "content-length": String(body.length), "x-content-type-options": "nosniff" });
    expect(read.headers["content-encoding"]).to.equal(undefined);
    expect(read.text === body.toString()).to.equal(true);
    const json = { method: "POST", headers: { "content-type": "application/json" }, body: Buffer.alloc(1_001) };
    expect((await call(`${url}/Artists`, json)).status).to.equal(413);
  });

  it("are not encoded where they are texts: their parts and their ETags are those of the bytes", async () => {
    await start();
    const headers = { "content-type": "audio/ogg" };
    await call(`${url}/Artists(1)/voice`, {
      method: "PUT",
      headers: { "content-type": "text/plain" },
      body: "a".repeat(100_000),
    });
    const answer = await call(`${url}/Artists(1)/voice`, {
      headers: { "accept-encoding": "gzip", range: "bytes=10-19" },
    });
    expect(headers).to.be.an("object");
    expect(answer.status).to.equal(206);
    expect(answer.headers["content-encoding"]).to.equal(undefined);
    expect(answer.text).to.equal("a".repeat(10));
  });

  it("are refused unread where they are too long, and the client is not told to send them", async () => {
    await start();
    const lines = [`Content-Length: ${9 * MB}`, "Expect: 100-continue"];
    const answer = await raw(port, head("/Artists(1)/portrait", lines));
    expect(answer).to.match(/^HTTP\/1\.1 413 /);
    expect(answer).to.not.include("100 Continue");
  });

  it("are refused unread where their entity is not there", async () => {
    await start();
    const lines = [`Content-Length: ${MB}`, "Expect: 100-continue"];
    expect(await raw(port, head("/Artists(2)/portrait", lines))).to.match(/^HTTP\/1\.1 404 /);
  });

  it("are asked for where the client waits for that", async () => {
    await start();
    const socket = await open(port);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.endsWith("100 Continue\r\n\r\n")) socket.write("12345");
      if (text.includes("204")) socket.destroy();
    });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(head("/Artists(1)/portrait", ["Content-Length: 5", "Expect: 100-continue"]));
    await closed;
    expect(text).to.match(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 204 /);
  });

  it("are refused when they have become too long", async () => {
    await start();
    const socket = await open(port);
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(head("/Artists(1)/portrait", ["Transfer-Encoding: chunked"]));
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(MB), Buffer.from("\r\n")]);
    for (let count = 0; count < 12; count++) socket.write(chunk);
    await closed;
    expect(text).to.match(/^HTTP\/1\.1 413 /);
    expect(await rows("odata_media")).to.equal(0);
  });

  it("leave nothing where the connection breaks off", async () => {
    await start();
    const socket = await open(port);
    socket.write(head("/Artists(1)/portrait", [`Content-Length: ${4 * MB}`]));
    socket.write(Buffer.alloc(MB));
    await until(async () => (await rows("odata_media_chunk")) > 0);
    socket.destroy();
    await until(async () => (await rows("odata_media")) === 0);
    expect(await rows("odata_media_chunk")).to.equal(0);
    expect((await call(`${url}/Artists(1)/portrait`)).status).to.equal(204);
  });

  it("are waited for no longer than they may take", async () => {
    await start({ bodyTimeoutMs: 100 });
    const answer = await raw(port, `${head("/Artists(1)/portrait", [`Content-Length: ${MB}`])}abc`);
    expect(answer).to.match(/^HTTP\/1\.1 408 /);
    expect(await rows("odata_media")).to.equal(0);
  });

  it("may take long, but not for ever", async () => {
    await start({ bodyTimeoutMs: 10_000, uploadTimeoutMs: 100 });
    const answer = await raw(port, `${head("/Artists(1)/portrait", [`Content-Length: ${MB}`])}abc`);
    expect(answer).to.match(/^HTTP\/1\.1 408 /);
  });

  it("hold up nobody else who writes while they arrive", async () => {
    await start();
    const socket = await open(port);
    socket.write(head("/Artists(1)/portrait", [`Content-Length: ${2 * CHUNK_BYTES}`]));
    socket.write(Buffer.alloc(CHUNK_BYTES));
    await until(async () => (await rows("odata_media_chunk")) === 1);
    const headers = { "content-type": "application/json" };
    const answer = await call(`${url}/Artists(1)`, { method: "PATCH", headers, body: '{"name":"meanwhile"}' });
    expect(answer.status).to.be.oneOf([200, 204]);
    socket.end(Buffer.alloc(CHUNK_BYTES));
    await until(async () => (await rows("odata_media_use")) === 1);
  });

  it("break the connection where they end too early", async () => {
    await start();
    const body = Buffer.alloc(4 * MB, "x");
    const headers = { "content-type": "image/png" };
    await call(`${url}/Artists(1)/portrait`, { method: "PUT", headers, body });
    const last = await service.database.reader.rows("select max(start) as s from odata_media_chunk", []);
    await service.database.transaction((transaction) =>
      transaction.run("delete from odata_media_chunk where start = ?", [Number(last[0]![0])]),
    );
    let failed = false;
    await call(`${url}/Artists(1)/portrait`).catch(() => (failed = true));
    expect(failed).to.equal(true);
    // And nothing else.
    expect((await call(`${url}/Artists(1)`)).status).to.equal(200);
  });
});
