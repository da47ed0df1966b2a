import type { PostgresAddress } from "./postgres/url.js";
import { parsePostgresUrl } from "./postgres/url.js";
import { DatabaseUrlError } from "./url-error.js";

/** Where a store is, and which driver opens it. */
export type DatabaseUrl =
  | {
      readonly driver: "better-sqlite3" | "sqlite3";
      /** A file's path, or `:memory:`. */
      readonly file: string;
    }
  | { readonly driver: "postgres"; readonly address: PostgresAddress };

const SQLITE_DRIVERS = { sqlite: "better-sqlite3", "better-sqlite3": "better-sqlite3", sqlite3: "sqlite3" } as const;

/**
 * Reads a database URL.
 *
 * @param url `sqlite:odatum.db`, `sqlite:/var/lib/odatum.db`, `sqlite::memory:`; `sqlite3:` in front instead takes the
 *   driver of that name; `postgres://user:password@host:5432/name?sslmode=require`, see {@link parsePostgresUrl}
 * @throws {DatabaseUrlError}
 */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  if (/^postgres(?:ql)?:/.test(url)) return { driver: "postgres", address: parsePostgresUrl(url) };
  const colon = url.indexOf(":");
  const scheme = url.slice(0, Math.max(colon, 0));
  if (!Object.hasOwn(SQLITE_DRIVERS, scheme)) {
    throw new DatabaseUrlError(
      `'${url}' is no database URL that is known here; write sqlite:FILE, sqlite3:FILE, sqlite::memory: or postgres://USER:PASSWORD@HOST/DATABASE.`,
    );
  }
  const file = url.slice(colon + 1).replace(/^\/\/(?=\/)/, "");
  if (file === "") throw new DatabaseUrlError(`'${url}' names no file; write sqlite:FILE or sqlite::memory:.`);
  return { driver: SQLITE_DRIVERS[scheme as keyof typeof SQLITE_DRIVERS], file };
}
