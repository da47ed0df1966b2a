import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { expect } from "chai";
import fc from "fast-check";
import type { ODataRequest, ODataResponse, Service } from "../../src/index.js";
import { createService, ODataError } from "../../src/index.js";
import { CHUNK_BYTES } from "../../src/storage/index.js";
import { Gallery } from "../support/gallery.js";
import { freshStores, storeKinds } from "../support/stores.js";
import type { StoreKind } from "../support/stores.js";

type Headers = Readonly<Record<string, string>>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly json: Record<string, unknown>;
}

const root = "http://example.org/gallery/";

for (const kind of storeKinds) describe(`media entities and stream properties (${kind.name})`, () => suite(kind));

function suite(kind: StoreKind): void {
  const store = freshStores(kind);
  let service: Service;

  beforeEach(async () => {
    service = await createService(Gallery, {
      database: { url: store().url, synchronous: "NORMAL" },
      maxMediaBytes: 5 * CHUNK_BYTES,
    });
  });
  afterEach(() => service.close());

  const send = async (method: string, url: string, headers: Headers = {}, body?: ODataRequest["body"]) =>
    answerOf(await handled(service, { method, url, headers, body, serviceRoot: root }));
  const get = (url: string, headers?: Headers) => send("GET", url, headers);
  const put = (url: string, body: Buffer | string, headers: Headers = { "content-type": "image/png" }) =>
    send("PUT", url, headers, body);
  const addArtist = (id: number) =>
    send("POST", "/Artists", { "content-type": "application/json" }, JSON.stringify({ id, name: `artist ${id}` }));
  const addPicture = async (body: Buffer | string = "bytes", headers: Headers = {}) => {
    const answer = await send("POST", "/Pictures", { "content-type": "image/png", ...headers }, body);
    expect(answer.status).to.equal(201);
    return { ...answer, url: answer.headers.location!.slice(root.length - 1) };
  };

  describe("a media entity", () => {
    it("is created of its content, with what there is to tell of it", async () => {
      const { headers, json, url } = await addPicture("12345", { slug: "On%20the%20b%C3%A9ach%0A, a very long name" });
      expect(url).to.match(/^\/Pictures\([0-9a-f-]{36}\)$/);
      expect(headers["content-type"]).to.match(/^application\/json/);
      expect(json).to.include({ name: "On the béach, a very", mediaType: "image/png", bytes: 5 });
      expect(json["@odata.context"]).to.equal(`${root}$metadata#Pictures/$entity`);
      expect(json["@odata.mediaContentType"]).to.equal("image/png");
      const content = await get(`${url}/$value`);
      expect(content.status).to.equal(200);
      expect(content.bytes.toString()).to.equal("12345");
      expect(content.headers).to.include({
        "content-type": "image/png",
        "content-length": "5",
        "content-disposition": "attachment",
        "accept-ranges": "bytes",
        "odata-version": "4.01",
      });
      expect(content.headers.etag).to.equal(json["@odata.mediaEtag"]);
    });

    it("is created of JSON as of anything else", async () => {
      const { json, url } = await addPicture('{"name":"no name"}', { "content-type": "application/json" });
      expect(json).to.include({ name: "", mediaType: "application/json", bytes: 18 });
      expect((await get(`${url}/$value`)).bytes.toString()).to.equal('{"name":"no name"}');
    });

    it("is created without an answer, and of nothing", async () => {
      const answer = await send("POST", "/Pictures", { "content-type": "text/plain", prefer: "return=minimal" });
      expect(answer.status).to.equal(204);
      expect(answer.headers["odata-entityid"]).to.equal(answer.headers.location);
      expect(answer.headers["preference-applied"]).to.equal("return=minimal");
      const content = await get(`${answer.headers.location!.slice(root.length - 1)}/$value`);
      expect(content.status).to.equal(200);
      expect(content.headers["content-length"]).to.equal("0");
    });

    it("is created below another entity", async () => {
      await addArtist(1);
      const answer = await send("POST", "/Artists(1)/pictures", { "content-type": "image/png" }, "x");
      expect(answer.status).to.equal(201);
      const url = answer.headers.location!.slice(root.length - 1);
      expect((await get(`${url}/artist`)).json.id).to.equal(1);
      expect((await get(`${url}/$value`)).bytes.toString()).to.equal("x");
    });

    it("needs a media type that is one", async () => {
      for (const type of [
        undefined,
        "",
        "image",
        "image/*",
        "text/plain;charset",
        'a/b;c="',
        "a/b\u00e9",
        `a/${"b".repeat(300)}`,
      ]) {
        const headers = type === undefined ? {} : { "content-type": type };
        expect((await send("POST", "/Pictures", headers, "x")).status, type).to.equal(415);
      }
      const long = await send("POST", "/Pictures", { "content-type": `a/${"b".repeat(59)}` }, "x");
      expect(long.status).to.equal(415);
      expect((await get("/Pictures/$count")).bytes.toString()).to.equal("0");
    });

    it("gets another content", async () => {
      const { url, json: before } = await addPicture();
      const answer = await put(`${url}/$value`, "<p>", { "content-type": "text/html; charset=utf-8" });
      expect(answer.status).to.equal(204);
      expect(answer.headers.etag).to.be.a("string");
      const content = await get(`${url}/$value`);
      expect(content.bytes.toString()).to.equal("<p>");
      expect(content.headers).to.include({ "content-type": "text/html; charset=utf-8", etag: answer.headers.etag! });
      const { json } = await get(url);
      expect(json).to.include({ mediaType: "text/html; charset=utf-8", bytes: 3, id: before.id });
      expect(json["@odata.mediaEtag"]).to.equal(answer.headers.etag);
    });

    it("answers with the entity as it is then where that is preferred", async () => {
      const { url } = await addPicture();
      const headers = { "content-type": "text/plain", prefer: "return=representation", accept: "*/*" };
      const answer = await put(`${url}/$value`, "new", headers);
      expect(answer.status).to.equal(200);
      expect(answer.json).to.deep.equal((await get(url)).json);
      expect(answer.json).to.include({ mediaType: "text/plain", bytes: 3 });
      expect(answer.headers["preference-applied"]).to.equal("return=representation");
    });

    it("stays as it is where the entity that is preferred as the answer cannot be had in the client's format", async () => {
      const { url } = await addPicture("old");
      const headers = { "content-type": "text/plain", prefer: "return=representation", accept: "text/plain" };
      expect((await put(`${url}/$value`, "new", headers)).status).to.equal(406);
      expect((await get(`${url}/$value`)).bytes.toString()).to.equal("old");
    });

    it("goes with its content", async () => {
      const { url } = await addPicture();
      expect((await send("DELETE", `${url}/$value`)).status).to.equal(204);
      expect((await get(url)).status).to.equal(404);
      expect((await get(`${url}/$value`)).status).to.equal(404);
      const other = await addPicture();
      expect((await send("DELETE", other.url)).status).to.equal(204);
      expect((await get(`${other.url}/$value`)).status).to.equal(404);
    });

    it("goes with the content that the client knows, and with no other", async () => {
      const { url, json } = await addPicture();
      expect((await send("DELETE", `${url}/$value`, { "if-match": '"other"' })).status).to.equal(412);
      const etag = String(json["@odata.mediaEtag"]);
      expect((await send("DELETE", `${url}/$value`, { "if-match": etag })).status).to.equal(204);
    });

    it("goes with the entity that it belongs to", async () => {
      await addArtist(1);
      const answer = await send("POST", "/Artists(1)/pictures", { "content-type": "image/png" }, "x");
      await send("DELETE", "/Artists(1)");
      expect((await get(`${answer.headers.location!.slice(root.length - 1)}/$value`)).status).to.equal(404);
    });

    it("cannot have its media type changed without its content", async () => {
      const { url } = await addPicture();
      const headers = { "content-type": "application/json" };
      const answer = await send("PATCH", url, headers, JSON.stringify({ mediaType: "a/b", bytes: 7, name: "n" }));
      expect(answer.status).to.be.oneOf([200, 204]);
      expect((await get(url)).json).to.include({ mediaType: "image/png", bytes: 5, name: "n" });
    });

    it("has no other content than its own", async () => {
      await addArtist(1);
      expect((await get("/Artists(1)/$value")).status).to.equal(400);
      expect((await get("/Pictures/$value")).status).to.equal(404);
      expect((await get("/Pictures(00000000-0000-0000-0000-000000000000)/$value")).status).to.equal(404);
      expect((await put("/Pictures(00000000-0000-0000-0000-000000000000)/$value", "x")).status).to.equal(404);
    });

    it("takes no other methods", async () => {
      const { url } = await addPicture();
      for (const method of ["PATCH", "POST"]) {
        const answer = await send(method, `${url}/$value`, { "content-type": "image/png" }, "x");
        expect(answer.status).to.equal(405);
        expect(answer.headers.allow).to.equal("GET, HEAD, PUT, DELETE");
      }
    });
  });

  describe("a stream property", () => {
    beforeEach(() => addArtist(1));

    it("is null, gets a content, another one, and is null again", async () => {
      expect((await get("/Artists(1)/portrait")).status).to.equal(204);
      expect((await put("/Artists(1)/portrait", "one")).status).to.equal(204);
      expect((await get("/Artists(1)/portrait")).bytes.toString()).to.equal("one");
      expect((await get("/Artists(1)")).json).to.include({ portraitSize: 3, version: 2 });
      expect((await put("/Artists(1)/portrait", "", { "content-type": "image/gif" })).status).to.equal(204);
      const empty = await get("/Artists(1)/portrait");
      expect(empty.status).to.equal(200);
      expect(empty.headers).to.include({ "content-type": "image/gif", "content-length": "0" });
      expect((await send("DELETE", "/Artists(1)/portrait")).status).to.equal(204);
      expect((await get("/Artists(1)/portrait")).status).to.equal(204);
      expect((await get("/Artists(1)")).json).to.include({ portraitSize: null, version: 4 });
    });

    it("takes only what it says it takes", async () => {
      const answer = await put("/Artists(1)/portrait", "x", { "content-type": "text/html" });
      expect(answer.status).to.equal(415);
      expect(answer.headers.accept).to.equal("image/*");
      expect((await put("/Artists(1)/portrait", "x", { "content-type": "IMAGE/Gif;a=b" })).status).to.equal(204);
      expect((await put("/Artists(1)/voice", "x", { "content-type": "audio/ogg" })).status).to.equal(204);
    });

    it("stays where it must not be null", async () => {
      await put("/Artists(1)/voice", "x");
      const answer = await send("DELETE", "/Artists(1)/voice");
      expect(answer.status).to.be.oneOf([400, 405]);
      expect((await get("/Artists(1)/voice")).status).to.equal(200);
    });

    it("lies beside a document and below a key of two parts", async () => {
      const page = JSON.stringify({ book: "a b", number: 3, title: "t" });
      expect((await send("POST", "/Pages", { "content-type": "application/json" }, page)).status).to.equal(201);
      const url = "/Pages(book='a%20b',number=3)";
      expect((await put(`${url}/scan`, "page")).status).to.equal(204);
      expect((await get(`${url}/scan`)).bytes.toString()).to.equal("page");
      const { json } = await get(url);
      expect(json).to.include({ title: "t", "scan@odata.mediaContentType": "image/png" });
      expect(json).to.not.have.property("scan");
    });

    it("cannot be reached where its entity is not, nor by another name", async () => {
      expect((await get("/Artists(9)/portrait")).status).to.equal(404);
      expect((await put("/Artists(9)/portrait", "x")).status).to.equal(404);
      expect((await get("/Artists(1)/portrat")).status).to.equal(404);
      expect((await get("/Artists(1)/portrait/$value")).status).to.equal(400);
    });
  });

  describe("what payloads tell", () => {
    const full = { accept: "application/json;odata.metadata=full" };

    it("is the ETag and the media type, and where they follow convention no links", async () => {
      await addArtist(1);
      const { json: before } = await get("/Artists(1)");
      expect(Object.keys(before).filter((name) => /media|portrait@|voice/.test(name))).to.deep.equal([]);
      const { headers } = await put("/Artists(1)/portrait", "x");
      const { json } = await get("/Artists(1)");
      expect(json).to.include({
        "portrait@odata.mediaEtag": headers.etag!,
        "portrait@odata.mediaContentType": "image/png",
      });
      expect(Object.keys(json).some((name) => name.includes("Link"))).to.equal(false);
      const { json: list } = await get("/Artists?$select=portrait");
      expect((list.value as object[])[0]).to.include({ "portrait@odata.mediaContentType": "image/png" });
      const { json: unselected } = await get("/Artists(1)?$select=name");
      expect(unselected).to.not.have.property("portrait@odata.mediaContentType");
    });

    it("has links at full metadata, and nothing without metadata", async () => {
      const { url } = await addPicture();
      const id = `${root.slice(0, -1)}${url}`;
      const { json } = await get(url, full);
      expect(json).to.include({
        "@odata.mediaReadLink": `${id}/$value`,
        "@odata.mediaEditLink": `${id}/$value`,
        "@odata.mediaContentType": "image/png",
      });
      expect(json["@odata.mediaEtag"]).to.be.a("string");
      await addArtist(1);
      await put("/Artists(1)/portrait", "x");
      const { json: artist } = await get("/Artists(1)", full);
      for (const name of ["portrait", "voice"]) {
        expect(artist).to.include({
          [`${name}@odata.mediaReadLink`]: `${root}Artists(1)/${name}`,
          [`${name}@odata.mediaEditLink`]: `${root}Artists(1)/${name}`,
        });
      }
      const { json: bare } = await get("/Artists(1)", { accept: "application/json;odata.metadata=none" });
      expect(Object.keys(bare).filter((name) => name.includes("@"))).to.deep.equal([]);
    });

    it("tells of expanded entities, too", async () => {
      await addArtist(1);
      await send("POST", "/Artists(1)/pictures", { "content-type": "image/png" }, "x");
      const { json } = await get("/Artists(1)?$expand=pictures");
      expect((json.pictures as object[])[0]).to.include({ "@odata.mediaContentType": "image/png" });
    });

    it("may be sent back", async () => {
      await addArtist(1);
      await put("/Artists(1)/portrait", "x");
      const { json } = await get("/Artists(1)", full);
      const answer = await send("PATCH", "/Artists(1)", { "content-type": "application/json" }, JSON.stringify(json));
      expect(answer.status).to.be.oneOf([200, 204]);
      expect((await get("/Artists(1)/portrait")).bytes.toString()).to.equal("x");
    });
  });

  describe("conditions", () => {
    it("protect a content from being overwritten", async () => {
      await addArtist(1);
      const url = "/Artists(1)/portrait";
      const type = { "content-type": "image/png" };
      expect((await put(url, "x", { ...type, "if-match": "*" })).status).to.equal(412);
      const first = await put(url, "x", { ...type, "if-none-match": "*" });
      expect(first.status).to.equal(204);
      expect((await put(url, "y", { ...type, "if-none-match": "*" })).status).to.equal(412);
      expect((await put(url, "y", { ...type, "if-match": '"other"' })).status).to.equal(412);
      expect((await put(url, "y", { ...type, "if-match": first.headers.etag! })).status).to.equal(204);
      expect((await put(url, "z", { ...type, "if-match": first.headers.etag! })).status).to.equal(412);
      expect((await send("DELETE", url, { "if-match": first.headers.etag! })).status).to.equal(412);
      expect((await get(url)).bytes.toString()).to.equal("y");
    });

    it("are checked again when the content has arrived", async () => {
      await addArtist(1);
      const { headers } = await put("/Artists(1)/portrait", "old");
      async function* slow() {
        yield Buffer.from("late");
        expect((await put("/Artists(1)/portrait", "early")).status).to.equal(204);
      }
      const answer = await answerOf(
        await handled(service, {
          method: "PUT",
          url: "/Artists(1)/portrait",
          headers: { "content-type": "image/png", "if-match": headers.etag! },
          content: slow(),
          serviceRoot: root,
        }),
      );
      expect(answer.status).to.equal(412);
      expect((await get("/Artists(1)/portrait")).bytes.toString()).to.equal("early");
      expect(await contents()).to.equal(2);
    });

    it("spare the client what it has", async () => {
      const { url } = await addPicture();
      const { headers } = await get(`${url}/$value`);
      for (const condition of [
        { "if-none-match": headers.etag! },
        { "if-none-match": `"a", W/${headers.etag!}` },
        { "if-modified-since": headers["last-modified"]! },
      ]) {
        const answer = await get(`${url}/$value`, condition);
        expect(answer.status).to.equal(304);
        expect(answer.headers.etag).to.equal(headers.etag);
        expect(answer.bytes.length).to.equal(0);
      }
      expect((await get(`${url}/$value`, { "if-none-match": '"other"' })).status).to.equal(200);
      expect((await get(`${url}/$value`, { "if-match": '"other"' })).status).to.equal(412);
    });
  });

  describe("a part of a content", () => {
    const size = 2 * CHUNK_BYTES + 1000;
    const bytes = randomBytes(size);
    let url: string;

    beforeEach(async () => {
      url = `${(await addPicture(bytes)).url}/$value`;
    });

    it("is what was asked for, wherever it begins and ends", async () => {
      const position = fc.oneof(fc.nat(size + 10), fc.constantFrom(0, CHUNK_BYTES - 1, CHUNK_BYTES, size - 1, size));
      const range = fc.oneof(
        fc.tuple(position, position).map(([a, b]) => ({
          text: `${Math.min(a, b)}-${Math.max(a, b)}`,
          start: Math.min(a, b),
          end: Math.max(a, b) + 1,
        })),
        position.map((start) => ({ text: `${start}-`, start, end: size })),
        position.map((length) => ({
          text: `-${length}`,
          start: length === 0 ? size : Math.max(0, size - length),
          end: size,
        })),
      );
      await fc.assert(
        fc.asyncProperty(range, async ({ text, start, end }) => {
          const answer = await get(url, { range: `bytes=${text}` });
          if (start >= size) {
            expect(answer.status).to.equal(416);
            expect(answer.headers["content-range"]).to.equal(`bytes */${size}`);
            return;
          }
          const last = Math.min(end, size);
          expect(answer.status).to.equal(206);
          expect(answer.headers["content-range"]).to.equal(`bytes ${start}-${last - 1}/${size}`);
          expect(answer.headers["content-length"]).to.equal(String(last - start));
          expect(answer.bytes.equals(bytes.subarray(start, last))).to.equal(true);
        }),
        { numRuns: 40 },
      );
    });

    it("is all of it where the range is none, or several", async () => {
      for (const range of [
        "bytes=5-2",
        "bytes=a-b",
        "bytes=",
        "bytes=-",
        "items=0-1",
        "bytes=0-1,5-6",
        `bytes=${"9".repeat(400)}-`,
      ]) {
        const answer = await get(url, { range });
        expect(answer.status, range).to.equal(200);
        expect(answer.bytes.length).to.equal(size);
      }
    });

    it("is all of it where the content is not the one that the client has begun with", async () => {
      const { headers } = await get(url, { range: "bytes=0-0" });
      const status = async (condition: string) =>
        (await get(url, { range: "bytes=1-1", "if-range": condition })).status;
      expect(await status(headers.etag!)).to.equal(206);
      expect(await status(headers["last-modified"]!)).to.equal(206);
      expect(await status(`W/${headers.etag!}`)).to.equal(200);
      expect(await status('"other"')).to.equal(200);
      expect(await status("Mon, 01 Jan 2001 00:00:00 GMT")).to.equal(200);
    });

    it("means nothing for HEAD, which has the headers of the whole", async () => {
      const answer = await send("HEAD", url, { range: "bytes=0-0" });
      expect(answer.status).to.equal(200);
      expect(answer.headers["content-length"]).to.equal(String(size));
      expect(answer.bytes.length).to.equal(0);
    });
  });

  it("answers only who takes the media type", async () => {
    const { url } = await addPicture("x", { "content-type": "text/plain;charset=utf-8" });
    const status = async (accept: string) => (await get(`${url}/$value`, { accept })).status;
    expect(await status("application/json")).to.equal(406);
    expect(await status("image/*, text/plain;q=0")).to.equal(406);
    expect(await status("text/*")).to.equal(200);
    expect(await status("image/png, */*;q=0.1")).to.equal(200);
    expect((await get(`${url}/$value?$format=json`)).status).to.be.oneOf([200, 400]);
  });

  it("refuses what is too long before it has all arrived, and keeps nothing of it", async () => {
    await addArtist(1);
    let taken = 0;
    async function* endless() {
      for (;;) {
        taken += CHUNK_BYTES;
        yield await Promise.resolve(Buffer.alloc(CHUNK_BYTES));
      }
    }
    const request = {
      method: "PUT",
      url: "/Artists(1)/portrait",
      headers: { "content-type": "image/png" },
      serviceRoot: root,
    };
    const answer = await answerOf(await handled(service, { ...request, content: endless() }));
    expect(answer.status).to.equal(413);
    expect(taken).to.be.at.most(7 * CHUNK_BYTES);
    expect(await contents()).to.equal(0);
    let begun = false;
    async function* announced() {
      begun = true;
      yield await Promise.resolve(Buffer.alloc(1));
    }
    const headers = { ...request.headers, "content-length": String(6 * CHUNK_BYTES) };
    expect((await answerOf(await handled(service, { ...request, headers, content: announced() }))).status).to.equal(
      413,
    );
    expect(begun).to.equal(false);
    expect((await get("/Artists(1)/portrait")).status).to.equal(204);
  });

  it("keeps nothing of an upload that breaks off, and leaves what was there", async () => {
    const { url } = await addPicture("old");
    async function* breaking() {
      yield Buffer.alloc(2 * CHUNK_BYTES);
      await Promise.resolve();
      throw new RangeError("the connection is gone");
    }
    for (const [method, target] of [
      ["PUT", `${url}/$value`],
      ["POST", "/Pictures"],
    ] as const) {
      const request = { method, url: target, headers: { "content-type": "image/png" }, serviceRoot: root };
      let thrown: unknown;
      try {
        await service.handle({ ...request, content: breaking() });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).to.be.instanceOf(RangeError);
    }
    expect((await get(`${url}/$value`)).bytes.toString()).to.equal("old");
    expect((await get("/Pictures/$count")).bytes.toString()).to.equal("1");
    expect(await contents()).to.equal(1);
  });

  it("gives whoever reads a content all of it while it is replaced, and deleted", async () => {
    const old = randomBytes(4 * CHUNK_BYTES);
    const { url } = await addPicture(old);
    const reading = await service.handle({ method: "GET", url: `${url}/$value`, headers: {}, serviceRoot: root });
    const body = reading.body as Readable;
    const parts: Buffer[] = [];
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      // Never more than one piece is at hand.
      expect(body.readableLength).to.be.at.most(CHUNK_BYTES);
      if (parts.length === 1) expect((await put(`${url}/$value`, "new")).status).to.equal(204);
      if (parts.length === 2) expect((await send("DELETE", url)).status).to.equal(204);
    }
    expect(Buffer.concat(parts).equals(old)).to.equal(true);
  });

  it("has one of several contents that are put at the same time", async () => {
    await addArtist(1);
    const bodies = [1, 2, 3, 4].map((number) => Buffer.alloc(CHUNK_BYTES + number, number));
    const answers = await Promise.all(bodies.map((body) => put("/Artists(1)/portrait", body)));
    for (const { status } of answers) expect(status).to.equal(204);
    const { bytes } = await get("/Artists(1)/portrait");
    expect(bodies.some((body) => body.equals(bytes))).to.equal(true);
    expect((await get("/Artists(1)")).json).to.include({ portraitSize: bytes.length, version: 5 });
  });

  it("takes contents in batches, all of a group or nothing", async () => {
    await addArtist(1);
    const batch = async (...requests: object[]) => {
      const headers = { "content-type": "application/json" };
      const answer = await send("POST", "/$batch", headers, JSON.stringify({ requests }));
      expect(answer.status).to.equal(200);
      return answer.json.responses as { status: number; headers: Headers; body: unknown }[];
    };
    const group = (id: string, method: string, url: string, body: unknown, type: string) => ({
      id,
      atomicityGroup: "g",
      method,
      url,
      headers: { "content-type": type },
      body,
    });
    const content = Buffer.from("a content").toString("base64url");
    const good = await batch(
      group("1", "PUT", "Artists(1)/portrait", content, "image/png"),
      group("2", "PATCH", "Artists(1)", { name: "n" }, "application/json"),
      { id: "3", method: "GET", url: "Artists(1)/portrait", dependsOn: ["g"] },
    );
    expect(good.map(({ status }) => status).slice(1)).to.deep.equal([good[1]!.status, 200]);
    expect(good[0]!.status).to.equal(204);
    expect(good[2]!.body).to.equal(content);
    expect((await get("/Artists(1)/portrait")).bytes.toString()).to.equal("a content");
    const before = await contents();
    const bad = await batch(
      group("1", "PUT", "Artists(1)/portrait", Buffer.from("other").toString("base64url"), "image/png"),
      group("2", "PATCH", "Artists(2)/name", {}, "application/json"),
    );
    expect(bad.some(({ status }) => status >= 400)).to.equal(true);
    expect((await get("/Artists(1)/portrait")).bytes.toString()).to.equal("a content");
    expect(await contents()).to.equal(before);
  });

  it("takes no content within the entity", async () => {
    const create = (body: object) =>
      send("POST", "/Artists", { "content-type": "application/json" }, JSON.stringify(body));
    expect((await create({ id: 5, portrait: "eA" })).status).to.equal(400);
    expect((await create({ id: 5, portrait: null })).status).to.equal(201);
    await put("/Artists(5)/portrait", "x");
    const change = await send("PATCH", "/Artists(5)", { "content-type": "application/json" }, '{"portrait":null}');
    expect(change.status).to.equal(400);
    expect((await get("/Artists(5)/portrait")).status).to.equal(200);
  });

  it("says which requests bring a content", () => {
    const takes = (method: string, url: string, headers: Headers = {}) => service.takesStream({ method, url, headers });
    expect(takes("POST", "/Pictures")).to.equal(true);
    expect(takes("POST", "/Artists(1)/pictures")).to.equal(true);
    expect(takes("PUT", "/Artists(1)/portrait")).to.equal(true);
    expect(takes("PUT", "/Pictures(00000000-0000-0000-0000-000000000000)/$value")).to.equal(true);
    expect(takes("PUT", "/Artists(1)/portrait", { prefer: "respond-async" })).to.equal(false);
    for (const [method, url] of [
      ["POST", "/Artists"],
      ["PUT", "/Artists(1)"],
      ["PUT", "/Artists(1)/name"],
      ["GET", "/Artists(1)/portrait"],
      ["POST", "/$batch"],
      ["POST", "/Pictures/$query"],
      ["PUT", "/nothing/at/all(("],
    ] as const) {
      expect(takes(method, url), `${method} ${url}`).to.equal(false);
    }
  });

  if (!kind.inMemory) {
    it("sweeps away at the start what an earlier process left behind, and nothing else", async () => {
      const { url } = await addPicture();
      const left = kind.sql("insert into odata_media (id, kept_until) values (?, 0)");
      await service.database.transaction((transaction) => transaction.run(left, ["left behind"]));
      const later = "update odata_media set kept_until = 0";
      await service.database.transaction((transaction) => transaction.run(later, []));
      await service.close();
      service = await createService(Gallery, { database: { url: store().url, synchronous: "NORMAL" } });
      expect(await contents()).to.equal(1);
      expect((await get(`${url}/$value`)).bytes.toString()).to.equal("bytes");
    });
  }

  /** How many contents are kept, for whatever reason. */
  async function contents(): Promise<number> {
    const [row] = await service.database.reader.rows("select count(*) as n from odata_media", []);
    return Number(row![0]);
  }
}

/** An error as the answer that becomes of it. */
async function handled(service: Service, request: ODataRequest): Promise<ODataResponse> {
  try {
    return await service.handle(request);
  } catch (error) {
    if (!(error instanceof ODataError)) throw error;
    return { status: error.status, headers: error.headers, body: error.message };
  }
}

async function answerOf({ status, headers, body }: ODataResponse): Promise<Answer> {
  const parts: Buffer[] = [];
  if (body instanceof Readable) for await (const part of body) parts.push(Buffer.from(part as Buffer));
  else if (body !== undefined) parts.push(Buffer.from(body));
  const bytes = Buffer.concat(parts);
  return {
    status,
    headers,
    bytes,
    get json() {
      return JSON.parse(bytes.toString()) as Record<string, unknown>;
    },
  };
}
