import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import pg from "pg";

/** A database of its own on a PostgreSQL server. */
export interface PostgresStore {
  /** `postgres://...`, as `Database.open` takes it. */
  readonly url: string;
  /** Throws the database away; the server goes on until the process ends. */
  stop(): Promise<void>;
}

/** Names a server that is there already, `postgres://user:password@host:port/database`, whose user may make databases. */
const SERVER = process.env.ODATUM_TEST_POSTGRES;

const USER = "odatum";

/** How long a server may take until it accepts connections, in milliseconds. */
const PATIENCE = 60_000;

let server: Promise<string | undefined> | undefined;

/**
 * Makes an empty database on PostgreSQL. The first call of a process starts a server for it, which listens on a socket in a
 * temporary folder only; server and folder go when the process ends, in whatever way it does.
 *
 * @returns `undefined` where PostgreSQL is not there; the reason is written to standard error once
 * @example
 * before(async function () {
 *   store = (await startPostgres()) ?? this.skip();
 * });
 */
export async function startPostgres(): Promise<PostgresStore | undefined> {
  server ??= SERVER === undefined || SERVER === "" ? startServer() : Promise.resolve(SERVER);
  const administration = await server;
  if (administration === undefined) return undefined;
  const name = `odatum_test_${randomBytes(8).toString("hex")}`;
  await run(administration, `create database ${name} template template0`);
  const url = new URL(administration);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    stop: () => run(administration, `drop database if exists ${name} with (force)`),
  };
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** @returns the URL of the server's own database, or `undefined` where it cannot be started */
async function startServer(): Promise<string | undefined> {
  const without = (reason: string): undefined => {
    console.error(`Tests on PostgreSQL are skipped: ${reason}`);
    return undefined;
  };
  const programs = findPrograms();
  if (programs === undefined)
    return without(
      "no 'initdb' and 'postgres' in PATH, in /usr/lib/postgresql/*/bin or where 'pg_config --bindir' says; " +
        "install PostgreSQL, or name a server in ODATUM_TEST_POSTGRES.",
    );
  // PostgreSQL refuses to run as root.
  const owner = process.getuid?.() === 0 ? unprivilegedUser() : {};
  if (owner === undefined) return without("this is root, and there is neither a user 'postgres' nor 'nobody'.");
  const folder = mkdtempSync(join(socketFolder(), "odatum-pg-"));
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  // Not the order of code points by default, as on most servers: what must not depend on it, does not.
  const locales = [
    ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"],
    ["--locale=C.UTF-8"],
    ["--locale=C"],
  ];
  let initialised: ReturnType<typeof spawnSync> | undefined;
  for (const locale of locales) {
    initialised = spawnSync(
      join(programs, "initdb"),
      ["-D", data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-sync", ...locale],
      { ...owner, cwd: folder, encoding: "utf8" },
    );
    if (initialised.status === 0) break;
  }
  if (initialised?.status !== 0)
    return without(`initdb failed: ${String(initialised?.stderr ?? initialised?.error?.message)}`);
  const child = launch(join(programs, "postgres"), folder, data, owner);
  const url = `postgres://${USER}@localhost/postgres?host=${encodeURIComponent(folder)}`;
  const failure = await accepting(url, child, join(folder, "log"));
  return failure === undefined ? url : without(failure);
}

/**
 * Starts a server that ends with this process: a shell beside it waits for the end of its standard input, which comes when
 * this process ends, however that happens; then it stops the server and deletes the folder.
 */
function launch(program: string, folder: string, data: string, owner: Owner): ChildProcess {
  const settings = [
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=32MB",
    "max_connections=200",
  ];
  const log = openSync(join(folder, "log"), "a");
  // Groups of their own, so that Ctrl-C does not take the shell away before it has cleaned up.
  const server = spawn(program, ["-D", data, "-k", folder, ...settings.flatMap((setting) => ["-c", setting])], {
    ...owner,
    cwd: folder,
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  const script = `read -r end
kill -QUIT "$1"
tries=100
while [ -e "$2/data/postmaster.pid" ] && [ $tries -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
rm -rf "$2"`;
  const guard = spawn("/bin/sh", ["-c", script, "sh", String(server.pid), folder], {
    ...owner,
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // None of them keeps this process alive.
  server.unref();
  guard.unref();
  (guard.stdin as Socket).unref();
  return server;
}

/** Waits until the server answers; a text says why it will not. */
async function accepting(url: string, program: ChildProcess, log: string): Promise<string | undefined> {
  const until = Date.now() + PATIENCE;
  let last = "";
  while (Date.now() < until && program.exitCode === null) {
    try {
      await run(url, "select 1");
      return undefined;
    } catch (error) {
      last = (error as Error).message;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return `the server does not start: ${last}\n${existsSync(log) ? readFileSync(log, "utf8") : ""}`;
}

/** The folder with `initdb` and `postgres`. */
function findPrograms(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const debian = "/usr/lib/postgresql";
  if (existsSync(debian)) {
    const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    folders.push(...versions.map((version) => join(debian, version, "bin")));
  }
  const config = spawnSync("pg_config", ["--bindir"], { encoding: "utf8" });
  if (config.status === 0) folders.push(config.stdout.trim());
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

function unprivilegedUser(): Owner | undefined {
  const users = new Map(
    readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .map((line) => line.split(":"))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
  return users.get("postgres") ?? users.get("nobody");
}

/** A socket's path has little more than a hundred characters; the temporary folder of some systems is too long for it. */
function socketFolder(): string {
  return tmpdir().length > 60 && existsSync("/tmp") ? "/tmp" : tmpdir();
}
