import { sql } from "kysely";
import type { BoundExpression, BoundOrder, BoundVariable, RowShape } from "../../binding/index.js";
import type { EdmType, EntityType } from "../../edm/index.js";
import type { Sql } from "./dialect.js";
import type { ExpressionCompiler } from "./expression.js";
import type { ColumnKind, EntityMapping } from "./mapping.js";
import { askedOrder } from "./order.js";
import type { OrderTerm } from "./order.js";
import type { SqlBinding } from "./scope.js";
import { keyOrder } from "./source.js";

/** The rows between two transformations of `$apply`: a common table expression, and what its columns mean. */
export interface Rows {
  /** The table's name, and the one under which its columns are at hand. */
  readonly alias: string;
  readonly where: readonly Sql[];
  /** The rows hold all columns of entities. */
  readonly entity: RowEntity | undefined;
  /** The members beside an entity's properties by their paths, `Customer/Country`. */
  readonly members: ReadonlyMap<string, RowColumn>;
  readonly order: readonly RowOrder[];
  /** For transformations that `groupby` applies to each of its groups. */
  readonly partition: Partition | undefined;
}

export interface RowEntity {
  readonly type: EntityType;
  readonly mapping: EntityMapping;
  /** The column that tells which rows are entities, where some are not. */
  readonly present: string | undefined;
}

/** A column that holds a member's value in the form in which it is compared. */
export interface RowColumn {
  readonly column: string;
  readonly type: EdmType | undefined;
  readonly collection: boolean;
  readonly kind: ColumnKind;
  /** The column that tells which rows have the member, where some do not. */
  readonly present: string | undefined;
}

export interface Partition {
  /** The column with the number of the row's group. */
  readonly column: string;
  /** The table that has one row for each group, and its column with the group's number. */
  readonly groups: string;
  readonly key: string;
  /** Groups may have lost all of their rows. */
  readonly dropped: boolean;
}

/** Terms by which rows are sorted, for a table that holds them. */
export type RowOrder = (rows: Rows, compiler: ExpressionCompiler) => readonly OrderTerm[];

/** Rows as the variable of an expression. */
export function rowsBinding(rows: Rows, shape: RowShape): SqlBinding {
  const { alias, entity, members } = rows;
  const column = (path: string) => {
    const member = members.get(path);
    return member === undefined ? undefined : columnOf(alias, member.column);
  };
  if (entity === undefined)
    return { kind: "shape", alias, shape, column: (path) => column(path.join("/")) ?? sql`null` };
  const computed = new Map([...members.keys()].map((path) => [path, column(path)!]));
  return { kind: "row", alias, type: entity.type, mapping: entity.mapping, computed };
}

export function columnOf(alias: string, column: string): Sql {
  return sql`${sql.ref(`${alias}.${column}`)}`;
}

/** Values in columns, or made of such, as expressions: what is worked out on them keeps to the rules of all expressions. */
export class ColumnValues {
  readonly #variable: BoundVariable;
  readonly #columns = new Map<string, Sql>();

  constructor() {
    this.#variable = { name: "$it", type: SHAPE };
  }

  /** A value in the form in which values of its type are compared. */
  expression(value: Sql, type: EdmType | undefined, collection = false): BoundExpression {
    const name = String(this.#columns.size);
    this.#columns.set(name, value);
    const source: BoundExpression = {
      kind: "variable",
      variable: this.#variable,
      type: undefined,
      collection: false,
    };
    return { kind: "member", source, name, type, collection };
  }

  /** A compiler that knows the values. */
  compiler(outside: ExpressionCompiler): ExpressionCompiler {
    const column = ([name]: readonly string[]) => this.#columns.get(name!)!;
    return outside.with(this.#variable, { kind: "shape", alias: "", shape: SHAPE, column });
  }
}

const SHAPE: RowShape = { kind: "shape", entity: undefined, members: new Map() };

/** The JSON text of a member. */
export function memberJson(alias: string, member: RowColumn, outside: ExpressionCompiler): Sql {
  const values = new ColumnValues();
  const expression = values.expression(columnOf(alias, member.column), member.type, member.collection);
  return values.compiler(outside).json(expression);
}

/** The terms by which rows are sorted. */
export function orderOf(rows: Rows, compiler: ExpressionCompiler): OrderTerm[] {
  return rows.order.flatMap((order) => order(rows, compiler));
}

/** The order that a transformation asks for. */
export function byItems(variable: BoundVariable, items: readonly BoundOrder[], shape: RowShape): RowOrder {
  return (rows, compiler) => {
    const { entity } = rows;
    return askedOrder(
      items,
      compiler.with(variable, rowsBinding(rows, shape)),
      entity?.present === undefined ? entity : undefined,
    );
  };
}

/** By the key of the entities that the rows are. */
export function byKey(rows: Rows, compiler: ExpressionCompiler): readonly OrderTerm[] {
  const { alias, entity } = rows;
  if (entity === undefined) return [];
  const terms = keyOrder({ alias, type: entity.type, mapping: entity.mapping }, compiler);
  return entity.present === undefined ? terms : terms.map((term) => ({ ...term, mayBeNull: true }));
}

/** By columns of numbers that count up. */
export function byNumbers(...columns: readonly string[]): RowOrder {
  return ({ alias }) =>
    columns.map((column) => ({
      value: columnOf(alias, column),
      descending: false,
      mayBeNull: false,
      form: "integer",
    }));
}

/** By the values of members, ascending. */
export function byMembers(members: readonly RowColumn[]): RowOrder {
  return ({ alias }, outside) => {
    const values = new ColumnValues();
    const items = members.map(({ column, type }) => ({
      expression: values.expression(columnOf(alias, column), type),
      descending: false,
    }));
    return askedOrder(items, values.compiler(outside), undefined);
  };
}
