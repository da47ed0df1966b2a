import { expect } from "chai";
// For the helpers of `tslib`, which become globals: those that come up while a test runs would be leaks.
import "typeorm";
import { buildModel, Edm, ModelError, odata, readClasses } from "../../src/edm/index.js";
import type { Operation, Parameter, ReturnType } from "../../src/edm/index.js";
import * as store from "./support/operations.js";

const { source, operations } = readClasses(store.Store);
const model = buildModel(source);

const text = ({ type, collection }: ReturnType) => (collection ? `[${type.qualifiedName}]` : type.qualifiedName);
const signature = ({ parameters, returnType }: Operation) =>
  `(${parameters.map((one) => `${one.name}: ${text(one)}`).join(", ")})${returnType ? `: ${text(returnType)}` : ""}`;

function overloads(name: string): readonly Operation[] {
  return model.operations.get(name) ?? [];
}

function parameter(operation: string, name: string): Parameter {
  return overloads(operation)[0]!.parameters.find((one) => one.name === name)!;
}

/** A service whose only operation is the given one. */
function serviceOf(...decorators: readonly ((target: object, method: string) => unknown)[]) {
  class Service {
    operation(): void {}
  }
  for (const decorate of decorators.toReversed()) decorate(Service.prototype, "operation");
  odata.namespace("Store")(Service);
  odata.types(store.Article)(Service);
  return Service;
}

describe("operations of decorated classes", () => {
  it("binds those of an entity class to the entity", () => {
    expect(overloads("Store.total").map(signature)).to.deep.equal([
      "(bindingParameter: Store.Article, taxRate: Edm.Double): Edm.Double",
      "(bindingParameter: Store.Article, taxRate: Edm.Double, count: Edm.Int32): Edm.Double",
    ]);
    expect(overloads("Store.total")[0]).to.include({ kind: "function", bound: true, namespace: "Store" });
    expect(overloads("Store.retire").map(signature)).to.deep.equal(["(bindingParameter: Store.Article)"]);
    expect(overloads("Store.retire")[0]).to.include({ kind: "action", returnType: undefined });
  });

  it("binds those of a derived class to the derived type", () => {
    expect(overloads("Store.promote").map(signature)).to.deep.equal([
      "(bindingParameter: Store.Special, range: Store.Range): Store.Stats",
    ]);
  });

  it("binds those of a controller, inherited ones too, to the collection of its entities", () => {
    expect(overloads("Store.tally").map(signature)).to.deep.equal([
      "(bindingParameter: [Store.Article]): Edm.Int64",
      "(bindingParameter: [Store.Shelf]): Edm.Int64",
    ]);
  });

  it("binds to what @Edm.BoundTo says instead", () => {
    expect(overloads("Store.promoteAll").map(signature)).to.deep.equal(["(bindingParameter: [Store.Special])"]);
  });

  it("leaves those of the service class unbound, and binds them as well where @Edm.BoundTo says so", () => {
    expect(overloads("Store.top").map((one) => [one.bound, signature(one)])).to.deep.equal([
      [false, "(): [Store.Article]"],
      [true, "(bindingParameter: [Store.Article]): [Store.Article]"],
      [false, "(count: Edm.Int32, in: Edm.String): [Store.Article]"],
    ]);
  });

  it("finds operations by their alias, too", () => {
    expect(model.operations.get("s.total")).to.equal(model.operations.get("Store.total"));
  });

  it("puts an operation into the namespace that it says", () => {
    expect(overloads("Store.Reports.labels").map(signature)).to.deep.equal([
      "(bindingParameter: [Store.Article], sizes: [Store.Size], numbers: [Edm.Int32], shelf: Store.Shelf, code: Store.Code): [Edm.String]",
    ]);
    expect(model.schemas.find(({ namespace }) => namespace === "Store.Reports")?.operations).to.have.length(1);
  });

  it("takes facets, nullability and annotations of parameters and of what is given back", () => {
    expect(parameter("Store.Reports.labels", "code").facets.maxLength).to.equal(5);
    expect(parameter("Store.Reports.labels", "code").annotations[0]).to.include({ value: "A code" });
    expect(overloads("Store.Reports.labels")[0]!.returnType).to.deep.include({ nullable: true });
    expect(overloads("Store.Reports.labels")[0]!.returnType!.facets.maxLength).to.equal(20);
    expect(overloads("Store.total")[0]!.returnType!.nullable).to.equal(false);
    expect(overloads("Store.top")[0]!.returnType!.annotations[0]).to.include({ term: "Org.OData.Core.V1.Ordered" });
    expect(overloads("Store.top")[0]!.annotations[0]).to.include({ value: "The ten best" });
    expect(parameter("Store.shrink", "percentage").nullable).to.equal(false);
  });

  it("knows which parameters are optional, and their default values", () => {
    const { parameters } = overloads("Store.shrink")[0]!;
    expect(parameters.map(({ optional, defaultValue }) => [optional, defaultValue])).to.deep.equal([
      [false, undefined],
      [true, "5"],
      [true, undefined],
    ]);
  });

  it("knows composable functions and where their entities are at home", () => {
    expect(overloads("Store.place")[0]).to.include({ composable: true, entitySetPath: "bindingParameter/shelf" });
  });

  it("imports what is unbound, with the entity set that has the type", () => {
    const { operationImports, entitySets } = model.container;
    expect([...operationImports.keys()]).to.deep.equal(["top", "Shrink"]);
    const top = operationImports.get("top")!;
    expect(top).to.include({ kind: "functionImport", includeInServiceDocument: true });
    expect(top.entitySet).to.equal(entitySets.get("Articles"));
    expect(top.operations.map(({ bound }) => bound)).to.deep.equal([false, false]);
    expect(top.annotations[0]).to.deep.include({ value: "The best" });
    expect(operationImports.get("Shrink")).to.include({ kind: "actionImport", entitySet: undefined });
  });

  it("leads from an operation to the method that carries it out", () => {
    const methodOf = (operation: Operation) => operations.get(operation.implementation!)!;
    expect(methodOf(overloads("Store.total")[1]!)).to.deep.include({
      place: "entity",
      owner: store.Article,
      method: "totalWith",
    });
    expect(overloads("Store.tally").map((one) => methodOf(one).owner)).to.deep.equal([
      store.ArticlesController,
      store.ShelvesController,
    ]);
    const [unbound, bound, of] = overloads("Store.top");
    expect(unbound!.implementation).to.equal(bound!.implementation);
    expect(methodOf(of!)).to.deep.equal({
      place: "service",
      owner: store.Store,
      method: "topOf",
      parameters: [
        { name: "count", parameter: "count" },
        { name: "shelf", parameter: "in" },
      ],
    });
    expect(methodOf(overloads("Store.promote")[0]!).parameters).to.deep.equal([
      { name: "_context", parameter: undefined },
      { name: "range", parameter: "range" },
    ]);
  });

  it("takes the types that only operations refer to, and their classes", () => {
    const { classes } = readClasses(store.Store);
    for (const name of ["Store.Stats", "Store.Range"]) expect(model.types.get(name)?.kind).to.equal("complex");
    expect(classes.get("Store.Stats")).to.equal(store.Stats);
    expect(model.types.get("Store.Size")?.kind).to.equal("enum");
    expect(model.types.get("Store.Code")?.kind).to.equal("typeDefinition");
  });

  it("refuses a function that gives nothing back", () => {
    const service = serviceOf(Edm.FunctionImport() as never);
    expect(() => buildModel(readClasses(service).source)).to.throw(ModelError, "The function 'Store.operation' gives");
  });

  it("refuses an import of what is bound", () => {
    class Thing {
      do(): void {}
    }
    odata.namespace("Store")(Thing);
    Edm.Key(Thing.prototype, "id");
    Edm.Int32(Thing.prototype, "id");
    (Edm.Action as (target: object, key: string) => void)(Thing.prototype, "do");
    Edm.Import({ name: "Do" })(Thing.prototype, "do");
    class Service {}
    odata.namespace("Store")(Service);
    odata.types(Thing)(Service);
    expect(() => readClasses(Service)).to.throw(ModelError, "'Thing.do' is bound");
  });

  it("refuses what a parameter says that has no type", () => {
    class Service {
      find(name: string): string {
        return name;
      }
    }
    odata.namespace("Store")(Service);
    Edm.Optional()(Service.prototype, "find", 0);
    (Edm.FunctionImport(Edm.String) as (target: object, key: string) => void)(Service.prototype, "find");
    expect(() => readClasses(Service)).to.throw(ModelError, "The parameter 'name' of 'Service.find' has no type");
  });
});
