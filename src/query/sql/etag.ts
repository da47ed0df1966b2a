import { sql } from "kysely";
import type { EntityType, Property } from "../../edm/index.js";
import type { Sql, SqlDialect } from "./dialect.js";
import { memberName } from "./pieces.js";
import { layoutOf } from "./row-layout.js";
import type { EntityRow } from "./source.js";
import { exactTypeCondition } from "./source.js";
import { columnKind } from "./values.js";

/**
 * `"@odata.etag":"W/\"...\""` with a comma in front of it, where the type says which properties tell one state of an entity
 * from another (`Core.OptimisticConcurrency`; JSON Format 4.01, section 4.5.9): their values with commas between them.
 * Numbers, instants and GUIDs stand as they are, everything else as the hexadecimal digits of its UTF-8 text, null as `-`.
 */
export function etagPiece(row: EntityRow, dialect: SqlDialect): Sql | undefined {
  const groups = new Map<string, { readonly types: EntityType[]; readonly properties: readonly Property[] }>();
  for (const type of layoutOf(row).types) {
    const key = type.concurrency.map(({ name }) => name).join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { types: [type], properties: type.concurrency });
    else group.types.push(type);
  }
  const pieces = [...groups.values()].flatMap(({ types, properties }) =>
    properties.length === 0 ? [] : { types, piece: etagMember(row, properties, dialect) },
  );
  if (pieces.length === 0) return undefined;
  if (groups.size === 1) return pieces[0]!.piece;
  const cases = pieces.map(({ types, piece }) => sql`when ${exactTypeCondition(row, types)} then ${piece}`);
  return sql`case ${sql.join(cases, sql` `)} else '' end`;
}

function etagMember(row: EntityRow, properties: readonly Property[], dialect: SqlDialect): Sql {
  const values = properties.map((property) => etagValue(row, property, dialect));
  return sql`${memberName("@odata.etag")} || ${sql.lit('"W/\\"')} || ${sql.join(values, sql` || ',' || `)} || ${sql.lit('\\""')}`;
}

function etagValue({ alias, mapping }: EntityRow, property: Property, dialect: SqlDialect): Sql {
  const column = mapping.columns.get(property.name);
  const kind = columnKind(property);
  const value =
    column === undefined
      ? dialect.memberValue(sql`${sql.ref(`${alias}.${mapping.document!}`)}`, [property.name], kind)
      : dialect.column(sql`${sql.ref(`${alias}.${column.column}`)}`, kind);
  switch (kind) {
    case "integer":
      return sql`coalesce(cast(${value} as text), '-')`;
    case "instant":
      return sql`coalesce(${value} || 'Z', '-')`;
    case "text":
      if (property.type.qualifiedName === "Edm.Guid") return sql`coalesce(${value}, '-')`;
      return sql`case when ${value} is null then '-' else ${dialect.hex(value)} end`;
    default:
      return sql`case when ${value} is null then '-' else ${dialect.hex(dialect.json(value, kind))} end`;
  }
}
