import { ChildEntity, Column, Entity, Index, JoinColumn, ManyToOne, TableInheritance } from "typeorm";
import { Document, Edm } from "../../index.js";
import { deviceAndAppManagementAssignmentTarget } from "./assignment-targets.js";
import { deviceConfiguration } from "./device-configuration.js";
import { entity } from "./entity.js";

/** Whether an assignment puts the profile on the target's devices or takes it off. */
export const deviceConfigAssignmentIntent = Edm.enumeration("microsoft.graph.deviceConfigAssignmentIntent", {
  apply: 0,
  remove: 1,
});
export type deviceConfigAssignmentIntent = Edm.Member<typeof deviceConfigAssignmentIntent>;

/** Where an assignment comes from: an administrator, or a policy set that includes the profile. */
export const deviceAndAppManagementAssignmentSource = Edm.enumeration(
  "microsoft.graph.deviceAndAppManagementAssignmentSource",
  { direct: 0, policySets: 1 },
);
export type deviceAndAppManagementAssignmentSource = Edm.Member<typeof deviceAndAppManagementAssignmentSource>;

/** The assignment of a profile to a target. */
@Entity("device_configuration_assignment")
@TableInheritance({ column: { type: "text", name: "type" } })
@Index(["deviceConfiguration", "id"])
export class deviceConfigurationAssignment extends entity {
  @Edm.EnumType(deviceConfigAssignmentIntent) intent!: deviceConfigAssignmentIntent | null;
  @Edm.Required @Edm.EnumType(deviceAndAppManagementAssignmentSource) source!: deviceAndAppManagementAssignmentSource;
  @Edm.String sourceId!: string | null;
  @Edm.ComplexType(deviceAndAppManagementAssignmentTarget) target!: deviceAndAppManagementAssignmentTarget | null;

  @ManyToOne(() => deviceConfiguration, { onDelete: "CASCADE", nullable: true })
  @JoinColumn({ name: "device_configuration_id" })
  @Edm.EntityType(Edm.ForwardRef(() => deviceConfiguration))
  deviceConfiguration?: deviceConfiguration | null;

  @Document() document!: string;
}

/** The assignment of a profile to one group, or the exclusion of that group: the form before targets. */
@ChildEntity("deviceConfigurationGroupAssignment")
export class deviceConfigurationGroupAssignment extends deviceConfigurationAssignment {
  @Edm.Required @Edm.Boolean excludeGroup!: boolean;
  @Column("text", { name: "target_group_id", nullable: true }) @Edm.String targetGroupId!: string | null;
}
