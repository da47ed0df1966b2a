import type { EntityType, NavigationProperty, Place } from "../edm/index.js";
import { badRequest, notImplemented, ODataError } from "../errors/index.js";
import type { Binding, EntityPayload, NestedEntity, RelatedPayload } from "../format/entity-reader.js";
import { readEntityObject } from "../format/entity-reader.js";
import type { SqlValue } from "../query/index.js";
import type { EntityValues, Transaction } from "../storage/index.js";
import type { ReferenceBase } from "./bindings.js";
import { checkChangeable, resolveReference } from "./bindings.js";
import { ContentIds } from "./content-ids.js";
import type { ServiceContext } from "./context.js";
import type { UpdateMode } from "./entity-rows.js";
import { EntityRows, within } from "./entity-rows.js";
import { matches } from "./etag.js";
import type { Located } from "./locate.js";
import { entityKey } from "./locate.js";
import { identify } from "./identify.js";
import type { Collection, Identified, Parent } from "./members.js";
import { etagMember, keyed, keyText, withKey } from "./members.js";
import { etagAt, hasEtags } from "./preconditions.js";
import { SlotInput } from "./route.js";
import { rowRoute, rowSegments } from "./row-routes.js";
import { currentValue, storedValues } from "./values.js";
import type { ODataVersion } from "./version.js";
import { WriteBudget } from "./write-limits.js";
import type { Position } from "./write-restrictions.js";
import { behind, checkInsert, checkUpdate } from "./write-restrictions.js";

/** What a writer works for. */
export interface WriteScope {
  /** References in payloads are resolved with its service root. */
  readonly request: ReferenceBase;
  /** What the payloads are written in. */
  readonly version: ODataVersion;
  readonly context: ServiceContext;
  readonly transaction: Transaction;
  /** Where the entities live that the request addresses: what it lets clients do holds for them. */
  readonly place?: Place | undefined;
}

/**
 * Creates, changes and deletes entities, with whatever stands inline in their payloads: deep insert and deep update (Protocol
 * 4.01, sections 11.4.2.2 and 11.4.3.1). Everything that writes entities goes through here.
 *
 * @example
 * const writer = new EntityWriter({ request, version: "4.01", context, transaction });
 * const order = await writer.create(readEntity(body, orderType, { model, operation: "create", version: "4.01" }));
 */
export class EntityWriter {
  readonly rows: EntityRows;
  /** What the client calls the entities that were written. */
  readonly contentIds = new ContentIds();
  readonly #scope: WriteScope;
  readonly #budget: WriteBudget;
  readonly #start: Position;

  constructor(scope: WriteScope) {
    const { context, transaction } = scope;
    this.#scope = scope;
    this.#start = { depth: 0, place: scope.place };
    this.rows = new EntityRows(context, transaction);
    this.#budget = new WriteBudget(context.behaviour.writeLimits);
  }

  /**
   * Creates an entity and what stands inline in it, and ties them.
   *
   * @throws {ODataError} 400 for references that lead to nothing, and for ties that contradict each other
   */
  create(payload: EntityPayload, parent?: Parent): Promise<Located> {
    return this.#create(payload, parent, this.#start);
  }

  /**
   * Changes an entity and what stands inline in it.
   *
   * @param stored the values that the entity has: `storedValues`
   * @param payload read for an update of an entity of its type
   * @throws {ODataError} 400 as {@link create}, 412 where an ETag in the payload is not the entity's own
   */
  update(located: Located, stored: EntityValues, payload: EntityPayload, mode: UpdateMode): Promise<void> {
    return this.#update(located, stored, payload, mode, this.#start);
  }

  /**
   * Deletes an entity with everything that belongs to it. What has lost a key with that has changed: its ETag is another one
   * (Protocol 4.01, section 11.4.1.1).
   */
  async remove(located: Located): Promise<void> {
    const { context, transaction } = this.#scope;
    context.rules.check(located.type, "remove");
    const loosened = await context.links.remove(transaction, located.mapping, located.key);
    for (const other of loosened) await this.rows.touch(other);
  }

  /** Ends a relationship; what is contained does not outlive it. */
  async release(source: Located, property: NavigationProperty, target: Located): Promise<void> {
    const { context, transaction } = this.#scope;
    if (property.containsTarget) {
      await this.remove(target);
      return;
    }
    await context.links.untie(transaction, entityKey(source), property, entityKey(target));
    await this.#touchHolder(property, target);
  }

  /**
   * Creates, changes, relates, or takes away what a collection's payload names.
   *
   * @param collection the entities that are in it now, and how others come into it
   */
  async apply(collection: Collection, item: NestedEntity, mode: UpdateMode): Promise<Located | undefined> {
    this.#budget.spend(1, item.path);
    const found = await this.identify(item, collection);
    if (item.removed !== undefined) {
      await this.#takeAway(item, found.located, collection, this.#start);
      return found.located;
    }
    const { version } = this.#scope;
    if (found.located === undefined && etagMember(item, version) !== undefined) {
      throw new ODataError(412, "PreconditionFailed", "There is no entity whose state the ETag could tell.", {
        target: item.path,
      });
    }
    return this.#put(item, found, collection, mode, this.#start);
  }

  /**
   * Makes the entities of a payload all that there are in a collection: others leave it, those of an entity set are deleted
   * (Protocol 4.01, section 11.4.13).
   *
   * @param collection with the entities that are in it now
   */
  replaceAll(collection: Collection, items: readonly NestedEntity[]): Promise<void> {
    return this.#putAll(collection, { kind: "entities", items }, "replace", this.#start);
  }

  /** Adds a relationship between entities that are there, or takes it away; `false` where there is none to be taken away. */
  async link(
    kind: "link" | "deletedLink",
    source: Located,
    property: NavigationProperty,
    target: Located,
  ): Promise<boolean> {
    const { context, transaction } = this.#scope;
    checkChangeable(source, property, context);
    if (kind === "link") await this.#relate(source, property, target);
    else if (!(await context.links.untie(transaction, entityKey(source), property, entityKey(target)))) return false;
    await this.rows.touch(source);
    return true;
  }

  /** The entity that an item of a payload means. */
  identify(item: NestedEntity, collection: Collection): Promise<Identified> {
    return identify(item, collection, this.rows, this.#scope);
  }

  async #create(payload: EntityPayload, parent: Parent | undefined, at: Position): Promise<Located> {
    const { context, transaction } = this.#scope;
    context.rules.check(payload.type, "insert");
    checkInsert(payload, at);
    const foreignKeys = new Map<string, SqlValue>();
    if (parent !== undefined) {
      const how = context.mapping.navigation(parent.property);
      if (how.kind === "targetColumn") foreignKeys.set(how.column, parent.source.key[0]!);
    }
    const put = (column: string, value: SqlValue) => {
      if (foreignKeys.has(column) && foreignKeys.get(column) !== value) {
        throw badRequest("The body ties the new entity to another one than the path does.", {
          target: parent!.property.name,
        });
      }
      foreignKeys.set(column, value);
    };
    // The table may ask for the keys that the row holds, so what they belong to is looked for, or made, first.
    const ties: [NavigationProperty, Binding][] = [];
    for (const [property, binding] of payload.bindings) {
      const how = context.mapping.navigation(property);
      if (how.kind !== "sourceColumn") ties.push([property, binding]);
      else if (binding !== null) put(how.column, (await this.#resolve(binding, property))[0]!.key[0]!);
      else if (foreignKeys.has(how.column)) put(how.column, null);
    }
    const inline: [NavigationProperty, RelatedPayload][] = [];
    for (const [property, related] of payload.related ?? []) {
      const how = context.mapping.navigation(property);
      if (how?.kind !== "sourceColumn") {
        inline.push([property, related]);
        continue;
      }
      const next = behind(at, property, context);
      for (const item of related.items)
        put(how.column, (await this.#createNested(item, property, undefined, next)).key[0]!);
    }
    const created = await this.rows.insert(payload, foreignKeys);
    this.contentIds.add(created, payload.contentId);
    if (parent !== undefined && context.mapping.navigation(parent.property).kind !== "targetColumn")
      await context.links.tie(transaction, entityKey(parent.source), parent.property, entityKey(created));
    for (const [property, binding] of ties) {
      if (binding === null) continue;
      for (const target of await this.#resolve(binding, property))
        await context.links.tie(transaction, entityKey(created), property, entityKey(target));
    }
    for (const [property, { items }] of inline) {
      const next = behind(at, property, context);
      for (const item of items) {
        if (item.isReference) await this.#relate(created, property, await this.#reference(item, property));
        else await this.#createNested(item, property, created, next);
      }
    }
    return created;
  }

  /**
   * @param source absent where the new entity's key goes into the row of the source, which is still to be written
   * @param at the position behind the property
   */
  async #createNested(
    item: NestedEntity,
    property: NavigationProperty,
    source: Located | undefined,
    at: Position,
  ): Promise<Located> {
    this.#budget.spend(1, item.path);
    if (item.id !== undefined) {
      throw badRequest(
        `'${item.path}' names an entity with '@odata.id' and has properties as well: what is there already is only referred to when another entity is created.`,
        { target: item.path },
      );
    }
    return this.#createItem(item, property.type, source === undefined ? undefined : { source, property }, at);
  }

  #createItem(
    item: NestedEntity,
    expected: EntityType,
    parent: Parent | undefined,
    at: Position,
    key?: EntityPayload["properties"],
  ): Promise<Located> {
    const { version, context } = this.#scope;
    this.#budget.enter(at.depth, item.path);
    this.#requireStored(expected, item.path);
    const payload = readEntityObject(key === undefined ? item.object : withKey(item.object, key), expected, {
      model: context.model,
      operation: "create",
      version,
      path: item.path,
      notWritable: at.place?.capabilities.insert.nonInsertable,
    });
    if (payload.type.hasStream) {
      throw notImplemented(
        `A media entity is created with its content, by a POST of its own, and not within another entity ('${item.path}').`,
        { target: item.path },
      );
    }
    return this.#create(payload, parent, at);
  }

  async #update(
    located: Located,
    stored: EntityValues,
    payload: EntityPayload,
    mode: UpdateMode,
    at: Position,
  ): Promise<void> {
    this.#scope.context.rules.check(located.type, "update");
    checkUpdate(payload, mode, at);
    await this.#checkEtag(located, payload);
    if (mode === "replace") refuseDeltas(payload);
    this.contentIds.add(located, payload.contentId);
    const { properties, dynamicProperties, bindings, related } = payload;
    // A body that says nothing changes nothing: no new version, no new instant.
    const says = properties.size + dynamicProperties.size + bindings.size + (related?.size ?? 0) > 0;
    if (says || mode === "replace")
      await this.rows.update(located, stored, payload, mode, at.place?.capabilities.update.nonUpdatable);
    for (const [property, binding] of bindings) await this.#rebind(located, property, binding);
    for (const [property, items] of related ?? [])
      await this.#updateRelated(located, property, items, mode, behind(at, property, this.#scope.context));
  }

  async #checkEtag(located: Located, payload: EntityPayload): Promise<void> {
    const { etag } = payload;
    if (etag === undefined || etag === "*") return;
    if (matches(await this.etagOf(located), etag)) return;
    throw new ODataError(
      412,
      "PreconditionFailed",
      "The entity has changed: its ETag is not the one that the body names.",
      { target: within(payload, "@odata.etag") },
    );
  }

  /** The ETag of a stored entity, where its type has one. */
  etagOf({ type, key }: Located): Promise<string | undefined> {
    if (!hasEtags(type)) return Promise.resolve(undefined);
    const { context, transaction } = this.#scope;
    const route = rowRoute(type, context);
    const path = { ...route.request.path, segments: rowSegments(type, key) };
    return etagAt({ path, route, values: SlotInput.of(path.segments) }, context, transaction);
  }

  /** Ties and unties an entity that is there. */
  async #rebind(source: Located, property: NavigationProperty, binding: Binding): Promise<void> {
    const { context, transaction } = this.#scope;
    checkChangeable(source, property, context);
    if (binding === null) {
      await context.links.untieAll(transaction, entityKey(source), property);
      return;
    }
    const targets = await this.#resolve(binding, property);
    if (!property.collection) {
      await context.links.tie(transaction, entityKey(source), property, entityKey(targets[0]!));
      return;
    }
    const current = keyed(await this.rows.related(source, property));
    const wanted = keyed(targets);
    if (binding.replaces) {
      for (const [key, other] of current) if (!wanted.has(key)) await this.release(source, property, other);
    }
    for (const [key, other] of wanted) if (!current.has(key)) await this.#relate(source, property, other);
  }

  /** Protocol 4.01, section 11.4.3.1. */
  async #updateRelated(
    source: Located,
    property: NavigationProperty,
    related: RelatedPayload,
    mode: UpdateMode,
    at: Position,
  ): Promise<void> {
    this.#requireStored(property.type, property.name);
    checkChangeable(source, property, this.#scope.context);
    const current = keyed(await this.rows.related(source, property));
    await this.#putAll({ type: property.type, parent: { source, property }, current }, related, mode, at);
  }

  /** All are looked for before anything is changed, so that what goes is gone when others take its place. */
  async #putAll(
    collection: Collection,
    { kind, items }: RelatedPayload,
    mode: UpdateMode,
    at: Position,
  ): Promise<void> {
    const found: [NestedEntity, Identified][] = [];
    const mentioned = new Set<string>();
    for (const item of items) {
      this.#budget.spend(1, item.path);
      const identified = await this.identify(item, collection);
      const { located } = identified;
      if (located !== undefined) {
        const key = keyText(located);
        if (mentioned.has(key)) throw badRequest(`'${item.path}' is given twice.`, { target: item.path });
        mentioned.add(key);
      }
      found.push([item, identified]);
    }
    if (kind === "entities") {
      for (const [key, other] of collection.current ?? [])
        if (!mentioned.has(key)) await this.#leave(other, collection, at, "changed");
    }
    for (const [item, { located }] of found)
      if (item.removed !== undefined) await this.#takeAway(item, located, collection, at);
    for (const [item, identified] of found)
      if (item.removed === undefined) await this.#put(item, identified, collection, mode, at);
  }

  /** Creates or changes an entity of a collection, and puts it there. */
  async #put(
    item: NestedEntity,
    { located, key }: Identified,
    collection: Collection,
    mode: UpdateMode,
    at: Position,
  ): Promise<Located> {
    const { type, parent, current } = collection;
    if (located === undefined) return this.#createItem(item, type, parent, at, key);
    const isThere = current === undefined || current.has(keyText(located));
    if (!isThere && parent?.property.containsTarget === true) {
      throw badRequest(`'${item.path}' belongs to another entity, and '${parent.property.name}' contains its own.`, {
        target: item.path,
      });
    }
    if (!item.isReference) {
      this.#budget.enter(at.depth, item.path);
      const { version, context } = this.#scope;
      const full = (await this.rows.find(located.type, located.key))!;
      const stored = storedValues(full.type, full.mapping, full.values);
      const payload = readEntityObject(item.object, type, {
        model: context.model,
        operation: "update",
        current: full.type,
        currentValue: currentValue(stored, mode),
        version,
        path: item.path,
        notWritable: at.place?.capabilities.update.nonUpdatable,
      });
      await this.#update(full, stored, payload, mode, at);
    }
    if (!isThere && parent !== undefined) await this.#relate(parent.source, parent.property, located);
    return located;
  }

  async #takeAway(
    item: NestedEntity,
    located: Located | undefined,
    collection: Collection,
    at: Position,
  ): Promise<void> {
    if (located === undefined) {
      throw badRequest(`'${item.path}' is to be removed, but it is not there.`, { target: item.path });
    }
    const etag = etagMember(item, this.#scope.version);
    if (etag !== undefined && !matches(await this.etagOf(located), etag)) {
      throw new ODataError(412, "PreconditionFailed", "The entity has changed since.", { target: item.path });
    }
    await this.#leave(located, collection, at, item.removed ?? "changed");
  }

  /** An entity leaves a collection; an entity set has nothing that does not end with it. */
  async #leave(
    located: Located,
    { parent }: Collection,
    { depth, place }: Position,
    how: "changed" | "deleted",
  ): Promise<void> {
    if (parent !== undefined && !parent.property.containsTarget && how === "changed") {
      await this.release(parent.source, parent.property, located);
      return;
    }
    if (depth > 0 && place?.capabilities.delete.deletable === false) {
      throw badRequest("Entities cannot be deleted here, as the metadata of the service says.", {
        target: parent?.property.name ?? "value",
      });
    }
    await this.remove(located);
  }

  async #relate(source: Located, property: NavigationProperty, target: Located): Promise<void> {
    const { context, transaction } = this.#scope;
    await context.links.tie(transaction, entityKey(source), property, entityKey(target));
    await this.#touchHolder(property, target);
  }

  /** Where the target holds the tie, it is the target that has changed (Protocol 4.01, section 11.4.1.1). */
  async #touchHolder(property: NavigationProperty, target: Located): Promise<void> {
    if (this.#scope.context.mapping.navigation(property).kind === "targetColumn") await this.rows.touch(target);
  }

  #reference(item: NestedEntity, property: NavigationProperty): Promise<Located> {
    this.#budget.spend(1, item.path);
    const { request, context, transaction } = this.#scope;
    return resolveReference(item.id!, property, request, context, transaction);
  }

  async #resolve(binding: NonNullable<Binding>, property: NavigationProperty): Promise<Located[]> {
    const { request, context, transaction } = this.#scope;
    const targets: Located[] = [];
    this.#budget.spend(binding.uris.length, binding.uris[0]?.target ?? property.name);
    for (const reference of binding.uris)
      targets.push(await resolveReference(reference, property, request, context, transaction));
    return targets;
  }

  #requireStored(type: EntityType, path: string): void {
    if (this.#scope.context.mapping.isStored(type)) return;
    throw notImplemented(`Entities of type '${type.qualifiedName}' cannot be written within others ('${path}').`, {
      target: path,
    });
  }
}

/** Nested delta payloads say what is different, and so they are for `PATCH` only: Protocol 4.01, section 11.4.3.1. */
function refuseDeltas(payload: EntityPayload): void {
  for (const [{ name }, { kind }] of payload.related ?? []) {
    if (kind !== "delta") continue;
    throw badRequest(
      `'${name}@odata.delta' is for PATCH; PUT replaces, so write all entities under the name '${name}'.`,
      {
        target: within(payload, name),
      },
    );
  }
}
