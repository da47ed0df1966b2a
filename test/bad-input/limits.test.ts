import { connect } from "node:net";
import { expect } from "chai";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import { configurations, created, expectError, expectRefused, root, stored } from "./support.js";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("too much, too slow, cut off", () => {
  let graph: GraphServer;
  let id: string;
  before(async () => {
    graph = await startGraph({
      limits: { bodyTimeoutMs: 150, headersTimeoutMs: 200, maxBodyBytes: 10_000, maxUrlLength: 2_000, lingerMs: 100 },
    });
    id = await created(graph, configurations, root);
  });
  after(() => graph.close());

  /** Bytes over a plain socket, in pieces with a pause behind each; everything that came back. */
  const raw = (pieces: readonly (string | Buffer)[], pauseMs = 20, cut = false) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(graph.origin).port), "127.0.0.1");
      let text = "";
      let answered: NodeJS.Timeout | undefined;
      socket.on("data", (chunk) => {
        text += chunk.toString("utf8");
        // Connections that are kept alive would hold us up.
        answered ??= setTimeout(() => socket.destroy(), 200);
      });
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(text));
      void (async () => {
        for (const piece of pieces) {
          if (socket.destroyed) return;
          socket.write(piece);
          await sleep(pauseMs);
        }
        if (cut) socket.destroy();
      })().catch(reject);
    });
  const head = (method: string, path: string, length: number | "chunked", extra = "") =>
    `${method} /beta${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${graph.client.token!}\r\ncontent-type: application/json\r\n` +
    `${length === "chunked" ? "transfer-encoding: chunked" : `content-length: ${length}`}\r\n${extra}connection: close\r\n\r\n`;
  const body = JSON.stringify(root);
  const status = (text: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
  const nothingStored = async (work: () => Promise<void>) => {
    const before = await stored(graph);
    await work();
    await sleep(30);
    expect(await stored(graph)).to.equal(before);
  };

  describe("bodies", () => {
    const large = { ...root, description: "x".repeat(10_000) };
    it("too large: 413 for POST and PATCH", async () => {
      await expectRefused(graph, () => graph.client.post(configurations, large), 413, { says: "10000 bytes" });
      await expectRefused(graph, () => graph.client.patch(`${configurations}/${id}`, large), 413);
    });

    it("just small enough: taken", async () => {
      const description = "x".repeat(10_000 - JSON.stringify({ ...root, description: "" }).length);
      expect((await graph.client.post(configurations, { ...root, description })).status).to.equal(201);
      await expectRefused(
        graph,
        () => graph.client.post(configurations, { ...root, description: `${description}x` }),
        413,
      );
    });

    it("too large in chunks, without a length: 413", () =>
      nothingStored(async () => {
        const chunk = `${(5_000).toString(16)}\r\n${" ".repeat(5_000)}\r\n`;
        expect(status(await raw([head("POST", configurations, "chunked"), chunk, chunk, chunk, chunk]))).to.equal(413);
      }));

    it("announced as a terabyte: 413 before anything is sent", () =>
      nothingStored(async () => {
        expect(status(await raw([head("POST", configurations, 1e12)]))).to.equal(413);
      }));

    it("that stop coming: 408", () =>
      nothingStored(async () => {
        const answer = await raw([head("POST", configurations, body.length), body.slice(0, 20)]);
        expect(status(answer), answer).to.equal(408);
        expect(answer).to.contain('"code":"RequestTimeout"').and.contain("request-id");
      }));

    it("that come byte by byte: 408", () =>
      nothingStored(async () => {
        expect(status(await raw([head("POST", configurations, body.length), ...body]))).to.equal(408);
      }));

    it("that are cut off in the middle: nothing stored", () =>
      nothingStored(async () => {
        for (const at of [0, 1, 20, body.length - 1]) {
          expect(await raw([head("POST", configurations, body.length), body.slice(0, at)], 20, true)).to.equal("");
          await raw([head("PATCH", `${configurations}/${id}`, 100), '{"displayName":"half"}'.slice(0, at)], 20, true);
        }
      }));

    it("that are cut off between chunks, whole as JSON: nothing stored", () =>
      nothingStored(async () => {
        await raw([head("POST", configurations, "chunked"), `${body.length.toString(16)}\r\n${body}\r\n`], 30, true);
      }));

    it("longer than announced: the rest is no part of it", async () => {
      const answer = await raw([head("PATCH", `${configurations}/${id}`, 2) + '{}{"displayName":"smuggled"}']);
      expect(status(answer)).to.equal(200);
      expect((await graph.client.get(`${configurations}/${id}`)).json.displayName).to.equal("Root");
    });

    it("with a length and in chunks at once: 400", () =>
      nothingStored(async () => {
        const answer = await raw([
          head("POST", configurations, "chunked", `content-length: ${body.length}\r\n`) + `0\r\n\r\n${body}`,
        ]);
        expect(status(answer)).to.equal(400);
      }));

    it("with two lengths: 400", () =>
      nothingStored(async () => {
        expect(status(await raw([head("POST", configurations, body.length, "content-length: 1\r\n") + body]))).to.equal(
          400,
        );
      }));

    for (const length of ["-1", "abc", "1e3", "0x10", "+5", "99999999999999999999999"]) {
      it(`with a length of ${length}: 4xx`, () =>
        nothingStored(async () => {
          expect(status(await raw([head("POST", configurations, length as never) + body]))).to.be.oneOf([400, 413]);
        }));
    }

    it("in malformed chunks: 400", () =>
      nothingStored(async () => {
        for (const chunk of ["zz\r\nabc\r\n", "5\r\nabcdefgh\r\n", "-1\r\n\r\n"]) {
          expect(status(await raw([head("POST", configurations, "chunked") + chunk]))).to.equal(400);
        }
      }));

    it("of a DELETE are passed over", async () => {
      const other = await created(graph, configurations, root);
      expect((await graph.client.call("DELETE", `${configurations}/${other}`, { body: "{ nonsense" })).status).to.equal(
        204,
      );
    });
  });

  describe("URLs and headers", () => {
    it("a URL that is too long: 414", async () => {
      expectError(await graph.client.get(`${configurations}/${"x".repeat(2_000)}`), 414, { says: "2000 characters" });
      expectError(await graph.client.get(`${configurations}?$filter=${"x".repeat(2_000)}`), 414);
    });
    it("a URL that is longer than all headers may be: 414 or 431", async () => {
      expect(status(await raw([`GET /beta/${"x".repeat(200_000)} HTTP/1.1\r\nhost: a\r\n\r\n`]))).to.be.oneOf([
        414, 431,
      ]);
    });
    it("headers that are too large: 431", async () => {
      expect(status(await raw([`GET /beta/ HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(200_000)}\r\n\r\n`]))).to.equal(431);
    });
    it("headers that stop coming: 408", async () => {
      expect(status(await raw(["GET /beta/ HTTP/1.1\r\nhost: a\r\n"]))).to.equal(408);
    });
    for (const request of [
      "nonsense\r\n\r\n",
      "GET\r\n\r\n",
      "GET /beta/ HTTP/9.9\r\n\r\n",
      "\0\0\0\r\n\r\n",
      "GET /beta/ HTTP/1.1\r\n\r\n",
      "GET /beta/ HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
      "GET /beta/ HTTP/1.1\r\nhost: a b\r\n\r\n",
      "GET /beta/ HTTP/1.1\r\nhost: a\r\nx\0y: z\r\n\r\n",
      'GET /beta/ HTTP/1.1\r\nhost: "a"\r\n\r\n',
      "GET /beta/a b HTTP/1.1\r\nhost: a\r\n\r\n",
    ]) {
      it(`${JSON.stringify(request.slice(0, 60))}: 400`, async () => {
        expect(status(await raw([request]))).to.equal(400);
      });
    }
    it("a URL with bytes that are no ASCII: an error and no more", async () => {
      expect(
        status(
          await raw([
            Buffer.from(
              `GET /beta/d\u00e4 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${graph.client.token!}\r\nconnection: close\r\n\r\n`,
              "latin1",
            ),
          ]),
        ),
      ).to.be.oneOf([400, 404]);
    });
  });

  it("after all of this the service still answers", async () => {
    expect((await graph.client.get(`${configurations}/${id}`)).status).to.equal(200);
  });
});
