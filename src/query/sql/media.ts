import { sql } from "kysely";
import type { EntityType } from "../../edm/index.js";
import { isStream } from "../../edm/index.js";
import type { Asked } from "./asked.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { EntityMapping } from "./mapping.js";
import { memberName } from "./pieces.js";
import { layoutOf } from "./row-layout.js";
import type { EntityRow } from "./source.js";

/**
 * Which content a stream of an entity has: the entity's table, its key as one text ({@link ownerKey}), and the name of the
 * stream property, empty for a media entity's own stream. Facts of the content stand beside it, so that reading an
 * entity takes one look-up a stream.
 */
export const mediaUseTable = {
  name: "odata_media_use",
  ownerTable: "owner_table",
  ownerKey: "owner_key",
  property: "property",
  media: "media",
  contentType: "content_type",
  size: "size",
  /** What tells two contents apart, of letters, digits, `-` and `_`: the ETag without its quotes. */
  digest: "digest",
  modified: "modified",
} as const;

/** The names of a type's streams as {@link mediaUseTable} has them. */
export function streamNames(type: EntityType): string[] {
  const names = type.hasStream ? [""] : [];
  for (const property of type.properties.values()) if (isStream(property)) names.push(property.name);
  return names;
}

/** The key of a row as one text; `alias` is that of the row, or `old` and `new` in a trigger. */
export function ownerKey({ key }: Pick<EntityMapping, "key">, alias: string, dialect: SqlDialect): Sql {
  const parts = key.map((column) => sql`cast(${sql.ref(`${alias}.${column}`)} as text)`);
  if (parts.length === 1) return parts[0]!;
  // Hexadecimal digits, so that no value looks like two.
  return sql.join(
    parts.map((part) => dialect.hex(part)),
    sql` || ',' || `,
  );
}

/**
 * The control information about the streams of an entity that have content, each member with a comma in front of it:
 * `mediaEtag` and `mediaContentType` (JSON Format 4.01, section 4.5.12). The links follow convention; full metadata adds them.
 */
export function mediaPieces(row: EntityRow, asked: Asked, dialect: SqlDialect): Sql[] {
  const { types } = layoutOf(row);
  const names = new Set(types.flatMap(streamNames));
  return [...names]
    .filter((name) => name === "" || isAsked(name, types, asked))
    .map((name) => mediaPiece(row, name, dialect));
}

function isAsked(name: string, types: readonly EntityType[], asked: Asked): boolean {
  const having = types.filter((type) => type.properties.has(name));
  return asked.property(name, having).length > 0;
}

function mediaPiece(row: EntityRow, name: string, dialect: SqlDialect): Sql {
  const { name: table, contentType, digest } = mediaUseTable;
  const etag = sql`${memberName(`${name}@odata.mediaEtag`)} || ${sql.lit('"\\"')} || u.${sql.ref(digest)} || ${sql.lit('\\""')}`;
  const type = sql`${memberName(`${name}@odata.mediaContentType`)} || ${dialect.quoteJson(sql`u.${sql.ref(contentType)}`)}`;
  const ofRow = sql`u.${sql.ref(mediaUseTable.ownerTable)} = ${sql.lit(row.mapping.table)} and u.${sql.ref(mediaUseTable.ownerKey)} = ${ownerKey(row.mapping, row.alias, dialect)}`;
  return sql`coalesce((select ${etag} || ${type} from ${sql.table(table)} as u where ${ofRow} and u.${sql.ref(mediaUseTable.property)} = ${sql.lit(name)}), '')`;
}
