import { parseArgs } from "node:util";

export interface Options {
  /** Names of rows, or `startup`; all of them where empty. */
  readonly only: readonly string[];
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  /** Whether `docs/performance.md` is written. */
  readonly write: boolean;
}

/** Reads the command line: `--only read-by-key,create --seconds 5 --rounds 3 --connections 8 --write`. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      seconds: { type: "string", default: "5" },
      rounds: { type: "string", default: "3" },
      connections: { type: "string", default: "8" },
      write: { type: "boolean", default: false },
    },
  });
  const { seconds, rounds, connections } = values;
  return {
    only: values.only.flatMap((names) => names.split(",")),
    seconds: positive("seconds", seconds),
    rounds: positive("rounds", rounds),
    connections: positive("connections", connections),
    write: values.write,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} takes a positive integer, not '${text}'.`);
  return value;
}
