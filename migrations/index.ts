import { DeviceConfiguration1795435200000 } from "./1795435200000-device-configuration.js";

/** The migrations of the device-configuration service, the oldest first. */
export const migrations = [DeviceConfiguration1795435200000] as const;
