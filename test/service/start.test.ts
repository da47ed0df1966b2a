import { expect } from "chai";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceOptions } from "../../src/index.js";
import { createService, ModelError, odata, TypeOrmController } from "../../src/index.js";
import { Author, Book, CompanyAddress, Novel } from "./support/bookshop.js";

@odata.type(Author)
class Authors extends TypeOrmController {}
@odata.type(Book)
class Books extends TypeOrmController {}
@odata.type(Book)
class Browsed extends TypeOrmController {
  @odata.GET("author")
  authorOf(): void {
    // Never called.
  }
}

@odata.namespace("Books")
@odata.container("Shop")
@odata.controller(Authors as never, "Authors")
@odata.controller(Books as never, "Books")
@odata.types(CompanyAddress, Novel)
class Shop {}

@odata.namespace("Books")
@odata.container("Shop")
@odata.controller(Authors as never, "Authors")
@odata.controller(Browsed as never, "Books")
@odata.types(CompanyAddress, Novel)
class WrongShop {}

describe("a service that cannot be started as it is asked for", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "odatum-start-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const wrong: Readonly<Record<string, Omit<ServiceOptions, "database">>> = {
    "no request in a batch": { batch: { maxRequests: 0 } },
    "half a byte of answers": { batch: { maxAnswerBytes: 0.5 } },
    "fewer asynchronous requests than none": { async: { maxRequests: -1 } },
    "answers that are kept for ever": { async: { expirySeconds: Infinity } },
    "pages without items": { pageSize: 0 },
    "pages of a set that is not there": { pageSizes: { Nothing: 5 } },
  };
  for (const [what, options] of Object.entries(wrong)) {
    it(`says so before it opens the store: ${what}`, async () => {
      const file = join(folder, "store.db");
      let error: unknown;
      await createService(Shop, { ...options, database: { url: `sqlite:${file}` } }).catch(
        (thrown: unknown) => (error = thrown),
      );
      expect(error).to.be.instanceOf(RangeError);
      expect(existsSync(file)).to.equal(false);
    });
  }

  it("says so before it opens the store: a method that would never be called", async () => {
    const file = join(folder, "store.db");
    let error: unknown;
    await createService(WrongShop, { database: { url: `sqlite:${file}` } }).catch(
      (thrown: unknown) => (error = thrown),
    );
    expect(error).to.be.instanceOf(ModelError);
    expect(existsSync(file)).to.equal(false);
  });
});
