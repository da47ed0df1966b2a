import { migrations } from "#migrations";
import type { DatabaseOptions, Service, ServiceOptions } from "../index.js";
import { createService } from "../index.js";
import { GraphService } from "./service.js";

export { graphAccess, graphScopes } from "./access.js";
export { GraphService } from "./service.js";
export * as model from "./model/index.js";

/** How many entities a page has where the client does not say: as many as Microsoft Graph has of device configurations. */
export const graphPageSize = 1_000;

/**
 * Starts the device-configuration service.
 *
 * @param database where its rows are: `sqlite:odatum.db`, `sqlite::memory:`, `postgres://user@host/database`
 * @param behaviour how many entities a page has; `{}` for whole collections
 */
export function createGraphService(
  database: Pick<DatabaseOptions, "url" | "synchronous">,
  behaviour: Pick<ServiceOptions, "pageSize"> = { pageSize: graphPageSize },
): Promise<Service> {
  return createService(GraphService, {
    ...behaviour,
    database: { ...database, migrations },
    derivedNavigation: true,
    unqualifiedOperations: true,
    // As Microsoft Graph has it: at most 20 requests, whose URLs are relative to the version (`/deviceManagement`).
    batch: { maxRequests: 20, pathsFromServiceRoot: true },
    alternateRoots: ["https://graph.microsoft.com/beta/"],
  });
}
