import { Edm, odata } from "odatum";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { namespace } from "./types.js";

/** A media entity: the content of any type is the entity's, and its properties tell of it. */
@Entity("media_item")
@odata.namespace(namespace)
@Edm.MediaEntity("*/*")
export class MediaItem {
  @PrimaryColumn("text") @Edm.Key @Edm.Generated("guid") @Edm.Guid ID!: string;
  @Column("text") @Edm.Required @Edm.MaxLength(100) @Edm.String Name!: string;
  @Column("text")
  @Edm.Required
  @Edm.MaxLength(100)
  @Edm.MediaFact("contentType")
  @Edm.String
  ContentType!: string;
  @Column("bigint", { nullable: true }) @Edm.MediaFact("size") @Edm.Int64 Size!: string | null;
  @Column("text") @Edm.Required @Edm.Generated("createdAt") @Edm.Precision(12) @Edm.DateTimeOffset CreatedAt!: string;
  @Column("text") @Edm.Required @Edm.Generated("modifiedAt") @Edm.Precision(12) @Edm.DateTimeOffset ModifiedAt!: string;
}

/** Its entity set takes no changes. */
@Entity("read_only_item")
@odata.namespace(namespace)
export class ReadOnlyItem {
  @PrimaryColumn("text") @Edm.Key @Edm.Generated("guid") @Edm.Guid ID!: string;
  @Column("text") @Edm.Required @Edm.MaxLength(100) @Edm.String Name!: string;
}

@Entity("decimal_sample")
@odata.namespace(namespace)
export class DecimalSample {
  @PrimaryColumn("text") @Edm.Key @Edm.Generated("guid") @Edm.Guid ID!: string;
  @Column("text") @Edm.Required @Edm.MaxLength(100) @Edm.String Name!: string;
  /** Kept as text, so that no digit is lost. */
  @Column("text") @Edm.Required @Edm.Precision(38) @Edm.Scale(18) @Edm.Decimal Amount!: string;
}
