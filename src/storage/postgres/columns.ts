import type { DataSource, EntityMetadata, QueryRunner, TableColumn } from "typeorm";
import type { Property } from "../../edm/index.js";
import { columnKind } from "../../query/index.js";

type ColumnMetadata = EntityMetadata["columns"][number];

/**
 * Texts are compared and sorted by code points, whatever the database's own order is; an index helps only where it has the
 * same order.
 */
const COLLATION = "C";

/** SQLite's names of types that PostgreSQL does not have. */
const SQLITE_TYPES: ReadonlyMap<unknown, string> = new Map([
  ["tinyint", "smallint"],
  ["mediumint", "integer"],
  ["unsigned big int", "bigint"],
  ["double", "double precision"],
  ["datetime", "text"],
  ["clob", "text"],
  ["blob", "bytea"],
  ["varying character", "character varying"],
  ["native character", "character varying"],
  ["nchar", "character varying"],
  ["nvarchar", "character varying"],
]);

const TEXT_TYPES: ReadonlySet<unknown> = new Set(["text", "varchar", "character varying", "char", "character"]);

/**
 * Teaches TypeORM's driver the types that classes and migrations made for SQLite name, and gives columns for text the order
 * of code points. To be called before the data source is initialised.
 */
export function teachColumnTypes({ driver }: DataSource): void {
  const normalizeType = driver.normalizeType.bind(driver);
  driver.normalizeType = (column) => SQLITE_TYPES.get(column.type) ?? normalizeType(column);
  const createQueryRunner = driver.createQueryRunner.bind(driver);
  driver.createQueryRunner = (mode) => collate(createQueryRunner(mode));
}

/** Lets the tables and columns that a query runner makes have our collation. */
function collate(runner: QueryRunner): QueryRunner {
  const adapt = (column: TableColumn): void => {
    if (TEXT_TYPES.has(column.type)) column.collation ??= COLLATION;
  };
  const createTable = runner.createTable.bind(runner);
  runner.createTable = (table, ...rest) => {
    table.columns.forEach(adapt);
    return createTable(table, ...rest);
  };
  const addColumn = runner.addColumn.bind(runner);
  runner.addColumn = (table, column) => {
    adapt(column);
    return addColumn(table, column);
  };
  return runner;
}

/**
 * Gives every column the type that the values of its property need: what SQLite keeps in a column of any type, PostgreSQL
 * does not. To be called when the data source is initialised, before its tables are made.
 *
 * @param propertyOf the property that a member of a class is; `undefined` for a column that is none
 */
export function adaptColumns(
  { driver, entityMetadatas }: DataSource,
  propertyOf: (entityClass: unknown, name: string) => Property | undefined,
): void {
  const columns = entityMetadatas.flatMap((metadata) => metadata.columns);
  for (const column of columns) {
    if (column.relationMetadata !== undefined) continue;
    const property = propertyOf(column.entityMetadata.target, column.propertyName);
    const given = driver.normalizeType(column);
    const type = property === undefined ? given : columnType(property, given);
    if (type !== given) setType(column, type);
    if (TEXT_TYPES.has(type)) column.collation ??= COLLATION;
  }
  for (const column of columns) {
    // A foreign key is of the type of what it refers to, which may be a foreign key itself.
    let source = column;
    while (source.relationMetadata !== undefined && source.referencedColumn !== undefined)
      source = source.referencedColumn;
    if (source === column) continue;
    setType(column, driver.normalizeType(source));
    column.length = source.length;
    column.collation ??= source.collation!;
  }
}

function setType(column: ColumnMetadata, type: string): void {
  column.type = type as ColumnMetadata["type"];
  column.length = "";
  delete column.precision;
  delete column.scale;
  column.isArray = false;
  delete column.enum;
}

/** @param given the type that the class says, which stays where it will do */
function columnType(property: Property, given: string): string {
  switch (columnKind(property)) {
    case "boolean":
      return "boolean";
    case "number":
      return "double precision";
    case "integer":
      return wideEnough(property).includes(given) ? given : wideEnough(property)[0]!;
    case "text":
      return given === "character varying" ? given : "text";
    case "instant":
    case "decimal":
    case "json":
      return "text";
  }
}

/** The types that hold all values of an integer property, the one to take first. */
function wideEnough({ type }: Property): string[] {
  switch ((type.kind === "typeDefinition" ? type.underlyingType : type).qualifiedName) {
    case "Edm.Int64":
      return ["bigint"];
    case "Edm.Int32":
      return ["integer", "bigint"];
    default:
      return ["integer", "smallint", "bigint"];
  }
}
