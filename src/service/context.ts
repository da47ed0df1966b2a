import type { BoundPath, PathOptions } from "../binding/index.js";
import type { Model } from "../edm/index.js";
import type { SqlContext, StorageMapping } from "../query/index.js";
import type { Awaitable, Database, LinkWriter, MediaStore, RowWriter, Transaction } from "../storage/index.js";
import type { AsyncBehaviour } from "./async.js";
import type { BatchBehaviour } from "./batch.js";
import type { SetControllers } from "./controllers.js";
import type { DeltaTokens } from "./delta-token.js";
import type { MediaSweeper } from "./media-sweeper.js";
import type { Operations } from "./operations.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import { transactionStore } from "./request-store.js";
import type { RequestStore } from "./request-store.js";
import type { Rules } from "./rules.js";
import type { SkipTokens } from "./skip-token.js";
import type { UrlWriter } from "./urls.js";
import type { WriteLimits } from "./write-limits.js";

/** What a service lets its clients do; each has a default. */
export interface ServiceBehaviour extends PathOptions {
  /**
   * Further URLs that stand for the service root in references that clients send, each with a trailing slash. For a
   * service that stands in for another, so that a body written for that one is understood. None by default.
   */
  readonly alternateRoots?: readonly string[];
  /**
   * How many items an answer with a collection of entities has at most; the rest follows behind next links. Clients may ask
   * for less (`Prefer: maxpagesize`). None by default: a collection is answered whole, as a stream where it is large.
   */
  readonly pageSize?: number;
  /** The same for single entity sets, by name. */
  readonly pageSizes?: Readonly<Record<string, number>>;
  /** What is taken of batch requests. */
  readonly batch?: BatchBehaviour;
  /** What is done for clients that would rather not wait (`Prefer: respond-async`). */
  readonly async?: AsyncBehaviour;
  /**
   * Whether a change of an entity that has an ETag must name it with `If-Match` (428 where it does not; Protocol 4.01, section
   * 11.4.1.1): everywhere, or the names of the entity sets and singletons where it is so. Nowhere by default: clients may
   * protect their changes, and `Core.OptimisticConcurrency` tells them by what, but they need not.
   */
  readonly requireIfMatch?: boolean | readonly string[];
  /** Bounds of payloads that hold many entities; the defaults are those of {@link DEFAULT_WRITE_LIMITS}. */
  readonly writeLimits?: Partial<WriteLimits>;
  /** How long the content of a media entity or a stream property may be, in bytes; 104857600 (100 MiB) by default. */
  readonly maxMediaBytes?: number;
  /** How many members of a collection one request may change or delete through `/$each`; 5,000 by default. */
  readonly maxSetMembers?: number;
}

/** Everything that the handlers of a service share; made once, at start-up. */
export interface ServiceContext {
  readonly model: Model;
  readonly mapping: StorageMapping;
  readonly sql: SqlContext;
  readonly database: Database;
  /** Where the request at hand reads and writes. */
  readonly store: RequestStore;
  readonly urls: UrlWriter;
  readonly rows: RowWriter;
  readonly links: LinkWriter;
  /** Contents of media entities and stream properties. */
  readonly media: MediaStore;
  /** Deletes those that nothing uses any more. */
  readonly sweeper: MediaSweeper;
  readonly behaviour: ServiceBehaviour;
  /** The controllers that find the entities of their sets themselves. */
  readonly controllers: SetControllers;
  /** The methods that the controllers of stored entities override. */
  readonly rules: Rules;
  /** The methods that carry out functions and actions. */
  readonly operations: Operations;
  /** The body of the request at hand was made by a rule, which may write what clients may not. */
  readonly byRule?: boolean | undefined;
  readonly skipTokens: SkipTokens;
  /** Where something is tracked. */
  readonly deltaTokens: DeltaTokens | undefined;
  /** How many items an answer with the collection that a path leads to has at most; `undefined` for any number. */
  pageSize(path: Pick<BoundPath, "segments">): number | undefined;
  /**
   * Answers another request of this service: a part of a batch, one that a rule makes. With the context at hand it belongs to
   * the same transaction.
   */
  answer(request: ODataRequest, context: ServiceContext): Awaitable<ODataResponse>;
}

/** The same context for requests within a transaction. */
export function within(transaction: Transaction, context: ServiceContext): ServiceContext {
  return { ...context, store: transactionStore(transaction) };
}

/**
 * Makes {@link ServiceContext.pageSize} of what a service was started with.
 *
 * @throws {RangeError} for a size that is no whole number from 1, or of a set that is not there
 */
export function pageSizes({ pageSize, pageSizes = {} }: ServiceBehaviour, model: Model): ServiceContext["pageSize"] {
  for (const [name, size] of [["pageSize", pageSize] as const, ...Object.entries(pageSizes)]) {
    if (size !== undefined && (!Number.isSafeInteger(size) || size < 1))
      throw new RangeError(`The page size '${name}' must be a whole number from 1, not ${String(size)}.`);
  }
  for (const name of Object.keys(pageSizes))
    if (!model.container.entitySets.has(name))
      throw new RangeError(`There is no entity set '${name}' for a page size.`);
  return ({ segments }) => {
    const [first, ...rest] = segments;
    const isOfSet = first?.kind === "entitySet" && rest.every(({ kind }) => kind !== "navigation");
    return (isOfSet && Object.hasOwn(pageSizes, first.set.name) ? pageSizes[first.set.name] : undefined) ?? pageSize;
  };
}
