import type { ODataRequest, ODataResponse } from "../service/request.js";
import type { Principal } from "./auth/authenticator.js";

/**
 * Who may do what with a service; asked for every request once there is an authenticator. A `POST` to `.../$query`, which
 * reads with its query options in its body, is asked for as a `GET`.
 */
export interface AccessRule {
  /** True where the request needs no token. `url` is relative to the service, percent-encoded, with its query. */
  anonymous(method: string, url: string): boolean;
  /** The scopes of which the token must have one; an empty list means that any valid token will do. */
  scopes(method: string, url: string): readonly string[];
}

/** What the front knows of a request besides the request itself; the second argument of `handle`. */
export interface RequestContext {
  /** The GUID of the request, as in its `request-id` response header. */
  readonly requestId: string;
  /** The `client-request-id` of the client, where it sent an acceptable one. */
  readonly clientRequestId: string | undefined;
  /** Who sent it; undefined without an authenticator and for anonymous requests. */
  readonly principal: Principal | undefined;
  /**
   * Asks the service's {@link AccessRule} about another request by the same client. The front itself only sees
   * `POST /$batch`; who takes a batch apart calls this for each of its parts.
   *
   * @throws ODataError 401 where the part needs a token and there was none, 403 where its scopes do not suffice
   */
  authorize(method: string, url: string): void;
}

/** A service and where it stands. */
export interface MountedService {
  /**
   * One or more path segments, with a leading slash and none at the end: `/beta`. Or `/`: then all that is no other service's
   * and not `/healthz` is this one's, and there is no landing page.
   */
  readonly path: string;
  /** Answers a request; may throw `ODataError` (shown to the client) or anything else (answered with a neutral 500). */
  handle(request: ODataRequest, context: RequestContext): ODataResponse | Promise<ODataResponse>;
  /**
   * Whether the body of a request is to be handed over as it arrives (`ODataRequest.content`), and is no longer bound by
   * `maxBodyBytes`: for uploads. `Service.takesStream` says it of a service. Without it every body is read first.
   */
  takesStream?(request: Pick<ODataRequest, "method" | "url" | "headers">): boolean;
  /** Without one every request needs a valid token (where there is an authenticator) but no particular scope. */
  readonly access?: AccessRule;
}

const PATH = /^(?:\/[A-Za-z0-9._~-]+)+$/;
/** How many service roots are kept as text; there is one for every origin that clients use. */
const REMEMBERED = 100;
const SLASH = 47;
const QUESTION_MARK = 63;

/** A service with what is worked out once: the match by path, and its root URL for each origin. */
export class Mount {
  readonly service: MountedService;
  readonly #path: string;
  readonly #roots = new Map<string, string>();

  /** @throws RangeError where the path is not one */
  constructor(service: MountedService) {
    if (service.path !== "/" && !PATH.test(service.path)) {
      throw new RangeError(`'${service.path}' is no path to mount a service at; it should look like '/odata'.`);
    }
    this.service = service;
    this.#path = service.path === "/" ? "" : service.path;
  }

  /** The URL relative to the service, with a leading slash; undefined where it lies outside. */
  match(url: string): string | undefined {
    const path = this.#path;
    if (!url.startsWith(path)) return undefined;
    const next = url.charCodeAt(path.length);
    if (next === SLASH) return url.slice(path.length);
    if (next === QUESTION_MARK) return `/${url.slice(path.length)}`;
    // NaN: the URL ends here.
    return Number.isNaN(next) ? "/" : undefined;
  }

  /** The service root under an origin: `http://127.0.0.1:8080/beta/`. */
  root(origin: string): string {
    let root = this.#roots.get(origin);
    if (root === undefined) {
      root = `${origin}${this.#path}/`;
      if (this.#roots.size < REMEMBERED) this.#roots.set(origin, root);
    }
    return root;
  }
}

/**
 * The mounts of some services, the longest path first, so that `/beta/admin` is found before `/beta`.
 *
 * @throws RangeError where two have the same path
 */
export function mountAll(services: readonly MountedService[]): readonly Mount[] {
  const paths = new Set<string>();
  for (const { path } of services) {
    if (paths.has(path)) throw new RangeError(`Two services are mounted at '${path}'.`);
    paths.add(path);
  }
  return services.map((service) => new Mount(service)).sort((a, b) => b.service.path.length - a.service.path.length);
}
