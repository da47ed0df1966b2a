import { Readable } from "node:stream";

/** Rows that come bit by bit: a database's cursor, or whatever else has many of them. */
export type RowBatches = AsyncIterator<readonly unknown[][]>;

/** What goes to the network at once; smaller pieces cost more than they are worth. */
const CHUNK = 64 * 1024;

/**
 * A text made of rows while it is read, no faster than it is read. Whatever ends it, the end, an error or a reader that
 * went away, gives the rows back.
 */
export class RowStream extends Readable {
  readonly #rows: RowBatches;
  readonly #write: (row: readonly unknown[], index: number) => string;
  readonly #tail: () => string;
  readonly #explain: (error: unknown) => unknown;
  #text: string;
  #index: number;
  #isDone = false;

  /**
   * @param options `head`: what stands in front of the rows; `first`: rows that were read already; `write`: a row's text;
   *   `tail`: what stands behind them all; `explain`: what readers are told of an error
   */
  constructor(
    rows: RowBatches,
    options: {
      readonly head: string;
      readonly first: readonly unknown[][];
      readonly write: (row: readonly unknown[], index: number) => string;
      readonly tail: () => string;
      readonly explain: (error: unknown) => unknown;
    },
  ) {
    super({ highWaterMark: CHUNK });
    const { head, first, write, tail, explain } = options;
    this.#rows = rows;
    this.#write = write;
    this.#tail = tail;
    this.#explain = explain;
    this.#text = head;
    this.#index = 0;
    this.#take(first);
  }

  override _read(): void {
    this.#next().then(
      (chunk) => {
        if (this.destroyed) return;
        this.push(chunk);
        if (this.#isDone) this.push(null);
      },
      (error: unknown) => this.destroy(this.#explain(error) as Error),
    );
  }

  /** The next piece of text; Node asks for one at a time. */
  async #next(): Promise<string> {
    while (this.#text.length < CHUNK && !this.#isDone && !this.destroyed) {
      const next = await this.#rows.next();
      if (next.done === true) {
        this.#isDone = true;
        this.#text += this.#tail();
      } else this.#take(next.value);
    }
    const chunk = this.#text;
    this.#text = "";
    return chunk;
  }

  #take(rows: readonly unknown[][]): void {
    for (const row of rows) this.#text += this.#write(row, this.#index++);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    Promise.resolve(this.#rows.return?.()).then(
      () => callback(error),
      (failure: unknown) => callback(error ?? (failure as Error)),
    );
  }
}
