import { ChildEntity } from "typeorm";
import { Edm } from "../../../index.js";
import { deviceConfiguration } from "../device-configuration.js";
import { vpnServer } from "../shared/vpn.js";

/** What VPN profiles for Windows have in common. */
@ChildEntity("windowsVpnConfiguration")
@Edm.Abstract
export abstract class windowsVpnConfiguration extends deviceConfiguration {
  @Edm.Required @Edm.String connectionName!: string;
  @Edm.Binary customXml!: string | null;
  @Edm.Required @Edm.Collection(Edm.ComplexType(vpnServer)) servers!: vpnServer[];
}
