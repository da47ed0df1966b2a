import { parseHttpResponse } from "./http-text.js";
import type { HttpAnswer } from "./http-text.js";
import type { Answer, Json, Shop } from "./bookshop.js";

/** One request of a JSON batch. */
export interface BatchItem {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly atomicityGroup?: string;
  readonly dependsOn?: readonly string[];
  readonly if?: string;
}

/** Sends a JSON batch and gives the answers by their ids. */
export async function jsonBatch(
  shop: Shop,
  requests: readonly BatchItem[],
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly answer: Answer; readonly responses: readonly Json[]; readonly statuses: readonly number[] }> {
  const answer = await shop.call("POST", "/$batch", { requests }, headers);
  const responses = answer.json.responses as Json[];
  return { answer, responses, statuses: responses.map(({ status }) => status as number) };
}

/** Parts of a multipart document with its boundary. */
export function multipart(boundary: string, parts: readonly string[], lineEnd = "\r\n"): string {
  return [...parts.map((part) => `--${boundary}\n${part}\n`), `--${boundary}--\n`].join("").replace(/\r?\n/g, lineEnd);
}

/** A part with one request. */
export function part(request: string, id?: string): string {
  const contentId = id === undefined ? "" : `Content-ID: ${id}\n`;
  return `Content-Type: application/http\nContent-Transfer-Encoding: binary\n${contentId}\n${request}\n`;
}

/** A part with a change set. */
export function changeSet(boundary: string, parts: readonly string[]): string {
  return `Content-Type: multipart/mixed; boundary=${boundary}\n\n${multipart(boundary, parts, "\n")}`;
}

/** A request that creates something from JSON. */
export function post(url: string, body: unknown): string {
  return `POST ${url} HTTP/1.1\nContent-Type: application/json\n\n${JSON.stringify(body)}`;
}

/** A part of a multipart answer: a response, or those of a change set. */
export type AnsweredPart = (HttpAnswer & { readonly id: string | undefined }) | readonly AnsweredPart[];

/** Takes a multipart answer apart, by its own means: by the text of its delimiters. */
export function answeredParts(contentType: string, text: string): AnsweredPart[] {
  const boundary = /boundary=([^;\s]+)/.exec(contentType)![1]!;
  const [, ...parts] = `\r\n${text}`.split(`\r\n--${boundary}`);
  const last = parts.pop();
  if (last !== "--\r\n" && last !== "--")
    throw new Error(`The answer does not end with its delimiter: ${String(last)}`);
  return parts.map((one) => {
    const [head, ...rest] = one.replace(/^\r\n/, "").split("\r\n\r\n");
    const body = rest.join("\r\n\r\n");
    const type = /^content-type: *(.*)$/im.exec(head!)![1]!;
    if (type.startsWith("multipart/mixed")) return answeredParts(type, body);
    return { ...parseHttpResponse(body), id: /^content-id: *(.*)$/im.exec(head!)?.[1] };
  });
}

/** Sends a multipart batch and gives its answers in their order. */
export async function multipartBatch(
  shop: Shop,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly answer: Answer; readonly parts: readonly AnsweredPart[] }> {
  const own = { "content-type": "multipart/mixed; boundary=b", ...headers };
  const answer = await shop.call("POST", "/$batch", body, own);
  return { answer, parts: answeredParts(answer.headers["content-type"]!, answer.text) };
}

/** The statuses of a multipart answer, those of change sets in arrays. */
export function statusesOf(parts: readonly AnsweredPart[]): unknown[] {
  return parts.map((one) => ("status" in one ? one.status : statusesOf(one)));
}
