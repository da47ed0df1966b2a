import type { NextFunction, Request, RequestHandler, Response } from "express";
import { ODataError, badRequest } from "../errors/index.js";
import type { Authenticator } from "./auth/authenticator.js";
import { urlTooLong } from "./connection-errors.js";
import { Exchange } from "./exchange.js";
import { Front } from "./front.js";
import { hostOf, isHost } from "./host.js";
import { resolveLimits } from "./limits.js";
import type { HttpLimits } from "./limits.js";
import type { Logger } from "./logger.js";
import type { MountedService } from "./mount.js";
import { serve } from "./serve.js";

/** What {@link odataRouter} may be given. */
export interface ODataRouterOptions {
  /** Without one no request needs a token. */
  readonly authenticator?: Authenticator;
  /** Those of a listener (headers, connections, keep-alive) are its own affair and are not looked at here. */
  readonly limits?: Partial<HttpLimits>;
  readonly logger?: Logger;
}

/**
 * A service as a middleware of an Express 5 app. Where it is mounted is where the service is: `service.path` is not looked at.
 * Scheme and host of the service root are what Express says, so the app's `trust proxy` setting holds.
 *
 * Mount it before `express.json()` and the like. A body that was parsed already is written out again, and numbers beyond
 * a JavaScript number have then lost digits.
 *
 * @example
 * app.use("/odata", odataRouter({ path: "/odata", handle: (request) => service.handle(request) }));
 */
export function odataRouter(service: MountedService, options: ODataRouterOptions = {}): RequestHandler {
  const front = new Front(resolveLimits(options.limits), options.authenticator, options.logger);
  // It never calls next(): what lies under its path is the service's, errors included.
  return (req: Request, res: Response, _next: NextFunction): void => {
    const exchange = new Exchange(front, req, res);
    try {
      const { limits } = front;
      if (req.originalUrl.length > limits.maxUrlLength) throw urlTooLong(limits.maxUrlLength);
      if (front.inFlight > limits.maxConcurrentRequests) {
        throw new ODataError(503, "ServiceUnavailable", "The server is busy. Try again soon.", {
          headers: { "retry-after": "1" },
        });
      }
      hostOf(req);
      // Undefined without a Host header, whatever the types say.
      const host = (req.host as string | undefined) ?? "localhost";
      if (!isHost(host)) {
        throw badRequest("The Host header is not a host name or address with an optional port.", { target: "Host" });
      }
      // Express leaves the path below the mount in `url`, with a slash in front, and the mount itself in `baseUrl`.
      serve(exchange, service, req.url, `${req.protocol}://${host}${req.baseUrl}/`, parsedBody(req));
    } catch (error) {
      exchange.fail(error);
    }
  };
}

/** The body where a parser before us has consumed it. */
function parsedBody(req: Request): Buffer | string | undefined {
  if (!req.readableEnded) return undefined;
  const body = req.body as unknown;
  if (body === undefined || typeof body === "string" || Buffer.isBuffer(body)) return body;
  return JSON.stringify(body);
}
