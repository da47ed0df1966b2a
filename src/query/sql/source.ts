import { sql } from "kysely";
import type { BoundPath, EntitySegment } from "../../binding/index.js";
import type { EntityType } from "../../edm/index.js";
import type { Sql } from "./dialect.js";
import type { EntityMapping, NavigationMapping, StorageMapping } from "./mapping.js";
import { linkTable } from "./mapping.js";
import { keySlot } from "./plan.js";

/** The tables and conditions that lead to the entities of a path, the last of them under `alias`. */
export interface EntitySource {
  readonly alias: string;
  readonly type: EntityType;
  readonly mapping: EntityMapping;
  /** `"table" as "alias"` and its joins. */
  readonly from: Sql;
  readonly where: readonly Sql[];
  /** Expressions that give a collection its order where nothing else does. */
  readonly order: readonly Sql[];
}

/**
 * Turns a bound path into joins, one for each navigation segment.
 *
 * @param length how many of the path's segments; all of them where absent
 */
export function entitySource(
  path: Pick<BoundPath, "segments">,
  mapping: StorageMapping,
  length = path.segments.length,
): EntitySource {
  let alias = "";
  let count = 0;
  let current!: EntityMapping;
  let type!: EntityType;
  let reached: NavigationMapping | undefined;
  let from: Sql[] = [];
  let where: Sql[] = [];
  let order: Sql[] = [];

  const start = (target: EntityType) => {
    alias = `e${count++}`;
    current = mapping.entity(target);
    type = target;
    reached = undefined;
    from = [sql`${sql.table(current.table)} as ${sql.ref(alias)}`];
    where = [];
    order = keyOrder(alias, current);
    narrow(target);
  };
  const narrow = (target: EntityType) => {
    const condition = typeCondition(alias, current, target, reached);
    if (condition !== undefined) where.push(condition);
  };
  const step = (segment: EntitySegment, index: number) => {
    switch (segment.kind) {
      case "entitySet":
      case "singleton":
        start(segment.type);
        break;
      case "key":
        current.key.forEach((column, part) =>
          where.push(sql`${sql.ref(`${alias}.${column}`)} = ${keySlot(index, part)}`),
        );
        break;
      case "cast":
        type = segment.type;
        narrow(segment.type);
        break;
      case "navigation": {
        const how = mapping.navigation(segment.alternatives[0]!);
        if (how.kind === "extent") {
          start(segment.type);
          break;
        }
        const source = { alias, mapping: current };
        alias = `e${count++}`;
        current = mapping.entity(segment.type);
        type = segment.type;
        for (const { table, on } of navigationTables(source, { alias, mapping: current }, how, segment.name)) {
          from.push(sql` inner join ${table} on ${on}`);
        }
        order = [
          ...(how.kind === "link" ? [sql`${sql.ref(`l${alias}.${linkTable.position}`)}`] : []),
          ...keyOrder(alias, current),
        ];
        reached = how;
        narrow(segment.type);
      }
    }
  };
  path.segments.slice(0, length).forEach(step);
  return { alias, type, mapping: current, from: sql.join(from, sql``), where, order };
}

interface Side {
  readonly alias: string;
  readonly mapping: EntityMapping;
}

/** A table of a join, with the condition that ties it to what stands before it. */
export interface JoinedTable {
  readonly table: Sql;
  readonly on: Sql;
}

/** The tables that lead over a navigation property from a source's row to its targets: one, or the links and one. */
export function navigationTables(
  source: Side,
  target: Side,
  how: Exclude<NavigationMapping, { readonly kind: "extent" }>,
  property: string,
): JoinedTable[] {
  const table = sql`${sql.table(target.mapping.table)} as ${sql.ref(target.alias)}`;
  switch (how.kind) {
    case "targetColumn":
      return [{ table, on: sql`${sql.ref(`${target.alias}.${how.column}`)} = ${keyOf(source)}` }];
    case "sourceColumn":
      return [{ table, on: sql`${keyOf(target)} = ${sql.ref(`${source.alias}.${how.column}`)}` }];
    case "link": {
      const link = `l${target.alias}`;
      const column = (name: string) => sql.ref(`${link}.${name}`);
      const ofSource = sql`${column(linkTable.sourceTable)} = ${sql.lit(source.mapping.table)} and ${column(linkTable.sourceKey)} = ${keyAsText(source)}`;
      return [
        {
          table: sql`${sql.table(linkTable.name)} as ${sql.ref(link)}`,
          on: sql`${ofSource} and ${column(linkTable.property)} = ${sql.lit(property)}`,
        },
        { table, on: sql`${keyOf(target)} = ${column(linkTable.targetKey)}` },
      ];
    }
  }
}

/** Foreign keys and links hold a single key column; the mapping refuses others at start-up. */
function keyOf(side: Side): Sql {
  return sql`${sql.ref(`${side.alias}.${side.mapping.key[0]!}`)}`;
}

/** The key as links hold it. Without the cast a number's affinity would keep the links' index from being used. */
function keyAsText(side: Side): Sql {
  const name = side.mapping.key[0]!;
  const isText = [...side.mapping.columns.values()].some(({ column, kind }) => column === name && kind === "text");
  return isText ? keyOf(side) : sql`cast(${keyOf(side)} as text)`;
}

function keyOrder(alias: string, mapping: EntityMapping): Sql[] {
  return mapping.key.map((column) => sql`${sql.ref(`${alias}.${column}`)}`);
}

/**
 * The condition that a row is of a type; `undefined` where every row of the table is.
 *
 * @param reached how a join has come to the row, where one has
 */
export function typeCondition(
  alias: string,
  mapping: EntityMapping,
  type: EntityType,
  reached?: NavigationMapping,
): Sql | undefined {
  if (mapping.discriminator === undefined) return undefined;
  const { column, valueOf, typeOf } = mapping.discriminator;
  const values = [type, ...type.derivedTypes].flatMap((candidate) => valueOf.get(candidate) ?? []);
  if (values.length === typeOf.size) return undefined;
  // The index of the discriminator leads to all rows of the type, that of the foreign key to a few; SQLite without
  // statistics may take either. No index fits an expression.
  const discriminator =
    reached?.kind === "targetColumn"
      ? sql`coalesce(${sql.ref(`${alias}.${column}`)}, '')`
      : sql.ref(`${alias}.${column}`);
  if (values.length === 1) return sql`${discriminator} = ${sql.lit(values[0]!)}`;
  return values.length === 0 ? sql`0` : sql`${discriminator} in (${sql.join(values.map((value) => sql.lit(value)))})`;
}

/** `where a and b`, or nothing. */
export function whereClause(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`` : sql` where ${sql.join(conditions, sql` and `)}`;
}
