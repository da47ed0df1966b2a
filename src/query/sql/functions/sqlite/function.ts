/**
 * What SQLite hands to a function of ours, and takes from it. Integers come as `bigint`, so that none is rounded: whoever
 * registers the functions asks for that.
 */
export type SqliteValue = string | number | bigint | null;

/** A function that odatum adds to a connection to SQLite. It never throws: what cannot be is null. */
export interface SqliteFunction {
  readonly name: string;
  /** How many parameters it takes. */
  readonly parameters: number | "any";
  /** The same arguments give the same result. */
  readonly deterministic: true;
  call(...values: SqliteValue[]): SqliteValue;
}

/** An aggregate function; a window function, too. Its state is kept by whoever calls it. */
export interface SqliteAggregate<State = unknown> {
  readonly name: string;
  readonly parameters: number;
  readonly deterministic: true;
  start(): State;
  /** @returns the state with one more row */
  step(state: State, ...values: SqliteValue[]): State;
  /** @returns the state without a row that was added before */
  inverse(state: State, ...values: SqliteValue[]): State;
  result(state: State): SqliteValue;
}

/** A function that is null where an argument is. */
export function strict<Values extends readonly NonNullable<SqliteValue>[]>(
  name: string,
  parameters: number | "any",
  call: (...values: Values) => SqliteValue,
): SqliteFunction {
  return {
    name,
    parameters,
    deterministic: true,
    call: (...values) => (values.includes(null) ? null : call(...(values as unknown as Values))),
  };
}

/** The same of a function on JSON text and on what stands in it: null, too, where the text is none of what it is for. */
export function lenient<Values extends readonly NonNullable<SqliteValue>[]>(
  name: string,
  parameters: number | "any",
  call: (...values: Values) => SqliteValue,
): SqliteFunction {
  return strict(name, parameters, (...values: Values) => {
    try {
      return call(...values);
    } catch {
      return null;
    }
  });
}
