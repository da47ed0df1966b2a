import type { OperationSegment } from "../binding/index.js";
import type { EntityType } from "../edm/index.js";
import { splitUrl } from "./canonical-query.js";
import type { ServiceContext } from "./context.js";
import type { Walked } from "./controllers-data.js";
import { appliedPreferences, emptyResponse } from "./exchange.js";
import type { Given } from "./invoke-result.js";
import type { PlainObject } from "./invoke-values.js";
import { hasValue, keyOf, plainObject } from "./invoke-values.js";
import { isGet } from "./methods.js";
import { negotiateProperty } from "./read-property.js";
import { answerGiven, answerWalked } from "./read-memory.js";
import type { Reading } from "./reading.js";
import { withRelated } from "./related.js";
import type { ODataResponse } from "./request.js";
import { writePath } from "./urls.js";

/**
 * The answer with what an operation has given back, with whatever path and query options stand behind its call: Protocol
 * 4.01, sections 11.5.4 and 11.5.5.
 *
 * @throws {TypeError} where it is not what the operation is declared to give: a fault of the method
 */
export async function answerResult(given: Given, segment: OperationSegment, reading: Reading): Promise<ODataResponse> {
  const { request, terms, context, resource } = reading;
  const { tail } = resource.path;
  const returned = segment.operation.returnType!;
  if (!isGet(request) && terms.preferences.return === "minimal")
    return emptyResponse(204, terms.version, appliedPreferences({ return: "minimal" }));
  const isCollection = segment.collection || (returned.collection && returned.type.kind !== "entity");
  if (isCollection && !Array.isArray(given.value))
    throw new TypeError(`'${segment.operation.qualifiedName}' gave no collection.`);
  if (given.value === null || given.value === undefined) {
    if (!returned.nullable && returned.type.kind !== "entity")
      throw new TypeError(`'${segment.operation.qualifiedName}' gave nothing, and its return type is not nullable.`);
    return emptyResponse(204, terms.version);
  }
  if (tail.kind === "property") negotiateProperty(reading, tail);
  const applied = isGet(request) ? {} : appliedPreferences({ return: terms.preferences.return });
  if (returned.type.kind !== "entity") {
    const found = { value: await plainResult(given.value, segment, context) };
    const walked: Walked = { found, type: segment.type, rest: [], done: "nothing", count: undefined };
    return withHeaders(await answerWalked(reading, walked), applied, undefined);
  }
  const { type } = segment;
  const raw = (isCollection ? given.value : [given.value].flat().slice(0, 1)) as object[];
  const plain = await Promise.all(raw.map((item) => plainObject(item, type, context)));
  const expands =
    resource.options.expand.length > 0 && !resource.path.segments.some(({ kind }) => kind === "navigation");
  const found = expands && home(type, reading) ? await withRelated(plain, segment, reading) : plain;
  if (!isCollection && found.length === 0) return emptyResponse(204, terms.version);
  const walked: Walked = {
    found: isCollection ? found : found[0]!,
    type,
    rest: resource.path.segments.slice(1),
    done: "nothing",
    count: undefined,
  };
  const behind = await inStore(walked, reading);
  if (behind !== undefined) return behind;
  const answer = await answerGiven(reading, walked);
  return withHeaders(
    answer,
    applied,
    given.status === 201 && !isCollection ? locationOf(found[0]!, type, reading) : undefined,
  );
}

function withHeaders(
  answer: ODataResponse,
  headers: Readonly<Record<string, string>>,
  location: string | undefined,
): ODataResponse {
  if (location === undefined) return { ...answer, headers: { ...answer.headers, ...headers } };
  return { ...answer, status: 201, headers: { ...answer.headers, ...headers, location } };
}

async function plainResult(value: unknown, { type }: OperationSegment, context: ServiceContext): Promise<unknown> {
  const { value: result } = await plainObject({ value }, type, context);
  return result;
}

function locationOf(
  entity: PlainObject,
  type: EntityType,
  { request, context, resource }: Reading,
): string | undefined {
  const key = keyOf(entity, type);
  if (key === undefined) return undefined;
  return `${request.serviceRoot}${context.urls.entityPath(type, key, resource.path.segments)}`;
}

/** Whether the entities of a type are in the store, under URLs of their own. */
function home(type: EntityType, { context }: Reading): boolean {
  return context.controllers.ofType(type) === undefined && context.urls.home(type) !== undefined;
}

/** What is behind a navigation property of an entity of the store is in the store, too. */
async function inStore({ found, type, rest }: Walked, reading: Reading): Promise<ODataResponse | undefined> {
  const { request, context } = reading;
  const at = rest.findIndex(({ kind }) => kind === "navigation");
  if (at < 0 || !isGet(request) || !home(type, reading)) return undefined;
  const [key] = rest;
  let entity = Array.isArray(found) ? undefined : (found as PlainObject);
  if (Array.isArray(found) && key?.kind === "key") {
    entity = (found as PlainObject[]).find((item) =>
      key.properties.every((property, n) => hasValue(property, item[property.name], key.values[n]!)),
    );
  }
  const values = entity === undefined ? undefined : keyOf(entity, type);
  if (values === undefined) return undefined;
  const behind = writePath([...context.urls.homeSegments(type, values)!, ...rest.slice(at)]);
  const { tail } = reading.resource.path;
  const [, query] = splitUrl(request.url);
  const end = endOf(tail);
  const url = `/${behind}${end}${query === "" ? "" : `?${query}`}`;
  return context.answer({ ...request, url }, context);
}

function endOf(tail: Reading["resource"]["path"]["tail"]): string {
  if (tail.kind === "entity" || tail.kind === "each") return "";
  if (tail.kind === "ref") return "/$ref";
  if (tail.kind === "count") return "/$count";
  if (tail.kind === "media") return "/$value";
  const path = tail.path.map(({ name }) => `/${name}`).join("");
  if (tail.kind === "stream") return path;
  return `${path}${tail.raw ? "/$value" : ""}${tail.count ? "/$count" : ""}`;
}
