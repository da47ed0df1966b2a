import type { Sql } from "./dialect.js";
import type { ColumnKind, EntityMapping } from "./mapping.js";
import type { SqlValue } from "./plan.js";
import { slot } from "./plan.js";
import type { StatementContext } from "./scope.js";

/**
 * The keys of the entities that an operation has given back, for {@link SlotValues.results}: what a path that begins with
 * the operation is read from. A statement of such a path reads these entities from the table of their type, in the order of
 * the keys; one that is there twice is read twice, and one that no row has is left out.
 *
 * @param keys the values of each entity's key columns, in the order of the key's properties, as parameters of a statement
 * @returns one parameter for any number of entities: JSON text
 * @example
 * const statement = compileRead(path, options, context); // path: GetTopProducts(count=2)
 * parameterValues(statement, { keys: new Map(), results: resultKeys([[7], [3]]), limit: 10 });
 */
export function resultKeys(keys: readonly (readonly SqlValue[])[]): string {
  return `[${keys.map((values) => (values.length === 1 ? text(values[0]!) : compound(values))).join(",")}]`;
}

function compound(values: readonly SqlValue[]): string {
  return `{${values.map((value, part) => `"${memberName(part)}":${text(value)}`).join(",")}}`;
}

function text(value: SqlValue): string {
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

function memberName(part: number): string {
  return `k${part}`;
}

/** What {@link resultKeys} has written, as rows. */
export interface ResultItems {
  readonly from: Sql;
  /** Counts up. */
  readonly position: Sql;
  /** The values of the key's columns. */
  readonly keys: readonly Sql[];
}

export function resultItems(mapping: EntityMapping, { dialect, alias }: StatementContext): ResultItems {
  const kinds = new Map([...mapping.columns.values()].map(({ column, kind }) => [column, written(kind)]));
  const items = dialect.items(slot({ slot: "results" }), alias("k"));
  const keys =
    mapping.key.length === 1
      ? [items.value(kinds.get(mapping.key[0]!)!)]
      : mapping.key.map((column, part) =>
          dialect.memberValue(items.value("json"), [memberName(part)], kinds.get(column)!),
        );
  return { from: items.from, position: items.position, keys };
}

/** The form in which a parameter of a kind comes: what is a text in a column is one in the list, too. */
function written(kind: ColumnKind): ColumnKind {
  return kind === "decimal" || kind === "instant" || kind === "json" ? "text" : kind;
}
