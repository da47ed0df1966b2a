import { Edm } from "../../../index.js";
import { vpnProxyServer } from "../shared/vpn.js";

/** The proxy that traffic goes through while a Windows 10 device's VPN is up. */
export class windows10VpnProxyServer extends vpnProxyServer {
  @Edm.Required @Edm.Boolean bypassProxyServerForLocalAddress!: boolean;
}
