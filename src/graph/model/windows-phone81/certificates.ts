import { ChildEntity, OneToMany } from "typeorm";
import { Edm } from "../../../index.js";
import { deviceConfiguration } from "../device-configuration.js";
import { managedDeviceCertificateState } from "../shared/certificate-states.js";
import {
  certificateValidityPeriodScale,
  extendedKeyUsage,
  hashAlgorithms,
  intendedPurpose,
  keySize,
  keyStorageProviderOption,
  keyUsages,
  subjectAlternativeNameType,
  subjectNameFormat,
} from "../shared/certificates.js";
import { windowsCertificateProfileBase } from "../windows/certificates.js";

/** What the profiles that request a certificate for Windows Phone 8.1 have in common. */
@ChildEntity("windowsPhone81CertificateProfileBase")
@Edm.Abstract
export abstract class windowsPhone81CertificateProfileBase extends deviceConfiguration {
  @Edm.Required
  @Edm.EnumType(certificateValidityPeriodScale)
  certificateValidityPeriodScale!: certificateValidityPeriodScale;

  @Edm.Required @Edm.Int32 certificateValidityPeriodValue!: number;
  @Edm.Required @Edm.Collection(Edm.ComplexType(extendedKeyUsage)) extendedKeyUsages!: extendedKeyUsage[];
  @Edm.Required @Edm.EnumType(keyStorageProviderOption) keyStorageProvider!: keyStorageProviderOption;
  @Edm.Required @Edm.Int32 renewalThresholdPercentage!: number;
  @Edm.Required @Edm.EnumType(subjectAlternativeNameType) subjectAlternativeNameType!: subjectAlternativeNameType;
  @Edm.Required @Edm.EnumType(subjectNameFormat) subjectNameFormat!: subjectNameFormat;
}

/** A root or intermediate certificate for Windows Phone 8.1 devices to trust. */
@ChildEntity("windowsPhone81TrustedRootCertificate")
export class windowsPhone81TrustedRootCertificate extends deviceConfiguration {
  @Edm.String certFileName!: string | null;
  @Edm.Required @Edm.Binary trustedRootCertificate!: string;
}

/** Certificates for Windows Phone 8.1 devices through a SCEP server. */
@ChildEntity("windowsPhone81SCEPCertificateProfile")
export class windowsPhone81SCEPCertificateProfile extends windowsPhone81CertificateProfileBase {
  @Edm.Required @Edm.EnumType(hashAlgorithms) hashAlgorithm!: hashAlgorithms;
  @Edm.Required @Edm.EnumType(keySize) keySize!: keySize;
  @Edm.Required @Edm.EnumType(keyUsages) keyUsage!: keyUsages;
  @Edm.Collection(Edm.String) scepServerUrls!: string[];
  @Edm.String subjectAlternativeNameFormatString!: string | null;
  @Edm.String subjectNameFormatString!: string | null;

  @OneToMany(() => managedDeviceCertificateState, (state) => state.configuration)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => managedDeviceCertificateState)))
  managedDeviceCertificateStates?: managedDeviceCertificateState[];

  @Edm.EntityType(Edm.ForwardRef(() => windowsPhone81TrustedRootCertificate))
  rootCertificate?: windowsPhone81TrustedRootCertificate | null;
}

/** Certificates for Windows Phone 8.1 devices from PFX files that were imported for their users. */
@ChildEntity("windowsPhone81ImportedPFXCertificateProfile")
export class windowsPhone81ImportedPFXCertificateProfile extends windowsCertificateProfileBase {
  @Edm.Required @Edm.EnumType(intendedPurpose) intendedPurpose!: intendedPurpose;

  @OneToMany(() => managedDeviceCertificateState, (state) => state.configuration)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => managedDeviceCertificateState)))
  managedDeviceCertificateStates?: managedDeviceCertificateState[];
}
