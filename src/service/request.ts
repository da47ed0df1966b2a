import type { Readable } from "node:stream";

/**
 * A request as the engine sees it, wherever it came from: HTTP, a part of a batch, a call in the same process, a test.
 */
export interface ODataRequest {
  readonly method: string;
  /**
   * Path and query relative to the service root, percent-encoded as the client sent it, with a leading slash:
   * `/deviceManagement/deviceConfigurations?$top=5`.
   */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body's bytes, or its text where a caller in the same process has it as text; absent where there is none. */
  readonly body?: Buffer | string | undefined;
  /**
   * The body's bytes as they arrive, in place of `body`, where the service would have it so (`Service.takesStream`). Whoever
   * reads them gets no more than is read; who does not want the rest stops.
   */
  readonly content?: AsyncIterable<Uint8Array> | undefined;
  /**
   * The absolute URL of the service root as the client sees it, with a trailing slash: `http://127.0.0.1:8080/beta/`.
   * Context URLs, `Location` and the like start with it.
   */
  readonly serviceRoot: string;
  /** Who sent it; absent for a call in the same process, which may do everything. */
  readonly client?: RequestClient | undefined;
}

/** What a front knows of whoever sent a request; the parts of a batch are asked for with it, one by one. */
export interface RequestClient {
  /** The same for all requests of one client, and different for others; `undefined` where clients are not told apart. */
  readonly identity: string | undefined;
  /** The GUID of the request; errors have it in their bodies. */
  readonly requestId: string;
  /** The id that the client itself gave to the request. */
  readonly clientRequestId: string | undefined;
  /** How many bytes a body may have, and become where it is encoded; where absent, the service has a bound of its own. */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Lets another request of the same client pass, or throws.
   *
   * @param url relative to the service root, as {@link ODataRequest.url}
   * @throws {ODataError} 401 where the request needs a token and there was none, 403 where its scopes do not suffice
   */
  authorize(method: string, url: string): void;
  /** Notes for the log what went wrong inside the service with a part of the request. */
  report(error: unknown): void;
}

/** What the engine answers; an adapter turns it into bytes. */
export interface ODataResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable | undefined;
}

/**
 * Whether a request only reads although its method is `POST`: it has its query options in its body (URL Conventions 4.01,
 * section 4.17). Access rules treat it as a `GET`.
 */
export function isReadByPost(method: string, url: string): boolean {
  if (method !== "POST") return false;
  const mark = url.indexOf("?");
  let end = mark < 0 ? url.length : mark;
  while (end > 0 && url.charCodeAt(end - 1) === SLASH) end--;
  const name = url.slice(url.lastIndexOf("/", end - 1) + 1, end);
  return name === "$query" || (name.includes("%") && name.length <= LONGEST_NAME && decoded(name) === "$query");
}

/**
 * What a URL addresses that is no resource of the model but has a handler of its own: the batch endpoint, or the status
 * monitor of a request that is carried out asynchronously.
 */
export type ServiceResource = { readonly kind: "batch" } | { readonly kind: "monitor"; readonly id: string };

/** @returns `undefined` for all other URLs, which are the model's */
export function serviceResource(url: string): ServiceResource | undefined {
  const first = url.charCodeAt(1);
  // Nearly all URLs are told by one character.
  if (first !== DOLLAR && first !== PERCENT && first !== SLASH) return undefined;
  const [name, id, ...rest] = url
    .split("?", 1)[0]!
    .split("/")
    .filter((segment) => segment !== "");
  if (name === undefined || name.length > LONGEST_NAME) return undefined;
  const resource = decoded(name);
  if (resource === "$batch" && id === undefined) return { kind: "batch" };
  if (resource === MONITORS && id !== undefined && rest.length === 0) return { kind: "monitor", id };
  return undefined;
}

/** Where the status monitors are, below the service root: no name of a model begins with a dollar sign. */
export const MONITORS = "$async";

/** Each of the few characters of a name of ours may be percent-encoded. */
const LONGEST_NAME = 20;
const SLASH = 47;
const DOLLAR = 36;
const PERCENT = 37;

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
