import { sql } from "kysely";
import type { BoundOptions, BoundPath } from "../../binding/index.js";
import { isCostly } from "./costly.js";
import type { Sql } from "./dialect.js";
import type { EntityColumns, SqlContext } from "./entity-text.js";
import { entityColumns } from "./entity-text.js";
import { AppliedRows } from "./apply-result.js";
import { expandedMembers, rowConditions } from "./expand.js";
import { ExpressionCompiler } from "./expression.js";
import { askedOrder, wholeOrder } from "./order.js";
import type { PageRequest, PageSource } from "./page.js";
import { pageStatement } from "./page.js";
import type { SqlStatement } from "./plan.js";
import { compile } from "./plan.js";
import type { ReadStatement } from "./read-statement.js";
import { readColumns } from "./read-statement.js";
import type { StatementContext } from "./scope.js";
import { statementContext } from "./scope.js";
import type { EntityRow, EntitySource } from "./source.js";
import { entitySource, rowBinding, whereClause } from "./source.js";
import { integerColumns } from "./write.js";

/**
 * A read of one entity or of a collection as one statement. Each row is the JSON text of one entity, for `wholeText`
 * to put together; with `$count=true` the number of all entities stands before it, and there is one row with a NULL text
 * where the page is empty.
 *
 * @param page how the service cuts the collection into pages, where it does; {@link pageable} says what it can ask for
 */
export function compileRead(
  path: BoundPath,
  options: BoundOptions,
  context: SqlContext,
  page?: PageRequest,
): ReadStatement {
  const reading = new Reading(path, options, context);
  const { members, document } = reading.text();
  const columns = [{ name: "x", value: members }, ...(document === undefined ? [] : [{ name: "d", value: document }])];
  return reading.rows(columns, page, document !== undefined);
}

/**
 * How the pages of a collection can follow each other: behind the last row, which takes an order that the rows themselves
 * have; or at an offset.
 */
export function pageable({ apply }: Pick<BoundOptions, "apply">): "keyset" | "offset" {
  return apply === undefined || apply.transformations.every(({ kind }) => KEEPING_ORDER.has(kind))
    ? "keyset"
    : "offset";
}

/** What leaves entities as they are, in an order of their own. */
const KEEPING_ORDER: ReadonlySet<string> = new Set([
  "identity",
  "filter",
  "search",
  "compute",
  "orderby",
  "skip",
  "top",
  "rank",
]);

/** The number of entities that a path leads to: `/$count`. */
export function compileCount(path: BoundPath, options: BoundOptions, context: SqlContext): SqlStatement {
  return new Reading(path, options, context).count();
}

/**
 * The type (discriminator) and the keys of the entities that a path leads to: `/$ref`. The columns stand where the text of
 * a read does.
 */
export function compileReferences(
  path: BoundPath,
  options: BoundOptions,
  context: SqlContext,
  page?: PageRequest,
): ReadStatement {
  const reading = new Reading(path, options, context);
  const values = keyAndType(reading.source).map((value, index) => ({ name: `r${index}`, value }));
  return reading.rows(values, page, false);
}

/**
 * The stored rows of the entities that a path's first segments lead to, for a request that changes them or builds on them.
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
  const statement = statementContext(context.mapping, context.dialect);
  const compiler = new ExpressionCompiler(new Map(), statement);
  const source = entitySource(path, compiler, statement, { keys: "slots", length });
  const texts = integerColumns(source.mapping);
  const values = columns.map((column, index) => {
    const value = sql`${sql.ref(`${source.alias}.${column}`)}`;
    // Names of their own: a driver that gives rows as objects would make one member of two columns of the same name.
    return sql`${texts.has(column) ? sql`cast(${value} as text)` : value} as ${sql.ref(`c${index}`)}`;
  });
  return compile(sql`select ${sql.join(values)} from ${source.from}${whereClause(source.where)}`, context.dialect);
}

/** A request for entities under construction. */
class Reading {
  readonly source: EntitySource;
  readonly #path: BoundPath;
  readonly #options: BoundOptions;
  readonly #statement: StatementContext;
  readonly #applied: AppliedRows | undefined;
  /** Knows the options' variable: it stands for a row of what is read. */
  readonly #compiler: ExpressionCompiler;

  constructor(path: BoundPath, options: BoundOptions, context: SqlContext) {
    this.#path = path;
    this.#options = options;
    this.#statement = statementContext(context.mapping, context.dialect);
    const outside = new ExpressionCompiler(new Map(), this.#statement);
    const source = entitySource(path, outside, this.#statement);
    const timed = path.collection && isCostly(options) ? context.dialect.inTime(keyOf(source)) : [];
    this.source = { ...source, where: [...source.where, ...timed] };
    this.#applied =
      options.apply === undefined
        ? undefined
        : new AppliedRows(this.source, options.apply, options, outside, this.#statement);
    this.#compiler = this.#applied?.compiler ?? outside.with(options.variable, rowBinding(this.source));
  }

  /** The JSON text of a row. */
  text(): EntityColumns {
    const { expand } = this.#options;
    const expanded = (row: EntityRow) => expandedMembers(row, expand, this.#compiler, this.#statement);
    return this.#applied === undefined
      ? entityColumns(this.source, this.#options, this.#compiler, this.#statement, expanded(this.source))
      : this.#applied.columns(this.#options, this.#statement, expanded);
  }

  count(): SqlStatement {
    const { from } = this.#applied ?? this.source;
    return this.#compiled(sql`select count(*) from ${from}${whereClause(this.#where())}`);
  }

  /** The statement that selects columns of the entity, or of a page of the collection. */
  rows(columns: PageSource["columns"], page: PageRequest | undefined, document: boolean): ReadStatement {
    const { dialect } = this.#statement;
    const { from, order: natural } = this.#applied ?? this.source;
    const where = this.#where();
    if (!this.#path.collection) {
      const selected = sql.join(columns.map(({ name, value }) => sql`${value} as ${sql.ref(name)}`));
      const statement = this.#compiled(sql`select ${selected} from ${from}${whereClause(where)}`);
      return { ...statement, columns: readColumns(columns.length, { counted: false, document, keyset: false }) };
    }
    const entities = this.#applied === undefined ? this.source : this.#applied.entities;
    const order = wholeOrder(askedOrder(this.#options.orderby, this.#compiler, entities), natural);
    const statement = pageStatement({ columns, from, where, order }, this.#options, page, dialect);
    const keyset = page?.keyset === true;
    return {
      ...this.#compiled(statement),
      columns: readColumns(columns.length, { counted: this.#options.count === true, document, keyset }),
    };
  }

  /** Of all rows that are meant, whatever the page. */
  #where(): readonly Sql[] {
    const { where } = this.#applied ?? this.source;
    const entities = this.#applied === undefined ? this.source : this.#applied.entities;
    return [...where, ...rowConditions(entities, this.#options, this.#compiler, this.#statement)];
  }

  #compiled(statement: Sql): SqlStatement {
    return compile(
      this.#applied === undefined ? statement : this.#applied.statement(statement),
      this.#statement.dialect,
    );
  }
}

function keyOf({ alias, mapping }: EntitySource): Sql {
  return sql`${sql.ref(`${alias}.${mapping.key[0]!}`)}`;
}

function keyAndType(source: EntitySource): Sql[] {
  const { discriminator, key } = source.mapping;
  const type = discriminator === undefined ? sql`null` : sql`${sql.ref(`${source.alias}.${discriminator.column}`)}`;
  return [type, ...key.map((column) => sql`${sql.ref(`${source.alias}.${column}`)}`)];
}
