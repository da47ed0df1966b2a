import { expect } from "chai";
import { TokenCache } from "../../../src/http/auth/token-cache.js";
import type { Principal } from "../../../src/http/auth/authenticator.js";

const until = (expiresAt: number): Principal => ({ subject: "me", scopes: new Set(), expiresAt });
const later = (): number => Date.now() + 60_000;

describe("TokenCache", () => {
  it("keeps so many, and lets go of the one not used for longest", () => {
    const cache = new TokenCache(2);
    cache.set("a", until(later()));
    cache.set("b", until(later()));
    cache.get("a");
    cache.set("c", until(later()));
    expect([cache.get("a"), cache.get("b"), cache.get("c")].map((found) => found !== undefined)).to.deep.equal([
      true,
      false,
      true,
    ]);
    expect(cache.size).to.equal(2);
  });

  it("keeps none that has ended", async () => {
    const cache = new TokenCache(2);
    cache.set("a", until(Date.now() - 1));
    expect(cache.size).to.equal(0);
    cache.set("b", until(Date.now() + 15));
    expect(cache.get("b")).not.to.equal(undefined);
    await new Promise((resolve) => setTimeout(resolve, 25));
    expect(cache.get("b")).to.equal(undefined);
    expect(cache.size).to.equal(0);
  });
});
