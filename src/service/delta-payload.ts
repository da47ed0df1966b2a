import type { BoundPath } from "../binding/index.js";
import type { NavigationProperty } from "../edm/index.js";
import { badRequest, ODataError } from "../errors/index.js";
import type { DeltaItem } from "../format/delta-reader.js";
import { readDeltaPayload } from "../format/delta-reader.js";
import { readObject } from "../format/entity-reader.js";
import { requireJsonBody } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import type { Transaction } from "../storage/index.js";
import { withSavepoint } from "../storage/index.js";
import { followReference, resolveReference } from "./bindings.js";
import type { ContentIds } from "./content-ids.js";
import type { ServiceContext } from "./context.js";
import { parentOf, refuseCollectionOptions } from "./create.js";
import type { AppliedChange, FailedOperation } from "./delta-response.js";
import { DeltaResponse } from "./delta-response.js";
import { EntityWriter } from "./entity-writer.js";
import type { Terms } from "./exchange.js";
import { appliedPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import { failureOf } from "./failed-change.js";
import type { Located } from "./locate.js";
import type { Collection } from "./members.js";
import { keyed } from "./members.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { placeAt } from "./write-restrictions.js";

/**
 * `PATCH` of a collection of entities with a delta payload: Protocol 4.01, section 11.4.12. Without `continue-on-error` all
 * of it is carried out or nothing.
 */
export async function updateCollection(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  requireJsonBody(request.headers["content-type"]);
  checkCollection(resource);
  const items = readDeltaPayload(readObject(request.body ?? ""));
  const { continueOnError, return: preferred } = terms.preferences;

  return context.store.transaction(async (transaction) => {
    const changes = await DeltaUpdate.of(resource, request, terms, context, transaction);
    const applied: AppliedChange[] = [];
    for (const item of items)
      applied.push(await (continueOnError === true ? changes.attempt(item) : changes.apply(item)));
    const headers = appliedPreferences({ return: preferred, continueOnError });
    if (preferred === "minimal" && applied.every(({ failure }) => failure === undefined))
      return emptyResponse(204, terms.version, headers);
    const response = new DeltaResponse(resource, request, format, terms, context, transaction);
    const body = await response.write(applied, changes.contentIds);
    return jsonResponse(200, body, format, terms.version, headers);
  });
}

/**
 * A request for a whole collection of entities.
 *
 * @throws {ODataError} 400 where the path narrows the collection, or options shape it
 */
export function checkCollection(resource: ResourceRequest): void {
  const { segments } = resource.path;
  refuseCollectionOptions(resource);
  for (const name of ["search", "apply", "compute"] as const) {
    if (resource.options[name] !== undefined)
      throw badRequest(`$${name} is for requests that read a collection.`, { target: `$${name}` });
  }
  const { kind } = segments.at(-1)!;
  if (kind === "cast" || kind === "filter" || kind === "ordinal")
    throw badRequest("Only a whole collection can be changed or replaced at once, and not a part of it.");
}

/** The collection that a path leads to, with the entities that are in it where an entity is the way to it. */
export async function collectionOf(
  resource: ResourceRequest,
  writer: EntityWriter,
  context: ServiceContext,
  transaction: Transaction,
): Promise<Collection> {
  const { type } = resource.path;
  const parent = await parentOf(resource, context, transaction);
  if (parent === undefined) return { type, parent, current: undefined };
  return { type, parent, current: keyed(await writer.rows.related(parent.source, parent.property)) };
}

/** Carries out the changes of a delta payload, one after the other. */
class DeltaUpdate {
  readonly #path: BoundPath;
  readonly #request: ODataRequest;
  readonly #context: ServiceContext;
  readonly #transaction: Transaction;
  readonly #writer: EntityWriter;
  readonly #collection: Collection;

  private constructor(
    path: BoundPath,
    request: ODataRequest,
    context: ServiceContext,
    transaction: Transaction,
    writer: EntityWriter,
    collection: Collection,
  ) {
    this.#path = path;
    this.#request = request;
    this.#context = context;
    this.#transaction = transaction;
    this.#writer = writer;
    this.#collection = collection;
  }

  static async of(
    resource: ResourceRequest,
    request: ODataRequest,
    { bodyVersion: version }: Terms,
    context: ServiceContext,
    transaction: Transaction,
  ): Promise<DeltaUpdate> {
    const place = placeAt(resource, context);
    const writer = new EntityWriter({ request, version, context, transaction, place });
    const collection = await collectionOf(resource, writer, context, transaction);
    return new DeltaUpdate(resource.path, request, context, transaction, writer, collection);
  }

  /** What the client calls the entities that were written. */
  get contentIds(): ContentIds {
    return this.#writer.contentIds;
  }

  async apply(item: DeltaItem): Promise<AppliedChange> {
    if (item.kind !== "entity") return { item, located: await this.#link(item) };
    return { item, located: await this.#writer.apply(this.#collection, item.entity, "merge") };
  }

  /** The same; what the client could mend becomes part of the answer, and what was written until then is taken back. */
  async attempt(item: DeltaItem): Promise<AppliedChange> {
    try {
      return await withSavepoint(this.#transaction, () => this.apply(item));
    } catch (error) {
      const failure = failureOf(error, this.#context);
      if (failure === undefined) throw error;
      const located = await this.#known(item);
      return { item, located, failure: { error: failure, operation: this.#operation(item, located) } };
    }
  }

  /** What a change that failed was about, where it is there. */
  async #known(item: DeltaItem): Promise<Located | undefined> {
    if (item.kind !== "entity") return undefined;
    try {
      return (await this.#writer.identify(item.entity, this.#collection)).located;
    } catch (error) {
      if (error instanceof ODataError) return undefined;
      throw error;
    }
  }

  #operation(item: DeltaItem, located: Located | undefined): FailedOperation {
    if (item.kind !== "entity") return item.kind === "link" ? "link" : "unlink";
    if (item.entity.removed === undefined) return located === undefined ? "insert" : "update";
    const { parent } = this.#collection;
    const deletes = parent === undefined || parent.property.containsTarget || item.entity.removed === "deleted";
    return deletes ? "delete" : "unlink";
  }

  async #link(item: Extract<DeltaItem, { readonly kind: "link" | "deletedLink" }>): Promise<Located> {
    const { relationship, path } = item;
    const { type } = this.#path;
    const where = "the collection";
    const { located: source } = await followReference(
      item.source,
      type,
      where,
      this.#request,
      this.#context,
      this.#transaction,
    );
    if (source === undefined) throw badRequest(`The source of '${path}' is not there.`, { target: item.source.target });
    const property = this.#relationship(source, relationship, path);
    const target = await resolveReference(item.target, property, this.#request, this.#context, this.#transaction);
    if (await this.#writer.link(item.kind, source, property, target)) return source;
    throw badRequest(`The link '${path}' is to be removed, but it is not there.`, { target: path });
  }

  #relationship({ type }: Located, name: string, path: string): NavigationProperty {
    const target = `${path}.relationship`;
    const property = type.navigationProperties.get(name.slice(name.lastIndexOf("/") + 1));
    if (property === undefined) {
      throw badRequest(`The type '${type.qualifiedName}' has no navigation property '${name.slice(0, 128)}'.`, {
        target,
      });
    }
    if (!property.containsTarget) return property;
    throw badRequest(`'${property.name}' contains its entities: they cannot be tied or untied.`, { target });
  }
}
