import type { PropertyTail } from "../binding/index.js";
import type { ComplexType, Model, Property } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { badRequest, notFound } from "../errors/index.js";
import { escapeJson, parseJson, splitMembers, writeJsonValue } from "../format/json-text.js";
import type { JsonValue } from "../format/json-text.js";
import { typeName } from "../format/payload-type.js";
import { Problems } from "../format/problems.js";
import { rulesOf } from "../format/property-rules.js";
import { ValueReader } from "../format/value-reader.js";

/** What a path into a property leads to, and what it holds. */
export interface ChangedValue {
  /** Declares the value. An item of a collection is no collection itself. */
  readonly property: Property;
  /** A cast at the end of the path: what stands there is of this type, and stays so. */
  readonly cast: ComplexType | undefined;
  /** Canonical JSON text. */
  readonly text: string;
}

/** Makes a new value of what a path leads to; `undefined` takes an item out of its collection. */
export type ValueChange = (value: ChangedValue) => string | undefined;

/**
 * Changes a part of a property's value.
 *
 * @param text canonical JSON text of the entity's own property, the first of the path
 * @returns the same with the change
 * @throws {ODataError} 404 where the path leads to nothing, and what the change throws
 * @example changeProperty('{"city":"Oslo"}', cityOfAddress, model, () => '"Bonn"') // '{"city":"Bonn"}'
 */
export function changeProperty(
  text: string,
  tail: Pick<PropertyTail, "path" | "casts" | "narrowing">,
  model: Model,
  change: ValueChange,
): string {
  return new PropertyPath(tail, model, change).change(text, 0);
}

class PropertyPath {
  readonly #tail: Pick<PropertyTail, "path" | "casts" | "narrowing">;
  readonly #model: Model;
  readonly #change: ValueChange;

  constructor(tail: Pick<PropertyTail, "path" | "casts" | "narrowing">, model: Model, change: ValueChange) {
    this.#tail = tail;
    this.#model = model;
    this.#change = change;
  }

  /** The value of the path's property at an index, changed. */
  change(text: string, index: number): string {
    const property = this.#tail.path[index]!;
    const ordinal = this.#tail.narrowing.find((step) => step.kind === "ordinal" && step.at === index + 1);
    if (ordinal?.kind !== "ordinal") return this.#value(text, property, index)!;
    const items = itemTexts(text);
    const at = ordinal.index < 0 ? items.length + ordinal.index : ordinal.index;
    const item = items[at];
    if (item === undefined) {
      throw notFound(`'${property.name}' has no item at ${ordinal.index}.`, { target: String(ordinal.index) });
    }
    const changed = this.#value(item, itemOf(property), index);
    items.splice(at, 1, ...(changed === undefined ? [] : [changed]));
    if (changed === undefined) checkCount(property, items.length);
    return `[${items.join(",")}]`;
  }

  #value(text: string, property: Property, index: number): string | undefined {
    const cast = this.#cast(text, property, index);
    const next = this.#tail.path[index + 1];
    if (next === undefined) return this.#change({ property, cast, text });
    // What a null does not hold yet comes with the others of its type, as where the entity itself is changed.
    const members = splitMembers(text === "null" ? this.#defaults(property) : text);
    const known = members.get(next.name);
    if (known === undefined) throw notFound(`There is no property '${next.name}' here.`, { target: next.name });
    const changed = this.change(known, index + 1);
    if (text === "null" && changed === known) return text;
    members.set(next.name, changed);
    return `{${Array.from(members, ([name, value]) => `${escapeJson(name)}:${value}`).join(",")}}`;
  }

  #defaults(property: Property): string {
    return readValue(property, { kind: "object", at: 0, members: new Map() }, property.name, undefined, this.#model);
  }

  /** The last cast behind the property, which its value has to be of. */
  #cast(text: string, { name, type }: Property, index: number): ComplexType | undefined {
    const casts = this.#tail.casts.filter(({ at }) => at === index + 1).map((cast) => cast.type);
    if (casts.length === 0) return undefined;
    const written = text.startsWith("{") ? splitMembers(text).get("@odata.type") : undefined;
    const actual = written === undefined ? type : this.#model.types.get(typeName(JSON.parse(written) as string));
    for (const cast of casts) {
      if (text !== "null" && actual !== undefined && isOrDerivesFrom(actual, cast)) continue;
      throw notFound(`The value of '${name}' is no '${cast.qualifiedName}'.`, { target: cast.qualifiedName });
    }
    return casts.at(-1);
  }
}

/** The canonical JSON texts of a collection's items. */
export function itemTexts(text: string): string[] {
  const value = parseJson(text);
  return value.kind === "array" ? value.items.map(writeJsonValue) : [];
}

/** A model never changes, so neither do these. */
const items = new WeakMap<Property, Property>();

/** The property that one item of a collection-valued property is like. */
export function itemOf(property: Property): Property {
  if (!property.collection) return property;
  let item = items.get(property);
  if (item === undefined) items.set(property, (item = { ...property, collection: false }));
  return item;
}

/**
 * A value from a body as canonical JSON text.
 *
 * @param path JSON path of the value, for messages
 * @param current what is changed, where a complex value is merged into it
 * @throws {ODataError} 400 where the property does not take it
 */
export function readValue(
  property: Property,
  value: JsonValue,
  path: string,
  current: string | undefined,
  model: Model,
): string {
  const problems = new Problems();
  const text = new ValueReader(model, problems).property(property, value, path, current);
  problems.throwIfAny();
  return text!;
}

/**
 * Checks how many items a collection would have.
 *
 * @throws {ODataError} 400 where they are too few or too many (`Validation.MinItems`, `Validation.MaxItems`)
 */
export function checkCount(property: Property, length: number): void {
  const { minItems, maxItems } = rulesOf(property);
  if (length >= minItems && length <= maxItems) return;
  const bound = length < minItems ? `at least ${minItems}` : `at most ${maxItems}`;
  throw badRequest(`'${property.name}' would have ${length} items; it has ${bound}.`, { target: property.name });
}
