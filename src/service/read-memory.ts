import type { BoundOptions } from "../binding/index.js";
import { notFound, notImplemented } from "../errors/index.js";
import { rewriteReference } from "../format/rewrite.js";
import type { MemoryResult, ReadColumns } from "../query/index.js";
import { evaluatePath } from "../query/index.js";
import type { Awaitable } from "../storage/index.js";
import { answerRows } from "./collection.js";
import { splitUrl, withoutOptions } from "./canonical-query.js";
import type { Done, Walked } from "./controllers-data.js";
import { asList, ControllerRequest, pathOver } from "./controllers-data.js";
import { readStream } from "./controllers-stream.js";
import { contentPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import { pageOf } from "./paging.js";
import { answerEntity, checkReading, itemWriter } from "./read.js";
import { numberResponse } from "./read-count.js";
import { jsonProperty, negotiateProperty, rawResponse } from "./read-property.js";
import type { Reading } from "./reading.js";
import { collectionMembers, contextMember, readOptions, rewritingOf, treatmentOf } from "./reading.js";
import type { ODataResponse } from "./request.js";

/** `GET` of a resource whose entities a controller finds: the query options are carried out on what it gives. */
export async function readFromController(reading: Reading): Promise<ODataResponse> {
  const { resource, request, context } = reading;
  const { path } = resource;
  checkReading(reading);
  if (path.tail.kind === "property") negotiateProperty(reading, path.tail);
  const walking = new ControllerRequest(request, context);
  const { response } = walking.http;
  if (path.tail.kind === "media" || path.tail.kind === "stream") return readStream(reading, walking);
  const isOfItems = path.collection && path.tail.kind !== "property";
  const walked = await walking.walk(path, isOfItems);
  const own = await response.own(reading.terms.version, undefined);
  if (own !== undefined) return own;
  if (walked === undefined) return nothing(reading);
  const items = await expanded(walked, reading, walking);
  return response.shape(await answerWalked(reading, items, await countOf(walked, reading, walking)));
}

/**
 * The answer with what the beginning of a path has led to: what is left of the path and the options is carried out on it.
 *
 * @param counted how many items there are altogether, where only whoever found them knows
 */
export async function answerWalked(reading: Reading, walked: Walked, counted?: number): Promise<ODataResponse> {
  const { resource, context } = reading;
  const { path } = resource;
  const page = path.collection ? pageOf(reading, "offset", context.pageSize(path)) : undefined;
  const options = optionsAfter(readOptions(resource, treatmentIn(reading)), walked.done);
  const passed = walked.done === "query" ? (resource.values.skip ?? 0) : 0;
  const paged =
    page === undefined ? options : { ...options, skip: (page.values.offset ?? 0) - passed, top: page.values.limit };
  const result = evaluate(reading, walked, paged);
  switch (result.kind) {
    case "none":
      return nothing(reading);
    case "count":
      return numberResponse(String(result.count), reading);
    case "collection":
      return collection(counted === undefined ? result : { ...result, count: counted }, reading, page);
    case "single":
      return single(result.value, reading);
  }
}

/** The answer with data that a method gave, related entities expanded. */
export async function answerGiven(
  reading: Reading,
  walked: Walked,
  walking?: ControllerRequest,
): Promise<ODataResponse> {
  return answerWalked(reading, walking === undefined ? walked : await expanded(walked, reading, walking), walked.count);
}

/** All that a request for a collection of entities finds, each as its JSON text, for `$all`. */
export async function textsFromController(reading: Reading): Promise<string[]> {
  const { resource, request, context } = reading;
  const treatment = treatmentIn(reading);
  const walking = new ControllerRequest(request, context);
  const walked = await walking.walk(resource.path);
  if (walked === undefined) return [];
  const items = await expanded(walked, reading, walking);
  const result = evaluate(reading, items, optionsAfter(readOptions(resource, treatment), walked.done));
  const write = itemWriter(reading, treatment);
  return result.kind === "collection" ? result.value.map((text) => write([text], textColumns)) : [];
}

/** Rows that have nothing but a text. */
const textColumns: ReadColumns = { count: undefined, text: 0, document: undefined, order: undefined };

/** The options that the methods have left to do. */
function optionsAfter(options: BoundOptions, done: Done): BoundOptions {
  if (done === "nothing") return options;
  if (done === "filter") return { ...options, filter: undefined };
  const { variable, compute, select, expand, count } = options;
  return { variable, compute, select, expand, count };
}

/** How many items there are, where a method has carried out `$skip` and `$top` and nobody else knows. */
async function countOf(
  { done, count, found }: Walked,
  { resource, request, context }: Reading,
  { http }: ControllerRequest,
): Promise<number | undefined> {
  const { path, options, values } = resource;
  if (options.count !== true || done !== "query" || path.tail.kind === "property") return undefined;
  if (count !== undefined) return count;
  if (values.top === undefined && values.skip === undefined) return Array.isArray(found) ? found.length : undefined;
  const [url, query] = splitUrl(request.url);
  const others = withoutOptions(query, "top", "skip", "skiptoken");
  const again = new ControllerRequest({ ...request, url: `${url}?${others}` }, context, http);
  const whole = await again.walk(path);
  return Array.isArray(whole?.found) ? whole.found.length : undefined;
}

async function expanded(walked: Walked, reading: Reading, walking: ControllerRequest): Promise<Walked> {
  const { expand } = reading.resource.options;
  const { found, type, rest } = walked;
  // What is behind a part of the path that nobody has walked yet is in the objects.
  if (expand.length === 0 || rest.some(({ kind }) => kind === "navigation")) return walked;
  const items = await walking.withExpanded(asList(found), type, expand);
  return { ...walked, found: Array.isArray(found) ? items : items[0]! };
}

function evaluate({ resource, context }: Reading, walked: Walked, options: BoundOptions): MemoryResult {
  const { path, root } = pathOver(resource.path, walked);
  return evaluatePath(path, options, {
    model: context.model,
    now: `${resource.values.now}Z`,
    root: (source) => {
      if (source === root) return walked.found;
      const [first] = resource.path.segments;
      if (first?.kind === "entitySet" && source === first.set && walked.rest.length === 0) return walked.found;
      throw notImplemented(`This query goes over '${source.name}', which is kept elsewhere.`, { target: "$root" });
    },
  });
}

/** The texts come without the values of their order, so an id is put in by rewriting. */
export function treatmentIn(reading: Reading) {
  return reading.resource.path.tail.kind === "entity" && treatmentOf(reading) !== "plain" ? "rewritten" : "plain";
}

function collection(
  { value, count }: Extract<MemoryResult, { readonly kind: "collection" }>,
  reading: Reading,
  page: ReturnType<typeof pageOf>,
): ODataResponse {
  const { resource, terms } = reading;
  const { tail, type } = resource.path;
  if (tail.kind === "property") {
    const text = `[${value.join(",")}]`;
    return jsonProperty(text, count === undefined ? undefined : String(count), tail, reading);
  }
  const write =
    tail.kind === "ref"
      ? ([text]: readonly unknown[]) => `{${rewriteReference(text as string, type, rewritingOf(reading))}}`
      : itemWriter(reading, treatmentIn(reading));
  const source = { context: collectionMembers(reading), write, isAsStored: false, applied: contentPreferences(terms) };
  return answerRows(
    reading,
    source,
    value.map((text) => [text]),
    page,
    { columns: textColumns, count },
  );
}

function single(value: string, reading: Reading): Awaitable<ODataResponse> {
  const { resource, format, terms } = reading;
  const { tail, type } = resource.path;
  if (value === "null") return emptyResponse(204, terms.version);
  if (tail.kind === "property") {
    return tail.raw ? rawResponse(value, tail, reading) : jsonProperty(value, undefined, tail, reading);
  }
  if (tail.kind === "entity") return answerEntity(value, reading);
  const members = [contextMember(reading), rewriteReference(value, type, rewritingOf(reading))];
  return jsonResponse(200, `{${members.filter((part) => part !== "").join(",")}}`, format, terms.version);
}

/** 204 for a single-valued navigation property that leads to nothing, and 404 for everything else. */
function nothing({ resource, terms }: Reading): ODataResponse {
  const last = resource.path.segments.at(-1)!;
  if (last.kind === "navigation" && !last.collection && resource.path.tail.kind !== "property")
    return emptyResponse(204, terms.version);
  throw notFound("There is no such entity.");
}
