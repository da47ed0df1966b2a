import { badRequest } from "../errors/index.js";

/** What the parser takes from a client before it refuses; each bound answers with an error of its own. */
export interface SyntaxLimits {
  /**
   * How deep parentheses, arrays, lambdas, unary operators and nested options may go. The parser calls itself once a
   * level, so this is also what keeps it from the end of the stack. Default 100.
   */
  readonly maxDepth: number;
  /**
   * How many nodes the tree of one URL may have, path segments included. A chain of operators without parentheses makes
   * a tree as deep as the chain is long, so this bounds the recursion of whoever walks the tree. Default 5000.
   */
  readonly maxNodes: number;
  /** How many query options one URL, or one pair of parentheses, may hold. Default 100. */
  readonly maxOptions: number;
}

/** The defaults of {@link SyntaxLimits}. */
export const DEFAULT_LIMITS: SyntaxLimits = Object.freeze({ maxDepth: 100, maxNodes: 5000, maxOptions: 100 });

/** The limits of one URL and what is used up of them; shared by the scanners of its parts. */
export class Budget {
  readonly limits: SyntaxLimits;
  #nodes = 0;

  constructor(limits: Partial<SyntaxLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Counts one node of the tree. */
  spend(): void {
    if (++this.#nodes > this.limits.maxNodes) {
      throw badRequest(
        `The URL is too complex: it has more than ${this.limits.maxNodes} names, literals and operators.`,
      );
    }
  }

  /** Checks the number of query options that stand together. */
  options(count: number): void {
    if (count > this.limits.maxOptions) {
      throw badRequest(`The URL has too many query options: more than ${this.limits.maxOptions} together.`);
    }
  }
}
