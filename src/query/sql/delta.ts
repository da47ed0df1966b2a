import { sql } from "kysely";
import type { BoundOptions, BoundPath, EntitySegment } from "../../binding/index.js";
import type { EntityType, NavigationProperty } from "../../edm/index.js";
import type { ChangeRange } from "./change-log.js";
import { ChangeReader } from "./change-log.js";
import { isCostly } from "./costly.js";
import type { Dependencies, QueryDependencies } from "./dependencies.js";
import type { Sql } from "./dialect.js";
import type { SqlContext } from "./entity-text.js";
import { entityColumns } from "./entity-text.js";
import { expandedMembers, rowConditions } from "./expand.js";
import { ExpressionCompiler } from "./expression.js";
import type { EntityMapping, NavigationMapping } from "./mapping.js";
import { linkTable } from "./mapping.js";
import type { PageSource } from "./page.js";
import { pageStatement } from "./page.js";
import type { SqlStatement } from "./plan.js";
import { compile } from "./plan.js";
import type { ReadStatement } from "./read-statement.js";
import { readColumns } from "./read-statement.js";
import type { StatementContext } from "./scope.js";
import { statementContext } from "./scope.js";
import type { EntityRow, EntitySource } from "./source.js";
import { entitySource, keyAsText, keyFromText, keyOrder, rowBinding, typeCondition, whereClause } from "./source.js";
import { integerColumns } from "./write.js";

/** A collection of entities of which the changes are wanted. */
export interface ChangeQuery {
  readonly path: BoundPath;
  readonly options: BoundOptions;
  readonly dependencies: QueryDependencies;
  readonly range: ChangeRange;
}

/** Where the values stand in the rows of {@link DeltaStatements.removed}. */
export interface RemovedColumns {
  /** 1 for an entity that is still there, somewhere else. */
  readonly exists: number;
  /** The key's columns, from here on; integers as texts. */
  readonly key: number;
  /** The values that the row is sorted by, from here to the end of the row. */
  readonly order: number;
}

/**
 * The statements for the changes of a collection: Protocol 4.01, section 11.3. What has changed is found from the log, never
 * by a search through the collection; both kinds are sorted by the key.
 */
export class DeltaStatements {
  readonly #query: ChangeQuery;
  readonly #context: SqlContext;

  constructor(query: ChangeQuery, context: SqlContext) {
    this.#query = query;
    this.#context = context;
  }

  /** The entities that are in the collection and have changed, or something has that is shown in them; as `compileRead` gives them. */
  changed(behind: boolean): ReadStatement {
    const building = new Building(this.#query, this.#context);
    const { columns, from, where, order } = building.changed();
    const statement = building.page({ columns, from, where, order }, behind);
    return {
      ...statement,
      columns: readColumns(columns.length, { counted: false, document: columns.length > 1, keyset: true }),
    };
  }

  /** The keys of entities that were in the collection and are not any more. */
  removed(behind: boolean): SqlStatement & { readonly columns: RemovedColumns } {
    const building = new Building(this.#query, this.#context);
    const source = building.removed();
    return {
      ...building.page(source, behind),
      columns: { exists: 0, key: 1, order: source.columns.length },
    };
  }

  /** How many there are of both together. */
  count(): SqlStatement {
    const building = new Building(this.#query, this.#context);
    const [changed, removed] = [building.changed(), building.removed()].map(
      ({ from, where }) => sql`(select count(*) from ${from}${whereClause(where)})`,
    );
    return compile(sql`select ${changed} + ${removed} as ${sql.ref("n")}`, this.#context.dialect);
  }
}

/** One statement under construction. */
class Building {
  readonly #query: ChangeQuery;
  readonly #statement: StatementContext;
  readonly #log: ChangeReader;
  readonly #outside: ExpressionCompiler;
  readonly #mapping: EntityMapping;

  constructor(query: ChangeQuery, { mapping, dialect }: SqlContext) {
    this.#query = query;
    this.#statement = statementContext(mapping, dialect);
    this.#log = new ChangeReader(dialect, query.range);
    this.#outside = new ExpressionCompiler(new Map(), this.#statement);
    this.#mapping = mapping.entity(query.path.type);
  }

  page(source: PageSource, behind: boolean): SqlStatement {
    const after = behind ? source.order.map(() => false) : undefined;
    const { dialect } = this.#statement;
    return compile(pageStatement(source, {}, { keyset: true, after }, dialect), dialect);
  }

  changed(): PageSource {
    const { path, options, dependencies } = this.#query;
    const source = entitySource(path, this.#outside, this.#statement);
    const compiler = this.#outside.with(options.variable, rowBinding(source));
    const expanded = expandedMembers(source, options.expand, compiler, this.#statement);
    const { members, document } = entityColumns(source, options, compiler, this.#statement, expanded);
    const owner = this.#owner(path.segments);
    const affected = this.#affected(dependencies.content);
    // What comes into the collection by a link need not have changed itself.
    const found = owner?.how.kind === "link" ? sql`${affected} union ${this.#linked(owner, false)}` : affected;
    return {
      columns: [{ name: "x", value: members }, ...(document === undefined ? [] : [{ name: "d", value: document }])],
      from: source.from,
      where: [...this.#conditions(source, options, compiler), this.#keyIn(source, found)],
      order: keyOrder(source, this.#outside),
    };
  }

  removed(): PageSource {
    const { path, options } = this.#query;
    const { key } = this.#mapping;
    const row: EntityRow = { alias: this.#statement.alias("k"), type: path.type, mapping: this.#mapping };
    const found = sql`(${sql.join(this.#candidates(), sql` union `)}) as ${sql.ref(row.alias)}`;
    const here = entitySource(path, this.#outside, this.#statement);
    const compiler = this.#outside.with(options.variable, rowBinding(here));
    const isHere = [...this.#conditions(here, options, compiler), sameKey(this.#mapping, here.alias, row.alias)];
    const other = this.#statement.alias("t");
    const exists = sql`exists (select 1 from ${sql.table(this.#mapping.table)} as ${sql.ref(other)} where ${sameKey(this.#mapping, other, row.alias)})`;
    const texts = integerColumns(this.#mapping);
    return {
      columns: [
        { name: "g", value: sql`case when ${exists} then 1 else 0 end` },
        ...key.map((column, index) => {
          const value = sql`${sql.ref(`${row.alias}.${column}`)}`;
          return { name: `g${index}`, value: texts.has(column) ? sql`cast(${value} as text)` : value };
        }),
      ],
      from: found,
      where: [sql`not exists (select 1 from ${here.from}${whereClause(isHere)})`],
      order: keyOrder(row, this.#outside),
    };
  }

  /** That a row is in the collection. */
  #conditions(source: EntitySource, options: BoundOptions, compiler: ExpressionCompiler): Sql[] {
    const { dialect } = this.#statement;
    const timed = isCostly(options) ? dialect.inTime(sql.ref(`${source.alias}.${this.#mapping.key[0]!}`)) : [];
    return [...source.where, ...timed, ...rowConditions(source, options, compiler, this.#statement)];
  }

  #keyIn({ alias, mapping }: Pick<EntityRow, "alias" | "mapping">, keys: Sql): Sql {
    return sql`${tuple(keyColumns(mapping, alias))} in (${keys})`;
  }

  /**
   * A subquery: the keys of entities that have changed, or from which the query goes on to some that have. It starts from
   * the log, and goes back over the navigation properties. A relationship that was broken shows in what its rows were before.
   */
  #affected(dependencies: Dependencies): Sql {
    const mapping = this.#statement.mapping.entity(dependencies.type);
    const parts = [this.#log.keys(mapping, this.#statement.alias("c"))];
    for (const [property, next] of dependencies.behind()) parts.push(...this.#back(mapping, property, next));
    return sql.join(parts, sql` union `);
  }

  #back(source: EntityMapping, property: NavigationProperty, next: Dependencies): Sql[] {
    const { mapping: storage } = this.#statement;
    const target = storage.entity(next.type);
    const how: NavigationMapping = storage.navigation(property);
    const [alias, logged] = [this.#statement.alias("b"), this.#statement.alias("c")];
    const ref = (column: string) => sql`${sql.ref(`${alias}.${column}`)}`;
    switch (how.kind) {
      case "extent":
        return [
          sql`select ${sql.join(source.key.map(ref))} from ${sql.table(source.table)} as ${sql.ref(alias)} where exists (${this.#affected(next)})`,
        ];
      case "targetColumn": {
        const current = sql`select ${ref(how.column)} from ${sql.table(target.table)} as ${sql.ref(alias)} where ${this.#keyIn({ alias, mapping: target }, this.#affected(next))}`;
        return [current, this.#log.images(target, [how.column], logged)];
      }
      case "sourceColumn":
        return [
          sql`select ${sql.join(source.key.map(ref))} from ${sql.table(source.table)} as ${sql.ref(alias)} where ${ref(how.column)} in (${this.#affected(next)})`,
        ];
      case "link": {
        const keys = this.#statement.alias("a");
        const texts = sql`select ${keyAsText({ alias: keys, mapping: target })} from (${this.#affected(next)}) as ${sql.ref(keys)}`;
        const current = sql`select ${keyFromText(ref(linkTable.sourceKey), { mapping: source })} from ${sql.table(linkTable.name)} as ${sql.ref(alias)} where ${ref(linkTable.sourceTable)} = ${sql.lit(source.table)} and ${ref(linkTable.property)} = ${sql.lit(property.name)} and ${ref(linkTable.targetTable)} = ${sql.lit(target.table)} and ${ref(linkTable.targetKey)} in (${texts})`;
        return [
          current,
          this.#log.links(source.table, property.name, { column: "sourceKey", mapping: source }, logged),
        ];
      }
    }
  }

  /** Subqueries: the keys of entities that may have left the collection. */
  #candidates(): Sql[] {
    const { path, options, dependencies } = this.#query;
    const { membership } = dependencies;
    const { segments } = path;
    const end = segments.findLastIndex(({ kind }) => kind !== "filter");
    const owner = this.#owner(segments);
    const alias = this.#statement.alias("w");
    const was: EntityRow = { alias, type: path.type, mapping: this.#mapping };
    const images = sql`(${this.#log.images(this.#mapping, this.#imageColumns(owner), this.#statement.alias("c"))}) as ${sql.ref(alias)}`;
    // What other entities have to do with it was not written down: then anything that may have been in the collection is told.
    const exact = membership.alone;
    const conditions = (row: EntityRow, reached: Sql[]): Sql[] => {
      const ofType = typeCondition(row.alias, this.#mapping, path.type);
      return [
        ...(ofType === undefined ? [] : [ofType]),
        ...reached,
        ...(exact ? this.#filters(row, segments, options) : []),
      ];
    };
    const keys = sql.join(keyColumns(this.#mapping, alias));
    // Several changes of one entity are one.
    const parts = [
      sql`select distinct ${keys} from ${images}${whereClause(conditions(was, this.#reached(was, owner)))}`,
    ];
    if (owner?.how.kind === "link") {
      const now: EntityRow = { ...was, alias: this.#statement.alias("n") };
      const untied = this.#keyIn(now, this.#linked(owner, false));
      parts.push(this.#rows(now, conditions(now, [untied])));
    }
    if (!exact) {
      // Others that it depends on may have changed, and not the entity itself.
      const source = entitySource({ segments }, this.#outside, this.#statement, { keys: "slots", length: end + 1 });
      const affected = this.#keyIn(source, this.#affected(membership));
      parts.push(
        sql`select ${sql.join(keyColumns(this.#mapping, source.alias))} from ${source.from}${whereClause([...source.where, affected])}`,
      );
    }
    return parts;
  }

  #rows({ alias, mapping }: EntityRow, where: readonly Sql[]): Sql {
    return sql`select ${sql.join(keyColumns(mapping, alias))} from ${sql.table(mapping.table)} as ${sql.ref(alias)}${whereClause(where)}`;
  }

  /** The conditions of the path and of `$filter`, for a row as it was. */
  #filters(row: EntityRow, segments: readonly EntitySegment[], { variable, filter }: BoundOptions): Sql[] {
    const conditions = segments.flatMap((segment) =>
      segment.kind === "filter"
        ? [this.#outside.with(segment.variable, rowBinding(row)).condition(segment.condition)]
        : [],
    );
    if (filter !== undefined) conditions.push(this.#outside.with(variable, rowBinding(row)).condition(filter));
    return conditions;
  }

  /** `undefined` for the collection of an entity set. */
  #owner(segments: readonly EntitySegment[]): Owner | undefined {
    const navigation = segments.findLastIndex(({ kind }) => kind === "navigation");
    if (navigation < 0) return undefined;
    const segment = segments[navigation]! as Extract<EntitySegment, { readonly kind: "navigation" }>;
    const [property] = segment.alternatives;
    const source = entitySource({ segments }, this.#outside, this.#statement, { keys: "slots", length: navigation });
    return { source, property: property!, how: this.#statement.mapping.navigation(property!) };
  }

  /** Everything that a condition may ask of a row as it was. */
  #imageColumns(owner: Owner | undefined): string[] {
    const { key, columns, discriminator, document } = this.#mapping;
    const all = [...key, ...[...columns.values()].map(({ column }) => column)];
    if (discriminator !== undefined) all.push(discriminator.column);
    if (document !== undefined) all.push(document);
    if (owner?.how.kind === "targetColumn") all.push(owner.how.column);
    return [...new Set(all)];
  }

  /** That the path has led to a row as it was. */
  #reached(row: EntityRow, owner: Owner | undefined): Sql[] {
    switch (owner?.how.kind) {
      case "targetColumn": {
        const { source, how } = owner;
        const key = sql.ref(`${source.alias}.${source.mapping.key[0]!}`);
        return [
          sql`${sql.ref(`${row.alias}.${how.column}`)} in (select ${key} from ${source.from}${whereClause(source.where)})`,
        ];
      }
      case "link":
        return [
          sql`(${this.#keyIn(row, this.#linked(owner, true))} or ${this.#keyIn(row, this.#linked(owner, false))})`,
        ];
      default:
        return [];
    }
  }

  /** A subquery: the keys of what the owner is tied to, or of what it was tied to or untied from meanwhile. */
  #linked({ source, property }: Owner, now: boolean): Sql {
    const owners = sql`select ${keyAsText(source)} from ${source.from}${whereClause(source.where)}`;
    const alias = this.#statement.alias("l");
    const target = { column: "targetKey", mapping: this.#mapping } as const;
    if (!now) return this.#log.links(source.mapping.table, property.name, target, alias, owners);
    const column = (name: string) => sql`${sql.ref(`${alias}.${name}`)}`;
    return sql`select ${keyFromText(column(linkTable.targetKey), target)} from ${sql.table(linkTable.name)} as ${sql.ref(alias)} where ${column(linkTable.sourceTable)} = ${sql.lit(source.mapping.table)} and ${column(linkTable.property)} = ${sql.lit(property.name)} and ${column(linkTable.sourceKey)} in (${owners})`;
  }
}

/** The entity whose collection is meant, and how that is kept. */
interface Owner {
  readonly source: EntitySource;
  readonly property: NavigationProperty;
  readonly how: NavigationMapping & { readonly column?: string };
}

function keyColumns({ key }: Pick<EntityMapping, "key">, alias: string): Sql[] {
  return key.map((column) => sql`${sql.ref(`${alias}.${column}`)}`);
}

function tuple(values: readonly Sql[]): Sql {
  return values.length === 1 ? values[0]! : sql`(${sql.join(values)})`;
}

function sameKey({ key }: Pick<EntityMapping, "key">, one: string, other: string): Sql {
  return sql.join(
    key.map((column) => sql`${sql.ref(`${one}.${column}`)} = ${sql.ref(`${other}.${column}`)}`),
    sql` and `,
  );
}

/** The entity types whose rows have to be tracked for a query, and whether links have. */
export function trackedBy({ content }: QueryDependencies, { mapping }: Pick<SqlContext, "mapping">) {
  const types: EntityType[] = [...content.types()];
  const links = [...content.navigations()].some((property) => mapping.navigation(property).kind === "link");
  return { types, links };
}
