import { sql } from "kysely";
import type { Sql } from "./dialect.js";
import { enumNumberOf } from "./expression-enums.js";
import type { Compiler, Operand } from "./operand.js";
import { unguarded, valueOf } from "./operand.js";
import { parameter, underlying } from "./values.js";

/** What of an operand compares as its values do with `=`, equal forms for equal values. */
export function equalityKey(operand: Operand, { dialect }: Compiler): Operand {
  if (operand.kind !== "text" && operand.kind !== "json" && operand.kind !== "instant") return operand;
  return operand.constant === undefined ? withKey(operand, dialect.textKey(operand.sql)) : operand;
}

/** What of an operand compares as its values do with `<`. */
export function orderKey(operand: Operand, compiler: Compiler): Operand {
  const { dialect } = compiler;
  switch (operand.kind) {
    case "boolean":
    case "integer":
    case "number":
      return operand;
    case "decimal":
      return withKey(operand, dialect.decimalKey(operand.sql));
    case "instant":
    case "json":
      return withKey(operand, dialect.textKey(operand.sql));
    case "text":
      break;
  }
  const type = operand.type === undefined ? undefined : underlying(operand.type);
  if (type?.kind === "enum") return enumNumberOf(operand, type, compiler);
  // `PT36H` and the like: the texts have no order.
  if (type?.qualifiedName === "Edm.Duration")
    return withKey(operand, dialect.decimalKey(sql`odatum_duration_seconds(${operand.sql})`));
  return withKey(operand, dialect.textKey(operand.sql));
}

function withKey(operand: Operand, key: Sql): Operand {
  return { ...operand, sql: key };
}

/** A number in another form: an integer as a decimal or a double, a decimal as a double. */
export function asNumber(operand: Operand, kind: "integer" | "decimal" | "number", { dialect }: Compiler): Operand {
  const from = operand.kind;
  if (from === kind || (from !== "integer" && from !== "decimal")) return operand;
  const { constant } = operand;
  if (constant !== undefined && constant.value !== null) {
    // A constant is turned here, once.
    const value = kind === "number" ? Number(constant.value) : String(constant.value);
    return { ...operand, kind, sql: dialect.parameter(sql`${parameter(value, undefined)}`, kind), constant: { value } };
  }
  const source = unguarded(operand);
  return {
    ...source,
    kind,
    sql: kind === "number" ? dialect.double(valueOf(source), from) : dialect.decimal(valueOf(source)),
    // A decimal may be NaN where its scale is `floating`.
    finite: from === "integer",
    // A function's call is nothing to write twice.
    simple: operand.simple && from === "integer",
  };
}
