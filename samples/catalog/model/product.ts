import type { Session } from "odatum";
import { Document, Edm, odata } from "odatum";
import {
  ChildEntity,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  TableInheritance,
} from "typeorm";
import { Category } from "./category.js";
import { asPrice, withoutPercentage } from "./prices.js";
import { ProductDescription } from "./product-description.js";
import {
  Address,
  CalendarDate,
  ClockTime,
  Dimensions,
  namespace,
  ProcessingDuration,
  ProductStatus,
  ShippingDuration,
  TimeOffset,
} from "./types.js";

/** The name of what an operation is bound to. */
const binding = "bindingParameter";

/**
 * What the shop sells. What requests filter and sort by has a column; the rest lies in the document, the ties between
 * related products in the table of links.
 */
@Entity("product")
@TableInheritance({ column: { type: "text", name: "ProductType" } })
@odata.namespace(namespace)
export class Product {
  @PrimaryColumn("text") @Edm.Key @Edm.Generated("guid") @Edm.Guid ID!: string;

  @Edm.Description("What customers know the product by")
  @Index()
  @Column("text")
  @Edm.Required
  @Edm.MaxLength(100)
  @Edm.Searchable
  @Edm.String
  Name!: string;

  @Edm.Description("What there is to say of the product, in a sentence or two")
  @Edm.MaxLength(500)
  @Edm.String
  Description!: string | null;

  @Index()
  @Column("double precision")
  @Edm.Required
  @Edm.Precision(10)
  @Edm.Scale(2)
  @Edm.Double
  Price!: number;

  @Column("integer") @Edm.Required @Edm.Byte Rating!: number;
  @Column("integer") @Edm.Required @Edm.SByte Temperature!: number;
  @Column("integer") @Edm.Required @Edm.Int16 Quantity!: number;
  @Column("double precision") @Edm.Required @Edm.Single Weight!: number;
  @Edm.Binary Data!: string | null;

  @Column("text", { nullable: true }) @Edm.TypeDefinition(CalendarDate) ReleaseDate!: string | null;
  @Column("text", { nullable: true }) @Edm.TypeDefinition(ClockTime) OpenTime!: string | null;
  @Column("text", { nullable: true }) @Edm.TypeDefinition(ShippingDuration) ShippingTime!: string | null;
  @Column("text", { nullable: true }) @Edm.TypeDefinition(ProcessingDuration) ProcessingTime!: string | null;
  @Column("text", { nullable: true }) @Edm.TypeDefinition(TimeOffset) Offset!: string | null;

  @Index() @Column("text", { nullable: true }) @Edm.Guid CategoryID!: string | null;
  @Column("text") @Edm.Required @Edm.EnumType(ProductStatus) Status!: string;
  @Column("integer") @Edm.Required @Edm.Concurrency @Edm.Generated("revision") @Edm.Int32 Version!: number;
  @Column("text") @Edm.Required @Edm.Generated("createdAt") @Edm.Precision(12) @Edm.DateTimeOffset CreatedAt!: string;

  @Edm.Description("What the maker counts its pieces by")
  @Edm.Immutable
  @Edm.MaxLength(50)
  @Edm.String
  SerialNumber!: string | null;

  /** Tells the types apart; the service sets it to the type of the entity. */
  @Column("text") @Edm.Computed @Edm.MaxLength(50) @Edm.String ProductType!: string;

  @Edm.ComplexType(Address) ShippingAddress!: Address | null;
  @Edm.ComplexType(Dimensions) Dimensions!: Dimensions | null;
  @Edm.SRID(4326) @Edm.GeographyPoint Location!: object | null;
  @Edm.SRID(4326) @Edm.GeographyLineString Route!: object | null;
  @Edm.SRID(4326) @Edm.GeographyPolygon Area!: object | null;
  @Edm.Stream Photo!: unknown;

  @ManyToOne(() => Category, (category) => category.Products, { nullable: true, onDelete: "SET NULL" })
  @JoinColumn({ name: "CategoryID" })
  @Edm.Partner("Products")
  @Edm.ForeignKey("CategoryID")
  @Edm.EntityType(Edm.ForwardRef(() => Category))
  Category?: Category | null;

  @OneToMany(() => ProductDescription, (description) => description.Product)
  @Edm.Partner("Product")
  @Edm.OnDelete("Cascade")
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => ProductDescription)))
  Descriptions?: ProductDescription[];

  /** Many to many: it has no TypeORM relation, so the table of links keeps it. */
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Product))) RelatedProducts?: Product[];

  @Document() document!: string;

  // The operations that are bound to one product; `this` is the product.

  @Edm.Function(Edm.Double)
  @Edm.Required
  GetTotalPrice(@Edm.Required @Edm.Double taxRate: number): number {
    return asPrice(this.Price * (1 + taxRate));
  }

  /** Other products of the same category, five at most. */
  @Edm.Composable
  @Edm.EntitySetPath(`${binding}/RelatedProducts`)
  @Edm.Function(Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Product))))
  async GetRelatedProducts(@odata.session session: Session): Promise<Product[]> {
    if (this.CategoryID === null) return [];
    const filter = `CategoryID eq ${this.CategoryID} and ID ne ${this.ID}`;
    return session.list<Product>(`Products?$filter=${encodeURIComponent(filter)}&$orderby=Name&$top=5`);
  }

  @Edm.Function(Edm.Double)
  @Edm.Required
  CalculatePrice(@Edm.Required @Edm.Double discount: number): number {
    return asPrice(this.Price * withoutPercentage(discount, "discount"));
  }

  @Edm.OperationName("CalculatePrice")
  @Edm.Function(Edm.Double)
  @Edm.Required
  calculatePriceWithTax(@Edm.Required @Edm.Double discount: number, @Edm.Required @Edm.Double tax: number): number {
    return asPrice(this.Price * withoutPercentage(discount, "discount") * (1 + tax / 100));
  }

  @Edm.Function(Edm.String)
  @Edm.Required
  GetInfo(@Edm.Required @Edm.String format: string): string {
    const { Name, Price, Status } = this;
    return format === "json" ? JSON.stringify({ Name, Price, Status }) : `${Name}: ${Price.toFixed(2)} (${Status})`;
  }

  @Edm.EntitySetPath(binding)
  @Edm.Action(Edm.EntityType(Edm.ForwardRef(() => Product)))
  async ApplyDiscount(
    @Edm.Required @Edm.Double percentage: number,
    @odata.session session: Session,
  ): Promise<Product | undefined> {
    const Price = asPrice(this.Price * withoutPercentage(percentage, "percentage"));
    return session.update<Product>(`Products(${this.ID})`, { Price });
  }

  @Edm.Action
  async IncreasePrice(@Edm.Required @Edm.Double amount: number, @odata.session session: Session): Promise<void> {
    await session.update(`Products(${this.ID})`, { Price: asPrice(this.Price + amount) });
  }

  /** The product is sold again. */
  @Edm.Action
  async Activate(@odata.session session: Session): Promise<void> {
    const members = this.Status.split(",").filter((member) => !["None", "Discontinued", "InStock"].includes(member));
    await session.update(`Products(${this.ID})`, { Status: ["InStock", ...members].join(",") });
  }

  /** How much a discount would take from the price. */
  @Edm.Action(Edm.Double)
  @Edm.Required
  CalculateDiscount(@Edm.Required @Edm.Double percentage: number): number {
    return asPrice(this.Price * (1 - withoutPercentage(percentage, "percentage")));
  }
}

@ChildEntity()
@odata.namespace(namespace)
export class SpecialProduct extends Product {
  @Edm.MaxLength(200) @Edm.String SpecialProperty!: string | null;
  @Edm.MaxLength(100) @Edm.String SpecialFeature!: string | null;
}
