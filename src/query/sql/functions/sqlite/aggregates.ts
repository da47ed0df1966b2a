import type { Exact } from "./decimal.js";
import { add, bounded, exactText, parseExact, subtract } from "./decimal.js";
import type { SqliteAggregate, SqliteValue } from "./function.js";

interface Sum {
  readonly sum: Exact;
  /** How many values are in it. */
  readonly count: number;
}

/** The sum of integers and decimals, exact; the database's own stops where integers do not fit 64 bits any more. */
const exactSum: SqliteAggregate<Sum> = {
  name: "odatum_sum",
  parameters: 1,
  deterministic: true,
  start: () => ({ sum: { units: 0n, scale: 0 }, count: 0 }),
  step: (state, value = null) => changed(state, value, add, 1),
  inverse: (state, value = null) => changed(state, value, subtract, -1),
  result({ sum, count }) {
    const whole = count === 0 ? undefined : bounded(sum);
    return whole === undefined ? null : exactText(whole);
  },
};

function changed(state: Sum, value: SqliteValue, by: (sum: Exact, value: Exact) => Exact, count: number): Sum {
  const exact = parseExact(value);
  return exact === undefined ? state : { sum: by(state.sum, exact), count: state.count + count };
}

/** Aggregates of values that SQLite has no type for. */
export const aggregates: readonly SqliteAggregate[] = [exactSum];
