import { sql } from "kysely";
import type { BoundExpression, BoundOptions } from "../../binding/index.js";
import type { EntityType } from "../../edm/index.js";
import { Asked } from "./asked.js";
import type { AskedProperty } from "./asked.js";
import type { Sql, SqlDialect } from "./dialect.js";
import { etagPiece } from "./etag.js";
import type { ExpressionCompiler } from "./expression.js";
import type { ColumnMapping, StorageMapping } from "./mapping.js";
import { mediaPieces } from "./media.js";
import { clientName, concatenated, memberName } from "./pieces.js";
import type { LaidOutProperty } from "./row-layout.js";
import { layoutOf } from "./row-layout.js";
import type { StatementContext } from "./scope.js";
import { dynamicMembers, Selection } from "./select.js";
import type { Place } from "./select.js";
import type { EntityRow } from "./source.js";
import { exactTypeCondition, typeCondition } from "./source.js";

/** What the compiler needs to know everywhere. */
export interface SqlContext {
  readonly mapping: StorageMapping;
  readonly dialect: SqlDialect;
}

/** What of the options of a request decides on the text of one entity. */
export type TextOptions = Pick<BoundOptions, "variable" | "select" | "compute">;

/** A member that is no property: `$expand`, `$compute` and `$apply` make them. */
export interface AddedMember {
  readonly name: string;
  /** Its JSON text. */
  readonly json: Sql;
  /** The condition that a row has it, where some have not. */
  readonly present?: Sql | undefined;
}

/** The parts of an entity's JSON text; {@link wholeText} puts them together. */
export interface EntityColumns {
  /** Everything but the document, with the last brace missing where there is a document. */
  readonly members: Sql;
  /** The document as it is stored; its members are the rest. Absent where the text is whole without it. */
  readonly document: Sql | undefined;
}

/**
 * The JSON text of an entity as SQL expressions: its type, its columns one by one, what is expanded, and its document as it
 * is stored. At `odata.metadata=minimal` this text goes to the client unread. Documents are long, and SQLite would copy them
 * with every concatenation, so they are a column of their own.
 *
 * @param compiler knows the options' variable: it stands for the row
 * @param expanded the members of what is expanded, each with a comma in front of it
 * @param added members of `$apply`; those of `$compute` are found in the options
 */
export function entityColumns(
  row: EntityRow,
  options: TextOptions,
  compiler: ExpressionCompiler,
  context: StatementContext,
  expanded: readonly Sql[],
  added: readonly AddedMember[] = [],
): EntityColumns {
  const { mapping } = row;
  const { dialect } = context;
  const asked = new Asked(options.select);
  const selection = new Selection(compiler, context);
  const itself: BoundExpression = { kind: "variable", variable: options.variable, type: row.type, collection: false };
  // Every piece is a member with a comma in front of it; the type annotation comes first, so its comma is the one to drop.
  const pieces: Sql[] = [sql`'{"@odata.type":"#' || ${typeName(row)} || '"'`];
  const etag = etagPiece(row, dialect);
  if (etag !== undefined) pieces.push(etag);
  pieces.push(...mediaPieces(row, asked, dialect));
  const { columns, documents, types } = layoutOf(row);
  /** The member of a property, for rows of the types of which it is asked for. */
  const memberOf = ({ property, types: having }: LaidOutProperty, place: () => Place, whole: () => Sql) =>
    pieceOf(row, having, asked.property(property.name, having), (items) =>
      items === "whole" ? whole() : selection.member(items[0]!.property, itself, place(), items),
    );
  for (const laidOut of columns) {
    const { property, column, type } = laidOut;
    const piece = memberOf(
      laidOut,
      () => ({ document: columnOf(row, column), path: [], optional: false }),
      () => sql`${memberName(property.name)} || ${columnJson(row, column, dialect)}`,
    );
    if (piece !== undefined) pieces.push(ifOfType(row, type, piece));
  }
  for (const member of [...added, ...computedMembers(options, compiler)])
    if (asked.computed(member.name)) pieces.push(addedPiece(member));
  pieces.push(...expanded);
  if (mapping.document !== undefined) {
    const document = sql`${sql.ref(`${row.alias}.${mapping.document}`)}`;
    if (asked.everything) return { members: concatenated(pieces), document };
    for (const [name, laidOut] of documents) {
      const piece = memberOf(
        laidOut,
        () => ({ document, path: [name], optional: true }),
        // A type that does not declare the property has no such member: NULL, and the whole piece is empty.
        () => sql`coalesce(${memberName(name)} || ${dialect.member(document, [name])}, '')`,
      );
      if (piece !== undefined) pieces.push(piece);
    }
    if (types.some(({ open }) => open)) pieces.push(...dynamicMembers(document, asked, documents.keys(), context));
  }
  return { members: concatenated([...pieces, sql`'}'`]), document: undefined };
}

/** The same as one expression, for a text that becomes a part of another one. */
export function entityText({ members, document }: EntityColumns): Sql {
  return document === undefined
    ? members
    : sql`${members} || case when length(${document}) > 2 then ',' || substr(${document}, 2) else '}' end`;
}

/** An entity's JSON text out of what {@link entityColumns} selects; `document` is NULL or absent where the text is whole. */
export function wholeText(members: string, document: string | null | undefined): string {
  if (document === null || document === undefined) return members;
  return document.length > 2 ? `${members},${document.slice(1)}` : `${members}}`;
}

/** What `$compute` adds. */
export function computedMembers(
  { compute }: Pick<BoundOptions, "compute">,
  compiler: ExpressionCompiler,
): AddedMember[] {
  return (compute ?? []).map(({ name, expression }) => ({ name, json: compiler.json(expression) }));
}

/** A member that is no property, with a comma in front of it. */
export function addedPiece({ name, json, present }: AddedMember): Sql {
  const member = sql`${clientName(name)} || ${json}`;
  return present === undefined ? member : sql`case when ${present} then ${member} else '' end`;
}

/** An entity's type and key, as far as they are columns: enough to tell where it is. */
export function keyText(row: EntityRow, dialect: SqlDialect): Sql {
  const columns = row.type.key.map(({ name }) => {
    const column = row.mapping.columns.get(name)!;
    return sql`${memberName(name)} || ${columnJson(row, column, dialect)}`;
  });
  return concatenated([sql`'{"@odata.type":"#' || ${typeName(row)} || '"'`, ...columns, sql`'}'`]);
}

/** The qualified name of the row's actual type. */
function typeName(row: EntityRow): Sql {
  const { discriminator } = row.mapping;
  if (discriminator === undefined) return sql.lit(row.type.qualifiedName);
  const column = sql.ref(`${row.alias}.${discriminator.column}`);
  const entries = [...discriminator.typeOf];
  const { namespace } = row.type;
  if (entries.every(([value, type]) => type.name === value && type.namespace === namespace)) {
    return sql`${sql.lit(`${namespace}.`)} || ${column}`;
  }
  const cases = entries.map(([value, type]) => sql`when ${sql.lit(value)} then ${sql.lit(type.qualifiedName)}`);
  return sql`case ${column} ${sql.join(cases, sql` `)} end`;
}

/** A piece that is there only for rows of a type. */
function ifOfType(row: EntityRow, type: EntityType, piece: Sql): Sql {
  if (type === row.type || row.type.lineage.has(type)) return piece;
  const condition = typeCondition(row.alias, row.mapping, type);
  return condition === undefined ? piece : sql`case when ${condition} then ${piece} else '' end`;
}

/** The piece of a property of which different things may be asked for by type; `undefined` where nothing is. */
function pieceOf(
  row: EntityRow,
  having: readonly EntityType[],
  groups: readonly AskedProperty<EntityType>[],
  write: (items: AskedProperty<EntityType>["items"]) => Sql,
): Sql | undefined {
  const [first] = groups;
  if (first === undefined) return undefined;
  if (first.types.length === having.length) return write(first.items);
  const cases = groups.map(({ types, items }) => sql`when ${exactTypeCondition(row, types)} then ${write(items)}`);
  return sql`case ${sql.join(cases, sql` `)} else '' end`;
}

/** The JSON text of a column's value. */
export function columnJson(row: Pick<EntityRow, "alias">, column: ColumnMapping, dialect: SqlDialect): Sql {
  // A decimal is kept as it is written.
  const { kind } = column;
  return dialect.json(columnOf(row, column), kind === "decimal" ? "json" : kind);
}

function columnOf({ alias }: Pick<EntityRow, "alias">, { column }: ColumnMapping): Sql {
  return sql`${sql.ref(`${alias}.${column}`)}`;
}
