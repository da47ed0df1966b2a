import { expect } from "chai";
import { writeCsdlJson } from "../../src/edm/csdl/index.js";
import { buildModel } from "../../src/edm/index.js";
import { awkward, everything } from "./support/everything.js";

interface Members {
  readonly [name: string]: Members;
}

/** The document as plain objects. That it conforms to its schema is a test of its own. */
function parse(version: "4.0" | "4.01"): Members {
  return JSON.parse(writeCsdlJson(buildModel(everything), { version })) as Members;
}

describe("CSDL documents in JSON", () => {
  const document = parse("4.01");
  const types = document["Shop.Types"]!;
  const shop = document.Shop!;
  const product = shop.Product!;

  it("refer to the vocabularies that they use", () => {
    expect(document.$Reference).to.deep.equal(
      Object.fromEntries(
        ["Core", "Capabilities", "Validation"].map((alias) => [
          `https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.${alias}.V1.json`,
          { $Include: [{ $Namespace: `Org.OData.${alias}.V1`, $Alias: alias }] },
        ]),
      ),
    );
  });

  it("write enumerations and type definitions", () => {
    expect(types.Days).to.deep.equal({
      $Kind: "EnumType",
      $UnderlyingType: "Edm.Int64",
      $IsFlags: true,
      monday: 1,
      tuesday: 2,
    });
    expect(types.Color).to.deep.equal({ $Kind: "EnumType", "@Core.Description": awkward, red: 0, none: -1 });
    expect(types.Code).to.deep.equal({
      $Kind: "TypeDefinition",
      $UnderlyingType: "Edm.String",
      $MaxLength: 8,
      $Unicode: false,
      "@Core.Description": "A code",
    });
    expect(types.Money).to.deep.equal({ $Kind: "TypeDefinition", $UnderlyingType: "Edm.Decimal" });
  });

  it("write structured types", () => {
    expect(product).to.deep.include({
      $Kind: "EntityType",
      $Abstract: true,
      $OpenType: true,
      $HasStream: true,
      $Key: ["id", "part"],
    });
    expect(Object.keys(shop.Book!)).to.deep.equal(["$Kind", "$BaseType", "isbn", "sequel"]);
    expect(types.Postbox).to.deep.equal({ $Kind: "ComplexType", $BaseType: "Shop.Types.Address" });
    expect(shop.$Alias).to.equal("S");
  });

  it("write properties, nullable where it is said", () => {
    expect(product.notes).to.deep.equal({ $Nullable: true });
    expect(product.required).to.deep.equal({});
    expect(product.part).to.deep.equal({ $Type: "Edm.Int32" });
    expect(product.tags).to.deep.equal({ $Collection: true, $Nullable: true });
    expect(product.colors).to.deep.equal({ $Type: "Shop.Types.Color", $Collection: true });
    expect(product.id).to.deep.equal({ $Type: "Edm.Guid", "@Core.Computed": true });
    expect(Object.keys(product)).to.include("__proto__");
  });

  it("write facets and default values", () => {
    expect(product.name).to.deep.equal({ $Nullable: true, $MaxLength: 40, $Unicode: false, $DefaultValue: awkward });
    expect(product.price).to.deep.equal({
      $Type: "Edm.Decimal",
      $Nullable: true,
      $Precision: 10,
      $Scale: 2,
      $DefaultValue: 1.5,
    });
    expect(product.ratio).to.deep.equal({ $Type: "Edm.Decimal", $Nullable: true });
    expect(product.variable).to.deep.equal({ $Type: "Edm.Decimal", $Nullable: true, $Precision: 7 });
    expect(product.floating).to.include({ $Scale: "floating" });
    expect(product.where).to.include({ $SRID: "4326" });
    expect(product.active).to.include({ $DefaultValue: false });
    expect(product.count).to.include({ $DefaultValue: 0 });
    for (const name of ["address", "addresses"]) expect(product[name]).to.not.have.any.keys("$DefaultValue");
  });

  it("leave out for 4.0 what only 4.01 knows", () => {
    const old = parse("4.0").Shop!.Product!;
    expect(old.floating).to.not.have.any.keys("$Scale");
    expect(old).to.not.have.any.keys("anything");
    expect(product.anything).to.deep.equal({ $Type: "Edm.Untyped", $Nullable: true });
  });

  it("write navigation properties", () => {
    expect(product.country).to.deep.equal({
      $Kind: "NavigationProperty",
      $Type: "Shop.Country",
      $Partner: "products",
      $ReferentialConstraint: { name: "code" },
      $OnDelete: "Cascade",
      "@Core.Description": "Where from",
    });
    expect(product.parts).to.deep.equal({
      $Kind: "NavigationProperty",
      $Type: "Shop.Part",
      $Collection: true,
      $ContainsTarget: true,
    });
    expect(shop.Book!.sequel).to.deep.equal({ $Kind: "NavigationProperty", $Type: "Shop.Book", $Nullable: true });
  });

  it("write the container with its bindings", () => {
    const container = shop.Container!;
    expect(Object.keys(container)).to.deep.equal([
      "$Kind",
      "@Capabilities.ConformanceLevel",
      "@Capabilities.SupportedFormats",
      "@Capabilities.KeyAsSegmentSupported",
      "Products",
      "Countries",
      "bestseller",
      "Top",
      "reset",
      "anything",
    ]);
    expect(container.Products!.$NavigationPropertyBinding).to.include({
      "Shop.Book/sequel": "Products",
      "parts/maker": "Countries",
    });
    expect(container.bestseller).to.include({ $Type: "Shop.Book", "@Core.Description": "The one" });
  });

  it("write operations, the overloads of a name in an array", () => {
    expect(shop.top).to.deep.equal([
      { $Kind: "Function", $ReturnType: { $Type: "Shop.Product", $Collection: true }, "@Core.Description": "The best" },
      {
        $Kind: "Function",
        $IsBound: true,
        $EntitySetPath: "from/products",
        $IsComposable: true,
        $Parameter: [
          { $Name: "from", $Type: "Shop.Country" },
          {
            $Name: "count",
            $Type: "Edm.Int32",
            $Nullable: true,
            "@Core.OptionalParameter": { DefaultValue: "10" },
          },
        ],
        $ReturnType: { $Type: "Shop.Product", $Collection: true },
      },
    ]);
    expect(shop.label).to.deep.equal([
      {
        $Kind: "Action",
        $IsBound: true,
        $Parameter: [
          { $Name: "products", $Type: "Shop.Product", $Collection: true },
          { $Name: "texts", $Collection: true, $MaxLength: 40 },
          { $Name: "weight", $Type: "Edm.Decimal", $Precision: 10, $Scale: 2 },
        ],
        $ReturnType: { $MaxLength: 8, "@Validation.Pattern": "^[A-Z]*$" },
      },
    ]);
    expect(shop.reset).to.deep.equal([{ $Kind: "Action" }]);
  });

  it("write imports", () => {
    const container = shop.Container!;
    expect(container.Top).to.deep.equal({
      $Function: "Shop.top",
      $EntitySet: "Products",
      $IncludeInServiceDocument: true,
      "@Core.Description": "The best",
    });
    expect(container.reset).to.deep.equal({ $Action: "Shop.reset" });
  });

  it("leave out for 4.0 operations with types that only 4.01 knows, and their imports", () => {
    expect(shop).to.include.keys("anything");
    expect(shop.Container).to.include.keys("anything");
    const older = parse("4.0").Shop!;
    expect(older).to.not.include.keys("anything");
    expect(older.Container).to.not.include.keys("anything");
  });

  it("write annotations with qualifiers, and their values as they are", () => {
    expect(product).to.deep.include({
      "@Core.OptimisticConcurrency": ["changed"],
      "@Core.LongDescription#web": awkward,
      "@Vendor.Rating": 4.5,
      "@Core.Example": null,
    });
    expect(shop.Book!.isbn).to.include({ "@Core.Permissions": "Read,Write", "@Core.Immutable": true });
  });
});
