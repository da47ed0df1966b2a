import type { Awaitable } from "./connection.js";

/** Lets one piece of work run at a time, in the order in which they came. */
export class WriteQueue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** True while some work runs or waits. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  run<T>(work: () => Awaitable<T>): Promise<T> {
    this.#waiting++;
    const result = this.#last.then(work);
    // The next in line does not care how this one ended; whoever asked for it does.
    this.#last = result.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return result;
  }
}
