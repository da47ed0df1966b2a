import { PrimaryColumn } from "typeorm";
import { Edm, odata } from "../../index.js";

/** What everything with an identity of its own derives from. */
@odata.namespace("microsoft.graph")
@Edm.Abstract
export abstract class entity {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.Generated("guid") @Edm.String id!: string;
}
