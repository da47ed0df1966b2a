import pg from "pg";
import type { PostgresAddress } from "./url.js";
import type { SharedState } from "./connection.js";
import { PostgresConnection } from "./connection.js";
import { translatePostgresError } from "./errors.js";

/** Types whose values are read as more than their text, by the numbers that the server's catalogue has for them. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [16, (text) => text === "t"], // boolean
  [21, Number], // smallint
  [23, Number], // integer
  [26, Number], // oid
  [700, Number], // real
  [701, Number], // double precision
]);

/** Everything else is left as the server writes it: JSON goes on unread, and no digit of a number is lost. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (type: number) => PARSERS.get(type) ?? ((text: string) => text),
};

/** How long a connection stays open while nobody uses it, in milliseconds. */
const IDLE = 30_000;

/** Settings of a session, by name. */
export type SessionSettings = Readonly<Record<string, string | number>>;

/** What every session of ours has. */
const SETTINGS: SessionSettings = {
  // Texts in statements are written for it, and some servers still have it off.
  standard_conforming_strings: "on",
  TimeZone: "UTC",
  // Compiling a statement takes longer than most of them run.
  jit: "off",
};

/** What the driver needs to make connections. */
export function clientConfig(address: PostgresAddress, settings: SessionSettings): pg.ClientConfig {
  const given = Object.entries({ ...SETTINGS, ...settings }).map(([name, value]) => `-c ${name}=${value}`);
  return {
    host: address.host,
    port: address.port,
    user: address.user,
    password: address.password,
    database: address.database,
    ...(address.ssl === undefined ? {} : { ssl: address.ssl }),
    application_name: address.applicationName ?? "odatum",
    // The user's own come last, and so are the ones that count.
    options: [...given, ...(address.options === undefined ? [] : [address.options])].join(" "),
    keepAlive: true,
  };
}

/** Connections that are used in the same way. */
export class PostgresPool {
  readonly #pool: pg.Pool;
  readonly #shared: SharedState;
  readonly #prepared = new WeakMap<pg.PoolClient, Set<string>>();

  /**
   * @param size how many connections at most
   * @param waitMs how long to wait for one, also until it is made
   */
  constructor(config: pg.ClientConfig, size: number, waitMs: number, shared: SharedState) {
    this.#pool = new pg.Pool({ ...config, types, max: size, connectionTimeoutMillis: waitMs, idleTimeoutMillis: IDLE });
    // A connection that is lost while nobody uses it is replaced by the next who asks.
    this.#pool.on("error", () => undefined);
    // One that is lost while it is used fails the statement; the event itself is nobody's.
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
    this.#shared = shared;
  }

  /** Takes a connection out; it has to be released. */
  async connect(): Promise<PostgresConnection> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw translatePostgresError(error as Error, this.#shared.indexes);
    }
    let prepared = this.#prepared.get(client);
    if (prepared === undefined) this.#prepared.set(client, (prepared = new Set()));
    return new PostgresConnection(client, prepared, this.#shared);
  }

  /** Closes the connections as they come back, and waits for that. */
  end(): Promise<void> {
    return this.#pool.end();
  }
}
