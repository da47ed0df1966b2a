import type { IncomingHttpHeaders } from "node:http";
import type { DevIssuer } from "./dev-issuer.js";

/** An error of the token endpoint: RFC 6749, section 5.2. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly status: number;
  /** `invalid_request`, `invalid_client`, `unsupported_grant_type`, `invalid_scope`. */
  readonly error: string;
  /** Whether the client tried HTTP Basic and is to be told so in `WWW-Authenticate`. */
  readonly challenge: boolean;

  /** @param message the `error_description`: ASCII without quotes and backslashes, so nothing that the client sent */
  constructor(status: number, error: string, message: string, challenge = false) {
    super(message);
    this.status = status;
    this.error = error;
    this.challenge = challenge;
  }
}

/** What a client credentials request asks for. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly scopes: readonly string[];
}

const LONGEST_CLIENT_ID = 256;
/** VSCHAR of RFC 6749, appendix A. */
const CLIENT_ID = /^[\x20-\x7e]+$/;

/**
 * Reads a token request.
 *
 * @throws OAuthError for everything that RFC 6749 does not allow or this issuer does not do
 */
export function readTokenRequest(issuer: DevIssuer, headers: IncomingHttpHeaders, body: string): ClientCredentials {
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    throw new OAuthError(400, "invalid_request", "The content type must be application/x-www-form-urlencoded.");
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    // RFC 6749, section 3.2: no parameter twice; an empty one is as good as none.
    if (form.has(name)) throw new OAuthError(400, "invalid_request", "A parameter is there more than once.");
    if (value !== "") form.set(name, value);
  }
  const grant = form.get("grant_type");
  if (grant === undefined) throw new OAuthError(400, "invalid_request", "The parameter 'grant_type' is missing.");
  if (grant !== "client_credentials") {
    throw new OAuthError(400, "unsupported_grant_type", "The only grant type here is 'client_credentials'.");
  }
  return { clientId: clientOf(headers.authorization, form), scopes: scopesOf(issuer, form.get("scope")) };
}

/** RFC 6749, section 2.3.1: HTTP Basic or the form, not both. */
function clientOf(authorization: string | undefined, form: ReadonlyMap<string, string>): string {
  let id = form.get("client_id");
  let secret = form.get("client_secret");
  const basic = authorization !== undefined;
  if (basic) {
    if (secret !== undefined) {
      throw new OAuthError(400, "invalid_request", "The client identifies itself twice: by header and by form.");
    }
    const pair = basicPair(authorization);
    // The id may be repeated in the form, but it must be the same.
    if (pair !== undefined && id !== undefined && id !== pair[0]) {
      throw new OAuthError(400, "invalid_request", "The client_id of the form is not that of the header.");
    }
    [id, secret] = pair ?? [undefined, undefined];
  }
  if (!id || !secret) {
    const message = "The client must send a client_id and a client_secret; any will do, but neither may be empty.";
    throw new OAuthError(401, "invalid_client", message, basic);
  }
  if (id.length > LONGEST_CLIENT_ID || !CLIENT_ID.test(id)) {
    const message = `A client_id is at most ${String(LONGEST_CLIENT_ID)} printable ASCII characters.`;
    throw new OAuthError(401, "invalid_client", message, basic);
  }
  return id;
}

function basicPair(authorization: string): [string, string] | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) return undefined;
  try {
    // Both are form-encoded before they are joined (RFC 6749, section 2.3.1).
    const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)].map((part) =>
      decodeURIComponent(part.replace(/\+/g, " ")),
    );
    return [id as string, secret as string];
  } catch {
    return undefined;
  }
}

function scopesOf(issuer: DevIssuer, scope: string | undefined): readonly string[] {
  const resource = `${issuer.audience}/`;
  const all = `${resource}.default`;
  if (scope === undefined) {
    throw new OAuthError(400, "invalid_scope", `The parameter 'scope' is missing. Ask for '${all}'.`);
  }
  const granted = new Set<string>();
  for (const word of scope.split(" ")) {
    if (word === "") continue;
    const name = word.startsWith(resource) ? word.slice(resource.length) : word;
    if (name === ".default") for (const each of issuer.scopes) granted.add(each);
    else if (issuer.scopes.includes(name)) granted.add(name);
    else {
      const known = issuer.scopes.join("', '");
      throw new OAuthError(400, "invalid_scope", `A scope is not known here. Known: '${all}', '${known}'.`);
    }
  }
  if (granted.size === 0) throw new OAuthError(400, "invalid_scope", "The parameter 'scope' names no scope.");
  return [...granted];
}
