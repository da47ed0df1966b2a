import type { EntitySegment } from "../binding/index.js";
import { ownSegment } from "../binding/index.js";
import type { EntityType, NavigationProperty } from "../edm/index.js";
import { badRequest } from "../errors/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import type { EntityMapping, SqlStatement, SqlValue } from "../query/index.js";
import { compileRow, parameterValues } from "../query/index.js";
import type { Awaitable, EntityValues, ForeignKeys, Transaction } from "../storage/index.js";
import { StillReferred, toJson, toSql } from "../storage/index.js";
import { hasControlCharacter } from "../syntax/index.js";
import type { ServiceContext } from "./context.js";
import type { Located } from "./locate.js";
import { locate } from "./locate.js";
import { checkDependents, withoutBoundDependents } from "./referential.js";
import { SlotInput } from "./route.js";
import { rowRoute, rowSegments } from "./row-routes.js";
import { changedValues, newValues, replacedValues, storedValues, valueColumns } from "./values.js";

/** How an update treats what the payload does not name: `merge` keeps it (`PATCH`), `replace` resets it (`PUT`). */
export type UpdateMode = "merge" | "replace";

/** Reads and writes single stored entities within a transaction, whatever leads to them. */
export class EntityRows {
  readonly #context: ServiceContext;
  readonly #transaction: Transaction;
  /** One instant for everything that a request writes. */
  readonly #now = new Date();

  constructor(context: ServiceContext, transaction: Transaction) {
    this.#context = context;
    this.#transaction = transaction;
  }

  /**
   * Inserts the row of a new entity.
   *
   * @param foreignKeys columns with the keys of other entities; where such a column is a property's, too, its value gives way
   * @throws {ODataError} 400 where the key is incomplete, or the row would refer to one that is not there
   */
  async insert(payload: EntityPayload, foreignKeys: ForeignKeys): Promise<Located> {
    const { type } = payload;
    const mapping = this.#context.mapping.entity(type);
    const { values, others } = withForeignKeys(newValues(payload, this.#now), mapping, foreignKeys);
    requireKey(payload, values, mapping, foreignKeys);
    await checkDependents(payload, this.#context, this.#transaction);
    // With a synchronous driver there is nothing to wait for.
    const writing = this.#write(() => this.#context.rows.insert(this.#transaction, mapping, type, values, others));
    if (writing !== undefined) await writing;
    const key = type.key.map((property) =>
      toSql(values.properties.get(property.name)!, mapping.columns.get(property.name)!.kind),
    );
    return { type, mapping, key, values: [] };
  }

  /**
   * @param stored the values that the entity has
   * @param notUpdatable names of properties that its place does not let clients change
   */
  async update(
    { type, mapping, key }: Located,
    stored: EntityValues,
    payload: EntityPayload,
    mode: UpdateMode,
    notUpdatable?: ReadonlySet<string>,
  ): Promise<void> {
    const own = withoutBoundDependents(payload, this.#context);
    await checkDependents(own, this.#context, this.#transaction);
    const values =
      mode === "merge" ? changedValues(stored, own, this.#now) : replacedValues(stored, own, this.#now, notUpdatable);
    const writing = this.#write(() => this.#context.rows.update(this.#transaction, mapping, type, key, values));
    if (writing !== undefined) await writing;
  }

  /** A change of a relationship is a change of the entity that has it: its generated properties tell. */
  async touch({ type, key }: Pick<Located, "type" | "key">): Promise<void> {
    const tells = [type, ...type.derivedTypes].some(({ properties }) =>
      [...properties.values()].some(({ generated }) => generated === "modifiedAt" || generated === "revision"),
    );
    const full = tells ? await this.find(type, key) : undefined;
    if (full === undefined) return;
    const nothing = { type: full.type, properties: new Map(), dynamicProperties: new Map(), bindings: new Map() };
    await this.update(full, storedValues(full.type, full.mapping, full.values), nothing, "merge");
  }

  /** The entity with a key, with the values of {@link valueColumns}. */
  find(type: EntityType, key: readonly SqlValue[]): Promise<Located | undefined> {
    const columns = valueColumns(this.#context.mapping.entity(type));
    const route = rowRoute(type, this.#context);
    return locate(rowSegments(type, key), this.#context, this.#transaction, { columns, route });
  }

  /** The entities that a navigation property leads to, without values. */
  async related(source: Located, property: NavigationProperty): Promise<Located[]> {
    const segments = [...rowSegments(source.type, source.key), ownSegment(property)];
    const statement = `related ${property.declaringType.qualifiedName}/${property.name}`;
    return locateAll(segments, property.type, this.#context, this.#transaction, (compile) =>
      rowRoute(source.type, this.#context).statement(statement, compile),
    );
  }

  /** A foreign key of the database may find nothing at its other end: the client has named what is not there. */
  #write(work: () => Awaitable<number>): Promise<unknown> | undefined {
    try {
      const done = work();
      return done instanceof Promise ? done.catch(explain) : undefined;
    } catch (error) {
      return explain(error);
    }
  }
}

function explain(error: unknown): never {
  if (!(error instanceof StillReferred)) throw error;
  throw badRequest("A value refers to an entity that is not there.", { cause: error });
}

/**
 * All entities that a path leads to, without values.
 *
 * @param compiled gives the statement, for paths whose statement is kept
 */
export async function locateAll(
  segments: readonly EntitySegment[],
  declared: EntityType,
  context: ServiceContext,
  reads: Pick<Transaction, "rows">,
  compiled = (compile: () => SqlStatement): SqlStatement => compile(),
): Promise<Located[]> {
  const mapping = context.mapping.entity(declared);
  const { discriminator } = mapping;
  const columns = [...mapping.key, ...(discriminator === undefined ? [] : [discriminator.column])];
  const statement = compiled(() => compileRow({ segments }, context.sql, columns));
  const parameters = parameterValues(statement, SlotInput.of(segments));
  const rows = await reads.rows(statement.text, parameters, statement.functions);
  return rows.map((row): Located => {
    const type = discriminator === undefined ? declared : discriminator.typeOf.get(row[mapping.key.length] as string)!;
    const key = declared.key.map((property, index) => {
      const value = row[index] as SqlValue;
      // Integers come as texts: see compileRow.
      return mapping.columns.get(property.name)!.kind === "integer" ? toSql(value as string, "integer") : value;
    });
    return { type, mapping, key, values: [] };
  });
}

/** Puts foreign keys that are properties, too, into their values. */
function withForeignKeys(
  values: EntityValues,
  mapping: EntityMapping,
  foreignKeys: ForeignKeys,
): { readonly values: EntityValues; readonly others: ForeignKeys } {
  if (foreignKeys.size === 0) return { values, others: foreignKeys };
  const shared = [...mapping.columns.values()].filter(
    ({ column, property }) => foreignKeys.has(column) && values.properties.has(property),
  );
  if (shared.length === 0) return { values, others: foreignKeys };
  const properties = new Map(values.properties);
  const others = new Map(foreignKeys);
  for (const { column, property, kind } of shared) {
    properties.set(property, toJson(foreignKeys.get(column), kind));
    others.delete(column);
  }
  return { values: { ...values, properties }, others };
}

/** A key that the service does not make must come from the client, and must be one that a URL can hold. */
function requireKey(
  payload: EntityPayload,
  values: EntityValues,
  mapping: EntityMapping,
  foreignKeys: ForeignKeys,
): void {
  for (const property of payload.type.key) {
    const { name } = property;
    if (property.generated !== undefined) continue;
    const target = within(payload, name);
    const given = payload.properties.has(property) || foreignKeys.has(mapping.columns.get(name)!.column);
    if (!given) {
      throw badRequest(`The key property '${name}' of '${payload.type.qualifiedName}' has no value.`, { target });
    }
    const text = values.properties.get(name)!;
    if (text.startsWith('"') && hasControlCharacter(JSON.parse(text) as string)) {
      throw badRequest(`The key '${name}' has a control character, which no URL can hold.`, { target });
    }
  }
}

/** JSON path of a member of a payload. */
export function within({ path }: EntityPayload, name: string): string {
  return path === undefined || path === "" ? name : `${path}.${name}`;
}
