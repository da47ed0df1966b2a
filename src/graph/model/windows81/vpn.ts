import { ChildEntity } from "typeorm";
import { Edm } from "../../../index.js";
import { vpnProxyServer } from "../shared/vpn.js";
import { windowsVpnConfiguration } from "../windows/vpn.js";

/** The VPN clients of Windows 8.1. */
export const windowsVpnConnectionType = Edm.enumeration("microsoft.graph.windowsVpnConnectionType", {
  pulseSecure: 0,
  f5EdgeClient: 1,
  dellSonicWallMobileConnect: 2,
  checkPointCapsuleVpn: 3,
});
export type windowsVpnConnectionType = Edm.Member<typeof windowsVpnConnectionType>;

/** The proxy that traffic goes through while a Windows 8.1 device's VPN is up. */
export class windows81VpnProxyServer extends vpnProxyServer {
  @Edm.Required @Edm.Boolean automaticallyDetectProxySettings!: boolean;
  @Edm.Required @Edm.Boolean bypassProxyServerForLocalAddress!: boolean;
}

/** A VPN profile for Windows 8.1. */
@ChildEntity("windows81VpnConfiguration")
export class windows81VpnConfiguration extends windowsVpnConfiguration {
  @Edm.Required @Edm.Boolean applyOnlyToWindows81!: boolean;
  @Edm.Required @Edm.EnumType(windowsVpnConnectionType) connectionType!: windowsVpnConnectionType;
  @Edm.Required @Edm.Boolean enableSplitTunneling!: boolean;
  @Edm.String loginGroupOrDomain!: string | null;
  @Edm.ComplexType(windows81VpnProxyServer) proxyServer!: windows81VpnProxyServer | null;
}
