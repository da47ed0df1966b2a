import type { EntityType, Property } from "../../edm/index.js";
import { isStream } from "../../edm/index.js";
import type { ColumnMapping, EntityMapping } from "./mapping.js";
import type { EntityRow } from "./source.js";
import { actualTypes } from "./source.js";

/** Where the properties of rows of a type and its derived types are. */
export interface RowLayout {
  /** The types that a row can have, each of which has rows of its own. */
  readonly types: readonly EntityType[];
  readonly columns: readonly LaidOutColumn[];
  /** What lives in the document, by name: types that have nothing to do with each other may share one. */
  readonly documents: ReadonlyMap<string, LaidOutProperty>;
}

export interface LaidOutProperty {
  readonly property: Property;
  /** The types whose rows have it. */
  readonly types: readonly EntityType[];
}

export interface LaidOutColumn extends LaidOutProperty {
  readonly column: ColumnMapping;
  /** The type that declares it, or the first of the row's types that has it. */
  readonly type: EntityType;
}

const layouts = new WeakMap<EntityMapping, Map<EntityType, RowLayout>>();

/** Worked out once for each type: a hierarchy may have thousands of properties. */
export function layoutOf(row: Pick<EntityRow, "type" | "mapping">): RowLayout {
  const { type, mapping } = row;
  let ofTable = layouts.get(mapping);
  if (ofTable === undefined) layouts.set(mapping, (ofTable = new Map<EntityType, RowLayout>()));
  let layout = ofTable.get(type);
  if (layout === undefined) ofTable.set(type, (layout = layOut(type, mapping)));
  return layout;
}

function layOut(type: EntityType, mapping: EntityMapping): RowLayout {
  const types = actualTypes({ type, mapping });
  const columns = new Map<Property, LaidOutColumn>();
  const documents = new Map<string, LaidOutProperty>();
  for (const owner of [type, ...type.derivedTypes]) {
    for (const property of owner.properties.values()) {
      if (isStream(property)) continue;
      const { name } = property;
      const column = mapping.columns.get(name);
      if (column === undefined) {
        if (documents.has(name)) continue;
        documents.set(name, { property, types: types.filter((candidate) => candidate.properties.has(name)) });
      } else if (!columns.has(property)) {
        const having = types.filter((candidate) => candidate.properties.get(name) === property);
        columns.set(property, { property, types: having, column, type: owner });
      }
    }
  }
  return { types, columns: [...columns.values()], documents };
}
