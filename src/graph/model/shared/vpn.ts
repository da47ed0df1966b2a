import { Edm, odata } from "../../../index.js";

/** How a user or device proves to a VPN server who it is. */
export const vpnAuthenticationMethod = Edm.enumeration("microsoft.graph.vpnAuthenticationMethod", {
  certificate: 0,
  usernameAndPassword: 1,
  sharedSecret: 2,
  derivedCredential: 3,
  azureAD: 4,
});
export type vpnAuthenticationMethod = Edm.Member<typeof vpnAuthenticationMethod>;

/** The encryption algorithms of an IKEv2 security association. */
export const vpnEncryptionAlgorithmType = Edm.enumeration("microsoft.graph.vpnEncryptionAlgorithmType", {
  aes256: 0,
  des: 1,
  tripleDes: 2,
  aes128: 3,
  aes128Gcm: 4,
  aes256Gcm: 5,
  aes192: 6,
  aes192Gcm: 7,
  chaCha20Poly1305: 8,
});
export type vpnEncryptionAlgorithmType = Edm.Member<typeof vpnEncryptionAlgorithmType>;

/** The integrity algorithms of an IKEv2 security association. */
export const vpnIntegrityAlgorithmType = Edm.enumeration("microsoft.graph.vpnIntegrityAlgorithmType", {
  sha2_256: 0,
  sha1_96: 1,
  sha1_160: 2,
  sha2_384: 3,
  sha2_512: 4,
  md5: 5,
});
export type vpnIntegrityAlgorithmType = Edm.Member<typeof vpnIntegrityAlgorithmType>;

/** A VPN server. */
@odata.namespace("microsoft.graph")
export class vpnServer {
  @Edm.Required @Edm.String address!: string;
  @Edm.String description!: string | null;
  @Edm.Required @Edm.Boolean isDefaultServer!: boolean;
  @Edm.String ipAddressOrFqdn!: string | null;
}

/** The proxy that traffic goes through while the VPN is up. */
@odata.namespace("microsoft.graph")
export class vpnProxyServer {
  @Edm.String address!: string | null;
  @Edm.String automaticConfigurationScriptUrl!: string | null;
  @Edm.Int32 port!: number | null;
}
