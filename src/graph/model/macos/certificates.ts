import { ChildEntity, OneToMany } from "typeorm";
import { Edm } from "../../../index.js";
import { appleSubjectNameFormat } from "../apple/certificates.js";
import { deviceConfiguration } from "../device-configuration.js";
import { managedDeviceCertificateState } from "../shared/certificate-states.js";
import {
  certificateStore,
  certificateValidityPeriodScale,
  customSubjectAlternativeName,
  extendedKeyUsage,
  hashAlgorithms,
  intendedPurpose,
  keySize,
  keyUsages,
  subjectAlternativeNameType,
} from "../shared/certificates.js";

/** What the macOS profiles that give a user or Mac a certificate of its own have in common. */
@ChildEntity("macOSCertificateProfileBase")
@Edm.Abstract
export abstract class macOSCertificateProfileBase extends deviceConfiguration {
  @Edm.Required
  @Edm.EnumType(certificateValidityPeriodScale)
  certificateValidityPeriodScale!: certificateValidityPeriodScale;

  @Edm.Required @Edm.Int32 certificateValidityPeriodValue!: number;
  @Edm.Required @Edm.Int32 renewalThresholdPercentage!: number;
  @Edm.EnumType(subjectAlternativeNameType) subjectAlternativeNameType!: subjectAlternativeNameType | null;
  @Edm.Required @Edm.EnumType(appleSubjectNameFormat) subjectNameFormat!: appleSubjectNameFormat;
}

/** A root or intermediate certificate for Macs to trust. */
@ChildEntity("macOSTrustedRootCertificate")
export class macOSTrustedRootCertificate extends deviceConfiguration {
  @Edm.String certFileName!: string | null;
  @Edm.Required @Edm.Binary trustedRootCertificate!: string;
}

/** Certificates for Macs through a SCEP server. */
@ChildEntity("macOSScepCertificateProfile")
export class macOSScepCertificateProfile extends macOSCertificateProfileBase {
  @Edm.Boolean allowAllAppsAccess!: boolean | null;
  @Edm.EnumType(certificateStore) certificateStore!: certificateStore | null;

  @Edm.Collection(Edm.ComplexType(customSubjectAlternativeName))
  customSubjectAlternativeNames!: customSubjectAlternativeName[];

  @Edm.Required @Edm.Collection(Edm.ComplexType(extendedKeyUsage)) extendedKeyUsages!: extendedKeyUsage[];
  @Edm.EnumType(hashAlgorithms) hashAlgorithm!: hashAlgorithms | null;
  @Edm.Required @Edm.EnumType(keySize) keySize!: keySize;
  @Edm.Required @Edm.EnumType(keyUsages) keyUsage!: keyUsages;
  @Edm.Collection(Edm.String) scepServerUrls!: string[];
  @Edm.String subjectAlternativeNameFormatString!: string | null;
  @Edm.String subjectNameFormatString!: string | null;

  @OneToMany(() => managedDeviceCertificateState, (state) => state.configuration)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => managedDeviceCertificateState)))
  managedDeviceCertificateStates?: managedDeviceCertificateState[];

  @Edm.EntityType(Edm.ForwardRef(() => macOSTrustedRootCertificate))
  rootCertificate?: macOSTrustedRootCertificate | null;
}

/** Certificates for Macs through a Microsoft certification authority (PKCS). */
@ChildEntity("macOSPkcsCertificateProfile")
export class macOSPkcsCertificateProfile extends macOSCertificateProfileBase {
  @Edm.Boolean allowAllAppsAccess!: boolean | null;
  @Edm.EnumType(certificateStore) certificateStore!: certificateStore | null;
  @Edm.Required @Edm.String certificateTemplateName!: string;
  @Edm.Required @Edm.String certificationAuthority!: string;
  @Edm.Required @Edm.String certificationAuthorityName!: string;

  @Edm.Collection(Edm.ComplexType(customSubjectAlternativeName))
  customSubjectAlternativeNames!: customSubjectAlternativeName[];

  @Edm.String subjectAlternativeNameFormatString!: string | null;
  @Edm.String subjectNameFormatString!: string | null;

  @OneToMany(() => managedDeviceCertificateState, (state) => state.configuration)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => managedDeviceCertificateState)))
  managedDeviceCertificateStates?: managedDeviceCertificateState[];
}

/** Certificates for Macs from PFX files that were imported for their users. */
@ChildEntity("macOSImportedPFXCertificateProfile")
export class macOSImportedPFXCertificateProfile extends macOSCertificateProfileBase {
  @Edm.Required @Edm.EnumType(intendedPurpose) intendedPurpose!: intendedPurpose;

  @OneToMany(() => managedDeviceCertificateState, (state) => state.configuration)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => managedDeviceCertificateState)))
  managedDeviceCertificateStates?: managedDeviceCertificateState[];
}
