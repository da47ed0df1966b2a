import { expect } from "chai";
import { buildModel, ModelError } from "../../src/edm/index.js";
import type { OperationImportSource, OperationSource } from "../../src/edm/index.js";
import { build, entity, many, schema } from "./support/model.js";

const entityTypes = [
  entity("Shelf", { navigationProperties: [many("items", "Shop.Item")] }),
  entity("Item", { properties: [{ name: "code", type: "Edm.String" }] }),
];

const withOperations = (...operations: readonly OperationSource[]) =>
  build({ entityTypes, operations, alias: "S" }, { Items: "Shop.Item", Shelves: "Shop.Shelf" });

function withImports(operations: readonly OperationSource[], ...operationImports: readonly OperationImportSource[]) {
  const base = schema({ entityTypes, operations, alias: "S" }, { Items: "Shop.Item", Shelves: "Shop.Shelf" });
  return buildModel({ schemas: [{ ...base, container: { ...base.container!, operationImports } }] });
}

/** A function `f` that gives an Int32; parameters as `{ name: type }`. */
function func(parameters: Readonly<Record<string, string>> = {}, more: Partial<OperationSource> = {}): OperationSource {
  return {
    kind: "function",
    name: "f",
    parameters: Object.entries(parameters).map(([name, type]) => ({ name, type })),
    returnType: { type: "Edm.Int32" },
    ...more,
  };
}

function action(parameters: Readonly<Record<string, string>> = {}, more: Partial<OperationSource> = {}) {
  return func(parameters, { kind: "action", returnType: undefined, ...more });
}

const refused = (message: string | RegExp, ...operations: readonly OperationSource[]) =>
  expect(() => withOperations(...operations)).to.throw(ModelError, message);

const optional = { annotations: [{ term: "Core.OptionalParameter", value: { DefaultValue: "1" } }] };

describe("operations of a model", () => {
  it("are found by qualified and by alias-qualified name, with their types linked", () => {
    const model = withOperations(func({ item: "S.Item" }, { bound: true }));
    const [operation] = model.operations.get("Shop.f")!;
    expect(model.operations.get("S.f")).to.equal(model.operations.get("Shop.f"));
    expect(operation!.parameters[0]!.type).to.equal(model.types.get("Shop.Item"));
    expect(operation!.qualifiedName).to.equal("Shop.f");
    expect(model.schemas[0]!.operations).to.deep.equal([operation]);
  });

  it("of one name stand together, bound and unbound", () => {
    const model = withOperations(func(), action({}, { name: "a" }), func({ item: "Shop.Item" }, { bound: true }));
    expect(model.schemas[0]!.operations.map(({ name }) => name)).to.deep.equal(["f", "f", "a"]);
  });

  describe("functions", () => {
    it("differ in the names and in the types of their parameters", () => {
      withOperations(func({ a: "Edm.String" }), func({ b: "Edm.Int32" }), func({ a: "Edm.String", b: "Edm.Int32" }));
      refused(
        "Two overloads of the function 'Shop.f' have the parameters (a,b)",
        func({ a: "Edm.String", b: "Edm.Int32" }),
        func({ b: "Edm.Int64", a: "Edm.Date" }),
      );
      refused(
        "Two overloads of the function 'Shop.f' have parameters of the types (Edm.String)",
        func({ a: "Edm.String" }),
        func({ b: "Edm.String" }),
      );
    });

    it("may be the same where they are bound to other types", () => {
      withOperations(func({ it: "Shop.Item" }, { bound: true }), func({ it: "Shop.Shelf" }, { bound: true }), func());
      refused(
        "bound to 'Shop.Item'",
        func({ it: "Shop.Item" }, { bound: true }),
        func({ item: "Shop.Item" }, { bound: true }),
      );
    });

    it("of one name give the same back", () => {
      refused(
        "give 'Edm.Int32' and 'Edm.String'",
        func(),
        func({ a: "Edm.String" }, { returnType: { type: "Edm.String" } }),
      );
    });

    it("give something back", () => {
      refused("The function 'Shop.f' gives nothing back", func({}, { returnType: undefined }));
    });
  });

  describe("actions", () => {
    it("differ in what they are bound to", () => {
      withOperations(
        action(),
        action({ it: "Shop.Item" }, { bound: true }),
        action({ it: "Shop.Shelf" }, { bound: true }),
      );
      refused("The unbound action 'Shop.f' is declared twice", action(), action({ a: "Edm.String" }));
      refused(
        "The action 'Shop.f' bound to 'Shop.Item' is declared twice",
        action({ it: "Shop.Item" }, { bound: true }),
        action({ it: "Shop.Item", a: "Edm.String" }, { bound: true }),
      );
    });

    it("are not composable", () => {
      refused("The action 'Shop.f' is composable", action({}, { composable: true }));
    });
  });

  it("share their names with no type and no operation of the other kind", () => {
    refused("'Shop.f' is the name of a function and of an action", func(), action());
    refused("'Shop.Item' is the name of an operation", func({}, { name: "Item" }));
    refused("'Shop.Container' is the name of an operation", func({}, { name: "Container" }));
  });

  it("refer to types of the model", () => {
    refused("The type 'Shop.Nothing' of 'Shop.f/a' is not part of the model", func({ a: "Shop.Nothing" }));
    refused("'Shop.Nothing' of 'Shop.f'", func({}, { returnType: { type: "Shop.Nothing" } }));
  });

  describe("parameters", () => {
    it("are optional where Core.OptionalParameter says so", () => {
      const [operation] = withOperations(
        func({}, { parameters: [{ name: "a", type: "Edm.Int32", ...optional }] }),
      ).operations.get("Shop.f")!;
      expect(operation!.parameters[0]).to.include({ optional: true, defaultValue: "1" });
    });

    it("come last where they are optional, and are not what the operation is bound to", () => {
      const a = { name: "a", type: "Edm.Int32", ...optional };
      refused("stands behind the optional 'a'", func({}, { parameters: [a, { name: "b", type: "Edm.Int32" }] }));
      refused("The binding parameter 'a'", func({}, { bound: true, parameters: [a] }));
    });

    it("have names of their own, and the first one of a bound operation is there", () => {
      const a = { name: "a", type: "Edm.Int32" };
      refused("two parameters 'a'", func({}, { parameters: [a, a] }));
      refused("has no parameter", func({}, { bound: true }));
    });
  });

  describe("entity set paths", () => {
    const bound = (entitySetPath: string, type = "Shop.Item") =>
      func({ shelf: "Shop.Shelf" }, { bound: true, entitySetPath, returnType: { type } });

    it("lead from the binding parameter to the entities that are given back", () => {
      const model = withOperations(bound("shelf/items"), action({ i: "Shop.Item" }, { name: "a", bound: true }));
      expect(model.operations.get("Shop.f")![0]!.entitySetPath).to.equal("shelf/items");
      withOperations(bound("shelf/Shop.Shelf/items"));
      withOperations(bound("shelf", "Shop.Shelf"));
    });

    it("are refused where they lead elsewhere", () => {
      refused("has to start with the binding parameter 'shelf'", bound("items"));
      refused("goes wrong at 'nothing'", bound("shelf/nothing"));
      refused("leads to 'Shop.Shelf', but the operation gives 'Shop.Item' back", bound("shelf"));
      refused("gives none back", bound("shelf/items", "Edm.Int32"));
      refused("only a bound operation", func({}, { entitySetPath: "shelf" }));
    });
  });

  describe("imports", () => {
    const top = func({}, { name: "top", returnType: { type: "Shop.Item", collection: true } });
    const imported = { kind: "functionImport", name: "Top", operation: "S.top", entitySet: "Items" } as const;

    it("stand for the unbound overloads", () => {
      const bound = { ...top, bound: true, parameters: [{ name: "it", type: "Shop.Item" }] };
      const { operationImports, entitySets } = withImports([bound, top], imported).container;
      expect(operationImports.get("Top")!.operations.map((one) => one.bound)).to.deep.equal([false]);
      expect(operationImports.get("Top")!.entitySet).to.equal(entitySets.get("Items"));
    });

    it("have names of their own in the container", () => {
      expect(() => withImports([top], { ...imported, name: "Items" })).to.throw(ModelError, "declares 'Items' twice");
    });

    it("are of the kind of their operation", () => {
      expect(() => withImports([top], { ...imported, kind: "actionImport" })).to.throw(ModelError, "no unbound action");
      expect(() => withImports([top], { ...imported, operation: "Shop.f" })).to.throw(
        ModelError,
        "no unbound function",
      );
    });

    it("name an entity set of what they give back", () => {
      expect(() => withImports([top], { ...imported, entitySet: "Things" })).to.throw(ModelError, "is no entity set");
      expect(() => withImports([top], { ...imported, entitySet: "Shelves" })).to.throw(
        ModelError,
        "gives no entities of the entity set 'Shelves'",
      );
    });

    it("are listed by the service document only where no argument is needed", () => {
      const listed = { ...imported, includeInServiceDocument: true };
      expect(withImports([top], listed).container.operationImports.get("Top")!.includeInServiceDocument).to.equal(true);
      const needy = { ...top, parameters: [{ name: "a", type: "Edm.Int32" }] };
      expect(() => withImports([needy], listed)).to.throw(ModelError, "need no parameters; 'Top' is none");
    });
  });
});
