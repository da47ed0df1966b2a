import { sql } from "kysely";
import type {
  BoundExpression,
  BoundPath,
  BoundVariable,
  EntitySegment,
  KeySegment,
  NavigationSegment,
} from "../../binding/index.js";
import type { EntityType, Property } from "../../edm/index.js";
import type { Sql } from "./dialect.js";
import type { ExpressionCompiler } from "./expression.js";
import type { ColumnKind, EntityMapping, NavigationMapping } from "./mapping.js";
import { linkTable } from "./mapping.js";
import { resultItems } from "./results.js";
import type { OrderTerm } from "./order.js";
import { askedOrder, orderBy } from "./order.js";
import { keySlot } from "./plan.js";
import type { SqlBinding, StatementContext } from "./scope.js";

/** The tables and conditions that lead to the entities of a path, the last of them under `alias`. */
export interface EntitySource {
  readonly alias: string;
  readonly type: EntityType;
  readonly mapping: EntityMapping;
  /** `"table" as "alias"` and its joins. */
  readonly from: Sql;
  readonly where: readonly Sql[];
  /** What gives a collection its order where nothing else does. */
  readonly order: readonly OrderTerm[];
}

export interface SourceOptions {
  /** How many of the path's segments; all of them where absent. */
  readonly length?: number | undefined;
  /** What the keys become: slots, for the path of the request itself; or the values that the path has. */
  readonly keys: "slots" | "values";
}

/**
 * Turns a bound path into joins, one for each navigation segment.
 *
 * @param compiler for the conditions that stand in the path; knows the variables that are at hand around it
 */
export function entitySource(
  path: Pick<BoundPath, "segments">,
  compiler: ExpressionCompiler,
  context: StatementContext,
  options: SourceOptions = { keys: "slots" },
): EntitySource {
  const builder = new SourceBuilder(path.segments, compiler, context, options);
  return builder.build(options.length ?? path.segments.length);
}

class SourceBuilder {
  readonly #segments: readonly EntitySegment[];
  readonly #compiler: ExpressionCompiler;
  readonly #context: StatementContext;
  readonly #options: SourceOptions;
  #alias = "";
  #mapping!: EntityMapping;
  #type!: EntityType;
  #reached: NavigationMapping | undefined;
  #from: Sql[] = [];
  #where: Sql[] = [];
  #order: OrderTerm[] = [];

  constructor(
    segments: readonly EntitySegment[],
    compiler: ExpressionCompiler,
    context: StatementContext,
    options: SourceOptions,
  ) {
    this.#segments = segments;
    this.#compiler = compiler;
    this.#context = context;
    this.#options = options;
  }

  build(length: number): EntitySource {
    for (let index = 0; index < length; index++) this.#step(this.#segments[index]!, index);
    return {
      alias: this.#alias,
      type: this.#type,
      mapping: this.#mapping,
      from: sql.join(this.#from, sql``),
      where: this.#where,
      order: this.#order,
    };
  }

  #step(segment: EntitySegment, index: number): void {
    switch (segment.kind) {
      case "operation":
        this.#results(segment.type);
        break;
      case "entitySet":
      case "singleton":
        this.#start(segment.type);
        // A collection from `$root` is gone through for each row of what is around it.
        if (
          this.#options.keys === "values" &&
          segment.kind === "entitySet" &&
          this.#segments[index + 1]?.kind !== "key"
        )
          this.#where.push(...this.#context.dialect.inTime());
        break;
      case "key":
        segment.properties.forEach((property, part) =>
          this.#where.push(sql`${this.#keyPart(property)} = ${this.#keyValue(segment, index, part)}`),
        );
        break;
      case "cast":
        this.#type = segment.type;
        this.#narrow(segment.type);
        break;
      case "navigation":
        this.#follow(segment);
        break;
      case "filter":
        this.#where.push(this.#item().with(segment.variable, rowBinding(this.#row())).condition(segment.condition));
        break;
      case "ordinal":
        this.#pick(segment.index);
    }
  }

  /** From the beginning: all rows of a type. */
  #start(target: EntityType): void {
    this.#alias = this.#context.alias("e");
    this.#mapping = this.#context.mapping.entity(target);
    this.#type = target;
    this.#reached = undefined;
    this.#from = [sql`${sql.table(this.#mapping.table)} as ${sql.ref(this.#alias)}`];
    this.#where = [];
    this.#order = keyOrder(this.#row(), this.#compiler);
    this.#narrow(target);
  }

  /** The entities that an operation has given back, in their order: those of the keys that the request brings. */
  #results(target: EntityType): void {
    this.#start(target);
    const { from, position, keys } = resultItems(this.#mapping, this.#context);
    const table = this.#from;
    const on = this.#mapping.key.map((column, part) => sql`${sql.ref(`${this.#alias}.${column}`)} = ${keys[part]!}`);
    this.#from = [from, sql` inner join `, ...table, sql` on ${sql.join(on, sql` and `)}`];
    this.#order = [{ value: position, descending: false, mayBeNull: false, form: "integer" }];
  }

  #narrow(target: EntityType): void {
    const condition = typeCondition(this.#alias, this.#mapping, target, this.#reached);
    if (condition !== undefined) this.#where.push(condition);
  }

  #follow(segment: NavigationSegment): void {
    const how = this.#context.mapping.navigation(segment.alternatives[0]!);
    if (how.kind === "extent") return this.#start(segment.type);
    const source = this.#row();
    this.#alias = this.#context.alias("e");
    this.#mapping = this.#context.mapping.entity(segment.type);
    this.#type = segment.type;
    const target = this.#row();
    for (const { table, on } of navigationTables(source, target, how, segment.name)) {
      this.#from.push(sql` inner join ${table} on ${on}`);
    }
    this.#order = naturalOrder(target, how, this.#compiler);
    this.#reached = how;
    this.#narrow(segment.type);
  }

  /** One of what the path has led to so far, by its place: URL Conventions 4.01, section 4.13. */
  #pick(ordinal: number): void {
    // Joins further on must not multiply the rows that are counted, so the one that is meant is found by itself.
    const reverse = ordinal < 0;
    const order = this.#order.map((term) => ({ ...term, descending: term.descending !== reverse }));
    const offset = reverse ? -ordinal - 1 : ordinal;
    const key = (alias: string) => sql.join(this.#mapping.key.map((column) => sql.ref(`${alias}.${column}`)));
    const inner = this.#row();
    const picked = sql`select ${key(inner.alias)} from ${sql.join(this.#from, sql``)}${whereClause(this.#where)} order by ${orderBy(order, this.#context.dialect)} limit 1 offset ${offset}`;
    this.#alias = this.#context.alias("e");
    this.#reached = undefined;
    this.#from = [sql`${sql.table(this.#mapping.table)} as ${sql.ref(this.#alias)}`];
    this.#where = [sql`(${key(this.#alias)}) = (${picked})`];
    this.#order = keyOrder(this.#row(), this.#compiler);
  }

  /** For what is evaluated for each entity that the path has led to so far. */
  #item(): ExpressionCompiler {
    return this.#options.keys === "values" ? this.#compiler.within() : this.#compiler;
  }

  #row(): EntityRow {
    return { alias: this.#alias, type: this.#type, mapping: this.#mapping };
  }

  #keyPart(property: Property): Sql {
    const column = this.#mapping.columns.get(property.name);
    if (column !== undefined) return sql`${sql.ref(`${this.#alias}.${column.column}`)}`;
    // An alternate key may have properties that live in the document.
    const variable: BoundVariable = { name: "$it", type: this.#type };
    return this.#compiler
      .with(variable, rowBinding(this.#row()))
      .value(propertyOf({ kind: "variable", variable, type: this.#type, collection: false }, property));
  }

  #keyValue(segment: KeySegment, index: number, part: number): Sql {
    if (this.#options.keys === "slots") return keySlot(index, part);
    const type = segment.properties[part]!.type;
    const primitive = type.kind === "typeDefinition" ? type.underlyingType : type;
    if (primitive.kind === "complex") throw new Error("A key property is primitive.");
    return this.#compiler.value({
      kind: "constant",
      type: primitive,
      collection: false,
      value: segment.values[part]!,
    });
  }
}

/** An entity's row: the alias of its table, its declared type. */
export interface EntityRow {
  readonly alias: string;
  readonly type: EntityType;
  readonly mapping: EntityMapping;
}

/** An entity's row as expressions see it. */
export function rowBinding({ alias, type, mapping }: EntityRow): SqlBinding & { readonly kind: "row" } {
  return { kind: "row", alias, type, mapping };
}

/** The order of what a navigation property leads to: that of the links, then of the key. */
export function naturalOrder(target: EntityRow, how: NavigationMapping, compiler: ExpressionCompiler): OrderTerm[] {
  const key = keyOrder(target, compiler);
  if (how.kind !== "link") return key;
  const value = sql`${sql.ref(`${linkAlias(target.alias)}.${linkTable.position}`)}`;
  return [{ value, descending: false, mayBeNull: false, form: "integer" }, ...key];
}

/** A property of a structured value as an expression. */
export function propertyOf(source: BoundExpression, property: Property): BoundExpression {
  return { kind: "property", source, property, type: property.type, collection: property.collection };
}

type Side = Pick<EntityRow, "alias" | "mapping">;

/** A table of a join, with the condition that ties it to what stands before it. */
export interface JoinedTable {
  readonly table: Sql;
  readonly on: Sql;
}

/** The tables that lead over a navigation property from a source's row to its targets: one, or the links and one. */
export function navigationTables(
  source: Side,
  target: Side,
  how: Exclude<NavigationMapping, { readonly kind: "extent" }>,
  property: string,
): JoinedTable[] {
  const table = sql`${sql.table(target.mapping.table)} as ${sql.ref(target.alias)}`;
  switch (how.kind) {
    case "targetColumn":
      return [{ table, on: sql`${sql.ref(`${target.alias}.${how.column}`)} = ${keyOf(source)}` }];
    case "sourceColumn":
      return [{ table, on: sql`${keyOf(target)} = ${sql.ref(`${source.alias}.${how.column}`)}` }];
    case "link": {
      const link = linkAlias(target.alias);
      const column = (name: string) => sql.ref(`${link}.${name}`);
      const ofSource = sql`${column(linkTable.sourceTable)} = ${sql.lit(source.mapping.table)} and ${column(linkTable.sourceKey)} = ${keyAsText(source)}`;
      return [
        {
          table: sql`${sql.table(linkTable.name)} as ${sql.ref(link)}`,
          on: sql`${ofSource} and ${column(linkTable.property)} = ${sql.lit(property)}`,
        },
        { table, on: sql`${keyOf(target)} = ${keyFromText(column(linkTable.targetKey), target)}` },
      ];
    }
  }
}

/** Foreign keys and links hold a single key column; the mapping refuses others at start-up. */
function keyOf(side: Side): Sql {
  return sql`${sql.ref(`${side.alias}.${side.mapping.key[0]!}`)}`;
}

/** What the key's kinds are called; both databases take the names of the other. */
const KEY_TYPES: Readonly<Partial<Record<ColumnKind, string>>> = {
  integer: "bigint",
  number: "double precision",
  boolean: "boolean",
};

/** A key as links hold it, as the target's column does. */
export function keyFromText(text: Sql, { mapping }: Pick<Side, "mapping">): Sql {
  const type = KEY_TYPES[keyKind(mapping)];
  return type === undefined ? text : sql`cast(${text} as ${sql.raw(type)})`;
}

/** What kind of column holds a key that is a single one. */
export function keyKind(mapping: EntityMapping): ColumnKind {
  return [...mapping.columns.values()].find(({ column }) => column === mapping.key[0])!.kind;
}

/** The key as links hold it. Without the cast a number's affinity would keep the links' index from being used. */
export function keyAsText(side: Side): Sql {
  return keyKind(side.mapping) === "text" ? keyOf(side) : sql`cast(${keyOf(side)} as text)`;
}

function linkAlias(target: string): string {
  return `l${target}`;
}

/** By the key. */
export function keyOrder(row: EntityRow, compiler: ExpressionCompiler): OrderTerm[] {
  const variable: BoundVariable = { name: "$it", type: row.type };
  const inner = compiler.with(variable, rowBinding(row));
  const key = row.type.key.map((property) => ({
    expression: propertyOf({ kind: "variable", variable, type: row.type, collection: false }, property),
    descending: false,
  }));
  return askedOrder(key, inner, row);
}

/**
 * The condition that a row is of a type; `undefined` where every row of the table is.
 *
 * @param reached how a join has come to the row, where one has
 */
export function typeCondition(
  alias: string,
  mapping: EntityMapping,
  type: EntityType,
  reached?: NavigationMapping,
): Sql | undefined {
  if (mapping.discriminator === undefined) return undefined;
  const { column, valueOf, typeOf } = mapping.discriminator;
  const values = [type, ...type.derivedTypes].flatMap((candidate) => valueOf.get(candidate) ?? []);
  if (values.length === typeOf.size) return undefined;
  // The index of the discriminator leads to all rows of the type, that of the foreign key to a few; SQLite without
  // statistics may take either. No index fits an expression.
  const discriminator =
    reached?.kind === "targetColumn"
      ? sql`coalesce(${sql.ref(`${alias}.${column}`)}, '')`
      : sql.ref(`${alias}.${column}`);
  if (values.length === 1) return sql`${discriminator} = ${sql.lit(values[0]!)}`;
  return values.length === 0
    ? sql`false`
    : sql`${discriminator} in (${sql.join(values.map((value) => sql.lit(value)))})`;
}

/** The types that a row can have, each of which has rows of its own. */
export function actualTypes({ type, mapping }: Pick<EntityRow, "type" | "mapping">): EntityType[] {
  const { discriminator } = mapping;
  if (discriminator === undefined) return [type];
  return [type, ...type.derivedTypes].filter((candidate) => discriminator.valueOf.has(candidate));
}

/** The condition that a row is of one of some types themselves, and not of one that derives from them. */
export function exactTypeCondition({ alias, mapping }: EntityRow, types: readonly EntityType[]): Sql {
  const { discriminator } = mapping;
  if (discriminator === undefined) return sql`true`;
  const values = types.map((type) => sql.lit(discriminator.valueOf.get(type)!));
  const column = sql.ref(`${alias}.${discriminator.column}`);
  return values.length === 1 ? sql`${column} = ${values[0]}` : sql`${column} in (${sql.join(values)})`;
}

/** `where a and b`, or nothing. */
export function whereClause(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`` : sql` where ${sql.join(conditions, sql` and `)}`;
}
