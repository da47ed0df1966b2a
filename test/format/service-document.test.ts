import { expect } from "chai";
import { writeServiceDocument } from "../../src/format/service-document.js";
import { build, entity } from "../edm/support/model.js";

const serviceRoot = "https://example.com/shop/";
const model = build(
  { entityTypes: [entity("Product")] },
  { Products: "Shop.Product", Übriges: "Shop.Product" },
  { bestseller: "Shop.Product" },
);

const value = [
  { name: "Products", kind: "EntitySet", url: "Products" },
  { name: "Übriges", kind: "EntitySet", url: "%C3%9Cbriges" },
  { name: "bestseller", kind: "Singleton", url: "bestseller" },
];

describe("writeServiceDocument", () => {
  for (const metadataLevel of ["minimal", "full"] as const) {
    it(`lists entity sets and singletons, with ${metadataLevel} metadata`, () => {
      expect(JSON.parse(writeServiceDocument(model, { serviceRoot, metadataLevel }))).to.deep.equal({
        "@odata.context": "https://example.com/shop/$metadata",
        value,
      });
    });
  }

  it("puts the context first", () => {
    expect(writeServiceDocument(model, { serviceRoot, metadataLevel: "minimal" })).to.match(/^\{"@odata\.context":/);
  });

  it("has no context without metadata", () => {
    expect(JSON.parse(writeServiceDocument(model, { serviceRoot, metadataLevel: "none" }))).to.deep.equal({ value });
  });
});
