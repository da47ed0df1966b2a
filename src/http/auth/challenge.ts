import { ODataError } from "../../errors/index.js";

/** What the `realm` of our challenges says. */
const REALM = "odatum";

/** Claims of tokens and the like, in a message: printable ASCII without quotes and backslashes, at most 100 characters. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  const clean = text.slice(0, 100).replace(/[^\x20-\x7e]|["\\]/g, "?");
  return text.length > 100 ? `${clean}...` : clean;
}

/** 401 for a request without a token: the bare challenge, with no error in it (RFC 6750, section 3.1). */
export function missingToken(): ODataError {
  return new ODataError(
    401,
    "InvalidAuthenticationToken",
    "There is no access token. Send one in the header 'Authorization: Bearer <token>'.",
    { headers: { "www-authenticate": `Bearer realm="${REALM}"` } },
  );
}

/** 401 for a token that does not hold (RFC 6750, section 3.1). The message is shown to the client, in body and header. */
export function invalidToken(message: string, cause?: unknown): ODataError {
  return new ODataError(401, "InvalidAuthenticationToken", message, {
    headers: {
      "www-authenticate": `Bearer realm="${REALM}", error="invalid_token", error_description="${quotable(message)}"`,
    },
    cause,
  });
}

/** 403 for a valid token that may not do what the request asks (RFC 6750, section 3.1, insufficient_scope). */
export function insufficientScope(scopes: readonly string[]): ODataError {
  const names = scopes.map((scope) => `'${scope}'`);
  const needed = names.length === 1 ? `the scope ${String(names[0])}` : `one of the scopes ${names.join(", ")}`;
  const message = `The access token does not allow this. The request needs ${needed}.`;
  return new ODataError(403, "Authorization_RequestDenied", message, {
    headers: {
      "www-authenticate": `Bearer realm="${REALM}", error="insufficient_scope", scope="${quotable(scopes.join(" "))}"`,
    },
  });
}

/** What may stand in a quoted `error_description` or `scope`: no quotes, backslashes or anything beyond ASCII. */
function quotable(text: string): string {
  return text.replace(/["\\]|[^\x20-\x7e]/g, "'");
}
