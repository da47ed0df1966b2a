import { badRequest, didYouMean } from "../errors/index.js";
import type { WholeResponse } from "../format/http-message.js";
import { joinPieces } from "../format/http-message.js";
import type { JsonObject, JsonValue } from "../format/json-text.js";
import { escapeJson, parseJson } from "../format/json-text.js";
import { mediaType } from "../format/media.js";
import { parseRequestId } from "../syntax/index.js";
import type { Batch, BatchBody, BatchGroup, BatchRequest } from "./batch-payload.js";
import { addId, batchMethod, tooManyRequests } from "./batch-payload.js";
import type { BatchAnswer } from "./batch-run.js";

/** How deep bodies of requests may nest, and the batch around them. */
const MAX_DEPTH = 100 + 3;

/** What a header's value may hold; the name is a token (RFC 9110, section 5). */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Reads a batch request in the JSON format: JSON Format 4.01, section 19.1. All of it is read before anything is done.
 *
 * @param most how many requests it may have
 * @throws {ODataError} 400 for what is no such document: members that are missing or of another type, identifiers that are
 *   there twice, groups that are not together, dependencies on requests that come later
 */
export function readJsonBatch(text: string, most: number): Batch {
  const batch = parseJson(text, { maxDepth: MAX_DEPTH });
  const requests = batch.kind === "object" ? batch.members.get("requests") : undefined;
  if (requests?.kind !== "array") {
    const names = batch.kind === "object" ? [...batch.members.keys()] : [];
    const near = names.map((name) => didYouMean(name, ["requests"])).find((hint) => hint !== "") ?? "";
    throw badRequest(`A JSON batch is an object with the array 'requests'.${near}`, { target: "requests" });
  }
  if (requests.items.length > most) throw tooManyRequests(most);
  return { format: "application/json", items: new RequestReader(requests.items).items() };
}

class RequestReader {
  readonly #written: readonly JsonValue[];
  readonly #ids = new Set<string>();
  /** Groups whose requests are all read. */
  readonly #groups = new Set<string>();

  constructor(written: readonly JsonValue[]) {
    this.#written = written;
  }

  items(): Batch["items"] {
    const items: (Batch["items"][number] | (BatchGroup & { requests: BatchRequest[] }))[] = [];
    for (const [index, written] of this.#written.entries()) {
      const where = `requests[${index}]`;
      if (written.kind !== "object") throw wrong(where, "is an object with id, method and url.");
      const name = this.#group(written, where);
      const last = items.at(-1);
      const isNext = name !== undefined && last?.kind === "group" && last.name === name;
      if (!isNext && last?.kind === "group") this.#groups.add(last.name!);
      if (name !== undefined && !isNext) {
        if (this.#groups.has(name))
          throw wrong(`${where}.atomicityGroup`, `is '${name}', whose requests have to stand together.`);
        addId(this.#ids, name, `${where}.atomicityGroup`);
      }
      const request = this.#request(written, where, name);
      if (name === undefined) items.push({ kind: "request", request });
      else if (isNext) (last.requests as BatchRequest[]).push(request);
      else items.push({ kind: "group", name, requests: [request] });
    }
    return items;
  }

  #group(written: JsonObject, where: string): string | undefined {
    const name = textOf(written, "atomicityGroup", where);
    return name === undefined ? undefined : identifier(name, `${where}.atomicityGroup`);
  }

  #request(written: JsonObject, where: string, group: string | undefined): BatchRequest {
    const id = identifier(required(written, "id", where), `${where}.id`);
    // Before its own id is known: nothing depends on itself.
    const dependsOn = this.#dependencies(written, `${where}.dependsOn`, group);
    addId(this.#ids, id, where);
    const method = batchMethod(required(written, "method", where), where);
    const headers = headersOf(written.members.get("headers"), `${where}.headers`);
    const body = bodyOf(written.members.get("body"), method, headers, `${where}.body`);
    const type = body === undefined ? {} : { "content-type": headers["content-type"] ?? "application/json" };
    return {
      id,
      method,
      url: required(written, "url", where),
      headers: { ...headers, ...type },
      body,
      dependsOn,
      condition: textOf(written, "if", where),
    };
  }

  #dependencies(written: JsonObject, where: string, group: string | undefined): readonly string[] {
    const list = written.members.get("dependsOn");
    if (list === undefined || list.kind === "null") return [];
    if (list.kind !== "array") throw wrong(where, "is an array of identifiers.");
    return list.items.map((item, index) => {
      if (item.kind !== "string") throw wrong(`${where}[${index}]`, "is the identifier of a request, as a string.");
      if (this.#ids.has(item.value) && item.value !== group) return item.value;
      throw wrong(
        `${where}[${index}]`,
        `is '${item.value.slice(0, 60)}', which is no request or group that stands before this one.`,
      );
    });
  }
}

function wrong(target: string, why: string): Error {
  return badRequest(`'${target}' ${why}`, { target });
}

function textOf(written: JsonObject, name: string, where: string): string | undefined {
  const value = written.members.get(name);
  if (value === undefined || value.kind === "null") return undefined;
  if (value.kind === "string") return value.value;
  throw wrong(`${where}.${name}`, "is a string.");
}

function required(written: JsonObject, name: string, where: string): string {
  const text = textOf(written, name, where);
  if (text === undefined) throw wrong(`${where}.${name}`, "is missing; each request has id, method and url.");
  return text;
}

function identifier(text: string, where: string): string {
  try {
    return parseRequestId(text);
  } catch {
    throw wrong(where, "has letters, digits, '-', '.', '_' and '~' only, and at least one.");
  }
}

function headersOf(written: JsonValue | undefined, where: string): Readonly<Record<string, string | undefined>> {
  if (written === undefined || written.kind === "null") return {};
  if (written.kind !== "object") throw wrong(where, "is an object with the values of headers by their names.");
  const headers = new Map<string, string>();
  for (const [member, value] of written.members) {
    // The standard wants names in lower case; many clients write them as they stand in requests.
    const name = member.toLowerCase();
    const target = `${where}.${member.slice(0, 60)}`;
    if (!HEADER_NAME.test(name)) throw wrong(target, "is no name of a header.");
    if (value.kind !== "string" || !HEADER_VALUE.test(value.value))
      throw wrong(target, "is a string without control characters, as it would stand in the header.");
    if (headers.has(name)) throw wrong(target, "is there twice.");
    headers.set(name, value.value.trim());
  }
  return Object.fromEntries(headers);
}

function bodyOf(
  value: JsonValue | undefined,
  method: string,
  headers: Readonly<Record<string, string | undefined>>,
  where: string,
): BatchBody | undefined {
  if (value === undefined || value.kind === "null") return undefined;
  if (method === "GET" || method === "DELETE") throw wrong(where, `is for requests other than ${method}.`);
  const type = headers["content-type"];
  if (type === undefined || isJson(type)) return { kind: "json", value };
  if (value.kind !== "string") throw wrong(where, `is a string, since its type is '${type.slice(0, 60)}'.`);
  if (mediaType(type).type.startsWith("text/")) return { kind: "bytes", bytes: Buffer.from(value.value) };
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(value.value)) throw wrong(where, "is encoded in base64url.");
  return { kind: "bytes", bytes: Buffer.from(value.value, "base64url") };
}

function isJson(contentType: string): boolean {
  // What the service itself answers.
  if (contentType === "application/json" || contentType.startsWith("application/json;")) return true;
  const { type } = mediaType(contentType);
  return type === "application/json" || (type.startsWith("application/") && type.endsWith("+json"));
}

/**
 * The answer to a batch request in the JSON format: JSON Format 4.01, section 19.6. JSON bodies go into it as they are.
 *
 * @param format of the request: change sets have no names, so they are numbered
 */
export function writeJsonBatch(answers: readonly BatchAnswer[], format: Batch["format"]): string | Buffer {
  const pieces: (string | Buffer)[] = ['{"responses":['];
  let sets = 0;
  let text = "";
  const write = (id: string | undefined, group: string | undefined, response: WholeResponse): void => {
    text += pieces.length === 1 && text === "" ? "{" : ",{";
    if (id !== undefined) text += `"id":${escapeJson(id)},`;
    if (group !== undefined) text += `"atomicityGroup":${escapeJson(group)},`;
    text += `"status":${response.status},"headers":${headersText(response.headers)}`;
    const { body } = response;
    if (body !== undefined && body.length > 0) {
      text += ',"body":';
      const written = bodyText(body, response.headers["content-type"] ?? "");
      if (typeof written === "string") text += written;
      else {
        pieces.push(text, written);
        text = "";
      }
    }
    text += "}";
  };
  for (const answer of answers) {
    if (answer.kind === "request") {
      write(answer.request.id, undefined, answer.response);
      continue;
    }
    sets++;
    const name = format === "application/json" ? answer.name : `changeset_${sets}`;
    for (const { request, response } of answer.answers) write(request.id, name, response);
  }
  return joinPieces([...pieces, text, "]}"]);
}

/** The same few headers come again and again, but their values differ; they are all texts. */
function headersText(headers: WholeResponse["headers"]): string {
  let text = "";
  for (const name in headers) text += `${text === "" ? "{" : ","}"${name}":${escapeJson(headers[name]!)}`;
  return text === "" ? "{}" : `${text}}`;
}

function bodyText(body: string | Buffer, type: string): string | Buffer {
  if (isJson(type)) return body;
  if (mediaType(type).type.startsWith("text/")) return escapeJson(body.toString("utf8"));
  return escapeJson((typeof body === "string" ? Buffer.from(body) : body).toString("base64url"));
}
