import { Column, Entity, Index, JoinColumn, ManyToOne, OneToMany, PrimaryColumn } from "typeorm";
import { Edm, odata } from "../../src/edm/index.js";
import { TypeOrmController } from "../../src/service/controller.js";
import { Document } from "../../src/storage/index.js";

/** Media entities whose properties follow their content. */
@Entity("picture")
@odata.namespace("Gallery")
@Edm.MediaEntity("*/*")
export class Picture {
  @PrimaryColumn("text") @Edm.Generated("guid") @Edm.Key @Edm.Required @Edm.Guid id!: string;
  @Column("text") @Edm.MediaFact("slug") @Edm.MaxLength(20) @Edm.Required @Edm.String name!: string;
  @Column("text") @Edm.MediaFact("contentType") @Edm.MaxLength(60) @Edm.Required @Edm.String mediaType!: string;
  @Column("bigint", { nullable: true }) @Edm.MediaFact("size") @Edm.Int64 bytes!: string | null;
  @Column("text") @Edm.Generated("modifiedAt") @Edm.Required @Edm.Precision(6) @Edm.DateTimeOffset changed!: string;

  @Index()
  @ManyToOne(() => Artist, (artist) => artist.pictures, { onDelete: "CASCADE", nullable: true })
  @JoinColumn({ name: "artist_id" })
  @Edm.EntityType(Edm.ForwardRef(() => Artist))
  artist?: Artist | null;
}

/** An entity with stream properties, an ETag, and no document. */
@Entity("artist")
@odata.namespace("Gallery")
export class Artist {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text", { nullable: true }) @Edm.String name!: string | null;
  @Column("integer") @Edm.Generated("revision") @Edm.Concurrency @Edm.Required @Edm.Int32 version!: number;
  @Column("integer", { nullable: true }) @Edm.MediaFact("size", "portrait") @Edm.Int32 portraitSize!: number | null;
  @Edm.Stream("image/*") portrait!: unknown;
  @Edm.Required @Edm.Stream voice!: unknown;

  @OneToMany(() => Picture, (picture) => picture.artist)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Picture)))
  pictures?: Picture[];
}

/** A stream property beside a document, below a key of two parts. */
@Entity("page")
@odata.namespace("Gallery")
export class Page {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String book!: string;
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 number!: number;
  @Edm.String title!: string | null;
  @Edm.Stream scan!: unknown;
  @Document() document!: string;
}

@odata.type(Picture)
class Pictures extends TypeOrmController {}
@odata.type(Artist)
class Artists extends TypeOrmController {}
@odata.type(Page)
class Pages extends TypeOrmController {}

@odata.namespace("Gallery")
@odata.container("Rooms")
@odata.controller(Pictures as never, "Pictures")
@odata.controller(Artists as never, "Artists")
@odata.controller(Pages as never, "Pages")
export class Gallery {}
