import { isUtf8 } from "node:buffer";
import type { EntityType, Model, NavigationProperty, Property } from "../edm/model.js";
import { isStream } from "../edm/model.js";
import { badRequest } from "../errors/index.js";
import { readBind, type Binding } from "./binding-reader.js";
import { contentIdOf, type ContentId } from "./content-id.js";
import { parseJson, type JsonObject, type JsonValue } from "./json-text.js";
import { readDelta, readInline, type NestedEntity, type RelatedPayload } from "./nested-reader.js";
import { visitMembers } from "./payload-members.js";
import { actualType, namedType, typeAnnotation } from "./payload-type.js";
import { Problems } from "./problems.js";
import { ValueReader, isWritable, setDynamic } from "./value-reader.js";

export type { Binding, BindingUri } from "./binding-reader.js";
export type { NestedEntity, RelatedPayload } from "./nested-reader.js";

/** What the body of a request says of an entity, checked against the model. */
export interface EntityPayload {
  /** The actual type. */
  readonly type: EntityType;
  /**
   * Canonical JSON text of each value that the client gave. What the service makes itself (generated and computed
   * properties) is left out, and on an update the key and immutable properties are, too.
   */
  readonly properties: ReadonlyMap<Property, string>;
  /** Open types only. Where the client named the type of a value, `name@odata.type` stands before it. A null takes one away. */
  readonly dynamicProperties: ReadonlyMap<string, string>;
  readonly bindings: ReadonlyMap<NavigationProperty, Binding>;
  /** Entities that are to be created or changed together with this one; absent where there are none. */
  readonly related?: ReadonlyMap<NavigationProperty, RelatedPayload> | undefined;
  /** `@odata.etag`: the state that a 4.01 client wants to change (Protocol 4.01, section 11.4.3). */
  readonly etag?: string | undefined;
  /** `Core.ContentID`: what the client calls the entity. */
  readonly contentId?: ContentId | undefined;
  /** JSON path of the entity, where it stands within another one. */
  readonly path?: string | undefined;
}

export interface EntityReadContext {
  readonly model: Model;
  readonly operation: "create" | "update";
  /** The actual type of the entity that is updated. */
  readonly current?: EntityType | undefined;
  /** What the client speaks. Both spellings of control information are understood in both versions. */
  readonly version: "4.0" | "4.01";
  /**
   * The stored canonical JSON text of a property of the entity that is updated: a complex value is merged into it
   * (Protocol 4.01, section 11.4.3). Without it a complex value replaces.
   */
  readonly currentValue?: ((property: Property) => string | undefined) | undefined;
  /** Names of further properties whose values are passed over: those that the place of the entity does not let clients write. */
  readonly notWritable?: ReadonlySet<string> | undefined;
  /** The body is the service's own: values that only the service writes are taken, too. */
  readonly everything?: boolean | undefined;
  /**
   * A rule of the service has made the body: values are taken that clients may not write, but for those that the engine itself
   * makes (generated ones). What stands inline in it is read by itself.
   */
  readonly byRule?: boolean | undefined;
  /** JSON path of the entity, where it stands within another one: `orders[2]`. */
  readonly path?: string | undefined;
}

/**
 * Reads the JSON body of a POST, PATCH or PUT.
 *
 * @param body the text, or bytes that must be UTF-8
 * @param expected the type that the URL addresses; the entity may be of a derived one
 * @throws ODataError 400 where the body is no JSON or does not fit its type; up to ten problems at once, each with the JSON
 * path of what is wrong as its target
 * @example readEntity('{"displayName":"Mail"}', profileType, { model, operation: "create", version: "4.01" })
 */
export function readEntity(body: string | Buffer, expected: EntityType, context: EntityReadContext): EntityPayload {
  return readEntityObject(readObject(body), expected, context);
}

/** The same for an entity whose JSON is parsed already: a part of a payload, or what a program made. */
export function readEntityObject(
  { members }: JsonObject,
  expected: EntityType,
  context: EntityReadContext,
): EntityPayload {
  const { model, operation, currentValue, notWritable, version, path: base = "" } = context;
  const updating = operation === "update";
  const type = entityType(members, expected, context);

  const problems = new Problems();
  const isTaken = takenBy(context);
  const values = new ValueReader(model, problems, isTaken);
  const properties = new Map<Property, string>();
  const dynamicProperties = new Map<string, string>();
  const relationships = new RelationshipReader(updating, version, problems);

  visitMembers(type, members, base, problems, {
    property(property, value, path) {
      if (!isTaken(property, updating) || (updating && type.key.includes(property))) return;
      if (notWritable !== undefined && notWritable.has(property.name)) return;
      // Passed over, this would be a content that a client believes to be gone.
      if (updating && isStream(property) && value.kind === "null") {
        problems.add(`'${property.name}' is a stream: its content is deleted at its own URL.`, path);
        return;
      }
      const text = values.property(property, value, path, updating ? currentValue?.(property) : undefined);
      if (text !== undefined) properties.set(property, text);
    },
    inline: (nav, value, path) => relationships.inline(nav, value, path),
    bind: (nav, value, path) => relationships.bind(nav, value, path),
    delta: (nav, value, path) => relationships.delta(nav, value, path),
    dynamic(name, value, valueType, path) {
      const text = values.dynamic(value, valueType, path);
      if (text !== undefined) setDynamic(dynamicProperties, name, text, valueType);
    },
  });
  problems.throwIfAny();
  const { bindings, related } = relationships;
  const etag = etagIn(members, version);
  return { type, properties, dynamicProperties, bindings, related, etag, contentId: contentIdOf(members), path: base };
}

/** Which values whoever has made a body may write. */
function takenBy({ everything, byRule }: EntityReadContext): typeof isWritable {
  if (everything === true) return (property) => !isStream(property);
  if (byRule !== true) return isWritable;
  return (property, updating) =>
    isWritable(property, updating) || (property.generated === undefined && !isStream(property));
}

/** ETags in bodies of 4.0 mean nothing (Protocol 4.01, section 11.4.3). */
function etagIn(members: JsonObject["members"], version: EntityReadContext["version"]): string | undefined {
  const etag = version === "4.0" ? undefined : (members.get("@odata.etag") ?? members.get("@etag"));
  return etag?.kind === "string" ? etag.value : undefined;
}

/** Gathers what a payload says of the relationships of its entity. */
class RelationshipReader {
  readonly bindings = new Map<NavigationProperty, Binding>();
  #related: Map<NavigationProperty, RelatedPayload> | undefined;
  readonly #updating: boolean;
  readonly #version: EntityReadContext["version"];
  readonly #problems: Problems;

  constructor(updating: boolean, version: EntityReadContext["version"], problems: Problems) {
    this.#updating = updating;
    this.#version = version;
    this.#problems = problems;
  }

  get related(): EntityPayload["related"] {
    return this.#related;
  }

  bind(nav: NavigationProperty, value: JsonValue, path: string): void {
    const binding = readBind(nav, value, path, this.#problems);
    if (binding === undefined) return;
    if (nav.containsTarget) this.#contained(nav, binding === null || binding.uris.length === 0, path);
    else this.#bind(nav, binding, path);
  }

  inline(nav: NavigationProperty, value: JsonValue, path: string): void {
    const items = readInline(nav, value, path, this.#problems);
    if (items === undefined) return;
    if (nav.containsTarget) {
      // Of an entity that is there already, what is contained may be named to be kept, and left out to be deleted.
      if (this.#updating) this.#relate(nav, { kind: "entities", items: items ?? [] }, path);
      else if (items?.some(({ id }) => id !== undefined) === true) this.#contained(nav, false, path);
      else if (items !== null && items.length > 0) this.#relate(nav, { kind: "entities", items }, path);
    } else if (items === null) this.#bind(nav, null, path);
    else if (items.every(({ isReference }) => isReference)) {
      this.#bind(nav, { uris: items.map(({ id }) => id!), replaces: true }, path);
    } else this.#relate(nav, { kind: "entities", items }, path);
  }

  delta(nav: NavigationProperty, value: JsonValue, path: string): void {
    const items = readDelta(nav, value, path, this.#problems);
    if (items === undefined) return;
    if (this.#updating) this.#relate(nav, { kind: "delta", items }, path);
    else {
      this.#problems.add(
        `A new entity has nothing that '${path}' could change; write the entities under the name '${nav.name}'.`,
        path,
      );
    }
  }

  /** @param isNothing a new entity contains nothing yet, so a client may say that */
  #contained(nav: NavigationProperty, isNothing: boolean, path: string): void {
    if (isNothing && !this.#updating) return;
    this.#problems.add(
      `'${nav.name}' contains its entities: they cannot be tied or untied, only created and deleted.`,
      path,
    );
  }

  #bind(nav: NavigationProperty, binding: Binding, path: string): void {
    const known = this.bindings.get(nav);
    const isAddition = !this.#updating && nav.collection && binding !== null;
    if (known !== undefined && known !== null && isAddition) {
      this.bindings.set(nav, { uris: [...known.uris, ...binding.uris], replaces: binding.replaces });
      return;
    }
    if (known !== undefined || (this.#related?.has(nav) === true && !isAddition)) this.#twice(nav, path);
    this.bindings.set(nav, binding);
  }

  #relate(nav: NavigationProperty, payload: RelatedPayload, path: string): void {
    // 4.0 forbids it (Protocol 4.0, section 11.4.3), so a client that does it means something else.
    if (this.#updating && this.#version === "4.0") this.#notIn40(nav, payload.items, path);
    // New entities and references come together (JSON Format 4.01, section 8.5); on an update one of them is all there is.
    const isAddition = !this.#updating && nav.collection;
    if (this.#related?.has(nav) === true || (this.bindings.has(nav) && !isAddition)) this.#twice(nav, path);
    this.#related ??= new Map();
    this.#related.set(nav, payload);
  }

  #notIn40(nav: NavigationProperty, items: readonly NestedEntity[], path: string): void {
    if (items.every(({ isReference }) => isReference)) return;
    this.#problems.add(
      `An update in OData 4.0 has no related entities in it ('${path}'). Send it with 'OData-Version: 4.01', or refer ` +
        `to entities that exist with '${nav.name}@odata.bind'.`,
      path,
    );
  }

  #twice({ name }: NavigationProperty, path: string): void {
    this.#problems.add(
      `The relationship '${name}' is given twice; inline, with '@odata.bind' and as a delta exclude each other.`,
      path,
    );
  }
}

/**
 * Parses a body that must be one JSON object. JSON payloads are UTF-8: RFC 8259, section 8.1.
 *
 * @throws ODataError 400 where it is something else
 */
export function readObject(body: string | Buffer): JsonObject {
  if (typeof body !== "string" && !isUtf8(body)) throw badRequest("The request body is not valid UTF-8.");
  const text = typeof body === "string" ? body : body.toString("utf8");
  if (!/\S/.test(text)) throw badRequest("The request body is empty; send the entity as a JSON object.");
  const value = parseJson(text);
  if (value.kind === "object") return value;
  throw badRequest(
    `The request body must be a JSON object that holds the entity, and not ${ARTICLE[value.kind]} ${value.kind}.`,
  );
}

const ARTICLE = { array: "an", string: "a", number: "a", boolean: "a", null: "the value" } as const;

function entityType(members: JsonObject["members"], expected: EntityType, context: EntityReadContext): EntityType {
  const { model, operation, current, path = "" } = context;
  const name = members.has("@type") && !members.has("@odata.type") ? "@type" : "@odata.type";
  const target = path === "" ? name : `${path}.${name}`;
  if (operation === "update" && current !== undefined) {
    const annotation = typeAnnotation(members);
    const given = annotation === undefined ? current : namedType(model, annotation, current);
    if (typeof given === "string") throw badRequest(given, { target });
    // A client may know only a base type; what it may not do is make another entity of it (Protocol 4.01, section 11.4.3).
    if (current.lineage.has(given)) return current;
    throw badRequest(
      `The entity is of type '${current.qualifiedName}' and cannot become one of type '${given.qualifiedName}'.`,
      { target },
    );
  }
  const type = actualType(model, members, expected, expected, path === "" ? "The body" : `The entity '${path}'`);
  if (typeof type === "string") throw badRequest(type, { target });
  return type;
}
