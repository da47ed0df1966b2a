import { tookTooLong } from "../../errors/index.js";

const DEFAULT_MS = 5_000;

/** The clock is looked at each time that so many items have been gone through. */
const ITEMS = 256;

/**
 * Ends an evaluation that takes too long. Collections within collections multiply, and nothing else can be done while a
 * request is evaluated.
 *
 * @example const deadline = new Deadline(50); for (const item of items) { deadline.tick(); test(item); }
 */
export class Deadline {
  readonly #end: number;
  #items = 0;

  /** @param milliseconds how long it may take from now on; 5000 where absent, 0 for any time */
  constructor(milliseconds = DEFAULT_MS) {
    this.#end = milliseconds === 0 ? Infinity : performance.now() + milliseconds;
  }

  /**
   * One more item.
   *
   * @throws ODataError 504 where the time is over
   */
  tick(): void {
    this.#items = (this.#items + 1) % ITEMS;
    if (this.#items === 0 && performance.now() > this.#end) throw tookTooLong();
  }
}
