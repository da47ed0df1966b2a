import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from "typeorm";
import type { HttpLimits, Service, ServiceOptions } from "../../src/index.js";
import { createServer, createService, Document, Edm, odata, TypeOrmController } from "../../src/index.js";
import { Client } from "./client.js";
import type { Driver } from "./graph-server.js";

/** A type with a name of its own over a decimal. */
export const weight = Edm.typeDefinition("Keys.Weight", "Edm.Decimal", { precision: 10, scale: 3 });

@odata.namespace("Keys")
export class Place {
  @Edm.String city!: string | null;
  @Edm.Int64 people!: string | null;
}

/** A key that is a text which the client chooses. */
@Entity("tag")
@odata.namespace("Keys")
export class Tag {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String name!: string;
  @Column("text", { nullable: true }) @Edm.String title!: string | null;
  @Column("text", { name: "bar_code", nullable: true, unique: true }) @Edm.String barCode!: string | null;

  /** No TypeORM relation: the link table. */
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Tag))) related?: Tag[];
  @Edm.EntityType(Edm.ForwardRef(() => Thing)) favourite?: Thing | null;
}

/** A key that is a number; everything that can go wrong with values. */
@Entity("thing")
@odata.namespace("Keys")
export class Thing {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 number!: number;
  @Column("bigint", { nullable: true }) @Edm.Int64 big!: string | null;
  @Edm.Int64 bigInDocument!: string | null;
  @Column("text", { nullable: true }) @Edm.Precision(40) @Edm.Scale(20) @Edm.Decimal price!: string | null;
  @Edm.Precision(40) @Edm.Scale(20) @Edm.Decimal priceInDocument!: string | null;
  @Column("text", { nullable: true }) @Edm.TypeDefinition(weight) weight!: string | null;
  @Column("real", { nullable: true }) @Edm.Double ratio!: number | null;
  @Column("text", { nullable: true }) @Edm.Precision(12) @Edm.DateTimeOffset at!: string | null;
  @Edm.Precision(12) @Edm.DateTimeOffset atInDocument!: string | null;
  @Column("boolean", { nullable: true }) @Edm.Boolean flag!: boolean | null;
  @Column("text", { nullable: true }) @Edm.ComplexType(Place) place!: Place | null;
  @Column("text", { default: "[]" }) @Edm.Collection(Edm.String) words!: string[];
  @Edm.Date day!: string | null;
  @Edm.Guid serial!: string | null;
  @Edm.Byte tiny!: number | null;
  @Edm.Int16 short!: number | null;

  @Index()
  @ManyToOne(() => Tag, { onDelete: "SET NULL", nullable: true })
  @JoinColumn({ name: "tag_name" })
  @Edm.EntityType(Edm.ForwardRef(() => Tag))
  tag?: Tag | null;

  /** No TypeORM relation, from a key that is a number. */
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Thing))) parts?: Thing[];

  @Document() document!: string;
}

/** A row that cannot be without the one it belongs to. */
@Entity("sticker")
@odata.namespace("Keys")
export class Sticker {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.Guid id!: string;
  /** Nullable for clients, but not for the table. */
  @Column("text") @Edm.DefaultValue("") @Edm.String text!: string | null;

  @Index()
  @ManyToOne(() => Tag, { onDelete: "RESTRICT", nullable: false })
  @JoinColumn({ name: "tag_name" })
  @Edm.Required
  @Edm.EntityType(Edm.ForwardRef(() => Tag))
  tag!: Tag;
}

/** A key of two properties. */
@Entity("translation")
@Unique(["text"])
@odata.namespace("Keys")
export class Translation {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 term!: number;
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String language!: string;
  @Column("text") @Edm.Required @Edm.String text!: string;

  /** A foreign key in a row whose own key has two columns. */
  @ManyToOne(() => Tag, { onDelete: "CASCADE", nullable: true })
  @JoinColumn({ name: "tag_name" })
  @Edm.EntityType(Edm.ForwardRef(() => Tag))
  tag?: Tag | null;
}

/** An open type. */
@Entity("note")
@odata.namespace("Keys")
@Edm.OpenType
export class Note {
  @PrimaryColumn("bigint") @Edm.Key @Edm.Required @Edm.Int64 id!: string;
  @Edm.String title!: string | null;
  @Document() document!: string;
}

@odata.type(Tag)
class Tags extends TypeOrmController {}
@odata.type(Thing)
class Things extends TypeOrmController {}
@odata.type(Sticker)
class Stickers extends TypeOrmController {}
@odata.type(Translation)
class Translations extends TypeOrmController {}
@odata.type(Note)
class Notes extends TypeOrmController {}

@odata.namespace("Keys")
@odata.container("Container")
@odata.controller(Tags as never, "Tags")
@odata.controller(Things as never, "Things")
@odata.controller(Stickers as never, "Stickers")
@odata.controller(Translations as never, "Translations")
@odata.controller(Notes as never, "Notes")
export class KeyedService {}

/** The classes that have tables. */
export const keyedEntities = [Tag, Thing, Sticker, Translation, Note];

/** The service behind a real listener, without authentication. */
export interface KeyedServer {
  readonly service: Service;
  readonly origin: string;
  /** The database's file. */
  readonly file: string;
  readonly client: Client;
  close(): Promise<void>;
}

export async function startKeyed(
  options: {
    driver?: Driver;
    url?: string;
    database?: Partial<ServiceOptions["database"]>;
    limits?: Partial<HttpLimits>;
  } = {},
): Promise<KeyedServer> {
  const folder = mkdtempSync(join(tmpdir(), "odatum-keyed-"));
  const file = join(folder, "store.db");
  const url = options.url ?? `${options.driver ?? "sqlite"}:${file}`;
  const service = await createService(KeyedService, { database: { url, synchronous: "NORMAL", ...options.database } });
  const server = createServer({
    host: "127.0.0.1",
    port: 0,
    services: [{ path: "/keys", handle: (request) => service.handle(request) }],
    limits: options.limits ?? {},
  });
  const { url: listening } = await server.listen();
  const origin = listening.replace(/\/$/, "");
  return {
    service,
    origin,
    file,
    client: new Client(origin, "/keys"),
    async close() {
      await server.close(1_000);
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
