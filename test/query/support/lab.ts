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
import { buildModel, Document, Edm, odata, readClasses, TypeOrmController } from "../../../src/index.js";

/** A model in which a property of every type is there as a column and in the document, and every kind of relationship. */

export const colour = Edm.enumeration("Lab.colour", { none: 0, red: 1, green: 2, blue: 5, black: -1 });
export const rights = Edm.enumeration("Lab.rights", { read: 1, write: 2, run: 4, all: 7 }, { flags: true });
export const weight = Edm.typeDefinition("Lab.weight", "Edm.Decimal", {});

type Decorator = (target: object, key: string) => void;

@odata.namespace("Lab")
export class Spot {
  @Edm.String name!: string | null;
  @Edm.Decimal size!: string | null;
}

@odata.namespace("Lab")
export class Place {
  @Edm.String city!: string | null;
  @Edm.Int32 zip!: number | null;
  @Edm.Int64 people!: string | null;
  @Edm.Decimal area!: string | null;
  @Edm.Double ratio!: number | null;
  @Edm.DateTimeOffset since!: string | null;
  @Edm.EnumType(colour) paint!: string | null;
  @Edm.Collection(Edm.String) words!: string[];
  @Edm.ComplexType(Spot) spot!: Spot | null;
  @Edm.Collection(Edm.ComplexType(Spot)) spots!: Spot[];
}

@odata.namespace("Lab")
export class Harbour extends Place {
  @Edm.Int32 depth!: number | null;
  @Edm.String city2!: string | null;
}

/** What is there once in a column (`c...`) and once in the document (`d...`), with the type of the column. */
export const everyType: readonly { readonly name: string; readonly column: string; readonly decorator: Decorator }[] = [
  { name: "String", column: "text", decorator: Edm.String },
  { name: "Boolean", column: "boolean", decorator: Edm.Boolean },
  { name: "Byte", column: "integer", decorator: Edm.Byte },
  { name: "SByte", column: "integer", decorator: Edm.SByte },
  { name: "Int16", column: "integer", decorator: Edm.Int16 },
  { name: "Int32", column: "integer", decorator: Edm.Int32 },
  { name: "Int64", column: "bigint", decorator: Edm.Int64 },
  { name: "Decimal", column: "text", decorator: Edm.Decimal },
  { name: "Weight", column: "text", decorator: Edm.TypeDefinition(weight) as Decorator },
  { name: "Single", column: "double precision", decorator: Edm.Single },
  { name: "Double", column: "double precision", decorator: Edm.Double },
  { name: "Guid", column: "text", decorator: Edm.Guid },
  { name: "Binary", column: "text", decorator: Edm.Binary },
  { name: "Date", column: "text", decorator: Edm.Date },
  { name: "TimeOfDay", column: "text", decorator: Edm.TimeOfDay },
  { name: "DateTimeOffset", column: "text", decorator: Edm.DateTimeOffset },
  { name: "Duration", column: "text", decorator: Edm.Duration },
  { name: "Colour", column: "text", decorator: Edm.EnumType(colour) as Decorator },
  { name: "Rights", column: "text", decorator: Edm.EnumType(rights) as Decorator },
  { name: "Point", column: "text", decorator: Edm.GeographyPoint },
  { name: "Line", column: "text", decorator: Edm.GeographyLineString },
  { name: "Area", column: "text", decorator: Edm.GeographyPolygon },
  { name: "Flat", column: "text", decorator: Edm.GeometryPoint },
  { name: "Place", column: "text", decorator: Edm.ComplexType(Place) as Decorator },
];

/** Collections of these, also in a column and in the document. */
export const everyItem: readonly { readonly name: string; readonly element: unknown }[] = [
  { name: "Strings", element: Edm.String },
  { name: "Int32s", element: Edm.Int32 },
  { name: "Int64s", element: Edm.Int64 },
  { name: "Decimals", element: Edm.Decimal },
  { name: "Doubles", element: Edm.Double },
  { name: "Instants", element: Edm.DateTimeOffset },
  { name: "Colours", element: Edm.EnumType(colour) },
  { name: "Places", element: Edm.ComplexType(Place) },
];

/** Class decorator: a property of each type. */
function withEveryType(target: { readonly prototype: object }): void {
  const { prototype } = target;
  for (const { name, column, decorator } of everyType) {
    decorator(prototype, `c${name}`);
    Column(column as "text", { name: `c_${name.toLowerCase()}`, nullable: true })(prototype, `c${name}`);
    decorator(prototype, `d${name}`);
  }
  for (const { name, element } of everyItem) {
    (Edm.Collection(element as never) as Decorator)(prototype, `c${name}`);
    Column("text", { name: `c_${name.toLowerCase()}`, default: "[]" })(prototype, `c${name}`);
    (Edm.Collection(element as never) as Decorator)(prototype, `d${name}`);
  }
}

@Entity("item")
@TableInheritance({ column: { type: "text", name: "type" } })
@odata.namespace("Lab")
@withEveryType
export class Item {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text", { nullable: true }) @Edm.Searchable @Edm.String title!: string | null;
  @Edm.Searchable @Edm.String notes!: string | null;

  @Index()
  @ManyToOne(() => Owner, { onDelete: "SET NULL", nullable: true })
  @JoinColumn({ name: "owner_name" })
  @Edm.EntityType(Edm.ForwardRef(() => Owner))
  owner?: Owner | null;

  @OneToMany(() => Part, (part) => part.item)
  @Edm.Contained
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Part)))
  parts?: Part[];

  /** Links: no TypeORM relation. */
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Item))) related?: Item[];
  @Edm.EntityType(Edm.ForwardRef(() => Item)) friend?: Item | null;

  @Document() document!: string;
}

@ChildEntity("Widget")
@odata.namespace("Lab")
export class Widget extends Item {
  @Column("integer", { name: "w_column", nullable: true }) @Edm.Int32 wColumn!: number | null;
  @Edm.String wDocument!: string | null;
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Owner))) makers?: Owner[];
}

@ChildEntity("Gadget")
@odata.namespace("Lab")
export class Gadget extends Widget {
  @Edm.Decimal gDocument!: string | null;
}

@ChildEntity("Gizmo")
@odata.namespace("Lab")
export class Gizmo extends Item {
  @Edm.ComplexType(Place) zPlace!: Place | null;
}

/** Contained in an item. */
@Entity("part")
@odata.namespace("Lab")
export class Part {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.Guid code!: string;
  @Column("integer", { nullable: true }) @Edm.Int32 size!: number | null;
  @Edm.Decimal price!: string | null;
  @Edm.Double share!: number | null;
  @Edm.String label!: string | null;

  @Index()
  @ManyToOne(() => Item, { onDelete: "CASCADE", nullable: true })
  @JoinColumn({ name: "item_id" })
  item?: Item | null;

  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Owner))) suppliers?: Owner[];

  @Document() document!: string;
}

/** An open type, whose key is a text. */
@Entity("owner")
@odata.namespace("Lab")
@Edm.OpenType
export class Owner {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String name!: string;
  @Column("integer", { nullable: true }) @Edm.Concurrency @Edm.Int32 rank!: number | null;
  @Edm.Concurrency @Edm.Searchable @Edm.String motto!: string | null;

  @OneToMany(() => Item, (item) => item.owner)
  @Edm.Partner("owner")
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Item)))
  items?: Item[];

  @Document() document!: string;
}

@odata.type(Item)
class Items extends TypeOrmController {}
@odata.type(Owner)
class Owners extends TypeOrmController {}

@odata.namespace("Lab")
@odata.container("Container")
@odata.controller(Items as never, "Items")
@odata.controller(Owners as never, "Owners")
@odata.types(Widget, Gadget, Gizmo, Harbour, Part)
export class Lab {}

export const labModel = buildModel(readClasses(Lab).source);
