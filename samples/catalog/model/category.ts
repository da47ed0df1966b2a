import { Edm, odata } from "odatum";
import { Column, Entity, OneToMany, PrimaryColumn } from "typeorm";
import { Product } from "./product.js";
import { namespace } from "./types.js";

@Entity("category")
@odata.namespace(namespace)
export class Category {
  @PrimaryColumn("text") @Edm.Key @Edm.Generated("guid") @Edm.Guid ID!: string;
  /** The database keeps it unique: a second category of the name is refused with 409. */
  @Column("text", { unique: true }) @Edm.Required @Edm.MaxLength(100) @Edm.String Name!: string;
  @Column("text", { nullable: true }) @Edm.MaxLength(500) @Edm.String Description!: string | null;

  @OneToMany(() => Product, (product) => product.Category)
  @Edm.Partner("Category")
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Product)))
  Products?: Product[];
}
