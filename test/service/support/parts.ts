import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn } from "typeorm";
import type { ServiceOptions } from "../../../src/index.js";
import { createService, Document, Edm, odata, TypeOrmController } from "../../../src/index.js";
import type { Answer } from "./bookshop.js";

/** Everything that can be written in parts: values within values, relationships of every kind, and what goes with what. */

@odata.namespace("Parts")
export class Spot {
  @Edm.Required @Edm.Double x!: number;
  @Edm.Required @Edm.Double y!: number;
}

@odata.namespace("Parts")
export class Address {
  @Edm.String street!: string | null;
  @Edm.String city!: string | null;
  @Edm.Required @Edm.DefaultValue(0) @Edm.Int32 floor!: number;
  @Edm.ComplexType(Spot) spot!: Spot | null;
  @Edm.Collection(Edm.String) names!: string[];
}

@odata.namespace("Parts")
export class CompanyAddress extends Address {
  @Edm.String company!: string | null;
}

export const colour = Edm.enumeration("Parts.colour", { red: 1, green: 2, blue: 4 }, { flags: true });

@Entity("owner")
@odata.namespace("Parts")
export class Owner {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text") @Edm.Required @Edm.String name!: string;

  @OneToMany(() => Part, (part) => part.owner)
  @Edm.Partner("owner")
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Part)))
  parts?: Part[];
}

@Entity("part")
@odata.namespace("Parts")
export class Part {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text") @Edm.Required @Edm.MaxLength(40) @Edm.String name!: string;
  @Column("text", { nullable: true }) @Edm.String note!: string | null;
  @Column("bigint", { nullable: true }) @Edm.Int64 big!: string | null;
  @Column("text", { nullable: true }) @Edm.Precision(20) @Edm.Scale(4) @Edm.Decimal price!: string | null;
  @Column("text", { nullable: true }) @Edm.DateTimeOffset at!: string | null;
  @Column("integer") @Edm.Required @Edm.DefaultValue(0) @Edm.Int32 count!: number;
  @Edm.Binary data!: string | null;
  @Edm.Annotate({ term: "Org.OData.Core.V1.MediaType", string: "image/svg+xml" }) @Edm.Binary logo!: string | null;
  @Edm.Boolean flag!: boolean | null;
  @Edm.EnumType(colour) colour!: string | null;
  @Edm.GeographyPoint place!: object | null;
  @Edm.Term("Org.OData.Core.V1.Immutable") @Edm.String serial!: string | null;
  @Column("integer") @Edm.Generated("revision") @Edm.Concurrency @Edm.Required @Edm.Int32 version!: number;

  /** In the document, and in a column. */
  @Edm.ComplexType(Address) address!: Address | null;
  @Column("text", { nullable: true }) @Edm.ComplexType(Address) home!: Address | null;
  @Edm.Collection(Edm.ComplexType(Address)) former!: Address[];
  @Edm.Collection(Edm.String) tags!: string[];
  @Column("text", { default: "[]" }) @Edm.Collection(Edm.Int32) marks!: number[];

  /** A foreign key that is a property, too. */
  @Column("integer", { nullable: true }) @Edm.Int32 ownerId!: number | null;
  @ManyToOne(() => Owner, (owner) => owner.parts, { onDelete: "SET NULL", nullable: true })
  @JoinColumn({ name: "ownerId" })
  @Edm.ReferentialConstraint("ownerId", "id")
  @Edm.Partner("parts")
  @Edm.EntityType(Edm.ForwardRef(() => Owner))
  owner?: Owner | null;

  /** Held by a property alone; the table knows nothing of it. */
  @Column("text", { nullable: true }) @Edm.String shelfCode!: string | null;
  @Edm.ReferentialConstraint("shelfCode", "code")
  @Edm.Partner("content")
  @Edm.EntityType(Edm.ForwardRef(() => Shelf))
  shelf?: Shelf | null;

  /** Links: in one direction, in both, and to one. */
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Part))) spares?: Part[];
  @Edm.Partner("usedIn") @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Part))) uses?: Part[];
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Part))) usedIn?: Part[];
  @Edm.Partner("husband") @Edm.EntityType(Edm.ForwardRef(() => Part)) wife?: Part | null;
  @Edm.Partner("wife") @Edm.EntityType(Edm.ForwardRef(() => Part)) husband?: Part | null;

  @Document() document!: string;
}

/** What it holds, it takes with it. */
@Entity("shelf")
@odata.namespace("Parts")
export class Shelf {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String code!: string;
  @Edm.Partner("shelf") @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Part))) content?: Part[];
}

/** Each of its navigation properties has another on-delete action. */
@Entity("box")
@odata.namespace("Parts")
export class Box {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Edm.OnDelete("Cascade") @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Box))) inner?: Box[];
  @Edm.OnDelete("None") @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Box))) needed?: Box[];
  @Edm.OnDelete("SetNull") @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Box))) loose?: Box[];
  @Edm.Contained @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Label))) labels?: Label[];
  @Edm.Contained @Edm.EntityType(Edm.ForwardRef(() => Label)) top?: Label | null;

  @OneToMany(() => Slot, (slot) => slot.box)
  @Edm.OnDelete("SetDefault")
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Slot)))
  slots?: Slot[];

  @OneToMany(() => Lock, (lock) => lock.box)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Lock)))
  locks?: Lock[];
}

/** Contained, and contains others of its kind. */
@Entity("label")
@odata.namespace("Parts")
export class Label {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Edm.Contained @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Label))) below?: Label[];
}

@Entity("slot")
@odata.namespace("Parts")
export class Slot {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("integer", { nullable: true }) @Edm.DefaultValue(1) @Edm.Int32 boxId!: number | null;
  @ManyToOne(() => Box, (box) => box.slots, { onDelete: "CASCADE", nullable: true })
  @JoinColumn({ name: "boxId" })
  @Edm.ReferentialConstraint("boxId", "id")
  @Edm.EntityType(Edm.ForwardRef(() => Box))
  box?: Box | null;
}

/** Cannot be without its box, and has a key of two properties. */
@Entity("lock")
@odata.namespace("Parts")
export class Lock {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String side!: string;
  @ManyToOne(() => Box, (box) => box.locks, { onDelete: "RESTRICT", nullable: false })
  @JoinColumn({ name: "boxId" })
  @Edm.Required
  @Edm.EntityType(Edm.ForwardRef(() => Box))
  box!: Box;
}

@odata.type(Owner)
class Owners extends TypeOrmController {}
@odata.type(Part)
class PartList extends TypeOrmController {}
@odata.type(Shelf)
class Shelves extends TypeOrmController {}
@odata.type(Box)
class Boxes extends TypeOrmController {}
@odata.type(Slot)
class Slots extends TypeOrmController {}
@odata.type(Lock)
class Locks extends TypeOrmController {}

@odata.namespace("Parts")
@odata.container("Container")
@odata.controller(Owners as never, "Owners")
@odata.controller(PartList as never, "Parts")
@odata.controller(Shelves as never, "Shelves")
@odata.controller(Boxes as never, "Boxes")
@odata.controller(Slots as never, "Slots")
@odata.controller(Locks as never, "Locks")
@odata.types(CompanyAddress)
export class PartsService {}

export const root = "http://example.org/parts/";

/** The service with what tests need around it. A request that is refused is answered like any other. */
export interface Parts {
  call(method: string, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export async function startParts(
  url: string,
  behaviour: Partial<Omit<ServiceOptions, "database">> = {},
): Promise<Parts> {
  const service = await createService(PartsService, { ...behaviour, database: { url, synchronous: "NORMAL" } });
  const call: Parts["call"] = async (method, path, body, headers = {}) => {
    const isJson = body !== undefined && typeof body !== "string" && !Buffer.isBuffer(body);
    const request = {
      method,
      url: path,
      headers: { ...(isJson ? { "content-type": "application/json" } : {}), ...headers },
      body: isJson ? JSON.stringify(body) : (body as string | Buffer | undefined),
      serviceRoot: root,
    };
    try {
      const answer = await service.handle(request);
      const chunks: Buffer[] = [];
      const { body: content } = answer;
      if (typeof content === "string" || Buffer.isBuffer(content)) chunks.push(Buffer.from(content as string));
      else if (content !== undefined) for await (const chunk of content) chunks.push(Buffer.from(chunk as string));
      return toAnswer(answer.status, answer.headers, Buffer.concat(chunks).toString());
    } catch (error) {
      const { status, headers: own, message, target } = error as Refused;
      if (status === undefined) throw error;
      return toAnswer(status, own ?? {}, JSON.stringify({ error: { message, target } }));
    }
  };
  return { call, get: (path, headers) => call("GET", path, undefined, headers), close: () => service.close() };
}

interface Refused extends Error {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly target?: string;
}

function toAnswer(status: number, headers: Readonly<Record<string, string>>, text: string): Answer {
  return {
    status,
    headers,
    text,
    streamed: false,
    get json() {
      return JSON.parse(text) as Answer["json"];
    },
  };
}
