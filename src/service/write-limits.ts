import { badRequest } from "../errors/index.js";

/** Bounds of what one request writes. */
export interface WriteLimits {
  /** How deep entities may stand in each other. */
  readonly maxDepth: number;
  /** How many entities and references to entities one payload may hold. */
  readonly maxEntities: number;
}

export const DEFAULT_WRITE_LIMITS: WriteLimits = { maxDepth: 20, maxEntities: 2_000 };

/**
 * Counts what a request writes.
 *
 * @example const budget = new WriteBudget({ maxEntities: 100 }); budget.spend(1, "orders[2]");
 */
export class WriteBudget {
  readonly #limits: WriteLimits;
  #spent = 0;

  constructor(limits: Partial<WriteLimits> | undefined) {
    this.#limits = limits === undefined ? DEFAULT_WRITE_LIMITS : { ...DEFAULT_WRITE_LIMITS, ...limits };
  }

  /**
   * @param path JSON path of what is written next, for the message
   * @throws {ODataError} 400 where it is too much
   */
  spend(count: number, path: string): void {
    this.#spent += count;
    if (this.#spent <= this.#limits.maxEntities) return;
    throw badRequest(
      `The body holds more than the ${this.#limits.maxEntities} entities that one request may write; send several.`,
      { target: path },
    );
  }

  /** @throws {ODataError} 400 where entities stand too deep in each other */
  enter(depth: number, path: string): void {
    if (depth <= this.#limits.maxDepth) return;
    throw badRequest(`Entities stand in each other deeper than the ${this.#limits.maxDepth} levels that are allowed.`, {
      target: path,
    });
  }
}
