import { Column, Entity, Index, OneToMany, OneToOne, TableInheritance } from "typeorm";
import { Document, Edm } from "../../index.js";
import {
  deviceManagementApplicabilityRuleDeviceMode,
  deviceManagementApplicabilityRuleOsEdition,
  deviceManagementApplicabilityRuleOsVersion,
} from "./applicability-rules.js";
import { deviceConfigurationAssignment, deviceConfigurationGroupAssignment } from "./assignments.js";
import { entity } from "./entity.js";
import {
  deviceConfigurationDeviceOverview,
  deviceConfigurationDeviceStatus,
  deviceConfigurationUserOverview,
  deviceConfigurationUserStatus,
  settingStateDeviceSummary,
} from "./statuses.js";

/** A device configuration profile: settings for one platform, assigned to groups of users or devices. */
@Entity("device_configuration")
@TableInheritance({ column: { type: "text", name: "type" } })
// Lists are sorted by name more than by anything else; with the key behind it the index holds the whole order.
@Index(["displayName", "id"])
@Edm.Abstract
@Edm.DeltaFunction
export abstract class deviceConfiguration extends entity {
  @Column("text", { name: "created_date_time" })
  @Edm.Required
  @Edm.Generated("createdAt")
  @Edm.DateTimeOffset
  createdDateTime!: string;

  @Column("text", { nullable: true }) @Edm.Searchable @Edm.String description!: string | null;

  @Edm.ComplexType(deviceManagementApplicabilityRuleDeviceMode)
  deviceManagementApplicabilityRuleDeviceMode!: deviceManagementApplicabilityRuleDeviceMode | null;

  @Edm.ComplexType(deviceManagementApplicabilityRuleOsEdition)
  deviceManagementApplicabilityRuleOsEdition!: deviceManagementApplicabilityRuleOsEdition | null;

  @Edm.ComplexType(deviceManagementApplicabilityRuleOsVersion)
  deviceManagementApplicabilityRuleOsVersion!: deviceManagementApplicabilityRuleOsVersion | null;

  @Column("text", { name: "display_name" }) @Edm.Required @Edm.Searchable @Edm.String displayName!: string;

  @Column("text", { name: "last_modified_date_time" })
  @Edm.Required
  @Edm.Generated("modifiedAt")
  @Edm.DateTimeOffset
  lastModifiedDateTime!: string;

  @Edm.Collection(Edm.String) roleScopeTagIds!: string[];
  @Column("boolean", { name: "supports_scope_tags" }) @Edm.Required @Edm.Boolean supportsScopeTags!: boolean;
  @Column("integer") @Edm.Required @Edm.Generated("revision") @Edm.Int32 version!: number;

  @OneToMany(() => deviceConfigurationAssignment, (assignment) => assignment.deviceConfiguration)
  @Edm.Contained
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => deviceConfigurationAssignment)))
  assignments?: deviceConfigurationAssignment[];

  @OneToMany(() => settingStateDeviceSummary, (summary) => summary.configuration)
  @Edm.Contained
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => settingStateDeviceSummary)))
  deviceSettingStateSummaries?: settingStateDeviceSummary[];

  @OneToMany(() => deviceConfigurationDeviceStatus, (status) => status.configuration)
  @Edm.Contained
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => deviceConfigurationDeviceStatus)))
  deviceStatuses?: deviceConfigurationDeviceStatus[];

  @OneToOne(() => deviceConfigurationDeviceOverview, (overview) => overview.configuration)
  @Edm.Contained
  @Edm.EntityType(Edm.ForwardRef(() => deviceConfigurationDeviceOverview))
  deviceStatusOverview?: deviceConfigurationDeviceOverview | null;

  @OneToMany(() => deviceConfigurationGroupAssignment, (assignment) => assignment.deviceConfiguration)
  @Edm.Contained
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => deviceConfigurationGroupAssignment)))
  groupAssignments?: deviceConfigurationGroupAssignment[];

  @OneToMany(() => deviceConfigurationUserStatus, (status) => status.configuration)
  @Edm.Contained
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => deviceConfigurationUserStatus)))
  userStatuses?: deviceConfigurationUserStatus[];

  @OneToOne(() => deviceConfigurationUserOverview, (overview) => overview.configuration)
  @Edm.Contained
  @Edm.EntityType(Edm.ForwardRef(() => deviceConfigurationUserOverview))
  userStatusOverview?: deviceConfigurationUserOverview | null;

  @Document() document!: string;
}
