import { ChildEntity } from "typeorm";
import { Edm } from "../../../index.js";
import { vpnAuthenticationMethod } from "../shared/vpn.js";
import { windows81VpnConfiguration } from "../windows81/vpn.js";
import { windowsPhone81CertificateProfileBase } from "./certificates.js";

/** A VPN profile for Windows Phone 8.1. */
@ChildEntity("windowsPhone81VpnConfiguration")
export class windowsPhone81VpnConfiguration extends windows81VpnConfiguration {
  @Edm.Required @Edm.EnumType(vpnAuthenticationMethod) authenticationMethod!: vpnAuthenticationMethod;
  @Edm.Required @Edm.Boolean bypassVpnOnCompanyWifi!: boolean;
  @Edm.Required @Edm.Boolean bypassVpnOnHomeWifi!: boolean;
  @Edm.Collection(Edm.String) dnsSuffixSearchList!: string[];
  @Edm.Required @Edm.Boolean rememberUserCredentials!: boolean;

  @Edm.EntityType(Edm.ForwardRef(() => windowsPhone81CertificateProfileBase))
  identityCertificate?: windowsPhone81CertificateProfileBase | null;
}
