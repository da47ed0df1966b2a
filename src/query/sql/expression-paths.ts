import { sql } from "kysely";
import type {
  BoundDynamic,
  BoundExpression,
  BoundKeyed,
  BoundMember,
  BoundNavigation,
  BoundProperty,
  BoundTypeCast,
  BoundVariable,
} from "../../binding/index.js";
import type { ComplexType, EdmType, EntityType, Property } from "../../edm/index.js";
import { notImplemented } from "../../errors/index.js";
import type { Sql } from "./dialect.js";
import { enumParsed } from "./expression-enums.js";
import type { ColumnKind, EntityMapping } from "./mapping.js";
import type { Compiler, Operand } from "./operand.js";
import { nullOperand, unguarded, valueOf } from "./operand.js";
import { entitySource, navigationTables, typeCondition, whereClause } from "./source.js";
import { columnKind, integerBounds, kindOf, typeOf, underlying } from "./values.js";

/** An entity that an expression leads to. */
export interface EntityPlace {
  readonly alias: string;
  readonly type: EntityType;
  readonly mapping: EntityMapping;
  /** The tables that lead to its row; absent where the row is at hand. */
  readonly from: Sql | undefined;
  readonly where: readonly Sql[];
  /** Several rows may be found where one is meant. */
  readonly several: boolean;
  /** Where the row is at hand: type casts, without which the entity is null. */
  readonly casts: readonly Sql[];
}

/** A complex value: a JSON object, or what stands at a path in one. */
interface ComplexPlace {
  /** The entity in whose row the JSON is; absent where the JSON is a value of its own. */
  readonly entity: EntityPlace | undefined;
  /** The first property of the path, where there is an entity. */
  readonly first: Property | undefined;
  readonly json: Sql;
  readonly simple: boolean;
  readonly path: readonly string[];
  /** Type casts, without which the value is null. */
  readonly casts: readonly Sql[];
}

/** Whether an expression's single value is an entity. */
export function isEntity(expression: BoundExpression): boolean {
  if (expression.kind === "variable" && expression.variable.type.kind === "shape") return true;
  return expression.type?.kind === "entity";
}

/** The row of an entity. */
export function entityPlace(expression: BoundExpression, compiler: Compiler): EntityPlace {
  switch (expression.kind) {
    case "variable": {
      const binding = compiler.scope.get(expression.variable);
      if (binding?.kind !== "row") throw notImplemented(`'${expression.variable.name}' is no entity any more here.`);
      const { alias, type, mapping } = binding;
      return { alias, type, mapping, from: undefined, where: [], several: false, casts: [] };
    }
    case "typeCast":
      return castEntity(expression, compiler);
    case "navigation":
      return follow(entityPlace(expression.source, compiler), expression, compiler);
    case "keyed":
      return keyed(expression, compiler);
    case "root": {
      const { alias, type, mapping, from, where } = entitySource(expression.path, compiler, compiler.context, {
        keys: "values",
      });
      return { alias, type, mapping, from, where, several: false, casts: [] };
    }
    default:
      throw notImplemented("Entities are not offered here; name one of their properties.");
  }
}

function castEntity(expression: BoundTypeCast, compiler: Compiler): EntityPlace {
  const place = entityPlace(expression.source, compiler);
  const type = expression.type as EntityType;
  const condition = typeCondition(place.alias, place.mapping, type);
  if (condition === undefined) return { ...place, type };
  return place.from === undefined
    ? { ...place, type, casts: [...place.casts, condition] }
    : { ...place, type, where: [...place.where, condition] };
}

/** The entity of a collection that has a key. */
function keyed(expression: BoundKeyed, compiler: Compiler): EntityPlace {
  const { from, where, binding } = compiler.rows(expression.source);
  if (binding.kind !== "row") throw notImplemented("Keys of what is no entity are not offered.");
  const { alias, mapping } = binding;
  const variable: BoundVariable = { name: "item", type: expression.type };
  const source: BoundExpression = { kind: "variable", variable, type: expression.type, collection: false };
  const inner = compiler.with(variable, binding);
  const conditions = expression.properties.map((key, index) => {
    const left: BoundExpression = { kind: "property", source, property: key, type: key.type, collection: false };
    const right = expression.values[index]!;
    return inner.condition({ kind: "comparison", operator: "eq", left, right, type: undefined, collection: false });
  });
  return { alias, type: expression.type, mapping, from, where: [...where, ...conditions], several: false, casts: [] };
}

/** The rows that a navigation property leads to from an entity, of which there is one where it is single-valued. */
export function follow(source: EntityPlace, { navigation }: BoundNavigation, compiler: Compiler): EntityPlace {
  const { mapping: storage } = compiler.context;
  const how = storage.navigation(navigation.alternatives[0]!);
  const alias = compiler.context.alias("n");
  const mapping = storage.entity(navigation.type);
  let from = source.from;
  const multiplies = how.kind === "extent" || (compiler.nested && navigation.collection);
  const where = [...(multiplies ? compiler.dialect.inTime() : []), ...source.where, ...source.casts];
  if (how.kind === "extent") {
    from = sql`${sql.table(mapping.table)} as ${sql.ref(alias)}`;
  } else {
    for (const { table, on } of navigationTables(source, { alias, mapping }, how, navigation.name)) {
      if (from === undefined) {
        from = table;
        where.push(on);
      } else {
        from = sql`${from} inner join ${table} on ${on}`;
      }
    }
  }
  const narrowed = typeCondition(alias, mapping, navigation.type, how);
  if (narrowed !== undefined) where.push(narrowed);
  const several = source.several || how.kind !== "sourceColumn";
  return { alias, type: navigation.type, mapping, from, where, several, casts: [] };
}

/** A value of an entity's row: itself where the row is at hand, else as a subquery. */
export function ofEntity(place: EntityPlace, value: Sql): Sql {
  if (place.from === undefined) return value;
  const one = place.several ? sql` limit 1` : sql``;
  return sql`(select ${value} from ${place.from}${whereClause(place.where)}${one})`;
}

/** The values of an entity's key, all null where there is none. */
export function keyValues(place: EntityPlace): Sql[] {
  return place.mapping.key.map((column) => {
    const value = sql`${sql.ref(`${place.alias}.${column}`)}`;
    return ofEntity(
      place,
      place.casts.length === 0 ? value : sql`case when ${sql.join(place.casts, sql` and `)} then ${value} end`,
    );
  });
}

/** The value of a structural property. */
export function property(expression: BoundProperty, compiler: Compiler): Operand {
  const { property: last } = expression;
  const type = last.collection ? undefined : last.type;
  const bounds = last.collection ? undefined : integerBounds(last.type);
  const common = { kind: columnKind(last), type: last.type, collection: last.collection, bounds };
  if (!isEntity(expression.source)) {
    const place = complexPlace(expression.source, compiler);
    return readMember({ ...place, path: [...place.path, last.name] }, common, compiler);
  }
  const place = entityPlace(expression.source, compiler);
  const column = place.mapping.columns.get(last.name);
  if (column === undefined) return readMember(inDocument(place, last, compiler), common, compiler);
  let reference = sql`${sql.ref(`${place.alias}.${column.column}`)}`;
  // A Decimal that may be infinite is kept as JSON text, in quotes where it is.
  if (compiler.dialect.strict && type !== undefined && common.kind === "decimal" && last.facets.scale === "floating") {
    reference = sql`trim(${reference}, '"')`;
  }
  const value = compiler.dialect.column(reference, common.kind);
  return placed(place, value, distinguishing(place, last), common, true);
}

/** What a value is like, apart from its SQL. */
type Shape = Pick<Operand, "kind" | "type" | "collection" | "bounds">;

function placed(place: EntityPlace, value: Sql, casts: readonly Sql[], shape: Shape, harmless: boolean): Operand {
  const guard = casts.length === 0 ? undefined : sql`(${sql.join(casts, sql` and `)})`;
  if (place.from === undefined) {
    const operand: Operand = { ...shape, sql: value, simple: true, guard };
    return harmless ? operand : unguarded(operand);
  }
  const guarded = guard === undefined ? value : sql`case when ${guard} then ${value} end`;
  return { ...shape, sql: ofEntity(place, guarded), simple: false };
}

/**
 * The casts that a property needs: none where only entities of the type that was cast to have a value under its name.
 */
function distinguishing(place: EntityPlace, property: Property): readonly Sql[] {
  return place.casts.length > 0 && isShared(place, property) ? place.casts : [];
}

/** Whether rows of other types than the place's can hold something under the property's name. */
function isShared({ type, mapping }: EntityPlace, { name }: Property): boolean {
  const inDocument = !mapping.columns.has(name);
  return [...(mapping.discriminator?.typeOf.values() ?? [])].some(
    (other) => other !== type && !other.lineage.has(type) && (other.properties.has(name) || (inDocument && other.open)),
  );
}

function inDocument(place: EntityPlace, first: Property, compiler: Compiler): ComplexPlace {
  const casts = distinguishing(place, first);
  const { document } = place.mapping;
  if (document === undefined) {
    return { entity: place, first, json: nullOperand(compiler.dialect).sql, simple: true, path: [first.name], casts };
  }
  const json = sql`${sql.ref(`${place.alias}.${document}`)}`;
  return { entity: place, first, json, simple: true, path: [first.name], casts };
}

function complexPlace(expression: BoundExpression, compiler: Compiler): ComplexPlace {
  if (expression.kind === "property") {
    const { property: last, source } = expression;
    if (!isEntity(source)) {
      const place = complexPlace(source, compiler);
      return { ...place, path: [...place.path, last.name] };
    }
    const place = entityPlace(source, compiler);
    const column = place.mapping.columns.get(last.name);
    if (column === undefined) return inDocument(place, last, compiler);
    const json = sql`${sql.ref(`${place.alias}.${column.column}`)}`;
    return { entity: place, first: last, json, simple: true, path: [], casts: distinguishing(place, last) };
  }
  if (expression.kind === "typeCast" && expression.type.kind === "complex") {
    const place = complexPlace(expression.source, compiler);
    const condition = complexTypeCondition(place, typeOf(expression.source), expression.type, compiler);
    return condition === undefined ? place : { ...place, casts: [...place.casts, condition] };
  }
  const operand = compiler.operand(expression);
  return { entity: undefined, first: undefined, json: valueOf(operand), simple: operand.simple, path: [], casts: [] };
}

/** A stored complex value names its type only where that is not the declared one. */
function complexTypeCondition(
  place: ComplexPlace,
  declared: EdmType | undefined,
  type: ComplexType,
  compiler: Compiler,
): Sql | undefined {
  if (declared === type || (declared?.kind === "complex" && declared.lineage.has(type))) return undefined;
  const name = compiler.dialect.memberValue(place.json, [...place.path, "@odata.type"], "text");
  return sql`${name} in (${typeNames(type)})`;
}

/** `'#Model.Type', ...`: the type and those that derive from it, as annotations name them. */
export function typeNames(type: ComplexType): Sql {
  return sql.join([type, ...type.derivedTypes].map((candidate) => sql.lit(`#${candidate.qualifiedName}`)));
}

function readMember(place: ComplexPlace, shape: Shape, compiler: Compiler): Operand {
  const { dialect } = compiler;
  const value =
    place.path.length === 0
      ? sql`nullif(${place.json}, 'null')`
      : dialect.memberValue(place.json, place.path, shape.kind);
  const harmless = !dialect.strict || (HARMLESS.has(shape.kind) && !shape.collection);
  const { entity, first } = place;
  if (entity !== undefined && first !== undefined) {
    const apart = harmless || !isShared(entity, first);
    const own = apart ? undefined : typeCondition(entity.alias, entity.mapping, entity.type);
    return placed(entity, value, own === undefined ? place.casts : [...place.casts, own], shape, harmless);
  }
  const guard = place.casts.length === 0 ? undefined : sql`(${sql.join(place.casts, sql` and `)})`;
  const operand: Operand = { ...shape, sql: value, simple: place.simple, guard };
  return harmless ? operand : unguarded(operand);
}

/** What any JSON can be read as. Of other kinds it must be known that it is one, in a database that is strict about it. */
const HARMLESS: ReadonlySet<ColumnKind> = new Set(["text", "instant", "json"]);

/** A structured value or a collection of them, under a cast to a complex type. */
export function complexCast(expression: BoundTypeCast, compiler: Compiler): Operand {
  const shape: Shape = { kind: "json", type: expression.type, collection: false };
  const place = complexPlace(expression, compiler);
  if (place.path.length > 0) return readMember(place, shape, compiler);
  const guard = place.casts.length === 0 ? undefined : sql`(${sql.join(place.casts, sql` and `)})`;
  if (place.entity !== undefined) return placed(place.entity, place.json, place.casts, shape, true);
  return unguarded({ ...shape, sql: place.json, simple: place.simple, guard });
}

/** A property of an open type that the type does not declare. */
export function dynamic(expression: BoundDynamic, compiler: Compiler): Operand {
  const { dialect } = compiler;
  const { source, name, type } = expression;
  const shape: Shape = { kind: kindOf(type), type, collection: false };
  // A client made the name: it is a parameter.
  const read = (object: Sql) =>
    readLoosely(dialect.memberNamed(object, dialect.parameter(sql`${name}`, "text")), type, compiler);
  if (isEntity(source)) {
    const place = entityPlace(source, compiler);
    const { document, discriminator } = place.mapping;
    if (document === undefined) return { ...nullOperand(dialect, shape.kind), ...shape };
    // A type that declares a property of this name has it in its place.
    const declaring = [...(discriminator?.typeOf.values() ?? [])].filter((other) => other.properties.has(name));
    const others = declaring.flatMap((other) => typeCondition(place.alias, place.mapping, other) ?? []);
    const casts = [...place.casts, ...others.map((condition) => sql`not ${condition}`)];
    return placed(place, read(sql`${sql.ref(`${place.alias}.${document}`)}`), casts, shape, true);
  }
  const place = complexPlace(source, compiler);
  const value = read(place.path.length === 0 ? place.json : dialect.memberValue(place.json, place.path, "json"));
  if (place.entity !== undefined) return placed(place.entity, value, place.casts, shape, true);
  const guard = place.casts.length === 0 ? undefined : sql`(${sql.join(place.casts, sql` and `)})`;
  return unguarded({ ...shape, sql: value, simple: place.simple, guard });
}

/** JSON text of which nothing is known as a value of a type; NULL where it is none. */
function readLoosely(json: Sql, type: EdmType | undefined, { dialect }: Compiler): Sql {
  const actual = type === undefined ? undefined : underlying(type);
  if (actual?.kind === "enum") return enumParsed(sql`odatum_json_text(${json})`, actual, dialect);
  if (actual?.kind !== "primitive" || UNTYPED.has(actual.qualifiedName)) return sql`nullif(${json}, 'null')`;
  return dialect.read(json, actual.qualifiedName, kindOf(actual));
}

const UNTYPED: ReadonlySet<string> = new Set(["Edm.Untyped", "Edm.PrimitiveType", "Edm.ComplexType"]);

/** A member of a row that `$apply` made. */
export function member(expression: BoundMember, compiler: Compiler): Operand {
  const path: string[] = [];
  let current: BoundExpression = expression;
  while (current.kind === "member") {
    path.unshift(current.name);
    current = current.source;
  }
  const binding = current.kind === "variable" ? compiler.scope.get(current.variable) : undefined;
  const value =
    binding?.kind === "shape"
      ? binding.column(path)
      : binding?.kind === "row" && path.length === 1
        ? binding.computed?.get(path[0]!)
        : undefined;
  if (value === undefined) throw notImplemented(`'${path.join("/")}' is not at hand here.`);
  const type = expression.type?.kind === "shape" ? undefined : expression.type;
  const kind = expression.collection ? "json" : kindOf(type);
  const shape = { type, collection: expression.collection, simple: binding?.kind === "shape" };
  // A sum that is no 64-bit integer any more is a decimal; all are taken for one.
  return kind === "integer" && type?.qualifiedName === "Edm.Int64"
    ? { ...shape, kind: "decimal", sql: compiler.dialect.decimal(value) }
    : { ...shape, kind, sql: value, bounds: kind === "integer" ? integerBounds(type) : undefined };
}
