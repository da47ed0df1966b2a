/** Where a store is, and which driver opens it. */
export interface DatabaseUrl {
  readonly driver: "better-sqlite3" | "sqlite3";
  /** A file's path, or `:memory:`. */
  readonly file: string;
}

/** The URL names no store that can be opened; the message says what would be right. */
export class DatabaseUrlError extends Error {
  override readonly name = "DatabaseUrlError";
}

/**
 * Reads a database URL.
 *
 * @param url `sqlite:odatum.db`, `sqlite:/var/lib/odatum.db`, `sqlite::memory:`; `sqlite3:` in front instead takes the
 *   driver of that name
 * @throws {DatabaseUrlError}
 */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  const colon = url.indexOf(":");
  const scheme = url.slice(0, Math.max(colon, 0));
  const drivers = { sqlite: "better-sqlite3", "better-sqlite3": "better-sqlite3", sqlite3: "sqlite3" } as const;
  if (!Object.hasOwn(drivers, scheme)) {
    throw new DatabaseUrlError(
      `'${url}' is no database URL that is known here; write sqlite:FILE, sqlite3:FILE or sqlite::memory:.`,
    );
  }
  const file = url.slice(colon + 1).replace(/^\/\/(?=\/)/, "");
  if (file === "") throw new DatabaseUrlError(`'${url}' names no file; write sqlite:FILE or sqlite::memory:.`);
  return { driver: drivers[scheme as keyof typeof drivers], file };
}
