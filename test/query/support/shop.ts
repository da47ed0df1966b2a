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
import { Edm, odata } from "../../../src/edm/index.js";
import { Document } from "../../../src/storage/index.js";

/** A small shop: enough for every shape of a statement. */

@odata.namespace("Shop")
export class Geo {
  @Edm.Double lat!: number | null;
  @Edm.Double lon!: number | null;
}

@odata.namespace("Shop")
export class Address {
  @Edm.String street!: string | null;
  @Edm.String city!: string | null;
  @Edm.ComplexType(Geo) geo!: Geo | null;
  @Edm.Collection(Edm.String) lines!: string[];
}

@odata.namespace("Shop")
export class PostBox extends Address {
  @Edm.Int32 box!: number | null;
}

@odata.namespace("Shop")
@Edm.OpenType
export class Phone {
  @Edm.String kind!: string | null;
  @Edm.String number!: string | null;
}

/** An open type, with everything that can be in a document. */
@Entity("customer")
@odata.namespace("Shop")
@Edm.OpenType
@Edm.AlternateKey("name")
@Edm.AlternateKey({ name: "motto", alias: "says" })
export class Customer {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text") @Edm.Required @Edm.Searchable @Edm.String name!: string;
  @Index() @Column("text", { nullable: true }) @Edm.String country!: string | null;
  @Column("integer", { nullable: true }) @Edm.Concurrency @Edm.Int32 version!: number | null;
  @Column("text", { nullable: true }) @Edm.Concurrency @Edm.DateTimeOffset changed!: string | null;
  @Column("text", { nullable: true }) @Edm.ComplexType(Address) home!: Address | null;
  @Edm.ComplexType(Address) work!: Address | null;
  @Edm.Collection(Edm.String) tags!: string[];
  @Edm.Collection(Edm.Int32) scores!: number[];
  @Edm.Collection(Edm.ComplexType(Phone)) phones!: Phone[];
  @Edm.Collection(Edm.ComplexType(Address)) others!: Address[];
  @Edm.Concurrency @Edm.String motto!: string | null;

  @OneToMany(() => Sale, (sale) => sale.customer)
  @Edm.Partner("customer")
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Sale)))
  sales?: Sale[];

  /** Links: no TypeORM relation. */
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Customer))) friends?: Customer[];
  @Edm.EntityType(Edm.ForwardRef(() => Customer)) boss?: Customer | null;
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Product))) wishes?: Product[];

  @Document() document!: string;
}

@Entity("product")
@TableInheritance({ column: { type: "text", name: "type" } })
@odata.namespace("Shop")
export class Product {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String code!: string;
  @Column("text", { nullable: true }) @Edm.String label!: string | null;
  @Column("text", { nullable: true }) @Edm.Decimal price!: string | null;
  @Document() document!: string;
}

@ChildEntity("Book")
@odata.namespace("Shop")
export class Book extends Product {
  @Column("integer", { nullable: true }) @Edm.Concurrency @Edm.Int32 edition!: number | null;
  @Edm.Collection(Edm.String) authors!: string[];
  @Edm.ComplexType(Address) about!: Address | null;
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Product))) sequels?: Product[];
}

@ChildEntity("Gadget")
@odata.namespace("Shop")
export class Gadget extends Product {
  @Edm.Int32 volts!: number | null;
  @Edm.ComplexType(Geo) about!: Geo | null;
}

@Entity("sale")
@odata.namespace("Shop")
export class Sale {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text", { nullable: true }) @Edm.Decimal amount!: string | null;
  @Index() @Column("integer", { nullable: true }) @Edm.Int32 quantity!: number | null;
  @Index() @Column("integer") @Edm.Required @Edm.Int32 rank!: number;
  @Column("bigint", { nullable: true }) @Edm.Int64 big!: string | null;
  @Column("double precision", { nullable: true }) @Edm.Double weight!: number | null;
  @Column("boolean", { nullable: true }) @Edm.Boolean paid!: boolean | null;
  @Column("text", { nullable: true }) @Edm.DateTimeOffset at!: string | null;
  @Edm.Duration took!: string | null;
  @Edm.String note!: string | null;

  @Index()
  @ManyToOne(() => Customer, { nullable: true })
  @JoinColumn({ name: "customer_id" })
  @Edm.Partner("sales")
  @Edm.EntityType(Edm.ForwardRef(() => Customer))
  customer?: Customer | null;

  @Index()
  @ManyToOne(() => Product, { nullable: true })
  @JoinColumn({ name: "product_code" })
  @Edm.EntityType(Edm.ForwardRef(() => Product))
  product?: Product | null;

  @Document() document!: string;
}

@odata.type(Customer)
class Customers {}
@odata.type(Product)
class Products {}
@odata.type(Sale)
class Sales {}

@odata.namespace("Shop")
@odata.container("Container")
@odata.controller(Customers as never, "Customers")
@odata.controller(Products as never, "Products")
@odata.controller(Sales as never, "Sales")
@odata.types(PostBox, Book, Gadget)
export class Shop {}

export const shopEntities = [Customer, Product, Book, Gadget, Sale];
