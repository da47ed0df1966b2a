import { badRequest } from "../errors/index.js";
import type { WholeResponse } from "../format/http-message.js";
import { joinPieces, readHttpRequest, writeHttpResponse } from "../format/http-message.js";
import { mediaType } from "../format/media.js";
import type { BodyPart } from "../format/multipart.js";
import { boundaryOf, splitMultipart } from "../format/multipart.js";
import { parseRequestId } from "../syntax/index.js";
import type { Batch, BatchRequest } from "./batch-payload.js";
import { addId, batchMethod, tooManyRequests } from "./batch-payload.js";
import type { BatchAnswer } from "./batch-run.js";

/**
 * Reads a batch request in the multipart format: Protocol 4.01, section 11.7.7.1. All of it is read before anything is done.
 *
 * @param contentType the batch's own, which names its boundary
 * @param most how many requests it may have
 * @throws {ODataError} 400 for what is no such document, for a change set that reads, and for requests without the identifier
 *   that change sets ask for, or with one that is there twice
 */
export function readMultipartBatch(body: Buffer, contentType: string, most: number): Batch {
  const ids = new Set<string>();
  let count = 0;
  const read = (part: BodyPart, where: string, isChange: boolean): BatchRequest => {
    if (++count > most) throw tooManyRequests(most);
    return readPart(part, where, isChange, ids);
  };
  const parts = splitMultipart(body, boundaryOf(contentType, "the batch"), "the batch", most);
  const items = parts.map((part, index): Batch["items"][number] => {
    const where = `the part ${index + 1} of the batch`;
    const type = part.headers["content-type"];
    if (type === undefined || mediaType(type).type !== "multipart/mixed")
      return { kind: "request", request: read(part, where, false) };
    const changes = splitMultipart(part.body, boundaryOf(type, where), `the change set in ${where}`, most);
    const requests = changes.map((change, at) =>
      read(change, `the part ${at + 1} of the change set in ${where}`, true),
    );
    return { kind: "group", name: undefined, requests };
  });
  return { format: "multipart/mixed", items };
}

function readPart({ headers, body }: BodyPart, where: string, isChange: boolean, ids: Set<string>): BatchRequest {
  const type = headers["content-type"];
  if (type === undefined || mediaType(type).type !== "application/http") {
    throw badRequest(
      `The Content-Type of ${where} is application/http${isChange ? ": change sets hold single requests" : ", or multipart/mixed for a change set"}.`,
      { target: "Content-Type" },
    );
  }
  const encoding = headers["content-transfer-encoding"]?.toLowerCase() ?? "binary";
  if (!["binary", "8bit", "7bit"].includes(encoding)) {
    throw badRequest(`The Content-Transfer-Encoding of ${where} is binary, and can be left out.`, {
      target: "Content-Transfer-Encoding",
    });
  }
  const request = readHttpRequest(body, where);
  const method = batchMethod(request.method, where);
  if (isChange && method === "GET")
    throw badRequest(`A change set holds requests that change something; ${where} is a GET.`);
  const written = headers["content-id"] ?? request.headers["content-id"];
  if (written === undefined && isChange) {
    throw badRequest(`The header Content-ID of ${where} is missing; in change sets each request has one.`, {
      target: "Content-ID",
    });
  }
  const id = written === undefined ? undefined : parseRequestId(written);
  if (id !== undefined) addId(ids, id, where);
  return {
    id,
    method,
    url: request.target,
    headers: request.headers,
    body: request.body === undefined ? undefined : { kind: "bytes", bytes: request.body },
    dependsOn: [],
    condition: undefined,
  };
}

/**
 * The answer to a batch request in the multipart format: Protocol 4.01, section 11.7.7.5. A change set that failed has one
 * answer for all of its requests. The answer to a JSON batch has one part for each request.
 *
 * @param id of which the boundaries are made, so that no answer holds one of them. None begins with another: some readers
 *   look for no more than that.
 */
export function writeMultipartBatch(
  answers: readonly BatchAnswer[],
  format: Batch["format"],
  id: string,
): string | Buffer {
  const boundary = batchBoundary(id);
  const pieces: (string | Buffer)[] = [];
  let sets = 0;
  for (const answer of answers) {
    if (format === "application/json") {
      const each = answer.kind === "request" ? [answer] : answer.answers;
      for (const { request, response } of each) writePart(pieces, boundary, request.id, response);
    } else if (answer.kind === "request") {
      writePart(pieces, boundary, answer.request.id, answer.response);
    } else if (answer.failure !== undefined) {
      writePart(pieces, boundary, undefined, answer.failure);
    } else {
      const inner = `changeset_${++sets}_${id}`;
      pieces.push(`--${boundary}\r\nContent-Type: multipart/mixed; boundary=${inner}\r\n\r\n`);
      for (const { request, response } of answer.answers) writePart(pieces, inner, request.id, response);
      pieces.push(`--${inner}--\r\n`);
    }
  }
  pieces.push(`--${boundary}--\r\n`);
  return joinPieces(pieces);
}

/** The boundary of the answer as a whole. */
export function batchBoundary(id: string): string {
  return `batch_${id}`;
}

function writePart(
  pieces: (string | Buffer)[],
  boundary: string,
  id: string | undefined,
  response: WholeResponse,
): void {
  const contentId = id === undefined ? "" : `Content-ID: ${id}\r\n`;
  pieces.push(
    `--${boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n${contentId}\r\n`,
    ...writeHttpResponse(response),
    "\r\n",
  );
}
