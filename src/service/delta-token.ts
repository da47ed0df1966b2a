import type { SqlValue } from "../query/index.js";
import { badRequest } from "../errors/index.js";
import { hasForm, TokenSeal } from "./sealed-token.js";

/** Where the changes of a collection begin, and how far they have been told. */
export interface DeltaStart {
  /** The position in the log behind which the changes are wanted. */
  readonly since: string;
  /** The position up to which they are; absent on a delta link, present on the next links of its answer. */
  readonly until: string | undefined;
  /** Since when the tables are tracked that the query depends on. */
  readonly generation: string;
  /** How many items a page has where the client does not say; absent on a delta link. */
  readonly size: number | undefined;
  /** Where the page begins: changed entities come first, then those that are not in the collection any more. */
  readonly removed: boolean;
  /** The order's values of the last entity before it; absent at the beginning of a kind. */
  readonly after: readonly SqlValue[] | undefined;
}

/** The first member of a token; tokens of another form are not understood. */
const VERSION = 1;
/** A URL has to have room for it. */
const LONGEST = 6_000;

/**
 * Makes and reads `$deltatoken`s. A token is opaque to clients and tamper-proof: a message authentication code covers it
 * together with the defining query, so that it is of use with no other.
 */
export class DeltaTokens {
  readonly #seal: TokenSeal;

  /** @param key secret; the same for as long as tokens are to be understood */
  constructor(key: Buffer) {
    this.#seal = new TokenSeal(key);
  }

  /** @param query what the token is bound to: the defining query in its canonical form */
  write({ since, until, generation, size, removed, after }: DeltaStart, query: string): string {
    const parts = [VERSION, since, until ?? null, generation, size ?? null, removed ? 1 : 0, after ?? null];
    return this.#seal.close(parts, query);
  }

  /**
   * @returns `undefined` for what has the form of a token, but was not made here, or for another query
   * @throws {ODataError} 400 for what has not even the form
   */
  read(token: string, query: string): DeltaStart | undefined {
    if (token.length > LONGEST || !hasForm(token)) {
      throw badRequest("The $deltatoken is malformed. Use delta links as they come with an answer.", {
        target: "$deltatoken",
      });
    }
    const parsed = this.#seal.open(token, query);
    if (parsed?.[0] !== VERSION) return undefined;
    const [, since, until, generation, size, removed, after] = parsed as [
      number,
      string,
      string | null,
      string,
      number | null,
      number,
      SqlValue[] | null,
    ];
    return {
      since,
      until: until ?? undefined,
      generation,
      size: size ?? undefined,
      removed: removed === 1,
      after: after ?? undefined,
    };
  }
}
