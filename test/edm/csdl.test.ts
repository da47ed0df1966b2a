import { expect } from "chai";
import { XMLParser } from "fast-xml-parser";
import { writeCsdlJson, writeCsdlXml } from "../../src/edm/csdl/index.js";
import { buildModel, ModelError } from "../../src/edm/index.js";
import type { AnnotationValue, Model } from "../../src/edm/index.js";
import { jsonProblems, needSchemas, xmlProblems } from "../support/csdl-schemas.js";
import { awkward, everything } from "./support/everything.js";
import { build, entity, schema } from "./support/model.js";

const versions = ["4.0", "4.01"] as const;
const model = buildModel(everything);

type Xml = Record<string, unknown>;

/** The document as plain objects: attributes by their names, elements as arrays. */
function parseXml(text: string): Xml {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseAttributeValue: false,
    parseTagValue: false,
    trimValues: true,
    htmlEntities: true,
    isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
  });
  return parser.parse(text) as Xml;
}

function elements(parent: Xml | undefined, name: string): Xml[] {
  return ((parent?.[name] as Xml[] | undefined) ?? []).filter((item) => typeof item === "object");
}

function named(parent: Xml | undefined, name: string, called: string): Xml {
  const found = elements(parent, name).find((item) => item.Name === called);
  if (found === undefined) throw new Error(`no ${name} ${called}`);
  return found;
}

/** The schema `index` of a model's XML document. */
function xmlSchema(of: Model, version: (typeof versions)[number], index = 0): Xml {
  const document = elements(parseXml(writeCsdlXml(of, { version })), "edmx:Edmx")[0];
  return elements(elements(document, "edmx:DataServices")[0], "Schema")[index]!;
}

function json(of: Model, version: (typeof versions)[number] = "4.01"): Record<string, never> {
  return JSON.parse(writeCsdlJson(of, { version })) as Record<string, never>;
}

const text = (value: string) => writeCsdlXml(annotated(value), { version: "4.01" });

/** A model whose only entity set has an annotation with this value. */
function annotated(value: AnnotationValue, term = "Vendor.Term"): Model {
  const container = {
    name: "Container",
    entitySets: [{ name: "Ts", entityType: "Shop.T", annotations: [{ term, value }] }],
    singletons: [],
  };
  return buildModel({ schemas: [{ ...schema({ entityTypes: [entity("T")] }), container }] });
}

function xmlAnnotation(value: AnnotationValue, term?: string): Xml {
  const shop = xmlSchema(annotated(value, term), "4.01");
  return elements(elements(elements(shop, "EntityContainer")[0], "EntitySet")[0], "Annotation")[0]!;
}

describe("CSDL documents", () => {
  describe("conform to the schemas of OASIS", () => {
    before(needSchemas);

    for (const version of versions) {
      it(`XML ${version}`, async () => {
        expect(await xmlProblems(writeCsdlXml(model, { version }))).to.deep.equal([]);
      });

      it(`JSON ${version}`, () => {
        expect(jsonProblems(json(model, version))).to.deep.equal([]);
      });
    }
  });

  for (const version of versions) {
    it(`are the same each time (${version})`, () => {
      const again = buildModel(everything);
      expect(writeCsdlXml(again, { version })).to.equal(writeCsdlXml(model, { version }));
      expect(writeCsdlJson(again, { version })).to.equal(writeCsdlJson(model, { version }));
    });

    it(`say their version (${version})`, () => {
      expect(elements(parseXml(writeCsdlXml(model, { version })), "edmx:Edmx")[0]!.Version).to.equal(version);
      expect(json(model, version)).to.include({ $Version: version, $EntityContainer: "Shop.Container" });
    });
  }

  it("look like this", () => {
    const small = build({ entityTypes: [entity("Product")] }, { Products: "Shop.Product" });
    expect(writeCsdlXml(small, { version: "4.01" })).to.equal(`<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.01">
  <edmx:DataServices>
    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Shop">
      <EntityType Name="Product">
        <Key>
          <PropertyRef Name="id" />
        </Key>
        <Property Name="id" Type="Edm.Int32" Nullable="false" />
      </EntityType>
      <EntityContainer Name="Container">
        <EntitySet Name="Products" EntityType="Shop.Product" />
      </EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
`);
    expect(json(small)).to.deep.equal({
      $Version: "4.01",
      $EntityContainer: "Shop.Container",
      Shop: {
        Product: { $Kind: "EntityType", $Key: ["id"], id: { $Type: "Edm.Int32" } },
        Container: { $Kind: "EntityContainer", Products: { $Collection: true, $Type: "Shop.Product" } },
      },
    });
  });

  describe("in XML", () => {
    const types = xmlSchema(model, "4.01", 0);
    const shop = xmlSchema(model, "4.01", 1);
    const product = named(shop, "EntityType", "Product");
    /** Attributes of a property of Product. */
    const property = (name: string, of = shop) => {
      const { Annotation: _, ...attributes } = named(named(of, "EntityType", "Product"), "Property", name);
      return attributes;
    };

    it("refer to the vocabularies that they use, and to no other", () => {
      const references = elements(
        elements(parseXml(writeCsdlXml(model, { version: "4.01" })), "edmx:Edmx")[0],
        "edmx:Reference",
      );
      expect(references.map((reference) => [reference.Uri, elements(reference, "edmx:Include")[0]])).to.deep.equal(
        ["Core", "Capabilities", "Validation"].map((alias) => [
          `https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.${alias}.V1.xml`,
          { Namespace: `Org.OData.${alias}.V1`, Alias: alias },
        ]),
      );
    });

    it("have an alias where the schema has one", () => {
      expect([types.Alias, shop.Alias]).to.deep.equal([undefined, "S"]);
    });

    it("write enumerations", () => {
      expect(named(types, "EnumType", "Days")).to.include({ UnderlyingType: "Edm.Int64", IsFlags: "true" });
      expect(named(types, "EnumType", "Color")).to.not.have.any.keys("UnderlyingType", "IsFlags");
      expect(elements(named(types, "EnumType", "Color"), "Member")).to.deep.equal([
        { Name: "red", Value: "0" },
        { Name: "none", Value: "-1" },
      ]);
    });

    it("write type definitions", () => {
      expect(named(types, "TypeDefinition", "Weight")).to.deep.include({
        UnderlyingType: "Edm.Decimal",
        Precision: "10",
        Scale: "3",
      });
      expect(named(types, "TypeDefinition", "Code")).to.deep.include({ MaxLength: "8", Unicode: "false" });
    });

    it("write structured types", () => {
      expect(product).to.include({ Abstract: "true", OpenType: "true", HasStream: "true" });
      expect(elements(elements(product, "Key")[0], "PropertyRef")).to.deep.equal([{ Name: "id" }, { Name: "part" }]);
      const book = named(shop, "EntityType", "Book");
      expect(book).to.include({ BaseType: "Shop.Product" });
      expect(book).to.not.have.any.keys("Abstract", "OpenType", "HasStream", "Key");
      expect(named(types, "ComplexType", "Address")).to.include({ Abstract: "true", OpenType: "true" });
      expect(named(types, "ComplexType", "Postbox")).to.deep.equal({ Name: "Postbox", BaseType: "Shop.Types.Address" });
    });

    it("say that a single value is not nullable, and of a collection whether its items are", () => {
      expect(property("notes")).to.not.have.any.keys("Nullable");
      expect(property("required")).to.include({ Nullable: "false" });
      expect(property("tags")).to.include({ Type: "Collection(Edm.String)", Nullable: "true" });
      expect(property("colors")).to.include({ Type: "Collection(Shop.Types.Color)", Nullable: "false" });
    });

    it("write facets", () => {
      expect(property("name")).to.include({ MaxLength: "40", Unicode: "false" });
      expect(property("required")).to.not.have.any.keys("Unicode", "MaxLength");
      expect(property("price")).to.include({ Precision: "10", Scale: "2" });
      expect(property("where")).to.include({ SRID: "4326" });
      expect(property("anywhere")).to.include({ SRID: "variable" });
      expect(property("changed")).to.include({ Precision: "7" });
    });

    it("write the scale of a decimal that declares none, for absent it would be 0", () => {
      expect(property("ratio")).to.include({ Scale: "variable" });
      expect(named(types, "TypeDefinition", "Money")).to.include({ Scale: "variable" });
      expect(property("money")).to.not.have.any.keys("Scale");
    });

    it("leave out for 4.0 what only 4.01 knows, and the other way round", () => {
      const old = xmlSchema(model, "4.0", 1);
      expect(property("floating")).to.include({ Scale: "floating" });
      expect(property("floating", old)).to.include({ Scale: "variable" });
      expect(property("notes")).to.not.have.any.keys("MaxLength");
      expect(property("notes", old)).to.include({ MaxLength: "max" });
      expect(property("anything")).to.include({ Type: "Edm.Untyped" });
      expect(() => property("anything", old)).to.throw("no Property anything");
    });

    it("write default values of primitive and enumeration types", () => {
      const defaults = ["name", "price", "color", "active", "count"].map((name) => property(name).DefaultValue);
      expect(defaults).to.deep.equal([awkward.replace("\u0001", "\ufffd"), "1.5", "red", "false", "0"]);
      for (const name of ["notes", "address", "addresses", "id"])
        expect(property(name)).to.not.have.any.keys("DefaultValue");
    });

    it("write navigation properties", () => {
      const country = named(product, "NavigationProperty", "country");
      expect(country).to.include({ Type: "Shop.Country", Nullable: "false", Partner: "products" });
      expect(elements(country, "ReferentialConstraint")).to.deep.equal([
        { Property: "name", ReferencedProperty: "code" },
      ]);
      expect(elements(country, "OnDelete")).to.deep.equal([{ Action: "Cascade" }]);
      const parts = named(product, "NavigationProperty", "parts");
      expect(parts).to.deep.equal({ Name: "parts", Type: "Collection(Shop.Part)", ContainsTarget: "true" });
    });

    it("write the container with its bindings", () => {
      const container = elements(shop, "EntityContainer")[0];
      expect(elements(types, "EntityContainer")).to.deep.equal([]);
      expect(named(container, "Singleton", "bestseller")).to.include({ Type: "Shop.Book" });
      expect(elements(named(container, "EntitySet", "Products"), "NavigationPropertyBinding")).to.deep.equal([
        { Path: "address/country", Target: "Countries" },
        { Path: "addresses/country", Target: "Countries" },
        { Path: "country", Target: "Countries" },
        { Path: "parts/maker", Target: "Countries" },
        { Path: "Shop.Book/sequel", Target: "Products" },
      ]);
    });

    it("write operations and their imports", () => {
      const shop = xmlSchema(model, "4.01", 1);
      const [unbound, bound] = elements(shop, "Function");
      expect(unbound).to.deep.include({ Name: "top" });
      expect(unbound).to.not.include.keys("IsBound", "IsComposable", "EntitySetPath");
      expect(elements(unbound, "ReturnType")).to.deep.equal([{ Type: "Collection(Shop.Product)" }]);
      expect(bound).to.deep.include({ IsBound: "true", IsComposable: "true", EntitySetPath: "from/products" });
      expect(elements(bound, "Parameter")[0]).to.deep.equal({ Name: "from", Type: "Shop.Country", Nullable: "false" });
      expect(elements(named(bound, "Parameter", "count"), "Annotation")[0]).to.include({
        Term: "Core.OptionalParameter",
      });
      const label = named(shop, "Action", "label");
      expect(elements(label, "Parameter")).to.deep.equal([
        { Name: "products", Type: "Collection(Shop.Product)" },
        { Name: "texts", Type: "Collection(Edm.String)", Nullable: "false", MaxLength: "40" },
        { Name: "weight", Type: "Edm.Decimal", Nullable: "false", Precision: "10", Scale: "2" },
      ]);
      expect(elements(label, "ReturnType")[0]).to.deep.include({
        Type: "Edm.String",
        Nullable: "false",
        MaxLength: "8",
        Annotation: [{ Term: "Validation.Pattern", String: "^[A-Z]*$" }],
      });
      const container = elements(shop, "EntityContainer")[0];
      expect(named(container, "FunctionImport", "Top")).to.deep.include({
        Function: "Shop.top",
        EntitySet: "Products",
        IncludeInServiceDocument: "true",
      });
      expect(named(container, "ActionImport", "reset")).to.deep.equal({ Name: "reset", Action: "Shop.reset" });
    });

    it("write the computed properties' annotation", () => {
      expect(named(product, "Property", "id").Annotation).to.deep.equal([{ Term: "Core.Computed", Bool: "true" }]);
    });

    describe("write annotations", () => {
      it("of constants as attributes", () => {
        expect(xmlAnnotation("x")).to.deep.equal({ Term: "Vendor.Term", String: "x" });
        expect(xmlAnnotation(false)).to.deep.equal({ Term: "Vendor.Term", Bool: "false" });
        expect(xmlAnnotation(-3)).to.deep.equal({ Term: "Vendor.Term", Int: "-3" });
        expect(xmlAnnotation(0.25)).to.deep.equal({ Term: "Vendor.Term", Decimal: "0.25" });
        expect(xmlAnnotation("")).to.deep.equal({ Term: "Vendor.Term", String: "" });
      });

      it("of null, collections and records as elements", () => {
        expect(xmlAnnotation(null)).to.have.all.keys("Term", "Null");
        expect(xmlAnnotation([])).to.have.all.keys("Term", "Collection");
        expect(xmlAnnotation(["a", 1, true])).to.deep.include({
          Collection: [{ String: ["a"], Int: ["1"], Bool: ["true"] }],
        });
        expect(xmlAnnotation({ a: "x", b: [1], c: { d: null } }).Record).to.deep.equal([
          {
            PropertyValue: [
              { Property: "a", String: "x" },
              { Property: "b", Collection: [{ Int: ["1"] }] },
              { Property: "c", Record: [{ PropertyValue: [{ Property: "d", Null: [""] }] }] },
            ],
          },
        ]);
      });

      it("of paths", () => {
        expect(xmlAnnotation({ $Path: "a/b" })).to.deep.equal({ Term: "Vendor.Term", Path: "a/b" });
        expect(xmlAnnotation(["id"], "Org.OData.Core.V1.OptimisticConcurrency")).to.deep.include({
          Collection: [{ PropertyPath: ["id"] }],
        });
      });

      it("of enumeration members, with their type", () => {
        const member = xmlAnnotation("Read, Write", "Org.OData.Core.V1.Permissions");
        expect(member).to.deep.equal({
          Term: "Core.Permissions",
          EnumMember: "Core.Permission/Read Core.Permission/Write",
        });
      });

      it("of records with a type, and with annotations of their own", () => {
        const [filter, navigation, keys, revisions, mediaType] = elements(
          named(elements(shop, "EntityContainer")[0], "EntitySet", "Products"),
          "Annotation",
        );
        const record = elements(filter, "Record")[0];
        expect(record).to.include({ Type: "Capabilities.FilterRestrictionsType" });
        expect(record!.Annotation).to.deep.equal([{ Term: "Core.Description", String: "Nearly all" }]);
        expect(elements(record, "PropertyValue")).to.deep.equal([
          { Property: "Filterable", Bool: "true" },
          { Property: "MaxLevels", Int: "3" },
          {
            Property: "NonFilterableProperties",
            Annotation: [{ Term: "Validation.MaxItems", Qualifier: "q", Int: "2" }],
            Collection: [{ PropertyPath: ["photo", "address/street"] }],
          },
          {
            Property: "FilterExpressionRestrictions",
            Collection: [
              {
                Record: [
                  {
                    PropertyValue: [
                      { Property: "Property", PropertyPath: "name" },
                      { Property: "AllowedExpressions", String: "SearchExpression" },
                    ],
                  },
                ],
              },
            ],
          },
        ]);
        const texts = JSON.stringify([navigation, keys, revisions, mediaType]);
        expect(texts).to.include('"EnumMember":"Capabilities.NavigationType/Single"');
        expect(texts).to.include('"NavigationPropertyPath":"country"');
        expect(texts).to.include('{"Property":"Name","PropertyPath":"name"},{"Property":"Alias","String":"title"}');
        expect(texts).to.include('"EnumMember":"Core.RevisionKind/Added"');
        expect(texts).to.include('"Term":"Core.MediaType","Path":"name"');
      });

      it("with a qualifier, and with terms of other vocabularies as they are", () => {
        const [, long, rating] = elements(product, "Annotation");
        expect(long).to.include({ Term: "Core.LongDescription", Qualifier: "web" });
        expect(rating).to.deep.equal({ Term: "Vendor.Rating", Decimal: "4.5" });
      });

      it("but not of dynamic expressions, which throw", () => {
        const dynamic = annotated({ $If: [true, 1, 2] });
        expect(() => writeCsdlXml(dynamic, { version: "4.01" })).to.throw(ModelError, /'Vendor.Term' holds a '\$If'/);
      });
    });

    it("escape every text", () => {
      expect(text(awkward)).to.include(
        "String=\"&lt;a href=&quot;x&quot;&gt;'R&amp;D'&lt;/a&gt;&#9;tab&#10;line\ufffd 🙂\"",
      );
      expect(text("\ud800")).to.include('String="\ufffd"');
      expect(elements(product, "Annotation")[1]!.String).to.equal(awkward.replace("\u0001", "\ufffd"));
    });
  });

  it("keep a schema's own name apart from a vocabulary's alias", () => {
    const own = build({
      namespace: "Core",
      entityTypes: [entity("T", { annotations: [{ term: "Core.Mine", value: true }] })],
    });
    expect(writeCsdlXml(own, { version: "4.01" }))
      .to.include('Term="Core.Mine"')
      .and.not.include("edmx:Reference");
    const both = build({
      namespace: "Core",
      entityTypes: [entity("T", { annotations: [{ term: "Org.OData.Core.V1.Description", value: "x" }] })],
    });
    expect(writeCsdlXml(both, { version: "4.01" }))
      .to.include('Term="Org.OData.Core.V1.Description"')
      .and.include('<edmx:Include Namespace="Org.OData.Core.V1" />');
    expect(json(both).$Reference).to.deep.equal({
      "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.json": {
        $Include: [{ $Namespace: "Org.OData.Core.V1" }],
      },
    });
  });
});
