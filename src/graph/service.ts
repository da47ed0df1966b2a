import { odata, TypeOrmController } from "../index.js";
import * as model from "./model/index.js";

@odata.type(model.deviceConfigurationGroupAssignment)
export class DeviceConfigurationGroupAssignments extends TypeOrmController {}

@odata.type(model.deviceConfigurationAssignment)
export class DeviceConfigurationAssignments extends TypeOrmController {}

/** The device-configuration part of Microsoft Graph. */
@odata.namespace("microsoft.graph")
@odata.alias("graph", "microsoft.graph")
@odata.container("GraphService")
@odata.controller(DeviceConfigurationGroupAssignments, "deviceConfigurationGroupAssignment")
@odata.controller(DeviceConfigurationAssignments, "deviceConfigurationAssignments")
@odata.singleton("deviceManagement", model.deviceManagement)
@odata.types(...Object.values(model))
export class GraphService {}
