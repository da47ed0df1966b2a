import { badRequest, notFound } from "../errors/index.js";
import type { ServiceContext } from "./context.js";
import type { ODataRequest } from "./request.js";

/** Where URLs of a batch's requests begin. */
export interface BatchBase {
  /** The batch request itself. */
  readonly request: ODataRequest;
  readonly context: Pick<ServiceContext, "behaviour">;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/;

/**
 * The URL of a request of a batch, relative to the service root, with a leading slash. It may be written as an absolute URL,
 * as an absolute path with the host in a header of its own, or relative to the batch request (Protocol 4.01, section
 * 11.7.7.1; JSON Format 4.01, section 19.1).
 *
 * @param host `Host` of the part
 * @throws {ODataError} 404 for a URL outside this service, 400 for one that is none
 * @example
 * batchUrl("http://example.org/shop/Books(1)", undefined, base) // "/Books(1)"
 * batchUrl("/shop/Books(1)", "example.org", base)               // "/Books(1)"
 * batchUrl("Books(1)", undefined, base)                         // "/Books(1)"
 */
export function batchUrl(url: string, host: string | undefined, base: BatchBase): string {
  const { request, context } = base;
  const { serviceRoot } = request;
  if (/[\s#\\]/.test(url)) throw badRequest(`'${short(url)}' is no URL of a request: it has to be percent-encoded.`);
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? "" : url.slice(mark);
  if (SCHEME.test(path)) {
    for (const root of [serviceRoot, ...(context.behaviour.alternateRoots ?? [])]) {
      const rest = behindRoot(path, root);
      if (rest !== undefined) return `/${rest}${query}`;
    }
    throw elsewhere(url);
  }
  if (!path.startsWith("/")) {
    if (!DOT_SEGMENT.test(path)) return `/${path}${query}`;
    return batchUrl(`${new URL(path, serviceRoot).href}${query}`, undefined, base);
  }
  if (host !== undefined && !isOwnHost(host, base)) throw elsewhere(`${host}${url}`);
  const rest = behindRoot(`${originOf(serviceRoot)}${path}`, serviceRoot);
  if (rest !== undefined) return `/${rest}${query}`;
  if (context.behaviour.batch?.pathsFromServiceRoot === true) return `${path}${query}`;
  throw elsewhere(url);
}

/** What follows the service root in a URL. Scheme and host are the same in any case, paths are not. */
function behindRoot(url: string, root: string): string | undefined {
  const origin = originOf(root).length;
  if (url.slice(0, origin).toLowerCase() !== originOf(root).toLowerCase()) return undefined;
  const path = url.slice(origin);
  const rootPath = root.slice(origin);
  if (path.startsWith(rootPath)) return path.slice(rootPath.length);
  return `${path}/` === rootPath ? "" : undefined;
}

/** `http://example.org:8080` */
function originOf(root: string): string {
  const path = root.indexOf("/", root.indexOf("//") + 2);
  return path < 0 ? root : root.slice(0, path);
}

/** The host that the batch was sent to, by whatever name it is known here. */
function isOwnHost(host: string, { request }: BatchBase): boolean {
  const own = [originOf(request.serviceRoot).replace(SCHEME, "").slice(2), request.headers.host];
  return own.some((name) => name?.toLowerCase() === host.trim().toLowerCase());
}

function elsewhere(url: string): Error {
  return notFound(`'${short(url)}' is no URL of this service; a batch holds requests to one service only.`);
}

function short(url: string): string {
  return url.slice(0, 200);
}
