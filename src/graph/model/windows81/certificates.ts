import { ChildEntity, OneToMany } from "typeorm";
import { Edm } from "../../../index.js";
import { deviceConfiguration } from "../device-configuration.js";
import { managedDeviceCertificateState } from "../shared/certificate-states.js";
import {
  certificateStore,
  customSubjectAlternativeName,
  extendedKeyUsage,
  hashAlgorithms,
  keySize,
  keyUsages,
} from "../shared/certificates.js";
import { windowsCertificateProfileBase } from "../windows/certificates.js";

/** The Windows certificate store that a trusted certificate goes to. */
export const certificateDestinationStore = Edm.enumeration("microsoft.graph.certificateDestinationStore", {
  computerCertStoreRoot: 0,
  computerCertStoreIntermediate: 1,
  userCertStoreIntermediate: 2,
});
export type certificateDestinationStore = Edm.Member<typeof certificateDestinationStore>;

/** What the Windows 8.1 profiles that request a certificate have in common. */
@ChildEntity("windows81CertificateProfileBase")
@Edm.Abstract
export abstract class windows81CertificateProfileBase extends windowsCertificateProfileBase {
  @Edm.Collection(Edm.ComplexType(customSubjectAlternativeName))
  customSubjectAlternativeNames!: customSubjectAlternativeName[];

  @Edm.Required @Edm.Collection(Edm.ComplexType(extendedKeyUsage)) extendedKeyUsages!: extendedKeyUsage[];
}

/** A root or intermediate certificate for Windows 8.1 devices to trust. */
@ChildEntity("windows81TrustedRootCertificate")
export class windows81TrustedRootCertificate extends deviceConfiguration {
  @Edm.String certFileName!: string | null;
  @Edm.Required @Edm.EnumType(certificateDestinationStore) destinationStore!: certificateDestinationStore;
  @Edm.Required @Edm.Binary trustedRootCertificate!: string;
}

/** Certificates for Windows 8.1 devices through a SCEP server. */
@ChildEntity("windows81SCEPCertificateProfile")
export class windows81SCEPCertificateProfile extends windows81CertificateProfileBase {
  @Edm.EnumType(certificateStore) certificateStore!: certificateStore | null;
  @Edm.Required @Edm.EnumType(hashAlgorithms) hashAlgorithm!: hashAlgorithms;
  @Edm.Required @Edm.EnumType(keySize) keySize!: keySize;
  @Edm.Required @Edm.EnumType(keyUsages) keyUsage!: keyUsages;
  @Edm.Collection(Edm.String) scepServerUrls!: string[];
  @Edm.String subjectAlternativeNameFormatString!: string | null;
  @Edm.String subjectNameFormatString!: string | null;

  @OneToMany(() => managedDeviceCertificateState, (state) => state.configuration)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => managedDeviceCertificateState)))
  managedDeviceCertificateStates?: managedDeviceCertificateState[];

  @Edm.EntityType(Edm.ForwardRef(() => windows81TrustedRootCertificate))
  rootCertificate?: windows81TrustedRootCertificate | null;
}
