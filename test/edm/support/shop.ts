import { ODataController } from "odata-v4-server/build/lib/controller.js";
import { BaseEntity } from "typeorm";
import { Edm, odata } from "../../../src/edm/index.js";

export const Color = Edm.enumeration("Shop.Color", { red: 0, green: 1 });
export const Days = Edm.enumeration(
  "Shop.Types.Days",
  { monday: 1, tuesday: 2 },
  { flags: true, underlyingType: "Edm.Int64" },
);
export const Weight = Edm.typeDefinition("Shop.Types.Weight", "Edm.Decimal", { precision: 10, scale: 3 });

@odata.namespace("Shop.Types")
@Edm.OpenType
export class Address {
  @Edm.String street?: string;
  @Edm.EntityType(Edm.ForwardRef(() => Country)) country?: object;
}

export class Postbox extends Address {
  @Edm.Int32 box?: number;
}

/** A complex type that only a base class refers to. */
@odata.namespace("Shop")
export class Audit {
  @Edm.DateTimeOffset at?: string;
}

/** Extends a class of TypeORM's, which is no type of the model. */
@odata.namespace("Shop")
@Edm.Abstract
@Edm.OpenType
export abstract class Item extends BaseEntity {
  @Edm.Key @Edm.Generated("guid") @Edm.Guid id!: string;
  @Edm.ComplexType(Audit) audit?: Audit;
}

/** Without members of its own. */
@Edm.Abstract
export abstract class Goods extends Item {}

@Edm.MediaEntity("image/png")
@Edm.Term("Org.OData.Core.V1.Description", "What is sold")
@Edm.Annotate({ term: "Vendor.Label", string: "Product" })
export class Product extends Goods {
  @Edm.Required @Edm.MaxLength(40) @Edm.Unicode @Edm.DefaultValue("thing") @Edm.String name!: string;
  @Edm.Nullable @Edm.Precision(10) @Edm.Scale(2) @Edm.Decimal price?: string;
  @Edm.Computed @Edm.Int32 total?: number;
  @Edm.Computed @Edm.Term("Org.OData.Core.V1.Computed") @Edm.Int32 twice?: number;
  @Edm.Generated("modifiedAt") @Edm.DateTimeOffset changed?: string;
  @Edm.SRID(4326) @Edm.GeographyPoint where?: object;
  @Edm.Stream("image/png") photo?: object;

  @Edm.EnumType(Color) @Edm.DefaultValue("red") color?: string;
  @Edm.Collection(Edm.EnumType(Color)) colors?: string[];
  @Edm.EnumType(Days) days?: string;
  @Edm.TypeDefinition(Weight) weight?: string;
  @Edm.Collection(Edm.TypeDefinition(Weight)) weights?: string[];
  @Edm.Required @Edm.Collection(Edm.String) tags!: string[];

  @Edm.ComplexType(Address) address?: Address;
  @Edm.Collection(Edm.ComplexType(Address)) addresses?: Address[];

  @Edm.Term("Org.OData.Core.V1.Immutable")
  @Edm.Term("Org.OData.Core.V1.Description", "first", "web")
  @Edm.Annotate(
    { term: "Vendor.Hint", string: "text" },
    { term: "Vendor.Sortable", bool: "false" },
    { term: "Vendor.Rank", int: "3" },
  )
  @Edm.Annotate({ term: "Vendor.Tag", qualifier: "q" })
  @Edm.String
  note?: string;

  @Edm.EntityType(Edm.ForwardRef(() => Country))
  @Edm.Partner("products")
  @Edm.Required
  @Edm.ReferentialConstraint("name", "code")
  @Edm.OnDelete("SetNull")
  country!: object;

  @Edm.Contained @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Part))) parts?: object[];
}

@odata.namespace("Shop")
export class Country {
  @Edm.Key @Edm.String code!: string;
  @Edm.Partner("country") @Edm.Collection(Edm.EntityType(Product)) products?: Product[];
}

@odata.namespace("Shop")
export class Part {
  @Edm.Key @Edm.Int32 no!: number;
  @Edm.Key @Edm.String series!: string;
}

/** Nothing leads here but the service's `@odata.types`. */
export class Book extends Product {
  @Edm.String isbn?: string;
}

@odata.type(Product)
export class ProductsController extends ODataController {}

@odata.type(Country)
export class CountriesController extends ODataController {}

export class NamelessController extends ODataController {}

@odata.namespace("Shop")
@odata.container("ShopService")
@odata.controller(ProductsController, "Products")
@odata.controller(CountriesController, "Countries")
@odata.singleton("bestseller", Book)
@odata.singleton("home", Country)
@odata.types(Postbox, "no class", Color)
@odata.alias("s", "Shop")
export class Shop {}

/** Services that lack something. */
export namespace broken {
  export class NoNamespace {}

  @odata.namespace("Shop")
  @odata.controller(NamelessController, "Things")
  export class NoElementType {}

  class Homeless {
    @Edm.Key @Edm.String id!: string;
  }
  @odata.namespace("Shop")
  @odata.singleton("homeless", Homeless)
  export class TypeWithoutNamespace {}

  @odata.namespace("Shop")
  class Odd {
    @Edm.Key @Edm.String id!: string;
    @Edm.EnumType({ a: 1 }) plain?: string;
  }
  @odata.namespace("Shop")
  @odata.singleton("odd", Odd)
  export class PlainEnumeration {}

  const twin = () => {
    @odata.namespace("Shop")
    class Twin {
      @Edm.Key @Edm.String id!: string;
    }
    return Twin;
  };
  @odata.namespace("Shop")
  @odata.singleton("one", twin())
  @odata.singleton("other", twin())
  export class Twins {}
}
