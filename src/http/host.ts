import type { IncomingMessage } from "node:http";
import { ODataError, badRequest } from "../errors/index.js";

/** A DNS name is at most 253 characters, a port adds six; nothing longer is a host. */
const LONGEST_HOST = 260;
/**
 * `uri-host [":" port]` of RFC 9110, section 7.2, narrowed to what names of hosts are made of: letters, digits, `.`, `-` and
 * `_`, or an IPv6 address in brackets. The wider `reg-name` of RFC 3986 would let quotes and the like into context URLs.
 */
const HOST = /^(?:([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9._])?)|(\[[0-9A-Fa-f:.]{2,45}\]))(?::([0-9]{1,5}))?$/;
/** `absolute-form` of RFC 9112, section 3.2.2: the target of a request that was meant for a proxy. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;

/** Whether the text is `host` or `host:port` and nothing else. */
export function isHost(text: string): boolean {
  if (text.length > LONGEST_HOST) return false;
  const match = HOST.exec(text);
  if (match === null) return false;
  return match[3] === undefined || (Number(match[3]) >= 1 && Number(match[3]) <= 65_535);
}

/** The host without its port, in lower case: what `trustedHosts` is compared with. */
export function hostName(host: string): string {
  return host.replace(/:[0-9]+$/, "").toLowerCase();
}

/** A request target split into the host it names (absolute form only) and the path with query. */
export interface Target {
  readonly host: string | undefined;
  readonly url: string;
}

/** Reads an absolute-form target; for the usual origin form the caller needs no call (it starts with a slash). */
export function splitTarget(target: string): Target {
  const match = ABSOLUTE.exec(target);
  if (match === null) return { host: undefined, url: target };
  const rest = target.slice(match[0].length);
  return { host: match[1] ?? "", url: rest.startsWith("/") ? rest : `/${rest}` };
}

/**
 * The host that a request names, checked for nothing but being there exactly once (RFC 9112, section 3.2).
 *
 * @returns undefined where an HTTP/1.0 request has none
 * @throws ODataError 400 where there is none or more than one
 */
export function hostOf(req: IncomingMessage): string | undefined {
  const raw = req.rawHeaders;
  let count = 0;
  for (let i = 0; i < raw.length; i += 2) {
    // The length first: it spares the folding of nearly every other name.
    const name = raw[i] as string;
    if (name.length === 4 && (name === "Host" || name === "host" || name.toLowerCase() === "host")) count++;
  }
  if (count > 1) throw badRequest("The request has more than one Host header.", { target: "Host" });
  if (count === 1) return req.headers.host;
  if (req.httpVersionMinor === 0) return undefined;
  throw badRequest("The request has no Host header.", { target: "Host" });
}

/** How many hosts are remembered as checked; a client can make up any number of them. */
const REMEMBERED = 100;

/** Turns Host headers into origins (`http://127.0.0.1:8080`), and remembers the ones it has checked. */
export class Origins {
  readonly #fixed: string | undefined;
  readonly #trusted: ReadonlySet<string> | undefined;
  readonly #known = new Map<string, string>();

  /**
   * @param fixed the origin to use whatever the header says; the header must be right nevertheless
   * @param trusted names of hosts (no port, lower case) of which the header must have one; undefined for any
   */
  constructor(fixed: string | undefined, trusted: readonly string[] | undefined) {
    this.#fixed = fixed;
    this.#trusted = trusted === undefined ? undefined : new Set(trusted.map((name) => name.toLowerCase()));
  }

  /**
   * @throws ODataError 400 where the header is no host, 421 where it is not a trusted one (RFC 9110, section 15.5.20)
   */
  originOf(host: string): string {
    const known = this.#known.get(host);
    if (known !== undefined) return known;
    if (!isHost(host)) {
      throw badRequest("The Host header is not a host name or address with an optional port.", { target: "Host" });
    }
    if (this.#trusted !== undefined && !this.#trusted.has(hostName(host))) {
      throw new ODataError(421, "MisdirectedRequest", "This service does not answer for the host of the Host header.", {
        target: "Host",
      });
    }
    const origin = this.#fixed ?? `http://${host}`;
    if (this.#known.size < REMEMBERED) this.#known.set(host, origin);
    return origin;
  }
}
