import type { EntityType, NavigationProperty } from "../../edm/index.js";

/**
 * Where the model's things are kept: the contract between the compiler, which writes SQL, and the storage, which knows
 * the tables.
 */
export interface StorageMapping {
  /** False for an abstract type that no table belongs to. */
  isStored(type: EntityType): boolean;
  entity(type: EntityType): EntityMapping;
  /** The navigation properties of one name that different derived types declare are kept in the same way. */
  navigation(property: NavigationProperty): NavigationMapping;
  /** Which rows hold the key of rows of a table. */
  references(entity: EntityMapping): readonly Reference[];
}

/** A column whose values are the keys of rows of another table. */
export interface Reference {
  readonly holder: EntityMapping;
  readonly column: string;
  /** What becomes of a row when the one that it refers to goes; with `None` that one stays. */
  readonly onDelete: OnDelete;
  /** The database sees to it by itself. */
  readonly enforced: boolean;
}

/** The on-delete actions: CSDL 4.01, section 8.6. */
export type OnDelete = NonNullable<NavigationProperty["onDelete"]>;

/** How a column's values look in SQL, and how they become JSON. A `decimal` is kept as text, so that no digit is lost. */
export type ColumnKind = "text" | "boolean" | "integer" | "number" | "decimal" | "instant" | "json";

export interface ColumnMapping {
  readonly property: string;
  readonly column: string;
  /** `instant`: a DateTimeOffset in UTC, kept without its `Z`, so that text order is time order. */
  readonly kind: ColumnKind;
}

export interface Discriminator {
  readonly column: string;
  /** By type; abstract types have no rows and no value. */
  readonly valueOf: ReadonlyMap<EntityType, string>;
  readonly typeOf: ReadonlyMap<string, EntityType>;
}

/** One table holds a whole hierarchy of entity types; its types share one mapping but for their columns. */
export interface EntityMapping {
  readonly table: string;
  /** Absent where the table holds a single type. */
  readonly discriminator: Discriminator | undefined;
  /** All columns of the table that hold properties, by property name. */
  readonly columns: ReadonlyMap<string, ColumnMapping>;
  /** Names of the key's columns, in the order of the key's properties. */
  readonly key: readonly string[];
  /** The column of the document, where some property of the hierarchy has no column. */
  readonly document: string | undefined;
  /** What `$search` looks into, where some type of the table has searchable properties. */
  readonly search?: SearchMapping | undefined;
}

/** The searchable properties of the types of a table, and where their words are kept. */
export interface SearchMapping {
  /** On SQLite two tables, this one and one with `_words` behind the name; on PostgreSQL an index. */
  readonly name: string;
  readonly properties: readonly SearchedProperty[];
}

/** A property whose words are found. */
export interface SearchedProperty {
  readonly property: string;
  /** Where the text lies in a complex value; absent where it is the value of the property itself. */
  readonly path?: readonly string[];
  /** Its column; `undefined` where it lives in the document. */
  readonly column: string | undefined;
  /** The discriminator's values of the types in which it is searchable; `undefined` where that is so in all rows. */
  readonly types: readonly string[] | undefined;
}

export type NavigationMapping =
  /** Everything in the target's table: what a singleton contains. */
  | { readonly kind: "extent" }
  /** The target's rows hold the source's key. */
  | { readonly kind: "targetColumn"; readonly column: string }
  /** The source's rows hold the target's key. */
  | { readonly kind: "sourceColumn"; readonly column: string }
  /** Rows of the link table tie source and target. */
  | { readonly kind: "link" };

/** The table of the links of navigation properties without a foreign key. */
export const linkTable = {
  name: "odata_link",
  sourceTable: "source_table",
  sourceKey: "source_key",
  property: "property",
  targetTable: "target_table",
  targetKey: "target_key",
  position: "position",
} as const;
