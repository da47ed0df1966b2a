import { Column, Entity, Index, JoinColumn, ManyToOne } from "typeorm";
import { Document, Edm } from "../../../index.js";
import { deviceConfiguration } from "../device-configuration.js";
import { entity } from "../entity.js";
import {
  certificateValidityPeriodScale,
  keyStorageProviderOption,
  keyUsages,
  subjectAlternativeNameType,
  subjectNameFormat,
} from "./certificates.js";

/** How far the issue of a certificate has come. */
export const certificateIssuanceStates = Edm.enumeration("microsoft.graph.certificateIssuanceStates", {
  unknown: 0,
  challengeIssued: 1,
  challengeIssueFailed: 2,
  requestCreationFailed: 3,
  requestSubmitFailed: 4,
  challengeValidationSucceeded: 5,
  challengeValidationFailed: 6,
  issueFailed: 7,
  issuePending: 8,
  issued: 9,
  responseProcessingFailed: 10,
  responsePending: 11,
  enrollmentSucceeded: 12,
  enrollmentNotNeeded: 13,
  revoked: 14,
  removedFromCollection: 15,
  renewVerified: 16,
  installFailed: 17,
  installed: 18,
  deleteFailed: 19,
  deleted: 20,
  renewalRequested: 21,
  requested: 22,
});
export type certificateIssuanceStates = Edm.Member<typeof certificateIssuanceStates>;

/** How far the revocation of a certificate has come. */
export const certificateRevocationStatus = Edm.enumeration("microsoft.graph.certificateRevocationStatus", {
  none: 0,
  pending: 1,
  issued: 2,
  failed: 3,
  revoked: 4,
});
export type certificateRevocationStatus = Edm.Member<typeof certificateRevocationStatus>;

/** The platforms that a certificate profile can be for. */
export const devicePlatformType = Edm.enumeration("microsoft.graph.devicePlatformType", {
  android: 0,
  androidForWork: 1,
  iOS: 2,
  macOS: 3,
  windowsPhone81: 4,
  windows81AndLater: 5,
  windows10AndLater: 6,
  androidWorkProfile: 7,
  unknown: 8,
  androidAOSP: 9,
});
export type devicePlatformType = Edm.Member<typeof devicePlatformType>;

/**
 * The certificate that one device got, or is to get, through a certificate profile. Eight types of profile have these;
 * one foreign key to the root of their hierarchy serves them all.
 */
@Entity("managed_device_certificate_state")
export class managedDeviceCertificateState extends entity {
  @Edm.String certificateEnhancedKeyUsage!: string | null;
  @Edm.Required @Edm.Int32 certificateErrorCode!: number;

  @Column("text", { name: "certificate_expiration_date_time" })
  @Edm.Required
  @Edm.DateTimeOffset
  certificateExpirationDateTime!: string;

  @Edm.Required @Edm.DateTimeOffset certificateIssuanceDateTime!: string;

  @Column("text", { name: "certificate_issuance_state" })
  @Edm.Required
  @Edm.EnumType(certificateIssuanceStates)
  certificateIssuanceState!: certificateIssuanceStates;

  @Edm.String certificateIssuer!: string | null;
  @Edm.Required @Edm.Int32 certificateKeyLength!: number;
  @Edm.Required @Edm.EnumType(keyStorageProviderOption) certificateKeyStorageProvider!: keyStorageProviderOption;
  @Edm.Required @Edm.EnumType(keyUsages) certificateKeyUsage!: keyUsages;
  @Edm.Required @Edm.DateTimeOffset certificateLastIssuanceStateChangedDateTime!: string;
  @Edm.String certificateProfileDisplayName!: string | null;
  @Edm.Required @Edm.EnumType(certificateRevocationStatus) certificateRevokeStatus!: certificateRevocationStatus;
  @Edm.String certificateSerialNumber!: string | null;

  @Edm.Required
  @Edm.EnumType(subjectAlternativeNameType)
  certificateSubjectAlternativeNameFormat!: subjectAlternativeNameType;

  @Edm.String certificateSubjectAlternativeNameFormatString!: string | null;
  @Edm.Required @Edm.EnumType(subjectNameFormat) certificateSubjectNameFormat!: subjectNameFormat;
  @Edm.String certificateSubjectNameFormatString!: string | null;
  @Edm.String certificateThumbprint!: string | null;
  @Edm.Required @Edm.Int32 certificateValidityPeriod!: number;

  @Edm.Required
  @Edm.EnumType(certificateValidityPeriodScale)
  certificateValidityPeriodUnits!: certificateValidityPeriodScale;

  @Column("text", { name: "device_display_name", nullable: true }) @Edm.String deviceDisplayName!: string | null;
  @Edm.Required @Edm.EnumType(devicePlatformType) devicePlatform!: devicePlatformType;
  @Edm.Required @Edm.DateTimeOffset lastCertificateStateChangeDateTime!: string;
  @Column("text", { name: "user_display_name", nullable: true }) @Edm.String userDisplayName!: string | null;
  @Edm.String serverUrl!: string | null;
  @Edm.String enhancedKeyUsage!: string | null;

  @Document() document!: string;

  /** The foreign key to its profile; no property of the entity type. */
  @Index()
  @ManyToOne(() => deviceConfiguration, { onDelete: "CASCADE" })
  @JoinColumn({ name: "device_configuration_id" })
  configuration?: deviceConfiguration;
}
