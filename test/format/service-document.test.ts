import { expect } from "chai";
import { buildModel } from "../../src/edm/index.js";
import { writeServiceDocument } from "../../src/format/service-document.js";
import { build, entity, schema } from "../edm/support/model.js";

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

  it("lists the function imports that ask for it", () => {
    const best = { kind: "function", parameters: [], returnType: { type: "Edm.Int32" } } as const;
    const source = schema({
      entityTypes: [entity("Product")],
      operations: [
        { ...best, name: "best" },
        { ...best, name: "worst" },
      ],
    });
    const operationImports = [
      { kind: "functionImport", name: "Best", operation: "Shop.best", includeInServiceDocument: true },
      { kind: "functionImport", name: "Worst", operation: "Shop.worst" },
    ] as const;
    const withImports = buildModel({ schemas: [{ ...source, container: { ...source.container!, operationImports } }] });
    expect(JSON.parse(writeServiceDocument(withImports, { serviceRoot, metadataLevel: "none" }))).to.deep.equal({
      value: [{ name: "Best", kind: "FunctionImport", url: "Best" }],
    });
  });

  it("puts the context first", () => {
    expect(writeServiceDocument(model, { serviceRoot, metadataLevel: "minimal" })).to.match(/^\{"@odata\.context":/);
  });

  it("has no context without metadata", () => {
    expect(JSON.parse(writeServiceDocument(model, { serviceRoot, metadataLevel: "none" }))).to.deep.equal({ value });
  });
});
