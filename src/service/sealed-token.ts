import { createHmac, timingSafeEqual } from "node:crypto";

const MAC_BYTES = 16;

/**
 * Makes and opens tokens that are opaque to clients and tamper-proof: a message authentication code covers what a token holds
 * together with what it is bound to, so that it is of use with nothing else.
 *
 * @example
 * const token = seal.close([1, "behind"], "Products?$top=5");
 * seal.open(token, "Products?$top=5"); // [1, "behind"]
 * seal.open(token, "Products"); // undefined
 */
export class TokenSeal {
  readonly #key: Buffer;

  /** @param key secret; the same for as long as tokens are to be understood */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** @param content what JSON can say; a `bigint` within it becomes a text */
  close(content: readonly unknown[], bound: string): string {
    const bytes = Buffer.from(JSON.stringify(content, plainNumber), "utf8");
    return Buffer.concat([this.#mac(bytes, bound), bytes]).toString("base64url");
  }

  /** @returns `undefined` for what was not made by {@link close}, or bound to something else */
  open(token: string, bound: string): readonly unknown[] | undefined {
    if (!hasForm(token)) return undefined;
    const bytes = Buffer.from(token, "base64url");
    const content = bytes.subarray(MAC_BYTES);
    if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.#mac(content, bound))) return undefined;
    return JSON.parse(content.toString("utf8")) as unknown[];
  }

  #mac(content: Buffer, bound: string): Buffer {
    return createHmac("sha256", this.#key).update(content).update("\0").update(bound).digest().subarray(0, MAC_BYTES);
  }
}

/** Whether a text has the form of a token, whoever has made it. */
export function hasForm(token: string): boolean {
  const bytes = Buffer.from(token, "base64url");
  // Node reads past what is no base64url; we never write such.
  return bytes.length > MAC_BYTES && bytes.toString("base64url") === token;
}

/** Whole numbers beyond those that JSON holds for sure are texts in a row's order already; a driver may still give them as this. */
function plainNumber(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
