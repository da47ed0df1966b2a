import { readFileSync } from "node:fs";
import { DatabaseUrlError } from "../url-error.js";

/** How a PostgreSQL server is reached; what is absent comes from the environment (`PGHOST`, `PGPASSWORD` and so on). */
export interface PostgresAddress {
  /** A name or an address, or the folder of a Unix socket. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** `false`: without; `undefined`: as `PGSSLMODE` says. */
  readonly ssl: PostgresTls | false | undefined;
  readonly applicationName: string | undefined;
  /** Settings of the session, as `psql` takes them: `-c name=value`. */
  readonly options: string | undefined;
}

/** What Node's `tls.connect` takes. */
export interface PostgresTls {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

const HOW = "write postgres://USER:PASSWORD@HOST:PORT/DATABASE";

const OPTIONS = [
  "host",
  "port",
  "user",
  "password",
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "application_name",
  "options",
] as const;

/** `scheme://user:password@host:port/database?options`; all parts may be absent. */
const URL_PARTS =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<host>\[[^\]]*\]|[^:/?#@]*)(?::(?<port>\d*))?(?:\/(?<database>[^/?#]*))?(?:\?(?<query>[^#]*))?$/;

/**
 * Reads the URL of a PostgreSQL database.
 *
 * @param url `postgres://user:password@host:5432/name?sslmode=require`; a Unix socket's folder is the option `host`
 * @throws {DatabaseUrlError} which never shows the password
 */
export function parsePostgresUrl(url: string): PostgresAddress {
  const parts = URL_PARTS.exec(url)?.groups;
  if (parts === undefined) throw new DatabaseUrlError(`'${withoutPassword(url)}' is no database URL; ${HOW}.`);
  const refuse = (text: string): DatabaseUrlError => new DatabaseUrlError(`'${withoutPassword(url)}': ${text}`);
  const decode = (text: string | undefined): string | undefined => {
    if (text === undefined || text === "") return undefined;
    try {
      return decodeURIComponent(text);
    } catch {
      throw refuse("a percent sign is not followed by two hexadecimal digits.");
    }
  };
  const options = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(parts.query)) {
    if (!(OPTIONS as readonly string[]).includes(name))
      throw refuse(`the option '${name}' is not known; there are ${OPTIONS.join(", ")}.`);
    options.set(name, value);
  }
  const host = options.get("host") ?? decode(parts.host?.replace(/^\[(.*)\]$/, "$1"));
  if (host?.includes(",") === true) throw refuse("it names several hosts; name one.");
  const port = options.get("port") ?? decode(parts.port);
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
    throw refuse(`'${port}' is no port.`);
  const file = (name: string): string | undefined => {
    const path = options.get(name);
    try {
      return path === undefined ? undefined : readFileSync(path, "utf8");
    } catch (error) {
      throw refuse(`the file that '${name}' names cannot be read: ${(error as Error).message}`);
    }
  };
  return {
    host,
    port: port === undefined ? undefined : Number(port),
    user: options.get("user") ?? decode(parts.user),
    password: options.get("password") ?? decode(parts.password),
    database: decode(parts.database),
    ssl: tls(options.get("sslmode"), file, refuse),
    applicationName: options.get("application_name"),
    options: options.get("options"),
  };
}

function tls(
  mode: string | undefined,
  file: (name: string) => string | undefined,
  refuse: (text: string) => DatabaseUrlError,
): PostgresTls | false | undefined {
  const files = { ca: file("sslrootcert"), cert: file("sslcert"), key: file("sslkey") };
  const given = Object.values(files).some((content) => content !== undefined);
  switch (mode) {
    case undefined:
      return given ? { rejectUnauthorized: true, ...files } : undefined;
    case "disable":
      return false;
    case "no-verify":
      return { rejectUnauthorized: false, ...files };
    // Encryption without knowing with whom protects from nobody who can stand in between: the certificate is always checked.
    case "require":
    case "verify-ca":
    case "verify-full":
      return { rejectUnauthorized: true, ...files };
    default:
      throw refuse(`sslmode is disable, no-verify, require or verify-full here, not '${mode}'.`);
  }
}

/** The URL as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:@/?#]*):[^/?#]*@/, "$1:***@").replace(/([?&]password=)[^&]*/g, "$1***");
}
