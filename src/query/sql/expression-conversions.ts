import { sql } from "kysely";
import type { BoundConversion, BoundExpression, BoundTypeTest, BoundVariable } from "../../binding/index.js";
import type { EdmType, EnumType, PrimitiveType } from "../../edm/index.js";
import { isOrDerivesFrom } from "../../edm/index.js";
import { notImplemented } from "../../errors/index.js";
import type { Sql } from "./dialect.js";
import { isInteger } from "./expression-arithmetic.js";
import { enumNumberOf, enumParsed } from "./expression-enums.js";
import { asNumber } from "./expression-keys.js";
import { entityPlace, isEntity, typeNames } from "./expression-paths.js";
import { jsonOf } from "./expression-structures.js";
import type { Compiler, Operand } from "./operand.js";
import { bound, isNull, isNumeric, nullOperand, unguarded, valueOf } from "./operand.js";
import { typeCondition, whereClause } from "./source.js";
import { integerBounds, kindOf, typeOf, underlying } from "./values.js";

/** `cast`: URL Conventions 4.01, section 5.1.1.10.1; docs/query-semantics.md says what becomes of what. */
export function conversion(expression: BoundConversion, compiler: Compiler): Operand {
  const { operand: source, type } = expression;
  if (source.collection) return eachConverted(expression, compiler);
  const operand = compiler.operand(source);
  return { ...converted(operand, type, compiler), type };
}

/** A collection is converted item by item. */
function eachConverted(expression: BoundConversion, compiler: Compiler): Operand {
  const { from, where, binding, order } = compiler.rows(expression.operand);
  const type = typeOf(expression.operand);
  const variable: BoundVariable = { name: "item", type: type ?? expression.type };
  const item: BoundExpression = { kind: "variable", variable, type, collection: false };
  const inner = compiler.with(variable, binding);
  const value = jsonOf(inner.operand({ ...expression, operand: item, collection: false }), compiler);
  const items = compiler.dialect.join(value, sql.join(order));
  return {
    sql: sql`(select '[' || coalesce(${items}, '') || ']' from ${from}${whereClause(where)})`,
    kind: "json",
    type: expression.type,
    collection: true,
    simple: false,
    required: true,
  };
}

function converted(operand: Operand, target: PrimitiveType | EnumType, compiler: Compiler): Operand {
  const kind = kindOf(target);
  const nothing = nullOperand(compiler.dialect, kind);
  if (isNull(operand)) return nothing;
  const source = operand.type === undefined ? undefined : underlying(operand.type);
  // Integers that were computed may not fit their type.
  const mayBeLarger = operand.kind === "decimal" && kind === "integer";
  if ((source === target && !mayBeLarger) || isAbstractBase(target, source)) return operand;
  const result = (value: Sql): Operand => ({ sql: value, kind, type: target, collection: false, simple: false });
  if (target.kind === "enum") return toEnum(operand, source, target, compiler) ?? nothing;
  if (target.qualifiedName === "Edm.String") {
    const text = toText(operand, source, compiler);
    return text === undefined ? nothing : result(text);
  }
  if (source === undefined || source.qualifiedName === "Edm.String") {
    if (compiler.dialect.strict && target.name.startsWith("Geo")) {
      throw notImplemented(`The database of this service does not offer casts of texts to ${target.qualifiedName}.`);
    }
    return operand.kind === "text"
      ? result(compiler.dialect.parse(valueOf(operand), target.qualifiedName, kind))
      : nothing;
  }
  if (source.kind === "enum") {
    return kind === "integer"
      ? (toNumber(enumNumberOf(operand, source, compiler), target, compiler) ?? nothing)
      : nothing;
  }
  if (isNumeric(operand.kind)) return toNumber(operand, target, compiler) ?? nothing;
  switch (`${source.qualifiedName} to ${target.qualifiedName}`) {
    case "Edm.Date to Edm.DateTimeOffset":
      return result(sql`(${valueOf(operand)} || 'T00:00:00')`);
    case "Edm.DateTimeOffset to Edm.Date":
      return result(sql`substr(${valueOf(operand)}, 1, 10)`);
    case "Edm.DateTimeOffset to Edm.TimeOfDay":
      return result(sql`substr(${valueOf(operand)}, 12)`);
    default:
      return nothing;
  }
}

/** Whether every value of a type is one of an abstract type. */
function isAbstractBase(target: EdmType, source: EdmType | undefined): boolean {
  if (target.qualifiedName === "Edm.Untyped") return true;
  if (source?.kind !== "primitive") return false;
  if (target.qualifiedName === "Edm.PrimitiveType") return true;
  const isGeo = target.qualifiedName === "Edm.Geography" || target.qualifiedName === "Edm.Geometry";
  return isGeo && source.qualifiedName.startsWith(target.qualifiedName);
}

/** The canonical literal without prefix and quotes. */
function toText(operand: Operand, source: EdmType | undefined, { dialect }: Compiler): Sql | undefined {
  const value = valueOf(operand);
  switch (operand.kind) {
    case "text":
      return value;
    case "boolean":
      return sql`case ${value} when ${dialect.truth(true)} then 'true' when ${dialect.truth(false)} then 'false' end`;
    case "integer":
      return sql`cast(${value} as text)`;
    case "decimal":
      return sql`odatum_decimal_text(${value})`;
    case "number":
      return sql`odatum_double_text(${value})`;
    case "instant":
      return sql`(${value} || 'Z')`;
    case "json":
      if (source === undefined) return sql`odatum_json_text(${value})`;
      return source.name.startsWith("Geo")
        ? sql`odatum_geo_text(${value}, ${sql.lit(source.qualifiedName)})`
        : undefined;
  }
}

function toEnum(
  operand: Operand,
  source: EdmType | undefined,
  target: EnumType,
  compiler: Compiler,
): Operand | undefined {
  let text: Sql;
  if (isInteger(operand)) text = valueOf(asNumber(operand, "decimal", compiler));
  else if (operand.kind === "text" && (source === undefined || source.qualifiedName === "Edm.String")) {
    text = valueOf(operand);
  } else return undefined;
  const value = enumParsed(sql`cast(${text} as text)`, target, compiler.dialect);
  return { sql: value, kind: "text", type: target, collection: false, simple: false };
}

function toNumber(operand: Operand, target: PrimitiveType, compiler: Compiler): Operand | undefined {
  const { dialect } = compiler;
  const kind = kindOf(target);
  const result = { kind, type: target, collection: false, simple: false };
  switch (kind) {
    case "integer":
      return { ...result, ...toInteger(operand, target, compiler) };
    case "decimal":
      return operand.kind === "number"
        ? { ...result, sql: sql`odatum_double_decimal(${valueOf(operand)})` }
        : { ...asNumber(operand, "decimal", compiler), type: target };
    case "number": {
      const double = asNumber(operand, "number", compiler);
      if (target.qualifiedName === "Edm.Single") return { ...result, sql: sql`odatum_single(${valueOf(double)})` };
      // An infinity that only the conversion has made is no value.
      return operand.kind === "decimal" && operand.constant === undefined
        ? { ...result, sql: sql`nullif(nullif(${valueOf(double)}, ${dialect.infinity}), -${dialect.infinity})` }
        : { ...double, type: target };
    }
    default:
      return undefined;
  }
}

function toInteger(operand: Operand, target: PrimitiveType, compiler: Compiler): Pick<Operand, "sql" | "bounds"> {
  const bounds = integerBounds(target);
  const [min, max] = [bounds.min, bounds.max].map((bound) => sql.lit(String(bound))) as [Sql, Sql];
  if (operand.kind === "integer") {
    const { min: least, max: greatest } = operand.bounds ?? integerBounds(operand.type);
    if (least >= bounds.min && greatest <= bounds.max) return unguarded(operand);
    const value = bound(
      operand,
      compiler,
      (simple) =>
        sql`case when ${valueOf(simple)} between ${number(bounds.min)} and ${number(bounds.max)} then ${valueOf(simple)} end`,
    );
    return { sql: value, bounds };
  }
  const name = sql.raw(operand.kind === "decimal" ? "odatum_decimal_integer" : "odatum_double_integer");
  return { sql: sql`${name}(${valueOf(operand)}, ${min}, ${max})`, bounds };
}

function number(value: bigint): Sql {
  return sql.raw(value.toString());
}

/** `isof`: URL Conventions 4.01, section 5.1.1.10.2. Null is of no type. */
export function typeTest(expression: BoundTypeTest, compiler: Compiler): Sql {
  const { operand, tested, testedCollection } = expression;
  const { dialect } = compiler;
  if (operand.collection !== testedCollection) return dialect.truth(false);
  if (operand.collection) return everyItem(expression, compiler);
  if (isEntity(operand)) return entityTest(operand, tested, compiler);
  const declared = typeOf(operand);
  const value = compiler.operand(operand);
  if (isNull(value) || declared === undefined) return dialect.truth(false);
  if (isOfDeclared(declared, tested)) {
    return value.required === true ? dialect.truth(true) : sql`(${valueOf(value)} is not null)`;
  }
  if (tested.kind !== "complex" || declared.kind !== "complex" || !isOrDerivesFrom(tested, declared)) {
    return dialect.truth(false);
  }
  const name = dialect.memberValue(valueOf(value), ["@odata.type"], "text");
  return sql`coalesce(${name} in (${typeNames(tested)}), false)`;
}

/** Whether every value of a declared type is of the type that is asked for. */
function isOfDeclared(declared: EdmType, tested: EdmType): boolean {
  if (isOrDerivesFrom(declared, tested) || underlying(declared) === tested) return true;
  if (tested.qualifiedName === "Edm.ComplexType") return declared.kind === "complex";
  return isAbstractBase(tested, underlying(declared));
}

function entityTest(operand: BoundExpression, tested: EdmType, compiler: Compiler): Sql {
  const { dialect } = compiler;
  const place = entityPlace(operand, compiler);
  const conditions = [...place.where, ...place.casts];
  if (tested.kind === "entity" && !isOrDerivesFrom(place.type, tested)) {
    if (!isOrDerivesFrom(tested, place.type)) return dialect.truth(false);
    const condition = typeCondition(place.alias, place.mapping, tested);
    if (condition !== undefined) conditions.push(condition);
  } else if (tested.kind !== "entity" && !["Edm.EntityType", "Edm.Untyped"].includes(tested.qualifiedName)) {
    return dialect.truth(false);
  }
  if (place.from !== undefined) return sql`exists (select 1 from ${place.from}${whereClause(conditions)})`;
  return conditions.length === 0 ? dialect.truth(true) : sql`(${sql.join(conditions, sql` and `)})`;
}

function everyItem({ operand, tested, ...rest }: BoundTypeTest, compiler: Compiler): Sql {
  const type = typeOf(operand);
  if (type !== undefined && isOfDeclared(type, tested)) return compiler.dialect.truth(true);
  const { from, where, binding } = compiler.rows(operand);
  const variable: BoundVariable = { name: "item", type: type ?? tested };
  const item: BoundExpression = { kind: "variable", variable, type, collection: false };
  const test = { ...rest, kind: "typeTest", operand: item, tested, testedCollection: false } as const;
  const conditions = [...where, sql`not ${typeTest(test, compiler.with(variable, binding))}`];
  if (binding.kind === "json") conditions.push(sql`${binding.value} is not null`);
  return sql`(not exists (select 1 from ${from}${whereClause(conditions)}))`;
}
