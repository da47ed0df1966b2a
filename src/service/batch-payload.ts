import { badRequest } from "../errors/index.js";
import type { MessageHeaders } from "../format/http-message.js";
import type { JsonValue } from "../format/json-text.js";

/** The two formats of batch requests and their answers. */
export type BatchFormat = "application/json" | "multipart/mixed";

/** One request of a batch, as the client wrote it. */
export interface BatchRequest {
  /** `Content-ID`, or `id`. */
  readonly id: string | undefined;
  /** In upper case. */
  readonly method: string;
  readonly url: string;
  readonly headers: MessageHeaders;
  readonly body: BatchBody | undefined;
  /** Ids of requests and groups that must have succeeded. */
  readonly dependsOn: readonly string[];
  /** `if`, where it is there. */
  readonly condition: string | undefined;
}

/** The body of a request: its bytes, or JSON that was parsed with the batch. */
export type BatchBody =
  { readonly kind: "bytes"; readonly bytes: Buffer } | { readonly kind: "json"; readonly value: JsonValue };

/** Requests that are carried out together or not at all: a change set, or an atomicity group. */
export interface BatchGroup {
  readonly kind: "group";
  /** The name of an atomicity group; change sets have none. */
  readonly name: string | undefined;
  readonly requests: readonly BatchRequest[];
}

/** A batch request (Protocol 4.01, section 11.7). */
export interface Batch {
  readonly format: BatchFormat;
  readonly items: readonly (BatchGroup | { readonly kind: "request"; readonly request: BatchRequest })[];
}

/** Methods of requests in batches. */
const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/**
 * The method of a request of a batch.
 *
 * @param where the request, for messages
 * @throws {ODataError} 400 for another than those that batches are for
 */
export function batchMethod(method: string, where: string): string {
  const known = method.toUpperCase();
  if (METHODS.has(known)) return known;
  throw badRequest(`The method of ${where} is one of ${[...METHODS].join(", ")}, not '${method.slice(0, 20)}'.`);
}

/**
 * Keeps the ids of a batch apart.
 *
 * @throws {ODataError} 400 for an id that is there already
 */
export function addId(ids: Set<string>, id: string, where: string): void {
  if (ids.has(id)) throw badRequest(`The identifier '${id}' of ${where} is another's already; each is there once.`);
  ids.add(id);
}

/** 400 for a batch with more requests than a service takes at once. */
export function tooManyRequests(most: number): Error {
  return badRequest(`The batch has more requests than the ${most} that are taken at once.`);
}
