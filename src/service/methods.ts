import type { BoundPath, PropertyTail } from "../binding/index.js";
import { notImplemented, ODataError } from "../errors/index.js";
import { isWritable } from "../format/value-reader.js";
import type { ODataRequest } from "./request.js";
import type { ResourceRequest } from "./route.js";

/** What can always be done with what can be read. */
const READING = ["GET", "HEAD"] as const;

/**
 * The methods that a resource takes, for the header `Allow`.
 *
 * @example allowedMethods(resource) // "GET, HEAD, PATCH, PUT, DELETE"
 */
export function allowedMethods({ path }: Pick<ResourceRequest, "path">): string {
  return methodsOf(path).join(", ");
}

/** Whether a resource takes a method. */
export function allows({ path }: Pick<ResourceRequest, "path">, method: string): boolean {
  return methodsOf(path).includes(method);
}

function methodsOf({ tail, collection, segments }: BoundPath): readonly string[] {
  const last = segments.at(-1)!;
  switch (tail.kind) {
    case "entity":
      if (collection) return [...READING, "POST", "PATCH", "PUT"];
      return [...READING, "PATCH", "PUT", ...(last.kind === "singleton" ? [] : ["DELETE"])];
    case "ref": {
      const isRelationship = segments.some(({ kind }) => kind === "navigation");
      if (!isRelationship) return READING;
      if (collection) return [...READING, "POST", "PUT", "DELETE"];
      return last.kind === "navigation" ? [...READING, "PUT", "DELETE"] : [...READING, "DELETE"];
    }
    case "each":
      return ["PATCH", "DELETE"];
    case "media":
      if (segments[0]?.kind === "operation") return READING;
      return last.kind === "singleton" ? [...READING, "PUT"] : [...READING, "PUT", "DELETE"];
    case "stream":
      if (segments[0]?.kind === "operation" || !isUpdatable(tail.property)) return READING;
      return tail.property.nullable ? [...READING, "PUT", "DELETE"] : [...READING, "PUT"];
    case "property":
      return segments[0]?.kind === "operation" ? READING : propertyMethods(tail);
    default:
      return READING;
  }
}

/** Protocol 4.01, sections 11.4.9 to 11.4.11. */
function propertyMethods({ path, raw, count, narrowing }: PropertyTail): readonly string[] {
  const isPart = narrowing.some(({ kind }) => kind !== "ordinal");
  if (count || isPart || !path.every(isUpdatable)) return READING;
  if (raw) return [...READING, "PUT", "DELETE"];
  const last = path.at(-1)!;
  const isItem = narrowing.some(({ at }) => at === path.length);
  // The members of a collection have no identity, so there is nothing that a PATCH could merge (section 11.4.9.4).
  return last.collection && !isItem ? [...READING, "POST", "PUT", "DELETE"] : [...READING, "PUT", "PATCH", "DELETE"];
}

/** What bodies may hold and services pass over cannot be written by itself (Protocol 4.01, section 11.4.9.1). */
function isUpdatable(property: PropertyTail["path"][number]): boolean {
  const { declaringType } = property;
  return isWritable(property, true) && !(declaringType.kind === "entity" && declaringType.key.includes(property));
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
