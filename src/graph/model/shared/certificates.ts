import { Edm, odata } from "../../../index.js";

/** The store that a certificate goes to: the user's or the device's. */
export const certificateStore = Edm.enumeration("microsoft.graph.certificateStore", { user: 1, machine: 2 });
export type certificateStore = Edm.Member<typeof certificateStore>;

/** The unit of a certificate's validity period. */
export const certificateValidityPeriodScale = Edm.enumeration("microsoft.graph.certificateValidityPeriodScale", {
  days: 0,
  months: 1,
  years: 2,
});
export type certificateValidityPeriodScale = Edm.Member<typeof certificateValidityPeriodScale>;

/** The hash algorithms that a certificate request may be signed with. */
export const hashAlgorithms = Edm.enumeration("microsoft.graph.hashAlgorithms", { sha1: 1, sha2: 2 }, { flags: true });
export type hashAlgorithms = Edm.Member<typeof hashAlgorithms>;

/** What an imported PFX certificate is for. */
export const intendedPurpose = Edm.enumeration("microsoft.graph.intendedPurpose", {
  unassigned: 1,
  smimeEncryption: 2,
  smimeSigning: 3,
  vpn: 4,
  wifi: 5,
});
export type intendedPurpose = Edm.Member<typeof intendedPurpose>;

/** The size of a certificate's key in bits. */
export const keySize = Edm.enumeration("microsoft.graph.keySize", { size1024: 0, size2048: 1, size4096: 2 });
export type keySize = Edm.Member<typeof keySize>;

/** Where a Windows device keeps a certificate's private key. */
export const keyStorageProviderOption = Edm.enumeration("microsoft.graph.keyStorageProviderOption", {
  useTpmKspOtherwiseUseSoftwareKsp: 0,
  useTpmKspOtherwiseFail: 1,
  usePassportForWorkKspOtherwiseFail: 2,
  useSoftwareKsp: 3,
});
export type keyStorageProviderOption = Edm.Member<typeof keyStorageProviderOption>;

/** What a certificate's key may be used for. */
export const keyUsages = Edm.enumeration(
  "microsoft.graph.keyUsages",
  { keyEncipherment: 1, digitalSignature: 2 },
  { flags: true },
);
export type keyUsages = Edm.Member<typeof keyUsages>;

/** The kinds of subject alternative name that a certificate carries. */
export const subjectAlternativeNameType = Edm.enumeration(
  "microsoft.graph.subjectAlternativeNameType",
  {
    none: 0,
    emailAddress: 1,
    userPrincipalName: 2,
    customAzureADAttribute: 4,
    domainNameService: 8,
    universalResourceIdentifier: 16,
  },
  { flags: true },
);
export type subjectAlternativeNameType = Edm.Member<typeof subjectAlternativeNameType>;

/** What a certificate's subject name is made of. */
export const subjectNameFormat = Edm.enumeration("microsoft.graph.subjectNameFormat", {
  commonName: 0,
  commonNameIncludingEmail: 1,
  commonNameAsEmail: 2,
  custom: 3,
  commonNameAsIMEI: 5,
  commonNameAsSerialNumber: 6,
  commonNameAsAadDeviceId: 7,
  commonNameAsIntuneDeviceId: 8,
  commonNameAsDurableDeviceId: 9,
});
export type subjectNameFormat = Edm.Member<typeof subjectNameFormat>;

/** A subject alternative name that the administrator spells out. */
@odata.namespace("microsoft.graph")
export class customSubjectAlternativeName {
  @Edm.String name!: string | null;
  @Edm.Required @Edm.EnumType(subjectAlternativeNameType) sanType!: subjectAlternativeNameType;
}

/** An extended key usage (RFC 5280, section 4.2.1.12). */
@odata.namespace("microsoft.graph")
export class extendedKeyUsage {
  @Edm.String name!: string | null;
  @Edm.String objectIdentifier!: string | null;
}
