import type { EdmType } from "../../edm/index.js";
import { readEnumJson } from "../../edm/primitives/index.js";
import { natural } from "./data.js";
import { Decimal } from "./decimal.js";
import { Temporal } from "./temporal.js";
import { EnumValue, Geo, Instance, JsonObject, Row, isCollection, type Value } from "./value.js";

/** JSON text: the canonical form in which the databases make it, too. */
export type JsonText = string;

/**
 * The JSON text of a value: JSON Format 4.01, section 7.
 *
 * @param declared the type that the model declares for it; a value of a derived type says its own
 */
export function writeValue(value: Value, declared?: EdmType): JsonText {
  if (value === null) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    const text = jsonNumber(value);
    return Number.isFinite(value) ? text : `"${text}"`;
  }
  if (value instanceof Decimal) return value.toString();
  if (value instanceof Temporal) return `"${value.toString()}"`;
  if (value instanceof EnumValue) return JSON.stringify(enumText(value));
  if (value instanceof Geo) return value.text;
  if (value instanceof Instance) return `{${instanceMembers(value, declared).join(",")}}`;
  if (value instanceof JsonObject || value instanceof Row) {
    return `{${Array.from(value.members, ([name, member]) => writeMember(name, writeValue(member))).join(",")}}`;
  }
  if (isCollection(value)) return `[${value.map((item) => writeValue(item, declared)).join(",")}]`;
  return value satisfies never;
}

export function writeMember(name: string, text: JsonText): JsonText {
  return `${JSON.stringify(name)}:${text}`;
}

/** The digits of a double, or one of the three names of what has none. */
export function jsonNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "INF" : "-INF";
}

/** Member names, with commas for flags. */
export function enumText(value: EnumValue): string {
  return readEnumJson(value.type, { text: value.number.toString() });
}

/** All members of an entity or a complex value: its type, the declared properties in their order, the dynamic ones. */
function instanceMembers(instance: Instance, declared: EdmType | undefined): JsonText[] {
  const members: JsonText[] = [];
  const typeName = typeAnnotation(instance, declared);
  if (typeName !== undefined) members.push(typeName);
  for (const name of propertyNames(instance)) members.push(propertyMember(instance, name));
  for (const name of instance.members.dynamic) members.push(dynamicMember(instance, name));
  return members;
}

/** Entities always say their type, complex values where it is not the declared one. */
export function typeAnnotation(instance: Instance, declared: EdmType | undefined): JsonText | undefined {
  if (instance.type.kind === "complex" && instance.type === declared) return undefined;
  return writeMember("@odata.type", JSON.stringify(`#${instance.type.qualifiedName}`));
}

/** The declared properties that have a value in JSON: all but streams. */
export function* propertyNames(instance: Instance): Iterable<string> {
  for (const { name, type } of instance.type.properties.values()) {
    if (type.kind !== "primitive" || type.qualifiedName !== "Edm.Stream") yield name;
  }
}

export function propertyMember(instance: Instance, name: string): JsonText {
  return writeMember(name, writeValue(instance.members.property(name), instance.type.properties.get(name)!.type));
}

/** A member that the type does not declare, and before it the annotation that says its type, where it has one. */
export function dynamicMember(instance: Instance, name: string): JsonText {
  const own = writeMember(name, writeValue(natural(instance.members.raw(name))));
  const annotation = `${name}@odata.type`;
  const type = instance.members.raw(annotation);
  return typeof type === "string" ? `${writeMember(annotation, JSON.stringify(type))},${own}` : own;
}
