import { randomUUID } from "node:crypto";
import type { EntityType, Property } from "../edm/index.js";
import { instantText } from "../edm/primitives/index.js";
import { defaultText } from "../format/defaults.js";
import type { EntityPayload } from "../format/entity-reader.js";
import { splitMembers } from "../format/json-text.js";
import type { EntityMapping } from "../query/index.js";
import type { EntityValues } from "../storage/index.js";
import { toJson } from "../storage/index.js";

/** All values of a new entity: what the client gave, what the service makes, and defaults for the rest. */
export function newValues(payload: EntityPayload, now: Date): EntityValues {
  const properties = new Map<string, string>();
  for (const property of payload.type.properties.values()) {
    properties.set(
      property.name,
      generatedAtCreation(property, now) ?? payload.properties.get(property) ?? defaultText(property),
    );
  }
  return { properties, dynamic: payload.dynamicProperties };
}

function generatedAtCreation(property: Property, now: Date): string | undefined {
  switch (property.generated) {
    case "guid":
      return JSON.stringify(randomUUID());
    case "createdAt":
    case "modifiedAt":
      return JSON.stringify(instantText(now));
    case "revision":
      return "1";
    case undefined:
      return undefined;
  }
}

/** The columns from which {@link storedValues} reads an entity. */
export function valueColumns(mapping: EntityMapping): string[] {
  const columns = [...mapping.columns.values()].map((column) => column.column);
  return mapping.document === undefined ? columns : [...columns, mapping.document];
}

/**
 * A stored entity's values.
 *
 * @param row what was read from {@link valueColumns}
 */
export function storedValues(type: EntityType, mapping: EntityMapping, row: readonly unknown[]): EntityValues {
  const properties = new Map<string, string>();
  let index = 0;
  for (const column of mapping.columns.values()) {
    const value = row[index++];
    if (type.properties.has(column.property)) properties.set(column.property, toJson(value, column.kind));
  }
  const dynamic = new Map<string, string>();
  if (mapping.document !== undefined) {
    for (const [name, text] of splitMembers(row[index] as string)) {
      if (type.properties.has(name)) properties.set(name, text);
      else dynamic.set(name, text);
    }
  }
  // A document that was written before its type had a property lacks it.
  for (const property of type.properties.values()) {
    if (!properties.has(property.name)) properties.set(property.name, defaultText(property));
  }
  return { properties, dynamic };
}

/** A stored entity's values with a client's changes: Protocol 4.01, section 11.4.3. */
export function changedValues(stored: EntityValues, payload: EntityPayload, now: Date): EntityValues {
  const properties = new Map(stored.properties);
  for (const [property, text] of payload.properties) properties.set(property.name, text);
  for (const property of payload.type.properties.values()) {
    if (property.generated === "modifiedAt") properties.set(property.name, JSON.stringify(instantText(now)));
    if (property.generated === "revision")
      properties.set(property.name, String(BigInt(properties.get(property.name)!) + 1n));
  }
  const dynamic = new Map(stored.dynamic);
  for (const [name, text] of payload.dynamicProperties) {
    if (text === "null") dynamic.delete(name);
    else dynamic.set(name, text);
  }
  return { properties, dynamic };
}
