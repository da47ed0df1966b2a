import { Edm, odata } from "../../index.js";

/** Whether a rule picks the devices that match it or those that do not. */
export const deviceManagementApplicabilityRuleType = Edm.enumeration(
  "microsoft.graph.deviceManagementApplicabilityRuleType",
  { include: 0, exclude: 1 },
);
export type deviceManagementApplicabilityRuleType = Edm.Member<typeof deviceManagementApplicabilityRuleType>;

/** Windows 10 as it comes, or locked down to apps from the Store (S mode). */
export const windows10DeviceModeType = Edm.enumeration("microsoft.graph.windows10DeviceModeType", {
  standardConfiguration: 0,
  sModeConfiguration: 1,
});
export type windows10DeviceModeType = Edm.Member<typeof windows10DeviceModeType>;

/** The editions of Windows 10. */
export const windows10EditionType = Edm.enumeration("microsoft.graph.windows10EditionType", {
  windows10Enterprise: 0,
  windows10EnterpriseN: 1,
  windows10Education: 2,
  windows10EducationN: 3,
  windows10MobileEnterprise: 4,
  windows10HolographicEnterprise: 5,
  windows10Professional: 6,
  windows10ProfessionalN: 7,
  windows10ProfessionalEducation: 8,
  windows10ProfessionalEducationN: 9,
  windows10ProfessionalWorkstation: 10,
  windows10ProfessionalWorkstationN: 11,
  notConfigured: 12,
  windows10Home: 13,
  windows10HomeChina: 14,
  windows10HomeN: 15,
  windows10HomeSingleLanguage: 16,
  windows10Mobile: 17,
  windows10IoTCore: 18,
  windows10IoTCoreCommercial: 19,
});
export type windows10EditionType = Edm.Member<typeof windows10EditionType>;

/** Applies a profile by the device's mode. */
@odata.namespace("microsoft.graph")
export class deviceManagementApplicabilityRuleDeviceMode {
  @Edm.Required @Edm.EnumType(windows10DeviceModeType) deviceMode!: windows10DeviceModeType;
  @Edm.String name!: string | null;
  @Edm.Required @Edm.EnumType(deviceManagementApplicabilityRuleType) ruleType!: deviceManagementApplicabilityRuleType;
}

/** Applies a profile by the device's edition of Windows. */
@odata.namespace("microsoft.graph")
export class deviceManagementApplicabilityRuleOsEdition {
  @Edm.String name!: string | null;
  @Edm.Required @Edm.Collection(Edm.EnumType(windows10EditionType)) osEditionTypes!: windows10EditionType[];
  @Edm.Required @Edm.EnumType(deviceManagementApplicabilityRuleType) ruleType!: deviceManagementApplicabilityRuleType;
}

/** Applies a profile by the device's version of Windows. */
@odata.namespace("microsoft.graph")
export class deviceManagementApplicabilityRuleOsVersion {
  @Edm.String maxOSVersion!: string | null;
  @Edm.String minOSVersion!: string | null;
  @Edm.String name!: string | null;
  @Edm.Required @Edm.EnumType(deviceManagementApplicabilityRuleType) ruleType!: deviceManagementApplicabilityRuleType;
}
