import { sql } from "kysely";
import type { BoundCase } from "../../binding/index.js";
import { asNumber } from "./expression-keys.js";
import { jsonOrNull } from "./expression-structures.js";
import type { Compiler, Operand } from "./operand.js";
import { isNull, isNumeric, nullOperand, valueOf } from "./operand.js";
import type { Bounds } from "./values.js";
import { kindOf } from "./values.js";

/** `case`: URL Conventions 4.01, section 5.1.1.14. The first branch whose condition is true, else null. */
export function chosen(expression: BoundCase, compiler: Compiler): Operand {
  const branches = expression.branches.map(({ condition, value }) => ({
    condition: compiler.truth(condition, false),
    value: compiler.operand(value),
  }));
  const values = branches.map(({ value }) => value).filter((value) => !isNull(value));
  const type = expression.type ?? values.find((value) => value.type !== undefined)?.type;
  const kind = expression.collection ? "json" : (commonKind(values) ?? "json");
  const cases = branches.map(({ condition, value }) => {
    const result = isNull(value) ? nullOperand(compiler.dialect, kind) : inKind(value, kind, compiler);
    return sql`when ${condition} then ${valueOf(result)}`;
  });
  const bounds = values.map((value) => value.bounds);
  return {
    sql:
      values.length === 0 ? nullOperand(compiler.dialect, kindOf(type)).sql : sql`case ${sql.join(cases, sql` `)} end`,
    kind: values.length === 0 ? kindOf(type) : kind,
    type,
    collection: expression.collection,
    simple: false,
    bounds: bounds.every((each) => each !== undefined) ? union(bounds) : undefined,
  };
}

function union([first, ...rest]: readonly Bounds[]): Bounds | undefined {
  return rest.reduce(
    (all, { min, max }) => ({ min: min < all!.min ? min : all!.min, max: max > all!.max ? max : all!.max }),
    first,
  );
}

/** The kind in which values meet; `undefined` where they have none in common. */
function commonKind(values: readonly Operand[]): Operand["kind"] | undefined {
  const kinds = new Set(values.map(({ kind }) => kind));
  if (kinds.size === 1) return values[0]!.kind;
  if (![...kinds].every(isNumeric)) return undefined;
  return kinds.has("number") ? "number" : "decimal";
}

function inKind(operand: Operand, kind: Operand["kind"], compiler: Compiler): Operand {
  if (operand.kind === kind) return operand;
  if (isNumeric(kind)) return asNumber(operand, kind, compiler);
  return { ...operand, kind, sql: jsonOrNull(operand, compiler), simple: false, guard: undefined };
}
