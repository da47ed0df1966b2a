/**
 * Everything a client can make the listener hold, wait for or do is bounded; these are the bounds. Times are in milliseconds.
 */
export interface HttpLimits {
  /** Characters of the request target; a longer one is answered with 414. Default 16384. */
  readonly maxUrlLength: number;
  /**
   * Bytes of request line and header fields together; more is answered with 431. Raised to twice `maxUrlLength` where it is
   * less, so that a URL that is merely too long still gets its 414. Default 65536.
   */
  readonly maxHeaderBytes: number;
  /** Bytes of a request body; more is answered with 413. Default 4194304 (4 MiB). */
  readonly maxBodyBytes: number;
  /** Time for a body to arrive once its headers have; a slower one is answered with 408. Default 30000. */
  readonly bodyTimeoutMs: number;
  /**
   * Time for a body to arrive that the service takes as it comes, such as the content of a media entity; a slower one is
   * answered with 408, as is one of which nothing comes for `bodyTimeoutMs`. Default 600000 (10 minutes).
   */
  readonly uploadTimeoutMs: number;
  /** Time for the request line and headers to arrive; slower ones are answered with 408. Default 20000. */
  readonly headersTimeoutMs: number;
  /** How long an idle connection is kept open for the next request. Default 60000. */
  readonly keepAliveTimeoutMs: number;
  /** How long a client may leave a response unread without any progress before its connection is cut. Default 60000. */
  readonly writeTimeoutMs: number;
  /**
   * How long the rest of a refused body is read and thrown away before the connection closes. Closing at once would reset
   * the connection, and the reset could overtake the refusal (RFC 9112, section 9.6). Default 2000.
   */
  readonly lingerMs: number;
  /** Requests in work at the same time; further ones are answered with 503 and `Retry-After`. Default 1000. */
  readonly maxConcurrentRequests: number;
  /** Open connections; further ones are closed unanswered. Default 10000. */
  readonly maxConnections: number;
}

/** The default of each of {@link HttpLimits}. */
export const DEFAULT_LIMITS: HttpLimits = Object.freeze({
  maxUrlLength: 16_384,
  maxHeaderBytes: 65_536,
  maxBodyBytes: 4 * 1024 * 1024,
  bodyTimeoutMs: 30_000,
  uploadTimeoutMs: 600_000,
  headersTimeoutMs: 20_000,
  keepAliveTimeoutMs: 60_000,
  writeTimeoutMs: 60_000,
  lingerMs: 2_000,
  maxConcurrentRequests: 1_000,
  maxConnections: 10_000,
});

/** Timers of Node hold 31 bits; a longer time would fire at once. */
const MOST = 2 ** 31 - 1;

/**
 * Limits with the defaults filled in.
 *
 * @throws RangeError where one is not an integer from 1 to 2147483647
 */
export function resolveLimits(given: Partial<HttpLimits> = {}): HttpLimits {
  const limits: Record<string, number> = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!(name in DEFAULT_LIMITS)) throw new RangeError(`There is no limit named '${name}'.`);
    if (!Number.isInteger(value) || value < 1 || value > MOST) {
      throw new RangeError(`The limit '${name}' must be an integer from 1 to ${String(MOST)}, not ${String(value)}.`);
    }
    limits[name] = value;
  }
  return Object.freeze(limits) as unknown as HttpLimits;
}
