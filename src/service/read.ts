import type { BoundOptions } from "../binding/index.js";
import { badRequest, notFound } from "../errors/index.js";
import { negotiateRaw } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import type { Rewriting } from "../format/rewrite.js";
import { rewriteEntity, rewriteProperty } from "../format/rewrite.js";
import {
  compileCount,
  compileProperty,
  compileRead,
  compileReferences,
  parameterValues,
  wholeText,
} from "../query/index.js";
import type { SqlStatement } from "../query/index.js";
import type { Awaitable } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import type { Terms } from "./exchange.js";
import { emptyResponse, jsonResponse } from "./exchange.js";
import type { Reads } from "./locate.js";
import { explainMissing } from "./locate.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { statement } from "./route.js";
import { keyPredicate } from "./urls.js";

/** `GET` of a resource: Protocol 4.01, section 11.2. */
export function read(
  resource: ResourceRequest,
  request: ODataRequest,
  format: () => JsonFormat,
  terms: Terms,
  context: ServiceContext,
  reads: Reads,
): Awaitable<ODataResponse> {
  const { tail } = resource.path;
  switch (tail.kind) {
    case "entity":
      return resource.path.collection
        ? readCollection(resource, request, format(), terms, context, reads)
        : readEntity(resource, request, format(), terms, context, reads);
    case "count":
      return readCount(resource, terms, context, reads);
    case "ref":
      return readReferences(resource, request, format(), terms, context, reads);
    case "property":
      return readProperty(resource, request, format, terms, context, reads);
  }
}

function rowsOf(text: SqlStatement, resource: ResourceRequest, reads: Reads): Awaitable<unknown[][]> {
  return reads.rows(text.text, parameterValues(text, resource.keys));
}

/** The read that services are asked for most: with a synchronous driver it is answered without a turn of the event loop. */
function readEntity(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
  reads: Reads,
): Awaitable<ODataResponse> {
  const answer = (text: string | undefined): Awaitable<ODataResponse> =>
    text === undefined
      ? answerNothing(resource, terms, context, reads)
      : jsonResponse(200, entityBody(text, resource, request, format, context), format, terms.version);
  const text = entityText(resource, format, context, reads);
  return text instanceof Promise ? text.then(answer) : answer(text);
}

/** 204 for a single-valued navigation property that leads to nothing, and 404 for everything else. */
async function answerNothing(
  resource: ResourceRequest,
  terms: Terms,
  context: ServiceContext,
  reads: Reads,
): Promise<ODataResponse> {
  const error = await explainMissing(resource.path, context, reads);
  if (error !== undefined) throw error;
  return emptyResponse(204, terms.version);
}

/** The JSON text of the entity that a request addresses, as stored. */
export function entityText(
  resource: ResourceRequest,
  format: JsonFormat,
  context: ServiceContext,
  reads: Reads,
): Awaitable<string | undefined> {
  const rows = rowsOf(readStatement(resource, format, context), resource, reads);
  return rows instanceof Promise ? rows.then(firstText) : firstText(rows);
}

function firstText([row]: readonly unknown[][]): string | undefined {
  return row === undefined ? undefined : textOf(row, 0);
}

/** An entity's JSON text; its columns start at an index. */
function textOf(row: readonly unknown[], index: number): string {
  return wholeText(row[index] as string, row[index + 1] as string | null | undefined);
}

/** An entity's JSON text as the body of an answer. */
export function entityBody(
  text: string,
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  context: ServiceContext,
): string {
  const { path, options } = resource;
  const plain = isPlain(format) ? text : rewriteEntity(text, path.type, rewriting(resource, request, format, context));
  if (format.level === "none") return plain;
  return `{"@odata.context":"${request.serviceRoot}$metadata#${context.urls.context(path, options)}",${plain.slice(1)}`;
}

/** Minimal metadata is how entities are stored: nothing has to be rewritten. */
function isPlain(format: JsonFormat): boolean {
  return format.level === "minimal" && !format.ieee754;
}

function rewriting(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  context: ServiceContext,
): Rewriting {
  const { segments } = resource.path;
  return {
    model: context.model,
    format,
    selected: resource.options.select?.properties,
    entityUrl: (type, key) => `${request.serviceRoot}${context.urls.entityPath(type, key, segments)}`,
    relatedUrl: (type, key, property, ownerUrl) => {
      const home = property.containsTarget ? undefined : context.urls.homePath(type, key);
      if (home !== undefined) return `${request.serviceRoot}${home}`;
      return `${ownerUrl}/${property.name}${property.collection ? keyPredicate(type, key) : ""}`;
    },
  };
}

/** At full metadata every entity tells its URL, so its key is read even where it was not selected. */
function readOptions({ options, path }: ResourceRequest, format: JsonFormat | undefined): BoundOptions {
  if (options.select === undefined || format?.level !== "full") return options;
  const key = path.type.key.map((property) => property.name);
  const properties = new Set([...options.select.properties, ...key]);
  const ofTypes = new Map([...options.select.ofTypes].filter(([name]) => !key.includes(name)));
  return { ...options, select: { ...options.select, properties, ofTypes } };
}

function readStatement(
  resource: ResourceRequest,
  format: JsonFormat | undefined,
  context: ServiceContext,
): SqlStatement {
  const name = format?.level === "full" ? "read full" : "read";
  return statement(resource.route, name, () => compileRead(resource.path, readOptions(resource, format), context.sql));
}

async function readCollection(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
  reads: Reads,
): Promise<ODataResponse> {
  const { path, options } = resource;
  const rows = await rowsOf(readStatement(resource, format, context), resource, reads);
  const counted = options.count === true;
  let texts = counted
    ? rows.filter((row) => row[1] !== null).map((row) => textOf(row, 1))
    : rows.map((row) => textOf(row, 0));
  // Whether nothing is there, or the path leads nowhere, is asked only where it matters.
  if (texts.length === 0) {
    const error = await explainMissing(path, context, reads);
    if (error !== undefined) throw error;
  }
  if (!isPlain(format)) {
    const how = rewriting(resource, request, format, context);
    texts = texts.map((text) => rewriteEntity(text, path.type, how));
  }
  const head =
    format.level === "none"
      ? "{"
      : `{"@odata.context":"${request.serviceRoot}$metadata#${context.urls.context(path, options)}",`;
  const count = counted ? `"@odata.count":${format.ieee754 ? `"${String(rows[0]![0])}"` : String(rows[0]![0])},` : "";
  return jsonResponse(200, `${head}${count}"value":[${texts.join(",")}]}`, format, terms.version);
}

/** `/$count`: Protocol 4.01, section 11.2.10. */
async function readCount(
  resource: ResourceRequest,
  terms: Terms,
  context: ServiceContext,
  reads: Reads,
): Promise<ODataResponse> {
  const { path, options, route } = resource;
  // `Accept` has no part in it (the same section): clients that always ask for JSON get their number.
  negotiateRaw("text/plain", undefined, route.format);
  const compiled = statement(route, "count", () => compileCount(path, options, context.sql));
  const [row] = await rowsOf(compiled, resource, reads);
  if (row![0] === 0) {
    const error = await explainMissing(path, context, reads);
    if (error !== undefined) throw error;
  }
  return {
    status: 200,
    headers: { "content-type": "text/plain", "odata-version": terms.version },
    body: String(row![0]),
  };
}

/** `/$ref`: Protocol 4.01, section 11.2.8. */
async function readReferences(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
  reads: Reads,
): Promise<ODataResponse> {
  const { path, options, route } = resource;
  if (options.select !== undefined || options.expand.length > 0)
    throw badRequest("$select and $expand do not apply to '$ref'.", { target: "$select" });
  const compiled = statement(route, "references", () => compileReferences(path, options, context.sql));
  const rows = await rowsOf(compiled, resource, reads);
  if (rows.length === 0) {
    const error = await explainMissing(path, context, reads);
    if (error !== undefined) throw error;
    if (!path.collection) return emptyResponse(204, terms.version);
  }
  const mapping = context.mapping.entity(path.type);
  const references = rows.map(([discriminator, ...key]) => {
    const type = mapping.discriminator?.typeOf.get(discriminator as string) ?? path.type;
    const url = `${request.serviceRoot}${context.urls.entityPath(type, key as string[], path.segments)}`;
    return `"@odata.id":${JSON.stringify(url)}`;
  });
  const head =
    format.level === "none"
      ? "{"
      : `{"@odata.context":"${request.serviceRoot}$metadata#${context.urls.context(path, options)}",`;
  const body = path.collection
    ? `${head}"value":[${references.map((reference) => `{${reference}}`).join(",")}]}`
    : `${head}${references[0]!}}`;
  return jsonResponse(200, body, format, terms.version);
}

/** A structural property, or its raw value: Protocol 4.01, sections 11.2.4 and 11.2.4.1. */
async function readProperty(
  resource: ResourceRequest,
  request: ODataRequest,
  format: () => JsonFormat,
  terms: Terms,
  context: ServiceContext,
  reads: Reads,
): Promise<ODataResponse> {
  const { path, route, options } = resource;
  if (path.tail.kind !== "property") throw new Error("A property was expected.");
  const { path: steps, raw } = path.tail;
  const property = steps.at(-1)!;
  const rawType = property.type.qualifiedName === "Edm.Binary" ? "application/octet-stream" : "text/plain";
  if (raw) negotiateRaw(rawType, request.headers.accept, route.format);
  const asked = raw ? undefined : format();
  const compiled = statement(route, "property", () => compileProperty(path, steps, context.sql));
  const [row] = await rowsOf(compiled, resource, reads);
  if (row === undefined) throw (await explainMissing(path, context, reads)) ?? notFound("There is no entity here.");
  if (row[0] === null) throw notFound(`The entity has no property '${steps[0]!.name}'.`, { target: steps[0]!.name });
  // Whole numbers come as such.
  const text = String(row[0]);
  if (text === "null") return emptyResponse(204, terms.version);
  if (asked === undefined) {
    const value = text.startsWith('"') ? (JSON.parse(text) as string) : text;
    const headers = {
      "content-type": rawType === "text/plain" ? "text/plain;charset=utf-8" : rawType,
      "odata-version": terms.version,
    };
    return { status: 200, headers, body: rawType === "text/plain" ? value : Buffer.from(value, "base64url") };
  }
  const content = isPlain(asked)
    ? text.startsWith("{")
      ? text.slice(1, -1)
      : `"value":${text}`
    : rewriteProperty(text, property, rewriting(resource, request, asked, context));
  const head =
    asked.level === "none"
      ? ""
      : `"@odata.context":"${request.serviceRoot}$metadata#${context.urls.context(path, options)}"`;
  return jsonResponse(200, `{${[head, content].filter((part) => part !== "").join(",")}}`, asked, terms.version);
}
