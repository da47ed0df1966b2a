import { ChildEntity } from "typeorm";
import { Edm, odata } from "../../../index.js";
import { deviceConfiguration } from "../device-configuration.js";
import { keyValue } from "../shared/key-value.js";
import { vpnAuthenticationMethod, vpnProxyServer, vpnServer } from "../shared/vpn.js";

/** The VPN clients of iOS and macOS. */
export const appleVpnConnectionType = Edm.enumeration("microsoft.graph.appleVpnConnectionType", {
  ciscoAnyConnect: 0,
  pulseSecure: 1,
  f5EdgeClient: 2,
  dellSonicWallMobileConnect: 3,
  checkPointCapsuleVpn: 4,
  customVpn: 5,
  ciscoIPSec: 6,
  citrix: 7,
  ciscoAnyConnectV2: 8,
  paloAltoGlobalProtect: 9,
  zscalerPrivateAccess: 10,
  f5Access2018: 11,
  citrixSso: 12,
  paloAltoGlobalProtectV2: 13,
  ikEv2: 14,
  alwaysOn: 15,
  microsoftTunnel: 16,
  netMotionMobility: 17,
  microsoftProtect: 18,
});
export type appleVpnConnectionType = Edm.Member<typeof appleVpnConnectionType>;

/** What the device does when a rule's conditions hold. */
export const vpnOnDemandRuleConnectionAction = Edm.enumeration("microsoft.graph.vpnOnDemandRuleConnectionAction", {
  connect: 0,
  evaluateConnection: 1,
  ignore: 2,
  disconnect: 3,
});
export type vpnOnDemandRuleConnectionAction = Edm.Member<typeof vpnOnDemandRuleConnectionAction>;

/** When a rule that evaluates the connection brings up the VPN for its domains. */
export const vpnOnDemandRuleConnectionDomainAction = Edm.enumeration(
  "microsoft.graph.vpnOnDemandRuleConnectionDomainAction",
  { connectIfNeeded: 0, neverConnect: 1 },
);
export type vpnOnDemandRuleConnectionDomainAction = Edm.Member<typeof vpnOnDemandRuleConnectionDomainAction>;

/** The network layer at which a per-app VPN takes up traffic. */
export const vpnProviderType = Edm.enumeration("microsoft.graph.vpnProviderType", {
  notConfigured: 0,
  appProxy: 1,
  packetTunnel: 2,
});
export type vpnProviderType = Edm.Member<typeof vpnProviderType>;

/** When the VPN connects by itself. */
@odata.namespace("microsoft.graph")
export class vpnOnDemandRule {
  @Edm.Required @Edm.EnumType(vpnOnDemandRuleConnectionAction) action!: vpnOnDemandRuleConnectionAction;
  @Edm.Collection(Edm.String) dnsSearchDomains!: string[];

  @Edm.Required
  @Edm.EnumType(vpnOnDemandRuleConnectionDomainAction)
  domainAction!: vpnOnDemandRuleConnectionDomainAction;

  @Edm.Collection(Edm.String) domains!: string[];
  @Edm.String probeRequiredUrl!: string | null;
  @Edm.String probeUrl!: string | null;
  @Edm.Collection(Edm.String) ssids!: string[];
}

/** What VPN profiles for iOS and macOS have in common. */
@ChildEntity("appleVpnConfiguration")
@Edm.Abstract
export abstract class appleVpnConfiguration extends deviceConfiguration {
  @Edm.Collection(Edm.String) associatedDomains!: string[];
  @Edm.Required @Edm.EnumType(vpnAuthenticationMethod) authenticationMethod!: vpnAuthenticationMethod;
  @Edm.Required @Edm.String connectionName!: string;
  @Edm.Required @Edm.EnumType(appleVpnConnectionType) connectionType!: appleVpnConnectionType;
  @Edm.Collection(Edm.ComplexType(keyValue)) customData!: keyValue[];
  @Edm.Boolean disableOnDemandUserOverride!: boolean | null;
  @Edm.Boolean disconnectOnIdle!: boolean | null;
  @Edm.Int32 disconnectOnIdleTimerInSeconds!: number | null;
  @Edm.Boolean enablePerApp!: boolean | null;
  @Edm.Required @Edm.Boolean enableSplitTunneling!: boolean;
  @Edm.Collection(Edm.String) excludedDomains!: string[];
  @Edm.String identifier!: string | null;
  @Edm.String loginGroupOrDomain!: string | null;
  @Edm.Collection(Edm.ComplexType(vpnOnDemandRule)) onDemandRules!: vpnOnDemandRule[];
  @Edm.Boolean optInToDeviceIdSharing!: boolean | null;
  @Edm.EnumType(vpnProviderType) providerType!: vpnProviderType | null;
  @Edm.ComplexType(vpnProxyServer) proxyServer!: vpnProxyServer | null;
  @Edm.String realm!: string | null;
  @Edm.String role!: string | null;
  @Edm.Collection(Edm.String) safariDomains!: string[];
  @Edm.Required @Edm.ComplexType(vpnServer) server!: vpnServer;
}
