import type pg from "pg";
import type { SqlValue } from "../../query/index.js";
import type { SqlParameter, Transaction } from "../connection.js";
import { StatementTooComplex } from "../errors.js";
import type { UniqueIndexes } from "./errors.js";
import { translatePostgresError } from "./errors.js";
import type { StatementNames } from "./statement-names.js";

/** The protocol counts a statement's parameters with 16 bits. */
const PARAMETERS = 65_535;

/** A connection that has so many statements prepared is replaced by a fresh one. */
const PREPARED = 1_000;

/** What connections know of each other. */
export interface SharedState {
  readonly names: StatementNames;
  readonly indexes: UniqueIndexes;
}

/** A connection of a pool, for as long as it is taken out. */
export class PostgresConnection implements Transaction {
  readonly #client: pg.PoolClient;
  readonly #prepared: Set<string>;
  readonly #shared: SharedState;
  #failure: Error | undefined;
  #broken = false;

  constructor(client: pg.PoolClient, prepared: Set<string>, shared: SharedState) {
    this.#client = client;
    this.#prepared = prepared;
    this.#shared = shared;
  }

  /** The last error of a statement. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  async rows(sql: string, parameters: readonly SqlValue[]): Promise<unknown[][]> {
    return (await this.#query(sql, parameters, this.#shared.names.of(sql))).rows;
  }

  async run(sql: string, parameters: readonly SqlParameter[]): Promise<number> {
    return (await this.#query(sql, parameters, this.#shared.names.of(sql))).rowCount ?? 0;
  }

  /** Runs a statement that is not worth preparing. */
  async once(sql: string, parameters: readonly SqlValue[] = []): Promise<pg.QueryArrayResult<unknown[]>> {
    return this.#query(sql, parameters, undefined);
  }

  /** Ends a transaction; a connection that cannot even do that is dropped when it is released. */
  async rollBack(): Promise<void> {
    try {
      await this.#client.query("rollback");
    } catch {
      this.#broken = true;
    }
  }

  /** Gives the connection back to its pool. */
  release(): void {
    this.#client.release(this.#broken || this.#prepared.size > PREPARED);
  }

  async #query(
    text: string,
    parameters: readonly SqlParameter[],
    name: string | undefined,
  ): Promise<pg.QueryArrayResult<unknown[]>> {
    if (parameters.length > PARAMETERS)
      throw new StatementTooComplex(`The statement has more than ${PARAMETERS} parameters.`);
    if (name !== undefined) this.#prepared.add(name);
    try {
      return await this.#client.query({ text, name, values: parameters as SqlParameter[], rowMode: "array" });
    } catch (error) {
      this.#failure = translatePostgresError(error as Error, this.#shared.indexes);
      throw this.#failure;
    }
  }
}
