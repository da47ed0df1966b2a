import type { JWTVerifyGetKey } from "jose";
import { ODataError } from "../../errors/index.js";
import type { Authenticator } from "./authenticator.js";
import { TokenAuthenticator } from "./verify.js";

/** Signatures that are checked with a public key. */
const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"] as const;
/** How long an issuer may take to answer, in milliseconds. */
const PATIENCE = 5_000;

/** An issuer whose tokens are accepted. */
export interface JwtOptions {
  /** The `iss` claim to the letter, and the URL under which the issuer's OpenID configuration is found. */
  readonly issuer: string;
  /** The `aud` claim must hold this, or one of these. */
  readonly audience: string | readonly string[];
  /** Where the issuer publishes its keys; found through its OpenID configuration where left out. */
  readonly jwksUri?: string;
  /** Accepted values of `alg`. Default: RS*, PS*, ES* and EdDSA. */
  readonly algorithms?: readonly string[];
}

/**
 * Accepts the tokens of an external issuer (Microsoft Entra ID, Keycloak, ...). Its keys are fetched with the first token,
 * kept, and fetched again when a token names a key that is not among them. An issuer that cannot be reached makes
 * requests fail with 503, never pass.
 *
 * @throws TypeError where `issuer` (without `jwksUri`) or `jwksUri` is no http(s) URL, or a symmetric algorithm is asked for
 * @example
 * createJwtAuthenticator({ issuer: `https://login.microsoftonline.com/${tenant}/v2.0`, audience: "api://my-service" });
 */
export function createJwtAuthenticator(options: JwtOptions): Authenticator {
  const { issuer, audience, jwksUri, algorithms = ASYMMETRIC } = options;
  for (const algorithm of algorithms) {
    // HS256 with a public key as its secret is the classic forgery (RFC 8725, section 2.1).
    if (!(ASYMMETRIC as readonly string[]).includes(algorithm)) {
      throw new TypeError(`The algorithm '${algorithm}' is not one of ${ASYMMETRIC.join(", ")}.`);
    }
  }
  httpUrl(jwksUri ?? issuer, jwksUri === undefined ? "issuer" : "jwksUri");
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return new TokenAuthenticator({
    issuer,
    audiences: typeof audience === "string" ? [audience] : audience,
    algorithms,
    key: async (header, token) => {
      keys ??= remoteKeys(issuer, jwksUri);
      const attempt = keys;
      let getKey: JWTVerifyGetKey;
      try {
        getKey = await attempt;
      } catch (error) {
        // Forgotten, so that the next token asks again.
        if (keys === attempt) keys = undefined;
        throw error;
      }
      return getKey(header, token);
    },
  });
}

async function remoteKeys(issuer: string, jwksUri: string | undefined): Promise<JWTVerifyGetKey> {
  const { createRemoteJWKSet } = await import("jose");
  const uri = jwksUri ?? (await discover(issuer));
  return createRemoteJWKSet(new URL(uri), { timeoutDuration: PATIENCE });
}

/** OpenID Connect Discovery 1.0, section 4. */
async function discover(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  let document: { issuer?: unknown; jwks_uri?: unknown };
  try {
    const response = await fetch(url, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!response.ok) throw new Error(`The issuer answered with status ${String(response.status)}.`);
    document = (await response.json()) ?? {};
  } catch (cause) {
    throw unusable("The OpenID configuration of the token issuer cannot be fetched at the moment.", cause);
  }
  // Section 4.3: an issuer that says it is another one is not to be used.
  if (document.issuer !== issuer) {
    throw unusable("The OpenID configuration of the token issuer is that of another issuer.");
  }
  if (
    typeof document.jwks_uri !== "string" ||
    !/^https?:\/\//i.test(document.jwks_uri) ||
    !URL.canParse(document.jwks_uri)
  ) {
    throw unusable("The OpenID configuration of the token issuer names no keys (jwks_uri).");
  }
  return document.jwks_uri;
}

function unusable(message: string, cause: unknown = undefined): ODataError {
  return new ODataError(503, "ServiceUnavailable", message, { headers: { "retry-after": "5" }, cause });
}

function httpUrl(text: string, option: string): void {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new TypeError(`The option '${option}' must be a URL with http or https, not '${text}'.`);
  }
}
