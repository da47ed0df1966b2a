import { Edm, odata } from "odatum";
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { Product } from "./product.js";
import { namespace } from "./types.js";

/** A product in the words of one language: its key has two parts, of which one is the product's. */
@Entity("product_description")
@odata.namespace(namespace)
export class ProductDescription {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.Guid ProductID!: string;
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.MaxLength(2) @Edm.String LanguageKey!: string;
  @Column("text") @Edm.Required @Edm.MaxLength(500) @Edm.Searchable @Edm.String Description!: string;
  @Column("text", { nullable: true }) @Edm.MaxLength(2000) @Edm.Searchable @Edm.String LongText!: string | null;
  @Column("text", { nullable: true }) @Edm.String CustomName!: string | null;

  @ManyToOne(() => Product, (product) => product.Descriptions, { nullable: false, onDelete: "CASCADE" })
  @JoinColumn({ name: "ProductID" })
  @Edm.Required
  @Edm.Partner("Descriptions")
  @Edm.ForeignKey("ProductID")
  @Edm.EntityType(Edm.ForwardRef(() => Product))
  Product?: Product;
}
