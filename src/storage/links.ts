import type { EntityType, Model, NavigationProperty } from "../edm/index.js";
import type { EntityMapping, RowSet, SqlDialect, SqlValue, StorageMapping } from "../query/index.js";
import { clearText, deleteText, insertLinkText, linkTable, unlinkText, updateText } from "../query/index.js";
import type { Awaitable, Transaction } from "./connection.js";

/** One end of a tie: the table and the key of an entity. Only an entity that holds a foreign key has a key of several values. */
export interface EntityKey {
  readonly mapping: EntityMapping;
  readonly key: readonly SqlValue[];
}

const linksOfProperty = [linkTable.sourceTable, linkTable.sourceKey, linkTable.property];

/** Writes the ties of navigation properties: rows of the link table, or foreign keys. */
export class LinkWriter {
  readonly #mapping: StorageMapping;
  readonly #dialect: SqlDialect;
  readonly #insert: string;
  readonly #deleteOne: string;
  readonly #deleteAll: string;
  /** Statements on the tables of entities, each written at its first use. */
  readonly #texts = new Map<string, string>();
  /** For each table, the statements that untie an entity and what goes with it; each takes the entity's key. */
  readonly #untie = new Map<string, readonly string[]>();

  constructor(model: Model, mapping: StorageMapping, dialect: SqlDialect) {
    this.#mapping = mapping;
    this.#dialect = dialect;
    this.#insert = insertLinkText(dialect);
    this.#deleteOne = deleteText(linkTable.name, [...linksOfProperty, linkTable.targetKey], dialect);
    this.#deleteAll = deleteText(linkTable.name, linksOfProperty, dialect);
    const linked = new Set<string>();
    const types = model.schemas.flatMap((schema) => schema.entityTypes).filter((type) => mapping.isStored(type));
    for (const type of types) {
      for (const property of type.ownNavigationProperties) {
        if (mapping.navigation(property).kind !== "link") continue;
        linked.add(mapping.entity(type).table);
        linked.add(mapping.entity(property.type).table);
      }
    }
    for (const type of types) {
      const entity = mapping.entity(type);
      if (!this.#untie.has(entity.table)) this.#untie.set(entity.table, this.#untieStatements(entity, types, linked));
    }
  }

  /** Ties a source to a target; a single-valued property loses the target that it had. */
  async tie(
    transaction: Transaction,
    source: EntityKey,
    property: NavigationProperty,
    target: EntityKey,
  ): Promise<void> {
    const how = this.#mapping.navigation(property);
    switch (how.kind) {
      case "sourceColumn":
        await this.#setColumn(transaction, source, how.column, target.key[0]!);
        break;
      case "targetColumn":
        if (!property.collection) await this.untieAll(transaction, source, property);
        await this.#setColumn(transaction, target, how.column, source.key[0]!);
        break;
      case "link": {
        if (!property.collection) await this.untieAll(transaction, source, property);
        const identity = [source.mapping.table, asText(source.key), property.name];
        await transaction.run(this.#insert, [...identity, target.mapping.table, asText(target.key), ...identity]);
        break;
      }
      case "extent":
        // Whatever is there is contained already.
        break;
    }
  }

  /** Unties a source from one target; `false` where they were not tied. */
  async untie(
    transaction: Transaction,
    source: EntityKey,
    property: NavigationProperty,
    target: EntityKey,
  ): Promise<boolean> {
    const how = this.#mapping.navigation(property);
    switch (how.kind) {
      case "sourceColumn":
        return (await this.#clearColumn(transaction, source, how.column, target.key[0]!)) > 0;
      case "targetColumn":
        return (await this.#clearColumn(transaction, target, how.column, source.key[0]!)) > 0;
      case "link":
        return (
          (await transaction.run(this.#deleteOne, [
            source.mapping.table,
            asText(source.key),
            property.name,
            asText(target.key),
          ])) > 0
        );
      case "extent":
        return false;
    }
  }

  /** Unties a source from everything that a navigation property leads to. */
  async untieAll(transaction: Transaction, source: EntityKey, property: NavigationProperty): Promise<number> {
    const how = this.#mapping.navigation(property);
    switch (how.kind) {
      case "sourceColumn":
        return this.#setColumn(transaction, source, how.column, null);
      case "targetColumn": {
        const { table } = this.#mapping.entity(property.type);
        return transaction.run(this.#clear(table, how.column, [how.column]), [source.key[0]!]);
      }
      case "link":
        return transaction.run(this.#deleteAll, [source.mapping.table, asText(source.key), property.name]);
      case "extent":
        return 0;
    }
  }

  /**
   * Deletes an entity with everything that belongs to it, and unties what pointed to any of them. Rows that hold its
   * key go with it by the foreign keys of the database; links have none, so they are looked for here.
   */
  async remove(transaction: Transaction, entity: EntityMapping, key: readonly SqlValue[]): Promise<boolean> {
    for (const sql of this.#untie.get(entity.table) ?? []) await transaction.run(sql, key);
    return (await transaction.run(this.#delete(entity), key)) > 0;
  }

  #setColumn(transaction: Transaction, row: EntityKey, column: string, value: SqlValue): Awaitable<number> {
    return transaction.run(this.#set(row.mapping, column), [value, ...row.key]);
  }

  #clearColumn(transaction: Transaction, row: EntityKey, column: string, value: SqlValue): Awaitable<number> {
    return transaction.run(this.#clear(row.mapping.table, column, [...row.mapping.key, column]), [...row.key, value]);
  }

  #set({ table, key }: EntityMapping, column: string): string {
    return this.#once(`set ${table} ${column}`, () => updateText(table, [column], key, this.#dialect));
  }

  #clear(table: string, column: string, where: readonly string[]): string {
    return this.#once(`clear ${table} ${column} ${where.join()}`, () => clearText(table, column, where, this.#dialect));
  }

  #delete({ table, key }: EntityMapping): string {
    return this.#once(`delete ${table}`, () => deleteText(table, key, this.#dialect));
  }

  #once(name: string, write: () => string): string {
    let text = this.#texts.get(name);
    if (text === undefined) this.#texts.set(name, (text = write()));
    return text;
  }

  /** Statements for the entity's own links, and for those of the rows that go with it, as deep as tables follow. */
  #untieStatements(entity: EntityMapping, types: readonly EntityType[], linked: ReadonlySet<string>): string[] {
    const statements = new Set<string>();
    const visit = (current: EntityMapping, rows: RowSet, path: readonly string[]) => {
      if (linked.has(current.table)) {
        statements.add(unlinkText(rows, "source", this.#dialect));
        statements.add(unlinkText(rows, "target", this.#dialect));
      }
      for (const type of types.filter((candidate) => this.#mapping.entity(candidate) === current)) {
        for (const property of type.ownNavigationProperties) {
          const how = this.#mapping.navigation(property);
          const target = this.#mapping.entity(property.type);
          if (how.kind !== "targetColumn" || path.includes(target.table)) continue;
          const owned: RowSet = {
            table: target.table,
            key: target.key[0]!,
            within: { column: how.column, owners: rows },
          };
          visit(target, owned, [...path, target.table]);
        }
      }
    };
    // Links need a single key column, so a table with a composite key has none.
    if (entity.key.length === 1) visit(entity, { table: entity.table, key: entity.key[0]! }, [entity.table]);
    return [...statements];
  }
}

/** Links hold keys as text, whatever their type. */
function asText(key: readonly SqlValue[]): string {
  return String(key[0]);
}
