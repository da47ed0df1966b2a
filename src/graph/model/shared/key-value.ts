import { Edm, odata } from "../../../index.js";

/** A name and a value, for settings that a vendor defines. */
@odata.namespace("microsoft.graph")
export class keyValue {
  @Edm.String key!: string | null;
  @Edm.String value!: string | null;
}
