import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ODataError, badRequest } from "../errors/index.js";
import type { Authenticator } from "./auth/authenticator.js";
import type { DevIssuer } from "./auth/dev-issuer.js";
import { answerConnectionErrors, urlTooLong } from "./connection-errors.js";
import { Exchange } from "./exchange.js";
import { Front } from "./front.js";
import { Origins, hostOf, isHost, splitTarget } from "./host.js";
import { resolveLimits } from "./limits.js";
import type { HttpLimits } from "./limits.js";
import type { Logger } from "./logger.js";
import { mountAll } from "./mount.js";
import type { Mount, MountedService } from "./mount.js";
import { createPages } from "./pages.js";
import { serve } from "./serve.js";

/** What {@link createServer} is given. */
export interface ServerOptions {
  /** The address or name to listen on, for example `127.0.0.1`. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly services: readonly MountedService[];
  /** Without one no request needs a token. */
  readonly authenticator?: Authenticator;
  /** A development issuer whose token endpoint, configuration and keys are to be served; usually the authenticator as well. */
  readonly tokenIssuer?: DevIssuer;
  readonly limits?: Partial<HttpLimits>;
  /** Default: nothing is logged. */
  readonly logger?: Logger;
  /** The only host names (without port) that requests may be addressed to; others get 421. Default: any. */
  readonly trustedHosts?: readonly string[];
  /**
   * Scheme, host and port as clients see them, for a server behind a proxy: `https://odata.example.com`. URLs in responses
   * start with it. Default: `http://` and the Host header. (`X-Forwarded-*` and `Forwarded` are never looked at: anyone can send them.)
   */
  readonly publicOrigin?: string;
  /** Whether the services are ready; `/healthz` says 503 until then. Default: always. */
  readonly ready?: () => boolean;
}

/** A listener with services. */
export interface ODatumServer {
  /**
   * Starts to accept connections.
   * @returns the URL to reach it by (no slash at the end) and the port it got
   * @throws the system error as it is, where the address cannot be had (`EADDRINUSE`, `EACCES`, ...)
   */
  listen(): Promise<{ url: string; port: number }>;
  /**
   * Accepts no more connections, closes the idle ones, lets the requests in work finish, and resolves when all is done.
   * Calling it again waits for the same end.
   * @param graceMs how long requests may take to finish before their connections are cut; default 10000
   */
  close(graceMs?: number): Promise<void>;
  readonly httpServer: Server;
}

/**
 * Puts services behind a Node listener. OData requests go straight to the services; Express is loaded when the first
 * request for anything else comes (landing page, token endpoint).
 *
 * @throws RangeError for a limit, path or origin that is none
 * @example
 * const server = createServer({ host: "127.0.0.1", port: 8080, services: [{ path: "/odata", handle: (r) => service.handle(r) }] });
 * const { url } = await server.listen();
 * process.once("SIGTERM", () => void server.close());
 */
export function createServer(options: ServerOptions): ODatumServer {
  return new NodeServer(options);
}

class NodeServer implements ODatumServer {
  readonly httpServer: Server;
  readonly #options: ServerOptions;
  readonly #front: Front;
  readonly #mounts: readonly Mount[];
  readonly #origins: Origins;
  readonly #sockets = new Set<Socket>();
  /** What was found out of requests that were handed to Express. */
  readonly #handed = new WeakMap<IncomingMessage, { exchange: Exchange; origin: string }>();
  #pages: Promise<RequestListener> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    const limits = resolveLimits(options.limits);
    this.#options = options;
    this.#front = new Front(limits, options.authenticator, options.logger);
    this.#mounts = mountAll(options.services);
    if (options.tokenIssuer !== undefined && options.services.some(({ path }) => path === "/"))
      throw new RangeError("A service at '/' leaves no path for the token issuer; give the service another one.");
    this.#origins = new Origins(checkedOrigin(options.publicOrigin), options.trustedHosts);
    this.httpServer = createHttpServer({
      maxHeaderSize: Math.max(limits.maxHeaderBytes, 2 * limits.maxUrlLength),
      headersTimeout: limits.headersTimeoutMs,
      // Bodies are timed where they are read; this is the net below for the ones that are only dropped.
      requestTimeout: Math.min(
        limits.headersTimeoutMs + 2 * Math.max(limits.bodyTimeoutMs, limits.uploadTimeoutMs),
        2 ** 31 - 1,
      ),
      connectionsCheckingInterval: Math.min(5_000, Math.max(20, Math.floor(limits.headersTimeoutMs / 4))),
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      // We say it ourselves, with a body.
      requireHostHeader: false,
      noDelay: true,
    });
    const server = this.httpServer;
    server.maxConnections = limits.maxConnections;
    server.on("request", (req, res) => this.#receive(req, res, false));
    server.on("checkContinue", (req, res) => this.#receive(req, res, true));
    server.on("checkExpectation", (req: IncomingMessage, res: ServerResponse) => {
      // RFC 9110, section 10.1.1: there is no other expectation than 100-continue.
      const message = "The only expectation that can be met is '100-continue'.";
      new Exchange(this.#front, req, res).fail(new ODataError(417, "ExpectationFailed", message, { target: "Expect" }));
    });
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    answerConnectionErrors(server, this.#front);
  }

  async listen(): Promise<{ url: string; port: number }> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.httpServer.once("error", reject);
      this.httpServer.listen({ host, port }, () => {
        this.httpServer.off("error", reject);
        resolve();
      });
    });
    const address = this.httpServer.address() as AddressInfo;
    return { url: `http://${urlHost(host)}:${String(address.port)}`, port: address.port };
  }

  close(graceMs = 10_000): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    this.#front.closing = true;
    const done = new Promise<void>((resolve) => {
      // An error here only says that it was not listening.
      this.httpServer.close(() => resolve());
    });
    // Node's closeIdleConnections() spares those that have never sent anything; such a one would hold us for the whole grace.
    for (const socket of this.#sockets) if (!this.#front.busy.has(socket)) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await done;
    clearTimeout(timer);
  }

  #receive(req: IncomingMessage, res: ServerResponse, expectsContinue: boolean): void {
    const exchange = new Exchange(this.#front, req, res);
    exchange.expectsContinue = expectsContinue;
    try {
      this.#route(exchange, req);
    } catch (error) {
      exchange.fail(error);
    }
  }

  #route(exchange: Exchange, req: IncomingMessage): void {
    const front = this.#front;
    let url = req.url as string;
    if (url.length > front.limits.maxUrlLength) throw urlTooLong(front.limits.maxUrlLength);
    let host = hostOf(req);
    if (url.charCodeAt(0) !== 47 /* slash */) {
      const target = splitTarget(url);
      url = target.url;
      // RFC 9112, section 3.2.2: the host of an absolute-form target goes before the header.
      host = target.host ?? host;
      if (!url.startsWith("/")) throw badRequest("The request target is neither a path nor a URL.");
      // For whoever comes after us; Express would read the rest of the target as a path.
      req.url = url;
    }
    // Before the host is looked at: probes come to an address, whatever the names are.
    if (isHealth(url)) {
      this.#health(exchange);
      return;
    }
    const origin = this.#origins.originOf(host ?? localHost(req.socket));
    if (front.closing) throw unavailable("The server is shutting down.");
    // This exchange is already counted.
    if (front.inFlight > front.limits.maxConcurrentRequests) throw unavailable("The server is busy. Try again soon.");
    for (const mount of this.#mounts) {
      const relative = mount.match(url);
      if (relative !== undefined) {
        serve(exchange, mount.service, relative, mount.root(origin));
        return;
      }
    }
    this.#hand(exchange, origin);
  }

  /** Answered here and not by Express: a probe must not wait for a module to load. */
  #health(exchange: Exchange): void {
    const { method } = exchange.req;
    if (method !== "GET" && method !== "HEAD") {
      throw new ODataError(405, "MethodNotAllowed", "The health of the server is read with GET.", {
        headers: { allow: "GET, HEAD" },
      });
    }
    const ok = !this.#front.closing && this.#options.ready?.() !== false;
    exchange.send({
      status: ok ? 200 : 503,
      headers: {
        "content-type": "application/json",
        "cache-control": "no-store",
        ...(ok ? {} : { "retry-after": "1" }),
      },
      body: `{"status":"${ok ? "ok" : "unavailable"}"}`,
    });
  }

  #hand(exchange: Exchange, origin: string): void {
    const { req, res } = exchange;
    this.#handed.set(req, { exchange, origin });
    this.#pages ??= this.#loadPages();
    this.#pages
      .then((pages) => {
        if (exchange.expectsContinue) {
          exchange.expectsContinue = false;
          res.writeContinue();
        }
        res.setHeader("request-id", exchange.requestId);
        if (exchange.clientRequestId !== undefined) res.setHeader("client-request-id", exchange.clientRequestId);
        if (this.#front.closing) res.setHeader("connection", "close");
        pages(req, res);
      })
      .catch((error: unknown) => exchange.fail(error));
  }

  async #loadPages(): Promise<RequestListener> {
    try {
      return await createPages({
        paths: this.#mounts.map((mount) => mount.service.path),
        tokenIssuer: this.#options.tokenIssuer,
        // Express hands on the very request that it was given.
        exchangeOf: (req) => this.#known(req).exchange,
        originOf: (req) => this.#known(req).origin,
      });
    } catch (error) {
      this.#pages = undefined;
      throw error;
    }
  }

  #known(req: IncomingMessage): { exchange: Exchange; origin: string } {
    const known = this.#handed.get(req);
    if (known === undefined) throw new Error("The request did not come through the listener.");
    return known;
  }
}

function isHealth(url: string): boolean {
  return url === "/healthz" || url.startsWith("/healthz?");
}

function unavailable(message: string): ODataError {
  return new ODataError(503, "ServiceUnavailable", message, { headers: { "retry-after": "1" } });
}

/** Where an HTTP/1.0 request without Host was sent to. */
function localHost(socket: Socket): string {
  return `${urlHost(socket.localAddress ?? "localhost")}:${String(socket.localPort ?? 80)}`;
}

/** An address as it stands in a URL; "all addresses" is shown as one that can be called. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

function checkedOrigin(origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  const match = /^https?:\/\/([^/]+)\/?$/i.exec(origin);
  if (match === null || !isHost(match[1] as string)) {
    throw new RangeError(`'${origin}' is no origin; it should look like 'https://odata.example.com'.`);
  }
  return origin.replace(/\/$/, "");
}
