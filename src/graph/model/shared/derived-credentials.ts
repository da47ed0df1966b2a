import { Column, Entity } from "typeorm";
import { Document, Edm } from "../../../index.js";
import { entity } from "../entity.js";

/** The services that issue derived credentials. */
export const deviceManagementDerivedCredentialIssuer = Edm.enumeration(
  "microsoft.graph.deviceManagementDerivedCredentialIssuer",
  {
    intercede: 0,
    entrustDatacard: 1,
    purebred: 2,
    xTec: 3,
  },
);
export type deviceManagementDerivedCredentialIssuer = Edm.Member<typeof deviceManagementDerivedCredentialIssuer>;

/** How a user learns that a derived credential has to be set up or renewed. */
export const deviceManagementDerivedCredentialNotificationType = Edm.enumeration(
  "microsoft.graph.deviceManagementDerivedCredentialNotificationType",
  { none: 0, companyPortal: 1, email: 2 },
  { flags: true },
);
export type deviceManagementDerivedCredentialNotificationType = Edm.Member<
  typeof deviceManagementDerivedCredentialNotificationType
>;

/** How users get a credential derived from their smart card. */
@Entity("device_management_derived_credential_settings")
export class deviceManagementDerivedCredentialSettings extends entity {
  @Column("text", { name: "display_name" }) @Edm.Required @Edm.String displayName!: string;
  @Edm.String helpUrl!: string | null;
  @Edm.Required @Edm.EnumType(deviceManagementDerivedCredentialIssuer) issuer!: deviceManagementDerivedCredentialIssuer;

  @Edm.Required
  @Edm.EnumType(deviceManagementDerivedCredentialNotificationType)
  notificationType!: deviceManagementDerivedCredentialNotificationType;

  @Edm.Required @Edm.Int32 renewalThresholdPercentage!: number;

  @Document() document!: string;
}
