import { ChildEntity } from "typeorm";
import { Edm, odata } from "../../../index.js";
import { vpnEncryptionAlgorithmType, vpnIntegrityAlgorithmType } from "../shared/vpn.js";
import { iosVpnConfiguration } from "./vpn.js";

/** Whether the user or the device logs in to the VPN. */
export const vpnClientAuthenticationType = Edm.enumeration("microsoft.graph.vpnClientAuthenticationType", {
  userAuthentication: 0,
  deviceAuthentication: 1,
});
export type vpnClientAuthenticationType = Edm.Member<typeof vpnClientAuthenticationType>;

/** How often the device checks that the server is still there. */
export const vpnDeadPeerDetectionRate = Edm.enumeration("microsoft.graph.vpnDeadPeerDetectionRate", {
  medium: 0,
  none: 1,
  low: 2,
  high: 3,
});
export type vpnDeadPeerDetectionRate = Edm.Member<typeof vpnDeadPeerDetectionRate>;

/** What the device names itself with towards the server. */
export const vpnLocalIdentifier = Edm.enumeration("microsoft.graph.vpnLocalIdentifier", {
  deviceFQDN: 0,
  empty: 1,
  clientCertificateSubjectName: 2,
});
export type vpnLocalIdentifier = Edm.Member<typeof vpnLocalIdentifier>;

/** The kind of key in the server's certificate. */
export const vpnServerCertificateType = Edm.enumeration("microsoft.graph.vpnServerCertificateType", {
  rsa: 0,
  ecdsa256: 1,
  ecdsa384: 2,
  ecdsa521: 3,
});
export type vpnServerCertificateType = Edm.Member<typeof vpnServerCertificateType>;

/** What becomes of a system service's traffic while the always-on VPN is in force. */
export const vpnServiceExceptionAction = Edm.enumeration("microsoft.graph.vpnServiceExceptionAction", {
  forceTrafficViaVPN: 0,
  allowTrafficOutside: 1,
  dropTraffic: 2,
});
export type vpnServiceExceptionAction = Edm.Member<typeof vpnServiceExceptionAction>;

/** The network interfaces that the always-on VPN tunnels. */
export const vpnTunnelConfigurationType = Edm.enumeration("microsoft.graph.vpnTunnelConfigurationType", {
  wifiAndCellular: 0,
  cellular: 1,
  wifi: 2,
});
export type vpnTunnelConfigurationType = Edm.Member<typeof vpnTunnelConfigurationType>;

/** The captive-network apps that may work outside the tunnel. */
@odata.namespace("microsoft.graph")
export class specifiedCaptiveNetworkPlugins {
  @Edm.Collection(Edm.String) allowedBundleIdentifiers!: string[];
}

/** An always-on VPN for supervised devices. */
@odata.namespace("microsoft.graph")
export class appleVpnAlwaysOnConfiguration {
  @Edm.EnumType(vpnServiceExceptionAction) airPrintExceptionAction!: vpnServiceExceptionAction | null;
  @Edm.Boolean allowAllCaptiveNetworkPlugins!: boolean | null;
  @Edm.Boolean allowCaptiveWebSheet!: boolean | null;
  @Edm.ComplexType(specifiedCaptiveNetworkPlugins) allowedCaptiveNetworkPlugins!: specifiedCaptiveNetworkPlugins | null;
  @Edm.EnumType(vpnServiceExceptionAction) cellularExceptionAction!: vpnServiceExceptionAction | null;
  @Edm.Int32 natKeepAliveIntervalInSeconds!: number | null;
  @Edm.Boolean natKeepAliveOffloadEnable!: boolean | null;
  @Edm.Required @Edm.EnumType(vpnTunnelConfigurationType) tunnelConfiguration!: vpnTunnelConfigurationType;
  @Edm.Boolean userToggleEnabled!: boolean | null;
  @Edm.EnumType(vpnServiceExceptionAction) voicemailExceptionAction!: vpnServiceExceptionAction | null;
}

/** The parameters of an IKEv2 security association. */
@odata.namespace("microsoft.graph")
export class iosVpnSecurityAssociationParameters {
  @Edm.Int32 lifetimeInMinutes!: number | null;
  @Edm.Int32 securityDiffieHellmanGroup!: number | null;
  @Edm.EnumType(vpnEncryptionAlgorithmType) securityEncryptionAlgorithm!: vpnEncryptionAlgorithmType | null;
  @Edm.EnumType(vpnIntegrityAlgorithmType) securityIntegrityAlgorithm!: vpnIntegrityAlgorithmType | null;
}

/** A VPN profile for iOS's own IKEv2 client. */
@ChildEntity("iosikEv2VpnConfiguration")
export class iosikEv2VpnConfiguration extends iosVpnConfiguration {
  @Edm.Boolean allowDefaultChildSecurityAssociationParameters!: boolean | null;
  @Edm.Boolean allowDefaultSecurityAssociationParameters!: boolean | null;
  @Edm.ComplexType(appleVpnAlwaysOnConfiguration) alwaysOnConfiguration!: appleVpnAlwaysOnConfiguration | null;

  @Edm.ComplexType(iosVpnSecurityAssociationParameters)
  childSecurityAssociationParameters!: iosVpnSecurityAssociationParameters | null;

  @Edm.Required @Edm.EnumType(vpnClientAuthenticationType) clientAuthenticationType!: vpnClientAuthenticationType;
  @Edm.EnumType(vpnDeadPeerDetectionRate) deadPeerDetectionRate!: vpnDeadPeerDetectionRate | null;
  @Edm.Boolean disableMobilityAndMultihoming!: boolean | null;
  @Edm.Boolean disableRedirect!: boolean | null;
  @Edm.Boolean enableAlwaysOnConfiguration!: boolean | null;
  @Edm.Boolean enableCertificateRevocationCheck!: boolean | null;
  @Edm.Boolean enableEAP!: boolean | null;
  @Edm.Boolean enablePerfectForwardSecrecy!: boolean | null;
  @Edm.Boolean enableUseInternalSubnetAttributes!: boolean | null;
  @Edm.Required @Edm.EnumType(vpnLocalIdentifier) localIdentifier!: vpnLocalIdentifier;
  @Edm.Int32 mtuSizeInBytes!: number | null;
  @Edm.Required @Edm.String remoteIdentifier!: string;

  @Edm.ComplexType(iosVpnSecurityAssociationParameters)
  securityAssociationParameters!: iosVpnSecurityAssociationParameters | null;

  @Edm.String serverCertificateCommonName!: string | null;
  @Edm.String serverCertificateIssuerCommonName!: string | null;
  @Edm.EnumType(vpnServerCertificateType) serverCertificateType!: vpnServerCertificateType | null;
  @Edm.String sharedSecret!: string | null;
  @Edm.String tlsMaximumVersion!: string | null;
  @Edm.String tlsMinimumVersion!: string | null;
}
