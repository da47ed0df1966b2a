import type { Seed } from "./seed.js";
import { generator } from "./seed.js";

export type ServerName = "odatum" | "odatum with token" | "floor" | "odata-v4-server";

/** One request, with the path as each server has it. */
export interface WorkRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** The same entities on `odata-v4-server`, which has no singletons. */
  readonly peerPath?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A row of the table. */
export interface Work {
  readonly name: string;
  readonly title: string;
  /** The part of the floor's rate that the service is to reach at least. */
  readonly target: number;
  /** How many times the peer's rate. */
  readonly peerTarget: number | undefined;
  readonly requests: readonly WorkRequest[];
}

const REQUESTS = 2_000;
const COLLECTION = "/beta/deviceManagement/deviceConfigurations";

/** The rows of the table. */
export function works({ ids }: Seed): Work[] {
  const random = generator(42);
  const some = <T>(make: (i: number) => T, count = REQUESTS): T[] => Array.from({ length: count }, (_, i) => make(i));
  return [
    {
      name: "read-by-key",
      title: "read one entity by key",
      target: 0.7,
      peerTarget: 5,
      requests: some(() => {
        const id = ids[Math.floor(random() * ids.length)]!;
        return { method: "GET", path: `${COLLECTION}/${id}`, peerPath: `/beta/deviceConfigurations('${id}')` };
      }),
    },
    {
      name: "create",
      title: "create (POST a group assignment)",
      target: 0.6,
      peerTarget: undefined,
      requests: some((i) => ({
        method: "POST",
        path: "/beta/deviceConfigurationGroupAssignment",
        peerPath: "/beta/deviceConfigurationGroupAssignment",
        body: JSON.stringify({ targetGroupId: `group-${String(i)}`, excludeGroup: i % 2 === 0 }),
      })),
    },
    {
      name: "page",
      title: "a page of 100",
      target: 0.8,
      peerTarget: 50,
      requests: [{ method: "GET", path: `${COLLECTION}?$top=100`, peerPath: "/beta/deviceConfigurations?$top=100" }],
    },
    {
      name: "filter",
      title: "filter, order, page over 10,000 rows",
      target: 0.8,
      peerTarget: 50,
      requests: some((i) => {
        const query = `?$filter=contains(displayName,%27${String(i)}%27)&$orderby=displayName%20desc&$top=20`;
        return { method: "GET", path: `${COLLECTION}${query}`, peerPath: `/beta/deviceConfigurations${query}` };
      }, 100),
    },
    {
      name: "expand",
      title: "expand one level, page of 20",
      target: 0.7,
      peerTarget: 50,
      requests: [
        {
          method: "GET",
          path: `${COLLECTION}?$expand=groupAssignments&$top=20`,
          peerPath: "/beta/deviceConfigurations?$expand=groupAssignments&$top=20",
        },
      ],
    },
  ];
}
