import { DeviceConfiguration1795435200000 } from "./1795435200000-device-configuration.js";
import { Settings1795442400000 } from "./1795442400000-settings.js";
import { Indexes1795449600000 } from "./1795449600000-indexes.js";

/** The migrations of the device-configuration service, the oldest first. */
export const migrations = [DeviceConfiguration1795435200000, Settings1795442400000, Indexes1795449600000] as const;
