import { expect } from "chai";
// For the helpers of `tslib`, which become globals: those that come up while a test runs would be leaks.
import "typeorm";
import { writeCsdlJson, writeCsdlXml } from "../../src/edm/csdl/index.js";
import { annotationValue, buildModel, ModelError, readClasses, searchedPaths, terms } from "../../src/edm/index.js";
import type { Annotation, AnnotationValue, EntityType, Model, SchemaSource } from "../../src/edm/index.js";
import { describeEngine } from "../../src/edm/engine.js";
import { jsonProblems, needSchemas, xmlProblems } from "../support/csdl-schemas.js";
import { Library } from "./support/library.js";
import { entity, many, one, schema, type } from "./support/model.js";

const entityType = (model: Model, name: string) => model.types.get(name) as EntityType;

/** What an annotation of something says; `undefined` where it is not there. */
const said = (of: { readonly annotations: readonly Annotation[] }, term: string) =>
  annotationValue(of.annotations, term);

/** A model whose types and container are given, with annotations of the entity set `As`. */
function model(parts: Partial<SchemaSource>, annotations: Readonly<Record<string, AnnotationValue>> = {}): Model {
  const base = schema(parts);
  const list = Object.entries(annotations).map(([term, value]) => ({ term, value }));
  const container = {
    name: "C",
    entitySets: [{ name: "As", entityType: "Shop.A", annotations: list }],
    singletons: [],
  };
  return buildModel({ schemas: [{ ...base, container, ...parts }] });
}

describe("what classes say of their service", () => {
  const library = buildModel(readClasses(Library).source);
  const { entitySets, singletons } = library.container;
  const volumes = entitySets.get("Volumes")!;
  const volume = entityType(library, "Library.Volume");
  const magazine = entityType(library, "Library.Magazine");

  it("stands on the controller for the entity set", () => {
    expect(said(volumes, terms.sortRestrictions)).to.deep.equal({ NonSortableProperties: ["title"] });
    expect(said(volumes, terms.description)).to.equal("All volumes");
    expect(said(entitySets.get("Shelves")!, terms.description)).to.equal(undefined);
  });

  it("stands beside the singleton", () => {
    expect(said(singletons.get("latest")!, terms.description)).to.equal("The latest issue");
  });

  it("stands on the service for the container, and the version for its schema", () => {
    expect(said(library.container, terms.keyAsSegmentSupported)).to.equal(false);
    expect(said(library.container, terms.schemaVersion)).to.equal(undefined);
    expect(said(library.schemas[0]!, terms.schemaVersion)).to.equal("2.1");
    expect(library.schemaVersion).to.equal("2.1");
  });

  it("says what can be searched", () => {
    expect(volume.properties.get("title")).to.include({ searchable: true });
    expect(volume.properties.get("isbn")).to.include({ searchable: false });
  });

  it("says which properties make an entity's ETag", () => {
    expect(volume.concurrency.map(({ name }) => name)).to.deep.equal(["revision"]);
    expect(magazine.concurrency.map(({ name }) => name)).to.deep.equal(["revision", "edition"]);
    expect(said(volumes, terms.optimisticConcurrency)).to.deep.equal(["revision", "Library.Magazine/edition"]);
    expect(said(singletons.get("latest")!, terms.optimisticConcurrency)).to.deep.equal(["revision", "edition"]);
    expect(said(entitySets.get("Shelves")!, terms.optimisticConcurrency)).to.equal(undefined);
  });

  it("names alternate keys", () => {
    const keys = (of: EntityType) => of.alternateKeys.map(({ properties }) => [...properties.keys()]);
    expect(keys(volume)).to.deep.equal([["isbn"], ["title", "published"]]);
    expect(keys(magazine)).to.deep.equal([["isbn"], ["title", "published"], ["issue"]]);
    expect(volume.alternateKeys[1]!.properties.get("published")).to.equal(volume.properties.get("year"));
    expect(said(volume, terms.alternateKeys)).to.deep.equal([
      { Key: [{ Name: "isbn" }] },
      { Key: [{ Name: "title" }, { Name: "year", Alias: "published" }] },
    ]);
  });

  it("has what the engine can and cannot do beside it", () => {
    expect(said(library.container, terms.annotationValuesInQuerySupported)).to.equal(false);
    expect(said(library.container, terms.batchSupport)).to.deep.include({
      Supported: true,
      SupportedFormats: ["multipart/mixed", "application/json"],
    });
    expect(said(library.container, terms.filterFunctions)).to.include.members(["contains", "has", "geo.distance"]);
    expect(said(volumes, terms.searchRestrictions)).to.equal(undefined);
    expect(said(entitySets.get("Shelves")!, terms.searchRestrictions)).to.deep.equal({ Searchable: false });
    const copies = volume.navigationProperties.get("copies")!;
    expect(said(copies, terms.searchRestrictions)).to.deep.equal({ Searchable: false });
  });

  describe("is written to documents that conform to the schemas of OASIS", () => {
    before(needSchemas);

    for (const version of ["4.0", "4.01"] as const) {
      it(`XML ${version}`, async () => {
        const text = writeCsdlXml(library, { version });
        expect(await xmlProblems(text)).to.deep.equal([]);
        expect(text).to.include('<Annotation Term="Core.SchemaVersion" String="2.1" />');
        expect(text).to.include("<PropertyPath>Library.Magazine/edition</PropertyPath>");
      });

      it(`JSON ${version}`, () => {
        const document = JSON.parse(writeCsdlJson(library, { version })) as Record<string, Record<string, unknown>>;
        expect(jsonProblems(document)).to.deep.equal([]);
        expect(document.Library!["@Core.SchemaVersion"]).to.equal("2.1");
      });
    }
  });
});

describe("Core.OptimisticConcurrency", () => {
  const dog = (members: Parameters<typeof type>[1] = {}) => type("Dog", { baseType: "Shop.A", ...members });
  const name = { name: "name", type: "Edm.String" };
  const breed = { name: "breed", type: "Edm.String" };

  it("of an entity set is taken over by its type, and said wherever such entities are", () => {
    const built = buildModel({
      schemas: [
        {
          ...schema({
            entityTypes: [
              entity("A", { properties: [name] }),
              dog({ properties: [breed] }),
              entity("Kennel", {
                navigationProperties: [
                  many("dogs", "Shop.Dog", { containsTarget: true }),
                  many("guests", "Shop.Dog"),
                  one("chief", "Shop.Dog", { containsTarget: true }),
                ],
              }),
            ],
          }),
          container: {
            name: "C",
            entitySets: [
              {
                name: "As",
                entityType: "Shop.A",
                annotations: [{ term: terms.optimisticConcurrency, value: ["name", "Shop.Dog/breed"] }],
              },
              { name: "Dogs", entityType: "Shop.Dog" },
              { name: "Kennels", entityType: "Shop.Kennel" },
            ],
            singletons: [{ name: "top", type: "Shop.Dog" }],
          },
        },
      ],
    });
    const etag = (of: string) => entityType(built, of).concurrency.map((property) => property.name);
    expect(etag("Shop.A")).to.deep.equal(["name"]);
    expect(etag("Shop.Dog")).to.deep.equal(["name", "breed"]);
    const { entitySets, singletons } = built.container;
    const term = terms.optimisticConcurrency;
    expect(said(entitySets.get("As")!, term)).to.deep.equal(["name", "Shop.Dog/breed"]);
    expect(said(entitySets.get("Dogs")!, term)).to.deep.equal(["name", "breed"]);
    expect(said(singletons.get("top")!, term)).to.deep.equal(["name", "breed"]);
    expect(said(entitySets.get("Kennels")!, term)).to.equal(undefined);
    const { navigationProperties } = entityType(built, "Shop.Kennel");
    expect(said(navigationProperties.get("dogs")!, term)).to.deep.equal(["name", "breed"]);
    expect(said(navigationProperties.get("chief")!, term)).to.deep.equal(["name", "breed"]);
    expect(said(navigationProperties.get("guests")!, term)).to.equal(undefined);
  });

  it("of a type is that of its entities; an empty one names no properties", () => {
    const annotations = [{ term: "Core.OptimisticConcurrency", value: ["id"] }];
    expect(entityType(model({ entityTypes: [entity("A", { annotations })] }), "Shop.A").concurrency[0]!.name).to.equal(
      "id",
    );
    const empty = model({ entityTypes: [entity("A")] }, { [terms.optimisticConcurrency]: [] });
    expect(entityType(empty, "Shop.A").concurrency).to.deep.equal([]);
    expect(said(empty.container.entitySets.get("As")!, terms.optimisticConcurrency)).to.deep.equal([]);
  });

  it("is refused where it names what is no property of the entity itself", () => {
    for (const path of ["nothing", "address/city", "Shop.Dog/nothing"]) {
      expect(
        () => model({ entityTypes: [entity("A"), dog()] }, { [terms.optimisticConcurrency]: [path] }),
        path,
      ).to.throw(ModelError, `'${path}'`);
    }
    expect(() => model({ entityTypes: [entity("A", { concurrency: ["nothing"] })] })).to.throw(ModelError, "'nothing'");
  });
});

describe("Core.AlternateKeys", () => {
  const a = entity("A", {
    properties: [
      { name: "code", type: "Edm.String" },
      { name: "tags", type: "Edm.String", collection: true },
    ],
  });
  const keyed = (...keys: AnnotationValue[]) => model({ entityTypes: [a] }, { [terms.alternateKeys]: keys });

  it("of an entity set are the set's, and not the type's", () => {
    const built = keyed({ Key: [{ Name: "code", Alias: "c" }] });
    const set = built.container.entitySets.get("As")!;
    expect(set.alternateKeys.map(({ properties }) => [...properties.keys()])).to.deep.equal([["c"]]);
    expect(set.entityType.alternateKeys).to.deep.equal([]);
  });

  it("are refused where they are none", () => {
    for (const key of [
      { Key: [{ Name: "nothing" }] },
      { Key: [{ Name: "address/city" }] },
      { Key: [{ Name: "tags" }] },
      { Key: [{ Name: "code", Alias: "id" }] },
      { Key: [{ Name: "code" }, { Name: "code" }] },
      { Key: [] },
      { Key: "code" },
      "code",
    ]) {
      expect(() => keyed(key), JSON.stringify(key)).to.throw(ModelError, "lternate key");
    }
  });
});

describe("searchable properties", () => {
  it("are single texts", () => {
    const searchable = (typeName: string, collection = false) =>
      model({
        entityTypes: [entity("A", { properties: [{ name: "p", type: typeName, collection, searchable: true }] })],
      });
    expect(() => searchable("Edm.String")).not.to.throw();
    expect(() => searchable("Edm.Int32")).to.throw(ModelError, "'Shop.A/p' cannot be searched");
    expect(() => searchable("Edm.String", true)).to.throw(ModelError);
  });

  it("may lie in complex values, which need not end", () => {
    const text = { name: "p", type: "Edm.String", searchable: true };
    const built = model({
      complexTypes: [
        type("B", {
          properties: [text, { name: "inner", type: "Shop.B" }, { name: "many", type: "Shop.B", collection: true }],
        }),
        type("C", { baseType: "Shop.B", properties: [{ name: "more", type: "Edm.String", searchable: true }] }),
      ],
      entityTypes: [
        entity("A", {
          properties: [
            { name: "b", type: "Shop.B" },
            { name: "bs", type: "Shop.B", collection: true },
          ],
        }),
      ],
    });
    const paths = searchedPaths(entityType(built, "Shop.A")).map((path) => path.map(({ name }) => name).join("/"));
    expect(paths).to.deep.equal(["b/p", "b/more"]);
  });

  it("in complex values make an entity set searchable", () => {
    const parts = (searchable: boolean) => ({
      schemas: [
        schema(
          {
            complexTypes: [
              type("Base", { properties: [{ name: "p", type: "Edm.String", searchable }] }),
              type("B", { baseType: "Shop.Base" }),
            ],
            entityTypes: [entity("A", { properties: [{ name: "b", type: "Shop.B" }] })],
          },
          { As: "Shop.A" },
        ),
      ],
    });
    const restriction = (searchable: boolean) =>
      said(buildModel(describeEngine(parts(searchable))).container.entitySets.get("As")!, terms.searchRestrictions);
    expect(restriction(true)).to.equal(undefined);
    expect(restriction(false)).to.deep.equal({ Searchable: false });
  });
});
