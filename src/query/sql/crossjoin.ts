import { sql } from "kysely";
import type { BoundOptions, BoundVariable } from "../../binding/index.js";
import type { EntitySet } from "../../edm/index.js";
import type { Sql } from "./dialect.js";
import type { SqlContext } from "./entity-text.js";
import { entityColumns, entityText, keyText } from "./entity-text.js";
import { expandedMembers } from "./expand.js";
import { ExpressionCompiler } from "./expression.js";
import { concatenated, memberName } from "./pieces.js";
import { askedOrder } from "./order.js";
import type { PageRequest } from "./page.js";
import { pageStatement } from "./page.js";
import { compile } from "./plan.js";
import type { ReadStatement } from "./read-statement.js";
import { readColumns } from "./read-statement.js";
import type { StatementContext } from "./scope.js";
import { statementContext } from "./scope.js";
import type { EntityRow } from "./source.js";
import { keyOrder, rowBinding, typeCondition } from "./source.js";

/** One of the sets of a cross join, and what stands for its row in expressions. */
export interface JoinedSet {
  readonly set: EntitySet;
  readonly variable: BoundVariable;
}

/**
 * A read of all combinations of entities of several sets: URL Conventions 4.01, section 4.15. Each row is the text of an
 * object with one member for each set: the entity where it is expanded, else no more than what tells where it is: its type
 * and its key. Nobody can be sure that there are few, so the service should ask for pages.
 */
export function compileCrossjoin(
  sets: readonly JoinedSet[],
  options: BoundOptions,
  context: SqlContext,
  page?: PageRequest,
): ReadStatement {
  const statement = statementContext(context.mapping, context.dialect);
  const joined = sets.map((joinedSet) => ({ ...joinedSet, row: rowOf(joinedSet, statement) }));
  const compiler = joined.reduce(
    (outer, { variable, row }) => outer.with(variable, rowBinding(row)),
    new ExpressionCompiler(new Map(), statement),
  );
  const where = context.dialect.inTime(...joined.map(({ row }) => keyOf(row)));
  where.push(...joined.flatMap(({ row }) => typeCondition(row.alias, row.mapping, row.type) ?? []));
  if (options.filter !== undefined) where.push(compiler.condition(options.filter));
  const tables = joined.map(({ row }) => sql`${sql.table(row.mapping.table)} as ${sql.ref(row.alias)}`);
  const order = [
    ...askedOrder(options.orderby, compiler, undefined),
    ...joined.flatMap(({ row }) => keyOrder(row, compiler)),
  ];
  const members = joined.map(({ set, row }) => member(set, row, options, compiler, statement));
  const text = sql`'{' || substr(${concatenated(members)}, 2) || '}'`;
  const source = { columns: [{ name: "x", value: text }], from: sql.join(tables, sql` cross join `), where, order };
  return {
    ...compile(pageStatement(source, options, page, context.dialect), context.dialect),
    columns: readColumns(1, { counted: options.count === true, document: false, keyset: page?.keyset === true }),
  };
}

function rowOf({ set }: JoinedSet, context: StatementContext): EntityRow {
  return { alias: context.alias("e"), type: set.entityType, mapping: context.mapping.entity(set.entityType) };
}

function keyOf({ alias, mapping }: EntityRow): Sql {
  return sql`${sql.ref(`${alias}.${mapping.key[0]!}`)}`;
}

function member(
  { name }: EntitySet,
  row: EntityRow,
  options: BoundOptions,
  compiler: ExpressionCompiler,
  context: StatementContext,
): Sql {
  const item = options.expand.find(({ navigation }) => navigation.name === name);
  if (item === undefined || item.what !== "entities")
    return sql`${memberName(name)} || ${keyText(row, context.dialect)}`;
  const inner = compiler.with(item.options.variable, rowBinding(row));
  const expanded = expandedMembers(row, item.options.expand, inner, context);
  return sql`${memberName(name)} || ${entityText(entityColumns(row, item.options, inner, context, expanded))}`;
}
