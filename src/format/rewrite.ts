import type { EntityType, Model, NavigationProperty, Property, StructuredType } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { JsonObject, JsonValue } from "./json-text.js";
import { escapeJson, parseJson, writeJsonValue } from "./json-text.js";
import type { JsonFormat } from "./media.js";

/** What an entity's stored text is rewritten for. */
export interface Rewriting {
  readonly model: Model;
  readonly format: JsonFormat;
  /** Names of the properties that were asked for; all where absent. */
  readonly selected: ReadonlySet<string> | undefined;
  /** The URL of the entity that the request addresses. */
  entityUrl(type: EntityType, key: readonly Scalar[]): string;
  /** The URL of an entity that is expanded in another. */
  relatedUrl(type: EntityType, key: readonly Scalar[], property: NavigationProperty, ownerUrl: string): string;
}

/**
 * Rewrites the JSON text of an entity, which is stored at `odata.metadata=minimal`, for another metadata level or for
 * `IEEE754Compatible=true` (JSON Format 4.01, sections 3.1, 3.2 and 4.6).
 */
export function rewriteEntity(text: string, declared: EntityType, how: Rewriting): string {
  const value = parseJson(text);
  if (value.kind !== "object") return text;
  return new Rewriter(how).entity(value, declared, (type, key) => how.entityUrl(type, key), how.selected);
}

/**
 * Rewrites the JSON text of a property's value that is answered on its own.
 *
 * @returns the members of the answer, without braces: those of a complex value, or `"value":...` and its type
 */
export function rewriteProperty(text: string, property: Property, how: Rewriting): string {
  return new Rewriter(how).property(parseJson(text), property);
}

class Rewriter {
  readonly #how: Rewriting;

  constructor(how: Rewriting) {
    this.#how = how;
  }

  entity(
    object: JsonObject,
    declared: EntityType,
    urlOf: (type: EntityType, key: readonly Scalar[]) => string,
    selected: ReadonlySet<string> | undefined,
  ): string {
    const { level } = this.#how.format;
    const type = this.#actualType(object, declared);
    const key = type.key.map((property) => scalar(object.members.get(property.name)));
    const url = level === "full" ? urlOf(type, key) : "";
    const members: string[] = [];
    if (level !== "none") members.push(member("@odata.type", escapeJson(`#${type.qualifiedName}`)));
    if (level === "full")
      members.push(member("@odata.id", escapeJson(url)), member("@odata.editLink", escapeJson(url)));
    for (const [name, value] of object.members) {
      if (name === "@odata.type") continue;
      const navigation = this.#navigation(type, name);
      if (navigation !== undefined) members.push(this.#expanded(name, value, navigation, url));
      else if (name.includes("@")) members.push(...this.#control(name, value));
      else if (selected === undefined || selected.has(name) || !type.properties.has(name))
        members.push(...this.#property(name, value, type));
    }
    if (level === "full" && selected === undefined) {
      for (const property of type.navigationProperties.keys()) {
        members.push(member(`${property}@odata.associationLink`, escapeJson(`${url}/${property}/$ref`)));
        members.push(member(`${property}@odata.navigationLink`, escapeJson(`${url}/${property}`)));
      }
    }
    return `{${members.join(",")}}`;
  }

  property(value: JsonValue, property: Property): string {
    const text = this.#value(value, property);
    if (value.kind === "object") return text.slice(1, -1);
    const annotation = this.#how.format.level === "full" ? typeAnnotation(property) : undefined;
    const own = member("value", text);
    return annotation === undefined ? own : `${member("@odata.type", escapeJson(annotation))},${own}`;
  }

  #actualType<T extends StructuredType>(object: JsonObject, declared: T): T {
    const name = object.members.get("@odata.type");
    if (name?.kind !== "string") return declared;
    return (this.#how.model.types.get(name.value.replace(/^#/, "")) as T | undefined) ?? declared;
  }

  #navigation(type: EntityType, name: string): NavigationProperty | undefined {
    return type.navigationProperties.get(name);
  }

  #expanded(name: string, value: JsonValue, property: NavigationProperty, ownerUrl: string): string {
    const related = (item: JsonValue): string =>
      item.kind === "object"
        ? this.entity(
            item,
            property.type,
            (type, key) => this.#how.relatedUrl(type, key, property, ownerUrl),
            undefined,
          )
        : writeJsonValue(item);
    return member(name, value.kind === "array" ? `[${value.items.map(related).join(",")}]` : related(value));
  }

  /** Control information beside a property. Counts and next links stay at every level. */
  #control(name: string, value: JsonValue): string[] {
    const kept = name.endsWith("@odata.count") || name.endsWith("@odata.nextLink");
    if (this.#how.format.level === "none" && !kept) return [];
    const text = writeJsonValue(value);
    return [member(name, name.endsWith("@odata.count") && this.#how.format.ieee754 ? `"${text}"` : text)];
  }

  #property(name: string, value: JsonValue, type: StructuredType): string[] {
    const property = type.properties.get(name);
    if (property === undefined) return [member(name, writeJsonValue(value))];
    const annotation =
      this.#how.format.level === "full" && value.kind !== "null" ? typeAnnotation(property) : undefined;
    const own = member(name, this.#value(value, property));
    return annotation === undefined ? [own] : [member(`${name}@odata.type`, escapeJson(annotation)), own];
  }

  #value(value: JsonValue, property: Property): string {
    if (value.kind === "array") return `[${value.items.map((item) => this.#value(item, property)).join(",")}]`;
    const { type } = property;
    if (type.kind === "complex" && value.kind === "object") {
      const actual = this.#actualType(value, type);
      const members: string[] = [];
      const { level } = this.#how.format;
      if (level === "full" || (level === "minimal" && actual !== type)) {
        members.push(member("@odata.type", escapeJson(`#${actual.qualifiedName}`)));
      }
      for (const [name, inner] of value.members) {
        if (name.includes("@")) {
          if (name !== "@odata.type") members.push(...this.#control(name, inner));
        } else members.push(...this.#property(name, inner, actual));
      }
      return `{${members.join(",")}}`;
    }
    const text = writeJsonValue(value);
    const underlying = type.kind === "typeDefinition" ? type.underlyingType : type;
    const long = underlying.qualifiedName === "Edm.Int64" || underlying.qualifiedName === "Edm.Decimal";
    return long && value.kind === "number" && this.#how.format.ieee754 ? `"${text}"` : text;
  }
}

function member(name: string, text: string): string {
  return `${escapeJson(name)}:${text}`;
}

/** The type annotation of a property, where a reader could not tell its type from the JSON: JSON Format 4.01, section 4.6.3. */
function typeAnnotation(property: Property): string | undefined {
  const { type, collection } = property;
  const name = type.kind === "primitive" ? type.name : type.qualifiedName;
  if (collection) return `#Collection(${name})`;
  if (type.kind === "complex") return undefined;
  return ["Edm.String", "Edm.Boolean", "Edm.Double"].includes(type.qualifiedName) ? undefined : `#${name}`;
}

function scalar(value: JsonValue | undefined): Scalar {
  switch (value?.kind) {
    case "string":
    case "boolean":
      return value.value;
    case "number":
      return value.text;
    default:
      return "";
  }
}
