import { Entity } from "typeorm";
import { Edm } from "../../index.js";
import { deviceConfiguration } from "./device-configuration.js";
import { entity } from "./entity.js";

/** The tenant's device management: the singleton that owns all device configurations. */
@Entity("device_management")
export class deviceManagement extends entity {
  @Edm.Contained
  @Edm.ChangeTracking({
    FilterableProperties: ["createdDateTime", "displayName", "lastModifiedDateTime", "supportsScopeTags", "version"],
    ExpandableProperties: ["assignments", "groupAssignments"],
  })
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => deviceConfiguration)))
  deviceConfigurations?: deviceConfiguration[];
}
