import type { Seed } from "./seed.js";
import { generator } from "./seed.js";

export type ServerName = "odatum" | "odatum with token" | "floor" | "odata-v4-server";

/** One request, with the path as each server has it. */
export interface WorkRequest {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  /** The same entities on `odata-v4-server`, which has no singletons; absent where it does not do such a thing. */
  readonly peerPath?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A row of the table. */
export interface Work {
  readonly name: string;
  readonly title: string;
  /** The part of the floor's rate that the service is to reach at least. */
  readonly target: number | undefined;
  /** How many times the peer's rate. */
  readonly peerTarget: number | undefined;
  readonly requests: readonly WorkRequest[];
}

const REQUESTS = 2_000;
/** How many requests a batch has: as many as Microsoft Graph takes at once. */
export const BATCH = 20;
/** How many entities a deep insert creates beside the one that has them. */
const CHILDREN = 50;
const SERVICE = "/beta/";
const COLLECTION = `${SERVICE}deviceManagement/deviceConfigurations`;
const ASSIGNMENTS = `${SERVICE}deviceConfigurationGroupAssignment`;

/** The rows of the table. Those that change what others read come last. */
export function works({ ids }: Seed): Work[] {
  const random = generator(42);
  const anyId = (): string => ids[Math.floor(random() * ids.length)]!;
  return [
    {
      name: "read-by-key",
      title: "read one entity by key",
      target: 0.7,
      peerTarget: 5,
      requests: some(() => {
        const id = anyId();
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
        path: ASSIGNMENTS,
        peerPath: ASSIGNMENTS,
        body: JSON.stringify(assignment(i)),
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
    {
      name: "batch",
      title: `JSON batch of ${String(BATCH)} reads by key`,
      target: undefined,
      peerTarget: undefined,
      requests: some(() => readBatch(Array.from({ length: BATCH }, anyId)), 200),
    },
    {
      name: "batch",
      title: `JSON batch of ${String(BATCH)} creates, all or none`,
      target: undefined,
      peerTarget: undefined,
      requests: some(
        (i) =>
          batch(
            Array.from({ length: BATCH }, (_, j) => ({
              atomicityGroup: "all",
              method: "POST",
              url: ASSIGNMENTS.slice(SERVICE.length),
              body: assignment(i + j),
            })),
          ),
        200,
      ),
    },
    {
      name: "update",
      title: "update (PATCH one property)",
      target: undefined,
      peerTarget: undefined,
      requests: some((i) => ({
        method: "PATCH",
        path: `${COLLECTION}/${anyId()}`,
        body: JSON.stringify({ supportsScopeTags: i % 2 === 0 }),
      })),
    },
    {
      name: "deep-insert",
      title: `deep insert of ${String(CHILDREN)} assignments`,
      target: undefined,
      peerTarget: undefined,
      requests: some(
        (i) => ({
          method: "POST",
          path: COLLECTION,
          body: JSON.stringify({
            "@odata.type": "#microsoft.graph.iosTrustedRootCertificate",
            displayName: `Assigned ${String(i)}`,
            certFileName: `assigned-${String(i)}.cer`,
            trustedRootCertificate: Buffer.alloc(900, i).toString("base64"),
            groupAssignments: Array.from({ length: CHILDREN }, (_, j) => assignment(i + j)),
          }),
        }),
        200,
      ),
    },
  ];
}

/** The same reads as batches, and one by one. */
export function sharedReads({ ids }: Seed): { readonly batches: WorkRequest[]; readonly singles: WorkRequest[] } {
  const random = generator(42);
  const groups = some(() => some(() => ids[Math.floor(random() * ids.length)]!, BATCH), 100);
  return {
    batches: groups.map(readBatch),
    singles: groups.flat().map((id) => ({ method: "GET", path: `${COLLECTION}/${id}` })),
  };
}

function some<T>(make: (i: number) => T, count = REQUESTS): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function assignment(i: number): object {
  return { targetGroupId: `group-${String(i)}`, excludeGroup: i % 2 === 0 };
}

function readBatch(ids: readonly string[]): WorkRequest {
  return batch(ids.map((id) => ({ method: "GET", url: `${COLLECTION.slice(SERVICE.length)}/${id}` })));
}

/** A JSON batch; its URLs are relative to the service root. */
function batch(requests: readonly object[]): WorkRequest {
  const numbered = requests.map((request, i) => ({ id: String(i + 1), ...request }));
  return { method: "POST", path: `${SERVICE}$batch`, body: JSON.stringify({ requests: numbered }) };
}
