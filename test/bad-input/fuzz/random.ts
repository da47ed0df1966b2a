export { Random } from "../../support/random.js";

/** The same requests each time; beside them those of another seed, where one is given: `FUZZ_SEED=random` takes any. */
export function seedsOfRun(): number[] {
  const given = process.env.FUZZ_SEED;
  if (given === undefined) return [FIXED];
  return [FIXED, given === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(given)];
}

const FIXED = 20_261_123;

/** How many times as many requests as usual are asked for. */
export const FACTOR = Number(process.env.FUZZ_FACTOR ?? 1);
