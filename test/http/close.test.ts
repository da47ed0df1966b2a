import { expect } from "chai";
import { Agent } from "node:http";
import { Readable } from "node:stream";
import { gate } from "../support/stores.js";
import { call, fakeService, json, open, servers, sleep } from "./support.js";

describe("http server close", () => {
  const { start, stop } = servers();
  afterEach(stop);

  it("lets the request in flight finish, and takes no other", async () => {
    const { opened: begun, open: begin } = gate();
    const { opened: finished, open: finish } = gate();
    const { url, server } = await start({
      services: [
        fakeService(async () => {
          begin();
          await finished;
          return json("done");
        }),
      ],
    });
    const agent = new Agent({ keepAlive: true });
    const inFlight = call(`${url}/beta/x`, { agent });
    await begun;
    const closed = server.close();
    const refused = await call(`${url}/beta/x`).catch((error: NodeJS.ErrnoException) => error.code);
    expect(refused).to.equal("ECONNREFUSED");
    finish();
    const answer = await inFlight;
    expect([answer.status, answer.json, answer.headers.connection]).to.deep.equal([200, "done", "close"]);
    await closed;
    agent.destroy();
  });

  it("closes connections that wait, used or not, at once", async () => {
    const { url, port, server } = await start();
    const agent = new Agent({ keepAlive: true });
    await call(`${url}/beta/x`, { agent });
    const fresh = await open(port);
    const half = await open(port);
    half.write("GET /beta/x HTTP/1.1\r\n");
    await sleep(10);
    const before = Date.now();
    await server.close();
    expect(Date.now() - before).to.be.lessThan(500);
    fresh.destroy();
    half.destroy();
    agent.destroy();
  });

  it("waits for a stream that began before, and closes its connection", async () => {
    async function* slowly(): AsyncGenerator<string> {
      for (const part of ["a", "b", "c"]) {
        yield part;
        await sleep(25);
      }
    }
    const { url, server } = await start({
      services: [fakeService(() => ({ status: 200, headers: {}, body: Readable.from(slowly()) }))],
    });
    const agent = new Agent({ keepAlive: true });
    const streaming = call(`${url}/beta/x`, { agent });
    await sleep(30);
    const before = Date.now();
    await Promise.all([server.close(), streaming]);
    expect((await streaming).text).to.equal("abc");
    expect(Date.now() - before).to.be.lessThan(1000);
    agent.destroy();
  });

  it("is unwell meanwhile", async () => {
    const { port, server } = await start({
      services: [
        fakeService(async () => {
          await sleep(60);
          return json("done");
        }),
      ],
    });
    const socket = await open(port);
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    // Pipelined, so that the later two are read while the first keeps the connection.
    socket.write("GET /beta/x HTTP/1.1\r\nHost: a\r\n\r\n");
    await sleep(20);
    const closed = server.close();
    socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /beta/y HTTP/1.1\r\nHost: a\r\n\r\n");
    await closed;
    await sleep(5);
    expect(text).to.match(/^HTTP\/1\.1 200 [^]*"done"/);
    expect(text).not.to.contain('"status":"ok"');
  });

  it("cuts what takes too long", async () => {
    const { url, server } = await start({ services: [fakeService(() => new Promise(() => undefined))] });
    const pending = call(`${url}/beta/x`).catch((error: NodeJS.ErrnoException) => error.code);
    await sleep(20);
    const before = Date.now();
    await server.close(50);
    expect(Date.now() - before).to.be.within(40, 1000);
    expect(await pending).to.equal("ECONNRESET");
  });

  it("can be called twice, and before listen", async () => {
    const { server } = await start();
    await Promise.all([server.close(), server.close()]);
    await server.close();
  });
});
