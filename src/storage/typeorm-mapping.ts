import type { DataSource, EntityMetadata } from "typeorm";
import type { DecoratedClass, EntitySet, EntityType, Model, NavigationProperty } from "../edm/index.js";
import type { ForeignKeyMetadata } from "typeorm/metadata/ForeignKeyMetadata.js";
import { isStream, ModelError, searchedPaths } from "../edm/index.js";
import { columnKind, streamNames } from "../query/index.js";
import type {
  ColumnMapping,
  Discriminator,
  EntityMapping,
  NavigationMapping,
  OnDelete,
  Reference,
  SearchedProperty,
  SearchMapping,
  StorageMapping,
} from "../query/index.js";
import { documentProperty } from "./document.js";
import { partnerOf } from "./partner.js";
import { indexName } from "./index-name.js";

/**
 * Finds out where everything is kept from TypeORM's metadata: a property with a column has that column, one without
 * lives in the document; a navigation property with a relation uses its foreign key, one without the link table.
 *
 * @param classes the decorated classes by qualified type name
 * @param elsewhere entity sets whose entities are not kept in the store
 * @throws {ModelError} where a class or a property has no place; the message names it
 */
export function typeOrmMapping(
  model: Model,
  classes: ReadonlyMap<string, DecoratedClass>,
  dataSource: DataSource,
  elsewhere: ReadonlySet<EntitySet> = new Set(),
): TypeOrmMapping {
  return new TypeOrmMapping(model, classes, dataSource, elsewhere);
}

/** Made by {@link typeOrmMapping}. */
export class TypeOrmMapping implements StorageMapping {
  readonly #model: Model;
  readonly #classes: ReadonlyMap<string, DecoratedClass>;
  readonly #dataSource: DataSource;
  /** One mapping a table: the types of a hierarchy share it. */
  readonly #tables = new Map<string, EntityMapping>();
  readonly #entities = new Map<EntityType, EntityMapping>();
  readonly #navigations = new Map<NavigationProperty, NavigationMapping>();
  /** By the table that is referred to. */
  readonly #references = new Map<string, Reference[]>();

  constructor(
    model: Model,
    classes: ReadonlyMap<string, DecoratedClass>,
    dataSource: DataSource,
    elsewhere: ReadonlySet<EntitySet>,
  ) {
    this.#model = model;
    this.#classes = classes;
    this.#dataSource = dataSource;
    const stored = model.schemas
      .flatMap((schema) => schema.entityTypes)
      .filter((type) => this.#metadata(type) !== undefined);
    for (const type of stored) this.#entities.set(type, this.#entityMapping(type));
    // Said at the start, and not at the first request.
    for (const set of model.container.entitySets.values()) if (!elsewhere.has(set)) this.entity(set.entityType);
    for (const type of stored) {
      for (const property of type.navigationProperties.values()) {
        if (!this.#navigations.has(property)) this.#navigations.set(property, this.#navigationMapping(property, type));
      }
    }
    for (const type of stored) this.#findReferences(type);
  }

  isStored(type: EntityType): boolean {
    return this.#entities.has(type);
  }

  entity(type: EntityType): EntityMapping {
    const mapping = this.#entities.get(type);
    if (mapping === undefined)
      throw new ModelError(`The entity type '${type.qualifiedName}' has no table; decorate its class with @Entity.`);
    return mapping;
  }

  navigation(property: NavigationProperty): NavigationMapping {
    return this.#navigations.get(property)!;
  }

  references(entity: EntityMapping): readonly Reference[] {
    return this.#references.get(entity.table) ?? [];
  }

  /** The mappings of all tables. */
  tables(): EntityMapping[] {
    return [...this.#tables.values()];
  }

  #metadata(type: EntityType): EntityMetadata | undefined {
    const entityClass = this.#classes.get(type.qualifiedName);
    return entityClass !== undefined && this.#dataSource.hasMetadata(entityClass)
      ? this.#dataSource.getMetadata(entityClass)
      : undefined;
  }

  #entityMapping(type: EntityType): EntityMapping {
    const metadata = this.#metadata(type)!;
    const existing = this.#tables.get(metadata.tableName);
    if (existing !== undefined) return existing;
    // The root's metadata has the columns of all its children.
    const rootMetadata = metadata.parentEntityMetadata ?? metadata;
    const family = this.#family(type);
    const columns = new Map<string, ColumnMapping>();
    let hasDocumentProperty = false;
    for (const member of family) {
      if (member.open) hasDocumentProperty = true;
      for (const property of member.properties.values()) {
        if (isStream(property)) continue;
        const column = rootMetadata.columns.find(
          // One that is a foreign key, too, has the name of its property; one that is nothing else has that of its relation.
          (candidate) => candidate.propertyName === property.name,
        );
        if (column === undefined) {
          hasDocumentProperty = true;
          continue;
        }
        const kind = columnKind(property);
        const known = columns.get(property.name);
        if (known !== undefined && known.kind !== kind) {
          throw new ModelError(
            `The column '${metadata.tableName}.${known.column}' would hold values of different types, those of '${property.name}' of '${member.qualifiedName}' too.`,
          );
        }
        columns.set(property.name, { property: property.name, column: column.databaseName, kind });
      }
    }
    const key = type.key.map((property) => {
      const column = columns.get(property.name);
      if (column === undefined)
        throw new ModelError(`The key property '${property.name}' of '${type.qualifiedName}' needs a column.`);
      return column.column;
    });
    const entityClass = this.#classes.get(type.qualifiedName)!;
    const documentName = documentProperty(entityClass);
    const document =
      documentName === undefined ? undefined : rootMetadata.findColumnWithPropertyName(documentName)?.databaseName;
    if (hasDocumentProperty && document === undefined) {
      throw new ModelError(
        `'${type.qualifiedName}' has properties without a column${type.open ? " (an open type may)" : ""}, and no @Document() to hold them.`,
      );
    }
    const discriminator = this.#discriminator(rootMetadata, family);
    const mapping: EntityMapping = Object.freeze({
      table: metadata.tableName,
      discriminator,
      columns,
      key,
      document,
      search: searchMapping(metadata.tableName, family, columns, discriminator),
    });
    this.#tables.set(metadata.tableName, mapping);
    return mapping;
  }

  /** All types whose rows are in the table of a type. */
  #family(type: EntityType): EntityType[] {
    const table = this.#metadata(type)!.tableName;
    return this.#model.schemas
      .flatMap((schema) => schema.entityTypes)
      .filter((candidate) => this.#metadata(candidate)?.tableName === table);
  }

  #discriminator(rootMetadata: EntityMetadata, family: readonly EntityType[]): Discriminator | undefined {
    const column = rootMetadata.discriminatorColumn?.databaseName;
    if (column === undefined) return undefined;
    const valueOf = new Map<EntityType, string>();
    const typeOf = new Map<string, EntityType>();
    for (const type of family) {
      const value = this.#metadata(type)!.discriminatorValue;
      if (type.abstract || value === undefined) continue;
      valueOf.set(type, value);
      typeOf.set(value, type);
    }
    return { column, valueOf, typeOf };
  }

  #navigationMapping(property: NavigationProperty, owner: EntityType): NavigationMapping {
    // TypeORM merges the relations of all children into their ancestors, so the name is what can be relied on.
    const relation = this.#metadata(owner)!.relations.find((candidate) => candidate.propertyName === property.name);
    const name = `${property.declaringType.qualifiedName}/${property.name}`;
    if (relation === undefined) {
      const contains = property.containsTarget && property.collection && this.#isSingletonOnly(owner);
      if (contains) return { kind: "extent" };
      const held = this.#heldKey(property, owner);
      if (held !== undefined) return { kind: "sourceColumn", column: held };
      const partner = partnerOf(property);
      const holds = partner?.collection === false && this.#metadata(property.type) !== undefined;
      const column = holds ? this.#foreignKey(partner, property.type) : undefined;
      if (column !== undefined) return { kind: "targetColumn", column };
      for (const side of [owner, property.type]) {
        if (side.key.length !== 1)
          throw new ModelError(
            `'${name}' needs a TypeORM relation: the key of '${side.qualifiedName}' has several properties.`,
          );
      }
      return { kind: "link" };
    }
    const inverse = relation.inverseRelation;
    if (relation.isManyToOne || relation.isOneToOneOwner)
      return { kind: "sourceColumn", column: singleColumn(relation.joinColumns, name) };
    if ((relation.isOneToMany || relation.isOneToOneNotOwner) && inverse !== undefined) {
      return { kind: "targetColumn", column: singleColumn(inverse.joinColumns, name) };
    }
    throw new ModelError(`The relation of '${name}' is many-to-many; leave it out, and the link table keeps the ties.`);
  }

  /** The foreign keys of a type's table, those of the database and those that only referential constraints tell. */
  #findReferences(type: EntityType): void {
    const holder = this.entity(type);
    const add = (table: string, column: string, onDelete: OnDelete, enforced: boolean): void => {
      const known = this.#references.get(table) ?? [];
      if (known.some((other) => other.holder === holder && other.column === column)) return;
      this.#references.set(table, [...known, { holder, column, onDelete, enforced }]);
    };
    for (const { columns, referencedEntityMetadata, onDelete } of this.#metadata(type)!.foreignKeys) {
      const [column, ...others] = columns;
      if (column !== undefined && others.length === 0)
        add(referencedEntityMetadata.tableName, column.databaseName, actions[onDelete ?? "NO ACTION"], true);
    }
    for (const property of type.navigationProperties.values()) {
      const how = this.navigation(property);
      if (how.kind !== "sourceColumn") continue;
      const action = property.nullable ? "SetNull" : "None";
      add(this.entity(property.type).table, how.column, action, false);
    }
  }

  /** The column in which rows of a type hold the key of what a single-valued navigation property leads to. */
  #foreignKey(property: NavigationProperty, owner: EntityType): string | undefined {
    const relation = this.#metadata(owner)!.relations.find(({ propertyName }) => propertyName === property.name);
    if (relation === undefined) return this.#heldKey(property, owner);
    const { qualifiedName } = property.declaringType;
    return relation.isManyToOne || relation.isOneToOneOwner
      ? singleColumn(relation.joinColumns, `${qualifiedName}/${property.name}`)
      : undefined;
  }

  /** The same where no relation says it, but a referential constraint: CSDL 4.01, section 8.5. */
  #heldKey({ collection, type, referentialConstraints }: NavigationProperty, owner: EntityType): string | undefined {
    const [constraint, ...others] = referentialConstraints;
    if (collection || constraint === undefined || others.length > 0 || type.key.length !== 1) return undefined;
    if (constraint.referencedProperty !== type.key[0]!.name) return undefined;
    return this.entity(owner).columns.get(constraint.property)?.column;
  }

  /** True for a type that only singletons have: what it contains is all there is of that type. */
  #isSingletonOnly(type: EntityType): boolean {
    const { entitySets, singletons } = this.#model.container;
    return (
      [...singletons.values()].some((singleton) => singleton.entityType === type) &&
      ![...entitySets.values()].some((set) => set.entityType === type)
    );
  }
}

/** The tables whose entities have streams. */
export function streamOwners(model: Model, mapping: StorageMapping): EntityMapping[] {
  const types = model.schemas.flatMap(({ entityTypes }) => entityTypes).filter((type) => mapping.isStored(type));
  return [...new Set(types.filter((type) => streamNames(type).length > 0).map((type) => mapping.entity(type)))];
}

/** What can be searched in a table; the types of its hierarchy may differ in it. */
function searchMapping(
  table: string,
  family: readonly EntityType[],
  columns: ReadonlyMap<string, ColumnMapping>,
  discriminator: Discriminator | undefined,
): SearchMapping | undefined {
  const pathsOf = (type: EntityType) => searchedPaths(type).map((path) => path.map(({ name }) => name));
  const all = new Map(family.flatMap((type) => pathsOf(type).map((path) => [path.join("/"), path] as const)));
  if (all.size === 0) return undefined;
  const properties = [...all].map(([written, [property, ...path]]): SearchedProperty => {
    const rows = [...(discriminator?.valueOf ?? [])];
    const found = rows.filter(([type]) => pathsOf(type).some((other) => other.join("/") === written));
    const types = found.length === rows.length ? undefined : found.map(([, value]) => value);
    const column = columns.get(property!)?.column;
    return path.length === 0 ? { property: property!, column, types } : { property: property!, path, column, types };
  });
  return { name: indexName("odata_search_", table), properties };
}

/** What TypeORM calls the actions of CSDL. */
const actions: Readonly<Record<NonNullable<ForeignKeyMetadata["onDelete"]>, OnDelete>> = {
  CASCADE: "Cascade",
  "SET NULL": "SetNull",
  RESTRICT: "None",
  "NO ACTION": "None",
  DEFAULT: "None",
};

function singleColumn(columns: readonly { readonly databaseName: string }[], name: string): string {
  if (columns.length !== 1)
    throw new ModelError(`The relation of '${name}' has ${columns.length} columns; it can have one.`);
  return columns[0]!.databaseName;
}
