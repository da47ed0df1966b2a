import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import { ODataError } from "../errors/index.js";
import type { ODataResponse, RequestClient } from "./request.js";

/** What an error body says of its request besides the error. */
export interface ErrorContext {
  /** The GUID made for the request; also in the `request-id` header. */
  readonly requestId: string;
  /** What the client sent as `client-request-id`; where it sent nothing, the body repeats `requestId`, as Graph does. */
  readonly clientRequestId?: string | undefined;
  /** When it happened; now by default. */
  readonly date?: Date;
}

/**
 * The text of an error response: the error object of OData JSON Format 4.01, section 21.1, with the `innerError` that
 * Microsoft Graph adds. `target` and `details` are there only where the error has them; a stack or cause never is.
 *
 * @example
 * errorBody(notFound("There is no such thing."), { requestId })
 * // {"error":{"code":"ResourceNotFound","message":"There is no such thing.","innerError":{"date":"2026-01-01T00:00:00",...}}}
 */
export function errorBody(error: ODataError, context: ErrorContext): string {
  return JSON.stringify({
    error: {
      code: error.code,
      message: error.message,
      // JSON.stringify leaves out what is undefined.
      target: error.target,
      details: error.details.length === 0 ? undefined : error.details,
      innerError: {
        // Graph writes UTC without fraction and without `Z`.
        date: (context.date ?? new Date()).toISOString().slice(0, 19),
        "request-id": context.requestId,
        "client-request-id": context.clientRequestId ?? context.requestId,
      },
    },
  });
}

/**
 * An error as a whole response. `cache-control: no-store`, because an error is about this request only; `content-language`
 * says the language of the message, as JSON Format 4.01, section 21.1 asks for.
 */
export function errorResponse(error: ODataError, context: ErrorContext): ODataResponse {
  return {
    status: error.status,
    headers: {
      ...error.headers,
      "content-type": "application/json",
      "content-language": "en",
      "cache-control": "no-store",
    },
    body: errorBody(error, context),
  };
}

/** What error bodies say of a request, wherever it came from. */
export function errorContextOf(client: RequestClient | undefined): ErrorContext {
  return client ?? { requestId: randomUUID() };
}

/**
 * Whatever was thrown, as an error that may be shown to a client. An {@link ODataError} is itself; an error of Express or
 * its middleware (they carry a 4xx `status`) keeps the status with a neutral text; anything else is 500.
 */
export function toODataError(thrown: unknown): ODataError {
  if (thrown instanceof ODataError) {
    return thrown.status >= 400 && thrown.status <= 599 ? thrown : internalError(thrown);
  }
  const status = (thrown as { status?: unknown } | null | undefined)?.status;
  if (typeof status === "number" && Number.isInteger(status) && status >= 400 && status <= 499) {
    const phrase = STATUS_CODES[status] ?? "Bad Request";
    return new ODataError(status, phrase.replace(/[^A-Za-z]/g, ""), `The request was refused: ${phrase}.`, {
      cause: thrown,
    });
  }
  return internalError(thrown);
}

function internalError(cause: unknown): ODataError {
  const message = "Something went wrong inside the service. The request-id of this response is in its log.";
  return new ODataError(500, "InternalServerError", message, { cause });
}
