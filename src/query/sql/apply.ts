import { sql } from "kysely";
import type { BoundApply, BoundGroupingSet, BoundTransformation, RowShape } from "../../binding/index.js";
import { Aggregation, groupColumn } from "./apply-aggregate.js";
import type { GroupColumn } from "./apply-aggregate.js";
import { rankRows } from "./apply-rank.js";
import type { RowColumn, Rows } from "./apply-rows.js";
import { byItems, byKey, byMembers, byNumbers, columnOf, orderOf, rowsBinding } from "./apply-rows.js";
import { unite } from "./apply-union.js";
import type { Sql } from "./dialect.js";
import type { ExpressionCompiler } from "./expression.js";
import { orderBy } from "./order.js";
import type { StatementContext } from "./scope.js";
import { searchCondition } from "./search.js";
import type { EntitySource } from "./source.js";
import { whereClause } from "./source.js";

type Transformation<K extends BoundTransformation["kind"]> = Extract<BoundTransformation, { readonly kind: K }>;

/**
 * Compiles `$apply` (OData Extension for Data Aggregation 4.0) to a chain of common table expressions, each the rows that
 * one transformation makes of those before it. Entities keep all columns of their table for as long as they are such, so
 * that everything that can be said of an entity can be said of them.
 *
 * What `groupby` applies to its groups is applied to all of them at once: each row has the number of its group, by which
 * windows are partitioned and rows grouped.
 */
export class ApplyCompiler {
  readonly compiler: ExpressionCompiler;
  readonly context: StatementContext;
  readonly #tables: Sql[] = [];

  /** @param compiler knows what the expressions can see beside the rows */
  constructor(compiler: ExpressionCompiler, context: StatementContext) {
    this.compiler = compiler;
    this.context = context;
  }

  /** The rows that the transformations make of entities. */
  rows(source: EntitySource, apply: BoundApply): Rows {
    const { type, mapping, order } = source;
    // The place among the links, where there is one, comes before the key.
    const position = order.length > type.key.length ? this.name() : undefined;
    const selected = position === undefined ? sql`` : sql`, ${order[0]!.value} as ${sql.ref(position)}`;
    const alias = this.table(
      sql`select ${sql.ref(source.alias)}.*${selected} from ${source.from}${whereClause(source.where)}`,
    );
    const rows: Rows = {
      alias,
      where: [],
      entity: { type, mapping, present: undefined },
      members: new Map(),
      order: position === undefined ? [byKey] : [byNumbers(position), byKey],
      partition: undefined,
    };
    return this.#sequence(rows, apply.transformations, apply.shape);
  }

  /** Puts the tables in front of a statement. */
  statement(query: Sql): Sql {
    return sql`with ${sql.join(this.#tables)} ${query}`;
  }

  /** Another table in front of the statement. */
  table(query: Sql): string {
    const alias = this.context.alias("a");
    this.#tables.push(sql`${sql.ref(alias)} as (${query})`);
    return alias;
  }

  /** The name of a column that no table of the model's has, and no other of the statement. */
  name(): string {
    return this.context.alias("$");
  }

  /** The same rows in a table of their own, with further columns. */
  extended(rows: Rows, values: readonly { readonly name: string; readonly value: Sql }[]): Rows {
    const { alias, where } = rows;
    const further = values.map(({ name, value }) => sql`, ${value} as ${sql.ref(name)}`);
    const query = sql`select ${sql.ref(alias)}.*${sql.join(further, sql``)} from ${sql.ref(alias)}${whereClause(where)}`;
    return { ...rows, alias: this.table(query), where: [] };
  }

  /** ` partition by ...` of a window: the group, where rows have one. */
  partitionOf({ alias, partition }: Rows): Sql {
    return partition === undefined ? sql`` : sql`partition by ${columnOf(alias, partition.column)} `;
  }

  #sequence(input: Rows, transformations: readonly BoundTransformation[], shape: RowShape): Rows {
    let rows = input;
    // What the expressions of a transformation see is what the one before it makes.
    let before = shape;
    for (const transformation of transformations) {
      rows = this.#transformed(rows, transformation, before);
      before = transformation.shape;
    }
    return rows;
  }

  #transformed(rows: Rows, transformation: BoundTransformation, shape: RowShape): Rows {
    const compiler = this.compiler.with(transformation.variable, rowsBinding(rows, shape));
    switch (transformation.kind) {
      case "identity":
        return rows;
      case "filter":
        return this.#filtered(rows, compiler.condition(transformation.condition));
      case "search": {
        const { alias, entity } = rows;
        if (entity === undefined) throw new Error("Entities were expected.");
        return this.#filtered(
          rows,
          searchCondition(alias, entity.mapping, transformation.search, this.context.dialect),
        );
      }
      case "compute":
        return this.#computed(rows, transformation, compiler);
      case "orderby":
        return { ...rows, order: [byItems(transformation.variable, transformation.items, shape), ...rows.order] };
      case "skip":
      case "top":
        return this.#cut(rows, transformation);
      case "rank":
        return dropping(rankRows(rows, transformation, shape, this));
      case "aggregate":
        return this.#aggregated(rows, transformation, compiler);
      case "groupby":
        return this.#grouped(rows, transformation, shape);
      case "concat": {
        const input = rows.where.length === 0 ? rows : this.extended(rows, []);
        return unite(
          transformation.sequences.map((sequence) => this.#sequence(input, sequence, shape)),
          this,
        );
      }
    }
  }

  #filtered(rows: Rows, condition: Sql): Rows {
    return dropping({ ...rows, where: [...rows.where, condition] });
  }

  #computed(rows: Rows, { items }: Transformation<"compute">, compiler: ExpressionCompiler): Rows {
    const columns = items.map(({ name, expression }) => {
      const { kind, type, collection } = compiler.operand(expression);
      const column: RowColumn = { column: this.name(), type, collection, kind, present: undefined };
      return { name, column, value: compiler.value(expression) };
    });
    const extended = this.extended(
      rows,
      columns.map(({ column, value }) => ({ name: column.column, value })),
    );
    const members = new Map([...rows.members, ...columns.map(({ name, column }) => [name, column] as const)]);
    return { ...extended, members };
  }

  /** `skip` and `top`. */
  #cut(rows: Rows, { kind, count }: Transformation<"skip" | "top">): Rows {
    const order = orderOf(rows, this.compiler);
    const { dialect } = this.context;
    const sorted = order.length === 0 ? sql`` : sql`order by ${orderBy(order, dialect)}`;
    if (rows.partition !== undefined) {
      const number = this.name();
      const numbered = this.extended(rows, [
        { name: number, value: sql`row_number() over (${this.partitionOf(rows)}${sorted})` },
      ]);
      const place = columnOf(numbered.alias, number);
      return this.#filtered(numbered, kind === "top" ? sql`${place} <= ${count}` : sql`${place} > ${count}`);
    }
    const { alias, where } = rows;
    const limit = kind === "top" ? dialect.limit(sql`${count}`, undefined) : dialect.limit(undefined, sql`${count}`);
    const query = sql`select ${sql.ref(alias)}.* from ${sql.ref(alias)}${whereClause(where)} ${sorted}${limit}`;
    return { ...rows, alias: this.table(query), where: [] };
  }

  #aggregated(rows: Rows, { items }: Transformation<"aggregate">, compiler: ExpressionCompiler): Rows {
    const aggregation = new Aggregation(rows, this);
    const { alias, members, partition } = aggregation.perPartition(items, compiler);
    return { alias, where: [], entity: undefined, members, order: [], partition };
  }

  #grouped(rows: Rows, { sets, variable }: Transformation<"groupby">, shape: RowShape): Rows {
    const input = rows.where.length === 0 || sets.length === 1 ? rows : this.extended(rows, []);
    const branches = sets.map((set) => this.#groupingSet(input, set, variable, shape));
    return branches.length === 1 ? branches[0]! : unite(branches, this);
  }

  /** The rows of one grouping set, sorted by the grouping values. */
  #groupingSet(
    rows: Rows,
    { groups, apply }: BoundGroupingSet,
    variable: BoundTransformation["variable"],
    shape: RowShape,
  ): Rows {
    const compiler = this.compiler.with(variable, rowsBinding(rows, shape));
    const columns = groups.map(({ path, expression }) => groupColumn(path, expression, compiler, this));
    const [only] = apply;
    if (only === undefined || (apply.length === 1 && only.kind === "aggregate" && Aggregation.isPlain(only.items))) {
      const items = only?.kind === "aggregate" ? only.items : [];
      const inner = only === undefined ? compiler : this.compiler.with(only.variable, rowsBinding(rows, shape));
      const { alias, members, partition } = new Aggregation(rows, this).perGroup(columns, items, inner);
      return {
        alias,
        where: [],
        entity: undefined,
        members,
        order: [byMembers(columns.map(({ column }) => column))],
        partition,
      };
    }
    return this.#inGroups(rows, columns, apply, shape);
  }

  /** Applies transformations to each group. */
  #inGroups(rows: Rows, columns: readonly GroupColumn[], apply: readonly BoundTransformation[], shape: RowShape): Rows {
    const outer = rows.partition;
    const keys = columns.map(({ column, key }) => ({ name: key === undefined ? column.column : this.name(), key }));
    const valued = this.extended(rows, [
      ...columns.map(({ column, value }) => ({ name: column.column, value })),
      ...keys.flatMap(({ name, key }) => (key === undefined ? [] : { name, value: key })),
    ]);
    const number = this.name();
    const parts = [...(outer === undefined ? [] : [outer.column]), ...keys.map(({ name }) => name)];
    const numbered = this.extended(valued, [
      {
        name: number,
        // All rows together are one group where rollup has come to $all.
        value:
          parts.length === 0
            ? sql.lit(1)
            : sql`dense_rank() over (order by ${sql.join(parts.map((part) => columnOf(valued.alias, part)))})`,
      },
    ]);
    // The groups' columns have names of their own, since the rows still have theirs.
    const copies = columns.map(({ path, column }) => ({ path, column: { ...column, column: this.name() } }));
    const copied = columns.map(({ column, key }, index) => {
      const value = columnOf(numbered.alias, column.column);
      return { value: key === undefined ? value : sql`min(${value})`, name: copies[index]!.column.column, key };
    });
    const outerCopy = outer === undefined ? undefined : this.name();
    const selected = [
      columnOf(numbered.alias, number),
      ...(outer === undefined ? [] : [sql`${columnOf(numbered.alias, outer.column)} as ${sql.ref(outerCopy!)}`]),
      ...copied.map(({ value, name }) => sql`${value} as ${sql.ref(name)}`),
    ];
    const grouping = [
      columnOf(numbered.alias, number),
      ...(outer === undefined ? [] : [columnOf(numbered.alias, outer.column)]),
      ...copied.flatMap(({ value, key }) => (key === undefined ? value : [])),
    ];
    const groups = this.table(
      sql`select ${sql.join(selected)} from ${sql.ref(numbered.alias)} group by ${sql.join(grouping)}`,
    );
    const inner = this.#sequence(
      { ...numbered, partition: { column: number, key: number, groups, dropped: false } },
      apply,
      shape,
    );
    const { alias, where } = inner;
    const partition = inner.partition!;
    const joined = [...(outerCopy === undefined ? [] : [outerCopy]), ...copies.map(({ column }) => column.column)];
    const names = sql.join([sql`${sql.ref(alias)}.*`, ...joined.map((name) => columnOf(groups, name))]);
    const query = sql`select ${names} from ${sql.ref(alias)} inner join ${sql.ref(groups)} on ${columnOf(groups, number)} = ${columnOf(alias, partition.column)}${whereClause(where)}`;
    return {
      ...inner,
      alias: this.table(query),
      where: [],
      members: new Map([...copies.map(({ path, column }) => [path, column] as const), ...inner.members]),
      order: [byMembers(copies.map(({ column }) => column)), ...inner.order],
      partition:
        outer === undefined ? undefined : { ...outer, column: outerCopy!, dropped: outer.dropped || partition.dropped },
    };
  }
}

function dropping(rows: Rows): Rows {
  return rows.partition === undefined ? rows : { ...rows, partition: { ...rows.partition, dropped: true } };
}
