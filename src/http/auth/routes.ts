import type { IncomingMessage } from "node:http";
import type { NextFunction, Request, Response, Router } from "express";
import { ODataError } from "../../errors/index.js";
import { ClientGone, checkBodyHeaders, hasBody, readBody } from "../body.js";
import { endLingering } from "../linger.js";
import type { DevIssuer } from "./dev-issuer.js";
import { TENANT } from "./dev-issuer.js";
import { OAuthError, readTokenRequest } from "./token-request.js";

/** In seconds; what Entra ID gives at least, too. */
const LIFETIME = 3600;
/** How long the rest of a refused request is read, in milliseconds. */
const LINGER = 1_000;

/** How the routes of a development issuer are served. */
export interface TokenRoutesOptions {
  /** The origin (`http://127.0.0.1:8080`) that the endpoints in the OpenID configuration get. Default: what Express says of the request. */
  readonly origin?: (req: IncomingMessage) => string;
  /** Bytes of a token request's body. Default 16384. */
  readonly maxBodyBytes?: number;
  /** Time for a token request's body to arrive, in milliseconds. Default 10000. */
  readonly bodyTimeoutMs?: number;
}

/**
 * The HTTP side of a development issuer, at the paths that Microsoft's identity platform uses. `{tenant}` can be any GUID
 * or domain name, or `common`, so that a client can keep its own; the tokens are the same.
 *
 * - `POST /{tenant}/oauth2/v2.0/token`: the client credentials grant (RFC 6749, section 4.4). Any non-empty pair of
 *   `client_id` and `client_secret` is accepted, in the form or as HTTP Basic; the client's id becomes the subject.
 *   `scope` is `<audience>/.default` for all that the issuer can grant, or names of scopes.
 * - `GET /{tenant}/v2.0/.well-known/openid-configuration`, also at `/.well-known/openid-configuration`
 * - `GET /{tenant}/discovery/v2.0/keys`: the JWK Set
 *
 * Errors are those of RFC 6749, section 5.2.
 *
 * @example app.use(await tokenRoutes(issuer));
 */
export async function tokenRoutes(issuer: DevIssuer, options: TokenRoutesOptions = {}): Promise<Router> {
  // Loaded here, so that a program that only imports this module does not pay for Express.
  const { Router: createRouter } = await import("express");
  const { maxBodyBytes = 16_384, bodyTimeoutMs = 10_000, origin = expressOrigin } = options;
  const router = createRouter();

  router.get(["/.well-known/openid-configuration", "/:tenant/v2.0/.well-known/openid-configuration"], (req, res) => {
    res.json(configuration(issuer, `${origin(req)}/${tenantOf(issuer, req)}`));
  });
  router.get("/:tenant/discovery/v2.0/keys", (req, res) => {
    tenantOf(issuer, req);
    res.json(issuer.jwks());
  });
  router
    .route("/:tenant/oauth2/v2.0/token")
    .post(async (req, res) => {
      tenantOf(issuer, req);
      checkBodyHeaders(req, { maxBodyBytes, bodyTimeoutMs });
      if (req.headers["content-encoding"] !== undefined)
        throw new OAuthError(415, "invalid_request", "A token request is sent without a content coding.");
      const body = await readBody(req, { maxBodyBytes, bodyTimeoutMs });
      const { clientId, scopes } = readTokenRequest(issuer, req.headers, body.toString("utf8"));
      const token = await issuer.issueToken({ scopes, subject: clientId, lifetimeSeconds: LIFETIME, asRoles: true });
      // RFC 6749, section 5.1. One second less than it lives, so that a client never holds it for longer.
      const expires = LIFETIME - 1;
      noStore(res).json({ token_type: "Bearer", expires_in: expires, ext_expires_in: expires, access_token: token });
    })
    .all((_req, res) => {
      noStore(res).set("allow", "POST");
      sendError(res, new OAuthError(405, "invalid_request", "Token requests are sent with POST."));
    });
  router.use((error: unknown, req: Request, res: Response, next: NextFunction) => {
    if (error instanceof OAuthError) sendError(res, error);
    else if (error instanceof ODataError) {
      sendError(res, new OAuthError(error.status, "invalid_request", error.message));
    } else if (error instanceof ClientGone) req.socket.destroy();
    else next(error);
  });
  return router;
}

/** The tenant of the request's path. There is one store for all, so any name that is one will do. */
function tenantOf(issuer: DevIssuer, req: Request): string {
  const { tenant } = req.params;
  if (tenant === undefined) return issuer.tenant;
  if (typeof tenant === "string" && TENANT.test(tenant)) return tenant;
  throw new OAuthError(400, "invalid_request", "A tenant is a GUID or a domain name, or 'common'.");
}

/** OpenID Connect Discovery 1.0, section 3, as far as an issuer that knows no users has something to say. */
function configuration(issuer: DevIssuer, base: string): object {
  return {
    issuer: issuer.issuer,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    grant_types_supported: ["client_credentials"],
    response_types_supported: ["token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
    scopes_supported: [`${issuer.audience}/.default`, ...issuer.scopes],
  };
}

function sendError(res: Response, error: OAuthError): void {
  const { req } = res;
  if (error.challenge) res.set("www-authenticate", 'Basic realm="odatum", charset="UTF-8"');
  noStore(res).status(error.status);
  const body = { error: error.error, error_description: error.message };
  if (req.complete || !hasBody(req)) {
    res.json(body);
    return;
  }
  // What is left of the body is not waited for.
  const bytes = Buffer.from(JSON.stringify(body));
  res.set({ "content-type": "application/json", "content-length": String(bytes.length), connection: "close" });
  res.write(bytes);
  endLingering(req, res, LINGER);
}

/** RFC 6749, section 5.1. */
function noStore(res: Response): Response {
  return res.set({ "cache-control": "no-store", pragma: "no-cache" });
}

function expressOrigin(req: IncomingMessage): string {
  const { protocol, host } = req as Request;
  return `${protocol}://${host}`;
}
