import { sql } from "kysely";
import type { BoundExpand, BoundOptions } from "../../binding/index.js";
import type { EntityType } from "../../edm/index.js";
import { notImplemented } from "../../errors/index.js";
import type { SearchExpression } from "../../syntax/index.js";
import { AppliedRows } from "./apply-result.js";
import type { Sql, SqlDialect } from "./dialect.js";
import { entityColumns, entityText, keyText } from "./entity-text.js";
import type { ExpressionCompiler } from "./expression.js";
import { memberName } from "./pieces.js";
import { askedOrder, orderBy, wholeOrder } from "./order.js";
import type { OrderTerm } from "./order.js";
import type { StatementContext } from "./scope.js";
import { searchCondition } from "./search.js";
import { nestedLimit } from "./select.js";
import type { EntityRow, EntitySource } from "./source.js";
import { naturalOrder, navigationTables, rowBinding, typeCondition, whereClause } from "./source.js";

/** What is expanded of a row, each as a member with a comma in front of it: URL Conventions 4.01, section 5.1.3. */
export function expandedMembers(
  row: EntityRow,
  items: readonly BoundExpand[],
  compiler: ExpressionCompiler,
  context: StatementContext,
): Sql[] {
  return items.map((item) => ofDeclaringTypes(row, item, expandedMember(row, item, compiler, context)));
}

/**
 * The conditions of `$filter` and `$search`.
 *
 * @param row absent where rows are no entities; these cannot be searched
 * @param compiler knows the options' variable: it stands for the row
 */
export function rowConditions(
  row: EntityRow | undefined,
  { filter, search }: Pick<BoundOptions, "filter" | "search">,
  compiler: ExpressionCompiler,
  { dialect }: StatementContext,
): Sql[] {
  return [
    ...(filter === undefined ? [] : [compiler.condition(filter)]),
    ...(search === undefined ? [] : [searchOf(row, search, dialect)]),
  ];
}

function searchOf(row: EntityRow | undefined, search: SearchExpression, dialect: SqlDialect): Sql {
  if (row === undefined) throw notImplemented("$search is offered on entities only.", { target: "$search" });
  return searchCondition(row.alias, row.mapping, search, dialect);
}

function expandedMember(
  row: EntityRow,
  item: BoundExpand,
  compiler: ExpressionCompiler,
  context: StatementContext,
): Sql {
  const { navigation, options, what } = item;
  const { name } = navigation;
  const { dialect } = context;
  const target = related(row, item, compiler, context);
  const outer = navigation.collection ? compiler.within() : compiler;
  const applied =
    options.apply === undefined ? undefined : new AppliedRows(target, options.apply, options, outer, context);
  const { from, order } = applied ?? target;
  const inner = applied?.compiler ?? outer.with(options.variable, rowBinding(target));
  const entities = applied === undefined ? target : applied.entities;
  const where = whereClause([...(applied ?? target).where, ...rowConditions(entities, options, inner, context)]);
  /** A subquery of what is expanded. */
  const query = (statement: Sql) => (applied === undefined ? statement : applied.statement(statement));
  const count = sql`${memberName(`${name}@odata.count`)} || (${query(sql`select count(*) from ${from}${where}`)})`;
  if (what === "count") return count;
  const expanded = (owner: EntityRow) => expandedMembers(owner, options.expand, inner, context);
  const text =
    what === "references"
      ? keyText(target, dialect)
      : entityText(
          applied === undefined
            ? entityColumns(target, options, inner, context, expanded(target))
            : applied.columns(options, context, expanded),
        );
  const selected = (limited: Sql, terms: readonly OrderTerm[]) =>
    query(
      sql`select ${text} as x from ${from}${where}${terms.length === 0 ? sql`` : sql` order by ${orderBy(terms, dialect)}`}${limited}`,
    );
  if (!navigation.collection) {
    // A foreign key leads to one row; the other ways are not that certain.
    const one = order.length === 0 ? sql`` : dialect.limit(sql.lit(1), undefined);
    return sql`${memberName(name)} || coalesce((${selected(one, order)}), 'null')`;
  }
  const asked = askedOrder(options.orderby, inner, entities);
  const page = selected(nestedLimit(options, context), wholeOrder(asked, order));
  const texts = dialect.join(sql`${sql.ref("x")}`, undefined);
  const member = sql`${sql.lit(`,${JSON.stringify(name)}:[`)} || coalesce((select ${texts} from (${page}) as p), '') || ']'`;
  return options.count === true ? sql`${count} || ${member}` : member;
}

/** The rows that a navigation property leads to from a row, for a subquery that is correlated with it. */
function related(
  row: EntityRow,
  item: BoundExpand,
  compiler: ExpressionCompiler,
  context: StatementContext,
): EntitySource {
  const { navigation, targetCast } = item;
  const type = targetCast ?? navigation.type;
  const target: EntityRow = {
    alias: context.alias(`${row.alias}x`),
    type,
    mapping: context.mapping.entity(navigation.type),
  };
  const how = context.mapping.navigation(navigation.alternatives[0]!);
  const narrowed = typeCondition(target.alias, target.mapping, type, how);
  const multiplies = how.kind === "extent" || (compiler.nested && navigation.collection);
  const conditions = [...(multiplies ? context.dialect.inTime() : []), ...(narrowed === undefined ? [] : [narrowed])];
  const order = how.kind === "sourceColumn" ? [] : naturalOrder(target, how, compiler);
  if (how.kind === "extent") {
    const from = sql`${sql.table(target.mapping.table)} as ${sql.ref(target.alias)}`;
    return { ...target, from, where: conditions, order };
  }
  const [first, ...rest] = navigationTables(row, target, how, navigation.name);
  // The subquery starts from the table next to the outer row; what ties it to that row is a condition.
  const from = sql.join([first!.table, ...rest.map(({ table, on }) => sql`inner join ${table} on ${on}`)], sql` `);
  return { ...target, from, where: [first!.on, ...conditions], order };
}

/** A member that only the types have that declare the property. */
function ofDeclaringTypes(row: EntityRow, { cast, navigation }: BoundExpand, member: Sql): Sql {
  const declaring =
    cast === undefined ? navigation.alternatives.map((alternative) => alternative.declaringType) : [cast];
  const types = declaring.filter((type): type is EntityType => type.kind === "entity");
  if (types.some((type) => row.type.lineage.has(type))) return member;
  const conditions = types.flatMap((type) => typeCondition(row.alias, row.mapping, type) ?? []);
  if (conditions.length < types.length) return member;
  return sql`case when ${sql.join(conditions, sql` or `)} then ${member} else '' end`;
}
