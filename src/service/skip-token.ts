import type { SqlValue } from "../query/index.js";
import { badRequest } from "../errors/index.js";
import { TokenSeal } from "./sealed-token.js";

/** Where the next page of a collection begins. */
export interface PageStart {
  /** How many items a page has where the client does not say. */
  readonly size: number;
  /** How many items `$top` still allows; `undefined` without `$top`. */
  readonly remaining: number | undefined;
  /** How many items stand before it, those of `$skip` included. */
  readonly passed: number;
  /** The values of the collection's order that the last of them has; without them the page begins behind so many items. */
  readonly after: readonly SqlValue[] | undefined;
  /** The position in the log of changes at which the first page was read; where the answer is tracked. */
  readonly since?: string | undefined;
}

/** The first member of a token; tokens of another form are not understood. */
const VERSION = 1;
/** A URL has to have room for it. */
const LONGEST = 4_000;

/**
 * Makes and reads `$skiptoken`s. A token is opaque to clients and tamper-proof: a message authentication code covers it
 * together with the request that it continues, so that it is of use with no other.
 */
export class SkipTokens {
  readonly #seal: TokenSeal;

  /** @param key secret; the same for as long as tokens are to be understood */
  constructor(key: Buffer) {
    this.#seal = new TokenSeal(key);
  }

  /**
   * @param request what the token is bound to: the path and the query options in their canonical form
   * @returns a token with the number of items alone where the values of the order are too long for a URL
   */
  write({ size, remaining, passed, after, since }: PageStart, request: string): string {
    const parts = [VERSION, size, remaining ?? null, passed, after ?? null, ...(since === undefined ? [] : [since])];
    const token = this.#seal.close(parts, request);
    return token.length > LONGEST ? this.write({ size, remaining, passed, after: undefined, since }, request) : token;
  }

  /** @throws {ODataError} 400 for what was not made by {@link write}, or for another request */
  read(token: string, request: string): PageStart {
    // What we made we can read, unless we made it in another form.
    const parsed = (token.length <= LONGEST ? this.#seal.open(token, request) : undefined) ?? [];
    if (parsed[0] !== VERSION) {
      throw badRequest(
        "The $skiptoken belongs to no page of this request. Follow next links as they are, or begin without it.",
        { target: "$skiptoken" },
      );
    }
    const [, size, remaining, passed, after, since] = parsed as [
      number,
      number,
      number | null,
      number,
      SqlValue[] | null,
      string | undefined,
    ];
    const start: PageStart = { size, remaining: remaining ?? undefined, passed, after: after ?? undefined };
    return since === undefined ? start : { ...start, since };
  }
}
