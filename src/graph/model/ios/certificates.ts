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
  intendedPurpose,
  keySize,
  keyUsages,
  subjectAlternativeNameType,
} from "../shared/certificates.js";

/** An iOS profile that gives the user or device a certificate of its own, requested or imported. */
@ChildEntity("iosCertificateProfile")
@Edm.Abstract
export abstract class iosCertificateProfile extends deviceConfiguration {}

/** What the iOS profiles that request a certificate have in common. */
@ChildEntity("iosCertificateProfileBase")
@Edm.Abstract
export abstract class iosCertificateProfileBase extends iosCertificateProfile {
  @Edm.Required
  @Edm.EnumType(certificateValidityPeriodScale)
  certificateValidityPeriodScale!: certificateValidityPeriodScale;

  @Edm.Required @Edm.Int32 certificateValidityPeriodValue!: number;
  @Edm.Required @Edm.Int32 renewalThresholdPercentage!: number;
  @Edm.EnumType(subjectAlternativeNameType) subjectAlternativeNameType!: subjectAlternativeNameType | null;
  @Edm.Required @Edm.EnumType(appleSubjectNameFormat) subjectNameFormat!: appleSubjectNameFormat;
}

/** A root or intermediate certificate for iOS devices to trust. */
@ChildEntity("iosTrustedRootCertificate")
export class iosTrustedRootCertificate extends deviceConfiguration {
  @Edm.String certFileName!: string | null;
  @Edm.Required @Edm.Binary trustedRootCertificate!: string;
}

/** Certificates for iOS devices through a SCEP server. */
@ChildEntity("iosScepCertificateProfile")
export class iosScepCertificateProfile extends iosCertificateProfileBase {
  @Edm.EnumType(certificateStore) certificateStore!: certificateStore | null;

  @Edm.Collection(Edm.ComplexType(customSubjectAlternativeName))
  customSubjectAlternativeNames!: customSubjectAlternativeName[];

  @Edm.Required @Edm.Collection(Edm.ComplexType(extendedKeyUsage)) extendedKeyUsages!: extendedKeyUsage[];
  @Edm.Required @Edm.EnumType(keySize) keySize!: keySize;
  @Edm.Required @Edm.EnumType(keyUsages) keyUsage!: keyUsages;
  @Edm.Collection(Edm.String) scepServerUrls!: string[];
  @Edm.String subjectAlternativeNameFormatString!: string | null;
  @Edm.String subjectNameFormatString!: string | null;

  @OneToMany(() => managedDeviceCertificateState, (state) => state.configuration)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => managedDeviceCertificateState)))
  managedDeviceCertificateStates?: managedDeviceCertificateState[];

  @Edm.EntityType(Edm.ForwardRef(() => iosTrustedRootCertificate)) rootCertificate?: iosTrustedRootCertificate | null;
}

/** Certificates for iOS devices through a Microsoft certification authority (PKCS). */
@ChildEntity("iosPkcsCertificateProfile")
export class iosPkcsCertificateProfile extends iosCertificateProfileBase {
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

/** Certificates for iOS devices from PFX files that were imported for their users. */
@ChildEntity("iosImportedPFXCertificateProfile")
export class iosImportedPFXCertificateProfile extends iosCertificateProfile {
  @Edm.Required @Edm.EnumType(intendedPurpose) intendedPurpose!: intendedPurpose;

  @OneToMany(() => managedDeviceCertificateState, (state) => state.configuration)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => managedDeviceCertificateState)))
  managedDeviceCertificateStates?: managedDeviceCertificateState[];
}
