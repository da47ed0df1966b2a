import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { ContentCoding } from "../format/content-coding.js";
import { acceptedCoding } from "../format/content-coding.js";
import type { ODataResponse, RequestClient } from "../service/request.js";
import { errorVersion } from "../service/version.js";
import { requireAccess } from "./auth/authorization.js";
import type { Principal } from "./auth/authenticator.js";
import { ClientGone, hasBody } from "./body.js";
import { errorResponse, toODataError } from "../service/error-response.js";
import type { Front } from "./front.js";
import { encodedStream, isWorthEncoding } from "./encoding.js";
import { endLingering } from "./linger.js";
import { loggablePath } from "./logger.js";
import type { MountedService, RequestContext } from "./mount.js";

/** GUIDs and what passes for them in clients: nothing that could break a header or a log. */
const CLIENT_REQUEST_ID = /^[A-Za-z0-9\-_.]{1,128}$/;
/** A refused body that is announced to be at most this long is read to its end, and the connection lives on. */
const SMALL_BODY = 65_536;

/**
 * One request and its response on the wire: its ids, its answer or its error, its line in the log.
 * It knows nothing of OData but the version header of an error; `serve.ts` does the rest.
 */
export class Exchange implements RequestContext, RequestClient {
  readonly front: Front;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string = randomUUID();
  readonly clientRequestId: string | undefined;
  /** The service the request is for, once it is known; its errors then carry `OData-Version`. */
  service: MountedService | undefined;
  principal: Principal | undefined;
  /** True while a client waits for `100 Continue` before it sends its body. */
  expectsContinue = false;
  readonly #socket: Socket;
  readonly #started = performance.now();

  constructor(front: Front, req: IncomingMessage, res: ServerResponse) {
    this.front = front;
    this.req = req;
    this.res = res;
    this.#socket = req.socket;
    const sent = req.headers["client-request-id"];
    this.clientRequestId = typeof sent === "string" && CLIENT_REQUEST_ID.test(sent) ? sent : undefined;
    front.enter(this.#socket);
    // 'close' comes after 'finish' and also where the client goes away: the one event that always comes.
    res.once("close", () => this.#closed());
  }

  get identity(): string | undefined {
    return this.principal?.subject;
  }

  get maxBodyBytes(): number {
    return this.front.limits.maxBodyBytes;
  }

  report(error: unknown): void {
    this.#logFailure(error);
  }

  authorize(method: string, url: string): void {
    const { service } = this;
    if (service === undefined || this.front.authenticator === undefined) return;
    requireAccess(service.access, this.principal, method, url);
  }

  /** Sends the answer. What goes wrong with it (a header that is none, a stream that fails) becomes an error response. */
  send(response: ODataResponse): void {
    try {
      this.#write(response);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Turns whatever was thrown into an error response; nothing is left to do afterwards. */
  fail(thrown: unknown): void {
    if (thrown instanceof ClientGone) {
      this.#socket.destroy();
      return;
    }
    const error = toODataError(thrown);
    if (error.status >= 500 && error.cause !== undefined) this.#logFailure(error.cause);
    if (this.res.headersSent || this.res.writableEnded) {
      // Half an answer is out; only a broken connection tells the client that it is not whole.
      this.res.destroy();
      return;
    }
    const { headers, body, status } = errorResponse(error, this);
    const extended =
      this.service === undefined
        ? headers
        : { "odata-version": errorVersion(this.req.headers as Record<string, string | undefined>), ...headers };
    try {
      this.#write({ status, headers: extended, body });
    } catch (cause) {
      // A header of the error could not be written. The body alone can: it is JSON made by us.
      this.#logFailure(cause);
      this.#write({ status, headers: { "content-type": "application/json" }, body });
    }
  }

  #write(response: ODataResponse): void {
    const { res } = this;
    if (res.destroyed) {
      discard(response.body);
      return;
    }
    const { status, headers } = response;
    let body = response.body;
    const bodyless = status === 204 || status === 304;
    const lines: string[] = ["request-id", this.requestId, "x-content-type-options", "nosniff"];
    if (this.clientRequestId !== undefined) lines.push("client-request-id", this.clientRequestId);
    if (headers["cache-control"] === undefined) lines.push("cache-control", "no-cache");
    const coding = this.#coding(response);
    if (coding !== undefined) {
      body = encodedStream(body!, coding);
      lines.push("content-encoding", coding);
    }
    if (this.service !== undefined) lines.push("vary", varyOf(headers["vary"]));
    const isStream = typeof body === "object" && !Buffer.isBuffer(body);
    for (const name in headers) {
      // The length of what we have in hand is ours to say; 204 and 304 have none (RFC 9110, section 8.6).
      if (name === "content-length" && (bodyless || coding !== undefined || (body !== undefined && !isStream)))
        continue;
      if (name === "vary" && this.service !== undefined) continue;
      lines.push(name, headers[name] as string);
    }
    if (!bodyless) {
      if (typeof body === "string") lines.push("content-length", String(Buffer.byteLength(body)));
      else if (Buffer.isBuffer(body)) lines.push("content-length", String(body.length));
      else if (body === undefined && headers["content-length"] === undefined && this.req.method !== "HEAD") {
        lines.push("content-length", "0");
      }
    }
    const linger = this.#unreadBody(status);
    if (linger || this.front.closing) lines.push("connection", "close");

    if (bodyless || this.req.method === "HEAD") {
      discard(body);
      body = undefined;
    }
    if (body !== undefined && typeof body === "object" && !Buffer.isBuffer(body)) {
      this.#stream(status, lines, body, linger).catch((error: unknown) => this.fail(error));
      return;
    }
    res.writeHead(status, lines);
    if (linger) {
      if (body === undefined) res.flushHeaders();
      else res.write(body);
      endLingering(this.req, res, this.front.limits.lingerMs);
    } else if (body === undefined) res.end();
    else res.end(body);
    this.#boundReading();
  }

  /** How the body is to be encoded, where that is wanted and worth its while. */
  #coding(response: ODataResponse): ContentCoding | undefined {
    const accepted = this.req.headers["accept-encoding"];
    if (accepted === undefined || this.service === undefined || this.req.method === "HEAD") return undefined;
    return isWorthEncoding(response) ? acceptedCoding(accepted) : undefined;
  }

  async #stream(status: number, lines: string[], body: Readable, linger: boolean): Promise<void> {
    const { res } = this;
    const stop = (): void => void body.destroy();
    res.once("close", stop);
    let begun = false;
    for await (const chunk of body as AsyncIterable<Buffer | string>) {
      // The head waits for the first chunk: a source that fails at once can still be answered with an error.
      if (!begun) res.writeHead(status, lines);
      begun = true;
      if (!res.write(chunk)) {
        this.#boundReading();
        await drained(res);
        if (res.destroyed) return;
        this.#socket.setTimeout(0);
      }
    }
    if (!begun) res.writeHead(status, lines);
    if (linger) endLingering(this.req, res, this.front.limits.lingerMs);
    else res.end();
  }

  /** Cuts the connection where the client does not take what was written; Node restarts the time at each progress. */
  #boundReading(): void {
    if (this.#socket.writableLength > 0) this.#socket.setTimeout(this.front.limits.writeTimeoutMs);
  }

  /**
   * Whether the answer comes before a request body that is better not waited for. (A small one Node reads and drops by
   * itself, unless the client is still waiting to be told to send it, or its size or pace is what was refused.)
   */
  #unreadBody(status: number): boolean {
    const { req } = this;
    if (req.complete || !hasBody(req)) return false;
    if (this.expectsContinue || status === 408 || status === 413) return true;
    const length = req.headers["content-length"];
    return length === undefined || Number(length) > SMALL_BODY;
  }

  #logFailure(err: unknown): void {
    this.front.logger?.error({ requestId: this.requestId, err }, "request failed");
  }

  #closed(): void {
    this.front.leave(this.#socket);
    const { logger } = this.front;
    if (logger === undefined) return;
    const { req, res } = this;
    const fields = {
      method: req.method,
      // Express changes `url` while it routes and keeps what came in as `originalUrl`.
      path: loggablePath((req as { originalUrl?: string }).originalUrl ?? req.url ?? ""),
      status: res.headersSent ? res.statusCode : undefined,
      durationMs: Math.round((performance.now() - this.#started) * 1000) / 1000,
      requestId: this.requestId,
    };
    if (!res.writableFinished) logger.info({ ...fields, aborted: true }, "request aborted");
    else if (res.statusCode >= 500) logger.warn(fields, "request");
    else logger.info(fields, "request");
  }
}

/**
 * What answers depend on, for caches on the way (Protocol 4.01, section 8.3.9): the format, the protocol's version, and the
 * coding; beside these what the service says of this answer.
 */
function varyOf(own: string | undefined): string {
  return own === undefined ? VARY : `${VARY}, ${own}`;
}

const VARY = "Accept, Accept-Encoding, OData-MaxVersion";

/** Resolves when the response can take more, or when it never will. */
function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off("drain", done).off("close", done);
      resolve();
    };
    if (res.destroyed) resolve();
    else res.on("drain", done).on("close", done);
  });
}

/** A stream that nobody reads keeps what it holds (a database connection, a file) until it is destroyed. */
function discard(body: ODataResponse["body"]): void {
  if (typeof body === "object" && !Buffer.isBuffer(body)) {
    body.on("error", () => undefined);
    body.destroy();
  }
}
