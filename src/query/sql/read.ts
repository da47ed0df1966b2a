import { sql } from "kysely";
import type { BoundOptions, BoundPath } from "../../binding/index.js";
import type { Property } from "../../edm/index.js";
import { ConditionCompiler } from "./condition.js";
import type { Sql } from "./dialect.js";
import type { SqlContext } from "./entity-text.js";
import { columnJson, entityColumns, orderTerm, pageClause } from "./entity-text.js";
import type { SqlStatement } from "./plan.js";
import { compile } from "./plan.js";
import type { EntitySource } from "./source.js";
import { entitySource, typeCondition, whereClause } from "./source.js";
import { integerColumns } from "./write.js";

/**
 * A read of one entity or of a collection as one statement. Each row is the JSON text of one entity, for `wholeText`
 * to put together; with `$count=true` the number of all entities stands before it, and there is one row with a NULL text
 * where the page is empty.
 */
export function compileRead(path: BoundPath, options: BoundOptions, context: SqlContext): SqlStatement {
  const source = entitySource(path, context.mapping);
  const { members, document } = entityColumns(source, options, context);
  const text = document === undefined ? sql`${members} as x` : sql`${members} as x, ${document} as d`;
  if (!path.collection)
    return compile(sql`select ${text} from ${source.from}${whereClause(source.where)}`, context.dialect);
  const where = [...source.where, ...filterOf(source, options, context)];
  const order = sql.join(orderOf(source, options, context));
  const from = sql`${source.from}${whereClause(where)}`;
  const page = pageClause(options);
  if (options.count !== true)
    return compile(sql`select ${text} from ${from} order by ${order}${page}`, context.dialect);
  const counted = sql`(select count(*) as n from ${from}) as c`;
  const numbered = sql`(select row_number() over (order by ${order}) as r, ${text} from ${from} order by ${order}${page}) as p`;
  const columns = document === undefined ? sql`c.n, p.x` : sql`c.n, p.x, p.d`;
  return compile(sql`select ${columns} from ${counted} left join ${numbered} on true order by p.r`, context.dialect);
}

/** The number of entities that a path leads to: `/$count`. */
export function compileCount(path: BoundPath, options: BoundOptions, context: SqlContext): SqlStatement {
  const source = entitySource(path, context.mapping);
  const where = [...source.where, ...filterOf(source, options, context)];
  return compile(sql`select count(*) from ${source.from}${whereClause(where)}`, context.dialect);
}

/** The type (discriminator) and the keys of the entities that a path leads to: `/$ref`. */
export function compileReferences(path: BoundPath, options: BoundOptions, context: SqlContext): SqlStatement {
  const source = entitySource(path, context.mapping);
  const where = [...source.where, ...filterOf(source, options, context)];
  const order = path.collection ? sql` order by ${sql.join(orderOf(source, options, context))}` : sql``;
  return compile(
    sql`select ${sql.join(keyAndType(source))} from ${source.from}${whereClause(where)}${order}${path.collection ? pageClause(options) : sql``}`,
    context.dialect,
  );
}

/** The JSON text of a structural property; a NULL where the entity's actual type has no such property. */
export function compileProperty(path: BoundPath, property: readonly Property[], context: SqlContext): SqlStatement {
  const source = entitySource(path, context.mapping);
  const first = property[0]!;
  const column = source.mapping.columns.get(first.name);
  let value: Sql;
  if (column === undefined) {
    const document = sql`${sql.ref(`${source.alias}.${source.mapping.document!}`)}`;
    value = context.dialect.member(
      document,
      property.map((step) => step.name),
    );
  } else {
    value = columnJson(source.alias, column, context.dialect);
    if (property.length > 1)
      value = context.dialect.member(
        value,
        property.slice(1).map((step) => step.name),
      );
  }
  const declared = ofDeclaringType(source, first.name);
  if (declared !== undefined) value = sql`case when ${declared} then ${value} end`;
  return compile(sql`select ${value} from ${source.from}${whereClause(source.where)}`, context.dialect);
}

/** The condition that a row's type has a property that only derived types declare; a column alone does not tell. */
function ofDeclaringType({ alias, type, mapping }: EntitySource, name: string): Sql | undefined {
  if (type.properties.has(name)) return undefined;
  const conditions = type.derivedTypes
    .filter((derived) => derived.properties.has(name) && derived.baseType?.properties.has(name) !== true)
    .flatMap((derived) => typeCondition(alias, mapping, derived) ?? []);
  return sql.join(conditions, sql` or `);
}

/**
 * The stored row of the entity that a path's first segments lead to, for a request that changes it or builds on it.
 * Integers come as texts, since they may have more digits than a JavaScript number holds.
 *
 * @param length how many of the path's segments; all of them where absent
 */
export function compileRow(
  path: Pick<BoundPath, "segments">,
  context: SqlContext,
  columns: readonly string[],
  length?: number,
): SqlStatement {
  const source = entitySource(path, context.mapping, length);
  const texts = integerColumns(source.mapping);
  const values = columns.map((column, index) => {
    const value = sql`${sql.ref(`${source.alias}.${column}`)}`;
    // Names of their own: a driver that gives rows as objects would make one member of two columns of the same name.
    return sql`${texts.has(column) ? sql`cast(${value} as text)` : value} as ${sql.ref(`c${index}`)}`;
  });
  return compile(sql`select ${sql.join(values)} from ${source.from}${whereClause(source.where)}`, context.dialect);
}

function keyAndType(source: EntitySource): Sql[] {
  const { discriminator, key } = source.mapping;
  const type = discriminator === undefined ? sql`null` : sql`${sql.ref(`${source.alias}.${discriminator.column}`)}`;
  return [type, ...key.map((column) => sql`${sql.ref(`${source.alias}.${column}`)}`)];
}

function filterOf(source: EntitySource, options: BoundOptions, context: SqlContext): Sql[] {
  if (options.filter === undefined) return [];
  return [new ConditionCompiler(source.alias, source.mapping, context.dialect).condition(options.filter)];
}

/** What was asked for, and then the key, so that pages never overlap. */
function orderOf(source: EntitySource, options: BoundOptions, context: SqlContext): Sql[] {
  const compiler = new ConditionCompiler(source.alias, source.mapping, context.dialect);
  const asked = (options.orderby ?? []).map((item) => orderTerm(compiler.value(item.expression), item.descending));
  return [...asked, ...source.order];
}
