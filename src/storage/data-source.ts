import type { DataSourceOptions, MigrationInterface, MixedList } from "typeorm";
import { DataSource } from "typeorm";
import type { DatabaseUrl } from "./database-url.js";
import { LinkEntity } from "./link-entity.js";
import { teachColumnTypes } from "./postgres/columns.js";
import { clientConfig } from "./postgres/pool.js";
import { SettingEntity } from "./setting-entity.js";

/** What TypeORM is told of a store. */
export interface DataSourceDescription {
  readonly url: DatabaseUrl;
  readonly entities: readonly (abstract new (...args: never[]) => object)[];
  readonly migrations: readonly (new () => MigrationInterface)[];
  readonly busyTimeoutMs: number;
}

/** TypeORM's view of a store, not yet initialised. Its tables are made later, when everything is known of their columns. */
export function createDataSource(description: DataSourceDescription): DataSource {
  const dataSource = new DataSource(dataSourceOptions(description));
  if (description.url.driver === "postgres") teachColumnTypes(dataSource);
  return dataSource;
}

function dataSourceOptions({ url, entities, migrations, busyTimeoutMs }: DataSourceDescription): DataSourceOptions {
  const common = {
    entities: [...entities, LinkEntity, SettingEntity] as unknown as MixedList<() => void>,
    migrations: [...migrations] as unknown as MixedList<() => void>,
    migrationsTableName: "odata_migration",
    synchronize: false,
  };
  switch (url.driver) {
    case "postgres":
      // A key that TypeORM makes takes the server's own function, which needs no extension.
      return { type: "postgres", ...common, uuidExtension: "pgcrypto", extra: clientConfig(url.address, {}) };
    case "better-sqlite3":
      return {
        type: "better-sqlite3",
        ...common,
        database: url.file,
        enableWAL: url.file !== ":memory:",
        timeout: busyTimeoutMs,
      };
    case "sqlite3":
      return {
        type: "sqlite",
        ...common,
        database: url.file,
        enableWAL: url.file !== ":memory:",
        busyTimeout: busyTimeoutMs,
      };
  }
}
