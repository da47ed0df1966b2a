import type { EntityType, Model, NavigationProperty } from "../edm/index.js";
import { defaultText } from "../format/defaults.js";
import type { EntityMapping, OnDelete, Reference, SqlValue, StorageMapping } from "../query/index.js";
import { toSql } from "./rows.js";

/** What a row that goes takes with it, or why it must stay: CSDL 4.01, section 8.6. */
export type DeleteRule =
  /** Rows of another table that hold its key. `value` is what they hold then instead. */
  | {
      readonly kind: "rows";
      readonly action: OnDelete;
      readonly holder: EntityMapping;
      readonly column: string;
      readonly value: SqlValue;
      /** The type from which all in their table derive, where some of these have values that tell of a change. */
      readonly telling: EntityType | undefined;
      /** How the others are called: the navigation property that leads to them, or else their type. */
      readonly name: string;
    }
  /** What its links lead to. */
  | { readonly kind: "links"; readonly action: "Cascade" | "None"; readonly name: string }
  /** The row whose key it holds. */
  | {
      readonly kind: "own";
      readonly action: "Cascade" | "None";
      readonly target: EntityMapping;
      readonly column: string;
      readonly name: string;
    };

/**
 * The rules of each table: what the model says of its navigation properties, and what the database's foreign keys say where
 * the model is silent. What a navigation property contains goes with its owner. Links and rows that are left alone need no rule.
 */
export function deleteRules(model: Model, mapping: StorageMapping): ReadonlyMap<string, readonly DeleteRule[]> {
  const types = model.schemas.flatMap((schema) => schema.entityTypes).filter((type) => mapping.isStored(type));
  const tables = new Map<string, EntityType[]>();
  for (const type of types) {
    const { table } = mapping.entity(type);
    tables.set(table, [...(tables.get(table) ?? []), type]);
  }
  return new Map([...tables].map(([table, members]) => [table, rulesOf(members, types, mapping)]));
}

/** @param members the types of one table */
function rulesOf(members: readonly EntityType[], types: readonly EntityType[], mapping: StorageMapping): DeleteRule[] {
  const entity = mapping.entity(members[0]!);
  const properties = members.flatMap((type) => type.ownNavigationProperties);
  const rules: DeleteRule[] = [];
  for (const reference of mapping.references(entity)) {
    const property = properties.find((candidate) => leadsBack(candidate, reference, mapping));
    const rule = ruleOfRows(reference, property, types, mapping);
    if (rule !== undefined) rules.push(rule);
  }
  for (const property of properties) {
    const how = mapping.navigation(property);
    const action = declaredAction(property);
    if (action !== "Cascade" && action !== "None") continue;
    const { name } = property;
    if (how.kind === "link") rules.push({ kind: "links", action, name });
    if (how.kind === "sourceColumn")
      rules.push({ kind: "own", action, target: mapping.entity(property.type), column: how.column, name });
  }
  return rules;
}

function declaredAction({ onDelete, containsTarget }: NavigationProperty): OnDelete | undefined {
  return onDelete ?? (containsTarget ? "Cascade" : undefined);
}

/** Whether a navigation property leads to the rows that a reference is about. */
function leadsBack(property: NavigationProperty, { holder, column }: Reference, mapping: StorageMapping): boolean {
  const how = mapping.navigation(property);
  return how.kind === "targetColumn" && how.column === column && mapping.entity(property.type).table === holder.table;
}

function ruleOfRows(
  { holder, column, onDelete, enforced }: Reference,
  property: NavigationProperty | undefined,
  types: readonly EntityType[],
  mapping: StorageMapping,
): DeleteRule | undefined {
  const declared = property === undefined ? undefined : declaredAction(property);
  const action = declared ?? onDelete;
  const own = types.filter((type) => mapping.entity(type).table === holder.table);
  const telling = tellingType(own);
  // The database empties the column by itself; only that the row has changed it does not say.
  if (declared === undefined && enforced && action === "SetNull" && telling === undefined) return undefined;
  const name = property?.name ?? own[0]!.name;
  const value = action === "SetDefault" ? defaultValue(holder, column, own) : null;
  return { kind: "rows", action, holder, column, value, telling, name };
}

/** The type from which all types of a table derive, where some of these have values that tell of a change. */
export function tellingType(types: readonly EntityType[]): EntityType | undefined {
  if (!types.some(tellsOfChanges)) return undefined;
  return types.find((type) => types.every((other) => other.lineage.has(type)));
}

/** Whether entities of a type have values that the service makes anew at each change. */
function tellsOfChanges({ properties }: EntityType): boolean {
  return [...properties.values()].some(({ generated }) => generated === "revision" || generated === "modifiedAt");
}

/** What the property has where a client gives it no value; null for a column that is no property's. */
function defaultValue(holder: EntityMapping, column: string, types: readonly EntityType[]): SqlValue {
  const held = [...holder.columns.values()].find((candidate) => candidate.column === column);
  const property = held === undefined ? undefined : types.find(({ properties }) => properties.has(held.property));
  return property === undefined ? null : toSql(defaultText(property.properties.get(held!.property)!), held!.kind);
}
