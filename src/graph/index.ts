import { migrations } from "#migrations";
import type { DatabaseOptions, Service } from "../index.js";
import { createService } from "../index.js";
import { GraphService } from "./service.js";

export { graphAccess, graphScopes } from "./access.js";
export { GraphService } from "./service.js";
export * as model from "./model/index.js";

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
