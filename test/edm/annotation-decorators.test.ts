import { expect } from "chai";
// For the helpers of `tslib`, which become globals: those that come up while a test runs would be leaks.
import "typeorm";
import { ODataController } from "odata-v4-server/build/lib/controller.js";
import { writeCsdlJson, writeCsdlXml } from "../../src/edm/csdl/index.js";
import { buildModel, Edm, ModelError, odata, placeOf, readClasses, terms } from "../../src/edm/index.js";
import type { EntityType } from "../../src/edm/index.js";
import { TypeOrmController } from "../../src/index.js";
import { jsonProblems, needSchemas, xmlProblems } from "../support/csdl-schemas.js";

@odata.namespace("Market")
@Edm.Description("Who sells")
class Seller {
  @Edm.Key @Edm.Int32 id!: number;
  @Edm.Key @Edm.String country!: string;
}

@odata.namespace("Market")
class Offer {
  @Edm.Key @Edm.ComputedDefaultValue @Edm.Guid id!: string;
  @Edm.Description("What it is") @Edm.Immutable @Edm.Pattern("^[A-Z]") @Edm.String title?: string;
  @Edm.Minimum(0, { exclusive: true })
  @Edm.Maximum(100)
  @Edm.MultipleOf(0.5)
  @Edm.Unit("kg")
  @Edm.Double
  weight?: number;
  @Edm.Minimum("2000-01-01") @Edm.Date since?: string;
  @Edm.AllowedValues("new", "used", null) @Edm.String state?: string;
  @Edm.MinItems(1) @Edm.MaxItems(3) @Edm.Collection(Edm.String) tags?: string[];
  @Edm.Permissions("Read") @Edm.ISOCurrency("EUR") @Edm.Decimal price?: string;
  @Edm.MediaType("image/svg+xml") @Edm.Binary logo?: string;
  @Edm.Int32 sellerId?: number;
  @Edm.String sellerCountry?: string;
  @Edm.ForeignKey("sellerId", "sellerCountry") @Edm.EntityType(Seller) seller?: Seller;
}

@odata.type(Offer)
@Edm.InsertRestrictions({ RequiredProperties: ["title"] })
@Edm.UpdateRestrictions({ Updatable: false })
@Edm.DeleteRestrictions({ Deletable: false })
@Edm.ChangeTracking({ FilterableProperties: ["title"] })
class Offers extends TypeOrmController {}

/** Written by hand: it finds sellers and adds them, and does no more. */
@odata.type(Seller)
class Sellers extends ODataController {
  @odata.GET
  find(): Seller[] {
    return [];
  }

  @odata.POST
  insert(): void {}

  put(): void {}
}

@odata.namespace("Market")
@odata.controller(Offers, "Offers")
@odata.controller(Sellers, "Sellers")
class Market {}

describe("decorators of annotations", () => {
  const model = buildModel(readClasses(Market).source);
  const offer = model.types.get("Market.Offer") as EntityType;
  const said = (name: string) =>
    offer.properties.get(name)!.annotations.map(({ term, value }) => [term.slice("Org.OData.".length), value]);

  it("stand for the terms of the vocabularies", () => {
    expect(said("id")).to.deep.equal([["Core.V1.ComputedDefaultValue", true]]);
    expect(said("title")).to.deep.equal([
      ["Core.V1.Description", "What it is"],
      ["Core.V1.Immutable", true],
      ["Validation.V1.Pattern", "^[A-Z]"],
    ]);
    expect(said("weight")).to.deep.equal([
      ["Validation.V1.Minimum", 0],
      ["Validation.V1.Maximum", 100],
      ["Validation.V1.MultipleOf", 0.5],
      ["Measures.V1.Unit", "kg"],
    ]);
    expect(said("since")).to.deep.equal([["Validation.V1.Minimum", "2000-01-01"]]);
    expect(said("state")).to.deep.equal([
      ["Validation.V1.AllowedValues", [{ Value: "new" }, { Value: "used" }, { Value: null }]],
    ]);
    expect(said("tags")).to.deep.equal([
      ["Validation.V1.MinItems", 1],
      ["Validation.V1.MaxItems", 3],
    ]);
    expect(said("price")).to.deep.equal([
      ["Core.V1.Permissions", "Read"],
      ["Measures.V1.ISOCurrency", "EUR"],
    ]);
    expect(said("logo")).to.deep.equal([["Core.V1.MediaType", "image/svg+xml"]]);
    expect(model.types.get("Market.Seller")).to.have.nested.property("annotations[0].value", "Who sells");
  });

  it("restrict an entity set from its controller", () => {
    const set = model.container.entitySets.get("Offers")!;
    const { capabilities } = placeOf(set, model.container);
    expect(capabilities.insert).to.deep.include({ insertable: true, required: ["title"] });
    expect([capabilities.update.updatable, capabilities.delete.deletable]).to.deep.equal([false, false]);
    expect(capabilities.changeTracking).to.deep.include({ supported: true, filterable: new Set(["title"]) });
    expect(set.annotations.find(({ term }) => term === terms.changeTracking)?.value).to.deep.equal({
      Supported: true,
      FilterableProperties: ["title"],
    });
  });

  it("are completed by what the methods of a controller written by hand cannot do", () => {
    const { entitySets } = model.container;
    const { insert, update, delete: remove } = placeOf(entitySets.get("Sellers")!, model.container).capabilities;
    expect(insert).to.deep.include({ insertable: true, typecastSegment: false });
    expect(update).to.deep.include({ updatable: true, put: true, patch: false, upsertable: false, delta: false });
    expect(remove.deletable).to.equal(false);
  });

  it("make referential constraints of @Edm.ForeignKey, in the order of the key", () => {
    expect(offer.navigationProperties.get("seller")!.referentialConstraints).to.deep.equal([
      { property: "sellerId", referencedProperty: "id" },
      { property: "sellerCountry", referencedProperty: "country" },
    ]);
  });

  it("refuse a foreign key that does not fit the key", () => {
    class Bid {
      seller?: Seller;
    }
    odata.namespace("Market")(Bid);
    Edm.EntityType(Seller)(Bid.prototype, "seller");
    Edm.ForeignKey("sellerId")(Bid.prototype, "seller");
    class Service {}
    odata.namespace("Market")(Service);
    odata.types(Bid)(Service);
    expect(() => readClasses(Service)).to.throw(
      ModelError,
      "(sellerId) of 'Bid.seller' does not fit the key (id,country)",
    );
  });

  describe("are written", () => {
    before(needSchemas);

    for (const version of ["4.0", "4.01"] as const) {
      it(`to documents that conform to the schemas of OASIS (${version})`, async () => {
        expect(await xmlProblems(writeCsdlXml(model, { version }))).to.deep.equal([]);
        expect(jsonProblems(JSON.parse(writeCsdlJson(model, { version })) as object)).to.deep.equal([]);
      });
    }

    it("with annotations of their own", () => {
      expect(writeCsdlXml(model, { version: "4.01" })).to.match(
        /<Annotation Term="Validation.Minimum" Int="0">\s*<Annotation Term="Validation.Exclusive" Bool="true" \/>/,
      );
      const json = JSON.parse(writeCsdlJson(model, { version: "4.01" })) as {
        Market: { Offer: { weight: Record<string, unknown> } };
      };
      expect(json.Market.Offer.weight).to.include({
        "@Validation.Minimum": 0,
        "@Validation.Minimum@Validation.Exclusive": true,
      });
    });

    it("with references to all vocabularies that they use", () => {
      const xml = writeCsdlXml(model, { version: "4.01" });
      for (const name of ["Core", "Capabilities", "Validation", "Measures"]) {
        expect(xml).to.include(`<edmx:Include Namespace="Org.OData.${name}.V1" Alias="${name}" />`);
      }
    });
  });
});
