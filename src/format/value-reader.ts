import type { ComplexType, Model, PrimitiveType, Property } from "../edm/model.js";
import { PrimitiveValueError, readEnumJson, readGeoJson, readJson, writeJson } from "../edm/primitives/index.js";
import type { Facets } from "../edm/source.js";
import { didYouMean, notImplemented } from "../errors/index.js";
import { defaultText, isStored } from "./defaults.js";
import { escapeJson, splitMembers, writeJsonValue, type JsonValue } from "./json-text.js";
import { visitMembers } from "./payload-members.js";
import { actualType, typeName } from "./payload-type.js";
import type { Problems } from "./problems.js";
import { rulesOf } from "./property-rules.js";
import type { PropertyRules } from "./property-rules.js";

/** JSON can write it, UTF-8 cannot: a database would keep another character. */
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/**
 * Whether a value that a client sends is taken. What it may not write is left out without an error, so that it may send
 * back what it was given: Protocol 4.01, sections 11.4.2 and 11.4.3.
 */
export function isWritable(property: Property, updating: boolean): boolean {
  const rules = rulesOf(property);
  return updating ? rules.updatable : rules.insertable;
}

/** Reads the values of structural properties into canonical JSON text. */
export class ValueReader {
  readonly #model: Model;
  readonly #problems: Problems;
  readonly #isTaken: typeof isWritable;

  /** @param isTaken whose values within complex ones are taken */
  constructor(model: Model, problems: Problems, isTaken = isWritable) {
    this.#model = model;
    this.#problems = problems;
    this.#isTaken = isTaken;
  }

  /**
   * @param path JSON path of the value, for messages
   * @param current canonical JSON text of the value that is changed: a complex value is merged into it
   * @returns canonical JSON text, or `undefined` where a problem was noted
   */
  property(property: Property, value: JsonValue, path: string, current: string | undefined): string | undefined {
    const rules = rulesOf(property);
    if (!property.collection) return this.#item(property, rules, value, path, current);
    if (value.kind !== "array") {
      const hint = value.kind === "null" ? "; an empty one is []" : "";
      return this.#wrong(path, `a JSON ${value.kind} is no collection, write an array${hint}`);
    }
    const { length } = value.items;
    if (length < rules.minItems) return this.#wrong(path, `${length} items are less than ${rules.minItems}`);
    if (length > rules.maxItems) return this.#wrong(path, `${length} items are more than ${rules.maxItems}`);
    const items: string[] = [];
    for (const [index, item] of value.items.entries()) {
      if (this.#problems.full) return undefined;
      // Collections are replaced, never merged: Protocol 4.01, section 11.4.3.
      const text = this.#item(property, rules, item, `${path}[${index}]`, undefined);
      if (text !== undefined) items.push(text);
    }
    return `[${items.join(",")}]`;
  }

  /**
   * A value that no property declares, of an open type.
   *
   * @param type the value of its `@odata.type`, where it has one
   * @returns JSON text, canonical where the type is primitive and else as it came
   */
  dynamic(value: JsonValue, type: JsonValue | undefined, path: string): string | undefined {
    if (type?.kind !== "string" || value.kind === "null") return writeJsonValue(value);
    const name = typeName(type.value);
    // `#Int32` and `#Edm.Int32` are the same: JSON Format 4.01, section 4.6.3.
    const named = this.#model.types.get(name) ?? this.#model.types.get(`Edm.${name}`);
    if (named?.kind !== "primitive") return writeJsonValue(value);
    return this.#attempt(path, () => primitiveText(named, {}, value));
  }

  #item(
    property: Property,
    rules: PropertyRules,
    value: JsonValue,
    path: string,
    current: string | undefined,
  ): string | undefined {
    const text = this.#typed(property, value, path, current);
    if (rules.checks.length === 0 || text === undefined || text === "null") return text;
    for (const check of rules.checks) {
      const wrong = check(text);
      if (wrong !== undefined) return this.#wrong(path, wrong);
    }
    return text;
  }

  /** A value that fits its type and facets. */
  #typed(property: Property, value: JsonValue, path: string, current: string | undefined): string | undefined {
    const { type, nullable, facets } = property;
    if (value.kind === "null") {
      if (nullable) return "null";
      this.#problems.add(`The value of '${path}' must not be null.`, path);
      return undefined;
    }
    switch (type.kind) {
      case "complex":
        return this.#complex(type, value, path, current);
      case "enum":
        return this.#attempt(path, () => {
          if (value.kind !== "object" && value.kind !== "array") {
            return escapeJson(readEnumJson(type, value.kind === "number" ? value : value.value));
          }
          throw new PrimitiveValueError(
            `a JSON ${value.kind} is not a valid ${type.qualifiedName}; write a member's name`,
          );
        });
      case "typeDefinition":
        return this.#attempt(path, () => primitiveText(type.underlyingType, mergeFacets(facets, type.facets), value));
      case "primitive":
        return this.#attempt(path, () => primitiveText(type, facets, value));
    }
  }

  /**
   * All declared properties in the order of their declaration, then the dynamic ones. On an update the members that are
   * not given keep their current values, unless the type changes: Protocol 4.01, section 11.4.3.
   */
  #complex(declared: ComplexType, value: JsonValue, path: string, currentText: string | undefined): string | undefined {
    if (value.kind !== "object") {
      return this.#wrong(path, `a JSON ${value.kind} is not a valid ${declared.qualifiedName}; write a JSON object`);
    }
    let current = currentText?.startsWith("{") ? splitMembers(currentText) : undefined;
    const currentType = current === undefined ? declared : this.#storedType(current, declared);
    const type = actualType(this.#model, value.members, declared, currentType, `The value of '${path}'`);
    if (typeof type === "string") {
      this.#problems.add(type, path);
      return undefined;
    }
    if (type !== currentType) current = undefined;

    const given = new Map<string, string>();
    const dynamic = new Map<string, string>();
    const navigation = (name: string): never => {
      throw notImplemented(`Relationships inside a complex value ('${path}.${name}') cannot be written with it.`, {
        target: path,
      });
    };
    visitMembers(type, value.members, path, this.#problems, {
      property: (property, member, memberPath) => {
        if (!this.#isTaken(property, current !== undefined)) return;
        const text = this.property(property, member, memberPath, current?.get(property.name));
        if (text !== undefined) given.set(property.name, text);
      },
      inline: (property) => navigation(property.name),
      bind: (property) => navigation(property.name),
      delta: (property) => navigation(property.name),
      dynamic: (name, member, memberType, memberPath) => {
        const text = this.dynamic(member, memberType, memberPath);
        if (text !== undefined) setDynamic(dynamic, name, text, memberType);
      },
    });

    const members: string[] = [];
    if (type !== declared) members.push(`"@odata.type":"#${type.qualifiedName}"`);
    for (const property of type.properties.values()) {
      if (!isStored(property)) continue;
      const text = given.get(property.name) ?? current?.get(property.name) ?? defaultText(property);
      members.push(`${escapeJson(property.name)}:${text}`);
    }
    if (type.open) members.push(...dynamicMembers(type, current, dynamic));
    return `{${members.join(",")}}`;
  }

  #storedType(members: ReadonlyMap<string, string>, declared: ComplexType): ComplexType {
    const text = members.get("@odata.type");
    const type = text === undefined ? undefined : this.#model.types.get(typeName(JSON.parse(text) as string));
    return type?.kind === "complex" ? type : declared;
  }

  #attempt(path: string, read: () => string): string | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof PrimitiveValueError)) throw error;
      const hint = error.choice === undefined ? "" : didYouMean(error.choice.written, error.choice.known);
      return this.#wrong(path, error.message, hint);
    }
  }

  #wrong(path: string, what: string, hint = ""): undefined {
    this.#problems.add(`The value of '${path}' is wrong: ${what}.${hint}`, path);
  }
}

/** What the type definition says comes first; a property may only add to it (CSDL 4.01, section 11.1). */
function mergeFacets(property: Facets, definition: Facets): Facets {
  return {
    maxLength: definition.maxLength ?? property.maxLength,
    precision: definition.precision ?? property.precision,
    scale: definition.scale ?? property.scale,
    srid: definition.srid ?? property.srid,
    unicode: definition.unicode ?? property.unicode,
  };
}

function primitiveText(type: PrimitiveType, facets: Facets, value: JsonValue): string {
  const name = type.qualifiedName;
  if (name === "Edm.Untyped" || value.kind === "null") return writeJsonValue(value);
  if (value.kind === "object" || value.kind === "array") {
    if (value.kind === "object" && name.startsWith("Edm.Geo")) return readGeoJson(name, facets, writeJsonValue(value));
    if (value.kind === "object" && name === "Edm.ComplexType") return writeJsonValue(value);
    throw new PrimitiveValueError(`a JSON ${value.kind} is not a valid ${name}`);
  }
  // Any primitive value, as it came, so that no digit of a number is lost.
  if (name === "Edm.PrimitiveType") return writeJsonValue(value);
  if (value.kind === "string" && LONE_SURROGATE.test(value.value)) {
    throw new PrimitiveValueError("it holds half a surrogate pair, which is no Unicode character");
  }
  return writeJson(type, readJson(type, facets, value.kind === "number" ? value : value.value));
}

/** A dynamic value and, before it, the type that the client named for it: without that it could not be read again. */
export function setDynamic(into: Map<string, string>, name: string, text: string, type: JsonValue | undefined): void {
  if (type?.kind === "string") into.set(`${name}@odata.type`, escapeJson(type.value));
  into.set(name, text);
}

/** Dynamic members as they are after the change; a null takes one away (Protocol 4.01, section 11.4.3). */
function dynamicMembers(
  type: ComplexType,
  current: ReadonlyMap<string, string> | undefined,
  given: ReadonlyMap<string, string>,
): string[] {
  const all = new Map<string, string>();
  for (const [name, text] of current ?? []) {
    if (name !== "@odata.type" && !type.properties.has(name)) all.set(name, text);
  }
  // A new value does not keep the type of the old one.
  for (const name of given.keys()) all.delete(`${name}@odata.type`);
  for (const [name, text] of given) {
    if (text === "null" && current !== undefined) all.delete(name);
    else all.set(name, text);
  }
  return Array.from(all, ([name, text]) => `${escapeJson(name)}:${text}`);
}
