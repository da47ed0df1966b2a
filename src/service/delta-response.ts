import type { ODataError } from "../errors/index.js";
import { deletedEntity } from "../format/deleted-entity.js";
import type { DeltaItem } from "../format/delta-reader.js";
import { escapeJson, writeJsonValue } from "../format/json-text.js";
import type { JsonFormat } from "../format/media.js";
import type { Transaction } from "../storage/index.js";
import type { ContentIds } from "./content-ids.js";
import type { ServiceContext } from "./context.js";
import { contextFragment } from "./context-url.js";
import type { Terms } from "./exchange.js";
import { exceptionMember } from "./failed-change.js";
import type { Located } from "./locate.js";
import { keyScalars } from "./locate.js";
import { entityContent, entityText } from "./read.js";
import { contextText, readingBack } from "./reading.js";
import type { ODataRequest } from "./request.js";
import type { ResourceRequest, ResourceRoute } from "./route.js";
import { keySegment, SlotInput } from "./route.js";
import { keyMembers } from "./set-based-members.js";

/** `Core.DataModificationOperationKind`, as far as changes of collections are concerned. */
export type FailedOperation = "insert" | "update" | "delete" | "link" | "unlink";

/** What became of a change. */
export interface AppliedChange {
  readonly item: DeltaItem;
  /** The entity that it was about, or the source of a link; where it failed, only an entity that is there. */
  readonly located: Located | undefined;
  readonly failure?: { readonly error: ODataError; readonly operation: FailedOperation };
}

/** Writes the answer to a delta payload: a delta payload in the same order (Protocol 4.01, section 11.4.12). */
export class DeltaResponse {
  readonly #resource: ResourceRequest;
  readonly #request: ODataRequest;
  readonly #format: JsonFormat;
  readonly #terms: Terms;
  readonly #context: ServiceContext;
  readonly #transaction: Transaction;
  /** The statement that reads one of the entities, for all of them. */
  readonly #route: ResourceRoute;

  constructor(
    resource: ResourceRequest,
    request: ODataRequest,
    format: JsonFormat,
    terms: Terms,
    context: ServiceContext,
    transaction: Transaction,
  ) {
    this.#resource = resource;
    this.#request = request;
    this.#format = format;
    this.#terms = terms;
    this.#context = context;
    this.#transaction = transaction;
    this.#route = resource.route.branch("item", () => resource.route.request);
  }

  /**
   * The body of the answer.
   *
   * @param contentIds what the client calls the entities that were written
   */
  async write(changes: readonly AppliedChange[], contentIds: ContentIds): Promise<string> {
    const items: string[] = [];
    for (const change of changes) items.push(await this.#item(change, contentIds));
    const { path, options } = this.#resource;
    const fragment = contextFragment(path, options, this.#context.urls, this.#terms.version);
    const context = this.#format.level === "none" ? "" : `${contextText(this.#request, `${fragment}/$delta`)},`;
    return `{${context}"value":[${items.join(",")}]}`;
  }

  async #item({ item, located, failure }: AppliedChange, contentIds: ContentIds): Promise<string> {
    if (item.kind !== "entity") {
      // A link that could not be made is one that is not there, and the other way round.
      const isThere = (item.kind === "link") === (failure === undefined);
      return annotated(this.#link(item, isThere), failure);
    }
    if (located === undefined) return annotated(this.#sent(item, failure?.operation === "insert"), failure);
    if (item.entity.removed === undefined) {
      const text = contentIds.annotate(await this.#entity(located), this.#resource.path.type, this.#context.model);
      return annotated(text, failure);
    }
    if (failure !== undefined) return annotated(`{"@odata.id":${escapeJson(this.#url(located))}}`, failure);
    return this.#deleted(located, item.entity.removed);
  }

  async #entity(located: Located): Promise<string> {
    const { path } = this.#resource;
    const segments = [...path.segments, keySegment(path.type, keyScalars(located))];
    const resource: ResourceRequest = {
      ...this.#resource,
      route: this.#route,
      path: { ...path, segments, collection: false },
      values: SlotInput.of(segments, this.#resource.values),
    };
    const reading = readingBack(resource, this.#request, this.#format, this.#terms, this.#context, this.#transaction);
    const text = await entityText(reading);
    // A later change may have taken it out of the collection.
    return text === undefined ? `{"@odata.id":${escapeJson(this.#url(located))}}` : entityContent(text, reading);
  }

  #deleted(located: Located, reason: "changed" | "deleted"): string {
    const deleted = {
      id: this.#url(located),
      key: keyMembers(located, this.#format),
      reason,
      context: this.#deletedContext,
    };
    return deletedEntity(deleted, this.#terms.version, this.#format);
  }

  get #deletedContext(): string {
    return `${this.#request.serviceRoot}$metadata#${this.#base()}/$deletedEntity`;
  }

  /**
   * What is not there has no URL; what the client has sent tells which one it is.
   *
   * @param isNew a new entity that could not be created is a deleted one
   */
  #sent({ entity: { object, id } }: Extract<DeltaItem, { readonly kind: "entity" }>, isNew: boolean): string {
    const sent = [...object.members].filter(([name]) => !name.includes("@"));
    const members = sent.map(([name, value]) => `${escapeJson(name)}:${writeJsonValue(value)}`);
    if (id !== undefined) members.unshift(`"@odata.id":${escapeJson(id.uri)}`);
    if (isNew) {
      const removed = `"@removed":{"reason":"deleted"}`;
      members.unshift(this.#terms.version === "4.0" ? `"@odata.context":${escapeJson(this.#deletedContext)}` : removed);
    }
    return `{${members.join(",")}}`;
  }

  #link(item: Exclude<DeltaItem, { readonly kind: "entity" }>, isThere: boolean): string {
    const { source, relationship, target } = item;
    const context = escapeJson(`#${this.#base()}/${isThere ? "$link" : "$deletedLink"}`);
    return `{"@odata.context":${context},"source":${escapeJson(source.uri)},"relationship":${escapeJson(relationship)},"target":${escapeJson(target.uri)}}`;
  }

  #base(): string {
    const { path, options } = this.#resource;
    return contextFragment(
      path,
      { ...options, select: undefined, expand: [] },
      this.#context.urls,
      this.#terms.version,
    );
  }

  #url(located: Located): string {
    const { path } = this.#resource;
    return `${this.#request.serviceRoot}${this.#context.urls.entityPath(located.type, keyScalars(located), path.segments)}`;
  }
}

/** An object with `Core.DataModificationException`, where its change has failed. */
function annotated(text: string, failure: AppliedChange["failure"]): string {
  if (failure === undefined) return text;
  const { error, operation } = failure;
  return `${text.slice(0, -1)}${text === "{}" ? "" : ","}${exceptionMember(error, operation)}}`;
}
