import { createHash, randomUUID } from "node:crypto";
import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { SqlDialect } from "../query/index.js";
import { mediaUseTable, ownerKey } from "../query/index.js";
import type { Awaitable, Reader, Transaction } from "./connection.js";
import type { EntityKey } from "./links.js";
import { chunkTable, GRACE_SECONDS, mediaTable, nowSeconds, WHILE_USED } from "./media-tables.js";
import { StoreUnavailable } from "./errors.js";

/** Bytes that are written, and read, at a time: as much of a content as one request holds. */
export const CHUNK_BYTES = 256 * 1024;

/** How long an upload may pause, in seconds, until what has come of it may be swept away. */
const UPLOAD_SECONDS = 3_600;

/** How many contents one sweep looks for at a time. */
const SWEPT = 100;

/** A stream of an entity: its own, whose name is empty, or that of a stream property. */
export interface StreamKey {
  readonly owner: EntityKey;
  readonly name: string;
}

/** What is known of a content. It never changes: another one takes its place. */
export interface MediaFacts {
  readonly id: string;
  readonly size: number;
  /** Another one for other bytes and for another media type. */
  readonly digest: string;
  readonly contentType: string;
}

/** A content that an entity has. */
export interface StoredMedia extends MediaFacts {
  /** When it became the entity's: `2024-01-01T10:00:00.000Z`. */
  readonly modified: string;
}

/** Thrown by {@link MediaStore.write} where there are more bytes than there may be. */
export class TooManyBytes extends Error {
  override readonly name = "TooManyBytes";
}

/** Thrown by {@link MediaStore.chunks} where a content is let go of that was being read for a very long time. */
export class MediaGone extends Error {
  override readonly name = "MediaGone";
}

/** Runs work in a transaction of its own, or in the one that a request belongs to. */
export type RunTransaction = <T>(work: (transaction: Transaction) => Awaitable<T>) => Promise<T>;

/**
 * Where contents of media entities and stream properties are kept: beside the entities, in the same store, in pieces of
 * bounded size.
 *
 * A content is written piece by piece as it arrives, each in a short transaction, under an id that nobody knows. One more
 * transaction ties it to its entity and lets go of the one before. What was let go of stays for a while, so whoever reads it
 * reads it to its end; then it is swept away, as is what remained of an upload that broke off.
 */
export class MediaStore {
  readonly #dialect: SqlDialect;
  readonly #texts = new Map<string, string>();

  constructor(dialect: SqlDialect) {
    this.#dialect = dialect;
  }

  /**
   * Writes a content that nobody sees yet. Where that fails, nothing of it is left.
   *
   * @param source its bytes, taken no faster than they are written
   * @throws {TooManyBytes}, and whatever the source throws
   * @example const media = await store.write(run, request, { contentType: "image/png", maxBytes: 1e8 });
   */
  async write(
    run: RunTransaction,
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { contentType, maxBytes }: { readonly contentType: string; readonly maxBytes: number },
  ): Promise<MediaFacts> {
    const id = randomUUID();
    const hash = createHash("sha256").update(`${contentType}\n`);
    let size = 0;
    try {
      await run((transaction) => transaction.run(this.#begin(), [id]));
      for await (const piece of pieces(source)) {
        if (size + piece.length > maxBytes) throw new TooManyBytes(`There are more than ${maxBytes} bytes.`);
        hash.update(piece);
        const start = size;
        await run(async (transaction) => {
          await this.#keep(transaction, id, UPLOAD_SECONDS);
          await transaction.run(this.#append(), [id, start, piece]);
        });
        size += piece.length;
      }
    } catch (error) {
      await this.discard(run, id).catch(() => undefined);
      throw error;
    }
    return { id, size, digest: hash.digest("base64url"), contentType };
  }

  /** Ties a content to a stream of an entity, and lets go of the one that it had; to be called once for a content. */
  async tie(transaction: Transaction, stream: StreamKey, media: MediaFacts, modified: Date): Promise<void> {
    await this.#letGo(transaction, stream);
    await this.#keep(transaction, media.id, undefined);
    const { owner, name } = stream;
    await transaction.run(this.#tie(owner), [
      name,
      media.id,
      media.contentType,
      media.size,
      media.digest,
      modified.toISOString(),
      ...owner.key,
    ]);
  }

  /** Takes a stream's content away; `false` where it has none. */
  async untie(transaction: Transaction, stream: StreamKey): Promise<boolean> {
    await this.#letGo(transaction, stream);
    return (await transaction.run(this.#untie(stream.owner), [stream.name, ...stream.owner.key])) > 0;
  }

  /** The content that a stream has; `undefined` where it has none. */
  async find(reads: Pick<Reader, "rows">, { owner, name }: StreamKey): Promise<StoredMedia | undefined> {
    const [row] = await reads.rows(this.#find(owner), [name, ...owner.key]);
    if (row === undefined) return undefined;
    const [id, contentType, size, digest, modified] = row as [string, string, string, string, string];
    return { id, contentType, size: Number(size), digest, modified };
  }

  /**
   * Bytes of a content, piece by piece.
   *
   * @param start the first byte
   * @param end behind the last
   * @throws {MediaGone} where the content was let go of longer ago than it is kept
   */
  async *chunks(
    reads: Pick<Reader, "rows">,
    id: string,
    start: number,
    end: number,
  ): AsyncGenerator<Buffer, void, undefined> {
    for (let at = start; at < end;) {
      const [row] = await reads.rows(this.#chunk(), [id, at]);
      if (row === undefined) throw new MediaGone("The content was replaced while it was read.");
      const bytes = bytesOf(row[1]);
      const first = Number(row[0]);
      const piece = bytes.subarray(at - first, end - first);
      if (piece.length === 0) throw new MediaGone("The content ends before its size.");
      yield piece;
      at += piece.length;
    }
  }

  /** Deletes a content that was written, and not tied. */
  async discard(run: RunTransaction, id: string): Promise<void> {
    await run((transaction) => transaction.run(this.#discard(), [id]));
  }

  /** Deletes what nothing uses and has been kept long enough, a content at a time, so that others may write between. */
  async sweep(reads: Pick<Reader, "rows">, run: RunTransaction): Promise<number> {
    let swept = 0;
    for (;;) {
      const found = (await reads.rows(this.#stale(), [])) as [string][];
      for (const [id] of found) swept += await run((transaction) => transaction.run(this.#sweep(), [id]));
      if (found.length < SWEPT) return swept;
    }
  }

  /** @param seconds how long from now; `undefined` while it is used */
  async #keep(transaction: Transaction, id: string, seconds: number | undefined): Promise<void> {
    const kept = await transaction.run(this.#keepText(seconds), [id]);
    if (kept === 0) throw new StoreUnavailable("The content that was being written is not there any more.");
  }

  async #letGo(transaction: Transaction, { owner, name }: StreamKey): Promise<void> {
    await transaction.run(this.#letGoText(owner), [name, ...owner.key]);
  }

  /* ------------------------------------------------------------------ statements, each written once */

  #begin(): string {
    return this.#text(
      "begin",
      () =>
        sql`insert into ${media} (${mediaId}, ${keptUntil}) values (${null}, ${nowSeconds(this.#dialect)} + ${sql.lit(UPLOAD_SECONDS)})`,
    );
  }

  #append(): string {
    const columns = sql.join([chunkTable.media, chunkTable.start, chunkTable.bytes].map((column) => sql.ref(column)));
    return this.#text("append", () => sql`insert into ${chunk} (${columns}) values (${null}, ${null}, ${null})`);
  }

  #keepText(seconds: number | undefined): string {
    const end = seconds === undefined ? sql.lit(WHILE_USED) : sql`${nowSeconds(this.#dialect)} + ${sql.lit(seconds)}`;
    return this.#text(
      `keep ${seconds}`,
      () => sql`update ${media} set ${keptUntil} = ${end} where ${mediaId} = ${null}`,
    );
  }

  #discard(): string {
    return this.#text("discard", () => sql`delete from ${media} where ${mediaId} = ${null} and not ${used}`);
  }

  #stale(): string {
    return this.#text(
      "stale",
      () =>
        sql`select ${mediaId} from ${media} where ${keptUntil} < ${nowSeconds(this.#dialect)} and not ${used} limit ${sql.lit(SWEPT)}`,
    );
  }

  #sweep(): string {
    return this.#text(
      "sweep",
      () =>
        sql`delete from ${media} where ${mediaId} = ${null} and ${keptUntil} < ${nowSeconds(this.#dialect)} and not ${used}`,
    );
  }

  /** The piece that holds a byte. */
  #chunk(): string {
    const { media: of, start, bytes } = chunkTable;
    return this.#text(
      "chunk",
      () =>
        sql`select cast(${sql.ref(start)} as text) as ${sql.ref(start)}, ${sql.ref(bytes)} from ${chunk} where ${sql.ref(of)} = ${null} and ${sql.ref(start)} <= ${integer(this.#dialect)} order by ${sql.ref(`${chunkTable.name}.${start}`)} desc limit 1`,
    );
  }

  #find(owner: EntityKey): string {
    const { contentType, size, digest, modified } = mediaUseTable;
    const number = sql`cast(u.${sql.ref(size)} as text) as ${sql.ref(size)}`;
    const [type, tag, at] = [contentType, digest, modified].map((column) => sql`u.${sql.ref(column)}`);
    return this.#ofOwner("find", owner, ({ key, keys }) => {
      return sql`select u.${sql.ref(mediaUseTable.media)}, ${type}, ${number}, ${tag}, ${at} from ${use} as u join ${sql.table(owner.mapping.table)} as t on u.${useKey} = ${key} where u.${useTable} = ${sql.lit(owner.mapping.table)} and u.${useName} = ${null} and ${keys}`;
    });
  }

  #letGoText(owner: EntityKey): string {
    return this.#ofOwner("let go", owner, (parts) => {
      return sql`update ${media} set ${keptUntil} = ${nowSeconds(this.#dialect)} + ${sql.lit(GRACE_SECONDS)} where ${mediaId} in (select ${sql.ref(mediaUseTable.media)} from ${use} where ${ofStream(owner, parts)})`;
    });
  }

  #untie(owner: EntityKey): string {
    return this.#ofOwner("untie", owner, (parts) => sql`delete from ${use} where ${ofStream(owner, parts)}`);
  }

  #tie(owner: EntityKey): string {
    const { media: of, contentType, size, digest, modified } = mediaUseTable;
    const facts = [of, contentType, size, digest, modified];
    const columns = sql.join([useTable, useKey, useName, ...facts.map((column) => sql.ref(column))]);
    const text = sql`cast(${null} as text)`;
    const values = sql.join(facts.map((column) => (column === size ? integer(this.#dialect) : text)));
    const replaced = sql.join(facts.map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`));
    return this.#ofOwner("tie", owner, ({ key, keys }) => {
      return sql`insert into ${use} (${columns}) select ${sql.lit(owner.mapping.table)}, ${key}, ${text}, ${values} from ${sql.table(owner.mapping.table)} as t where ${keys} on conflict (${useTable}, ${useKey}, ${useName}) do update set ${replaced}`;
    });
  }

  #ofOwner(kind: string, { mapping }: EntityKey, write: (parts: OwnerParts) => RawBuilder<unknown>): string {
    return this.#text(`${kind} ${mapping.table}`, () =>
      write({
        key: ownerKey(mapping, "t", this.#dialect),
        keys: sql.join(
          mapping.key.map((column) => sql`t.${sql.ref(column)} = ${null}`),
          sql` and `,
        ),
      }),
    );
  }

  #text(name: string, write: () => RawBuilder<unknown>): string {
    let text = this.#texts.get(name);
    if (text === undefined) this.#texts.set(name, (text = write().compile(this.#dialect.builder).sql));
    return text;
  }
}

/** An entity's row, under the alias `t`. */
interface OwnerParts {
  /** Its key as one text. */
  readonly key: RawBuilder<unknown>;
  /** The condition that it is the one with a key. */
  readonly keys: RawBuilder<unknown>;
}

const media = sql.table(mediaTable.name);
const mediaId = sql.ref(mediaTable.id);
const keptUntil = sql.ref(mediaTable.keptUntil);
const chunk = sql.table(chunkTable.name);
const use = sql.table(mediaUseTable.name);
const useTable = sql.ref(mediaUseTable.ownerTable);
const useKey = sql.ref(mediaUseTable.ownerKey);
const useName = sql.ref(mediaUseTable.property);
const used = sql`exists (select 1 from ${use} as u where u.${sql.ref(mediaUseTable.media)} = ${sql.ref(`${mediaTable.name}.${mediaTable.id}`)})`;

function ofStream({ mapping }: EntityKey, { key, keys }: OwnerParts): RawBuilder<unknown> {
  return sql`${useTable} = ${sql.lit(mapping.table)} and ${useName} = ${null} and ${useKey} in (select ${key} from ${sql.table(mapping.table)} as t where ${keys})`;
}

/** A driver may hand over a number as a double. */
function integer({ name }: SqlDialect): RawBuilder<unknown> {
  return name === "sqlite" ? sql`cast(${null} as integer)` : sql`cast(${null} as bigint)`;
}

/** PostgreSQL's bytes come as text, `\x` and hexadecimal digits. */
function bytesOf(value: unknown): Buffer {
  if (typeof value === "string") return Buffer.from(value.slice(2), "hex");
  return Buffer.isBuffer(value) ? value : Buffer.from(value as Uint8Array);
}

/** The same bytes in pieces of one size, but for the last. */
async function* pieces(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  let gathered: Uint8Array[] = [];
  let length = 0;
  for await (const part of source) {
    let rest = part;
    while (length + rest.length >= CHUNK_BYTES) {
      const cut = CHUNK_BYTES - length;
      yield Buffer.concat([...gathered, rest.subarray(0, cut)]);
      gathered = [];
      length = 0;
      rest = rest.subarray(cut);
    }
    if (rest.length > 0) gathered.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(gathered, length);
}
