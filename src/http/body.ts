import type { IncomingMessage } from "node:http";
import { ODataError } from "../errors/index.js";
import { codingsOf } from "../format/content-coding.js";

/** The bounds of one body. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
}

/** Thrown where the client went away in the middle of its request: nobody is there to be answered. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/** Whether a request announces a body (RFC 9112, section 6.3); `Content-Length: 0` is none. */
export function hasBody(req: IncomingMessage): boolean {
  const headers = req.headers;
  const length = headers["content-length"];
  return length === undefined ? headers["transfer-encoding"] !== undefined : length !== "0";
}

/**
 * Refuses what can be refused by the headers alone, before anything of the body is read (and before `100 Continue`).
 *
 * @throws ODataError 413 for too long a Content-Length, 415 for a Content-Encoding, 501 for another transfer coding than `chunked`
 */
export function checkBodyHeaders(req: IncomingMessage, limits: BodyLimits): void {
  const headers = req.headers;
  const encoding = headers["content-encoding"];
  if (encoding !== undefined) codingsOf(encoding);
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && coding.trim().toLowerCase() !== "chunked") {
    // RFC 9112, section 6.1: a transfer coding that is not understood is answered with 501.
    throw new ODataError(501, "NotImplemented", "The only transfer coding accepted is 'chunked'.", {
      target: "Transfer-Encoding",
    });
  }
  if (Number(headers["content-length"] ?? 0) > limits.maxBodyBytes) throw tooLarge(limits.maxBodyBytes);
}

/**
 * Reads a body to its end.
 *
 * @returns the bytes
 * @throws ODataError 413 past the limit, 408 past the time; {@link ClientGone} where the connection broke off. What is left
 *   of the body after a 413 or 408 is not read: the caller closes the connection (see `HttpLimits.lingerMs`).
 */
export function readBody(req: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      const seconds = String(limits.bodyTimeoutMs / 1000);
      settle(new ODataError(408, "RequestTimeout", `The request body did not arrive within ${seconds} seconds.`));
    }, limits.bodyTimeoutMs);

    function onData(chunk: Buffer): void {
      size += chunk.length;
      if (size > limits.maxBodyBytes) settle(tooLarge(limits.maxBodyBytes));
      else chunks.push(chunk);
    }
    function onEnd(): void {
      settle(undefined);
    }
    function onGone(): void {
      settle(new ClientGone("The connection was closed before the request body was complete."));
    }
    function settle(error: Error | undefined): void {
      clearTimeout(timer);
      req.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone);
      // An aborted request emits 'error' after 'close'; unheard it would end the process.
      req.on("error", ignore);
      if (error !== undefined) reject(error);
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
    }
    if (req.destroyed && !req.complete) {
      settle(new ClientGone("The connection was closed before the request body was read."));
      return;
    }
    req.on("data", onData).on("end", onEnd).on("close", onGone).on("error", onGone);
  });
}

function ignore(): void {}

function tooLarge(limit: number): ODataError {
  return new ODataError(413, "RequestEntityTooLarge", `The request body is larger than ${String(limit)} bytes.`);
}
