export * from "./entity.js";
export * from "./device-management.js";
export * from "./device-configuration.js";
export * from "./applicability-rules.js";
export * from "./assignments.js";
export * from "./assignment-targets.js";
export * from "./statuses.js";

export * from "./shared/apps.js";
export * from "./shared/certificate-states.js";
export * from "./shared/certificates.js";
export * from "./shared/derived-credentials.js";
export * from "./shared/key-value.js";
export * from "./shared/vpn.js";

export * from "./apple/certificates.js";
export * from "./apple/vpn.js";
export * from "./ios/certificates.js";
export * from "./ios/ikev2-vpn.js";
export * from "./ios/vpn.js";
export * from "./macos/certificates.js";
export * from "./macos/vpn.js";

export * from "./windows/certificates.js";
export * from "./windows/vpn.js";
export * from "./windows10/vpn.js";
export * from "./windows81/certificates.js";
export * from "./windows81/vpn.js";
export * from "./windows-phone81/certificates.js";
export * from "./windows-phone81/vpn.js";
