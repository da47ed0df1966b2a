import { bindUri } from "../../../src/binding/index.js";
import type { BoundRequest } from "../../../src/binding/index.js";
import { buildModel, readClasses } from "../../../src/edm/index.js";
import type { DecoratedClass, EntityType, Model, ModelSource, Property } from "../../../src/edm/index.js";
import {
  compileCount,
  compileCrossjoin,
  compileProperty,
  compileRead,
  compileReferences,
  parameter,
  parameterValues,
  wholeText,
} from "../../../src/query/index.js";
import type {
  PageRequest,
  ReadStatement,
  SlotValues,
  SqlContext,
  SqlStatement,
  SqlValue,
} from "../../../src/query/index.js";
import { Database, LinkWriter, RowWriter } from "../../../src/storage/index.js";
import { parseUri } from "../../../src/syntax/index.js";
import { startPostgres } from "../../support/postgres.js";

/** The databases that statements are for. */
export const databases = ["sqlite", "postgres"] as const;

/** A page's texts, read, with the order values that come with them. */
export interface ReadRows {
  readonly count: number | undefined;
  readonly rows: readonly { readonly value: any; readonly order: readonly SqlValue[] }[];
}

/** A database with the tables of a service's classes, for statements that the compiler makes of URLs. */
export class QueryStore {
  readonly model: Model;
  readonly database: Database;
  readonly context: SqlContext;
  readonly #links: LinkWriter;
  readonly #rows: RowWriter;
  readonly #close: () => Promise<void>;

  private constructor(model: Model, database: Database, close: () => Promise<void>) {
    this.model = model;
    this.database = database;
    this.context = { mapping: database.mapping, dialect: database.dialect };
    this.#links = new LinkWriter(model, database.mapping, database.dialect);
    this.#rows = new RowWriter(database.dialect);
    this.#close = close;
  }

  /**
   * @param completed adds to the model what the classes do not say
   * @returns `undefined` where there is no such database here
   */
  static async open(
    kind: (typeof databases)[number],
    definition: DecoratedClass,
    entities: readonly DecoratedClass[],
    completed: (source: ModelSource) => ModelSource = (source) => source,
  ): Promise<QueryStore | undefined> {
    const { source, classes } = readClasses(definition);
    const model = buildModel(completed(source));
    const server = kind === "postgres" ? await startPostgres() : undefined;
    if (kind === "postgres" && server === undefined) return undefined;
    const database = await Database.open({
      url: server?.url ?? "sqlite::memory:",
      entities,
      model: { model, classes },
    });
    return new QueryStore(model, database, async () => {
      await database.close();
      await server?.stop();
    });
  }

  close(): Promise<void> {
    return this.#close();
  }

  type(name: string): EntityType {
    const type = [...this.model.types.values()].find((one) => one.kind === "entity" && one.name === name);
    if (type?.kind !== "entity") throw new Error(`There is no entity type '${name}'.`);
    return type;
  }

  /** Stores entities of a type; members that are no properties are dynamic, `name@fk` is a foreign key. */
  async insert(typeName: string, ...entities: readonly Record<string, unknown>[]): Promise<void> {
    const type = this.type(typeName);
    const mapping = this.context.mapping.entity(type);
    await this.database.transaction(async (transaction) => {
      for (const entity of entities) {
        const properties = new Map(
          [...type.properties.values()].map((property) => [
            property.name,
            jsonText(property, entity[property.name] ?? (property.collection ? [] : null)),
          ]),
        );
        const others = Object.entries(entity).filter(([name]) => !type.properties.has(name));
        const dynamic = new Map(
          others.filter(([name]) => !name.endsWith("@fk")).map(([name, value]) => [name, JSON.stringify(value)]),
        );
        const foreign = new Map(
          others
            .filter(([name]) => name.endsWith("@fk"))
            .map(([name, value]) => [name.slice(0, -3), value as SqlValue]),
        );
        await this.#rows.insert(transaction, mapping, type, { properties, dynamic }, foreign);
      }
    });
  }

  /** Ties entities by their keys. */
  async link(typeName: string, key: SqlValue, property: string, ...targets: readonly SqlValue[]): Promise<void> {
    const type = this.type(typeName);
    const navigation = type.navigationProperties.get(property)!;
    const { mapping } = this.context;
    await this.database.transaction(async (transaction) => {
      for (const target of targets) {
        await this.#links.tie(transaction, { mapping: mapping.entity(type), key: [key] }, navigation, {
          mapping: mapping.entity(navigation.type),
          key: [target],
        });
      }
    });
  }

  /** @param url path and query options, not percent-encoded */
  bind(url: string): BoundRequest {
    return bindUri(parseUri(url.replace(/[% +#"]/g, encodeURIComponent)), this.model, { derivedNavigation: true });
  }

  resource(url: string) {
    const bound = this.bind(url);
    if (bound.kind !== "resource") throw new Error("A resource was expected.");
    return bound;
  }

  /** What a URL's slots take. */
  values(url: string, more: Partial<SlotValues> = {}): SlotValues {
    const bound = this.bind(url);
    const keys = new Map<number, SqlValue[]>();
    if (bound.kind === "resource") {
      bound.path.segments.forEach((segment, index) => {
        if (segment.kind !== "key") return;
        keys.set(
          index,
          segment.values.map((value, part) => parameter(value, segment.properties[part]!.type)),
        );
      });
    }
    const { top, skip } = bound.kind === "resource" || bound.kind === "crossjoin" ? bound.options : {};
    return { keys, limit: top, offset: skip, now: "2024-06-01T12:00:00", ...more };
  }

  async run(statement: SqlStatement, values: SlotValues): Promise<unknown[][]> {
    return this.database.reader.rows(statement.text, parameterValues(statement, values), statement.functions);
  }

  /** A page of a collection. */
  async page(url: string, page?: PageRequest, more?: Partial<SlotValues>): Promise<ReadRows> {
    const bound = this.bind(url);
    if (bound.kind === "resource")
      return this.#read(compileRead(bound.path, bound.options, this.context, page), this.values(url, more));
    if (bound.kind !== "crossjoin") throw new Error("A collection was expected.");
    return this.#read(compileCrossjoin(bound.sets, bound.options, this.context, page), this.values(url, more));
  }

  async #read(statement: ReadStatement, values: SlotValues): Promise<ReadRows> {
    const { count, text, document, order } = statement.columns;
    const rows = await this.run(statement, values);
    return {
      count: count === undefined ? undefined : Number(rows[0]![count]),
      rows: rows
        .filter((row) => row[text] !== null)
        .map((row) => ({
          value: JSON.parse(
            wholeText(row[text] as string, document === undefined ? undefined : (row[document] as string | null)),
          ),
          order: order === undefined ? [] : (row.slice(order) as SqlValue[]),
        })),
    };
  }

  /** The texts of a collection, as they are. */
  async texts(url: string): Promise<string[]> {
    const { path, options } = this.resource(url);
    const statement = compileRead(path, options, this.context);
    const { text, document } = statement.columns;
    const rows = await this.run(statement, this.values(url));
    return rows.map((row) =>
      wholeText(row[text] as string, document === undefined ? undefined : (row[document] as string | null)),
    );
  }

  /** What a `GET` of a URL answers, but for what is no part of the data. */
  async get(url: string): Promise<any> {
    const bound = this.bind(url);
    if (bound.kind === "resource") {
      const { path, options } = bound;
      switch (path.tail.kind) {
        case "count": {
          const [row] = await this.run(compileCount(path, options, this.context), this.values(url));
          return Number(row![0]);
        }
        case "ref": {
          const statement = compileReferences(path, options, this.context);
          return (await this.run(statement, this.values(url))).map((row) => row.slice(statement.columns.text));
        }
        case "property": {
          const statement = compileProperty(path, options, this.context);
          const [row] = await this.run(statement, this.values(url));
          if (row === undefined) return undefined;
          const text = row.at(-1) as string | number | null;
          const value = text === null ? undefined : JSON.parse(String(text));
          return statement.counted ? { count: Number(row[0]), value } : value;
        }
        default:
          break;
      }
    }
    const { count, rows } = await this.page(url);
    const values = rows.map(({ value }) => value);
    if (bound.kind === "resource" && !bound.path.collection) return values[0];
    return count === undefined ? values : { count, value: values };
  }

  /** The lines of the database's plan. */
  async plan(statement: SqlStatement, values: SlotValues): Promise<string> {
    const explain = this.context.dialect.name === "sqlite" ? "explain query plan" : "explain";
    const rows = await this.database.reader.rows(
      `${explain} ${statement.text}`,
      parameterValues(statement, values),
      statement.functions,
    );
    return rows.map((row) => String(row.at(-1))).join("\n");
  }
}

/** Decimals and 64-bit integers are given as texts, and are no texts in JSON. */
function jsonText({ type, collection }: Property, value: unknown): string {
  const name = type.kind === "typeDefinition" ? type.underlyingType.qualifiedName : type.qualifiedName;
  if (value !== null && !collection && (name === "Edm.Decimal" || name === "Edm.Int64")) return String(value);
  return JSON.stringify(value);
}
