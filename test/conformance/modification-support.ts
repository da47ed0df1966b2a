import { expect } from "chai";
import type { Answer } from "../support/client.js";
import type { CatalogClient } from "./support.js";

export { plain } from "../graph/support.js";

/** A product with no more than it needs. */
export const lamp = { Name: "Lamp", Price: 9.5, Status: "InStock" } as const;

/** The product of the seed that the tests change; it has two descriptions and a category. */
export const LAPTOP = "Laptop";

export const minimal = { prefer: "return=minimal" } as const;
export const representation = { prefer: "return=representation" } as const;
/** What a 4.0 client sends. */
export const v40 = { "odata-version": "4.0", "odata-maxversion": "4.0" } as const;
export const v401 = { "odata-version": "4.01", "odata-maxversion": "4.01" } as const;

/** Expects a refusal that says what was wrong: Protocol 4.01, sections 9.3 and 9.4. */
export function refused(answer: Answer, ...statuses: readonly number[]): void {
  expect(answer.status, answer.text).to.be.oneOf(statuses);
  expect(answer.headers["odata-version"]).to.be.oneOf(["4.0", "4.01"]);
  expect(answer.json.error.code, answer.text).to.be.a("string").and.not.equal("");
  expect(answer.json.error.message, answer.text).to.be.a("string").and.not.equal("");
}

/** Expects 204 without a body. */
export function noContent(answer: Answer): void {
  expect(answer.status, answer.text).to.equal(204);
  expect(answer.text).to.equal("");
  expect(answer.headers["odata-version"]).to.be.oneOf(["4.0", "4.01"]);
}

/** Expects an answer with a status, and gives its JSON. */
export function jsonOf(answer: Answer, status = 200): any {
  expect(answer.status, answer.text).to.equal(status);
  return answer.json;
}

/** How many rows each entity set has, and the state of the laptop: what a refused request must not have changed. */
export async function stateOf(catalog: CatalogClient): Promise<unknown> {
  const sets = ["Products", "Categories", "ProductDescriptions", "MediaItems", "ReadOnlyItems", "DecimalSamples"];
  const rows = await Promise.all(
    sets.map(async (set) => {
      const { value } = await catalog.json(`/${set}`);
      return value.map((row: object) => JSON.stringify(row)).toSorted();
    }),
  );
  const laptop = await catalog.product(LAPTOP);
  return {
    rows,
    related: await catalog.json(`${laptop}/RelatedProducts/$ref`),
    company: await catalog.json("/Company"),
  };
}

/** Carries out what has to leave everything as it was. */
export async function changesNothing(catalog: CatalogClient, work: () => Promise<void>): Promise<void> {
  const before = await stateOf(catalog);
  await work();
  expect(await stateOf(catalog)).to.deep.equal(before);
}

/** The names of the entities of a collection, sorted. */
export function namesOf({ value }: { readonly value: readonly { readonly Name: string }[] }): string[] {
  return value.map(({ Name }) => Name).toSorted();
}
