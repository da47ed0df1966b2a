import "reflect-metadata";
import type { DataSource, QueryRunner } from "typeorm";
import { IndexMetadata } from "typeorm/metadata/IndexMetadata.js";
import type { DecoratedClass, EntityType, Model, Property } from "../edm/index.js";
import { ModelError } from "../edm/index.js";
import type { SqlDialect, StorageMapping } from "../query/index.js";
import { propertyIndexes } from "../query/index.js";
import type { Reader, Transaction } from "./connection.js";
import { indexName } from "./index-name.js";
import type { Settings } from "./settings.js";

const indexKey = "odatum:document-indexes";

/** An index that a class asks for. */
interface DeclaredIndex {
  readonly path: string;
  readonly unique: boolean;
  readonly name: string | undefined;
}

/**
 * Class decorator: an index for a property that lives in the document, or whose column is not compared as it is (of an
 * enumeration, for one; for other columns TypeORM's `@Index` will do). On a derived type it holds the entities of that type
 * only. It is made at the start where tables are made from the classes, else by {@link createDocumentIndexes}.
 *
 * PostgreSQL refuses values of more than some 2,700 bytes in an index.
 *
 * @param path of the property, through complex values: `address/city`
 * @param options `unique`: no two entities of the type have the same value; `name` of the index, which is made of the path
 *   where absent
 * @example @DocumentIndex("address/city") @DocumentIndex("serial", { unique: true }) class Device {}
 */
export function DocumentIndex(path: string, options: { readonly unique?: boolean; readonly name?: string } = {}) {
  return (target: abstract new (...args: never[]) => object): void => {
    const declared: DeclaredIndex = { path, unique: options.unique ?? false, name: options.name };
    Reflect.defineMetadata(indexKey, [declared, ...declaredIndexes(target)], target);
  };
}

function declaredIndexes(target: object): readonly DeclaredIndex[] {
  return (Reflect.getOwnMetadata(indexKey, target) as readonly DeclaredIndex[] | undefined) ?? [];
}

/** What it takes to know what an index is made of. */
export interface IndexContext {
  readonly model: Model;
  readonly classes: ReadonlyMap<string, DecoratedClass>;
  readonly mapping: StorageMapping;
  readonly dialect: SqlDialect;
}

/** What the stores that are being opened, or are open, are about. */
const contexts = new WeakMap<DataSource, IndexContext>();

/**
 * Lets the migrations that a data source runs make indexes, and keeps TypeORM from dropping those that it does not know.
 *
 * @returns all that the classes ask for
 */
export function provideIndexes(dataSource: DataSource, context: IndexContext): IndexStatement[] {
  contexts.set(dataSource, context);
  return [...context.classes.values()].flatMap((entityClass) => {
    const statements = indexStatements(entityClass, context);
    if (statements.length === 0) return [];
    const own = dataSource.getMetadata(entityClass);
    // Tables are those of the roots.
    const entityMetadata = own.parentEntityMetadata ?? own;
    for (const { name } of statements) {
      const metadata = new IndexMetadata({
        entityMetadata,
        columns: [],
        args: { target: entityMetadata.target, name, synchronize: false },
      });
      metadata.name = name;
      entityMetadata.indices.push(metadata);
    }
    return statements;
  });
}

/** An index as it is made. */
export interface IndexStatement {
  readonly name: string;
  readonly sql: string;
}

/**
 * The statements that make the indexes that a class asks for.
 *
 * @throws {ModelError} where a path leads to no property that can be indexed
 */
export function indexStatements(entityClass: DecoratedClass, context: IndexContext): IndexStatement[] {
  const { model, classes, mapping, dialect } = context;
  const declared = declaredIndexes(entityClass);
  if (declared.length === 0) return [];
  const name = [...classes].find(([, known]) => known === entityClass)?.[0];
  const type = name === undefined ? undefined : model.types.get(name);
  if (type?.kind !== "entity" || !mapping.isStored(type))
    throw new ModelError(`'${entityClass.name}' asks for an index, but is no entity type with a table.`);
  const { table } = mapping.entity(type);
  return declared.flatMap(({ path, unique, name: given }) => {
    const indexes = propertyIndexes(type, propertiesOf(type, path), unique, mapping, dialect);
    const base = given ?? indexName("odata_index_", `${table}_${path.replaceAll("/", "_")}_${type.name}`);
    return indexes.map(({ columns, where }, number) => {
      const own = number === 0 ? base : `${base}_order`;
      const kind = unique && number === 0 ? "unique index" : "index";
      const rows = where === undefined ? "" : ` where ${where}`;
      return { name: own, sql: `create ${kind} ${quoted(own)} on ${quoted(table)} (${columns})${rows}` };
    });
  });
}

function propertiesOf(type: EntityType, path: string): Property[] {
  const refuse = (text: string): ModelError =>
    new ModelError(`The index '${path}' of '${type.qualifiedName}': ${text}`);
  const found: Property[] = [];
  let properties: ReadonlyMap<string, Property> | undefined = type.properties;
  for (const name of path.split("/")) {
    const property: Property | undefined = properties?.get(name);
    if (property === undefined) throw refuse(`there is no property '${name}'.`);
    if (property.collection) throw refuse(`'${name}' is a collection, which no index can hold.`);
    found.push(property);
    properties = property.type.kind === "complex" ? property.type.properties : undefined;
  }
  if (properties !== undefined) throw refuse("it leads to a complex value; go on to one of its properties.");
  return found;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * For migrations: makes the indexes that {@link DocumentIndex} asks for on a class, those that are not there already.
 *
 * @throws {ModelError} where the migration is not run by opening a store for a service, which knows the model
 * @example
 * async up(runner: QueryRunner) { await createDocumentIndexes(runner, Device); }
 * async down(runner: QueryRunner) { await dropDocumentIndexes(runner, Device); }
 */
export async function createDocumentIndexes(runner: QueryRunner, entityClass: DecoratedClass): Promise<void> {
  for (const { name, sql } of statementsFor(runner, entityClass)) {
    if (!(await isThere(runner, name))) await runner.query(sql);
  }
}

/** For migrations: the other way. */
export async function dropDocumentIndexes(runner: QueryRunner, entityClass: DecoratedClass): Promise<void> {
  for (const { name } of statementsFor(runner, entityClass)) await runner.query(`drop index if exists ${quoted(name)}`);
}

function statementsFor(runner: QueryRunner, entityClass: DecoratedClass): IndexStatement[] {
  const context = contexts.get(runner.connection);
  if (context === undefined)
    throw new ModelError("Indexes of documents can be made only by migrations that a service runs at its start.");
  return indexStatements(entityClass, context);
}

async function isThere(runner: QueryRunner, name: string): Promise<boolean> {
  const postgres = runner.connection.options.type === "postgres";
  return ((await runner.query(postgres ? FIND_ON_POSTGRES : FIND_ON_SQLITE, [name])) as unknown[]).length > 0;
}

const FIND_ON_SQLITE = "select 1 from sqlite_master where type = 'index' and name = ?";
const FIND_ON_POSTGRES =
  "select 1 from pg_catalog.pg_class where relname = $1 and relnamespace = current_schema()::regnamespace";

/** The setting that says which indexes there are, and what they are made of. */
const SETTING = "indexes";

/** The indexes that were made of classes, not by migrations. */
export async function knownIndexes(reader: Reader, settings: Settings): Promise<Map<string, string>> {
  return new Map(JSON.parse((await settings.read(reader, SETTING)) ?? "[]") as [string, string][]);
}

/** Makes the indexes that are missing, and those anew of which something else is wanted; drops those that nobody wants. */
export async function prepareIndexes(
  transaction: Transaction,
  settings: Settings,
  wanted: readonly IndexStatement[],
  dialect: SqlDialect,
): Promise<void> {
  const known = await knownIndexes(transaction, settings);
  const drop = (name: string) => transaction.run(`drop index if exists ${quoted(name)}`, []);
  const find = dialect.name === "postgres" ? FIND_ON_POSTGRES : FIND_ON_SQLITE;
  for (const { name, sql } of wanted) {
    if (known.get(name) === sql && (await transaction.rows(find, [name])).length > 0) continue;
    await drop(name);
    await transaction.run(sql, []);
  }
  const names = new Set(wanted.map(({ name }) => name));
  for (const name of known.keys()) if (!names.has(name)) await drop(name);
  await settings.write(transaction, SETTING, JSON.stringify(wanted.map(({ name, sql }) => [name, sql])));
}
