import { Edm, odata } from "../../index.js";

/** Whether an assignment's filter keeps the devices that match it, drops them, or is not there. */
export const deviceAndAppManagementAssignmentFilterType = Edm.enumeration(
  "microsoft.graph.deviceAndAppManagementAssignmentFilterType",
  { none: 0, include: 1, exclude: 2 },
);
export type deviceAndAppManagementAssignmentFilterType = Edm.Member<typeof deviceAndAppManagementAssignmentFilterType>;

/** Whom something is assigned to. */
@odata.namespace("microsoft.graph")
@Edm.Abstract
export abstract class deviceAndAppManagementAssignmentTarget {
  @Edm.String deviceAndAppManagementAssignmentFilterId!: string | null;

  @Edm.Required
  @Edm.EnumType(deviceAndAppManagementAssignmentFilterType)
  deviceAndAppManagementAssignmentFilterType!: deviceAndAppManagementAssignmentFilterType;
}

/** All managed devices of the tenant. */
export class allDevicesAssignmentTarget extends deviceAndAppManagementAssignmentTarget {}

/** All users of the tenant with a licence for Intune. */
export class allLicensedUsersAssignmentTarget extends deviceAndAppManagementAssignmentTarget {}

/** A collection of Configuration Manager. */
export class configurationManagerCollectionAssignmentTarget extends deviceAndAppManagementAssignmentTarget {
  @Edm.String collectionId!: string | null;
}

/** The members of a group. */
export class groupAssignmentTarget extends deviceAndAppManagementAssignmentTarget {
  @Edm.String groupId!: string | null;
}

/** Everyone but the members of a group. */
export class exclusionGroupAssignmentTarget extends groupAssignmentTarget {}
