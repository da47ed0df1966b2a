import { sql } from "kysely";
import type { BoundOptions } from "../../binding/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { OrderTerm } from "./order.js";
import { orderBy } from "./order.js";
import { slot } from "./plan.js";
import { whereClause } from "./source.js";

/** A page of a collection that the service cuts, other than with `$top` and `$skip` alone. */
export interface PageRequest {
  /**
   * True: pages go on behind the last row of the one before, whose order values come with each row. False: they go on at
   * an offset.
   */
  readonly keyset: boolean;
  /** For a page behind a row: which of that row's order values are null. The values come through the `after` slots. */
  readonly after?: readonly boolean[] | undefined;
}

/** What a page is cut from. */
export interface PageSource {
  /** What is selected, each under its name. */
  readonly columns: readonly { readonly name: string; readonly value: Sql }[];
  readonly from: Sql;
  readonly where: readonly Sql[];
  readonly order: readonly OrderTerm[];
}

/**
 * Selects a page of rows, and with `$count=true` the number of all of them before it; then there is one row with NULL in
 * its other columns where the page is empty. With a keyset the values of the order's terms stand behind the columns.
 *
 * How many rows, and from where on, are slots: the text is the same for all pages but the first, for rows without null.
 */
export function pageStatement(
  source: PageSource,
  options: Pick<BoundOptions, "top" | "skip" | "count">,
  page: PageRequest | undefined,
  dialect: SqlDialect,
): Sql {
  const columns = [...source.columns, ...(page?.keyset === true ? orderColumns(source.order, dialect) : [])];
  const rows = pageRows({ ...source, columns }, options, page, dialect);
  if (options.count !== true) return rows(undefined);
  const counted = sql`(select count(*) as n from ${source.from}${whereClause(source.where)}) as c`;
  const names = sql.join(["c.n", ...columns.map(({ name }) => `p.${name}`)].map((name) => sql.ref(name)));
  return sql`select ${names} from ${counted} left join (${rows("r")}) as p on true order by p.r`;
}

/** The rows of a page in order, numbered under a name where they will be a part of something. */
function pageRows(
  source: PageSource,
  options: Pick<BoundOptions, "top" | "skip">,
  page: PageRequest | undefined,
  dialect: SqlDialect,
): (number: string | undefined) => Sql {
  const limited = pageLimit(options, page, dialect);
  const selected = sql.join(source.columns.map(({ name, value }) => sql`${value} as ${sql.ref(name)}`));
  const rows = (range: Range, number: string | undefined) => {
    const order = range.order.length === 0 ? sql`` : sql`order by ${orderBy(range.order, dialect)}`;
    const numbered = number === undefined ? sql`` : sql`row_number() over (${order}) as ${sql.ref(number)}, `;
    return sql`select ${numbered}${selected} from ${source.from}${whereClause([...source.where, ...range.where])} ${order}${limited}`;
  };
  const ranges = rangesOf(source.order, options, page, dialect);
  if (ranges.length === 1) return (number) => rows(ranges[0]!, number);
  // One range of the index after the other; none of them is read further than the page needs.
  const parts = ranges.map(
    (range, index) => sql`select ${sql.lit(index)} as part, s.* from (${rows(range, "i")}) as s`,
  );
  const together = sql`(${sql.join(parts, sql` union all `)}) as u`;
  const names = sql.join(source.columns.map(({ name }) => sql.ref(`u.${name}`)));
  return (number) => {
    const numbered = number === undefined ? sql`` : sql`row_number() over (order by part, i) as ${sql.ref(number)}, `;
    return sql`select ${numbered}${names} from ${together} order by part, i${limited}`;
  };
}

/** Rows that follow each other in the order asked for, of which an index on the first term can find the first ones. */
interface Range {
  readonly where: readonly Sql[];
  readonly order: readonly OrderTerm[];
}

function rangesOf(
  order: readonly OrderTerm[],
  { top, skip }: Pick<BoundOptions, "top" | "skip">,
  page: PageRequest | undefined,
  dialect: SqlDialect,
): Range[] {
  if (page?.keyset === true && page.after !== undefined) return rangesBehind(order, page.after, dialect);
  const [first] = order;
  // An index of PostgreSQL has null at its other end.
  const isApart = dialect.name === "postgres" && first?.mayBeNull === true && first.property !== undefined;
  if (!isApart || (page === undefined && top === undefined) || skip !== undefined || page?.keyset === false)
    return [{ where: [], order }];
  return nullApart(order);
}

/** All rows, those without the first term's value apart from the others. */
function nullApart(order: readonly OrderTerm[]): Range[] {
  const [first, ...rest] = order;
  const { value, descending } = first!;
  const without: Range = { where: [sql`${value} is null`], order: rest };
  const others: Range = { where: [sql`${value} is not null`], order: withValue(order) };
  return descending ? [others, without] : [without, others];
}

/**
 * The order of rows of which the first term's value is known not to be null. An index on what is no column has null where
 * the order asks for it ({@link propertyIndexes}), and is of use only while it does.
 */
function withValue([first, ...rest]: readonly OrderTerm[]): OrderTerm[] {
  return [first!.property === undefined ? first! : { ...first!, mayBeNull: false }, ...rest];
}

/** ` limit ? offset ?` of the outermost page: the service gives the values. */
export function pageLimit(
  options: Pick<BoundOptions, "top" | "skip">,
  page: PageRequest | undefined,
  dialect: SqlDialect,
): Sql {
  const limit = page !== undefined || options.top !== undefined;
  const offset =
    page === undefined || (page.keyset && page.after === undefined) ? options.skip !== undefined : !page.keyset;
  return dialect.limit(limit ? slot({ slot: "limit" }) : undefined, offset ? slot({ slot: "offset" }) : undefined);
}

function orderColumns(order: readonly OrderTerm[], dialect: SqlDialect): PageSource["columns"] {
  return order.map(({ value, form }, index) => ({ name: `k${index}`, value: dialect.orderText(value, form) }));
}

/** The ranges of the rows behind one row. */
function rangesBehind(order: readonly OrderTerm[], after: readonly boolean[], dialect: SqlDialect): Range[] {
  const value = (index: number) => dialect.orderValue(slot({ slot: "after", index }), order[index]!.form);
  const [first, ...others] = order;
  const [firstIsNull] = after;
  if (others.length === 0) return [{ where: [strictlyBehind(first!, firstIsNull!, value(0))], order }];
  // Null stands before what the row has, and is left out by the comparison as it should.
  if (order.every(({ descending }) => !descending) && after.every((isNull) => !isNull)) {
    const values = order.map((_, index) => value(index));
    // An index on an expression takes a bound, and not the first of several values.
    const bound = sql`${first!.value} >= ${values[0]!}`;
    const where = [bound, sql`(${sql.join(order.map((term) => term.value))}) > (${sql.join(values)})`];
    return [{ where, order: withValue(order) }];
  }
  let rest: Sql | undefined;
  for (let index = order.length - 1; index > 0; index--) {
    const term = order[index]!;
    const isNull = after[index]!;
    const behind = strictlyBehind(term, isNull, value(index));
    rest = rest === undefined ? behind : sql`(${behind} or (${isEqual(term, isNull, value(index))} and ${rest}))`;
  }
  if (firstIsNull!) {
    const same: Range = { where: [sql`${first!.value} is null`, rest!], order: others };
    if (first!.descending) return [same];
    return [same, { where: [sql`${first!.value} is not null`], order: withValue(order) }];
  }
  const comparison = sql.raw(first!.descending ? "<" : ">");
  // Says nothing new, but an index takes a bound and not an alternative.
  const bound = sql`${first!.value} ${comparison}= ${value(0)}`;
  const where = [bound, sql`(${first!.value} ${comparison} ${value(0)} or ${rest!})`];
  const range: Range = { where, order: withValue(order) };
  return first!.descending && first!.mayBeNull
    ? [range, { where: [sql`${first!.value} is null`], order: others }]
    : [range];
}

function strictlyBehind({ value, descending, mayBeNull }: OrderTerm, isNull: boolean, than: Sql): Sql {
  if (isNull) return descending ? sql`false` : sql`${value} is not null`;
  if (!descending) return sql`${value} > ${than}`;
  return mayBeNull ? sql`(${value} < ${than} or ${value} is null)` : sql`${value} < ${than}`;
}

function isEqual({ value }: OrderTerm, isNull: boolean, to: Sql): Sql {
  return isNull ? sql`${value} is null` : sql`${value} = ${to}`;
}
