import type { PathOptions } from "../binding/index.js";
import type { Model } from "../edm/index.js";
import type { SqlContext, StorageMapping } from "../query/index.js";
import type { Database, LinkWriter, RowWriter } from "../storage/index.js";
import type { UrlWriter } from "./urls.js";

/** What a service lets its clients do; each has a default. */
export interface ServiceBehaviour extends PathOptions {
  /**
   * Further URLs that stand for the service root in references that clients send, each with a trailing slash. For a
   * service that stands in for another, so that a body written for that one is understood. None by default.
   */
  readonly alternateRoots?: readonly string[];
}

/** Everything that the handlers of a service share; made once, at start-up. */
export interface ServiceContext {
  readonly model: Model;
  readonly mapping: StorageMapping;
  readonly sql: SqlContext;
  readonly database: Database;
  readonly urls: UrlWriter;
  readonly rows: RowWriter;
  readonly links: LinkWriter;
  readonly behaviour: ServiceBehaviour;
}
