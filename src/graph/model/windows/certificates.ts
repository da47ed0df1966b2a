import { ChildEntity } from "typeorm";
import { Edm } from "../../../index.js";
import { deviceConfiguration } from "../device-configuration.js";
import {
  certificateValidityPeriodScale,
  keyStorageProviderOption,
  subjectAlternativeNameType,
  subjectNameFormat,
} from "../shared/certificates.js";

/** What the Windows profiles that give a user or device a certificate of its own have in common. */
@ChildEntity("windowsCertificateProfileBase")
@Edm.Abstract
export abstract class windowsCertificateProfileBase extends deviceConfiguration {
  @Edm.Required
  @Edm.EnumType(certificateValidityPeriodScale)
  certificateValidityPeriodScale!: certificateValidityPeriodScale;

  @Edm.Required @Edm.Int32 certificateValidityPeriodValue!: number;
  @Edm.Required @Edm.EnumType(keyStorageProviderOption) keyStorageProvider!: keyStorageProviderOption;
  @Edm.Required @Edm.Int32 renewalThresholdPercentage!: number;
  @Edm.EnumType(subjectAlternativeNameType) subjectAlternativeNameType!: subjectAlternativeNameType | null;
  @Edm.Required @Edm.EnumType(subjectNameFormat) subjectNameFormat!: subjectNameFormat;
}
