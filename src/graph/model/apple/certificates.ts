import { Edm } from "../../../index.js";

/** What the subject name of a certificate for an Apple device is made of. */
export const appleSubjectNameFormat = Edm.enumeration("microsoft.graph.appleSubjectNameFormat", {
  commonName: 0,
  commonNameAsEmail: 1,
  custom: 2,
  commonNameIncludingEmail: 3,
  commonNameAsIMEI: 5,
  commonNameAsSerialNumber: 6,
});
export type appleSubjectNameFormat = Edm.Member<typeof appleSubjectNameFormat>;
