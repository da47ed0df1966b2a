import { sql } from "kysely";
import type { BoundApply, BoundOptions } from "../../binding/index.js";
import { ApplyCompiler } from "./apply.js";
import type { Rows } from "./apply-rows.js";
import { columnOf, memberJson, orderOf, rowsBinding } from "./apply-rows.js";
import { Asked } from "./asked.js";
import type { Sql } from "./dialect.js";
import type { AddedMember, EntityColumns } from "./entity-text.js";
import { addedPiece, computedMembers, entityColumns } from "./entity-text.js";
import type { ExpressionCompiler } from "./expression.js";
import type { OrderTerm } from "./order.js";
import { concatenated } from "./pieces.js";
import type { StatementContext } from "./scope.js";
import type { EntityRow, EntitySource } from "./source.js";

/** What comes out of `$apply`, for the other query options to go on with. */
export class AppliedRows {
  readonly #apply: ApplyCompiler;
  readonly #rows: Rows;
  /** Knows the options' variable: it stands for one of the rows. */
  readonly compiler: ExpressionCompiler;

  /** @param outside knows what the expressions can see beside the rows */
  constructor(
    source: EntitySource,
    apply: BoundApply,
    options: BoundOptions,
    outside: ExpressionCompiler,
    context: StatementContext,
  ) {
    this.#apply = new ApplyCompiler(outside, context);
    this.#rows = this.#apply.rows(source, apply);
    this.compiler = outside.with(options.variable, rowsBinding(this.#rows, apply.shape));
  }

  get from(): Sql {
    return sql`${sql.ref(this.#rows.alias)}`;
  }

  get where(): readonly Sql[] {
    return this.#rows.where;
  }

  get order(): OrderTerm[] {
    return orderOf(this.#rows, this.#apply.compiler);
  }

  /** The rows as entities, where all of them are such. */
  get entities(): EntityRow | undefined {
    const { alias, entity } = this.#rows;
    return entity === undefined || entity.present !== undefined ? undefined : { alias, ...entity };
  }

  /** Puts what the transformations make in front of a query of the rows. */
  statement(query: Sql): Sql {
    return this.#apply.statement(query);
  }

  /**
   * The JSON text of a row, as {@link entityColumns} gives that of an entity.
   *
   * @param expanded the members that `$expand` adds to an entity
   */
  columns(
    options: BoundOptions,
    context: StatementContext,
    expanded: (row: EntityRow) => readonly Sql[],
  ): EntityColumns {
    const { alias, entity } = this.#rows;
    const added = addedMembers(this.#rows, this.#apply.compiler);
    if (entity === undefined) return { members: this.#object(options, added), document: undefined };
    const row: EntityRow = { alias, type: entity.type, mapping: entity.mapping };
    // What an entity is grouped by, it has.
    const names = new Set([entity.type, ...entity.type.derivedTypes].flatMap((type) => [...type.properties.keys()]));
    const beside = added.filter(({ name }) => !names.has(name));
    const columns = entityColumns(row, options, this.compiler, context, expanded(row), beside);
    if (entity.present === undefined) return columns;
    const isEntity = sql`${columnOf(alias, entity.present)} = 1`;
    const { document } = columns;
    return {
      members: sql`case when ${isEntity} then ${columns.members} else ${this.#object(options, added)} end`,
      document: document === undefined ? undefined : sql`case when ${isEntity} then ${document} end`,
    };
  }

  /** A row that is no entity. */
  #object(options: BoundOptions, added: readonly AddedMember[]): Sql {
    const asked = new Asked(options.select);
    const members = [...added, ...computedMembers(options, this.compiler)].filter(
      ({ name }) => asked.computed(name) || asked.dynamic.includes(name),
    );
    return objectText(members);
  }
}

/** The members of a row, those of members as objects. */
function addedMembers(rows: Rows, compiler: ExpressionCompiler, prefix = ""): AddedMember[] {
  const added = new Map<string, AddedMember>();
  for (const [path, member] of rows.members) {
    if (!path.startsWith(prefix)) continue;
    const [name, ...inner] = path.slice(prefix.length).split("/") as [string, ...string[]];
    if (added.has(name)) continue;
    if (inner.length === 0) {
      const json = memberJson(rows.alias, member, compiler);
      added.set(name, { name, json, present: isPresent(rows, [member.present]) });
    } else {
      const within = `${prefix}${name}/`;
      const presence = [...rows.members].flatMap(([other, { present }]) => (other.startsWith(within) ? [present] : []));
      const json = objectText(addedMembers(rows, compiler, within));
      added.set(name, { name, json, present: isPresent(rows, presence) });
    }
  }
  return [...added.values()];
}

/** The condition that one of some members is there. */
function isPresent({ alias }: Rows, columns: readonly (string | undefined)[]): Sql | undefined {
  const conditions = columns.flatMap((column) => (column === undefined ? [] : sql`${columnOf(alias, column)} = 1`));
  if (conditions.length < columns.length) return undefined;
  return sql`(${sql.join(conditions, sql` or `)})`;
}

function objectText(members: readonly AddedMember[]): Sql {
  if (members.length === 0) return sql`'{}'`;
  return sql`'{' || substr(${concatenated(members.map(addedPiece))}, 2) || '}'`;
}
