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
   * The absolute URL of the service root as the client sees it, with a trailing slash: `http://127.0.0.1:8080/beta/`.
   * Context URLs, `Location` and the like start with it.
   */
  readonly serviceRoot: string;
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
  return method === "POST" && QUERY_SEGMENT.test(url);
}

const QUERY_SEGMENT = /^[^?]*\/\$query\/*(?:\?|$)/;
