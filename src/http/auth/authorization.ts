import { isReadByPost, serviceResource } from "../../service/request.js";
import type { AccessRule } from "../mount.js";
import type { Principal } from "./authenticator.js";
import { insufficientScope, missingToken } from "./challenge.js";

/**
 * Lets a request pass or throws.
 *
 * @param rule the service's rule; without one any valid token will do
 * @param principal who sent it; undefined where it came without a token
 * @throws ODataError 401 where the rule wants a token and there is none, 403 where the token has none of the scopes needed
 */
export function requireAccess(
  rule: AccessRule | undefined,
  principal: Principal | undefined,
  method: string,
  url: string,
): void {
  const kind = accessMethod(method, url);
  if (rule === undefined) {
    if (principal === undefined) throw missingToken();
    return;
  }
  if (principal === undefined) {
    if (rule.anonymous(kind, url)) return;
    throw missingToken();
  }
  const needed = rule.scopes(kind, url);
  if (needed.length === 0 || needed.some((scope) => principal.scopes.has(scope))) return;
  // A part of a batch may need no token at all, whatever the scopes of the one that came with it.
  if (!rule.anonymous(kind, url)) throw insufficientScope(needed);
}

/**
 * The method that access is decided by. To read with the query options in the body is to read, and so is to ask what can be
 * done. A batch by itself does nothing, each of its requests is asked for by itself; and a status monitor is its client's own.
 */
export function accessMethod(method: string, url: string): string {
  if (method === "GET") return method;
  const readsOnly = method === "OPTIONS" || isReadByPost(method, url) || serviceResource(url) !== undefined;
  return readsOnly ? "GET" : method;
}
