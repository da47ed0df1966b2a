import { ChildEntity } from "typeorm";
import { Edm } from "../../../index.js";
import { appleVpnConfiguration } from "../apple/vpn.js";
import { macOSCertificateProfileBase } from "./certificates.js";

/** A VPN profile for macOS. */
@ChildEntity("macOSVpnConfiguration")
export class macOSVpnConfiguration extends appleVpnConfiguration {
  @Edm.EntityType(Edm.ForwardRef(() => macOSCertificateProfileBase))
  identityCertificate?: macOSCertificateProfileBase | null;
}
