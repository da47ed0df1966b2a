import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ODataError, badRequest } from "../errors/index.js";
import { errorResponse } from "../service/error-response.js";
import type { Front } from "./front.js";

/** What Node knows of bytes that it could not make a request of. */
interface ParseError extends Error {
  readonly code?: string;
  readonly reason?: string;
  readonly rawPacket?: Buffer;
}

/** A refused connection that the client keeps open is cut after this long, in milliseconds. */
const PATIENCE = 1_000;
/** `method SP request-target` without an end: all that came is one long request line. */
const ENDLESS_TARGET = /^[A-Z]{1,20} [^ \r\n]+$/;

/**
 * Answers what never becomes a request, because it is malformed (400), its headers are too long (431) or its URL is (414),
 * or it does not arrive in time (408): Node itself would answer without a body.
 */
export function answerConnectionErrors(server: Server, front: Front): void {
  const refused = new WeakSet<Socket>();
  server.on("clientError", (error: ParseError, socket: Socket) => {
    if (refused.has(socket)) return;
    refused.add(socket);
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const answer = errorFor(error, front);
    // The response that Node has in work on this connection. No public API tells; Node's own handler looks here, too.
    const pending = (socket as { _httpMessage?: ServerResponse & { req: IncomingMessage } })._httpMessage;
    if (pending === undefined || pending === null) refuse(socket, answer, front);
    else if (pending.req.complete) {
      // The fault is in what followed a good request; that one is answered first, or the answers would be mistaken.
      pending.once("close", () => refuse(socket, answer, front));
    } else if (pending.headersSent) socket.destroy();
    // The body of the pending request is at fault. Its exchange sees the connection close and gives up.
    else refuse(socket, answer, front);
  });
}

function errorFor(error: ParseError, front: Front): ODataError {
  const { limits } = front;
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW": {
      const packet = error.rawPacket?.subarray(0, limits.maxUrlLength + 100).toString("latin1") ?? "";
      if (packet.length > limits.maxUrlLength && ENDLESS_TARGET.test(packet)) return urlTooLong(limits.maxUrlLength);
      return new ODataError(
        431,
        "RequestHeaderFieldsTooLarge",
        `The headers of the request are larger than ${String(limits.maxHeaderBytes)} bytes.`,
      );
    }
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new ODataError(408, "RequestTimeout", "The request did not arrive in time.");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new ODataError(413, "RequestEntityTooLarge", "The chunk extensions of the request body are too large.");
    default:
      return badRequest("The request is not well-formed HTTP.");
  }
}

/** 414 for a request target longer than allowed (RFC 9110, section 15.5.15). */
export function urlTooLong(limit: number): ODataError {
  return new ODataError(414, "RequestUriTooLong", `The URL of the request is longer than ${String(limit)} characters.`);
}

function refuse(socket: Socket, error: ODataError, front: Front): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  const { status, headers, body } = errorResponse(error, { requestId });
  const text = body as string;
  const lines = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? "Error"}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `request-id: ${requestId}`,
    "x-content-type-options: nosniff",
    `date: ${new Date().toUTCString()}`,
    `content-length: ${String(Buffer.byteLength(text))}`,
    "connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${text}`);
  // Not destroyed at once: a reset could overtake the answer. What still comes is dropped by the parser, which has given up.
  const timer = setTimeout(() => socket.destroy(), PATIENCE);
  socket.once("close", () => clearTimeout(timer));
  front.logger?.info({ status, requestId }, "request refused");
}
