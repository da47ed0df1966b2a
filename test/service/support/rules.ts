import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn } from "typeorm";
import { Document, Edm, odata, TypeOrmController } from "../../../src/index.js";

/** What annotations allow and forbid. */

const validation = "Org.OData.Validation.V1";
const core = "Org.OData.Core.V1";
const capabilities = "Org.OData.Capabilities.V1";

export const grade = Edm.enumeration("Rules.grade", { low: 0, middle: 1, high: 2 });

@odata.namespace("Rules")
export class Size {
  @Edm.Term(`${validation}.Minimum`, 1) @Edm.Required @Edm.DefaultValue(1) @Edm.Int32 length!: number;
  @Edm.Term(`${core}.Permissions`, "Read") @Edm.String unit!: string | null;
}

@Entity("article")
@odata.namespace("Rules")
export class Article {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.Generated("guid") @Edm.Guid id!: string;
  @Column("text")
  @Edm.Required
  @Edm.MaxLength(10)
  @Edm.Term(`${validation}.Pattern`, "^[A-Z]")
  @Edm.String
  name!: string;
  @Edm.Term(`${validation}.Minimum`, 0)
  @Edm.Term(`${validation}.Maximum`, 100)
  @Edm.Term(`${validation}.MultipleOf`, 0.05)
  @Edm.Precision(10)
  @Edm.Scale(2)
  @Edm.Decimal
  price!: string | null;
  @Edm.Minimum(-5, { exclusive: true }) @Edm.Term(`${validation}.Maximum`, 5) @Edm.Double rating!: number | null;
  @Edm.Term(`${validation}.Minimum`, "2000-01-01") @Edm.Date since!: string | null;
  @Edm.Term(`${validation}.Maximum`, "PT1H") @Edm.Duration takes!: string | null;
  @Edm.Term(`${validation}.AllowedValues`, [{ Value: "red" }, { Value: "green" }]) @Edm.String colour!: string | null;
  @Edm.Term(`${validation}.AllowedValues`, [{ Value: "low" }, { Value: "high" }])
  @Edm.EnumType(grade)
  grade!: string | null;
  @Edm.Term(`${validation}.MinItems`, 1)
  @Edm.Term(`${validation}.MaxItems`, 3)
  @Edm.Term(`${validation}.Pattern`, "^\\w+$")
  @Edm.Collection(Edm.String)
  tags!: string[];
  @Edm.ComplexType(Size) size!: Size | null;
  @Edm.Term(`${core}.Permissions`, "Read") @Edm.DefaultValue("fixed") @Edm.String state!: string | null;
  @Edm.Term(`${core}.Immutable`) @Edm.String serial!: string | null;
  @Edm.Term(`${core}.Computed`) @Edm.DefaultValue(1) @Edm.Int32 sum!: number | null;
  @Edm.String late!: string | null;
  @Edm.String early!: string | null;

  @ManyToOne(() => Store, (store) => store.articles, { nullable: true })
  @JoinColumn({ name: "store_id" })
  @Edm.EntityType(Edm.ForwardRef(() => Store))
  store?: Store | null;

  @Document() document!: string;
}

@Entity("store")
@odata.namespace("Rules")
export class Store {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text", { nullable: true }) @Edm.String name!: string | null;
  @OneToMany(() => Article, (article) => article.store)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Article)))
  articles?: Article[];
}

@Entity("fact")
@odata.namespace("Rules")
export class Fact {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text") @Edm.Required @Edm.String text!: string;
}

@odata.type(Article)
@Edm.Term(`${capabilities}.InsertRestrictions`, { RequiredProperties: ["name"], NonInsertableProperties: ["late"] })
@Edm.Term(`${capabilities}.UpdateRestrictions`, { NonUpdatableProperties: ["early"] })
class Articles extends TypeOrmController {}

@odata.type(Store)
@Edm.Term(`${capabilities}.UpdateRestrictions`, { Upsertable: false, UpdateMethod: "PATCH" })
class Stores extends TypeOrmController {}

@odata.type(Fact)
@Edm.Term(`${capabilities}.InsertRestrictions`, { Insertable: false })
@Edm.Term(`${capabilities}.UpdateRestrictions`, { Updatable: false })
@Edm.Term(`${capabilities}.DeleteRestrictions`, { Deletable: false })
class Facts extends TypeOrmController {}

@odata.namespace("Rules")
@odata.container("Container")
@odata.controller(Articles as never, "Articles")
@odata.controller(Stores as never, "Stores")
@odata.controller(Facts as never, "Facts")
export class RulesService {}
