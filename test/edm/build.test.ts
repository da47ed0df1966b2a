import { expect } from "chai";
import { buildModel, isOrDerivesFrom, ModelError } from "../../src/edm/index.js";
import type { ComplexType, EntityType, EnumType, Model, SchemaSource, TypeDefinition } from "../../src/edm/index.js";
import { build, entity, many, one, schema, type } from "./support/model.js";

function entityType(model: Model, name: string): EntityType {
  const found = model.types.get(name);
  if (found?.kind !== "entity") throw new Error(`no entity type ${name}`);
  return found;
}

const animals = () =>
  build(
    {
      entityTypes: [
        // The derived types stand before their base type: the order in a document says nothing.
        type("Dog", {
          baseType: "Shop.Animal",
          properties: [{ name: "breed", type: "Edm.String" }],
          navigationProperties: [one("owner", "Shop.Animal")],
        }),
        type("Puppy", { baseType: "Shop.Dog", navigationProperties: [one("mother", "Shop.Dog")] }),
        type("Cat", { baseType: "Shop.Animal", navigationProperties: [one("owner", "Shop.Animal")] }),
        entity("Animal", {
          abstract: true,
          open: true,
          hasStream: true,
          navigationProperties: [many("friends", "Shop.Animal")],
        }),
      ],
    },
    { Animals: "Shop.Animal" },
  );

describe("buildModel", () => {
  describe("inheritance", () => {
    it("puts inherited members first", () => {
      expect([...entityType(animals(), "Shop.Puppy").properties.keys()]).to.deep.equal(["id", "breed"]);
      expect([...entityType(animals(), "Shop.Puppy").navigationProperties.keys()]).to.deep.equal([
        "friends",
        "owner",
        "mother",
      ]);
    });

    it("keeps a type's own members apart", () => {
      const dog = entityType(animals(), "Shop.Dog");
      expect(dog.ownProperties.map(({ name }) => name)).to.deep.equal(["breed"]);
      expect(dog.ownNavigationProperties.map(({ name }) => name)).to.deep.equal(["owner"]);
    });

    it("shares the property objects with the base type", () => {
      const model = animals();
      const id = entityType(model, "Shop.Puppy").properties.get("id");
      expect(id).to.equal(entityType(model, "Shop.Animal").properties.get("id"));
      expect(id?.declaringType).to.equal(entityType(model, "Shop.Animal"));
    });

    it("inherits the key, openness and the stream, but not that a type is abstract", () => {
      const puppy = entityType(animals(), "Shop.Puppy");
      expect(puppy.key.map(({ name }) => name)).to.deep.equal(["id"]);
      expect(puppy).to.include({ declaresKey: false, open: true, hasStream: true, abstract: false });
    });

    it("lets the derived type of an abstract type without a key declare it", () => {
      const model = build({
        entityTypes: [
          type("Base", { abstract: true, properties: [{ name: "code", type: "Edm.String", nullable: false }] }),
          type("Derived", { baseType: "Shop.Base", key: ["code"] }),
        ],
      });
      expect(entityType(model, "Shop.Base").key).to.deep.equal([]);
      expect(entityType(model, "Shop.Derived")).to.include({ declaresKey: true });
      expect(entityType(model, "Shop.Derived").key[0]).to.equal(entityType(model, "Shop.Base").properties.get("code"));
    });

    it("lists the types that derive from a type, directly or not", () => {
      const model = animals();
      const names = (name: string) => entityType(model, name).derivedTypes.map((derived) => derived.name);
      expect(names("Shop.Animal")).to.have.members(["Dog", "Puppy", "Cat"]);
      expect(names("Shop.Dog")).to.deep.equal(["Puppy"]);
      expect(names("Shop.Cat")).to.deep.equal([]);
    });

    it("knows the lineage of a type", () => {
      const model = animals();
      const [animal, dog, puppy] = ["Animal", "Dog", "Puppy"].map((name) => entityType(model, `Shop.${name}`));
      expect([...puppy!.lineage]).to.deep.equal([animal, dog, puppy]);
      expect(isOrDerivesFrom(puppy!, animal!)).to.equal(true);
      expect(isOrDerivesFrom(puppy!, puppy!)).to.equal(true);
      expect(isOrDerivesFrom(animal!, puppy!)).to.equal(false);
    });

    it("links complex types as well", () => {
      const model = build({
        complexTypes: [type("Shape", { open: true }), type("Circle", { baseType: "Shop.Shape" })],
      });
      const shape = model.types.get("Shop.Shape") as ComplexType;
      const circle = model.types.get("Shop.Circle") as ComplexType;
      expect(shape.derivedTypes).to.deep.equal([circle]);
      expect(circle).to.include({ kind: "complex", baseType: shape, open: true });
      expect(isOrDerivesFrom(circle, shape)).to.equal(true);
    });
  });

  describe("navigation properties of derived types", () => {
    it("are found by name, one for each declaring type", () => {
      const found = entityType(animals(), "Shop.Animal").derivedNavigationProperties;
      expect([...found.keys()]).to.have.members(["owner", "mother"]);
      expect(found.get("owner")!.map(({ declaringType }) => declaringType.name)).to.have.members(["Dog", "Cat"]);
    });

    it("are not those that the type has itself", () => {
      expect([...entityType(animals(), "Shop.Dog").derivedNavigationProperties.keys()]).to.deep.equal(["mother"]);
    });
  });

  describe("members", () => {
    it("are nullable, single and without default unless declared otherwise", () => {
      const model = build({ complexTypes: [type("Size", { properties: [{ name: "width", type: "Edm.Int32" }] })] });
      const width = (model.types.get("Shop.Size") as ComplexType).properties.get("width");
      expect(width).to.include({ nullable: true, collection: false, defaultValue: undefined, computed: false });
    });

    it("are never null in a key", () => {
      expect(entityType(animals(), "Shop.Animal").key[0]!.nullable).to.equal(false);
    });

    it("that the service makes are computed, and say so once", () => {
      const declared = { name: "made", type: "Edm.Guid", generated: "guid" as const };
      const computed = { term: "Org.OData.Core.V1.Computed", value: true };
      for (const annotations of [[], [computed]]) {
        const model = build({ complexTypes: [type("T", { properties: [{ ...declared, annotations }] })] });
        const made = (model.types.get("Shop.T") as ComplexType).properties.get("made")!;
        expect(made).to.include({ computed: true, generated: "guid" });
        expect(made.annotations).to.deep.equal([computed]);
      }
    });

    it("of enumerations are found by name and by value", () => {
      const model = build({
        enumTypes: [
          {
            name: "Color",
            flags: true,
            underlyingType: "Edm.Int64",
            members: [
              { name: "red", value: 1 },
              { name: "rot", value: 1 },
            ],
          },
        ],
      });
      const color = model.types.get("Shop.Color") as EnumType;
      expect(color).to.include({ flags: true });
      expect(color.underlyingType.name).to.equal("Int64");
      expect([...color.members]).to.deep.equal([
        ["red", 1],
        ["rot", 1],
      ]);
      expect(color.names.get(1)).to.equal("red");
    });

    it("keep their facets, as type definitions do", () => {
      const model = build({
        typeDefinitions: [{ name: "Weight", underlyingType: "Edm.Decimal", precision: 10, scale: 3 }],
      });
      expect((model.types.get("Shop.Weight") as TypeDefinition).facets).to.include({ precision: 10, scale: 3 });
    });
  });

  describe("names", () => {
    it("are found with the namespace's alias", () => {
      const model = build({ alias: "S", complexTypes: [type("Size")] });
      expect(model.types.get("S.Size")).to.equal(model.types.get("Shop.Size"));
    });

    it("may be given with the namespace's alias", () => {
      const model = build(
        {
          alias: "S",
          complexTypes: [type("Size"), type("Box", { baseType: "S.Size" })],
          entityTypes: [entity("Product", { properties: [{ name: "size", type: "S.Size" }] })],
        },
        { Products: "S.Product" },
      );
      expect(entityType(model, "Shop.Product").properties.get("size")!.type).to.equal(model.types.get("Shop.Size"));
      expect(model.container.entitySets.get("Products")!.entityType.qualifiedName).to.equal("Shop.Product");
    });

    it("may be those of another schema's types, and of primitive types", () => {
      const other: SchemaSource = {
        ...schema({ complexTypes: [type("Size")] }),
        namespace: "Other",
        container: undefined,
      };
      const model = buildModel({
        schemas: [
          schema({ entityTypes: [entity("Box", { properties: [{ name: "size", type: "Other.Size" }] })] }),
          other,
        ],
      });
      expect(entityType(model, "Shop.Box").properties.get("size")!.type.qualifiedName).to.equal("Other.Size");
      expect(model.types.get("Edm.Guid")).to.include({ kind: "primitive", name: "Guid" });
      expect(model.schemas.map(({ namespace, declaresContainer }) => [namespace, declaresContainer])).to.deep.equal([
        ["Shop", true],
        ["Other", false],
      ]);
    });
  });

  it("freezes all that it makes", () => {
    const model = animals();
    const dog = entityType(model, "Shop.Dog");
    const animal = entityType(model, "Shop.Animal");
    const { container, schemas } = model;
    const parts = [
      model, schemas, schemas[0], schemas[0]!.entityTypes, dog, dog.ownProperties, dog.ownNavigationProperties, dog.ownProperties[0],
      dog.ownProperties[0]!.annotations, dog.annotations, animal.key, animal.derivedTypes, container, container.annotations,
      container.entitySets.get("Animals"), container.entitySets.get("Animals")!.bindings, container.entitySets.get("Animals")!.bindings[0],
    ]; // prettier-ignore
    for (const [index, part] of parts.entries()) expect(Object.isFrozen(part), `part ${index}`).to.equal(true);
  });

  describe("throws a ModelError", () => {
    const throws = (what: string, make: () => unknown, message: RegExp) =>
      it(what, () => expect(make).to.throw(ModelError, message));
    const product = entity("Product");
    const color = { name: "Color", members: [{ name: "red", value: 0 }] };

    throws(
      "for a structured type that is declared twice",
      () => build({ entityTypes: [product], complexTypes: [type("Product")] }),
      /'Shop.Product' is declared twice/,
    );
    throws(
      "for a simple type that is declared twice",
      () => build({ enumTypes: [color], typeDefinitions: [{ name: "Color", underlyingType: "Edm.String" }] }),
      /'Shop.Color' is declared twice/,
    );
    throws(
      "for an enumeration and a structured type of the same name",
      () => build({ enumTypes: [color], complexTypes: [type("Color")] }),
      /'Shop.Color' is declared twice/,
    );
    throws(
      "for an enumeration member that is declared twice",
      () => build({ enumTypes: [{ name: "Color", members: [...color.members, ...color.members] }] }),
      /'Shop.Color' declares 'red' twice/,
    );
    throws(
      "for an enumeration that is not based on an integer type",
      () => build({ enumTypes: [{ ...color, underlyingType: "Edm.String" }] }),
      /'Edm.String' of 'Shop.Color' is no integer type/,
    );
    throws(
      "for an underlying type that is no primitive type",
      () => build({ typeDefinitions: [{ name: "Weight", underlyingType: "Shop.Color" }] }),
      /'Shop.Color' of 'Shop.Weight' is no primitive type/,
    );
    throws(
      "for a type that derives from itself",
      () => build({ entityTypes: [type("A", { baseType: "Shop.B" }), type("B", { baseType: "Shop.A" })] }),
      /'Shop.A' derives from itself: Shop.A <- Shop.B <- Shop.A/,
    );
    throws(
      "for an unknown base type",
      () => build({ entityTypes: [entity("Product", { baseType: "Shop.Thing" })] }),
      /'Shop.Thing' of 'Shop.Product' is no entity type/,
    );
    throws(
      "for a base type of the other kind",
      () => build({ complexTypes: [type("Size")], entityTypes: [entity("Product", { baseType: "Shop.Size" })] }),
      /'Shop.Size' of 'Shop.Product' is no entity type/,
    );
    throws(
      "for a property that is declared twice",
      () => build({ entityTypes: [entity("Product", { properties: [{ name: "id", type: "Edm.String" }] })] }),
      /'Shop.Product' declares 'id' twice/,
    );
    throws(
      "for a navigation property with the name of an inherited property",
      () =>
        build({
          entityTypes: [
            product,
            type("Book", { baseType: "Shop.Product", navigationProperties: [one("id", "Shop.Product")] }),
          ],
        }),
      /'Shop.Book' declares 'id' twice, or again after a base type/,
    );
    throws(
      "for a key property that is not declared",
      () => build({ entityTypes: [type("Product", { key: ["code"] })] }),
      /key property 'code' of 'Shop.Product' is not declared/,
    );
    throws(
      "for a key property that is nullable",
      () =>
        build({
          entityTypes: [type("T", { key: ["a"], properties: [{ name: "a", type: "Edm.String", nullable: true }] })],
        }),
      /key property 'a' of 'Shop.T' is nullable/,
    );
    throws(
      "for an entity type without a key that is not abstract",
      () => build({ entityTypes: [type("Product")] }),
      /'Shop.Product' has no key/,
    );
    throws(
      "for a property with an unknown type",
      () => build({ complexTypes: [type("Size", { properties: [{ name: "unit", type: "Shop.Unit" }] })] }),
      /'Shop.Unit' of 'Shop.Size\/unit' is not part of the model/,
    );
    throws(
      "for a structural property with an entity type",
      () =>
        build({
          entityTypes: [product],
          complexTypes: [type("Size", { properties: [{ name: "of", type: "Shop.Product" }] })],
        }),
      /'Shop.Size\/of' has an entity type/,
    );
    throws(
      "for a navigation property with another type than an entity type",
      () => build({ entityTypes: [entity("Product", { navigationProperties: [one("name", "Edm.String")] })] }),
      /'Shop.Product\/name' has a type that is no entity type/,
    );
    throws("for no container", () => buildModel({ schemas: [] }), /one entity container; this one has 0/);
    throws(
      "for two containers",
      () => buildModel({ schemas: [schema({}), { ...schema({}), namespace: "Other" }] }),
      /one entity container; this one has 2/,
    );
    throws(
      "for an entity set of an unknown type",
      () => build({}, { Products: "Shop.Product" }),
      /'Shop.Product' of 'Products' is not part of the model/,
    );
    throws(
      "for a singleton of another type than an entity type",
      () => build({ complexTypes: [type("Size")] }, {}, { size: "Shop.Size" }),
      /'Shop.Size' of 'size' is no entity type/,
    );
    throws(
      "for an entity set and a singleton of the same name",
      () => build({ entityTypes: [product] }, { product: "Shop.Product" }, { product: "Shop.Product" }),
      /'Container' declares 'product' twice/,
    );
  });
});
