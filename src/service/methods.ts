import { notImplemented, ODataError } from "../errors/index.js";
import type { ODataRequest } from "./request.js";
import type { ResourceRequest } from "./route.js";

/** The methods that a resource takes, for the header `Allow`. */
export function allowedMethods({ path }: Pick<ResourceRequest, "path">): string {
  const { tail, collection, segments } = path;
  const last = segments.at(-1)!;
  switch (tail.kind) {
    case "entity":
      if (collection) return "GET, HEAD, POST";
      return last.kind === "singleton" ? "GET, HEAD, PATCH" : "GET, HEAD, PATCH, DELETE";
    case "ref":
      if (collection) return "GET, HEAD, POST, DELETE";
      return last.kind === "navigation" ? "GET, HEAD, PUT, DELETE" : "GET, HEAD, DELETE";
    default:
      return "GET, HEAD";
  }
}

export function isGet({ method }: Pick<ODataRequest, "method">): boolean {
  return method === "GET" || method === "HEAD";
}

/** @throws {ODataError} 405 for a method that does not read */
export function requireGet(request: Pick<ODataRequest, "method">): void {
  if (!isGet(request)) throw methodNotAllowed(request.method, "GET, HEAD");
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** 405, or 501 for what is no method of ours at all (RFC 9110, section 9.1). */
export function methodNotAllowed(method: string, allow: string): ODataError {
  if (!methods.has(method)) return notImplemented("This HTTP method is not known here.");
  const message = `${method} is not possible here; ${allow} ${allow.includes(",") ? "are" : "is"}.`;
  return new ODataError(405, "MethodNotAllowed", message, { headers: { allow } });
}
