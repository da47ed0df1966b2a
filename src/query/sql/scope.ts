import type { BoundVariable, RowShape } from "../../binding/index.js";
import type { EdmType, EntityType } from "../../edm/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { EntityMapping, StorageMapping } from "./mapping.js";

/** How the value of a variable is at hand in a statement. */
export type SqlBinding = SqlValueBinding & {
  /** It is an item of a collection that is gone through for each row of what is around it. */
  readonly nested?: boolean | undefined;
};

type SqlValueBinding =
  /** The row of an entity, with the members that `$compute` and `$apply` added to it. */
  | {
      readonly kind: "row";
      readonly alias: string;
      readonly type: EntityType;
      readonly mapping: EntityMapping;
      readonly computed?: ReadonlyMap<string, Sql> | undefined;
    }
  /** An item of a JSON collection: the JSON text of a structured value, or a primitive value in the form in which it is compared. */
  | { readonly kind: "json"; readonly value: Sql; readonly type: EdmType | undefined }
  /** A row that `$apply` made; `column` gives a member's value in the form in which it is compared. */
  | {
      readonly kind: "shape";
      readonly alias: string;
      readonly shape: RowShape;
      column(path: readonly string[]): Sql;
    };

/** What the variables of an expression stand for where it is compiled. */
export type SqlScope = ReadonlyMap<BoundVariable, SqlBinding>;

/** One statement under construction. */
export interface StatementContext {
  readonly mapping: StorageMapping;
  readonly dialect: SqlDialect;
  /** A table alias that nothing else in the statement has; `hint` is how it begins. */
  readonly alias: (hint: string) => string;
}

/** The items of a collection as rows: `from` and `where` of a subquery that is correlated with the row around it. */
export interface CollectionRows {
  readonly from: Sql;
  readonly where: readonly Sql[];
  /** How one item is at hand. */
  readonly binding: SqlBinding;
  /** What gives the items their order: their place in a JSON array, or the keys of entities. */
  readonly order: readonly Sql[];
}

/** A statement's context that numbers its aliases. */
export function statementContext(mapping: StorageMapping, dialect: SqlDialect): StatementContext {
  let count = 0;
  return { mapping, dialect, alias: (hint) => `${hint}${count++}` };
}
