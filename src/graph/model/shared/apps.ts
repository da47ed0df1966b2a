import { Edm, odata } from "../../../index.js";

/** An app in a list of apps to allow, to block or to steer. */
@odata.namespace("microsoft.graph")
export class appListItem {
  @Edm.String appId!: string | null;
  @Edm.String appStoreUrl!: string | null;
  @Edm.Required @Edm.String name!: string;
  @Edm.String publisher!: string | null;
}

/** An app for iOS or macOS in a list of apps. */
export class appleAppListItem extends appListItem {}
