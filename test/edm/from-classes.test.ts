import { expect } from "chai";
// For the helpers of `tslib`, which become globals: those that come up while a test runs would be leaks.
import "typeorm";
import type {
  ComplexType,
  EntityType,
  EnumType,
  Model,
  NavigationProperty,
  Property,
  TypeDefinition,
} from "../../src/edm/index.js";
import { buildModel, ModelError, readClasses } from "../../src/edm/index.js";
import * as shop from "./support/shop.js";

const computed = { term: "Org.OData.Core.V1.Computed", value: true };

describe("readClasses", () => {
  const model: Model = buildModel(readClasses(shop.Shop).source);

  const entity = (name: string) => model.types.get(name) as EntityType;
  const property = (name: string): Property => entity("Shop.Product").properties.get(name)!;
  const navigation = (name: string): NavigationProperty => entity("Shop.Product").navigationProperties.get(name)!;
  /** The annotations without the members that are `undefined`. */
  const annotations = (of: { annotations: unknown }) => JSON.parse(JSON.stringify(of.annotations)) as unknown;

  it("finds the container, its entity sets and its singletons, in order", () => {
    const { container } = model;
    expect(container).to.include({ name: "ShopService", namespace: "Shop" });
    expect([...container.entitySets.values()].map((set) => [set.name, set.entityType.name])).to.deep.equal([
      ["Products", "Product"],
      ["Countries", "Country"],
    ]);
    expect(
      [...container.singletons.values()].map((singleton) => [singleton.name, singleton.entityType.name]),
    ).to.deep.equal([
      ["bestseller", "Book"],
      ["home", "Country"],
    ]);
  });

  it("takes an alias for a namespace", () => {
    expect(model.schemas[0]!.alias).to.equal("s");
    expect(model.types.get("s.Product")).to.equal(entity("Shop.Product"));
  });

  it("says which class stands for which type", () => {
    const { classes } = readClasses(shop.Shop);
    expect(classes.get("Shop.Product")).to.equal(shop.Product);
    expect(classes.get("Shop.Types.Postbox")).to.equal(shop.Postbox);
    expect([...classes.keys()]).to.not.include("Shop.Color");
  });

  it("puts types into their namespaces, which derived types inherit", () => {
    expect(model.schemas.map(({ namespace }) => namespace)).to.have.members(["Shop", "Shop.Types"]);
    expect(entity("Shop.Book").baseType?.qualifiedName).to.equal("Shop.Product");
  });

  it("reads a hierarchy with classes that have no members, down to one that is no type", () => {
    expect([...entity("Shop.Book").lineage].map(({ name }) => name)).to.deep.equal([
      "Item",
      "Goods",
      "Product",
      "Book",
    ]);
    expect(model.types.has("Shop.BaseEntity")).to.equal(false);
  });

  it("reads what is said of a type", () => {
    expect(entity("Shop.Item")).to.include({ abstract: true, open: true, hasStream: false, declaresKey: true });
    expect(entity("Shop.Product")).to.include({ abstract: false, open: true, hasStream: true, declaresKey: false });
    expect(entity("Shop.Country")).to.include({ abstract: false, open: false });
    expect(model.types.get("Shop.Types.Address")).to.include({ kind: "complex", open: true });
  });

  it("reads the key, of one property or of more", () => {
    expect(entity("Shop.Product").key.map(({ name, nullable }) => [name, nullable])).to.deep.equal([["id", false]]);
    expect(entity("Shop.Part").key.map(({ name }) => name)).to.deep.equal(["no", "series"]);
  });

  it("takes a class for a complex type where a property says so, be it only a base class's", () => {
    expect(model.types.get("Shop.Audit")).to.include({ kind: "complex" });
    expect(property("audit").type).to.equal(model.types.get("Shop.Audit"));
  });

  it("reads types that only @odata.types leads to", () => {
    const postbox = model.types.get("Shop.Types.Postbox") as ComplexType;
    expect(postbox).to.include({ kind: "complex", baseType: model.types.get("Shop.Types.Address") });
  });

  it("reads facets, nullability and default values", () => {
    expect(property("name")).to.include({ nullable: false, defaultValue: "thing" });
    expect(property("name").facets).to.include({ maxLength: 40, unicode: true });
    expect(property("price")).to.include({ nullable: true, defaultValue: undefined });
    expect(property("price").facets).to.include({ precision: 10, scale: 2 });
    expect(property("where").facets).to.include({ srid: 4326 });
    expect(property("photo").type.qualifiedName).to.equal("Edm.Stream");
  });

  it("reads enumerations and collections of them", () => {
    const color = model.types.get("Shop.Color") as EnumType;
    expect([...color.members]).to.deep.equal([
      ["red", 0],
      ["green", 1],
    ]);
    expect(property("color")).to.include({ type: color, collection: false, defaultValue: "red" });
    expect(property("colors")).to.include({ type: color, collection: true });
    expect(color.flags).to.equal(false);
  });

  it("reads flags and the underlying type of an enumeration", () => {
    const days = property("days").type as EnumType;
    expect(days).to.include({ qualifiedName: "Shop.Types.Days", flags: true });
    expect(days.underlyingType.qualifiedName).to.equal("Edm.Int64");
  });

  it("reads type definitions and collections of them", () => {
    const weight = property("weight").type as TypeDefinition;
    expect(weight).to.include({ kind: "typeDefinition", qualifiedName: "Shop.Types.Weight" });
    expect(weight.facets).to.include({ precision: 10, scale: 3 });
    expect(property("weights")).to.include({ type: weight, collection: true });
  });

  it("reads collections of primitive and complex values", () => {
    expect(property("tags")).to.include({ collection: true, nullable: false, type: model.types.get("Edm.String") });
    expect(property("address")).to.include({ collection: false, type: model.types.get("Shop.Types.Address") });
    expect(property("addresses")).to.include({ collection: true, type: model.types.get("Shop.Types.Address") });
  });

  it("reads navigation properties, their partners and constraints", () => {
    const country = navigation("country");
    expect(country).to.include({ type: entity("Shop.Country"), collection: false, nullable: false });
    expect(country).to.include({ partner: "products", onDelete: "SetNull", containsTarget: false });
    expect(country.referentialConstraints).to.deep.equal([{ property: "name", referencedProperty: "code" }]);
    expect(entity("Shop.Country").navigationProperties.get("products")).to.include({
      partner: "country",
      collection: true,
    });
  });

  it("reads containment, and navigation properties of complex types", () => {
    expect(navigation("parts")).to.include({ type: entity("Shop.Part"), collection: true, containsTarget: true });
    const address = model.types.get("Shop.Types.Address") as ComplexType;
    expect(address.navigationProperties.get("country")!.type).to.equal(entity("Shop.Country"));
  });

  it("reads what the service makes, and says once that it is computed", () => {
    expect(property("id")).to.include({ generated: "guid", computed: true });
    expect(property("changed")).to.include({ generated: "modifiedAt", computed: true });
    expect(property("total")).to.include({ generated: undefined, computed: true });
    expect(property("name")).to.include({ computed: false });
    for (const name of ["id", "total", "twice"]) expect(annotations(property(name))).to.deep.equal([computed]);
  });

  it("reads annotations by term and those of odata-v4-server", () => {
    expect(annotations(entity("Shop.Product"))).to.deep.equal([
      { term: "Org.OData.Core.V1.Description", value: "What is sold" },
      { term: "Vendor.Label", value: "Product" },
      { term: "Org.OData.Core.V1.AcceptableMediaTypes", value: ["image/png"] },
    ]);
    expect(annotations(property("note"))).to.deep.equal([
      { term: "Org.OData.Core.V1.Immutable", value: true },
      { term: "Org.OData.Core.V1.Description", value: "first", qualifier: "web" },
      { term: "Vendor.Hint", value: "text" },
      { term: "Vendor.Sortable", value: false },
      { term: "Vendor.Rank", value: 3 },
      { term: "Vendor.Tag", value: true, qualifier: "q" },
    ]);
    expect(annotations(entity("Shop.Book"))).to.deep.equal([]);
  });

  it("binds what the decorators cannot", () => {
    const bindings = model.container.singletons
      .get("bestseller")!
      .bindings.map(({ path, target }) => `${path} -> ${target}`);
    expect(bindings).to.include.members(["country -> Countries", "address/country -> Countries"]);
  });

  describe("throws a ModelError", () => {
    const throws = (what: string, service: keyof typeof shop.broken, message: RegExp) =>
      it(what, () => expect(() => readClasses(shop.broken[service])).to.throw(ModelError, message));

    throws("for a service without a namespace", "NoNamespace", /class 'NoNamespace' has no namespace/);
    throws(
      "for a controller without an entity type",
      "NoElementType",
      /entity set 'Things' does not say its entity type/,
    );
    throws("for a type without a namespace", "TypeWithoutNamespace", /class 'Homeless' has no namespace/);
    throws("for an enumeration that is none", "PlainEnumeration", /property 'Odd.plain' has a type that is no/);
    throws("for two classes of the same name", "Twins", /Two classes stand for the type 'Shop.Twin'/);
  });
});
