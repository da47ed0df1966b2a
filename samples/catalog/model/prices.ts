import { badRequest } from "odatum";

/**
 * What is left of a price that a percentage is taken from, as a factor.
 *
 * @throws {ODataError} 400 for what is no percentage
 */
export function withoutPercentage(percentage: number, parameter: string): number {
  if (percentage >= 0 && percentage <= 100) return 1 - percentage / 100;
  throw badRequest(`A percentage is from 0 to 100, not ${percentage}.`, { target: parameter });
}

/** A price with its two decimal places. */
export function asPrice(value: number): number {
  return Math.round(value * 100) / 100;
}
