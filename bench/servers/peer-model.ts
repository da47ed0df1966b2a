import server from "odata-v4-server";

/**
 * The entities of the database as classes of `odata-v4-server`, with the types that the database holds and no others.
 * Enumerations are texts here, which spares it a conversion.
 */
const { Edm, odata } = server;

@odata.namespace("microsoft.graph")
class keyValue {
  @Edm.String key!: string;
  @Edm.String value!: string;
}

@odata.namespace("microsoft.graph")
class vpnServer {
  @Edm.String address!: string;
  @Edm.String description!: string;
  @Edm.Boolean isDefaultServer!: boolean;
  @Edm.String ipAddressOrFqdn!: string | null;
}

@odata.namespace("microsoft.graph")
class vpnOnDemandRule {
  @Edm.String action!: string;
  @Edm.Collection(Edm.String) dnsSearchDomains!: string[];
  @Edm.String domainAction!: string;
  @Edm.Collection(Edm.String) domains!: string[];
  @Edm.String probeRequiredUrl!: string | null;
  @Edm.String probeUrl!: string | null;
  @Edm.Collection(Edm.String) ssids!: string[];
}

@odata.namespace("microsoft.graph")
export class deviceConfigurationGroupAssignment {
  @Edm.Key @Edm.String id!: string;
  @Edm.String targetGroupId!: string | null;
  @Edm.String intent!: string | null;
  @Edm.String source!: string;
  @Edm.String sourceId!: string | null;
  @Edm.String target!: string | null;
  @Edm.Boolean excludeGroup!: boolean;
}

@odata.namespace("microsoft.graph")
export class deviceConfiguration {
  @Edm.Key @Edm.String id!: string;
  @Edm.String createdDateTime!: string;
  @Edm.String description!: string | null;
  @Edm.String displayName!: string;
  @Edm.String lastModifiedDateTime!: string;
  @Edm.Boolean supportsScopeTags!: boolean;
  @Edm.Int32 version!: number;
  @Edm.String deviceManagementApplicabilityRuleDeviceMode!: string | null;
  @Edm.String deviceManagementApplicabilityRuleOsEdition!: string | null;
  @Edm.String deviceManagementApplicabilityRuleOsVersion!: string | null;
  @Edm.Collection(Edm.String) roleScopeTagIds!: string[];
  @Edm.Collection(Edm.EntityType(deviceConfigurationGroupAssignment))
  groupAssignments!: deviceConfigurationGroupAssignment[];
}

@odata.namespace("microsoft.graph")
export class macOSVpnConfiguration extends deviceConfiguration {
  @Edm.Collection(Edm.String) associatedDomains!: string[];
  @Edm.String authenticationMethod!: string;
  @Edm.String connectionName!: string;
  @Edm.String connectionType!: string;
  @Edm.Collection(Edm.ComplexType(keyValue)) customData!: keyValue[];
  @Edm.Boolean disableOnDemandUserOverride!: boolean | null;
  @Edm.Boolean disconnectOnIdle!: boolean | null;
  @Edm.Int32 disconnectOnIdleTimerInSeconds!: number | null;
  @Edm.Boolean enablePerApp!: boolean | null;
  @Edm.Boolean enableSplitTunneling!: boolean;
  @Edm.Collection(Edm.String) excludedDomains!: string[];
  @Edm.String identifier!: string | null;
  @Edm.String loginGroupOrDomain!: string | null;
  @Edm.Collection(Edm.ComplexType(vpnOnDemandRule)) onDemandRules!: vpnOnDemandRule[];
  @Edm.Boolean optInToDeviceIdSharing!: boolean | null;
  @Edm.String providerType!: string | null;
  @Edm.String proxyServer!: string | null;
  @Edm.String realm!: string | null;
  @Edm.String role!: string | null;
  @Edm.Collection(Edm.String) safariDomains!: string[];
  @Edm.ComplexType(vpnServer) server!: vpnServer;
}

@odata.namespace("microsoft.graph")
export class iosTrustedRootCertificate extends deviceConfiguration {
  @Edm.String certFileName!: string | null;
  @Edm.String trustedRootCertificate!: string;
}
