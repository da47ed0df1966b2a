import { checkRead } from "../binding/index.js";
import { notImplemented } from "../errors/index.js";
import { rewriteEntity, rewriteRow } from "../format/rewrite.js";
import type { PageRequest, ReadColumns, ReadStatement } from "../query/index.js";
import { compileRead, pageable, wholeText } from "../query/index.js";
import type { Awaitable } from "../storage/index.js";
import { checkItem } from "./answer-size.js";
import type { CollectionSource } from "./collection.js";
import { answerCollection } from "./collection.js";
import { track } from "./delta-tracking.js";
import { etagOf, isNotModified } from "./etag.js";
import { appliedPreferences, contentPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import { explainMissing, keyScalarsOf } from "./locate.js";
import { refuseSkipToken } from "./paging.js";
import { readMedia } from "./media-read.js";
import { checkUnchanged } from "./preconditions.js";
import { readCount } from "./read-count.js";
import { readProperty } from "./read-property.js";
import { readReferences } from "./read-references.js";
import type { Reading, Treatment } from "./reading.js";
import {
  collectionMembers,
  contextMember,
  pageName,
  readOptions,
  rewritingOf,
  rowsOf,
  traitsOf,
  treatmentOf,
  typeInText,
  withId,
} from "./reading.js";
import type { ODataResponse } from "./request.js";

/** `GET` of a resource: Protocol 4.01, section 11.2. */
export function read(reading: Reading): Awaitable<ODataResponse> {
  checkReading(reading);
  const { path } = reading.resource;
  const { tail } = path;
  switch (tail.kind) {
    case "entity":
      return path.collection ? answerCollection(reading, collectionSource(reading)) : readEntity(reading);
    case "count":
      return readCount(reading);
    case "ref":
      return readReferences(reading);
    case "property":
      return readProperty(reading, tail);
    case "media":
    case "stream":
      return readMedia(reading);
    case "each":
      throw notImplemented("'$each' is for requests that change the members of a collection.", { target: "$each" });
  }
}

/**
 * Checks that a resource can be read, and in this way.
 *
 * @throws {ODataError} 501 or 400 where it cannot
 */
export function checkReading({ resource, context }: Reading): void {
  const { route, path } = resource;
  if (!route.isReadable) {
    checkRead(route.request, context.model);
    route.isReadable = true;
  }
  if (!path.collection || path.tail.kind === "count" || path.tail.kind === "property") refuseSkipToken(resource);
}

/** The read that services are asked for most: with a synchronous driver it is answered without a turn of the event loop. */
function readEntity(reading: Reading): Awaitable<ODataResponse> {
  const text = entityText(reading);
  return text instanceof Promise ? text.then((found) => answerEntity(found, reading)) : answerEntity(text, reading);
}

/** @param text the entity as it is stored; `undefined` where there is none */
export function answerEntity(text: string | undefined, reading: Reading): Awaitable<ODataResponse> {
  if (text === undefined) return answerNothing(reading);
  const { request, format, terms } = reading;
  const applied = appliedPreferences(contentPreferences(terms));
  const etag = traitsOf(reading.resource).etags ? etagOf(text) : undefined;
  if (request.headers["if-match"] !== undefined) checkUnchanged(request, etag);
  if (etag === undefined) return jsonResponse(200, entityBody(text, reading), format, terms.version, applied);
  if (isNotModified(request, etag)) return emptyResponse(304, terms.version, { etag });
  return jsonResponse(200, entityBody(text, reading), format, terms.version, { ...applied, etag });
}

/** 204 for a single-valued navigation property that leads to nothing, and 404 for everything else. */
async function answerNothing({ resource, terms, context, reads }: Reading): Promise<ODataResponse> {
  const error = await explainMissing(resource, context, reads);
  if (error !== undefined) throw error;
  return emptyResponse(204, terms.version);
}

/** The JSON text of the entity that a request addresses, as stored. */
export function entityText(reading: Reading): Awaitable<string | undefined> {
  const statement = readStatement(reading, entityTreatment(reading), undefined);
  const first = ([row]: readonly unknown[][]) => (row === undefined ? undefined : textOf(row, statement.columns));
  const rows = rowsOf(statement, reading);
  return rows instanceof Promise ? rows.then(first) : first(rows);
}

/** An entity's JSON text as the body of an answer. */
export function entityBody(text: string, reading: Reading): string {
  const body = entityContent(text, reading);
  const context = contextMember(reading);
  return context === "" ? body : `{${context},${body.slice(1)}`;
}

/** The same without a context URL, for an entity that stands in something else. */
export function entityContent(text: string, reading: Reading): string {
  const { path } = reading.resource;
  return entityTreatment(reading) === "plain" ? text : rewriteEntity(text, path.type, rewritingOf(reading));
}

/** An id is put in where the key's values are at hand beside the text, as they are for the items of a collection. */
function entityTreatment(reading: Reading): Exclude<Treatment, "named"> {
  return treatmentOf(reading) === "plain" ? "plain" : "rewritten";
}

function readStatement(
  { resource, context }: Reading,
  treatment: Treatment,
  page: PageRequest | undefined,
): ReadStatement {
  const kind = treatment === "rewritten" ? "read keys" : "read";
  return resource.route.statement(page === undefined ? kind : `${kind} ${pageName(page)}`, () =>
    compileRead(resource.path, readOptions(resource, treatment), context.sql, page),
  );
}

/** An entity's JSON text. */
function textOf(row: readonly unknown[], { text, document }: ReadColumns): string {
  const rest = document === undefined ? undefined : (row[document] as string | null);
  checkItem(row[text] as string, rest);
  return wholeText(row[text] as string, rest);
}

/** The collection of entities that a request reads. */
export function collectionSource(reading: Reading): CollectionSource {
  const { resource, context, reads, terms } = reading;
  const treatment = treatmentOf(reading);
  return {
    pageable: pageable(resource.options),
    pageSize: context.pageSize(resource.path),
    ordered: treatment === "named",
    statement: (page) => readStatement(reading, treatment, page),
    context: collectionMembers(reading),
    isItem: (row, { text }) => row[text] !== null,
    write: itemWriter(reading, treatment),
    isAsStored: treatment === "plain" && resource.options.apply === undefined,
    missing: () => explainMissing(resource, context, reads),
    applied: contentPreferences(terms),
    track: (since) => track(reading, since),
  };
}

/** How the JSON text of an item is made of its row. */
export function itemWriter(reading: Reading, treatment: Treatment): CollectionSource["write"] {
  const { resource, request, terms, context } = reading;
  const { path, options } = resource;
  const shape = options.apply?.shape;
  if (shape !== undefined && shape.entity === undefined) {
    const rewriting = treatment === "plain" ? undefined : rewritingOf(reading);
    // In 4.0 what is no stored entity says so (JSON Format 4.01, section 4.5.8).
    const isTransient = terms.version === "4.0" && reading.format.level !== "none";
    return (row, columns) => {
      const text = textOf(row, columns);
      const written = rewriting === undefined ? text : rewriteRow(text, shape, path.type, rewriting);
      return isTransient ? transient(written) : written;
    };
  }
  switch (treatment) {
    case "plain":
      return textOf;
    case "named":
      return (row, columns) => {
        const text = textOf(row, columns);
        const type = typeInText(text, path.type, context);
        const key = keyScalarsOf(type, row.slice(-type.key.length));
        return withId(text, `${request.serviceRoot}${context.urls.entityPath(type, key, path.segments)}`);
      };
    case "rewritten": {
      const how = rewritingOf(reading);
      return (row, columns) => rewriteEntity(textOf(row, columns), path.type, how);
    }
  }
}

function transient(text: string): string {
  return text === "{}" ? '{"@odata.id":null}' : `{"@odata.id":null,${text.slice(1)}`;
}
