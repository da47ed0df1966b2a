import { badRequest } from "../errors/index.js";

/** What a request may ask for before it is refused; each bound answers with 400 and an error of its own. */
export interface QueryLimits {
  /** Names, literals and operators in all expressions of a request, with aliases and computed properties put in. Default 5000. */
  readonly maxNodes: number;
  /** Segments of a resource path; many of them become conditions of one statement. Default 100. */
  readonly maxPathSegments: number;
  /** Navigation properties in a resource path; databases join a limited number of tables. Default 24. */
  readonly maxPathNavigations: number;
  /** How deep `$expand` may go, `$levels` included; each level may multiply what is answered. Default 8. */
  readonly maxExpandDepth: number;
  /** Expanded navigation properties of a whole request, with wildcards and `$levels` put in. Default 200. */
  readonly maxExpandItems: number;
  /** Items of all `$select` of a request. Default 500. */
  readonly maxSelectItems: number;
  /** How deep an item of `$select` may go into complex values. Default 30. */
  readonly maxSelectDepth: number;
  /** Terms of all `$orderby` of a request. Default 20. */
  readonly maxOrderTerms: number;
  /** Entity sets of a `$crossjoin`; each multiplies the rows. Default 4. */
  readonly maxCrossJoinSets: number;
}

/** The defaults of {@link QueryLimits}. */
export const DEFAULT_QUERY_LIMITS: QueryLimits = Object.freeze({
  maxNodes: 5_000,
  maxPathSegments: 100,
  maxPathNavigations: 24,
  maxExpandDepth: 8,
  maxExpandItems: 200,
  maxSelectItems: 500,
  maxSelectDepth: 30,
  maxOrderTerms: 20,
  maxCrossJoinSets: 4,
});

/** What is used up of the limits of one request. */
export class QueryBudget {
  readonly limits: QueryLimits;
  #expandItems = 0;
  #selectItems = 0;
  #orderTerms = 0;

  constructor(limits: Partial<QueryLimits> = {}) {
    this.limits = { ...DEFAULT_QUERY_LIMITS, ...limits };
  }

  /** Counts one expanded navigation property. */
  expandItem(depth: number): void {
    const { maxExpandDepth, maxExpandItems } = this.limits;
    if (depth > maxExpandDepth) {
      throw badRequest(`$expand goes deeper than the ${maxExpandDepth} levels that are allowed.`, {
        target: "$expand",
      });
    }
    if (++this.#expandItems > maxExpandItems) {
      throw badRequest(
        `$expand asks for more than ${maxExpandItems} navigation properties, those that '*' and $levels stand for included.`,
        { target: "$expand" },
      );
    }
  }

  /**
   * Counts items of a `$select`.
   *
   * @param paths their paths
   */
  selectItems(paths: readonly (readonly string[])[]): void {
    const { maxSelectItems, maxSelectDepth } = this.limits;
    this.#selectItems += paths.length;
    if (this.#selectItems > maxSelectItems) {
      throw badRequest(`$select has more than ${maxSelectItems} items.`, { target: "$select" });
    }
    if (paths.some((path) => path.length > maxSelectDepth)) {
      throw badRequest(`A path in $select has more than ${maxSelectDepth} names.`, { target: "$select" });
    }
  }

  /** Counts terms of an `$orderby`. */
  orderTerms(count: number): void {
    this.#orderTerms += count;
    if (this.#orderTerms > this.limits.maxOrderTerms) {
      throw badRequest(`$orderby has more than ${this.limits.maxOrderTerms} terms.`, { target: "$orderby" });
    }
  }
}
