import { isUtf8 } from "node:buffer";
import type { EntityType, Model, NavigationProperty, Property } from "../edm/model.js";
import { badRequest } from "../errors/index.js";
import { readBind, readInline, type Binding } from "./binding-reader.js";
import { parseJson, type JsonObject } from "./json-text.js";
import { visitMembers } from "./payload-members.js";
import { actualType, namedType, typeAnnotation } from "./payload-type.js";
import { Problems } from "./problems.js";
import { ValueReader, isWritable, setDynamic } from "./value-reader.js";

export type { Binding, BindingUri } from "./binding-reader.js";

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
}

/**
 * Reads the JSON body of a POST, PATCH or PUT.
 *
 * @param body the text, or bytes that must be UTF-8
 * @param expected the type that the URL addresses; the entity may be of a derived one
 * @throws ODataError 400 where the body is no JSON or does not fit its type; up to ten problems at once, each with the JSON
 * path of what is wrong as its target
 * @throws ODataError 501 where related entities stand in the body
 * @example readEntity('{"displayName":"Mail"}', profileType, { model, operation: "create", version: "4.01" })
 */
export function readEntity(body: string | Buffer, expected: EntityType, context: EntityReadContext): EntityPayload {
  const { model, operation, currentValue } = context;
  const updating = operation === "update";
  const { members } = readObject(body);
  const type = entityType(members, expected, context);

  const problems = new Problems();
  const values = new ValueReader(model, problems);
  const properties = new Map<Property, string>();
  const dynamicProperties = new Map<string, string>();
  const bindings = new Map<NavigationProperty, Binding>();

  const bind = (nav: NavigationProperty, binding: Binding | undefined, path: string): void => {
    if (binding === undefined) return;
    if (nav.containsTarget) {
      // A new entity contains nothing yet, so a client may say that.
      const nothing = binding === null || binding.uris.length === 0;
      if (updating || !nothing)
        problems.add(
          `'${nav.name}' contains its entities: they cannot be tied or untied, only created and deleted.`,
          path,
        );
      return;
    }
    if (bindings.has(nav))
      problems.add(`The relationship '${nav.name}' is given twice, inline and with '@odata.bind'.`, path);
    bindings.set(nav, binding);
  };

  visitMembers(type, members, "", problems, {
    property(property, value, path) {
      if (!isWritable(property, updating) || (updating && type.key.includes(property))) return;
      const text = values.property(property, value, path, updating ? currentValue?.(property) : undefined);
      if (text !== undefined) properties.set(property, text);
    },
    inline: (nav, value, path) => bind(nav, readInline(nav, value, path, problems), path),
    bind: (nav, value, path) => bind(nav, readBind(nav, value, path, problems), path),
    dynamic(name, value, valueType, path) {
      const text = values.dynamic(value, valueType, path);
      if (text !== undefined) setDynamic(dynamicProperties, name, text, valueType);
    },
  });
  problems.throwIfAny();
  return { type, properties, dynamicProperties, bindings };
}

/** JSON payloads are UTF-8: RFC 8259, section 8.1. */
function readObject(body: string | Buffer): JsonObject {
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
  const { model, operation, current } = context;
  const target = members.has("@type") && !members.has("@odata.type") ? "@type" : "@odata.type";
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
  const type = actualType(model, members, expected, expected, "The body");
  if (typeof type === "string") throw badRequest(type, { target });
  return type;
}
