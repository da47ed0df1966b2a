import { sql } from "kysely";
import type { BoundExpression } from "../../binding/index.js";
import type { EdmType, Property } from "../../edm/index.js";
import type { Scalar } from "../../edm/primitives/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { ColumnKind, EntityMapping } from "./mapping.js";
import type { SqlValue } from "./plan.js";
import { typeCondition } from "./source.js";

/**
 * Compiles expressions over one entity's row.
 *
 * A comparison with null operands is false in OData, but NULL in SQL; in a `where` both leave the row out, so the
 * plain, indexable comparison stands. Below a `not` the difference shows, so there it is made exact.
 */
export class ConditionCompiler {
  readonly #alias: string;
  readonly #mapping: EntityMapping;
  readonly #dialect: SqlDialect;

  constructor(alias: string, mapping: EntityMapping, dialect: SqlDialect) {
    this.#alias = alias;
    this.#mapping = mapping;
    this.#dialect = dialect;
  }

  /** An expression that is true or false. */
  condition(expression: BoundExpression, exact = false): Sql {
    switch (expression.kind) {
      case "logical":
        return balanced(
          operands(expression).map((operand) => this.condition(operand, exact)),
          expression.operator,
        );
      case "not":
        return sql`not ${this.condition(expression.operand, true)}`;
      case "comparison":
        return this.#comparison(expression, exact);
      case "in": {
        const operand = this.value(expression.operand);
        const items = expression.items.filter((item) => !isNull(item));
        const within = sql`${operand} in (${sql.join(items.map((item) => this.value(item)))})`;
        if (items.length < expression.items.length) return sql`(${operand} is null or ${within})`;
        return exact ? sql`coalesce(${within}, 0)` : within;
      }
      case "constant":
        return expression.value === null ? sql`null` : sql.raw(expression.value === true ? "1" : "0");
      default:
        return sql`(${this.value(expression)})`;
    }
  }

  #comparison(expression: BoundExpression & { kind: "comparison" }, exact: boolean): Sql {
    const { operator, left, right } = expression;
    if (isNull(left) || isNull(right)) {
      // URL Conventions 4.01, section 5.1.1.1.1: null equals null and nothing else; no order holds with null.
      const other = isNull(left) ? right : left;
      if (operator === "eq" || operator === "ge" || operator === "le") {
        if (operator !== "eq") return sql.raw("0");
        return isNull(other) ? sql.raw("1") : sql`${this.value(other)} is null`;
      }
      if (operator !== "ne") return sql.raw("0");
      return isNull(other) ? sql.raw("0") : sql`${this.value(other)} is not null`;
    }
    const a = this.value(left);
    const b = this.value(right);
    switch (operator) {
      case "eq":
        if (mayBeNull(left) && mayBeNull(right)) return sql`${a} is ${b}`;
        return exact ? sql`coalesce(${a} = ${b}, 0)` : sql`${a} = ${b}`;
      case "ne":
        return mayBeNull(left) || mayBeNull(right) ? sql`${a} is not ${b}` : sql`${a} <> ${b}`;
      default: {
        const compared = sql`${a} ${sql.raw({ gt: ">", ge: ">=", lt: "<", le: "<=" }[operator])} ${b}`;
        return exact ? sql`coalesce(${compared}, 0)` : compared;
      }
    }
  }

  /** An expression's value in the form in which columns of its type hold it. */
  value(expression: BoundExpression): Sql {
    switch (expression.kind) {
      case "constant": {
        const value = sql`${parameter(expression.value, expression.type)}`;
        return expression.type?.qualifiedName === "Edm.Int64" ? sql`cast(${value} as integer)` : value;
      }
      case "property":
        return this.#property(expression);
      case "call":
        return this.#call(expression);
      default:
        return sql`(${this.condition(expression, true)})`;
    }
  }

  #property({ path, casts }: BoundExpression & { kind: "property" }): Sql {
    const first = path[0]!;
    const value = this.#stored(path);
    const conditions = casts.flatMap(({ at, type }) =>
      type.kind === "entity"
        ? (typeCondition(this.#alias, this.#mapping, type) ?? [])
        : sql`${this.#member(first, [...path.slice(0, at).map((property) => property.name), "@odata.type"])} in (${sql.join(
            [type, ...type.derivedTypes].map((candidate) => sql.lit(`#${candidate.qualifiedName}`)),
          )})`,
    );
    return conditions.length === 0 ? value : sql`case when ${sql.join(conditions, sql` and `)} then ${value} end`;
  }

  /** A property as it is stored, in the form in which values of its type are compared. */
  #stored(path: readonly Property[]): Sql {
    const column = path.length === 1 ? this.#mapping.columns.get(path[0]!.name) : undefined;
    if (column !== undefined) {
      const value = sql`${sql.ref(`${this.#alias}.${column.column}`)}`;
      return column.kind === "decimal" ? sql`cast(${value} as real)` : value;
    }
    const value = this.#member(
      path[0]!,
      path.map((property) => property.name),
    );
    return path[path.length - 1]!.type.qualifiedName === "Edm.DateTimeOffset" ? sql`rtrim(${value}, 'Z')` : value;
  }

  /** The value at a path of names, in the property's own column or in the document. */
  #member(first: Property, names: readonly string[]): Sql {
    const column = this.#mapping.columns.get(first.name);
    const stored = sql`${sql.ref(`${this.#alias}.${column?.column ?? this.#mapping.document!}`)}`;
    return this.#dialect.memberValue(stored, column === undefined ? names : names.slice(1));
  }

  #call(expression: BoundExpression & { kind: "call" }): Sql {
    const [a, b] = expression.arguments.map((argument) => this.value(argument));
    switch (expression.function) {
      // instr and substr compare byte for byte; LIKE would fold the case and read wildcards in the text.
      case "contains":
        return sql`(instr(${a}, ${b}) > 0)`;
      case "startswith":
        return sql`(substr(${a}, 1, length(${b})) = ${b})`;
      case "endswith":
        return sql`(length(${b}) = 0 or substr(${a}, -length(${b})) = ${b})`;
      case "tolower":
        return sql`lower(${a})`;
      case "toupper":
        return sql`upper(${a})`;
      case "trim":
        return sql`trim(${a})`;
      case "length":
        return sql`length(${a})`;
    }
  }
}

/** The operands of a chain of one operator, `a and b and c`, in order. */
function operands(expression: BoundExpression & { kind: "logical" }): BoundExpression[] {
  const found: BoundExpression[] = [];
  let current: BoundExpression = expression;
  while (current.kind === "logical" && current.operator === expression.operator) {
    found.push(current.right);
    current = current.left;
  }
  found.push(current);
  return found.reverse();
}

/** Joins conditions as a tree that is no deeper than it must be: SQLite takes expressions to a depth of 1,000. */
function balanced(conditions: readonly Sql[], operator: "and" | "or"): Sql {
  if (conditions.length === 1) return conditions[0]!;
  const half = Math.ceil(conditions.length / 2);
  return sql`(${balanced(conditions.slice(0, half), operator)} ${sql.raw(operator)} ${balanced(conditions.slice(half), operator)})`;
}

function isNull(expression: BoundExpression): boolean {
  return expression.kind === "constant" && expression.value === null;
}

function mayBeNull(expression: BoundExpression): boolean {
  return expression.kind !== "constant";
}

/** A value as the columns and documents of its type hold it; an Int64 as text, which no driver rounds. */
export function parameter(value: Scalar | null, type: EdmType | undefined): SqlValue {
  if (value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (type?.qualifiedName === "Edm.DateTimeOffset" && typeof value === "string") return value.replace(/Z$/, "");
  if (type?.qualifiedName === "Edm.Decimal") return Number(value);
  return value;
}

/** What kind of column a property of a type goes to. */
export function columnKind(property: Property): ColumnKind {
  if (property.collection || property.type.kind === "complex") return "json";
  const type = property.type.kind === "typeDefinition" ? property.type.underlyingType : property.type;
  switch (type.qualifiedName) {
    case "Edm.Boolean":
      return "boolean";
    case "Edm.Byte":
    case "Edm.SByte":
    case "Edm.Int16":
    case "Edm.Int32":
    case "Edm.Int64":
      return "integer";
    case "Edm.Single":
    case "Edm.Double":
      return "number";
    case "Edm.Decimal":
      return "decimal";
    case "Edm.DateTimeOffset":
      return "instant";
    default:
      return "text";
  }
}
