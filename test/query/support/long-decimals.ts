const nines = "9".repeat(400);
const least = `0.${"0".repeat(399)}1`;

/** Expressions on Decimals of as many digits as there may be, 400 before the point or behind it, with their values. */
export const longDecimals: Readonly<Record<string, string>> = {
  [`(${nines} add 0.25) sub 0.25`]: nines,
  [`${nines} add 1`]: "null",
  [`-${nines} sub 1`]: "null",
  [`(${nines} add 1) sub 1`]: "null",
  [`${nines} mul ${nines} mul 0`]: "null",
  [`${least} mul 10`]: `0.${"0".repeat(398)}1`,
  [`${least} mul 0.1`]: "null",
  [`${least} mul 0.5 eq 0`]: "false",
  [`${nines} div 1.0`]: nines,
  [`${nines} div 0.1`]: "null",
  [`round(${nines} add 0.4)`]: nines,
  [`round(${nines} add 0.5)`]: "null",
  [`ceiling(${nines} add 0.1)`]: "null",
  [`floor(-${nines} sub 0.1)`]: "null",
  [`duration'PT1S' mul ${least}`]: '"PT0S"',
  [`duration'PT0.1S' mul ${least}`]: "null",
  [`duration'PT10S' mul ${nines}`]: "null",
  [`duration'PT10S' div (${least} mul 1)`]: "null",
};
