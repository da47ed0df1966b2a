import { sql } from "kysely";
import type { BoundExpand, BoundOptions, BoundSelect } from "../../binding/index.js";
import type { EntityType, Property } from "../../edm/index.js";
import { ConditionCompiler } from "./condition.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { ColumnMapping, EntityMapping, StorageMapping } from "./mapping.js";
import { navigationTables, typeCondition, whereClause } from "./source.js";

/** What the compiler needs to know everywhere. */
export interface SqlContext {
  readonly mapping: StorageMapping;
  readonly dialect: SqlDialect;
}

/** The entity whose JSON text is wanted: its row's alias and its declared type. */
export interface EntityRow {
  readonly alias: string;
  readonly type: EntityType;
  readonly mapping: EntityMapping;
}

/**
 * The JSON text of an entity as an SQL expression: its type, its columns one by one, what is expanded, and its document
 * spliced in as it is stored. At `odata.metadata=minimal` this text goes to the client unread.
 */
export function entityText(row: EntityRow, options: Pick<BoundOptions, "select" | "expand">, context: SqlContext): Sql {
  const { members, document } = entityColumns(row, options, context);
  return document === undefined
    ? members
    : sql`${members} || case when length(${document}) > 2 then ',' || substr(${document}, 2) else '}' end`;
}

/**
 * The same as two columns: the text with its last brace missing, and the document as it is stored, whose members are the
 * rest; {@link wholeText} puts them together. Documents are long, and SQLite would copy them with every concatenation.
 * Where the text needs no document it is whole.
 */
export function entityColumns(
  row: EntityRow,
  options: Pick<BoundOptions, "select" | "expand">,
  context: SqlContext,
): { readonly members: Sql; readonly document: Sql | undefined } {
  const { mapping } = row;
  const { select, expand } = options;
  // Every piece is a member with a comma in front of it; the type annotation comes first, so its comma is the one to drop.
  const pieces: Sql[] = [sql`'{"@odata.type":"#' || ${typeName(row)} || '"'`];
  for (const [property, types] of columnProperties(row)) {
    if (select !== undefined && !select.properties.has(property.name)) continue;
    const column = mapping.columns.get(property.name)!;
    const member = sql`${sql.lit(`,${JSON.stringify(property.name)}:`)} || ${columnJson(row.alias, column, context.dialect)}`;
    pieces.push(ifAskedFor(row, select, property.name, ifOfType(row, types, member)));
  }
  for (const item of expand) pieces.push(expandedMember(row, item, context));
  if (mapping.document !== undefined) {
    const document = sql`${sql.ref(`${row.alias}.${mapping.document}`)}`;
    if (select === undefined) return { members: sql.join(pieces, sql` || `), document };
    for (const name of select.properties) {
      if (mapping.columns.has(name)) continue;
      const member = context.dialect.member(document, [name]);
      // A type that does not declare the property has no such member: NULL, and the whole piece is empty.
      pieces.push(
        ifAskedFor(row, select, name, sql`coalesce(${sql.lit(`,${JSON.stringify(name)}:`)} || ${member}, '')`),
      );
    }
  }
  return { members: sql.join([...pieces, sql`'}'`], sql` || `), document: undefined };
}

/** An entity's JSON text out of what {@link entityColumns} selects; `document` is NULL or absent where the text is whole. */
export function wholeText(members: string, document: string | null | undefined): string {
  if (document === null || document === undefined) return members;
  return document.length > 2 ? `${members},${document.slice(1)}` : `${members}}`;
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

/** The properties of the declared type and its derived types that have a column, each with the types that declare it. */
function columnProperties(row: EntityRow): Map<Property, EntityType> {
  const found = new Map<Property, EntityType>();
  for (const type of [row.type, ...row.type.derivedTypes]) {
    for (const property of type.properties.values()) {
      if (!found.has(property) && row.mapping.columns.has(property.name)) found.set(property, type);
    }
  }
  return found;
}

/** A piece that is there only for rows of a type. */
function ifOfType(row: EntityRow, type: EntityType, piece: Sql): Sql {
  if (type === row.type || row.type.lineage.has(type)) return piece;
  const condition = typeCondition(row.alias, row.mapping, type);
  return condition === undefined ? piece : sql`case when ${condition} then ${piece} else '' end`;
}

/** A piece that is there only for rows of the types of which `$select` asks for it. */
function ifAskedFor(row: EntityRow, select: BoundSelect | undefined, name: string, piece: Sql): Sql {
  const types = select?.ofTypes.get(name);
  if (types === undefined) return piece;
  const conditions = types.flatMap((type) => typeCondition(row.alias, row.mapping, type) ?? []);
  return conditions.length < types.length
    ? piece
    : sql`case when ${sql.join(conditions, sql` or `)} then ${piece} else '' end`;
}

/** The JSON text of a column's value. */
export function columnJson(alias: string, column: ColumnMapping, dialect: SqlDialect): Sql {
  const value = sql`${sql.ref(`${alias}.${column.column}`)}`;
  switch (column.kind) {
    case "text":
      return dialect.quoteJson(value);
    case "boolean":
      return sql`case ${value} when 1 then 'true' when 0 then 'false' else 'null' end`;
    case "instant":
      return sql`coalesce('"' || ${value} || 'Z"', 'null')`;
    case "number":
      return dialect.numberJson(value);
    case "integer":
    case "decimal":
    case "json":
      return sql`coalesce(${value}, 'null')`;
  }
}

/** An expanded navigation property as a member: URL Conventions 4.01, section 5.1.3. */
function expandedMember(row: EntityRow, item: BoundExpand, context: SqlContext): Sql {
  const { navigation, options } = item;
  const name = JSON.stringify(navigation.name);
  const alias = `${row.alias}x${navigation.name}`;
  const target: EntityRow = { alias, type: navigation.type, mapping: context.mapping.entity(navigation.type) };
  const how = context.mapping.navigation(navigation.alternatives[0]!);
  const conditions: Sql[] = [];
  const narrowed = typeCondition(alias, target.mapping, navigation.type, how);
  if (narrowed !== undefined) conditions.push(narrowed);
  const compiler = new ConditionCompiler(alias, target.mapping, context.dialect);
  if (options.filter !== undefined) conditions.push(compiler.condition(options.filter));

  let from = sql`${sql.table(target.mapping.table)} as ${sql.ref(alias)}`;
  if (how.kind !== "extent") {
    const [first, ...rest] = navigationTables(row, target, how, navigation.name);
    // The subquery starts from the table next to the outer row; what ties it to that row is a condition.
    from = sql.join([first!.table, ...rest.map(({ table, on }) => sql`inner join ${table} on ${on}`)], sql` `);
    conditions.unshift(first!.on);
  }
  const order = [
    ...(options.orderby ?? []).map((item) => orderTerm(compiler.value(item.expression), item.descending)),
    ...target.mapping.key.map((column) => sql`${sql.ref(`${alias}.${column}`)}`),
  ];
  const paging = pageClause(options);
  const page = sql`select ${entityText(target, options, context)} as x from ${from}${whereClause(conditions)} order by ${sql.join(order)}${paging}`;
  let member: Sql;
  if (navigation.collection) {
    member = sql`${sql.lit(`,${name}:[`)} || coalesce((select group_concat(x, ',') from (${page})), '') || ']'`;
    if (options.count === true) {
      const count = sql`(select count(*) from ${from}${whereClause(conditions)})`;
      member = sql`${sql.lit(`,${JSON.stringify(`${navigation.name}@odata.count`)}:`)} || ${count} || ${member}`;
    }
  } else {
    member = sql`${sql.lit(`,${name}:`)} || coalesce((${page}), 'null')`;
  }
  // Only the types that declare the property have the member.
  const declaring =
    item.cast === undefined ? navigation.alternatives.map((alternative) => alternative.declaringType) : [item.cast];
  const types = declaring.filter((type): type is EntityType => type.kind === "entity");
  if (types.some((type) => row.type.lineage.has(type))) return member;
  const conditionsOfTypes = types.flatMap((type) => typeCondition(row.alias, row.mapping, type) ?? []);
  if (conditionsOfTypes.length < types.length) return member;
  return sql`case when ${sql.join(conditionsOfTypes, sql` or `)} then ${member} else '' end`;
}

/** One term of `order by`; null sorts before every value (URL Conventions 4.01, section 5.1.5). */
export function orderTerm(value: Sql, descending: boolean): Sql {
  return descending ? sql`${value} desc` : value;
}

/** ` limit ? offset ?`, or nothing. */
export function pageClause({ top, skip }: Pick<BoundOptions, "top" | "skip">): Sql {
  if (top === undefined && skip === undefined) return sql``;
  const limit = sql` limit ${top ?? -1}`;
  return skip === undefined ? limit : sql`${limit} offset ${skip}`;
}
