import type { IncomingMessage, RequestListener } from "node:http";
import type { NextFunction, Request, Response } from "express";
import { notFound } from "../errors/index.js";
import { tokenRoutes } from "./auth/routes.js";
import type { DevIssuer } from "./auth/dev-issuer.js";
import type { Exchange } from "./exchange.js";

/** What the pages show and serve. */
export interface PagesOptions {
  /** Paths of the mounted services. */
  readonly paths: readonly string[];
  readonly tokenIssuer: DevIssuer | undefined;
  /** The exchange of a request that was handed to the app. */
  readonly exchangeOf: (req: IncomingMessage) => Exchange;
  /** The checked origin of such a request. */
  readonly originOf: (req: IncomingMessage) => string;
}

/**
 * The Express app for everything that is not OData: the landing page, the development issuer's routes, and an error in
 * the usual form for whatever else is asked. Loads Express and helmet; call it when the first such request comes.
 */
export async function createPages(options: PagesOptions): Promise<RequestListener> {
  const [{ default: express }, { default: helmet }] = await Promise.all([import("express"), import("helmet")]);
  const { paths, tokenIssuer, exchangeOf, originOf } = options;
  const app = express();
  app.disable("x-powered-by");
  // No HSTS: this listener speaks plain HTTP, and a browser that once got it would refuse to (RFC 6797, section 7.2).
  app.use(
    helmet({
      strictTransportSecurity: false,
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    }),
  );
  if (tokenIssuer !== undefined) app.use(await tokenRoutes(tokenIssuer, { origin: originOf }));
  app.get("/", (req, res) => {
    const services = paths.map((path) => ({ path, url: `${originOf(req)}${path}/` }));
    res.vary("accept").set("cache-control", "no-cache");
    if (req.accepts(["html", "json"]) === "json") res.json({ services, health: `${originOf(req)}/healthz` });
    else res.type("html").send(landingPage(services));
  });
  app.use((req) => {
    const at = paths.length === 0 ? "" : ` Services are at ${paths.map((path) => `'${path}/'`).join(", ")}.`;
    throw notFound(`There is nothing at this path for ${req.method}.${at}`);
  });
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, req: Request, _res: Response, _next: NextFunction) => {
    exchangeOf(req).fail(error);
  });
  return app as RequestListener;
}

/** Paths and hosts were checked to hold nothing that means something in HTML. */
function landingPage(services: readonly { path: string; url: string }[]): string {
  const items = services.map(
    ({ path, url }) => `<li><a href="${url}">${path}/</a> (<a href="${url}$metadata">metadata</a>)</li>`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>odatum</title></head>
<body>
<h1>odatum</h1>
<p>OData services on this server:</p>
<ul>${items.join("")}</ul>
<p><a href="/healthz">Health</a></p>
</body>
</html>
`;
}
