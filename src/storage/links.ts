import type { Model, NavigationProperty } from "../edm/index.js";
import type { EntityMapping, SqlDialect, SqlValue, StorageMapping } from "../query/index.js";
import { clearText, deleteText, insertLinkText, linkTable, updateText } from "../query/index.js";
import type { Awaitable, Transaction } from "./connection.js";
import type { EntityKey } from "./entity-key.js";
import { keyText } from "./entity-key.js";
import { partnerOf } from "./partner.js";
import type { Loosened } from "./remover.js";
import { Remover } from "./remover.js";

export type { EntityKey } from "./entity-key.js";

const { sourceTable, sourceKey, property: propertyColumn, targetTable, targetKey } = linkTable;
const ofSource = [sourceTable, sourceKey, propertyColumn];
const ofTarget = [targetTable, targetKey, propertyColumn];

/**
 * Writes the ties of navigation properties: rows of the link table, or foreign keys. A relationship that has a navigation
 * property at each end (partners) shows at both, so its links stand in the table twice.
 */
export class LinkWriter {
  readonly #mapping: StorageMapping;
  readonly #dialect: SqlDialect;
  readonly #insert: string;
  readonly #deleteOne: string;
  readonly #deleteFrom: string;
  readonly #deleteTo: string;
  /** Statements on the tables of entities, each written at its first use. */
  readonly #texts = new Map<string, string>();
  readonly #remover: Remover;

  constructor(model: Model, mapping: StorageMapping, dialect: SqlDialect) {
    this.#mapping = mapping;
    this.#dialect = dialect;
    this.#insert = insertLinkText(dialect);
    this.#deleteOne = deleteText(linkTable.name, [...ofSource, targetKey], dialect);
    this.#deleteFrom = deleteText(linkTable.name, ofSource, dialect);
    this.#deleteTo = deleteText(linkTable.name, ofTarget, dialect);
    this.#remover = new Remover(model, mapping, dialect);
  }

  /** Ties a source to a target; a single-valued property, at either end, loses the target that it had. */
  async tie(
    transaction: Transaction,
    source: EntityKey,
    property: NavigationProperty,
    target: EntityKey,
  ): Promise<void> {
    const how = this.#mapping.navigation(property);
    const partner = partnerOf(property);
    switch (how.kind) {
      case "sourceColumn":
        if (partner?.collection === false) await this.untieAll(transaction, target, partner);
        await this.#setColumn(transaction, source, how.column, target.key[0]!);
        break;
      case "targetColumn":
        if (!property.collection) await this.untieAll(transaction, source, property);
        await this.#setColumn(transaction, target, how.column, source.key[0]!);
        break;
      case "link":
        if (!property.collection) await this.untieAll(transaction, source, property);
        if (partner?.collection === false) await this.untieAll(transaction, target, partner);
        await this.#link(transaction, source, property, target);
        if (partner !== undefined) await this.#link(transaction, target, partner, source);
        break;
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
      case "link": {
        const partner = partnerOf(property);
        if (partner !== undefined) await this.#unlink(transaction, target, partner, source);
        return (await this.#unlink(transaction, source, property, target)) > 0;
      }
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
      case "link": {
        const partner = partnerOf(property);
        const own = [source.mapping.table, keyText(source)];
        if (partner !== undefined) await transaction.run(this.#deleteTo, [...own, partner.name]);
        return transaction.run(this.#deleteFrom, [...own, property.name]);
      }
      case "extent":
        return 0;
    }
  }

  /**
   * Deletes an entity with everything that goes with it (CSDL 4.01, section 8.6), and unties what pointed to any of them.
   *
   * @returns the entities that have lost a key with that, and whose values are to tell that they have changed
   * @throws {StillReferred} where others must not lose one of them
   */
  remove(transaction: Transaction, mapping: EntityMapping, key: readonly SqlValue[]): Promise<readonly Loosened[]> {
    return this.#remover.remove(transaction, { mapping, key });
  }

  #link(
    transaction: Transaction,
    source: EntityKey,
    { name }: NavigationProperty,
    target: EntityKey,
  ): Awaitable<number> {
    const identity = [source.mapping.table, keyText(source), name];
    return transaction.run(this.#insert, [...identity, target.mapping.table, keyText(target), ...identity]);
  }

  #unlink(
    transaction: Transaction,
    source: EntityKey,
    { name }: NavigationProperty,
    target: EntityKey,
  ): Awaitable<number> {
    return transaction.run(this.#deleteOne, [source.mapping.table, keyText(source), name, keyText(target)]);
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

  #once(name: string, write: () => string): string {
    let text = this.#texts.get(name);
    if (text === undefined) this.#texts.set(name, (text = write()));
    return text;
  }
}
