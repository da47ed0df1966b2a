import type { BoundOptions, EntitySegment } from "../binding/index.js";
import { notFound, notImplemented } from "../errors/index.js";
import { rewriteReference } from "../format/rewrite.js";
import type { MemoryResult, ReadColumns } from "../query/index.js";
import { evaluatePath } from "../query/index.js";
import type { Awaitable } from "../storage/index.js";
import { answerRows } from "./collection.js";
import type { ReadingController } from "./controllers.js";
import { contentPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import { pageOf } from "./paging.js";
import { answerEntity, checkReading, itemWriter } from "./read.js";
import { numberResponse } from "./read-count.js";
import { jsonProperty, negotiateProperty, rawResponse } from "./read-property.js";
import type { Reading } from "./reading.js";
import { contextMember, readOptions, rewritingOf, treatmentOf } from "./reading.js";
import type { ODataResponse } from "./request.js";

/** `GET` of a resource whose entities a controller finds: the query options are carried out on what it gives. */
export async function readFromController(reading: Reading, controller: ReadingController): Promise<ODataResponse> {
  const { resource, context } = reading;
  const { path } = resource;
  checkReading(reading);
  if (path.tail.kind === "property") negotiateProperty(reading, path.tail);
  const page = path.collection ? pageOf(reading, "offset", context.pageSize(path)) : undefined;
  const options = readOptions(resource, treatmentIn(reading));
  const result = await evaluate(
    reading,
    controller,
    page === undefined ? options : { ...options, skip: page.values.offset, top: page.values.limit },
  );
  switch (result.kind) {
    case "none":
      return nothing(reading);
    case "count":
      return numberResponse(String(result.count), reading);
    case "collection":
      return collection(result, reading, page);
    case "single":
      return single(result.value, reading);
  }
}

/** All that a request for a collection of entities finds, each as its JSON text, for `$all`. */
export async function textsFromController(reading: Reading, controller: ReadingController): Promise<string[]> {
  const treatment = treatmentIn(reading);
  const result = await evaluate(reading, controller, readOptions(reading.resource, treatment));
  const write = itemWriter(reading, treatment);
  return result.kind === "collection" ? result.value.map((text) => write([text], textColumns)) : [];
}

/** Rows that have nothing but a text. */
const textColumns: ReadColumns = { count: undefined, text: 0, document: undefined, order: undefined };

async function evaluate(
  { resource, context }: Reading,
  controller: ReadingController,
  options: BoundOptions,
): Promise<MemoryResult> {
  const { path, values } = resource;
  const items = await entitiesFor(path.segments, controller);
  const [root] = path.segments;
  return evaluatePath(path, options, {
    model: context.model,
    now: `${values.now}Z`,
    root: (source) => {
      if (root?.kind === "entitySet" && source === root.set) return items;
      throw notImplemented(`This query goes over '${source.name}', which is kept elsewhere.`, { target: "$root" });
    },
  });
}

async function entitiesFor(segments: readonly EntitySegment[], controller: ReadingController): Promise<object[]> {
  const key = segments[1];
  if (!controller.findsOne || key?.kind !== "key" || key.properties !== key.type.key) return controller.all();
  const found = await controller.one(key.values);
  return found === undefined ? [] : [found];
}

/** The texts come without the values of their order, so an id is put in by rewriting. */
function treatmentIn(reading: Reading) {
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
  const source = { context: contextMember(reading), write, isAsStored: false, applied: contentPreferences(terms) };
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
