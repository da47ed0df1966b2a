import type { Database, MediaStore } from "../storage/index.js";
import { GRACE_SECONDS } from "../storage/index.js";

/**
 * Sweeps away contents that were let go of, once they have been kept long enough. A sweep that fails leaves them for the
 * next.
 */
export class MediaSweeper {
  readonly #database: Database;
  readonly #media: MediaStore;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(database: Database, media: MediaStore) {
    this.#database = database;
    this.#media = media;
  }

  /** Sweeps now, for what earlier processes did not come to, and from time to time; the timer keeps no process alive. */
  async start(): Promise<void> {
    await this.#sweep();
    this.#timer = setInterval(() => {
      this.#sweeping = this.#sweep().catch(() => undefined);
    }, GRACE_SECONDS * 1_000);
    this.#timer.unref();
  }

  /** Waits for a sweep under way; there will be no other. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    await this.#media.sweep(this.#database.reader, (work) => this.#database.transaction(work));
  }
}
