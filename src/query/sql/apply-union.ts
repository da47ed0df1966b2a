import { sql } from "kysely";
import { notImplemented } from "../../errors/index.js";
import type { ApplyCompiler } from "./apply.js";
import type { RowColumn, RowEntity, Rows } from "./apply-rows.js";
import { byNumbers, columnOf, orderOf } from "./apply-rows.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { ColumnKind, StorageMapping } from "./mapping.js";
import { isNumeric } from "./operand.js";
import { orderBy } from "./order.js";
import { keyKind, whereClause } from "./source.js";

/** A column of all branches, with the value that each has for it. */
interface UnitedColumn {
  readonly name: string;
  readonly value: (branch: Rows, index: number) => Sql;
}

/**
 * All rows of several tables, those of the first before those of the second. A member that not all rows have is told by a
 * column beside its own.
 */
export function unite(branches: readonly Rows[], apply: ApplyCompiler): Rows {
  const { dialect } = apply.context;
  const [part, place] = [apply.name(), apply.name()];
  const entity = unitedEntity(branches, apply);
  const members = unitedMembers(branches, apply);
  const [first] = branches;
  const group = first!.partition === undefined ? undefined : apply.name();
  const columns: UnitedColumn[] = [
    { name: part, value: (_, index) => sql.lit(index) },
    {
      name: place,
      value(branch) {
        const order = orderOf(branch, apply.compiler);
        return sql`row_number() over (${order.length === 0 ? sql`` : sql`order by ${orderBy(order, dialect)}`})`;
      },
    },
    ...(group === undefined
      ? []
      : [{ name: group, value: (branch: Rows) => columnOf(branch.alias, branch.partition!.column) }]),
    ...entity.columns,
    ...members.columns,
  ];
  const selects = branches.map((branch, index) => {
    const values = columns.map(({ name, value }) => sql`${value(branch, index)} as ${sql.ref(name)}`);
    return sql`select ${sql.join(values)} from ${sql.ref(branch.alias)}${whereClause(branch.where)}`;
  });
  return {
    alias: apply.table(sql.join(selects, sql` union all `)),
    where: [],
    entity: entity.entity,
    members: members.members,
    order: [byNumbers(part, place)],
    partition:
      group === undefined
        ? undefined
        : {
            ...first!.partition!,
            column: group,
            dropped: branches.every(({ partition }) => partition!.dropped),
          },
  };
}

/** The columns of the entities that some of the branches are. */
function unitedEntity(
  branches: readonly Rows[],
  apply: ApplyCompiler,
): { readonly entity: RowEntity | undefined; readonly columns: readonly UnitedColumn[] } {
  const { dialect, mapping: storage } = apply.context;
  const entities = branches.flatMap(({ entity }) => entity ?? []);
  const [entity] = entities;
  if (entity === undefined) return { entity: undefined, columns: [] };
  const columns: UnitedColumn[] = [...tableColumns(entity, storage)].map(([name, kind]) => ({
    name,
    value: (branch) =>
      branch.entity === undefined ? dialect.parameter(sql`null`, kind) : columnOf(branch.alias, name),
  }));
  if (entities.length === branches.length && entities.every(({ present }) => present === undefined))
    return { entity: { ...entity, present: undefined }, columns };
  const present = apply.name();
  const isPresent: UnitedColumn = {
    name: present,
    value: (branch) => presence(branch, branch.entity !== undefined, branch.entity?.present),
  };
  return { entity: { ...entity, present }, columns: [...columns, isPresent] };
}

function unitedMembers(
  branches: readonly Rows[],
  apply: ApplyCompiler,
): { readonly members: ReadonlyMap<string, RowColumn>; readonly columns: readonly UnitedColumn[] } {
  const { dialect } = apply.context;
  const members = new Map<string, RowColumn>();
  const columns: UnitedColumn[] = [];
  for (const path of new Set(branches.flatMap((branch) => [...branch.members.keys()]))) {
    const own = branches.flatMap((branch) => branch.members.get(path) ?? []);
    const kind = commonKind(path, own);
    const everywhere = own.length === branches.length && own.every(({ present }) => present === undefined);
    const column: RowColumn = {
      ...own.find((member) => member.kind === kind)!,
      column: apply.name(),
      kind,
      present: everywhere ? undefined : apply.name(),
    };
    members.set(path, column);
    columns.push({
      name: column.column,
      value(branch) {
        const member = branch.members.get(path);
        if (member === undefined) return dialect.parameter(sql`null`, kind);
        return numberAs(columnOf(branch.alias, member.column), member.kind, kind, dialect);
      },
    });
    if (column.present === undefined) continue;
    columns.push({
      name: column.present,
      value(branch) {
        const member = branch.members.get(path);
        return presence(branch, member !== undefined, member?.present);
      },
    });
  }
  return { members, columns };
}

/** 1 for the rows of a branch that have something, 0 for the others. */
function presence({ alias }: Rows, isThere: boolean, column: string | undefined): Sql {
  return column === undefined ? sql.lit(isThere ? 1 : 0) : columnOf(alias, column);
}

/** The kind of values that numbers of different kinds become; other values cannot meet in one column. */
function commonKind(path: string, columns: readonly RowColumn[]): ColumnKind {
  const kinds = new Set(columns.map(({ kind }) => kind));
  if (kinds.size === 1) return columns[0]!.kind;
  if (![...kinds].every(isNumeric))
    throw notImplemented(`'${path}' has values of different types in the rows that are put together.`);
  return kinds.has("number") ? "number" : "decimal";
}

/** A value of a kind as one of the kind that the values of a column have in common. */
function numberAs(value: Sql, from: ColumnKind, to: ColumnKind, dialect: SqlDialect): Sql {
  if (from === to || !isNumeric(from)) return value;
  return to === "number" ? dialect.double(value, from) : dialect.decimal(value);
}

/** All columns of a table that something may be asked about, by name; decimals as they are kept. */
function tableColumns({ type, mapping }: RowEntity, storage: StorageMapping): Map<string, ColumnKind> {
  const columns = new Map<string, ColumnKind>();
  const add = (name: string, kind: ColumnKind) => {
    if (!columns.has(name)) columns.set(name, kind === "decimal" ? "text" : kind);
  };
  for (const { column, kind } of mapping.columns.values()) add(column, kind);
  if (mapping.document !== undefined) add(mapping.document, "json");
  if (mapping.discriminator !== undefined) add(mapping.discriminator.column, "text");
  for (const owner of [type, ...type.derivedTypes]) {
    for (const property of owner.navigationProperties.values()) {
      const how = storage.navigation(property);
      if (how.kind === "sourceColumn") add(how.column, keyKind(storage.entity(property.type)));
    }
  }
  return columns;
}
