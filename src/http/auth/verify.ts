import type { JWTPayload, JWTVerifyGetKey, ProtectedHeaderParameters, errors } from "jose";
import { ODataError } from "../../errors/index.js";
import type { Authenticator, Principal } from "./authenticator.js";
import { invalidToken, missingToken, shown } from "./challenge.js";
import { TokenCache } from "./token-cache.js";

/** Clocks differ; `exp` and `nbf` are read with this much of tolerance, in seconds. */
const CLOCK_TOLERANCE = 60;
/** Verified tokens kept. */
const KEPT_TOKENS = 1_000;
/** `credentials` of RFC 6750, section 2.1; the scheme's name is case-insensitive (RFC 9110, section 11.1). */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/** How the tokens of one issuer are verified. */
export interface TokenRules {
  readonly issuer: string;
  /** The token's `aud` must hold one of these. */
  readonly audiences: readonly string[];
  /** The only values of `alg` accepted. Never a symmetric one: the keys are public. */
  readonly algorithms: readonly string[];
  /** The key for a token's header; throws jose's `JWKSNoMatchingKey` where there is none. */
  readonly key: JWTVerifyGetKey;
}

/** An {@link Authenticator} for signed JWTs (RFC 7519, checked as RFC 8725 asks). */
export class TokenAuthenticator implements Authenticator {
  readonly #rules: TokenRules;
  readonly #cache = new TokenCache(KEPT_TOKENS);

  constructor(rules: TokenRules) {
    this.#rules = rules;
  }

  authenticate(header: string | undefined): Principal | Promise<Principal> {
    if (header === undefined || header === "") throw missingToken();
    return this.#cache.get(header) ?? this.#verify(header);
  }

  async #verify(header: string): Promise<Principal> {
    const token = bearerToken(header);
    // Loaded with the first token: a service without authentication starts without it.
    const jose = await import("jose");
    const { issuer, audiences, algorithms, key } = this.#rules;
    const { alg } = readHeader(jose.decodeProtectedHeader, token);
    // Before anything else, and by our own list: what the token says of itself chooses nothing (RFC 8725, section 3.1).
    if (typeof alg !== "string" || !algorithms.includes(alg)) {
      const accepted = algorithms.join(", ");
      throw invalidToken(`The access token is signed with the algorithm '${shown(alg)}'. Accepted: ${accepted}.`);
    }
    let payload: JWTPayload;
    try {
      ({ payload } = await jose.jwtVerify(token, key, {
        issuer,
        audience: [...audiences],
        algorithms: [...algorithms],
        clockTolerance: CLOCK_TOLERANCE,
        requiredClaims: ["exp"],
      }));
    } catch (error) {
      throw this.#explain(jose.errors, error);
    }
    const principal = principalOf(payload);
    this.#cache.set(header, principal);
    return principal;
  }

  #explain(kinds: typeof errors, error: unknown): ODataError {
    if (error instanceof ODataError) return error;
    if (error instanceof kinds.JWTExpired) {
      return invalidToken(`The access token has expired at ${moment(error.payload.exp)}. Get a new one.`, error);
    }
    if (error instanceof kinds.JWTClaimValidationFailed) return invalidToken(this.#claimMessage(error), error);
    if (error instanceof kinds.JWSSignatureVerificationFailed) {
      return invalidToken("The signature of the access token is wrong.", error);
    }
    if (error instanceof kinds.JWKSNoMatchingKey || error instanceof kinds.JWKSMultipleMatchingKeys) {
      return invalidToken("The access token is signed with a key (kid) that its issuer does not publish.", error);
    }
    if (
      error instanceof kinds.JWSInvalid ||
      error instanceof kinds.JWTInvalid ||
      error instanceof kinds.JOSENotSupported ||
      error instanceof kinds.JOSEAlgNotAllowed
    ) {
      return malformed(error);
    }
    // What is left comes from fetching the keys: no connection, no answer in time, an answer that is no key set.
    return new ODataError(503, "ServiceUnavailable", "The keys of the token issuer cannot be fetched at the moment.", {
      headers: { "retry-after": "5" },
      cause: error,
    });
  }

  #claimMessage({ claim, reason, payload }: InstanceType<typeof errors.JWTClaimValidationFailed>): string {
    if (reason === "missing") return `The access token has no claim '${shown(claim)}'.`;
    switch (claim) {
      case "aud":
        return `The access token is for the audience '${shown(payload.aud)}', not for '${this.#rules.audiences.join("' or '")}'.`;
      case "iss":
        return `The access token comes from the issuer '${shown(payload.iss)}', not from '${this.#rules.issuer}'.`;
      case "nbf":
        return `The access token is not valid before ${moment(payload.nbf)}.`;
      default:
        return `The claim '${shown(claim)}' of the access token is not acceptable.`;
    }
  }
}

function bearerToken(header: string): string {
  const token = BEARER.exec(header)?.[1];
  if (token !== undefined) return token;
  if (/^bearer(?: |$)/i.test(header)) throw malformed();
  throw invalidToken("The Authorization header is not a Bearer token. Send 'Authorization: Bearer <token>'.");
}

function readHeader(decode: (token: string) => ProtectedHeaderParameters, token: string): ProtectedHeaderParameters {
  // jose reads the header of anything; the three parts of a signed token are counted here.
  if (token.split(".", 4).length !== 3) throw malformed();
  try {
    return decode(token);
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(cause?: unknown): ODataError {
  return invalidToken(
    "The access token is malformed: it should be a signed JWT (three parts with dots between).",
    cause,
  );
}

function principalOf(payload: JWTPayload): Principal {
  const scopes = new Set<string>();
  if (typeof payload.scp === "string") {
    for (const scope of payload.scp.split(" ")) if (scope !== "") scopes.add(scope);
  }
  if (Array.isArray(payload.roles)) {
    for (const role of payload.roles as unknown[]) if (typeof role === "string") scopes.add(role);
  }
  const subject = [payload.sub, payload.azp, payload.appid].find((claim) => typeof claim === "string");
  // `exp` was required.
  return { subject: subject ?? "", scopes, expiresAt: (payload.exp as number) * 1000 };
}

/** A NumericDate as text; tokens may hold any number, and `Date` throws for the far ones. */
function moment(seconds: unknown): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? "an unreadable time" : date.toISOString();
}
