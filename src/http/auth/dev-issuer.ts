import { randomUUID } from "node:crypto";
import type { JWK } from "jose";
import type { Authenticator, Principal } from "./authenticator.js";
import { loadSigningKey, newSigningKey } from "./key-file.js";
import type { SigningKey } from "./key-file.js";
import { TokenAuthenticator } from "./verify.js";

/** A GUID, a domain name, or a word such as `common`: a path segment, for it stands in URLs and in the issuer's name. */
export const TENANT = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;
/** RFC 6749, section 3.3: what a scope may be made of. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const ONE_YEAR = 366 * 24 * 3600;

/** How a development issuer is set up. */
export interface DevIssuerOptions {
  /** The scopes it can grant. */
  readonly scopes: readonly string[];
  /** The `aud` of its tokens. Default `https://graph.microsoft.com`. */
  readonly audience?: string;
  /** The tenant in its URLs and its name. Default `odatum`. */
  readonly tenant?: string;
  /** Where its key pair is kept; made on first use. Without it the pair lives as long as the process. */
  readonly keyFile?: string;
}

/** What a token is to say. */
export interface TokenRequest {
  /** Of the issuer's scopes. */
  readonly scopes: readonly string[];
  /** The `sub` claim, and the client's id (`azp`). Default `odatum-dev`. */
  readonly subject?: string;
  /** Default 3600. */
  readonly lifetimeSeconds?: number;
  /** True: the scopes become `roles` (application permissions); false: `scp` (delegated ones). Default false. */
  readonly asRoles?: boolean;
}

/** A token issuer for development, and the authenticator for its tokens. */
export interface DevIssuer extends Authenticator {
  /** The `iss` claim; it does not depend on where the server runs (see {@link createDevIssuer}). */
  readonly issuer: string;
  readonly audience: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  /**
   * A signed access token.
   * @throws RangeError for a scope that it cannot grant or a lifetime that is not 1 second to 366 days
   */
  issueToken(request: TokenRequest): Promise<string>;
  /** Its public key as a JWK Set (RFC 7517, section 5). */
  jwks(): { readonly keys: readonly JWK[] };
}

/**
 * Makes a development issuer: it gives a token to whoever asks. Its tokens are real signed JWTs, so that tools run against
 * the service as they would against Microsoft Graph; only the question who someone is goes unasked. Never expose it.
 *
 * Its name (`iss`) is the fixed `https://sts.odatum.local/{tenant}/v2.0`. OpenID Discovery would have it be the URL at which
 * the configuration is found; but a development server is reached as `localhost`, `127.0.0.1`, a container's name and on any
 * port, and a token got through one of them must hold through the others and after a restart elsewhere. So the configuration
 * is served under whatever host the client used, with endpoints there, and names the fixed issuer. A client that insists on
 * the two being equal (`createJwtAuthenticator` does) is given the issuer's name and `jwksUri`.
 *
 * @throws RangeError for a tenant or scope that is none; Error where the key file is unreadable or damaged
 * @example
 * const issuer = createDevIssuer({ scopes: ["Things.Read"], keyFile: "data/odatum.key.json" });
 * const server = createServer({ host, port, services, authenticator: issuer, tokenIssuer: issuer });
 * const token = await issuer.issueToken({ scopes: ["Things.Read"] });
 */
export function createDevIssuer(options: DevIssuerOptions): DevIssuer {
  const { scopes, audience = "https://graph.microsoft.com", tenant = "odatum", keyFile } = options;
  if (!TENANT.test(tenant)) throw new RangeError(`'${tenant}' is no tenant: letters, digits, '.' and '-', at most 64.`);
  for (const scope of scopes) if (!SCOPE.test(scope)) throw new RangeError(`'${scope}' is no scope.`);
  const key = keyFile === undefined ? newSigningKey() : loadSigningKey(keyFile);
  return new LocalIssuer({ scopes, audience, tenant }, key);
}

class LocalIssuer implements DevIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly #key: SigningKey;
  readonly #tokens: TokenAuthenticator;

  constructor({ scopes, audience, tenant }: Required<Omit<DevIssuerOptions, "keyFile">>, key: SigningKey) {
    this.issuer = `https://sts.odatum.local/${tenant}/v2.0`;
    this.audience = audience;
    this.tenant = tenant;
    this.scopes = Object.freeze([...scopes]);
    this.#key = key;
    this.#tokens = new TokenAuthenticator({
      issuer: this.issuer,
      audiences: [audience],
      algorithms: ["ES256"],
      key: async (header) => {
        if (header.kid === key.kid) return key.publicKey;
        const { errors } = await import("jose");
        throw new errors.JWKSNoMatchingKey();
      },
    });
  }

  authenticate(header: string | undefined): Principal | Promise<Principal> {
    return this.#tokens.authenticate(header);
  }

  async issueToken(request: TokenRequest): Promise<string> {
    const { scopes, subject = "odatum-dev", lifetimeSeconds = 3600, asRoles = false } = request;
    for (const scope of scopes) {
      if (!this.scopes.includes(scope)) throw new RangeError(`This issuer cannot grant the scope '${scope}'.`);
    }
    if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1 || lifetimeSeconds > ONE_YEAR) {
      throw new RangeError(`The lifetime must be an integer from 1 to ${String(ONE_YEAR)} seconds.`);
    }
    const { SignJWT } = await import("jose");
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      ...(asRoles ? { roles: [...scopes] } : { scp: scopes.join(" ") }),
      tid: this.tenant,
      azp: subject,
      appid: subject,
      ver: "2.0",
    })
      .setProtectedHeader({ alg: "ES256", typ: "JWT", kid: this.#key.kid })
      .setIssuer(this.issuer)
      .setAudience(this.audience)
      .setSubject(subject)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifetimeSeconds)
      .setJti(randomUUID())
      .sign(this.#key.privateKey);
  }

  jwks(): { readonly keys: readonly JWK[] } {
    const jwk = this.#key.publicKey.export({ format: "jwk" }) as JWK;
    return { keys: [{ ...jwk, kid: this.#key.kid, alg: "ES256", use: "sig" }] };
  }
}
