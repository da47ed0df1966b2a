/** Who sends a request, as its token says. */
export interface Principal {
  /** The `sub` claim, or the client's id where there is none. */
  readonly subject: string;
  /** What it may do: the words of `scp` (permissions given by a user) and the entries of `roles` (given to the application). */
  readonly scopes: ReadonlySet<string>;
  /** When the token ends, in milliseconds since 1970 (as `Date.now()`). */
  readonly expiresAt: number;
}

/**
 * Finds out who sends a request.
 *
 * @example
 * const authenticator: Authenticator = createJwtAuthenticator({ issuer, audience: "https://graph.microsoft.com" });
 */
export interface Authenticator {
  /**
   * Answers at once for a token it has seen before.
   *
   * @param header the `Authorization` header as it came
   * @throws ODataError 401 `InvalidAuthenticationToken` with `www-authenticate` where there is no valid token; 503 where
   *   the issuer's keys cannot be had
   */
  authenticate(header: string | undefined): Principal | Promise<Principal>;
}
