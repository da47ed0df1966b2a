import type { NavigationProperty } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";

/**
 * The navigation property that leads back: CSDL 4.01, section 8.3. One of the two may say it for both.
 *
 * @returns `undefined` where the relationship has one direction only
 * @example partnerOf(productCategory) // the property `Products` of `Category`
 */
export function partnerOf(property: NavigationProperty): NavigationProperty | undefined {
  const { type, name, partner, declaringType } = property;
  if (partner !== undefined) return type.navigationProperties.get(partner);
  return [...type.navigationProperties.values()].find(
    (candidate) =>
      candidate.partner === name &&
      (isOrDerivesFrom(candidate.type, declaringType) || isOrDerivesFrom(declaringType, candidate.type)),
  );
}
