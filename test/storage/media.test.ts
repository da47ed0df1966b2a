import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { buildModel, readClasses } from "../../src/edm/index.js";
import type { EntityKey, MediaFacts, StreamKey } from "../../src/storage/index.js";
import { CHUNK_BYTES, Database, MediaGone, MediaStore, TooManyBytes } from "../../src/storage/index.js";
import { Artist, Gallery, Page, Picture } from "../support/gallery.js";
import { failure, freshStores, storeKinds } from "../support/stores.js";
import type { StoreKind } from "../support/stores.js";

const { source, classes } = readClasses(Gallery);
const model = buildModel(source);

const now = new Date("2024-05-06T07:08:09.123Z");

function openGallery(url: string): Promise<Database> {
  return Database.open({ url, entities: [Picture, Artist, Page], model: { model, classes }, synchronous: "NORMAL" });
}

for (const kind of storeKinds) describe(`contents of streams (${kind.name})`, () => suite(kind));

function suite(kind: StoreKind): void {
  const store = freshStores(kind);
  let database: Database;
  let media: MediaStore;

  beforeEach(async () => {
    database = await openGallery(store().url);
    media = new MediaStore(database.dialect);
    await run("insert into artist (id, name, version) values (1, 'a', 1)");
    await run("insert into artist (id, name, version) values (2, 'b', 1)");
    await run(
      "insert into picture (id, name, media_type, changed, artist_id) values ('p', '', '', '', 1)".replace(
        "media_type",
        kind.database === "sqlite" ? "mediaType" : '"mediaType"',
      ),
    );
    await run("insert into page (book, number, document) values ('1,31', 2, '{}')");
    await run("insert into page (book, number, document) values ('1', 312, '{}')");
  });
  afterEach(() => database.close());

  const run = (text: string, parameters: readonly (string | number)[] = []) =>
    database.transaction((transaction) => transaction.run(kind.sql(text), parameters));
  const count = async (table: string) =>
    Number(((await database.reader.rows(`select count(*) as n from ${table}`, [])) as [unknown][])[0]![0]);
  const transact: Parameters<MediaStore["write"]>[0] = (work) => database.transaction(work);

  const owner = (type: string, ...key: (string | number)[]): EntityKey => {
    const found = model.types.get(`Gallery.${type}`);
    if (found?.kind !== "entity") throw new Error(type);
    return { mapping: database.mapping.entity(found), key };
  };
  const portrait = (id: number): StreamKey => ({ owner: owner("Artist", id), name: "portrait" });
  const write = (bytes: Iterable<Uint8Array>, contentType = "image/png") =>
    media.write(transact, bytes, { contentType, maxBytes: 10 * CHUNK_BYTES });
  const tie = (stream: StreamKey, facts: MediaFacts) =>
    database.transaction((transaction) => media.tie(transaction, stream, facts, now));
  const read = async (id: string, start: number, end: number) => {
    const parts: Buffer[] = [];
    for await (const part of media.chunks(database.reader, id, start, end)) parts.push(part);
    return Buffer.concat(parts);
  };
  const put = async (stream: StreamKey, bytes: Buffer) => {
    const facts = await write([bytes]);
    await tie(stream, facts);
    return facts;
  };
  /** As if all that is kept were kept no longer. */
  const wait = () => run("update odata_media set kept_until = 0");

  for (const size of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 17]) {
    it(`gives back ${size} bytes as they were`, async () => {
      const bytes = randomBytes(size);
      const facts = await put(portrait(1), bytes);
      expect(await media.find(database.reader, portrait(1))).to.deep.equal({
        id: facts.id,
        size,
        digest: facts.digest,
        contentType: "image/png",
        modified: now.toISOString(),
      });
      expect((await read(facts.id, 0, size)).equals(bytes)).to.equal(true);
    });
  }

  it("reads any part, however the bytes arrived", async () => {
    const bytes = randomBytes(2 * CHUNK_BYTES + 100);
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 70_001) parts.push(bytes.subarray(at, at + 70_001));
    const { id } = await write(parts);
    for (const [start, end] of [
      [0, 1],
      [CHUNK_BYTES - 1, CHUNK_BYTES + 1],
      [CHUNK_BYTES, CHUNK_BYTES],
      [5, 2 * CHUNK_BYTES + 50],
      [2 * CHUNK_BYTES, bytes.length],
    ] as const) {
      expect((await read(id, start, end)).equals(bytes.subarray(start, end)), `${start}-${end}`).to.equal(true);
    }
  });

  it("tells contents apart by their bytes and by their media types", async () => {
    const digests = await Promise.all([
      write([Buffer.from("a")]),
      write([Buffer.from("b")]),
      write([Buffer.from("a")], "image/gif"),
    ]);
    expect(new Set(digests.map(({ digest }) => digest)).size).to.equal(3);
    expect((await write([Buffer.from("a")])).digest).to.equal(digests[0]!.digest);
    for (const { digest } of digests) expect(digest).to.match(/^[\w-]+$/);
  });

  it("keeps the streams of different entities apart, and those of one", async () => {
    const streams: StreamKey[] = [
      portrait(1),
      portrait(2),
      { owner: owner("Artist", 1), name: "voice" },
      { owner: owner("Picture", "p"), name: "" },
      { owner: owner("Page", "1,31", 2), name: "scan" },
      { owner: owner("Page", "1", 312), name: "scan" },
    ];
    for (const [index, stream] of streams.entries()) await put(stream, Buffer.from(`content ${index}`));
    for (const [index, stream] of streams.entries()) {
      const found = (await media.find(database.reader, stream))!;
      expect((await read(found.id, 0, found.size)).toString()).to.equal(`content ${index}`);
    }
  });

  it("holds no more than a piece of a source at a time", async () => {
    const part = Buffer.alloc(CHUNK_BYTES / 4);
    let taken = 0;
    let most = 0;
    async function* source() {
      for (let index = 0; index < 32; index++) {
        taken += part.length;
        const written = (await count("odata_media_chunk")) * CHUNK_BYTES;
        most = Math.max(most, taken - written);
        yield part;
      }
    }
    await media.write(transact, source(), { contentType: "a/b", maxBytes: 1e9 });
    expect(most).to.be.at.most(2 * CHUNK_BYTES);
  });

  it("leaves the store to others while a source pauses", async () => {
    async function* source() {
      yield Buffer.alloc(CHUNK_BYTES);
      await run("update artist set name = 'meanwhile' where id = 1");
      yield Buffer.alloc(CHUNK_BYTES);
    }
    expect((await media.write(transact, source(), { contentType: "a/b", maxBytes: 1e9 })).size).to.equal(
      2 * CHUNK_BYTES,
    );
  });

  it("leaves nothing of a source that fails, or is too long", async () => {
    async function* failing() {
      yield Buffer.alloc(2 * CHUNK_BYTES);
      await Promise.resolve();
      throw new RangeError("gone");
    }
    expect(await failure(media.write(transact, failing(), { contentType: "a/b", maxBytes: 1e9 }))).to.be.instanceOf(
      RangeError,
    );
    const long = media.write(transact, [Buffer.alloc(3 * CHUNK_BYTES)], {
      contentType: "a/b",
      maxBytes: 3 * CHUNK_BYTES - 1,
    });
    expect(await failure(long)).to.be.instanceOf(TooManyBytes);
    expect(await count("odata_media")).to.equal(0);
    expect(await count("odata_media_chunk")).to.equal(0);
  });

  it("lets whoever reads a content read it to its end after it was replaced, and then lets go of it", async () => {
    const first = randomBytes(2 * CHUNK_BYTES);
    const old = await put(portrait(1), first);
    const reading = media.chunks(database.reader, old.id, 0, first.length);
    const beginning = (await reading.next()).value!;
    const second = await put(portrait(1), Buffer.from("new"));
    expect(await media.sweep(database.reader, transact)).to.equal(0);
    expect((await media.find(database.reader, portrait(1)))!.id).to.equal(second.id);
    const rest = (await reading.next()).value!;
    expect(Buffer.concat([beginning, rest]).equals(first)).to.equal(true);

    await wait();
    expect(await media.sweep(database.reader, transact)).to.equal(1);
    expect(await failure(read(old.id, 0, 1))).to.be.instanceOf(MediaGone);
    expect((await read(second.id, 0, 3)).toString()).to.equal("new");
  });

  it("takes a content away", async () => {
    await put(portrait(1), Buffer.from("x"));
    const untie = (stream: StreamKey) => database.transaction((transaction) => media.untie(transaction, stream));
    expect(await untie(portrait(2))).to.equal(false);
    expect(await untie(portrait(1))).to.equal(true);
    expect(await untie(portrait(1))).to.equal(false);
    expect(await media.find(database.reader, portrait(1))).to.equal(undefined);
  });

  it("lets go of a deleted entity's contents, those of a cascade too, whoever deletes it", async () => {
    await put(portrait(1), Buffer.from("portrait"));
    await put(portrait(2), Buffer.from("other"));
    await put({ owner: owner("Picture", "p"), name: "" }, Buffer.from("picture"));
    await put({ owner: owner("Page", "1", 312), name: "scan" }, Buffer.from("page"));
    await run("delete from artist where id = 1");
    await run("delete from page where number = 312");
    expect(await count("odata_media_use")).to.equal(1);
    await run("insert into artist (id, name, version) values (1, 'another', 1)");
    expect(await media.find(database.reader, portrait(1))).to.equal(undefined);
    await wait();
    expect(await media.sweep(database.reader, transact)).to.equal(3);
    expect(await count("odata_media")).to.equal(1);
    expect(await count("odata_media_chunk")).to.equal(1);
  });

  it("follows an entity whose key changes", async () => {
    const { id } = await put(portrait(1), Buffer.from("x"));
    await run("update picture set artist_id = null");
    await run("update artist set id = 7 where id = 1");
    expect((await media.find(database.reader, portrait(7)))?.id).to.equal(id);
  });

  it("keeps nothing of a transaction that fails", async () => {
    const old = await put(portrait(1), Buffer.from("old"));
    const facts = await write([Buffer.from("new")]);
    const work = database.transaction(async (transaction) => {
      await media.tie(transaction, portrait(1), facts, now);
      throw new RangeError("no");
    });
    expect(await failure(work)).to.be.instanceOf(RangeError);
    expect((await media.find(database.reader, portrait(1)))!.id).to.equal(old.id);
    await media.discard(transact, facts.id);
    expect(await count("odata_media")).to.equal(1);
    // What is used is never discarded.
    await media.discard(transact, old.id);
    expect(await count("odata_media")).to.equal(1);
  });

  if (!kind.inMemory) {
    it("is there at the next start, with what deletes it", async () => {
      await put(portrait(1), Buffer.from("x"));
      await database.close();
      database = await openGallery(store().url);
      expect((await media.find(database.reader, portrait(1)))!.size).to.equal(1);
      await run("delete from artist where id = 1");
      expect(await count("odata_media_use")).to.equal(0);
    });

    it("lets go of contents whose entities went while nothing watched", async () => {
      await put(portrait(1), Buffer.from("x"));
      const drop =
        kind.database === "sqlite"
          ? "drop trigger odata_media_deleted_artist"
          : "drop trigger odata_media_deleted_artist on artist";
      await run(drop);
      await run("delete from artist where id = 1");
      expect(await count("odata_media_use")).to.equal(1);
      await database.close();
      database = await openGallery(store().url);
      expect(await count("odata_media_use")).to.equal(0);
      await run("insert into artist (id, name, version) values (1, 'another', 1)");
      await put(portrait(1), Buffer.from("y"));
      await run("delete from artist where id = 1");
      expect(await count("odata_media_use")).to.equal(0);
    });
  }

  if (kind.database === "postgres") {
    it("lets go of the contents of a table that is emptied", async () => {
      await put(portrait(1), Buffer.from("x"));
      await run("truncate artist cascade");
      expect(await count("odata_media_use")).to.equal(0);
    });
  }
}
