import type { Awaitable } from "./connection.js";
import { StoreUnavailable } from "./errors.js";

/** A batch of a stream ends with this many rows, */
const ROWS = 500;
/** or with this many characters. */
const CHARACTERS = 64 * 1024;

/** Rows in batches. `return()` before the end lets go of everything that the stream holds. */
export type RowStream = AsyncGenerator<unknown[][], void, undefined>;

/**
 * Gathers rows into batches of a bounded size, so that a stream costs little a row and holds little at a time.
 *
 * @example for (const batch of batches(rows)) write(batch.map(text).join());
 */
export function* batches(rows: Iterable<unknown[]>): Generator<unknown[][], void, undefined> {
  let batch: unknown[][] = [];
  let characters = 0;
  for (const row of rows) {
    batch.push(row);
    for (const value of row) if (typeof value === "string") characters += value.length;
    if (batch.length < ROWS && characters < CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Counts the streams that are open, and refuses more than there may be. */
export class StreamLimit {
  readonly #most: number;
  #open = 0;

  constructor(most: number) {
    if (!Number.isInteger(most) || most < 1) throw new RangeError(`maxCursors must be an integer from 1, not ${most}.`);
    this.#most = most;
  }

  /** How many streams are open. */
  get open(): number {
    return this.#open;
  }

  /**
   * A stream that counts from its first batch to its end.
   *
   * @throws {StoreUnavailable} at the first batch, where there are too many
   */
  async *stream(start: () => Awaitable<AsyncIterable<unknown[][]> | Iterable<unknown[][]>>): RowStream {
    if (this.#open >= this.#most) throw new StoreUnavailable(`${this.#most} results are being streamed already.`);
    this.#open++;
    try {
      for await (const batch of await start()) yield batch;
    } finally {
      this.#open--;
    }
  }
}
