import { sql } from "kysely";
import type { BoundComparison, BoundExpression, BoundIn, ComparisonOperator } from "../../binding/index.js";
import type { Sql } from "./dialect.js";
import { asNumber, equalityKey, orderKey } from "./expression-keys.js";
import { balanced } from "./expression-logic.js";
import { entityPlace, isEntity, keyValues } from "./expression-paths.js";
import { contentEqual } from "./expression-structures.js";
import type { Compiler, Operand } from "./operand.js";
import { bound, isNull, isNumeric, valueOf } from "./operand.js";
import { whereClause } from "./source.js";

/**
 * `eq` and its fellows: true or false, never null (docs/query-semantics.md). Where false and null make no difference, the
 * plain comparison stands that an index can carry out.
 */
export function comparison({ operator, left, right }: BoundComparison, compiler: Compiler, exact: boolean): Sql {
  if (isEntity(left) || isEntity(right)) return compareEntities(operator, left, right, compiler);
  return compare(operator, compiler.operand(left), compiler.operand(right), compiler, exact);
}

/** The same of operands. */
export function compare(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  compiler: Compiler,
  exact: boolean,
): Sql {
  if (isNull(left) || isNull(right)) return compareWithNull(operator, isNull(left) ? right : left, compiler);
  const numbers = commonNumber([left, right]);
  if (numbers !== undefined) {
    const a = asNumber(left, numbers, compiler);
    const b = asNumber(right, numbers, compiler);
    return numbers === "number"
      ? compareDoubles(operator, a, b, compiler, exact)
      : compareValues(operator, a, b, compiler, exact);
  }
  if ([left, right].some((operand) => operand.kind === "json" || operand.collection)) {
    return contentEqual(operator, left, right, compiler);
  }
  // Values of types that have nothing in common are different, and in no order.
  if (left.kind !== right.kind) return compiler.dialect.truth(operator === "ne");
  return compareValues(operator, left, right, compiler, exact);
}

/** The form in which numbers meet; `undefined` where not all are numbers. */
function commonNumber(operands: readonly Operand[]): "integer" | "decimal" | "number" | undefined {
  if (!operands.every(({ kind, collection }) => isNumeric(kind) && !collection)) return undefined;
  for (const kind of ["number", "decimal"] as const) {
    if (operands.some((operand) => operand.kind === kind)) return kind;
  }
  return "integer";
}

/** URL Conventions 4.01, section 5.1.1.1.1: null equals null and nothing else; no order holds with null. */
function compareWithNull(operator: ComparisonOperator, other: Operand, { dialect }: Compiler): Sql {
  if (operator !== "eq" && operator !== "ne") return dialect.truth(false);
  if (isNull(other)) return dialect.truth(operator === "eq");
  if (other.required === true) return dialect.truth(operator === "ne");
  return sql`(${valueOf(other)} ${sql.raw(operator === "eq" ? "is null" : "is not null")})`;
}

const SIGNS = { gt: ">", ge: ">=", lt: "<", le: "<=" } as const;

function compareValues(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  compiler: Compiler,
  exact: boolean,
): Sql {
  if (operator === "eq" || operator === "ne") {
    // A column and a constant are left bare, so that an index in whatever collation serves.
    return left.given === true || right.given === true
      ? equal(operator, left, right, exact)
      : equal(operator, equalityKey(left, compiler), equalityKey(right, compiler), exact);
  }
  const a = orderKey(left, compiler);
  const b = orderKey(right, compiler);
  return settled(sql`${a.sql} ${sql.raw(SIGNS[operator])} ${b.sql}`, a, b, exact);
}

/** `eq` and `ne` of values that SQL's `=` compares. */
function equal(operator: "eq" | "ne", left: Operand, right: Operand, exact: boolean): Sql {
  const required = [left, right].filter((operand) => operand.required === true).length;
  if (required === 2) return sql`(${left.sql} ${sql.raw(operator === "eq" ? "=" : "<>")} ${right.sql})`;
  if (operator === "ne") return sql`(${valueOf(left)} is distinct from ${valueOf(right)})`;
  if (required === 0) return sql`(${valueOf(left)} is not distinct from ${valueOf(right)})`;
  return settled(sql`${left.sql} = ${right.sql}`, left, right, exact);
}

/** A comparison that is null where an operand is, false in the end. */
function settled(compared: Sql, left: Operand, right: Operand, exact: boolean): Sql {
  const guards = [left, right].flatMap(({ guard }) => guard ?? []);
  const guarded = sql.join([...guards, compared], sql` and `);
  const certain = guards.length === 0 && left.required === true && right.required === true;
  return exact && !certain ? sql`coalesce(${guarded}, false)` : sql`(${guarded})`;
}

/** NaN stands behind all numbers in both databases and equals itself; OData's equals nothing and has no order. */
function compareDoubles(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  compiler: Compiler,
  exact: boolean,
): Sql {
  const { dialect } = compiler;
  if ([left, right].some(({ constant }) => constant?.value === "NaN")) return dialect.truth(operator === "ne");
  if (operator === "eq" || operator === "ne") {
    if (!mayBeNaN(left) || !mayBeNaN(right)) return equal(operator, left, right, exact);
    if (operator === "eq" && !exact && (left.required === true || right.required === true)) {
      const number = left.simple ? left : right;
      if (number.simple) {
        const compared = sql`${left.sql} = ${right.sql} and ${number.sql} <= ${dialect.infinity}`;
        return settled(compared, left, right, exact);
      }
    }
    const same = sql`odatum_double_equal(${valueOf(left)}, ${valueOf(right)})`;
    return operator === "eq" ? same : sql`(not ${same})`;
  }
  const sign = sql.raw(SIGNS[operator]);
  const leftIsGreater = operator === "gt" || operator === "ge";
  const greater = leftIsGreater ? left : right;
  if (!mayBeNaN(greater)) return settled(sql`${left.sql} ${sign} ${right.sql}`, left, right, exact);
  if (greater.simple && !exact) {
    const compared = sql`${left.sql} ${sign} ${right.sql} and ${greater.sql} <= ${dialect.infinity}`;
    return settled(compared, left, right, exact);
  }
  const number = { ...greater, sql: sql`nullif(${greater.sql}, ${dialect.notANumber})`, required: false };
  const [a, b] = leftIsGreater ? [number, right] : [left, number];
  return settled(sql`${a.sql} ${sign} ${b.sql}`, a, b, exact);
}

function mayBeNaN({ constant, finite }: Operand): boolean {
  return constant === undefined && finite !== true;
}

/** Two entities are the same if they have the same key: URL Conventions 4.01, section 5.1.1.1.1. */
function compareEntities(
  operator: ComparisonOperator,
  left: BoundExpression,
  right: BoundExpression,
  compiler: Compiler,
): Sql {
  if (operator !== "eq" && operator !== "ne") return compiler.dialect.truth(false);
  const [a, b] = [left, right].map((side) => (isEntity(side) ? entityPlace(side, compiler) : undefined));
  let same: Sql;
  if (a !== undefined && b !== undefined && a.mapping.table === b.mapping.table) {
    const others = keyValues(b);
    const parts = keyValues(a).map((part, index) => sql`${part} is not distinct from ${others[index]!}`);
    same = sql.join(parts, sql` and `);
  } else {
    // Entities of different tables, or null: the same only where there are none.
    const parts = [a, b].flatMap((place) => (place === undefined ? [] : [sql`${keyValues(place)[0]!} is null`]));
    same = sql.join(parts, sql` and `);
  }
  return operator === "eq" ? sql`(${same})` : sql`(not (${same}))`;
}

/** `in`: URL Conventions 4.01, section 5.1.1.1.12. Null is in the list only where a null stands in it. */
export function isIn({ operand, list }: BoundIn, compiler: Compiler, exact: boolean): Sql {
  if (list.kind !== "collection") {
    const { from, where, binding } = compiler.rows(list);
    if (binding.kind !== "json") {
      const item = { name: "item", type: binding.kind === "row" ? binding.type : binding.shape };
      const inner = compiler.with(item, binding);
      const type = binding.kind === "row" ? binding.type : undefined;
      const same = compareEntities("eq", operand, { kind: "variable", variable: item, type, collection: false }, inner);
      return sql`exists (select 1 from ${from}${whereClause([...where, same])})`;
    }
    const same = compare("eq", compiler.operand(operand), compiler.item(binding), compiler, false);
    return sql`exists (select 1 from ${from}${whereClause([...where, same])})`;
  }
  if (list.items.length === 0) return compiler.dialect.truth(false);
  if (isEntity(operand)) {
    return balanced(
      list.items.map((item) => compareEntities("eq", operand, item, compiler)),
      "or",
    );
  }
  return isAmong(
    compiler.operand(operand),
    list.items.map((item) => compiler.operand(item)),
    compiler,
    exact,
  );
}

function isAmong(value: Operand, list: readonly Operand[], compiler: Compiler, exact: boolean): Sql {
  const items = list.filter((item) => !isNull(item));
  const withNull = items.length < list.length;
  if (isNull(value) || items.length === 0) {
    const nulls = withNull ? [compareWithNull("eq", value, compiler)] : [];
    const others = isNull(value) ? items.map((item) => compareWithNull("eq", item, compiler)) : [];
    return nulls.length + others.length === 0 ? compiler.dialect.truth(false) : balanced([...nulls, ...others], "or");
  }
  const plain = items.every((item) => item.given === true && !item.collection);
  const numbers = commonNumber([value, ...items]);
  const alike = numbers !== undefined || items.every(({ kind }) => kind === value.kind && kind !== "json");
  if (!plain || !alike || value.collection) {
    return bound(value, compiler, (simple) =>
      balanced(
        list.map((item) => compare("eq", simple, item, compiler, true)),
        "or",
      ),
    );
  }
  const key = (operand: Operand) => {
    return numbers === undefined ? operand : asNumber(operand, numbers, compiler);
  };
  const found = items.filter(({ constant }) => numbers !== "number" || constant?.value !== "NaN").map(key);
  if (found.length === 0) return compareAgainstNothing(value, withNull, compiler);
  const within = (tested: Operand) => {
    const test =
      numbers === "number" && mayBeNaN(tested) && found.some(mayBeNaN)
        ? sql`nullif(${valueOf(tested)}, ${compiler.dialect.notANumber})`
        : valueOf(tested);
    return sql`${test} in (${sql.join(found.map((item) => item.sql))})`;
  };
  const tested = key(value);
  if (withNull) {
    return bound(tested, compiler, (simple) => sql`(${valueOf(simple)} is null or coalesce(${within(simple)}, false))`);
  }
  return exact && value.required !== true ? sql`coalesce(${within(tested)}, false)` : sql`(${within(tested)})`;
}

function compareAgainstNothing(value: Operand, withNull: boolean, compiler: Compiler): Sql {
  return withNull ? compareWithNull("eq", value, compiler) : compiler.dialect.truth(false);
}
