import { expect } from "chai";
import { ModelError } from "../../src/edm/index.js";
import { translateStoreError } from "../../src/service/store-errors.js";
import {
  StatementNotPossible,
  StatementTimeout,
  StatementTooComplex,
  StillReferred,
  StoreUnavailable,
  UnsupportedValue,
} from "../../src/storage/index.js";

describe("what a store says, as clients are told", () => {
  const table: [error: Error, status: number][] = [
    [new StatementNotPossible("no functions"), 501],
    [new ModelError("no table"), 501],
    [new StatementTimeout("30 seconds"), 504],
    [new StoreUnavailable("locked"), 503],
    [new StatementTooComplex("too many variables"), 400],
    [new UnsupportedValue("U+0000"), 400],
    [new StillReferred("other rows"), 409],
  ];
  for (const [error, status] of table) {
    it(`${error.name}: ${String(status)}, and nothing of its own words`, () => {
      const told = translateStoreError(error, undefined as never) as Error;
      expect(told).to.include({ status, cause: error });
      expect(told.message).not.to.contain(error.message);
    });
  }

  it("anything else is no affair of a client's", () => {
    const error = new Error("a fault");
    expect(translateStoreError(error, undefined as never)).to.equal(error);
  });
});
