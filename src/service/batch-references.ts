import { badRequest, ODataError } from "../errors/index.js";
import type { WholeResponse } from "../format/http-message.js";
import type { JsonValue } from "../format/json-text.js";
import type { ODataRequest } from "./request.js";

/** A request of a batch that was carried out, with its answer. */
export interface Outcome {
  readonly request: ODataRequest;
  readonly response: WholeResponse;
}

/** Names behind a dollar sign that are the service's own, whatever the ids of a batch: Protocol 4.01, section 11.7.4. */
const SYSTEM: ReadonlySet<string> = new Set(["batch", "crossjoin", "all", "entity", "root", "id", "metadata", "async"]);

const REFERENCE = /^(?:\$|%24)([\w.~-]+)(?=[/?]|$)/;

/** What the requests of a batch that were carried out so far can be referred to by. */
export class Outcomes {
  readonly #before: Outcomes | undefined;
  readonly #own = new Map<string, Outcome>();
  readonly #failed = new Set<string>();

  /** @param before those of the batch, where these are of a group that may fail as a whole */
  constructor(before?: Outcomes) {
    this.#before = before;
  }

  add(id: string | undefined, outcome: Outcome): void {
    if (id !== undefined) this.#own.set(id, outcome);
  }

  /** Notes that a request was not carried out, or not successfully. */
  fail(id: string | undefined): void {
    if (id !== undefined) this.#failed.add(id);
  }

  /** Whether a request or group has failed. */
  hasFailed(id: string): boolean {
    return this.#failed.has(id) || this.#before?.hasFailed(id) === true;
  }

  /** Takes over those of a group that succeeded. */
  addAll(others: Outcomes): void {
    for (const [id, outcome] of others.#own) this.#own.set(id, outcome);
  }

  #find(id: string): Outcome | undefined {
    const own = this.#own.get(id);
    return own !== undefined || this.#before === undefined ? own : this.#before.#find(id);
  }

  /** The id that a URL begins with, where it refers to another request. */
  static idIn(url: string): string | undefined {
    const id = REFERENCE.exec(url)?.[1];
    return id === undefined || SYSTEM.has(id) ? undefined : id;
  }

  /**
   * A URL whose first segment may be a reference to an earlier request, which stands for the URL of its entity
   * (Protocol 4.01, section 11.7.4).
   *
   * @throws {ODataError} 400 for a request that is not there or did not come before, 424 for one that failed
   * @example outcomes.url("$1/Orders") // "http://host/service/Customers('ALFKI')/Orders"
   */
  url(written: string): string {
    const id = Outcomes.idIn(written);
    if (id === undefined) return written;
    const rest = written.slice(written.indexOf(id) + id.length);
    return `${this.#entityUrl(id)}${rest}`;
  }

  /** An ETag that may be a reference to that of an earlier answer: Protocol 4.01, section 11.7.5. */
  etag(written: string): string {
    const id = /^\s*\$([\w.~-]+)\s*$/.exec(written)?.[1];
    if (id === undefined) return written;
    const etag = this.#succeeded(id).response.headers["etag"];
    if (etag !== undefined) return etag;
    throw new ODataError(412, "PreconditionFailed", `The answer to the request '${id}' has no ETag to refer to.`, {
      target: "If-Match",
    });
  }

  /**
   * A body with the references to earlier requests replaced: in `@id` and in bindings.
   *
   * @returns the value itself where nothing in it is a reference
   */
  body(value: JsonValue): JsonValue {
    if (value.kind === "array") {
      const items = value.items.map((item) => this.body(item));
      return items.some((item, index) => item !== value.items[index]) ? { ...value, items } : value;
    }
    if (value.kind !== "object") return value;
    let changed = false;
    const members = new Map<string, JsonValue>();
    for (const [name, member] of value.members) {
      const replaced = NAMES_ENTITIES.test(name) ? this.#references(member) : this.body(member);
      changed ||= replaced !== member;
      members.set(name, replaced);
    }
    return changed ? { ...value, members } : value;
  }

  #references(value: JsonValue): JsonValue {
    if (value.kind === "array") {
      const items = value.items.map((item) => this.#references(item));
      return items.some((item, index) => item !== value.items[index]) ? { ...value, items } : value;
    }
    if (value.kind !== "string") return value;
    const url = this.url(value.value);
    return url === value.value ? value : { ...value, value: url };
  }

  #entityUrl(id: string): string {
    const { request, response } = this.#succeeded(id);
    const { location } = response.headers;
    const url = location ?? response.headers["odata-entityid"];
    if (url !== undefined) return url;
    // What was read or changed, and not created, is where it was.
    const path = request.url.split("?", 1)[0]!;
    return `${request.serviceRoot}${path.replace(/^\/{1,100}/, "")}`;
  }

  #succeeded(id: string): Outcome {
    if (this.hasFailed(id)) throw failedDependency(`The request '${id}', to which this one refers, has failed.`);
    const outcome = this.#find(id);
    if (outcome !== undefined) return outcome;
    throw badRequest(`'$${id}' refers to no request of this batch that stands before this one.`, { target: `$${id}` });
  }
}

/** Members whose values are URLs of entities: JSON Format 4.01, sections 4.5.8 and 8.5. */
const NAMES_ENTITIES = /^@(?:odata\.)?id$|@(?:odata\.)?bind$/;

/** 424: Protocol 4.01, section 9.2.7. */
export function failedDependency(message: string): ODataError {
  return new ODataError(424, "FailedDependency", message);
}
