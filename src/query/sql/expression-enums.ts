import { sql } from "kysely";
import type { BoundHas } from "../../binding/index.js";
import type { EnumType } from "../../edm/index.js";
import { enumNumber } from "../../edm/primitives/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { Compiler, Operand } from "./operand.js";
import { unguarded, valueOf } from "./operand.js";
import { underlying } from "./values.js";

/** The numeric value of an enumeration's canonical text: that of a member, or of flags the sum of several. */
export function enumNumberOf(operand: Operand, type: EnumType, { dialect }: Compiler): Operand {
  const { constant } = operand;
  if (typeof constant?.value === "string") {
    const number = enumNumber(type, constant.value);
    return {
      ...operand,
      kind: "integer",
      sql: dialect.parameter(sql`${String(number)}`, "integer"),
      bounds: { min: number, max: number },
      constant: { value: String(number) },
    };
  }
  const value = unguarded(operand);
  return { ...value, kind: "integer", sql: enumNumberSql(value, type, dialect), constant: undefined };
}

/** More members make a `case` longer than a look-up takes. */
const MOST_CASES = 64;

function enumNumberSql({ sql: text, simple }: Operand, type: EnumType, dialect: SqlDialect): Sql {
  // Canonical text names the first of the members of one number, and flags by members that have no bit in common.
  const names = [...type.names];
  if (names.length > MOST_CASES || (type.flags && !simple)) {
    return sql`odatum_enum_number(${text}, ${enumMembers(type)})`;
  }
  if (!type.flags) {
    const cases = names.map(([number, name]) => sql`when ${sql.lit(name)} then ${sql.lit(number)}`);
    return sql`case ${text} ${sql.join(cases, sql` `)} end`;
  }
  const listed = sql`(',' || ${text} || ',')`;
  const parts = names.map(
    ([number, name]) =>
      sql`case when ${dialect.functions.contains(listed, sql.lit(`,${name},`))} then ${sql.lit(number)} else 0 end`,
  );
  return sql`case when ${text} is not null then ${sql.join(parts, sql` + `)} end`;
}

/** The members as JSON text, for functions that look them up: `{"Red":1,"Green":2}`. */
function enumMembers(type: EnumType): Sql {
  return sql.lit(`{${[...type.members].map(([name, number]) => `${JSON.stringify(name)}:${number}`).join(",")}}`);
}

/** Names or a number, in whatever form a client may write them, as canonical text; NULL where there is no such value. */
export function enumParsed(text: Sql, type: EnumType, dialect: SqlDialect): Sql {
  return sql`odatum_enum_parse(${text}, ${enumMembers(type)}, ${dialect.truth(type.flags)})`;
}

/** `has`: URL Conventions 4.01, section 5.1.1.1.9. */
export function has(expression: BoundHas, compiler: Compiler): Sql {
  const operand = compiler.operand(expression.operand);
  const flags = compiler.operand(expression.flags);
  const type = [operand.type, flags.type].map((each) => each && underlying(each)).find((each) => each?.kind === "enum");
  if (type?.kind !== "enum") return compiler.dialect.parameter(sql`null`, "boolean");
  const [value, wanted] = [operand, flags].map((each) =>
    each.kind === "integer" ? unguarded(each) : enumNumberOf(each, type, compiler),
  ) as [Operand, Operand];
  return sql`((${valueOf(wanted)} & ~${valueOf(value)}) = 0)`;
}
