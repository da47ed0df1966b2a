import { randomUUID } from "node:crypto";
import type { EntityType, Property } from "../edm/index.js";
import { instantText } from "../edm/primitives/index.js";
import { defaultText } from "../format/defaults.js";
import type { EntityPayload } from "../format/entity-reader.js";
import { splitMembers } from "../format/json-text.js";
import { isWritable } from "../format/value-reader.js";
import type { EntityMapping } from "../query/index.js";
import type { EntityValues } from "../storage/index.js";
import { toJson } from "../storage/index.js";

/** All values of a new entity: what the client gave, what the service makes, and defaults for the rest. */
export function newValues(payload: EntityPayload, now: Date): EntityValues {
  const properties = new Map<string, string>();
  for (const property of payload.type.properties.values()) {
    // A client's value for what the service would make is there only where the model lets clients go first.
    properties.set(
      property.name,
      payload.properties.get(property) ?? generatedAtCreation(property, now) ?? defaultText(property),
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

/** What a payload's complex values are merged into: nothing, where it replaces. */
export function currentValue(
  { properties }: EntityValues,
  mode: "merge" | "replace",
): ((property: Property) => string | undefined) | undefined {
  return mode === "replace" ? undefined : ({ name }) => properties.get(name);
}

/** A stored entity's values with a client's changes: Protocol 4.01, section 11.4.3. */
export function changedValues(stored: EntityValues, payload: EntityPayload, now: Date): EntityValues {
  const properties = new Map(stored.properties);
  for (const [property, text] of payload.properties) properties.set(property.name, text);
  renew(properties, payload.type, now);
  const dynamic = new Map(stored.dynamic);
  for (const [name, text] of payload.dynamicProperties) {
    if (text === "null") dynamic.delete(name);
    else dynamic.set(name, text);
  }
  return { properties, dynamic };
}

/**
 * A stored entity's values replaced by a client's: what it may write and does not name takes its default, and dynamic
 * properties that it does not name go. Keys, what only the service writes and what cannot be changed stay, and so do
 * properties that a referential constraint ties to another entity (Protocol 4.01, section 11.4.3).
 *
 * @param notUpdatable names of further properties that stay
 */
export function replacedValues(
  stored: EntityValues,
  payload: EntityPayload,
  now: Date,
  notUpdatable: ReadonlySet<string> = noNames,
): EntityValues {
  const { type } = payload;
  const dependent = new Set(
    [...type.navigationProperties.values()].flatMap(({ referentialConstraints }) =>
      referentialConstraints.map(({ property }) => property),
    ),
  );
  const properties = new Map(stored.properties);
  for (const property of type.properties.values()) {
    const { name } = property;
    const stays =
      type.key.includes(property) || !isWritable(property, true) || dependent.has(name) || notUpdatable.has(name);
    const text = payload.properties.get(property) ?? (stays ? undefined : defaultText(property));
    if (text !== undefined) properties.set(name, text);
  }
  renew(properties, type, now);
  const given = payload.dynamicProperties;
  const isThere = (name: string) => given.get(name.replace(/@odata\.type$/, "")) !== "null";
  const dynamic = new Map([...given].filter(([name]) => isThere(name)));
  return { properties, dynamic };
}

const noNames: ReadonlySet<string> = new Set();

/** What tells that an entity has changed, and when. */
function renew(properties: Map<string, string>, type: EntityType, now: Date): void {
  for (const { generated, name } of type.properties.values()) {
    if (generated === "modifiedAt") properties.set(name, JSON.stringify(instantText(now)));
    if (generated === "revision") properties.set(name, String(BigInt(properties.get(name)!) + 1n));
  }
}
