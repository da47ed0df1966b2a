import type { AccessRule, Service } from "../index.js";
import { graphAccess, graphScopes } from "../graph/access.js";

/** A service as the command line hosts it. Cheap to look at: its code is loaded when it is opened. */
export interface HostedService {
  /** Where it stands: `/beta`. */
  readonly path: string;
  /** The scopes that tokens can carry. */
  readonly scopes: readonly string[];
  /** The scope that allows everything. */
  readonly writeScope: string;
  readonly access: AccessRule;
  /**
   * @param url of the store
   * @param pageSize how many entities a page has; `undefined` for whole collections
   */
  open(url: string, pageSize: number | undefined): Promise<Service>;
  /** Something to create, to begin with; the path is relative to the service. */
  readonly example: { readonly title: string; readonly path: string; readonly body: object };
}

/** The services by the names that `--service` takes. */
export const hostedServices = {
  graph: {
    path: "/beta",
    scopes: graphScopes,
    writeScope: graphScopes[1],
    access: graphAccess,
    open: async (url, pageSize) =>
      (await import("../graph/index.js")).createGraphService({ url }, pageSize === undefined ? {} : { pageSize }),
    example: {
      title: "Create a group assignment",
      path: "/deviceConfigurationGroupAssignment/",
      body: {
        "@odata.type": "#microsoft.graph.deviceConfigurationGroupAssignment",
        targetGroupId: "5f1d6a30-9a0c-4c5e-8d57-2b7c1f0e9a11",
        excludeGroup: false,
      },
    },
  },
} as const satisfies Record<string, HostedService>;

/** A name of {@link hostedServices}. */
export type ServiceName = keyof typeof hostedServices;
