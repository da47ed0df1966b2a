import { constants, accessSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabaseUrl } from "../storage/database-url.js";
import { parseDatabaseUrl } from "../storage/database-url.js";
import { DatabaseUrlError } from "../storage/url-error.js";
import { codeOf, Failure } from "./failure.js";

/** The database that commands take where none is named. */
export const defaultDatabase = "sqlite:odatum.db";

/** Where the development issuer's keys lie for a store that is no file. */
const KEY_FILE = "odatum.keys.json";

/** A store by its URL, before it is opened. */
export interface Store {
  readonly url: string;
  readonly at: DatabaseUrl;
  /** Where the development issuer's keys lie; none for a store in memory. */
  readonly keyFile: string | undefined;
}

/** @throws {Failure} for a URL that names no store */
export function findStore(url: string): Store {
  try {
    const at = parseDatabaseUrl(url);
    return { url, at, keyFile: keyFile(at) };
  } catch (error) {
    throw error instanceof DatabaseUrlError ? new Failure(error.message, { cause: error }) : error;
  }
}

function keyFile(at: DatabaseUrl): string | undefined {
  if (at.driver === "postgres") return KEY_FILE;
  return at.file === ":memory:" ? undefined : `${at.file}.keys.json`;
}

/**
 * Looks whether a store's file can be opened, and what is in the way: the drivers say "unable to open database file"
 * to all of it, and TypeORM would make missing folders, where a wrong path is more likely meant.
 *
 * @throws {Failure}
 */
export function checkStore({ at }: Store): void {
  if (at.driver === "postgres" || at.file === ":memory:") return;
  const path = resolve(at.file);
  const folder = dirname(path);
  const folderStats = stats(folder, path);
  if (folderStats === undefined) throw new Failure(`The folder '${folder}' for the database does not exist.`);
  if (!folderStats.isDirectory()) throw new Failure(`'${folder}' is not a folder; the database cannot lie in it.`);
  const fileStats = stats(path, path);
  if (fileStats?.isDirectory()) throw new Failure(`'${path}' is a folder, not a database file.`);
  if (fileStats !== undefined && !fileStats.isFile()) throw new Failure(`'${path}' is not a regular file.`);
  // SQLite also makes files beside the database (-wal, -shm), so the folder has to be writable as well.
  for (const needed of fileStats === undefined ? [folder] : [path, folder]) {
    try {
      accessSync(needed, constants.R_OK | constants.W_OK);
    } catch (error) {
      throw new Failure(`No permission to read and write '${needed}' for the database.`, { cause: error });
    }
  }
}

function stats(path: string, database: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (codeOf(error) === "ENOTDIR") throw new Failure(`A part of the path '${database}' is not a folder.`);
    if (codeOf(error) === "EACCES") throw new Failure(`No permission to reach the database '${database}'.`);
    throw new Failure(`The database '${database}' cannot be looked at: ${(error as Error).message}`, { cause: error });
  }
}

/** What a driver, or TypeORM in front of it, says when a store cannot be opened. */
export function storeFailure(error: unknown, { at }: Store): Failure {
  const message = messageOf(error);
  if (at.driver === "postgres")
    return new Failure(`The PostgreSQL database cannot be opened: ${message}`, { cause: error });
  const { file, driver } = at;
  const code = codeOf(error) ?? /SQLITE_[A-Z]+/.exec(message)?.[0] ?? "";
  const name = file === ":memory:" ? "in memory" : `'${resolve(file)}'`;
  const because = (text: string): Failure => new Failure(`The database ${name} ${text}`, { cause: error });
  if (code === "SQLITE_NOTADB") return because("is not an SQLite database.");
  if (code.startsWith("SQLITE_CORRUPT")) return because("is damaged.");
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"))
    return because("is locked by another program.");
  if (code === "SQLITE_FULL" || code === "ENOSPC") return because("cannot be opened: the disk is full.");
  if (/NODE_MODULE_VERSION|bindings file|ERR_DLOPEN_FAILED|has not been found installed/.test(`${code} ${message}`)) {
    return new Failure(`The SQLite driver '${driver}' is not built for this Node.js; run 'npm rebuild ${driver}'.`, {
      cause: error,
    });
  }
  return because(`cannot be opened: ${message}`);
}

/** Where a name has several addresses, Node says what was wrong with each of them. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
