import type { Principal } from "./authenticator.js";

/**
 * The tokens verified last, so that a repeated one costs a look-up instead of a signature check. Bounded, least recently
 * used out first; an entry ends with its token. (A token that ends early because its key was withdrawn lives on here
 * until its `exp`, as it would with any resource server that does not ask the issuer each time.)
 */
export class TokenCache {
  readonly #most: number;
  /** A Map iterates in the order of insertion: the first entry is the one not used for longest. */
  readonly #entries = new Map<string, Principal>();
  /** The entry used last, which is the Map's last one: to compare two texts is cheaper than to hash a long one. */
  #last: { readonly key: string; readonly principal: Principal } | undefined;

  /** @param most how many tokens are kept */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Principal | undefined {
    const last = this.#last;
    if (last !== undefined && last.key === key && last.principal.expiresAt > Date.now()) return last.principal;
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    this.#entries.delete(key);
    if (found.expiresAt <= Date.now()) return undefined;
    this.#enter(key, found);
    return found;
  }

  set(key: string, principal: Principal): void {
    if (principal.expiresAt <= Date.now()) return;
    this.#enter(key, principal);
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value as string);
  }

  #enter(key: string, principal: Principal): void {
    this.#entries.set(key, principal);
    this.#last = { key, principal };
  }
}
