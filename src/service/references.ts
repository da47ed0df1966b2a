import { badRequest, notFound } from "../errors/index.js";
import { readObject } from "../format/entity-reader.js";
import type { JsonObject, JsonValue } from "../format/json-text.js";
import { requireJsonBody } from "../format/media.js";
import type { Transaction } from "../storage/index.js";
import { partnerOf } from "../storage/index.js";
import { checkChangeable, resolveReference } from "./bindings.js";
import type { ServiceContext } from "./context.js";
import { EntityRows } from "./entity-rows.js";
import { withEtagHeader } from "./etag.js";
import type { Terms } from "./exchange.js";
import { emptyResponse } from "./exchange.js";
import type { Located } from "./locate.js";
import { entityKey, locate } from "./locate.js";
import { keyed, keyText } from "./members.js";
import { checkPreconditions, etagAt } from "./preconditions.js";
import type { Relationship } from "./relationship.js";
import { relationshipOf } from "./relationship.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { WriteBudget } from "./write-limits.js";

/** One reference of a body, and its JSON path. */
interface BodyReference {
  readonly uri: string;
  readonly target: string;
}

/** `POST .../$ref` to a collection and `PUT .../$ref` of a single entity: Protocol 4.01, sections 11.4.6.1 and 11.4.6.3. */
export async function addReference(
  resource: ResourceRequest,
  request: ODataRequest,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  requireJsonBody(request.headers["content-type"]);
  const reference = readReference(readObject(request.body ?? ""), "", request);
  return changeRelationship(resource, request, terms, context, async (ties) => {
    const target = await ties.resolve(reference);
    if (!ties.property.collection) for (const other of await ties.current()) ties.note(other);
    await ties.tie(target);
  });
}

/** `PUT .../$ref` of a collection: these are all related entities (Protocol 4.01, section 11.4.6.4). */
export async function replaceReferences(
  resource: ResourceRequest,
  request: ODataRequest,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  requireJsonBody(request.headers["content-type"]);
  const references = readReferences(readObject(request.body ?? ""), request);
  new WriteBudget(context.behaviour.writeLimits).spend(references.length, "value");
  refusePart(resource);
  return changeRelationship(resource, request, terms, context, async (ties) => {
    const wanted = keyed(await inOrder(references, (reference) => ties.resolve(reference)));
    const current = keyed(await ties.current());
    for (const [key, other] of current) if (!wanted.has(key)) await ties.untie(other);
    for (const [key, other] of wanted) if (!current.has(key)) await ties.tie(other);
  });
}

/** `DELETE .../$ref`: Protocol 4.01, sections 11.4.6.2 and 11.4.6.4. */
export async function removeReference(
  resource: ResourceRequest,
  request: ODataRequest,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  const { path, route, values } = resource;
  const { id } = route;
  return changeRelationship(resource, request, terms, context, async (ties, { property, length }) => {
    const keyed = path.segments.slice(length + 1).some((segment) => segment.kind === "key");
    const noSuch = () => notFound(`'${property.name}' holds no such reference.`, { target: property.name });
    if (id !== undefined && (keyed || !property.collection)) {
      throw badRequest("$id says which reference of a collection is meant; here the path says it.", { target: "$id" });
    }
    if (keyed || id !== undefined) {
      const target = keyed
        ? await locate(path.segments, context, ties.transaction, { route, values })
        : await ties.resolve({ uri: id!, target: "$id" });
      if (target === undefined || !(await ties.untie(target))) throw noSuch();
      return;
    }
    if (property.collection) {
      refusePart(resource);
      // In 4.0 there is no such request, so a client that sends it has forgotten something.
      if (terms.version === "4.0") {
        throw badRequest(`'${property.name}' is a collection; say with $id which reference is to be removed.`, {
          target: "$id",
        });
      }
    }
    const current = await ties.current();
    if (current.length === 0 && !property.collection) throw noSuch();
    for (const other of current) await ties.untie(other);
  });
}

/** Changes the relationship that a path with `$ref` addresses, and with it the entities that have it. */
async function changeRelationship(
  resource: ResourceRequest,
  request: ODataRequest,
  terms: Terms,
  context: ServiceContext,
  change: (ties: Ties, relationship: Relationship) => Promise<void>,
): Promise<ODataResponse> {
  return context.store.transaction(async (transaction) => {
    const relationship = await relationshipOf(resource, context, transaction);
    if (relationship === undefined)
      throw badRequest("'$ref' with this method must follow a navigation property.", { target: "$ref" });
    const { source, property, length } = relationship;
    if (property.containsTarget) {
      throw badRequest(
        `'${property.name}' contains its entities: they cannot be tied or untied, only created and deleted.`,
        { target: property.name },
      );
    }
    checkChangeable(source, property, context);
    await checkPreconditions(resource, request, context, transaction, length);
    const ties = new Ties(relationship, request, context, transaction);
    await change(ties, relationship);
    await ties.finish();
    const etag = await etagAt(resource, context, transaction, length);
    return emptyResponse(204, terms.version, withEtagHeader({}, etag));
  });
}

/** The ties of one entity through one navigation property. */
class Ties {
  readonly property: Relationship["property"];
  readonly transaction: Transaction;
  readonly #source: Located;
  readonly #request: ODataRequest;
  readonly #context: ServiceContext;
  readonly #rows: EntityRows;
  readonly #changed = new Map<string, Located>();

  constructor(
    { source, property }: Relationship,
    request: ODataRequest,
    context: ServiceContext,
    transaction: Transaction,
  ) {
    this.property = property;
    this.transaction = transaction;
    this.#source = source;
    this.#request = request;
    this.#context = context;
    this.#rows = new EntityRows(context, transaction);
  }

  resolve(reference: BodyReference): Promise<Located> {
    return resolveReference(reference, this.property, this.#request, this.#context, this.transaction);
  }

  /** The entities at the other end now. */
  current(): Promise<Located[]> {
    return this.#rows.related(this.#source, this.property);
  }

  async tie(target: Located): Promise<void> {
    this.note(target);
    await this.#context.links.tie(this.transaction, entityKey(this.#source), this.property, entityKey(target));
  }

  /** @throws {ODataError} 400 where one end cannot be without the other */
  async untie(target: Located): Promise<boolean> {
    this.note(target);
    const { property } = this;
    const partner = partnerOf(property);
    if (!property.collection && !property.nullable)
      throw badRequest(`'${property.name}' always needs a related entity; let it refer to another one.`, {
        target: property.name,
      });
    if (partner?.collection === false && !partner.nullable)
      throw badRequest(
        `'${partner.name}' of what '${property.name}' leads to always needs a related entity; let it refer to another one.`,
        { target: property.name },
      );
    return this.#context.links.untie(this.transaction, entityKey(this.#source), property, entityKey(target));
  }

  /** Notes that a target changes with the relationship. */
  note(target: Located): void {
    this.#changed.set(keyText(target), target);
  }

  /**
   * A change of a relationship is a change of the entities that have it (Protocol 4.01, section 11.4.1.1): their generated
   * properties tell. A target has it where a navigation property leads back, or where it holds the key of the source.
   */
  async finish(): Promise<void> {
    await this.#rows.touch(this.#source);
    const how = this.#context.mapping.navigation(this.property);
    if (how.kind !== "targetColumn" && partnerOf(this.property) === undefined) return;
    for (const target of this.#changed.values())
      if (target.mapping !== this.#source.mapping || keyText(target) !== keyText(this.#source))
        await this.#rows.touch(target);
  }
}

/** All references of a collection are meant, and not those of a part of it. */
function refusePart({ path: { segments } }: ResourceRequest): void {
  const navigation = segments.findLastIndex(({ kind }) => kind === "navigation");
  if (navigation === segments.length - 1) return;
  throw badRequest("Only all references of a collection can be replaced or removed together, and not a part of them.", {
    target: "$ref",
  });
}

async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

/** The body `{"value": [{"@odata.id": "..."}]}`, as `GET` of the references answers it. */
function readReferences(body: JsonObject, request: ODataRequest): BodyReference[] {
  const value = body.members.get("value");
  if (value?.kind !== "array") {
    throw badRequest('The body must be a collection of references: {"value": [{"@odata.id": "URL of an entity"}]}.', {
      target: "value",
    });
  }
  const context = contextOf(body);
  return value.items.map((item, index) => readReference(item, `value[${index}]`, request, context));
}

/** The body `{"@odata.id": "..."}`; 4.01 also writes `@id` (JSON Format 4.01, section 14). */
function readReference(value: JsonValue, path: string, { serviceRoot }: ODataRequest, outer?: string): BodyReference {
  const within = (name: string) => (path === "" ? name : `${path}.${name}`);
  if (value.kind === "object") {
    const name = value.members.has("@odata.id") ? "@odata.id" : "@id";
    const id = value.members.get(name);
    if (id?.kind === "string" && id.value !== "")
      return { uri: resolved(id.value, contextOf(value) ?? outer, serviceRoot), target: within(name) };
  }
  throw badRequest(
    `${path === "" ? "The body" : `'${path}'`} must be a reference: {"@odata.id": "URL of the entity"}.`,
    {
      target: within("@odata.id"),
    },
  );
}

function contextOf({ members }: JsonObject): string | undefined {
  const context = members.get("@odata.context") ?? members.get("@context");
  return context?.kind === "string" ? context.value : undefined;
}

/** A relative URL is relative to the context URL where there is one (JSON Format 4.01, section 4.3), else to the service root. */
function resolved(uri: string, context: string | undefined, serviceRoot: string): string {
  if (context === undefined || /^[a-z][a-z0-9+.-]*:/i.test(uri)) return uri;
  try {
    return new URL(uri, new URL(context, serviceRoot)).href;
  } catch {
    throw badRequest(`'${context.slice(0, 200)}' is no context URL, so '${uri.slice(0, 200)}' leads nowhere.`, {
      target: "@odata.context",
    });
  }
}
