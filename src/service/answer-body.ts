import type { Readable } from "node:stream";
import { ODataError } from "../errors/index.js";
import type { WholeResponse } from "../format/http-message.js";
import type { ODataResponse } from "./request.js";

/** How many bytes of answers may still be kept in memory. */
export class AnswerBudget {
  left: number;

  constructor(bytes: number) {
    this.left = bytes;
  }
}

/**
 * An answer with its whole body in memory, where it would go out bit by bit otherwise: within a batch, or where it is
 * fetched later.
 *
 * @param budget what the body is taken from; the body of a request that has changed something is let pass in any case,
 *   since it would be wrong to say that the request has failed
 * @throws {ODataError} 507 where the budget does not suffice, and what the stream throws
 */
export function wholeAnswer(
  response: ODataResponse,
  budget: AnswerBudget,
  isRead: boolean,
): WholeResponse | Promise<WholeResponse> {
  const { body } = response;
  if (typeof body === "object" && !Buffer.isBuffer(body)) return collect(response, body, budget);
  const size = body?.length ?? 0;
  if (isRead && size > budget.left) throw tooLarge();
  budget.left -= size;
  return response as WholeResponse;
}

async function collect(response: ODataResponse, body: Readable, budget: AnswerBudget): Promise<WholeResponse> {
  const chunks: Buffer[] = [];
  // Leaving the loop, in whatever way, destroys the stream, which gives back what it holds.
  for await (const chunk of body as AsyncIterable<Buffer | string>) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (bytes.length > budget.left) throw tooLarge();
    budget.left -= bytes.length;
    chunks.push(bytes);
  }
  return { ...response, body: Buffer.concat(chunks) };
}

function tooLarge(): ODataError {
  return new ODataError(
    507,
    "InsufficientStorage",
    "The answer is larger than what can be kept until the whole of it is sent; ask for less at once.",
  );
}
