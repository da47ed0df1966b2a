import { Edm, odata } from "odatum";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { namespace } from "./types.js";

/** The type of the singleton: the company that runs the shop. */
@Entity("company")
@odata.namespace(namespace)
export class CompanyInfo {
  @PrimaryColumn("text") @Edm.Key @Edm.Generated("guid") @Edm.Guid ID!: string;
  @Column("text") @Edm.Required @Edm.MaxLength(200) @Edm.String Name!: string;
  @Column("text") @Edm.Required @Edm.MaxLength(100) @Edm.String CEO!: string;
  @Column("integer") @Edm.Required @Edm.Int32 Founded!: number;
  @Column("text") @Edm.Required @Edm.MaxLength(200) @Edm.String HeadQuarter!: string;
  @Column("text") @Edm.Required @Edm.MaxLength(100) @Edm.String Website!: string;
  @Column("text", { nullable: true }) @Edm.MediaType("image/svg+xml") @Edm.Binary Logo!: string | null;
  @Column("integer") @Edm.Required @Edm.Concurrency @Edm.Generated("revision") @Edm.Int32 Version!: number;
  @Column("text") @Edm.Required @Edm.Generated("modifiedAt") @Edm.Precision(12) @Edm.DateTimeOffset UpdatedAt!: string;
}
