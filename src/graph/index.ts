import { migrations } from "#migrations";
import type { AccessRule, DatabaseOptions, Service } from "../index.js";
import { createService } from "../index.js";
import { GraphService } from "./service.js";

export { GraphService } from "./service.js";
export * as model from "./model/index.js";

/** The scopes of Microsoft Graph that this service knows, the one that only reads first. */
export const graphScopes = ["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"] as const;

/** Who may do what: anybody reads what the service says of itself; all else needs a scope. */
export const graphAccess: AccessRule = {
  anonymous: (method, url) => (method === "GET" || method === "HEAD") && /^\/*(?:\$metadata\/*)?(?:\?|$)/.test(url),
  scopes: (method) => (method === "GET" || method === "HEAD" ? graphScopes : [graphScopes[1]]),
};

/**
 * Starts the device-configuration service.
 *
 * @param database where its rows are: `sqlite:odatum.db`, `sqlite::memory:`
 */
export function createGraphService(database: Pick<DatabaseOptions, "url" | "synchronous">): Promise<Service> {
  return createService(GraphService, {
    database: { ...database, migrations },
    derivedNavigation: true,
    alternateRoots: ["https://graph.microsoft.com/beta/"],
  });
}
