import { Readable } from "node:stream";

/**
 * Bytes as the body of an answer: the next piece is read when the last has been taken, so there is never more than one at
 * hand, however long the content and however slow the client.
 */
export class MediaBody extends Readable {
  readonly #pieces: AsyncGenerator<Buffer, void, undefined>;

  constructor(pieces: AsyncGenerator<Buffer, void, undefined>) {
    // Any piece fills it.
    super({ highWaterMark: 1 });
    this.#pieces = pieces;
  }

  override _read(): void {
    this.#pieces.next().then(
      ({ done, value }) => this.push(done === true ? null : value),
      (error: unknown) => this.destroy(error as Error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#pieces.return().then(
      () => callback(error),
      () => callback(error),
    );
  }
}
