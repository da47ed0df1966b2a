import { sql } from "kysely";
import type { BoundAggregate, BoundExpression } from "../../binding/index.js";
import { primitiveTypes } from "../../edm/primitive-types.js";
import type { EdmType } from "../../edm/index.js";
import type { ApplyCompiler } from "./apply.js";
import type { Partition, RowColumn, Rows } from "./apply-rows.js";
import { ColumnValues, columnOf } from "./apply-rows.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { ExpressionCompiler } from "./expression.js";
import type { ColumnKind } from "./mapping.js";
import type { Operand } from "./operand.js";
import { propertyOf, whereClause } from "./source.js";
import { kindOf, typeOf, underlying } from "./values.js";

/** A grouping value: where it stands in the rows that come out, and what it is in those that come in. */
export interface GroupColumn {
  readonly path: string;
  readonly column: RowColumn;
  readonly value: Sql;
  /** What is equal for equal values, where the values themselves may be written in several ways. */
  readonly key: Sql | undefined;
}

/** The rows that aggregation makes, one for each group. */
export interface AggregatedRows {
  readonly alias: string;
  readonly members: ReadonlyMap<string, RowColumn>;
  readonly partition: Partition | undefined;
}

const int64 = primitiveTypes.get("Edm.Int64")!;
const double = primitiveTypes.get("Edm.Double")!;

/** Values of these types may be written in several ways. */
const WRITTEN_VARIOUSLY: ReadonlySet<string> = new Set(["Edm.TimeOfDay", "Edm.Duration"]);

/** A grouping value of rows. */
export function groupColumn(
  path: readonly string[],
  expression: BoundExpression,
  compiler: ExpressionCompiler,
  apply: ApplyCompiler,
): GroupColumn {
  const { kind, type, collection } = compiler.operand(expression);
  const column: RowColumn = { column: apply.name(), type, collection, kind, present: undefined };
  const isVarious = type !== undefined && WRITTEN_VARIOUSLY.has(underlying(type).qualifiedName);
  return {
    path: path.join("/"),
    column,
    value: compiler.value(expression),
    key: isVarious ? compiler.orderKey(expression) : undefined,
  };
}

/** `aggregate`: OData Extension for Data Aggregation 4.0, section 3.2.1. */
export class Aggregation {
  readonly #rows: Rows;
  readonly #apply: ApplyCompiler;

  constructor(rows: Rows, apply: ApplyCompiler) {
    this.#rows = rows;
    this.#apply = apply;
  }

  /** Whether everything that is aggregated stands in the rows themselves. */
  static isPlain(items: readonly BoundAggregate[]): boolean {
    return items.every(isPlain);
  }

  /** One row for each combination of grouping values that is there. */
  perGroup(
    groups: readonly GroupColumn[],
    items: readonly BoundAggregate[],
    compiler: ExpressionCompiler,
  ): AggregatedRows {
    const { partition } = this.#rows;
    const keys = groups.map(({ key, column, value }) => ({
      name: key === undefined ? column.column : this.#apply.name(),
      value: key ?? value,
    }));
    const values = groups.flatMap(({ key, column, value }) =>
      key === undefined ? [] : { name: column.column, value },
    );
    const parts = this.#parts(partition);
    const input = this.#input([...parts, ...keys], items, compiler, values);
    const selected = groups.map(({ key, column }) => {
      const value = columnOf(input.alias, column.column);
      return sql`${key === undefined ? value : sql`min(${value})`} as ${sql.ref(column.column)}`;
    });
    const columns = [...parts.map(({ name }) => columnOf(input.alias, name)), ...selected, ...input.aggregates(false)];
    // All rows together are one group, as rollup's $all wants, if there are any.
    const isWhole = parts.length + keys.length === 0;
    if (isWhole) columns.push(sql`count(*) as ${sql.ref(this.#apply.name())}`);
    const present = isWhole ? sql` having count(*) > 0` : sql``;
    const alias = this.#apply.table(
      sql`select ${sql.join(columns)} from ${sql.ref(input.alias)}${input.grouping}${present}`,
    );
    return {
      alias,
      members: new Map([...groups.map(({ path, column }) => [path, column] as const), ...input.members]),
      partition,
    };
  }

  /** One row, or one for each group to which transformations are applied, though it may have lost all of its rows. */
  perPartition(items: readonly BoundAggregate[], compiler: ExpressionCompiler): AggregatedRows {
    const { partition } = this.#rows;
    const plain = items.filter(isPlain);
    const buckets = [
      ...(plain.length === 0 ? [] : [plain]),
      ...items.filter((item) => !isPlain(item)).map((item) => [item]),
    ];
    const tables = buckets.map((bucket) => this.#bucket(bucket, compiler));
    const members = new Map(tables.flatMap((table) => [...table.members]));
    const ordered = new Map(items.map(({ name }) => [name, members.get(name)!]));
    const [first, ...others] = tables;
    if (others.length === 0) return { alias: first!.alias, members: ordered, partition };
    const columns = [...ordered.values()].map(({ column }) => sql.ref(column));
    const joins = others.map(({ alias }) =>
      partition === undefined
        ? sql` cross join ${sql.ref(alias)}`
        : sql` inner join ${sql.ref(alias)} on ${columnOf(alias, partition.column)} = ${columnOf(first!.alias, partition.column)}`,
    );
    const group = partition === undefined ? [] : [columnOf(first!.alias, partition.column)];
    const alias = this.#apply.table(
      sql`select ${sql.join([...group, ...columns])} from ${sql.ref(first!.alias)}${sql.join(joins, sql``)}`,
    );
    return { alias, members: ordered, partition };
  }

  /** Aggregates of the same rows. */
  #bucket(items: readonly BoundAggregate[], compiler: ExpressionCompiler) {
    const { partition } = this.#rows;
    const input = this.#input(this.#parts(partition), items, compiler, []);
    const { members } = input;
    if (partition === undefined) {
      // The count makes one row of them, also where nothing else is an aggregate to the database.
      const rows = sql`count(*) as ${sql.ref(this.#apply.name())}`;
      const query = sql`select ${sql.join([rows, ...input.aggregates(false)])} from ${sql.ref(input.alias)}${input.grouping}`;
      return { alias: this.#apply.table(query), members };
    }
    const { column, key, groups, dropped } = partition;
    if (!dropped && Aggregation.isPlain(items)) {
      const query = sql`select ${sql.join([columnOf(input.alias, column), ...input.aggregates(false)])} from ${sql.ref(input.alias)}${input.grouping}`;
      return { alias: this.#apply.table(query), members };
    }
    const group = columnOf(groups, key);
    const query = sql`select ${sql.join([sql`${group} as ${sql.ref(column)}`, ...input.aggregates(true)])} from ${sql.ref(groups)} left join ${sql.ref(input.alias)} on ${columnOf(input.alias, column)} = ${group} group by ${sql.join([group, ...input.constants])}`;
    return { alias: this.#apply.table(query), members };
  }

  #parts(partition: Partition | undefined): NamedValue[] {
    if (partition === undefined) return [];
    return [{ name: partition.column, value: columnOf(this.#rows.alias, partition.column) }];
  }

  /** What is aggregated stands in the rows themselves, or in those that a path leads to from them. */
  #source(parts: readonly NamedValue[], items: readonly BoundAggregate[], outside: ExpressionCompiler): Source {
    const { alias, where } = this.#rows;
    const rows: Source = { from: sql`${sql.ref(alias)}`, where, parts, compiler: outside };
    const [first] = items;
    if (first === undefined) return rows;
    const { entities, over } = first;
    return joined(entities === undefined ? rows : this.#entities(rows, entities), over);
  }

  /** Each entity that a path reaches once, or once in each group: section 3.2.1.1. */
  #entities(rows: Source, entities: NonNullable<BoundAggregate["entities"]>): Source {
    const { from, where, parts, compiler } = joined(rows, entities);
    const place = compiler.scope.get(entities.variable);
    if (place?.kind !== "row") throw new Error("Entities were expected.");
    const keys = place.mapping.key.map((column) => ({
      column,
      name: this.#apply.name(),
      value: sql`${sql.ref(`${place.alias}.${column}`)}`,
    }));
    const columns = [...parts, ...keys].map(({ name, value }) => sql`${value} as ${sql.ref(name)}`);
    const found = this.#apply.table(sql`select distinct ${sql.join(columns)} from ${from}${whereClause(where)}`);
    const alias = this.#apply.context.alias("e");
    const same = keys.map(({ column, name }) => sql`${sql.ref(`${alias}.${column}`)} = ${columnOf(found, name)}`);
    return {
      from: sql`${sql.ref(found)} inner join ${sql.table(place.mapping.table)} as ${sql.ref(alias)} on ${sql.join(same, sql` and `)}`,
      where: [],
      parts: parts.map(({ name }) => ({ name, value: columnOf(found, name) })),
      compiler: rows.compiler.with(entities.variable, { ...place, alias }),
    };
  }

  /** The values that are aggregated, with those by which they are grouped. */
  #input(
    keys: readonly NamedValue[],
    items: readonly BoundAggregate[],
    outside: ExpressionCompiler,
    further: readonly NamedValue[],
  ) {
    const { from, where, parts, compiler } = this.#source([...keys, ...further], items, outside);
    const marker = this.#apply.name();
    const aggregates = items.map((item) => this.#aggregate(item, compiler));
    const columns = [...parts, ...aggregates.flatMap(({ inputs }) => inputs), { name: marker, value: sql.lit(1) }].map(
      ({ name, value }) => sql`${value} as ${sql.ref(name)}`,
    );
    let alias = this.#apply.table(sql`select ${sql.join(columns)} from ${from}${whereClause(where)}`);
    // The first and last of values that the database does not order as they are: the same in all rows of a group.
    const extremes = aggregates.flatMap(({ extreme }) => extreme ?? []);
    if (extremes.length > 0) {
      const windows = extremes.map(({ name, value, key, descending }) => {
        const order = columnOf(alias, key);
        const partition =
          keys.length === 0 ? sql`` : sql`partition by ${sql.join(keys.map((part) => columnOf(alias, part.name)))} `;
        const term = descending ? sql`${order} desc` : order;
        return sql`first_value(${columnOf(alias, value)}) over (${partition}order by case when ${order} is null then 1 else 0 end, ${term}) as ${sql.ref(name)}`;
      });
      alias = this.#apply.table(sql`select ${sql.ref(alias)}.*, ${sql.join(windows)} from ${sql.ref(alias)}`);
    }
    const isWhole = keys.length === 0;
    const constants = isWhole ? [] : extremes.map(({ name }) => columnOf(alias, name));
    const grouped = [...keys.map(({ name }) => columnOf(alias, name)), ...constants];
    return {
      alias,
      constants,
      grouping: grouped.length === 0 ? sql`` : sql` group by ${sql.join(grouped)}`,
      members: new Map(aggregates.map(({ name, column }) => [name, column] as const)),
      /** @param joined rows may be there that stand for none */
      aggregates: (joined: boolean) =>
        aggregates.map(({ column, extreme, result }) => {
          const count = joined ? sql`count(${columnOf(alias, marker)})` : sql`count(*)`;
          // Without groups there is a row where there are none that it is made of.
          const value =
            isWhole && extreme !== undefined
              ? sql`(select ${columnOf(alias, extreme.name)} from ${sql.ref(alias)} limit 1)`
              : result(alias, count);
          return sql`${value} as ${sql.ref(column.column)}`;
        }),
    };
  }

  #aggregate(item: BoundAggregate, compiler: ExpressionCompiler): Aggregate {
    const { name, method, expression } = item;
    const column = (type: EdmType | undefined, kind: ColumnKind): RowColumn => ({
      column: this.#apply.name(),
      type,
      collection: false,
      kind,
      present: undefined,
    });
    if (method === "count" || expression === undefined)
      return { name, column: column(item.type, "integer"), inputs: [], result: (_, count) => count };
    if (method === "countdistinct") {
      const key = this.#apply.name();
      return {
        name,
        column: column(item.type, "integer"),
        inputs: [{ name: key, value: distinctionOf(expression, compiler) }],
        result: (alias) => sql`count(distinct ${columnOf(alias, key)})`,
      };
    }
    const value = this.#apply.name();
    const operand = compiler.operand(expression);
    const inputs = [{ name: value, value: compiler.value(expression) }];
    const type = operand.type ?? item.type;
    if (method === "min" || method === "max") {
      if (isOrderedAsIs(operand.kind, type)) {
        const [extreme, { dialect }] = [sql.raw(method), this.#apply.context];
        return {
          name,
          column: column(type, operand.kind),
          inputs,
          result: (alias) => {
            const each = columnOf(alias, value);
            return sql`${extreme}(${operand.kind === "text" || operand.kind === "instant" ? dialect.textKey(each) : each})`;
          },
        };
      }
      const [key, found] = [this.#apply.name(), this.#apply.name()];
      return {
        name,
        column: column(type, operand.kind),
        inputs: [...inputs, { name: key, value: compiler.orderKey(expression) }],
        extreme: { name: found, value, key, descending: method === "max" },
        result: (alias) => columnOf(alias, found),
      };
    }
    return { name, ...this.#sum(item, operand, value, inputs) };
  }

  /** `sum` and `average`. */
  #sum(item: BoundAggregate, operand: Operand, value: string, inputs: readonly NamedValue[]): Omit<Aggregate, "name"> {
    const { dialect } = this.#apply.context;
    const { kind, type = item.type } = operand;
    const isDuration = type !== undefined && underlying(type).qualifiedName === "Edm.Duration";
    const total = (alias: string): Sql => {
      const each = columnOf(alias, value);
      if (isDuration) return sql`odatum_duration(${dialect.sum(sql`odatum_duration_seconds(${each})`, "decimal")})`;
      return sumOf(each, operand, undefined, dialect);
    };
    const sumType = isDuration ? type : kind === "integer" ? int64 : type;
    const resultType = item.method === "sum" ? sumType : isDuration ? type : item.type;
    const column: RowColumn = {
      column: this.#apply.name(),
      type: resultType,
      collection: false,
      kind: resultType === undefined ? kind : kindOf(resultType),
      present: undefined,
    };
    if (item.method === "sum") return { column, inputs, result: total };
    const result = (alias: string): Sql => {
      const values = new ColumnValues();
      const whole = values.expression(total(alias), sumType);
      const count = values.expression(sql`count(${columnOf(alias, value)})`, int64);
      const isDouble = !isDuration && column.kind === "number";
      const left: BoundExpression = isDouble
        ? { kind: "conversion", operand: whole, type: double, collection: false }
        : whole;
      const divided = typeOf(isDuration ? whole : left);
      return values.compiler(this.#apply.compiler).value({
        kind: "arithmetic",
        operator: isDuration ? "div" : "divby",
        left,
        right: count,
        type: divided?.kind === "primitive" ? divided : double,
        collection: false,
      });
    };
    return { column, inputs, result };
  }
}

/** Whether what is aggregated stands in the rows themselves. */
function isPlain({ entities, over }: BoundAggregate): boolean {
  return entities === undefined && over === undefined;
}

/** The tables that the values to be aggregated are read from. */
interface Source {
  readonly from: Sql;
  readonly where: readonly Sql[];
  /** By what the values are grouped. */
  readonly parts: readonly NamedValue[];
  readonly compiler: ExpressionCompiler;
}

/** With the items of a collection that each row leads to. */
function joined(source: Source, over: BoundAggregate["over"]): Source {
  if (over === undefined) return source;
  // Collections behind collections multiply.
  const compiler = collectionsIn(over.collection) > 1 ? source.compiler.within() : source.compiler;
  const { from, where, binding } = compiler.rows(over.collection);
  return {
    ...source,
    from: sql`${source.from} cross join ${from}`,
    where: [...source.where, ...where],
    compiler: source.compiler.with(over.variable, binding),
  };
}

/** How many collections a path goes over. */
function collectionsIn(path: BoundExpression): number {
  let count = 0;
  for (let step = path; step.kind === "navigation" || step.kind === "typeCast"; step = step.source)
    if (step.kind === "navigation" && step.navigation.collection) count++;
  return count;
}

interface NamedValue {
  readonly name: string;
  readonly value: Sql;
}

interface Aggregate {
  readonly name: string;
  readonly column: RowColumn;
  /** What of each row it takes. */
  readonly inputs: readonly NamedValue[];
  /** A value that a window finds beforehand. */
  readonly extreme?: {
    readonly name: string;
    readonly value: string;
    readonly key: string;
    readonly descending: boolean;
  };
  /** The value of a group, out of the table of the inputs; `count` is the number of its rows. */
  readonly result: (alias: string, count: Sql) => Sql;
}

/** Sums of as many integers of 32 bits as a table may have rows fit 64. */
const SMALL = 2n ** 31n;

/**
 * The exact sum of a group's or a window's values.
 *
 * @param operand whose values they are
 */
export function sumOf(values: Sql, { kind, bounds }: Operand, over: Sql | undefined, dialect: SqlDialect): Sql {
  if (kind !== "integer") return dialect.sum(values, kind === "decimal" ? kind : "number", over);
  const isSmall = bounds !== undefined && bounds.min >= -SMALL && bounds.max <= SMALL;
  return isSmall ? dialect.sum(values, kind, over) : dialect.sum(dialect.decimal(values), "decimal", over);
}

/** Whether the database finds the least and the greatest of such values by itself. */
function isOrderedAsIs(kind: ColumnKind, type: EdmType | undefined): boolean {
  if (kind === "integer" || kind === "number" || kind === "instant") return true;
  if (kind !== "text" || type === undefined) return kind === "text";
  const actual = underlying(type);
  return actual.kind !== "enum" && !WRITTEN_VARIOUSLY.has(actual.qualifiedName);
}

/** What is different for different values, and NULL for null. */
function distinctionOf(expression: BoundExpression, compiler: ExpressionCompiler): Sql {
  const type = typeOf(expression);
  if (type?.kind !== "entity") {
    const { kind, type: actual } = compiler.operand(expression);
    return isOrderedAsIs(kind, actual) || kind === "json" || kind === "boolean"
      ? compiler.value(expression)
      : compiler.orderKey(expression);
  }
  const parts = type.key.map((property) => propertyOf(expression, property));
  const [first] = parts;
  if (parts.length === 1) return compiler.value(first!);
  const texts = parts.map((part) => compiler.json(part));
  return sql`case when ${compiler.value(first!)} is not null then ${sql.join(texts, sql` || ',' || `)} end`;
}
