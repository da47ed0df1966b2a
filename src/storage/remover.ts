import type { EntityType, Model } from "../edm/index.js";
import type { EntityMapping, SqlDialect, SqlValue, StorageMapping } from "../query/index.js";
import {
  deleteText,
  integerColumns,
  selectLinkSourcesText,
  selectLinkTargetsText,
  selectRowsText,
  unlinkText,
  updateText,
} from "../query/index.js";
import type { Transaction } from "./connection.js";
import type { DeleteRule } from "./delete-rules.js";
import { deleteRules, tellingType } from "./delete-rules.js";
import type { EntityKey } from "./entity-key.js";
import { keyText } from "./entity-key.js";
import { StillReferred } from "./errors.js";
import { toSql } from "./rows.js";

/** How many rows one statement is about: the greatest of these that there are, so that there are few texts. */
const CHUNKS = [100, 10, 1] as const;

/** A row that stays, and has lost the key of one that goes, or a link to it. */
export interface Loosened {
  /** One that its actual type is, or derives from. */
  readonly type: EntityType;
  readonly key: readonly SqlValue[];
}

/** Rows that go, by their tables. */
type Found = readonly (readonly [table: string, keys: readonly EntityKey[]])[];

/** Deletes entities with all that goes with them. */
export class Remover {
  readonly #dialect: SqlDialect;
  readonly #rules: ReadonlyMap<string, readonly DeleteRule[]>;
  /** Tables some rows of which may stand at an end of a link. */
  readonly #linked = new Set<string>();
  /** Tables that links lead to from entities that tell of a change. */
  readonly #told = new Set<string>();
  /** By table, the type of these. */
  readonly #telling = new Map<string, EntityType>();
  readonly #tables = new Map<string, EntityMapping>();
  readonly #texts = new Map<string, string>();

  constructor(model: Model, mapping: StorageMapping, dialect: SqlDialect) {
    this.#dialect = dialect;
    this.#rules = deleteRules(model, mapping);
    const types = model.schemas.flatMap((schema) => schema.entityTypes).filter((type) => mapping.isStored(type));
    for (const type of types) {
      const entity = mapping.entity(type);
      this.#tables.set(entity.table, entity);
      for (const property of type.ownNavigationProperties) {
        if (mapping.navigation(property).kind !== "link") continue;
        const target = mapping.entity(property.type).table;
        this.#linked.add(entity.table);
        this.#linked.add(target);
        const telling = tellingType(types.filter((other) => mapping.entity(other).table === entity.table));
        if (telling === undefined) continue;
        this.#telling.set(entity.table, telling);
        this.#told.add(target);
      }
    }
  }

  /**
   * Deletes an entity, what goes with it by the rules of the model and the database, and the links of all of these.
   *
   * @returns the entities that have changed with that, and whose values are to tell of it
   * @throws {StillReferred} where others must not lose one of them
   */
  async remove(transaction: Transaction, entity: EntityKey): Promise<readonly Loosened[]> {
    const removal = new Removal();
    removal.add(entity);
    for (let waiting = removal.take(); waiting.length > 0; waiting = removal.take()) {
      const found = await this.#discover(transaction, waiting, removal);
      await this.#check(transaction, found, removal);
      await this.#loosen(transaction, found, removal);
      await this.#unlink(transaction, found, removal);
      // What was found last holds the keys of what was found before it.
      for (const [table, keys] of [...found].reverse()) await this.#delete(transaction, this.#tables.get(table)!, keys);
    }
    return removal.loosened;
  }

  /** Adds what goes together with some rows, as far as it holds their keys or links lead to it; the same table may come again. */
  async #discover(
    transaction: Transaction,
    first: readonly EntityKey[],
    removal: Removal,
  ): Promise<[table: string, keys: readonly EntityKey[]][]> {
    const groups = byTable(first);
    for (let index = 0; index < groups.length; index++) {
      const [table, keys] = groups[index]!;
      const next: EntityKey[] = [];
      for (const rule of this.#rules.get(table) ?? []) {
        if (rule.action !== "Cascade") continue;
        const others = (await this.#follow(transaction, keys, rule)).filter((other) => removal.isNew(other));
        // The one whose key a row holds can go only when the row is gone.
        if (rule.kind === "own") others.forEach((other) => removal.add(other));
        else next.push(...others);
      }
      groups.push(...byTable(next));
    }
    return groups;
  }

  /** Looks for what must not lose any of the rows, and does not go itself. */
  async #check(transaction: Transaction, found: Found, removal: Removal): Promise<void> {
    for (const [keys, rule] of this.#rulesFor(found)) {
      if (rule.action !== "None") continue;
      const others = await this.#follow(transaction, keys, rule);
      if (others.some((other) => !removal.has(other)))
        throw new StillReferred("Other rows refer to this one.", undefined, rule.name);
    }
  }

  /** Lets rows that stay hold something else than the keys of those that go. */
  async #loosen(transaction: Transaction, found: Found, removal: Removal): Promise<void> {
    for (const [keys, rule] of this.#rulesFor(found)) {
      if (rule.kind !== "rows" || (rule.action !== "SetNull" && rule.action !== "SetDefault")) continue;
      const { holder, column, value, telling } = rule;
      const others = (await this.#follow(transaction, keys, rule)).filter((other) => !removal.has(other));
      if (telling !== undefined) for (const other of others) removal.loosen(other, telling);
      for (const chunk of chunks(others)) {
        const text = this.#text(`loosen ${holder.table} ${column}`, chunk.length, (count) =>
          updateText(holder.table, [column], holder.key, this.#dialect, count),
        );
        await transaction.run(text, [value, ...chunk.flatMap(({ key }) => key)]);
      }
    }
  }

  /** Takes away the links at both ends of which rows stand that go; what has led to one of them has changed. */
  async #unlink(transaction: Transaction, found: Found, removal: Removal): Promise<void> {
    for (const [table, keys] of found) {
      if (!this.#linked.has(table)) continue;
      for (const chunk of chunks(keys)) {
        const values = [table, ...chunk.map(keyText)];
        if (this.#told.has(table)) {
          const text = this.#text("sources", chunk.length, (count) => selectLinkSourcesText(count, this.#dialect));
          for (const [source, key] of await transaction.rows(text, values)) {
            const mapping = this.#tables.get(source as string);
            const telling = this.#telling.get(source as string);
            if (mapping === undefined || telling === undefined) continue;
            removal.loosen({ mapping, key: [keyValue(mapping, key as string)] }, telling);
          }
        }
        for (const end of ["source", "target"] as const) {
          const text = this.#text(`unlink ${end}`, chunk.length, (count) => unlinkText(end, count, this.#dialect));
          await transaction.run(text, values);
        }
      }
    }
  }

  /** What of the rows of each table is to be done by which rule. */
  *#rulesFor(found: Found): Iterable<readonly [keys: readonly EntityKey[], rule: DeleteRule]> {
    for (const [table, keys] of found) for (const rule of this.#rules.get(table) ?? []) yield [keys, rule];
  }

  /** The entities that a rule leads to. */
  async #follow(transaction: Transaction, keys: readonly EntityKey[], rule: DeleteRule): Promise<EntityKey[]> {
    const found: EntityKey[] = [];
    for (const chunk of chunks(keys)) {
      if (rule.kind === "links") {
        const text = this.#text("targets", chunk.length, (count) => selectLinkTargetsText(count, this.#dialect));
        const rows = await transaction.rows(text, [chunk[0]!.mapping.table, rule.name, ...chunk.map(keyText)]);
        for (const [table, key] of rows) {
          const mapping = this.#tables.get(table as string);
          if (mapping !== undefined) found.push({ mapping, key: [keyValue(mapping, key as string)] });
        }
        continue;
      }
      const { mapping } = chunk[0]!;
      const [entity, columns, where] =
        rule.kind === "rows"
          ? [rule.holder, rule.holder.key, [rule.column]]
          : ([mapping, [rule.column], mapping.key] as const);
      const text = this.#text(`${entity.table} ${columns.join()} ${where.join()}`, chunk.length, (count) =>
        selectRowsText(entity, columns, where, this.#dialect, count),
      );
      const rows = await transaction.rows(
        text,
        chunk.flatMap(({ key }) => (rule.kind === "rows" ? key[0]! : key)),
      );
      const target = rule.kind === "rows" ? rule.holder : rule.target;
      const integers = integerColumns(entity);
      for (const row of rows) {
        if (row[0] === null) continue;
        const key = row.map((value, part) =>
          integers.has(columns[part]!) ? toSql(String(value), "integer") : (value as SqlValue),
        );
        found.push({ mapping: target, key });
      }
    }
    return found;
  }

  async #delete(transaction: Transaction, entity: EntityMapping, keys: readonly EntityKey[]): Promise<void> {
    const { table } = entity;
    for (const chunk of chunks(keys)) {
      const text = this.#text(`delete ${table}`, chunk.length, (count) =>
        deleteText(table, entity.key, this.#dialect, count),
      );
      await transaction.run(
        text,
        chunk.flatMap(({ key }) => key),
      );
    }
  }

  #text(name: string, count: number, write: (count: number) => string): string {
    const known = `${name} ${count}`;
    let text = this.#texts.get(known);
    if (text === undefined) this.#texts.set(known, (text = write(count)));
    return text;
  }
}

/** What is known to go, and what of it still has to be looked at. */
class Removal {
  readonly #known = new Set<string>();
  readonly #loosened = new Map<string, { readonly entity: EntityKey; readonly type: EntityType }>();
  #waiting: EntityKey[] = [];

  /** Notes an entity for the next round. */
  add(entity: EntityKey): void {
    this.#known.add(identity(entity));
    this.#waiting.push(entity);
  }

  /** True at the first time. */
  isNew(entity: EntityKey): boolean {
    const known = identity(entity);
    if (this.#known.has(known)) return false;
    this.#known.add(known);
    return true;
  }

  has(entity: EntityKey): boolean {
    return this.#known.has(identity(entity));
  }

  /** Notes a row that stays so far, and does not hold a key any more. */
  loosen(entity: EntityKey, type: EntityType): void {
    this.#loosened.set(identity(entity), { entity, type });
  }

  /** Those that have stayed to the end. */
  get loosened(): Loosened[] {
    return [...this.#loosened.values()]
      .filter(({ entity }) => !this.has(entity))
      .map(({ entity: { key }, type }) => ({ type, key }));
  }

  take(): readonly EntityKey[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}

function identity({ mapping, key }: EntityKey): string {
  return JSON.stringify([mapping.table, ...key.map(String)]);
}

function byTable(keys: readonly EntityKey[]): [table: string, keys: readonly EntityKey[]][] {
  const groups = new Map<string, EntityKey[]>();
  for (const entity of keys) {
    const group = groups.get(entity.mapping.table);
    if (group === undefined) groups.set(entity.mapping.table, [entity]);
    else group.push(entity);
  }
  return [...groups];
}

function* chunks(keys: readonly EntityKey[]): Iterable<readonly EntityKey[]> {
  for (let start = 0; start < keys.length;) {
    const size = CHUNKS.find((candidate) => candidate <= keys.length - start)!;
    yield keys.slice(start, start + size);
    start += size;
  }
}

/** A key out of the text that links hold. */
function keyValue(mapping: EntityMapping, text: string): SqlValue {
  const column = [...mapping.columns.values()].find((candidate) => candidate.column === mapping.key[0])!;
  return column.kind === "integer" || column.kind === "number" ? toSql(text, column.kind) : text;
}
