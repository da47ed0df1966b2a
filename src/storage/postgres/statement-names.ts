/** How many statements have names; plans are bounded too, so more are seldom met. */
const NAMES = 500;

/**
 * Names for the statements that come again: a server keeps a statement with a name prepared, on each connection that has
 * seen it.
 */
export class StatementNames {
  /** `undefined` for a text that was seen once: most that come once never come again. */
  readonly #names = new Map<string, string | undefined>();
  #count = 0;

  /** The name of a statement; none when it comes for the first time. */
  of(text: string): string | undefined {
    const name = this.#names.get(text);
    if (name !== undefined) return name;
    const known = this.#names.has(text);
    if (!known && this.#names.size >= NAMES) this.#names.delete(this.#names.keys().next().value!);
    // Never the same again, so that no connection takes one statement for another.
    const next = known ? `odatum_${++this.#count}` : undefined;
    this.#names.set(text, next);
    return next;
  }
}
