import type { ChangeLog } from "./change-log.js";
import type { Store } from "./connection.js";
import { Settings } from "./settings.js";

/** As long as Microsoft Graph keeps them for most of its resources. */
const RETENTION_DAYS = 30;
const DAY = 24 * 60 * 60 * 1_000;

/** How often old changes are looked for. */
const INTERVAL = 60 * 60 * 1_000;

/** How many transactions that takes at most: the first time, when somebody waits for the store, and from then on. */
const AT_START = 10;
const LATER = 1_000;

/**
 * How long changes are remembered, in milliseconds.
 *
 * @throws {RangeError} where the number of days is none
 */
export function retentionOf({ changeRetentionDays: days = RETENTION_DAYS }: Retention): number {
  if (!(days > 0)) throw new RangeError(`changeRetentionDays must be more than 0, not ${days}.`);
  return days * DAY;
}

interface Retention {
  readonly changeRetentionDays?: number | undefined;
}

/** Takes changes out of the log that are too old: when the store is opened, and now and then while it is open. */
export class ChangeLogKeeper {
  readonly log: ChangeLog;
  readonly #store: Store;
  readonly #settings: Settings;
  readonly #age: number;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #stopped = false;

  /** @param retention see {@link retentionOf} */
  constructor(log: ChangeLog, store: Store, retention: number) {
    this.log = log;
    this.#store = store;
    this.#settings = new Settings(log.dialect);
    this.#age = retention;
  }

  async start(): Promise<void> {
    // Where it fails the store is of use all the same, and it is tried again later.
    await this.#trim(AT_START).catch(() => undefined);
    this.#timer = setInterval(() => this.#tick(), INTERVAL);
    // Nothing waits for it.
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#working;
  }

  #tick(): void {
    // What goes wrong is tried again the next time; nothing is lost meanwhile.
    this.#working ??= this.#trim(LATER)
      .catch(() => undefined)
      .finally(() => (this.#working = undefined));
  }

  async #trim(most: number): Promise<void> {
    const before = new Date(Date.now() - this.#age);
    for (let count = 0; count < most && !this.#stopped; count++) {
      const isDone = await this.#store.transaction((transaction) => this.log.trim(transaction, this.#settings, before));
      if (isDone) return;
    }
  }
}
