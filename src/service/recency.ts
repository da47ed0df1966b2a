/** Something that is kept for as long as it is asked for now and then. */
export interface Recent {
  older: Recent | undefined;
  newer: Recent | undefined;
  /** How much of the room it takes. */
  size: number;
}

/**
 * The order in which things were asked for last, so that what nobody asks for makes room: a list with links both ways, in
 * which the step to the front is a few assignments.
 */
export class Recency<T extends Recent> {
  readonly #most: number;
  readonly #room: number;
  readonly #forget: (entry: T) => void;
  #newest: T | undefined;
  #oldest: T | undefined;
  #count = 0;
  #size = 0;

  /**
   * @param most how many are kept
   * @param room how large they may be together; the newest is kept however large it is
   * @param forget called for each that is no longer kept
   */
  constructor(most: number, room: number, forget: (entry: T) => void) {
    this.#most = most;
    this.#room = room;
    this.#forget = forget;
  }

  add(entry: T): void {
    this.#count++;
    this.#size += entry.size;
    this.#link(entry);
    this.#trim();
  }

  /** Says that an entry was asked for. */
  touch(entry: T): void {
    if (entry === this.#newest) return;
    this.#unlink(entry);
    this.#link(entry);
  }

  /** Says that an entry takes more room than it did. */
  grow(entry: T, by: number): void {
    entry.size += by;
    this.#size += by;
    this.#trim();
  }

  #trim(): void {
    while (this.#oldest !== this.#newest && (this.#count > this.#most || this.#size > this.#room)) {
      const last = this.#oldest!;
      this.#unlink(last);
      this.#count--;
      this.#size -= last.size;
      this.#forget(last);
    }
  }

  #link(entry: T): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
  }

  #unlink(entry: T): void {
    const { older, newer } = entry;
    if (newer === undefined) this.#newest = older as T | undefined;
    else newer.older = older;
    if (older === undefined) this.#oldest = newer as T | undefined;
    else older.newer = newer;
  }
}
