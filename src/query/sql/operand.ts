import { sql } from "kysely";
import type { EdmType } from "../../edm/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { ExpressionCompiler } from "./expression.js";
import type { ColumnKind } from "./mapping.js";
import type { Bounds } from "./values.js";

/** The value of an expression as SQL. */
export interface Operand {
  readonly sql: Sql;
  /**
   * The form in which `sql` gives the value. An integer that may have outgrown 64 bits is a `decimal`, whatever the
   * expression's type says.
   */
  readonly kind: ColumnKind;
  readonly type: EdmType | undefined;
  readonly collection: boolean;
  /**
   * `sql` is no more than a column, a member of a document, or a parameter. Only such may be written more than once:
   * texts that double with each level of an expression would have no bound.
   */
  readonly simple: boolean;
  /** The value is never null. */
  readonly required?: boolean | undefined;
  /** The value is null unless this is true. Only where {@link sql} does no harm if it is evaluated all the same. */
  readonly guard?: Sql | undefined;
  /** For integers: no value is beyond. */
  readonly bounds?: Bounds | undefined;
  /** A double that is never NaN. */
  readonly finite?: boolean | undefined;
  /** A constant, its value known or a slot. */
  readonly given?: boolean | undefined;
  /** A constant whose value is no slot. */
  readonly constant?: { readonly value: string | number | boolean | null } | undefined;
}

/** The whole, as its parts see it. */
export type Compiler = ExpressionCompiler;

/** Null, in the form of values of a kind. */
export function nullOperand(dialect: SqlDialect, kind: ColumnKind = "text"): Operand {
  return {
    sql: dialect.parameter(sql`null`, kind),
    kind,
    type: undefined,
    collection: false,
    simple: true,
    given: true,
    constant: { value: null },
  };
}

export function isNull(operand: Operand): boolean {
  return operand.constant?.value === null;
}

/** The operand's value, null where its guard does not hold. */
export function valueOf({ sql: value, guard }: Operand): Sql {
  return guard === undefined ? value : sql`case when ${guard} then ${value} end`;
}

/** The operand with its guard in its SQL. */
export function unguarded(operand: Operand): Operand {
  return operand.guard === undefined ? operand : { ...operand, sql: valueOf(operand), guard: undefined };
}

export function isNumeric(kind: ColumnKind): kind is "integer" | "decimal" | "number" {
  return kind === "integer" || kind === "decimal" || kind === "number";
}

/**
 * SQL that needs an operand more than once: written with the operand itself where that is simple, else with a name for its
 * value, so that the text does not grow with each level of an expression.
 */
export function bound(operand: Operand, compiler: Compiler, use: (simple: Operand) => Sql): Sql {
  if (operand.simple) return use(operand);
  const alias = compiler.context.alias("v");
  const named: Operand = { ...operand, sql: sql`${sql.ref(`${alias}.v`)}`, simple: true, guard: undefined };
  // The limit keeps databases from putting the expression in the name's place.
  return sql`(select ${use(named)} from (select ${valueOf(operand)} as v limit 1) as ${sql.ref(alias)})`;
}
