import { Column, Entity, Index, JoinColumn, ManyToOne, OneToOne } from "typeorm";
import { Document, Edm } from "../../index.js";
import { deviceConfiguration } from "./device-configuration.js";
import { entity } from "./entity.js";

/** What became of a profile on a device or for a user. */
export const complianceStatus = Edm.enumeration("microsoft.graph.complianceStatus", {
  unknown: 0,
  notApplicable: 1,
  compliant: 2,
  remediated: 3,
  nonCompliant: 4,
  error: 5,
  conflict: 6,
  notAssigned: 7,
});
export type complianceStatus = Edm.Member<typeof complianceStatus>;

/** What became of a profile on one device. */
@Entity("device_configuration_device_status")
export class deviceConfigurationDeviceStatus extends entity {
  @Edm.Required @Edm.DateTimeOffset complianceGracePeriodExpirationDateTime!: string;
  @Column("text", { name: "device_display_name", nullable: true }) @Edm.String deviceDisplayName!: string | null;
  @Edm.String deviceModel!: string | null;
  @Column("text", { name: "last_reported_date_time" }) @Edm.Required @Edm.DateTimeOffset lastReportedDateTime!: string;
  @Edm.Required @Edm.Int32 platform!: number;
  @Column("text") @Edm.Required @Edm.EnumType(complianceStatus) status!: complianceStatus;
  @Column("text", { name: "user_name", nullable: true }) @Edm.String userName!: string | null;
  @Column("text", { name: "user_principal_name", nullable: true }) @Edm.String userPrincipalName!: string | null;

  @Document() document!: string;

  /** The foreign key to its profile; no property of the entity type. */
  @Index()
  @ManyToOne(() => deviceConfiguration, { onDelete: "CASCADE" })
  @JoinColumn({ name: "device_configuration_id" })
  configuration?: deviceConfiguration;
}

/** What became of a profile on the devices of one user. */
@Entity("device_configuration_user_status")
export class deviceConfigurationUserStatus extends entity {
  @Edm.Required @Edm.Int32 devicesCount!: number;
  @Column("text", { name: "last_reported_date_time" }) @Edm.Required @Edm.DateTimeOffset lastReportedDateTime!: string;
  @Column("text") @Edm.Required @Edm.EnumType(complianceStatus) status!: complianceStatus;
  @Column("text", { name: "user_display_name", nullable: true }) @Edm.String userDisplayName!: string | null;
  @Column("text", { name: "user_principal_name", nullable: true }) @Edm.String userPrincipalName!: string | null;

  @Document() document!: string;

  /** The foreign key to its profile; no property of the entity type. */
  @Index()
  @ManyToOne(() => deviceConfiguration, { onDelete: "CASCADE" })
  @JoinColumn({ name: "device_configuration_id" })
  configuration?: deviceConfiguration;
}

/** How many devices a profile reached, by outcome. */
@Entity("device_configuration_device_overview")
export class deviceConfigurationDeviceOverview extends entity {
  @Edm.Required @Edm.Int32 configurationVersion!: number;
  @Edm.Required @Edm.Int32 conflictCount!: number;
  @Edm.Required @Edm.Int32 errorCount!: number;
  @Edm.Required @Edm.Int32 failedCount!: number;
  @Edm.Required @Edm.DateTimeOffset lastUpdateDateTime!: string;
  @Edm.Required @Edm.Int32 notApplicableCount!: number;
  @Edm.Required @Edm.Int32 notApplicablePlatformCount!: number;
  @Edm.Required @Edm.Int32 pendingCount!: number;
  @Edm.Required @Edm.Int32 successCount!: number;

  @Document() document!: string;

  /** The foreign key to its profile; no property of the entity type. */
  @OneToOne(() => deviceConfiguration, (configuration) => configuration.deviceStatusOverview, { onDelete: "CASCADE" })
  @JoinColumn({ name: "device_configuration_id" })
  configuration?: deviceConfiguration;
}

/** How many users a profile reached, by outcome. */
@Entity("device_configuration_user_overview")
export class deviceConfigurationUserOverview extends entity {
  @Edm.Required @Edm.Int32 configurationVersion!: number;
  @Edm.Required @Edm.Int32 conflictCount!: number;
  @Edm.Required @Edm.Int32 errorCount!: number;
  @Edm.Required @Edm.Int32 failedCount!: number;
  @Edm.Required @Edm.DateTimeOffset lastUpdateDateTime!: string;
  @Edm.Required @Edm.Int32 notApplicableCount!: number;
  @Edm.Required @Edm.Int32 pendingCount!: number;
  @Edm.Required @Edm.Int32 successCount!: number;

  @Document() document!: string;

  /** The foreign key to its profile; no property of the entity type. */
  @OneToOne(() => deviceConfiguration, (configuration) => configuration.userStatusOverview, { onDelete: "CASCADE" })
  @JoinColumn({ name: "device_configuration_id" })
  configuration?: deviceConfiguration;
}

/** How many devices one setting of a profile reached, by outcome. */
@Entity("setting_state_device_summary")
export class settingStateDeviceSummary extends entity {
  @Edm.Required @Edm.Int32 compliantDeviceCount!: number;
  @Edm.Required @Edm.Int32 conflictDeviceCount!: number;
  @Edm.Required @Edm.Int32 errorDeviceCount!: number;
  @Edm.String instancePath!: string | null;
  @Edm.Required @Edm.Int32 nonCompliantDeviceCount!: number;
  @Edm.Required @Edm.Int32 notApplicableDeviceCount!: number;
  @Edm.Required @Edm.Int32 remediatedDeviceCount!: number;
  @Column("text", { name: "setting_name", nullable: true }) @Edm.String settingName!: string | null;
  @Edm.Required @Edm.Int32 unknownDeviceCount!: number;

  @Document() document!: string;

  /** The foreign key to its profile; no property of the entity type. */
  @Index()
  @ManyToOne(() => deviceConfiguration, { onDelete: "CASCADE" })
  @JoinColumn({ name: "device_configuration_id" })
  configuration?: deviceConfiguration;
}
