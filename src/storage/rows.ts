import type { EntityType, Property } from "../edm/index.js";
import { isStream } from "../edm/index.js";
import type { ColumnKind, ColumnMapping, EntityMapping, SqlDialect, SqlValue } from "../query/index.js";
import { insertText, selectRowText, updateText } from "../query/index.js";
import type { Awaitable, Transaction } from "./connection.js";
import { UnsupportedValue } from "./errors.js";

/** The values of an entity's declared properties as canonical JSON texts, by name; dynamic ones stand behind them. */
export interface EntityValues {
  readonly properties: ReadonlyMap<string, string>;
  readonly dynamic: ReadonlyMap<string, string>;
}

/** Foreign keys of a row that are no properties, by column. */
export type ForeignKeys = ReadonlyMap<string, SqlValue>;

/** An escape for U+0000 or a surrogate that stands alone: pairs are written as they are. */
const UNREADABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/** The layout of the rows of one type. */
interface RowLayout {
  readonly columns: readonly { readonly mapping: ColumnMapping; readonly property: Property }[];
  /** Declared properties that live in the document, in declaration order. */
  readonly documentProperties: readonly string[];
}

/** Writes entities as rows: values into their columns, everything else into the document. */
export class RowWriter {
  readonly #dialect: SqlDialect;
  readonly #layouts = new WeakMap<EntityType, RowLayout>();
  readonly #texts = new WeakMap<EntityType, Map<string, string>>();

  constructor(dialect: SqlDialect) {
    this.#dialect = dialect;
  }

  insert(
    transaction: Transaction,
    mapping: EntityMapping,
    type: EntityType,
    values: EntityValues,
    foreignKeys: ForeignKeys,
  ): Awaitable<number> {
    const assignments = this.#assignments(mapping, type, values);
    if (mapping.discriminator !== undefined) {
      assignments.push([mapping.discriminator.column, mapping.discriminator.valueOf.get(type)!]);
    }
    assignments.push(...foreignKeys);
    const columns = assignments.map(([column]) => column);
    const sql = this.#text(type, `insert ${[...foreignKeys.keys()].join()}`, () =>
      insertText(mapping.table, columns, this.#dialect),
    );
    return transaction.run(
      sql,
      assignments.map(([, value]) => value),
    );
  }

  update(
    transaction: Transaction,
    mapping: EntityMapping,
    type: EntityType,
    key: readonly SqlValue[],
    values: EntityValues,
  ): Awaitable<number> {
    const assignments = this.#assignments(mapping, type, values).filter(([column]) => !mapping.key.includes(column));
    // A table may hold nothing but keys.
    if (assignments.length === 0) return 0;
    const columns = assignments.map(([column]) => column);
    const sql = this.#text(type, "update", () => updateText(mapping.table, columns, mapping.key, this.#dialect));
    return transaction.run(sql, [...assignments.map(([, value]) => value), ...key]);
  }

  /** Columns of the row with a key; integers as texts. */
  async select(
    transaction: Pick<Transaction, "rows">,
    mapping: EntityMapping,
    columns: readonly string[],
    key: readonly SqlValue[],
  ): Promise<unknown[] | undefined> {
    const [row] = await transaction.rows(selectRowText(mapping, columns, this.#dialect), key);
    return row;
  }

  /** A type's statements are written once. */
  #text(type: EntityType, kind: string, write: () => string): string {
    let texts = this.#texts.get(type);
    if (texts === undefined) this.#texts.set(type, (texts = new Map<string, string>()));
    let text = texts.get(kind);
    if (text === undefined) texts.set(kind, (text = write()));
    return text;
  }

  #assignments(mapping: EntityMapping, type: EntityType, values: EntityValues): [string, SqlValue][] {
    const layout = this.#layout(mapping, type);
    const assignments = layout.columns.map(({ mapping: column }): [string, SqlValue] => {
      const json = values.properties.get(column.property)!;
      if (column.kind === "json") this.#checkJson(json);
      return [column.column, toSql(json, column.kind)];
    });
    if (mapping.document !== undefined) {
      const members = layout.documentProperties.map(
        (name) => `${JSON.stringify(name)}:${values.properties.get(name)!}`,
      );
      for (const [name, text] of values.dynamic) members.push(`${JSON.stringify(name)}:${text}`);
      const document = `{${members.join(",")}}`;
      this.#checkJson(document);
      assignments.push([mapping.document, document]);
    }
    return assignments;
  }

  /** PostgreSQL would keep such a text, and then read nothing of it any more. */
  #checkJson(json: string): void {
    if (this.#dialect.name === "postgres" && UNREADABLE.test(json))
      throw new UnsupportedValue("PostgreSQL has no texts with U+0000 or half a surrogate pair.");
  }

  #layout(mapping: EntityMapping, type: EntityType): RowLayout {
    let layout = this.#layouts.get(type);
    if (layout === undefined) {
      const properties = [...type.properties.values()].filter((property) => !isStream(property));
      layout = {
        columns: properties.flatMap((property) => {
          const column = mapping.columns.get(property.name);
          // A property may show the discriminator; the type of the entity says its value.
          if (column === undefined || column.column === mapping.discriminator?.column) return [];
          return [{ mapping: column, property }];
        }),
        documentProperties: properties
          .filter((property) => !mapping.columns.has(property.name))
          .map((property) => property.name),
      };
      this.#layouts.set(type, layout);
    }
    return layout;
  }
}

/** A canonical JSON text as a column holds it. */
export function toSql(json: string, kind: ColumnKind): SqlValue {
  if (json === "null") return null;
  switch (kind) {
    case "json":
      return json;
    case "boolean":
      return json === "true" ? 1 : 0;
    case "integer": {
      const number = Number(json);
      // SQLite's column affinity makes an integer of the text; a JavaScript number would lose digits.
      return Number.isSafeInteger(number) ? number : json;
    }
    case "number":
      return numberValue(json.replace(/"/g, ""));
    case "decimal":
      return json;
    case "instant":
      return (JSON.parse(json) as string).replace(/Z$/, "");
    case "text":
      return JSON.parse(json) as string;
  }
}

/** A column's value as canonical JSON text: the other way. */
export function toJson(value: unknown, kind: ColumnKind): string {
  if (value === null || value === undefined) return "null";
  switch (kind) {
    case "json":
    case "decimal":
      return String(value);
    case "boolean":
      return value === 1 || value === true ? "true" : "false";
    case "integer":
      return String(value);
    case "number":
      return typeof value === "number" && Number.isFinite(value) ? String(value) : nonFinite(value);
    case "instant":
      return JSON.stringify(`${String(value)}Z`);
    case "text":
      return JSON.stringify(String(value));
  }
}

/** SQLite has infinities, but no NaN: that stands in the column as a text. */
function numberValue(text: string): SqlValue {
  switch (text) {
    case "INF":
      return Infinity;
    case "-INF":
      return -Infinity;
    case "NaN":
      return text;
    default:
      return Number(text);
  }
}

function nonFinite(value: unknown): string {
  return value === Infinity ? '"INF"' : value === -Infinity ? '"-INF"' : '"NaN"';
}
