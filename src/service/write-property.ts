import type { PropertyTail } from "../binding/index.js";
import type { Property } from "../edm/index.js";
import { badRequest, notFound } from "../errors/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import type { JsonFormat } from "../format/media.js";
import type { Transaction } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import { EntityWriter } from "./entity-writer.js";
import { withEtagHeader } from "./etag.js";
import type { Terms } from "./exchange.js";
import { appliedPreferences, emptyResponse } from "./exchange.js";
import type { Located } from "./locate.js";
import { explainMissing, locate } from "./locate.js";
import { methodNotAllowed } from "./methods.js";
import { checkPreconditions, etagAt } from "./preconditions.js";
import { changeProperty, checkCount, itemOf, itemTexts, readValue } from "./property-change.js";
import type { ChangedValue, ValueChange } from "./property-change.js";
import { negotiateProperty, readProperty } from "./read-property.js";
import { readingBack } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { storedValues, valueColumns } from "./values.js";
import type { BodyValue } from "./write-property-body.js";
import { readPropertyBody, readRawBody, withCast } from "./write-property-body.js";
import { placeAt } from "./write-restrictions.js";

/**
 * `PUT`, `PATCH`, `POST` or `DELETE` of a structural property, of its raw value, or of an item of a collection: Protocol 4.01,
 * sections 11.4.9 to 11.4.11. To be called for a method that {@link allowedMethods} names.
 */
export async function writeProperty(
  resource: ResourceRequest,
  tail: PropertyTail,
  request: ODataRequest,
  format: () => JsonFormat,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  const { path, route, values } = resource;
  const isDeletion = request.method === "DELETE";
  // Said before anything is changed. A deletion is answered without a body.
  const wanted = isDeletion ? undefined : format;
  const reading = (transaction: Transaction) =>
    readingBack(resource, request, tail.raw ? plainFormat : wanted!(), terms, context, transaction);
  checkPlace(resource, tail, request, context);
  const change = changeOf(resource, tail, request, context);
  const columns = valueColumns(context.mapping.entity(path.type));

  return context.store.transaction(async (transaction) => {
    if (!isDeletion) negotiateProperty(reading(transaction), tail);
    const located = await locate(path.segments, context, transaction, { columns, route, values });
    if (located === undefined) {
      throw (
        (await explainMissing(resource, context, transaction)) ??
        notFound("The navigation property leads to no entity that could be changed.")
      );
    }
    await checkPreconditions(resource, request, context, transaction);
    const own = ownProperty(located, tail);
    const stored = storedValues(located.type, located.mapping, located.values);
    const text = changeProperty(stored.properties.get(own.name)!, tail, context.model, change);
    const writer = new EntityWriter({ request, version: terms.bodyVersion, context, transaction });
    await writer.update(located, stored, payloadOf(located, own, text), "merge");
    const headers = withEtagHeader({}, await etagAt(resource, context, transaction));
    if (isDeletion) return emptyResponse(204, terms.version, headers);
    const applied = { ...headers, ...appliedPreferences({ return: terms.preferences.return }) };
    if (terms.preferences.return === "minimal") return emptyResponse(204, terms.version, applied);
    const answer = await readProperty(reading(transaction), tail);
    return { ...answer, headers: { ...answer.headers, ...applied } };
  });
}

/**
 * What the place of the entity does not let clients change, they cannot change part by part either.
 *
 * @throws {ODataError} 405
 */
function checkPlace(
  resource: ResourceRequest,
  { path }: PropertyTail,
  { method }: ODataRequest,
  context: ServiceContext,
): void {
  const update = placeAt(resource, context)?.capabilities.update;
  if (update === undefined) return;
  const names = path.map((_, index) =>
    path
      .slice(0, index + 1)
      .map(({ name }) => name)
      .join("/"),
  );
  if (!update.updatable || names.some((name) => update.nonUpdatable.has(name)))
    throw methodNotAllowed(method, "GET, HEAD");
}

/** Raw values have no metadata. */
const plainFormat: JsonFormat = { level: "none", ieee754: false, streaming: false };

/** The declaration that the entity's actual type has. */
function ownProperty({ type }: Located, tail: PropertyTail): Property {
  const { name } = tail.path[0]!;
  const own = type.properties.get(name);
  if (own !== undefined) return own;
  throw notFound(`The entity is a '${type.qualifiedName}', which has no property '${name}'.`, { target: name });
}

function payloadOf({ type }: Located, property: Property, text: string): EntityPayload {
  return { type, properties: new Map([[property, text]]), dynamicProperties: new Map(), bindings: new Map() };
}

/** What a request makes of the value that its path addresses. Its body is read once, whatever becomes of the transaction. */
function changeOf(
  { options }: ResourceRequest,
  tail: PropertyTail,
  request: ODataRequest,
  { model }: ServiceContext,
): ValueChange {
  if (request.method === "DELETE") return (value) => emptied(value, isItem(tail));
  const property = addressed(tail);
  const isInsert = request.method === "POST";
  const body = tail.raw
    ? readRawBody(request, property)
    : readPropertyBody(request, isInsert ? itemOf(property) : property);
  if (isInsert) return (value) => inserted(value, body, options.index, model);
  const merges = request.method === "PATCH";
  return ({ property: declared, cast, text }) => {
    const { value, path } = withCast(body, cast, model);
    return readValue(declared, value, path, merges ? text : undefined, model);
  };
}

/** What the path leads to, as far as the model alone tells. */
function addressed(tail: PropertyTail): Property {
  const last = tail.path.at(-1)!;
  return isItem(tail) ? itemOf(last) : last;
}

/** Whether the path ends with the ordinal of an item. */
function isItem({ path, narrowing }: PropertyTail): boolean {
  return narrowing.some(({ kind, at }) => kind === "ordinal" && at === path.length);
}

/** Section 11.4.9.2; a collection loses its items (section 11.4.9.4), and an item goes from its collection. */
function emptied({ property }: ChangedValue, isOneItem: boolean): string | undefined {
  if (isOneItem) return undefined;
  if (property.collection) {
    checkCount(property, 0);
    return "[]";
  }
  if (property.nullable) return "null";
  throw badRequest(`'${property.name}' must have a value, so it cannot be set to null.`, { target: property.name });
}

/** Sections 11.4.9.4 and 11.4.11: at the end, or where `$index` says. */
function inserted(
  { property, text }: ChangedValue,
  { value, path }: BodyValue,
  index: number | undefined,
  model: ServiceContext["model"],
): string {
  const items = itemTexts(text);
  const item = readValue(itemOf(property), value, path, undefined, model);
  checkCount(property, items.length + 1);
  // -1 is the place behind the last item.
  const at = index === undefined ? items.length : index < 0 ? items.length + 1 + index : index;
  if (at < 0 || at > items.length) {
    throw badRequest(`$index=${index} is no place in a collection of ${items.length} items.`, { target: "$index" });
  }
  items.splice(at, 0, item);
  return `[${items.join(",")}]`;
}
