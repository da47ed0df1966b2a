import { ChildEntity } from "typeorm";
import { Edm } from "../../../index.js";
import { appleVpnConfiguration } from "../apple/vpn.js";
import { appListItem } from "../shared/apps.js";
import { deviceManagementDerivedCredentialSettings } from "../shared/derived-credentials.js";
import { iosCertificateProfileBase } from "./certificates.js";

/** A VPN profile for iOS. */
@ChildEntity("iosVpnConfiguration")
export class iosVpnConfiguration extends appleVpnConfiguration {
  @Edm.String cloudName!: string | null;
  @Edm.Collection(Edm.String) excludeList!: string[];
  @Edm.String microsoftTunnelSiteId!: string | null;
  @Edm.Boolean strictEnforcement!: boolean | null;
  @Edm.Collection(Edm.ComplexType(appListItem)) targetedMobileApps!: appListItem[];
  @Edm.String userDomain!: string | null;

  @Edm.EntityType(Edm.ForwardRef(() => deviceManagementDerivedCredentialSettings))
  derivedCredentialSettings?: deviceManagementDerivedCredentialSettings | null;

  @Edm.EntityType(Edm.ForwardRef(() => iosCertificateProfileBase))
  identityCertificate?: iosCertificateProfileBase | null;
}
